"""Founding workspaces over the real store: whole or not at all."""

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from taskloom.errors import Conflict, Invalid
from taskloom.storage.client import Database
from tests.unit.engines import Office, codes, open_office

KEY = "tl_" + "k" * 40


@pytest.fixture
def office(database: Database, tmp_path: Path) -> Office:
    return open_office(database, tmp_path)


def test_a_founded_workspace_has_an_admin_whose_password_and_key_work(office: Office) -> None:
    people = office.engine.people
    founded = people.found("other", "Boss@example.com", secret=KEY)

    assert KEY == founded.secret
    assert founded.admin == people.sign_in(" boss@EXAMPLE.com", founded.password).user
    actor = people.authenticate(KEY)
    assert (founded.workspace.id, founded.admin.id, True) == (
        actor.workspace,
        actor.user,
        actor.is_admin,
    )
    assert founded.workspace == people.workspace(actor)
    assert [founded.admin] == list(office.engine.users.every(actor))


@pytest.mark.parametrize(
    ("name", "email", "key", "told"),
    [
        ("main", "new@example.com", None, "workspace 'main'"),
        ("new", "MAIN@example.com", None, "e-mail"),
        ("new", "new@example.com", KEY, "key"),
    ],
)
def test_a_workspace_that_cannot_be_founded_whole_is_not_founded_at_all(
    office: Office, name: str, email: str, key: str | None, told: str
) -> None:
    people = office.engine.people
    office.engine.keys.create(office.admin, secret=KEY)

    with pytest.raises(Conflict, match=told):
        people.found(name, email, secret=key)

    assert ["main"] == [workspace.name for workspace in people.workspaces()]
    assert "new" == people.found("new", "new@example.com").workspace.name


def test_what_cannot_be_founded_is_told_at_once(office: Office) -> None:
    people = office.engine.people
    with pytest.raises(Invalid) as refused:
        people.found("new", "new@example.com", secret="tl_short")
    assert {("key", "too_short")} == codes(refused)
    with pytest.raises(Invalid) as refused:
        people.found("new", "nobody")
    assert {("email", "invalid")} == codes(refused)


def test_of_many_who_found_one_workspace_at_once_one_succeeds(office: Office) -> None:
    def found(number: int) -> str:
        try:
            return office.engine.people.found("new", f"a{number % 3}@example.com").admin.email
        except Conflict:
            return ""

    with ThreadPoolExecutor(8) as pool:
        founded = [email for email in pool.map(found, range(8)) if email]

    assert 1 == len(founded)
    assert 2 == len(office.engine.people.workspaces())
