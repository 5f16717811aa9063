"""What the tasks of one workflow look like on the wire, as JSON Schema: answers and writes."""

from collections.abc import Mapping, Sequence
from typing import Any, Final

from taskloom.fields.base import KINDS
from taskloom.model.workflow import Field
from taskloom.schema.compiled import Compiled, LinkSide
from taskloom.wire.docs.describe import reference
from taskloom.wire.flowdash.naming import ASSIGNED_TO, READ_ONLY, STAGE, TASK_URL

Schema = Mapping[str, Any]

_EMAIL: Final[Schema] = {"type": "string", "format": "email"}


def nullable(schema: Schema) -> dict[str, Any]:
    """Allow null beside what a schema allows."""
    kind = schema.get("type")
    if isinstance(kind, str) and not {"enum", "const", "anyOf"} & schema.keys():
        return {**schema, "type": [kind, "null"]}
    return _either(schema, {"type": "null"})


def _either(schema: Schema, other: Schema) -> dict[str, Any]:
    words = {key: schema[key] for key in ("title", "description", "examples") if key in schema}
    rules = {key: rule for key, rule in schema.items() if key not in words}
    return {**words, "anyOf": [rules, other]}


def answered(compiled: Compiled, field: Field) -> dict[str, Any]:
    """Describe a field's value in an answer; null where unset, unless the kind knows "empty"."""
    schema = KINDS[field.kind].wire_schema(field)
    return nullable(schema) if compiled.codecs[field.key].empty is None else dict(schema)


def accepted(field: Field) -> dict[str, Any]:
    """Describe a field's value in a write; null clears it, where it may be unset."""
    schema = KINDS[field.kind].input_schema(field)
    if field.unique and schema.get("type") == "string":
        return _either(schema, {"type": "number"})
    return dict(schema) if field.required or field.unique else nullable(schema)


def linked(side: LinkSide) -> dict[str, Any]:
    """Describe the linked tasks of an answer: their fields, and none of their links."""
    target = side.target
    fields = target.workflow.fields
    one = {
        "type": "object",
        "properties": {field.title: answered(target, field) for field in fields},
        "required": [field.title for field in fields],
        "additionalProperties": False,
    }
    return _of_link(side, f"What it is linked to in {target.workflow.title}.", one)


def referred(side: LinkSide) -> dict[str, Any]:
    """Describe how a write refers to linked tasks; null, or an empty list, clears the link."""
    target = side.target
    key = target.workflow.unique_id
    unique = target.fields[key] if key is not None else None
    one: Schema = (
        {
            "type": "object",
            "description": "A task by its unique ID; all else is ignored.",
            "properties": {unique.title: accepted(unique)},
            "required": [unique.title],
        }
        if unique
        else {"not": {}}
    )
    about = f"What it is linked to from now on in {target.workflow.title}."
    described = _of_link(side, about, one)
    return nullable(described) if side.many else described


def _of_link(side: LinkSide, about: str, one: Schema) -> dict[str, Any]:
    words = {"title": side.name, "description": about}
    if side.many:
        return {**words, "type": "array", "items": one}
    return {**words, "anyOf": [one, {"type": "null"}]}


def _assignee(compiled: Compiled, *, write: bool) -> Schema:
    about = "E-mail of the user it is assigned to; null where nobody is."
    one = {"title": ASSIGNED_TO, "description": about, **_EMAIL}
    if not compiled.workflow.several:
        return nullable(one)
    many = {"type": "array", "items": _EMAIL, "uniqueItems": True}
    about = "E-mails of the users it is assigned to."
    if not write:
        return {"title": ASSIGNED_TO, "description": about, **many}
    allowed = [many, _EMAIL, {"type": "null"}]
    return {"title": ASSIGNED_TO, "description": about, "anyOf": allowed}


def _stage(compiled: Compiled) -> Schema:
    names = [stage.name for stage in compiled.workflow.stages]
    return {
        "title": STAGE,
        "description": "Where the task stands.",
        "type": "string",
        "enum": names,
    }


def _selection(compiled: Compiled) -> Schema:
    return {
        "type": "object",
        "description": "A task, or those fields of it that `_fields` chose.",
        "properties": {
            STAGE: _stage(compiled),
            ASSIGNED_TO: _assignee(compiled, write=False),
            TASK_URL: {
                "title": TASK_URL,
                "description": "Where people see the task.",
                "type": "string",
                "format": "uri",
            },
            **{field.title: answered(compiled, field) for field in compiled.workflow.fields},
            **{side.name: linked(side) for side in compiled.linked},
        },
        "additionalProperties": False,
    }


def _task(compiled: Compiled) -> Schema:
    titles = [field.title for field in compiled.workflow.fields]
    titles += [side.name for side in compiled.linked]
    return {
        "description": "A task with all its fields.",
        "allOf": [reference("schemas", "TaskSelection")],
        "required": [STAGE, ASSIGNED_TO, TASK_URL, *titles],
    }


def _input(compiled: Compiled) -> Schema:
    ignored = {
        name: {"title": name, "description": "Ignored, so that an answer can be sent back."}
        for name in sorted(READ_ONLY)
    }
    return {
        "type": "object",
        "description": "Absent fields keep their value, null clears one, `[]` empties a list.",
        "properties": {
            **{field.title: accepted(field) for field in compiled.workflow.fields},
            **{side.name: referred(side) for side in compiled.linked},
            STAGE: _stage(compiled),
            ASSIGNED_TO: _assignee(compiled, write=True),
            **ignored,
        },
        "additionalProperties": compiled.workflow.ignore_unknown,
    }


def _requiring(titles: Sequence[str]) -> dict[str, Any]:
    narrowed: dict[str, Any] = {"allOf": [reference("schemas", "TaskInput")]}
    return {**narrowed, "required": list(titles)} if titles else narrowed


def task_schemas(compiled: Compiled) -> dict[str, Schema]:
    """Return the component schemas of a workflow's tasks.

    `NewTask` is what POST takes: without a unique ID it always creates, and so needs every required
    field; with one it may also update. `ChangedTask` is what PUT takes.
    """
    workflow = compiled.workflow
    unique = compiled.fields[workflow.unique_id].title if workflow.unique_id else None
    needed = [
        field.title
        for field in workflow.fields
        if field.required and field.key not in compiled.defaults
    ]
    return {
        "TaskSelection": _selection(compiled),
        "Task": _task(compiled),
        "TaskInput": _input(compiled),
        "NewTask": _requiring([] if unique else needed),
        "ChangedTask": _requiring([unique] if unique else []),
    }
