"""Sample tasks of a workflow, made from the worked examples of its fields' kinds."""

from collections.abc import Iterator, Mapping
from typing import Any, Final, cast

from taskloom.errors import Refusal
from taskloom.fields.base import KINDS
from taskloom.model.values import Value
from taskloom.model.workflow import Field
from taskloom.schema.compiled import Compiled
from taskloom.wire.docs.pattern import text_matching
from taskloom.wire.flowdash.naming import ASSIGNED_TO, STAGE, TASK_URL

_UNIQUE: Final = "42"
_DEEPEST: Final = 4
_HOST: Final = "https://tasks.example.com"
_FILES: Final = [
    {"contentType": "text/plain", "filename": "hello.txt", "base64contents": "aGVsbG8sIHdvcmxkIQ=="}
]
_ATTACHED: Final = [
    {"blobId": "5f0c1d2e3a4b5c6d7e8f9a0b", "contentType": "text/plain", "filename": "hello.txt"}
]
_PERSONAL: Final = frozenset({"person", "personList"})
_LATER: Final = {"date": "2100-01-31", "datetime": "2100-01-31T10:30:00Z"}
"""Samples of what has to lie in the future, by kind."""


class Nobody:
    """People of a workspace that has none: samples name no users."""

    def id_of(self, email: str) -> None:  # noqa: ARG002 - nobody has any e-mail
        """Find no user."""
        return

    def email_of(self, user: str) -> None:  # noqa: ARG002 - nobody is any user
        """Find no e-mail."""
        return


_NOBODY: Final = Nobody()


def _pattern(compiled: Compiled, schema: Mapping[str, Any]) -> str | None:
    """Return the pattern of a property, its own or that of the definition it refers to."""
    name = str(schema.get("$ref", "")).removeprefix("#/$defs/")
    definition = cast(Mapping[str, Any], compiled.workflow.schema.get("$defs", {})).get(name, {})
    pattern = schema.get("pattern", definition.get("pattern"))
    return pattern if isinstance(pattern, str) else None


def _candidates(compiled: Compiled, field: Field) -> Iterator[object]:
    kind = KINDS[field.kind]
    schema = field.schema
    if field.future:
        yield _LATER[field.kind]
    yield from cast(list[object], schema.get("examples", []))
    if "default" in schema:
        yield schema["default"]
    yield from field.options
    yield list(field.options[:1])
    pattern = _pattern(compiled, schema)
    if pattern is not None:
        yield text_matching(pattern)
    if field.unique:
        yield _UNIQUE
    yield from (example.wire for example in kind.examples)
    yield from cast(list[object], kind.input_schema(field).get("examples", []))
    yield from (schema[bound] for bound in ("minimum", "maximum") if bound in schema)
    shortest = schema.get("minLength")
    if isinstance(shortest, int):
        yield "x" * shortest


def _depth(wire: object) -> int:
    if isinstance(wire, Mapping):
        wire = list(wire.values())
    return 1 + max(map(_depth, wire), default=0) if isinstance(wire, list) else 0


def _value(compiled: Compiled, field: Field, wire: object) -> Value | None:
    """Parse a candidate; None where it is empty, bewildering, or against the field's own rules."""
    if wire is None or wire in ("", []) or _depth(wire) > _DEEPEST:
        return None
    try:
        value = cast(Value, compiled.codecs[field.key].parse(wire, _NOBODY))
    except Refusal:
        return None
    faults = compiled.check({field.key: value})
    return None if any(fault.path[:1] == (field.key,) for fault in faults) else value


def _plain(compiled: Compiled, field: Field) -> tuple[object, Value] | None:
    for wire in _candidates(compiled, field):
        value = _value(compiled, field, wire)
        if value is not None:
            return wire, value
    return None


def _parts(compiled: Compiled) -> dict[str, tuple[object, Value]]:
    found = {
        field.key: _plain(compiled, field)
        for field in compiled.workflow.fields
        if field.kind not in _PERSONAL and field.kind != "file"
    }
    return {key: part for key, part in found.items() if part is not None}


def _agreeing(compiled: Compiled) -> dict[str, tuple[object, Value]]:
    """Choose samples that the rules between fields allow together: all, or fewer, or none."""
    every = _parts(compiled)
    needed = {key: part for key, part in every.items() if compiled.fields[key].required}
    for chosen in (every, needed):
        if not compiled.check({key: value for key, (_, value) in chosen.items()}):
            return chosen
    return every


def sample_request(compiled: Compiled) -> dict[str, Any]:
    """Make a body that creates a task, by field title; people are left out, for nobody is known."""
    parts = _agreeing(compiled)
    body: dict[str, Any] = {}
    for field in compiled.workflow.fields:
        if field.key in parts and not field.auto_increment:
            body[field.title] = parts[field.key][0]
        elif field.kind == "file":
            body[field.title] = _FILES
    return body


def sample_answer(compiled: Compiled, server: str) -> dict[str, Any]:
    """Make a task as an answer shows it."""
    workflow = compiled.workflow
    parts = _agreeing(compiled)
    base = server.rstrip("/") if "://" in server else _HOST
    task: dict[str, Any] = {
        STAGE: compiled.stages[workflow.initial].name,
        ASSIGNED_TO: [] if workflow.several else None,
        TASK_URL: f"{base}/workflows/{workflow.id}/tasks/674054a1b2c3d4e5f6071829",
    }
    for field in workflow.fields:
        codec = compiled.codecs[field.key]
        if field.key in parts:
            task[field.title] = codec.dump(parts[field.key][1], _NOBODY)
        else:
            task[field.title] = _ATTACHED if field.kind == "file" else codec.empty
    task.update({side.name: [] if side.many else None for side in compiled.linked})
    return task


def sample_unique(compiled: Compiled) -> str:
    """Return the unique ID of the sample task as a path holds it."""
    key = compiled.workflow.unique_id
    task: Mapping[str, Any] = sample_answer(compiled, "")
    return _UNIQUE if key is None else str(task[compiled.fields[key].title] or _UNIQUE)
