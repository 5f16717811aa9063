"""Sessions of the web app: a cookie for the native API, and what proves that our page asks."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from http.cookies import Morsel, SimpleCookie
from typing import Any

import pytest
from flask import Flask
from werkzeug.test import Client

from taskloom.engine.engine import Engine
from taskloom.storage.client import Database
from taskloom.wire.app import create_app
from taskloom.wire.base import Limits
from taskloom.wire.lane import Lane
from tests.wire.api import Reply, sample
from tests.wire.conftest import KEY, Ask

SESSION = "/api/v1/session"
PASSWORD = f"{SESSION}/password"
TASKS = "/api/v1/workflows/sales-pipeline/tasks"
ADMIN = "admin@example.com"


def send(
    ask: Ask, method: str, path: str, data: object = None, headers: Mapping[str, str] | None = None
) -> Reply:
    body = None if data is None else json.dumps(data).encode()
    typed = {} if body is None else {"Content-Type": "application/json"}
    return ask(method, path, headers={**typed, **(headers or {})}, body=body)


def cookie_of(reply: Reply) -> Morsel[str]:
    cookies: SimpleCookie = SimpleCookie(reply.headers["Set-Cookie"])
    return cookies["taskloom_session"]


@dataclass(frozen=True, kw_only=True)
class Browser:
    """Somebody who is signed in: asks with the cookie and, unless told otherwise, the token."""

    ask: Ask
    cookie: str
    csrf: str

    def send(self, method: str, path: str, data: object = None, **headers: str) -> Reply:
        own = {"Cookie": f"other=1; taskloom_session={self.cookie}", "X-CSRF-Token": self.csrf}
        return send(self.ask, method, path, data, own | headers)

    def without_token(self) -> "Browser":
        return replace(self, csrf="")


def sign_in(ask: Ask, email: str = ADMIN, password: str = "secret") -> Browser:
    reply = send(ask, "POST", SESSION, {"email": email, "password": password})
    assert reply.status == 200, reply.body
    return Browser(ask=ask, cookie=cookie_of(reply).value, csrf=reply.json["csrf"])


@pytest.fixture
def browser(ask: Ask) -> Browser:
    """The first admin, signed in."""
    return sign_in(ask)


def user(engine: Engine, email: str, password: str, role: str = "member") -> str:
    actor = engine.people.authenticate(KEY)
    return engine.users.create(actor, email, role=role, password=password).id


# --- signing in ------------------------------------------------------------------------------


def test_signing_in_tells_who_it_is_and_gives_a_cookie_that_no_script_reads(ask: Ask) -> None:
    reply = send(ask, "POST", SESSION, {"email": "ADMIN@example.com", "password": "secret"})

    assert 200 == reply.status
    assert {"user", "workspace", "csrf"} == set(reply.json)
    told = reply.json["user"]
    assert (ADMIN, "admin") == (told["email"], told["role"])
    assert "main" == reply.json["workspace"]["name"]
    cookie = cookie_of(reply)
    assert cookie["httponly"]
    assert not cookie["secure"]
    assert ("Lax", "/", str(14 * 24 * 60 * 60)) == (
        cookie["samesite"],
        cookie["path"],
        cookie["max-age"],
    )
    assert "no-store" == reply.headers["Cache-Control"]


def test_the_session_answers_what_signing_in_did(ask: Ask) -> None:
    first = send(ask, "POST", SESSION, {"email": ADMIN, "password": "secret"})
    cookie = cookie_of(first).value

    again = send(ask, "GET", SESSION, headers={"Cookie": f"taskloom_session={cookie}"})

    assert (200, first.json) == (again.status, again.json)
    assert cookie == cookie_of(again).value


def test_nobody_else_signs_in(ask: Ask, database: Database) -> None:
    for email, password in ((ADMIN, "Secret"), (ADMIN, ""), ("x@example.com", "secret"), ("", "")):
        reply = send(ask, "POST", SESSION, {"email": email, "password": password})

        assert (401, {"error": "Unauthorized"}) == (reply.status, reply.json)
        assert "Set-Cookie" not in reply.headers
    assert 0 == database["sessions"].count_documents({})


def test_what_is_no_sign_in_is_refused_with_every_fault(ask: Ask) -> None:
    for sent, told in (
        ({}, {"email", "password"}),
        ([], {"base"}),
        ({"email": 1, "password": None}, {"email", "password"}),
        ({"email": "a", "x": 1}, {"password", "x"}),
    ):
        reply = send(ask, "POST", SESSION, sent)

        assert (422, told) == (reply.status, set(reply.json["errors"]))


def test_the_secret_is_stored_as_a_digest_only(browser: Browser, database: Database) -> None:
    (stored,) = database["sessions"].find()

    assert browser.cookie not in repr(stored)
    assert browser.csrf not in repr(stored)


def test_by_tls_the_cookie_is_sent_by_tls_only(engine: Engine, limits: Limits, ask: Ask) -> None:
    secure = {"wsgi.url_scheme": "https"}
    body = json.dumps({"email": ADMIN, "password": "secret"}).encode()
    headers = {"Content-Type": "application/json"}

    by_tls = ask("POST", SESSION, headers=headers, body=body, environ=secure)
    assert cookie_of(by_tls)["secure"]

    public = replace(limits, public_url="https://taskloom.example.com")
    client = create_app(engine, public, lambda: True).test_client()
    behind = client.post(SESSION, data=body, headers=headers)
    assert "; Secure" in behind.headers["Set-Cookie"]


def test_signing_in_again_ends_the_session_of_the_browser(browser: Browser) -> None:
    data = {"email": ADMIN, "password": "secret"}

    again = browser.send("POST", SESSION, data)

    assert cookie_of(again).value != browser.cookie
    assert 401 == browser.send("GET", SESSION).status


# --- the cookie as a credential --------------------------------------------------------------


def test_the_cookie_reads_and_writes_in_both_lanes(browser: Browser) -> None:
    made = browser.send("POST", TASKS, sample())
    assert 201 == made.status, made.body
    task = made.json["Task URL"].rpartition("/")[2]

    assert 200 == browser.send("PUT", TASKS, {"Company ID": "42", "Stage": "Done"}).status
    assert ["Acme Corp"] == [one["Company Name"] for one in browser.send("GET", TASKS).json]
    assert 200 == browser.send("GET", f"{TASKS}/42").status
    assert 200 == browser.send("GET", f"{TASKS}/by-id/{task}").status
    assert 200 == browser.send("GET", f"{TASKS}/active").status
    assert 200 == browser.send("GET", "/api/v1/workspace").status
    assert 204 == browser.send("DELETE", f"{TASKS}/42").status


def test_both_lanes_know_the_cookie_alike(app: Flask, browser: Browser) -> None:
    assert isinstance(app.wsgi_app, Lane)
    browser.send("POST", TASKS, sample())
    for cookie, token in ((browser.cookie, browser.csrf), (browser.cookie, ""), ("x", "")):
        for method, path in (("GET", TASKS), ("GET", f"{TASKS}/42"), ("PUT", TASKS)):
            told = []
            for lane in (app.wsgi_app, app.wsgi_app.inner):
                client = Client(lane)
                client.set_cookie("taskloom_session", cookie)
                answer = client.open(
                    path, method=method, json={"Company ID": "42"}, headers={"X-CSRF-Token": token}
                )
                told.append((answer.status, answer.get_data()))
            assert told[0] == told[1]


CHANGES: tuple[tuple[str, str, object], ...] = (
    ("POST", TASKS, {"Company ID": "1"}),
    ("PUT", TASKS, {"Company ID": "42", "Company Name": "x"}),
    ("POST", f"{TASKS}/bulk", [{"Company ID": "1"}]),
    ("POST", f"{TASKS}/query", {}),
    ("DELETE", f"{TASKS}/42", None),
    ("POST", "/api/v1/keys", {}),
    ("DELETE", SESSION, None),
    ("PUT", PASSWORD, {"old": "secret", "new": "other"}),
)


@pytest.mark.parametrize("token", ["", "0" * 64, "ä"])
def test_what_may_change_something_needs_the_token(browser: Browser, token: str) -> None:
    made = browser.send("POST", TASKS, sample())
    forged = replace(browser, csrf=token)

    for method, path, data in CHANGES:
        reply = forged.send(method, path, data, Accept="application/problem+json")

        assert (403, "csrf") == (reply.status, reply.json["code"]), path
    assert [made.json["Company ID"]] == [
        one["Company ID"] for one in browser.send("GET", TASKS).json
    ]


def test_the_token_of_another_session_is_none(ask: Ask, browser: Browser) -> None:
    other = sign_in(ask)
    crossed = replace(browser, csrf=other.csrf)

    assert 403 == crossed.send("POST", TASKS, sample()).status


def test_reading_needs_no_token(browser: Browser) -> None:
    plain = browser.without_token()

    assert [200, 200, 200] == [
        plain.send("GET", path).status for path in (TASKS, SESSION, "/api/v1/workflows")
    ]
    assert 200 == plain.send("HEAD", SESSION).status


def test_a_request_that_may_be_sent_again_needs_the_token_too(browser: Browser) -> None:
    once = {"Idempotency-Key": "one"}
    forged = browser.without_token()

    assert 403 == forged.send("POST", TASKS, sample(), **once).status
    assert 201 == browser.send("POST", TASKS, sample(), **once).status
    again = browser.send("POST", TASKS, sample(), **once)
    assert (201, "true") == (again.status, again.headers["Idempotent-Replayed"])


def test_an_authorization_header_wins(browser: Browser) -> None:
    for path in (TASKS, "/api/v1/workspace", SESSION):
        assert 401 == browser.send("GET", path, Authorization="Bearer tl_unknown").status
        assert 401 == browser.send("GET", path, Authorization="").status
    plain = browser.without_token()
    key = f"Bearer {KEY}"

    assert 201 == plain.send("POST", TASKS, sample(), Authorization=key).status
    assert 401 == browser.send("GET", SESSION, Authorization=key).status
    assert 401 == browser.send("DELETE", SESSION, Authorization=key).status
    assert 200 == browser.send("GET", SESSION).status


def test_the_cookie_is_nothing_to_other_dialects(browser: Browser) -> None:
    for path in ("/v1/tasks", "/api/tasks", "/api/users/me", "/tasks"):
        assert 401 == browser.send("GET", path).status, path


def test_a_cookie_that_is_no_session_is_unauthorized(ask: Ask) -> None:
    for cookie in ("", "x", "ts_" + "x" * 43, KEY, "a.b.c", '"', "ä"):
        for path in (TASKS, f"{TASKS}/42", SESSION, "/api/v1/workspace"):
            reply = send(ask, "GET", path, headers={"Cookie": f"taskloom_session={cookie}"})

            assert (401, {"error": "Unauthorized"}) == (reply.status, reply.json), cookie


def test_a_member_has_a_members_rights(ask: Ask, engine: Engine) -> None:
    user(engine, "ann@example.com", "correct horse")
    ann = sign_in(ask, "ann@example.com", "correct horse")

    assert "member" == ann.send("GET", SESSION).json["user"]["role"]
    assert 201 == ann.send("POST", TASKS, sample()).status
    assert 403 == ann.send("DELETE", f"{TASKS}/42").status
    assert 403 == ann.send("GET", "/api/v1/users").status


# --- the end of a session --------------------------------------------------------------------


def test_signing_out_ends_the_session_and_takes_the_cookie_back(ask: Ask, browser: Browser) -> None:
    other = sign_in(ask)

    out = browser.send("DELETE", SESSION)

    assert 204 == out.status
    assert ("", "0") == (cookie_of(out).value, cookie_of(out)["max-age"])
    assert [401, 401, 401] == [
        browser.send("GET", path).status for path in (SESSION, TASKS, "/api/v1/workspace")
    ]
    assert 401 == browser.send("DELETE", SESSION).status
    assert 200 == other.send("GET", SESSION).status


def test_without_a_session_there_is_none_to_ask_for(ask: Ask) -> None:
    assert [401, 401, 401] == [
        send(ask, "GET", SESSION).status,
        send(ask, "DELETE", SESSION).status,
        send(ask, "PUT", PASSWORD, {"old": "a", "new": "b"}).status,
    ]


def test_a_new_password_ends_all_other_sessions_of_the_user(ask: Ask, browser: Browser) -> None:
    other = sign_in(ask)

    changed = browser.send("PUT", PASSWORD, {"old": "secret", "new": "better secret"})

    assert (204, b"") == (changed.status, changed.body)
    assert 200 == browser.send("GET", SESSION).status
    assert 401 == other.send("GET", SESSION).status
    assert 401 == send(ask, "POST", SESSION, {"email": ADMIN, "password": "secret"}).status
    sign_in(ask, password="better secret")


def test_a_password_that_cannot_be_changed_so_stays(ask: Ask, browser: Browser) -> None:
    for sent, told in (
        ({"old": "wrong", "new": "better"}, "old"),
        ({"old": "secret", "new": ""}, "new"),
        ({"old": "secret", "new": "x" * 1025}, "new"),
        ({"old": "secret"}, "new"),
        ({"old": "secret", "new": 7}, "new"),
    ):
        refused = browser.send("PUT", PASSWORD, sent)

        assert (422, [told]) == (refused.status, list(refused.json["errors"]))
    assert 200 == browser.send("GET", SESSION).status
    sign_in(ask)


def test_sessions_end_with_a_password_that_an_admin_sets_and_with_the_user(
    ask: Ask, browser: Browser, engine: Engine
) -> None:
    emails = ("ann@example.com", "bob@example.com")
    for email in emails:
        user(engine, email, "correct horse")
    ann, bob = (sign_in(ask, email, "correct horse") for email in emails)
    ids = {one["email"]: one["id"] for one in browser.send("GET", "/api/v1/users").json}

    browser.send("PATCH", f"/api/v1/users/{ids['ann@example.com']}", {"password": "other"})
    browser.send("DELETE", f"/api/v1/users/{ids['bob@example.com']}")

    assert [401, 401] == [one.send("GET", TASKS).status for one in (ann, bob)]
    assert 200 == browser.send("GET", TASKS).status


# --- tasks by id -----------------------------------------------------------------------------


def test_a_task_by_its_id_is_the_task_by_its_unique_id(ask: Ask) -> None:
    key = {"Authorization": f"Bearer {KEY}"}
    made = send(ask, "POST", TASKS, sample(), key)
    by_id = f"{TASKS}/by-id/{made.json['Task URL'].rpartition('/')[2]}"

    for query in ("", "?_fields=Stage,Company Name", "?_fields=Nothing", "?Stage=Done"):
        one, other = (
            send(ask, "GET", path + query, headers=key) for path in (by_id, f"{TASKS}/42")
        )
        assert (other.status, other.json) == (one.status, one.json)
    tag = made.headers["ETag"]
    known = send(ask, "GET", by_id, headers={**key, "If-None-Match": tag})
    assert (304, tag, b"") == (known.status, known.headers["ETag"], known.body)


def test_an_id_of_no_task_is_not_found(ask: Ask) -> None:
    for task in ("f" * 24, "42", "x", "%C3%A4", "0" * 23):
        key = {"Authorization": f"Bearer {KEY}"}
        assert 404 == send(ask, "GET", f"{TASKS}/by-id/{task}", headers=key).status, task


def test_the_cookie_of_the_documents_is_the_one_that_is_set(app: Flask, browser: Browser) -> None:
    document: Any = app.test_client().get("/openapi.json").get_json()

    scheme = document["components"]["securitySchemes"]["session"]
    assert {"type": "apiKey", "in": "cookie", "name": "taskloom_session"}.items() <= scheme.items()
    assert browser.cookie
