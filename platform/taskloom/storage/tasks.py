"""Tasks in MongoDB: one collection a workflow, every write one atomic operation with its event."""

import contextlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from functools import partial
from typing import cast

from bson.objectid import ObjectId
from pymongo import InsertOne, ReturnDocument, UpdateOne
from pymongo.collection import Collection
from pymongo.errors import BulkWriteError, DuplicateKeyError

from taskloom.engine.ports import Insertion, Printed, Removal, Replacement, Taken
from taskloom.errors import ASSIGNEE, Malformed, TaskloomError, TooLarge
from taskloom.model.event import UPDATED, Change, Event
from taskloom.model.task import Faces, Moment, Row, Task
from taskloom.query.tree import Compare, Filter, Query
from taskloom.schema.compiled import Compiled, LinkSide
from taskloom.storage import indexes
from taskloom.storage.client import (
    TROUBLE,
    Database,
    Document,
    each_in_our_words,
    in_our_words,
    is_duplicate,
    translated,
)
from taskloom.storage.counting import counted, estimated
from taskloom.storage.direct import Direct
from taskloom.storage.documents import (
    PRINTED,
    object_id,
    printed,
    projection,
    reader,
    row_projection,
    row_reader,
    task_document,
    update_document,
)
from taskloom.storage.faces import faced_parts, faces_of
from taskloom.storage.filters import compiled
from taskloom.storage.history import DROPPING, KEPT, History, collection, collection_of
from taskloom.storage.links import Links, joined
from taskloom.storage.paging import steps
from taskloom.storage.reading import BATCH, Reading
from taskloom.storage.saved_views import SAVED_VIEWS
from taskloom.storage.single import Single
from taskloom.storage.slow import SLOW_QUERIES, SlowQueries
from taskloom.storage.tallies import pipeline, tallied
from taskloom.storage.transactions import Outrun, Transactions, guard
from taskloom.storage.upkeep import UPKEEP


