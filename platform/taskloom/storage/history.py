"""What happened to tasks: the newest events stand in the task, older ones in `history`.

An event in `history` is `{_id: event id, w: workflow uid, task, n, t, b, k, c}`; `n` counts a
task's events from 1. Events are copied there before they leave the task, so a reader who looks at
the task first and at `history` second finds each of them at least once.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence

from bson.objectid import ObjectId
from pymongo import IndexModel, InsertOne, ReplaceOne, UpdateOne
from pymongo.client_session import ClientSession
from pymongo.errors import BulkWriteError

from taskloom.engine.ports import Removal
from taskloom.errors import ASSIGNEE, STAGE
from taskloom.model.event import CREATED, LINK, Event
from taskloom.schema.compiled import Compiled
from taskloom.schema.slots import event_names
from taskloom.storage.client import Database, Document, in_our_words, is_duplicate
from taskloom.storage.documents import event_document, event_of

KEPT = 32
"""So many events stay in a task when the older ones are moved out."""

DROPPING = "dropping"
"""The collection that names deleted workflows whose tasks and events are not dropped yet."""

_WITH_EVENTS = {"rev": 1, "ev": 1, "v": 1, "stage": 1, "assignee": 1}
_ALL = [("w", 1), ("task", 1), ("n", 1)]
AT_ONCE = 1000
"""So many tasks are written by one command, so that few documents are held at a time."""


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
        numbered = by_number(found) if found else []
        moving = numbered[: max(0, len(numbered) - keep)]
        if not moving:
            return
        # A deletion at the same moment keeps more of the first event, which has to stay.
        kept = [
            UpdateOne({"_id": event}, {"$setOnInsert": copy}, upsert=True)
            for event, copy in _copies(workflow, task, moving)
        ]
        self._history.bulk_write(kept, ordered=False)
        ids = [event["i"] for _, event in moving]
        tasks.update_one({"_id": task}, {"$pull": {"ev": {"i": {"$in": ids}}}})

    @in_our_words
    def read(self, workflow: Compiled, task: ObjectId) -> Sequence[Event]:
        """Return a task's events, oldest first."""
        found = self._database[collection(workflow)].find_one({"_id": task}, _WITH_EVENTS)
        numbered = self._moved(workflow, task)
        if found is not None:
            # Events moved out since the task was read are later than what it held then.
            earlier = {n: event for n, event in numbered.items() if n <= found["rev"]}
            all_of_it = {**earlier, **dict(by_number(found))}
            numbered = _from_the_start(workflow, found, all_of_it)
        names = event_names(workflow.slots)
        return [event_of(event, names) for _, event in sorted(numbered.items())]

    def _moved(self, workflow: Compiled, task: ObjectId) -> dict[int, Document]:
        """Read a task's events that are here, by their numbers."""
        here = self._history.find({"w": workflow.workflow.uid, "task": task})
        return {moved["n"]: {**moved, "i": moved["_id"]} for moved in here}

    @in_our_words
    def lost(self, workflow: Compiled, events: Mapping[str, str]) -> frozenset[str]:
        """Find out which tasks, of these with the event of each, were not stored.

        Their events are nowhere: others may since have moved an event out, or deleted the task.
        """
        ids = [ObjectId(task) for task in events]
        found = self._database[collection(workflow)].find({"_id": {"$in": ids}}, {"ev.i": 1})
        stored = {event["i"] for document in found for event in document["ev"]}
        missing = {task: event for task, event in events.items() if event not in stored}
        moved = self._history.find({"_id": {"$in": list(missing.values())}}, {"_id": 1})
        there = {event["_id"] for event in moved}
        return frozenset(task for task, event in missing.items() if event not in there)

    def keep(self, workflow: Compiled, gone: Sequence[Removal]) -> None:
        """Copy the events of tasks that are about to be removed; harmless if they are not."""
        tasks = self._database[collection(workflow)]
        for start in range(0, len(gone), AT_ONCE):
            ids = [ObjectId(one.task.id) for one in gone[start : start + AT_ONCE]]
            copies: dict[str, Document] = {}
            for found in tasks.find({"_id": {"$in": ids}}, _WITH_EVENTS):
                copies.update(self._all(workflow, found))
            self._copy(copies)

    def _all(self, workflow: Compiled, found: Document) -> Iterator[tuple[str, Document]]:
        """Write out all events of a task, by their ids."""
        held = dict(by_number(found))
        if 1 not in held:
            held = {**self._moved(workflow, found["_id"]), **held}
        events = _from_the_start(workflow, found, held)
        return _copies(workflow, found["_id"], events.items())

    def _copy(self, copies: Mapping[str, Document]) -> None:
        """Store events, most of which are new here: to insert costs a fraction of an upsert."""
        found = self._history.find({"_id": {"$in": list(copies)}}, {"_id": 1})
        here = {event["_id"] for event in found}
        writes = [
            ReplaceOne({"_id": event}, copy) if event in here else InsertOne({"_id": event, **copy})
            for event, copy in copies.items()
        ]
        try:
            if writes:
                self._history.bulk_write(writes, ordered=False)
        except BulkWriteError as error:
            # Who copied some of them at the same moment copied the same.
            if not is_duplicate(error):
                raise

    def bury(
        self, workflow: Compiled, gone: Sequence[Removal], session: ClientSession
    ) -> frozenset[str]:
        """Remove tasks whose events are kept within a transaction, and keep the last ones.

        Returns the ids of those that are not any more as they are to be removed.
        """
        tasks = self._database[collection(workflow)]
        left: set[str] = set()
        for start in range(0, len(gone), AT_ONCE):
            asked = {ObjectId(one.task.id): one for one in gone[start : start + AT_ONCE]}
            found = tasks.find({"_id": {"$in": list(asked)}}, {"rev": 1}, session=session)
            there = [one["_id"] for one in found if one["rev"] == asked[one["_id"]].task.rev]
            left |= {str(task) for task in asked.keys() - set(there)}
            if not there:
                continue
            # What another changes from here on makes the transaction fail.
            tasks.delete_many({"_id": {"$in": there}}, session=session)
            ends = [
                {"_id": event, **copy}
                for task in there
                for event, copy in _copies(workflow, task, [_end(asked[task])])
            ]
            self._history.insert_many(ends, ordered=False, session=session)
        return frozenset(left)


