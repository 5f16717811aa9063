"""The OpenAPI documents: valid, complete, and true to what the server does."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any, cast

import jsonschema_rs
import pytest
from flask import Flask

from taskloom.fields.base import KINDS
from taskloom.schema.compile import compile_source
from taskloom.wire.answer import encode
from taskloom.wire.docs.pattern import text_matching
from taskloom.wire.docs.workflow import workflow_document
from tests.wire.api import Api, Reply
from tests.wire.conftest import KEY, Ask
from tests.wire.openapi import assert_valid, operations
from tests.wire.validating import check_against_openapi

FILES = sorted((Path(__file__).parents[2] / "workflow_schemas").glob("*.json"))
TASKS = "/api/v1/workflows/{}/tasks"

EVERY_KIND: dict[str, Any] = {
    "$id": "everything",
    "title": "Everything",
    "type": "object",
    "properties": {
        f"f{number}": {**example.schema, "title": f"{name}? [{number}].$"}
        for number, (name, example) in enumerate(
            (name, example)
            for name, kind in KINDS.members().items()
            for example in kind.examples
            if "" not in cast(list[object], example.schema.get("enum", []))
        )
    },
    "workflow": {"stages": [{"name": "One"}, {"name": "Two", "end": True}], "assignees": "many"},
}


def document_of(source: str) -> dict[str, Any]:
    """Write the document of a workflow file as a client reads it."""
    compiled = compile_source(source, workspace="main", uid="0" * 24, version=3)
    written: dict[str, Any] = json.loads(encode(workflow_document(compiled, "https://example.com")))
    return written


def static_of(ask: Ask) -> dict[str, Any]:
    """Load the static document."""
    document: dict[str, Any] = ask("GET", "/openapi.json").json
    return document


def test_the_static_document_is_valid(ask: Ask) -> None:
    document = static_of(ask)

    assert "3.1.0" == document["openapi"]
    assert_valid(document)


def test_every_route_of_the_api_is_documented(app: Flask, ask: Ask) -> None:
    documented = {(path, method) for path, method, _ in operations(static_of(ask))}

    routes = {
        (rule.rule.replace("<rest:", "<").replace("<", "{").replace(">", "}"), method.lower())
        for rule in app.url_map.iter_rules()
        for method in (rule.methods or set()) - {"HEAD", "OPTIONS"}
        if rule.rule.startswith(("/api/v1/", "/schemas/"))
    }

    assert routes == documented


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_the_document_of_a_shipped_workflow_is_valid(path: Path) -> None:
    assert_valid(document_of(path.read_text(encoding="utf-8")))


def test_the_document_of_a_workflow_with_every_kind_is_valid() -> None:
    assert_valid(document_of(json.dumps(EVERY_KIND, default=float)))


def test_a_workflow_document_is_typed_by_its_fields() -> None:
    document = document_of(FILES[[path.stem for path in FILES].index("sales-pipeline")].read_text())

    task = document["components"]["schemas"]["TaskSelection"]
    sent = document["components"]["schemas"]["TaskInput"]
    base = TASKS.format("sales-pipeline")
    names = {each["name"] for each in document["components"]["parameters"].values()}
    assert [
        "Stage",
        "Assigned To",
        "Task URL",
        "Company ID",
        "Company Name",
        "Number of Employees",
        "Contract Value",
        "Expected Close Date",
        "International?",
        "Documents",
    ] == list(task["properties"])
    assert ["string", "null"] == task["properties"]["Contract Value"]["type"]
    assert "date" == task["properties"]["Expected Close Date"]["format"]
    company = jsonschema_rs.Draft202012Validator(sent["properties"]["Company ID"])
    assert company.is_valid("42")
    assert company.is_valid(42)
    assert not company.is_valid(None)
    assert task["additionalProperties"] is sent["additionalProperties"] is False
    assert {"Task URL", "Created On", "Updated On"} <= sent["properties"].keys()
    assert {base, f"{base}/active", f"{base}/bulk", f"{base}/{{uid}}"} <= document["paths"].keys()
    assert {
        "Company ID",
        "Contract Value[gte]",
        "International?",
        "Company Name[contains]",
        "Documents[exists]",
        "Stage[in]",
        "Assigned To",
        "Created On[lt]",
        "_limit",
        "_cursor",
        "_sort",
        "_fields",
        "_q",
    } <= names
    assert "International?[gt]" not in names


def test_a_workflow_without_a_unique_id_has_no_address_for_one_task() -> None:
    document = document_of(json.dumps(EVERY_KIND, default=float))

    base = TASKS.format("everything")
    assert {"get", "post"} == document["paths"][base].keys()
    assert f"{base}/{{uid}}" not in document["paths"]


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_the_sample_request_of_a_shipped_workflow_creates_a_task(api: Api, path: Path) -> None:
    source = path.read_bytes()
    api.put(f"/workflows/{path.stem}", source)
    document = api.get(f"/workflows/{path.stem}/openapi.json").json

    sample = sample_of(document, path.stem)
    answer = api.post(f"/workflows/{path.stem}/tasks", sample)

    assert 201 == answer.status, answer.json
    schemas = {"schemas": document["components"]["schemas"]}
    checked = {"$ref": "#/components/schemas/NewTask", "components": schemas}
    assert jsonschema_rs.Draft202012Validator(checked, validate_formats=True).is_valid(sample)


def test_the_sample_request_of_a_workflow_with_every_kind_creates_a_task(api: Api) -> None:
    pushed = api.put("/workflows/everything", json.dumps(EVERY_KIND, default=float).encode())
    assert 201 == pushed.status, pushed.json
    document = api.get("/workflows/everything/openapi.json").json

    answer = api.post("/workflows/everything/tasks", sample_of(document, "everything"))

    assert 201 == answer.status, answer.json
    assert 1 == len(api.get("/workflows/everything/tasks").json)


def sample_of(document: Mapping[str, Any], workflow: str) -> Any:
    """Return the sample request of a workflow's document."""
    described = document["paths"][TASKS.format(workflow)]["post"]["requestBody"]["content"]
    return described["application/json"]["example"]