class Tasks:
    """Fulfils `TaskStore`; `query_ms` is what the server may spend on one query."""

    def __init__(self, database: Database, *, query_ms: int) -> None:
        self._database = database
        self._query_ms = query_ms
        self._direct = Direct(database)
        self._history = History(database)
        self._links = Links(database)
        self._single = Single(database, self._direct, self._history)
        self._transactions = Transactions(database, self._history, self._links)
        self._counters = database["counters"]
        self._dropping = database[DROPPING]
        self._slow = SlowQueries(database)

    def _of(self, workflow: Compiled) -> Collection[Document]:
        return self._database[collection(workflow)]

    def _reading(
        self,
        workflow: Compiled,
        parts: Mapping[str, int],
        links: Sequence[Document] = (),
    ) -> Reading:
        name = collection(workflow)
        return Reading(self._direct, name, parts, links=links, query_ms=self._query_ms)

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
        self._database[SLOW_QUERIES].delete_many({"w": workflow})
        self._database[SAVED_VIEWS].delete_many({"w": workflow})
        self._database[UPKEEP].delete_one({"_id": workflow})
        self._dropping.delete_one({"_id": workflow})

    @in_our_words
    def insert(self, workflow: Compiled, new: Insertion) -> None:
        try:
            if new.links:
                self._transactions.insert(workflow, new)
            else:
                self._single.insert(workflow, new)
        except (DuplicateKeyError, Outrun) as error:
            raise Taken from error

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
            return self.lost(workflow, {one.task.id: one.event.id for one in new})
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
            if change.links:
                self._transactions.replace(workflow, change)
                return True
            return self._single.replace(workflow, change)
        except DuplicateKeyError as error:
            raise Taken from error
        except Outrun:
            return False

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
        writes = [UpdateOne(guard(c.before), update_document(workflow, c)) for c in changes]
        try:
            matched = self._of(workflow).bulk_write(writes, ordered=False).matched_count
        except BulkWriteError as error:
            _require_durable(error)
            matched = -1
        except TROUBLE as error:
            _require_unwritable(error)
            matched = -1
        events = {change.before.id: change.event.id for change in changes}
        lost = frozenset[str]() if matched == len(changes) else self.lost(workflow, events)
        for change in changes:
            if change.before.id not in lost:
                self._bound(workflow, change)
        return lost

    def lost(self, workflow: Compiled, events: Mapping[str, str]) -> frozenset[str]:
        return self._history.lost(workflow, events)

    @in_our_words
    def delete(self, workflow: Compiled, task: Task, event: Event) -> bool:
        return not self.delete_many(workflow, [Removal(task=task, event=event)])

    @in_our_words
    def delete_many(
        self, workflow: Compiled, gone: Sequence[Removal], *, whole: bool = False
    ) -> frozenset[str]:
        try:
            return self._transactions.delete(workflow, gone, whole=whole)
        except Outrun:
            return frozenset(one.task.id for one in gone)

    def commit(self, workflow: Compiled, writes: Sequence[Insertion | Replacement]) -> bool:
        changes = [write for write in writes if isinstance(write, Replacement)]
        try:
            stored = self._committed(workflow, writes)
        except TooLarge:
            for change in changes:
                self._history.overflow(workflow, ObjectId(change.before.id), keep=0)
            stored = self._committed(workflow, writes)
        if stored:
            for change in changes:
                self._bound(workflow, change)
        return stored

    @in_our_words
    def _committed(self, workflow: Compiled, writes: Sequence[Insertion | Replacement]) -> bool:
        try:
            self._transactions.store(workflow, writes)
        except (DuplicateKeyError, Outrun):
            return False
        except BulkWriteError as error:
            if not is_duplicate(error):
                raise
            return False
        return True

    def get(self, workflow: Compiled, task: str) -> Task | None:
        found = object_id(task)
        return None if found is None else self._one(workflow, {"_id": found})

    def by_unique(self, workflow: Compiled, unique: str) -> Task | None:
        return self._one(workflow, {"uid": {"$eq": unique}})

    def row_by_unique(self, workflow: Compiled, unique: str) -> Row | None:
        parts = row_projection(workflow, None)
        found = self._document(workflow, {"uid": {"$eq": unique}}, parts)
        return None if found is None else row_reader(workflow)(found)

    def _one(self, workflow: Compiled, where: Document) -> Task | None:
        found = self._document(workflow, where, projection(workflow, None))
        return None if found is None else reader(workflow)(found)

    @in_our_words
    def _document(
        self, workflow: Compiled, where: Document, parts: Mapping[str, int]
    ) -> Document | None:
        return next(iter(self._reading(workflow, parts).few(where, {}, 1)), None)

    @in_our_words
    def by_uniques(self, workflow: Compiled, uniques: Sequence[str]) -> Mapping[str, Task]:
        reading = self._reading(workflow, projection(workflow, None))
        found = reading.cursor({"uid": {"$in": list(uniques)}}, {}, None)
        read = reader(workflow)
        return {document["uid"]: read(document) for document in found}

    @in_our_words
    def printed(self, workflow: Compiled, uniques: Sequence[str]) -> Mapping[str, Printed]:
        found = self._reading(workflow, PRINTED).cursor({"uid": {"$in": list(uniques)}}, {}, None)
        version = workflow.workflow.version
        return {document["uid"]: printed(document, version) for document in found}

    def find(self, workflow: Compiled, query: Query) -> Iterator[Task]:
        linked = joined(workflow, query.links)
        reading = self._reading(workflow, projection(workflow, query.fields), linked.stages)
        found = reading.planned(steps(query, workflow), query.limit, query.skip)
        read = each_in_our_words(map(linked.reader(reader(workflow)), found))
        return self._slow.watched(workflow, query, read)

    def rows(self, workflow: Compiled, query: Query) -> Iterator[Row]:
        linked = joined(workflow, query.links)
        parts = row_projection(workflow, query.fields)
        reading = self._reading(workflow, parts, linked.stages)
        found = reading.planned(steps(query, workflow), query.limit, query.skip)
        read = each_in_our_words(map(linked.row_reader(row_reader(workflow)), found))
        return self._slow.watched(workflow, query, read)

    def faces(self, workflow: Compiled, query: Query) -> Faces | None:
        reading = self._reading(workflow, faced_parts(workflow, query))
        ask = partial(faces_of, reading, workflow, query)
        return self._slow.timed(workflow, query, in_our_words(ask))

    @in_our_words
    def linked(self, side: LinkSide, task: str) -> Sequence[str]:
        found = object_id(task)
        return () if found is None else self._links.of(side, found)

    @in_our_words
    def crowded(self, side: LinkSide, targets: Sequence[str], most: int) -> frozenset[str]:
        return self._links.crowded(side, [ObjectId(target) for target in targets], most)

    def count(self, workflow: Compiled, where: Filter, *, estimate: bool = False) -> int:
        count, tasks = estimated if estimate else counted, self._of(workflow)
        asked = partial(count, tasks, compiled(where, workflow), self._query_ms)
        return self._slow.timed(workflow, Query(where=where), in_our_words(asked))

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
    def last_number(self, workflow: Compiled) -> int:
        counter = self._counters.find_one({"_id": workflow.workflow.uid})
        return 0 if counter is None else int(counter["n"])

    @in_our_words
    def reach_number(self, workflow: Compiled, number: int) -> None:
        self._counters.update_one(
            {"_id": workflow.workflow.uid}, {"$max": {"n": number}}, upsert=True
        )


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
