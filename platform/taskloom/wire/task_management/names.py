"""The names of this dialect: a task's fields, what each is called, and refusing all others."""

from collections.abc import Iterable, Mapping
from typing import Final

from taskloom.errors import Fault
from taskloom.schema.hints import did_you_mean
from taskloom.wire.base import Need, Needs
from taskloom.wire.exact import shortened

DIALECT: Final = "task-management"

TITLE: Final = "title"
DESCRIPTION: Final = "description"
STATUS: Final = "status"
PRIORITY: Final = "priority"
ASSIGNEE_ID: Final = "assigneeId"
DUE_DATE: Final = "dueDate"
WARNING_OFFSET: Final = "warningOffset"
TAGS: Final = "tags"
CREATED_BY: Final = "createdBy"
CREATED_AT: Final = "createdAt"
UPDATED_AT: Final = "updatedAt"

FIELDS: Final = (TITLE, DESCRIPTION, PRIORITY, DUE_DATE, WARNING_OFFSET, TAGS)
"""What a workflow holds as fields; everything else is built in."""

READ_ONLY: Final = frozenset({"id", CREATED_BY, CREATED_AT, UPDATED_AT})
"""Names that are ignored in a body, so that an answer can be sent back."""

PRIORITIES: Final = ("LOW", "MEDIUM", "HIGH", "URGENT")

LABELS: Final[Mapping[str, str]] = {
    TITLE: "Title",
    DESCRIPTION: "Description",
    STATUS: "Status",
    PRIORITY: "Priority",
    ASSIGNEE_ID: "Assignee ID",
    DUE_DATE: "Due date",
    WARNING_OFFSET: "Warning offset",
    TAGS: "Tags",
    "name": "Name",
    "email": "Email",
    "role": "Role",
    "password": "Password",
}
"""How messages begin."""

NEEDS: Final = Needs(
    fields={
        TITLE: Need(kinds=frozenset({"text", "longText"}), required=True),
        DESCRIPTION: Need(kinds=frozenset({"text", "longText"})),
        PRIORITY: Need(kinds=frozenset({"singleSelect"}), options=PRIORITIES),
        DUE_DATE: Need(kinds=frozenset({"datetime", "date"})),
        WARNING_OFFSET: Need(kinds=frozenset({"number", "integer"})),
        TAGS: Need(kinds=frozenset({"textList", "multipleSelect"})),
    },
    statuses=("TODO", "IN_PROGRESS", "DONE"),
    also=("REVIEW", "CANCELED"),
)

_LONGEST_GUESSED: Final = 100
_MOST_GUESSED: Final = 5


def unknown_names(names: Iterable[str], known: Iterable[str]) -> list[Fault]:
    """Refuse names, each with the nearest known one; guessing stops after a few."""
    return [
        Fault(
            path=(shortened(name),),
            code="unknown",
            message="is not a known property",
            hint=_nearest(name, known) if index < _MOST_GUESSED else "",
        )
        for index, name in enumerate(names)
    ]


def _nearest(name: str, known: Iterable[str]) -> str:
    return did_you_mean(name, known) if len(name) <= _LONGEST_GUESSED else ""
