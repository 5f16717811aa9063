"""The last calls on a workflow: noted as they are answered, told to who writes programs."""

import json
from typing import Any

import pytest
from flask import Flask
from werkzeug.datastructures import Headers
from werkzeug.test import EnvironBuilder, run_wsgi_app

from taskloom.engine.engine import Engine
from taskloom.storage.client import Database
from taskloom.wire import calls
from taskloom.wire.calls import Calls
from taskloom.wire.secretless import secretless, secretless_query
from tests.wire import conftest
from tests.wire.api import Api

WORKFLOW = "/workflows/sales-pipeline"
TASKS = f"{WORKFLOW}/tasks"
CALLS = f"{WORKFLOW}/calls"


@pytest.fixture
def noting(app: Flask, engine: Engine, monkeypatch: pytest.MonkeyPatch) -> Calls:
    """Let all requests of a test pass by what notes them, as they do in a server."""
    made = Calls(app.wsgi_app, engine)

    def run(_app: object, environ: dict[str, Any], **rest: Any) -> Any:
        return run_wsgi_app(made, environ, **rest)

    monkeypatch.setattr(conftest, "run_wsgi_app", run)
    return made


def told(api: Api, noting: Calls, **rest: Any) -> list[dict[str, Any]]:
    noting.flush()
    answer = api.get(CALLS, **rest)
    assert 200 == answer.status
    found: list[dict[str, Any]] = answer.json
    return found


def person(api: Api, email: str, role: str) -> str:
    """Make a user, and give a key of that user."""
    body = {"email": email, "role": role, "password": "long enough for all"}
    assert 201 == api.post("/users", body).status
    key: str = api.post("/keys", {"user": email, "name": "k"}).json["key"]
    return key


def test_calls_of_both_lanes_are_told_with_their_answers(api: Api, noting: Calls) -> None:
    api.post(TASKS, {"Company ID": "1", "Company Name": "Käse"})
    api.get(f"{TASKS}/1?_fields=Company%20ID")
    api.get(f"{WORKFLOW}/fields")

    fields, one, new = told(api, noting)

    assert ("POST", f"/api/v1{TASKS}", "", 201) == tuple(
        new[name] for name in ("method", "path", "query", "status")
    )
    assert {"Company ID": "1", "Company Name": "Käse"} == json.loads(new["request"])
    assert "Käse" in new["answer"]
    assert "admin@example.com" == new["by"]["email"]
    assert ("GET", f"/api/v1{TASKS}/1", "_fields=Company%20ID", None) == tuple(
        one[name] for name in ("method", "path", "query", "request")
    )
    assert (f"/api/v1{WORKFLOW}/fields", 200) == (fields["path"], fields["status"])
    assert fields["answer"].startswith("[")
    assert 3 == len({call["id"] for call in (new, one, fields)})


def test_what_fails_is_told_too(api: Api, noting: Calls) -> None:
    api.post(TASKS, {"Company ID": "1", "Compny Name": "a"})
    api.get(f"{TASKS}/none")
    api.post(TASKS, b"{broken")
    api.get(TASKS, key="tl_" + "x" * 40)

    found = told(api, noting)

    assert [401, 400, 404, 422] == [call["status"] for call in found]
    assert found[0]["by"] is None
    assert "{broken" == found[1]["request"]
    assert "Company Name" in found[3]["answer"]


def test_calls_through_a_mount_belong_to_the_workflow_behind_it(api: Api, noting: Calls) -> None:
    source = (conftest.PIPELINE.parent / "task-management.json").read_text(encoding="utf-8")
    assert 201 == api.post("/workflows", source.encode()).status
    environ = EnvironBuilder(
        path="/v1/tasks", headers=Headers({"Authorization": f"Bearer {api.key}"})
    ).get_environ()
    answer, status, _ = run_wsgi_app(noting, environ, buffered=True)
    noting.flush()

    (call,) = api.get("/workflows/task-management/calls").json
    assert "/v1/tasks" == call["path"]
    assert "200" == status.split()[0] == str(call["status"])
    assert b"".join(answer).decode() == call["answer"]


