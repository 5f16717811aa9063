"""Any query over any tasks gives what plain Python gives, on a real mongod."""

from collections.abc import Iterator
from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from taskloom.model.task import Task
from taskloom.model.values import Step
from taskloom.query.tree import (
    ASSIGNEE,
    BY,
    CREATED,
    ID,
    STAGE,
    UID,
    UPDATED,
    After,
    All,
    Compare,
    Filter,
    Not,
    Order,
    Query,
    Some,
    Words,
)
from taskloom.schema.compile import compile_workflow
from taskloom.schema.compiled import Compiled
from taskloom.storage.client import Database
from taskloom.storage.stores import Stores
from tests.builders import NOW, STAGES, Maker, new_id, workflow_of
from tests.naive import answer, matches, ordered, sort_value

PROPERTIES: dict[str, dict[str, Any]] = {
    "name": {"type": "string", "filterable": True},
    "size": {"type": "number", "filterable": True},
    "price": {"type": "number", "format": "currency"},
    "count": {"type": "integer"},
    "due": {"type": "string", "format": "date", "filterable": True},
    "paid": {"type": "boolean"},
    "tags": {"type": "array", "items": {"type": "string"}, "filterable": True},
    "level": {"type": "string", "enum": ["$low", "high", ""], "filterable": True},
    "colours": {"type": "array", "items": {"type": "string", "enum": ["red", "blue"]}},
    "steps": {"type": "array", "format": "approval-steps", "filterable": True},
}
USERS = ["a" * 24, "b" * 24]

texts = st.text("abAB .*$\\é", max_size=3)
VALUES: dict[str, st.SearchStrategy[Any]] = {
    "name": texts,
    "size": st.sampled_from(
        [0, 1, -1, Decimal("0.1"), Decimal("1.5"), 10**25, Decimal("1234567890.123456789012345")]
    ),
    "price": st.sampled_from([0, 1, Decimal("0.01"), Decimal("19.90"), Decimal(-5)]),
    "count": st.integers(-2, 2),
    "due": st.sampled_from(["2024-01-01", "2024-01-02", "2024-02-01"]),
    "paid": st.booleans(),
    "tags": st.lists(st.sampled_from(["x", "y", "z"]), max_size=2, unique=True),
    "level": st.sampled_from(["high", "$low", "", "gone", "away"]),
    "colours": st.lists(st.sampled_from(["red", "blue"]), max_size=2, unique=True),
    "steps": st.lists(
        st.lists(st.sampled_from(USERS), min_size=1, max_size=2, unique=True).map(
            lambda users: Step(mode="ALL", participants=users, due=None, responses=[])
        ),
        max_size=2,
    ),
}
IDS = ["1" * 24, "9" * 24]
OPERANDS: dict[str, st.SearchStrategy[Any]] = {
    **VALUES,
    "tags": st.sampled_from(["x", "y", "z"]),
    "colours": st.sampled_from(["red", "blue"]),
    "steps": st.sampled_from(USERS),
    STAGE: st.sampled_from(STAGES),
    ASSIGNEE: st.sampled_from(USERS),
    BY: st.sampled_from(USERS),
    ID: st.sampled_from([*IDS, "no id"]),
    UID: texts,
    CREATED: st.integers(NOW, NOW + 3),
    UPDATED: st.integers(NOW, NOW + 3),
}
EQUALITY = ["eq", "ne", "in", "nin", "exists"]
ORDERED = [*EQUALITY, "gt", "gte", "lt", "lte"]
OPERATORS: dict[str, list[str]] = {
    "name": [*ORDERED, "contains", "startswith"],
    "size": ORDERED,
    "price": ORDERED,
    "count": ORDERED,
    "due": ORDERED,
    "paid": EQUALITY,
    "tags": [*EQUALITY, "contains"],
    "level": EQUALITY,
    "colours": [*EQUALITY, "contains"],
    "steps": [*EQUALITY, "contains"],
    STAGE: EQUALITY,
    ASSIGNEE: EQUALITY,
    BY: EQUALITY,
    ID: EQUALITY,
    UID: [*ORDERED, "contains", "startswith"],
    CREATED: ORDERED,
    UPDATED: ORDERED,
}


@st.composite
def comparisons(draw: st.DrawFn) -> Compare:
    field = draw(st.sampled_from(sorted(OPERATORS)))
    op = draw(st.sampled_from(OPERATORS[field]))
    operand = OPERANDS[field]
    if op == "exists":
        return Compare(field, op, draw(st.booleans()))
    if op in {"in", "nin"}:
        return Compare(field, op, tuple(draw(st.lists(operand | st.none(), max_size=3))))
    if op in {"eq", "ne"}:
        return Compare(field, op, draw(operand | st.none()))
    return Compare(field, op, draw(operand))


