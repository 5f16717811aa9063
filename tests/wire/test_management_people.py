"""The management API of users and keys."""

import re

import pytest

from tests.wire.api import Api, sample

MISSING = "0" * 24


def test_users_are_listed_oldest_first(api: Api) -> None:
    api.user("user@example.com", name="U. Ser", role="manager")

    users = api.get("/users").json

    assert ["admin@example.com", "user@example.com"] == [user["email"] for user in users]
    assert {"id", "email", "name", "role"} == set(users[1])
    assert ("U. Ser", "manager") == (users[1]["name"], users[1]["role"])
    assert re.fullmatch("[0-9a-f]{24}", users[1]["id"])


def test_a_new_user_is_a_member_named_after_the_mailbox(api: Api) -> None:
    answer = api.post("/users", {"email": "user@example.com"})

    assert 201 == answer.status
    assert {"email": "user@example.com", "name": "user", "role": "member"}.items() <= (
        answer.json.items()
    )


@pytest.mark.parametrize("email", ["user@example.com", "USER@Example.com"])
def test_an_e_mail_that_somebody_has_is_409(api: Api, email: str) -> None:
    api.user("user@example.com")

    answer = api.post("/users", {"email": email})

    assert (409, ["error"]) == (answer.status, list(answer.json))
    assert 2 == len(api.get("/users").json)


def test_an_e_mail_of_another_workspace_is_409_too(api: Api) -> None:
    other = api.other_workspace()
    api.post("/users", {"email": "user@example.com"}, key=other)

    assert 409 == api.post("/users", {"email": "user@example.com"}).status
    assert ["admin@example.com"] == [user["email"] for user in api.get("/users").json]


@pytest.mark.parametrize(
    ("body", "faults"),
    [
        ({}, ["email"]),
        ({"email": "nobody"}, ["email"]),
        ({"email": None}, ["email"]),
        ({"email": 5, "role": 7}, ["email", "role"]),
        ({"email": "a@example.com", "role": "boss"}, ["role"]),
        ({"email": "nobody", "role": "boss"}, ["email", "role"]),
        ({"email": "a@example.com", "rôle": "admin"}, ["rôle"]),
        ({"email": "a@example.com", "workspace": "other"}, ["workspace"]),
        ([], ["base"]),
        ("a@example.com", ["base"]),
    ],
)
def test_a_bad_user_is_422_with_every_fault(api: Api, body: object, faults: list[str]) -> None:
    answer = api.post("/users", body)

    assert (422, faults) == (answer.status, sorted(answer.json["errors"]))
    assert 1 == len(api.get("/users").json)


def test_an_unknown_name_is_told_with_the_nearest(api: Api) -> None:
    answer = api.post("/users", {"email": "a@example.com", "roel": "admin"})

    assert {"roel": ["is unknown; did you mean 'role'?"]} == answer.json["errors"]


def test_a_new_key_is_shown_once_and_works(api: Api) -> None:
    api.user("user@example.com")

    answer = api.post("/keys", {"user": "user@example.com", "name": "import"})

    assert (201, {"id", "key"}) == (answer.status, set(answer.json))
    assert answer.json["key"].startswith("tl_")
    assert 403 == api.get("/users", key=answer.json["key"]).status
    [listed] = [key for key in api.get("/keys").json if key["id"] == answer.json["id"]]
    assert ["id", "name", "user", "prefix", "createdAt", "scopes"] == list(listed)
    assert listed["scopes"] is None
    assert answer.json["key"].startswith(listed["prefix"])
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", listed["createdAt"])
    assert answer.json["key"].encode() not in api.get("/keys").body


def test_a_key_is_made_for_a_user_by_id_too(api: Api) -> None:
    user = api.post("/users", {"email": "user@example.com"}).json["id"]

    made = api.post("/keys", {"user": user}).json

    [listed] = [key for key in api.get("/keys").json if key["id"] == made["id"]]
    assert user == listed["user"]


