"""API keys over the real store: whose they are, what they open, and for how long."""

from pathlib import Path

import pytest

from taskloom.errors import Conflict, Forbidden, Invalid, NotFound, Unauthenticated
from taskloom.model.people import Actor
from taskloom.storage.client import Database
from tests.unit.engines import Office, codes, member, open_office

READING = frozenset({"task:read"})


@pytest.fixture
def office(database: Database, tmp_path: Path) -> Office:
    return open_office(database, tmp_path)


def test_keys_are_for_a_user_by_id_or_email_or_for_the_workspace(office: Office) -> None:
    engine = office.engine
    user = engine.users.create(office.admin, " Ann@example.com ", name=" Ann ", role="manager")

    by_id = engine.keys.create(office.admin, user=user.id, name="a")
    by_email = engine.keys.create(office.admin, user=" ANN@example.com")
    for_all = engine.keys.create(office.admin)

    for new in (by_id, by_email):
        assert engine.people.authenticate(new.secret) == Actor(
            workspace=user.workspace,
            user=user.id,
            role="manager",
            credential=f"key:{new.key.id}",
        )
    assert engine.people.authenticate(for_all.secret) == Actor(
        workspace=user.workspace, user=None, role="admin", credential=f"key:{for_all.key.id}"
    )
    assert {by_id.key, by_email.key, for_all.key} <= set(engine.keys.every(office.admin))
    with pytest.raises(Conflict):
        engine.keys.create(office.admin, secret=by_id.secret)


def test_an_actor_has_what_their_user_has_in_workflows(office: Office) -> None:
    ann = member(office, "ann@example.com")
    assert ann.user is not None
    directory, secret = office.ports.directory, office.engine.keys.create
    key = secret(office.admin, user=ann.user).secret
    directory.leave(ann.workspace, ann.user, "left")
    directory.give_role(ann.workspace, ann.user, "stayed", "clerk")

    actor = office.engine.people.authenticate(key)

    assert (frozenset({"left"}), {"stayed": "clerk"}) == (actor.left, actor.roles)


def test_scopes_narrow_what_a_key_opens(office: Office) -> None:
    new = office.engine.keys.create(office.admin, scopes=["task:read"])

    actor = office.engine.people.authenticate(new.secret)

    assert READING == new.key.scopes == actor.scopes
    assert new.key in office.engine.keys.every(office.admin)
    with pytest.raises(Forbidden) as refused:
        office.engine.keys.create(actor)
    assert "scope" == refused.value.details["verb"]


def test_a_key_that_cannot_be_is_told_with_every_fault(office: Office) -> None:
    keys = office.engine.keys
    with pytest.raises(Invalid) as refused:
        keys.create(office.admin, user="stranger@example.com", scopes=["task:read", "task:all"])
    assert {("user", "no_such_user"), ("scopes", "invalid")} == codes(refused)
    assert ["scopes", 1] in [list(fault.path) for fault in refused.value.faults]
    with pytest.raises(Invalid) as refused:
        keys.create(office.admin, scopes=[])
    assert {("scopes", "too_few")} == codes(refused)


def test_a_revoked_key_and_none_at_all_open_nothing(office: Office) -> None:
    keys = office.engine.keys
    key = keys.create(office.admin)
    keys.delete(office.admin, key.key.id)

    for secret in (key.secret, "", "tl_\ud800", "a.b.c", "tl_" + "." * 2):
        with pytest.raises(Unauthenticated) as refused:
            office.engine.people.authenticate(secret)
        assert "invalid" == refused.value.details["reason"]
    with pytest.raises(NotFound):
        keys.delete(office.admin, key.key.id)


def test_a_key_of_a_user_who_is_gone_opens_nothing(office: Office, database: Database) -> None:
    ann = member(office, "ann@example.com")
    key = office.engine.keys.create(office.admin, user=ann.user)
    database["users"].delete_one({"_id": ann.user})

    with pytest.raises(Unauthenticated) as refused:
        office.engine.people.authenticate(key.secret)
    assert "invalid" == refused.value.details["reason"]


def test_a_key_may_look_like_a_token(office: Office) -> None:
    secret = "tl_a.b." + "c" * 40
    office.engine.keys.create(office.admin, secret=secret)

    assert office.engine.people.authenticate(secret).is_admin


def test_only_admins_see_and_change_keys(office: Office) -> None:
    boss = member(office, "boss@example.com", role="manager")
    keys = office.engine.keys
    for act in (
        lambda: keys.every(boss),
        lambda: keys.create(boss),
        lambda: keys.create(boss, user=boss.user),
        lambda: keys.delete(boss, "0" * 24),
    ):
        with pytest.raises(Forbidden):
            act()
