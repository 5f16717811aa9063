"""Tasks and users as this dialect shows them."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any, Final

from taskloom.model.people import User
from taskloom.model.task import Moment, Task
from taskloom.model.values import Item, Value
from taskloom.wire.admin_member.names import (
    ASSIGNED,
    ATTACHMENTS,
    CHECKLIST,
    CREATED_AT,
    CREATED_BY,
    DESCRIPTION,
    DUE,
    FIELDS,
    ID,
    PRIORITY,
    PROGRESS,
    STATUS,
    TITLE,
    UPDATED_AT,
)
from taskloom.wire.facades import Facing

Shape = Mapping[str, object]

RECENT: Final = (ID, TITLE, STATUS, PRIORITY, DUE, CREATED_AT)
_UNSET: Final[Mapping[str, object]] = {
    TITLE: "",
    DESCRIPTION: "",
    ATTACHMENTS: (),
    CHECKLIST: (),
    PROGRESS: 0,
}
MIDNIGHT: Final = "T00:00:00Z"


class Shown:
    """Shows tasks of one workflow in one request."""

    def __init__(self, facing: Facing) -> None:
        self._facing = facing
        keys = ((name, facing.key(name)) for name in FIELDS)
        self._keys = {name: key for name, key in keys if key is not None}

    def task(self, task: Task) -> Shape:
        """Show all of a task."""
        return {
            ID: task.id,
            **{name: self._value(name, task.values.get(key)) for name, key in self._keys.items()},
            STATUS: self._facing.status(task.stage),
            ASSIGNED: self.assigned(task),
            CREATED_BY: task.by,
            CREATED_AT: stamp(task.created),
            UPDATED_AT: stamp(task.updated),
        }

    def recent(self, task: Task) -> Shape:
        """Show what a dashboard does of a task."""
        whole = self.task(task)
        return {name: whole[name] for name in RECENT if name in whole}

    def items(self, task: Task) -> Sequence[Shape]:
        """Show the checklist of a task."""
        held: Any = task.values.get(self._keys.get(CHECKLIST, ""), ())
        return [item_shape(item) for item in held]

    def assigned(self, task: Task) -> list[str]:
        """Return the ids of those assignees who are still there."""
        people = self._facing.people
        return [user for user in task.assignees if people.email_of(user) is not None]

    def _value(self, name: str, value: Value | None) -> object:
        held: Any = value
        if value is None:
            return _UNSET.get(name)
        if name == PRIORITY:
            return self._facing.value(PRIORITY, held)
        if name == DUE:
            return held.removesuffix(MIDNIGHT)
        if name == CHECKLIST:
            return [item_shape(item) for item in held]
        return held


def item_shape(item: Item) -> Shape:
    """Show one item of a checklist."""
    return {ID: item["id"], "text": item["text"], "completed": item["done"]}


def role_of(user: User) -> str:
    """Return the role that this dialect has for a user's: nobody but admins is more than member."""
    return "admin" if user.role == "admin" else "member"


def user_shape(user: User) -> Shape:
    """Show a user to those who may see all of one."""
    return {ID: user.id, "name": user.name, "email": user.email, "role": role_of(user)}


def profile_shape(user: User) -> Shape:
    """Show a user with the picture."""
    return {**user_shape(user), "profileImageUrl": user.image}


def colleague_shape(user: User) -> Shape:
    """Show a user to those who may know no more than who it is."""
    return {ID: user.id, "name": user.name, "profileImageUrl": user.image}


def stamp(at: Moment) -> str:
    """Write a moment as `YYYY-MM-DDTHH:MM:SS.mmmZ`."""
    seconds, thousandths = divmod(at, 1000)
    return f"{datetime.fromtimestamp(seconds, UTC):%Y-%m-%dT%H:%M:%S}.{thousandths:03d}Z"
