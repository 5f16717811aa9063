"""The feed, read from the database's own log: a change stream, opened anew for each question.

What happened before the stream of a reader begins is read task by task from where events are kept.
"""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from typing import Final

from bson.objectid import ObjectId
from bson.timestamp import Timestamp
from pymongo.errors import OperationFailure

from taskloom.model.event import DELETED, Event
from taskloom.model.feed import Happening, Mark, Stream, Stretch, Walk
from taskloom.schema.compiled import Compiled
from taskloom.schema.slots import event_names
from taskloom.storage.client import DOCUMENTS, Database, Document, in_our_words
from taskloom.storage.documents import event_of
from taskloom.storage.history import by_number, collection

_HISTORY: Final = "history"
_GONE: Final = frozenset({9, 15, 20, 136, 260, 280, 286, 40647, 40649, 50796, 50811})
"""Codes of MongoDB for a place that is none, or that its log does not reach back to."""

_EARLIER_SECONDS: Final = 10
_TASKS_AT_ONCE: Final = 50
_ROWS_AT_ONCE: Final = 500
_PARTS: Final[Document] = {
    "ns.coll": 1,
    "documentKey": 1,
    "fullDocument.ev": 1,
    "fullDocument.task": 1,
    **dict.fromkeys((f"fullDocument.{part}" for part in ("_id", "w", "t", "b", "k", "m", "a")), 1),
    # What a write added to `ev` is called `ev.` with a number, or all of `ev` is written anew.
    "added": {
        "$first": {
            "$filter": {
                "input": {"$objectToArray": "$updateDescription.updatedFields"},
                "cond": {"$regexMatch": {"input": "$$this.k", "regex": r"^ev(\.|$)"}},
            }
        }
    },
}


class Feed:
    """Fulfils `FeedStore`; `query_ms` is what the server may spend on one question."""

    def __init__(self, database: Database, *, query_ms: int) -> None:
        self._database = database
        self._query_ms = query_ms

    @in_our_words
    def read(self, workflows: Sequence[Compiled], mark: Mark, limit: int) -> Stretch | None:
        if isinstance(mark, Walk):
            return self._walked(workflows, mark, limit)
        try:
            return self._streamed(workflows, mark, limit)
        except OperationFailure as error:
            if error.code not in _GONE:
                raise
            return None

    def _streamed(self, workflows: Sequence[Compiled], mark: Stream, limit: int) -> Stretch:
        """Ask once for what the log holds behind a place: so much of it as is there now."""
        by_name = {collection(workflow): workflow for workflow in workflows}
        found = self._database.command(
            {
                "aggregate": 1,
                "pipeline": [
                    {"$changeStream": _from(mark)},
                    {"$match": _told(by_name)},
                    {"$project": _PARTS},
                ],
                "cursor": {"batchSize": limit + 1},
                "maxTimeMS": self._query_ms,
            },
            codec_options=DOCUMENTS,
        )["cursor"]
        if found["id"]:
            name = found["ns"].partition(".")[2]
            with suppress(OperationFailure):
                self._database.command({"killCursors": name, "cursors": [found["id"]]})
        batch: list[Document] = found["firstBatch"]
        more = len(batch) > limit
        read = batch[:limit]
        place = read[-1]["_id"] if more else found["postBatchResumeToken"]
        happenings = (_happening(change, by_name) for change in read)
        return Stretch(
            happenings=tuple(one for one in happenings if one.event.at >= mark.since),
            next=Stream(place=place["_data"], since=mark.since),
            more=more,
        )

    def _walked(self, workflows: Sequence[Compiled], mark: Walk, limit: int) -> Stretch:
        """Go on behind a task until there is enough; the stream follows the last workflow."""
        left = sorted(workflows, key=lambda each: each.workflow.uid)
        for workflow in left:
            uid = workflow.workflow.uid
            if uid < mark.workflow:
                continue
            after = mark.task if uid == mark.workflow else Walk(until=0).task
            told: list[Happening] = []
            last = ""
            for task, events in self._tasks(workflow, ObjectId(after)):
                last = str(task)
                told += [
                    Happening(workflow=uid, task=last, event=event)
                    for event in events
                    if event.at < mark.until
                ]
                if len(told) >= limit:
                    break
            if last:
                behind = Walk(until=mark.until, workflow=uid, task=last)
                return Stretch(happenings=tuple(told), next=behind, more=True)
        return Stretch(happenings=(), next=Stream(since=mark.until), more=True)

    def _tasks(
        self, workflow: Compiled, after: ObjectId
    ) -> Iterator[tuple[ObjectId, Sequence[Event]]]:
        """Yield some tasks behind one, in the order of their ids, with all that happened to them.

        Tasks are looked at first and what was moved out of them second, so nothing is missed.
        """
        names = event_names(workflow.slots)
        tasks = self._database[collection(workflow)]
        held = tasks.find({"_id": {"$gt": after}}, {"rev": 1, "ev": 1}).sort("_id", 1)
        found = list(held.limit(_TASKS_AT_ONCE))
        behind = {"w": workflow.workflow.uid, "task": {"$gt": after}}
        order = [("task", 1), ("n", 1)]
        moved = list(self._database[_HISTORY].find(behind, sort=order, limit=_ROWS_AT_ONCE))
        ends = [found[-1]["_id"]] if len(found) == _TASKS_AT_ONCE else []
        events: dict[ObjectId, dict[int, Document]] = {}
        if len(moved) == _ROWS_AT_ONCE:
            cut = moved[-1]["task"]
            ends.append(cut)
            # Of the last one there may be more: it is read whole.
            moved = [row for row in moved if row["task"] != cut]
            whole = {"w": workflow.workflow.uid, "task": cut}
            moved += self._database[_HISTORY].find(whole, sort=order)
        for row in moved:
            events.setdefault(row["task"], {})[row["n"]] = {**row, "i": row["_id"]}
        for document in found:
            events.setdefault(document["_id"], {}).update(by_number(document))
        for task in sorted(events):
            if ends and task > min(ends):
                return
            yield task, [event_of(event, names) for _, event in sorted(events[task].items())]


