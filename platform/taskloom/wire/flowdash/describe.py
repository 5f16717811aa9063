"""How the native dialect's routes describe themselves where they share words."""

from typing import Any, Final

from taskloom.wire.docs.describe import TEXT, parameter
from taskloom.wire.flowdash.controls import LARGEST_PAGE

SAMPLE: Final[dict[str, Any]] = {
    "Stage": "In Progress",
    "Assigned To": None,
    "Task URL": "https://example.com/workflows/sales-pipeline/tasks/674054a1b2c3d4e5f6071829",
    "Company ID": "42",
    "Company Name": "Acme Corp",
    "Contract Value": "10000.00",
}
TASK: Final[dict[str, Any]] = {
    "type": "object",
    "description": "Stage, Assigned To, Task URL, then the workflow's fields by title.",
    "properties": {
        "Stage": TEXT,
        "Assigned To": {"type": ["string", "array", "null"], "items": TEXT},
        "Task URL": {"type": "string", "format": "uri"},
    },
    "additionalProperties": True,
    "examples": [SAMPLE],
}
TASKS: Final[dict[str, Any]] = {"type": "array", "items": TASK}
TASK_IN: Final[dict[str, Any]] = {
    "type": "object",
    "description": "Field titles with values; null clears, an absent title keeps what is there.",
    "properties": {"Stage": TEXT, "Assigned To": {"type": ["string", "array", "null"]}},
    "additionalProperties": True,
    "examples": [{"Company ID": "42", "Number of Employees": 20, "Stage": "In Progress"}],
}
FILE: Final[dict[str, Any]] = {
    "type": "object",
    "properties": {"blobId": TEXT, "contentType": TEXT, "filename": TEXT},
    "required": ["blobId", "contentType", "filename"],
}

WORKFLOW: Final = parameter(
    "workflow", "Id of the workflow.", place="path", example="sales-pipeline"
)
UID: Final = parameter("uid", "Unique ID of the task.", place="path", example="42")
TASK_ID: Final = parameter(
    "task",
    "Id of the task.",
    {"type": "string", "pattern": "^[0-9a-f]{24}$"},
    place="path",
    example="674054a1b2c3d4e5f6071829",
)
ONE: Final = parameter("_fields", "Titles to show, separated by commas; all if absent.")
COUNTED: Final = {
    "X-Total-Count": "How many tasks the whole list has, where `_count` asks for it.",
    "X-Total-Count-Kind": "How they were counted: `exact` or `estimate`.",
    "X-Query-Hint": "Which index would serve the list, where none does.",
}
LISTED: Final = (
    parameter(
        "filter",
        "`Title=value` for any title, `Title[op]=value` with the operators eq, ne, gt, gte, lt, "
        "lte, in, nin, contains, startswith and exists.",
        {"type": "object", "additionalProperties": TEXT},
    ),
    parameter(
        "_limit", "Tasks a page.", {"type": "integer", "minimum": 1, "maximum": LARGEST_PAGE}
    ),
    parameter("_cursor", "Where the page begins; taken from the `Link` of the one before."),
    parameter("_sort", "Titles to sort by, separated by commas, `-` before it for descending."),
    parameter(
        "_q",
        "Words that all have to be found in the texts of a task: where the workflow says which "
        "fields are searched, words there that begin so; else any part of any text.",
    ),
    parameter("_count", "How to count all tasks of the list.", {"enum": ["exact", "estimate"]}),
    ONE,
)
