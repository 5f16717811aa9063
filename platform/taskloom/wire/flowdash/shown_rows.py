"""Rows as the native dialect shows them: what `Shown.read` makes of tasks, from the stored form."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final
from urllib.parse import quote

from taskloom.fields.base import People
from taskloom.model.task import Faced, Row
from taskloom.schema.columns import Columns, columns_of
from taskloom.schema.compiled import Compiled
from taskloom.wire.answer import encode
from taskloom.wire.flowdash.naming import ASSIGNED_TO, STAGE, TASK_URL

MOST_KEPT: Final = 256
_BUILT_IN: Final = (STAGE, ASSIGNED_TO, TASK_URL)


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """What showing rows needs of their workflow, and of what of them is to be shown.

    `left_out` are built-in titles; `links` are name, whether it holds a list, and the columns of
    the linked tasks.
    """

    workflow: Compiled
    path: str
    stages: Mapping[str, str]
    several: bool
    columns: Columns
    left_out: tuple[str, ...]
    links: tuple[tuple[str, bool, Columns], ...]


class RowPlans:
    """The plans used last, one for each workflow, role and set of titles; for all threads."""

    def __init__(self) -> None:
        self._plans: dict[tuple[str, str, frozenset[str] | None], Plan] = {}

    def of(self, workflow: Compiled, only: frozenset[str] | None) -> Plan:
        """Return the plan that shows these titles, or all, of this version."""
        key = (workflow.workflow.uid, workflow.role.id, only)
        known = self._plans.get(key)
        if known is None or known.workflow is not workflow:
            if len(self._plans) >= MOST_KEPT:
                self._plans.clear()
            known = self._plans[key] = plan(workflow, only)
        return known


def plan(workflow: Compiled, only: frozenset[str] | None = None) -> Plan:
    """Make the plan that shows these titles, or all, of a workflow version."""
    return Plan(
        workflow=workflow,
        path=f"/workflows/{quote(workflow.workflow.id, safe='')}/tasks/",
        stages={key: stage.name for key, stage in workflow.stages.items()},
        several=workflow.workflow.several,
        columns=_columns(workflow, only),
        left_out=tuple(title for title in _BUILT_IN if only is not None and title not in only),
        links=tuple(
            (side.name, side.many, _columns(side.target, None))
            for side in workflow.linked
            if only is None or side.name in only
        ),
    )


def _columns(workflow: Compiled, only: frozenset[str] | None) -> Columns:
    kept = [field for field in workflow.fields.values() if only is None or field.title in only]
    return columns_of(kept, workflow.codecs)


def row_shower(plan: Plan, people: People, base: str) -> Callable[[Row], Mapping[str, object]]:
    """Make the function that shows rows as reads do, in one request."""
    address, stages, columns = base + plan.path, plan.stages, plan.columns
    # A copy of this has room for everything, and its order.
    blank: dict[str, object] = dict.fromkeys((*_BUILT_IN, *columns.titles))
    blank[ASSIGNED_TO] = [] if plan.several else None

    def show(row: Row) -> dict[str, object]:
        task, _, stage, assignees, _, _, _, stored, _ = row
        shown = blank.copy()
        shown[STAGE] = stages.get(stage, stage)
        shown[TASK_URL] = address + task
        if assignees:
            shown[ASSIGNED_TO] = _assigned(assignees, people, several=plan.several)
        columns.fill(shown, stored, people)
        return shown

    if not plan.links and not plan.left_out:
        return show
    return lambda row: _completed(show(row), row, plan, people)


def face_shower(plan: Plan, people: People, base: str) -> Callable[[Faced], bytes]:
    """Make the function that spells tasks by their faces, as `row_shower` would show them."""
    address, live, begins = base + plan.path, plan.workflow.face.live, dict[object, bytes]()

    def begin(stage: str, users: tuple[str, ...]) -> bytes:
        nobody: object = [] if plan.several else None
        assigned = _assigned(users, people, several=plan.several) if users else nobody
        named = {STAGE: plan.stages.get(stage, stage), ASSIGNED_TO: assigned, TASK_URL: address}
        return encode(named).removesuffix(b'"}')

    def show(faced: Faced) -> bytes:
        task, stage, assignee, face, stored = faced
        users = tuple(assignee) if type(assignee) is list else assignee
        spelt = begins.get((stage, users))
        if spelt is None:
            several = users if isinstance(users, tuple) else (users,) if users else ()
            spelt = begins[stage, users] = begin(stage, several)
        parts = [spelt + task + b'"', face] if face else [spelt + task + b'"']
        if live.keys:
            parts.append(encode(live.fill({}, stored, people))[1:-1])
        return b",".join(parts) + b"}"

    return show


def _completed(
    shown: dict[str, object], row: Row, plan: Plan, people: People
) -> Mapping[str, object]:
    """Leave out what is not asked for, and show the links: fields of linked tasks, no more."""
    for title in plan.left_out:
        del shown[title]
    for name, many, columns in plan.links:
        linked = [columns.fill({}, one.stored, people) for one in row.links.get(name, ())]
        shown[name] = linked if many else next(iter(linked), None)
    return shown


def _assigned(users: tuple[str, ...], people: People, *, several: bool) -> object:
    emails = [email for user in users if (email := people.email_of(user)) is not None]
    if several:
        return emails
    return emails[0] if emails else None
