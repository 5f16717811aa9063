"""Errors and what all answers share: shapes, statuses, headers, and nothing told by accident."""

import logging
from typing import NoReturn

import pytest
from flask import Flask
from hypothesis import given
from hypothesis import strategies as st

from taskloom import errors
from taskloom.engine.engine import Engine
from taskloom.errors import (
    Conflict,
    Fault,
    Invalid,
    NotAllowed,
    TaskloomError,
    TooMany,
    TooSlow,
    Unavailable,
    Unexpected,
)
from taskloom.wire.app import create_app
from taskloom.wire.base import DIALECTS, Limits
from taskloom.wire.errors import USUAL
from taskloom.wire.flowdash.errors import by_name, render
from taskloom.wire.telling import dialect_of
from tests.wire.api import Api
from tests.wire.conftest import Ask

TASKS = "/workflows/sales-pipeline/tasks"
PROBLEM = {"Accept": "application/problem+json"}
TITLES = {"value": "Contract Value", "name": "value", "_stage": "Stage"}


def every_class() -> list[type[TaskloomError]]:
    """List all error classes."""
    members = vars(errors).values()
    return [m for m in members if isinstance(m, type) and issubclass(m, TaskloomError)]


def test_every_error_has_a_status() -> None:
    assert set(every_class()) == set(USUAL)


@pytest.mark.parametrize("kind", every_class())
def test_every_error_has_a_shape(kind: type[TaskloomError]) -> None:
    error = Invalid([]) if kind is Invalid else kind("so it is")

    answer = render(error)

    assert USUAL[kind] == answer.status
    expected = {"errors"} if kind is Invalid else {"error"}
    assert isinstance(answer.body, dict)
    assert expected == set(answer.body)


@pytest.mark.parametrize(
    ("error", "name", "value"),
    [
        (TooMany("slowly", retry_after=7), "Retry-After", "7"),
        (Unavailable("later"), "Retry-After", "2"),
        (NotAllowed("no", allow=["GET", "PUT"]), "Allow", "GET, PUT"),
        (errors.Unauthenticated("who"), "WWW-Authenticate", "Bearer"),
    ],
)
def test_errors_bring_the_headers_they_need(error: TaskloomError, name: str, value: str) -> None:
    assert value == render(error).headers[name]


@pytest.mark.parametrize("error", [Conflict("x"), TooSlow("x"), Unexpected("x")])
def test_other_errors_bring_none(error: TaskloomError) -> None:
    assert {} == render(error).headers


def fault(*path: str | int, code: str = "minimum", hint: str = "") -> Fault:
    """Make a fault."""
    return Fault(path=path, code=code, message="must be more", hint=hint)


@pytest.mark.parametrize(
    ("made", "told"),
    [
        (fault("value", code="invalid"), {"Contract Value": ["is invalid"]}),
        (fault("value", 0, "x", code="invalid"), {"Contract Value": ["is invalid"]}),
        (fault("_stage", code="no_such_user"), {"Stage": ["is invalid"]}),
        (fault("value", code="blank"), {"Contract Value": ["can't be blank"]}),
        (fault("value", code="taken"), {"Contract Value": ["has already been taken"]}),
        (fault("value", code="not_editable"), {"Contract Value": ["is not editable"]}),
        (fault("value", code="too_many_files"), {"Contract Value": ["has too many attachments"]}),
        (fault("value"), {"Contract Value": ["must be more"]}),
        (fault("value", hint="say 5"), {"Contract Value": ["must be more; say 5"]}),
        (fault("value", 2, "price"), {"Contract Value": ["[2].price must be more"]}),
        (fault("value", code="unknown"), {"value": ["must be more"]}),
        (fault("elsewhere"), {"elsewhere": ["must be more"]}),
        (fault(), {"base": ["must be more"]}),
    ],
)
def test_a_fault_is_told_by_title(made: Fault, told: object) -> None:
    assert told == by_name([made, made], TITLES)


@pytest.mark.parametrize(
    ("made", "told"),
    [
        (fault("properties", "a", "type", code="invalid"), {"properties.a.type": ["must be more"]}),
        (fault("workflow", "stages", 1), {"workflow.stages[1]": ["must be more"]}),
        (fault(hint="say 5"), {"base": ["must be more; say 5"]}),
    ],
)
def test_without_titles_a_fault_is_told_by_its_whole_path(made: Fault, told: object) -> None:
    assert told == by_name([made], None)


def test_invalid_data_as_a_problem(api: Api) -> None:
    body = {"Contract Value": "x", "Nane": 1, "Documents": [{"blobId": ""}]}

    answer = api.post(TASKS, body, headers=PROBLEM)

    assert (422, "application/problem+json") == (answer.status, answer.headers["Content-Type"])
    assert {"type", "title", "status", "detail", "code", "faults"} == set(answer.json)
    told = {tuple(fault["path"]): fault for fault in answer.json["faults"]}
    assert {("Contract Value",), ("Nane",), ("Documents", 0, "blobId")} == set(told)
    assert ("value", "invalid") == (
        told[("Contract Value",)]["key"],
        told[("Contract Value",)]["code"],
    )
    assert "unknown" == told[("Nane",)]["code"]


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [("GET", "/nowhere", 404), ("PATCH", TASKS, 405), ("GET", f"{TASKS}/unknown", 404)],
)
def test_any_error_comes_as_a_problem_on_request(
    api: Api, method: str, path: str, status: int
) -> None:
    answer = api.request(method, path, headers=PROBLEM)

    assert (status, status) == (answer.status, answer.json["status"])
    assert "faults" not in answer.json
    assert "application/json" == api.request(method, path).headers["Content-Type"]