def _from(mark: Stream) -> Document:
    """Say where a stream begins: at its place, at the moment it tells from, or now."""
    if mark.place:
        return {"resumeAfter": {"_data": mark.place}}
    if mark.since:
        return {"startAtOperationTime": Timestamp(mark.since // 1000 - _EARLIER_SECONDS, 1)}
    return {}


def _told(by_name: Mapping[str, Compiled]) -> Document:
    """Find the changes that have an event of their own: each write of a task, and its end.

    Others only move events, or the values of fields that got another kind.
    """
    tasks = {"ns.coll": {"$in": list(by_name)}}
    uids = [workflow.workflow.uid for workflow in by_name.values()]
    return {
        "$or": [
            {**tasks, "operationType": "insert", "fullDocument.rev": 1},
            {
                **tasks,
                "operationType": "update",
                "updateDescription.updatedFields.rev": {"$exists": True},
            },
            {
                "ns.coll": _HISTORY,
                "operationType": "insert",
                "fullDocument.k": DELETED,
                "fullDocument.w": {"$in": uids},
            },
        ]
    }


def _happening(change: Document, by_name: Mapping[str, Compiled]) -> Happening:
    name = change["ns"]["coll"]
    if name == _HISTORY:
        end = change["fullDocument"]
        event = event_of({**end, "i": end["_id"]})
        return Happening(workflow=end["w"], task=str(end["task"]), event=event)
    workflow = by_name[name]
    event = event_of(_newest(change), event_names(workflow.slots))
    task = str(change["documentKey"]["_id"])
    return Happening(workflow=workflow.workflow.uid, task=task, event=event)


def _newest(change: Document) -> Document:
    """Return the event that a write added to its task."""
    added = change["added"]["v"] if change.get("added") else change["fullDocument"]["ev"]
    newest: Document = added[-1] if isinstance(added, list) else added
    return newest
