"""What every store of values in slots promises, on a real mongod."""

from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest

from taskloom.engine.ports import Insertion
from taskloom.engine.shifts import LAST, Applied, Move, Recalled, Retired, Settling, Shift
from taskloom.schema.compile import compile_workflow
from taskloom.schema.compiled import Compiled
from taskloom.storage import shifts as sizes
from taskloom.storage.stores import Stores
from tests.builders import NOW, Maker, workflow_of

FIELDS = {"name": {"type": "string"}, "size": {"type": "number"}}
LONG = Decimal("12345678901234567890.5")
MOVE = Move(key="size", source="size", target="size~1", version=1, new=2)


@pytest.fixture
def orders(stores: Stores) -> Compiled:
    made = compile_workflow(workflow_of(FIELDS, unique_id="name"))
    stores.workflows.insert(made.workflow, None, NOW)
    stores.tasks.prepare(made)
    return made


def added(stores: Stores, workflow: Compiled, *values: dict[str, Any]) -> list[Insertion]:
    make = Maker(workflow=workflow)
    new = [make.new(each.get("name"), **each) for each in values]
    assert not stores.tasks.insert_many(workflow, new)
    return new


def test_tasks_are_seen_by_id_with_values_as_they_are_stored(
    stores: Stores, orders: Compiled, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sizes, "_WINDOW", 2)
    new = added(stores, orders, *({"name": str(at), "size": LONG} for at in range(5)))

    held = list(stores.shifts.held(orders))

    assert [one.task.id for one in new] == [one.id for one in held]
    assert {"name": "0", "size": LONG} == held[0].values
    assert ("0", 1, 1, {}) == (held[0].uid, held[0].rev, held[0].version, held[0].marks)
    assert held[3:] == list(stores.shifts.held(orders, held[2].id))
    assert not list(stores.shifts.held(orders, held[4].id))
    assert [held[1]] == list(stores.shifts.some(orders, [held[1].id, "6" * 24]))


def test_a_shift_writes_what_it_says_and_no_revision(stores: Stores, orders: Compiled) -> None:
    (one,) = added(stores, orders, {"name": "a", "size": 1})
    shift = Shift(task=one.task.id, rev=1, put={"size~1": "1"}, marks={"size~1": b"m"}, stamp=7)

    assert stores.shifts.shift(orders, [shift])

    (held,) = stores.shifts.held(orders)
    assert {"name": "a", "size": 1, "size~1": "1"} == held.values
    assert (1, 7, {"size~1": b"m"}) == (held.rev, held.version, held.marks)
    assert 1 == len(stores.tasks.history(orders, one.task.id))
    ended = replace(shift, put={}, marks={}, drop=frozenset({"size"}), unmark=frozenset({"size~1"}))
    assert stores.shifts.shift(orders, [ended])
    (held,) = stores.shifts.held(orders)
    assert ({"name": "a", "size~1": "1"}, {}) == (held.values, held.marks)


def test_a_task_that_was_written_since_is_left_alone(stores: Stores, orders: Compiled) -> None:
    one, other = added(stores, orders, {"name": "a", "size": 1}, {"name": "b", "size": 2})
    make = Maker(workflow=orders)
    assert stores.tasks.replace(orders, make.change(one.task, values={"size": 3}))
    shifts = [Shift(task=each.task.id, rev=1, put={"size~1": "x"}) for each in (one, other)]

    assert not stores.shifts.shift(orders, shifts)

    held = {each.uid: each.values for each in stores.shifts.held(orders)}
    assert ({"name": "a", "size": 3}, "x") == (held["a"], held["b"]["size~1"])


def test_slots_are_counted_and_purged(stores: Stores, orders: Compiled) -> None:
    added(stores, orders, {"name": "a", "size": 1}, {"name": "b"})
    assert {"size": 1, "none": 0} == stores.shifts.count(orders, ["size", "none"])

    stores.shifts.purge(orders, "size")

    assert {"size": 0} == stores.shifts.count(orders, ["size"])
    assert ["a", "b"] == [each.uid for each in stores.shifts.held(orders)]


def test_a_version_that_comes_by_a_plan_says_where_values_are(
    stores: Stores, orders: Compiled
) -> None:
    (one,) = added(stores, orders, {"name": "a", "size": 1})
    old, move = orders.workflow, replace(MOVE, recalled=Recalled(slot="size~0", version=1))
    new = replace(old, version=2)
    gone = Retired(slot="size", key="size", kind="number", title="Size", version=1)
    applied = Applied(slots={"size": "size~1"}, retired=[gone], moves=[move])

    assert stores.workflows.replace(new, None, NOW, by="u", applied=applied)

    found = stores.workflows.newest("main", "orders")
    assert found is not None
    assert {"size": "size~1"} == found.slots
    assert (gone,) == stores.workflows.retired("main", "orders")
    told = stores.workflows.version("main", "orders", 2)
    assert told is not None
    assert ("u", NOW) == (told.by, told.at)
    task = stores.tasks.get(found, one.task.id)
    assert task is not None
    assert {"name": "a"} == task.values
    make = Maker(workflow=orders)
    assert stores.tasks.replace(found, make.change(task, values={"size": 5}))
    (held,) = stores.shifts.held(found)
    assert {"name": "a", "size": 1, "size~1": 5} == held.values


def test_what_is_to_be_settled_is_kept_until_it_is_done(stores: Stores, orders: Compiled) -> None:
    old = orders.workflow
    applied = Applied(slots={"size": "size~1"}, moves=[MOVE])
    assert stores.workflows.replace(replace(old, version=2), None, NOW, applied=applied)
    assert stores.workflows.replace(
        replace(old, version=3), None, NOW, applied=replace(applied, moves=[], settles=False)
    )
    left = Settling(workspace="main", workflow="orders", uid=old.uid, new=2, at=NOW, moves=(MOVE,))
    assert (left,) == stores.workflows.settling()

    further = replace(left, round=LAST, after="6" * 24)
    stores.workflows.settle(further, done=False)
    assert (further,) == stores.workflows.settling()
    stores.workflows.settle(further, done=True)
    assert () == stores.workflows.settling()
