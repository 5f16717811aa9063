"""Counts of requests in MongoDB: one document a credential, which goes when it is not used."""

from datetime import UTC, datetime, timedelta
from typing import cast

from pymongo import IndexModel, ReturnDocument, WriteConcern
from pymongo.errors import DuplicateKeyError

from taskloom.engine.ports import Hits
from taskloom.model.task import Moment
from taskloom.storage.client import Database, Document, in_our_words

_MINUTE = 60_000
_DAY = 24 * 60 * _MINUTE
_KEPT = timedelta(days=2)


class Throttle:
    """Fulfils `ThrottleStore`; a count that a crash loses harms nobody, so none waits for disks."""

    def __init__(self, database: Database) -> None:
        self._counts = database["throttle"].with_options(write_concern=WriteConcern(1))

    @in_our_words
    def prepare(self) -> None:
        """Make the index that lets old counts go; harmless to repeat."""
        self._counts.create_indexes([IndexModel("until", name="tl_until", expireAfterSeconds=0)])

    @in_our_words
    def hit(self, credential: str, at: Moment) -> tuple[Hits, Hits]:
        """Count a request in one atomic step."""
        until = datetime.fromtimestamp(at / 1000, UTC) + _KEPT
        parts = {"minute": _counted("minute", at, _MINUTE), "day": _counted("day", at, _DAY)}
        update: list[Document] = [{"$set": {**parts, "until": until}}]
        try:
            found = self._update(credential, update)
        except DuplicateKeyError:
            # Another request of this credential made the document just now.
            found = self._update(credential, update)
        return _hits(found["minute"]), _hits(found["day"])

    def _update(self, credential: str, update: list[Document]) -> Document:
        found = self._counts.find_one_and_update(
            {"_id": {"$eq": credential}},
            update,
            upsert=True,
            return_document=ReturnDocument.AFTER,
        )
        return cast(Document, found)


def _counted(window: str, at: Moment, length: int) -> Document:
    """Count one more in a window, or the first of a new one; clocks that differ never go back."""
    start = at - at % length
    goes_on = {"$gte": [f"${window}.start", start]}
    return {
        "start": {"$max": [f"${window}.start", start]},
        "count": {"$cond": [goes_on, {"$add": [f"${window}.count", 1]}, 1]},
    }


def _hits(window: Document) -> Hits:
    return Hits(start=window["start"], count=window["count"])
