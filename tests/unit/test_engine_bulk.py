"""Many writes at once: each row is what its own write would be, whatever comes in between."""

import base64
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest
from bson.objectid import ObjectId
from pymongo.collection import Collection

from taskloom.engine import contention
from taskloom.engine.writing import Draft
from taskloom.model.task import Task
from taskloom.storage.client import Database
from taskloom.storage.history import History
from tests.unit.engines import ORDERS, TICKETS, Office, member, open_office, papers_of, told

PAPER = {"base64contents": base64.b64encode(b"x").decode(), "filename": "a.txt"}


@pytest.fixture
def office(database: Database, tmp_path: Path) -> Office:
    return open_office(database, tmp_path)


def test_a_later_row_of_the_same_id_sees_the_earlier(office: Office) -> None:
    orders = office.push(ORDERS)
    rows: list[dict[str, object]] = [
        {"ref": "A", "name": "one"},
        {"ref": "B"},
        {"ref": " A ", "size": 2},
        {"name": "none"},
        {"ref": "A", "name": None},
        {"ref": "A"},
        {"ref": "B"},
    ]

    results = office.bulk(orders, rows)

    expected = ["created", "created", "updated", "created", "updated", "unchanged", "unchanged"]
    assert expected == results
    assert {"ref": "A", "size": 2} == office.get(orders, "A").values
    assert 3 == len(office.history(orders, office.get(orders, "A")))
    assert ["A", "B", None] == [task.uid for task in office.all(orders)]


@pytest.mark.parametrize(
    ("mode", "expected"),
    [
        ("upsert", ["updated", "created", {"invalid"}, {"blank"}, "created", "updated"]),
        ("create", [{"taken"}, "created", {"invalid"}, {"blank"}, "created", {"taken"}]),
        ("update", ["updated", "not_found", "not_found", {"blank"}, {"blank"}, "not_found"]),
    ],
)
def test_each_row_is_told_what_its_own_write_would_be(
    office: Office, mode: Any, expected: list[object]
) -> None:
    orders = office.push(ORDERS)
    office.write(orders, ref="A")
    rows: list[dict[str, object]] = [
        {"ref": "A", "size": 1},
        {"ref": "B"},
        {"ref": "C", "size": "x"},
        {"ref": None},
        {"name": "none"},
        {"ref": "B", "size": 1},
    ]

    assert expected == office.bulk(orders, rows, mode)


def test_no_rows_are_no_results(office: Office) -> None:
    orders = office.push(ORDERS)

    assert [] == office.bulk(orders, [])
    assert [] == office.all(orders)


def test_rows_that_lose_a_race_go_the_way_of_a_single_write(office: Office) -> None:
    orders = office.push(ORDERS)
    office.write(orders, ref="A", size=1)
    office.write(orders, ref="B", size=1)
    office.write(orders, ref="C", size=1)

    def meanwhile() -> None:
        office.write(orders, ref="A", name="other")
        office.delete(orders, "B")
        office.write(orders, ref="D", name="other")

    office.tasks.before("insert_many", meanwhile)
    rows = [{"ref": ref, "size": 2} for ref in "ABCDE"]

    results = office.bulk(orders, rows)

    assert ["updated", "created", "updated", "updated", "created"] == results
    values = {task.uid: task.values for task in office.all(orders)}
    assert {"ref": "A", "size": 2, "name": "other"} == values["A"]
    assert {"ref": "B", "size": 2} == values["B"]
    assert {"ref": "D", "size": 2, "name": "other"} == values["D"]
    assert 5 == len(values)


