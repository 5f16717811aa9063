"""What a new version of a workflow leaves to be done: indexes to build, words to index anew.

A note for each workflow in `upkeep` tells how far that is: `search` says which fields' words are
indexed, `after` is the last task seen to, `round` counts from 1, `began` is when that was;
`faults` says by the name of an index why it could not be built.
"""

import time
from collections.abc import Callable, Iterable, Sequence

from pymongo import UpdateOne
from pymongo.errors import OperationFailure

from taskloom.engine.upkeep import Progress, State
from taskloom.schema.compiled import Compiled
from taskloom.storage.client import Database, Document, in_our_words, translated
from taskloom.storage.documents import projection, reader
from taskloom.storage.history import collection
from taskloom.storage.indexes import build, missing
from taskloom.storage.slow import SlowQueries
from taskloom.storage.words import WORDS, tokens

UPKEEP = "upkeep"
ROUNDS = 2
"""Writes that began before a version was stored may end after it, and know nothing of it.

So all tasks are seen to twice, the second time when such writes are over.
"""
SECOND_ROUND_MS = 60_000

BATCH = 500
_AT_ONCE_SECONDS = 2.0
_TRIES = 5


class Upkeep:
    """Fulfils `UpkeepStore`; a killed server leaves no more than work to go on with."""

    def __init__(self, database: Database, *, clock: Callable[[], float] = time.time) -> None:
        self._database = database
        self._notes = database[UPKEEP]
        self._slow = SlowQueries(database)
        self._clock = clock

    @in_our_words
    def state(self, workflow: Compiled) -> State:
        note = self._note(workflow)
        names = [str(model.document["name"]) for model in missing(self._database, workflow)]
        faults = {name: text for name, text in note.get("faults", {}).items() if name in names}
        return State(
            indexes=names,
            faults=faults,
            words=not _is_told(workflow, note),
            slow=self._slow.of(workflow.workflow.uid),
        )

    @in_our_words
    def go_on(self, workflow: Compiled) -> Progress:
        left = missing(self._database, workflow)
        faults: dict[str, str] = {}
        for model in left:
            try:
                build(self._database, workflow, model)
            except OperationFailure as error:
                if translated(error) is not error:
                    raise
                faults[str(model.document["name"])] = str(error)
                continue
            return "more"
        if left or self._note(workflow).get("faults"):
            self._write(workflow, {"faults": faults})
        if not self._words(workflow):
            return "more"
        return "failed" if faults else "done"

    def _note(self, workflow: Compiled) -> Document:
        return self._notes.find_one({"_id": workflow.workflow.uid}) or {}

    def _write(self, workflow: Compiled, noted: Document) -> None:
        self._notes.update_one({"_id": workflow.workflow.uid}, {"$set": noted}, upsert=True)

    def _words(self, workflow: Compiled) -> bool:
        """Index the words of some tasks anew where the fields searched changed; True when done."""
        note, now = self._note(workflow), int(self._clock() * 1000)
        if _is_told(workflow, note):
            if "search" not in note and workflow.workflow.search:
                self._write(workflow, {"search": _searched(workflow), "round": ROUNDS + 1})
            return True
        if note.get("search") != _searched(workflow):
            note = {"search": _searched(workflow), "after": None, "round": 1, "began": now}
        elif note["after"] is None and note["round"] > 1 and now < note["began"] + SECOND_ROUND_MS:
            return False
        end = time.monotonic() + _AT_ONCE_SECONDS
        note["after"] = self._batch(workflow, note["after"])
        while note["after"] is not None and time.monotonic() < end:
            note["after"] = self._batch(workflow, note["after"])
        note["round"] += note["after"] is None
        self._write(workflow, {name: note[name] for name in ("search", "after", "round", "began")})
        return _is_told(workflow, note)

    def _batch(self, workflow: Compiled, after: object) -> object:
        """See to the next tasks by id; return the last id, None when there is none any more."""
        tasks = self._database[collection(workflow)]
        where = {} if after is None else {"_id": {"$gt": after}}
        ids = [found["_id"] for found in tasks.find(where, {"_id": 1}).sort("_id", 1).limit(BATCH)]
        left: Sequence[object] = ids
        for _ in range(_TRIES):
            if not left:
                break
            left = self._told(workflow, left)
        return ids[-1] if ids else None

    def _told(self, workflow: Compiled, ids: Iterable[object]) -> Sequence[object]:
        """Write the words of tasks where they are others; return those that changed meanwhile."""
        tasks = self._database[collection(workflow)]
        parts = {**projection(workflow, frozenset(workflow.workflow.search)), WORDS: 1}
        read = reader(workflow)
        changed: dict[object, UpdateOne] = {}
        for document in tasks.find({"_id": {"$in": list(ids)}}, parts):
            words = tokens(workflow, read(document).values)
            if words == document.get(WORDS, []):
                continue
            update = {"$set": {WORDS: words}} if words else {"$unset": {WORDS: ""}}
            this = {"_id": document["_id"], "rev": document["rev"]}
            changed[document["_id"]] = UpdateOne(this, update)
        if not changed:
            return ()
        result = tasks.bulk_write(list(changed.values()), ordered=False)
        return () if result.matched_count == len(changed) else list(changed)


def _searched(workflow: Compiled) -> list[str]:
    return list(workflow.workflow.search)


def _is_told(workflow: Compiled, note: Document) -> bool:
    """Tell whether the words of all tasks are those that the workflow asks for."""
    if "search" not in note:
        return not workflow.workflow.search or workflow.workflow.version == 1
    return bool(note["search"] == _searched(workflow) and note["round"] > ROUNDS)
