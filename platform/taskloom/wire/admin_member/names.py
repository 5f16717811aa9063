"""The names of this dialect: what a task is made of here, and its words for stages and options."""

from typing import Final

from taskloom.wire.base import Need, Needs

NAME: Final = "admin-member"
MOUNT: Final = "/api"
ROOTS: Final = ("/tasks", "/auth", "/users", "/reports")

ID: Final = "_id"
TITLE: Final = "title"
DESCRIPTION: Final = "description"
PRIORITY: Final = "priority"
STATUS: Final = "status"
DUE: Final = "dueDate"
ASSIGNED: Final = "assignedTo"
CREATED_BY: Final = "createdBy"
ATTACHMENTS: Final = "attachments"
CHECKLIST: Final = "todoChecklist"
PROGRESS: Final = "progress"
CREATED_AT: Final = "createdAt"
UPDATED_AT: Final = "updatedAt"

FIELDS: Final = (TITLE, DESCRIPTION, PRIORITY, DUE, ATTACHMENTS, CHECKLIST, PROGRESS)
"""What stands for fields of the workflow."""
WRITABLE: Final = (*FIELDS, STATUS, ASSIGNED)
READ_ONLY: Final = frozenset({ID, CREATED_BY, CREATED_AT, UPDATED_AT})

LOW: Final = "Low"
MEDIUM: Final = "Medium"
HIGH: Final = "High"
PRIORITIES: Final = (LOW, MEDIUM, HIGH)

PENDING: Final = "Pending"
IN_PROGRESS: Final = "InProgress"
COMPLETED: Final = "Completed"
STATUSES: Final = (PENDING, IN_PROGRESS, COMPLETED)
SPELLINGS: Final = {"In Progress": IN_PROGRESS}
"""Other spellings of statuses that clients send."""

NEEDS: Final = Needs(
    fields={
        TITLE: Need(kinds=frozenset({"text", "longText"}), required=True),
        DESCRIPTION: Need(kinds=frozenset({"text", "longText"})),
        PRIORITY: Need(kinds=frozenset({"singleSelect"}), required=True, options=PRIORITIES),
        DUE: Need(kinds=frozenset({"date", "datetime"}), required=True),
        ATTACHMENTS: Need(kinds=frozenset({"textList"})),
        CHECKLIST: Need(kinds=frozenset({"checklist"}), required=True),
        PROGRESS: Need(kinds=frozenset({"integer", "number", "percent"}), required=True),
    },
    statuses=STATUSES,
)