def collection(workflow: Compiled) -> str:
    """Name the collection of a workflow's tasks."""
    return collection_of(workflow.workflow.uid)


def collection_of(workflow: str) -> str:
    """Name the collection of the tasks of the workflow with this `uid`."""
    return f"tasks_{workflow}"


def _from_the_start(
    workflow: Compiled, held: Document, events: Mapping[int, Document]
) -> dict[int, Document]:
    """Let the first event tell what the task began with, for which all events are needed."""
    first = events.get(1)
    linked = first.get("c", []) if first is not None else []
    told = any(not field.startswith(LINK) for field, _, _ in linked)
    if first is None or first["k"] != CREATED or told:
        return dict(events)
    assigned = held.get("assignee", [])
    assigned = [assigned] if isinstance(assigned, str) else assigned
    start = {**held.get("v", {}), STAGE: held["stage"], ASSIGNEE: assigned}
    for number in sorted(events, reverse=True):
        start.update({field: old for field, old, _ in events[number].get("c", ())})
    assigned = start.pop(ASSIGNEE)
    in_order = [*workflow.fields, *(field for field in start if field not in workflow.fields)]
    changes = [
        [field, None, start[field]]
        for field in in_order
        if start.get(field) is not None and not field.startswith(LINK)
    ]
    changes += [[ASSIGNEE, [], assigned]] if assigned else []
    return {**events, 1: {**first, "c": [*changes, *linked]}}


def _end(gone: Removal) -> tuple[int, Document]:
    return gone.task.rev + 1, event_document(gone.event)


def by_number(document: Document) -> list[tuple[int, Document]]:
    """Number the events that a task holds."""
    events = document["ev"]
    first = document["rev"] - len(events) + 1
    return list(enumerate(events, start=first))


def _copies(
    workflow: Compiled, task: object, events: Iterable[tuple[int, Document]]
) -> Iterator[tuple[str, Document]]:
    """Yield the ids of events, and how they look here."""
    for number, event in events:
        parts = {part: value for part, value in event.items() if part != "i"}
        yield event["i"], {"w": workflow.workflow.uid, "task": task, "n": number, **parts}
