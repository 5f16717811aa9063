"""How the routes of tasks describe themselves where they share words."""

from collections.abc import Mapping
from typing import Any, Final

from taskloom.wire.docs.describe import TEXT, parameter
from taskloom.wire.workiva import names
from taskloom.wire.workiva.listing import LARGEST_PAGE
from taskloom.wire.workiva.patching import REPLACEABLE

Schema = Mapping[str, Any]

_WHEN: Final[Schema] = {"type": "string", "format": "date-time"}
_WHEN_OR_NULL: Final[Schema] = {"type": ["string", "null"], "format": "date-time"}
_COMMENT: Final[Schema] = {"type": ["string", "null"]}
_MODE: Final[Schema] = {"enum": ["ONE", "ALL"]}


def _object(properties: Schema, *, optional: tuple[str, ...] = (), **rest: Any) -> Schema:
    required = [name for name in properties if name not in optional]
    return {
        "type": "object",
        "properties": properties,
        "required": required,
        "additionalProperties": False,
        **rest,
    }


def _list(items: Schema) -> Schema:
    return {"type": "array", "items": items}


_USER: Final = _object({"id": TEXT, "type": {"const": "USER"}})
_USER_IN: Final[Schema] = {
    "type": "object",
    "properties": {"id": TEXT, "type": {"const": "USER"}},
    "required": ["id"],
}
_ACTION: Final = _object(
    {"dateTime": _WHEN, "user": {"anyOf": [_object({"id": TEXT}), {"type": "null"}]}}
)
_RESPONSE: Final = _object(
    {"action": {"enum": ["SKIP", "APPROVE", "REJECT"]}, "comment": _COMMENT, "created": _ACTION}
)
_STEP: Final = _object(
    {
        "completionMode": _MODE,
        "dueDate": _WHEN_OR_NULL,
        "participants": _list(_USER),
        "responses": _list(_RESPONSE),
    }
)
_STEP_IN: Final[Schema] = {
    "type": "object",
    "properties": {
        "completionMode": _MODE,
        "dueDate": {
            "type": ["string", "null"],
            "description": "Later than the due date before it: the task's, then step by step.",
        },
        "participants": {**_list(_USER_IN), "minItems": 1},
        "responses": {"description": "Ignored: they come about by actions."},
    },
    "required": ["completionMode", "participants"],
}
_LOCATION: Final[Schema] = {
    "type": ["object", "null"],
    "description": "What the task is attached to; once there, it stays.",
    "properties": {"resource": TEXT, "segment": {"type": ["string", "null"]}},
    "required": ["resource"],
    "additionalProperties": False,
}

TASK: Final = _object(
    {
        "id": TEXT,
        names.TITLE: TEXT,
        names.DESCRIPTION: TEXT,
        names.STATUS: {"type": "string", "examples": list(names.STATUSES)},
        names.DUE: _WHEN_OR_NULL,
        names.OWNER: {"type": ["string", "null"], "description": "The id of a user."},
        names.ASSIGNEES: _list(_USER),
        names.STEPS: _list(_STEP),
        names.LOCATION: _LOCATION,
        names.SILENT: {"type": "boolean"},
        names.SOURCE: {"type": "string", "description": "The task's page, or what is stored."},
        "created": _ACTION,
        "modified": _ACTION,
    }
)
TASKS: Final = _object({"data": _list(TASK), "@nextLink": TEXT}, optional=("@nextLink",))

_WRITTEN: Final[Schema] = {
    names.TITLE: TEXT,
    names.DESCRIPTION: TEXT,
    names.DUE: {
        "type": ["string", "null"],
        "description": "A date and time, or a date: midnight in UTC.",
    },
    names.ASSIGNEES: _list(_USER_IN),
    names.STEPS: _list(_STEP_IN),
    names.LOCATION: _LOCATION,
    names.SILENT: {"type": "boolean", "default": False},
    names.STATUS: {"enum": list(names.BY_HAND), "default": names.BY_HAND[0]},
}
TASK_IN: Final[Schema] = {
    "type": "object",
    "description": "What is read-only in an answer is ignored.",
    "properties": _WRITTEN,
    "required": [names.TITLE],
    "examples": [{"title": "Review the report", "dueDate": "2030-06-11T13:00:00Z"}],
}
PATCH_IN: Final[Schema] = _list(
    {
        "type": "object",
        "properties": {
            "op": {"const": "replace"},
            "path": {"enum": list(REPLACEABLE)},
            "value": {},
        },
        "required": ["op", "path", "value"],
    }
)
ACTION_IN: Final = _object(
    {
        "action": {"enum": ["SUBMIT", "APPROVE", "REJECT", "CANCEL", "RESTART", "SKIP"]},
        "comment": _COMMENT,
    },
    optional=("comment",),
)

TASK_ID: Final = parameter(
    "task", "Id of the task.", place="path", example="674054a1b2c3d4e5f6071829"
)
VERSION: Final = parameter(
    "X-Version",
    "Version of the API; answers are those of the newest.",
    {"enum": sorted(names.VERSIONS)},
    place="header",
)
LISTED: Final = (
    parameter(
        names.FILTER,
        "Comparisons, combined by `and`; texts in single quotes.",
        example="status eq 'Created' and title contains 'TODO'",
    ),
    parameter(names.ORDER_BY, "Properties, separated by commas.", example="dueDate desc,title"),
    parameter(
        names.PAGE_SIZE,
        "Size of a page.",
        {"type": "integer", "minimum": 1, "maximum": LARGEST_PAGE, "default": LARGEST_PAGE},
    ),
    parameter(names.NEXT, "Where to go on: what `@nextLink` says."),
)
