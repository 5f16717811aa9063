"""Tasks in MongoDB: one collection a workflow, every write one atomic operation with its event."""

import contextlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import TypeVar, cast

import pymongo
from bson.objectid import ObjectId
from pymongo import InsertOne, ReturnDocument, UpdateOne
from pymongo.client_session import ClientSession
from pymongo.collection import Collection
from pymongo.errors import BulkWriteError, DuplicateKeyError
from pymongo.read_concern import ReadConcern

from taskloom.engine.ports import Insertion, Relink, Replacement, Taken
from taskloom.errors import ASSIGNEE, Malformed, TaskloomError, TooLarge
from taskloom.model.event import UPDATED, Change, Event
from taskloom.model.task import Moment, Task
from taskloom.query.tree import Compare, Filter, Query
from taskloom.schema.compiled import Compiled, LinkSide
from taskloom.storage import indexes
from taskloom.storage.client import (
    DURABLE,
    TROUBLE,
    Database,
    Document,
    each_in_our_words,
    in_our_words,
    translated,
)
from taskloom.storage.documents import (
    object_id,
    projection,
    reader,
    task_document,
    update_document,
)
from taskloom.storage.filters import compiled
from taskloom.storage.history import DROPPING, KEPT, History, collection, collection_of
from taskloom.storage.links import Links, joined
from taskloom.storage.paging import Step, steps
from taskloom.storage.reading import BATCH, Reading
from taskloom.storage.tallies import pipeline, tallied

_TRANSACTION_SECONDS = 20

R = TypeVar("R")


class _Outrun(Exception):
    """Something is not any more as it was when a write was decided."""


