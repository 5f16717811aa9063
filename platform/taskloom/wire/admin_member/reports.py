"""Reports for admins: workbooks of all tasks, and of all users with what they have to do."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Final

from flask import Response, request

from taskloom.engine.engine import Engine
from taskloom.engine.rights import require
from taskloom.model.people import User
from taskloom.model.task import Task
from taskloom.query.tree import Query
from taskloom.wire.admin_member.describe import MET, SHEET, XLSX
from taskloom.wire.admin_member.names import (
    COMPLETED,
    DESCRIPTION,
    DUE,
    ID,
    IN_PROGRESS,
    PENDING,
    PRIORITY,
    STATUS,
    TITLE,
)
from taskloom.wire.admin_member.sheets import Row, workbook
from taskloom.wire.admin_member.shown import Shown
from taskloom.wire.admin_member.workload import Workload
from taskloom.wire.answer import sent_from
from taskloom.wire.base import Limits
from taskloom.wire.docs.describe import documented
from taskloom.wire.facades import Facing, face

UNASSIGNED: Final = "Unassigned"
TASK_TITLES: Final = (
    "Task ID",
    "Title",
    "Description",
    "Priority",
    "Status",
    "Due Date",
    "Assigned To",
)
USER_TITLES: Final = (
    "User Name",
    "Email",
    "Total Assigned Tasks",
    "Pending Tasks",
    "In Progress Tasks",
    "Completed Tasks",
)
_TEXTS: Final = (ID, TITLE, DESCRIPTION, PRIORITY, STATUS, DUE)


class Reports:
    """The views; each takes the request of the moment."""

    def __init__(self, engine: Engine, limits: Limits) -> None:
        self._engine = engine
        self._limits = limits

    @documented("Export all tasks", replies={200: SHEET}, errors=MET)
    def export_tasks(self) -> Response:
        """Answer a workbook of all tasks."""
        facing, users = self._asked()
        found = self._engine.tasks.find(facing.actor, facing.workflow, Query())
        rows = _task_rows(found, Shown(facing), {user.id: user for user in users})
        return _sent("tasks_report.xlsx", "Tasks Report", TASK_TITLES, rows)

    @documented("Export all users", replies={200: SHEET}, errors=MET)
    def export_users(self) -> Response:
        """Answer a workbook of all users, with how many tasks they have."""
        facing, users = self._asked()
        load = Workload(self._engine, facing)
        return _sent(
            "users_report.xlsx",
            "Users Report",
            USER_TITLES,
            (_user_row(user, load) for user in users),
        )

    def _asked(self) -> tuple[Facing, Sequence[User]]:
        """Return what is asked about, and all users; refuse who is no admin."""
        facing = face(request, self._engine, self._limits)
        require(facing.actor, "configure", "reports")
        return facing, self._engine.users.every(facing.actor)


def _task_rows(
    tasks: Iterator[Task], shown: Shown, users: Mapping[str, User]
) -> Iterator[Sequence[str]]:
    for task in tasks:
        shape = shown.task(task)
        known = [users[user] for user in task.assignees if user in users]
        assigned = ", ".join(f"{user.name} ({user.email})" for user in known)
        yield [*(str(shape.get(name) or "") for name in _TEXTS), assigned or UNASSIGNED]


def _user_row(user: User, load: Workload) -> Row:
    counts = (load.of(user, status) for status in (PENDING, IN_PROGRESS, COMPLETED))
    return [user.name, user.email, load.all_of(user), *counts]


def _sent(filename: str, name: str, titles: Sequence[str], rows: Iterator[Row]) -> Response:
    response = sent_from(workbook(name, titles, rows), media=XLSX)
    response.headers["Content-Disposition"] = f'attachment; filename="{filename}"'
    return response
