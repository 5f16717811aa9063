"""The management API of workflows: push, read, versions, delete, and who may."""

import json
from pathlib import Path
from typing import Any

import pytest

from tests.wire.api import Api, sample

SOURCE = (Path(__file__).parents[2] / "workflow_schemas" / "sales-pipeline.json").read_bytes()
ONE = "/workflows/sales-pipeline"
SCHEMA = "application/schema+json"
ORDERS: dict[str, Any] = {
    "$id": "orders",
    "title": "Orders",
    "type": "object",
    "properties": {
        "order": {"title": "Order", "type": "string"},
        "size": {"title": "Size", "enum": ["S", "M"]},
        "limit": {"title": "Limit", "type": "number", "maximum": 1e3, "multipleOf": 0.10},
        "papers": {"title": "Papers", "type": "array", "items": {"format": "file"}, "maxItems": 2},
    },
    "required": ["order"],
    "workflow": {
        "uniqueId": {"field": "order"},
        "stages": [{"name": "Open"}, {"name": "Shipped", "end": True, "require": ["size"]}],
    },
}


def test_a_new_workflow_is_201_with_its_address(api: Api) -> None:
    answer = api.post("/workflows", ORDERS)

    assert 201 == answer.status
    assert {"id": "orders", "name": "Orders", "version": 1, "outcome": "created"} == answer.json
    assert "/api/v1/workflows/orders" == answer.headers["Location"]
    assert 200 == api.get("/workflows/orders").status


def test_posting_a_known_workflow_is_409_and_changes_nothing(api: Api) -> None:
    answer = api.post("/workflows", {**ORDERS, "$id": "sales-pipeline"})

    assert (409, ["error"]) == (answer.status, list(answer.json))
    assert "Sales pipeline" == api.get(ONE).json["name"]


def test_a_workflow_shows_its_fields_stages_and_file(api: Api) -> None:
    api.post("/workflows", ORDERS)

    shown = api.get("/workflows/orders").json

    assert ["id", "name", "version", "fields", "stages", "file"] == list(shown)
    assert ORDERS == shown["file"]
    assert {
        "id": "order",
        "name": "Order",
        "type": "uniqueId",
        "required": True,
        "editable": True,
        "filterable": False,
        "autoincrement": False,
    } == shown["fields"][0]
    assert ["S", "M"] == shown["fields"][1]["options"]
    assert 2 == shown["fields"][3]["limit"]
    assert [
        {"id": "Open", "name": "Open", "initial": True, "end": False, "require": []},
        {"id": "Shipped", "name": "Shipped", "initial": False, "end": True, "require": ["size"]},
    ] == shown["stages"]


def test_the_file_comes_back_exactly_as_it_was_pushed(api: Api) -> None:
    odd = b"\n" + SOURCE.replace(b'"sales-pipeline"', b'"odd-copy"') + b" \n"
    assert 201 == api.put("/workflows/odd-copy", odd, headers={"Content-Type": SCHEMA}).status

    answer = api.get("/workflows/odd-copy", headers={"Accept": SCHEMA})

    assert odd == answer.body
    assert SCHEMA == answer.headers["Content-Type"]


def test_members_read_workflows(api: Api) -> None:
    key = api.user("user@example.com")

    assert 200 == api.get(ONE, key=key).status
    assert 200 == api.get(f"{ONE}/versions", key=key).status
    assert SOURCE == api.get(ONE, key=key, headers={"Accept": SCHEMA}).body


def test_putting_the_same_file_twice_changes_nothing(api: Api) -> None:
    assert (201, "created") == outcome(api, ORDERS)
    assert (200, "unchanged") == outcome(api, ORDERS)

    assert [1] == [each["version"] for each in api.get("/workflows/orders/versions").json]


def test_putting_a_changed_file_makes_the_next_version(api: Api) -> None:
    outcome(api, ORDERS)

    assert (200, "updated") == outcome(api, {**ORDERS, "title": "Our orders"})

    versions = api.get("/workflows/orders/versions").json
    assert [1, 2] == [each["version"] for each in versions]
    assert [None, None] == [each["origin"] for each in versions]
    assert all(len("2025-01-31T10:30:00Z") == len(each["at"]) for each in versions)
    shown = api.get("/workflows/orders").json
    assert ("Our orders", 2) == (shown["name"], shown["version"])


def outcome(api: Api, file: object) -> tuple[int, str]:
    """PUT a file as orders; give the status and what the answer calls it."""
    answer = api.put("/workflows/orders", file)
    return answer.status, answer.json["outcome"]


