"""The Task Management API: users, and who may do what with whom."""

from collections.abc import Iterator
from typing import Any, Final

import pytest
from flask import Flask

from taskloom.engine.engine import Engine
from taskloom.errors import Unauthenticated
from taskloom.wire.app import create_app
from taskloom.wire.base import Limits
from tests.wire.api import Api, Reply
from tests.wire.conftest import Ask
from tests.wire.tm import Person, Tm, clear, details, error, relations, shared_engine

NOBODY: Final = "0123456789abcdef01234567"


@pytest.fixture(scope="module")
def engine(mongod_uri: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Engine]:
    """The engine that all tests here share."""
    with shared_engine(mongod_uri, tmp_path_factory.mktemp("tm")) as made:
        yield made


@pytest.fixture(scope="module")
def app(engine: Engine) -> Flask:
    """The app that all tests here share."""
    return create_app(engine, Limits(max_body=10_000_000, max_file=1), lambda: True)


@pytest.fixture
def tm(api: Api, ask: Ask, engine: Engine) -> Iterator[Tm]:
    """The shipped workflow at its mount; what a test leaves is removed."""
    yield Tm(api=api, ask=ask)
    clear(engine)


def names(answer: Reply) -> list[str]:
    """Return the names of a list of users."""
    assert 200 == answer.status, answer.json
    return [user["name"] for user in answer.json["data"]]


def denied(answer: Reply) -> None:
    """Require that something is not permitted."""
    error(answer, 403, "permission_denied")


def test_tm_66_a_new_user_is_a_member(tm: Tm) -> None:
    answer = tm.post("/users", {"name": "Ann", "email": "ann@example.com"})

    assert 201 == answer.status
    user = answer.json
    assert ("Ann", "ann@example.com", "member") == (user["name"], user["email"], user["role"])
    assert {"id", "name", "email", "role", "createdAt", "updatedAt"} == set(user)
    assert user["createdAt"] == user["updatedAt"]
    assert answer.headers["Location"].endswith(f"/v1/users/{user['id']}")
    assert user == tm.get(f"/users/{user['id']}").json
    assert user["id"] == tm.task(assigneeId=user["id"])["assigneeId"]


def test_tm_66_a_user_with_a_password_signs_in(tm: Tm, engine: Engine) -> None:
    sent = {"name": "Ann", "email": "ann@example.com", "password": "correct horse"}
    answer = tm.post("/users", sent)
    assert 201 == answer.status, answer.json
    assert "password" not in answer.json
    signed = engine.people.sign_in("ann@example.com", "correct horse")
    ann = Person(id=answer.json["id"], email="ann@example.com", key=signed.token)
    path = f"/users/{ann.id}"

    answer = tm.patch(path, {"password": " "}, by=ann)

    assert (200, ann.id) == (answer.status, answer.json["id"])
    assert ann.id == engine.people.sign_in("ann@example.com", " ").user.id
    with pytest.raises(Unauthenticated):
        engine.people.sign_in("ann@example.com", "correct horse")
    error(tm.get(path, by=ann), 401, "invalid_authentication")
    denied(tm.patch(f"/users/{tm.admin()}", {"password": "x"}, by=tm.person("boss", "manager")))
    for wrong in ("", None):
        assert {"password": "Password is required"} == details(tm.patch(path, {"password": wrong}))
        assert {"password"} == set(details(tm.post("/users", {**sent, "password": wrong})))
    told = details(tm.post("/users", {"name": 5, "email": "ann", "password": 5}))
    assert {"name", "email", "password"} == set(told)
    assert {"password"} == set(details(tm.patch(path, {"password": "x" * 1025})))
    assert ann.id == engine.people.sign_in("ann@example.com", " ").user.id


def test_tm_67_name_and_email_are_required_and_checked(tm: Tm) -> None:
    fine = {"name": "Ann", "email": "ann@example.com"}
    required = {"name": "Name is required", "email": "Email is required"}
    assert required == details(tm.post("/users", {}))
    assert required == details(tm.post("/users", {"name": " ", "email": ""}))
    assert required == details(tm.post("/users", {"name": None, "email": None}))
    assert {"email": "Email is invalid"} == details(tm.post("/users", {**fine, "email": "ann"}))
    role = {"role": "Role must be one of: admin, manager, member"}
    for wrong in ("boss", "", None):
        assert role == details(tm.post("/users", {**fine, "role": wrong}))
    told = details(tm.post("/users", {"name": 5, "email": "ann", "role": "boss", "nmae": "Ann"}))
    assert {"name", "email", "role", "nmae"} == set(told)
    assert ["admin"] == names(tm.get("/users"))
    path = f"/users/{tm.person('ann').id}"
    assert required == details(tm.patch(path, {"name": None, "email": " "}))
    assert role == details(tm.patch(path, {"role": None}))


