"""Tasks as this dialect shows them."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from taskloom.fields.base import People
from taskloom.model.task import Task
from taskloom.wire.facades import Facing
from taskloom.wire.management.strict import stamp
from taskloom.wire.task_management.dates import spelt
from taskloom.wire.task_management.drafts import keys_of
from taskloom.wire.task_management.names import (
    ASSIGNEE_ID,
    CREATED_AT,
    CREATED_BY,
    DESCRIPTION,
    DUE_DATE,
    PRIORITY,
    STATUS,
    TAGS,
    TITLE,
    UPDATED_AT,
    WARNING_OFFSET,
)


class Shown:
    """Shows tasks of one workflow in one request."""

    def __init__(self, facing: Facing) -> None:
        self._facing = facing
        self._keys = keys_of(facing)

    def __call__(self, task: Task) -> Mapping[str, object]:
        """Show a task; a warning offset is there only where it is set."""
        held = {name: task.values.get(key) for name, key in self._keys.items()}
        due, offset = held.get(DUE_DATE), held.get(WARNING_OFFSET)
        warned = {} if offset is None else {WARNING_OFFSET: offset}
        people = self._facing.people
        return {
            "id": task.id,
            TITLE: held.get(TITLE),
            DESCRIPTION: held.get(DESCRIPTION),
            STATUS: self._facing.status(task.stage),
            PRIORITY: self._value(PRIORITY, held.get(PRIORITY)),
            CREATED_BY: people.email_of(task.by) if task.by is not None else None,
            ASSIGNEE_ID: _first(task.assignees, people),
            DUE_DATE: spelt(due) if isinstance(due, str) else None,
            **warned,
            TAGS: self._values(TAGS, held.get(TAGS)),
            CREATED_AT: stamp(task.created),
            UPDATED_AT: stamp(task.updated),
        }

    def _value(self, name: str, option: Any) -> str | None:
        return None if option is None else self._facing.value(name, option)

    def _values(self, name: str, options: Any) -> Sequence[str]:
        return [self._facing.value(name, option) for option in options or ()]


def _first(users: Iterable[str], people: People) -> str | None:
    """Return the first of these who is still there."""
    return next((user for user in users if people.email_of(user) is not None), None)