@pytest.mark.parametrize("body", [{}, {"user": None}, {"name": "workspace"}])
def test_a_key_without_a_user_acts_for_the_workspace(api: Api, body: object) -> None:
    made = api.post("/keys", body).json

    [listed] = [key for key in api.get("/keys").json if key["id"] == made["id"]]
    assert listed["user"] is None
    assert 200 == api.get("/users", key=made["key"]).status


@pytest.mark.parametrize(
    ("body", "faults"),
    [
        ({"user": "nobody@example.com"}, ["user"]),
        ({"user": MISSING}, ["user"]),
        ({"user": ""}, ["user"]),
        ({"user": 5}, ["user"]),
        ({"user": {"$gt": ""}}, ["user"]),
        ({"name": None}, ["name"]),
        ({"names": "x"}, ["names"]),
        ({"scopes": []}, ["scopes"]),
        ({"scopes": "task:read"}, ["scopes"]),
        ({"scopes": ["task:read", "task:all"]}, ["scopes[1]"]),
        ({"scopes": ["task:all"], "user": MISSING}, ["scopes[0]", "user"]),
        ([], ["base"]),
    ],
)
def test_a_bad_key_is_422(api: Api, body: object, faults: list[str]) -> None:
    answer = api.post("/keys", body)

    assert (422, faults) == (answer.status, sorted(answer.json["errors"]))
    assert 1 == len(api.get("/keys").json)


def test_a_key_may_be_for_reading_tasks_only(api: Api) -> None:
    made = api.post("/keys", {"scopes": ["task:read"]}).json
    tasks = "/workflows/sales-pipeline/tasks"

    [listed] = [key for key in api.get("/keys").json if key["id"] == made["id"]]
    assert ["task:read"] == listed["scopes"]
    assert 200 == api.get(tasks, key=made["key"]).status
    for method, path, body in (
        ("POST", tasks, sample()),
        ("DELETE", f"{tasks}/42", None),
        ("GET", "/users", None),
        ("POST", "/keys", {}),
    ):
        assert 403 == api.request(method, path, body, key=made["key"]).status
    assert [] == api.get(tasks).json


def test_a_user_is_changed_in_part(api: Api) -> None:
    user = api.post("/users", {"email": "user@example.com", "name": "U. Ser"}).json

    changed = api.request("PATCH", f"/users/{user['id']}", {"role": "manager"})
    renamed = api.request("PATCH", f"/users/{user['id']}", {"email": "new@example.com"})

    assert (200, {**user, "role": "manager"}) == (changed.status, changed.json)
    expected = {**user, "role": "manager", "email": "new@example.com"}
    assert (200, expected) == (renamed.status, renamed.json)
    assert expected == api.get("/users").json[1]


@pytest.mark.parametrize(
    ("body", "faults"),
    [
        ({"email": "nobody", "role": "boss", "name": " "}, ["email", "name", "role"]),
        ({"password": ""}, ["password"]),
        ({"name": None}, ["name"]),
        ({"id": MISSING}, ["id"]),
        ([], ["base"]),
    ],
)
def test_a_bad_change_of_a_user_is_422(api: Api, body: object, faults: list[str]) -> None:
    user = api.post("/users", {"email": "user@example.com"}).json

    answer = api.request("PATCH", f"/users/{user['id']}", body)

    assert (422, faults) == (answer.status, sorted(answer.json["errors"]))
    assert user == api.get("/users").json[1]


def test_a_change_to_the_e_mail_of_somebody_else_is_409(api: Api) -> None:
    user = api.post("/users", {"email": "user@example.com"}).json

    answer = api.request("PATCH", f"/users/{user['id']}", {"email": "ADMIN@example.com"})

    assert 409 == answer.status
    assert user == api.get("/users").json[1]


