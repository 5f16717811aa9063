"""Writing one task over the real store, while others write, delete and configure in between."""

import base64
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from taskloom.engine import contention
from taskloom.engine.ports import Taken
from taskloom.errors import ASSIGNEE, STAGE, Conflict, Forbidden, Invalid, NotFound
from taskloom.model.event import CREATED, DELETED, UPDATED
from taskloom.query.tree import EVERYTHING
from taskloom.storage.client import Database
from tests.unit.engines import ORDERS, TICKETS, Office, member, open_office, papers_of


@pytest.fixture
def office(database: Database, tmp_path: Path) -> Office:
    return open_office(database, tmp_path)


def codes(refused: pytest.ExceptionInfo[Invalid]) -> set[tuple[Any, str]]:
    return {(fault.path[0], fault.code) for fault in refused.value.faults}


def packed_file(contents: bytes, name: str = "a.txt") -> dict[str, str]:
    return {"base64contents": base64.b64encode(contents).decode(), "filename": name}


# --- one task per unique ID ----------------------------------------------------------------------


def test_whoever_loses_the_race_to_create_updates_the_winner_s_task(office: Office) -> None:
    orders = office.push(ORDERS)
    office.tasks.before("insert", lambda: office.write(orders, ref="A", name="first", size=1))

    written = office.write(orders, ref="A", name="second")

    assert "updated" == written.outcome
    (task,) = office.all(orders)
    assert {"ref": "A", "name": "second", "size": 1} == task.values
    assert [CREATED, UPDATED] == [event.kind for event in office.history(orders, task)]


def test_of_two_that_create_the_second_is_told_that_the_id_is_taken(office: Office) -> None:
    orders = office.push(ORDERS)
    office.tasks.before("insert", lambda: office.write(orders, ref="A", name="first"))

    with pytest.raises(Invalid) as refused:
        office.write(orders, "create", ref="A", name="second")

    assert {("ref", "taken")} == codes(refused)
    assert "first" == office.get(orders, "A").values["name"]


def test_a_change_of_a_task_that_changed_meanwhile_is_decided_again(office: Office) -> None:
    orders = office.push(ORDERS)
    office.write(orders, ref="A", size=1)
    office.tasks.before("replace", lambda: office.write(orders, ref="A", name="other", size=2))

    written = office.write(orders, ref="A", size=3)

    assert ("updated", ("size",)) == (written.outcome, written.changed)
    assert {"ref": "A", "name": "other", "size": 3} == office.get(orders, "A").values
    changes = office.history(orders, written.task)[-1].changes
    assert [("size", 2, 3)] == [(change.field, change.old, change.new) for change in changes]


def test_a_task_deleted_meanwhile_is_created_anew_or_not_found(office: Office) -> None:
    orders = office.push(ORDERS)
    first = office.write(orders, ref="A", size=1).task
    office.tasks.before("replace", lambda: office.delete(orders, "A"))

    written = office.write(orders, ref="A", name="new")

    assert "created" == written.outcome
    assert first.id != written.task.id
    office.tasks.before("replace", lambda: office.delete(orders, "A"))
    with pytest.raises(NotFound):
        office.write(orders, "update", ref="A", name="late")


def test_a_deletion_of_a_task_that_changed_meanwhile_is_carried_out_all_the_same(
    office: Office,
) -> None:
    orders = office.push(ORDERS)
    task = office.write(orders, ref="A", size=1).task
    office.tasks.before("delete", lambda: office.write(orders, ref="A", size=2))

    office.delete(orders, "A")

    assert [] == office.all(orders)
    kinds = [event.kind for event in office.history(orders, task)]
    assert [CREATED, UPDATED, DELETED] == kinds
    with pytest.raises(NotFound):
        office.delete(orders, "A")


def test_deleting_and_creating_one_id_from_many_sides_leaves_at_most_one_task(
    office: Office,
) -> None:
    orders = office.push(ORDERS)

    def turn(number: int) -> str:
        try:
            if number % 2:
                office.delete(orders, "A")
            else:
                office.write(orders, ref="A", size=number)
        except NotFound:
            return "none"
        return "done"

    with ThreadPoolExecutor(8) as pool:
        assert {"done", "none"} >= set(pool.map(turn, range(64)))

    office.write(orders, ref="A", size=100)
    assert [100] == [task.values["size"] for task in office.all(orders)]


