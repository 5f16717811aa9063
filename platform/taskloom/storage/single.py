"""Writes of one task that touch nothing else: most of all writes, and so by the shortest way."""

from bson.objectid import ObjectId
from pymongo.errors import DuplicateKeyError

from taskloom.engine.ports import Insertion, Replacement
from taskloom.schema.compiled import Compiled
from taskloom.storage.client import Database
from taskloom.storage.direct import Direct
from taskloom.storage.documents import task_document, update_document
from taskloom.storage.history import History, collection
from taskloom.storage.transactions import guard


class Single:
    """Stores a task; where it is left open what was done, the driver does it again.

    That is harmless: what was stored by then has the event of the write.
    """

    def __init__(self, database: Database, direct: Direct, history: History) -> None:
        self._database = database
        self._direct = direct
        self._history = history

    def insert(self, workflow: Compiled, new: Insertion) -> None:
        """Store a new task; raise `DuplicateKeyError`."""
        name, document = collection(workflow), task_document(workflow, new)
        if self._direct.insert(name, document):
            return
        try:
            self._database[name].insert_one(document)
        except DuplicateKeyError:
            if not self._is_stored(workflow, new.task.id, new.event.id):
                raise

    def replace(self, workflow: Compiled, change: Replacement) -> bool:
        """Store a change; False when the task is not as before. Raises `DuplicateKeyError`."""
        name, update = collection(workflow), update_document(workflow, change)
        where = guard(change.before)
        done = self._direct.update(name, where, update)
        if done is not None:
            return done
        if self._database[name].update_one(where, update).matched_count == 1:
            return True
        return self._is_stored(workflow, change.before.id, change.event.id)

    def _is_stored(self, workflow: Compiled, task: str, event: str) -> bool:
        """Tell whether a write took place after all; wait then until the majority has it."""
        if self._history.lost(workflow, {task: event}):
            return False
        # What changes nothing waits for the majority too.
        nothing = {"_id": ObjectId(task), "rev": -1}
        self._database[collection(workflow)].update_one(nothing, {"$set": {"rev": -1}})
        return True
