"""Tasks: write one, read one, find many, delete one. Every single write passes through here."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import cast

from taskloom.engine.attachments import Attachments, kept
from taskloom.engine.contention import attempts
from taskloom.engine.decide import Context, Decision, decide
from taskloom.engine.intent import Intent, brings_files, read
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

# A number past 2^53 given by hand must not drag the counter to where it overflows.
_COUNTED = 2**53


class Tasks:
    """The use cases of tasks; `workflow` arguments come from `Workflows.get` for the same actor."""

    def __init__(self, ports: Ports) -> None:
        self._ports = ports
        self._attachments = Attachments(ports)

    def write(
        self, actor: Actor, workflow: Compiled, draft: Draft, people: People, *, mode: Mode
    ) -> Written:
        """Create or update one task, found by the unique ID in the draft.

        `upsert` creates what is not there, `update` raises `NotFound` for it, `create` refuses a
        unique ID that is taken. Raises `Invalid` with every fault; nothing is saved then.
        """
        return self.carry_out(actor, workflow, self.read(workflow, draft, people), mode)

    def read(self, workflow: Compiled, draft: Draft, people: People) -> Intent:
        """Parse a draft; numbers that a draft gives itself are never given to another task."""
        intent = read(draft, workflow, people)
        if intent.unique is not None and _numbers_itself(workflow):
            number = int(intent.unique)
            if 0 < number < _COUNTED:
                self._ports.tasks.reach_number(workflow, number)
        return intent

    def carry_out(self, actor: Actor, workflow: Compiled, intent: Intent, mode: Mode) -> Written:
        """Do what a draft asks for, again and again until nobody else was faster."""
        require_unique(workflow, intent, mode)
        for _ in attempts():
            before = self._before(workflow, intent)
            tried = self._once(actor, workflow, intent, before, mode)
            if isinstance(tried, Written):
                return tried
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
            decision = self.numbered(actor, workflow, settled, decision)
        if self._commit(workflow, before, decision):
            return outcome(before, decision)
        return kept(settled)

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

    def numbered(
        self, actor: Actor, workflow: Compiled, intent: Intent, decision: Decision
    ) -> Decision:
        """Give a new task its number, once it is certain that nothing else is wrong with it."""
        key = workflow.workflow.unique_id
        if key is None or intent.unique is not None or not _numbers_itself(workflow):
            return decision
        number = self._ports.tasks.next_number(workflow)
        complete = replace(intent, values={**intent.values, key: number})
        return self.decide(actor, workflow, complete, None, "create", task=decision.task.id)

    def _commit(self, workflow: Compiled, before: Task | None, decision: Decision) -> bool:
        if decision.event is None:
            return True
        if before is None:
            try:
                self._ports.tasks.insert(
                    workflow, Insertion(task=decision.task, event=decision.event)
                )
            except Taken:
                return False
            return True
        return self._ports.tasks.replace(
            workflow, Replacement(before=before, after=decision.task, event=decision.event)
        )

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
            event = Event(
                id=self._ports.new_id(), at=self._ports.clock(), by=actor.user, kind=DELETED
            )
            if self._ports.tasks.delete(workflow, task, event):
                return


def _numbers_itself(workflow: Compiled) -> bool:
    key = workflow.workflow.unique_id
    return key is not None and workflow.fields[key].auto_increment


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
