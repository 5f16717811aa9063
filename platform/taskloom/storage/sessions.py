"""Sign-ins of the web app in MongoDB: one document each, which goes when it is not used.

A session is `{_id: digest, ws, user, cred, epoch, until}`.
"""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

from pymongo import IndexModel

from taskloom.model.imports import Holder
from taskloom.model.session import Session
from taskloom.model.task import Moment
from taskloom.storage.client import Database, Document, in_our_words
from taskloom.storage.generation import Fresh, Generation

_START = datetime.fromtimestamp(0, UTC)


class Sessions:
    """Fulfils `SessionStore`; what it finds it remembers for less than a second."""

    def __init__(self, database: Database, *, generation: Generation) -> None:
        self._sessions = database["sessions"]
        self._generation = generation
        self._by_id: Fresh[str, Session] = Fresh(generation)

    @in_our_words
    def prepare(self) -> None:
        """Make the indexes; harmless to repeat."""
        self._sessions.create_indexes(
            [
                IndexModel("until", name="tl_until", expireAfterSeconds=0),
                IndexModel([("user", 1)], name="tl_user"),
            ]
        )

    @in_our_words
    def insert(self, session: Session) -> None:
        self._sessions.insert_one(_document(session))

    def find(self, session: str) -> Session | None:
        return self._by_id.get(session, lambda: self._load(session))

    @in_our_words
    def _load(self, session: str) -> Session | None:
        found = self._sessions.find_one({"_id": {"$eq": session}})
        return None if found is None else _session(found)

    @in_our_words
    def prolong(self, session: Session, until: Moment) -> None:
        later = {"$max": {"until": _time(until)}}
        with self._generation.bumped():
            self._sessions.update_one({"_id": session.id}, later)

    @in_our_words
    def renew(self, session: Session, epoch: int) -> None:
        renewed = _document(replace(session, held=replace(session.held, epoch=epoch)))
        with self._generation.bumped():
            self._sessions.replace_one({"_id": session.id}, renewed)
            self._sessions.delete_many({"user": session.held.user, "_id": {"$ne": session.id}})

    @in_our_words
    def end(self, session: str) -> None:
        with self._generation.bumped():
            self._sessions.delete_one({"_id": {"$eq": session}})


def _document(session: Session) -> Document:
    return {
        "_id": session.id,
        "ws": session.workspace,
        "user": session.held.user,
        "cred": session.held.credential,
        "epoch": session.held.epoch,
        "until": _time(session.until),
    }


def _session(document: Document) -> Session:
    held = Holder(
        user=document["user"],
        credential=document["cred"],
        scopes=None,
        epoch=document["epoch"],
    )
    until = document["until"].replace(tzinfo=UTC) - _START
    return Session(
        id=document["_id"],
        workspace=document["ws"],
        held=held,
        until=until // timedelta(milliseconds=1),
    )


def _time(at: Moment) -> datetime:
    return _START + timedelta(milliseconds=at)
