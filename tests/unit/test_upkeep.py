"""The effect that goes on with what new versions leave to be done, and what doctor tells of it."""

import threading
from pathlib import Path
from typing import Any

import pytest

from taskloom.cli.checks import stored_workflows
from taskloom.config import load
from taskloom.effects import upkeep
from taskloom.effects.upkeep import Upkeep
from taskloom.errors import Unavailable
from taskloom.storage import slow
from taskloom.storage.client import Database
from tests.unit.engines import Office, open_office

FILE: dict[str, Any] = {
    "$id": "items",
    "title": "Items",
    "type": "object",
    "properties": {
        "name": {"title": "Name", "type": "string"},
        "tags": {"title": "Tags", "type": "array", "items": {"type": "string"}},
    },
    "workflow": {},
}
LISTED: dict[str, Any] = {
    "lists": [{"filter": ["name"]}, {"filter": ["tags"], "sort": ["name"]}],
}
INDEXES = {"tl_v.name", "tl_v.tags+v.name"}


@pytest.fixture
def office(database: Database, tmp_path: Path) -> Office:
    return open_office(database, tmp_path)


def there(database: Database) -> set[str]:
    """Give the names of the declared indexes that are there."""
    (name,) = [name for name in database.list_collection_names() if name.startswith("tasks_")]
    return INDEXES & set(database[name].index_information())


def told(database: Database, folder: Path) -> list[str]:
    """Give what doctor tells of the workflows."""
    settings = load({"data_dir": str(folder)}, {})
    return [str(finding) for finding in stored_workflows(settings, database)]


def test_a_pushed_version_gets_its_indexes_behind_the_push(
    office: Office, database: Database, tmp_path: Path
) -> None:
    effect = Upkeep()
    office.write(office.push(FILE), name="a")
    effect.run(office.ports)

    office.push(FILE, **LISTED)

    assert set() == there(database)
    (counted, left) = told(database, tmp_path)
    assert "1 tasks, some indexes not built yet" in counted
    assert "still to be built: tl_v.name, tl_v.tags+v.name" in left
    for _ in range(4):
        effect.run(office.ports)
    assert INDEXES == there(database)
    (counted,) = told(database, tmp_path)
    assert "indexes as they should be" in counted


def test_a_stopping_server_begins_nothing(office: Office, database: Database) -> None:
    office.write(office.push(FILE), name="a")
    office.push(FILE, **LISTED)
    stopping = threading.Event()
    stopping.set()

    Upkeep().run(office.ports, stopping)

    assert set() == there(database)


def test_what_fails_is_logged_and_tried_again_later(
    office: Office,
    database: Database,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    effect, left = Upkeep(), ["fail", "fault"]
    go_on = office.ports.upkeep.go_on

    def failing(workflow: Any) -> Any:
        if not left:
            return go_on(workflow)
        if left.pop(0) == "fail":
            return "failed"
        raise Unavailable("the database is away")

    monkeypatch.setattr(office.ports.upkeep, "go_on", failing)
    office.push(FILE)

    effect.run(office.ports)
    effect.run(office.ports)
    assert ["fault"] == left
    assert "an index of items could not be built" in caplog.text
    monkeypatch.setattr(upkeep, "AGAIN_SECONDS", 0.0)
    monkeypatch.setattr(effect, "_not_before", {})
    for _ in range(3):
        effect.run(office.ports)
    assert "nothing is done for the tasks of items for now: the database is away" in caplog.text
    assert [] == left


def test_doctor_tells_slow_filters_and_what_would_help(
    office: Office, database: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(slow, "SLOW_SECONDS", 0.0)
    workflow = office.push(FILE)
    office.write(workflow, name="a")

    assert office.all(workflow)

    (_, line) = told(database, tmp_path)
    assert "slow: everything (1 times noted" in line


def test_doctor_tells_why_an_index_cannot_be_built_and_that_words_are_missing(
    office: Office, database: Database, tmp_path: Path
) -> None:
    office.write(office.push(FILE), name="a")
    office.push(FILE, search=["name"], **LISTED)
    (uid,) = [found["_id"] for found in database["workflows"].find()]
    database["upkeep"].insert_one({"_id": uid, "faults": {"tl_v.name": "parallel arrays"}})

    (_, *lines) = told(database, tmp_path)

    assert "the index tl_v.name could not be built: parallel arrays" in lines[0]
    assert "still to be built: tl_w, tl_v.tags+v.name" in lines[1]
    assert "the words of some tasks are still to be indexed" in lines[2]
