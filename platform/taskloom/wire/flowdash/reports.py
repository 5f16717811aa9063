"""The report of a workflow: counts by stage and selects, what is overdue, how much is done."""

from collections.abc import Container, Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from typing import Any, Final

from flask import Response, request
from werkzeug.datastructures import MultiDict

from taskloom.engine.engine import Engine
from taskloom.engine.reports import MOST_OVERDUE, Overdue, Tally
from taskloom.errors import Fault, Invalid
from taskloom.fields.base import People
from taskloom.query.tree import All, Filter
from taskloom.schema.compiled import Compiled
from taskloom.schema.hints import did_you_mean
from taskloom.wire.answer import answer
from taskloom.wire.auth import actor_of
from taskloom.wire.base import Limits, by_title
from taskloom.wire.docs.describe import TEXT, UNPROCESSABLE, documented, parameter, reply
from taskloom.wire.exact import shortened
from taskloom.wire.flowdash.controls import CONTROLS, WORDS
from taskloom.wire.flowdash.describe import LISTED, WORKFLOW
from taskloom.wire.flowdash.filters import filters
from taskloom.wire.flowdash.naming import STAGE, TASK_URL
from taskloom.wire.flowdash.query import Parameters, meaningless
from taskloom.wire.flowdash.shown import Plans, Shown
from taskloom.wire.links import base_url

BY: Final = "by"
DUE: Final = "due"
DONE: Final = "done"
PARAMETERS: Final = (BY, DUE, DONE)
MOST_SELECTS: Final = 4

_SELECTS: Final = frozenset({"singleSelect"})
DATES: Final = frozenset({"date", "datetime"})
PAGING: Final = tuple(name for name in CONTROLS if name != WORDS)
_CENT: Final = Decimal("0.01")
_SHOWN: Final = ("filter", WORDS)

