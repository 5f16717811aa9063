"""Lists and searches of a workflow file: what they become, and what is refused in them."""

import json
from typing import Any

import pytest

from taskloom.model.roles import Role
from taskloom.model.rules import Listing
from taskloom.schema.compile import compile_source, view_of
from taskloom.schema.compiled import Compiled
from taskloom.schema.load import faults_of

PROPERTIES: dict[str, Any] = {
    "name": {"title": "Name", "type": "string"},
    "value": {"type": "number"},
    "region": {"enum": ["EMEA", "APAC"]},
    "tags": {"type": "array", "items": {"type": "string"}},
    "marks": {"type": "array", "items": {"enum": ["a", "b"]}},
    "papers": {"type": "array", "items": {"format": "file"}},
    "extra": {"type": "object"},
    "due": {"type": "string", "format": "date"},
}


def source(**workflow: Any) -> str:
    """Write a workflow file."""
    document = {"$id": "a", "type": "object", "properties": PROPERTIES, "workflow": workflow}
    return json.dumps(document)


def made(**workflow: Any) -> Compiled:
    """Compile a workflow file without faults."""
    return compile_source(source(**workflow), workspace="main", uid="u", version=1)


def told(**workflow: Any) -> dict[str, str]:
    """Give the faults of a workflow file by their places."""
    return {fault.path: f"{fault.message}; {fault.hint}" for fault in faults_of(source(**workflow))}


def test_lists_and_searches_are_read() -> None:
    workflow = made(
        lists=[
            {"filter": ["region", "tags"], "sort": ["-value"]},
            {"filter": ["_stage", "_assignee"], "sort": ["region", "_created"]},
            {"sort": ["_stage", "due"]},
        ],
        search=["name", "tags"],
    ).workflow

    assert (
        Listing(filter=("region", "tags"), sorted_by=("value",)),
        Listing(filter=("_stage", "_assignee"), sorted_by=("region", "_created")),
        Listing(filter=(), sorted_by=("_stage", "due")),
    ) == workflow.lists
    assert ("name", "tags") == workflow.search
    assert ((), ()) == (made().workflow.lists, made().workflow.search)


@pytest.mark.parametrize(
    ("said", "path", "message"),
    [
        ({}, "", "must have at least 1 entry"),
        ({"filter": []}, ".filter", ""),
        ({"filter": ["regoin"]}, ".filter[0]", "did you mean 'region'?"),
        ({"filter": ["Name"]}, ".filter[0]", "its key is 'name'"),
        ({"filter": ["region"], "sort": ["-region"]}, ".sort[0]", "a second time"),
        ({"filter": ["papers"]}, ".filter[0]", "is of kind file"),
        ({"filter": ["extra"]}, ".filter[0]", "is of kind json"),
        ({"filter": ["tags", "region", "marks"]}, ".filter[2]", "one index can hold one list"),
        ({"sort": ["tags"]}, ".sort[0]", "has no order"),
        ({"sort": ["_assignee"]}, ".sort[0]", "has no order"),
        ({"sort": ["value", "due"]}, ".sort[0]", "must come last"),
        ({"sort": ["_created", "due"]}, ".sort[0]", "must come last"),
        ({"order": ["due"]}, ".order", ""),
    ],
)
def test_what_no_index_could_serve_is_refused(
    said: dict[str, Any], path: str, message: str
) -> None:
    faults = told(lists=[{"filter": ["region"]}, said])

    assert [f"workflow.lists[1]{path}"] == list(faults)
    assert message in next(iter(faults.values()))


def test_several_assignees_are_a_list_too() -> None:
    said = [{"filter": ["_assignee", "tags"]}]

    assert {} == told(lists=said)
    assert ["workflow.lists[0].filter[1]"] == list(told(lists=said, assignees="many"))


@pytest.mark.parametrize(
    ("search", "path"),
    [
        (["value"], "workflow.search[0]"),
        (["name", "nane"], "workflow.search[1]"),
        (["name", "name"], "workflow.search"),
        ([], "workflow.search"),
        ("name", "workflow.search"),
    ],
)
def test_what_has_no_words_cannot_be_searched(search: Any, path: str) -> None:
    assert [path] == list(told(search=search))


def test_a_role_sees_nothing_of_lists_and_searches_of_what_is_hidden() -> None:
    lists = [{"filter": ["region"], "sort": ["value"]}, {"filter": ["region"]}]
    role = Role(id="r", name="R", applies=frozenset(), hidden=frozenset({"value", "name"}))

    view = view_of(made(lists=lists, search=["name", "tags"]), role)

    assert (Listing(filter=("region",), sorted_by=()),) == view.workflow.lists
    assert ("tags",) == view.workflow.search
    assert "lists" not in view.workflow.source
