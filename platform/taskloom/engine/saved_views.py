"""Saved views: lists of tasks that people named, for themselves or for all of a workflow.

What a view asks for is told by keys, which the wire turns into today's titles for who looks.
"""

import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final, Literal

from taskloom.engine.ports import Ports
from taskloom.engine.rights import require
from taskloom.engine.tasks import Tasks
from taskloom.errors import Conflict, Fault, Forbidden, Invalid, NotFound, TooSlow
from taskloom.model.people import Actor, User
from taskloom.model.saved_view import Layout, SavedView
from taskloom.query.tree import Filter
from taskloom.schema.compiled import Compiled

MOST: Final = 200
"""So many views of one workflow a person may have."""

LONGEST: Final = 64 * 1024
"""So many characters what a view asks for, or its columns, may take."""

_PATIENCE_SECONDS: Final = 5.0
_WHAT: Final = "views of this workflow"
_GONE: Final = "there is no view with this id"

Count = Literal["exact", "estimate"]


@dataclass(frozen=True, slots=True, kw_only=True)
class NewView:
    """What a new view is made of; all parts are as in `SavedView`."""

    name: str
    layout: Layout = "table"
    shared: bool = False
    query: str = "{}"
    columns: str = "[]"


class SavedViews:
    """The use cases of saved views; `workflow` arguments come from `Workflows.get`."""

    def __init__(self, ports: Ports, tasks: Tasks) -> None:
        self._ports = ports
        self._tasks = tasks

    def every(self, actor: Actor, workflow: Compiled) -> Sequence[SavedView]:
        """Return the actor's own views and all that are shared, by name."""
        require(actor, "read", _WHAT)
        return self._ports.saved_views.seen(workflow.workflow.uid, actor.user)

    def owners(self, actor: Actor, views: Sequence[SavedView]) -> Mapping[str, User]:
        """Return the owners of views who are still there, by id."""
        ids = {view.owner for view in views if view.owner is not None}
        found = (self._ports.directory.user(actor.workspace, user) for user in ids)
        return {user.id: user for user in found if user is not None}

    def counts(
        self, actor: Actor, workflow: Compiled, asked: Sequence[Filter | None], how: Count
    ) -> Iterator[int | None]:
        """Count the tasks that the actor sees of each filter; None where it took too long.

        None of them is counted any more once all of them took some seconds. Where there is None
        instead of a filter there is nothing to count.
        """
        end = time.monotonic() + _PATIENCE_SECONDS
        for where in asked:
            late = where is None or time.monotonic() > end
            yield None if late or where is None else self._count(actor, workflow, where, how)

    def _count(self, actor: Actor, workflow: Compiled, where: Filter, how: Count) -> int | None:
        try:
            return self._tasks.count(actor, workflow, where, estimate=how == "estimate")
        except TooSlow:
            return None

    def create(self, actor: Actor, workflow: Compiled, new: NewView) -> SavedView:
        """Save a new view, which belongs to the actor; raise `Invalid`, or `Conflict` if many."""
        require(actor, "update", _WHAT)
        now, uid = self._ports.clock(), workflow.workflow.uid
        view = SavedView(
            id=self._ports.new_id(),
            workflow=uid,
            owner=actor.user,
            name=new.name,
            layout=new.layout,
            shared=new.shared,
            query=new.query,
            columns=new.columns,
            created=now,
            updated=now,
        )
        _require_fit(view)
        if self._ports.saved_views.count(uid, actor.user) >= MOST:
            raise Conflict(f"there are {MOST} views already; delete one first")
        self._ports.saved_views.insert(view)
        return view

    def change(
        self, actor: Actor, workflow: Compiled, view: str, changes: Mapping[str, Any]
    ) -> SavedView:
        """Change parts of a view, by their names in `NewView`; what is not named stays.

        Raises `NotFound`, `Forbidden` or `Invalid`.
        """
        before = self._mine(actor, workflow, view)
        _require_fit(replace(before, **changes))
        # Only what is changed is written: others may change other parts at the same time.
        after = self._ports.saved_views.change(
            before.workflow, before.id, changes, self._ports.clock()
        )
        if after is None:
            raise NotFound(_GONE)
        return after

    def delete(self, actor: Actor, workflow: Compiled, view: str) -> None:
        """Remove a view; raise `NotFound` or `Forbidden`."""
        before = self._mine(actor, workflow, view)
        if not self._ports.saved_views.delete(before.workflow, before.id):
            raise NotFound(_GONE)

    def _mine(self, actor: Actor, workflow: Compiled, view: str) -> SavedView:
        """Return a view that the actor may change."""
        require(actor, "update", _WHAT)
        found = self._ports.saved_views.get(workflow.workflow.uid, view)
        own = found is not None and found.owner is not None and found.owner == actor.user
        if found is None or not (own or found.shared):
            raise NotFound(_GONE)
        if not own and actor.role == "member":
            raise Forbidden("a member may change only views of their own", verb="update")
        return found


def _require_fit(view: SavedView) -> None:
    """Raise `Invalid` for a view that would be nobody's, or that asks for too much."""
    faults = [
        Fault(path=(part,), code="too_long", message=f"must take at most {LONGEST} characters")
        for part, text in (("query", view.query), ("columns", view.columns))
        if len(text) > LONGEST
    ]
    if view.owner is None and not view.shared:
        hint = 'a key without user has no views of its own; say "shared": true'
        faults.append(Fault(path=("shared",), code="invalid", message="must be true", hint=hint))
    if faults:
        raise Invalid(faults)
