"""Tasks: write one, read one, find many, delete one. Every single write passes through here."""

from collections.abc import Iterator, Sequence
from typing import cast

from taskloom.engine.attachments import Attachments, kept
from taskloom.engine.contention import attempts
from taskloom.engine.decide import Context, Decision, decide
from taskloom.engine.intent import Intent, brings_files, read
from taskloom.engine.numbers import Numbers, awaits_number
from taskloom.engine.ports import Insertion, Ports, Replacement, Taken
from taskloom.engine.rights import require
from taskloom.engine.writing import Draft, Mode, Written
from taskloom.errors import Fault, Invalid, NotFound, Refusal
from taskloom.fields.base import BLANK, People
from taskloom.model.event import DELETED, Event
from taskloom.model.people import Actor
from taskloom.model.task import Task
from taskloom.model.values import Value
from taskloom.query.tree import Filter, Query
from taskloom.schema.compiled import Compiled


class Tasks:
    """The use cases of tasks; `workflow` arguments come from `Workflows.get` for the same actor."""

    def __init__(self, ports: Ports) -> None:
        self._ports = ports
        self._attachments = Attachments(ports)
        self._numbers = Numbers(ports)

    def write(
        self, actor: Actor, workflow: Compiled, draft: Draft, people: People, *, mode: Mode
    ) -> Written:
        """Create or update one task, found by the unique ID in the draft.

        `upsert` creates what is not there, `update` raises `NotFound` for it, `create` refuses a
        unique ID that is taken. Raises `Invalid` with every fault; nothing is saved then.
        """
        return self.carry_out(actor, workflow, read(draft, workflow, people), mode)

    def carry_out(self, actor: Actor, workflow: Compiled, intent: Intent, mode: Mode) -> Written:
        """Do what a draft asks for, again and again until nobody else was faster."""
        require_unique(workflow, intent, mode)
        for _ in attempts():
            before = self._before(workflow, intent)
            tried = self._once(actor, workflow, intent, before, mode)
            if isinstance(tried, Written):
                return tried
            if intent.unique is None:
                self._numbers.catch_up(workflow)
            intent = tried
        raise AssertionError("attempts() ends by raising")

    def _before(self, workflow: Compiled, intent: Intent) -> Task | None:
        if intent.unique is None:
            return None
        return self._ports.tasks.by_unique(workflow, intent.unique)

    def _once(
        self, actor: Actor, workflow: Compiled, intent: Intent, before: Task | None, mode: Mode
    ) -> Written | Intent:
        """Try once; when somebody was faster give back the intent, its files stored by now."""
        decision = self.decide(actor, workflow, intent, before, mode)
        task = decision.task.id
        settled = intent
        if brings_files(intent):
            settled = self._attachments.settle(actor, workflow, intent, before, task)
            decision = self.decide(actor, workflow, settled, before, mode, task=task)
        if before is None:
            self._numbers.given(workflow, [settled])
            (numbered,) = self._numbers.numbered(workflow, [settled])
            if numbered is not settled:
                decision = self.decide(actor, workflow, numbered, None, mode, task=task)
        if self._commit(workflow, before, decision):
            return outcome(before, decision)
        return kept(workflow, settled)

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
        """Decide a write, or raise what speaks against it; `task` is the id of a new task."""
        require(actor, "create" if before is None else "update")
        if before is None and mode == "update":
            raise NotFound("there is no task with this unique ID")
        decision = decide(before, intent, workflow, context=self._context(actor, task))
        faults = [*decision.faults, *_taken(workflow, before, mode)]
        if before is None and awaits_number(workflow, intent):
            faults = [fault for fault in faults if not _is_missing(workflow, fault)]
        if faults:
            raise Invalid(faults)
        return decision

    def _context(self, actor: Actor, task: str | None) -> Context:
        return Context(
            by=actor.user,
            at=self._ports.clock(),
            task_id=task or self._ports.new_id(),
            event_id=self._ports.new_id(),
        )

    def _commit(self, workflow: Compiled, before: Task | None, decision: Decision) -> bool:
        if decision.event is None:
            return True
        task, event = decision.task, decision.event
        try:
            if before is not None:
                change = Replacement(before=before, after=task, event=event)
                return self._ports.tasks.replace(workflow, change)
            self._ports.tasks.insert(workflow, Insertion(task=task, event=event))
        except Taken:
            return False
        return True

    def get(self, actor: Actor, workflow: Compiled, unique: str, people: People) -> Task:
        """Return the task with this unique ID as people write it, or raise `NotFound`."""
        require(actor, "read")
        canonical = self._canonical(workflow, unique, people)
        task = self._ports.tasks.by_unique(workflow, canonical) if canonical is not None else None
        if task is None:
            raise NotFound("there is no task with this unique ID")
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
        """Return the task with this id, or raise `NotFound`."""
        require(actor, "read")
        found = self._ports.tasks.get(workflow, task)
        if found is None:
            raise NotFound("there is no task with this id")
        return found

    def find(self, actor: Actor, workflow: Compiled, query: Query) -> Iterator[Task]:
        """Yield matching tasks in order, in constant memory."""
        require(actor, "read")
        return self._ports.tasks.find(workflow, query)

    def count(self, actor: Actor, workflow: Compiled, where: Filter) -> int:
        """Count matching tasks."""
        require(actor, "read")
        return self._ports.tasks.count(workflow, where)

    def history(self, actor: Actor, workflow: Compiled, task: str) -> Sequence[Event]:
        """Return what happened to a task, oldest first."""
        require(actor, "read")
        return self._ports.tasks.history(workflow, task)

    def delete(self, actor: Actor, workflow: Compiled, unique: str, people: People) -> None:
        """Remove the task with this unique ID, or raise `NotFound`."""
        require(actor, "delete")
        for _ in attempts():
            task = self.get(actor, workflow, unique, people)
            at = max(self._ports.clock(), task.updated)
            event = Event(id=self._ports.new_id(), at=at, by=actor.user, kind=DELETED)
            if self._ports.tasks.delete(workflow, task, event):
                return


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


def _taken(workflow: Compiled, before: Task | None, mode: Mode) -> list[Fault]:
    key = workflow.workflow.unique_id
    if before is None or mode != "create" or key is None:
        return []
    return [Fault(path=(key,), code="taken", message="has already been taken")]


def outcome(before: Task | None, decision: Decision) -> Written:
    """Name what a committed decision was."""
    if before is None:
        return Written(task=decision.task, outcome="created", changed=decision.changed)
    if decision.event is None:
        return Written(task=decision.task, outcome="unchanged")
    return Written(task=decision.task, outcome="updated", changed=decision.changed)
