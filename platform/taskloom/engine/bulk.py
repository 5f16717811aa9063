"""Many writes at once: the rules of a single write, with a constant number of database calls."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from taskloom.engine.decide import Decision
from taskloom.engine.intent import Intent, brings_files
from taskloom.engine.ports import Insertion, Ports, Replacement
from taskloom.engine.tasks import Tasks, outcome, require_unique
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

    index: int
    before: Task | None
    decision: Decision


class Bulk:
    """Writes rows in input order of meaning: a later row of the same unique ID sees the earlier."""

    def __init__(self, ports: Ports, tasks: Tasks) -> None:
        self._ports = ports
        self._tasks = tasks

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
        results: dict[int, Result] = {}
        intents: dict[int, Intent] = {}
        for index, draft in enumerate(drafts):
            try:
                intent = self._tasks.read(workflow, draft, people)
                require_unique(workflow, intent, mode)
                intents[index] = intent
            except TaskloomError as error:
                results[index] = error
        for wave in _waves(intents):
            results.update(self._wave(actor, workflow, wave, mode))
        return [results[index] for index in range(len(drafts))]

    def _wave(
        self, actor: Actor, workflow: Compiled, wave: dict[int, Intent], mode: Mode
    ) -> dict[int, Result]:
        uniques = [intent.unique for intent in wave.values() if intent.unique is not None]
        known = self._ports.tasks.by_uniques(workflow, uniques) if uniques else {}
        results: dict[int, Result] = {}
        ready: list[_Ready] = []
        singly: list[int] = []
        for index, intent in wave.items():
            if brings_files(intent):
                singly.append(index)
                continue
            before = known.get(intent.unique) if intent.unique is not None else None
            try:
                decision = self._decided(actor, workflow, intent, before, mode)
            except TaskloomError as error:
                results[index] = error
                continue
            ready.append(_Ready(index=index, before=before, decision=decision))
        late = self._store(workflow, ready)
        for row in ready:
            results[row.index] = outcome(row.before, row.decision)
        # Whoever lost a race, or brings files, goes the way of a single write.
        for index in [*singly, *late]:
            results[index] = self._singly(actor, workflow, wave[index], mode)
        return results

    def _decided(
        self, actor: Actor, workflow: Compiled, intent: Intent, before: Task | None, mode: Mode
    ) -> Decision:
        decision = self._tasks.decide(actor, workflow, intent, before, mode)
        if before is not None:
            return decision
        return self._tasks.numbered(actor, workflow, intent, decision)

    def _store(self, workflow: Compiled, ready: Sequence[_Ready]) -> list[int]:
        """Store all rows in two calls; return the indexes of those that somebody else outran."""
        new, changes = [], []
        for row in ready:
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
        return [row.index for row in ready if row.decision.task.id in lost]

    def _singly(self, actor: Actor, workflow: Compiled, intent: Intent, mode: Mode) -> Result:
        try:
            return self._tasks.carry_out(actor, workflow, intent, mode)
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
