"""Acceptance rows FD-102 … FD-112: fields, stages, roles, users, workflows, workspace."""

import pytest

from tests.wire.api import Api, sample

PATH = "/workflows/sales-pipeline"


def test_fd_102_fields_come_in_order_with_their_facts(api: Api) -> None:
    fields = api.get(f"{PATH}/fields").json

    assert [
        ("Company ID", "uniqueId"),
        ("Company Name", "text"),
        ("Number of Employees", "number"),
        ("Contract Value", "currency"),
        ("Expected Close Date", "date"),
        ("International?", "checkbox"),
        ("Documents", "file"),
    ] == [(field["name"], field["type"]) for field in fields]
    for field in fields:
        assert {"id", "name", "type", "required", "editable"} <= set(field)
        assert (False, True) == (field["required"], field["editable"])


EVERY: dict[str, dict[str, object]] = {
    "text": {"type": "string"},
    "longText": {"type": "string", "format": "long-text"},
    "number": {"type": "number"},
    "phone": {"type": "string", "format": "phone"},
    "currency": {"type": "number", "format": "currency"},
    "date": {"type": "string", "format": "date"},
    "datetime": {"type": "string", "format": "date-time"},
    "person": {"type": "string", "format": "person"},
    "singleSelect": {"type": "string", "enum": ["a", "b"]},
    "multipleSelect": {"type": "array", "items": {"enum": ["a", "b"]}},
    "checkbox": {"type": "boolean"},
    "uniqueId": {"type": "string"},
    "file": {"type": "array", "items": {"format": "file"}, "maxItems": 3},
    "email": {"type": "string", "format": "email"},
    "url": {"type": "string", "format": "uri"},
}


def test_fd_103_extra_facts_stand_only_where_they_belong(api: Api) -> None:
    api.workflow("every", {k: {"title": k, **v} for k, v in EVERY.items()}, uniqueId="uniqueId")

    for field in api.get("/workflows/every/fields").json:
        extra = set(field) - {"id", "name", "type", "required", "editable"}
        expected = {
            "singleSelect": {"options"},
            "multipleSelect": {"options"},
            "file": {"limit"},
            "uniqueId": {"autoincrement"},
        }.get(field["type"], set())
        assert expected == extra, field


def test_fd_104_all_fifteen_kinds_are_reported_by_name(api: Api) -> None:
    api.workflow("every", {k: {"title": k, **v} for k, v in EVERY.items()}, uniqueId="uniqueId")

    assert list(EVERY) == [field["type"] for field in api.get("/workflows/every/fields").json]


def test_fd_105_a_kind_cannot_be_changed_but_a_name_can(api: Api) -> None:
    api.workflow("small", {"size": {"title": "Size", "type": "string"}})
    api.post("/workflows/small/tasks", {"Size": "XL"})

    kind = api.push("small", {"size": {"title": "Size", "type": "number"}})
    name = api.push("small", {"size": {"title": "Dimension", "type": "string"}})

    assert (422, 200) == (kind.status, name.status)
    assert ["properties.size.type"] == list(kind.json["errors"]) or kind.json["errors"]
    assert "XL" == api.get("/workflows/small/tasks").json[0]["Dimension"]


def test_fd_106_a_removed_field_leaves_the_answers(api: Api) -> None:
    both = {
        "a": {"title": "A", "type": "string"},
        "b": {"title": "B", "type": "string"},
    }
    api.workflow("small", both)
    api.post("/workflows/small/tasks", {"A": "1", "B": "2"})

    api.push("small", {"a": both["a"]})

    [task] = api.get("/workflows/small/tasks").json
    assert "B" not in task
    assert 422 == api.get("/workflows/small/tasks?B=2").status


def test_fd_107_a_second_unique_id_is_refused(api: Api) -> None:
    answer = api.push(
        "two", {"a": {"type": "string"}, "b": {"type": "string"}}, uniqueId=["a", "b"]
    )

    assert 422 == answer.status
    assert ["workflow.uniqueId"] == list(answer.json["errors"])


def test_fd_108_stages_come_in_order_by_name_only(api: Api) -> None:
    stages = api.get(f"{PATH}/stages").json

    assert [{"name": "Not Started"}, {"name": "In Progress"}, {"name": "Done"}] == stages


def test_fd_109_roles_have_id_name_admin(api: Api) -> None:
    roles = api.get(f"{PATH}/roles").json

    assert all({"id", "name", "admin"} == set(role) for role in roles)
    assert [True] == [role["admin"] for role in roles if role["name"] == "Administrator"]


def test_fd_110_users_have_the_six_documented_keys(api: Api) -> None:
    api.user("user@example.com", name="Sample User")
    roles = {role["id"] for role in api.get(f"{PATH}/roles").json}

    users = api.get(f"{PATH}/users").json

    assert 2 == len(users)
    for user in users:
        assert {"id", "email", "first_name", "last_name", "role_id", "saml_user_id"} == set(user)
        assert user["role_id"] in roles
        assert user["saml_user_id"] is None
    [sample_user] = [user for user in users if user["email"] == "user@example.com"]
    assert ("Sample", "User") == (sample_user["first_name"], sample_user["last_name"])


def test_fd_111_a_removed_user_leaves_the_list_and_the_tasks(api: Api) -> None:
    api.user("user@example.com")
    api.post(f"{PATH}/tasks", sample(**{"Assigned To": "user@example.com"}))
    [user] = [user for user in api.get(f"{PATH}/users").json if user["email"] == "user@example.com"]
    assert user == api.get(f"{PATH}/users/{user['id']}").json

    answer = api.delete(f"{PATH}/users/{user['id']}")

    assert (204, b"") == (answer.status, answer.body)
    assert user not in api.get(f"{PATH}/users").json
    assert 404 == api.get(f"{PATH}/users/{user['id']}").status
    assert 404 == api.delete(f"{PATH}/users/{user['id']}").status
    assert api.get(f"{PATH}/tasks/42").json["Assigned To"] is None


@pytest.mark.parametrize("user", ["0" * 24, "nobody", "%20"])
def test_fd_111_an_unknown_user_is_404(api: Api, user: str) -> None:
    assert 404 == api.get(f"{PATH}/users/{user}").status


def test_fd_112_workflows_and_workspace_have_id_and_name(api: Api) -> None:
    assert [{"id": "sales-pipeline", "name": "Sales pipeline"}] == api.get("/workflows").json
    workspace = api.get("/workspace").json
    assert ({"id", "name"}, "main") == (set(workspace), workspace["name"])
