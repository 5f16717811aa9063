"""Figures of a workflow: what came and went, how old tasks are, where they stay, who is awaited.

All of it is of the tasks that there are now and that the actor sees.
"""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, timedelta, tzinfo
from typing import Final

from taskloom.engine import rights
from taskloom.engine.measures import (
    QUARTER,
    Period,
    Span,
    Spread,
    begun,
    day_of,
    following,
    spreads,
)
from taskloom.engine.ports import Ports
from taskloom.engine.processes import steps_of
from taskloom.engine.rights import require
from taskloom.engine.tasks import Tasks
from taskloom.errors import Fault, Invalid, NotFound, TooSlow
from taskloom.fields.approval import awaited
from taskloom.model.people import Actor
from taskloom.query.tree import CREATED, STAGE, All, Compare, Filter, Query
from taskloom.schema.compiled import Compiled

MOST_PERIODS: Final = 400
"""So many days, weeks or months a throughput may tell of."""

RECENT: Final[Mapping[Period, int]] = {"day": 30, "week": 12, "month": 12}
"""So many a throughput tells of where nobody says from when on, the present one included."""

_NARROWER: Final = "ask for fewer tasks: from a later day on, or with a filter"
_NO_APPROVALS: Final = "this workflow has no approvals"


@dataclass(frozen=True, slots=True, kw_only=True)
class Passed:
    """How many tasks were made, and how many finished, in the period that begins with a day."""

    first: date
    created: int
    finished: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Waiting:
    """How many tasks wait for an approval, and how many of them for each user."""

    count: int
    by: Mapping[str, int]


class Figures:
    """The use cases of figures; `workflow` arguments come from `Workflows.get` for the actor.

    Each raises `TooSlow` where the database takes too long.
    """

    def __init__(self, ports: Ports, tasks: Tasks) -> None:
        self._ports = ports
        self._tasks = tasks

    def values(
        self, actor: Actor, workflow: Compiled, where: Filter, field: str
    ) -> tuple[Mapping[str | bool | None, int], int]:
        """Count tasks by each value of a field, None for unset; and count them once."""
        seen = _seen(actor, workflow, where)
        with _bounded():
            counts = self._ports.figures.values(workflow, seen, field)
            return counts, self._tasks.count(actor, workflow, where)

    def throughput(
        self, actor: Actor, workflow: Compiled, where: Filter, span: Span, period: Period
    ) -> Sequence[Passed]:
        """Tell of each period how many tasks were made and finished, those of no day included.

        A task is finished, if it is in an end stage, since it came there from one that is none,
        or was made there. Raises `Invalid` where there are too many periods.
        """
        seen = _seen(actor, workflow, where)
        last = span.last or day_of(self._ports.clock(), span.zone)
        first = span.first or _recent(last, period)
        periods = _periods(first, last, period)
        bounds = Span(first=first, last=last, zone=span.zone)
        start, end = bounds.start or 0, bounds.end or 0
        with _bounded():
            created = self._ports.figures.created(workflow, seen, start, end)
            finished = self._ports.figures.finished(workflow, seen, start, end)
        came, went = (_by_period(counts, span.zone, period) for counts in (created, finished))
        return [Passed(first=day, created=came[day], finished=went[day]) for day in periods]

    def ages(self, actor: Actor, workflow: Compiled, where: Filter) -> Mapping[str, Spread]:
        """Tell of each stage that is no end how long ago its tasks were made."""
        seen = _seen(actor, workflow, where)
        ends = tuple(key for key, stage in workflow.stages.items() if stage.end)
        open_ = All((seen, Compare(STAGE, "nin", ends)))
        with _bounded():
            return spreads(self._ports.figures.ages(workflow, open_, self._ports.clock()))

    def visits(
        self, actor: Actor, workflow: Compiled, where: Filter, span: Span
    ) -> Mapping[str, Spread]:
        """Tell of each stage how long tasks were in it that left it within a span.

        A task that comes back is there another time.
        """
        seen = _seen(actor, workflow, where)
        with _bounded():
            return spreads(self._ports.figures.visits(workflow, seen, span.start, span.end))

    def waiting(self, actor: Actor, workflow: Compiled, where: Filter) -> Waiting:
        """Tell whom tasks that await an approval wait for; raise `NotFound` where none can."""
        rule = workflow.workflow.approvals
        if rule is None or rule.steps not in workflow.fields:
            raise NotFound(_NO_APPROVALS)
        waits = All((where, Compare(STAGE, "eq", rule.waiting)))
        query = Query(where=waits, fields=frozenset({rule.steps}), links={})
        count, by = 0, Counter[str]()
        with _bounded():
            for task in self._tasks.find(actor, workflow, query):
                count += 1
                by.update(awaited(steps_of(rule, task.values)))
        return Waiting(count=count, by=by)


def created_in(where: Filter, span: Span) -> Filter:
    """Narrow a filter to the tasks that were made within a span."""
    bounds = (("gte", span.start), ("lt", span.end))
    parts = [Compare(CREATED, op, at) for op, at in bounds if at is not None]
    return All((where, *parts))


def _seen(actor: Actor, workflow: Compiled, where: Filter) -> Filter:
    require(actor, "read")
    return rights.among_seen(actor, workflow, where)


@contextmanager
def _bounded() -> Iterator[None]:
    """Say what helps a report that takes too long."""
    try:
        yield
    except TooSlow as error:
        raise TooSlow(f"the report takes too long; {_NARROWER}", hint=_NARROWER) from error


def _recent(last: date, period: Period) -> date:
    """Return the first day of those that are told of if nobody says which."""
    first = begun(last, period)
    for _ in range(RECENT[period] - 1):
        first = begun(first - timedelta(days=1), period)
    return first


def _periods(first: date, last: date, period: Period) -> Sequence[date]:
    """List the first days of all periods, the first one whole."""
    days, day = [], begun(first, period)
    while day <= last:
        days.append(day)
        if len(days) > MOST_PERIODS:
            message = f"tells of at most {MOST_PERIODS} of them"
            hint = "ask for fewer days, or for weeks or months"
            raise Invalid([Fault(path=("by",), code="parameter", message=message, hint=hint)])
        day = following(day, period)
    return days


def _by_period(counts: Mapping[int, int], zone: tzinfo, period: Period) -> Counter[date]:
    """Add up counts by quarters of an hour."""
    together = Counter[date]()
    for quarter, count in counts.items():
        together[begun(day_of(quarter * QUARTER, zone), period)] += count
    return together
