"""Tasks: write one, read one, find many, delete one. Every single write passes through here."""

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Final, cast

from taskloom.engine import rights
from taskloom.engine.attachments import Attachments, kept
from taskloom.engine.contention import attempts
from taskloom.engine.decide import Context, Decision, decide
from taskloom.engine.intent import Intent, brings_files, read
from taskloom.engine.links import Links
from taskloom.engine.numbers import Numbers, awaits_number
from taskloom.engine.ports import Insertion, Ports, Relink, Replacement, Taken
from taskloom.engine.references import referring
from taskloom.engine.rights import NO_UNIQUE, require
from taskloom.engine.views import shown, shown_events, shown_faults, shown_written
from taskloom.engine.writing import Draft, Mode, Written
from taskloom.errors import Fault, Invalid, NotFound, Refusal
from taskloom.fields.base import BLANK, People
from taskloom.model.event import DELETED, Event
from taskloom.model.people import Actor
from taskloom.model.roles import ALL
from taskloom.model.task import Task
from taskloom.model.values import Value
from taskloom.query.tree import EVERYTHING, All, Filter, Query
from taskloom.schema.compiled import Compiled

_TAKEN: Final = "has already been taken"


class Tasks:
    """The use cases of tasks; `workflow` arguments come from `Workflows.get` for the same actor.

    They are the actor's view and say the actor's role; what a role may not see goes neither in nor
    out. Writes are decided with the whole workflow behind the view.
    """

    def __init__(self, ports: Ports) -> None:
        self._ports = ports
        self._attachments = Attachments(ports)
        self._numbers = Numbers(ports)
        self._links = Links(ports)

    def write(
        self, actor: Actor, workflow: Compiled, draft: Draft, people: People, *, mode: Mode
    ) -> Written:
        """Create or update one task, found by the unique ID in the draft.

        `upsert` creates what is not there, `update` raises `NotFound` for it, `create` refuses a
        unique ID that is taken. Raises `Forbidden`, or `Invalid` with every fault; nothing is
        saved then.
        """
        return self.carry_out(actor, workflow, intended(draft, workflow, people), mode)

    def carry_out(self, actor: Actor, workflow: Compiled, intent: Intent, mode: Mode) -> Written:
        """Do what a draft asks for, again and again until nobody else was faster."""
        require(actor, "update")
        require_unique(workflow, intent, mode)
        for _ in attempts():
            before = self._before(workflow.base, intent)
            tried = self._once(actor, workflow, intent, before, mode)
            if isinstance(tried, Written):
                return tried
            if intent.unique is None:
                self._numbers.catch_up(workflow.base)
            intent = tried
        raise AssertionError("attempts() ends by raising")

    def amend(
        self,
        actor: Actor,
        workflow: Compiled,
        task: str,
        change: Callable[[Task], Draft],
        people: People,
        *,
        fields: Collection[str] = (),
    ) -> Written:
        """Change the task with this id as `change` says of it.

        It is asked again with the newest task when somebody else was faster. The actor must have
        the right to write `fields`, also where nothing about them changes. Raises `NotFound`,
        `Unseen`, `Forbidden`, or `Invalid` with every fault.
        """
        require(actor, "update")
        for _ in attempts():
            before = self._seen(actor, workflow, task)
            rights.require_write(actor, workflow.role, before, creates=False)
            for key in fields:
                rights.require_field(actor, workflow.role, before, key)
            draft = change(shown(workflow, before))
            intent = self._apart(workflow, before, intended(draft, workflow, people))
            tried = self._once(actor, workflow, intent, before, "update")
            if isinstance(tried, Written):
                return tried
        raise AssertionError("attempts() ends by raising")

    def _apart(self, workflow: Compiled, before: Task, intent: Intent) -> Intent:
        """Refuse a new unique ID that another task has."""
        key = workflow.workflow.unique_id
        if key is None or intent.unique in {None, before.uid}:
            return intent
        if self._before(workflow.base, intent) is not None:
            taken = Fault(path=(key,), code="taken", message=_TAKEN)
            return replace(intent, faults=(*intent.faults, taken))
        self._numbers.given(workflow.base, [intent])
        return intent

    def apply(
        self,
        actor: Actor,
        workflow: Compiled,
        task: str,
        change: Callable[[Task, Context], Decision],
    ) -> Written:
        """Change the task with this id by a decision of the caller's, who sees to its rights.

        `change` gets the whole task, and is asked again with the newest one when somebody else was
        faster. Raises `NotFound` or `Unseen`, and `Invalid` with every fault of the decision.
        """
        require(actor, "update")
        for _ in attempts():
            before = self._seen(actor, workflow, task)
            decision = change(before, self._context(actor, None))
            if decision.faults:
                raise Invalid(shown_faults(workflow, decision.faults))
            if self._commit(workflow.base, before, decision):
                return self._shown(actor, workflow, outcome(before, decision))
        raise AssertionError("attempts() ends by raising")

    def _before(self, base: Compiled, intent: Intent) -> Task | None:
        return None if intent.unique is None else self._ports.tasks.by_unique(base, intent.unique)

    def _seen(self, actor: Actor, workflow: Compiled, task: str) -> Task:
        found = self._ports.tasks.get(workflow.base, task)
        return rights.require_seen(actor, workflow.role, found)

    def _once(
        self, actor: Actor, workflow: Compiled, intent: Intent, before: Task | None, mode: Mode
    ) -> Written | Intent:
        """Try once; when somebody was faster give back the intent, its files stored by now."""
        base = workflow.base
        intent = self._links.settled(actor, workflow, intent, before)
        decision = self.decide(actor, workflow, intent, before, mode)
        task = decision.task.id
        settled = intent
        if brings_files(intent):
            settled = self._attachments.settle(actor, workflow, intent, before, task)
            decision = self.decide(actor, workflow, settled, before, mode, task=task)
        if before is None:
            self._numbers.given(base, [settled])
            (numbered,) = self._numbers.numbered(base, [settled])
            if numbered is not settled:
                decision = self.decide(actor, workflow, numbered, None, mode, task=task)
        if self._commit(base, before, decision, intent.relinks):
            return self._shown(actor, workflow, outcome(before, decision))
        return kept(base, settled)

    def _shown(self, actor: Actor, workflow: Compiled, written: Written) -> Written:
        return self._links.written(actor, workflow, shown_written(workflow, written))

    def decide(
        self,
        actor: Actor,
        workflow: Compiled,
        intent: Intent,
        before: Task | None,
        mode: Mode,
        *,
        task: str | None = None,
    ) -> Decision:
        """Decide a write, or raise what speaks against it; `task` is the id of a new task.

        What the actor does not see is not there, but its unique ID is taken.
        """
        role = workflow.role
        seen = before if before is None or rights.sees(actor, role, before) else None
        if seen is None and mode == "update":
            raise NotFound(NO_UNIQUE)
        creates = seen is None or mode == "create"
        rights.require_write(actor, role, seen, creates=creates)
        decision = decide(seen, intent, workflow.base, context=self._context(actor, task))
        rights.require_change(actor, role, seen, intent, decision)
        faults = [*decision.faults]
        if before is not None and (seen is None or mode == "create"):
            faults += _taken(workflow)
        if before is None and awaits_number(workflow, intent):
            faults = [fault for fault in faults if not _is_missing(workflow, fault)]
        if faults:
            raise Invalid(shown_faults(workflow, faults))
        return decision

    def _context(self, actor: Actor, task: str | None) -> Context:
        return Context(
            by=actor.user,
            at=self._ports.clock(),
            task_id=task or self._ports.new_id(),
            event_id=self._ports.new_id(),
        )

    def _commit(
        self,
        workflow: Compiled,
        before: Task | None,
        decision: Decision,
        links: tuple[Relink, ...] = (),
    ) -> bool:
        if decision.event is None:
            return True
        task, event = decision.task, decision.event
        try:
            if before is not None:
                change = Replacement(before=before, after=task, event=event, links=links)
                return self._ports.tasks.replace(workflow, change)
            self._ports.tasks.insert(workflow, Insertion(task=task, event=event, links=links))
        except Taken:
            return False
        return True

    def get(self, actor: Actor, workflow: Compiled, unique: str, people: People) -> Task:
        """Return the task with this unique ID as people write it, or raise `NotFound`."""
        require(actor, "read")
        task = self._by_unique(actor, workflow, unique, people)
        return self._links.filled(actor, workflow, task)

    def _by_unique(self, actor: Actor, workflow: Compiled, unique: str, people: People) -> Task:
        canonical = self._canonical(workflow, unique, people)
        task = self._ports.tasks.by_unique(workflow, canonical) if canonical is not None else None
        if task is None or not rights.sees(actor, workflow.role, task):
            raise NotFound(NO_UNIQUE)
        return task

    def _canonical(self, workflow: Compiled, unique: str, people: People) -> str | None:
        key = workflow.workflow.unique_id
        if key is None:
            return None
        try:
            value = workflow.codecs[key].parse(unique, people)
        except Refusal:
            return None
        return workflow.unique_text(cast(Value, value))

    def get_by_id(self, actor: Actor, workflow: Compiled, task: str) -> Task:
        """Return the task with this id, or raise `NotFound` or `Unseen`."""
        require(actor, "read")
        found = self._ports.tasks.get(workflow, task)
        seen = rights.require_seen(actor, workflow.role, found)
        return self._links.filled(actor, workflow, seen)

    def find(self, actor: Actor, workflow: Compiled, query: Query) -> Iterator[Task]:
        """Yield matching tasks that the actor sees, in order, in constant memory."""
        require(actor, "read")
        where = _among_seen(actor, workflow, query.where)
        if where is not query.where:
            query = replace(query, where=where)
        return self._ports.tasks.find(workflow, self._links.asked(actor, workflow, query))

    def count(self, actor: Actor, workflow: Compiled, where: Filter) -> int:
        """Count matching tasks that the actor sees."""
        require(actor, "read")
        return self._ports.tasks.count(workflow, _among_seen(actor, workflow, where))

    def assigned_counts(self, actor: Actor, workflow: Compiled) -> Mapping[tuple[str, str], int]:
        """Count the tasks that the actor sees by each of their assignees and stage key."""
        require(actor, "read")
        where = _among_seen(actor, workflow, EVERYTHING)
        return self._ports.tasks.assigned_counts(workflow, where)

    def tallies(
        self, actor: Actor, workflow: Compiled, where: Filter, fields: Sequence[str]
    ) -> Mapping[str, Mapping[str | None, int]]:
        """Count matching tasks that the actor sees by each value of each of these fields.

        As `TaskStore.tallies`.
        """
        require(actor, "read")
        return self._ports.tasks.tallies(workflow, _among_seen(actor, workflow, where), fields)

    def history(self, actor: Actor, workflow: Compiled, task: str) -> Sequence[Event]:
        """Return what happened to a task, oldest first, as far as the actor sees it.

        Of a task that is gone only who sees all tasks is told. Raises `Unseen`.
        """
        require(actor, "read")
        if workflow.role.see is not ALL:
            found = self._ports.tasks.get(workflow, task)
            if found is None:
                return ()
            rights.require_seen(actor, workflow.role, found)
        return shown_events(workflow, self._ports.tasks.history(workflow, task))

    def delete(self, actor: Actor, workflow: Compiled, unique: str, people: People) -> None:
        """Remove the task with this unique ID; raise `NotFound` or `Forbidden`."""
        require(actor, "delete")
        for _ in attempts():
            task = self._by_unique(actor, workflow, unique, people)
            if self._removed(actor, workflow, task):
                return

    def remove(self, actor: Actor, workflow: Compiled, task: str) -> None:
        """Remove the task with this id; raise `NotFound`, `Unseen` or `Forbidden`."""
        require(actor, "delete")
        for _ in attempts():
            if self._removed(actor, workflow, self._seen(actor, workflow, task)):
                return

    def _removed(self, actor: Actor, workflow: Compiled, task: Task) -> bool:
        """Remove a task that the actor sees; False when somebody else was faster."""
        rights.require_delete(actor, workflow.role, task)
        at = max(self._ports.clock(), task.updated)
        event = Event(id=self._ports.new_id(), at=at, by=actor.user, kind=DELETED)
        return self._ports.tasks.delete(workflow, task, event)


