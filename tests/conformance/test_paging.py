"""Pages neither lose nor repeat a task, whatever others write between one page and the next."""

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from taskloom.engine.ports import Insertion
from taskloom.model.rules import Listing
from taskloom.model.task import Task
from taskloom.query.tree import CREATED, EVERYTHING, STAGE, After, Compare, Order, Query
from taskloom.schema.compile import compile_workflow
from taskloom.schema.compiled import Compiled
from taskloom.storage.client import Database
from taskloom.storage.history import collection
from taskloom.storage.stores import Stores
from tests.builders import NOW, STAGES, Maker, workflow_of
from tests.naive import ordered, sort_value

PROPERTIES: dict[str, dict[str, Any]] = {
    "name": {"type": "string"},
    "level": {"type": "string", "enum": ["low", "high"]},
    "size": {"type": "number"},
    "kind": {"type": "string"},
    "free": {"type": "string"},
}
RANKS = {STAGE: STAGES, "level": ("low", "high")}
LISTS = (
    Listing(filter=("kind",), sorted_by=("name",)),
    Listing(filter=("kind",), sorted_by=(STAGE, "size")),
)
WORKFLOW: Compiled = compile_workflow(replace(workflow_of(PROPERTIES), lists=LISTS))
STAYS, COMES = "stays", "comes"

values = st.fixed_dictionaries(
    {},
    optional={
        "name": st.sampled_from(["", "a", "b", "c"]),
        "level": st.sampled_from(["low", "high", "gone"]),
        "size": st.sampled_from([-1, 0, 2]),
    },
)
rows = st.tuples(values, st.sampled_from([*STAGES, "dropped"]), st.integers(NOW, NOW + 3))
fields = st.sampled_from(["name", "level", "size", STAGE, CREATED])
orders = st.lists(st.builds(Order, fields, st.booleans()), max_size=3).map(tuple)
writes = st.lists(
    st.tuples(st.sampled_from(["insert", "delete", "change", "touch"]), st.integers(0, 20), rows),
    max_size=4,
)


class Others:
    """Those who write between pages: tasks that come, change and go, and parts of those that stay.

    A task that stays keeps what it is filtered and sorted by.
    """

    def __init__(self, stores: Stores, database: Database) -> None:
        self._tasks = stores.tasks
        self._collection = database[collection(WORKFLOW)]
        self._tasks.prepare(WORKFLOW)

    def begin(self, stay: list[Any], come: list[Any]) -> None:
        """Begin with tasks of both sorts."""
        self._collection.delete_many({})
        self._make = Maker(workflow=WORKFLOW)
        self.staying = [self._made(STAYS, *row) for row in stay]
        self._coming = [self._made(COMES, *row) for row in come]

    def _made(self, kind: str, kept: dict[str, Any], stage: str, created: int) -> Task:
        new = self._make.new(kind=kind, **kept)
        task = replace(new.task, stage=stage, created=created)
        self._tasks.insert(WORKFLOW, Insertion(task=task, event=new.event))
        return task

    def write(self, what: str, number: int, row: Any) -> None:
        """Write once."""
        if what == "insert":
            self._coming.append(self._made(COMES, *row))
        elif what == "touch" and self.staying:
            place = number % len(self.staying)
            self.staying[place] = self._changed(self.staying[place], {"free": str(number)})
        elif self._coming:
            task = self._coming.pop(number % len(self._coming))
            if what == "delete":
                assert self._tasks.delete(WORKFLOW, task, self._make.deletion())
            else:
                cleared = dict.fromkeys(("name", "level", "size"))
                self._coming.append(self._changed(task, {**cleared, **row[0]}, stage=row[1]))

    def _changed(self, task: Task, changed: dict[str, Any], **rest: Any) -> Task:
        change = self._make.change(task, values=changed, **rest)
        assert self._tasks.replace(WORKFLOW, change)
        return change.after

    def pages(self, query: Query, between: list[Any]) -> Iterator[Task]:
        """Yield page after page, with writes of others between them."""
        turns = iter(between)
        while page := list(self._tasks.find(WORKFLOW, query)):
            yield from page
            for write in next(turns, ()):
                self.write(*write)
            last = page[-1]
            keys = tuple(_key(last, order.field) for order in query.order)
            query = replace(query, after=After(keys=keys, created=last.created, id=last.id))


def _key(task: Task, field: str) -> object:
    value = sort_value(task, field)
    return (
        value if value is None or field in {STAGE, CREATED} else WORKFLOW.codecs[field].pack(value)
    )


@pytest.fixture
def others(stores: Stores, database: Database) -> Others:
    return Others(stores, database)


@settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(
    kept=st.tuples(st.lists(rows, max_size=10), st.lists(rows, max_size=6)),
    query=st.builds(
        Query,
        where=st.sampled_from([EVERYTHING, Compare("kind", "eq", STAYS)]),
        order=orders,
        limit=st.integers(1, 3),
    ),
    between=st.lists(writes, max_size=12),
)
def test_a_task_that_stays_as_it_is_comes_once_and_in_order(
    others: Others, kept: tuple[list[Any], list[Any]], query: Query, between: list[Any]
) -> None:
    others.begin(*kept)

    seen = [task.id for task in others.pages(query, between) if task.values["kind"] == STAYS]

    assert [task.id for task in ordered(others.staying, query.order, RANKS)] == seen
