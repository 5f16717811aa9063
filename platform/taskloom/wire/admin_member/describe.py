"""How this dialect's routes describe themselves: its resources, parameters and error body."""

from collections.abc import Mapping
from typing import Any, Final

from taskloom.wire.admin_member.names import PRIORITIES, STATUSES
from taskloom.wire.docs.describe import TEXT, parameter, reply

Shape = Mapping[str, Any]

ABOUT: Final = (
    "The Admin/Member Tasks API: the tasks of a team, its users, dashboards and reports. Send the "
    "token of a sign-in, or an API key; who asks decides what there is to see and to do."
)
ERROR: Final[Shape] = {
    "type": "object",
    "properties": {
        "message": {"type": "string", "description": "All that is wrong."},
        "error": {"type": "string", "description": "Of a server error: its reference."},
    },
    "required": ["message"],
    "additionalProperties": False,
    "examples": [{"message": "Task not found"}],
}
MET: Final = (404, 429)
"""What any request may meet at a mount, beside what all requests may."""

_COUNT: Final[Shape] = {"type": "integer", "minimum": 0}
_OPTIONAL: Final[Shape] = {"type": ["string", "null"]}
_MOMENT: Final[Shape] = {"type": "string", "format": "date-time"}
_IDS: Final[Shape] = {"type": "array", "items": TEXT, "description": "Ids of users."}
_STATUS: Final[Shape] = {"type": "string", "examples": list(STATUSES)}
_PRIORITY: Final[Shape] = {"type": ["string", "null"], "examples": list(PRIORITIES)}
_PROGRESS: Final[Shape] = {"type": "number", "minimum": 0, "maximum": 100}


def closed(properties: Shape, *optional: str, sample: object = None) -> Shape:
    """Describe an object that has these properties and no others, the optional ones at times."""
    shape: dict[str, Any] = {
        "type": "object",
        "properties": properties,
        "required": [name for name in properties if name not in optional],
        "additionalProperties": False,
    }
    return shape if sample is None else {**shape, "examples": [sample]}


def told(message: str, **rest: Shape) -> Shape:
    """Describe an answer that begins with this message."""
    return closed({"message": {"const": message}, **rest})


ITEM: Final = closed({"_id": TEXT, "text": TEXT, "completed": {"type": "boolean"}})
ITEMS: Final[Shape] = {"type": "array", "items": ITEM}
TASK: Final = closed(
    {
        "_id": {"type": "string", "description": "24 hex digits."},
        "title": TEXT,
        "description": TEXT,
        "priority": _PRIORITY,
        "dueDate": {**_OPTIONAL, "description": "A date, or a moment where the workflow has one."},
        "attachments": {"type": "array", "items": TEXT, "description": "Addresses of documents."},
        "todoChecklist": ITEMS,
        "progress": {"type": "number"},
        "status": _STATUS,
        "assignedTo": _IDS,
        "createdBy": _OPTIONAL,
        "createdAt": _MOMENT,
        "updatedAt": _MOMENT,
    },
    "title",
    "description",
    "priority",
    "dueDate",
    "attachments",
    "todoChecklist",
    "progress",
)
TASKS: Final[Shape] = {"type": "array", "items": TASK}
ITEM_IN: Final[Shape] = {
    "type": "object",
    "properties": {
        "_id": {"type": "string", "description": "Of an item that is there; a new one has none."},
        "text": TEXT,
        "completed": {"type": "boolean", "default": False},
    },
    "required": ["text"],
}
TASK_IN: Final[Shape] = {
    "type": "object",
    "description": "What answers hold beyond this is ignored; null clears, what is absent stays.",
    "properties": {
        "title": TEXT,
        "description": _OPTIONAL,
        "priority": _PRIORITY,
        "status": _STATUS,
        "dueDate": {"type": "string", "description": "A date like 2025-01-29, or a moment."},
        "assignedTo": _IDS,
        "attachments": {"type": "array", "items": TEXT},
        "todoChecklist": {"type": "array", "items": ITEM_IN},
        "progress": _PROGRESS,
    },
    "examples": [
        {
            "title": "Design Homepage UI",
            "description": "Initial UI/UX layout",
            "priority": "High",
            "dueDate": "2025-01-29",
            "assignedTo": ["674054a1b2c3d4e5f6071829"],
        }
    ],
}
PROGRESS_IN: Final[Shape] = {**closed({"progress": _PROGRESS}), "examples": [{"progress": 75}]}
STATUS_IN: Final[Shape] = {**closed({"status": _STATUS}), "examples": [{"status": "Completed"}]}
TODO_IN: Final[Shape] = {
    **closed({"todoChecklist": {"type": "array", "items": ITEM_IN}}),
    "examples": [{"todoChecklist": [{"text": "Gather docs", "completed": True}]}],
}
NEW_ITEM_IN: Final = closed(
    {"text": TEXT, "completed": {"type": "boolean", "default": False}},
    "completed",
    sample={"text": "Run accessibility audit"},
)
CHANGED_ITEM_IN: Final = closed(
    {"_id": {"description": "Ignored."}, "text": TEXT, "completed": {"type": "boolean"}},
    "_id",
    "text",
    sample={"completed": True},
)

