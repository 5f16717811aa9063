"""Reports by name: each a table of what a workflow's tasks do, for charts and for CSV."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from typing import Final, Literal

from werkzeug.wrappers import Request

from taskloom.engine.engine import Engine
from taskloom.engine.figures import created_in
from taskloom.engine.measures import Span, Spread, joined
from taskloom.errors import ASSIGNEE, NotFound
from taskloom.fields.base import People
from taskloom.model.people import Actor
from taskloom.query.tree import Filter
from taskloom.schema.compiled import Compiled
from taskloom.schema.hints import did_you_mean
from taskloom.wire.answer import Ready
from taskloom.wire.auth import actor_of
from taskloom.wire.base import Limits, by_title
from taskloom.wire.docs.describe import (
    TEXT,
    UNPROCESSABLE,
    content,
    documented,
    parameter,
    reply,
)
from taskloom.wire.exact import shortened
from taskloom.wire.flowdash import tables
from taskloom.wire.flowdash.asking import BY, FROM, PERIODS, PERSONS, TO, ZONE, Asked
from taskloom.wire.flowdash.describe import LISTED, WORKFLOW
from taskloom.wire.flowdash.naming import ASSIGNED_TO, STAGE, TASK_URL
from taskloom.wire.flowdash.shown import Plans, Shown
from taskloom.wire.flowdash.tables import COUNT, DAYS, HOURS, PART, Column, Table, answered
from taskloom.wire.links import base_url

BUCKETS: Final = (0, 1, 3, 7, 14, 30, 90)
"""The ages, in days, that the parts of a count of tasks begin with."""

_HUNDRED: Final = Decimal(100)
_CENT: Final = Decimal("0.01")
_HOUR: Final = 3_600_000
_SHOWN: Final = ("filter", "_q")
_COUNT: Final = Column(COUNT, "Tasks", COUNT)
_DAY: Final[Mapping[str, str]] = {"type": "string", "format": "date"}

ReportName = Literal[
    "stages", "values", "throughput", "age", "time-in-stage", "overdue", "approvals"
]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Question:
    """Who asks for what: `by` is a field's key or a period, as the report wants it."""

    actor: Actor
    workflow: Compiled
    people: People
    where: Filter
    span: Span
    by: str | None
    base: str

    @property
    def made(self) -> Filter:
        """The tasks that were made within the span."""
        return created_in(self.where, self.span)