def test_a_long_body_is_cut_and_one_that_is_no_text_left_out(api: Api, noting: Calls) -> None:
    rows = b"".join(
        b'{"Company ID": "%d", "Company Name": "%s"}\n' % (at, b"x" * 500) for at in range(20)
    )
    api.post(f"{TASKS}/bulk", rows, headers={"Content-Type": "application/x-ndjson"})
    api.get(TASKS)
    api.get(f"{TASKS}/export?format=xlsx")

    export, listed, bulk = told(api, noting)

    assert rows[: calls.LARGEST].decode() == bulk["request"]
    assert calls.LARGEST == len(listed["answer"].encode())
    assert (200, None) == (export["status"], export["answer"])


def test_nothing_secret_is_kept(api: Api, noting: Calls, database: Database) -> None:
    secret = "tl_" + "s" * 40
    api.post(TASKS, {"Company ID": "1", "password": "hunter2", "csrf_token": "abc", "X": secret})
    api.get(f"{TASKS}?token=hunter2&Company%20Name={secret}")

    found = told(api, noting)

    kept = str(list(database["calls"].find()))
    assert 2 == len(found)
    for text in (api.key, "hunter2", secret, '"abc"', "Bearer"):
        assert text not in kept


def test_the_web_app_is_no_caller(api: Api, noting: Calls) -> None:
    api.get(TASKS, key=None, headers={"Cookie": "taskloom_session=abc"})

    assert [] == told(api, noting)


def test_only_the_last_fifty_stay_and_asking_for_them_is_none(api: Api, noting: Calls) -> None:
    for at in range(30):
        api.get(f"{TASKS}/a{at}")
    noting.flush()
    noting._flushed -= 60  # noqa: SLF001 - as if a minute had gone by
    for at in range(30):
        api.get(f"{TASKS}/b{at}")

    found = told(api, noting)

    assert [f"b{at}" for at in reversed(range(30))] == [
        c["path"][-3:].strip("/") for c in found[:30]
    ]
    assert 50 == len(found) == len(told(api, noting))


def test_of_too_many_at_once_those_that_failed_are_kept(api: Api, noting: Calls) -> None:
    api.get(f"{TASKS}/none")
    for _ in range(80):
        api.get(TASKS)

    statuses = [call["status"] for call in told(api, noting)]

    assert 50 == len(statuses)
    assert 404 in statuses


def test_who_may_not_see_all_of_a_workflow_has_only_calls_of_their_own(
    api: Api, noting: Calls
) -> None:
    member, manager = (
        person(api, "member@example.com", "member"),
        person(api, "manager@example.com", "manager"),
    )
    api.get(TASKS)
    noting.flush()

    assert 403 == api.get(CALLS, key=member).status
    assert 404 == api.get(CALLS, key=api.new_workspace()).status
    assert 1 == len([c for c in told(api, noting, key=manager) if c["path"].endswith("/tasks")])

    blind = {"name": "Blind", "id": "blind", "for": ["manager"], "see": ["assigned"]}
    full = api.get(WORKFLOW, headers={"Accept": "application/schema+json"}).json
    full["workflow"]["roles"] = [{**blind}]
    assert 200 == api.put(WORKFLOW, full).status
    api.get(f"{TASKS}/mine", key=manager)

    assert {"manager@example.com"} == {c["by"]["email"] for c in told(api, noting, key=manager)}
    assert "admin@example.com" in {(c["by"] or {}).get("email") for c in told(api, noting)}


@pytest.mark.parametrize(
    ("text", "kept"),
    [
        ('{"password": "a\\"b", "x": 1}', '{"password": "…", "x": 1}'),
        ('{"New Password":12, "x": 1}', '{"New Password":"…", "x": 1}'),
        ('{"accessToken": "abc', '{"accessToken": "…"'),
        ('{"id": "1", "key": "tl_abc"}', '{"id": "1", "key": "…"}'),
        ("see tl_0123456789abcdef here", "see … here"),
        ("Bearer abcdefgh.ijk", "…"),
        ('{"Company": "passes"}', '{"Company": "passes"}'),
    ],
)
def test_secrets_are_found_by_name_and_by_shape(text: str, kept: str) -> None:
    assert kept == secretless(text)


def test_secrets_in_addresses_are_found_too() -> None:
    assert "a=1&api_key=…&b" == secretless_query("a=1&api_key=x&b")
    assert "q=…" == secretless_query("q=tl_0123456789")
