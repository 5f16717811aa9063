"""Single operations over HTTP: the requests, and the same asked of bare pymongo."""

import itertools
import os
import random
from collections.abc import Callable, Iterator
from http import HTTPStatus
from urllib.parse import quote

import orjson

from bench import raw, sample
from bench.load import Load, request
from bench.raw import OPERATIONS, PAGE, SEARCHED, SPAN, Side, Work
from bench.rounds import Compared, Deadline, Failed, Run, alternate, measured
from bench.serving import AUTHORIZATION, EXISTING, TIMES, Bench, tasks_of

SECONDS = 3.0
WARM_UP = 0.5
VARIED = 2_000
"""So many different requests are sent over and over, where sending them again does no harm."""

MOST_CREATED = 6_000
"""Requests to create that are prepared for one second."""

SHOWN = frozenset({"get", "list", "eq", "range", "words"})
"""Operations that answer tasks."""

READS = SHOWN | {"count"}
Requests = Callable[[str, int, int], Iterator[bytes]]


def _get(path: str, existing: int, seed: int) -> Iterator[bytes]:
    chooser = random.Random(seed)
    for _ in range(VARIED):
        yield request("GET", f"{path}/{sample.unique(chooser.randrange(existing))}", AUTHORIZATION)


def _query(path: str, *pairs: tuple[str, object]) -> bytes:
    spelt = "&".join(
        f"{quote(name, safe='')}={quote(str(value), safe='')}" for name, value in pairs
    )
    return request("GET", f"{path}?{spelt}", AUTHORIZATION)


def _list(path: str, _existing: int, _seed: int) -> Iterator[bytes]:
    for stage in sample.STAGES:
        yield _query(path, ("Stage", stage), ("Assigned To", sample.EMAIL), ("_limit", PAGE))


def _eq(path: str, _existing: int, _seed: int) -> Iterator[bytes]:
    for region in sample.REGIONS:
        yield _query(path, ("Region", region), ("_sort", "-Contract Value"), ("_limit", PAGE))


def _range(path: str, _existing: int, seed: int) -> Iterator[bytes]:
    chooser = random.Random(seed)
    name = "Number of Employees"
    for _ in range(VARIED):
        low = chooser.randrange(sample.MOST_EMPLOYEES - SPAN)
        span = (f"{name}[gte]", low), (f"{name}[lt]", low + SPAN)
        yield _query(path, *span, ("_sort", name), ("_limit", PAGE))


def _words(path: str, _existing: int, _seed: int) -> Iterator[bytes]:
    yield _query(path, ("_q", " ".join(SEARCHED)), ("_limit", PAGE))


def _count(path: str, _existing: int, _seed: int) -> Iterator[bytes]:
    for region in sample.REGIONS:
        yield _query(
            path,
            ("Region", region),
            ("_sort", "-Contract Value"),
            ("_limit", 1),
            ("_count", "exact"),
        )


def _create(path: str, _existing: int, base: int) -> Iterator[bytes]:
    for number in range(base, base + int(MOST_CREATED * SECONDS)):
        yield request("POST", path, AUTHORIZATION, orjson.dumps(sample.task(number)))


def _upsert(path: str, existing: int, seed: int) -> Iterator[bytes]:
    chooser = random.Random(seed)
    for _ in range(int(MOST_CREATED * SECONDS)):
        change = {
            "Company ID": sample.unique(chooser.randrange(existing)),
            "Number of Employees": chooser.randrange(sample.MOST_EMPLOYEES),
        }
        yield request("POST", path, AUTHORIZATION, orjson.dumps(change))


REQUESTS: dict[str, Requests] = {
    "create": _create,
    "upsert": _upsert,
    "get": _get,
    "list": _list,
    "eq": _eq,
    "range": _range,
    "words": _words,
    "count": _count,
}


def prepared(operation: str, workflow: str, existing: int, base: int) -> Iterator[bytes]:
    """Make all requests beforehand; those that only read come again and again."""
    made = list(REQUESTS[operation](tasks_of(workflow), existing, base))
    return itertools.cycle(made) if operation in READS else iter(made)


def _base(number: int) -> int:
    """Give unique IDs to a round that no other has."""
    return 20_000_000 + number * 100_000


def _all_well(operation: str, load: Load) -> int:
    if load.failures:
        reason = f"{load.failures} of {load.requests} requests failed, the first with"
        raise Failed(f"{operation}: {reason}\n{load.failed}")
    return load.requests


def over_http(
    bench: Bench, operation: str, workflow: str = sample.WORKFLOW, seconds: float = SECONDS
) -> Callable[[int], Run]:
    """Make the side that asks our server."""
    existing = EXISTING * (TIMES if workflow == sample.LARGE else 1)

    def side(number: int) -> Run:
        requests = prepared(operation, workflow, existing, _base(number))
        _all_well(operation, bench.drive(requests, min(WARM_UP, seconds)))
        groups = bench.groups([os.getpid()])
        return measured(groups, lambda: _all_well(operation, bench.drive(requests, seconds)))

    return side


def bare(bench: Bench, operation: str, seconds: float = SECONDS) -> Callable[[int], Run]:
    """Make the side that asks mongod through pymongo."""

    def side(number: int) -> Run:
        def work(seconds: float, base: int) -> Work:
            return Work(operation=operation, seconds=seconds, existing=EXISTING, base=base)

        base = _base(number) + 1_000_000_000
        bench.raw.run(work(min(WARM_UP, seconds), base))
        return measured(
            bench.groups(bench.raw.pids), lambda: bench.raw.run(work(seconds, base + 50_000_000))
        )

    return side


def compare(bench: Bench, operation: str, deadline: Deadline) -> Compared:
    """Compare one operation with bare pymongo."""
    if operation in SHOWN:
        require_alike(bench, operation)
    sides = over_http(bench, operation), bare(bench, operation)
    return alternate(*sides, unit="requests/s", deadline=deadline)


def compare_sizes(bench: Bench, operation: str, deadline: Deadline) -> Compared:
    """Compare one operation on a million tasks with the same on our own hundred thousand."""
    return alternate(
        over_http(bench, operation, sample.LARGE),
        over_http(bench, operation),
        unit="requests/s",
        deadline=deadline,
    )


def require_alike(bench: Bench, operation: str) -> None:
    """Make sure that both sides find the same, in the same order, to one and the same question."""
    path = tasks_of(sample.WORKFLOW)
    asked = next(REQUESTS[operation](path, EXISTING, 0)).split(b" ", 2)[1].decode()
    status, body = bench.call("GET", asked)
    assert status == HTTPStatus.OK, body
    shown = orjson.loads(body)
    numbers = iter([_first_number(operation)])
    rows = bench.bare
    found = OPERATIONS[operation](Side(rows=rows, numbers=numbers, model=raw.model(rows)))
    ours = [one["Company ID"] for one in (shown if isinstance(shown, list) else [shown])]
    theirs = [one["uid"] for one in (found if isinstance(found, list) else [found])]
    assert ours == theirs, (operation, ours[:3], theirs[:3])
    assert len(ours) == (1 if operation == "get" else PAGE), len(ours)


def _first_number(operation: str) -> int:
    """Give the number with which the raw side asks what the first request asks."""
    chooser = random.Random(0)
    if operation == "get":
        return chooser.randrange(EXISTING)
    return chooser.randrange(sample.MOST_EMPLOYEES - SPAN) if operation == "range" else 0
