"""Tokens over the real store: what they open, when they end, and what is no token of ours."""

import base64
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import jwt
import pytest

from taskloom.engine.keys import SCOPES
from taskloom.engine.tokens import GRANT_SECONDS, SESSION_SECONDS
from taskloom.errors import Invalid, NotFound, Unauthenticated
from taskloom.model.people import Actor, User
from taskloom.storage.client import Database
from tests.unit.engines import Office, codes, open_office

PASSWORD = "right"
READING = frozenset({"task:read"})
BOTH = frozenset(SCOPES)


@pytest.fixture
def office(database: Database, tmp_path: Path) -> Office:
    return open_office(database, tmp_path)


@pytest.fixture
def ann(office: Office) -> User:
    return office.engine.users.create(office.admin, "ann@example.com", password=PASSWORD)


def token_of(office: Office, user: User) -> str:
    return office.engine.people.sign_in(user.email, PASSWORD).token


def opens(office: Office, token: str) -> Actor:
    return office.engine.people.authenticate(token)


def reason(office: Office, token: str) -> object:
    with pytest.raises(Unauthenticated) as refused:
        office.engine.people.authenticate(token)
    return refused.value.details["reason"]


def said(token: str) -> dict[str, Any]:
    found: dict[str, Any] = jwt.decode(token, options={"verify_signature": False})
    return found


def part(data: object) -> str:
    text = data if isinstance(data, str) else json.dumps(data)
    return base64.urlsafe_b64encode(text.encode()).decode().rstrip("=")


def test_a_sign_in_gives_a_token_for_that_user_with_the_role_of_the_moment(
    office: Office, ann: User
) -> None:
    token = token_of(office, ann)
    office.engine.users.update(office.admin, ann.id, role="manager")

    assert opens(office, token) == Actor(
        workspace=ann.workspace, user=ann.id, role="manager", credential=f"user:{ann.id}"
    )
    claims = said(token)
    assert {"ws", "sub", "epoch", "iat", "exp"} == set(claims)
    assert SESSION_SECONDS == claims["exp"] - claims["iat"] == 7 * 24 * 60 * 60


def test_a_token_ends_with_its_time(office: Office, ann: User) -> None:
    token = token_of(office, ann)

    office.clock.now = said(token)["exp"] * 1000 - 10
    assert ann.id == opens(office, token).user
    office.clock.now = said(token)["exp"] * 1000 - 1
    assert "expired" == reason(office, token)


def test_a_new_password_ends_all_tokens_and_the_renewed_one_is_good(
    office: Office, ann: User
) -> None:
    tokens = [token_of(office, ann) for _ in range(2)]
    actor = opens(office, tokens[0])

    office.engine.users.update(actor, ann.id, password="new")

    assert ["invalid", "invalid"] == [reason(office, token) for token in tokens]
    assert actor == opens(office, office.engine.people.renew(actor).token)
    assert actor == opens(office, office.engine.people.sign_in(ann.email, "new").token)


def test_other_changes_end_no_token(office: Office, ann: User) -> None:
    token = token_of(office, ann)

    office.engine.users.update(
        office.admin, ann.id, name="New", email="new@example.com", image="/a.png"
    )

    assert ann.id == opens(office, token).user


def test_with_a_user_the_tokens_go(office: Office, ann: User) -> None:
    token = token_of(office, ann)
    office.engine.users.delete(office.admin, ann.id)

    assert "invalid" == reason(office, token)


def test_a_token_is_good_for_its_own_database_only(
    office: Office, ann: User, tmp_path: Path
) -> None:
    token = token_of(office, ann)
    office.database["secrets"].delete_many({})
    another = open_office(office.database, tmp_path / "elsewhere")

    assert "invalid" == reason(another, token)


def forged(office: Office, token: str, changes: Mapping[str, object], key: bytes | None) -> str:
    """Sign other claims with another key, or with ours."""
    claims = {**said(token), **changes}
    return jwt.encode(claims, key or office.ports.directory.signing_key(), algorithm="HS256")


def test_a_forged_token_opens_nothing(office: Office, ann: User) -> None:
    token = token_of(office, ann)
    head, body, signature = token.split(".")
    ours = office.ports.directory.signing_key()
    boss = office.engine.users.every(office.admin)[0]
    with pytest.warns(jwt.InsecureKeyLengthWarning):
        longer = jwt.encode(said(token), ours, algorithm="HS512")
    for bad in (
        longer,
        jwt.encode(said(token), None, algorithm="none"),
        f"{part({'alg': 'none', 'typ': 'JWT'})}.{body}.",
        f"{part({'alg': 'none', 'typ': 'JWT'})}.{body}.{signature}",
        f"{part({'alg': 'HS512', 'typ': 'JWT'})}.{body}.{signature}",
        jwt.encode(said(token), ours * 2, algorithm="HS256"),
        jwt.encode(said(token), b"0" * 32, algorithm="HS256"),
        jwt.encode(said(token), ours * 2, algorithm="HS512"),
        f"{head}.{part({**said(token), 'sub': boss.id})}.{signature}",
        f"{head}.{body}.",
        f"{head}.{body}.{signature[:-2]}",
        f"{head}..{signature}",
        f"{part('[' * 100_000)}.{body}.{signature}",
        f"{part('1' * 5000)}.{body}.{signature}",
        f"{head}.{part('[' * 100_000)}.{signature}",
        f"{head}.é.\ud800",
        "..",
        "a.b.c",
    ):
        assert "invalid" == reason(office, bad)


