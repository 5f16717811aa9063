"""Rows of a bulk write on their way: read, then decided, then stored.

The stages are apart so that the database can store some rows while the next ones are decided. The
later ones must not name the unique IDs of those under way.
"""

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final

from taskloom.engine import prints
from taskloom.engine.decide import Decision, outcome
from taskloom.engine.earlier import Earlier
from taskloom.engine.intended import intended, require_unique
from taskloom.engine.intent import Intent, brings_files
from taskloom.engine.numbers import Numbers, counts
from taskloom.engine.ports import Insertion, Ports, Replacement
from taskloom.engine.tasks import Tasks
from taskloom.engine.terms import FREELY, Origin, Terms
from taskloom.engine.uniques import canonical
from taskloom.engine.views import shown_written
from taskloom.engine.writing import Draft, Mode, Same, Written
from taskloom.errors import TaskloomError
from taskloom.fields.base import People
from taskloom.model.people import Actor
from taskloom.model.task import Task
from taskloom.schema.compiled import Compiled


class Unprocessed:
    """What comes of a row that could be written, but not together with all others."""


UNPROCESSED: Final = Unprocessed()

Row = Draft | TaskloomError
"""What is to be written, or why it cannot even be read."""

Result = Written | Same | TaskloomError | Unprocessed


@dataclass(frozen=True, slots=True, kw_only=True)
class Writer:
    """Who writes where and how; the same for all rows. `workflow` is the actor's view."""

    actor: Actor
    workflow: Compiled
    mode: Mode
    origin: Origin | None

    def terms(self, row: int) -> Terms:
        """Return the terms of a row's single write."""
        if self.origin is None:
            return FREELY
        return Terms(event=self.origin.event(row), again=self.origin.again)


@dataclass(slots=True)
class _Ready:
    """A decided row that still has to be stored: the task before, and what becomes of it."""

    before: Task | None
    decision: Decision


@dataclass(slots=True)
class _Wave:
    """Rows of which no two have one unique ID; `singly` are those written one by one."""

    intents: Mapping[int, Intent]
    ready: dict[int, _Ready]
    singly: list[int]


Told = Callable[[list[Result]], list[Result]]


