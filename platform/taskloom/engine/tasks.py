"""Tasks: write one, read one, find many, delete one. Every single write passes through here."""

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import replace
from functools import partial
from typing import Final

from taskloom.engine import rights
from taskloom.engine.attachments import Attachments, kept
from taskloom.engine.conditions import Conditions
from taskloom.engine.contention import attempts
from taskloom.engine.decide import Context, Decision, decide, outcome
from taskloom.engine.guesses import Guesses
from taskloom.engine.intended import intended, require_unique
from taskloom.engine.intent import Intent, brings_files
from taskloom.engine.links import Links
from taskloom.engine.numbers import Numbers, awaits_number
from taskloom.engine.ports import Insertion, Ports, Relink, Replacement, Taken
from taskloom.engine.rights import NO_UNIQUE, require
from taskloom.engine.terms import FREELY, Terms
from taskloom.engine.uniques import canonical
from taskloom.engine.views import shown, shown_events, shown_faults, shown_written
from taskloom.engine.writing import Draft, Mode, Written
from taskloom.errors import Fault, Forbidden, Invalid, NotFound
from taskloom.fields.base import BLANK, People
from taskloom.model.event import DELETED, Event
from taskloom.model.people import Actor
from taskloom.model.roles import ALL
from taskloom.model.task import Task
from taskloom.query.tree import EVERYTHING, Filter, Query
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
        self._conditions = Conditions(ports)
        self._guesses = Guesses()

    def write(
        self,
        actor: Actor,
        workflow: Compiled,
        draft: Draft,
        people: People,
        *,
        mode: Mode,
        terms: Terms = FREELY,
    ) -> Written:
        """Create or update one task, found by the unique ID in the draft.

        `upsert` creates what is not there, `update` raises `NotFound` for it, `create` refuses a
        unique ID that is taken. Raises `Forbidden`, `Stale` where the terms do not hold, or
        `Invalid` with every fault; nothing is saved then.
        """
        intent = intended(draft, workflow, people)
        return self.carry_out(actor, workflow, intent, mode, terms=terms)

    def carry_out(
        self,
        actor: Actor,
        workflow: Compiled,
        intent: Intent,
        mode: Mode,
        *,
        terms: Terms = FREELY,
    ) -> Written:
        """Do what a draft asks for, again and again until nobody else was faster."""
        require(actor, "update")
        require_unique(workflow, intent, mode)
        if terms is FREELY and self._guesses.is_new(workflow, mode):
            made = self._made_at_once(actor, workflow, intent, mode)
            if made is not None:
                return made
        for attempt in attempts():
            before = self._before(workflow.base, intent)
            if intent.task is not None:
                done = self._conditions.done(
                    workflow.base, intent, before, terms, retried=attempt > 0
                )
                if done is not None:
                    return self._shown(actor, workflow, done)
            tried = self._once(actor, workflow, intent, before, mode, terms=terms)
            if isinstance(tried, Written):
                return self._guesses.learn(workflow, tried)
            if intent.unique is None:
                self._numbers.catch_up(workflow.base)
            intent = tried
        raise AssertionError("attempts() ends by raising")

    def _made_at_once(
        self, actor: Actor, workflow: Compiled, intent: Intent, mode: Mode
    ) -> Written | None:
        """Make a task without asking first whether it is there, for the unique index knows.

        None where it is, and where anything speaks against a new task: that is told by who asks.
        """
        plain = intent.unique is not None and intent.task is None and not intent.references
        if not plain or brings_files(intent, workflow.base):
            return None
        try:
            tried = self._once(actor, workflow, intent, None, mode)
        except (Forbidden, Invalid):
            return None
        return tried if isinstance(tried, Written) else None

    def amend(
        self,
        actor: Actor,
        workflow: Compiled,
        task: str,
        change: Callable[[Task], Draft],
        people: People,
        *,
        fields: Collection[str] = (),
        terms: Terms = FREELY,
    ) -> Written:
        """Change the task with this id as `change` says of it.

        It is asked again with the newest task when somebody else was faster. The actor must have
        the right to write `fields`, also where nothing about them changes. Raises `NotFound`,
        `Unseen`, `Forbidden`, `Stale`, or `Invalid` with every fault.
        """
        require(actor, "update")
        for _ in attempts():
            before = self._seen(actor, workflow, task)
            rights.require_write(actor, workflow.role, before, creates=False)
            for key in fields:
                rights.require_field(actor, workflow.role, before, key)
            draft = change(shown(workflow, before))
            intent = self._apart(workflow, before, intended(draft, workflow, people))
            tried = self._once(actor, workflow, intent, before, "update", terms=terms)
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
            decision = change(before, self._context(actor))
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
        self,
        actor: Actor,
        workflow: Compiled,
        intent: Intent,
        before: Task | None,
        mode: Mode,
        *,
        terms: Terms = FREELY,
    ) -> Written | Intent:
        """Try once; when somebody was faster give back the intent, its files stored by now."""
        base, event = workflow.base, terms.event
        intent = self._links.settled(actor, workflow, intent, before)
        if terms.bound:
            intent = self._conditions.met(actor, workflow, intent, before, mode=mode, terms=terms)
        decision = self.decide(actor, workflow, intent, before, mode, event=event)
        task = decision.task.id
        settled = intent
        if brings_files(intent, base):
            settled = self._attachments.settle(actor, workflow, intent, before, task)
            decision = self.decide(actor, workflow, settled, before, mode, task=task, event=event)
        if before is None:
            self._numbers.given(base, [settled])
            (numbered,) = self._numbers.numbered(base, [settled])
            if numbered is not settled:
                decision = self.decide(
                    actor, workflow, numbered, None, mode, task=task, event=event
                )
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
        event: str | None = None,
    ) -> Decision:
        """Decide a write, or raise what speaks against it.

        `task` is the id of a new task, `event` that of its event.

        What the actor does not see is not there, but its unique ID is taken.
        """
        role = workflow.role
        seen = before if before is None or rights.sees(actor, role, before) else None
        if seen is None and mode == "update":
            raise NotFound(NO_UNIQUE)
        creates = seen is None or mode == "create"
        rights.require_write(actor, role, seen, creates=creates)
        context = self._context(actor, task or intent.task, event)
        decision = decide(seen, intent, workflow.base, context=context)
        rights.require_change(actor, role, seen, intent, decision)
        faults = [*decision.faults]
        if before is not None and (seen is None or mode == "create"):
            faults += _taken(workflow)
        if before is None and awaits_number(workflow, intent):
            faults = [fault for fault in faults if not _is_missing(workflow, fault)]
        if faults:
            raise Invalid(shown_faults(workflow, faults))
        return decision

    def _context(self, actor: Actor, task: str | None = None, event: str | None = None) -> Context:
        # One id serves both: no task has the id of another's event.
        new = self._ports.new_id()
        return Context(
            by=actor.user, at=self._ports.clock(), task_id=task or new, event_id=event or new
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
        text = canonical(workflow, unique, people)
        task = None if text is None else self._ports.tasks.by_unique(workflow, text)
        if task is None or not rights.sees(actor, workflow.role, task):
            raise NotFound(NO_UNIQUE)
        return task

    def get_by_id(self, actor: Actor, workflow: Compiled, task: str) -> Task:
        """Return the task with this id, or raise `NotFound` or `Unseen`."""
        require(actor, "read")
        found = self._ports.tasks.get(workflow, task)
        seen = rights.require_seen(actor, workflow.role, found)
        return self._links.filled(actor, workflow, seen)

    def find(self, actor: Actor, workflow: Compiled, query: Query) -> Iterator[Task]:
        """Yield matching tasks that the actor sees, in order, in constant memory."""
        return self._ports.tasks.find(workflow, self.asked(actor, workflow, query))

    def asked(self, actor: Actor, workflow: Compiled, query: Query) -> Query:
        """Narrow a query to what the actor sees of tasks and of the links it names."""
        require(actor, "read")
        where = rights.among_seen(actor, workflow, query.where)
        if where is not query.where:
            query = replace(query, where=where)
        return self._links.asked(actor, workflow, query)

    def count(
        self, actor: Actor, workflow: Compiled, where: Filter, *, estimate: bool = False
    ) -> int:
        """Count matching tasks that the actor sees; or estimate how many they are."""
        require(actor, "read")
        seen = rights.among_seen(actor, workflow, where)
        # An estimate is a share of all tasks, which tells how many these are.
        estimate = estimate and workflow.role.see is ALL
        return self._ports.tasks.count(workflow, seen, estimate=estimate)

    def assigned_counts(self, actor: Actor, workflow: Compiled) -> Mapping[tuple[str, str], int]:
        """Count the tasks that the actor sees by each of their assignees and stage key."""
        require(actor, "read")
        where = rights.among_seen(actor, workflow, EVERYTHING)
        return self._ports.tasks.assigned_counts(workflow, where)

    def tallies(
        self, actor: Actor, workflow: Compiled, where: Filter, fields: Sequence[str]
    ) -> Mapping[str, Mapping[str | None, int]]:
        """Count matching tasks that the actor sees by each value of each of these fields.

        As `TaskStore.tallies`.
        """
        require(actor, "read")
        seen = rights.among_seen(actor, workflow, where)
        return self._ports.tasks.tallies(workflow, seen, fields)

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

    def delete(
        self,
        actor: Actor,
        workflow: Compiled,
        unique: str,
        people: People,
        *,
        terms: Terms = FREELY,
    ) -> None:
        """Remove the task with this unique ID; raise `NotFound`, `Forbidden` or `Stale`."""
        found = partial(self._by_unique, actor, workflow, unique, people)
        self._remove(actor, workflow, found, terms)

    def remove(self, actor: Actor, workflow: Compiled, task: str, *, terms: Terms = FREELY) -> None:
        """Remove the task with this id; raise `NotFound`, `Unseen`, `Forbidden` or `Stale`."""
        self._remove(actor, workflow, partial(self._seen, actor, workflow, task), terms)

    def _remove(
        self, actor: Actor, workflow: Compiled, found: Callable[[], Task], terms: Terms
    ) -> None:
        require(actor, "delete")
        if terms.again and not self._conditions.lost(workflow.base, None, terms):
            return
        for _ in attempts():
            task = found()
            rights.require_delete(actor, workflow.role, task)
            if terms.bound:
                self._conditions.require_unchanged(workflow, task, terms)
            if self._ports.tasks.delete(workflow, task, self.deletion(actor, task, terms.event)):
                return

    def deletion(self, actor: Actor, task: Task, event: str | None = None) -> Event:
        """Make the event of a task's end."""
        at = max(self._ports.clock(), task.updated)
        return Event(id=event or self._ports.new_id(), at=at, by=actor.user, kind=DELETED)


def _is_missing(workflow: Compiled, fault: Fault) -> bool:
    """Tell whether a fault is that there is no unique ID."""
    return fault.path == (workflow.workflow.unique_id,) and fault.code == BLANK


def _taken(workflow: Compiled) -> list[Fault]:
    key = workflow.workflow.unique_id
    return [] if key is None else [Fault(path=(key,), code="taken", message=_TAKEN)]