def test_tm_68_69_an_email_belongs_to_one_user(tm: Tm) -> None:
    ann, bob = tm.person("ann"), tm.person("bob")

    answer = tm.post("/users", {"name": "Other", "email": "ANN@example.com"})
    said = error(answer, 409, "resource_conflict")
    assert "Email address is already in use" == said["message"]
    assert {"email": said["message"]} == said["details"]
    said = error(tm.patch(f"/users/{bob.id}", {"email": ann.email}), 409, "resource_conflict")
    assert "Email address is already in use by another user" == said["message"]
    assert 200 == tm.patch(f"/users/{ann.id}", {"email": ann.email}).status


def test_tm_70_managers_add_members_and_members_nobody(tm: Tm) -> None:
    boss, ann = tm.person("boss", "manager"), tm.person("ann")

    def added(by: Person, role: str) -> Reply:
        sent = {"name": "New", "email": f"{role}@example.com", "role": role}
        return tm.post("/users", sent, by=by)

    denied(added(boss, "manager"))
    denied(added(boss, "admin"))
    denied(added(ann, "member"))
    denied(tm.post("/users", {}, by=ann))
    assert 201 == added(boss, "member").status
    assert ["admin", "boss", "ann", "New"] == names(tm.get("/users"))


def test_tm_71_who_sees_whom(tm: Tm) -> None:
    boss, ann = tm.person("boss", "manager"), tm.person("ann")

    assert ["admin", "boss", "ann"] == names(tm.get("/users"))
    assert ["boss", "ann"] == names(tm.get("/users", by=boss))
    assert ["ann"] == names(tm.get("/users", by=ann))
    assert 1 == tm.get("/users", by=ann).json["pagination"]["total"]


def test_tm_72_a_user_who_is_not_seen_is_there(tm: Tm) -> None:
    boss, ann, bob = tm.person("boss", "manager"), tm.person("ann"), tm.person("bob")

    denied(tm.get(f"/users/{tm.admin()}", by=boss))
    denied(tm.get(f"/users/{bob.id}", by=ann))
    assert 200 == tm.get(f"/users/{ann.id}", by=ann).status
    assert 200 == tm.get(f"/users/{bob.id}", by=boss).status
    for user, by in ((NOBODY, ann), ("user123", boss)):
        for method, body in (("GET", None), ("PATCH", {"name": "X"}), ("DELETE", None)):
            answer = tm.request(method, f"/users/{user}", body, by=by)
            said = error(answer, 404, "resource_not_found")
            assert f"User with ID '{user}' not found" == said["message"]


def test_tm_73_74_users_are_filtered_sorted_and_cut_into_parts(tm: Tm) -> None:
    for name, role in (("bert", "manager"), ("Anna", "member"), ("joanna", "member")):
        sent = {"name": name, "email": f"{name}@example.com", "role": role}
        assert 201 == tm.post("/users", sent).status

    def listed(query: str) -> list[str]:
        return names(tm.get(f"/users?{query}"))

    assert ["admin", "bert", "Anna", "joanna"] == listed("")
    assert ["Anna", "joanna"] == listed("name=ANN")
    assert ["Anna"] == listed("email=anna@example.com")
    assert [] == listed("email=anna@example")
    assert ["admin", "bert"] == listed("role=admin,manager")
    assert ["joanna"] == listed("role=member&name=jo")
    assert ["admin", "Anna", "bert", "joanna"] == listed("sort=name")
    assert ["joanna", "bert", "Anna", "admin"] == listed("sort=-email")
    assert ["joanna", "Anna", "bert", "admin"] == listed("sort=-createdAt")
    [anna] = tm.get("/users?name=Anna").json["data"][:1]
    tm.patch(f"/users/{anna['id']}", {"email": "anna@example.org"})
    assert "Anna" == listed("sort=-updatedAt,name")[0]
    answer = tm.get("/users?limit=2&offset=2")
    assert ["Anna", "joanna"] == names(answer)
    expected = {"total": 4, "limit": 2, "offset": 2, "hasMore": False}
    assert expected == answer.json["pagination"]
    links = relations(answer.headers["Link"])
    assert links["prev"].endswith("/v1/users?limit=2&offset=0")
    for query in ("sort=role", "role=boss", "limit=101", "search=ann", "name="):
        error(tm.get(f"/users?{query}"), 400, "invalid_parameters")


