"""What holds for every dialect of the registry: errors of its own, documents, one host for all."""

import json
import logging
from collections.abc import Callable, Iterator, Mapping
from typing import Any

import pytest
from flask import Flask, Response, request

from taskloom.engine.engine import Engine
from taskloom.engine.founding import Founded
from taskloom.errors import (
    ASSIGNEE,
    STAGE,
    Conflict,
    Fault,
    Forbidden,
    Invalid,
    Malformed,
    NotAllowed,
    TaskloomError,
    TooLarge,
    TooMany,
    Unauthenticated,
    Unexpected,
    Unsupported,
)
from taskloom.wire.answer import encode
from taskloom.wire.app import create_app
from taskloom.wire.auth import actor_of
from taskloom.wire.base import DIALECTS, Limits
from taskloom.wire.mounts import inside, is_mounted
from tests.wire.am import Am, admin_member
from tests.wire.api import Api, Reply, sample
from tests.wire.conftest import KEY, Ask
from tests.wire.openapi import assert_valid, operations
from tests.wire.tm import Tm, task_management
from tests.wire.validating import body_faults, document_of, static_document
from tests.wire.wk import Wk, workiva

MOUNTED = [name for name, dialect in sorted(DIALECTS.members().items()) if is_mounted(dialect)]
HOMES = {"/api/v1/workflows/sales-pipeline/tasks": "flowdash", "/v1/tasks": "task-management"} | {
    "/api/tasks": "admin-member",
    "/tasks": "workiva",
}
"""Where each dialect lists tasks."""


# --- errors ----------------------------------------------------------------------------------


def kinds_of_error(base: type[TaskloomError]) -> Iterator[type[TaskloomError]]:
    """Yield a class of error and every one below it."""
    yield base
    for kind in base.__subclasses__():
        yield from kinds_of_error(kind)


def fault(*path: str | int, code: str = "invalid") -> Fault:
    return Fault(path=path, code=code, message="must be otherwise", hint="try another")


TOLD: Mapping[str, TaskloomError] = {
    "faults everywhere": Invalid(
        [
            fault(),
            fault("title"),
            fault(STAGE),
            fault(ASSIGNEE, code="no_such_user"),
            fault("tags", 3),
            fault("x", "y", 0, code="unknown"),
        ]
    ),
    "one unknown person": Invalid([fault(ASSIGNEE, code="no_such_user")]),
    **{
        f"{reason} credential": Unauthenticated("who is it?", reason=reason)
        for reason in ("missing", "invalid", "expired")
    },
    **{
        f"may not {verb}": Forbidden("this is not allowed", verb=verb)
        for verb in ("read", "update", "delete", "assign", "move", "field", "scope", "act")
    },
    "a taken e-mail": Conflict("somebody has the e-mail already", email=True),
    "assigned tasks": Conflict("Cannot delete user with assigned tasks", assignedTaskCount=3),
    "a method too many": NotAllowed("POST is not possible here", allow=["GET", "HEAD"]),
    **{
        f"too many a {window}": TooMany(
            "too many requests",
            limit=60,
            remaining=0,
            reset_at=1_700_000_000_000,
            retry_after=7,
            window=window,
        )
        for window in ("minute", "day")
    },
    "our own mistake": Unexpected("something went wrong here; reference abc", reference="abc"),
}
ERRORS: Mapping[str, Callable[[], TaskloomError]] = {
    **{
        f"any {kind.__name__}": lambda kind=kind: kind("said plainly")  # type: ignore[misc] # bound now
        for kind in kinds_of_error(TaskloomError)
        if not issubclass(kind, Invalid)
    },
    **{name: lambda error=error: error for name, error in TOLD.items()},  # type: ignore[misc] # as above
}