def test_every_fault_of_a_file_is_told_by_its_path(api: Api) -> None:
    broken = {
        **ORDERS,
        "properties": {**ORDERS["properties"], "size": {"type": "strin"}},
        "workflow": {"uniqueID": "order", "stages": []},
    }

    answer = api.put("/workflows/orders", broken)

    assert 422 == answer.status
    assert {"properties.size.type", "workflow.uniqueID", "workflow.stages"} <= set(
        answer.json["errors"]
    )
    assert "did you mean 'string'?" in answer.json["errors"]["properties.size.type"][0]
    assert 404 == api.get("/workflows/orders").status


@pytest.mark.parametrize("body", [b"{", b'{"$id": "a", "$id": "b"}', b"[]", b"5", b'{"a": NaN}'])
def test_a_file_that_is_no_json_object_is_422(api: Api, body: bytes) -> None:
    answer = api.post("/workflows", body)

    assert (422, ["errors"]) == (answer.status, list(answer.json))


def test_text_that_is_not_utf_8_is_400(api: Api) -> None:
    assert 400 == api.post("/workflows", b'{"$id": "\xff"}').status


@pytest.mark.parametrize("kind", ["text/plain", "application/xml", "multipart/form-data"])
def test_another_media_type_is_415(api: Api, kind: str) -> None:
    assert 415 == api.post("/workflows", SOURCE, headers={"Content-Type": kind}).status


def test_a_file_of_more_than_a_megabyte_is_413(api: Api) -> None:
    large = json.dumps({**ORDERS, "description": "x" * 1_048_576}).encode()

    assert 413 == api.post("/workflows", large).status
    assert 413 == api.put("/workflows/orders", large).status


def test_a_file_must_be_the_workflow_of_its_address(api: Api) -> None:
    answer = api.put("/workflows/other", ORDERS)

    assert (422, ["$id"]) == (answer.status, list(answer.json["errors"]))


def test_a_fields_kind_cannot_be_changed_by_a_put(api: Api) -> None:
    outcome(api, ORDERS)
    properties = {**ORDERS["properties"], "size": {"title": "Size", "type": "number"}}

    assert 422 == api.put("/workflows/orders", {**ORDERS, "properties": properties}).status
    assert 1 == api.get("/workflows/orders").json["version"]


def test_an_empty_workflow_is_deleted(api: Api) -> None:
    outcome(api, ORDERS)

    answer = api.delete("/workflows/orders")

    assert (204, b"") == (answer.status, answer.body)
    assert 404 == api.get("/workflows/orders").status
    assert 404 == api.delete("/workflows/orders").status


def test_a_workflow_with_tasks_is_deleted_only_by_force(api: Api) -> None:
    api.post(f"{ONE}/tasks", sample())

    assert 409 == api.delete(ONE).status
    assert 409 == api.delete(f"{ONE}?force=false").status
    assert 1 == len(api.get(f"{ONE}/tasks").json)

    assert 204 == api.delete(f"{ONE}?force=true").status
    assert 404 == api.get(f"{ONE}/tasks").status


@pytest.mark.parametrize("query", ["?force=yes", "?force=", "?forced=true"])
def test_an_unclear_force_is_422_and_deletes_nothing(api: Api, query: str) -> None:
    answer = api.delete(ONE + query)

    assert (422, [query[1:].partition("=")[0]]) == (answer.status, list(answer.json["errors"]))
    assert 200 == api.get(ONE).status


@pytest.mark.parametrize("role", ["member", "manager"])
def test_only_admins_configure(api: Api, role: str) -> None:
    key = api.user("user@example.com", role=role)

    for method, path, body in (
        ("POST", "/workflows", ORDERS),
        ("PUT", "/workflows/orders", ORDERS),
        ("DELETE", ONE, None),
    ):
        answer = api.request(method, path, body, key=key)
        assert (403, ["error"]) == (answer.status, list(answer.json))
    assert 404 == api.get("/workflows/orders").status
    assert 200 == api.get(ONE).status


def test_another_workspace_sees_and_takes_nothing(api: Api) -> None:
    other = api.other_workspace()

    for path in (ONE, f"{ONE}/versions"):
        assert 404 == api.get(path, key=other).status
    assert 404 == api.delete(ONE, key=other).status
    assert 201 == api.put(ONE, SOURCE, key=other).status
    assert [1] == [each["version"] for each in api.get(f"{ONE}/versions").json]


def test_without_a_key_nothing_is_told(api: Api) -> None:
    for method, path in (("GET", ONE), ("PUT", ONE), ("DELETE", ONE), ("GET", f"{ONE}/versions")):
        answer = api.request(method, path, key=None)
        assert (401, {"error": "Unauthorized"}) == (answer.status, answer.json)
