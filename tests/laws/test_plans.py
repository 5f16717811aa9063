"""Laws of plans: a kind change and back gives every value back, whatever it was."""

import json
from collections.abc import Iterator, Mapping
from typing import Any
from uuid import uuid4

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from taskloom.effects.settling import Settling
from taskloom.engine.converting import Route, wanted
from taskloom.engine.shifts import Move, Recalled
from taskloom.errors import Refusal
from taskloom.fields.base import KINDS
from taskloom.model.workflow import Field
from taskloom.schema.compiled import Compiled
from taskloom.schema.conversions import converter
from taskloom.storage.client import connect
from tests.conformance.kinds import PEOPLE, field_of, resolved, through_bson
from tests.laws.test_fields_round_trip import wires
from tests.unit.engines import Office, open_office

LATER = 61_000
OPTIONS = ["A", "10", "2024-02-29"]
WRITABLE: Mapping[str, tuple[Mapping[str, object], st.SearchStrategy[Any]]] = {
    **{
        name: wires(name)
        for name in ("text", "textList", "number", "currency", "integer", "datetime", "checkbox")
    },
    "date": ({"type": "string", "format": "date"}, st.just("2024-02-29")),
    "json": ({"type": "object"}, st.just({"a": [1, None]})),
    "singleSelect": ({"enum": OPTIONS}, st.sampled_from(OPTIONS)),
    "multipleSelect": (
        {"type": "array", "items": {"enum": OPTIONS}},
        st.lists(st.sampled_from(OPTIONS), unique=True),
    ),
}
LIKELY = st.sampled_from(["10", "10.50", " 7 ", "ten", "true", "2024-02-29", "A", "A, 10", ""])


def move(source: str, target: str, recalled: str | None = None) -> Move:
    older = None if recalled is None else Recalled(slot=recalled, version=1)
    return Move(key="it", source=source, target=target, version=1, new=2, recalled=older)


def route(moved: Move, old: Field, new: Field) -> Route:
    forth, back = converter(old, new), converter(new, old)
    return Route(
        move=moved, old=old, forth=forth, again=back, back=back, shown=forth, fleeting=False
    )


@pytest.mark.parametrize("old", list(KINDS))
@settings(deadline=None, max_examples=40)
@given(data=st.data(), new=st.sampled_from(list(KINDS)))
def test_what_was_converted_comes_back_as_it_was(old: str, new: str, data: st.DataObject) -> None:
    schema, wire = wires(old)
    before, after = field_of(old, schema), field_of(new, wires(new)[0])
    codec = KINDS[old].compile(before)
    sent = data.draw(st.one_of(wire, LIKELY) if old in {"text", "longText"} else wire)
    stored = through_bson(codec.pack(resolved(codec.parse(sent, PEOPLE))))

    values: dict[str, object] = {"one": stored}
    there = wanted(route(move("one", "two"), before, after), values, PEOPLE)
    if there is not None:
        values["two"] = through_bson(there)
    back = wanted(route(move("two", "three", recalled="one"), after, before), values, PEOPLE)

    assert repr(stored) == repr(back)


@settings(deadline=None, max_examples=40)
@given(data=st.data(), old=st.sampled_from(list(KINDS)), new=st.sampled_from(list(KINDS)))
def test_what_converts_is_a_value_that_could_have_been_typed(
    old: str, new: str, data: st.DataObject
) -> None:
    schema, wire = wires(old)
    before, after = field_of(old, schema), field_of(new, wires(new)[0])
    codec, target = KINDS[old].compile(before), KINDS[new].compile(after)
    stored = through_bson(codec.pack(resolved(codec.parse(data.draw(wire), PEOPLE))))

    made = converter(before, after)(stored, PEOPLE)

    if made is not None:
        read = target.unpack(through_bson(made))
        try:
            assert read == target.parse(target.dump(read, PEOPLE), PEOPLE)
        except Refusal as refusal:
            pytest.fail(f"{made!r} is no {new}: {refusal}")


