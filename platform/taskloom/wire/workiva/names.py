"""Names and words of the Workiva Tasks API."""

from typing import Final

VERSION: Final = "2026-01-01"
VERSIONS: Final = frozenset({VERSION, "2022-01-01"})
"""What `X-Version` may say; answers are those of the newest."""

FILTER: Final = "$filter"
ORDER_BY: Final = "$orderBy"
PAGE_SIZE: Final = "$maxpagesize"
NEXT: Final = "$next"

TITLE: Final = "title"
DESCRIPTION: Final = "description"
DUE: Final = "dueDate"
OWNER: Final = "owner"
STEPS: Final = "approvalSteps"
PARTICIPANTS: Final = "approvalSteps.participants"
RESOURCE: Final = "location.resource"
SEGMENT: Final = "location.segment"
SILENT: Final = "notificationsDisabled"
SOURCE: Final = "sourceUrl"
FIELDS: Final = (TITLE, DESCRIPTION, DUE, OWNER, STEPS, RESOURCE, SEGMENT, SILENT, SOURCE)
"""What a workflow holds in fields of its own."""

ASSIGNEES: Final = "assignees"
LOCATION: Final = "location"
STATUS: Final = "status"
CREATED: Final = "created.dateTime"
MODIFIED: Final = "modified.dateTime"
TASK_TYPE: Final = "taskType"

NULL: Final = "null"
"""How a filter asks for what is unset."""

OLD_DUE: Final = "dueAt"
"""How examples of the API still call `dueDate`."""

READ_ONLY: Final = frozenset(
    {"id", "created", "modified", OWNER, SOURCE, "completed", "responses", TASK_TYPE}
)
"""What is ignored in a new task, so that an answer can be sent back."""

STATUSES: Final = (
    "Created",
    "Started",
    "Staged",
    "Awaiting Approval",
    "Returned",
    "Reworking",
    "Approved",
    "Completed",
    "Cancelled",
)
BY_HAND: Final = ("Created", "Completed", "Cancelled")
"""The statuses that a client may set."""

THE_TYPE: Final = "TASK"
"""The type of every task; it is filtered by, and shown nowhere."""
