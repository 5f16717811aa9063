"""Ports of what the web app needs beside all others: sessions of people and the feed of events."""

from collections.abc import Sequence
from typing import Protocol

from taskloom.model.feed import Mark, Stretch
from taskloom.model.session import Session
from taskloom.model.task import Moment
from taskloom.schema.compiled import Compiled


class SessionStore(Protocol):
    """Sign-ins of the web app; one that ended is no session any more within a second."""

    def insert(self, session: Session) -> None:
        """Store a new session."""

    def find(self, session: str) -> Session | None:
        """Return the session with this id, which may be over."""

    def prolong(self, session: Session, until: Moment) -> None:
        """Let a session end later, if it is still there."""

    def renew(self, session: Session, epoch: int) -> None:
        """Let a session stand for its user as of this epoch, and end all others of the user."""

    def end(self, session: str) -> None:
        """Remove the session with this id, if it is there."""


class FeedStore(Protocol):
    """What happens to tasks, in the order in which the database took it."""

    def read(self, workflows: Sequence[Compiled], mark: Mark, limit: int) -> Stretch | None:
        """Return what happened behind a mark to the tasks of these workflows.

        Who goes on at the `next` of each stretch is told of every event once. A `Stream` gives at
        most `limit`; a `Walk` tells all of a task at once, and so may give more. Founding events do
        not tell what the task began with, but may. None where the mark is not known, or too old.
        """
