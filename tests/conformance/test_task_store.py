"""What every task store promises, on a real mongod."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest
from bson.decimal128 import Decimal128
from bson.objectid import ObjectId

from taskloom.engine.ports import Insertion, Taken
from taskloom.errors import ASSIGNEE, Malformed, TooLarge, TooSlow, Unavailable
from taskloom.model.event import DELETED, UPDATED, Change
from taskloom.model.task import Task
from taskloom.query.tree import CREATED, EVERYTHING, After, Compare, Order, Query
from taskloom.schema.compile import compile_workflow
from taskloom.schema.compiled import Compiled
from taskloom.storage import reading
from taskloom.storage.client import Database
from taskloom.storage.history import KEPT, History
from taskloom.storage.stores import Stores
from taskloom.storage.tasks import Tasks
from tests.builders import NOW, Maker, new_id, workflow_of

PROPERTIES: dict[str, dict[str, Any]] = {
    "ref": {"type": "string"},
    "name": {"type": "string", "filterable": True},
    "size": {"type": "number", "filterable": True},
    "price": {"type": "number", "format": "currency"},
    "tags": {"type": "array", "items": {"type": "string"}},
}


@pytest.fixture
def workflow(stores: Stores) -> Compiled:
    made = compile_workflow(workflow_of(PROPERTIES, unique_id="ref", several=True))
    stores.tasks.prepare(made)
    return made


@pytest.fixture
def make(workflow: Compiled) -> Maker:
    return Maker(workflow=workflow)


@pytest.fixture
def tasks(stores: Stores) -> Tasks:
    return stores.tasks


def stored(tasks: Tasks, make: Maker, uid: str | None = None, **values: Any) -> Task:
    new = make.new(uid, **values)
    tasks.insert(make.workflow, new)
    return new.task


def everything(tasks: Tasks, workflow: Compiled) -> list[Task]:
    return list(tasks.find(workflow, Query()))


def test_a_new_task_reads_back_as_it_was(tasks: Tasks, make: Maker) -> None:
    task = stored(tasks, make, "A 1", name="Ann", size=Decimal("1.5"), price=10, tags=["x", "y"])

    assert task == tasks.get(make.workflow, task.id)
    assert task == tasks.by_unique(make.workflow, "A 1")
    assert [task] == everything(tasks, make.workflow)


def test_who_made_a_task_and_who_changed_it_are_kept(tasks: Tasks, make: Maker) -> None:
    new = make.new()
    new = replace(new, task=replace(new.task, by="a" * 24), event=replace(new.event, by="b" * 24))
    tasks.insert(make.workflow, new)

    assert new.task == tasks.get(make.workflow, new.task.id)
    assert [new.event] == list(tasks.history(make.workflow, new.task.id))


@pytest.mark.parametrize("task", ["", "x", "0" * 23, "0" * 24, "ffff" * 6, "é" * 24])
def test_a_task_that_is_not_there_is_none(tasks: Tasks, workflow: Compiled, task: str) -> None:
    assert tasks.get(workflow, task) is None
    assert tasks.by_unique(workflow, task) is None
    assert list(tasks.history(workflow, task)) == []


def test_a_taken_unique_id_is_refused_and_nothing_is_written(tasks: Tasks, make: Maker) -> None:
    first = stored(tasks, make, "A", name="first")

    with pytest.raises(Taken):
        tasks.insert(make.workflow, make.new("A", name="second"))

    assert [first] == everything(tasks, make.workflow)


def test_any_number_of_tasks_may_have_no_unique_id(tasks: Tasks, make: Maker) -> None:
    both = [stored(tasks, make), stored(tasks, make)]

    assert both == everything(tasks, make.workflow)


def test_of_many_concurrent_inserts_of_one_unique_id_exactly_one_succeeds(
    tasks: Tasks, make: Maker
) -> None:
    def insert(new: Insertion) -> bool:
        try:
            tasks.insert(make.workflow, new)
        except Taken:
            return False
        return True

    with ThreadPoolExecutor(16) as pool:
        succeeded = list(pool.map(insert, [make.new("A") for _ in range(64)]))

    assert succeeded.count(True) == 1
    assert tasks.count(make.workflow, EVERYTHING) == 1


def test_insert_many_tells_which_ids_were_taken_and_stores_the_others(
    tasks: Tasks, make: Maker
) -> None:
    known = stored(tasks, make, "B")
    new = [make.new("A"), make.new("B"), make.new(), make.new("C"), make.new("A")]

    late = tasks.insert_many(make.workflow, new)

    assert {new[1].task.id, new[4].task.id} == late
    expected = [known, new[0].task, new[2].task, new[3].task]
    assert expected == everything(tasks, make.workflow)
    assert tasks.insert_many(make.workflow, []) == frozenset()


def test_tasks_are_found_by_their_unique_ids(tasks: Tasks, make: Maker) -> None:
    a, b = stored(tasks, make, "A"), stored(tasks, make, "B")
    stored(tasks, make, "C")

    assert {"A": a, "B": b} == tasks.by_uniques(make.workflow, ["A", "B", "D"])


def test_a_change_is_stored_only_over_the_revision_it_was_made_from(
    tasks: Tasks, make: Maker
) -> None:
    task = stored(tasks, make, name="old", size=1)
    change = make.change(task, values={"name": "new", "size": None}, stage="done")
    outrun = make.change(task, values={"name": "late"})

    assert tasks.replace(make.workflow, change) is True
    assert tasks.replace(make.workflow, outrun) is False
    assert change.after == tasks.get(make.workflow, task.id)


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ((), ("a" * 24,)),
        (("a" * 24,), ()),
        (("a" * 24,), ("a" * 24, "b" * 24)),
        (("a" * 24, "b" * 24), ("b" * 24,)),
    ],
)
def test_assignees_come_and_go(
    tasks: Tasks, make: Maker, before: tuple[str, ...], after: tuple[str, ...]
) -> None:
    task = stored(tasks, make)
    first = make.change(task, assignees=before)
    second = make.change(first.after, assignees=after)

    assert tasks.replace(make.workflow, first)
    assert tasks.replace(make.workflow, second)

    assert second.after == tasks.get(make.workflow, task.id)


def test_a_unique_id_may_change_to_a_free_one_only(tasks: Tasks, make: Maker) -> None:
    stored(tasks, make, "A")
    task = stored(tasks, make, "B")

    with pytest.raises(Taken):
        tasks.replace(make.workflow, make.change(task, uid="A"))
    assert tasks.replace(make.workflow, make.change(task, uid="C"))
    assert tasks.by_unique(make.workflow, "B") is None


def test_replace_many_tells_which_tasks_were_outrun(tasks: Tasks, make: Maker) -> None:
    held = [stored(tasks, make, str(number), size=number) for number in range(5)]
    assert tasks.replace(make.workflow, make.change(held[1], values={"size": 100}))
    assert tasks.delete(make.workflow, held[2], make.deletion())
    changes = [make.change(task, values={"name": "new"}) for task in held[:4]]
    changes.append(make.change(held[4], uid="0"))

    late = tasks.replace_many(make.workflow, changes)

    assert {held[1].id, held[2].id, held[4].id} == late
    for change in (changes[0], changes[3]):
        assert change.after == tasks.get(make.workflow, change.after.id)
    assert tasks.replace_many(make.workflow, changes[:0]) == frozenset()


def test_of_many_concurrent_changes_none_is_lost(tasks: Tasks, make: Maker) -> None:
    task = stored(tasks, make, size=0)

    def count_up(_: int) -> None:
        while True:
            now = tasks.get(make.workflow, task.id)
            assert now is not None
            higher = int(now.values["size"]) + 1  # type: ignore[arg-type] # a number field
            if tasks.replace(make.workflow, make.change(now, values={"size": higher})):
                return

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(count_up, range(100)))

    after = tasks.get(make.workflow, task.id)
    assert after is not None
    assert after.values == {"size": 100}
    sizes = [event.changes[0].new for event in tasks.history(make.workflow, task.id)]
    assert sizes == list(range(101))


def test_every_write_leaves_its_event(tasks: Tasks, make: Maker) -> None:
    new = make.new("A", name="Ann", size=Decimal("0.12345678901234567890"))
    change = make.change(new.task, values={"name": None, "tags": ["x"]}, stage="done")
    last = make.change(change.after, values={"name": "Bob"})
    tasks.insert(make.workflow, new)
    tasks.replace(make.workflow, change)
    tasks.replace_many(make.workflow, [last])

    events = tasks.history(make.workflow, new.task.id)

    assert [new.event, change.event, last.event] == list(events)


def test_a_refused_change_leaves_no_event(tasks: Tasks, make: Maker) -> None:
    new = make.new()
    tasks.insert(make.workflow, new)
    first, second = make.change(new.task, stage="done"), make.change(new.task, stage="doing")
    tasks.replace(make.workflow, first)
    tasks.replace(make.workflow, second)

    assert [new.event, first.event] == list(tasks.history(make.workflow, new.task.id))


@pytest.mark.parametrize("writes", [2 * KEPT - 2, 2 * KEPT - 1, 5 * KEPT + 7])
def test_a_long_history_holds_each_event_once_and_the_task_only_the_newest(
    tasks: Tasks, make: Maker, database: Database, writes: int
) -> None:
    new = make.new(size=0)
    tasks.insert(make.workflow, new)
    events, task = [new.event], new.task
    for number in range(writes):
        change = make.change(task, values={"size": number + 1})
        if number % 2:
            assert tasks.replace(make.workflow, change)
        else:
            assert tasks.replace_many(make.workflow, [change]) == frozenset()
        events.append(change.event)
        task = change.after

    assert events == list(tasks.history(make.workflow, task.id))
    document = database[f"tasks_{make.workflow.workflow.uid}"].find_one({})
    assert document is not None
    assert len(document["ev"]) < 2 * KEPT
    moved = database["history"].count_documents({})
    assert writes + 1 == len(document["ev"]) + moved


def test_events_copied_but_not_yet_removed_are_told_once(
    tasks: Tasks, make: Maker, database: Database
) -> None:
    """The state that a process killed while moving events leaves behind."""
    task = stored(tasks, make, size=0)
    collection = database[f"tasks_{make.workflow.workflow.uid}"]
    early = None
    for number in range(2 * KEPT - 1):
        early = collection.find_one({})
        change = make.change(task, values={"size": number + 1})
        tasks.replace(make.workflow, change)
        task = change.after
    whole = list(tasks.history(make.workflow, task.id))
    assert early is not None
    last = collection.find_one({})
    assert last is not None
    collection.update_one({}, {"$set": {"ev": [*early["ev"], last["ev"][-1]]}})

    assert whole == list(tasks.history(make.workflow, task.id))
    for number in range(KEPT):
        change = make.change(task, values={"size": -number})
        assert tasks.replace(make.workflow, change)
        whole.append(change.event)
        task = change.after
    assert whole == list(tasks.history(make.workflow, task.id))
    assert tasks.delete(make.workflow, task, make.deletion())
    assert whole == list(tasks.history(make.workflow, task.id))[:-1]


def test_moving_events_of_a_task_that_has_none_to_move_changes_nothing(
    tasks: Tasks, make: Maker, database: Database
) -> None:
    new = make.new()
    tasks.insert(make.workflow, new)
    history = History(database)

    for task in (new.task.id, new_id()):
        history.overflow(make.workflow, ObjectId(task), keep=KEPT)

    assert [new.event] == list(tasks.history(make.workflow, new.task.id))
    assert database["history"].count_documents({}) == 0


def test_a_deleted_task_is_gone_and_its_history_ends_with_the_deletion(
    tasks: Tasks, make: Maker
) -> None:
    new = make.new("A", name="Ann")
    tasks.insert(make.workflow, new)
    change = make.change(new.task, stage="done")
    tasks.replace(make.workflow, change)
    tombstone = make.deletion()

    assert tasks.delete(make.workflow, new.task, tombstone) is False
    assert tasks.delete(make.workflow, change.after, tombstone) is True

    assert everything(tasks, make.workflow) == []
    history = list(tasks.history(make.workflow, new.task.id))
    assert [new.event, change.event, tombstone] == history
    assert history[-1].kind == DELETED
    assert tasks.delete(make.workflow, change.after, make.deletion()) is False
    tasks.insert(make.workflow, make.new("A"))


def test_of_a_deletion_and_changes_at_once_all_agree_on_the_end(tasks: Tasks, make: Maker) -> None:
    task = stored(tasks, make, size=0)

    def change(number: int) -> bool:
        return tasks.replace(make.workflow, make.change(task, values={"size": number}))

    def delete(_: int) -> bool:
        return tasks.delete(make.workflow, task, make.deletion())

    moves: list[Callable[[int], bool]] = [change, delete] * 8
    with ThreadPoolExecutor(8) as pool:
        won = list(pool.map(lambda pair: pair[1](pair[0] + 1), enumerate(moves)))

    assert won.count(True) == 1
    assert len(tasks.history(make.workflow, task.id)) == 2


@pytest.mark.parametrize(
    "number",
    [
        0,
        -1,
        2**63 - 1,
        10**29,
        Decimal("0.1"),
        Decimal("-1.25"),
        Decimal("123456789012345678.123456789012345"),
    ],
)
def test_numbers_come_back_exactly(tasks: Tasks, make: Maker, number: Decimal | int) -> None:
    task = stored(tasks, make, "A", size=number)

    for found in (
        tasks.get(make.workflow, task.id),
        tasks.by_uniques(make.workflow, ["A"])["A"],
        *tasks.find(make.workflow, Query(limit=1)),
        *tasks.find(make.workflow, Query()),
        *tasks.find(make.workflow, Query(where=Compare("size", "eq", number))),
    ):
        assert found is not None
        assert repr(number) == repr(found.values["size"])
    changed = make.change(task, values={"size": None})
    tasks.replace(make.workflow, changed)
    old = tasks.history(make.workflow, task.id)[-1].changes[0].old
    assert not isinstance(old, Decimal128)
    assert repr(number) == repr(make.workflow.codecs["size"].unpack(old))


OPERATORS = ['{"$gt": ""}', "$where", "$ne", "^.*", "a.b", "$name", "'; return true"]


@pytest.mark.parametrize("text", OPERATORS)
@pytest.mark.parametrize("op", ["eq", "contains", "startswith", "in"])
def test_no_text_acts_as_an_operator(tasks: Tasks, make: Maker, text: str, op: str) -> None:
    stored(tasks, make, "other", name="other")
    own = stored(tasks, make, text, name=text)

    for field in ("name", "_uid"):
        operand = (text,) if op == "in" else text
        found = tasks.find(make.workflow, Query(where=Compare(field, op, operand)))
        assert [own] == list(found)
    assert own == tasks.by_unique(make.workflow, text)


@pytest.mark.parametrize("operand", [{"$gt": ""}, {"$where": "1"}, {"$regex": ".*"}, ["other"]])
def test_no_document_acts_as_an_operator(tasks: Tasks, make: Maker, operand: object) -> None:
    stored(tasks, make, name="other")

    found = tasks.find(make.workflow, Query(where=Compare("name", "eq", operand)))

    assert list(found) == []


def test_text_that_no_database_holds_is_refused(tasks: Tasks, make: Maker) -> None:
    with pytest.raises(Malformed):
        list(tasks.find(make.workflow, Query(where=Compare("name", "eq", "\ud800"))))
    with pytest.raises(Malformed):
        tasks.insert(make.workflow, make.new("\ud800"))
    assert list(tasks.find(make.workflow, Query(where=Compare("name", "contains", "a\0b")))) == []


def test_a_search_text_of_any_script_that_is_short_enough_is_searched(
    tasks: Tasks, make: Maker
) -> None:
    task = stored(tasks, make, name="\U0001f9f6" * 250 + "ÄÖ.")

    for text in ("\U0001f9f6" * 250, "äö", ".", "ö."):
        assert [task] == list(
            tasks.find(make.workflow, Query(where=Compare("name", "contains", text)))
        )
    longest = "\U0001f9f6." * (4_000 // 2)
    assert list(tasks.find(make.workflow, Query(where=Compare("name", "contains", longest)))) == []
    with pytest.raises(TooLarge):
        tasks.find(make.workflow, Query(where=Compare("name", "contains", longest + "x")))


@pytest.fixture
def small_windows(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reading, "BATCH", 7)
    monkeypatch.setattr(reading, "WINDOW", 20)


@pytest.mark.usefixtures("small_windows")
@pytest.mark.parametrize("limit", [None, 1, 7, 8, 19, 20, 21, 40, 59, 60, 61])
@pytest.mark.parametrize("order", [(), (Order(CREATED, descending=True),), (Order("size"),)])
def test_long_lists_are_whole_however_they_are_cut_in_pieces(
    tasks: Tasks, make: Maker, limit: int | None, order: tuple[Order, ...]
) -> None:
    new = [make.new(size=number // 5) for number in range(60)]
    tasks.insert_many(make.workflow, new)
    expected = [one.task for one in new]
    if order == (Order(CREATED, descending=True),):
        expected.reverse()

    assert expected[:limit] == list(tasks.find(make.workflow, Query(order=order, limit=limit)))


@pytest.mark.usefixtures("small_windows")
def test_a_list_is_read_as_it_is_consumed(tasks: Tasks, make: Maker) -> None:
    new = [make.new() for _ in range(60)]
    tasks.insert_many(make.workflow, new)

    found = tasks.find(make.workflow, Query())
    first = next(found)
    late = stored(tasks, make)

    assert [*(one.task for one in new), late] == [first, *found]


@pytest.mark.usefixtures("small_windows")
def test_a_list_whose_workflow_is_dropped_ends_with_an_error(tasks: Tasks, make: Maker) -> None:
    tasks.insert_many(make.workflow, [make.new(size=number) for number in range(60)])
    found = tasks.find(make.workflow, Query(order=(Order("size"),)))
    next(found)

    tasks.drop(make.workflow)

    with pytest.raises(Unavailable):
        list(found)


def test_a_page_larger_than_one_reply_is_whole(tasks: Tasks, make: Maker) -> None:
    new = [make.new(name="x" * 4_000_000, size=number) for number in range(6)]
    for one in new:
        tasks.insert(make.workflow, one)

    found = [task.values["size"] for task in tasks.find(make.workflow, Query(limit=6))]

    assert found == list(range(6))


def test_a_page_goes_on_after_the_last_task_seen(tasks: Tasks, make: Maker) -> None:
    new = [stored(tasks, make) for _ in range(5)]
    after = After(keys=(), created=new[1].created, id=new[1].id)

    assert new[2:4] == list(tasks.find(make.workflow, Query(limit=2, after=after)))


def test_a_page_goes_on_after_a_list_by_its_first_item(tasks: Tasks, make: Maker) -> None:
    x, y, none = (stored(tasks, make, tags=tags) for tags in (["x", "z"], ["y", "a"], []))
    order = (Order("tags"),)

    for last, expected in ((x, [y, none]), (y, [none]), (none, [])):
        after = After(keys=(last.values["tags"],), created=last.created, id=last.id)
        assert expected == list(tasks.find(make.workflow, Query(order=order, after=after)))


def test_a_page_after_something_that_is_no_id_fails_nothing(tasks: Tasks, make: Maker) -> None:
    task = stored(tasks, make)
    after = After(keys=(), created=task.created, id="no id")

    assert list(tasks.find(make.workflow, Query(after=after))) == []


def test_only_the_fields_asked_for_are_read(tasks: Tasks, make: Maker) -> None:
    stored(tasks, make, "A", name="Ann", size=1, tags=["x"])

    for fields, expected in (
        (frozenset({"name", "size"}), {"name": "Ann", "size": 1}),
        (frozenset[str](), {}),
    ):
        for order in ((), (Order("tags"),)):
            (found,) = tasks.find(make.workflow, Query(fields=fields, order=order))
            assert expected == found.values
            assert found.uid == "A"


def test_a_query_over_its_time_limit_is_too_slow(
    tasks: Tasks, make: Maker, database: Database
) -> None:
    tasks.insert_many(make.workflow, [make.new(name=f"{'x' * 5000}{n}") for n in range(2000)])
    hasty = Tasks(database, query_ms=1)
    where = Compare("tags", "contains", "none")

    with pytest.raises(TooSlow):
        list(hasty.find(make.workflow, Query(where=where)))
    with pytest.raises(TooSlow):
        hasty.count(make.workflow, where)


def test_a_task_too_large_to_store_is_refused(tasks: Tasks, make: Maker) -> None:
    with pytest.raises(TooLarge):
        tasks.insert(make.workflow, make.new(name="x" * 17_000_000))
    task = stored(tasks, make, name="x" * 3_000_000)
    with pytest.raises(TooLarge):
        tasks.replace(make.workflow, make.change(task, values={"name": "y" * 8_000_000}))
    assert task == tasks.get(make.workflow, task.id)


def test_large_values_may_change_often(tasks: Tasks, make: Maker) -> None:
    task = stored(tasks, make, name="0" * 2_000_000)
    for digit in "12345678":
        change = make.change(task, values={"name": digit * 2_000_000})
        assert tasks.replace(make.workflow, change)
        task = change.after

    assert task == tasks.get(make.workflow, task.id)
    assert len(tasks.history(make.workflow, task.id)) == 9


def test_stages_are_counted(tasks: Tasks, make: Maker) -> None:
    for stage in ("todo", "done", "done"):
        task = stored(tasks, make)
        tasks.replace(make.workflow, make.change(task, stage=stage, assignees=("a" * 24,)))

    assert {"todo": 1, "done": 2} == tasks.stage_counts(make.workflow)
    assert tasks.count(make.workflow, EVERYTHING) == 3


def test_tasks_are_counted_by_assignee_and_stage(tasks: Tasks, make: Maker) -> None:
    ann, bob = "a" * 24, "b" * 24
    for stage, assignees in (
        ("todo", (ann, bob)),
        ("done", (ann,)),
        ("done", (ann,)),
        ("done", ()),
    ):
        task = stored(tasks, make)
        tasks.replace(make.workflow, make.change(task, stage=stage, assignees=assignees))

    expected = {(ann, "todo"): 1, (bob, "todo"): 1, (ann, "done"): 2}
    assert expected == tasks.assigned_counts(make.workflow, EVERYTHING)
    only = Compare(ASSIGNEE, "eq", bob)
    assert {(ann, "todo"): 1, (bob, "todo"): 1} == tasks.assigned_counts(make.workflow, only)


@pytest.mark.usefixtures("small_windows")
def test_a_user_is_taken_off_all_tasks(tasks: Tasks, make: Maker) -> None:
    gone, other = "a" * 24, "b" * 24
    held = []
    for assignees in [(gone,), (other,), (other, gone), ()] * 5:
        change = make.change(stored(tasks, make), assignees=assignees)
        tasks.replace(make.workflow, change)
        held.append(change.after)

    assert tasks.unassign(make.workflow, gone, NOW + 10_000, other) == 10

    after = {task.id: task for task in everything(tasks, make.workflow)}
    for task in held:
        assert tuple(u for u in task.assignees if u != gone) == after[task.id].assignees
        last = tasks.history(make.workflow, task.id)[-1]
        if gone in task.assignees:
            left = [u for u in task.assignees if u != gone]
            assert last.changes == (Change(field=ASSIGNEE, old=list(task.assignees), new=left),)
            assert (last.by, last.at, last.kind) == (other, NOW + 10_000, UPDATED)
    assert tasks.unassign(make.workflow, gone, NOW, None) == 0


def test_numbers_are_never_given_twice(tasks: Tasks, workflow: Compiled) -> None:
    with ThreadPoolExecutor(8) as pool:
        given = list(pool.map(lambda _: tasks.next_number(workflow), range(200)))

    assert sorted(given) == list(range(1, 201))


def test_numbers_go_on_above_one_that_was_reached(tasks: Tasks, workflow: Compiled) -> None:
    tasks.reach_number(workflow, 7)
    tasks.reach_number(workflow, 3)

    assert tasks.next_number(workflow) == 8


def test_dropping_a_workflow_leaves_nothing_of_it(
    tasks: Tasks, make: Maker, database: Database
) -> None:
    other = Maker(workflow=compile_workflow(workflow_of(PROPERTIES, id="other")))
    tasks.prepare(other.workflow)
    kept = stored(tasks, other, "A")
    tasks.delete(make.workflow, stored(tasks, make, "A"), make.deletion())
    tasks.next_number(make.workflow)
    stored(tasks, make, "B")

    tasks.drop(make.workflow)

    assert everything(tasks, make.workflow) == []
    assert database["history"].count_documents({}) == 0
    assert tasks.next_number(make.workflow) == 1
    assert [kept] == everything(tasks, other.workflow)


def _indexes(database: Database, workflow: Compiled) -> set[str]:
    return set(database[f"tasks_{workflow.workflow.uid}"].index_information())


def test_indexes_follow_the_fields_marked_filterable(
    tasks: Tasks, workflow: Compiled, database: Database
) -> None:
    database[f"tasks_{workflow.workflow.uid}"].create_index("v.price", name="by_hand")
    changed = {**PROPERTIES, "name": {"type": "string"}}
    changed["tags"] = {**PROPERTIES["tags"], "filterable": True}
    before = _indexes(database, workflow)

    next_version = compile_workflow(
        workflow_of(changed, uid=workflow.workflow.uid, version=2, unique_id="ref")
    )
    tasks.prepare(next_version)
    tasks.prepare(next_version)

    assert before - _indexes(database, workflow) == {"tl_v.name"}
    assert _indexes(database, workflow) - before == {"tl_v.tags"}


def test_preparing_from_many_sides_at_once_is_harmless(tasks: Tasks, database: Database) -> None:
    new = compile_workflow(workflow_of(PROPERTIES, unique_id="ref"))
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda _: tasks.prepare(new), range(16)))

    assert "tl_uid" in _indexes(database, new)


def test_values_under_keys_that_the_workflow_dropped_stay_as_they_are(
    tasks: Tasks, make: Maker
) -> None:
    task = stored(tasks, make, name="Ann", size=1)
    uid = make.workflow.workflow.uid
    narrow = compile_workflow(workflow_of({"size": PROPERTIES["size"]}, uid=uid, version=2))
    seen = tasks.get(narrow, task.id)
    assert seen is not None
    assert seen.values == {"size": 1}

    tasks.replace(narrow, Maker(workflow=narrow).change(seen, values={"size": 2}))

    again = tasks.get(make.workflow, task.id)
    assert again is not None
    assert again.values == {"name": "Ann", "size": 2}


def test_the_id_of_a_task_is_its_own(tasks: Tasks, make: Maker) -> None:
    one, _ = stored(tasks, make), stored(tasks, make)

    for where, expected in (
        (Compare("_id", "eq", one.id), 1),
        (Compare("_id", "ne", one.id), 1),
        (Compare("_id", "eq", "no id"), 0),
        (Compare("_id", "ne", "no id"), 2),
        (Compare("_id", "in", (one.id, "no id", new_id())), 1),
        (Compare("_id", "gt", "no id"), 0),
    ):
        assert expected == tasks.count(make.workflow, where)
