"""What is shown straight from the stored form is what the whole way through a task shows."""

from typing import Any

import bson
import orjson
import pytest
from bson.codec_options import CodecOptions
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from taskloom.engine.ports import Insertion
from taskloom.fields.base import KINDS, Codec, Example
from taskloom.model.event import CREATED, Event
from taskloom.model.roles import Role
from taskloom.model.task import Faced, Task
from taskloom.schema import columns
from taskloom.schema.compile import compile_workflow, view_of
from taskloom.schema.compiled import Compiled
from taskloom.schema.faces import MARK
from taskloom.storage.client import DOCUMENTS
from taskloom.storage.documents import FACE, reader, row_reader, task_document
from taskloom.wire.answer import encode
from taskloom.wire.flowdash import shown
from taskloom.wire.flowdash.shown import Shown
from taskloom.wire.flowdash.shown_rows import face_shower, plan, row_shower
from tests.builders import NOW, STAGES, new_id, workflow_of
from tests.conformance.kinds import PEOPLE, field_of, resolved, through_bson
from tests.laws.test_fields_round_trip import codec_of, wires

few = settings(deadline=None, max_examples=40)

EXAMPLES = [
    pytest.param(name, example, id=f"{name}-{position}")
    for name in KINDS
    for position, example in enumerate(KINDS[name].examples)
]


def both_ways(codec: Codec, wire: object) -> tuple[bytes, bytes]:
    """Store a wire value; give what is read of it by the task's way and by the row's."""
    packed = codec.pack(resolved(codec.parse(wire, PEOPLE)))
    whole = codec.dump(codec.unpack(through_bson(packed)), PEOPLE)
    show, stored = columns.show_of(codec), through_bson(packed)
    return encode(whole), encode(stored if show is None else show(stored, PEOPLE))


@pytest.mark.parametrize(("name", "example"), EXAMPLES)
def test_every_example_is_shown_as_it_is_dumped(name: str, example: Example) -> None:
    codec = KINDS[name].compile(field_of(name, example.schema))

    by_task, by_row = both_ways(codec, example.wire)

    assert by_task == by_row


@pytest.mark.parametrize("name", list(KINDS))
@few
@given(data=st.data())
def test_every_value_is_shown_as_it_is_dumped(name: str, data: st.DataObject) -> None:
    by_task, by_row = both_ways(codec_of(name), data.draw(wires(name)[1]))

    assert by_task == by_row


EVERY_KIND = compile_workflow(
    workflow_of({name: wires(name)[0] for name in KINDS}, unique_id="text", several=True)
)
VIEWER = Role(id="viewer", name="Viewer", hidden=frozenset({"number", "file"}))
VIEWS = (EVERY_KIND, view_of(EVERY_KIND, VIEWER))
TITLES = st.none() | st.frozensets(
    st.sampled_from(["Stage", "Assigned To", "Task URL", "text", "currency", "file", "json"])
)
PLAIN: CodecOptions[dict[str, Any]] = CodecOptions(document_class=dict)


@st.composite
def tasks(draw: st.DrawFn) -> Task:
    """Make a task that has some of the fields."""
    values = {
        name: resolved(codec_of(name).parse(draw(wires(name)[1]), PEOPLE))
        for name in draw(st.sets(st.sampled_from(list(KINDS))))
    }
    people = st.sampled_from([*PEOPLE.users.values(), new_id()])
    return Task(
        id=new_id(),
        rev=draw(st.integers(1, 2**31)),
        uid=None,
        stage=draw(st.sampled_from([*STAGES, "gone"])),
        assignees=tuple(draw(st.lists(people, max_size=2))),
        by=draw(st.none() | people),
        created=NOW,
        updated=NOW,
        version=1,
        values=values,
    )


@few
@given(task=tasks(), only=TITLES)
@pytest.mark.parametrize("view", VIEWS, ids=["all", "some"])
def test_a_row_shows_what_its_task_does(
    view: Compiled, task: Task, only: frozenset[str] | None
) -> None:
    event = Event(id=new_id(), at=NOW, by=None, kind=CREATED)
    stored = bson.encode(
        task_document(EVERY_KIND, Insertion(task=task, event=event)), codec_options=DOCUMENTS
    )
    whole = reader(view)(bson.decode(stored, DOCUMENTS))
    # A bare command leaves decimals in MongoDB's own form.
    row = row_reader(view)(bson.decode(stored, PLAIN))

    by_task = Shown(shown.plan(view), PEOPLE, "http://x", only).read(whole)
    by_row = row_shower(plan(view, only), PEOPLE, "http://x")(row)

    assert encode(by_task) == encode(by_row)
    assert (whole.id, whole.rev, whole.assignees) == (row.id, row.rev, row.assignees)
    assert (whole.by, whole.created, whole.updated) == (row.by, row.created, row.updated)


@few
@given(task=tasks())
def test_a_face_shows_what_its_row_does(task: Task) -> None:
    event = Event(id=new_id(), at=NOW, by=None, kind=CREATED)
    document = task_document(EVERY_KIND, Insertion(task=task, event=event))
    stored = bson.decode(bson.encode(document, codec_options=DOCUMENTS), PLAIN)
    row = row_reader(EVERY_KIND)(stored)
    # What is too long, or holds what orjson cannot write, has none.
    assume(FACE in stored)

    parts = (
        task.id.encode(),
        stored["stage"],
        stored.get("assignee"),
        stored[FACE][MARK:],
        stored["v"],
    )
    by_face = face_shower(plan(EVERY_KIND), PEOPLE, "http://x")(Faced(*parts))
    by_row = row_shower(plan(EVERY_KIND), PEOPLE, "http://x")(row)

    assert orjson.loads(encode(by_row)) == orjson.loads(by_face)
