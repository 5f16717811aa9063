"""Queries that took long, for `taskloom doctor`: which shape, how often, and what would help.

A shape says which fields are compared and sorted by, and nothing of values. A row of
`slow_queries` is `{_id, w: <uid of the workflow>, shape, hint, n, worst: <ms>, at: <ms>}`.
"""

import hashlib
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from typing import TypeVar

from taskloom.engine.upkeep import SlowQuery
from taskloom.errors import TaskloomError, TooSlow
from taskloom.query.serving import hint, shape
from taskloom.query.tree import Query
from taskloom.schema.compiled import Compiled
from taskloom.storage.client import Database, in_our_words

SLOW_QUERIES = "slow_queries"
SLOW_SECONDS = 0.3
MOST_SHAPES = 200
_PAUSE_SECONDS = 5.0

R = TypeVar("R")


class SlowQueries:
    """Watches queries; a note is made of one shape every few seconds at most."""

    def __init__(self, database: Database) -> None:
        self._noted = database[SLOW_QUERIES]
        self._last: dict[str, float] = {}

    @in_our_words
    def of(self, workflow: str) -> Sequence[SlowQuery]:
        """List the slow shapes of a workflow, by its `uid`, the slowest first."""
        return [
            SlowQuery(shape=row["shape"], hint=row["hint"], times=row["n"], worst=row["worst"])
            for row in self._noted.find({"w": workflow}).sort("worst", -1)
        ]

    def watched(self, workflow: Compiled, query: Query, found: Iterator[R]) -> Iterator[R]:
        """Pass on what a query finds; what counts is how long the first of it takes."""
        first = self.timed(workflow, query, lambda: next(found, _NOTHING))
        if first is not _NOTHING:
            yield first  # type: ignore[misc] # whatever is not `_NOTHING` came from `found`
            yield from found

    def timed(self, workflow: Compiled, query: Query, ask: Callable[[], R]) -> R:
        """Do what a query asks for; one that runs out of time is told what would help it."""
        began = time.perf_counter()
        try:
            return ask()
        except TooSlow as error:
            said = hint(query, workflow) or str(error.details.get("hint", ""))
            raise TooSlow(f"{error.message}; {said}", hint=said) from error
        finally:
            took = time.perf_counter() - began
            if took >= SLOW_SECONDS:
                self._note(workflow, query, took)

    def _note(self, workflow: Compiled, query: Query, took: float) -> None:
        spelt, uid = shape(query), workflow.workflow.uid
        row = hashlib.blake2b(f"{uid} {spelt}".encode(), digest_size=12).hexdigest()
        now = time.monotonic()
        if now - self._last.get(row, -_PAUSE_SECONDS) < _PAUSE_SECONDS:
            return
        self._last[row] = now
        # What was asked for is answered, whether a note can be made of it or not.
        with suppress(TaskloomError):
            self._store(row, {"w": uid, "shape": spelt, "hint": hint(query, workflow)}, took)

    @in_our_words
    def _store(self, row: str, said: dict[str, str], took: float) -> None:
        update = {
            "$set": {**said, "at": time.time_ns() // 1_000_000},
            "$max": {"worst": round(took * 1000)},
            "$inc": {"n": 1},
        }
        if self._noted.update_one({"_id": row}, update, upsert=True).upserted_id is None:
            return
        kept = self._noted.find({}, {"_id": 1}).sort("at", -1).skip(MOST_SHAPES)
        self._noted.delete_many({"_id": {"$in": [oldest["_id"] for oldest in kept]}})


_NOTHING = object()
