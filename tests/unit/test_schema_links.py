"""Links in a workflow file: those that cannot be told apart are refused, each where it stands."""

import json
from typing import Any

import pytest

from taskloom.model.rules import Link
from taskloom.schema.links import links_of
from taskloom.schema.load import faults_of, load_workflow

ITEMS = {"name": "Items", "to": "items", "inverse": "Order", "cardinality": "one-to-many"}


def source(*links: Any) -> str:
    return json.dumps(
        {
            "$id": "orders",
            "type": "object",
            "properties": {"ref": {"title": "Order ID", "type": "string"}},
            "workflow": {
                "uniqueId": "ref",
                "stages": [{"name": "New"}, {"name": "Done", "end": True}],
                "links": links,
            },
        }
    )


def paths(*links: Any) -> set[str]:
    return {fault.path for fault in faults_of(source(*links))}


def test_links_are_read_as_they_stand() -> None:
    text = source(ITEMS, {**ITEMS, "key": "bills", "name": "Bill", "to": "bills"})

    loaded = load_workflow(text, workspace="w", uid="u", version=1)

    made = Link(key="Items", name="Items", to="items", inverse="Order", cardinality="one-to-many")
    assert made == loaded.links[0]
    assert ("bills", "Bill") == (loaded.links[1].key, loaded.links[1].name)
    assert loaded.links == links_of(text)


@pytest.mark.parametrize(
    ("links", "path"),
    [
        ([{**ITEMS, "name": "Order ID"}], "workflow.links[0].name"),
        ([{**ITEMS, "name": " Order ID "}], "workflow.links[0].name"),
        ([{**ITEMS, "name": "Assigned To"}], "workflow.links[0].name"),
        ([{**ITEMS, "name": " "}], "workflow.links[0].name"),
        ([{**ITEMS, "name": "a\nb"}], "workflow.links[0].name"),
        ([{**ITEMS, "inverse": "_x"}], "workflow.links[0].inverse"),
        ([{**ITEMS, "inverse": "Created On"}], "workflow.links[0].inverse"),
        ([{**ITEMS, "to": "orders", "inverse": "Items"}], "workflow.links[0].inverse"),
        ([{**ITEMS, "to": "orders", "inverse": "Order ID"}], "workflow.links[0].inverse"),
        ([ITEMS, {**ITEMS, "key": "b", "inverse": "B"}], "workflow.links[1].name"),
        ([ITEMS, {**ITEMS, "key": "b", "name": "B"}], "workflow.links[1].inverse"),
        ([ITEMS, {**ITEMS, "key": "Items", "name": "B", "to": "x"}], "workflow.links[1].key"),
    ],
)
def test_names_and_keys_that_are_taken_are_refused(links: list[Any], path: str) -> None:
    assert {path} == paths(*links)


def test_names_of_different_workflows_may_be_the_same() -> None:
    assert not paths(ITEMS, {**ITEMS, "name": "Bills", "to": "bills"})
    assert not paths({**ITEMS, "inverse": "Order ID"})
