"""Tasks as the native dialect shows them, by a plan made once per workflow version."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

from taskloom.fields.base import People
from taskloom.model.task import Task
from taskloom.schema.compiled import Compiled
from taskloom.wire.flowdash.naming import ASSIGNED_TO, STAGE, TASK_URL

_Dump = Callable[[Any, People], object]
_Columns = tuple[tuple[str, str, _Dump, _Dump, object], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """What showing a task needs of its workflow.

    `columns` are title, key, dump, echo, empty; `links` are name, whether it holds a list, and the
    columns of the linked tasks.
    """

    workflow: Compiled
    path: str
    stages: Mapping[str, str]
    several: bool
    columns: _Columns
    links: tuple[tuple[str, bool, _Columns], ...]


class Plans:
    """The plans of all workflows, of each the newest version asked for by role; for all threads."""

    def __init__(self) -> None:
        self._plans: dict[tuple[str, str], Plan] = {}

    def of(self, workflow: Compiled) -> Plan:
        """Return the plan of this version."""
        key = (workflow.workflow.uid, workflow.role.id)
        known = self._plans.get(key)
        if known is None or known.workflow is not workflow:
            known = self._plans[key] = plan(workflow)
        return known


def plan(workflow: Compiled) -> Plan:
    """Make the plan of a workflow version."""
    return Plan(
        workflow=workflow,
        path=f"/workflows/{quote(workflow.workflow.id, safe='')}/tasks/",
        stages={key: stage.name for key, stage in workflow.stages.items()},
        several=workflow.workflow.several,
        columns=_columns(workflow),
        links=tuple((side.name, side.many, _columns(side.target)) for side in workflow.linked),
    )


def _columns(workflow: Compiled) -> _Columns:
    return tuple(
        (field.title, key, codec.dump, codec.echo, codec.empty)
        for key, field in workflow.fields.items()
        for codec in (workflow.codecs[key],)
    )


class Shown:
    """Shows tasks of one workflow in one request; `only` restricts to these titles."""

    def __init__(
        self, plan: Plan, people: People, base: str, only: frozenset[str] | None = None
    ) -> None:
        self._plan = plan
        self._people = people
        self._address = base + plan.path
        self._only = only

    def read(self, task: Task) -> Mapping[str, object]:
        """Show a task as reads do."""
        shown = self._built_in(task)
        values, people = task.values, self._people
        for title, key, dump, _, empty in self._plan.columns:
            value = values.get(key)
            shown[title] = empty if value is None else dump(value, people)
        self._link(shown, task, echo=False)
        return shown if self._only is None else self._restricted(shown, self._only)

    def echo(self, task: Task) -> Mapping[str, object]:
        """Show a task as the answer to a write does."""
        shown = self._built_in(task)
        for title, key, _, echo, empty in self._plan.columns:
            value = task.values.get(key)
            shown[title] = empty if value is None else echo(value, self._people)
        self._link(shown, task, echo=True)
        return shown

    def _link(self, shown: dict[str, object], task: Task, *, echo: bool) -> None:
        """Show what a task is linked to: the fields of those tasks, and none of their links."""
        for name, many, columns in self._plan.links:
            linked = (self._linked(one, columns, echo=echo) for one in task.links.get(name, ()))
            shown[name] = list(linked) if many else next(linked, None)

    def _linked(self, task: Task, columns: _Columns, *, echo: bool) -> Mapping[str, object]:
        shown: dict[str, object] = {}
        for title, key, dump, echoed, empty in columns:
            value = task.values.get(key)
            spell = echoed if echo else dump
            shown[title] = empty if value is None else spell(value, self._people)
        return shown

    def address(self, task: Task) -> str:
        """Return the task's page."""
        return self._address + task.id

    def _built_in(self, task: Task) -> dict[str, object]:
        return {
            STAGE: self._plan.stages.get(task.stage, task.stage),
            ASSIGNED_TO: self._assigned(task.assignees),
            TASK_URL: self._address + task.id,
        }

    def _assigned(self, users: tuple[str, ...]) -> object:
        emails = [email for user in users if (email := self._people.email_of(user)) is not None]
        if self._plan.several:
            return emails
        return emails[0] if emails else None

    def _restricted(
        self, shown: Mapping[str, object], only: frozenset[str]
    ) -> Mapping[str, object]:
        return {title: value for title, value in shown.items() if title in only}
