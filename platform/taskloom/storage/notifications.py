"""Notifications in MongoDB: one document each, which goes when its time is over."""

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime

from pymongo import IndexModel
from pymongo.errors import BulkWriteError

from taskloom.model.notification import Notification
from taskloom.model.task import Moment
from taskloom.storage.client import Database, Document, each_in_our_words, in_our_words

_TAKEN = 11000
_BATCH = 100


class Notifications:
    """Fulfils `NotificationStore`; the id of a notification makes its document unique."""

    def __init__(self, database: Database) -> None:
        self._notifications = database["notifications"]

    @in_our_words
    def prepare(self) -> None:
        """Make the indexes; harmless to repeat."""
        self._notifications.create_indexes(
            [
                IndexModel([("user", 1), ("at", -1), ("_id", -1)], name="tl_user"),
                IndexModel("until", name="tl_until", expireAfterSeconds=0),
            ]
        )

    @in_our_words
    def insert_many(self, new: Sequence[Notification]) -> int:
        """Store those that nobody has stored yet: most are known, so it looks before it writes."""
        ids = [each.id for each in new]
        known = {found["_id"] for found in self._notifications.find({"_id": {"$in": ids}}, {})}
        documents = [_document(each) for each in new if each.id not in known]
        if not documents:
            return 0
        try:
            return len(self._notifications.insert_many(documents, ordered=False).inserted_ids)
        except BulkWriteError as error:
            if any(fault["code"] != _TAKEN for fault in error.details["writeErrors"]):
                raise
            return int(error.details["nInserted"])

    def every(self, workspace: str, user: str) -> Iterator[Notification]:
        """Yield them as they come."""
        mine = {"user": {"$eq": user}, "workspace": {"$eq": workspace}}
        found = self._notifications.find(mine, sort=[("at", -1), ("_id", -1)], batch_size=_BATCH)
        return each_in_our_words(_notification(document) for document in found)

    @in_our_words
    def mark_read(self, workspace: str, user: str, ids: Sequence[str]) -> int:
        """Mark them in one command."""
        mine = {"user": {"$eq": user}, "workspace": {"$eq": workspace}}
        update = {"$set": {"read": True}}
        return self._notifications.update_many(
            {"_id": {"$in": list(ids)}, **mine}, update
        ).matched_count


def _document(told: Notification) -> Document:
    return {
        "_id": told.id,
        "workspace": told.workspace,
        "user": told.user,
        "kind": told.kind,
        "workflow": told.workflow,
        "task": told.task,
        "date": told.date,
        "fields": sorted(told.fields),
        "at": told.at,
        "until": _time(told.until),
        "read": told.read,
    }


def _notification(document: Document) -> Notification:
    until = document["until"].replace(tzinfo=UTC)
    return Notification(
        id=document["_id"],
        workspace=document["workspace"],
        user=document["user"],
        kind=document["kind"],
        workflow=document["workflow"],
        task=document["task"],
        date=document["date"],
        fields=frozenset(document["fields"]),
        at=document["at"],
        until=int(until.timestamp()) * 1000,
        read=document["read"],
    )


def _time(at: Moment) -> datetime:
    return datetime.fromtimestamp(at // 1000, UTC)
