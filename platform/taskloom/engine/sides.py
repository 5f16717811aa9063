"""Which links a workflow has for an actor: its own, and those other workflows declare to it."""

import threading
from collections import OrderedDict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from typing import Final

from taskloom.engine.ports import Ports
from taskloom.engine.rights import role_of
from taskloom.engine.views import Views
from taskloom.model.event import LINK
from taskloom.model.people import Actor
from taskloom.model.rules import Link
from taskloom.model.workflow import Workflow
from taskloom.schema.compiled import Compiled, LinkSide

MOST_KEPT: Final = 256

_MANY_THERE: Final = frozenset({"one-to-many", "many-to-many"})
_MANY_HERE: Final = frozenset({"many-to-one", "many-to-many"})


class Sides:
    """The views with links used last, shared by all threads of a process."""

    def __init__(self, ports: Ports, views: Views) -> None:
        self._ports = ports
        self._views = views
        self._lock = threading.Lock()
        self._held: OrderedDict[tuple[object, ...], Compiled] = OrderedDict()
        self._led_to: dict[str, tuple[Sequence[Workflow], frozenset[str]]] = {}

    def joined(self, actor: Actor, view: Compiled) -> Compiled:
        """Return a view with its links; the same object as long as nothing of them changes."""
        here = view.base.workflow
        if not here.links and here.id not in self._targets(actor.workspace):
            return view
        sides = tuple(_apart(view, self._sides(actor, view)))
        if not sides:
            return view
        # What is held keeps its parts alive, so that no other object can have their ids.
        key = (id(view), *(_identity(side) for side in sides))
        with self._lock:
            known = self._held.pop(key, None) or replace(view, whole=view.base, linked=sides)
            self._held[key] = known
            while len(self._held) > MOST_KEPT:
                self._held.popitem(last=False)
        return known

    def _targets(self, workspace: str) -> frozenset[str]:
        """Name the workflows that any link leads to."""
        every = self._ports.workflows.every(workspace)
        known = self._led_to.get(workspace)
        if known is None or known[0] is not every:
            named = frozenset(link.to for workflow in every for link in workflow.links)
            known = self._led_to[workspace] = (every, named)
        return known[1]

    def _sides(self, actor: Actor, view: Compiled) -> Iterator[LinkSide]:
        """Yield the links whose other workflow the actor takes part in."""
        here = view.base.workflow
        for link in here.links:
            target = self._view(actor, link.to)
            if target is not None:
                yield own_side(here, link, target)
        for other in self._ports.workflows.every(actor.workspace):
            if any(link.to == here.id for link in other.links):
                yield from self._inverse(actor, here, other.id)

    def _inverse(self, actor: Actor, here: Workflow, other: str) -> Iterator[LinkSide]:
        target = self._view(actor, other)
        for link in target.base.workflow.links if target is not None else ():
            if target is not None and link.to == here.id:
                yield inverse_side(here, link, target)

    def _view(self, actor: Actor, workflow: str) -> Compiled | None:
        found = self._ports.workflows.current(actor.workspace, workflow)
        role = role_of(actor, found.workflow) if found is not None else None
        return None if found is None or role is None else self._views.of(found, role)


def _apart(view: Compiled, sides: Iterable[LinkSide]) -> Iterator[LinkSide]:
    """Leave out links called like something else here.

    Pushing refuses that, unless two workflows are pushed at the same moment.
    """
    taken = set(view.base.keys)
    for side in sides:
        if side.name not in taken:
            taken.add(side.name)
            yield side


def own_side(here: Workflow, link: Link, target: Compiled) -> LinkSide:
    """Give a link as tasks of the workflow that declares it have it."""
    return LinkSide(
        name=link.name,
        key=f"{LINK}{link.key}",
        pairs=_pairs(here, target.workflow, link),
        declared_here=True,
        target=target,
        many=link.cardinality in _MANY_THERE,
        shared=link.cardinality in _MANY_HERE,
    )


def inverse_side(here: Workflow, link: Link, target: Compiled) -> LinkSide:
    """Give a link that `target` declares as tasks of the other workflow have it."""
    return LinkSide(
        name=link.inverse,
        key=f"{LINK}{target.workflow.id}/{link.key}",
        pairs=_pairs(target.workflow, here, link),
        declared_here=False,
        target=target,
        many=link.cardinality in _MANY_HERE,
        shared=link.cardinality in _MANY_THERE,
    )


def _pairs(declaring: Workflow, other: Workflow, link: Link) -> str:
    return f"{declaring.uid}/{other.uid}/{link.key}"


def _identity(side: LinkSide) -> tuple[object, ...]:
    return id(side.target), side.name, side.key, side.pairs, side.many, side.shared
