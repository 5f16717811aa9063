"""Many writes at once: the rules of a single write, with a constant number of database calls."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from taskloom.engine.decide import Decision
from taskloom.engine.intent import Intent, brings_files
from taskloom.engine.numbers import Numbers
from taskloom.engine.ports import Insertion, Ports, Replacement
from taskloom.engine.rights import require
from taskloom.engine.tasks import Tasks, intended, outcome, require_unique
from taskloom.engine.views import shown_written
from taskloom.engine.writing import Draft, Mode, Written
from taskloom.errors import TaskloomError
from taskloom.fields.base import People
from taskloom.model.people import Actor
from taskloom.model.task import Task
from taskloom.schema.compiled import Compiled

Result = Written | TaskloomError


@dataclass(frozen=True, slots=True, kw_only=True)
class _Ready:
    """A decided row that still has to be stored."""

    intent: Intent
    before: Task | None
    decision: Decision


@dataclass(frozen=True, slots=True, kw_only=True)
class _Writer:
    """Who writes where and how; the same for all rows. `workflow` is the actor's view."""

    actor: Actor
    workflow: Compiled
    mode: Mode


class Bulk:
    """Writes rows in input order of meaning: a later row of the same unique ID sees the earlier."""

    def __init__(self, ports: Ports, tasks: Tasks) -> None:
        self._ports = ports
        self._tasks = tasks
        self._numbers = Numbers(ports)

    def write(
        self,
        actor: Actor,
        workflow: Compiled,
        drafts: Sequence[Draft],
        people: People,
        *,
        mode: Mode,
    ) -> list[Result]:
        """Write every row by itself; each result is what the row's single write would give."""
        require(actor, "update")
        writer = _Writer(actor=actor, workflow=workflow, mode=mode)
        results: dict[int, Result] = {}
        intents: dict[int, Intent] = {}
        for index, draft in enumerate(drafts):
            try:
                intent = intended(draft, workflow, people)
                require_unique(workflow, intent, mode)
                intents[index] = intent
            except TaskloomError as error:
                results[index] = error
        for wave in _waves(intents):
            results.update(self._wave(writer, wave))
        return [results[index] for index in range(len(drafts))]

    def _wave(self, writer: _Writer, wave: dict[int, Intent]) -> dict[int, Result]:
        workflow = writer.workflow.base
        uniques = [intent.unique for intent in wave.values() if intent.unique is not None]
        known = self._ports.tasks.by_uniques(workflow, uniques) if uniques else {}
        results: dict[int, Result] = {}
        ready: dict[int, _Ready] = {}
        singly: list[int] = []
        for index, intent in wave.items():
            if brings_files(intent) or intent.references:
                singly.append(index)
                continue
            before = known.get(intent.unique) if intent.unique is not None else None
            decided = self._decided(writer, intent, before)
            if isinstance(decided, TaskloomError):
                results[index] = decided
            else:
                ready[index] = _Ready(intent=intent, before=before, decision=decided)
        self._numbers.given(workflow, [wave[index] for index in singly])
        results.update(self._number(writer, ready))
        late = self._store(workflow, ready)
        for index, row in ready.items():
            results[index] = shown_written(writer.workflow, outcome(row.before, row.decision))
        # Whoever lost a race, or brings files or links, goes the way of a single write.
        for index in [*singly, *late]:
            results[index] = self._singly(writer, wave[index])
        return results

    def _decided(
        self, writer: _Writer, intent: Intent, before: Task | None
    ) -> Decision | TaskloomError:
        try:
            return self._tasks.decide(writer.actor, writer.workflow, intent, before, writer.mode)
        except TaskloomError as error:
            return error

    def _number(self, writer: _Writer, ready: dict[int, _Ready]) -> dict[int, Result]:
        """Give new tasks that lack a number theirs; return the rows that cannot have it."""
        new = {index: row.intent for index, row in ready.items() if row.before is None}
        base = writer.workflow.base
        self._numbers.given(base, new.values())
        numbered = self._numbers.numbered(base, list(new.values()))
        refused: dict[int, Result] = {}
        for index, intent in zip(new, numbered, strict=True):
            if intent is new[index]:
                continue
            decided = self._decided(writer, intent, None)
            if isinstance(decided, TaskloomError):
                refused[index] = decided
                del ready[index]
            else:
                ready[index] = _Ready(intent=new[index], before=None, decision=decided)
        return refused

    def _store(self, workflow: Compiled, ready: Mapping[int, _Ready]) -> list[int]:
        """Store all rows in two calls; return the indexes of those that somebody else outran."""
        new, changes = [], []
        for row in ready.values():
            event = row.decision.event
            if event is None:
                continue
            if row.before is None:
                new.append(Insertion(task=row.decision.task, event=event))
            else:
                changes.append(Replacement(before=row.before, after=row.decision.task, event=event))
        lost = self._ports.tasks.insert_many(workflow, new) if new else frozenset()
        if changes:
            lost |= self._ports.tasks.replace_many(workflow, changes)
        return [index for index, row in ready.items() if row.decision.task.id in lost]

    def _singly(self, writer: _Writer, intent: Intent) -> Result:
        try:
            return self._tasks.carry_out(writer.actor, writer.workflow, intent, writer.mode)
        except TaskloomError as error:
            return error


def _waves(intents: dict[int, Intent]) -> Iterator[dict[int, Intent]]:
    """Split rows so that no unique ID stands twice in one wave, in input order."""
    rest = intents
    while rest:
        wave: dict[int, Intent] = {}
        later: dict[int, Intent] = {}
        seen: set[str] = set()
        for index, intent in rest.items():
            if intent.unique is not None and intent.unique in seen:
                later[index] = intent
                continue
            wave[index] = intent
            if intent.unique is not None:
                seen.add(intent.unique)
        yield wave
        rest = later
