"""Which indexes a workflow's tasks have, and that mongod really uses them."""

import random
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any

import pytest
from bson.codec_options import CodecOptions

from taskloom.model.rules import Listing
from taskloom.model.task import Task
from taskloom.query.serving import MOST_DECLARED, declared, hint
from taskloom.query.tree import (
    ASSIGNEE,
    CREATED,
    STAGE,
    UID,
    After,
    All,
    Compare,
    Filter,
    Order,
    Query,
    Words,
)
from taskloom.schema.compile import compile_workflow
from taskloom.schema.compiled import Compiled
from taskloom.storage.client import Database
from taskloom.storage.filters import compiled
from taskloom.storage.history import collection
from taskloom.storage.paging import steps
from taskloom.storage.stores import Stores
from tests.builders import STAGES, Maker, workflow_of

PROPERTIES: dict[str, dict[str, Any]] = {
    "ref": {"type": "string"},
    "name": {"type": "string", "filterable": True},
    "region": {"enum": ["emea", "apac", "amer"], "filterable": True},
    "value": {"type": "number", "format": "currency", "filterable": True},
    "day": {"type": "string", "format": "date"},
    "note": {"type": "string"},
}
LISTS = (
    Listing(filter=("region",), sorted_by=("value",)),
    Listing(filter=(STAGE, "region"), sorted_by=("day",)),
    Listing(filter=(), sorted_by=(STAGE, "day")),
)
TASKS, PAGE, FEW = 3_000, 50, 3
USER = "a" * 24


def workflow_with(unique_id: str | None = "ref", **rest: Any) -> Compiled:
    """Make a workflow."""
    return compile_workflow(replace(workflow_of(PROPERTIES, unique_id=unique_id), **rest))


