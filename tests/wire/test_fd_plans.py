"""Plans over the wire: planned, applied, taken back, purged; and the command that does it."""

import copy
import json
import uuid
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import requests

from tests.servers import ROOT, Server, serving
from tests.wire.api import Api, Reply

ONE = "/workflows/bills"
PROBLEM = {"Accept": "application/problem+json"}
BILLS: dict[str, Any] = {
    "$id": "bills",
    "title": "Bills",
    "type": "object",
    "properties": {
        "ref": {"title": "Reference", "type": "string"},
        "amount": {"title": "Amount", "type": "string"},
        "note": {"title": "Note", "type": "string"},
    },
    "workflow": {
        "uniqueId": "ref",
        "stages": [{"name": "New"}, {"name": "Doing"}, {"name": "Done", "end": True}],
    },
}


def with_field(key: str, **schema: Any) -> dict[str, Any]:
    """Give the file with a field's schema replaced."""
    file = copy.deepcopy(BILLS)
    file["properties"][key] = schema
    return file


NUMBERS = with_field("amount", title="Amount", type="number", maximum=50)


@pytest.fixture
def bills(api: Api) -> Api:
    """The API with three bills whose amounts are texts."""
    api.put(ONE, BILLS)
    for ref, amount in (("a", "10"), ("b", "99"), ("c", "ten")):
        assert api.post(f"{ONE}/tasks", {"Reference": ref, "Amount": amount}).status == 201
    return api


def plan(api: Api, file: dict[str, Any]) -> Any:
    answer = api.post(f"{ONE}/plan", file)
    assert 200 == answer.status, answer.json
    return answer.json


def apply(api: Api, file: dict[str, Any]) -> Reply:
    return api.put(f"{ONE}?plan={plan(api, file)['id']}", file)


def amounts(api: Api) -> dict[str, Any]:
    return {each["Reference"]: each["Amount"] for each in api.get(f"{ONE}/tasks").json}


def test_a_plan_tells_everything_and_changes_nothing(bills: Api) -> None:
    before = bills.get(f"{ONE}/tasks").body
    told = plan(bills, NUMBERS)

    assert told == {
        "id": told["id"],
        "version": {"from": 1, "to": 2},
        "tasks": 3,
        "changes": [
            {
                "path": ["properties", "amount"],
                "kind": "converted",
                "text": "'Amount' becomes number instead of text",
            }
        ],
        "faults": [],
        "breaking": [
            {
                "path": ["properties", "amount"],
                "message": "Amount must be at most 50",
                "count": 1,
                "tasks": ["b"],
            }
        ],
        "conversions": [
            {
                "field": "Amount",
                "from": "text",
                "to": "number",
                "converted": 2,
                "kept": 1,
                "examples": [{"task": "c", "value": "ten"}],
            }
        ],
        "removed": [],
        "exact": True,
    }
    assert before == bills.get(f"{ONE}/tasks").body
    assert 1 == bills.get(ONE).json["version"]


def test_a_kind_change_takes_a_plan(bills: Api) -> None:
    assert 422 == bills.put(ONE, NUMBERS).status

    answer = apply(bills, NUMBERS)

    assert (200, 2) == (answer.status, answer.json["version"])
    assert {"a": "10", "b": "99", "c": None} == amounts(bills)
    assert ["b", "c"] == [
        each["Reference"]
        for filter_ in ("Amount[gt]=20", "Amount[exists]=false")
        for each in bills.get(f"{ONE}/tasks?{filter_}").json
    ]


def test_a_plan_for_another_file_or_version_is_409(bills: Api) -> None:
    made = plan(bills, NUMBERS)["id"]

    other = bills.put(f"{ONE}?plan={made}", {**NUMBERS, "title": "Other"}, headers=PROBLEM)
    bills.put(ONE, {**BILLS, "title": "Later"})
    late = bills.put(f"{ONE}?plan={made}", NUMBERS, headers=PROBLEM)

    assert [(409, "stale_plan")] * 2 == [(each.status, each.json["code"]) for each in (other, late)]
    assert 409 == bills.put(f"{ONE}?plan=", NUMBERS).status
    assert {"a": "10", "b": "99", "c": "ten"} == amounts(bills)


def test_going_back_gives_the_old_values_back(bills: Api) -> None:
    apply(bills, NUMBERS)
    file = bills.get(f"{ONE}/versions/1")

    told = bills.post(f"{ONE}/versions/1/plan").json

    assert BILLS == file.json
    assert "application/schema+json" == file.headers["Content-Type"]
    assert [("number", "text", 2, 0)] == [
        (each["from"], each["to"], each["converted"], each["kept"]) for each in told["conversions"]
    ]
    headers = {"Content-Type": "application/schema+json"}
    assert 200 == bills.put(f"{ONE}?plan={told['id']}", file.body, headers=headers).status
    assert {"a": "10", "b": "99", "c": "ten"} == amounts(bills)
    assert [1, 2, 3] == [each["version"] for each in bills.get(f"{ONE}/versions").json]


def test_versions_say_who_made_them(bills: Api) -> None:
    key = bills.user("chief@example.com", role="admin")
    made = plan(bills, NUMBERS)["id"]
    assert 200 == bills.put(f"{ONE}?plan={made}", NUMBERS, key=key).status

    versions = bills.get(f"{ONE}/versions").json
    assert ["admin@example.com", "chief@example.com"] == [each["by"] for each in versions]