class Figures:
    """The handler of reports by name."""

    def __init__(self, engine: Engine, limits: Limits, plans: Plans) -> None:
        self._engine = engine
        self._limits = limits
        self._plans = plans
        self._reports: Mapping[ReportName, Callable[[_Question], Table]] = {
            "stages": self._stages,
            "values": self._values,
            "throughput": self._throughput,
            "age": self._age,
            "time-in-stage": self._time_in_stage,
            "overdue": self._overdue,
            "approvals": self._approvals,
        }

    @documented(
        "Get a report by name",
        description="A table of the tasks that one sees and that match. A field that is called "
        "like a parameter is filtered with an operator: `from[eq]=…`.",
        parameters=[
            WORKFLOW,
            parameter(
                "report",
                "`stages`, `values`, `throughput`, `age`, `time-in-stage`, `overdue`, or "
                "`approvals` where the workflow has them.",
                place="path",
                example="stages",
            ),
            parameter(FROM, "The first day.", _DAY),
            parameter(TO, "The last day.", _DAY),
            parameter(
                BY,
                "Title of a select, checkbox or person for `values`, or `Assigned To`; of a date, "
                "or a date and time, for `overdue`; day, week or month for `throughput`.",
            ),
            parameter(ZONE, "Time zone that days are of, such as `Europe/Paris`. Default: UTC."),
            *(each for each in LISTED if each["name"] in _SHOWN),
        ],
        replies={
            200: {
                **reply("The report."),
                "content": {**content(dict(tables.TABLE)), **content(TEXT, media=tables.CSV)},
            }
        },
        errors=(400, 404, 413, UNPROCESSABLE),
    )
    def get_named_report(self, request: Request, workflow: str, report: str) -> Ready:
        """Answer one."""
        actor = actor_of(request, self._engine)
        compiled = self._engine.workflows.get(actor, workflow)
        people = self._engine.people.people(actor)
        name = next((known for known in self._reports if known == report), None)
        if name is None:
            hint = did_you_mean(shortened(report), self._reports)
            raise NotFound(f"there is no report {shortened(report)!r}; {hint}".rstrip("; "))
        with by_title(compiled):
            where, span, by = Asked(request.args, compiled, people).all(name)
            question = _Question(
                actor=actor,
                workflow=compiled,
                people=people,
                where=where,
                span=span,
                by=by,
                base=base_url(request, self._limits),
            )
            table = self._reports[name](question)
        return answered(request, table, f"{compiled.workflow.id}.{name}")

    def _stages(self, asked: _Question) -> Table:
        tally = self._engine.reports.tally(asked.actor, asked.workflow, asked.made)
        rows = [{"stage": _stage(key, asked.workflow), COUNT: n} for key, n in tally.stages.items()]
        return Table(columns=[_STAGE, _COUNT], rows=rows, total={COUNT: tally.total})

    def _values(self, asked: _Question) -> Table:
        workflow, by = asked.workflow, str(asked.by)
        counts, total = self._engine.figures.values(asked.actor, workflow, asked.made, by)
        assigned = by == ASSIGNEE
        kind = "person" if assigned else workflow.fields[by].kind
        title = ASSIGNED_TO if assigned else workflow.fields[by].title
        told: dict[object, int] = dict.fromkeys(_known_values(workflow, by), 0)
        for value, count in counts.items():
            shown = asked.people.email_of(str(value)) if kind in PERSONS and value else value
            told[shown] = told.get(shown, 0) + count
        unset = told.pop(None, 0)
        rows = [{"value": value, COUNT: count} for value, count in _in_order(told, workflow, by)]
        columns = [Column("value", title, kind), _COUNT]
        return Table(
            columns=columns, rows=[*rows, {"value": None, COUNT: unset}], total={COUNT: total}
        )

    def _throughput(self, asked: _Question) -> Table:
        period = PERIODS[asked.by or "week"]
        passed = self._engine.figures.throughput(
            asked.actor, asked.workflow, asked.where, asked.span, period
        )
        rows = [
            {period: each.first.isoformat(), "created": each.created, "finished": each.finished}
            for each in passed
        ]
        columns = [
            Column(period, period.title(), "date"),
            Column("created", "Created", COUNT),
            Column("finished", "Finished", COUNT),
        ]
        total = {
            "created": sum(each.created for each in passed),
            "finished": sum(each.finished for each in passed),
        }
        return Table(columns=columns, rows=rows, total=total)

    def _age(self, asked: _Question) -> Table:
        found = self._engine.figures.ages(asked.actor, asked.workflow, asked.made)
        still = [key for key, stage in asked.workflow.stages.items() if not stage.end]
        rows = [
            {"stage": _stage(key, asked.workflow), **_aged(found.get(key, _NONE))}
            for key in _all(still, found)
        ]
        buckets = [Column(key, title, PART) for key, title, _, _ in _buckets()]
        columns = [_STAGE, _COUNT, *buckets, Column("median", "Median", DAYS)]
        columns += [Column("p85", "85 %", DAYS)]
        return Table(columns=columns, rows=rows, total=_aged(joined(found)))

    def _time_in_stage(self, asked: _Question) -> Table:
        found = self._engine.figures.visits(asked.actor, asked.workflow, asked.where, asked.span)
        rows = [
            {"stage": _stage(key, asked.workflow), **_stayed(found.get(key, _NONE))}
            for key in _all(asked.workflow.stages, found)
        ]
        columns = [
            _STAGE,
            Column(COUNT, "Left", COUNT),
            Column("median", "Median", HOURS),
            Column("p85", "85 %", HOURS),
            Column("mean", "Mean", HOURS),
        ]
        return Table(columns=columns, rows=rows)

    def _overdue(self, asked: _Question) -> Table:
        workflow, due = asked.workflow, str(asked.by)
        late = self._engine.reports.overdue(
            asked.actor, workflow, asked.made, due, zone=asked.span.zone
        )
        unique = workflow.workflow.unique_id
        fields = {"uid": unique, "due": due} if unique in workflow.fields else {"due": due}
        titles = {key: workflow.fields[str(field)].title for key, field in fields.items()}
        titles = {"url": TASK_URL, **titles, "stage": STAGE, "assigned": ASSIGNED_TO}
        shown = Shown(
            self._plans.of(workflow), asked.people, asked.base, frozenset(titles.values())
        )
        columns = [
            Column("task", "Task", "task"),
            Column("url", TASK_URL, "url"),
            *([Column("uid", titles["uid"], "uniqueId")] if "uid" in fields else []),
            Column("due", titles["due"], workflow.fields[due].kind),
            Column("stage", STAGE, tables.STAGE),
            Column("assigned", ASSIGNED_TO, "person"),
        ]
        rows = [
            {"task": task.id, **{key: told[title] for key, title in titles.items()}}
            for task in late.tasks
            for told in (shown.read(task),)
        ]
        return Table(columns=columns, rows=rows, total={COUNT: late.count})

    def _approvals(self, asked: _Question) -> Table:
        waiting = self._engine.figures.waiting(asked.actor, asked.workflow, asked.made)
        told = {asked.people.email_of(user): n for user, n in waiting.by.items()}
        rows = [
            {"approver": email, COUNT: count}
            for email, count in sorted(told.items(), key=lambda each: (-each[1], str(each[0])))
            if email is not None
        ]
        columns = [Column("approver", "Approver", "person"), Column(COUNT, "Waiting", COUNT)]
        return Table(columns=columns, rows=rows, total={COUNT: waiting.count})


