"""The decision behind every write: pure, so each rule is shown on data alone."""

import json
from collections.abc import Mapping
from decimal import Decimal

import pytest

from taskloom.engine.comparing import is_blank
from taskloom.engine.decide import Context, Decision, decide
from taskloom.engine.intent import brings_files, read
from taskloom.engine.writing import ABSENT, Draft
from taskloom.errors import Fault
from taskloom.model.event import CREATED, UPDATED
from taskloom.model.task import Task
from taskloom.schema.compile import compile_source
from taskloom.schema.compiled import Compiled

FILE = {
    "$id": "orders",
    "title": "Orders",
    "type": "object",
    "properties": {
        "number": {"title": "Number", "type": "string"},
        "title": {"title": "Title", "type": "string"},
        "amount": {"title": "Amount", "type": "number", "format": "currency"},
        "due": {"title": "Due", "type": "string", "format": "date"},
        "origin": {"title": "Origin", "type": "string", "readOnly": True},
        "priority": {"title": "Priority", "enum": ["low", "high"], "default": "low"},
        "tags": {"title": "Tags", "type": "array", "items": {"type": "string"}},
        "papers": {
            "title": "Papers",
            "type": "array",
            "items": {"format": "file"},
            "maxItems": 2,
        },
    },
    "required": ["title"],
    "workflow": {
        "uniqueId": "number",
        "stages": [
            {"name": "New"},
            {"name": "Doing"},
            {"name": "Done", "end": True, "require": ["amount", "due"]},
        ],
        "transitions": {"New": ["Doing"], "Doing": ["New", "Done"]},
    },
}
CONTEXT = Context(by="u1", at=1000, task_id="t" * 24, event_id="e" * 24)


class Nobody:
    """A workspace with one user."""

    def id_of(self, email: str) -> str | None:
        """Know one e-mail."""
        return "u7" if email.lower() == "user@example.com" else None

    def email_of(self, user: str) -> str | None:
        """Know one user."""
        return "user@example.com" if user == "u7" else None


@pytest.fixture(scope="module")
def orders() -> Compiled:
    """The workflow above, compiled."""
    return compile_source(json.dumps(FILE), workspace="w", uid="f" * 24, version=3)


def decided(
    workflow: Compiled,
    before: Task | None,
    values: Mapping[str, object],
    *,
    stage: object = ABSENT,
    assignees: object = ABSENT,
) -> Decision:
    """Decide a draft over the task before."""
    draft = Draft(values=values, stage=stage, assignees=assignees)
    return decide(before, read(draft, workflow, Nobody()), workflow, context=CONTEXT)


def told(decision: Decision) -> set[tuple[object, str]]:
    """Give path head and code of every fault."""
    return {(fault.path[0] if fault.path else "", fault.code) for fault in decision.faults}


@pytest.fixture
def order(orders: Compiled) -> Task:
    """A task that exists."""
    return decided(orders, None, {"number": "42", "title": "First", "origin": "web"}).task


def test_a_new_task_starts_in_the_initial_stage_with_defaults(orders: Compiled) -> None:
    decision = decided(orders, None, {"number": "42", "title": "First"})

    assert () == decision.faults
    assert ("New", 1, "42", 3) == (
        decision.task.stage,
        decision.task.rev,
        decision.task.uid,
        decision.task.version,
    )
    assert {"number": "42", "title": "First", "priority": "low"} == dict(decision.task.values)
    assert decision.event is not None
    assert CREATED == decision.event.kind
    assert {"number", "title", "priority", "_stage"} == set(decision.changed)


def test_an_explicit_null_beats_the_default(orders: Compiled) -> None:
    decision = decided(orders, None, {"title": "First", "priority": None})

    assert {"title": "First"} == dict(decision.task.values)


def test_absent_keeps_null_clears_and_an_empty_list_empties(orders: Compiled, order: Task) -> None:
    filled = decided(orders, order, {"tags": ["a"], "amount": "10.50"}).task

    kept = decided(orders, filled, {"title": "Second"}).task
    cleared = decided(orders, filled, {"amount": None}).task
    emptied = decided(orders, filled, {"tags": []}).task

    assert (["a"], Decimal("10.5")) == (kept.values["tags"], kept.values["amount"])
    assert "amount" not in cleared.values
    assert [] == emptied.values["tags"]


def test_every_fault_is_told_at_once(orders: Compiled) -> None:
    unknown = Fault(path=("Titel",), code="unknown", message="is not a field")
    draft = Draft(
        values={"amount": "1.234", "due": "2023-02-29"},
        stage="Nowhere",
        assignees="stranger@example.com",
        faults=[unknown],
    )

    decision = decide(None, read(draft, orders, Nobody()), orders, context=CONTEXT)

    assert {
        ("Titel", "unknown"),
        ("amount", "too_precise"),
        ("due", "invalid"),
        ("_stage", "invalid"),
        ("_assignee", "no_such_user"),
        ("title", "blank"),
    } == told(decision)


