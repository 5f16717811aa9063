"""Sessions: how long they last, and what ends them."""

from pathlib import Path

import pytest

from taskloom.engine.sessions import LIFE_MS, token_of
from taskloom.errors import Invalid, Unauthenticated
from taskloom.storage.client import Database
from tests.unit.engines import Office, codes, open_office

HOUR = 60 * 60 * 1000


@pytest.fixture
def office(database: Database, tmp_path: Path) -> Office:
    """One workspace with its admin."""
    return open_office(database, tmp_path)


@pytest.fixture
def secret(office: Office) -> str:
    """The secret of a session of Ann."""
    office.engine.users.create(office.admin, "ann@example.com", password="correct horse")
    return office.engine.sessions.begin("ann@example.com", "correct horse").secret


def test_a_session_ends_fourteen_days_after_its_last_use(office: Office, secret: str) -> None:
    sessions = office.engine.sessions
    for _ in range(3):
        office.clock.now += LIFE_MS - HOUR
        assert sessions.actor(secret).user is not None

    office.clock.now += LIFE_MS

    with pytest.raises(Unauthenticated) as ended:
        sessions.actor(secret)
    assert "expired" == ended.value.details["reason"]


def test_a_session_in_use_is_written_once_an_hour_at_most(office: Office, secret: str) -> None:
    sessions, stored = office.engine.sessions, office.database["sessions"]
    (before,) = stored.find()

    office.clock.now += HOUR // 2
    sessions.actor(secret)
    (used,) = stored.find()
    office.clock.now += HOUR
    sessions.actor(secret)
    (later,) = stored.find()

    assert before == used
    assert later["until"] > used["until"]


def test_an_admin_who_sets_the_password_at_the_same_moment_ends_the_session(
    office: Office, secret: str
) -> None:
    sessions, users = office.engine.sessions, office.engine.users
    ann = sessions.actor(secret)
    passwords = sessions._passwords  # noqa: SLF001 - to get between its steps
    matches = passwords.matches

    def late(hashed: str | None, password: str) -> bool:
        found = matches(hashed, password)
        users.update(office.admin, ann.user or "", password="by the admin")
        return found

    passwords.matches = late  # type: ignore[method-assign] # as above
    sessions.change_password(secret, "correct horse", "my own")

    with pytest.raises(Unauthenticated):
        sessions.actor(secret)


def test_a_wrong_old_password_is_a_fault_of_its_own(office: Office, secret: str) -> None:
    sessions = office.engine.sessions

    with pytest.raises(Invalid) as told:
        sessions.change_password(secret, "wrong", "")

    assert {("old", "wrong")} == codes(told)


def test_every_session_has_a_token_of_its_own(office: Office, secret: str) -> None:
    other = office.engine.sessions.begin("ann@example.com", "correct horse").secret

    assert token_of(secret) == token_of(secret) != token_of(other)
    assert secret not in token_of(secret)