def test_removed_values_are_listed_and_purged(bills: Api) -> None:
    fewer = copy.deepcopy(BILLS)
    del fewer["properties"]["amount"]
    assert [{"field": "Amount", "key": "amount", "count": 3}] == plan(bills, fewer)["removed"]
    apply(bills, fewer)
    assert [{"key": "amount", "title": "Amount", "count": 3}] == bills.get(f"{ONE}/removed").json

    answer = bills.delete(f"{ONE}/removed/amount")

    assert (204, b"", []) == (answer.status, answer.body, bills.get(f"{ONE}/removed").json)
    assert 404 == bills.delete(f"{ONE}/removed/note").status
    bills.put(ONE, BILLS)
    assert {"a": None, "b": None, "c": None} == amounts(bills)


def test_a_stage_that_holds_tasks_blocks_with_where_they_could_go(bills: Api) -> None:
    assert bills.post(f"{ONE}/tasks", {"Reference": "a", "Stage": "Doing"}).status == 200
    fewer = copy.deepcopy(BILLS)
    del fewer["workflow"]["stages"][1]

    told = plan(bills, fewer)
    answer = bills.put(f"{ONE}?plan={told['id']}", fewer, headers=PROBLEM)

    assert [(["workflow", "stages"], 1, ["a"])] == [
        (each["path"], each["count"], each["tasks"]) for each in told["breaking"]
    ]
    assert told["faults"][0]["hint"].endswith("to one of 'New', 'Done'")
    assert (422, "needs_plan") == (answer.status, answer.json["faults"][0]["code"])


def test_a_broken_file_is_422_with_every_fault(bills: Api) -> None:
    broken = with_field("amount", title="Amount", type="numbr")
    broken["workflow"]["uniqueId"] = "rf"

    answer = bills.post(f"{ONE}/plan", broken)

    assert 422 == answer.status
    assert {"properties.amount.type", "workflow.uniqueId"} <= set(answer.json["errors"])


ROUTES = (
    ("POST", f"{ONE}/plan"),
    ("PUT", f"{ONE}?plan=x"),
    ("GET", f"{ONE}/versions/1"),
    ("POST", f"{ONE}/versions/1/plan"),
    ("GET", f"{ONE}/removed"),
    ("DELETE", f"{ONE}/removed/note"),
)


def test_only_admins_plan(bills: Api) -> None:
    keys = {role: bills.user(f"{role}@example.com", role=role) for role in ("manager", "member")}
    other = bills.other_workspace()
    for method, path in ROUTES:
        body = BILLS if method in {"PUT", "POST"} else None
        told = [
            bills.request(method, path, body, key=key).status
            for key in (keys["manager"], keys["member"], None, other)
        ]
        assert [403, 403, 401, 404] == told, path


def test_a_version_that_is_none_is_404(bills: Api) -> None:
    for version in ("0", "9", "x", "-1", "1.0", "9" * 30, "%C2%B2"):
        assert 404 == bills.get(f"{ONE}/versions/{version}").status
        assert 404 == bills.post(f"{ONE}/versions/{version}/plan").status


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory, mongod_uri: str) -> Iterator[Server]:
    """A server to which commands talk."""
    folder = tmp_path_factory.mktemp("server")
    settings = {
        "TASKLOOM_MONGODB_URI": mongod_uri.replace("/?", f"/plans_{uuid.uuid4().hex}?"),
        "TASKLOOM_WORKFLOWS": str(ROOT / "workflow_schemas"),
        "TASKLOOM_BOOTSTRAP_KEY": "tl_" + "k" * 40,
    }
    with serving(folder, settings) as started:
        yield started


def test_the_command_plans_and_applies(server: Server, tmp_path: Path) -> None:
    file = tmp_path / "bills.json"
    file.write_text(json.dumps(NUMBERS))
    headers = {"Authorization": f"Bearer {server.settings['TASKLOOM_BOOTSTRAP_KEY']}"}
    base = f"{server.url}/api/v1/workflows"
    requests.post(base, json=BILLS, headers=headers, timeout=30).raise_for_status()
    for ref, amount in (("a", "10"), ("c", "ten")):
        row = {"Reference": ref, "Amount": amount}
        answer = requests.post(f"{base}/bills/tasks", json=row, headers=headers, timeout=30)
        answer.raise_for_status()

    planned = server.run("workflow", "plan", file, "--json")
    applied = server.run("workflow", "plan", file, "--apply")
    again = server.run("workflow", "plan", file)

    assert (1, 1) == (planned.returncode, json.loads(planned.stdout)["conversions"][0]["kept"])
    assert (0, "bills version 2: updated") == (applied.returncode, applied.stdout.splitlines()[-1])
    assert "Amount: text → number, 1 converted, 1 kept aside (c: 'ten')" in applied.stdout
    assert (0, "nothing changes\n") == (again.returncode, again.stdout)


def test_the_command_tells_the_faults_of_a_file_by_line(server: Server, tmp_path: Path) -> None:
    file = tmp_path / "bad.json"
    file.write_text(json.dumps({**BILLS, "$id": "sales-pipeline", "properties": {}}, indent=1))

    said = server.run("workflow", "plan", file)

    assert 1 == said.returncode
    assert "uniqueId" in said.stderr
