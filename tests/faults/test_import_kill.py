"""Imports outlive whoever works on them: every row arrives once, whatever is killed meanwhile."""

import http.client
import json
import os
import signal
import subprocess
import time
import uuid
from collections import Counter
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Protocol

import pytest
import requests

from tests.faults.serving import KEY, Restartable
from tests.servers import command, environment, serving

NOTES: Mapping[str, Any] = {
    "$id": "notes",
    "title": "Notes",
    "type": "object",
    "properties": {
        "name": {"title": "Name", "type": "string"},
        "size": {"title": "Size", "type": "integer"},
    },
    "workflow": {"stages": [{"name": "Open"}]},
}
PARTS = {**NOTES, "$id": "parts", "workflow": {**NOTES["workflow"], "uniqueId": "name"}}
IMPORTS = "/api/v1/workflows/{}/imports"
WITHIN_SECONDS = 100


class Asked(Protocol):
    """A server that one may ask."""

    @property
    def url(self) -> str: ...


def ask(server: Asked, method: str, path: str, body: Any = None) -> Any:
    """Ask for something that goes well, and for as long as the server is away."""
    end = time.monotonic() + WITHIN_SECONDS
    while True:
        try:
            answer = requests.request(
                method,
                server.url + path,
                data=body,
                headers={"Authorization": f"Bearer {KEY}", "Content-Type": "application/json"},
                timeout=60,
            )
        except requests.RequestException:
            assert time.monotonic() < end
        else:
            if answer.status_code != http.client.SERVICE_UNAVAILABLE:
                assert answer.ok, answer.text
                return answer.json()
        time.sleep(0.1)


def rows(count: int) -> bytes:
    """Write a file of rows, each tenth of which is refused."""
    lines = ({"Name": f"N{at}", "Size": "x" if at % 10 == 0 else at} for at in range(count))
    return "".join(json.dumps(line) + "\n" for line in lines).encode()


def sent(server: Asked, workflow: Mapping[str, Any], count: int) -> str:
    """Send rows into a new workflow; return the address of the import."""
    ask(server, "POST", "/api/v1/workflows", json.dumps(workflow))
    path = IMPORTS.format(workflow["$id"])
    return f"{path}/{ask(server, 'POST', path + '?name=a.ndjson', rows(count))['id']}"


def reached(server: Asked, job: str, least: int) -> Mapping[str, Any]:
    """Wait until so many rows are settled, or the import has ended."""
    end = time.monotonic() + WITHIN_SECONDS
    while True:
        found: Mapping[str, Any] = ask(server, "GET", job)
        if found["rows"] >= least or found["endedAt"]:
            return found
        assert time.monotonic() < end, found
        time.sleep(0.02)


def check(server: Asked, job: str, workflow: str, count: int) -> None:
    """Every row arrived once, or was refused once."""
    done = reached(server, job, count + 1)
    assert ("done", count, count // 10) == (done["state"], done["rows"], done["refused"])
    assert count - count // 10 == done["created"] + done["unchanged"]
    tasks = ask(server, "GET", f"/api/v1/workflows/{workflow}/tasks")
    arrived = Counter(task["Name"] for task in tasks)
    assert Counter(f"N{at}" for at in range(count) if at % 10) == arrived
    refused = requests.get(
        server.url + f"{job}/rejects", headers={"Authorization": f"Bearer {KEY}"}, timeout=60
    )
    lines = [json.loads(line)["_line"] for line in refused.text.splitlines()]
    assert list(range(1, count + 1, 10)) == lines


def killed(server: Restartable, workflow: Mapping[str, Any], count: int, kills: int) -> None:
    """Kill the server again and again while an import goes on."""
    job = sent(server.server, workflow, count)
    for number in range(kills):
        settled = reached(server.server, job, 1 + number * count // (kills + 1))
        assert settled["state"] == "running"
        server.kill_and_start()
    check(server.server, job, workflow["$id"], count)


def test_an_import_goes_on_after_the_server_was_killed(shared_server: Restartable) -> None:
    killed(shared_server, {**NOTES, "$id": "killed"}, 8000, 1)


def test_an_import_goes_on_after_its_database_was_killed(shared_server: Restartable) -> None:
    job = sent(shared_server.server, {**NOTES, "$id": "database"}, 6000)
    reached(shared_server.server, job, 1)
    shared_server.kill_mongod()
    check(shared_server.server, job, "database", 6000)


def test_an_import_goes_on_when_nobody_watches_it(
    shared_server: Restartable, tmp_path: Path
) -> None:
    server = shared_server.server
    ask(server, "POST", "/api/v1/workflows", json.dumps({**NOTES, "$id": "unwatched"}))
    file = tmp_path / "a.ndjson"
    file.write_bytes(rows(20_000))
    watching = subprocess.Popen(
        command("import", "unwatched", file),
        env=environment({"TASKLOOM_URL": server.url, "TASKLOOM_KEY": KEY}),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    path = IMPORTS.format("unwatched")
    while not (found := ask(server, "GET", path)):
        time.sleep(0.02)
    reached(server, f"{path}/{found[0]['id']}", 1)
    os.kill(watching.pid, signal.SIGINT)
    _, told = watching.communicate(timeout=60)

    assert 1 == watching.returncode
    assert f"--resume {found[0]['id']}" in told
    check(server, f"{path}/{found[0]['id']}", "unwatched", 20_000)


def test_a_server_that_slept_finds_its_imports_taken_over(mongod_uri: str, tmp_path: Path) -> None:
    """Of two servers on one database, each on a machine of its own."""
    settings = {
        "TASKLOOM_MONGODB_URI": mongod_uri.replace("/?", f"/imports_{uuid.uuid4().hex}?"),
        "TASKLOOM_BOOTSTRAP_KEY": KEY,
        "TASKLOOM_WORKERS": "1",
    }
    with serving(tmp_path / "one", settings) as one:
        jobs = {flow["$id"]: sent(one, flow, 4000) for flow in (NOTES, PARTS)}
        reached(one, jobs["notes"], 1)
        # Its workers answer on; what works on imports sleeps.
        os.kill(one.process.pid, signal.SIGSTOP)
        try:
            with serving(tmp_path / "two", settings) as two:
                for workflow, job in jobs.items():
                    check(two, job, workflow, 4000)
                os.kill(one.process.pid, signal.SIGCONT)
                time.sleep(1)
                for workflow, job in jobs.items():
                    check(two, job, workflow, 4000)
        finally:
            os.kill(one.process.pid, signal.SIGCONT)


@pytest.mark.soak
@pytest.mark.timeout(1200)
@pytest.mark.parametrize("workflow", [NOTES, PARTS])
def test_ten_kills_of_the_server_lose_no_row_and_make_none_twice(
    own_server: Restartable, workflow: Mapping[str, Any]
) -> None:
    killed(own_server, workflow, 200_000, 10)
