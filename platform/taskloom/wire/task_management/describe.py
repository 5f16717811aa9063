"""How this dialect's routes describe themselves: its resources, parameters and error body."""

from collections.abc import Mapping
from typing import Any, Final

from taskloom.engine.passwords import LONGEST_PASSWORD
from taskloom.wire.docs.describe import TEXT, parameter
from taskloom.wire.task_management.asking import LARGEST_LIMIT, USUAL_LIMIT
from taskloom.wire.task_management.listing import (
    AFTER,
    BEFORE,
    EXISTS,
    SEARCH,
    SHORTEST_SEARCH,
    UNASSIGNED,
)
from taskloom.wire.task_management.names import PRIORITIES

ABOUT: Final = (
    "The Task Management API: tasks of the workflow that is mounted here, and the users of the "
    "workspace. A key acts as its user, whose role says what is allowed."
)
ERROR: Final[Mapping[str, Any]] = {
    "type": "object",
    "properties": {
        "error": {
            "type": "object",
            "properties": {
                "code": TEXT,
                "message": TEXT,
                "details": {"type": "object", "description": "What is wrong, by field."},
            },
            "required": ["code", "message"],
            "additionalProperties": False,
        }
    },
    "required": ["error"],
    "additionalProperties": False,
    "examples": [
        {
            "error": {
                "code": "validation_error",
                "message": "The request contains invalid data",
                "details": {"title": "Title is required"},
            }
        }
    ],
}

_MOMENT: Final = {"type": "string", "format": "date-time"}
_OPTIONAL_MOMENT: Final = {"type": ["string", "null"], "format": "date-time"}
_OPTIONAL_TEXT: Final = {"type": ["string", "null"]}
_TAGS: Final = {"type": "array", "items": TEXT}
_ID: Final = {"type": "string", "description": "24 hex digits."}

TASK_SAMPLE: Final[Mapping[str, Any]] = {
    "id": "674054a1b2c3d4e5f6071829",
    "title": "Implement authentication",
    "description": "Add token-based authentication to the application",
    "status": "TODO",
    "priority": "HIGH",
    "createdBy": "674054a1b2c3d4e5f6071830",
    "assigneeId": None,
    "dueDate": "2035-06-01T17:00:00Z",
    "warningOffset": 24,
    "tags": ["authentication", "security"],
    "createdAt": "2035-05-13T15:30:00Z",
    "updatedAt": "2035-05-13T15:30:00Z",
}
TASK: Final[Mapping[str, Any]] = {
    "type": "object",
    "properties": {
        "id": _ID,
        "title": _OPTIONAL_TEXT,
        "description": _OPTIONAL_TEXT,
        "status": TEXT,
        "priority": _OPTIONAL_TEXT,
        "createdBy": _OPTIONAL_TEXT,
        "assigneeId": _OPTIONAL_TEXT,
        "dueDate": _OPTIONAL_MOMENT,
        "warningOffset": {"type": "number", "description": "Hours; absent where it is unset."},
        "tags": _TAGS,
        "createdAt": _MOMENT,
        "updatedAt": _MOMENT,
    },
    "required": [
        "id",
        "title",
        "description",
        "status",
        "priority",
        "createdBy",
        "assigneeId",
        "dueDate",
        "tags",
        "createdAt",
        "updatedAt",
    ],
    "additionalProperties": False,
    "examples": [TASK_SAMPLE],
}
TASK_IN: Final[Mapping[str, Any]] = {
    "type": "object",
    "description": "`id`, `createdBy`, `createdAt` and `updatedAt` are ignored; null clears.",
    "properties": {
        "title": TEXT,
        "description": _OPTIONAL_TEXT,
        "status": {"type": "string", "description": "TODO where a new task says nothing."},
        "priority": {"type": "string", "examples": list(PRIORITIES)},
        "assigneeId": _OPTIONAL_TEXT,
        "dueDate": {**_OPTIONAL_TEXT, "description": "ISO 8601, in the future; UTC without zone."},
        "warningOffset": {"type": ["number", "null"], "minimum": 0},
        "tags": {"type": ["array", "null"], "items": TEXT},
    },
    "examples": [{"title": "Implement authentication", "priority": "HIGH"}],
}
USER_SAMPLE: Final[Mapping[str, Any]] = {
    "id": "674054a1b2c3d4e5f6071830",
    "name": "Ann",
    "email": "ann@example.com",
    "role": "member",
    "createdAt": "2035-05-13T15:30:00Z",
    "updatedAt": "2035-05-13T15:30:00Z",
}
_ROLE: Final = {"enum": ["admin", "manager", "member"]}
USER: Final[Mapping[str, Any]] = {
    "type": "object",
    "properties": {
        "id": _ID,
        "name": TEXT,
        "email": TEXT,
        "role": _ROLE,
        "createdAt": _MOMENT,
        "updatedAt": _MOMENT,
    },
    "required": ["id", "name", "email", "role", "createdAt", "updatedAt"],
    "additionalProperties": False,
    "examples": [USER_SAMPLE],
}
USER_IN: Final[Mapping[str, Any]] = {
    "type": "object",
    "description": "`id`, `createdAt` and `updatedAt` are ignored.",
    "properties": {
        "name": TEXT,
        "email": TEXT,
        "role": {**_ROLE, "default": "member"},
        "password": {
            "type": "string",
            "minLength": 1,
            "maxLength": LONGEST_PASSWORD,
            "writeOnly": True,
            "description": "Whoever has none does not sign in by it; keys work either way.",
        },
    },
    "examples": [{"name": "Ann", "email": "ann@example.com"}],
}


