"""Notifications: what one was told of tasks, as far as one still sees them."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Final

from taskloom.engine.ports import Ports
from taskloom.engine.rights import require
from taskloom.engine.tasks import Tasks
from taskloom.engine.workflows import Workflows
from taskloom.model.notification import Notification
from taskloom.model.people import Actor
from taskloom.model.workflow import Workflow
from taskloom.query.tree import ID, Compare, Query

_BATCH: Final = 100


@dataclass(frozen=True, slots=True, kw_only=True)
class Notice:
    """A notification with the workflow, as the actor sees it, of the task it is about."""

    told: Notification
    workflow: Workflow


class Notifications:
    """The use cases of notifications; a credential without user has none."""

    def __init__(self, ports: Ports, workflows: Workflows, tasks: Tasks) -> None:
        self._ports = ports
        self._workflows = workflows
        self._tasks = tasks

    def every(self, actor: Actor, *, limit: int = _BATCH) -> Sequence[Notice]:
        """Return the newest that the actor was told, newest first.

        Those about tasks or fields that the actor does not see any more are left out.
        """
        require(actor, "read")
        return [] if actor.user is None else list(islice(self._seen(actor, actor.user), limit))

    def _seen(self, actor: Actor, user: str) -> Iterator[Notice]:
        workflows = {each.uid: each for each in self._workflows.every(actor)}
        found = self._ports.notifications.every(actor.workspace, user)
        while batch := list(islice(found, _BATCH)):
            seen = {
                uid: self._seen_tasks(actor, workflow, batch)
                for uid, workflow in workflows.items()
                if any(told.workflow == uid for told in batch)
            }
            for told in batch:
                if told.id in seen.get(told.workflow, ()):
                    yield Notice(told=told, workflow=workflows[told.workflow])

    def _seen_tasks(
        self, actor: Actor, workflow: Workflow, batch: Sequence[Notification]
    ) -> frozenset[str]:
        """Return the ids of the notifications of a workflow that the actor may see."""
        view = self._workflows.find(actor, workflow.id)
        if view is None:
            return frozenset()
        about: Mapping[str, str] = {
            told.id: told.task
            for told in batch
            if told.workflow == workflow.uid and told.fields.isdisjoint(view.role.hidden)
        }
        tasks = tuple(sorted({*about.values()}))
        query = Query(where=Compare(ID, "in", tasks), limit=_BATCH, fields=frozenset())
        there = {task.id for task in self._tasks.find(actor, view, query)}
        return frozenset(told for told, task in about.items() if task in there)

    def read(self, actor: Actor, ids: Sequence[str]) -> int:
        """Note that the actor has read these; return how many of them are the actor's."""
        require(actor, "read")
        if actor.user is None:
            return 0
        return self._ports.notifications.mark_read(actor.workspace, actor.user, ids)
