"""Tasks as the native dialect shows them, by a plan made once per workflow version."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final
from urllib.parse import quote

from werkzeug.wrappers import Request

from taskloom.errors import Malformed
from taskloom.fields.base import People
from taskloom.model.task import Task
from taskloom.schema.compiled import Compiled
from taskloom.wire.base import Limits
from taskloom.wire.flowdash.naming import ASSIGNED_TO, STAGE, TASK_URL

# As in addresses; the underscore is in no name of the internet, but in those of containers.
_HOST: Final = re.compile(r"(?:[\w.-]+|\[[0-9a-fA-F:.]+\])(?::[0-9]{1,5})?", re.ASCII)
_Dump = Callable[[Any, People], object]


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """What showing a task needs of its workflow; `columns` are title, key, dump, echo, empty."""

    workflow: Compiled
    path: str
    stages: Mapping[str, str]
    several: bool
    columns: tuple[tuple[str, str, _Dump, _Dump, object], ...]


class Plans:
    """The plans of all workflows, of each the newest version asked for; shared by threads."""

    def __init__(self) -> None:
        self._plans: dict[str, Plan] = {}

    def of(self, workflow: Compiled) -> Plan:
        """Return the plan of this version."""
        known = self._plans.get(workflow.workflow.uid)
        if known is None or known.workflow is not workflow:
            known = self._plans[workflow.workflow.uid] = plan(workflow)
        return known


def plan(workflow: Compiled) -> Plan:
    """Make the plan of a workflow version."""
    return Plan(
        workflow=workflow,
        path=f"/workflows/{quote(workflow.workflow.id, safe='')}/tasks/",
        stages={key: stage.name for key, stage in workflow.stages.items()},
        several=workflow.workflow.several,
        columns=tuple(
            (field.title, key, codec.dump, codec.echo, codec.empty)
            for key, field in workflow.fields.items()
            for codec in (workflow.codecs[key],)
        ),
    )


def base_url(request: Request, limits: Limits) -> str:
    """Return what links begin with, without a slash at the end: the fixed or the asked host.

    Raises `Malformed` when neither is there: nothing else of a `Host` header may get into links.
    """
    if limits.public_url:
        return limits.public_url.rstrip("/")
    host = request.host or request.headers.get("Host", "")
    if not _HOST.fullmatch(host):
        raise Malformed("the Host header names no host")
    return f"{request.scheme}://{host}"


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
        return shown if self._only is None else self._restricted(shown, self._only)

    def echo(self, task: Task) -> Mapping[str, object]:
        """Show a task as the answer to a write does."""
        shown = self._built_in(task)
        for title, key, _, echo, empty in self._plan.columns:
            value = task.values.get(key)
            shown[title] = empty if value is None else echo(value, self._people)
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