def test_tm_75_a_change_answers_the_user_or_nothing(tm: Tm) -> None:
    ann = tm.person("ann")
    path = f"/users/{ann.id}"
    user = tm.get(path).json

    for body in (None, {}, {"id": NOBODY, "createdAt": "x", "updatedAt": "x"}):
        answer = tm.patch(path, body)
        assert (204, b"") == (answer.status, answer.body)
    answer = tm.patch(path, {**user, "name": "Anna"})
    assert (200, "Anna") == (answer.status, answer.json["name"])
    assert {**user, "name": "Anna"} == {**answer.json, "updatedAt": user["updatedAt"]}
    assert (200, "me@example.com") == (
        (own := tm.patch(path, {"email": "me@example.com"}, by=ann)).status,
        own.json["email"],
    )
    denied(tm.patch(f"/users/{tm.admin()}", {}, by=ann))


def test_tm_76_nobody_changes_their_own_role(tm: Tm) -> None:
    for role, other in (("admin", "member"), ("manager", "admin"), ("member", "manager")):
        one = tm.person(f"some-{role}", role)
        denied(tm.patch(f"/users/{one.id}", {"role": other, "name": "New"}, by=one))
        assert (role, f"some-{role}") == tuple(
            tm.get(f"/users/{one.id}").json[name] for name in ("role", "name")
        )


def test_tm_77_a_manager_makes_managers_of_members_and_no_admins(tm: Tm) -> None:
    boss, ann, bob = tm.person("boss", "manager"), tm.person("ann"), tm.person("bob")

    denied(tm.patch(f"/users/{ann.id}", {"role": "admin"}, by=boss))
    answer = tm.patch(f"/users/{ann.id}", {"role": "manager"}, by=boss)
    assert (200, "manager") == (answer.status, answer.json["role"])
    denied(tm.patch(f"/users/{ann.id}", {"name": "Other"}, by=boss))
    denied(tm.patch(f"/users/{bob.id}", {"name": "Other"}, by=tm.person("eve")))
    assert "admin" == tm.patch(f"/users/{ann.id}", {"role": "admin"}).json["role"]


def test_tm_78_79_80_a_user_with_tasks_is_deleted_by_force_only(tm: Tm) -> None:
    ann = tm.person("ann")
    mine = tm.task("Mine", by=ann, assigneeId=ann.id)
    tm.task("For me", assigneeId=ann.id, status="DONE")

    said = error(tm.delete(f"/users/{ann.id}"), 409, "resource_conflict")
    assert "Cannot delete user with assigned tasks" == said["message"]
    assert {"assignedTaskCount": 2} == said["details"]
    assert 409 == tm.delete(f"/users/{ann.id}?force=false").status
    error(tm.delete(f"/users/{ann.id}?force=yes"), 400, "invalid_parameters")
    answer = tm.delete(f"/users/{ann.id}?force=true")

    assert (204, b"") == (answer.status, answer.body)
    task = tm.get(f"/tasks/{mine['id']}").json
    assert (None, None) == (task["assigneeId"], task["createdBy"])
    error(tm.get(f"/users/{ann.id}"), 404, "resource_not_found")
    error(tm.get("/tasks", by=ann), 401, "invalid_authentication")
    assert [] == tm.listed(f"createdBy={ann.id}")


def test_tm_80_the_tasks_of_a_deleted_creator_stay(tm: Tm) -> None:
    ann = tm.person("ann")
    task = tm.task(by=ann)

    assert 204 == tm.delete(f"/users/{ann.id}").status

    expected: dict[str, Any] = {**task, "createdBy": None}
    assert expected == tm.get(f"/tasks/{task['id']}").json


def test_tm_81_an_admin_stays(tm: Tm) -> None:
    other = tm.person("other", "admin")
    workspace = Person(id="", email="", key=tm.api.post("/keys", {"name": "x"}).json["key"])

    denied(tm.delete(f"/users/{tm.admin()}"))
    denied(tm.delete(f"/users/{other.id}", by=other))
    assert 204 == tm.delete(f"/users/{other.id}").status
    error(tm.delete(f"/users/{tm.admin()}?force=true", by=workspace), 409, "resource_conflict")
    error(
        tm.patch(f"/users/{tm.admin()}", {"role": "member"}, by=workspace), 409, "resource_conflict"
    )
    assert ["admin"] == names(tm.get("/users"))


def test_tm_82_managers_delete_members_and_members_nobody(tm: Tm) -> None:
    boss, ann, bob = tm.person("boss", "manager"), tm.person("ann"), tm.person("bob")
    other = tm.person("other", "manager")

    denied(tm.delete(f"/users/{other.id}", by=boss))
    denied(tm.delete(f"/users/{boss.id}", by=boss))
    denied(tm.delete(f"/users/{tm.admin()}", by=boss))
    denied(tm.delete(f"/users/{bob.id}", by=ann))
    denied(tm.delete(f"/users/{ann.id}", by=ann))
    assert 204 == tm.delete(f"/users/{bob.id}", by=boss).status
    assert ["admin", "boss", "ann", "other"] == names(tm.get("/users"))
