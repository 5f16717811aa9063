"""Conditions of a write: only what nobody else has changed, only what is not there, only once.

A write that names the revision it is based on is merged field by field with what others wrote
since; only where they changed the same field, each to something else, it is refused.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final, cast

from taskloom.engine import rights
from taskloom.engine.comparing import differs
from taskloom.engine.decide import settled
from taskloom.engine.intent import Intent, entries
from taskloom.engine.ports import Ports, Relink
from taskloom.engine.terms import Terms
from taskloom.engine.writing import ABSENT, Absent, Mode, Written
from taskloom.errors import ASSIGNEE, STAGE, Conflict, Stale
from taskloom.model.people import Actor
from taskloom.model.roles import ALL
from taskloom.model.task import Task
from taskloom.model.values import Value
from taskloom.schema.compiled import Compiled

_GONE: Final = "this was made by an earlier try of the same request, and is deleted since"


@dataclass(frozen=True, slots=True, kw_only=True)
class Clash:
    """A field that others changed: its value then, now, and as the refused write has it.

    Values are as in a task; of a stage its key, of assignees and links ids. `yours` is `ABSENT`
    where the write, a deletion, has none.
    """

    field: str
    base: object
    theirs: object
    yours: object = ABSENT


class Conditions:
    """Holds writes to their terms."""

    def __init__(self, ports: Ports) -> None:
        self._ports = ports

    def done(
        self, base: Compiled, intent: Intent, before: Task | None, terms: Terms, *, retried: bool
    ) -> Written | None:
        """Return what an earlier try of the same write came to, as the task is by now.

        Raises `Conflict` where the task is gone since.
        """
        if intent.task is not None and before is None and (retried or terms.again):
            before = self._ports.tasks.get(base, intent.task)
            if before is None:
                if terms.again and not self.lost(base, intent.task, terms):
                    raise Conflict(_GONE)
                return None
        if before is None:
            return None
        if before.id == intent.task:
            return Written(task=before, outcome="created")
        if terms.again and not self.lost(base, before.id, terms):
            return Written(task=before, outcome="updated")
        return None

    def lost(self, base: Compiled, task: str | None, terms: Terms) -> bool:
        """Tell whether nothing with the event of these terms ever happened.

        Of the event of a task that is there, the task must be named.
        """
        if terms.event is None:
            return True
        return bool(self._ports.tasks.lost(base, {task or terms.event: terms.event}))

    def met(
        self,
        actor: Actor,
        workflow: Compiled,
        intent: Intent,
        before: Task | None,
        *,
        mode: Mode,
        terms: Terms,
    ) -> Intent:
        """Return what of an intent is to be written under its terms; raise `Stale`.

        What the actor does not see is not there, but its unique ID is taken. Raises `Forbidden`
        first, so that nobody is told of changes who may make none.
        """
        seen = before if before is None or rights.sees(actor, workflow.role, before) else None
        if seen is None and mode == "update":
            return intent
        creates = seen is None or mode == "create"
        rights.require_write(actor, workflow.role, seen, creates=creates)
        if terms.absent:
            if before is not None:
                raise Stale("there is a task with this unique ID already")
            return intent
        if seen is None:
            raise Stale("there is no task with this unique ID, in no revision")
        changed = self._changed(workflow.base, seen, terms)
        return _merged(workflow, intent, seen, changed) if changed else intent

    def require_unchanged(self, workflow: Compiled, task: Task, terms: Terms) -> None:
        """Raise `Stale` with all that changed unless a task is as the terms have it."""
        if terms.absent:
            raise Stale("what is not there cannot be deleted", revision=task.rev)
        changed = self._changed(workflow.base, task, terms)
        if changed is None:
            return
        clashes = [
            Clash(field=key, base=_read(workflow, key, old), theirs=_held(task, key))
            for key, old in changed.items()
            if _shown(workflow, key)
        ]
        raise _stale(task, clashes)

    def _changed(self, base: Compiled, task: Task, terms: Terms) -> Mapping[str, object] | None:
        """Return what changed since the revision asked for, by field, as it was stored then.

        None means that it is the task's revision. Raises `Stale` when the task never had it.
        """
        if terms.revs is None or task.rev in terms.revs:
            return None
        known = max((rev for rev in terms.revs if rev < task.rev), default=None)
        if known is None:
            raise Stale("the task has never been what the ETag says", revision=task.rev)
        changed: dict[str, object] = {}
        for event in self._ports.tasks.history(base, task.id)[known : task.rev]:
            for change in event.changes:
                changed.setdefault(change.field, change.old)
        return changed


def _merged(
    workflow: Compiled, intent: Intent, task: Task, changed: Mapping[str, object]
) -> Intent:
    """Leave out of an intent what only others changed; raise `Stale` for what both did."""
    kept: set[str] = set()
    clashes: list[Clash] = []
    for key in changed.keys() & (intent.values.keys() | _built_in(intent)):
        base, theirs = _read(workflow, key, changed[key]), _held(task, key)
        yours = _asked(workflow, intent, task, key)
        if _same(workflow, key, base, theirs) or _same(workflow, key, yours, theirs):
            continue
        if _same(workflow, key, yours, base):
            kept.add(key)
        else:
            clashes.append(Clash(field=key, base=base, theirs=theirs, yours=yours))
    relinks = [one for one in intent.relinks if not _kept_link(one, changed)]
    clashes += [_link_clash(one, changed) for one in relinks if one.side.key in changed]
    if clashes:
        raise _stale(task, clashes)
    return replace(
        intent,
        values={key: value for key, value in intent.values.items() if key not in kept},
        stage=ABSENT if STAGE in kept else intent.stage,
        assignees=ABSENT if ASSIGNEE in kept else intent.assignees,
        relinks=tuple(relinks),
    )


def _stale(task: Task, clashes: Sequence[Clash]) -> Stale:
    told = tuple(sorted(clashes, key=lambda clash: clash.field))
    return Stale("others changed the same since", revision=task.rev, clashes=told)


def _built_in(intent: Intent) -> set[str]:
    said = {STAGE: intent.stage, ASSIGNEE: intent.assignees}
    return {key for key, value in said.items() if not isinstance(value, Absent)}


def _shown(workflow: Compiled, key: str) -> bool:
    return key in workflow.fields or key in {STAGE, ASSIGNEE}


def _read(workflow: Compiled, key: str, stored: object) -> object:
    """Read what a field held; a field that is not declared any more tells nothing."""
    if stored is None or key not in workflow.fields:
        return tuple(stored) if isinstance(stored, list) else stored
    return workflow.codecs[key].unpack(stored)


def _held(task: Task, key: str) -> object:
    built_in: Mapping[str, object] = {STAGE: task.stage, ASSIGNEE: task.assignees}
    return built_in[key] if key in built_in else task.values.get(key)


def _asked(workflow: Compiled, intent: Intent, task: Task, key: str) -> object:
    built_in: Mapping[str, object] = {STAGE: intent.stage, ASSIGNEE: intent.assignees}
    if key in built_in:
        return built_in[key]
    value = intent.values[key]
    waiting = entries(value)
    return settled(workflow, task, waiting) if waiting else value


def _same(workflow: Compiled, key: str, one: object, other: object) -> bool:
    """Tell whether two values are one; an unset list reads, and so comes back, as an empty one."""
    if key not in workflow.fields:
        return one == other
    if workflow.codecs[key].empty is not None and not one and not other:
        return True
    return not differs(workflow, key, cast(Value | None, one), cast(Value | None, other))


def _kept_link(relink: Relink, changed: Mapping[str, object]) -> bool:
    """Tell whether a write would only take back how others linked the task."""
    return relink.side.key in changed and set(relink.new) == _ids(changed[relink.side.key])


def _ids(linked: object) -> set[str]:
    return set(cast(Sequence[str], linked or ()))


def _link_clash(relink: Relink, changed: Mapping[str, object]) -> Clash:
    """Tell of a link; of tasks that the actor may not all see only that they were changed."""
    key = relink.side.key
    if relink.side.target.role.see is not ALL:
        return Clash(field=key, base=None, theirs=None, yours=None)
    base = tuple(sorted(_ids(changed[key])))
    return Clash(field=key, base=base, theirs=relink.old, yours=relink.new)
