"""Workflows over the real store: saved, deleted and looked at from several sides at once."""

import json
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from taskloom.effects.base import EFFECTS
from taskloom.engine import contention
from taskloom.errors import Conflict, Forbidden, Invalid, NotFound
from taskloom.model.event import CREATED
from taskloom.storage.client import Database
from taskloom.storage.history import collection
from tests.unit.engines import ORDERS, TICKETS, Office, member, open_office


@pytest.fixture
def office(database: Database, tmp_path: Path) -> Office:
    return open_office(database, tmp_path)


def source(title: str, file: Mapping[str, Any] = ORDERS) -> str:
    return json.dumps({**file, "title": title})


def task_collections(database: Database) -> set[str]:
    return set(database.list_collection_names(filter={"name": {"$regex": "^tasks_"}}))


def saved(office: Office, title: str) -> str:
    return office.engine.workflows.save(office.admin, "orders", source(title)).outcome


def test_a_file_is_created_once_and_the_same_again_changes_nothing(office: Office) -> None:
    created = office.engine.workflows.create(office.admin, source("One"), origin="orders.json")

    outcomes = [saved(office, "One"), saved(office, "Two"), saved(office, "Two")]

    assert ("created", ["unchanged", "updated", "unchanged"]) == (created.outcome, outcomes)
    versions = office.engine.workflows.versions(office.admin, "orders")
    assert [(1, "orders.json"), (2, None)] == [(each.version, each.origin) for each in versions]
    assert ["Two"] == [each.title for each in office.engine.workflows.every(office.admin)]


def test_a_refused_creation_leaves_no_collection_behind(office: Office, database: Database) -> None:
    office.engine.workflows.create(office.admin, source("One"))
    before = task_collections(database)

    for _ in range(3):
        with pytest.raises(Conflict):
            office.engine.workflows.create(office.admin, source("Two"))

    assert before == task_collections(database)


def test_whoever_loses_the_race_to_create_leaves_nothing_behind(
    office: Office, database: Database
) -> None:
    office.workflows.before("insert", lambda: saved(office, "First"))

    with pytest.raises(Conflict):
        office.engine.workflows.create(office.admin, source("Second"))

    compiled = office.engine.workflows.get(office.admin, "orders")
    assert "First" == compiled.workflow.title
    assert {collection(compiled)} == task_collections(database)


@pytest.mark.parametrize(
    ("other", "outcome", "version"), [("Mine", "unchanged", 1), ("Theirs", "updated", 2)]
)
def test_whoever_loses_the_race_of_a_first_put_goes_on_from_the_winner_s(
    office: Office, database: Database, other: str, outcome: str, version: int
) -> None:
    office.workflows.before("insert", lambda: saved(office, other))

    assert outcome == saved(office, "Mine")

    compiled = office.engine.workflows.get(office.admin, "orders")
    assert ("Mine", version) == (compiled.workflow.title, compiled.workflow.version)
    assert {collection(compiled)} == task_collections(database)


def test_of_many_puts_at_once_each_becomes_a_version(office: Office) -> None:
    titles = [f"Title {number}" for number in range(8)]

    with ThreadPoolExecutor(8) as pool:
        outcomes = list(pool.map(lambda title: saved(office, title), titles))

    assert 1 == outcomes.count("created")
    assert 7 == outcomes.count("updated")
    versions = office.engine.workflows.versions(office.admin, "orders")
    assert list(range(1, 9)) == [each.version for each in versions]
    assert set(titles) == {json.loads(each.source)["title"] for each in versions}


