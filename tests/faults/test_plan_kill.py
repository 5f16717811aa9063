"""Plans outlive `kill -9`: before the new version is in force nothing has changed, then all is."""

import json
import threading
import time
from collections.abc import Mapping
from typing import Any

import requests

from tests.faults.serving import KEY, Restartable
from tests.faults.test_import_kill import ask, reached, sent

TASKS = 1500
FIELDS: Mapping[str, Any] = {
    "name": {"title": "Name", "type": "string"},
    "size": {"title": "Size", "type": "string"},
}
OLD: Mapping[str, Any] = {
    "$id": "sizes",
    "title": "Sizes",
    "type": "object",
    "properties": FIELDS,
    "workflow": {"uniqueId": "name", "stages": [{"name": "Open"}]},
}
NEW = {**OLD, "properties": {**FIELDS, "size": {"title": "Size", "type": "integer"}}}
ONE = "/api/v1/workflows/sizes"


def sizes(server: Restartable) -> dict[str, Any]:
    return {task["Name"]: task["Size"] for task in ask(server.server, "GET", f"{ONE}/tasks")}


def test_a_plan_goes_on_after_the_server_was_killed(shared_server: Restartable) -> None:
    job = sent(shared_server.server, OLD, TASKS)
    while reached(shared_server.server, job, TASKS)["state"] != "done":
        time.sleep(0.1)
    before = sizes(shared_server)
    body = json.dumps(NEW)
    plan = ask(shared_server.server, "POST", f"{ONE}/plan", body)
    path = f"{ONE}?plan={plan['id']}"

    applying = threading.Thread(target=_try_to_apply, args=(shared_server.server.url + path, body))
    applying.start()
    time.sleep(0.2)
    shared_server.kill_and_start()
    applying.join()
    shared_server.wait_ready()

    version = ask(shared_server.server, "GET", ONE)["version"]
    now = sizes(shared_server)
    assert now == (before if version == 1 else {name: _whole(v) for name, v in before.items()})
    ask(shared_server.server, "PUT", path, body)
    assert {name: _whole(value) for name, value in before.items()} == sizes(shared_server)
    assert 2 == ask(shared_server.server, "GET", ONE)["version"]


def _whole(value: str | None) -> str | None:
    return value if value is not None and value.isdigit() else None


def _try_to_apply(url: str, body: str) -> None:
    headers = {"Authorization": f"Bearer {KEY}", "Content-Type": "application/json"}
    try:
        requests.put(url, data=body, headers=headers, timeout=60)
    except requests.RequestException:
        return
