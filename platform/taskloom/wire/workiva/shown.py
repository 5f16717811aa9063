"""Tasks as the Workiva dialect shows them."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, Final

from taskloom.model.task import Moment, Task
from taskloom.wire.facades import Facing
from taskloom.wire.workiva import names

_USER: Final = "USER"
_EPOCH: Final = datetime(1970, 1, 1)  # noqa: DTZ001 - UTC, and spelled so


class Shown:
    """Shows tasks of one workflow in one request; `pages` is what addresses of tasks begin with."""

    def __init__(self, facing: Facing, pages: str) -> None:
        self._facing = facing
        self._pages = pages
        self._keys = {name: facing.key(name) for name in names.FIELDS}

    def task(self, task: Task) -> Mapping[str, object]:
        """Show a task."""
        return {
            "id": task.id,
            names.TITLE: self._field(task, names.TITLE) or "",
            names.DESCRIPTION: self._field(task, names.DESCRIPTION) or "",
            names.STATUS: self._facing.status(task.stage),
            names.DUE: self._field(task, names.DUE),
            names.OWNER: self._field(task, names.OWNER),
            names.ASSIGNEES: self._users(task.assignees),
            names.STEPS: [self._step(step) for step in self._steps(task)],
            names.LOCATION: self._location(task),
            names.SILENT: self._field(task, names.SILENT) is True,
            names.SOURCE: self._field(task, names.SOURCE) or self._pages + task.id,
            "created": self._action(task.created, task.by),
            "modified": self._action(task.updated, _writer(task)),
        }

    def _field(self, task: Task, name: str) -> object:
        """Return what a field shows, None where it is unset or not there."""
        key = self._keys[name]
        value = None if key is None else task.values.get(key)
        if key is None or value is None:
            return None
        return self._facing.workflow.codecs[key].dump(value, self._facing.people)

    def _steps(self, task: Task) -> Sequence[Mapping[str, Any]]:
        shown: Any = self._field(task, names.STEPS)
        return shown or ()

    def _step(self, step: Mapping[str, Any]) -> Mapping[str, object]:
        return {
            "completionMode": step["completionMode"],
            "dueDate": step["dueDate"],
            "participants": _typed(step["participants"]),
            "responses": [_response(response) for response in step["responses"]],
        }

    def _location(self, task: Task) -> Mapping[str, object] | None:
        resource = self._field(task, names.RESOURCE)
        segment = self._field(task, names.SEGMENT)
        if not resource and not segment:
            return None
        return {"resource": resource or "", "segment": segment or None}

    def _users(self, users: Sequence[str]) -> Sequence[Mapping[str, str]]:
        people = self._facing.people
        return _typed([user for user in users if people.email_of(user) is not None])

    def _action(self, at: Moment, by: str | None) -> Mapping[str, object]:
        known = by is not None and self._facing.people.email_of(by) is not None
        return {"dateTime": spelled(at), "user": {"id": by} if known else None}


def _typed(users: Sequence[str]) -> Sequence[Mapping[str, str]]:
    return [{"id": user, "type": _USER} for user in users]


def _writer(task: Task) -> str | None:
    return task.by if task.rev == 1 else task.editor


def _response(response: Mapping[str, Any]) -> Mapping[str, object]:
    by = response["by"]
    return {
        "action": response["action"],
        "comment": response["comment"],
        "created": {"dateTime": response["at"], "user": {"id": by} if by else None},
    }


def spelled(at: Moment) -> str:
    """Write a moment in UTC, to the millisecond."""
    return (_EPOCH + timedelta(milliseconds=at)).isoformat(timespec="milliseconds") + "Z"