@pytest.mark.parametrize("name", sorted(DIALECTS))
def test_every_error_has_a_status_and_a_documented_body_in_every_dialect(
    app: Flask, name: str
) -> None:
    document = document_of(app, name) if name in MOUNTED else static_document(app)
    schemas = document["components"]["schemas"]

    for what, made in ERRORS.items():
        error = made()
        told = DIALECTS[name].render(error)

        assert 400 <= told.status < 600, what
        schema = schemas["Errors" if isinstance(error, Invalid) else "Error"]
        assert [] == body_faults(document, schema, encode(told.body)), what
        assert all(isinstance(value, str) for value in told.headers.values()), what


@pytest.mark.parametrize("name", sorted(DIALECTS))
def test_errors_have_the_status_of_their_class_in_every_dialect(name: str) -> None:
    statuses = {what: DIALECTS[name].render(made()).status for what, made in ERRORS.items()}

    assert {401} == {status for what, status in statuses.items() if "credential" in what}
    assert {403} == {status for what, status in statuses.items() if what.startswith("may not")}
    expected = {
        "any Unauthenticated": 401,
        "any Forbidden": 403,
        "any NotFound": 404,
        "any NotAllowed": 405,
        "any Conflict": 409,
        "any TooMany": 429,
        "any Unexpected": 500,
        "any TaskloomError": 500,
        "any Unavailable": 503,
        "any TooSlow": 503,
    }
    assert expected == {what: statuses[what] for what in expected}


@pytest.mark.parametrize("name", sorted(DIALECTS))
def test_headers_of_an_error_are_those_of_http(name: str) -> None:
    render = DIALECTS[name].render

    assert "7" == render(TOLD["too many a minute"]).headers["Retry-After"]
    assert "GET, HEAD" == render(TOLD["a method too many"]).headers["Allow"]
    assert "Bearer" in render(TOLD["missing credential"]).headers["WWW-Authenticate"]


OF_BODIES = (Malformed("x"), TooLarge("x"), Unsupported("x"), TOLD["faults everywhere"])
"""What any operation with a body may be answered with."""


# --- documents -------------------------------------------------------------------------------


@pytest.mark.parametrize("name", MOUNTED)
def test_the_document_of_a_dialect_is_valid_and_whole(app: Flask, ask: Ask, name: str) -> None:
    document = ask("GET", f"/openapi/{name}.json").json

    statuses = {str(DIALECTS[name].render(error).status) for error in OF_BODIES}
    assert_valid(document, bodied=frozenset(statuses))
    assert [{"url": DIALECTS[name].mount or "/"}] == document["servers"]
    prefix = inside(name)
    routes = {
        (rule.rule.removeprefix(prefix).replace("<", "{").replace(">", "}"), method.lower())
        for rule in app.url_map.iter_rules()
        for method in (rule.methods or set()) - {"HEAD", "OPTIONS"}
        if rule.rule.startswith(f"{prefix}/")
    }
    assert routes == {(path, method) for path, method, _ in operations(document)}


@pytest.mark.parametrize("name", MOUNTED)
def test_a_document_gives_errors_the_statuses_that_the_dialect_gives_them(
    app: Flask, name: str
) -> None:
    document = document_of(app, name)

    invalid = str(DIALECTS[name].render(Invalid([])).status)
    for path, method, operation in operations(document):
        named = {
            response["$ref"].rpartition("/")[2]: status
            for status, response in operation["responses"].items()
            if "$ref" in response
        }
        assert invalid == named.get("Invalid", invalid), f"{method} {path}"


@pytest.mark.parametrize("name", MOUNTED)
def test_every_route_of_a_dialect_lies_below_its_roots(app: Flask, name: str) -> None:
    document, roots = document_of(app, name), tuple(DIALECTS[name].roots)

    assert [] == [path for path in document["paths"] if not path.startswith(roots)]
    assert all(any(path.startswith(root) for path in document["paths"]) for root in roots)


def test_the_documents_of_all_dialects_are_listed(ask: Ask) -> None:
    index = ask("GET", "/docs").body.decode()

    for name in MOUNTED:
        assert f'href="/docs/{name}"' in index
        assert f'data-document="/openapi/{name}.json"' in ask(
            "GET", f"/docs/{name}"
        ).body.decode() or (f"/openapi/{name}.json" in ask("GET", f"/docs/{name}").body.decode())


