"""The lane before Flask answers as Flask does, and takes the hot routes and no others."""

import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
from typing import Any, Final, NoReturn
from urllib.parse import unquote_to_bytes

import pytest
from flask import Flask
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st
from werkzeug.test import run_wsgi_app

from taskloom.config import Settings, load
from taskloom.engine.engine import Engine
from taskloom.wire.lane import Application, Environ, Lane
from tests.wire.api import sample
from tests.wire.conftest import KEY, PIPELINE

BASE: Final = "/api/v1/workflows/sales-pipeline/tasks"
JSON: Final = "application/json"
OTHER_KEY: Final = "tl_" + "o" * 40
IDS: Final = re.compile(r"\b[0-9a-f]{24}\b")
CURSORS: Final = re.compile(r"_cursor=[\w-]+")
NONCES: Final = re.compile(r"(nonce-|nonce=.|content=.)[\w-]{22}\b")
COUNTED: Final = frozenset({"X-RateLimit-Remaining", "X-Request-Id"})
FORM: Final = b"\r\n".join(
    (
        b"--x",
        b'Content-Disposition: form-data; name="_task"',
        b"",
        b'{"Company ID": "form"}',
        b"--x--",
        b"",
    )
)


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    """Settings that count requests, so that what is left is told in every answer."""
    return load({"data_dir": str(tmp_path / "data"), "rate_per_day": "100000"}, {})


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """A request; what is None is left out."""

    method: str
    path: str
    headers: Mapping[str, str] | None = None
    body: bytes | None = None
    media: str = JSON
    more: Mapping[str, str] | None = None

    def environ(self, key: str | None) -> Environ:
        """Give it as a WSGI server does."""
        path, _, query = self.path.partition("?")
        environ: Environ = {
            "REQUEST_METHOD": self.method,
            "SCRIPT_NAME": "",
            "PATH_INFO": unquote_to_bytes(path).decode("latin-1"),
            "QUERY_STRING": query,
            "SERVER_NAME": "localhost",
            "SERVER_PORT": "80",
            "SERVER_PROTOCOL": "HTTP/1.1",
            "HTTP_HOST": "localhost",
            "HTTP_X_REQUEST_ID": "the-same",
            "wsgi.version": (1, 0),
            "wsgi.url_scheme": "http",
            "wsgi.input": BytesIO(self.body or b""),
            "wsgi.errors": BytesIO(),
            "wsgi.multithread": True,
            "wsgi.multiprocess": True,
            "wsgi.run_once": False,
        }
        if key is not None:
            environ["HTTP_AUTHORIZATION"] = f"Bearer {key}"
        if self.body is not None:
            environ |= {"CONTENT_LENGTH": str(len(self.body)), "CONTENT_TYPE": self.media}
        for name, text in (self.headers or {}).items():
            environ[f"HTTP_{name.upper().replace('-', '_')}"] = text
        return environ | dict(self.more or {})


def get(path: str = "", **more: Any) -> Asked:
    return Asked(method="GET", path=BASE + path, **more)


def send(method: str, data: object, path: str = "", **more: Any) -> Asked:
    body = data if isinstance(data, bytes) else json.dumps(data).encode()
    return Asked(method=method, path=BASE + path, body=body, **more)


