"""Linked tasks: one document a pair, so that both sides of a link always agree.

A pair is `{_id, l, a, b, a1?, b1?}`: `l` names the link, `a` is a task of the workflow that
declares it, `b` one of the other. `a1` and `b1` stand where that task may be in one pair only;
unique indexes see to it.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TypeVar

from bson.objectid import ObjectId
from pymongo import IndexModel
from pymongo.client_session import ClientSession
from pymongo.errors import BulkWriteError

from taskloom.engine.ports import Relink
from taskloom.model.task import Row, Task
from taskloom.query.tree import Filter
from taskloom.schema.compiled import Compiled, LinkSide
from taskloom.storage.client import DUPLICATE, Database, Document
from taskloom.storage.documents import projection, reader, row_reader
from taskloom.storage.filters import compiled
from taskloom.storage.history import collection

R = TypeVar("R", Task, Row)

PAIRS = "links"

_ENDS = ("a", "b")
_IN_ORDER = {"at": 1, "_id": 1}


class Links:
    """The pairs of all links."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._pairs = database[PAIRS]

    def prepare(self) -> None:
        """Make the collection and its indexes; harmless to repeat."""
        once = [
            IndexModel(
                [(end, 1), ("l", 1)],
                name=f"tl_{end}1",
                unique=True,
                partialFilterExpression={f"{end}1": True},
            )
            for end in _ENDS
        ]
        pair = IndexModel([("a", 1), ("l", 1), ("b", 1)], name="tl_pair", unique=True)
        back = IndexModel([("b", 1), ("l", 1)], name="tl_back")
        self._pairs.create_indexes([pair, back, *once])

    def drop(self, workflow: str) -> None:
        """Forget all pairs of links from and to the workflow with this `uid`; reads every pair."""
        self._pairs.delete_many({"l": {"$regex": f"^([^/]*/)?{workflow}/"}})

    def forget(self, tasks: Sequence[ObjectId], session: ClientSession) -> None:
        """Remove all pairs of tasks that are removed within the same transaction."""
        named = {"$in": list(tasks)}
        self._pairs.delete_many({"$or": [{end: named} for end in _ENDS]}, session=session)

    def of(self, side: LinkSide, task: ObjectId) -> Sequence[str]:
        """Return the ids of all tasks linked to a task."""
        return [str(found) for found in self._held(side, task, None)]

    def crowded(self, side: LinkSide, targets: Sequence[ObjectId], most: int) -> frozenset[str]:
        """Return which tasks of the other side are linked to `most` tasks or more."""
        _, far = _near_and_far(side)
        pipeline: list[Document] = [
            {"$match": {far: {"$in": list(targets)}, "l": side.pairs}},
            {"$group": {"_id": f"${far}", "count": {"$sum": 1}}},
            {"$match": {"count": {"$gte": most}}},
        ]
        return frozenset(str(found["_id"]) for found in self._pairs.aggregate(pipeline))

    def _held(
        self, side: LinkSide, task: ObjectId, session: ClientSession | None
    ) -> list[ObjectId]:
        near, far = _near_and_far(side)
        found = self._pairs.find({near: task, "l": side.pairs}, {far: 1}, session=session)
        return [pair[far] for pair in found]

    def change(self, task: ObjectId, changes: Sequence[Relink], session: ClientSession) -> bool:
        """Link a task anew; False when it is not linked as it was, or a new target is gone.

        The transaction is of no use then.
        """
        # All are compared first: within one workflow, two may be the sides of the same link.
        return all(self._holds(task, one, session) for one in changes) and all(
            self._change(task, one, session) for one in changes
        )

    def _holds(self, task: ObjectId, change: Relink, session: ClientSession) -> bool:
        held = self._held(change.side, task, session)
        return set(held) == {ObjectId(target) for target in change.old}

    def _change(self, task: ObjectId, change: Relink, session: ClientSession) -> bool:
        near, far = _near_and_far(change.side)
        old, new = set(change.old), set(change.new)
        gone = [ObjectId(target) for target in old - new]
        added = [ObjectId(target) for target in new - old]
        if gone:
            left = {near: task, far: {"$in": gone}, "l": change.side.pairs}
            self._pairs.delete_many(left, session=session)
        return not added or self._add(task, change.side, added, session)

    def _add(
        self, task: ObjectId, side: LinkSide, added: Sequence[ObjectId], session: ClientSession
    ) -> bool:
        near, far = _near_and_far(side)
        if not side.shared:
            former = {far: {"$in": added}, "l": side.pairs}
            self._pairs.delete_many(former, session=session)
        if not self._touch(side.target, added, session):
            return False
        marks = _marks(side)
        pairs = [{near: task, far: target, "l": side.pairs, **marks} for target in added]
        try:
            self._pairs.insert_many(pairs, session=session)
        except BulkWriteError as error:
            if DUPLICATE in {fault["code"] for fault in error.details["writeErrors"]}:
                return False
            raise
        return True

    def _touch(self, target: Compiled, tasks: Sequence[ObjectId], session: ClientSession) -> bool:
        """Make sure that tasks are there, and that nobody removes them at the same moment."""
        touched = self._database[collection(target)].update_many(
            {"_id": {"$in": tasks}}, {"$inc": {"ln": 1}}, session=session
        )
        return touched.matched_count == len(tasks)


