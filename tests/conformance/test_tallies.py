"""Counts by value against plain Python, on a real mongod."""

from collections import Counter
from collections.abc import Mapping, Sequence
from itertools import cycle, product
from typing import Any

import pytest

from taskloom.errors import TooSlow
from taskloom.model.task import Task
from taskloom.query.tree import ASSIGNEE, EVERYTHING, STAGE, All, Compare, Filter
from taskloom.schema.compile import compile_workflow
from taskloom.schema.compiled import Compiled
from taskloom.storage.client import Database
from taskloom.storage.stores import Stores
from taskloom.storage.tasks import Tasks
from tests.builders import STAGES, Maker, workflow_of
from tests.naive import is_unset, matches, value

PRIORITY: Mapping[str, Any] = {"type": "string", "enum": ["LOW", "HIGH", "$set", "a.b"]}
REGION: Mapping[str, Any] = {"type": ["string", "null"], "enum": ["north", "", None]}
SIZE: Mapping[str, Any] = {"type": "number"}
FIELDS = (STAGE, "priority", "region")
ANN = "a" * 24


@pytest.fixture
def workflow(stores: Stores) -> Compiled:
    properties = {"priority": PRIORITY, "region": REGION, "size": SIZE}
    made = compile_workflow(workflow_of(properties))
    stores.tasks.prepare(made)
    return made


@pytest.fixture
def held(stores: Stores, workflow: Compiled) -> list[Task]:
    """Tasks with every pair of options, some of them changed afterwards."""
    make, stages, held = Maker(workflow=workflow), cycle(STAGES), []
    pairs = product([*PRIORITY["enum"], "GONE", None], ["north", "", None])
    for size, (priority, region) in enumerate([*pairs, ("LOW", "north"), ("LOW", None)]):
        given = {"priority": priority, "region": region, "size": size}
        new = make.new(**{key: held for key, held in given.items() if held is not None})
        stores.tasks.insert(workflow, new)
        change = make.change(new.task, stage=next(stages), assignees=(ANN,) * (size % 2))
        assert stores.tasks.replace(workflow, change)
        held.append(change.after)
    return held


def counted(
    tasks: Sequence[Task], where: Filter, fields: Sequence[str]
) -> Mapping[str, Mapping[Any, int]]:
    """Count in plain Python."""
    found = [task for task in tasks if matches(task, where)]
    values = {field: [value(task, field) for task in found] for field in fields}
    return {
        field: dict(Counter(None if is_unset(each) else each for each in column))
        for field, column in values.items()
    }


@pytest.mark.parametrize(
    "where",
    [
        EVERYTHING,
        Compare(STAGE, "in", STAGES[:2]),
        Compare(ASSIGNEE, "eq", ANN),
        All((Compare("size", "gt", 3), Compare("priority", "ne", "LOW"))),
        Compare("region", "eq", None),
        Compare("size", "gt", 1000),
    ],
)
@pytest.mark.parametrize("fields", [FIELDS, FIELDS[:1], FIELDS[1:]])
def test_tasks_are_counted_by_every_value(
    stores: Stores, workflow: Compiled, held: list[Task], where: Filter, fields: Sequence[str]
) -> None:
    found = stores.tasks.tallies(workflow, where, fields)

    assert counted(held, where, fields) == found


def test_where_there_are_no_tasks_nothing_is_counted(stores: Stores, workflow: Compiled) -> None:
    assert {field: {} for field in FIELDS} == stores.tasks.tallies(workflow, EVERYTHING, FIELDS)


def test_counting_over_its_time_limit_is_too_slow(
    stores: Stores, workflow: Compiled, database: Database
) -> None:
    make = Maker(workflow=workflow)
    stores.tasks.insert_many(workflow, [make.new(size=number) for number in range(5000)])
    hasty = Tasks(database, query_ms=1)

    with pytest.raises(TooSlow):
        hasty.tallies(workflow, Compare("size", "gte", 0), FIELDS)