def test_a_change_refused_for_its_unique_id_is_tried_again(office: Office) -> None:
    def taken() -> None:
        raise Taken

    orders = office.push(ORDERS)
    office.write(orders, ref="A", size=1)
    office.tasks.before("replace", taken)

    assert "updated" == office.write(orders, ref="A", size=2).outcome


def test_patience_with_others_ends(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    def taken() -> None:
        raise Taken

    monkeypatch.setattr(contention, "PATIENCE_SECONDS", 0.0)
    orders = office.push(ORDERS)
    office.tasks.before("insert", taken)

    with pytest.raises(Conflict):
        office.write(orders, ref="A")

    office.write(orders, ref="A")
    office.tasks.before("delete", lambda: office.write(orders, ref="A", size=2))
    with pytest.raises(Conflict):
        office.delete(orders, "A")


# --- exact values, exact events ------------------------------------------------------------------


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ({"on": True}, {"on": 1}),
        ({"on": [0]}, {"on": [False]}),
        ({"a": 1, "b": 2}, {"b": 2, "a": 1}),
    ],
)
def test_json_that_python_takes_for_equal_is_stored_as_the_event_tells(
    office: Office, old: object, new: object
) -> None:
    orders = office.push(ORDERS)
    office.write(orders, ref="A", extra=old)

    written = office.write(orders, ref="A", extra=new)

    assert ("updated", ("extra",)) == (written.outcome, written.changed)
    assert repr(new) == repr(office.get(orders, "A").values["extra"])
    change = office.history(orders, written.task)[-1].changes[0]
    stored = orders.codecs["extra"]
    assert (repr(old), repr(new)) == (
        repr(stored.unpack(change.old)),
        repr(stored.unpack(change.new)),
    )


def test_the_same_again_changes_nothing(office: Office) -> None:
    orders = office.push(ORDERS)
    first = office.write(orders, ref="A", extra={"on": True}, rows=[{}], stage="Doing").task

    again = office.write(orders, ref=" A ", extra={"on": True}, rows=[{}], stage="Doing", size=None)

    assert ("unchanged", ()) == (again.outcome, again.changed)
    assert first == again.task == office.get(orders, "A")
    assert 1 == len(office.history(orders, first))


def test_events_tell_every_change_in_order_also_when_there_are_many(office: Office) -> None:
    orders = office.push(ORDERS)
    member(office, "ann@example.com")
    for number in range(100):
        office.write(orders, ref="A", size=number)
    task = office.write(
        orders, ref="A", size=None, name="x", stage="Done", assignees="ann@example.com"
    ).task
    office.delete(orders, "A")

    events = office.history(orders, task)

    sizes = [change.new for event in events[:100] for change in event.changes]
    assert ["A", 0, "New", *range(1, 100)] == sizes
    assert [
        ("name", None, "x"),
        ("size", 99, None),
        (STAGE, "New", "Done"),
        (ASSIGNEE, [], list(task.assignees)),
    ] == [(change.field, change.old, change.new) for change in events[100].changes]
    assert (102, DELETED) == (len(events), events[-1].kind)
    assert sorted(event.at for event in events) == [event.at for event in events]


def test_time_never_runs_backwards_within_a_task(office: Office) -> None:
    orders = office.push(ORDERS)
    ann = member(office, "ann@example.com")
    assert ann.user is not None
    first = office.write(orders, ref="A", assignees="ann@example.com").task
    office.clock.now -= 10_000

    second = office.write(orders, ref="A", size=1).task
    office.ports.tasks.unassign(orders, ann.user, office.clock(), None)
    third = office.get(orders, "A")
    office.delete(orders, "A")

    assert first.updated == second.updated == third.updated
    assert [first.updated] * 4 == [event.at for event in office.history(orders, first)]


# --- a workflow that changes meanwhile -----------------------------------------------------------


def test_a_task_in_a_stage_that_was_taken_away_meanwhile_can_be_moved_out(office: Office) -> None:
    table = {"New": ["Doing", "Done"], "Doing": ["Done"]}
    orders = office.push(ORDERS, transitions=table)
    later = {"stages": [{"name": "New"}, {"name": "Done", "end": True}], "transitions": {}}
    office.tasks.before("insert", lambda: office.push(ORDERS, **later))
    office.write(orders, ref="A", stage="Doing")
    now = office.engine.workflows.get(office.admin, "orders")
    assert "Doing" not in now.stages

    assert "updated" == office.write(now, ref="A", size=1).outcome
    assert "Done" == office.write(now, ref="A", stage="Done").task.stage
    with pytest.raises(Invalid) as refused:
        office.write(now, ref="A", stage="New")
    assert {(STAGE, "transition")} == codes(refused)


