"""Where dialects are served: default mounts, mounts of facades, and who may claim which."""

import json
import logging
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from hypothesis import given
from hypothesis import strategies as st

from taskloom.app.composition import make_engine, open_ports
from taskloom.app.shipping import push_all
from taskloom.config import Settings
from taskloom.engine.engine import Engine
from taskloom.errors import Invalid, Unavailable
from taskloom.storage.client import Database
from taskloom.wire.base import DIALECTS
from taskloom.wire.mounts import FIXED, INSIDE, Mounted, default_mounts, find, is_below
from tests.wire.api import Api
from tests.wire.conftest import KEY, Ask

TM = "task-management"
TABLE = {"/v1": TM, "/api": "admin-member", "/": "workiva", "/crm/v1": TM, "/v1/deep": "workiva"}
DOCUMENTED = {"/v1": TM, "/api": "admin-member", "/": "workiva"}


@pytest.mark.parametrize(
    ("path", "dialect", "mount", "below"),
    [
        ("/v1", TM, "/v1", ""),
        ("/v1/", TM, "/v1", ""),
        ("/v1/tasks", TM, "/v1", "/tasks"),
        ("/v1//tasks/", TM, "/v1", "//tasks"),
        ("/v1/t\xc3\xa4sks/%2F?", TM, "/v1", "/t\xc3\xa4sks/%2F?"),
        ("/v1/deep", "workiva", "/v1/deep", ""),
        ("/v1/deep/tasks/1", "workiva", "/v1/deep", "/tasks/1"),
        ("/v1/deeper", TM, "/v1", "/deeper"),
        ("/crm/v1/users", TM, "/crm/v1", "/users"),
        ("/api/nothing", "admin-member", "/api", "/nothing"),
        ("/api/v10/tasks", "admin-member", "/api", "/v10/tasks"),
        ("/tasks", "workiva", "/", "/tasks"),
        ("/tasks/", "workiva", "/", "/tasks"),
        ("/iam/v1/oauth2/token", "workiva", "/", "/iam/v1/oauth2/token"),
    ],
)
def test_a_path_leads_to_its_longest_mount(path: str, dialect: str, mount: str, below: str) -> None:
    assert (Mounted(dialect=dialect, mount=mount), below) == find(path, TABLE)


@pytest.mark.parametrize(
    "path",
    [
        *("", "/", "//", "*", "v1", "v1/tasks", "/V1/tasks", "/v1x", "/crm", "/crm/v1x", "/tasksx"),
        *("/api/v1", "/api/v1/workflows", "/api/v1/tasks", "/docs/v1", "/healthz", "/login"),
        *("/iam", "/:task-management/tasks", "//v1/tasks", "/nothing"),
    ],
)
def test_other_paths_lead_to_no_mount(path: str) -> None:
    assert find(path, TABLE) is None


@given(st.text(max_size=40))
def test_nothing_of_a_path_is_lost(path: str) -> None:
    for start in ("/v1", "/crm/v1/", "/tasks/"):
        found = find(start + path, TABLE)

        if found is not None:
            mount = found[0].mount.rstrip("/")
            assert (start + path).removesuffix("/") == mount + found[1]


def test_the_default_mounts_are_those_of_the_documents() -> None:
    assert DOCUMENTED == default_mounts()


def test_no_fixed_address_of_the_app_is_left_out(app: Flask) -> None:
    paths = {rule.rule for rule in app.url_map.iter_rules() if not rule.rule.startswith(INSIDE)}

    fixed = [path.replace("<", "x").replace(">", "x") for path in paths - {"/"}]
    assert [] == [path for path in fixed if not is_below(path, FIXED)]


def test_no_route_of_a_dialect_redirects_to_an_inner_address(app: Flask) -> None:
    inner = [rule for rule in app.url_map.iter_rules() if rule.rule.startswith(INSIDE)]

    assert inner
    assert [] == [rule.rule for rule in inner if rule.rule.endswith("/") and rule.strict_slashes]


# --- before any workflow is there ------------------------------------------------------------

ELSEWHERE = ("/v1/nothing", "/api/nothing", "/tasks/a/b/c", "/v1", "/v1/")


def shape_of(body: Any) -> Any:
    """Tell how an error is spelt, without what it says."""
    if isinstance(body, Mapping):
        return {key: shape_of(value) for key, value in body.items() if key != "details"}
    return "…"


NOT_FOUND: Mapping[str, Any] = {
    TM: {"error": {"code": "…", "message": "…"}},
    "admin-member": {"message": "…"},
    "workiva": {"code": "…", "message": "…"},
}