_COUNT: Final[Mapping[str, Any]] = {"type": "integer", "minimum": 0}
_COUNTS: Final[Mapping[str, Any]] = {"type": "object", "additionalProperties": _COUNT}
_LATE: Final[Mapping[str, Any]] = {
    "type": "object",
    "description": "Besides these, the due field and the unique ID by their titles.",
    "properties": {"id": TEXT, STAGE: TEXT, TASK_URL: {"type": "string", "format": "uri"}},
    "required": ["id", STAGE, TASK_URL],
}
_REPORT: Final[Mapping[str, Any]] = {
    "type": "object",
    "properties": {
        "total": _COUNT,
        "stages": {**_COUNTS, "description": "By name, all of them in order."},
        "by": {
            "type": "object",
            "description": "By title, then by option; the empty text counts where none is set.",
            "additionalProperties": _COUNTS,
        },
        "overdue": {
            "type": ["object", "null"],
            "description": "Null where no `due` was asked for.",
            "properties": {
                "count": _COUNT,
                "tasks": {"type": "array", "maxItems": MOST_OVERDUE, "items": _LATE},
            },
            "required": ["count", "tasks"],
        },
        "done": _COUNT,
        "completionRate": {"type": "string", "pattern": r"^(0|[0-9]{1,3}\.[0-9]{2})%$"},
    },
    "required": ["total", "stages", "by", "overdue", "done", "completionRate"],
    "additionalProperties": False,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class _Asked:
    """What a report is to tell: keys of selects, of a date field, of the stage that is done."""

    where: Filter
    by: tuple[str, ...]
    due: str | None
    done: str | None


class Reports:
    """The views of reports; each takes the request of the moment."""

    def __init__(self, engine: Engine, limits: Limits, plans: Plans) -> None:
        self._engine = engine
        self._limits = limits
        self._plans = plans

    @documented(
        "Get a report",
        description="Of all tasks that match: how many are in each stage and have each option of "
        "the selects named with `by`, which are overdue, and how much is done. A field that is "
        "called like a parameter is filtered with an operator: `due[eq]=…`.",
        parameters=[
            WORKFLOW,
            parameter(
                BY,
                "Title of a single select to count by; may be repeated.",
                {"type": "array", "items": TEXT, "maxItems": MOST_SELECTS},
            ),
            parameter(
                DUE,
                "Title of a date, or a date and time. What is before today (UTC), or now, is "
                "overdue in all stages but end stages.",
            ),
            parameter(DONE, "Stage whose tasks are done; the first end stage if absent."),
            *(each for each in LISTED if each["name"] in _SHOWN),
        ],
        replies={200: reply("The report.", _REPORT)},
        errors=(400, 404, 413, UNPROCESSABLE),
    )
    def get_report(self, workflow: str) -> Response:
        """Answer counts of the tasks that match."""
        actor = actor_of(request, self._engine)
        compiled = self._engine.workflows.get(actor, workflow)
        people = self._engine.people.people(actor)
        with by_title(compiled):
            wanted = _asked(request.args, compiled, people)
        reports, where = self._engine.reports, wanted.where
        tally = reports.tally(actor, compiled, where, wanted.by)
        late = reports.overdue(actor, compiled, where, wanted.due) if wanted.due else None
        done = tally.stages[wanted.done] if wanted.done else 0
        return answer(
            {
                "total": tally.total,
                "stages": _by_name(tally, compiled),
                "by": {compiled.fields[key].title: tally.by[key] for key in wanted.by},
                "overdue": late and self._late(late, wanted.due, compiled, people),
                "done": done,
                "completionRate": rate(done, tally.total),
            }
        )

    def _late(
        self, late: Overdue, due: str | None, workflow: Compiled, people: People
    ) -> Mapping[str, object]:
        titles = {
            field.title
            for key, field in workflow.fields.items()
            if key in {due, workflow.workflow.unique_id}
        }
        only = frozenset({STAGE, TASK_URL, *titles})
        base = base_url(request, self._limits)
        shown = Shown(self._plans.of(workflow), people, base, only)
        tasks = [{**shown.read(task), "id": task.id} for task in late.tasks]
        return {"count": late.count, "tasks": tasks}


def rate(done: int, total: int) -> str:
    """Spell how much is done as `xx.xx%`, to the digit as `toFixed(2)` does; of nothing, `0%`."""
    if not total:
        return "0%"
    return f"{Decimal(done / total * 100).quantize(_CENT, ROUND_HALF_UP)}%"


def _by_name(tally: Tally, workflow: Compiled) -> Mapping[str, int]:
    names = {key: stage.name for key, stage in workflow.stages.items()}
    return {names.get(key, key): count for key, count in tally.stages.items()}


def _asked(parameters: Parameters, workflow: Compiled, people: People) -> _Asked:
    """Read a report's parameters, or raise `Invalid` with everything wrong with them."""
    others = MultiDict(
        [(name, text) for name, text in parameters.items(multi=True) if name not in PARAMETERS]
    )
    paging = MultiDict([(name, "") for name in others if name in PAGING])
    faults: list[Fault] = meaningless(paging, hint="a report is not a list")
    where = tuple(filters(others, workflow, people, faults))
    by = tuple(dict.fromkeys(_selects(parameters.getlist(BY), workflow, faults)))
    due = _due(parameters.getlist(DUE), workflow, faults)
    done = _done(parameters.getlist(DONE), workflow, faults)
    if faults:
        raise Invalid(faults)
    return _Asked(where=All(where), by=by, due=due, done=done)


def _selects(titles: Sequence[str], workflow: Compiled, faults: list[Fault]) -> Iterator[str]:
    if len(titles) > MOST_SELECTS:
        faults.append(refused(BY, f"must be at most {MOST_SELECTS} titles"))
        return
    selects = of_kinds(_SELECTS, workflow)
    for title in titles:
        key = known(BY, title, selects, "a single select of this workflow", faults)
        if key is not None:
            yield key


def _due(titles: Sequence[str], workflow: Compiled, faults: list[Fault]) -> str | None:
    title = once(DUE, titles, faults)
    if title is None:
        return None
    return known(DUE, title, of_kinds(DATES, workflow), "a date of this workflow", faults)


def _done(names: Sequence[str], workflow: Compiled, faults: list[Fault]) -> str | None:
    name = once(DONE, names, faults)
    if name is None:
        return next((key for key, stage in workflow.stages.items() if stage.end), None)
    return known(DONE, name, workflow.stage_keys, "a stage of this workflow", faults)


def once(name: str, given: Sequence[str], faults: list[Fault]) -> str | None:
    """Read a parameter that can be given once."""
    if len(given) > 1:
        faults.append(refused(name, "can be given once"))
        return None
    return given[0] if given else None


def of_kinds(kinds: Container[str], workflow: Compiled) -> Mapping[str, str]:
    """Map the titles of the fields of some kinds to their keys."""
    fields = workflow.fields
    return {title: key for title, key in workflow.keys.items() if fields[key].kind in kinds}


def known(
    name: str, given: str, keys: Mapping[str, str], what: str, faults: list[Fault]
) -> str | None:
    """Return the key that a name stands for; `what` says which names there are."""
    key = keys.get(given)
    if key is None:
        told = shortened(given)
        faults.append(refused(name, f"{told!r} is not {what}", did_you_mean(told, keys)))
    return key


def refused(name: str, message: str, hint: str = "") -> Fault:
    """Say what is wrong with a parameter."""
    return Fault(path=(name,), code="parameter", message=message, hint=hint)