@pytest.mark.parametrize("accept", ["*/*", "application/*", "application/problem+json;q=0", "x"])
def test_a_problem_has_to_be_asked_for_by_name(api: Api, accept: str) -> None:
    answer = api.get("/nowhere", headers={"Accept": accept})

    assert {"error"} == set(answer.json)


@pytest.mark.parametrize(
    ("method", "path", "allowed"),
    [
        ("PATCH", TASKS, {"GET", "HEAD", "OPTIONS", "POST", "PUT"}),
        ("POST", f"{TASKS}/42", {"DELETE", "GET", "HEAD", "OPTIONS"}),
        ("PUT", "/workspace", {"GET", "HEAD", "OPTIONS"}),
    ],
)
def test_405_says_what_is_possible(api: Api, method: str, path: str, allowed: set[str]) -> None:
    answer = api.request(method, path, {})

    assert (405, {"error"}) == (answer.status, set(answer.json))
    assert allowed == set(answer.headers["Allow"].split(", "))


def test_options_and_head_are_sane(api: Api) -> None:
    options = api.request("OPTIONS", TASKS)
    head = api.request("HEAD", f"{TASKS}/unknown")

    assert (200, b"") == (options.status, options.body)
    assert {"GET", "POST", "PUT"} < set(options.headers["Allow"].split(", "))
    assert (404, b"") == (head.status, head.body)


@pytest.mark.parametrize(
    "path", ["/nothing", "/apis", "/apix/v1", "/healthz/x", "/v9", "/%2e%2e/etc"]
)
def test_a_path_of_no_dialect_is_404_in_the_native_one(ask: Ask, path: str) -> None:
    answer = ask("GET", path)

    assert (404, {"error": "there is nothing at this address"}) == (answer.status, answer.json)


@pytest.mark.parametrize("path", ["/api/v1/workspace", "/api/v1/nowhere", "/healthz"])
def test_every_answer_has_the_same_protection(ask: Ask, path: str) -> None:
    headers = ask("GET", path).headers

    assert "nosniff" == headers["X-Content-Type-Options"]
    assert "DENY" == headers["X-Frame-Options"]
    assert "same-origin" == headers["Referrer-Policy"]
    assert "default-src 'none'; frame-ancestors 'none'" == headers["Content-Security-Policy"]
    assert "no-store" == headers["Cache-Control"]


@pytest.mark.parametrize(
    ("given", "kept"),
    [("abc-1.2_3", True), ("x" * 64, True), ("x" * 65, False), ("a b", False), ("", False)],
)
def test_a_request_has_an_id(ask: Ask, given: str, kept: bool) -> None:
    answered = ask("GET", "/healthz", headers={"X-Request-Id": given}).headers["X-Request-Id"]

    assert kept == (answered == given)
    assert answered


def test_probes_tell_of_process_and_database(engine: Engine, limits: Limits, ask: Ask) -> None:
    broken = create_app(engine, limits, lambda: False).test_client()

    assert (200, {"status": "ok"}) == (ask("GET", "/healthz").status, ask("GET", "/healthz").json)
    assert (200, {"status": "ok"}) == (ask("GET", "/readyz").status, ask("GET", "/readyz").json)
    assert 200 == broken.get("/healthz").status_code
    assert 503 == broken.get("/readyz").status_code


class TestOwnMistakes:
    """What happens when something breaks that nobody foresaw."""

    @pytest.fixture
    def app(self, engine: Engine, limits: Limits) -> Flask:
        def boom() -> NoReturn:
            raise RuntimeError("secret detail")

        made = create_app(engine, limits, lambda: True)
        made.add_url_rule("/boom", view_func=boom)
        return made

    def test_our_own_mistake_tells_a_reference_only(
        self, ask: Ask, caplog: pytest.LogCaptureFixture
    ) -> None:
        with caplog.at_level(logging.ERROR):
            answer = ask("GET", "/boom")

        assert 500 == answer.status
        assert b"secret" not in answer.body
        reference = answer.headers["X-Request-Id"]
        assert reference in answer.json["error"]
        assert reference in caplog.text
        assert "secret detail" in caplog.text


@given(st.text(max_size=60))
def test_every_path_has_a_dialect(path: str) -> None:
    assert dialect_of(f"/{path}").name in DIALECTS


def test_the_longest_prefix_wins() -> None:
    assert "flowdash" == dialect_of("/api/v1/workflows").name
    assert "flowdash" == dialect_of("/api/v10/x").name


@pytest.mark.parametrize("header", ["bearer {}", "BEARER {}", "Bearer   {}", "  Bearer {}  "])
def test_the_schemes_case_and_blanks_do_not_matter(api: Api, header: str) -> None:
    answer = api.get("/workspace", key=None, headers={"Authorization": header.format(api.key)})

    assert (200, "main") == (answer.status, answer.json["name"])


@pytest.mark.parametrize(
    "header", ["Basic {}", "{}", "Token {}", "Bearer x{}", "Bearer {} x", "Bearer \x00"]
)
def test_other_schemes_and_keys_are_401(api: Api, header: str) -> None:
    answer = api.get("/workspace", key=None, headers={"Authorization": header.format(api.key)})

    assert (401, {"error": "Unauthorized"}) == (answer.status, answer.json)
    assert "Bearer" == answer.headers["WWW-Authenticate"]
