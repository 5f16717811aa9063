"""Roles that a workflow declares, over the native API: the team, and who sees and does what."""

import json
from typing import Any

import pytest

from tests.unit.cases import CASES
from tests.wire.api import Api, Reply

PATH = "/workflows/cases"
ANN = "ann@example.com"


@pytest.fixture
def cases(api: Api) -> Api:
    """The API with a workflow that declares roles."""
    answer = api.put(PATH, CASES)
    assert 201 == answer.status, answer.json
    return api


def users(api: Api, key: str | None = None) -> dict[str, Any]:
    """Return the users of the workflow by e-mail."""
    found = api.get(f"{PATH}/users", key=key or api.key).json
    return {user["email"]: user for user in found}


def test_roles_are_those_declared(cases: Api) -> None:
    assert [
        {"id": "lead", "name": "Lead", "admin": True},
        {"id": "agent", "name": "Agent", "admin": False},
        {"id": "clerk", "name": "Clerk", "admin": False},
    ] == cases.get(f"{PATH}/roles").json


def test_without_an_admin_role_declared_the_administrator_s_is_there(api: Api) -> None:
    api.workflow("small", {"a": {"type": "string"}}, roles=[{"name": "Agent", "for": ["member"]}])
    key = api.user(ANN)

    roles = api.get("/workflows/small/roles", key=key).json

    assert [("admin", True), ("Agent", False)] == [(role["id"], role["admin"]) for role in roles]
    members = api.get("/workflows/small/users").json
    assert ["admin", "Agent"] == [user["role_id"] for user in members]


def test_users_have_the_role_of_the_workflow_until_given_another(cases: Api) -> None:
    ann = cases.user(ANN)
    admin = "admin@example.com"
    user = users(cases)[ANN]
    assert ("agent", "lead") == (user["role_id"], users(cases)[admin]["role_id"])

    answer = cases.put(f"{PATH}/users/{user['id']}", {"role": "clerk"})

    assert (200, {**user, "role_id": "clerk"}) == (answer.status, answer.json)
    assert answer.json == cases.get(f"{PATH}/users/{user['id']}").json
    assert {ANN: answer.json} == users(cases, ann)
    seen = [each["name"] for each in cases.get(f"{PATH}/fields", key=ann).json]
    assert ["Reference", "Name", "Margin", "Progress", "Paper", "Secret"] == seen


def test_a_role_is_given_by_admins_to_users_who_are_there(cases: Api) -> None:
    ann = cases.user(ANN)
    user = users(cases)[ANN]["id"]
    path = f"{PATH}/users/{user}"

    refused = cases.put(path, {"role": "clark"})
    assert (422, {"role": ["is no role of this workflow: 'clark'; did you mean 'clerk'?"]}) == (
        refused.status,
        refused.json["errors"],
    )
    assert 422 == cases.put(path, {}).status
    assert 422 == cases.put(path, {"role": None}).status
    assert 422 == cases.put(path, {"role": "clerk", "rolle": "x"}).status
    assert 400 == cases.put(path, b"{").status
    assert 403 == cases.put(path, {"role": "lead"}, key=ann).status
    assert 401 == cases.put(path, {"role": "lead"}, key=None).status
    assert 404 == cases.put(f"{PATH}/users/{'0' * 24}", {"role": "clerk"}).status
    assert 404 == cases.put(f"/workflows/nothing/users/{user}", {"role": "clerk"}).status
    assert "agent" == users(cases)[ANN]["role_id"]


def test_what_is_hidden_is_nowhere_on_the_wire(cases: Api) -> None:
    ann = cases.user(ANN)
    row = {"Reference": "A", "Name": "a", "Margin": 41, "Assigned To": ANN}
    cases.post(f"{PATH}/tasks", row)

    answers = [
        cases.get(path, key=ann)
        for path in (
            PATH,
            f"{PATH}/fields",
            f"{PATH}/stages",
            f"{PATH}/openapi.json",
            f"{PATH}/tasks",
            f"{PATH}/tasks/A",
            f"{PATH}/tasks?_limit=1&_sort=-Name",
        )
    ]
    answers.append(cases.post(f"{PATH}/tasks", {"Reference": "A", "Name": "b"}, key=ann))
    file = cases.get(PATH, key=ann, headers={"Accept": "application/schema+json"})

    for answer in [*answers, file]:
        assert 200 == answer.status
        assert b"argin" not in answer.body
        assert b"ecret" not in answer.body
    assert json.loads(file.body) == answers[0].json["file"]
    assert b"Margin" in cases.get(f"{PATH}/openapi.json").body
    for query in ("Margin=41", "_sort=Margin", "_fields=Margin", "Margin[gt]=1"):
        hidden = cases.get(f"{PATH}/tasks?{query}", key=ann)
        unknown = cases.get(f"{PATH}/tasks?{query.replace('Margin', 'Zxqvw')}", key=ann)
        assert 422 == hidden.status
        assert unknown.body.replace(b"Zxqvw", b"Margin") == hidden.body
    assert [] == cases.get(f"{PATH}/tasks?_q=41", key=ann).json
    assert 422 == cases.post(f"{PATH}/tasks", {"Reference": "A", "Margin": 1}, key=ann).status


def test_a_task_that_one_does_not_see_answers_as_one_that_is_not_there(cases: Api) -> None:
    ann = cases.user(ANN)
    cases.post(f"{PATH}/tasks", {"Reference": "A"})

    def ask(method: str, uid: str) -> Reply:
        if method == "PUT":
            return cases.put(f"{PATH}/tasks", {"Reference": uid}, key=ann)
        return cases.request(method, f"{PATH}/tasks/{uid}", key=ann)

    for method in ("GET", "DELETE", "PUT"):
        unseen, unknown = ask(method, "A"), ask(method, "B")
        assert 404 == unseen.status
        assert unknown.body == unseen.body
    taken = cases.post(f"{PATH}/tasks", {"Reference": "A"}, key=ann)
    assert (422, {"errors": {"Reference": ["has already been taken"]}}) == (
        taken.status,
        taken.json,
    )
    bulk = cases.post(f"{PATH}/tasks/bulk", [{"Reference": "A"}, {"Reference": "B"}], key=ann)
    assert ["refused", "created"] == [row["status"] for row in bulk.json["results"]]
    assert ["B"] == [task["Reference"] for task in cases.get(f"{PATH}/tasks", key=ann).json]
    assert 403 == cases.post(f"{PATH}/tasks", {"Reference": "B", "Progress": 1}, key=ann).status