_STAGE: Final = Column("stage", STAGE, tables.STAGE)
_NONE: Final = Spread(lengths={})


def _stage(key: str, workflow: Compiled) -> str:
    stage = workflow.stages.get(key)
    return key if stage is None else stage.name


def _all(declared: Sequence[str] | Mapping[str, object], found: Mapping[str, object]) -> list[str]:
    """List stages in their declared order; those that are not declared come last."""
    return [*declared, *sorted(found.keys() - set(declared))]


def _known_values(workflow: Compiled, field: str) -> Sequence[object]:
    """List the values that are told of although no task may have them."""
    if field == ASSIGNEE:
        return ()
    declared = workflow.fields[field]
    return (True, False) if declared.kind == "checkbox" else declared.options


def _in_order(
    counts: Mapping[object, int], workflow: Compiled, field: str
) -> Iterator[tuple[object, int]]:
    """Yield declared values in their order, then others, the most frequent first."""
    declared = _known_values(workflow, field)
    yield from ((value, counts[value]) for value in declared)
    others = [value for value in counts if value not in declared]
    for value in sorted(others, key=lambda each: (-counts[each], str(each))):
        yield value, counts[value]


def _buckets() -> Iterator[tuple[str, str, int, int | None]]:
    """Yield the key and title of each part of an age, and its bounds in days."""
    ends = (*BUCKETS[1:], None)
    for least, most in zip(BUCKETS, ends, strict=True):
        if most is None:
            title = f"{least} days or more"
        else:
            title = f"{least} to {most} days" if least else "Under 1 day"
        yield f"d{least}", title, least, most


def _aged(spread: Spread) -> Mapping[str, object]:
    parts = {
        key: spread.between(least * 100, None if most is None else most * 100)
        for key, _, least, most in _buckets()
    }
    return {COUNT: spread.count, **parts, **_quantiles(spread)}


def _stayed(spread: Spread) -> Mapping[str, object]:
    mean = None
    if spread.count:
        hours = Decimal(spread.together) / (spread.count * _HOUR)
        mean = hours.quantize(_CENT, ROUND_HALF_UP)
    return {COUNT: spread.count, **_quantiles(spread), "mean": mean}


def _quantiles(spread: Spread) -> Mapping[str, object]:
    median, most = spread.quantile(50), spread.quantile(85)
    return {
        "median": None if median is None else median / _HUNDRED,
        "p85": None if most is None else most / _HUNDRED,
    }