def test_an_unreadable_value_is_not_told_twice(orders: Compiled, order: Task) -> None:
    decision = decided(orders, order, {"title": 5})

    assert {("title", "invalid")} == told(decision)
    assert 1 == len(decision.faults)


def test_a_fixed_field_refuses_another_value_but_takes_the_same(
    orders: Compiled, order: Task
) -> None:
    assert {("origin", "not_editable")} == told(decided(orders, order, {"origin": "mail"}))
    assert {("origin", "not_editable")} == told(decided(orders, order, {"origin": None}))
    assert () == decided(orders, order, {"origin": "web"}).faults


def test_a_transition_outside_the_table_names_what_is_allowed(
    orders: Compiled, order: Task
) -> None:
    decision = decided(orders, order, {"amount": 5, "due": "2025-01-31"}, stage="Done")

    assert {("_stage", "transition")} == told(decision)
    assert "from here: 'Doing'" == decision.faults[0].hint


def test_an_end_without_ways_out_says_nowhere(orders: Compiled, order: Task) -> None:
    doing = decided(orders, order, {"amount": 5, "due": "2025-01-31"}, stage="Doing").task
    done = decided(orders, doing, {}, stage="Done").task

    assert "from here: nowhere" == decided(orders, done, {}, stage="New").faults[0].hint


def test_entering_a_stage_needs_what_it_requires(orders: Compiled, order: Task) -> None:
    doing = decided(orders, order, {}, stage="Doing").task

    decision = decided(orders, doing, {"amount": 5}, stage="Done")

    assert {("due", "blank")} == told(decision)
    assert () == decided(orders, doing, {"amount": 5, "due": "2025-01-31"}, stage="Done").faults


def test_a_task_may_be_created_in_a_late_stage_with_what_it_requires(orders: Compiled) -> None:
    assert {("amount", "blank"), ("due", "blank")} == told(
        decided(orders, None, {"title": "x"}, stage="Done")
    )


def test_staying_in_a_stage_asks_for_nothing(orders: Compiled, order: Task) -> None:
    assert () == decided(orders, order, {"title": "Second"}, stage="New").faults


def test_writing_what_is_there_already_is_no_change(orders: Compiled, order: Task) -> None:
    decision = decided(orders, order, {"number": 42, "title": "First"}, stage="New")

    assert decision.event is None
    assert order is decision.task
    assert () == decision.changed


def test_a_change_records_both_sides_in_stored_form(orders: Compiled, order: Task) -> None:
    decision = decided(
        orders, order, {"amount": "10.5"}, stage="Doing", assignees="USER@example.com"
    )

    assert decision.event is not None
    assert UPDATED == decision.event.kind
    assert [
        ("amount", None, 1050),
        ("_stage", "New", "Doing"),
        ("_assignee", [], ["u7"]),
    ] == [(c.field, c.old, c.new) for c in decision.event.changes]
    assert order.rev + 1 == decision.task.rev


@pytest.mark.parametrize("nobody", [None, "", []])
def test_nothing_unassigns(orders: Compiled, order: Task, nobody: object) -> None:
    assigned = decided(orders, order, {}, assignees="user@example.com").task

    assert () == decided(orders, assigned, {}, assignees=nobody).task.assignees


@pytest.mark.parametrize("asked", [5, {"id": "x"}, ["a@example.com", "b@example.com"], [1]])
def test_a_wrong_assignee_is_one_fault(orders: Compiled, asked: object) -> None:
    assert ("_assignee", "invalid") in told(decided(orders, None, {"title": "x"}, assignees=asked))


def test_an_empty_unique_id_is_refused(orders: Compiled) -> None:
    assert {("number", "blank")} == told(decided(orders, None, {"title": "x", "number": None}))


def test_files_to_come_count_before_they_are_stored(orders: Compiled) -> None:
    upload = {"filename": "a.txt", "base64contents": "YQ=="}
    draft = Draft(values={"title": "x", "papers": [upload] * 2})
    intent = read(draft, orders, Nobody())

    decision = decide(None, intent, orders, context=CONTEXT)

    assert brings_files(intent, orders)
    assert () == decision.faults
    assert {("papers", "too_many_files")} == told(
        decided(orders, None, {"title": "x", "papers": [upload] * 3})
    )


@pytest.mark.parametrize(("value", "blank"), [(None, True), ("", True), ([], True), (0, False)])
def test_blank_means_nothing_there(value: object, blank: bool) -> None:
    assert blank is is_blank(value)  # type: ignore[arg-type] # null is what a table may hold