def test_a_write_keeps_the_version_that_checked_it_and_what_a_later_one_added(
    office: Office,
) -> None:
    orders = office.push(ORDERS)
    office.write(orders, ref="A", size=1)
    wide = {**ORDERS, "properties": {**ORDERS["properties"], "note": {"type": "string"}}}

    def meanwhile() -> None:
        office.write(office.push(wide), ref="A", note="kept")

    office.tasks.before("replace", meanwhile)
    written = office.write(orders, ref="A", size=2)

    assert 1 == written.task.version
    now = office.engine.workflows.get(office.admin, "orders")
    assert {"ref": "A", "size": 2, "note": "kept"} == office.get(now, "A").values


# --- numbers -------------------------------------------------------------------------------------


def test_numbers_count_from_one_and_pass_those_given_by_hand(office: Office) -> None:
    tickets = office.push(TICKETS)

    uids = [
        office.write(tickets, name="a").task.uid,
        office.write(tickets, number=5).task.uid,
        office.write(tickets, name="b").task.uid,
        office.write(tickets, number="-3").task.uid,
        office.write(tickets, number=2**53).task.uid,
        office.write(tickets, number=2**63 - 1).task.uid,
        office.write(tickets, name="c").task.uid,
    ]

    assert ["1", "5", "6", "-3", str(2**53), str(2**63 - 1), "7"] == uids


def test_a_refused_write_uses_no_number(office: Office) -> None:
    tickets = office.push(TICKETS)
    with pytest.raises(Invalid):
        office.write(tickets, number=1000, name=7)
    with pytest.raises(Invalid):
        office.write(tickets, name="first", stage="Nowhere")
    with pytest.raises(NotFound):
        office.write(tickets, "update", number=1002)

    assert "1" == office.write(tickets, name="first").task.uid


@pytest.mark.parametrize(
    "rules", [{"required": ["number"]}, {"stages": [{"name": "New", "require": ["number"]}]}]
)
def test_a_number_may_be_required_and_left_to_the_counter(
    office: Office, rules: dict[str, Any]
) -> None:
    if "required" in rules:
        tickets = office.push({**TICKETS, **rules})
    else:
        tickets = office.push(TICKETS, **rules)

    assert "1" == office.write(tickets, name="first").task.uid
    with pytest.raises(Invalid) as refused:
        office.write(tickets, number=None)
    assert {("number", "blank")} == codes(refused)
    with pytest.raises(Invalid) as refused:
        office.write(tickets, number="x")
    assert {("number", "invalid")} == codes(refused)


def test_a_number_that_is_taken_leads_to_the_next_free_one(office: Office) -> None:
    """An ID that starts to count goes on above the tasks that had theirs from elsewhere."""
    plain = office.push(TICKETS, uniqueId="number")
    office.bulk(plain, [{"number": number} for number in (*range(1, 301), 2**60)])
    counting = office.push(TICKETS)

    assert "301" == office.write(counting, name="next").task.uid
    assert "302" == office.write(counting, name="next").task.uid


def test_numbers_taken_in_between_are_passed_over_by_many_at_once(office: Office) -> None:
    plain = office.push(TICKETS, uniqueId="number")
    office.bulk(plain, [{"number": number} for number in range(1, 20)])
    counting = office.push(TICKETS)

    with ThreadPoolExecutor(8) as pool:
        uids = set(pool.map(lambda _: office.write(counting, name="n").task.uid, range(24)))

    assert 24 == len(uids)
    assert not uids & {str(number) for number in range(1, 20)}


def test_without_a_number_of_its_own_a_taken_id_is_only_tried_again(office: Office) -> None:
    def taken() -> None:
        raise Taken

    loose = office.push({**ORDERS, "$id": "loose"}, uniqueId=None)
    office.tasks.before("insert", taken)

    assert "created" == office.write(loose, name="x").outcome
    with pytest.raises(NotFound):
        office.write(loose, "update", name="x")
    with pytest.raises(NotFound):
        office.get(loose, "x")