def _among_seen(actor: Actor, workflow: Compiled, where: Filter) -> Filter:
    """Narrow a filter to the tasks that the actor sees; where that is all, it stays as it is."""
    seen = rights.within(workflow.role.see, actor)
    return where if seen is None else All((where, seen))


def intended(draft: Draft, workflow: Compiled, people: People) -> Intent:
    """Read a draft; fields that the view does not show are as unknown as any that is not there."""
    hidden = workflow.role.hidden
    if hidden.isdisjoint(draft.values):
        return referring(read(draft, workflow.base, people), draft, workflow, people)
    strange = [
        Fault(path=(key,), code="unknown", message="is not a field of this workflow")
        for key in draft.values
        if key in hidden
    ]
    known = {key: value for key, value in draft.values.items() if key not in hidden}
    plain = replace(draft, values=known, faults=(*draft.faults, *strange))
    return referring(read(plain, workflow.base, people), draft, workflow, people)


def require_unique(workflow: Compiled, intent: Intent, mode: Mode) -> None:
    """Refuse an update that names no task."""
    if mode != "update" or intent.unique is not None:
        return
    key = workflow.workflow.unique_id
    if key is None:
        raise NotFound("this workflow has no unique ID field, so nothing can be found by it")
    if all(fault.path[:1] != (key,) for fault in intent.faults):
        blank = Fault(path=(key,), code=BLANK, message="can't be blank")
        raise Invalid([*intent.faults, blank])
    raise Invalid(intent.faults)


def _is_missing(workflow: Compiled, fault: Fault) -> bool:
    """Tell whether a fault is that there is no unique ID."""
    return fault.path == (workflow.workflow.unique_id,) and fault.code == BLANK


def _taken(workflow: Compiled) -> list[Fault]:
    key = workflow.workflow.unique_id
    return [] if key is None else [Fault(path=(key,), code="taken", message=_TAKEN)]


def outcome(before: Task | None, decision: Decision) -> Written:
    """Name what a committed decision was."""
    if before is None:
        return Written(task=decision.task, outcome="created", changed=decision.changed)
    if decision.event is None:
        return Written(task=decision.task, outcome="unchanged")
    return Written(task=decision.task, outcome="updated", changed=decision.changed)