@pytest.mark.parametrize("path", ["/openapi/flowdash.json", "/openapi/x.json", "/docs/x"])
def test_no_other_dialect_has_a_document(ask: Ask, path: str) -> None:
    assert 404 == ask("GET", path).status


# --- one host for all ------------------------------------------------------------------------


@pytest.fixture
def tm(api: Api, ask: Ask) -> Tm:
    return task_management(api, ask)


@pytest.fixture
def am(api: Api, ask: Ask) -> Am:
    return admin_member(api, ask)


@pytest.fixture
def wk(api: Api, ask: Ask) -> Wk:
    return workiva(api, ask)


def lists(ask: Ask, key: str) -> dict[str, Reply]:
    """Ask every dialect for its tasks."""
    headers = {"Authorization": f"Bearer {key}"}
    return {name: ask("GET", path, headers=headers) for path, name in HOMES.items()}


def counts(answers: Mapping[str, Reply]) -> Mapping[str, int]:
    """Count the tasks that each dialect lists."""
    return {
        name: len(answer.json if isinstance(answer.json, list) else answer.json["data"])
        for name, answer in answers.items()
    }


def fill(api: Api, tm: Tm, am: Am, wk: Wk) -> None:
    """Make a task in every dialect, as the first admin."""
    assert 201 == api.post("/workflows/sales-pipeline/tasks", sample()).status
    tm.task("seen by its own people")
    am.task(title="seen by its own people")
    wk.task("seen by its own people")


def test_xs_1_a_credential_works_on_every_facade_within_the_users_rights(
    ask: Ask, api: Api, tm: Tm, am: Am, wk: Wk
) -> None:
    fill(api, tm, am, wk)
    member = api.user("ann@example.com")
    login = am.post("/auth/login", {"email": "admin@example.com", "password": "secret"}, key=None)
    token = wk.token(
        {"grant_type": "client_credentials", "client_id": "admin@example.com", "client_secret": KEY}
    )

    for credential in (KEY, login.json["token"], token.json["access_token"]):
        answers = lists(ask, credential)
        assert {200} == {answer.status for answer in answers.values()}
        assert {1} == set(counts(answers).values())

    seen = counts(lists(ask, member))
    assert {"flowdash": 1, "workiva": 1} == {name: count for name, count in seen.items() if count}


def test_xs_1_a_credential_of_another_workspace_sees_nothing(
    ask: Ask, api: Api, tm: Tm, am: Am, wk: Wk
) -> None:
    fill(api, tm, am, wk)
    stranger = api.other_workspace()
    bearer = {"Authorization": f"Bearer {stranger}", "Content-Type": "application/json"}

    assert {404} == {answer.status for answer in lists(ask, stranger).values()}

    api.put("/workflows/task-management", json.loads(_file(api, "task-management")), key=stranger)
    api.put("/workflows/team-tasks", json.loads(_file(api, "team-tasks")), key=stranger)
    api.put("/workflows/approvals", json.loads(_file(api, "approvals")), key=stranger)
    api.put("/workflows/sales-pipeline", json.loads(_file(api, "sales-pipeline")), key=stranger)
    assert {0} == set(counts(lists(ask, stranger)).values())

    tasks = {
        "/v1/tasks": tm.get("/tasks").json["data"][0]["id"],
        "/api/tasks": am.get("/tasks").json[0]["_id"],
        "/tasks": wk.list().json["data"][0]["id"],
    }
    for path, task in tasks.items():
        there = [ask(method, f"{path}/{task}", headers=bearer) for method in ("GET", "DELETE")]
        assert [404, 404] == [answer.status for answer in there], path
    users = [user["id"] for user in api.get("/users").json]
    assert 404 == ask("GET", f"/v1/users/{users[0]}", headers=bearer).status
    assert 404 == ask("GET", f"/api/users/{users[0]}", headers=bearer).status
    named = {"title": "given to a stranger", "assigneeId": users[0]}
    given = ask("POST", "/v1/tasks", headers=bearer, body=json.dumps(named).encode())
    assert given.status in {404, 422}


