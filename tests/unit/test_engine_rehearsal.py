"""What is rehearsed: links, files, deletions and races, as they would be and as they then are."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, cast

import pytest

from taskloom.engine import contention
from taskloom.engine.conditions import Clash
from taskloom.engine.stages import Result, Unprocessed
from taskloom.engine.terms import Origin, Terms
from taskloom.engine.writing import Draft, Same, Written
from taskloom.errors import Conflict, Stale, TooLarge
from taskloom.model.people import Actor
from taskloom.model.task import Task
from taskloom.query.tree import Query
from taskloom.schema.compiled import Compiled
from taskloom.storage.client import Database
from tests.unit.engines import ORDERS, TICKETS, Office, member, open_office, told

LINKS = [
    {"name": "Next", "to": "orders", "inverse": "Back", "cardinality": "one-to-one"},
    {"name": "Likes", "to": "orders", "inverse": "Liked", "cardinality": "many-to-many"},
]


@pytest.fixture
def office(database: Database, tmp_path: Path) -> Office:
    return open_office(database, tmp_path)


@pytest.fixture
def orders(office: Office) -> Compiled:
    """Orders that link to each other, A to E."""
    made = office.push(ORDERS, links=LINKS)
    for ref in "ABCDE":
        office.write(made, ref=ref)
    return made


def to(*refs: str) -> list[dict[str, str]]:
    return [{"Reference": ref} for ref in refs]


def linked(ref: str, **links: object) -> Draft:
    return Draft(values={"ref": ref}, links=links)


def run(office: Office, workflow: Compiled, rows: Sequence[Any], **how: Any) -> list[Any]:
    people = office.engine.people.people(office.admin)
    given: dict[str, Any] = {"mode": "upsert", **how}
    return [
        short(one)
        for one in office.engine.bulk.write(office.admin, workflow, rows, people, **given)
    ]


def delete(
    office: Office,
    workflow: Compiled,
    refs: Sequence[object],
    actor: Actor | None = None,
    **how: Any,
) -> list[Any]:
    who = actor or office.admin
    people = office.engine.people.people(who)
    view = office.seen_by(actor, workflow)
    return [short(one) for one in office.engine.bulk.delete(who, view, refs, people, **how)]


def short(result: Result) -> Any:
    if isinstance(result, Unprocessed):
        return "unprocessed"
    return result.outcome if isinstance(result, Same) else told(result)


def links_of(office: Office, workflow: Compiled) -> Mapping[str, Mapping[str, list[str]]]:
    tasks: list[Task] = list(office.engine.tasks.find(office.admin, workflow, Query()))
    return {
        str(task.uid): {name: [str(one.uid) for one in found] for name, found in task.links.items()}
        for task in tasks
    }


# --- links ----------------------------------------------------------------------------------------


def test_links_between_rows_of_one_request_hold_together(office: Office, orders: Compiled) -> None:
    rows = [
        linked("other", Next={"Reference": "A"}),
        linked("new", Likes=to("A", "other")),
        linked("B", Next={"Reference": "A"}),
        linked("new", Likes=to("A")),
        linked("A", Back=None),
        linked("new", Likes=to("A", "B")),
    ]

    rehearsed = run(office, orders, rows, dry_run=True)
    assert not any(found["Likes"] or found["Next"] for found in links_of(office, orders).values())
    whole = run(office, orders, rows, atomic=True)

    assert rehearsed == whole
    found = links_of(office, orders)
    assert ["A", "B"] == sorted(found["new"]["Likes"])
    assert [[], [], []] == [found[ref]["Next"] for ref in ("other", "B", "A")]
    assert [] == found["A"]["Back"]


def test_whom_another_row_takes_away_is_gone(office: Office, orders: Compiled) -> None:
    office.engine.bulk.write(
        office.admin,
        orders,
        [linked("A", Next={"Reference": "E"})],
        office.engine.people.people(office.admin),
        mode="upsert",
    )
    rows = [
        linked("B", Next={"Reference": "E"}),
        linked("A", Next=None),
        linked("B", Next={"Reference": "E"}),
    ]

    rehearsed = run(office, orders, rows, dry_run=True)
    whole = run(office, orders, rows, atomic=True)

    assert ["updated", "unchanged", "unchanged"] == rehearsed == whole
    assert ["E"] == links_of(office, orders)["B"]["Next"]


def test_a_link_that_leads_nowhere_undoes_everything(office: Office, orders: Compiled) -> None:
    rows = [linked("A", Likes=to("B")), linked("B", Likes=to("nobody"))]

    assert ["unprocessed", {"no_such_task"}] == run(office, orders, rows, atomic=True)
    assert [] == links_of(office, orders)["A"]["Likes"]


# --- races ----------------------------------------------------------------------------------------


def test_who_is_outrun_begins_anew(office: Office, orders: Compiled) -> None:
    office.tasks.before(
        "commit",
        lambda: office.write(orders, ref="A", name="other"),
        lambda: office.write(orders, ref="new"),
        lambda: office.delete(orders, "B"),
    )
    rows = [Draft(values={"ref": ref, "size": 2}) for ref in ("A", "B", "new")]

    assert ["updated", "created", "updated"] == run(office, orders, rows, atomic=True)
    assert 4 == office.tasks.calls.count("commit")
    assert {"ref": "A", "size": 2, "name": "other"} == office.get(orders, "A").values


def test_who_is_outrun_all_the_time_is_told_so_and_writes_nothing(
    office: Office, orders: Compiled, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(contention, "PATIENCE_SECONDS", 0.0)
    office.tasks.before("commit", lambda: office.write(orders, ref="A", name="other"))

    with pytest.raises(Conflict):
        run(office, orders, [Draft(values={"ref": ref, "size": 2}) for ref in "AB"], atomic=True)

    assert {"ref": "B"} == office.get(orders, "B").values


def test_what_cannot_be_stored_undoes_everything(office: Office) -> None:
    wide = {f"note{number}": {"type": "object"} for number in range(20)}
    orders = office.push({**ORDERS, "properties": {**ORDERS["properties"], **wide}})
    large = {key: {"text": "x" * 900_000} for key in wide}
    office.write(orders, ref="A")

    with pytest.raises(TooLarge):
        run(
            office,
            orders,
            [Draft(values={"ref": "B"}), Draft(values={"ref": "A", **large})],
            atomic=True,
        )

    assert ["A"] == [task.uid for task in office.all(orders)]


def test_large_changes_make_room_for_each_other(office: Office) -> None:
    wide = {f"note{number}": {"type": "object"} for number in range(4)}
    orders = office.push({**ORDERS, "properties": {**ORDERS["properties"], **wide}})
    for sign in "abc":
        large = {key: {"text": sign * 900_000} for key in wide}
        assert run(office, orders, [Draft(values={"ref": "A", **large})], atomic=True)[0] in {
            "created",
            "updated",
        }

    assert 3 == len(office.history(orders, office.get(orders, "A")))


def test_numbers_of_an_atomic_request_follow_its_rows(office: Office) -> None:
    tickets = office.push(TICKETS)
    rows = [Draft(values={"name": "a"}), Draft(values={"number": 7}), Draft(values={"name": "b"})]

    assert ["created"] * 3 == run(office, tickets, rows, atomic=True)
    names = {task.uid: task.values.get("name") for task in office.all(tickets)}
    assert {"7": None, "8": "a", "9": "b"} == names


# --- deletions ------------------------------------------------------------------------------------


def test_a_deletion_that_is_outrun_is_tried_singly(office: Office, orders: Compiled) -> None:
    office.tasks.before("delete_many", lambda: office.write(orders, ref="A", name="other"))

    assert ["deleted", "deleted"] == delete(office, orders, ["A", "B"])
    assert ["C", "D", "E"] == [task.uid for task in office.all(orders)]


def test_a_deletion_of_all_is_outrun_as_a_whole(office: Office, orders: Compiled) -> None:
    office.tasks.before(
        "delete_many",
        lambda: office.write(orders, ref="A", name="other"),
        lambda: office.delete(orders, "B"),
    )

    assert ["unprocessed", "not_found"] == delete(office, orders, ["A", "B"], atomic=True)
    assert ["A", "C", "D", "E"] == [task.uid for task in office.all(orders)]


def test_what_others_deleted_meanwhile_is_not_found(office: Office, orders: Compiled) -> None:
    office.tasks.before("delete_many", lambda: office.delete(orders, "A"))

    assert ["not_found", "deleted"] == delete(office, orders, ["A", "B"])


def test_deletions_take_the_links_along(office: Office, orders: Compiled) -> None:
    run(office, orders, [linked("A", Likes=to("B", "C"))])

    assert ["deleted"] * 2 == delete(office, orders, ["B", " B ", "C"][::2])
    assert [] == links_of(office, orders)["A"]["Likes"]


def test_who_may_not_delete_is_told_of_each_row(office: Office) -> None:
    member_role = {"name": "Member", "for": ["member"], "delete": ["created"]}
    orders = office.push(ORDERS, roles=[member_role])
    ann = member(office, "ann@example.com")
    office.write(orders, ref="A")
    office.write(orders, ref="B", actor=ann)

    assert ["forbidden", "deleted", "forbidden"] == delete(office, orders, ["A", "B", "A"], ann)


def test_a_deletion_that_was_done_is_told_so(office: Office, orders: Compiled) -> None:
    origin = Origin(root="0" * 18)
    assert ["deleted", "not_found"] == delete(office, orders, ["A", "x"], origin=origin)
    office.write(orders, ref="A")

    again = Origin(root="0" * 18, again=True)

    assert ["deleted", "not_found", "deleted"] == delete(
        office, orders, ["A", "x", "B"], origin=again
    )
    assert ["C", "D", "E", "A"] == [task.uid for task in office.all(orders)]


# --- conditions -----------------------------------------------------------------------------------


def test_links_that_both_changed_are_told(office: Office, orders: Compiled) -> None:
    people = office.engine.people.people(office.admin)

    def write(terms: Terms, *refs: str) -> Written:
        draft = linked("A", Likes=to(*refs))
        return office.engine.tasks.write(
            office.admin, orders, draft, people, mode="update", terms=terms
        )

    write(Terms(), "B")
    first = Terms(revs=frozenset({1}))

    with pytest.raises(Stale) as refused:
        write(first, "C")
    [clash] = cast(tuple[Clash, ...], refused.value.details["clashes"])
    b, c = (office.get(orders, ref).id for ref in "BC")
    assert Clash(field="_link:Likes", base=(), theirs=(b,), yours=(c,)) == clash
    assert "unchanged" == write(first, "B").outcome
    assert "unchanged" == write(first).outcome
    assert ["B"] == links_of(office, orders)["A"]["Likes"]


def test_a_task_that_an_earlier_try_made_and_others_deleted_is_not_made_again(
    office: Office, orders: Compiled
) -> None:
    people = office.engine.people.people(office.admin)
    origin = Origin(root="0" * 18)
    draft = Draft(values={"ref": "new"}, task=origin.task())

    def write(terms: Terms) -> Written:
        return office.engine.tasks.write(
            office.admin, orders, draft, people, mode="create", terms=terms
        )

    made = write(Terms(event=origin.event()))
    again = Terms(event=origin.event(), again=True)
    assert (made.task.id, "created") == (write(again).task.id, write(again).outcome)
    office.delete(orders, "new")

    with pytest.raises(Conflict, match="deleted since"):
        write(again)
    rows = [Draft(values={"ref": "new"})]
    assert ["conflict"] == run(office, orders, rows, origin=Origin(root="0" * 18, again=True))
