"""The last calls of the API in MongoDB: a document each, few of each workflow."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Final

from pymongo import IndexModel, WriteConcern

from taskloom.engine.callstore import MOST
from taskloom.model.call import Call
from taskloom.storage.client import Database, Document, in_our_words

_KEPT: Final = timedelta(days=7)
_NEWEST: Final = [("at", -1), ("_id", -1)]


class Calls:
    """Fulfils `CallStore`; none waits for disks."""

    def __init__(self, database: Database) -> None:
        self._calls = database["calls"].with_options(write_concern=WriteConcern(1))

    @in_our_words
    def prepare(self) -> None:
        """Make the indexes; harmless to repeat."""
        until = IndexModel("until", name="tl_until", expireAfterSeconds=0)
        self._calls.create_indexes([IndexModel([("w", 1), *_NEWEST], name="tl_newest"), until])

    @in_our_words
    def keep(self, workflow: str, calls: Sequence[Call]) -> None:
        if calls:
            self._calls.insert_many([_document(workflow, call) for call in calls], ordered=False)
        beyond = self._calls.find({"w": {"$eq": workflow}}, {"_id": 1}, sort=_NEWEST, skip=MOST)
        ids = [found["_id"] for found in beyond]
        if ids:
            self._calls.delete_many({"_id": {"$in": ids}})

    @in_our_words
    def last(self, workflow: str) -> Sequence[Call]:
        found = self._calls.find({"w": {"$eq": workflow}}, sort=_NEWEST, limit=MOST)
        return [_call(document) for document in found]


def _document(workflow: str, call: Call) -> Document:
    return {
        "_id": call.id,
        "w": workflow,
        "at": call.at,
        "by": call.by,
        "method": call.method,
        "path": call.path,
        "query": call.query,
        "status": call.status,
        "ms": call.ms,
        "request": call.request,
        "answer": call.answer,
        "until": datetime.fromtimestamp(call.at / 1000, UTC) + _KEPT,
    }


def _call(document: Document) -> Call:
    return Call(
        id=document["_id"],
        at=document["at"],
        by=document["by"],
        method=document["method"],
        path=document["path"],
        query=document["query"],
        status=document["status"],
        ms=document["ms"],
        request=document["request"],
        answer=document["answer"],
    )