DASHBOARD: Final = closed(
    {
        "statistics": closed(
            dict.fromkeys(("totalTasks", "pendingTasks", "completedTasks", "overdueTasks"), _COUNT)
        ),
        "charts": closed(
            {
                "taskDistribution": closed(dict.fromkeys((*STATUSES, "All"), _COUNT)),
                "taskPriorityLevels": closed(dict.fromkeys(PRIORITIES, _COUNT)),
            }
        ),
        "recentTasks": {
            "type": "array",
            "maxItems": 10,
            "items": closed(
                {
                    "_id": TEXT,
                    "title": TEXT,
                    "status": _STATUS,
                    "priority": _PRIORITY,
                    "dueDate": _OPTIONAL,
                    "createdAt": _MOMENT,
                },
                "title",
                "priority",
                "dueDate",
            ),
        },
    }
)

_USER: Final[Shape] = {
    "_id": TEXT,
    "name": TEXT,
    "email": TEXT,
    "role": {"enum": ["admin", "member"]},
}
_IMAGE: Final[Shape] = {"profileImageUrl": {"type": "string", "description": "Empty for none."}}
PROFILE: Final = closed({**_USER, **_IMAGE})
USER: Final = closed(_USER)
COLLEAGUE: Final = closed({"_id": TEXT, "name": TEXT, **_IMAGE})
SIGNED_IN: Final = closed({"message": TEXT, "user": PROFILE, "token": TEXT, **_USER, **_IMAGE})
COUNTED_USERS: Final[Shape] = {
    "type": "array",
    "items": closed(
        {
            **_USER,
            **_IMAGE,
            "pendingTasks": _COUNT,
            "inProgressTasks": _COUNT,
            "completedTasks": _COUNT,
        }
    ),
}
PASSWORD: Final[Shape] = {"type": "string", "format": "password"}
REGISTER_IN: Final = closed(
    {
        "name": TEXT,
        "email": {"type": "string", "format": "email"},
        "password": PASSWORD,
        "profileImageUrl": TEXT,
        "adminInviteToken": {"type": "string", "description": "Makes an admin, if it is right."},
        "role": {"description": "Ignored."},
    },
    "profileImageUrl",
    "adminInviteToken",
    "role",
    sample={"name": "Ann", "email": "ann@example.com", "password": "correct horse"},
)
LOGIN_IN: Final = closed(
    {"email": TEXT, "password": PASSWORD},
    sample={"email": "ann@example.com", "password": "correct horse"},
)
PROFILE_IN: Final = closed(
    {"name": TEXT, "email": TEXT, "password": PASSWORD, "profileImageUrl": TEXT},
    "name",
    "email",
    "password",
    "profileImageUrl",
)
INVITE_IN: Final = closed({"name": TEXT, "email": TEXT, "password": PASSWORD})
ME_IN: Final = closed({"name": TEXT, "profileImageUrl": TEXT}, "name", "profileImageUrl")
ROLE_IN: Final = closed({"role": {"enum": ["admin", "member"]}}, sample={"role": "admin"})

_EXAMPLE: Final = "674054a1b2c3d4e5f6071829"
TASK_ID: Final = parameter("task", "Id of the task.", place="path", example=_EXAMPLE)
ITEM_ID: Final = parameter("item", "Id of the item.", place="path", example=_EXAMPLE)
USER_ID: Final = parameter("user", "Id of the user.", place="path", example=_EXAMPLE)
STATUS_ASKED: Final = parameter("status", "Only tasks of this status.", _STATUS)

XLSX: Final = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
SHEET: Final = reply(
    "The workbook, as an attachment.",
    {"type": "string", "contentMediaType": XLSX},
    media=XLSX,
    headers={"Content-Disposition": "The name to save it by."},
)
