"""Links between tasks: read along with tasks, and written with them."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Final

from taskloom.engine.intent import Intent
from taskloom.engine.ports import Ports, Relink
from taskloom.engine.rights import within
from taskloom.engine.writing import Written
from taskloom.errors import Fault
from taskloom.model.people import Actor
from taskloom.model.task import Task
from taskloom.query.tree import EVERYTHING, ID, UID, All, Compare, Filter, Query
from taskloom.schema.compiled import Compiled, LinkSide

MOST_NAMED: Final = 5

MOST_LINKED: Final = 5000
"""A task is linked to so many tasks of a link, for it is read together with them."""


class Links:
    """What an actor does with links; a linked task that the actor may not see is not there."""

    def __init__(self, ports: Ports) -> None:
        self._ports = ports

    def asked(self, actor: Actor, workflow: Compiled, query: Query) -> Query:
        """Let a query read the links it names, all if it names none, as far as they are seen."""
        if not workflow.linked:
            return query
        wanted = query.links
        links = {
            side.name: _seen(actor, side, EVERYTHING if wanted is None else wanted[side.name])
            for side in workflow.linked
            if wanted is None or side.name in wanted
        }
        return replace(query, links=links)

    def filled(self, actor: Actor, workflow: Compiled, task: Task) -> Task:
        """Return a task that was read alone with its links."""
        if not workflow.linked:
            return task
        alone = Query(where=Compare(ID, "eq", task.id), limit=1, fields=frozenset())
        found = self._ports.tasks.find(workflow, self.asked(actor, workflow, alone))
        links: Mapping[str, tuple[Task, ...]] = {side.name: () for side in workflow.linked}
        return replace(task, links=next((again.links for again in found), links))

    def written(self, actor: Actor, workflow: Compiled, written: Written) -> Written:
        """Return what a write came to, its task with its links."""
        if not workflow.linked:
            return written
        return replace(written, task=self.filled(actor, workflow, written.task))

    def settled(
        self, actor: Actor, workflow: Compiled, intent: Intent, before: Task | None
    ) -> Intent:
        """Look up what an intent refers to, and say what changes by it; unknown is a fault."""
        if not intent.references:
            return intent
        faults: list[Fault] = []
        changes: list[Relink] = []
        for side in workflow.linked:
            uniques = intent.references.get(side.name)
            if uniques is None:
                continue
            found = self._find(actor, side, UID, uniques)
            missing = [unique for unique in uniques if unique not in found]
            if missing:
                faults.append(_missing(side, missing))
                continue
            new = [found[unique] for unique in uniques]
            change = self._change(actor, side, before, new)
            changes += change
            faults += (fault for one in change for fault in self._crowding(one))
        faults += _crossing(before, changes)
        return replace(intent, relinks=tuple(changes), faults=(*intent.faults, *faults))

    def _change(
        self, actor: Actor, side: LinkSide, before: Task | None, wanted: Sequence[str]
    ) -> list[Relink]:
        """Say what changes; what the actor does not see stays, unless its place is taken."""
        old = () if before is None else tuple(self._ports.tasks.linked(side, before.id))
        unseen: set[str] = set()
        if within(side.target.role.see, actor) is not None:
            unseen = set(old) - set(self._find(actor, side, ID, old).values())
        kept = [task for task in old if task in unseen] if side.many or not wanted else []
        new = tuple(dict.fromkeys((*kept, *wanted)))
        if set(new) == set(old):
            return []
        return [Relink(side=side, old=old, new=new)]

    def _crowding(self, change: Relink) -> Iterator[Fault]:
        """Refuse what would link too many tasks to one; some at once may be a little more."""
        side = change.side
        added = list(set(change.new) - set(change.old))
        full = self._ports.tasks.crowded(side, added, MOST_LINKED) if side.shared else ()
        if full or len(change.new) > MOST_LINKED:
            message = f"links more than {MOST_LINKED} tasks to one"
            yield Fault(path=(side.key,), code="too_many", message=message)

    def _find(
        self, actor: Actor, side: LinkSide, field: str, values: Iterable[str]
    ) -> Mapping[str, str]:
        """Return the ids of the tasks the actor sees, by unique ID or id."""
        operands = tuple(values)
        if not operands:
            return {}
        where = _seen(actor, side, Compare(field, "in", operands))
        found = self._ports.tasks.find(side.target, Query(where=where, fields=frozenset()))
        return {str(task.uid if field == UID else task.id): task.id for task in found}


def _seen(actor: Actor, side: LinkSide, where: Filter) -> Filter:
    rows = within(side.target.role.see, actor)
    return where if rows is None else All((where, rows))


def _crossing(before: Task | None, changes: Sequence[Relink]) -> Iterator[Fault]:
    """Refuse to link a task to itself on one side of a link, and otherwise on the other side."""
    for number, one in enumerate(changes):
        for other in changes[:number]:
            at_stake = {*one.old, *one.new, *other.old, *other.new}
            if one.side.pairs == other.side.pairs and before and before.id in at_stake:
                message = f"can't be changed together with {other.side.name!r} of the same task"
                yield Fault(path=(one.side.key,), code="crossing", message=message)


def _missing(side: LinkSide, uniques: Sequence[str]) -> Fault:
    named = ", ".join(repr(unique) for unique in uniques[:MOST_NAMED])
    more = ", …" if len(uniques) > MOST_NAMED else ""
    message = f"refers to what is not there: {named}{more}"
    hint = f"make it first, among the tasks of {side.target.workflow.title!r}"
    return Fault(path=(side.key,), code="no_such_task", message=message, hint=hint)
