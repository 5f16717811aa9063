"""Writes of tasks that hold together: all of what belongs to them is stored, or nothing is."""

from collections.abc import Callable, Sequence
from typing import TypeVar

import pymongo
from bson.objectid import ObjectId
from pymongo import InsertOne, UpdateOne
from pymongo.client_session import ClientSession
from pymongo.collection import Collection
from pymongo.read_concern import ReadConcern

from taskloom.engine.ports import Insertion, Relink, Removal, Replacement
from taskloom.model.task import Task
from taskloom.schema.compiled import Compiled
from taskloom.storage.client import DURABLE, Database, Document
from taskloom.storage.documents import task_document, update_document
from taskloom.storage.history import AT_ONCE, History, collection
from taskloom.storage.links import Links

_SECONDS = 50
"""MongoDB itself ends a transaction after a minute."""

R = TypeVar("R")


class Outrun(Exception):
    """Something is not any more as it was when a write was decided."""


class Transactions:
    """Stores what takes more than one document; every method raises `Outrun` or does it all."""

    def __init__(self, database: Database, history: History, links: Links) -> None:
        self._database = database
        self._history = history
        self._links = links

    def insert(self, workflow: Compiled, new: Insertion) -> None:
        """Store a new task with its links."""
        self._together(lambda running: self._insert(workflow, new, running))

    def _insert(self, workflow: Compiled, new: Insertion, running: ClientSession) -> None:
        self._link(new.task.id, new.links, running)
        self._of(workflow).insert_one(task_document(workflow, new), session=running)

    def replace(self, workflow: Compiled, change: Replacement) -> None:
        """Store a change with its links."""
        self._together(lambda running: self._replace(workflow, change, running))

    def _replace(self, workflow: Compiled, change: Replacement, running: ClientSession) -> None:
        self._link(change.before.id, change.links, running)
        update = update_document(workflow, change)
        result = self._of(workflow).update_one(guard(change.before), update, session=running)
        if result.matched_count != 1:
            raise Outrun

    def delete(self, workflow: Compiled, gone: Sequence[Removal], *, whole: bool) -> frozenset[str]:
        """Remove tasks; return the ids of those that were changed or deleted since.

        As a `whole` all or none are removed.
        """
        # A transaction of many tasks has to be small, or MongoDB gives it up.
        self._history.keep(workflow, gone)
        return self._together(lambda running: self._delete(workflow, gone, running, whole=whole))

    def _delete(
        self, workflow: Compiled, gone: Sequence[Removal], running: ClientSession, *, whole: bool
    ) -> frozenset[str]:
        left = self._history.bury(workflow, gone, running)
        if left and whole:
            raise Outrun
        ids = [ObjectId(one.task.id) for one in gone if one.task.id not in left]
        self._links.forget(ids, running)
        return left

    def store(self, workflow: Compiled, writes: Sequence[Insertion | Replacement]) -> None:
        """Store all writes in their order."""
        self._together(lambda running: self._store(workflow, writes, running))

    def _store(
        self,
        workflow: Compiled,
        writes: Sequence[Insertion | Replacement],
        running: ClientSession,
    ) -> None:
        for start in range(0, len(writes), AT_ONCE):
            some = writes[start : start + AT_ONCE]
            requests = [_request(workflow, write) for write in some]
            result = self._of(workflow).bulk_write(requests, session=running)
            if result.inserted_count + result.matched_count != len(some):
                raise Outrun
        # A link may lead to a task that another of these writes makes.
        for write in writes:
            self._link(_task_of(write).id, write.links, running)

    def _link(self, task: str, links: Sequence[Relink], running: ClientSession) -> None:
        if links and not self._links.change(ObjectId(task), links, running):
            raise Outrun

    def _of(self, workflow: Compiled) -> Collection[Document]:
        return self._database[collection(workflow)]

    def _together(self, work: Callable[[ClientSession], R]) -> R:
        with pymongo.timeout(_SECONDS), self._database.client.start_session() as session:
            return session.with_transaction(
                work, read_concern=ReadConcern("snapshot"), write_concern=DURABLE
            )


def guard(before: Task) -> Document:
    """Find a task only as it was."""
    return {"_id": ObjectId(before.id), "rev": before.rev}


def _request(workflow: Compiled, write: Insertion | Replacement) -> InsertOne[Document] | UpdateOne:
    if isinstance(write, Insertion):
        return InsertOne(task_document(workflow, write))
    return UpdateOne(guard(write.before), update_document(workflow, write))


def _task_of(write: Insertion | Replacement) -> Task:
    return write.task if isinstance(write, Insertion) else write.before