@pytest.mark.parametrize(
    ("path", "dialect"), [*zip(ELSEWHERE, (TM, "admin-member", "workiva", TM, TM), strict=True)]
)
def test_an_unknown_path_under_a_mount_is_404_in_its_dialect(
    ask: Ask, path: str, dialect: str
) -> None:
    for answer in (ask(method, path) for method in ("GET", "POST", "DELETE")):
        assert 404 == answer.status
        assert NOT_FOUND[dialect].items() <= shape_of(answer.json).items()


def test_an_unknown_path_elsewhere_is_native(ask: Ask) -> None:
    for path in ("/api/v1/nothing", "/nothing", "/apis", "/api/v1", "/v2/tasks"):
        answer = ask("GET", path)
        told = {"error": "there is nothing at this address"}
        assert (404, told) == (answer.status, answer.json), path


@pytest.mark.parametrize(
    ("path", "dialect"), [("/v1/tasks", TM), ("/api/tasks", "admin-member"), ("/tasks", "workiva")]
)
def test_a_method_that_an_address_has_not_is_405_in_its_dialect(
    ask: Ask, path: str, dialect: str
) -> None:
    answer = ask("TRACE", path)

    assert 405 == answer.status
    assert NOT_FOUND[dialect].items() <= shape_of(answer.json).items()
    assert "GET" in answer.headers["Allow"]


@pytest.mark.parametrize("method", ["GET", "HEAD", "OPTIONS", "POST"])
def test_inner_addresses_are_no_addresses(ask: Ask, method: str) -> None:
    for name in (*DIALECTS, ""):
        assert 404 == ask(method, f"/:{name}/tasks").status


def test_a_head_and_an_options_request_reach_a_dialect(ask: Ask) -> None:
    headed, asked = ask("HEAD", "/v1/tasks"), ask("OPTIONS", "/v1/tasks")

    assert (401, b"") == (headed.status, headed.body)
    assert 200 == asked.status
    assert {"GET", "POST"} <= set(asked.headers["Allow"].split(", "))


def test_a_dialect_without_workflow_behind_it_is_404_for_who_has_a_key(ask: Ask) -> None:
    answers = [
        ask("GET", path, headers={"Authorization": f"Bearer {KEY}"})
        for path in ("/v1/tasks", "/api/tasks", "/tasks")
    ]

    assert [404, 404, 404] == [answer.status for answer in answers]


def test_a_path_that_is_no_text_is_404_in_its_dialect(ask: Ask) -> None:
    answer = ask("GET", "/v1/tasks/%FF")

    assert 404 == answer.status
    assert "error" in answer.json
    assert "message" in answer.json["error"]


# --- while the database is away --------------------------------------------------------------