class Stages:
    """The rows of one write. `decide` and then `store` are each called once, in any thread.

    `uniques` are the canonical unique IDs that they name.
    """

    def __init__(
        self,
        ports: Ports,
        tasks: Tasks,
        writer: Writer,
        rows: Sequence[Row],
        people: People,
        *,
        told: Told,
    ) -> None:
        self._ports = ports
        self._tasks = tasks
        self._writer = writer
        self._people = people
        self._told = told
        self._numbers = Numbers(ports)
        self._earlier = Earlier(ports)
        self._results: list[Result] = [
            row if isinstance(row, TaskloomError) else UNPROCESSED for row in rows
        ]
        self._drafts = {i: row for i, row in enumerate(rows) if isinstance(row, Draft)}
        self._prints: dict[int, bytes] = {}
        self._waves: Iterator[Mapping[int, Intent]] = iter(())
        self._first: _Wave | None = None
        base = writer.workflow.base
        self._named = named(self._drafts, base, people)
        self.uniques = frozenset(self._named.values())

    def decide(self) -> None:
        """Decide the rows, but for those that name a unique ID another one names before them."""
        absent = self._leave_out_the_same()
        self._waves = _waves(self._read())
        wave = next(self._waves, None)
        if wave is not None:
            self._first = self._decided(wave, absent)

    def _leave_out_the_same(self) -> Collection[str]:
        """Settle rows that change nothing, as far as their digests tell.

        Returns unique IDs that nobody has.
        """
        view, origin = self._writer.workflow, self._writer.origin
        again = origin is not None and origin.again
        if again or not prints.are_kept(view, self._writer.mode):
            return ()
        asked = prints.by_unique(self._drafts, self._named, view.base, self._people)
        same, absent = prints.same(self._ports.tasks, view.base, asked)
        for index, task in same.items():
            self._results[index] = Same(task)
            del self._drafts[index]
        self._prints = {index: made for index, made in asked.values() if index not in same}
        return frozenset(absent)

    def _read(self) -> Mapping[int, Intent]:
        writer, origin = self._writer, self._writer.origin
        intents: dict[int, Intent] = {}
        for index, draft in self._drafts.items():
            try:
                intent = intended(draft, writer.workflow, self._people)
                require_unique(writer.workflow, intent, writer.mode)
            except TaskloomError as error:
                self._results[index] = error
                continue
            intents[index] = intent if origin is None else replace(intent, task=origin.task(index))
        return intents

    def store(self) -> list[Result]:
        """Store what was decided, then decide and store the rest; return what came of each row."""
        if self._first is not None:
            self._store(self._first)
        for wave in self._waves:
            self._store(self._decided(wave))
        return self._told(self._results)

    def _decided(
        self, intents: Mapping[int, Intent], absent: Collection[str] = frozenset()
    ) -> _Wave:
        """Decide rows; `absent` are unique IDs that nobody had a moment ago."""
        writer, base = self._writer, self._writer.workflow.base
        uniques = [
            intent.unique
            for intent in intents.values()
            if intent.unique is not None and intent.unique not in absent
        ]
        known = self._ports.tasks.by_uniques(base, uniques) if uniques else {}
        if writer.origin is not None and writer.origin.again:
            done = self._earlier.rows(base, writer.origin, intents, known)
            intents = {index: intent for index, intent in intents.items() if index not in done}
            self._put(done)
        wave = _Wave(intents=intents, ready={}, singly=[])
        for index, intent in intents.items():
            before = known.get(intent.unique) if intent.unique is not None else None
            if before is not None and before.id == intent.task:
                self._put({index: Written(task=before, outcome="created")})
            elif intent.references or brings_files(intent, base):
                wave.singly.append(index)
            else:
                self._decide(wave, index, intent, before)
        self._numbers.given(base, [intents[index] for index in wave.singly])
        self._number(wave)
        return wave

    def _decide(self, wave: _Wave, index: int, intent: Intent, before: Task | None) -> None:
        writer = self._writer
        event = writer.origin.event(index) if writer.origin is not None else None
        try:
            decision = self._tasks.decide(
                writer.actor, writer.workflow, intent, before, writer.mode, event=event
            )
        except TaskloomError as error:
            self._results[index] = error
            wave.ready.pop(index, None)
            return
        wave.ready[index] = _Ready(before, decision)
        self._results[index] = shown_written(writer.workflow, outcome(before, decision))

    def _number(self, wave: _Wave) -> None:
        """Give new tasks that lack a number theirs; what cannot have it is ready no more."""
        base = self._writer.workflow.base
        if not counts(base):
            return
        new = [index for index, row in wave.ready.items() if row.before is None]
        intents = [wave.intents[index] for index in new]
        self._numbers.given(base, intents)
        for index, intent in zip(new, self._numbers.numbered(base, intents), strict=True):
            if intent is not wave.intents[index]:
                self._decide(wave, index, intent, None)

    def _store(self, wave: _Wave) -> None:
        base = self._writer.workflow.base
        late = self._stored(base, wave.ready)
        there = self._earlier.made(base, {index: wave.intents[index] for index in late})
        self._put(there)
        # Whoever lost a race, or brings files or links, goes the way of a single write.
        for index in [*wave.singly, *(index for index in late if index not in there)]:
            self._results[index] = self._singly(index, wave.intents[index])

    def _stored(self, base: Compiled, ready: Mapping[int, _Ready]) -> list[int]:
        """Store all rows in two calls; return the indexes of those that somebody else outran."""
        new: list[Insertion] = []
        changes: list[Replacement] = []
        digests = self._prints
        for index, row in ready.items():
            before, decision = row.before, row.decision
            if decision.event is None:
                continue
            task, event, made = decision.task, decision.event, digests.get(index)
            if before is None:
                new.append(Insertion(task=task, event=event, print=made))
            else:
                changes.append(Replacement(before=before, after=task, event=event, print=made))
        lost = self._ports.tasks.insert_many(base, new) if new else frozenset()
        if changes:
            lost |= self._ports.tasks.replace_many(base, changes)
        if not lost:
            return []
        return [index for index, row in ready.items() if row.decision.task.id in lost]

    def _singly(self, index: int, intent: Intent) -> Result:
        writer = self._writer
        try:
            return self._tasks.carry_out(
                writer.actor, writer.workflow, intent, writer.mode, terms=writer.terms(index)
            )
        except TaskloomError as error:
            return error

    def _put(self, some: Mapping[int, Written | TaskloomError]) -> None:
        view = self._writer.workflow
        for index, result in some.items():
            shown = shown_written(view, result) if isinstance(result, Written) else result
            self._results[index] = shown


def named(drafts: Mapping[int, Draft], base: Compiled, people: People) -> Mapping[int, str]:
    """Return the canonical unique IDs that drafts name."""
    key = base.workflow.unique_id
    if key is None:
        return {}
    texts = (
        (index, canonical(base, draft.values[key], people))
        for index, draft in drafts.items()
        if draft.values.get(key) is not None
    )
    return {index: text for index, text in texts if text is not None}


def _waves(intents: Mapping[int, Intent]) -> Iterator[Mapping[int, Intent]]:
    """Split rows so that no unique ID stands twice in one wave, in input order."""
    rest = intents
    while rest:
        wave: dict[int, Intent] = {}
        later: dict[int, Intent] = {}
        seen: set[str] = set()
        for index, intent in rest.items():
            unique = intent.unique
            if unique is None or unique not in seen:
                wave[index] = intent
                if unique is not None:
                    seen.add(unique)
            else:
                later[index] = intent
        yield wave
        rest = later