@pytest.fixture(scope="module")
def office(mongod_uri: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Office]:
    """One engine for all examples; each has a workflow of its own."""
    database = connect(mongod_uri, f"test_{uuid4().hex}")
    yield open_office(database, tmp_path_factory.mktemp("office"))
    database.client.drop_database(database.name)
    database.client.close()


@st.composite
def changes(draw: st.DrawFn) -> tuple[dict[str, Any], dict[str, Any], list[dict[str, Any]]]:
    """Draw two sets of fields, and values for the first."""
    keys = ["a", "b", "c"][: draw(st.integers(1, 3))]
    old = {key: draw(st.sampled_from(list(WRITABLE))) for key in keys}
    kept = [key for key in keys if draw(st.integers(0, 4))]
    new = {key: draw(st.sampled_from(list(WRITABLE))) for key in kept}
    rows = [
        {key: draw(_wire(kind)) for key, kind in old.items() if draw(st.integers(0, 4))}
        for _ in range(draw(st.integers(0, 5)))
    ]
    fields = [{key: dict(WRITABLE[kind][0]) for key, kind in kinds.items()} for kinds in (old, new)]
    return fields[0], fields[1], rows


def _wire(kind: str) -> st.SearchStrategy[Any]:
    return st.one_of(WRITABLE[kind][1], LIKELY) if kind == "text" else WRITABLE[kind][1]


def _law(office: Office, drawn: tuple[dict[str, Any], dict[str, Any], list[Any]]) -> None:
    old, new, rows = drawn
    name = f"w{uuid4().hex}"
    workflow = office.push(_file(name, old))
    for row in rows:
        office.write(workflow, "create", **row)
    before = _held(office, workflow, workflow)

    _apply(office, name, _file(name, new))
    office.clock.now += LATER
    Settling().run(office.ports)
    _apply(office, name, _file(name, old))
    office.clock.now += LATER
    Settling().run(office.ports)

    assert before == _held(office, workflow, office.engine.workflows.get(office.admin, name))
    assert not office.ports.workflows.settling()


def _file(name: str, fields: Mapping[str, Any]) -> dict[str, Any]:
    stages = [{"name": "New"}, {"name": "Done", "end": True}]
    return {"$id": name, "type": "object", "properties": fields, "workflow": {"stages": stages}}


def _held(office: Office, first: Compiled, now: Compiled) -> dict[str, Any]:
    """Return all that is known of tasks but the version that checked them, values as stored."""
    return {
        task.id: (repr(sorted(first.pack(task.values).items())), task.rev, task.stage, task.updated)
        for task in office.all(now)
    }


def _apply(office: Office, name: str, file: Mapping[str, Any]) -> None:
    plans, source = office.engine.plans, json.dumps(file)
    made = plans.plan(office.admin, name, source)
    plans.apply(office.admin, name, source, made.id)


every = settings(deadline=None, suppress_health_check=list(HealthCheck))


@settings(every, max_examples=8)
@given(drawn=changes())
def test_a_change_and_back_leaves_all_tasks_as_they_were(office: Office, drawn: Any) -> None:
    _law(office, drawn)


@pytest.mark.soak
@pytest.mark.timeout(900)
@settings(every, max_examples=1500)
@given(drawn=changes())
def test_any_change_and_back_leaves_all_tasks_as_they_were(office: Office, drawn: Any) -> None:
    _law(office, drawn)


def test_what_does_not_convert_comes_back_only_as_it_is_recalled() -> None:
    text, number = field_of("text", {"type": "string"}), field_of("number", {"type": "number"})
    values: dict[str, object] = {"one": "ten"}

    assert wanted(route(move("one", "two"), text, number), values, PEOPLE) is None
    assert wanted(route(move("two", "three"), number, text), values, PEOPLE) is None
    back = route(move("two", "three", recalled="one"), number, text)
    assert "ten" == wanted(back, values, PEOPLE)