def listed(item: Mapping[str, Any]) -> Mapping[str, Any]:
    """Describe the envelope of a list of such items."""
    number = {"type": "integer"}
    return {
        "type": "object",
        "properties": {
            "data": {"type": "array", "items": item},
            "pagination": {
                "type": "object",
                "properties": {
                    "total": number,
                    "limit": number,
                    "offset": number,
                    "hasMore": {"type": "boolean"},
                },
                "required": ["total", "limit", "offset", "hasMore"],
                "additionalProperties": False,
            },
        },
        "required": ["data", "pagination"],
        "additionalProperties": False,
    }


def paged(sorted_by: str, usual: str) -> tuple[Mapping[str, Any], ...]:
    """Describe the parameters that all lists have."""
    limit = {"type": "integer", "minimum": 1, "maximum": LARGEST_LIMIT, "default": USUAL_LIMIT}
    about = f"Comma list of {sorted_by}; `-` before one for descending. Default: {usual}."
    return (
        parameter("limit", "Items a page.", limit),
        parameter("offset", "Items to leave out.", {"type": "integer", "minimum": 0}),
        parameter("sort", about),
    )


LINK: Final = {"Link": "The next, previous, first and last part of the list."}
TASK_ID: Final = parameter(
    "task", "Id of the task.", place="path", example="674054a1b2c3d4e5f6071829"
)
USER_ID: Final = parameter(
    "user", "Id of the user.", place="path", example="674054a1b2c3d4e5f6071830"
)
TASKS_LISTED: Final = (
    *paged("title, status, priority, dueDate, createdAt, updatedAt", "-createdAt"),
    parameter("status", "Comma list; any of them."),
    parameter("priority", "Comma list; any of them."),
    parameter("assigneeId", f"Id of a user, or `{UNASSIGNED}`: assigned to nobody."),
    parameter("createdBy", "Id of a user."),
    parameter("tags", "Comma list; any of them."),
    parameter(AFTER, "Due after this moment."),
    parameter(BEFORE, "Due before this moment."),
    parameter(EXISTS, "Whether there is a due date.", {"type": "boolean"}),
    parameter(
        SEARCH,
        "Occurs in the title or the description, in any case.",
        {"type": "string", "minLength": SHORTEST_SEARCH},
    ),
)
USERS_LISTED: Final = (
    *paged("name, email, createdAt, updatedAt", "createdAt"),
    parameter("email", "The e-mail, whole."),
    parameter("name", "Occurs in the name, in any case."),
    parameter("role", "Comma list; any of them."),
)
