"""`python -m bench.peers PYTHON`: Eve beside us, on the same mongod, with the same documents.

PYTHON is the interpreter of the virtual environment that has Eve.
"""

import itertools
import os
import random
import sys
from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, datetime
from urllib.parse import quote

import orjson

from bench import page, sample
from bench.beside import Beside, beside
from bench.files import FORM, STORED, answer_of, downloads, form, stored, up, uploads
from bench.handed import SECRET, URI
from bench.load import drive, request
from bench.machine import Groups, peaks
from bench.memory import most_held
from bench.operations import SHOWN, over_http
from bench.raw import PAGE, SPAN, Document
from bench.rounds import Compared, Deadline, Run, alternate, measured
from bench.serving import CONNECTIONS, EXISTING, Bench, bulk, running

SECONDS = 3.0
DATABASE = "eve"
TOKEN = "of-the-bench"  # noqa: S105 - it opens a server that lives for minutes
BULK = 1000
REPEATS_WITHIN = 180.0
OPERATIONS = {
    "get": "get by unique ID",
    "list": "list 100 by two fields",
    "eq": "custom field =, sorted by another",
    "range": "numeric range, sorted",
    "create": "create, validated, durable",
    "upsert": "upsert existing by unique ID",
}
HEAD = ("figure", "Taskloom", "Eve", "times as fast", "by CPU")

Requests = Callable[[int], Iterator[bytes]]


def copy(bench: Bench) -> None:
    """Copy our tasks to Eve, under its names and with indexes for what is asked."""
    keys = sample.file("")["properties"]
    shown: Document = {key: f"$v.{key}" for key in keys}
    shown |= {
        "stage": 1,
        # It takes text of 24 hex digits for an id, so people have their e-mail addresses here.
        "assignee": {"$cond": [{"$gt": ["$assignee", None]}, sample.EMAIL, "$$REMOVE"]},
        "called_at": {"$toDate": "$v.called_at"},
        "value": {"$divide": ["$v.value", 100]},
        "_created": {"$toDate": "$at"},
        "_updated": {"$toDate": "$up"},
    }
    bench.rows().aggregate([{"$project": shown}, {"$out": {"db": DATABASE, "coll": "tasks"}}])
    tasks = bench.client[DATABASE]["tasks"]
    tasks.create_index("company_id", unique=True)
    tasks.create_index([("stage", 1), ("assignee", 1), ("_created", 1)])
    tasks.create_index([("region", 1), ("value", 1)])
    tasks.create_index("employees")


def _task(number: int) -> Document:
    """Make a task under Eve's names."""
    titles = {field["title"]: key for key, field in sample.file("")["properties"].items()}
    ours = sample.task(number)
    made = {titles[title]: value for title, value in ours.items() if title in titles}
    made |= {"stage": ours["Stage"], "value": float(str(ours["Contract Value"]))}
    return made | ({"assignee": sample.EMAIL} if "Assigned To" in ours else {})


def _spelt(method: str, path: str, body: object = None) -> bytes:
    return request(method, path, TOKEN, orjson.dumps(body) if body is not None else b"")


def _find(where: Document, order: str) -> bytes:
    asked = quote(orjson.dumps(where).decode(), safe="")
    return _spelt("GET", f"/tasks?where={asked}&sort={quote(order, safe='')}&max_results=100")


def requests_of(operation: str) -> Requests:
    """Give what makes the requests of one operation."""

    def create(base: int) -> Iterator[bytes]:
        return (_spelt("POST", "/tasks", _task(n)) for n in range(base, base + 6_000))

    def upsert(base: int) -> Iterator[bytes]:
        chooser = random.Random(base)
        for number in (chooser.randrange(EXISTING) for _ in range(4_000)):
            changed = {**_task(number), "employees": chooser.randrange(5_000)}
            yield _spelt("PUT", f"/tasks/{sample.unique(number)}", changed)

    def get(base: int) -> Iterator[bytes]:
        chooser = random.Random(base)
        wanted = (sample.unique(chooser.randrange(EXISTING)) for _ in range(20_000))
        return (_spelt("GET", f"/tasks/{unique}") for unique in wanted)

    def list_(_base: int) -> Iterator[bytes]:
        wheres = [{"stage": stage, "assignee": sample.EMAIL} for stage in sample.STAGES]
        return itertools.cycle([_find(where, '[("_created", 1)]') for where in wheres])

    def eq(_base: int) -> Iterator[bytes]:
        wheres = [{"region": region} for region in sample.REGIONS]
        return itertools.cycle([_find(where, '[("value", -1)]') for where in wheres])

    def range_(base: int) -> Iterator[bytes]:
        chooser = random.Random(base)
        lows = (chooser.randrange(sample.MOST_EMPLOYEES - SPAN) for _ in range(5_000))
        wheres = ({"employees": {"$gte": low, "$lt": low + SPAN}} for low in lows)
        return (_find(where, '[("employees", 1)]') for where in wheres)

    made: Mapping[str, Requests] = {
        "get": get,
        "list": list_,
        "eq": eq,
        "range": range_,
        "create": create,
        "upsert": upsert,
    }
    return made[operation]