def test_a_workflow_document_is_for_members_and_changes_with_the_version(api: Api) -> None:
    path = "/workflows/orders/openapi.json"
    api.workflow("orders", {"name": {"title": "Name", "type": "string"}})
    key = api.user("user@example.com")

    first = api.get(path, key=key)
    same = api.get(path, key=key, headers={"If-None-Match": first.headers["ETag"]})
    api.workflow("orders", {"name": {"title": "Full name", "type": "string"}})
    changed = api.get(path, key=key, headers={"If-None-Match": first.headers["ETag"]})

    assert (200, 304, 200) == (first.status, same.status, changed.status)
    assert ("1", "2") == (first.json["info"]["version"], changed.json["info"]["version"])
    assert "Full name" in changed.json["components"]["schemas"]["TaskInput"]["properties"]


def test_a_workflow_document_is_not_for_everybody(api: Api) -> None:
    path = "/workflows/sales-pipeline/openapi.json"

    assert 401 == api.get(path, key=None).status
    assert 404 == api.get(path, key=api.other_workspace()).status
    assert 404 == api.get("/workflows/nowhere/openapi.json").status


def test_the_static_document_may_be_kept(ask: Ask) -> None:
    first = ask("GET", "/openapi.json")

    again = ask("GET", "/openapi.json", headers={"If-None-Match": first.headers["ETag"]})

    assert (304, b"") == (again.status, again.body)


@pytest.mark.parametrize(
    ("status", "kind", "body"),
    [
        (204, "application/json", b""),
        (200, "text/html", b"{}"),
        (200, "application/json", b"[]"),
        (200, "application/json", b'{"Stage": 5}'),
        (200, "application/json", b'{"Stage": "Nowhere"}'),
        (200, "application/json", b'{"Unknown": "x"}'),
        (200, "application/json", b'{"Expected Close Date": "soon"}'),
        (404, "application/json", b'{"errors": {}}'),
    ],
)
def test_an_answer_that_is_not_as_documented_is_noticed(
    app: Flask, status: int, kind: str, body: bytes
) -> None:
    reply = Reply(status=status, headers={"Content-Type": kind}, body=body)

    with pytest.raises(AssertionError):
        check_against_openapi(
            app,
            "GET",
            "/api/v1/workflows/sales-pipeline/tasks/42",
            reply,
            authorization=f"Bearer {KEY}",
        )


@pytest.mark.parametrize(
    ("pattern", "text"),
    [
        ("^C-[0-9]{3,8}$", "C-111"),
        (r"^\d+\.\d+(\.\d+)?$", "1.1"),
        ("(?:north|south){2}x", "northnorthx"),
        ("[^a1]b?", "0"),
        ("[[:upper:]]+", "A"),
        (r"a\+b", "a+b"),
        ("[", "["),
        (r"\p{", ""),
    ],
)
def test_a_text_is_made_that_a_plain_pattern_matches(pattern: str, text: str) -> None:
    assert text == text_matching(pattern)
