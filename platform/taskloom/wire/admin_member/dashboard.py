"""Dashboards: how many tasks there are of which sort, and the newest of them."""

from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from typing import Final

from flask import Response, request

from taskloom.engine.engine import Engine
from taskloom.engine.reports import Tally
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
        actor, workflow, shown = facing.actor, facing.workflow, Shown(facing)
        priority = facing.key(PRIORITY)
        selects = () if priority is None else (priority,)
        tally = self._engine.reports.tally(actor, workflow, among, selects)
        overdue = self._overdue(facing, among)
        recent = Query(where=among, order=(Order(CREATED, descending=True),), limit=MOST_RECENT)
        found = self._engine.tasks.find(actor, workflow, recent)
        numbers = _numbers(tally, overdue, facing)
        return answer({**numbers, "recentTasks": [*map(shown.recent, found)]})

    def _overdue(self, facing: Facing, among: Filter) -> int:
        key = facing.key(DUE)
        if key is None:
            return 0
        today = datetime.now(UTC).date().isoformat()
        moment = today if facing.workflow.fields[key].kind == "date" else today + MIDNIGHT
        open_ = Compare(STAGE, "nin", facing.stage_keys(COMPLETED))
        late = All((among, Compare(key, "lt", moment), open_))
        return self._engine.tasks.count(facing.actor, facing.workflow, late)


def _numbers(tally: Tally, overdue: int, facing: Facing) -> Shape:
    by_status = {status: _sum(tally.stages, facing.stage_keys(status)) for status in STATUSES}
    return {
        "statistics": {
            "totalTasks": tally.total,
            "pendingTasks": by_status[PENDING],
            "completedTasks": by_status[COMPLETED],
            "overdueTasks": overdue,
        },
        "charts": {
            "taskDistribution": {**by_status, "All": tally.total},
            "taskPriorityLevels": _by_priority(tally, facing),
        },
    }


def _by_priority(tally: Tally, facing: Facing) -> Mapping[str, int]:
    counts = tally.by.get(facing.key(PRIORITY) or "", {})
    return {value: _sum(counts, facing.options(PRIORITY, value)) for value in PRIORITIES}


def _sum(counts: Mapping[str, int], among: Iterable[str]) -> int:
    return sum(counts.get(each, 0) for each in set(among))
