"""A workflow's fields and stages as the management API shows them."""

from marshmallow import fields

from taskloom.model.workflow import Field, Stage
from taskloom.wire.management.strict import Strict

UNIQUE = "uniqueId"
_TYPE = {"description": "The kind of field, by its Flowdash name where it has one."}


class FieldOut(Strict):
    """A field of a workflow."""

    id = fields.String(required=True, metadata={"description": "The key; it never changes."})
    name = fields.String(required=True, metadata={"description": "The title; it may change."})
    type = fields.String(required=True, metadata=_TYPE)
    required = fields.Boolean(required=True)
    editable = fields.Boolean(required=True)
    filterable = fields.Boolean(required=True, metadata={"description": "It is indexed."})
    options = fields.List(fields.String(), metadata={"description": "Of selects only."})
    limit = fields.Integer(allow_none=True, metadata={"description": "Most attachments."})
    autoincrement = fields.Boolean(metadata={"description": "Of the unique ID only."})


class StageOut(Strict):
    """A stage of a workflow."""

    id = fields.String(required=True, metadata={"description": "The key; it never changes."})
    name = fields.String(required=True)
    initial = fields.Boolean(required=True, metadata={"description": "New tasks start here."})
    end = fields.Boolean(required=True, metadata={"description": "Work is over here."})
    require = fields.List(
        fields.String(), required=True, metadata={"description": "Fields needed to enter."}
    )


class WorkflowOut(Strict):
    """A workflow in its newest version."""

    id = fields.String(required=True)
    name = fields.String(required=True)
    version = fields.Integer(required=True)
    fields_ = fields.List(fields.Nested(FieldOut), required=True, data_key="fields")
    stages = fields.List(fields.Nested(StageOut), required=True)
    file = fields.Dict(required=True, metadata={"description": "The workflow file."})


def field_entry(field: Field) -> dict[str, object]:
    """Spell a field for the wire."""
    entry: dict[str, object] = {
        "id": field.key,
        "name": field.title,
        "type": UNIQUE if field.unique else field.kind,
        "required": field.required,
        "editable": field.editable,
        "filterable": field.filterable,
    }
    if field.options:
        entry["options"] = list(field.options)
    if field.kind == "file":
        entry["limit"] = field.limit
    if field.unique:
        entry["autoincrement"] = field.auto_increment
    return entry


def stage_entry(stage: Stage, initial: str) -> dict[str, object]:
    """Spell a stage for the wire."""
    return {
        "id": stage.key,
        "name": stage.name,
        "initial": stage.key == initial,
        "end": stage.end,
        "require": list(stage.require),
    }
