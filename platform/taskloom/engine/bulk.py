"""Many writes at once: the rules of a single write, with a constant number of database calls."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from dataclasses import replace
from itertools import chain
from typing import Final

from taskloom.engine import rights
from taskloom.engine.contention import attempts
from taskloom.engine.earlier import Earlier
from taskloom.engine.ports import Ports, Removal
from taskloom.engine.rehearsal import Rehearsal
from taskloom.engine.rights import NO_UNIQUE, require
from taskloom.engine.stages import UNPROCESSED, Result, Row, Stages, Writer
from taskloom.engine.tasks import Tasks
from taskloom.engine.terms import Origin
from taskloom.engine.uniques import canonical
from taskloom.engine.writing import Mode, Same, Written
from taskloom.errors import NotFound, TaskloomError, TooLarge
from taskloom.fields.base import People
from taskloom.model.people import Actor
from taskloom.model.task import Task
from taskloom.schema.compiled import Compiled

_AT_ONCE: Final = 1000
MOST_ATOMIC: Final = 10_000
"""So many rows are stored all at once or not at all."""


class Bulk:
    """Writes rows in input order of meaning: a later row of the same unique ID sees the earlier."""

    def __init__(self, ports: Ports, tasks: Tasks, rehearsal: Rehearsal | None = None) -> None:
        self._ports = ports
        self._tasks = tasks
        self._earlier = Earlier(ports)
        self._rehearsal = rehearsal

    @contextmanager
    def rehearsing(self, workflow: Compiled) -> Iterator["Bulk"]:
        """Give bulk writes that tell what they would do to the tasks of a workflow, one by one.

        Nothing is written; each sees what those before it would have written. Tasks that would be
        new have the id "" in results, and what is to be fetched from elsewhere counts as fetched.
        """
        with closing(Rehearsal(self._ports, workflow, played=False)) as rehearsal:
            yield Bulk(rehearsal.ports, Tasks(rehearsal.ports), rehearsal)

    def write(
        self,
        actor: Actor,
        workflow: Compiled,
        rows: Sequence[Row],
        people: People,
        *,
        mode: Mode,
        dry_run: bool = False,
        atomic: bool = False,
        origin: Origin | None = None,
    ) -> list[Result]:
        """Write every row by itself; each result is what the row's single write would give.

        `atomic` writes all rows, at most `MOST_ATOMIC`, or none where one is refused. A `dry_run`
        tells the same and writes nothing, as `rehearsing`.
        """
        if dry_run:
            with self.rehearsing(workflow) as bulk:
                return bulk.write(actor, workflow, rows, people, mode=mode, atomic=atomic)
        if atomic:

            def work(bulk: Bulk, start: int, stop: int) -> list[Result]:
                some, whence = rows[start:stop], _after(origin, start)
                return bulk.write(actor, workflow, some, people, mode=mode, origin=whence)

            return self._whole(workflow, len(rows), work)
        begun = self.begin(actor, workflow, rows, people, mode=mode, origin=origin)
        begun.decide()
        return begun.store()

    def delete(
        self,
        actor: Actor,
        workflow: Compiled,
        uniques: Sequence[object],
        people: People,
        *,
        dry_run: bool = False,
        atomic: bool = False,
        origin: Origin | None = None,
    ) -> list[Result]:
        """Remove the tasks with these unique IDs, as people write them; otherwise as `write`.

        In the place of a unique ID may stand why it cannot be read.
        """
        if dry_run:
            with self.rehearsing(workflow) as bulk:
                return bulk.delete(actor, workflow, uniques, people, atomic=atomic)
        require(actor, "delete")
        writer = Writer(actor=actor, workflow=workflow, mode="update", origin=origin)
        if atomic:

            def work(bulk: Bulk, start: int, stop: int) -> list[Result]:
                some, whence = uniques[start:stop], _after(origin, start)
                return bulk.delete(actor, workflow, some, people, origin=whence)

            return self._whole(workflow, len(uniques), work)
        return self._told(self._remove(writer, uniques, people))

    def _told(self, results: list[Result]) -> list[Result]:
        """Leave out, in a rehearsal, the ids of tasks that are not there outside of it."""
        rehearsal = self._rehearsal
        if rehearsal is None:
            return results
        return [
            replace(result, task=replace(result.task, id=""))
            if isinstance(result, Written) and rehearsal.made(result.task.id)
            else result
            for result in results
        ]

    def _whole(
        self, workflow: Compiled, count: int, work: Callable[["Bulk", int, int], list[Result]]
    ) -> list[Result]:
        """Do all of a work or nothing: rehearse it, and store what came of it in one transaction.

        Raises `TooLarge` for too many rows, and `Conflict` when others keep changing the tasks.
        """
        if count > MOST_ATOMIC:
            message = f"more than {MOST_ATOMIC:,} rows cannot be written all at once"
            raise TooLarge(message, limit=MOST_ATOMIC)
        for _ in attempts():
            with closing(Rehearsal(self._ports, workflow, played=True)) as rehearsal:
                bulk = Bulk(rehearsal.ports, Tasks(rehearsal.ports))
                # Part by part, so that little is in memory beside what comes of it.
                parts = (work(bulk, at, at + _AT_ONCE) for at in range(0, count, _AT_ONCE))
                results = list(chain.from_iterable(parts))
                if any(isinstance(result, TaskloomError) for result in results):
                    return [
                        result if isinstance(result, TaskloomError) else UNPROCESSED
                        for result in results
                    ]
                if rehearsal.play(workflow.base):
                    return self._told(results)
        raise AssertionError("attempts() ends by raising")

    def begin(
        self,
        actor: Actor,
        workflow: Compiled,
        rows: Sequence[Row],
        people: People,
        *,
        mode: Mode,
        origin: Origin | None = None,
    ) -> Stages:
        """Begin a write of rows, each by itself, whose stages the caller goes through."""
        require(actor, "update")
        writer = Writer(actor=actor, workflow=workflow, mode=mode, origin=origin)
        return Stages(self._ports, self._tasks, writer, rows, people, told=self._told)

    # --- removing ---

    def _remove(self, writer: Writer, uniques: Sequence[object], people: People) -> list[Result]:
        workflow = writer.workflow
        results: list[Result] = [NotFound(NO_UNIQUE)] * len(uniques)
        asked: dict[str, list[int]] = {}
        done = self._earlier.removed(workflow.base, writer.origin, len(uniques))
        for index, unique in enumerate(uniques):
            if isinstance(unique, TaskloomError):
                results[index] = unique
                continue
            if index in done:
                results[index] = Same("", outcome="deleted")
                continue
            text = canonical(workflow, unique, people)
            if text is not None:
                asked.setdefault(text, []).append(index)
        self._gone(writer, asked, results, people)
        return results

    def _gone(
        self,
        writer: Writer,
        asked: Mapping[str, Sequence[int]],
        results: list[Result],
        people: People,
    ) -> None:
        """Remove the tasks with these unique IDs in one go, and one by one whom others outran."""
        base = writer.workflow.base
        known = self._ports.tasks.by_uniques(base, list(asked)) if asked else {}
        removals: dict[int, Removal] = {}
        for unique, rows in asked.items():
            try:
                removal = self._removal(writer, rows[0], known.get(unique))
            except TaskloomError as error:
                for row in rows:
                    results[row] = error
                continue
            removals[rows[0]] = removal
            results[rows[0]] = Written(task=removal.task, outcome="deleted")
        lost = self._ports.tasks.delete_many(base, list(removals.values())) if removals else ()
        for row, removal in removals.items():
            if removal.task.id in lost:
                results[row] = self._gone_singly(writer, row, removal.task, people)

    def _removal(self, writer: Writer, row: int, task: Task | None) -> Removal:
        """Say how to remove the task that a row names; raise what speaks against it."""
        actor, role = writer.actor, writer.workflow.role
        if task is None or not rights.sees(actor, role, task):
            raise NotFound(NO_UNIQUE)
        rights.require_delete(actor, role, task)
        event = self._tasks.deletion(actor, task, writer.terms(row).event)
        return Removal(task=task, event=event)

    def _gone_singly(self, writer: Writer, row: int, task: Task, people: People) -> Result:
        try:
            self._tasks.delete(
                writer.actor, writer.workflow, str(task.uid), people, terms=writer.terms(row)
            )
        except TaskloomError as error:
            return error
        return Written(task=task, outcome="deleted")


def _after(origin: Origin | None, rows: int) -> Origin | None:
    return None if origin is None else origin.after(rows)