def test_a_user_with_tasks_is_removed_by_force_only(api: Api) -> None:
    user = api.post("/users", {"email": "user@example.com"}).json["id"]
    tasks = "/workflows/sales-pipeline/tasks"
    api.post(tasks, sample(**{"Assigned To": "user@example.com"}))

    for query in ("", "?force=false"):
        kept = api.delete(f"/users/{user}{query}")
        assert (409, ["error"]) == (kept.status, list(kept.json))
    for query in ("?force=yes", "?force=", "?forced=true"):
        assert 422 == api.delete(f"/users/{user}{query}").status
    assert "user@example.com" == api.get(f"{tasks}/42").json["Assigned To"]
    gone = api.delete(f"/users/{user}?force=true")

    assert (204, b"") == (gone.status, gone.body)
    assert api.get(f"{tasks}/42").json["Assigned To"] is None
    assert 404 == api.delete(f"/users/{user}").status
    assert 1 == len(api.get("/users").json)


def test_users_of_another_workspace_are_out_of_reach(api: Api) -> None:
    other = api.other_workspace()
    user = api.post("/users", {"email": "user@example.com"}, key=other).json

    for name in (user["id"], user["email"], MISSING, "%24ne"):
        assert 404 == api.request("PATCH", f"/users/{name}", {"name": "X"}).status
        assert 404 == api.delete(f"/users/{name}?force=true").status
    assert user == api.get("/users", key=other).json[1]


def test_an_admin_neither_removes_nor_demotes_themselves(api: Api) -> None:
    [admin] = api.get("/users").json

    assert 403 == api.delete(f"/users/{admin['id']}?force=true").status
    assert 403 == api.request("PATCH", f"/users/{admin['id']}", {"role": "member"}).status
    workspace = api.post("/keys", {}).json["key"]
    assert 409 == api.delete(f"/users/{admin['id']}", key=workspace).status
    assert [admin] == api.get("/users").json


def test_a_user_of_another_workspace_gets_no_key_here(api: Api) -> None:
    other = api.other_workspace()
    user = api.post("/users", {"email": "user@example.com"}, key=other).json

    for name in (user["id"], user["email"]):
        assert 422 == api.post("/keys", {"user": name}).status


@pytest.mark.parametrize("address", ["/keys/{}", "/keys?id={}"])
def test_a_revoked_key_is_gone(api: Api, address: str) -> None:
    made = api.post("/keys", {}).json

    answer = api.delete(address.format(made["id"]))

    assert (204, b"") == (answer.status, answer.body)
    assert 401 == api.get("/users", key=made["key"]).status
    assert 404 == api.delete(address.format(made["id"])).status
    assert made["id"] not in {key["id"] for key in api.get("/keys").json}


@pytest.mark.parametrize("path", [f"/keys/{MISSING}", f"/keys?id={MISSING}", "/keys/%24ne"])
def test_revoking_an_unknown_key_is_404(api: Api, path: str) -> None:
    assert 404 == api.delete(path).status


@pytest.mark.parametrize(("path", "fault"), [("/keys", "id"), ("/keys?key=1", "key")])
def test_revoking_must_name_a_key(api: Api, path: str, fault: str) -> None:
    answer = api.delete(path)

    assert 422 == answer.status
    assert fault in answer.json["errors"]


def test_another_workspaces_keys_are_out_of_reach(api: Api) -> None:
    made = api.post("/keys", {}).json
    other = api.other_workspace()

    assert 404 == api.delete(f"/keys/{made['id']}", key=other).status
    assert 200 == api.get("/users", key=made["key"]).status


@pytest.mark.parametrize("role", ["member", "manager"])
def test_only_admins_see_and_change_people(api: Api, role: str) -> None:
    key = api.user("user@example.com", role=role)

    for method, path, body in (
        ("GET", "/users", None),
        ("POST", "/users", {"email": "new@example.com"}),
        ("PATCH", f"/users/{MISSING}", {"name": "New"}),
        ("DELETE", f"/users/{MISSING}?force=true", None),
        ("GET", "/keys", None),
        ("POST", "/keys", {}),
        ("DELETE", f"/keys/{MISSING}", None),
        ("DELETE", f"/keys?id={MISSING}", None),
    ):
        answer = api.request(method, path, body, key=key)
        assert (403, ["error"]) == (answer.status, list(answer.json))
