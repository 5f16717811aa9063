"""Dashboards: how many tasks there are of which sort, and the newest of them."""

from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from functools import partial
from typing import Final

from flask import Response, request

from taskloom.engine.engine import Engine
from taskloom.errors import ASSIGNEE
from taskloom.fields.person import NOBODY
from taskloom.query.tree import CREATED, EVERYTHING, STAGE, All, Compare, Filter, Order, Query
from taskloom.wire.admin_member.describe import DASHBOARD, MET
from taskloom.wire.admin_member.names import (
    COMPLETED,
    DUE,
    PENDING,
    PRIORITIES,
    PRIORITY,
    STATUSES,
)
from taskloom.wire.admin_member.shown import MIDNIGHT, Shape, Shown
from taskloom.wire.answer import answer
from taskloom.wire.base import Limits
from taskloom.wire.docs.describe import documented, reply
from taskloom.wire.facades import Facing, face

MOST_RECENT: Final = 10

Count = Callable[..., int]
"""Counts the tasks for which all of these filters hold."""


class Dashboard:
    """The views; each takes the request of the moment."""

    def __init__(self, engine: Engine, limits: Limits) -> None:
        self._engine = engine
        self._limits = limits

    @documented(
        "Get the dashboard",
        description="Of all tasks that the actor sees. Overdue is what is not completed and was "
        "due before today (UTC).",
        replies={200: reply("The numbers.", DASHBOARD)},
        errors=MET,
    )
    def get_dashboard(self) -> Response:
        """Answer numbers of all tasks that the actor sees."""
        return self._answer(face(request, self._engine, self._limits), EVERYTHING)

    @documented(
        "Get the user's dashboard",
        description="The same of the tasks that are assigned to the actor.",
        replies={200: reply("The numbers.", DASHBOARD)},
        errors=MET,
    )
    def get_user_dashboard(self) -> Response:
        """Answer numbers of the tasks that are assigned to the actor."""
        facing = face(request, self._engine, self._limits)
        return self._answer(facing, Compare(ASSIGNEE, "eq", facing.actor.user or NOBODY))

    def _answer(self, facing: Facing, among: Filter) -> Response:
        tasks, shown = self._engine.tasks, Shown(facing)
        count = partial(_counted, self._engine, facing, among)
        recent = Query(where=among, order=(Order(CREATED, descending=True),), limit=MOST_RECENT)
        found = tasks.find(facing.actor, facing.workflow, recent)
        return answer({**_numbers(count, facing), "recentTasks": [*map(shown.recent, found)]})


def _counted(engine: Engine, facing: Facing, among: Filter, *parts: Filter) -> int:
    return engine.tasks.count(facing.actor, facing.workflow, All((among, *parts)))


def _numbers(count: Count, facing: Facing) -> Shape:
    """Count tasks of every sort, with a query for each."""
    by_status = {status: count(_has(status, facing)) for status in STATUSES}
    whole = count()
    return {
        "statistics": {
            "totalTasks": whole,
            "pendingTasks": by_status[PENDING],
            "completedTasks": by_status[COMPLETED],
            "overdueTasks": _overdue(count, facing),
        },
        "charts": {
            "taskDistribution": {**by_status, "All": whole},
            "taskPriorityLevels": _by_priority(count, facing),
        },
    }


def _has(status: str, facing: Facing) -> Filter:
    return Compare(STAGE, "in", facing.stage_keys(status))


def _by_priority(count: Count, facing: Facing) -> Mapping[str, int]:
    key = facing.key(PRIORITY)
    if key is None:
        return dict.fromkeys(PRIORITIES, 0)
    options = {value: facing.options(PRIORITY, value) for value in PRIORITIES}
    return {value: count(Compare(key, "in", held)) for value, held in options.items()}


def _overdue(count: Count, facing: Facing) -> int:
    key = facing.key(DUE)
    if key is None:
        return 0
    today = datetime.now(UTC).date().isoformat()
    moment = today if facing.workflow.fields[key].kind == "date" else today + MIDNIGHT
    open_ = Compare(STAGE, "nin", facing.stage_keys(COMPLETED))
    return count(Compare(key, "lt", moment), open_)