def test_patience_with_other_puts_ends(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(contention, "PATIENCE_SECONDS", 0.0)
    saved(office, "One")
    office.workflows.before("replace", lambda: saved(office, "Theirs"))

    with pytest.raises(Conflict):
        saved(office, "Mine")


def test_what_another_machine_saved_a_moment_ago_is_not_overlooked(
    database: Database, tmp_path: Path
) -> None:
    """Two machines share the database alone, so each may remember what the other changed."""
    here, there = (open_office(database, tmp_path / name) for name in ("here", "there"))
    saved(here, "One")
    assert "One" == here.engine.workflows.get(here.admin, "orders").workflow.title

    assert "updated" == saved(there, "Two")
    assert "updated" == saved(here, "One")

    newest = there.ports.workflows.newest(there.admin.workspace, "orders")
    assert newest is not None
    assert ("One", 3) == (newest.workflow.title, newest.workflow.version)


def test_a_workflow_deleted_and_made_anew_elsewhere_is_the_one_that_is_deleted(
    database: Database, tmp_path: Path
) -> None:
    here, there = (open_office(database, tmp_path / name) for name in ("here", "there"))
    saved(here, "One")
    here.engine.workflows.get(here.admin, "orders")
    there.engine.workflows.delete(there.admin, "orders", force=False)
    saved(there, "Two")

    here.engine.workflows.delete(here.admin, "orders", force=False)

    assert there.ports.workflows.newest(there.admin.workspace, "orders") is None
    with pytest.raises(NotFound):
        here.engine.workflows.delete(here.admin, "orders", force=False)


def test_a_workflow_with_tasks_goes_by_force_only_and_leaves_nothing(
    office: Office, database: Database
) -> None:
    orders = office.push(ORDERS)
    office.write(orders, ref="A")
    office.delete(orders, "A")
    task = office.write(orders, ref="B").task

    with pytest.raises(Conflict) as refused:
        office.engine.workflows.delete(office.admin, "orders", force=False)
    assert {"tasks": 1} == refused.value.details
    office.engine.workflows.delete(office.admin, "orders", force=True)

    assert set() == task_collections(database)
    assert [] == office.history(orders, task)
    for name in ("workflows", "workflow_versions", "history", "counters", "dropping"):
        assert 0 == database[name].count_documents({})
    with pytest.raises(NotFound):
        office.engine.workflows.get(office.admin, "orders")


def test_a_deletion_that_was_killed_in_the_middle_is_completed(
    office: Office, database: Database
) -> None:
    def killed() -> None:
        raise KeyboardInterrupt

    tickets = office.push(TICKETS)
    office.write(tickets, name="x")
    kept = office.push(ORDERS)
    office.write(kept, ref="A")
    office.tasks.before("drop", killed)
    with pytest.raises(KeyboardInterrupt):
        office.engine.workflows.delete(office.admin, "tickets", force=True)
    assert collection(tickets) in task_collections(database)
    again = office.push(TICKETS)
    office.write(again, name="y")

    for _ in range(2):
        EFFECTS["collect"].run(office.ports)

    assert {collection(kept), collection(again)} == task_collections(database)
    assert ["1"] == [task.uid for task in office.all(again)]
    assert "2" == office.write(again, name="z").task.uid
    assert [CREATED] == [event.kind for event in office.history(again, office.get(again, "1"))]


def test_a_change_that_would_lose_values_is_refused_and_stores_nothing(office: Office) -> None:
    orders = office.push(ORDERS)
    office.write(orders, ref="A", size=1, stage="Doing")
    text = {**ORDERS, "properties": {**ORDERS["properties"], "size": {"type": "string"}}}

    for changed in (
        text,
        {**ORDERS, "workflow": {**ORDERS["workflow"], "uniqueId": "name"}},
        {**ORDERS, "workflow": {**ORDERS["workflow"], "stages": [{"name": "New"}]}},
    ):
        with pytest.raises(Invalid):
            office.engine.workflows.save(office.admin, "orders", json.dumps(changed))

    assert 1 == len(office.engine.workflows.versions(office.admin, "orders"))


def test_a_version_that_turns_out_to_be_another_is_read_anew(
    office: Office, database: Database
) -> None:
    """A failover may undo a version that was read before a majority had it."""
    saved(office, "Undone")
    assert "Undone" == office.engine.workflows.get(office.admin, "orders").workflow.title
    database["workflows"].update_one({}, {"$set": {"source": source("Stored")}})

    newest = office.ports.workflows.newest(office.admin.workspace, "orders")

    assert newest is not None
    assert "Stored" == newest.workflow.title


def test_the_unique_index_outlives_a_version_that_never_came_to_be(
    office: Office, database: Database
) -> None:
    def killed() -> None:
        raise KeyboardInterrupt

    orders = office.push(ORDERS)
    office.workflows.before("replace", killed)
    with pytest.raises(KeyboardInterrupt):
        office.push(ORDERS, uniqueId=None)

    assert "tl_uid" in database[collection(orders)].index_information()


def test_a_version_may_index_other_fields_altogether(office: Office, database: Database) -> None:
    def wide(letter: str) -> dict[str, object]:
        fields = {
            f"{letter}{number}": {"type": "string", "filterable": True} for number in range(50)
        }
        return {**ORDERS, "properties": {**ORDERS["properties"], **fields}}

    office.push(wide("a"))

    orders = office.push(wide("b"))

    names = set(database[collection(orders)].index_information())
    assert "tl_v.b49" in names
    assert not any(name.startswith("tl_v.a") for name in names)


def test_versions_prepared_at_once_drop_each_other_s_indexes_without_a_fault(
    office: Office, database: Database
) -> None:
    fields = {f"a{number}": {"type": "string", "filterable": True} for number in range(30)}
    office.push({**ORDERS, "properties": {**ORDERS["properties"], **fields}})
    plain = office.push(ORDERS)
    names = [f"v.{name}" for name in fields]
    tasks = database[collection(plain)]

    for _ in range(3):
        for name in names:
            tasks.create_index(name, name=f"tl_{name}")
        with ThreadPoolExecutor(8) as pool:
            list(pool.map(lambda _: office.ports.tasks.prepare(plain), range(8)))

    assert not any(name.startswith("tl_v.") for name in tasks.index_information())


def test_only_admins_configure_and_who_left_sees_nothing(office: Office) -> None:
    orders = office.push(ORDERS)
    office.push(TICKETS)
    ann = member(office, "ann@example.com")
    assert ann.user is not None
    for act in (
        lambda: office.engine.workflows.create(ann, source("x")),
        lambda: office.engine.workflows.save(ann, "orders", source("x")),
        lambda: office.engine.workflows.delete(ann, "orders", force=True),
    ):
        with pytest.raises(Forbidden):
            act()

    office.engine.people.remove_collaborator(office.admin, "orders", ann.user)
    ann = office.engine.people.authenticate(
        office.engine.keys.create(office.admin, user=ann.user).secret
    )

    assert frozenset({orders.workflow.uid}) == ann.left
    assert ["tickets"] == [each.id for each in office.engine.workflows.every(ann)]
    with pytest.raises(NotFound):
        office.engine.workflows.get(ann, "orders")
    with pytest.raises(NotFound):
        office.engine.workflows.versions(ann, "orders")