def test_a_row_that_outlasts_all_patience_is_told_so_and_stops_no_other(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(contention, "PATIENCE_SECONDS", 0.0)
    orders = office.push(ORDERS)
    office.tasks.before("insert_many", lambda: office.write(orders, ref="A"))
    office.tasks.before("insert", lambda: None, lambda: None)
    office.tasks.before("replace", lambda: office.write(orders, ref="A", name="again"))

    results = office.bulk(orders, [{"ref": "A", "size": 1}, {"ref": "B"}])

    assert ["conflict", "created"] == results


def test_rows_that_bring_files_are_written_beside_the_others(office: Office) -> None:
    orders = office.push(ORDERS)

    results = office.bulk(
        orders,
        [{"ref": "A", "papers": [PAPER]}, {"ref": "B", "papers": [{"blobId": "x"}]}, {"ref": "C"}],
    )

    assert ["created", {"invalid"}, "created"] == results
    assert "a.txt" == papers_of(office.get(orders, "A"))[0]["filename"]


def test_a_row_too_large_to_store_stops_no_other(office: Office) -> None:
    wide = {f"note{number}": {"type": "object"} for number in range(20)}
    orders = office.push({**ORDERS, "properties": {**ORDERS["properties"], **wide}})
    large = {key: {"text": "x" * 900_000} for key in wide}
    office.write(orders, ref="Z")
    rows: list[dict[str, object]] = [
        {"ref": "A"},
        {"ref": "B", **large},
        {"ref": "C"},
        {"ref": "Z", **large},
    ]

    results = office.bulk(orders, rows)

    assert ["created", "too_large", "created", "too_large"] == results
    assert ["Z", "A", "C"] == [task.uid for task in office.all(orders)]
    again = office.bulk(orders, [{"ref": "A", "size": 1}, {"ref": "Z", **large}])
    assert ["updated", "too_large"] == again


# --- numbers -------------------------------------------------------------------------------------


def test_a_thousand_numbers_cost_one_call_and_follow_the_rows(office: Office) -> None:
    tickets = office.push(TICKETS)
    office.tasks.calls.clear()

    results = office.bulk(tickets, [{"name": f"n{number}"} for number in range(1000)])

    assert ["created"] * 1000 == results
    assert ["next_number", "insert_many"] == office.tasks.calls
    tasks = office.all(tickets)
    assert [str(number) for number in range(1, 1001)] == [task.uid for task in tasks]
    assert [f"n{number}" for number in range(1000)] == [task.values["name"] for task in tasks]


def test_rows_with_and_without_numbers_never_meet(office: Office) -> None:
    tickets = office.push(TICKETS)
    rows: list[dict[str, object]] = [
        {"name": "a"},
        {"number": 1, "name": "b"},
        {"number": 7, "name": "c", "papers": [PAPER]},
        {"number": 900, "name": 9},
        {"name": "d"},
        {"number": 2**60},
    ]
    office.tasks.calls.clear()

    results = office.bulk(tickets, rows)

    assert ["created", "created", "created", {"invalid"}, "created", "created"] == results
    names = {task.uid: task.values.get("name") for task in office.all(tickets)}
    assert {"8": "a", "1": "b", "7": "c", "9": "d", str(2**60): None} == names
    assert 1 == office.tasks.calls.count("next_number")
    assert "10" == office.write(tickets, name="next").task.uid


def test_a_number_beyond_what_the_field_allows_is_the_row_s_own_fault(office: Office) -> None:
    number = {**TICKETS["properties"]["number"], "maximum": 2}
    tickets = office.push({**TICKETS, "properties": {**TICKETS["properties"], "number": number}})

    results = office.bulk(tickets, [{"name": "a"}, {"name": "b"}, {"name": "c"}])

    assert ["created", "created"] == results[:2]
    assert isinstance(results[2], set)
    assert 2 == len(office.all(tickets))


def test_numbers_taken_in_between_lead_to_others(office: Office) -> None:
    plain = office.push(TICKETS, uniqueId="number")
    office.bulk(plain, [{"number": number, "name": "old"} for number in range(1, 11)])
    counting = office.push(TICKETS)

    results = office.bulk(counting, [{"name": "new"} for _ in range(20)])

    assert ["created"] * 20 == results
    tasks = office.all(counting)
    assert 30 == len({task.uid for task in tasks})
    assert 10 == len([task for task in tasks if task.values["name"] == "old"])


# --- what was stored although it can no longer be seen in the task -------------------------------


@pytest.fixture
def after_bulk_write(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[Callable[[], object]]]:
    """Let something happen right after the next bulk write to a collection of tasks."""
    pending: list[Callable[[], object]] = []
    write = Collection.bulk_write

    def written(self: Collection[Any], requests: Sequence[Any], **rest: Any) -> Any:
        result = write(self, requests, **rest)
        if self.name.startswith("tasks_") and pending:
            pending.pop()()
        return result

    monkeypatch.setattr(Collection, "bulk_write", written)
    yield pending
    assert not pending


def _of(tasks: list[Task], uid: str) -> Task:
    return next(task for task in tasks if task.uid == uid)


def test_a_stored_row_whose_task_is_deleted_at_once_is_not_written_again(
    office: Office, after_bulk_write: list[Callable[[], object]]
) -> None:
    orders = office.push(ORDERS)
    for ref in "AB":
        office.write(orders, ref=ref, size=1)
    known = office.all(orders)
    after_bulk_write.append(lambda: office.delete(orders, "A"))
    office.tasks.before("replace_many", lambda: office.write(orders, ref="B", size=3))

    results = office.bulk(orders, [{"ref": "A", "size": 2}, {"ref": "B", "size": 2}])

    assert ["updated", "updated"] == results
    assert ["B"] == [task.uid for task in office.all(orders)]
    kinds = [event.kind for event in office.history(orders, _of(known, "A"))]
    assert ["created", "updated", "deleted"] == kinds


def test_a_stored_row_whose_event_was_moved_at_once_is_not_written_again(
    office: Office, database: Database, after_bulk_write: list[Callable[[], object]]
) -> None:
    orders = office.push(ORDERS)
    for ref in "AB":
        office.write(orders, ref=ref, size=1)
    task = _of(office.all(orders), "A")

    def meanwhile() -> None:
        office.write(orders, ref="A", size=4)
        History(database).overflow(orders, ObjectId(task.id), keep=0)

    after_bulk_write.append(meanwhile)
    office.tasks.before("replace_many", lambda: office.write(orders, ref="B", size=3))

    results = office.bulk(orders, [{"ref": "A", "size": 2}, {"ref": "B", "size": 2}])

    assert ["updated", "updated"] == results
    assert 4 == office.get(orders, "A").values["size"]
    assert 3 == len(office.history(orders, task))


def test_members_may_import(office: Office) -> None:
    orders = office.push(ORDERS)
    ann = member(office, "ann@example.com")
    people = office.engine.people.people(ann)

    (written,) = office.engine.bulk.write(
        ann, orders, [Draft(values={"ref": "A"})], people, mode="create"
    )

    assert "created" == told(written)
    assert ann.user == office.get(orders, "A").by