def _several(parts: st.SearchStrategy[Filter]) -> st.SearchStrategy[Filter]:
    tuples = st.lists(parts, max_size=3).map(tuple)
    return tuples.map(All) | tuples.map(Some) | parts.map(Not)


words = st.text("abAB .*$\\é", max_size=5).map(Words)
filters: st.SearchStrategy[Filter] = st.recursive(comparisons() | words, _several, max_leaves=4)
orders = st.lists(
    st.builds(Order, st.sampled_from(list(OPERATORS)), st.booleans()), max_size=3
).map(tuple)


@st.composite
def task_lists(draw: st.DrawFn) -> list[Task]:
    shapes = draw(
        st.lists(
            st.tuples(
                st.fixed_dictionaries({}, optional=VALUES),
                st.sampled_from([*STAGES, "dropped"]),
                st.lists(st.sampled_from(USERS), max_size=2, unique=True),
                st.none() | st.sampled_from(USERS),
                st.tuples(st.integers(NOW, NOW + 3), st.integers(NOW, NOW + 3)),
                st.booleans(),
            ),
            max_size=12,
        )
    )
    maker = Maker(workflow=WORKFLOW)
    return [
        replace(
            maker.new(f"{number}aB." if named else None, **values).task,
            id=IDS[number] if number < len(IDS) else new_id(),
            stage=stage,
            assignees=tuple(assignees),
            by=by,
            created=created,
            updated=updated,
        )
        for number, (values, stage, assignees, by, (created, updated), named) in enumerate(shapes)
    ]


WORKFLOW: Compiled = compile_workflow(workflow_of(PROPERTIES, several=True))
RANKS = {STAGE: STAGES, "level": ("$low", "high")}


class Held:
    """The workflow's tasks, replaced for every example."""

    def __init__(self, stores: Stores, database: Database) -> None:
        self.tasks = stores.tasks
        self._collection = database[f"tasks_{WORKFLOW.workflow.uid}"]
        self.tasks.prepare(WORKFLOW)

    def fill(self, tasks: list[Task]) -> None:
        self._collection.delete_many({})
        maker = Maker(workflow=WORKFLOW)
        new = [replace(maker.new(), task=task) for task in tasks]
        assert self.tasks.insert_many(WORKFLOW, new) == frozenset()


@pytest.fixture
def held(stores: Stores, database: Database) -> Held:
    return Held(stores, database)


modest = settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)


@modest
@given(tasks=task_lists(), where=st.lists(filters, min_size=1, max_size=10))
def test_a_filter_finds_and_counts_what_plain_python_finds(
    held: Held, tasks: list[Task], where: list[Filter]
) -> None:
    held.fill(tasks)

    for one in where:
        found = list(held.tasks.find(WORKFLOW, Query(where=one)))

        assert [task for task in ordered(tasks, ()) if matches(task, one)] == found
        assert held.tasks.count(WORKFLOW, one) == len(found)


@modest
@given(
    tasks=task_lists(),
    order=st.lists(orders, min_size=1, max_size=5),
    limit=st.none() | st.integers(0, 5),
    skip=st.integers(0, 14),
)
def test_tasks_come_in_the_order_of_plain_python(
    held: Held, tasks: list[Task], order: list[tuple[Order, ...]], limit: int | None, skip: int
) -> None:
    held.fill(tasks)

    for one in order:
        for left_out in (0, skip):
            query = Query(order=one, limit=limit, skip=left_out)

            assert answer(tasks, query, RANKS) == list(held.tasks.find(WORKFLOW, query))


@modest
@given(
    tasks=task_lists(),
    order=st.lists(orders, min_size=1, max_size=4),
    where=filters,
    size=st.integers(1, 4),
)
def test_pages_one_after_the_other_give_every_task_once_and_in_order(
    held: Held, tasks: list[Task], order: list[tuple[Order, ...]], where: Filter, size: int
) -> None:
    held.fill(tasks)

    for one in order:
        whole = answer(tasks, Query(where=where, order=one), RANKS)

        assert whole == list(_pages(held, Query(where=where, order=one, limit=size)))


def _pages(held: Held, query: Query) -> Iterator[Task]:
    while page := list(held.tasks.find(WORKFLOW, query)):
        yield from page
        last = page[-1]
        keys = tuple(_packed(order.field, sort_value(last, order.field)) for order in query.order)
        query = replace(query, after=After(keys=keys, created=last.created, id=last.id))


def _packed(field: str, value: Any) -> object:
    if value is None or field not in WORKFLOW.codecs or WORKFLOW.codecs[field].within:
        return value
    return WORKFLOW.codecs[field].pack(value)
