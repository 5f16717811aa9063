"""Sessions in the database: found until they end, on every process."""

from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from taskloom.model.imports import Holder
from taskloom.model.session import Session
from taskloom.storage.client import Database
from taskloom.storage.generation import Generation
from taskloom.storage.sessions import Sessions
from taskloom.storage.stores import Stores

UNTIL = 1_900_000_000_123


def session(name: str, user: str = "ann") -> Session:
    held = Holder(user=user, credential=f"user:{user}", scopes=None, epoch=2)
    return Session(id=name, workspace="main", held=held, until=UNTIL)


@pytest.fixture
def sessions(stores: Stores) -> Sessions:
    """The store of this process."""
    return stores.sessions


@pytest.fixture
def elsewhere(database: Database, tmp_path: Path) -> Sessions:
    """The store of another process of this machine."""
    return Sessions(database, generation=Generation(tmp_path / "generation"))


def test_a_session_comes_back_as_it_was(sessions: Sessions, elsewhere: Sessions) -> None:
    sessions.insert(session("a"))

    assert [session("a"), session("a")] == [sessions.find("a"), elsewhere.find("a")]
    assert None is sessions.find("b")


def test_a_session_that_ended_is_gone_everywhere_at_once(
    sessions: Sessions, elsewhere: Sessions
) -> None:
    for name in "ab":
        sessions.insert(session(name))
        assert elsewhere.find(name) is not None

    sessions.end("a")
    sessions.end("none")

    assert [None, session("b")] == [elsewhere.find(name) for name in "ab"]


def test_a_session_is_only_ever_prolonged(sessions: Sessions, elsewhere: Sessions) -> None:
    sessions.insert(session("a"))

    sessions.prolong(session("a"), UNTIL + 5)
    sessions.prolong(session("a"), UNTIL + 3)
    sessions.prolong(session("gone"), UNTIL + 3)

    assert replace(session("a"), until=UNTIL + 5) == elsewhere.find("a")
    assert None is elsewhere.find("gone")


def test_renewing_one_session_ends_the_others_of_the_user(
    sessions: Sessions, elsewhere: Sessions
) -> None:
    for name, user in (("a", "ann"), ("b", "ann"), ("c", "bob")):
        sessions.insert(session(name, user))

    sessions.renew(session("a"), 3)
    sessions.renew(session("gone", "cid"), 3)

    renewed = replace(session("a"), held=replace(session("a").held, epoch=3))
    assert [renewed, None, session("c", "bob"), None] == [
        elsewhere.find(name) for name in ("a", "b", "c", "gone")
    ]


def test_the_database_itself_removes_what_is_over(sessions: Sessions, database: Database) -> None:
    sessions.insert(session("a"))

    index = database["sessions"].index_information()["tl_until"]
    (stored,) = database["sessions"].find()

    assert 0 == index["expireAfterSeconds"]
    moment = stored["until"].replace(tzinfo=UTC)
    assert datetime.fromtimestamp(UNTIL / 1000, UTC) == moment
