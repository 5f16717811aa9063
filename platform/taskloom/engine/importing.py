"""An import at work: batch by batch, each settled for good before the next one.

A batch goes the way of all bulk writes. What it brought is stored together with how far the import
is, so whoever takes an import up again goes on after its last settled batch. Rows of the batch that
was under way are written once more: those with a unique ID find their tasks, and the ids of all new
tasks follow from the import and the row.
"""

import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import ExitStack, suppress
from dataclasses import dataclass, replace
from hashlib import blake2b
from typing import BinaryIO, Final, cast

import orjson

from taskloom.engine.analysis import analysis_of
from taskloom.engine.bulk import Bulk
from taskloom.engine.people import Directory
from taskloom.engine.ports import Ports
from taskloom.engine.rejects import Report
from taskloom.engine.stages import Stages
from taskloom.engine.terms import Origin
from taskloom.engine.workflows import Workflows
from taskloom.engine.writing import ABSENT, Draft, Mode
from taskloom.errors import (
    Fault,
    Invalid,
    NotFound,
    TaskloomError,
    TooSlow,
    Unavailable,
)
from taskloom.exchange.mapping import Plan, Unknown, propose
from taskloom.exchange.opening import open_rows
from taskloom.exchange.rows import Reader, Row, choices_of
from taskloom.exchange.spelling import UNSAID, Entry, speller
from taskloom.fields.file import FILE
from taskloom.model.imports import Analysis, Import, Progress, State
from taskloom.model.people import Actor
from taskloom.schema.compiled import Compiled

ROWS: Final = 1000
BYTES: Final = 1024 * 1024
WITH_FILES: Final = 10
"""Rows a batch, and bytes of the file; fewer rows where each may have files to fetch."""

MOST_TRIES: Final = 10
"""So often an import is taken up again that comes no further."""

MOST_FAULTS: Final = 1000
_PART: Final = 2**22
"""So many rows, and those of one batch more, have ids that follow from one root."""