@dataclass(frozen=True, slots=True, kw_only=True)
class Filled:
    """A collection of many tasks; each may lack any value."""

    workflow: Compiled
    stores: Stores
    database: Database

    def plans(self, query: Query) -> Iterator[dict[str, Any]]:
        """Explain the finds of a page, as long as there is room on it."""
        left = query.limit or 0
        for step in steps(query, self.workflow):
            if not left:
                return
            command = {
                "find": collection(self.workflow),
                "filter": step.where,
                "sort": step.sort,
                "limit": left,
            }
            plain: CodecOptions[dict[str, Any]] = CodecOptions()
            told = self.database.with_options(codec_options=plain).command(
                "explain", command, verbosity="executionStats"
            )
            yield told
            left -= told["executionStats"]["nReturned"]

    def halfway(self, query: Query) -> After:
        """Give the place where half of what a query finds was seen."""
        found = list(self.stores.tasks.find(self.workflow, replace(query, limit=None)))
        task = found[len(found) // 2]
        keys = tuple(self._key(task, order.field) for order in query.order)
        return After(keys=keys, created=task.created, id=task.id)

    def _key(self, task: Task, field: str) -> object:
        built_in = {STAGE: task.stage, CREATED: task.created}
        if field in built_in:
            return built_in[field]
        value = task.values.get(field)
        return None if value is None else self.workflow.codecs[field].pack(value)


@pytest.fixture
def filled(stores: Stores, database: Database) -> Filled:
    workflow = workflow_with(lists=LISTS, search=("name", "note"))
    stores.tasks.prepare(workflow)
    make, chance = Maker(workflow=workflow), random.Random(7)
    new = []
    for number in range(TASKS):
        values = {
            "name": f"Name {number % 1000}",
            "region": ("emea", "apac", "amer")[number % 3],
            "value": number % 700,
            "day": f"2025-{1 + number % 12:02d}-{1 + number % 28:02d}",
            "note": f"word{number % 500} common",
        }
        kept = {key: value for key, value in values.items() if chance.random() > 0.02}
        made = make.new(f"A {number}", **kept)
        assigned = (USER,) if number % 7 == 0 else ()
        task = replace(made.task, stage=STAGES[chance.randrange(3)], assignees=assigned)
        new.append(replace(made, task=task))
    assert stores.tasks.insert_many(workflow, new) == frozenset()
    return Filled(workflow=workflow, stores=stores, database=database)


def down(*fields: str) -> tuple[Order, ...]:
    """Sort by fields, descending."""
    return tuple(Order(field, descending=True) for field in fields)


EMEA = Compare("region", "eq", "emea")
DOING = Compare(STAGE, "eq", "doing")
SEVERAL: list[tuple[Filter, tuple[Order, ...]]] = [
    (Compare(STAGE, "in", ("todo", "doing")), ()),
    (Compare("region", "in", ("emea", "apac")), (Order("value"),)),
]
"""Where most tasks have one of the values, it may be quicker to pass over the others."""

QUERIES: list[tuple[Filter, tuple[Order, ...]]] = [
    (All(), ()),
    (All(), (Order("name"),)),
    (All(), down("value")),
    (All(), (Order(STAGE),)),
    (All(), down(STAGE)),
    (All(), (Order("region"),)),
    (All(), down("region")),
    (All(), (Order(STAGE), Order("day"))),
    (Compare(UID, "eq", "A 7"), ()),
    (DOING, ()),
    (Compare(ASSIGNEE, "eq", USER), ()),
    (All((DOING, Compare(ASSIGNEE, "eq", USER))), ()),
    (EMEA, ()),
    (EMEA, (Order("value"),)),
    (EMEA, down("value")),
    (All((EMEA, Compare("value", "gte", 300))), (Order("value"),)),
    (All((EMEA, Compare("value", "lt", 300))), down("value")),
    (Compare("value", "gte", 200), (Order("value"),)),
    (Compare("value", "lte", 200), down("value")),
    (Compare("name", "startswith", "Name 7"), (Order("name"),)),
    (Compare("name", "eq", "Name 7"), ()),
    (All((DOING, EMEA)), (Order("day"),)),
    (All((DOING, EMEA)), down("day")),
    (All((DOING, Compare("day", "gt", "2025-03-01"), EMEA)), (Order("day"),)),
    (Compare(CREATED, "gt", 1_700_000_000_900), (Order(CREATED),)),
]


def test_declared_lists_are_read_from_an_index_in_order_and_nothing_else_is_looked_at(
    filled: Filled,
) -> None:
    for where, order in (*QUERIES, *SEVERAL):
        query = Query(where=where, order=order, limit=PAGE)
        for page in (query, replace(query, after=filled.halfway(query))):
            plans = list(filled.plans(page))

            assert plans, page
            for plan in plans:
                stats, stages = plan["executionStats"], str(plan["queryPlanner"]["winningPlan"])
                assert "COLLSCAN" not in stages, (page, stages)
                # What is shown to its end, like the few tasks with no value, may be sorted.
                ends = stats["nReturned"] < plan["command"]["limit"]
                assert ends or "'stage': 'SORT'" not in stages, (page, stages)
                most = stats["nReturned"] * (1 + ((where, order) in SEVERAL)) + FEW
                assert stats["totalDocsExamined"] <= most, (page, stages)
        assert not hint(query, filled.workflow), query


def test_words_are_found_in_their_index(filled: Filled) -> None:
    for text, most in (("word77", 3), ("WORD49", 12), ("word77 common", 6)):
        where = compiled(Words(text), filled.workflow)
        (plan,) = filled.plans(Query(where=Words(text), limit=PAGE))

        assert filled.database[collection(filled.workflow)].count_documents(where)
        assert "tl_w" in str(plan["queryPlanner"]["winningPlan"])
        assert plan["executionStats"]["totalDocsExamined"] <= 12 * most


def test_a_workflow_without_a_unique_id_has_no_unique_index(
    stores: Stores, database: Database
) -> None:
    workflow = workflow_with(None)
    stores.tasks.prepare(workflow)

    indexes = database[collection(workflow)].index_information()

    standing = {"tl_at", "tl_stage_at", "tl_assignee", "tl_assignee_stage"}
    assert {"_id_", *standing, "tl_v.name", "tl_v.region", "tl_v.value"} == set(indexes)
    assert not any(index.get("unique") for index in indexes.values())


def test_there_are_never_more_indexes_than_mongodb_allows(
    stores: Stores, database: Database
) -> None:
    many = {f"f{n}": {"type": "string", "filterable": True} for n in range(70)}
    workflow = compile_workflow(replace(workflow_of(many, unique_id="f0"), search=("f1",)))
    stores.tasks.prepare(workflow)

    assert len(declared(workflow)) == MOST_DECLARED
    assert len(database[collection(workflow)].index_information()) <= 64
