"""Reports: how many tasks there are of which sort, and which of them are overdue."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, tzinfo
from typing import Final

from taskloom.engine.ports import Ports
from taskloom.engine.tasks import Tasks
from taskloom.model.people import Actor
from taskloom.model.task import Moment, Task
from taskloom.query.tree import STAGE, All, Compare, Filter, Order, Query
from taskloom.schema.compiled import Compiled

MOST_OVERDUE: Final = 100
"""How many overdue tasks a report names."""
UNSET: Final = ""
"""Stands among the options of a select, none of which it can be, for that the field is unset."""

_DATE: Final = "date"
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True, kw_only=True)
class Tally:
    """How many tasks there are by stage key, and by the options of selects.

    `by` is by field key, with the option `UNSET` last. All stages and options are there, in their
    declared order; those that tasks still have from older versions come after them.
    """

    stages: Mapping[str, int]
    by: Mapping[str, Mapping[str, int]]

    @property
    def total(self) -> int:
        """How many tasks there are."""
        return sum(self.stages.values())


@dataclass(frozen=True, slots=True, kw_only=True)
class Overdue:
    """How many tasks are overdue, and those of them that are so the longest."""

    count: int
    tasks: Sequence[Task]


class Reports:
    """The use cases of reports; `workflow` arguments come from `Workflows.get` for the actor."""

    def __init__(self, ports: Ports, tasks: Tasks) -> None:
        self._ports = ports
        self._tasks = tasks

    def tally(
        self, actor: Actor, workflow: Compiled, where: Filter, selects: Sequence[str] = ()
    ) -> Tally:
        """Count matching tasks that the actor sees, by stage and by these single selects."""
        found = self._tasks.tallies(actor, workflow, where, (STAGE, *selects))
        return Tally(
            stages=_complete(workflow.stages, found[STAGE]),
            by={key: _options(workflow.fields[key].options, found[key]) for key in selects},
        )

    def overdue(
        self, actor: Actor, workflow: Compiled, where: Filter, due: str, *, zone: tzinfo = UTC
    ) -> Overdue:
        """Find matching tasks that the actor sees and that should have been in an end stage by now.

        `due` is the key of a date, which is overdue once the day is over in the zone, or of a
        time.
        Only this field of the tasks is read, and the unique ID.
        """
        now = _spelt(self._ports.clock(), workflow.fields[due].kind, zone)
        ends = tuple(key for key, stage in workflow.stages.items() if stage.end)
        late = All((where, Compare(due, "lt", now), Compare(STAGE, "nin", ends)))
        shown = workflow.fields.keys() & {due, workflow.workflow.unique_id}
        query = Query(
            where=late,
            order=(Order(due),),
            limit=MOST_OVERDUE,
            fields=frozenset(shown),
            links={},
        )
        tasks = list(self._tasks.find(actor, workflow, query))
        few = len(tasks) < MOST_OVERDUE
        count = len(tasks) if few else self._tasks.count(actor, workflow, late)
        return Overdue(count=count, tasks=tasks)


def _complete(declared: Iterable[str], counts: Mapping[str | None, int]) -> dict[str, int]:
    """Add what no task has, in declared order; what is not declared comes last."""
    known = {value: counts.get(value, 0) for value in declared}
    others = {value: count for value, count in counts.items() if value is not None}
    return {**known, **{value: others[value] for value in sorted(others.keys() - known.keys())}}


def _options(declared: Iterable[str], counts: Mapping[str | None, int]) -> dict[str, int]:
    return {**_complete(declared, counts), UNSET: counts.get(None, 0)}


def _spelt(at: Moment, kind: str, zone: tzinfo) -> str:
    """Spell a moment as values of a date or time field are."""
    now = _EPOCH + timedelta(milliseconds=at)
    if kind == _DATE:
        return now.astimezone(zone).date().isoformat()
    return f"{now.replace(tzinfo=None).isoformat()}Z"
