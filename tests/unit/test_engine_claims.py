"""Claims on mounts while others claim too."""

import json
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from taskloom.errors import Conflict, Invalid, NotFound
from taskloom.model.people import Actor
from taskloom.storage.client import Database
from tests.unit.engines import ORDERS, Office, member, open_office


@pytest.fixture
def office(database: Database, tmp_path: Path) -> Office:
    """One workspace."""
    return open_office(database, tmp_path)


def source(name: str, *mounts: str) -> str:
    """Write a workflow file that claims mounts."""
    facade = [{"dialect": "any", "mount": mount} for mount in mounts]
    workflow: Mapping[str, Any] = {**ORDERS["workflow"], "facade": facade}
    return json.dumps({**ORDERS, "$id": name, "workflow": workflow})


def push(office: Office, name: str, *mounts: str) -> str:
    """Save a workflow; return what came of it."""
    return office.engine.workflows.save(office.admin, name, source(name, *mounts)).outcome


def told(error: Invalid) -> list[tuple[object, ...]]:
    """Give the paths of faults."""
    return [(fault.code, *fault.path) for fault in error.faults]


def test_who_loses_a_mount_to_another_update_is_told(office: Office) -> None:
    push(office, "first")
    push(office, "second")
    office.workflows.before("replace", lambda: push(office, "second", "/v1"))

    with pytest.raises(Invalid) as caught:
        push(office, "first", "/v0", "/v1")

    assert [("taken", "workflow", "facade", 1, "mount")] == told(caught.value)
    assert {"/v1": "any"} == office.engine.workflows.mounts()


def test_who_loses_a_mount_while_being_made_is_told_and_leaves_nothing(
    office: Office, database: Database
) -> None:
    office.workflows.before("insert", lambda: push(office, "second", "/v1"))

    with pytest.raises(Invalid) as caught:
        office.engine.workflows.create(office.admin, source("first", "/v1"))

    assert [("taken", "workflow", "facade", 0, "mount")] == told(caught.value)
    assert ["second"] == [w.id for w in office.engine.workflows.every(office.admin)]
    with pytest.raises(NotFound):
        office.engine.workflows.get(office.admin, "first")


def test_who_loses_the_id_while_being_made_is_told_of_that(office: Office) -> None:
    office.workflows.before("insert", lambda: push(office, "first"))

    with pytest.raises(Conflict):
        office.engine.workflows.create(office.admin, source("first", "/v1"))


def test_faults_of_mounts_are_told_with_all_others_of_a_change(office: Office) -> None:
    push(office, "first", "/v1")
    push(office, "second")
    file = json.loads(source("second", "/v1"))
    file["properties"]["name"] = {"title": "Name", "type": "number"}

    with pytest.raises(Invalid) as caught:
        office.engine.workflows.save(office.admin, "second", json.dumps(file))

    assert {"properties", "workflow"} == {fault.path[0] for fault in caught.value.faults}


def test_a_workflow_may_change_the_dialect_of_its_own_mount(office: Office) -> None:
    push(office, "first", "/v1")

    other = source("first", "/v1").replace('"any"', '"other"')
    assert "updated" == office.engine.workflows.save(office.admin, "first", other).outcome

    assert {"/v1": "other"} == office.engine.workflows.mounts()


def test_what_is_behind_a_mount_is_a_view_of_who_asks(office: Office) -> None:
    push(office, "first", "/v1")
    ann = member(office, "ann@example.com")
    workflows = office.engine.workflows

    assert "first" == workflows.mounted(ann, "any", "/v1").workflow.id
    for dialect, mount in (("any", "/v2"), ("other", "/v1")):
        with pytest.raises(NotFound):
            workflows.mounted(office.admin, dialect, mount)
    office.engine.people.remove_collaborator(office.admin, "first", str(ann.user))
    with pytest.raises(NotFound):
        workflows.mounted(member_again(office, ann), "any", "/v1")


def member_again(office: Office, actor: Actor) -> Actor:
    """Give the actor as a new request would."""
    user = office.ports.directory.user(actor.workspace, str(actor.user))
    assert user is not None
    return replace(actor, left=user.left)