def test_known_mounts_stay_while_the_database_is_away(
    ask: Ask, app: Flask, engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    def away() -> Mapping[str, str]:
        raise Unavailable("the database cannot be reached now")

    monkeypatch.setattr(engine.workflows, "mounts", lambda: {"/crm/v1": TM})
    assert 401 == ask("GET", "/crm/v1/tasks").status
    monkeypatch.setattr(engine.workflows, "mounts", away)

    client = app.test_client()
    assert 401 == client.get("/v1/tasks").status_code
    assert 401 == client.get("/crm/v1/tasks").status_code
    assert 503 == client.get("/other/v1/tasks").status_code
    assert 200 == client.get("/healthz").status_code
    assert 401 == client.get("/api/v1/workflows").status_code


# --- claims ----------------------------------------------------------------------------------


def file(name: str, *facades: Mapping[str, Any]) -> dict[str, Any]:
    """Make a workflow that fits Task Management."""
    return {
        "$id": name,
        "title": name.title(),
        "type": "object",
        "required": ["title"],
        "properties": {
            "title": {"title": "Title", "type": "string"},
            "priority": {"title": "Priority", "enum": ["LOW", "MEDIUM", "HIGH", "URGENT"]},
        },
        "workflow": {
            "stages": [
                {"name": name} for name in ("TODO", "IN_PROGRESS", "REVIEW", "DONE", "CANCELED")
            ],
            "facade": list(facades),
        },
    }


def at(mount: str, dialect: str = TM) -> Mapping[str, Any]:
    return {"dialect": dialect, "mount": mount}


def faults_of(api: Api, *facades: Mapping[str, Any], key: str | None = None) -> Sequence[Any]:
    sent = file("second", *facades)
    answer = api.put("/workflows/second", sent, key=key or KEY, headers=PROBLEMS)
    assert answer.status in {201, 422}, answer.json
    return [] if answer.status == 201 else answer.json["faults"]


PROBLEMS = {"Accept": "application/problem+json"}


def test_a_second_workflow_is_served_at_a_mount_of_its_own(ask: Ask, api: Api) -> None:
    api.put("/workflows/first", file("first", at("/v1")))
    api.put("/workflows/second", file("second", at("/crm/v1")))
    bearer = {"Authorization": f"Bearer {KEY}", "Content-Type": "application/json"}

    made = [
        ask("POST", f"{mount}/tasks", headers=bearer, body=json.dumps({"title": mount}).encode())
        for mount in ("/v1", "/crm/v1")
    ]

    assert [201, 201] == [answer.status for answer in made]
    assert f"http://localhost/crm/v1/tasks/{made[1].json['id']}" == made[1].headers["Location"]
    assert ["/v1"] == [task["Title"] for task in api.get("/workflows/first/tasks").json]
    assert ["/crm/v1"] == [task["Title"] for task in api.get("/workflows/second/tasks").json]
    assert 404 == ask("GET", f"/v1/tasks/{made[1].json['id']}", headers=bearer).status


def test_one_workflow_may_have_several_mounts(ask: Ask, api: Api) -> None:
    api.put("/workflows/first", file("first", at("/v1"), at("/crm/v1")))
    bearer = {"Authorization": f"Bearer {KEY}", "Content-Type": "application/json"}

    made = ask("POST", "/v1/tasks", headers=bearer, body=b'{"title": "a"}').json

    assert made == ask("GET", f"/crm/v1/tasks/{made['id']}", headers=bearer).json


def test_a_mount_of_another_workflow_is_refused(api: Api) -> None:
    api.put("/workflows/first", file("first", at("/v1"), at("/crm/v1")))

    faults = faults_of(api, at("/other"), at("/crm/v1"), at("/v1"))

    assert [
        ("workflow", "facade", 1, "mount"),
        ("workflow", "facade", 2, "mount"),
    ] == [tuple(fault["path"]) for fault in faults]
    assert "is that of the workflow 'first' already: '/crm/v1'" == faults[0]["message"]
    assert "choose another mount, or take this one off 'first'" == faults[0]["hint"]
    assert 404 == api.get("/workflows/second").status


def test_a_mount_is_free_again_when_its_workflow_gives_it_up(api: Api) -> None:
    api.put("/workflows/first", file("first", at("/crm/v1")))
    assert [] != faults_of(api, at("/crm/v1"))

    api.put("/workflows/first", file("first", at("/crm/v2")))
    assert [] == faults_of(api, at("/crm/v1"))

    api.delete("/workflows/second")
    api.put("/workflows/first", file("first", at("/crm/v1")))
    assert 200 == api.get("/workflows/first").status


def test_a_claim_on_update_is_refused_like_one_on_creation(api: Api) -> None:
    api.put("/workflows/first", file("first", at("/crm/v1")))
    assert [] == faults_of(api, at("/crm/v2"))

    answer = api.put("/workflows/second", file("second", at("/crm/v1")))

    assert 422 == answer.status
    assert ["workflow.facade[0].mount"] == list(answer.json["errors"])
    created = api.post("/workflows", file("third", at("/crm/v1")))
    assert 422 == created.status
    assert ["workflow.facade[0].mount"] == list(created.json["errors"])


def test_the_credentials_workspace_picks_the_workflow(ask: Ask, api: Api) -> None:
    other = api.other_workspace()
    api.put("/workflows/first", file("first", at("/crm/v1")))

    assert [] == faults_of(api, at("/crm/v1"), key=other)

    made = {
        key: ask(
            "POST",
            "/crm/v1/tasks",
            headers={"Authorization": f"Bearer {key}", "Content-Type": "application/json"},
            body=b'{"title": "a"}',
        )
        for key in (KEY, other)
    }
    assert {201} == {answer.status for answer in made.values()}
    assert 1 == len(api.get("/workflows/first/tasks").json)
    assert 1 == len(api.get("/workflows/second/tasks", key=other).json)
    stranger = {"Authorization": f"Bearer {other}"}
    mine = made[KEY].json["id"]
    assert 404 == ask("GET", f"/crm/v1/tasks/{mine}", headers=stranger).status


TAKEN = {
    "/api/v1": "is an address of the server itself: '/api/v1'",
    "/api/v1/crm": "is an address of the server itself: '/api/v1/crm'",
    "/docs": "is an address of the server itself: '/docs'",
    "/workflows/x": "is an address of the server itself: '/workflows/x'",
    "/api": "is where this server speaks admin-member: '/api'",
    "/": "is where this server speaks workiva: '/'",
    "/v1/tasks": "collides with the addresses of task-management at '/v1': '/v1/tasks'",
    "/api/auth/x": "collides with the addresses of admin-member at '/api': '/api/auth/x'",
    "/tasks": "collides with the addresses of workiva at '/': '/tasks'",
}


def test_a_mount_where_something_else_is_already_is_refused(api: Api) -> None:
    faults = faults_of(api, *map(at, TAKEN))

    assert [
        (["workflow", "facade", position, "mount"], message, "choose another mount")
        for position, message in enumerate(TAKEN.values())
    ] == [(fault["path"], fault["message"], fault["hint"]) for fault in faults]


def test_a_mount_of_another_dialect_or_in_its_way_is_refused_for_any_workspace(api: Api) -> None:
    other = api.other_workspace()
    approvals = {**file("approvals", at("/crm", "workiva")), "title": "Other"}
    approvals["properties"]["approvalSteps"] = {"type": "array", "format": "approval-steps"}
    approvals["workflow"]["stages"] = [
        {"name": name}
        for name in ("Created", "Awaiting Approval", "Completed", "Returned", "Cancelled")
    ]
    approvals["workflow"]["approvals"] = {"steps": "approvalSteps"}
    answer = api.put("/workflows/approvals", approvals)
    assert 201 == answer.status, answer.json

    faults = faults_of(api, at("/crm"), at("/crm/tasks"), at("/crm/v1"), key=other)

    assert [
        "collides with the addresses of workiva at '/crm': '/crm/tasks'",
        "is where this server speaks workiva: '/crm'",
    ] == [fault["message"] for fault in faults]
    assert b"approvals" not in json.dumps(faults).encode()


def test_of_many_that_claim_a_mount_at_once_one_gets_it(engine: Engine, app: Flask) -> None:
    actor = engine.people.authenticate(KEY)

    def claim(name: str) -> str:
        try:
            source = json.dumps(file(name, at("/crm/v1")))
            engine.workflows.save(actor, name, source)
        except Invalid as error:
            return error.faults[0].code
        return "made"

    with ThreadPoolExecutor(4) as pool:
        outcomes = list(pool.map(claim, [f"flow-{number}" for number in range(4)]))

    assert ["made", "taken", "taken", "taken"] == sorted(outcomes)
    assert [TM] == [
        dialect for mount, dialect in engine.workflows.mounts().items() if mount == "/crm/v1"
    ]


def test_mounts_of_workflows_stored_before_mounts_were_noted_are_found(
    engine: Engine, settings: Settings, database: Database, app: Flask
) -> None:
    actor = engine.people.authenticate(KEY)
    engine.workflows.create(actor, json.dumps(file("first", at("/crm/v1"))))
    database["workflows"].update_many({}, {"$unset": {"mounts": 1}})

    opened = make_engine(settings, open_ports(settings, database))

    assert {"/crm/v1": TM} == opened.workflows.mounts()
    assert "first" == opened.workflows.mounted(actor, TM, "/crm/v1").workflow.id


def test_a_file_that_claims_a_taken_mount_is_left_out_at_start(
    engine: Engine, app: Flask, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    for name in ("first", "second", "third"):
        mount = "/other" if name == "third" else "/crm/v1"
        text = json.dumps(file(name, at(mount)), indent=1)
        (tmp_path / f"{name}.json").write_text(text, encoding="utf-8")

    with caplog.at_level(logging.WARNING):
        pushed = push_all(engine, engine.people.authenticate(KEY), tmp_path)

    assert ["created", "faulty", "created"] == [each.outcome for each in pushed]
    assert "workflow.facade[0].mount is that of the workflow 'first' already" in caplog.text


@pytest.mark.parametrize("host", ["evil<script>", "a b", "", "x/../y"])
def test_a_host_that_is_none_gets_into_no_link(ask: Ask, api: Api, host: str) -> None:
    api.put("/workflows/first", file("first", at("/crm/v1")))
    bearer = {"Authorization": f"Bearer {KEY}"}

    answer = ask("GET", "/crm/v1/tasks", headers=bearer, environ={"HTTP_HOST": host})

    assert 400 == answer.status
    assert "The Host header names no host" == answer.json["error"]["message"]


@pytest.mark.parametrize("path", ["/v1/tasks", "/v1/users", "/api/tasks", "/api/users", "/tasks"])
def test_a_slash_at_the_end_means_nothing(ask: Ask, app: Flask, path: str) -> None:
    headers = {"Authorization": f"Bearer {KEY}"}
    with_slash, without = (ask("GET", path + end, headers=headers) for end in ("/", ""))

    assert (with_slash.status, with_slash.json) == (without.status, without.json)