class Lost(Exception):
    """Somebody else works on the import by now."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Batch:
    """Rows that are settled together; `first` counts the rows before them, `read` the bytes."""

    first: int
    rows: Sequence[Row]
    read: int


@dataclass(frozen=True, slots=True, kw_only=True)
class _Present:
    """The workflow as it is now for whom the import belongs to, and what columns mean there."""

    actor: Actor
    workflow: Compiled
    plan: Plan
    analysis: Analysis


@dataclass(frozen=True, slots=True, kw_only=True)
class _Decided:
    """A batch that is to be stored."""

    batch: _Batch
    entries: Sequence[Entry]
    stages: Stages
    present: _Present


class Run:
    """One process's work on one import, which it owns for as long as it lasts."""

    def __init__(
        self,
        ports: Ports,
        workflows: Workflows,
        people: Directory,
        *,
        bulk: Bulk,
        job: Import,
        owner: str,
        stop: Callable[[], bool],
    ) -> None:
        self._ports = ports
        self._workflows = workflows
        self._people = people
        self._bulk = bulk
        self._job = job
        self._owner = owner
        self._stop = stop
        self._since = time.monotonic()
        self._under_way: tuple[_Decided, Future[None]] | None = None

    def go(self) -> None:
        """Work until the import ends, is held, or is to be left to somebody else.

        Raises `Unavailable` or `TooSlow` when it is better gone on with later.
        """
        with suppress(Lost):
            self._go_on()

    def _go_on(self) -> None:
        try:
            self._go()
        except (Unavailable, TooSlow):
            raise
        except Invalid as error:
            self._end("failed", error.message, error.faults)
        except TaskloomError as error:
            hint = error.details.get("hint")
            self._end("failed", f"{error.message}; {hint}" if hint else error.message)

    def _go(self) -> None:
        job = self._job
        if job.cancelling:
            self._end("cancelled")
        elif job.tries > MOST_TRIES:
            self._end(
                "failed",
                f"it was begun {MOST_TRIES} times and came no further; the log of the server that "
                "worked on it says why",
            )
        else:
            with ExitStack() as stack:
                file = stack.enter_context(self._ports.imports.open(job))
                self._work(self._reader(file), stack)

    def _reader(self, file: BinaryIO) -> Reader:
        return open_rows(file, self._job.name, choices_of(self._job.options.reading))

    def _work(self, reader: Reader, stack: ExitStack) -> None:
        present = self._planned(reader, *self._rights())
        started = self._job.started or self._ports.clock()
        self._job = replace(self._job, started=started, analysis=present.analysis)
        if self._job.options.hold:
            self._save(replace(self._job, state="held", started=None))
            return
        if self._job.options.dry_run:
            # Nothing of it was kept, so it begins at the beginning.
            self._job = replace(self._job, progress=Progress())
            self._bulk = stack.enter_context(self._bulk.rehearsing(present.workflow))
        self._ports.imports.cut(self._job.id, self._job.progress.rows)
        self._save(self._job)
        self._settle_all(reader, present)

    def _rights(self) -> tuple[Actor, Compiled]:
        """Return who imports and into what, as both are now."""
        job = self._job
        actor = self._people.holder(job.workspace, job.holder)
        workflow = self._workflows.find(actor, job.workflow)
        if workflow is None or workflow.workflow.uid != job.uid:
            raise NotFound(f"the workflow {job.workflow!r} is gone, or not for who imports into it")
        return actor, workflow

    def _planned(self, reader: Reader, actor: Actor, workflow: Compiled) -> _Present:
        options = self._job.options
        unknown = cast(Unknown, options.unknown)
        plan = propose(reader, workflow, options.columns, unknown=unknown)
        # Rejects and what is aside keep the columns they began with.
        analysis = self._job.analysis or analysis_of(reader, plan, workflow)
        return _Present(actor=actor, workflow=workflow, plan=plan, analysis=analysis)

    def _settle_all(self, reader: Reader, present: _Present) -> None:
        """Settle the rows batch by batch; the next one is decided while one is stored."""
        first = self._job.progress.rows
        most = WITH_FILES if _takes_files(present) else ROWS
        # Of the batch that was under way when somebody stopped, some rows may be there already.
        was_begun = self._job.tries > 1 or first > 0
        with ThreadPoolExecutor(1, "storing") as pool:
            try:
                for batch in _batches(reader, first, most):
                    decided = None
                    if batch.rows:
                        present = self._up_to_date(present)
                        decided = self._decide(batch, present, again=was_begun)
                        was_begun = False
                    self._join()
                    if self._job.cancelling or self._stop():
                        break
                    if decided is not None:
                        self._under_way = decided, pool.submit(self._settle, decided)
            finally:
                # What is being stored is settled, whatever came after it.
                self._join()
        if self._job.cancelling:
            self._end("cancelled")
        elif not self._stop():
            self._end("done")

    def _join(self) -> None:
        """Wait until the batch under way is settled; raise what went wrong with it."""
        under_way, self._under_way = self._under_way, None
        if under_way is not None:
            under_way[1].result()

    def _up_to_date(self, present: _Present) -> _Present:
        """Say anew what columns mean where the workflow, or what the actor sees of it, changed."""
        actor, workflow = self._rights()
        before = present.workflow
        if (workflow.workflow.version, workflow.role) == (before.workflow.version, before.role):
            return replace(present, actor=actor, workflow=workflow)
        # The file is looked at from its beginning, where the reader at work is no more.
        with self._ports.imports.open(self._job) as file:
            return self._planned(self._reader(file), actor, workflow)

    def _decide(self, batch: _Batch, present: _Present, *, again: bool) -> _Decided:
        """Decide the rows of a batch, as soon as none is being stored that they have to see."""
        people = self._people.people(present.actor)
        spell = speller(present.plan, present.workflow, people)
        entries = [spell(row) for row in batch.rows]
        job, is_dry = self._job, self._job.options.dry_run
        stages = self._bulk.begin(
            present.actor,
            present.workflow,
            [draft_of(entry, None if is_dry else print_of(entry)) for entry in entries],
            people,
            mode=cast(Mode, job.options.mode),
            origin=None if is_dry else origin_of(job.id, batch.first, again=again),
        )
        under_way = self._under_way
        # A rehearsal is of one thread at a time.
        if under_way and (is_dry or not stages.uniques.isdisjoint(under_way[0].stages.uniques)):
            self._join()
        stages.decide()
        return _Decided(batch=batch, entries=entries, stages=stages, present=present)

    def _settle(self, decided: _Decided) -> None:
        """Store the rows of a batch, and then what came of them."""
        report = Report(decided.present.analysis, decided.present.workflow)
        results = decided.stages.store()
        for row, entry, result in zip(decided.batch.rows, decided.entries, results, strict=True):
            report.tell(row, entry, result)
        self._commit(decided.batch, report)

    def _commit(self, batch: _Batch, report: Report) -> None:
        """Store what a batch brought, then that it is settled."""
        self._ports.imports.append(self._job.id, "rejects", batch.first, report.rejects)
        self._ports.imports.append(self._job.id, "aside", batch.first, report.aside)
        now = time.monotonic()
        before = self._job.progress
        counts = {
            name: getattr(before, name) + report.outcomes[name]
            for name in ("created", "updated", "unchanged", "refused")
        }
        progress = Progress(
            rows=batch.first + len(batch.rows),
            read=batch.read,
            spent=before.spent + max(int((now - self._since) * 1000), 1),
            **counts,
        )
        self._since = now
        self._save(replace(self._job, progress=progress, tries=1))

    def _save(self, job: Import) -> None:
        saved = self._ports.imports.save(job, self._owner)
        if saved is None:
            raise Lost
        self._job = saved

    def _end(self, state: State, reason: str = "", faults: Sequence[Fault] = ()) -> None:
        ended = replace(
            self._job,
            state=state,
            ended=self._ports.clock(),
            reason=reason,
            faults=faults[:MOST_FAULTS],
        )
        self._save(ended)