def _file(api: Api, workflow: str) -> bytes:
    accept = {"Accept": "application/schema+json"}
    return api.get(f"/workflows/{workflow}", headers=accept).body


SHAPES: Mapping[str, Callable[[Any], bool]] = {
    "flowdash": lambda body: list(body) == ["error"] and isinstance(body["error"], str),
    "task-management": lambda body: (
        list(body) == ["error"] and {"code", "message"} <= body["error"].keys()
    ),
    "admin-member": lambda body: {"message"} <= body.keys() <= {"message", "error"},
    "workiva": lambda body: {"code", "message", "version", "details"} <= body.keys(),
}


@pytest.fixture
def broken(engine: Engine, limits: Limits, founded: Founded) -> Flask:
    """An app of which every dialect has a route that fails by a mistake of our own."""
    app = create_app(engine, limits, lambda: True)
    for name in DIALECTS:
        path = "/api/v1" if name not in MOUNTED else inside(name) + DIALECTS[name].roots[0]

        def fail() -> Response:
            actor_of(request, engine)
            raise RuntimeError("a secret of ours")

        app.add_url_rule(f"{path}/boom", f"boom-{name}", fail)
    return app


def test_xs_2_each_facade_spells_404_405_and_500_in_its_own_words(
    broken: Flask, caplog: pytest.LogCaptureFixture
) -> None:
    client = broken.test_client()
    bearer = {"Authorization": f"Bearer {KEY}"}
    homes = {"flowdash": "/api/v1", "task-management": "/v1", "admin-member": "/api", "workiva": ""}

    for name, home in homes.items():
        root = "" if name == "flowdash" else DIALECTS[name].roots[0]
        with caplog.at_level(logging.CRITICAL, logger="taskloom.wire"):
            told = {
                404: client.get(f"{home}{root}/nothing/at/all/here", headers=bearer),
                405: client.open(f"{home}{root}/boom", method="LOCK", headers=bearer),
                500: client.get(f"{home}{root}/boom", headers=bearer),
            }
        assert list(told) == [answer.status_code for answer in told.values()], name
        for status, answer in told.items():
            assert SHAPES[name](answer.json), f"{name} {status}: {answer.data!r}"
            assert b"secret" not in answer.data
        assert "GET" in told[405].headers["Allow"]


def test_xs_3_all_four_facades_answer_on_one_host(
    ask: Ask, api: Api, tm: Tm, am: Am, wk: Wk
) -> None:
    fill(api, tm, am, wk)

    answers = lists(ask, KEY)
    home = ask("GET", "/")

    assert {200} == {answer.status for answer in answers.values()}
    assert "Company ID" in answers["flowdash"].json[0]
    assert {"data", "pagination"} == set(answers["task-management"].json)
    assert "todoChecklist" in answers["admin-member"].json[0]
    assert {"data"} == set(answers["workiva"].json)
    assert home.status in {200, 302}
    assert [200, 200, 200] == [
        ask("GET", path).status for path in ("/healthz", "/openapi.json", "/docs")
    ]


def test_xs_3_no_address_belongs_to_two_facades(app: Flask) -> None:
    addresses: dict[str, list[str]] = {}
    for name in MOUNTED:
        mount = (DIALECTS[name].mount or "").rstrip("/")
        for path in document_of(app, name)["paths"]:
            addresses.setdefault(mount + path, []).append(name)
    for path in static_document(app)["paths"]:
        addresses.setdefault(path, []).append("flowdash")

    assert [] == [path for path, names in addresses.items() if len(names) > 1]


def test_every_dialect_has_a_home_in_these_tests() -> None:
    assert sorted(HOMES.values()) == sorted(DIALECTS)
