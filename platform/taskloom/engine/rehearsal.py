"""Writes rehearsed: the very same code over stores that show what it wrote, and store nothing.

What comes of it is thrown away, by a dry run, or played: stored all at once.
"""

import dataclasses
from collections.abc import Iterator, Mapping, Sequence
from itertools import chain
from typing import Final, cast

from taskloom.engine.blobs import Fetched, FileStore, StoredFile
from taskloom.engine.ports import (
    Insertion,
    Ports,
    Printed,
    Relink,
    Removal,
    Replacement,
    Taken,
    TaskStore,
)
from taskloom.engine.scratch import Scratch
from taskloom.errors import ASSIGNEE
from taskloom.model.event import Event
from taskloom.model.task import Moment, Task
from taskloom.model.values import Attachment
from taskloom.query.tree import BY, ID, UID, All, Compare, Filter, Query, Some
from taskloom.schema.compiled import Compiled, LinkSide

_NAMING: Final = frozenset({"eq", "in"})


class Rehearsal:
    """One run of writes, or of deletions, of one workflow's tasks, which goes through `ports`.

    Where it is to be `played`, files are stored and numbers given for real: neither can be taken
    back, and neither harms who does not get it.
    """

    def __init__(self, ports: Ports, workflow: Compiled, *, played: bool) -> None:
        self._scratch = Scratch()
        self._store = ports.tasks
        self._tasks = _Tasks(ports.tasks, workflow, self._scratch, played=played)
        self.ports = dataclasses.replace(ports, tasks=cast(TaskStore, self._tasks))
        if not played:
            files = cast(FileStore, _Files(ports))
            self.ports = dataclasses.replace(self.ports, files=files, fetcher=_Unfetched())

    def close(self) -> None:
        """Throw away what is left of it."""
        self._scratch.close()

    def made(self, task: str) -> bool:
        """Tell whether a task is there in the rehearsal only."""
        return self._scratch.made(task)

    def play(self, workflow: Compiled) -> bool:
        """Store everything or nothing; False when somebody else was faster."""
        stored = self._store.commit(workflow, self._tasks.writes) if self._tasks.writes else True
        gone = self._tasks.gone
        return stored and not (gone and self._store.delete_many(workflow, gone, whole=True))


class _Tasks:
    """A `TaskStore` whose writes stay here; what is not overridden asks the real one."""

    def __init__(
        self, store: TaskStore, workflow: Compiled, scratch: Scratch, *, played: bool
    ) -> None:
        self._store = store
        self._own = workflow.workflow.uid
        self._scratch = scratch
        self._played = played
        self._number: int | None = None
        self.writes: list[Insertion | Replacement] = []
        self.gone: list[Removal] = []

    def __getattr__(self, name: str) -> object:
        return getattr(self._store, name)

    # --- writing ---

    def insert(self, workflow: Compiled, new: Insertion) -> None:
        if self.insert_many(workflow, [new]):
            raise Taken
        self._relink(new.task.id, new.links)

    def insert_many(self, workflow: Compiled, new: Sequence[Insertion]) -> frozenset[str]:
        uniques = [one.task.uid for one in new if one.task.uid is not None]
        taken = self.by_uniques(workflow, uniques) if uniques else {}
        lost = frozenset(one.task.id for one in new if one.task.uid in taken)
        stored = [one for one in new if one.task.id not in lost]
        self._scratch.put((one.task for one in stored), made=True)
        if self._played:
            self.writes.extend(stored)
        return lost

    def replace(self, workflow: Compiled, change: Replacement) -> bool:
        before, unique = change.before, change.after.uid
        moves = unique is not None and unique != before.uid
        if moves and self.by_unique(workflow, str(unique)) is not None:
            raise Taken
        self.replace_many(workflow, [change])
        self._relink(before.id, change.links)
        return True

    def replace_many(self, _workflow: Compiled, changes: Sequence[Replacement]) -> frozenset[str]:
        given_up = [one.before.uid for one in changes if one.before.uid != one.after.uid]
        self._scratch.free(unique for unique in given_up if unique is not None)
        self._scratch.put(one.after for one in changes)
        if self._played:
            self.writes.extend(changes)
        return frozenset()

    def delete(self, workflow: Compiled, task: Task, event: Event) -> bool:
        return not self.delete_many(workflow, [Removal(task=task, event=event)])

    def delete_many(
        self, _workflow: Compiled, gone: Sequence[Removal], *, whole: bool = False
    ) -> frozenset[str]:
        del whole
        self._scratch.free(one.task.uid for one in gone if one.task.uid is not None)
        self._scratch.drop(one.task.id for one in gone)
        if self._played:
            self.gone.extend(gone)
        return frozenset()

    def commit(self, workflow: Compiled, writes: Sequence[Insertion | Replacement]) -> bool:
        for write in writes:
            if isinstance(write, Insertion):
                self.insert(workflow, write)
            else:
                self.replace(workflow, write)
        return True

    # --- reading ---

    def get(self, workflow: Compiled, task: str) -> Task | None:
        if self._scratch.knows(task):
            return next(self._scratch.by_ids([task]), None)
        return self._store.get(workflow, task)

    def by_unique(self, workflow: Compiled, unique: str) -> Task | None:
        return self.by_uniques(workflow, [unique]).get(unique)

    def by_uniques(self, workflow: Compiled, uniques: Sequence[str]) -> Mapping[str, Task]:
        here = {str(task.uid): task for task in self._scratch.by_uniques(uniques)}
        freed = set(self._scratch.freed(uniques))
        others = [unique for unique in uniques if unique not in here and unique not in freed]
        return {**(self._store.by_uniques(workflow, others) if others else {}), **here}

    def printed(self, workflow: Compiled, uniques: Sequence[str]) -> Mapping[str, Printed]:
        here = {str(task.uid): task.id for task in self._scratch.by_uniques(uniques)}
        freed = set(self._scratch.freed(uniques))
        others = [unique for unique in uniques if unique not in here and unique not in freed]
        noted = {unique: Printed(task, None) for unique, task in here.items()}
        return {**(self._store.printed(workflow, others) if others else {}), **noted}

    def find(self, workflow: Compiled, query: Query) -> Iterator[Task]:
        """Yield matching tasks, as they are here where the query names them by an ID."""
        found = self._store.find(workflow, query)
        named = _named(query.where) if workflow.workflow.uid == self._own else None
        if named is None:
            return found
        field, names = named
        held = self._scratch.by_ids(names) if field == ID else self._scratch.by_uniques(names)
        here = {task.id: task for task in held if _holds(query.where, task)}
        return chain((task for task in found if not self._scratch.knows(task.id)), here.values())

    # --- links ---

    def linked(self, side: LinkSide, task: str) -> Sequence[str]:
        near = "a" if side.declared_here else "b"
        now = dict(self._scratch.pairs(side.pairs, near, task))
        held = [] if self._scratch.made(task) else self._store.linked(side, task)
        kept = [other for other in held if now.get(other, True)]
        return [*kept, *(other for other, there in now.items() if there and other not in held)]

    def _relink(self, task: str, links: Sequence[Relink]) -> None:
        for one in links:
            old, new = set(one.old), set(one.new)
            for target in old - new:
                self._pair(one.side, task, target, there=False)
            for target in new - old:
                if not one.side.shared:
                    self._leave(one.side, target)
                self._pair(one.side, task, target, there=True)

    def _leave(self, side: LinkSide, target: str) -> None:
        back = dataclasses.replace(side, declared_here=not side.declared_here)
        for partner in self.linked(back, target):
            self._pair(side, partner, target, there=False)

    def _pair(self, side: LinkSide, near: str, far: str, *, there: bool) -> None:
        ends = (near, far) if side.declared_here else (far, near)
        self._scratch.pair(side.pairs, ends, there=there)

    # --- numbers ---

    def next_number(self, workflow: Compiled, count: int = 1) -> int:
        if self._played:
            return self._store.next_number(workflow, count)
        last = self._last(workflow)
        self._number = last + count
        return last + 1

    def reach_number(self, workflow: Compiled, number: int) -> None:
        if self._played:
            self._store.reach_number(workflow, number)
        else:
            self._number = max(self._last(workflow), number)

    def _last(self, workflow: Compiled) -> int:
        return self._store.last_number(workflow) if self._number is None else self._number


