"""The feed: what happens to the tasks that an actor sees, for whoever follows it."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final

from taskloom.engine.ports import Ports
from taskloom.engine.rights import require
from taskloom.engine.tasks import Tasks
from taskloom.engine.views import shown_events
from taskloom.engine.workflows import Workflows
from taskloom.errors import Fault, Invalid
from taskloom.model.event import CREATED, Event
from taskloom.model.feed import Happening, Mark, Stream, Walk
from taskloom.model.people import Actor
from taskloom.model.roles import ALL
from taskloom.model.task import Task
from taskloom.query.tree import ID, Compare, Query
from taskloom.schema.compiled import Compiled

SETTLED_MS: Final = 60_000
"""No write takes so long from the time of its event until it is stored."""

_TITLES: Final = ("title", "name")
_LOST: Final = "is not a mark of this server, or one that is too old; begin again without it"


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """What happened to a task, with what is called its title; `seen` is the task as it is now.

    Of a task that is gone `seen` is None.
    """

    workflow: Compiled
    task: str
    event: Event
    seen: Task | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """Entries in the order they happened, where to go on, and whether there is more by now."""

    entries: Sequence[Entry]
    next: Mark
    more: bool


class Feed:
    """The use case of the feed."""

    def __init__(self, ports: Ports, workflows: Workflows, tasks: Tasks) -> None:
        self._ports = ports
        self._workflows = workflows
        self._tasks = tasks

    def start(self) -> Mark:
        """Return the mark behind which everything lies that ever happened."""
        return Walk(until=self._ports.clock() - SETTLED_MS)

    def read(
        self, actor: Actor, mark: Mark | None, limit: int, *, workflow: str | None = None
    ) -> Page:
        """Return what the actor sees of what happened behind a mark; None is the end of it all.

        Raises `NotFound` for the workflow that alone is asked for, and `Invalid` with a fault of
        `after` for a mark that is too old.
        """
        require(actor, "read")
        views = self._views(actor, workflow)
        behind = Stream() if mark is None else mark
        stretch = self._ports.feed.read(list(views.values()), behind, limit)
        if stretch is None:
            raise Invalid([Fault(path=("after",), code="parameter", message=_LOST)])
        if mark is None:
            return Page(entries=(), next=stretch.next, more=False)
        entries = list(self._entries(actor, views, stretch.happenings))
        return Page(entries=entries, next=stretch.next, more=stretch.more)

    def _views(self, actor: Actor, workflow: str | None) -> Mapping[str, Compiled]:
        """Return the workflows that are asked for as the actor sees them, by their `uid`s."""
        if workflow is not None:
            view = self._workflows.get(actor, workflow)
            return {view.workflow.uid: view}
        found = (self._workflows.find(actor, each.id) for each in self._workflows.every(actor))
        return {view.workflow.uid: view for view in found if view is not None}

    def _entries(
        self, actor: Actor, views: Mapping[str, Compiled], found: Sequence[Happening]
    ) -> Iterator[Entry]:
        there = {
            uid: self._seen(actor, view, {one.task for one in found if one.workflow == uid})
            for uid, view in views.items()
        }
        for one in found:
            view, task = views[one.workflow], there[one.workflow].get(one.task)
            # Of a task that is gone nobody can tell any more whether this actor saw it.
            if task is None and view.role.see is not ALL:
                continue
            event = one.event
            if event.kind == CREATED:
                event = replace(event, changes=())
            for shown in shown_events(view, [event]):
                yield Entry(workflow=view, task=one.task, event=shown, seen=task)

    def _seen(self, actor: Actor, view: Compiled, tasks: set[str]) -> Mapping[str, Task]:
        if not tasks:
            return {}
        title = title_of(view)
        fields = {field for field in (title, view.workflow.unique_id) if field in view.fields}
        where = Compare(ID, "in", tuple(sorted(tasks)))
        query = Query(where=where, fields=frozenset(map(str, fields)), links={})
        return {task.id: task for task in self._tasks.find(actor, view, query)}


def title_of(workflow: Compiled) -> str | None:
    """Return the key of the field that says to people which task this is, if one does."""
    for key in _TITLES:
        if key in workflow.fields:
            return key
    texts = (key for key, field in workflow.fields.items() if field.kind == "text")
    return next((key for key in texts if key != workflow.workflow.unique_id), None)
