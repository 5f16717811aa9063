"""Values on their way from slot to slot, in bulk: no events, no revisions, only what moves.

Beside the values of a task, `cv` holds by slot a digest of what the value was made from and of the
value, until no older version can write into the task any more.
"""

from collections.abc import Iterator, Mapping, Sequence

from bson.objectid import ObjectId
from pymongo import UpdateOne
from pymongo.collection import Collection

from taskloom.engine.shifts import Held, Shift
from taskloom.schema.compiled import Compiled
from taskloom.storage.client import Database, Document, each_in_our_words, in_our_words
from taskloom.storage.documents import FACE, PRINT
from taskloom.storage.history import collection
from taskloom.storage.words import WORDS, tokens

MARKS = "cv"

_PARTS: Mapping[str, int] = {"uid": 1, "rev": 1, "sv": 1, "v": 1, MARKS: 1}
_BATCH = 100
_WINDOW = 5_000


class Shifts:
    """Fulfils `ShiftStore`."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def _of(self, workflow: Compiled) -> Collection[Document]:
        return self._database[collection(workflow)]

    def held(self, workflow: Compiled, after: str | None = None) -> Iterator[Held]:
        return each_in_our_words(self._held(workflow, after))

    def _held(self, workflow: Compiled, after: str | None) -> Iterator[Held]:
        seen, last = None, None if after is None else ObjectId(after)
        while seen is None or seen != last:
            seen = last
            where = {} if last is None else {"_id": {"$gt": last}}
            found = self._of(workflow).find(where, _PARTS, batch_size=_BATCH)
            # In pieces, as no cursor lives for ever.
            for document in found.sort("_id", 1).limit(_WINDOW):
                last = document["_id"]
                yield _read(document)
            if last is None:
                return

    @in_our_words
    def some(self, workflow: Compiled, tasks: Sequence[str]) -> Sequence[Held]:
        ids = [ObjectId(task) for task in tasks]
        return list(map(_read, self._of(workflow).find({"_id": {"$in": ids}}, _PARTS)))

    @in_our_words
    def shift(self, workflow: Compiled, shifts: Sequence[Shift]) -> bool:
        writes = [UpdateOne(_guard(shift), _update(workflow, shift)) for shift in shifts]
        result = self._of(workflow).bulk_write(writes, ordered=False)
        return result.matched_count == len(writes)

    @in_our_words
    def count(self, workflow: Compiled, slots: Sequence[str]) -> Mapping[str, int]:
        tasks = self._of(workflow)
        return {slot: tasks.count_documents({f"v.{slot}": {"$exists": True}}) for slot in slots}

    @in_our_words
    def purge(self, workflow: Compiled, slot: str) -> None:
        path = f"v.{slot}"
        self._of(workflow).update_many({path: {"$exists": True}}, {"$unset": {path: "", FACE: ""}})


def _read(document: Document) -> Held:
    return Held(
        id=str(document["_id"]),
        uid=document.get("uid"),
        rev=document["rev"],
        version=document["sv"],
        values=document.get("v") or {},
        marks=document.get(MARKS) or {},
    )


def _guard(shift: Shift) -> Document:
    return {"_id": ObjectId(shift.task), "rev": shift.rev}


def _update(workflow: Compiled, shift: Shift) -> Document:
    written: Document = {
        **{f"v.{slot}": value for slot, value in shift.put.items()},
        **{f"{MARKS}.{slot}": mark for slot, mark in shift.marks.items()},
    }
    removed = [
        *(f"v.{slot}" for slot in shift.drop),
        *(f"{MARKS}.{slot}" for slot in shift.unmark),
        FACE,
    ]
    if shift.words is not None:
        _put(WORDS, tokens(workflow, shift.words), written, removed)
    if shift.stamp is not None:
        written["sv"] = shift.stamp
        # What was last asked of the task was asked of an older version.
        removed.append(PRINT)
    parts = {"$set": written, "$unset": dict.fromkeys(removed, "")}
    return {operator: part for operator, part in parts.items() if part}


def _put(name: str, words: Sequence[str], written: Document, removed: list[str]) -> None:
    if words:
        written[name] = words
    else:
        removed.append(name)