def _named(where: Filter) -> tuple[str, Sequence[str]] | None:
    """Return by which ID a filter names tasks, and those it names; None where it does not."""
    if isinstance(where, All):
        return next((named for part in where.parts if (named := _named(part))), None)
    if not isinstance(where, Compare) or where.field not in {ID, UID}:
        return None
    if where.op not in _NAMING:
        return None
    return where.field, _operands(where)


def _operands(where: Compare) -> Sequence[str]:
    operand = where.operand
    return (operand,) if isinstance(operand, str) else cast(Sequence[str], operand)


def _holds(where: Filter, task: Task) -> bool:
    """Tell whether a task is one of those that are named, and one that its reader may see."""
    if isinstance(where, All):
        return all(_holds(part, task) for part in where.parts)
    if isinstance(where, Some):
        return any(_holds(part, task) for part in where.parts)
    if not isinstance(where, Compare) or where.op not in _NAMING:
        return True
    held: Mapping[str, Sequence[object]] = {
        ID: (task.id,),
        UID: (task.uid,),
        BY: (task.by,),
        ASSIGNEE: task.assignees,
    }
    if where.field not in held:
        return True
    return not set(_operands(where)).isdisjoint(held[where.field])


class _Files:
    """A `FileStore` that takes in files without keeping them."""

    def __init__(self, ports: Ports) -> None:
        self._files = ports.files
        self._new_id = ports.new_id
        self._added: dict[str, StoredFile] = {}

    def __getattr__(self, name: str) -> object:
        return getattr(self._files, name)

    def add(
        self,
        *,
        workspace: str,
        by: str | None,
        filename: str,
        content_type: str,
        contents: bytes,
        at: Moment,
        picture: bool = False,
    ) -> Attachment:
        del at
        blob = self._new_id()
        made = Attachment(
            blobId=blob, filename=filename, contentType=content_type, size=len(contents)
        )
        self._added[blob] = StoredFile(
            attachment=made,
            workspace=workspace,
            by=by,
            digest="",
            tasks=frozenset(),
            picture=picture,
        )
        return made

    def find(self, workspace: str, blobs: Sequence[str]) -> Mapping[str, StoredFile]:
        others = [blob for blob in blobs if blob not in self._added]
        here = {blob: self._added[blob] for blob in blobs if blob in self._added}
        return {**(self._files.find(workspace, others) if others else {}), **here}

    def attach(self, blobs: Sequence[str], workflow: str, task: str) -> None:
        """Note nothing: no task is about to hold them."""


class _Unfetched:
    """A `Fetcher` that takes every remote file for one that can be fetched."""

    def fetch(self, url: str) -> Fetched:
        del url
        return Fetched(filename="file", content_type="application/octet-stream", contents=b"")
