"""Conversions on their way through all tasks of a workflow, in constant memory.

Before the new version is in force all values are made for it; afterwards those of tasks that were
written meanwhile. Whoever is killed leaves what the next one goes on with.
"""

import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Final

from taskloom.engine.converting import FieldOf, Route, needless, routes_of, shifted
from taskloom.engine.ports import Ports
from taskloom.engine.shifts import FIRST, LAST, Held, Settling, Shift
from taskloom.model.workflow import Field
from taskloom.schema.compiled import Compiled
from taskloom.schema.load import load_workflow

AT_ONCE: Final = 250
"""So many tasks are written by one command."""

LOOKED_AT: Final = 500
"""After so many tasks it is noted how far a round is."""

LATE: Final = 60_000
"""Milliseconds after which no write goes on that began by an older version."""

_TRIES: Final = 5

Work = Callable[[Held], Shift]


class Roster:
    """All people of a workspace, for values that name them; read once."""

    def __init__(self, ports: Ports, workspace: str) -> None:
        users = ports.directory.users(workspace)
        self._ids = {user.email.lower(): user.id for user in users}
        self._emails = {user.id: user.email for user in users}

    def id_of(self, email: str) -> str | None:
        """Return the user with this e-mail, any case."""
        return self._ids.get(email.strip().lower())

    def email_of(self, user: str) -> str | None:
        """Return a user's e-mail, or None when the user is gone."""
        return self._emails.get(user)


class Settler:
    """Carries conversions out."""

    def __init__(self, ports: Ports) -> None:
        self._ports = ports

    def fields_of(self, workspace: str, workflow: str, *known: Compiled) -> FieldOf:
        """Make the look-up of fields as versions declared them; reads each version once."""
        read: dict[int, Mapping[str, Field]] = {
            each.workflow.version: each.fields for each in known
        }

        def field_of(key: str, version: int) -> Field | None:
            if version not in read:
                read[version] = self._declared(workspace, workflow, version)
            return read[version].get(key)

        return field_of

    def _declared(self, workspace: str, workflow: str, version: int) -> Mapping[str, Field]:
        found = self._ports.workflows.version(workspace, workflow, version)
        if found is None:
            return {}
        loaded = load_workflow(
            found.source, workspace=workspace, uid="", version=version, id=workflow
        )
        return {field.key: field for field in loaded.fields}

    def fill(self, workflow: Compiled, routes: Sequence[Route], go_on: Callable[[], None]) -> None:
        """Make the values of a version to come; `go_on` is asked now and then and may raise."""
        people = Roster(self._ports, workflow.workflow.workspace)

        def work(held: Held) -> Shift:
            return shifted(routes, held, people)

        for _ in self._written(workflow, self._ports.shifts.held(workflow), work):
            go_on()

    def finish(self, workspace: str, workflow: str) -> None:
        """Bring the first rounds of what is to be settled in a workflow to their end."""
        for left in self._ports.workflows.settling():
            if (left.workspace, left.workflow) == (workspace, workflow) and left.round == FIRST:
                self.settle(left, seconds=float("inf"))

    def settle(self, left: Settling, *, seconds: float) -> None:
        """Go on with what is left to do, for so long; what was done is noted."""
        workflow = self._ports.workflows.newest(left.workspace, left.workflow)
        if workflow is None or workflow.workflow.uid != left.uid:
            return
        work = self._settling(workflow, left)
        end = time.monotonic() + seconds
        held = self._ports.shifts.held(workflow, left.after)
        for last in self._written(workflow, held, work):
            left = replace(left, after=last)
            if time.monotonic() > end:
                self._ports.workflows.settle(left, done=False)
                return
        over = left.round == LAST or not left.moves
        self._ports.workflows.settle(replace(left, round=LAST, after=None), done=over)

    def is_due(self, left: Settling) -> bool:
        """Tell whether a round may begin, or go on."""
        return left.round == FIRST or self._ports.clock() >= left.at + LATE

    def _settling(self, workflow: Compiled, left: Settling) -> Work:
        field_of = self.fields_of(left.workspace, left.workflow, workflow)
        routes = routes_of(left.moves, field_of)
        people = Roster(self._ports, left.workspace)
        searched = {move.key for move in left.moves}.intersection(workflow.workflow.search)
        last, version = left.round == LAST, workflow.workflow.version

        def work(held: Held) -> Shift:
            shift = shifted(routes, held, people)
            kept = {k: v for k, v in held.values.items() if k not in shift.drop}
            stored = {**kept, **shift.put}
            values = workflow.unpack(stored)
            good = held.version < version and not workflow.check(values)
            anew = searched and (not last or shift.marks)
            shift = replace(shift, stamp=version if good else None, words=values if anew else None)
            return _ended(shift, held, needless(routes, stored, people)) if last else shift

        def _ended(shift: Shift, held: Held, spare: frozenset[str]) -> Shift:
            marks = frozenset(move.target for move in left.moves) & held.marks.keys()
            return replace(shift, marks={}, unmark=marks, drop=shift.drop | spare)

        return work

    def _written(self, workflow: Compiled, every: Iterable[Held], work: Work) -> Iterator[str]:
        """Do the work for all tasks, and now and then yield the last one it was done for."""
        shifts: list[Shift] = []
        for number, held in enumerate(every, start=1):
            shifts += _needed([work(held)])
            if len(shifts) >= AT_ONCE or number % LOOKED_AT == 0:
                self._write(workflow, shifts, work)
                shifts = []
                yield held.id
        self._write(workflow, shifts, work)

    def _write(self, workflow: Compiled, shifts: Sequence[Shift], work: Work) -> None:
        """Write into tasks; those changed meanwhile are looked at again."""
        for _ in range(_TRIES):
            if not shifts or self._ports.shifts.shift(workflow, shifts):
                return
            again = self._ports.shifts.some(workflow, [shift.task for shift in shifts])
            shifts = _needed([work(held) for held in again])


def _needed(shifts: Iterable[Shift]) -> list[Shift]:
    return [shift for shift in shifts if not shift.is_empty]