WRITES = (
    send("POST", sample(**{"Company ID": "42"})),
    send("POST", {"Company ID": "42", "Number of Employees": 7}),
    send("POST", {"Company ID": 42, "Assigned To": None, "Stage": "In Progress"}),
    send("POST", {"Company ID": "a/b c", "Company Name": "Ünder"}),
    send("PUT", {"Company ID": "42", "Contract Value": "12.5"}),
    send("PUT", {"Company ID": "unknown"}),
    send("PUT", {}),
    send("POST", {"Company ID": "43", "Nonsense": 1, "Number of Employees": "many"}),
    send(
        "POST", {"Company ID": "43", "Nonsense": 1}, headers={"Accept": "application/problem+json"}
    ),
    send("POST", {"Company ID": "42"}, headers={"If-None-Match": "*"}),
    send("POST", {"Company ID": "42", "Number of Employees": 9}, headers={"If-Match": '"1"'}),
    send("PUT", {"Company ID": "42", "Number of Employees": 9}, headers={"If-Match": '"99"'}),
    send("POST", {"Company ID": "again"}, headers={"Idempotency-Key": "one"}),
    send("POST", {"Company ID": "again"}, headers={"Idempotency-Key": "one"}),
    send("POST", {"Company ID": "another"}, headers={"Idempotency-Key": "one"}),
    send("POST", b"{"),
    send("POST", b""),
    send("POST", b'{"a": 1, "a": 2}'),
    send("POST", b"\xff"),
    send("POST", b"[" * 99),
    send("POST", b"x", media="text/plain"),
    send("POST", b"{}", headers={"Content-Encoding": "gzip"}),
    send("POST", b"{}", media=f"{JSON}; charset=latin-1"),
    send("POST", FORM, media="multipart/form-data; boundary=x"),
    send("POST", [{"Company ID": "b1"}, {"Company ID": "b1", "Company Name": 1}, 7], "/bulk"),
    send("POST", b'{"Company ID": "b2"}\n\n[]\n', "/bulk", media="application/x-ndjson"),
    send("POST", [], "/bulk?mode=nonsense"),
    send("POST", {}, "/bulk"),
    send("POST", [{"Company ID": f"many {number}"} for number in range(30)], "/bulk"),
    send("DELETE", b"", "/a/b%20c"),
)
READS = (
    get("/42"),
    get("/42?_fields=Stage,Company%20ID"),
    get("/42?_fields=Nonsense"),
    get("/42?nonsense=1"),
    get("/42", headers={"X-Request-Id": "another"}),
    get("/42", headers={"If-None-Match": '"2"'}),
    get("/42", headers={"If-None-Match": '"3", "4"'}),
    get("/42", headers={"If-None-Match": "*"}),
    get("/42", headers={"If-None-Match": "garbage"}),
    get("/unknown"),
    get("/active"),
    get("/active/42"),
    get("/bulk"),
    get("/42/approval"),
    get("/42/"),
    get("//42"),
    get("/42%0A"),
    get("/%00"),
    get("/%C3%BC"),
    get("/%ff"),
    get("/"),
    get("//"),
    get(),
    get("?"),
    get("?_limit=7"),
    get("?_limit=7&_sort=-Contract%20Value,Stage"),
    get("?_limit=500"),
    get("?_limit=0&_sort=Nonsense&_cursor=x"),
    get("?Stage=In+Progress"),
    get("?Number%20of%20Employees[gte]=1&Number%20of%20Employees[lt]=x"),
    get("?International%3F=&_q=acme"),
    get("?Assigned%20To=admin@example.com&_fields=Assigned%20To,Task%20URL"),
    get("?%ff=%ff"),
    get("?Company%20ID=%ed%a0%80"),
    get(headers={"Accept": "application/problem+json"}),
    get("?nonsense=1", headers={"Accept": "application/problem+json"}),
    get(headers={"Host": "in valid"}),
    get(headers={"Host": ""}),
    get(headers={"Authorization": "Basic eA=="}),
    get(headers={"Authorization": "Bearer"}),
    get(headers={"Authorization": "Bearer tl_unknown"}),
    get(headers={"Authorization": "Bearer a.b.c"}),
    get(more={"SCRIPT_NAME": "/below"}),
    get("/42", more={"wsgi.url_scheme": "https", "SERVER_PORT": "443"}),
    Asked(method="HEAD", path=f"{BASE}/42"),
    Asked(method="OPTIONS", path=BASE),
    Asked(method="PATCH", path=BASE),
    Asked(method="get", path=BASE),
    Asked(method="GET", path="/api/v1/workflows/unknown/tasks"),
    Asked(method="GET", path="/api/v1/workflows//tasks"),
    Asked(method="GET", path="/api/v1/workflows/sales%2Fpipeline/tasks"),
    Asked(method="GET", path="/api/v1/workflows/sales-pipeline"),
    Asked(method="GET", path="/api/v1/workflows/sales-pipeline/tasksx"),
    Asked(method="GET", path="/v1/tasks"),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """An answer, as far as two workspaces give the same: ids of tasks are their own."""

    status: str
    headers: list[tuple[str, str]]
    body: str


def seen(app: Application, asked: Asked, key: str | None = KEY) -> Seen:
    """Send a request by one lane."""
    pieces, status, headers = run_wsgi_app(app, asked.environ(key), buffered=True)
    told = sorted((name, without_ids(text)) for name, text in headers.items())
    return Seen(status=status, headers=told, body=without_ids(b"".join(pieces).decode()))


def without_ids(text: str) -> str:
    """Write every id alike, every cursor, which holds one, and every nonce of a page."""
    return NONCES.sub("nonce", CURSORS.sub("_cursor=", IDS.sub("id", text)))


@pytest.fixture
def lane(app: Flask) -> Lane:
    """Give the lane; what is inside it leads through Flask."""
    assert isinstance(app.wsgi_app, Lane)
    return app.wsgi_app


@pytest.fixture
def other(engine: Engine, lane: Lane) -> str:
    """Give the key of another workspace that has the same workflow."""
    engine.people.found("other", "other@example.com", secret=OTHER_KEY)
    actor = engine.people.authenticate(OTHER_KEY)
    engine.workflows.create(actor, PIPELINE.read_text(encoding="utf-8"))
    return OTHER_KEY


def test_both_lanes_answer_and_write_the_same(lane: Lane, other: str) -> None:
    """One workspace is used by the lane, another through Flask, by the same requests in order."""
    for asked in (*WRITES, *READS):
        assert seen(lane.inner, asked, other) == seen(lane, asked), asked


@pytest.mark.parametrize("asked", READS, ids=lambda asked: f"{asked.method} {asked.path}")
def test_who_is_unknown_is_told_the_same(lane: Lane, asked: Asked) -> None:
    assert seen(lane.inner, asked, None) == seen(lane, asked, None)


def test_hot_routes_do_not_pass_through_flask(lane: Lane, monkeypatch: pytest.MonkeyPatch) -> None:
    def no_flask(environ: Environ, *_: object) -> NoReturn:
        raise AssertionError(environ["PATH_INFO"])

    monkeypatch.setattr(lane, "inner", no_flask)

    assert "201 CREATED" == seen(lane, WRITES[0]).status
    assert "200 OK" == seen(lane, WRITES[4]).status
    assert "200 OK" == seen(lane, get("/42?_fields=Stage")).status
    assert "404 NOT FOUND" == seen(lane, get("/4/2")).status
    assert "200 OK" == seen(lane, get("?_limit=1")).status
    assert "200 OK" == seen(lane, send("POST", [], "/bulk")).status


@pytest.mark.parametrize(
    "asked",
    [
        get("/active"),
        get("/42/approval"),
        get("/%C3%BC"),
        get(more={"SCRIPT_NAME": "/below"}),
        send("POST", FORM, media="multipart/form-data; boundary=x"),
        send("DELETE", b"", "/42"),
        Asked(method="HEAD", path=f"{BASE}/42"),
        Asked(method="GET", path="/api/v1/workflows/sales-pipeline/fields"),
        Asked(method="GET", path="/v1/tasks"),
    ],
    ids=lambda asked: f"{asked.method} {asked.path}",
)
def test_everything_else_passes_through_flask(
    lane: Lane, monkeypatch: pytest.MonkeyPatch, asked: Asked
) -> None:
    passed: list[object] = []

    def through_flask(environ: Environ, *_: object) -> Iterable[bytes]:
        passed.append(environ)
        return ()

    monkeypatch.setattr(lane, "inner", through_flask)

    lane(asked.environ(KEY), lambda *_: None)

    assert 1 == len(passed)


def test_a_mistake_of_ours_is_told_by_both_lanes(
    lane: Lane, engine: Engine, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def broken(*_: object) -> NoReturn:
        raise ZeroDivisionError

    monkeypatch.setattr(engine.rows, "get", broken)

    told = [seen(way, get("/42")) for way in (lane, lane.inner)]

    assert plain(told[0]) == plain(told[1])
    assert "500 INTERNAL SERVER ERROR" == told[0].status
    assert {"error": "something went wrong here; reference the-same"} == json.loads(told[0].body)
    logged = [record for record in caplog.records if "the-same" in record.getMessage()]
    assert 2 == len(logged)


def test_a_request_without_an_id_is_given_one(lane: Lane) -> None:
    given = []
    for _ in range(2):
        environ = get("/42").environ(KEY)
        del environ["HTTP_X_REQUEST_ID"]
        _, _, headers = run_wsgi_app(lane, environ)
        given.append(headers["X-Request-Id"])

    assert given[0] != given[1]
    assert all(len(each) == len("0123456789abcdef") for each in given)


def test_a_long_list_is_streamed_and_closed(lane: Lane, engine: Engine) -> None:
    rows = [sample(**{"Company ID": f"c{number}"}) for number in range(400)]
    assert "200 OK" == seen(lane, send("POST", rows, "/bulk")).status

    answer = lane(get().environ(KEY), lambda *_: None)
    pieces = iter(answer)
    first = next(pieces)
    close = getattr(answer, "close", None)
    assert close is not None
    close()

    assert first.startswith(b"[{")
    assert b"]" not in first[-1:]
    assert [] == list(pieces)
    assert 400 == len(json.loads(seen(lane, get()).body))


def pieces_of(alphabet: str) -> st.SearchStrategy[str]:
    return st.lists(st.sampled_from(alphabet.split(" ")), max_size=4).map("".join)


requests = st.builds(
    Asked,
    method=st.sampled_from(("GET", "GET", "GET", "HEAD", "OPTIONS", "TRACE")),
    path=st.builds(
        "{}{}{}".format,
        st.sampled_from(("/api/v1/workflows/", "/api/v1/workflows", "/api/v1//workflows/", "/")),
        pieces_of("sales-pipeline / /tasks tasks/ active bulk 42 approval %2F %25 %C3%A9 . .."),
        pieces_of("? & = Stage _limit 3 _sort - Company%20ID [gt] [in] [ _fields , + %00 %FF _q"),
    ),
    headers=st.fixed_dictionaries(
        {},
        optional={
            "Accept": st.sampled_from(("*/*", "application/problem+json", "text/html;q=0", ";")),
            "Authorization": st.sampled_from((f"bearer {KEY}", f"Bearer  {KEY} ", "x", "")),
            "Host": st.sampled_from(("example.com:80", "[::1]", "a b", "", "a,b")),
            "X-Request-Id": st.sampled_from(("a", "a b", "")),
        },
    ),
)


@hypothesis_settings(
    max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(asked=requests)
def test_both_lanes_answer_any_read_the_same(lane: Lane, asked: Asked) -> None:
    told = [seen(way, asked) for way in (lane.inner, lane)]

    assert plain(told[0]) == plain(told[1])


def plain(answer: Seen) -> Seen:
    """Leave out what differs from one request to the next."""
    told = [each for each in answer.headers if each[0] not in COUNTED]
    return Seen(status=answer.status, headers=told, body=answer.body)