def _operation(bench: Bench, eve: Beside, operation: str, deadline: Deadline) -> Compared:
    spelt = requests_of(operation)
    if operation in SHOWN - {"get"}:
        answer = orjson.loads(answer_of(eve.address, next(spelt(0))))
        assert len(answer["_items"]) == PAGE, answer

    def theirs(number: int) -> Run:
        made = iter(list(itertools.islice(spelt(30_000_000 + number * 100_000), 20_000)))

        def work() -> int:
            load = drive(eve.address, made, connections=CONNECTIONS, seconds=SECONDS)
            assert not load.failures, load.failed
            return load.requests

        return measured(_groups(bench, eve), work)

    mine = over_http(bench, operation)
    return alternate(mine, theirs, unit="requests/s", deadline=deadline)


def _import(bench: Bench, eve: Beside, deadline: Deadline) -> Compared:
    """Import new rows, ours ten thousand a request and Eve's a thousand, each as it is best at."""

    def ours(number: int) -> Run:
        start = 60_000_000 + number * 100_000
        body = sample.lines(map(sample.task, range(start, start + 10 * BULK)))
        return measured(_groups(bench, eve), lambda: bulk(bench, body)["created"])

    def theirs(number: int) -> Run:
        start = 60_000_000 + number * 100_000
        spelt = _spelt("POST", "/tasks", [_task(n) for n in range(start, start + BULK)])

        def work() -> int:
            answer_of(eve.address, spelt)
            return BULK

        return measured(_groups(bench, eve), work)

    return alternate(ours, theirs, unit="rows/s", deadline=deadline)


def _files(bench: Bench, eve: Beside, deadline: Deadline) -> Iterator[tuple[str, Compared]]:
    groups = _groups(bench, eve)

    def spelt() -> bytes:
        return request("POST", "/files", TOKEN, form(), FORM)

    sides = uploads(bench.address, up, groups), uploads(eve.address, spelt, groups)
    yield "1 MB file up", alternate(*sides, unit="MB/s", deadline=deadline)
    there = [file["_id"] for file in bench.client[DATABASE]["fs.files"].find(limit=STORED)]
    asked = [request("GET", f"/media/{file}", TOKEN) for file in there]
    sides = downloads(bench.address, stored(bench), groups), downloads(eve.address, asked, groups)
    yield "1 MB file down", alternate(*sides, unit="MB/s", deadline=deadline)


def _groups(bench: Bench, eve: Beside) -> Groups:
    return {**bench.groups([os.getpid()]), "eve": eve.processes}


def compare(bench: Bench, eve: Beside) -> Iterator[tuple[str, Compared]]:
    """Measure everything side by side."""
    deadline = Deadline(REPEATS_WITHIN)
    for operation, title in OPERATIONS.items():
        yield title, _operation(bench, eve, operation, deadline)
    yield "import over HTTP, new rows", _import(bench, eve, deadline)
    yield from _files(bench, eve, deadline)


def _cells(title: str, found: Compared) -> tuple[str, ...]:
    return (
        title,
        f"{found.ours:,.0f} {found.unit}",
        f"{found.other:,.1f}",
        f"{found.ratio:,.1f}",
        f"{found.by_cost:,.1f}",
    )


def main() -> None:
    """Measure, print each row as it comes, and keep the table."""
    lines: list[tuple[str, ...]] = []

    def keep(*cells: str) -> None:
        lines.append(cells)
        print("  ".join(cell.rjust(20) for cell in cells), flush=True)

    keep(*HEAD)
    with running() as bench:
        copy(bench)
        address = bench.place.uri.replace("/?", f"/{DATABASE}?")
        with beside("bench.peer_eve:load_app", {URI: address, SECRET: TOKEN}, sys.argv[1]) as eve:
            for title, found in compare(bench, eve):
                keep(*_cells(title, found))
            held = most_held(bench), max(peaks(eve.processes).values())
    ratio = f"{held[1] / held[0]:.1f}"
    keep("peak memory of a server process, MiB", f"{held[0]:.0f}", f"{held[1]:.0f}", ratio, "")
    told = f"Measured on {datetime.now(UTC).date()}, on {os.cpu_count()} cores.\n\n"
    page.write("peers", told + page.markdown(HEAD, lines[1:]))


if __name__ == "__main__":
    main()
