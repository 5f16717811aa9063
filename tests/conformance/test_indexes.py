"""Which indexes a workflow's tasks have, and that mongod really uses them."""

from collections.abc import Mapping
from typing import Any

import pytest
from bson.codec_options import CodecOptions

from taskloom.schema.compile import compile_workflow
from taskloom.schema.compiled import Compiled
from taskloom.storage.client import Database
from taskloom.storage.history import collection
from taskloom.storage.stores import Stores
from tests.builders import Maker, workflow_of

PROPERTIES: dict[str, dict[str, Any]] = {
    "ref": {"type": "string"},
    "name": {"type": "string", "filterable": True},
}


def prepared(stores: Stores, unique_id: str | None) -> Compiled:
    """Make the collection of a workflow."""
    made = compile_workflow(workflow_of(PROPERTIES, unique_id=unique_id))
    stores.tasks.prepare(made)
    return made


@pytest.mark.parametrize(
    ("where", "index"),
    [
        ({"uid": {"$eq": "A 7"}}, "tl_uid"),
        ({"uid": {"$in": ["A 7", "A 8"]}}, "tl_uid"),
        ({"stage": {"$eq": "todo"}, "assignee": {"$eq": "u"}}, "tl_stage"),
        ({"v.name": {"$eq": "x"}}, "tl_v.name"),
    ],
)
def test_the_usual_questions_use_an_index(
    stores: Stores, database: Database, where: Mapping[str, Any], index: str
) -> None:
    workflow = prepared(stores, "ref")
    make = Maker(workflow=workflow)
    stores.tasks.insert_many(workflow, [make.new(f"A {number}") for number in range(50)])

    tasks = database.get_collection(collection(workflow), codec_options=CodecOptions())
    plan = tasks.find(where).explain()["queryPlanner"]["winningPlan"]

    assert f"'indexName': '{index}'" in str(plan)
    assert "COLLSCAN" not in str(plan)


def test_a_workflow_without_a_unique_id_has_no_unique_index(
    stores: Stores, database: Database
) -> None:
    workflow = prepared(stores, None)

    indexes = database[collection(workflow)].index_information()

    assert {"_id_", "tl_at", "tl_stage", "tl_assignee", "tl_v.name"} == set(indexes)
    assert not any(index.get("unique") for index in indexes.values())