def test_claims_that_we_never_make_open_nothing_though_signed(office: Office, ann: User) -> None:
    token = token_of(office, ann)
    other = office.engine.people.found("another", "boss@example.com")
    for changes in (
        {"ws": other.workspace.id},
        {"ws": "0" * 24},
        {"sub": other.admin.id},
        {"sub": "0" * 24},
        {"epoch": ann.epoch + 1},
        {"key": "0" * 24},
    ):
        assert "invalid" == reason(office, forged(office, token, changes, None))


def test_a_client_is_named_by_key_user_or_email(office: Office, ann: User) -> None:
    key = office.engine.keys.create(office.admin, user=ann.id)
    for client in (key.key.id, ann.id, "ann@example.com", " ANN@example.com"):
        granted = office.engine.people.exchange(client, key.secret, None)
        assert (GRANT_SECONDS, BOTH) == (granted.expires_in, granted.scopes)
        assert opens(office, granted.token) == opens(office, key.secret)


def test_a_client_of_the_workspace_acts_as_api(office: Office) -> None:
    key = office.engine.keys.create(office.admin)

    granted = office.engine.people.exchange(key.key.id, key.secret, READING)

    assert READING == granted.scopes
    assert opens(office, granted.token) == Actor(
        workspace=office.admin.workspace,
        user=None,
        role="admin",
        scopes=READING,
        credential=f"key:{key.key.id}",
    )


def test_a_wrong_client_or_secret_gets_nothing(office: Office, ann: User) -> None:
    mine = office.engine.keys.create(office.admin, user=ann.id)
    other = office.engine.keys.create(office.admin)
    for client, secret in (
        (mine.key.id, other.secret),
        (other.key.id, mine.secret),
        (ann.id, other.secret),
        ("", other.secret),
        ("None", other.secret),
        ("main@example.com", mine.secret),
        (mine.key.id, ""),
        (mine.key.id, mine.key.prefix),
        (mine.key.id, token_of(office, ann)),
    ):
        with pytest.raises(Unauthenticated) as refused:
            office.engine.people.exchange(client, secret, None)
        assert "invalid" == refused.value.details["reason"]


def test_a_client_gets_no_more_than_its_key_has(office: Office) -> None:
    key = office.engine.keys.create(office.admin, scopes=["task:read"])
    exchange = office.engine.people.exchange

    assert READING == exchange(key.key.id, key.secret, None).scopes
    assert READING == exchange(key.key.id, key.secret, frozenset()).scopes
    assert READING == opens(office, exchange(key.key.id, key.secret, None).token).scopes
    for scopes in (BOTH, frozenset({"task:all"}), frozenset({"task:write"})):
        with pytest.raises(Invalid) as refused:
            exchange(key.key.id, key.secret, scopes)
        assert {("scope", "invalid")} == codes(refused)


def test_a_clients_token_ends_with_its_time_its_key_and_its_user(office: Office, ann: User) -> None:
    keys = [office.engine.keys.create(office.admin, user=ann.id) for _ in range(2)]
    tokens = [office.engine.people.exchange(key.key.id, key.secret, None).token for key in keys]

    office.engine.keys.delete(office.admin, keys[0].key.id)
    assert "invalid" == reason(office, tokens[0])
    assert ann.id == opens(office, tokens[1]).user
    renewed = office.engine.people.renew(opens(office, tokens[1])).token
    office.clock.now += GRANT_SECONDS * 1000
    assert "expired" == reason(office, tokens[1])
    assert f"key:{keys[1].key.id}" == opens(office, renewed).credential
    office.engine.users.delete(office.admin, ann.id)
    assert "invalid" == reason(office, renewed)
    with pytest.raises(Unauthenticated):
        office.engine.people.exchange(keys[1].key.id, keys[1].secret, None)


def test_a_renewed_token_has_no_more_rights(office: Office, ann: User) -> None:
    key = office.engine.keys.create(office.admin, user=ann.id, scopes=["task:read"])
    actor = opens(office, key.secret)

    renewed = office.engine.people.renew(actor)

    assert (ann, actor) == (renewed.user, opens(office, renewed.token))
    with pytest.raises(NotFound):
        office.engine.people.renew(opens(office, office.engine.keys.create(office.admin).secret))
