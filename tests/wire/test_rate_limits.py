"""Limits on requests, as a client of the native API meets them."""

from dataclasses import replace
from pathlib import Path

import pytest
from flask import Flask, request

from taskloom.app.composition import open_ports, policy_of
from taskloom.config import Settings, load
from taskloom.engine.engine import Engine, open_engine
from taskloom.storage.client import Database
from taskloom.wire.app import create_app
from taskloom.wire.auth import actor_of, usage_headers
from taskloom.wire.base import Limits
from tests.wire.api import Api, Reply
from tests.wire.conftest import KEY

# So far ahead that no count goes while a test runs.
DAY = 50_000 * 24 * 60 * 60
NOW = DAY * 1000 + 12_345


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    """Settings with a limit a minute and a larger one a day."""
    given = {"data_dir": str(tmp_path), "rate_per_minute": "3", "rate_per_day": "10"}
    return load(given, {})


@pytest.fixture
def engine(settings: Settings, database: Database) -> Engine:
    """An engine for which time stands still."""
    ports = replace(open_ports(settings, database), clock=lambda: NOW)
    return open_engine(ports, policy_of(settings))


def left(answer: Reply) -> tuple[int, str, str, str]:
    """Give status, limit, rest and reset."""
    names = ("Limit", "Remaining", "Reset")
    limit, rest, reset = (answer.headers[f"X-RateLimit-{name}"] for name in names)
    return answer.status, limit, rest, reset


def test_every_answer_tells_what_is_left_until_there_is_nothing(api: Api) -> None:
    whole = str(DAY + 60)
    made = api.post("/keys", {})
    wrong = api.delete("/keys/0")
    refused = api.post("/users", {})

    assert (201, "3", "2", whole) == left(made)
    assert (404, "3", "1", whole) == left(wrong)
    assert (422, "3", "0", whole) == left(refused)
    for _ in range(2):
        late = api.get("/workflows")
        assert (429, "3", "0", whole) == left(late)
        assert "48" == late.headers["Retry-After"]
        assert ["error"] == list(late.json)
    assert (200, "3", "2", whole) == left(api.get("/workflows", key=made.json["key"]))


def test_a_request_is_counted_once_however_often_it_is_asked_whose_it_is(
    app: Flask, engine: Engine
) -> None:
    with app.test_request_context(headers={"Authorization": f"Bearer {KEY}"}):
        assert actor_of(request, engine) == actor_of(request, engine)
        assert "2" == usage_headers(request)["X-RateLimit-Remaining"]
    with app.test_request_context(headers={"Authorization": f"Bearer {KEY}"}):
        actor_of(request, engine)
        assert "1" == usage_headers(request)["X-RateLimit-Remaining"]


def test_who_is_unknown_uses_nothing_up(api: Api) -> None:
    other = api.post("/keys", {}).json["key"]
    strangers = [api.get("/workflows", key=key) for key in (None, "tl_unknown", other[:-1])]

    assert (200, "3", "2", str(DAY + 60)) == left(api.get("/workflows", key=other))
    assert [401] * 3 == [answer.status for answer in strangers]
    for answer in strangers:
        assert answer.headers.get("X-RateLimit-Limit") is None


def test_all_tokens_of_a_user_share_one_limit_and_those_of_a_key_another(
    api: Api, engine: Engine
) -> None:
    people = engine.people
    actor = people.authenticate(api.key)
    key = engine.keys.create(actor)
    session = [people.sign_in("admin@example.com", "secret").token for _ in range(2)]
    granted = people.exchange(key.key.id, key.secret, None).token

    rest = [left(api.get("/workflows", key=each))[2] for each in (*session, granted, key.secret)]

    assert ["2", "1", "2", "1"] == rest


def test_the_day_may_end_before_the_minute(database: Database, tmp_path: Path) -> None:
    given = {"data_dir": str(tmp_path / "other"), "rate_per_day": "2"}
    settings = load(given, {})
    ports = replace(open_ports(settings, database), clock=lambda: NOW)
    engine = open_engine(ports, policy_of(settings))
    engine.people.found("main", "admin@example.com", secret=KEY)
    client = create_app(engine, Limits(max_body=1000, max_file=1000), lambda: True).test_client()

    answers = [
        client.get("/api/v1/workflows", headers={"Authorization": f"Bearer {KEY}"})
        for _ in range(3)
    ]

    assert [200, 200, 429] == [answer.status_code for answer in answers]
    assert ["1", "0", "0"] == [answer.headers["X-RateLimit-Remaining"] for answer in answers]
    assert {str(DAY + 24 * 60 * 60)} == {answer.headers["X-RateLimit-Reset"] for answer in answers}
    assert str(24 * 60 * 60 - 12) == answers[-1].headers["Retry-After"]
