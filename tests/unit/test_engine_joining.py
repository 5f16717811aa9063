"""Pushing workflows that are linked: what another workflow would have to suffer is refused."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from taskloom.errors import Invalid
from taskloom.schema.load import load_workflow
from taskloom.storage.client import Database
from tests.unit.engines import Office, open_office

STAGES = [{"name": "New"}, {"name": "Done", "end": True}]
REF = {"ref": {"title": "Reference", "type": "string"}}
LINK: Mapping[str, Any] = {
    "key": "parts",
    "name": "Items",
    "to": "items",
    "inverse": "Order",
    "cardinality": "one-to-many",
}


@pytest.fixture
def office(database: Database, tmp_path: Path) -> Office:
    """An engine where orders link to items."""
    opened = open_office(database, tmp_path)
    push(opened, "items")
    push(opened, "orders", LINK)
    return opened


def push(office: Office, name: str, *links: Any, titles: Any = (), unique: bool = True) -> None:
    """Push a workflow with these links and fields beside its unique ID."""
    fields = {title.lower(): {"title": title, "type": "string"} for title in titles}
    settings = {"stages": STAGES, "links": links, **({"uniqueId": "ref"} if unique else {})}
    file = {
        "$id": name,
        "type": "object",
        "properties": {**REF, **fields},
        "workflow": settings,
    }
    office.engine.workflows.save(office.admin, name, json.dumps(file))


def refused(office: Office, name: str, *links: Any, titles: Any = ()) -> list[str]:
    """Give the paths of the faults that a push has."""
    with pytest.raises(Invalid) as found:
        push(office, name, *links, titles=titles)
    return [".".join(map(str, fault.path)) for fault in found.value.faults]


def linked(office: Office, name: str) -> dict[str, bool]:
    """Give the links of a workflow, and whether each holds many."""
    view = office.engine.workflows.get(office.admin, name)
    return {side.name: side.many for side in view.linked}


def test_a_link_is_there_on_both_sides(office: Office) -> None:
    assert {"Items": True} == linked(office, "orders")
    assert {"Order": False} == linked(office, "items")


def test_a_target_that_is_not_there_or_has_no_unique_id_is_refused(office: Office) -> None:
    push(office, "plain", unique=False)

    for to in ("nowhere", "plain"):
        assert ["workflow.links.0.to"] == refused(office, "bills", {**LINK, "to": to})


def test_an_inverse_name_that_is_taken_in_the_other_workflow_is_refused(office: Office) -> None:
    push(office, "items", {**LINK, "name": "Makers", "inverse": "Made"}, titles=["Colour"])

    for inverse in ("Reference", "Colour", " Order ", "Makers"):
        link = {**LINK, "inverse": inverse}
        assert ["workflow.links.0.inverse"] == refused(office, "bills", link)


def test_a_name_that_a_link_of_another_workflow_has_here_is_refused(office: Office) -> None:
    own = {**LINK, "to": "orders", "inverse": "Goods"}

    assert ["properties.order.title"] == refused(office, "items", titles=["Order"])
    assert ["workflow.links.0.name"] == refused(office, "items", {**own, "name": "Order"})
    inside = {**LINK, "name": "Whole", "inverse": "Order"}
    assert ["workflow.links.0.inverse"] == refused(office, "items", inside)


@pytest.mark.parametrize(
    ("before", "after", "path"),
    [
        ("one-to-many", "one-to-one", "cardinality"),
        ("one-to-many", "many-to-one", "cardinality"),
        ("one-to-many", "many-to-many", ""),
        ("one-to-one", "many-to-one", ""),
        ("many-to-many", "one-to-many", "cardinality"),
    ],
)
def test_a_cardinality_may_become_a_looser_one_only(
    office: Office, before: str, after: str, path: str
) -> None:
    push(office, "bills", {**LINK, "inverse": "Bill", "cardinality": before})
    link = {**LINK, "inverse": "Bill", "cardinality": after}

    if path:
        assert [f"workflow.links.0.{path}"] == refused(office, "bills", link)
        push(office, "bills", titles=["Name"])
        assert [f"workflow.links.0.{path}"] == refused(office, "bills", link)
        push(office, "bills", {**link, "key": "other"})
    else:
        push(office, "bills", link)
    assert {"Items": after.endswith("many")} == linked(office, "bills")


def test_a_field_that_came_at_the_same_moment_keeps_its_name(office: Office) -> None:
    fields = {**REF, "order": {"title": "Order", "type": "string"}}
    settings = {"uniqueId": "ref", "stages": STAGES}
    source = json.dumps(
        {"$id": "items", "type": "object", "properties": fields, "workflow": settings}
    )
    before = office.engine.workflows.get(office.admin, "items").workflow
    version = before.version + 1
    raced = load_workflow(source, workspace=before.workspace, uid=before.uid, version=version)

    assert office.ports.workflows.replace(raced, None, office.clock())

    assert ({}, {"Items": True}) == (linked(office, "items"), linked(office, "orders"))


def test_a_link_to_another_workflow_needs_another_key(office: Office) -> None:
    push(office, "bolts")

    assert ["workflow.links.0.to"] == refused(office, "orders", {**LINK, "to": "bolts"})
    push(office, "orders", {**LINK, "to": "bolts", "key": "bolts"})
    assert ({}, {"Order": False}) == (linked(office, "items"), linked(office, "bolts"))


def test_every_fault_is_told_at_once(office: Office) -> None:
    wrong = [
        {**LINK, "cardinality": "one-to-one"},
        {**LINK, "key": "b", "name": "B", "to": "nowhere"},
    ]

    assert {"workflow.links.0.cardinality", "workflow.links.1.to"} == set(
        refused(office, "orders", *wrong)
    )
