"""Pages by faces: what they show is what is stored, and where they cannot, they say so."""

from dataclasses import replace
from typing import Any

import orjson
import pytest

from taskloom.model.task import Faces
from taskloom.query.tree import Order, Query
from taskloom.schema.compile import compile_workflow
from taskloom.schema.compiled import Compiled
from taskloom.schema.faces import LONGEST
from taskloom.storage.stores import Stores
from tests.builders import Maker, new_id, workflow_of

PROPERTIES: dict[str, dict[str, Any]] = {
    "name": {"type": "string"},
    "size": {"type": "number"},
    "owner": {"type": "string", "format": "person"},
}
PAGE = Query(order=(Order("size", True),), limit=10)


@pytest.fixture
def workflow(stores: Stores) -> Compiled:
    made = compile_workflow(workflow_of(PROPERTIES))
    stores.tasks.prepare(made)
    return made


def shown(faces: Faces | None) -> list[dict[str, object]]:
    assert faces is not None
    return [orjson.loads(b"{" + one.face + b"}") for one in faces.faced]


def test_a_face_follows_every_change(stores: Stores, workflow: Compiled) -> None:
    maker, owner = Maker(workflow=workflow), new_id()
    first, second = maker.new(name="a", size=1, owner=owner), maker.new(name="b", size=3)
    stores.tasks.insert(workflow, first)
    stores.tasks.insert_many(workflow, [second])
    stores.tasks.replace(workflow, maker.change(first.task, values={"size": None, "name": "c"}))

    faces = stores.tasks.faces(workflow, PAGE)

    assert [{"name": "c", "size": None}, {"name": "b", "size": "3"}] == shown(faces)
    assert faces is not None
    assert (first.task.id, owner) == (faces.row(0).id, faces.faced[0].live["owner"])


def test_a_face_of_other_titles_is_out_of_date(stores: Stores, workflow: Compiled) -> None:
    stores.tasks.insert(workflow, Maker(workflow=workflow).new(name="a"))
    titled = {**PROPERTIES, "name": {"type": "string", "title": "Called"}}
    renamed = compile_workflow(replace(workflow_of(titled), uid=workflow.workflow.uid))

    assert stores.tasks.faces(workflow, PAGE) is not None
    assert stores.tasks.faces(renamed, PAGE) is None


def test_a_long_task_has_no_face(stores: Stores, workflow: Compiled) -> None:
    stores.tasks.insert(workflow, Maker(workflow=workflow).new(name="x" * LONGEST))

    assert stores.tasks.faces(workflow, PAGE) is None