def origin_of(job: str, first: int, *, again: bool) -> Origin:
    """Say where the rows from the one after the `first` ones on come from, whoever writes them."""
    part, row = divmod(first, _PART)
    mark = blake2b(f"{job}/{part}".encode(), digest_size=5).hexdigest()
    return Origin(root=job[:8] + mark, first=row, again=again)


def print_of(entry: Entry) -> bytes | None:
    """Make the digest of what a row asks for; None where that cannot be told exactly."""
    others = [() if said is UNSAID else (said,) for said in (entry.stage, entry.assignees)]
    try:
        said = orjson.dumps((entry.values, *others), default=_told)
    except orjson.JSONEncodeError:
        return None
    return blake2b(said, digest_size=16, person=b"import").digest()


def _told(value: object) -> object:
    """Tell apart what has no place in JSON from all that has one."""
    return {f"\0{type(value).__name__}": str(value)}


def draft_of(entry: Entry, print_: bytes | None = None) -> Draft:
    """Make the write that a row asks for; `print_` is its digest, where it is to be kept."""
    return Draft(
        values=entry.values,
        stage=ABSENT if entry.stage is UNSAID else entry.stage,
        assignees=ABSENT if entry.assignees is UNSAID else entry.assignees,
        links=entry.links,
        faults=entry.faults,
        print=print_,
    )


def _batches(reader: Reader, first: int, most: int) -> Iterator[_Batch]:
    """Gather rows from the one after the `first` ones on; those before come as empty batches.

    Where the file breaks off, what was read of it comes before the error.
    """
    held: list[Row] = []
    number = begun = 0
    try:
        for row in reader.rows():
            number += 1
            if number > first:
                held.append(row)
            read = reader.position()
            if len(held) >= most or read - begun >= BYTES or (not held and number % ROWS == 0):
                yield _Batch(first=number - len(held), rows=held, read=read)
                held, begun = [], read
    except TaskloomError:
        if held:
            yield _Batch(first=number - len(held), rows=held, read=reader.position())
        raise
    if held:
        yield _Batch(first=number - len(held), rows=held, read=reader.position())


def _takes_files(present: _Present) -> bool:
    fields = present.workflow.fields
    targets = present.plan.columns.values()
    return any(
        target is not None and target.to == "field" and fields[target.name].kind == FILE
        for target in targets
    )
