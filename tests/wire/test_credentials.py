"""What opens the API: keys and tokens, and nothing that only looks like one."""

import base64
import json
from collections.abc import Callable

import jwt
import pytest
from flask import Flask, request

from taskloom.engine.engine import Engine
from taskloom.errors import Unauthenticated
from taskloom.model.people import Actor
from taskloom.wire.auth import actor_of
from tests.wire.api import Api

ADMIN = "admin@example.com"


@pytest.fixture
def reason(app: Flask, engine: Engine) -> Callable[[dict[str, str]], object]:
    """Tell why headers open nothing."""

    def told(headers: dict[str, str]) -> object:
        with app.test_request_context(headers=headers):
            try:
                actor_of(request, engine)
            except Unauthenticated as error:
                return error.details["reason"]
        return None

    return told


@pytest.fixture
def admin(api: Api, engine: Engine) -> Actor:
    return engine.people.authenticate(api.key)


def test_why_nobody_is_known_is_told_apart(
    api: Api, engine: Engine, reason: Callable[[dict[str, str]], object]
) -> None:
    spent = jwt.decode(token_of(engine), options={"verify_signature": False})
    spent = {**spent, "iat": 1, "exp": 2}
    expired = jwt.encode(spent, signing_key(engine), algorithm="HS256")
    for header, expected in (
        (f"Bearer {api.key}", None),
        (f"  bearer   {api.key} ", None),
        ("", "missing"),
        ("Bearer", "missing"),
        ("Bearer  ", "missing"),
        ("Basic YTpi", "invalid"),
        (api.key, "invalid"),
        (f"Bearer {api.key}x", "invalid"),
        (f"Bearer {expired}", "expired"),
    ):
        assert expected == reason({"Authorization": header}), header
    assert "missing" == reason({})


def token_of(engine: Engine) -> str:
    return engine.people.sign_in(ADMIN, "secret").token


def signing_key(engine: Engine) -> bytes:
    return engine.people._ports.directory.signing_key()  # noqa: SLF001 - forging needs the key


def test_a_token_opens_what_a_key_of_the_user_opens(api: Api, engine: Engine) -> None:
    token = token_of(engine)

    assert api.get("/users", key=token).json == api.get("/users").json
    made = api.post("/keys", {"user": ADMIN}, key=token)
    assert 200 == api.get("/users", key=made.json["key"]).status


def test_forged_tokens_are_401(api: Api, engine: Engine) -> None:
    token = token_of(engine)
    head, body, signature = token.split(".")
    said = jwt.decode(token, options={"verify_signature": False})
    none = base64.urlsafe_b64encode(json.dumps({"alg": "none"}).encode()).decode().rstrip("=")
    other = engine.people.found("other", "boss@example.com")
    key = signing_key(engine)
    for forged in (
        jwt.encode(said, None, algorithm="none"),
        f"{none}.{body}.{signature}",
        jwt.encode(said, b"k" * 32, algorithm="HS256"),
        jwt.encode(said, key * 2, algorithm="HS512"),
        jwt.encode({**said, "ws": other.workspace.id}, key, algorithm="HS256"),
        jwt.encode({**said, "exp": 1}, key, algorithm="HS256"),
        jwt.encode({"ws": said["ws"], "sub": said["sub"]}, key, algorithm="HS256"),
        f"{head}.{body}.{signature[::-1]}",
        f"{head}.{body}.",
    ):
        answer = api.get("/users", key=forged)
        assert (401, {"error": "Unauthorized"}) == (answer.status, answer.json)
    assert 200 == api.get("/users", key=token).status


def test_a_token_ends_with_the_password_the_user_and_the_key(
    api: Api, engine: Engine, admin: Actor
) -> None:
    user = api.post(
        "/users", {"email": "ann@example.com", "password": "first", "role": "admin"}
    ).json["id"]
    first = engine.people.sign_in("ann@example.com", "first").token
    assert 200 == api.get("/users", key=first).status

    assert 200 == api.request("PATCH", f"/users/{user}", {"password": "second"}).status
    assert 401 == api.get("/users", key=first).status

    second = engine.people.sign_in("ann@example.com", "second").token
    made = api.post("/keys", {"user": user}).json
    granted = engine.people.exchange(made["id"], made["key"], None).token
    assert [200, 200] == [api.get("/users", key=each).status for each in (second, granted)]
    assert 204 == api.delete(f"/keys/{made['id']}").status
    assert [200, 401] == [api.get("/users", key=each).status for each in (second, granted)]

    assert 204 == api.delete(f"/users/{user}").status
    assert 401 == api.get("/users", key=second).status