def _near_and_far(side: LinkSide) -> tuple[str, str]:
    return ("a", "b") if side.declared_here else ("b", "a")


def _marks(side: LinkSide) -> Document:
    """Mark the ends that may be in one pair only."""
    near, far = _near_and_far(side)
    once = {near: not side.many, far: not side.shared}
    return {f"{end}1": True for end, alone in once.items() if alone}


@dataclass(frozen=True, slots=True, kw_only=True)
class Joined:
    """How the links of tasks are read along with them: further stages of an aggregation."""

    stages: Sequence[Document] = ()
    targets: Mapping[str, tuple[str, Compiled]]

    def reader(self, read: Callable[[Document], Task]) -> Callable[[Document], Task]:
        """Make the function that reads a task with its links."""
        if not self.targets:
            return read
        links = self._links(reader)
        return lambda document: replace(read(document), links=links(document))

    def row_reader(self, read: Callable[[Document], Row]) -> Callable[[Document], Row]:
        """Make the function that reads a row with its links."""
        if not self.targets:
            return read
        links = self._links(row_reader)
        return lambda document: read(document)._replace(links=links(document))

    def _links(
        self, reading: Callable[[Compiled], Callable[[Document], R]]
    ) -> Callable[[Document], Mapping[str, tuple[R, ...]]]:
        readers = {name: (part, reading(target)) for name, (part, target) in self.targets.items()}
        return lambda document: {
            name: tuple(map(read, document[part])) for name, (part, read) in readers.items()
        }


def joined(workflow: Compiled, wanted: Mapping[str, Filter] | None) -> Joined:
    """Plan the reading of links, by name, each with which of the linked tasks are wanted."""
    sides = [side for side in workflow.linked if side.name in (wanted or {})]
    parts = {side.name: f"ln{number}" for number, side in enumerate(sides)}
    return Joined(
        stages=[_lookup(side, (wanted or {})[side.name], parts[side.name]) for side in sides],
        targets={side.name: (parts[side.name], side.target) for side in sides},
    )


def _lookup(side: LinkSide, where: Filter, name: str) -> Document:
    near, far = _near_and_far(side)
    target = side.target
    shown = frozenset(target.fields) if target.role.hidden else None
    matching: list[Document] = [
        {"$match": compiled(where, target)},
        {"$project": projection(target, shown)},
    ]
    through: list[Document] = [
        {"$match": {"l": side.pairs}},
        {
            "$lookup": {
                "from": collection(target),
                "localField": far,
                "foreignField": "_id",
                "pipeline": matching,
                "as": "task",
            }
        },
        {"$unwind": "$task"},
        {"$replaceRoot": {"newRoot": "$task"}},
        {"$sort": _IN_ORDER},
    ]
    return {
        "$lookup": {
            "from": PAIRS,
            "localField": "_id",
            "foreignField": near,
            "pipeline": through,
            "as": name,
        }
    }
