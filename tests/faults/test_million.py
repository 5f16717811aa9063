"""A million tasks: imported, listed, exported, searched and counted in little memory.

What comes out and how much memory it takes is asserted. How fast it is, beside the same done by
bare pymongo in the same database, is printed: `make soak` shows it.
"""

import http.client
import json
import time
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import orjson
import pytest

from bench import sample
from bench.machine import forget_peaks, peaks
from bench.memory import EXPORTS
from bench.operations import compare
from bench.raw import Client, Place, Raw
from bench.rounds import Deadline
from bench.serving import AUTHORIZATION, KEY, Bench, bulk, copy, push, tasks_of
from tests.servers import Server

pytestmark = [pytest.mark.soak, pytest.mark.timeout(3600)]

TASKS = 1_000_000
BATCH = 10_000
LIMIT_MIB = 150
WITHIN_SECONDS = 1800
PATH = tasks_of(sample.WORKFLOW)
QUERIES = ("list", "eq", "range", "words", "count")
READ = {
    "list": PATH,
    **{form: f"{PATH}/export?format={form}" for form in EXPORTS if form != "xlsx"},
}
MARK = b"https://www.example.com/customers/"
"""What every answer has once for each task."""


@pytest.fixture(scope="module")
def file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Write a million rows as NDJSON."""
    path = tmp_path_factory.mktemp("rows") / "tasks.ndjson"
    with path.open("wb") as rows:
        for start in range(0, TASKS, BATCH):
            rows.write(sample.lines(map(sample.task, range(start, start + BATCH))))
    return path


@pytest.fixture(scope="module")
def bench(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Bench]:
    """Give a server with its embedded mongod, and the measured workflow without tasks."""
    server = Server(tmp_path_factory.mktemp("server"), {"TASKLOOM_BOOTSTRAP_KEY": KEY})
    note = json.loads((server.data_dir / "mongod.json").read_bytes())
    uri = f"mongodb://127.0.0.1:{note['port']}/?replicaSet=rs0"
    place = Place(uri=uri, database="raw", collection="tasks")
    raw = Raw(place)
    with Client(uri) as client:
        made = Bench(server=server, place=place, client=client, mongod=note["pid"], raw=raw)
        push(made, sample.WORKFLOW, "company_name")
        yield made
    raw.close()
    server.close()


@pytest.fixture(scope="module")
def filled(bench: Bench, file: Path) -> Mapping[str, Any]:
    """Import the file as one job; give what came of it, and the `peak` in MiB."""
    started = time.monotonic()
    connection = http.client.HTTPConnection(*bench.address, timeout=600)
    headers = {
        "Authorization": AUTHORIZATION,
        "Content-Type": "application/x-ndjson",
        "Content-Length": str(file.stat().st_size),
    }
    path = f"{PATH.removesuffix('/tasks')}/imports"
    with file.open("rb") as rows:
        connection.request("POST", f"{path}?name={file.name}", rows, headers)
        answer = connection.getresponse()
        job = orjson.loads(answer.read())
    connection.close()
    assert http.client.ACCEPTED == answer.status, job
    sent = time.monotonic()
    while job["endedAt"] is None:
        assert time.monotonic() < sent + WITHIN_SECONDS, job
        time.sleep(1)
        job = orjson.loads(bench.call("GET", f"{path}/{job['id']}")[1])
    peak = highest(bench)
    print(
        f"import as a job: {TASKS:,} rows, {file.stat().st_size / 1e6:,.0f} MB, "
        f"sent in {sent - started:.0f} s, {TASKS / (time.monotonic() - sent):,.0f} rows/s, "
        f"peak {peak:.0f} MiB"
    )
    return {**job, "peak": peak}


def highest(bench: Bench) -> float:
    """Give the largest peak of a server process in MiB; peaks then begin anew."""
    found = max(peaks(bench.app).values())
    forget_peaks(bench.app)
    return found


def counted(bench: Bench, path: str) -> int:
    """Count the tasks of a long answer without holding it."""
    connection = http.client.HTTPConnection(*bench.address, timeout=WITHIN_SECONDS)
    connection.request("GET", path, headers={"Authorization": AUTHORIZATION})
    answer = connection.getresponse()
    assert http.client.OK == answer.status
    count, rest = 0, b""
    while part := answer.read(1 << 18):
        held = rest + part
        count += held.count(MARK)
        rest = held[1 - len(MARK) :]
    connection.close()
    return count


def test_a_million_rows_are_imported_in_little_memory(filled: Mapping[str, Any]) -> None:
    outcome = {name: filled[name] for name in ("state", "created", "refused")}

    assert {"state": "done", "created": TASKS, "refused": 0} == outcome, filled
    assert LIMIT_MIB > filled["peak"]


@pytest.mark.usefixtures("filled")
def test_the_same_million_rows_in_bulk_requests_change_nothing(bench: Bench) -> None:
    started = time.monotonic()
    unchanged = 0
    for start in range(0, TASKS, BATCH):
        rows = sample.lines(map(sample.task, range(start, start + BATCH)))
        unchanged += bulk(bench, rows)["unchanged"]
    peak = highest(bench)
    rate = TASKS / (time.monotonic() - started)
    print(f"bulk, unchanged: {rate:,.0f} rows/s, peak {peak:.0f} MiB")

    assert TASKS == unchanged
    assert LIMIT_MIB > peak


@pytest.mark.usefixtures("filled")
@pytest.mark.parametrize("name", READ)
def test_a_million_tasks_are_read_unpaged_in_little_memory(bench: Bench, name: str) -> None:
    started = time.monotonic()
    found = counted(bench, READ[name])
    peak = highest(bench)
    print(f"{name}: {TASKS / (time.monotonic() - started):,.0f} tasks/s, peak {peak:.0f} MiB")

    assert TASKS == found
    assert LIMIT_MIB > peak


@pytest.mark.usefixtures("filled")
def test_a_workbook_of_a_million_tasks_is_written_in_little_memory(bench: Bench) -> None:
    connection = http.client.HTTPConnection(*bench.address, timeout=WITHIN_SECONDS)
    started = time.monotonic()
    headers = {"Authorization": AUTHORIZATION}
    connection.request("GET", f"{PATH}/export?format=xlsx", headers=headers)
    answer = connection.getresponse()
    begin, size = answer.read(4), 4
    while part := answer.read(1 << 18):
        size += len(part)
    connection.close()
    peak = highest(bench)
    rate = TASKS / (time.monotonic() - started)
    print(f"xlsx: {rate:,.0f} tasks/s, {size / 1e6:,.0f} MB, peak {peak:.0f} MiB")

    assert (http.client.OK, b"PK\x03\x04") == (answer.status, begin)
    assert LIMIT_MIB > peak


@pytest.mark.usefixtures("filled")
def test_queries_of_a_million_tasks_find_what_bare_pymongo_finds(bench: Bench) -> None:
    copy(bench)
    path = f"{PATH}?Region=EMEA&_count=exact&_limit=1"
    connection = http.client.HTTPConnection(*bench.address, timeout=60)
    connection.request("GET", path, headers={"Authorization": AUTHORIZATION})
    total = connection.getresponse().headers["X-Total-Count"]
    connection.close()
    assert str(bench.bare.count_documents({"v.region": "EMEA"})) == total

    # Those that answer tasks are compared with what the raw side finds before they are measured.
    for name in QUERIES:
        found = compare(bench, name, Deadline(0))
        print(
            f"{name}: {found.ours:,.0f} requests/s, raw {found.other:,.0f}, "
            f"ratio {found.ratio:.2f}, by CPU {found.by_cost:.2f}"
        )
    assert LIMIT_MIB > highest(bench)