class Tasks:
    """Fulfils `TaskStore`; `query_ms` is what the server may spend on one query."""

    def __init__(self, database: Database, *, query_ms: int) -> None:
        self._database = database
        self._query_ms = query_ms
        self._history = History(database)
        self._links = Links(database)
        self._counters = database["counters"]
        self._dropping = database[DROPPING]

    def _of(self, workflow: Compiled) -> Collection[Document]:
        return self._database[collection(workflow)]

    def _reading(
        self,
        workflow: Compiled,
        fields: frozenset[str] | None = None,
        links: Sequence[Document] = (),
    ) -> Reading:
        tasks = self._of(workflow)
        return Reading(tasks, projection(fields), links=links, query_ms=self._query_ms)

    @in_our_words
    def prepare(self, workflow: Compiled) -> None:
        indexes.prepare(self._database, workflow)

    @in_our_words
    def drop(self, workflow: Compiled) -> None:
        self._drop(workflow.workflow.uid)

    @in_our_words
    def drop_rest(self) -> None:
        for left in list(self._dropping.find()):
            self._drop(left["_id"])

    def _drop(self, workflow: str) -> None:
        self._database[collection_of(workflow)].drop()
        self._history.drop(workflow)
        self._links.drop(workflow)
        self._counters.delete_one({"_id": workflow})
        self._dropping.delete_one({"_id": workflow})

    @in_our_words
    def insert(self, workflow: Compiled, new: Insertion) -> None:
        try:
            if new.links:
                self._together(lambda running: self._inserted(workflow, new, running))
            else:
                self._of(workflow).insert_one(task_document(workflow, new))
        except (DuplicateKeyError, _Outrun) as error:
            raise Taken from error

    def _inserted(self, workflow: Compiled, new: Insertion, running: ClientSession) -> None:
        self._link(ObjectId(new.task.id), new.links, running)
        self._of(workflow).insert_one(task_document(workflow, new), session=running)

    def _link(self, task: ObjectId, links: Sequence[Relink], running: ClientSession) -> None:
        if not self._links.change(task, links, running):
            raise _Outrun

    def _together(self, work: Callable[[ClientSession], R]) -> R:
        """Do all of it or nothing."""
        with (
            pymongo.timeout(_TRANSACTION_SECONDS),
            self._database.client.start_session() as session,
        ):
            return session.with_transaction(
                work, read_concern=ReadConcern("snapshot"), write_concern=DURABLE
            )

    @in_our_words
    def insert_many(self, workflow: Compiled, new: Sequence[Insertion]) -> frozenset[str]:
        """Store new tasks; return the ids of those not stored.

        Their unique ID is taken, or storing them one by one tells what else is wrong with them.
        """
        if not new:
            return frozenset()
        writes = [InsertOne(task_document(workflow, one)) for one in new]
        try:
            self._of(workflow).bulk_write(writes, ordered=False)
        except BulkWriteError as error:
            _require_durable(error)
            return frozenset(new[fault["index"]].task.id for fault in error.details["writeErrors"])
        except TROUBLE as error:
            _require_unwritable(error)
            return self._lost(workflow, {one.task.id: one.event.id for one in new})
        return frozenset()

    def replace(self, workflow: Compiled, change: Replacement) -> bool:
        """Store a change; raise `Taken` when another task has its unique ID."""
        try:
            stored = self._update(workflow, change)
        except TooLarge:
            # Large values make large events: without the old ones the task may fit.
            self._history.overflow(workflow, ObjectId(change.before.id), keep=0)
            stored = self._update(workflow, change)
        if stored:
            self._bound(workflow, change)
        return stored

    @in_our_words
    def _update(self, workflow: Compiled, change: Replacement) -> bool:
        try:
            if not change.links:
                return self._updated(workflow, change)
            return self._together(lambda running: self._updated_linked(workflow, change, running))
        except DuplicateKeyError as error:
            raise Taken from error
        except _Outrun:
            return False

    def _updated(
        self, workflow: Compiled, change: Replacement, running: ClientSession | None = None
    ) -> bool:
        update = update_document(change)
        result = self._of(workflow).update_one(_guard(change.before), update, session=running)
        return result.matched_count == 1

    def _updated_linked(
        self, workflow: Compiled, change: Replacement, running: ClientSession
    ) -> bool:
        self._link(ObjectId(change.before.id), change.links, running)
        if not self._updated(workflow, change, running):
            raise _Outrun
        return True

    def _bound(self, workflow: Compiled, change: Replacement) -> None:
        """Keep the events within a task few; a task has had as many events as revisions."""
        number = change.before.rev + 1
        if number < 2 * KEPT or number % KEPT:
            return
        # The change itself is stored; what cannot be moved now is moved the next time.
        with contextlib.suppress(TaskloomError):
            self._history.overflow(workflow, ObjectId(change.before.id), keep=KEPT)

    @in_our_words
    def replace_many(self, workflow: Compiled, changes: Sequence[Replacement]) -> frozenset[str]:
        """Store changes; return the ids of the tasks that did not take them.

        They were changed or deleted since `before`, or storing them one by one tells the reason.
        """
        if not changes:
            return frozenset()
        writes = [UpdateOne(_guard(change.before), update_document(change)) for change in changes]
        try:
            matched = self._of(workflow).bulk_write(writes, ordered=False).matched_count
        except BulkWriteError as error:
            _require_durable(error)
            matched = -1
        except TROUBLE as error:
            _require_unwritable(error)
            matched = -1
        events = {change.before.id: change.event.id for change in changes}
        lost = frozenset[str]() if matched == len(changes) else self._lost(workflow, events)
        for change in changes:
            if change.before.id not in lost:
                self._bound(workflow, change)
        return lost

    def _lost(self, workflow: Compiled, events: Mapping[str, str]) -> frozenset[str]:
        """Find out which tasks, of these with the event of each, were not stored.

        Their events are nowhere: others may since have moved an event out, or deleted the task.
        """
        ids = [ObjectId(task) for task in events]
        found = self._of(workflow).find({"_id": {"$in": ids}}, {"ev.i": 1})
        stored = {event["i"] for document in found for event in document["ev"]}
        missing = {task: event for task, event in events.items() if event not in stored}
        moved = self._history.holds(list(missing.values()))
        return frozenset(task for task, event in missing.items() if event not in moved)

    @in_our_words
    def delete(self, workflow: Compiled, task: Task, event: Event) -> bool:
        return self._together(lambda running: self._buried(workflow, task, event, running))

    def _buried(self, workflow: Compiled, task: Task, event: Event, running: ClientSession) -> bool:
        if not self._history.bury(workflow, task, event, running):
            return False
        self._links.forget(ObjectId(task.id), running)
        return True

    def get(self, workflow: Compiled, task: str) -> Task | None:
        found = object_id(task)
        return None if found is None else self._one(workflow, {"_id": found})

    def by_unique(self, workflow: Compiled, unique: str) -> Task | None:
        return self._one(workflow, {"uid": {"$eq": unique}})

    @in_our_words
    def _one(self, workflow: Compiled, where: Document) -> Task | None:
        document = next(iter(self._reading(workflow).few(where, {}, 1)), None)
        return None if document is None else reader(workflow)(document)

    @in_our_words
    def by_uniques(self, workflow: Compiled, uniques: Sequence[str]) -> Mapping[str, Task]:
        found = self._reading(workflow).cursor({"uid": {"$in": list(uniques)}}, {}, None)
        read = reader(workflow)
        return {document["uid"]: read(document) for document in found}

    def find(self, workflow: Compiled, query: Query) -> Iterator[Task]:
        return each_in_our_words(self._found(workflow, query, steps(query, workflow)))

    def _found(self, workflow: Compiled, query: Query, planned: Sequence[Step]) -> Iterator[Task]:
        linked = joined(workflow, query.links)
        reading = self._reading(workflow, query.fields, linked.stages)
        read = linked.reader(reader(workflow))
        left, skip = query.limit, query.skip
        for step in planned:
            if left == 0:
                return
            if skip and step is not planned[-1] and (held := reading.holds(step, skip)) < skip:
                skip -= held
                continue
            for document in reading.step(step, left, skip):
                yield read(document)
                if left is not None:
                    left -= 1
            skip = 0

    @in_our_words
    def linked(self, side: LinkSide, task: str) -> Sequence[str]:
        found = object_id(task)
        return () if found is None else self._links.of(side, found)

    @in_our_words
    def crowded(self, side: LinkSide, targets: Sequence[str], most: int) -> frozenset[str]:
        return self._links.crowded(side, [ObjectId(target) for target in targets], most)

    @in_our_words
    def count(self, workflow: Compiled, where: Filter) -> int:
        matching = compiled(where, workflow)
        options: Document = {"maxTimeMS": self._query_ms}
        if not matching:
            # An index is counted faster than the tasks themselves.
            options["hint"] = "_id_"
        return self._of(workflow).count_documents(matching, **options)

    @in_our_words
    def stage_counts(self, workflow: Compiled) -> Mapping[str, int]:
        # The match changes no result; it lets the index alone answer.
        pipeline: list[Document] = [
            {"$match": {"stage": {"$gte": ""}}},
            {"$group": {"_id": "$stage", "count": {"$sum": 1}}},
        ]
        found = self._of(workflow).aggregate(pipeline, maxTimeMS=self._query_ms)
        return {row["_id"]: row["count"] for row in found}

    @in_our_words
    def assigned_counts(self, workflow: Compiled, where: Filter) -> Mapping[tuple[str, str], int]:
        pipeline: list[Document] = [
            {"$match": compiled(where, workflow)},
            {"$unwind": "$assignee"},
            {"$group": {"_id": {"u": "$assignee", "s": "$stage"}, "count": {"$sum": 1}}},
        ]
        found = self._of(workflow).aggregate(pipeline, maxTimeMS=self._query_ms)
        return {(row["_id"]["u"], row["_id"]["s"]): row["count"] for row in found}

    @in_our_words
    def tallies(
        self, workflow: Compiled, where: Filter, fields: Sequence[str]
    ) -> Mapping[str, Mapping[str | None, int]]:
        found = self._of(workflow).aggregate(
            pipeline(workflow, where, fields), maxTimeMS=self._query_ms
        )
        return tallied(workflow, fields, next(iter(found)))

    def unassign(self, workflow: Compiled, user: str, at: Moment, by: str | None) -> int:
        changed = 0
        query = Query(where=Compare(ASSIGNEE, "eq", user), limit=BATCH, fields=frozenset())
        while assigned := list(self.find(workflow, query)):
            changes = [_without(task, user, at, by) for task in assigned]
            late = self.replace_many(workflow, changes)
            # One by one tells why a change cannot be stored; an outrun one comes again.
            again = [self.replace(workflow, c) for c in changes if c.before.id in late]
            changed += len(changes) - len(late) + sum(again)
        return changed

    @in_our_words
    def history(self, workflow: Compiled, task: str) -> Sequence[Event]:
        found = object_id(task)
        return [] if found is None else self._history.read(workflow, found)

    @in_our_words
    def next_number(self, workflow: Compiled, count: int = 1) -> int:
        counter = self._counters.find_one_and_update(
            {"_id": workflow.workflow.uid},
            {"$inc": {"n": count}},
            upsert=True,
            return_document=ReturnDocument.AFTER,
        )
        return int(cast(Document, counter)["n"]) - count + 1

    @in_our_words
    def reach_number(self, workflow: Compiled, number: int) -> None:
        self._counters.update_one(
            {"_id": workflow.workflow.uid}, {"$max": {"n": number}}, upsert=True
        )


def _guard(before: Task) -> Document:
    return {"_id": ObjectId(before.id), "rev": before.rev}


def _require_durable(error: BulkWriteError) -> None:
    """Pass on an error that leaves open whether the majority has what was written."""
    if error.details.get("writeConcernErrors"):
        raise error


def _require_unwritable(error: Exception) -> None:
    """Pass on an error that is not about one document, which keeps others from being written."""
    if not isinstance(translated(error), TooLarge | Malformed):
        raise error


def _without(task: Task, user: str, now: Moment, by: str | None) -> Replacement:
    at = max(now, task.updated)
    left = tuple(other for other in task.assignees if other != user)
    change = Change(field=ASSIGNEE, old=list(task.assignees), new=list(left))
    return Replacement(
        before=task,
        after=replace(task, rev=task.rev + 1, assignees=left, updated=at, editor=by),
        event=Event(id=str(ObjectId()), at=at, by=by, kind=UPDATED, changes=(change,)),
    )
