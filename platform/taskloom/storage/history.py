"""What happened to tasks: the newest events stand in the task, older ones in `history`.

An event in `history` is `{_id: event id, w: workflow uid, task, n, t, b, k, c}`; `n` counts a
task's events from 1. Events are copied there before they leave the task, so a reader who looks at
the task first and at `history` second finds each of them at least once.
"""

from collections.abc import Iterable, Sequence

from bson.objectid import ObjectId
from pymongo import IndexModel, ReplaceOne
from pymongo.client_session import ClientSession

from taskloom.model.event import Event
from taskloom.model.task import Task
from taskloom.schema.compiled import Compiled
from taskloom.storage.client import Database, Document, in_our_words
from taskloom.storage.documents import event_document, event_of

KEPT = 32
"""So many events stay in a task when the older ones are moved out."""

DROPPING = "dropping"
"""The collection that names deleted workflows whose tasks and events are not dropped yet."""

_ALL = [("w", 1), ("task", 1), ("n", 1)]


class History:
    """The events of all tasks that no longer fit into them, and of deleted tasks."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._history = database["history"]

    def prepare(self) -> None:
        """Make the collection and its index; harmless to repeat."""
        self._history.create_indexes([IndexModel(_ALL, name="tl_task")])

    def drop(self, workflow: str) -> None:
        """Forget all events of the workflow, by its `uid`."""
        self._history.delete_many({"w": workflow})

    @in_our_words
    def overflow(self, workflow: Compiled, task: ObjectId, *, keep: int) -> None:
        """Move all but the newest events out of a task.

        Moving twice, or by two writers at once, or being killed in between, changes nothing: an
        event's id says which it is on both sides.
        """
        tasks = self._database[collection(workflow)]
        found = tasks.find_one({"_id": task}, {"rev": 1, "ev": 1})
        numbered = _numbered(found) if found else []
        moving = numbered[: max(0, len(numbered) - keep)]
        if not moving:
            return
        self._history.bulk_write(_copies(workflow, task, moving), ordered=False)
        ids = [event["i"] for _, event in moving]
        tasks.update_one({"_id": task}, {"$pull": {"ev": {"i": {"$in": ids}}}})

    @in_our_words
    def read(self, workflow: Compiled, task: ObjectId) -> Sequence[Event]:
        """Return a task's events, oldest first."""
        found = self._database[collection(workflow)].find_one({"_id": task}, {"rev": 1, "ev": 1})
        numbered = dict(_numbered(found)) if found else {}
        for moved in self._history.find({"w": workflow.workflow.uid, "task": task}):
            numbered[moved["n"]] = {**moved, "i": moved["_id"]}
        return [event_of(event) for _, event in sorted(numbered.items(), key=lambda item: item[0])]

    def holds(self, events: Sequence[str]) -> frozenset[str]:
        """Tell which of these events, by id, are here."""
        found = self._history.find({"_id": {"$in": list(events)}}, {"_id": 1})
        return frozenset(event["_id"] for event in found)

    def bury(self, workflow: Compiled, task: Task, last: Event, session: ClientSession) -> bool:
        """Remove a task within a transaction and keep its events and the last one."""
        tasks = self._database[collection(workflow)]
        guard = {"_id": ObjectId(task.id), "rev": task.rev}
        found = tasks.find_one_and_delete(guard, {"rev": 1, "ev": 1}, session=session)
        if found is None:
            return False
        events = [*_numbered(found), (task.rev + 1, event_document(last))]
        copies = _copies(workflow, guard["_id"], events)
        self._history.bulk_write(copies, ordered=False, session=session)
        return True


def collection(workflow: Compiled) -> str:
    """Name the collection of a workflow's tasks."""
    return collection_of(workflow.workflow.uid)


def collection_of(workflow: str) -> str:
    """Name the collection of the tasks of the workflow with this `uid`."""
    return f"tasks_{workflow}"


def _numbered(document: Document) -> list[tuple[int, Document]]:
    events = document["ev"]
    first = document["rev"] - len(events) + 1
    return list(enumerate(events, start=first))


def _copies(
    workflow: Compiled, task: object, events: Iterable[tuple[int, Document]]
) -> list[ReplaceOne[Document]]:
    return [
        ReplaceOne(
            {"_id": event["i"]},
            {
                "w": workflow.workflow.uid,
                "task": task,
                "n": number,
                **{part: value for part, value in event.items() if part != "i"},
            },
            upsert=True,
        )
        for number, event in events
    ]
