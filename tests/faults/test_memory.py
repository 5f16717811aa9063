"""Each server process stays under 150 MiB at its peak, whatever is imported or listed."""

import http.client
import json
from collections.abc import Iterator, Mapping

import pytest

from bench import machine
from tests.faults.pressing import PATH
from tests.faults.serving import Restartable

TASKS = 200_000
BATCH = 5_000
LIMIT_MIB = 150


def batches() -> Iterator[bytes]:
    """Spell the tasks as NDJSON batches."""
    for start in range(0, TASKS, BATCH):
        rows = (
            {
                "Company ID": f"C-{number}",
                "Company Name": f"Company number {number} with a name of usual length",
                "Number of Employees": number,
                "Contract Value": f"{number}.25",
                "Expected Close Date": "2025-01-31",
                "International?": number % 2 == 0,
            }
            for number in range(start, start + BATCH)
        )
        yield "".join(json.dumps(row) + "\n" for row in rows).encode()


def peaks(own: Restartable) -> Mapping[int, float]:
    """Give the peak resident memory of the server's processes in MiB, mongod left out."""
    server = own.server
    mongod = json.loads((server.data_dir / "mongod.json").read_bytes())["pid"]
    return machine.peaks(sorted({server.process.pid, *server.children()} - {mongod}))


def counted(answer: http.client.HTTPResponse) -> int:
    """Count the tasks of a list without holding it."""
    count, rest = 0, b""
    while part := answer.read(1 << 16):
        count += (rest + part).count(b'"Task URL"')
        rest = part[-9:]
    return count


@pytest.mark.timeout(600)
def test_two_hundred_thousand_tasks_are_imported_and_listed_in_little_memory(
    own_server: Restartable,
) -> None:
    key = {"Authorization": f"Bearer {own_server.target.key}"}
    connection = http.client.HTTPConnection("127.0.0.1", own_server.port, timeout=300)
    for batch in batches():
        headers = {**key, "Content-Type": "application/x-ndjson"}
        connection.request("POST", f"{PATH}/bulk", batch, headers)
        answer = connection.getresponse()
        assert b'"refused"' in answer.read()[-200:]

    listed = 0
    for _ in range(2):
        connection.request("GET", PATH, headers=key)
        listed = counted(connection.getresponse())

    connection.close()
    assert TASKS == listed
    found = peaks(own_server)
    assert 2 <= len(found)
    assert {} == {pid: peak for pid, peak in found.items() if peak > LIMIT_MIB}, found