# --- files ---------------------------------------------------------------------------------------


def contents(office: Office, blob: str) -> bytes:
    file = office.engine.files.open(office.admin, blob)
    return b"".join(office.engine.files.read(file, 0, 100))


def collected(office: Office) -> Iterator[int]:
    """Collect whatever nothing needs, however young."""
    yield office.ports.files.collect(office.clock() + 10**12)


def test_files_of_a_lost_race_end_up_on_the_winner_s_task(office: Office) -> None:
    orders = office.push(ORDERS)
    office.tasks.before(
        "insert", lambda: office.write(orders, ref="A", papers=[packed_file(b"other")])
    )

    written = office.write(orders, ref="A", papers=[packed_file(b"mine")])

    assert "updated" == written.outcome
    (paper,) = papers_of(office.get(orders, "A"))
    assert 1 == sum(collected(office))
    assert b"mine" == contents(office, paper["blobId"])


def test_a_file_added_and_one_kept_survive_a_change_in_between(office: Office) -> None:
    orders = office.push(ORDERS)
    first = office.write(orders, ref="A", papers=[packed_file(b"one")]).task
    (one,) = papers_of(first)
    office.tasks.before("replace", lambda: office.write(orders, ref="A", size=2))

    office.write(orders, ref="A", papers=[{"blobId": one["blobId"]}, packed_file(b"two")])

    papers = papers_of(office.get(orders, "A"))
    assert 0 == sum(collected(office))
    assert [b"one", b"two"] == [contents(office, paper["blobId"]) for paper in papers]


@pytest.mark.parametrize("rows", [[{"a": 1}], [{"blobId": "x"}], [{"blobId": 7}, {}]])
def test_free_json_is_no_file_when_a_write_is_tried_again(
    office: Office, rows: list[dict[str, object]]
) -> None:
    orders = office.push(ORDERS)
    office.tasks.before("insert", lambda: office.write(orders, ref="A"))

    written = office.write(orders, ref="A", rows=rows, papers=[packed_file(b"x")])

    assert rows == written.task.values["rows"]


def test_free_json_that_names_a_file_gives_no_right_to_it(office: Office) -> None:
    orders = office.push(ORDERS)
    ann, bob = member(office, "ann@example.com"), member(office, "bob@example.com")
    task = office.write(orders, actor=ann, ref="A", papers=[packed_file(b"private")]).task
    (paper,) = papers_of(task)
    wanted = {"blobId": paper["blobId"]}
    office.write(orders, actor=bob, ref="B", rows=[wanted])

    with pytest.raises(Invalid) as refused:
        office.write(orders, actor=bob, ref="B", papers=[wanted])

    assert {("papers", "invalid")} == codes(refused)
    office.write(orders, actor=ann, ref="B", papers=[wanted])
    office.write(orders, actor=bob, ref="B", papers=[wanted, packed_file(b"more")])


def test_files_that_cannot_change_may_be_sent_back(office: Office) -> None:
    fixed = {**ORDERS["properties"]["papers"], "readOnly": True}
    orders = office.push({**ORDERS, "properties": {**ORDERS["properties"], "papers": fixed}})
    task = office.write(orders, ref="A", papers=[packed_file(b"x")]).task
    (paper,) = papers_of(task)
    sent = {key: paper[key] for key in ("blobId", "filename", "contentType")}

    assert "unchanged" == office.write(orders, ref="A", papers=[sent]).outcome
    with pytest.raises(Invalid) as refused:
        office.write(orders, ref="A", papers=[sent, packed_file(b"y")])
    assert {("papers", "not_editable")} == codes(refused)


# --- rights --------------------------------------------------------------------------------------


def test_members_write_and_managers_also_delete(office: Office) -> None:
    orders = office.push(ORDERS)
    ann = member(office, "ann@example.com")
    boss = member(office, "boss@example.com", role="manager")

    task = office.write(orders, actor=ann, ref="A").task
    with pytest.raises(Forbidden):
        office.delete(orders, "A", ann)
    office.delete(orders, "A", boss)

    assert ann.user == task.by
    assert [ann.user, boss.user] == [event.by for event in office.history(orders, task)]
    assert 0 == office.engine.tasks.count(ann, orders, EVERYTHING)
