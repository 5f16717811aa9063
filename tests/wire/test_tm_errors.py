"""The Task Management API: how errors look, whatever goes wrong, and limits on requests."""

import time
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Final

import jwt
import pytest

from taskloom import errors
from taskloom.app.composition import make_engine, open_ports
from taskloom.config import Settings, load
from taskloom.engine.engine import Engine
from taskloom.errors import Fault, Forbidden, Invalid, TaskloomError, TooMany, TooSlow, Unavailable
from taskloom.storage.client import Database
from taskloom.wire.task_management.errors import render
from tests.wire.api import Api
from tests.wire.conftest import Ask
from tests.wire.tm import Person, Tm, error, spelt, task_management

PER_MINUTE: Final = 60
PER_DAY: Final = 150
NOBODY: Final = "0123456789abcdef01234567"
MEMBERS: Final[list[type[TaskloomError]]] = [
    member
    for member in vars(errors).values()
    if isinstance(member, type) and issubclass(member, TaskloomError)
]


@pytest.fixture
def tm(api: Api, ask: Ask) -> Tm:
    """The shipped workflow at its mount."""
    return task_management(api, ask)


def bearing(key: str) -> Person:
    """Give somebody who has this credential."""
    return Person(id="", email="", key=key)


def test_tm_1_2_a_credential_is_required_and_known(tm: Tm) -> None:
    for path in ("/tasks", f"/tasks/{NOBODY}", "/users"):
        answer = tm.get(path, key=None)
        error(answer, 401, "missing_authentication")
        assert "Bearer" == answer.headers["WWW-Authenticate"]
        said = error(tm.get(path, by=bearing("tl_" + "x" * 40)), 401, "invalid_authentication")
        assert "The provided API key is invalid or has been revoked" == said["message"]
    for headers in ({"Authorization": "Basic eDp5"}, {"Authorization": "Bearer\u00a0x"}):
        error(tm.get("/tasks", key=None, headers=headers), 401, "invalid_authentication")


def test_tm_2_forged_and_expired_tokens_are_refused(tm: Tm, engine: Engine) -> None:
    now = int(datetime.now(UTC).timestamp())
    actor = engine.people.authenticate(tm.api.key)
    said = {
        "ws": actor.workspace,
        "sub": actor.user,
        "epoch": 0,
        "iat": now - 99,
        "exp": now + 9_999,
    }
    forged = jwt.encode(said, "a key that is not the server's own, but long", algorithm="HS256")
    unsigned = jwt.encode(said, None, algorithm="none")
    for token in (forged, unsigned, "a.b.c", "..", f"{forged}x"):
        error(tm.post("/tasks", {"title": "X"}, by=bearing(token)), 401, "invalid_authentication")
    assert [] == tm.listed()


def test_tm_2_an_expired_token_says_so(tm: Tm, settings: Settings, database: Database) -> None:
    ports = open_ports(settings, database)
    late = make_engine(settings, ports)
    token = late.people.sign_in("admin@example.com", "secret").token
    assert 200 == tm.get("/tasks", by=bearing(token)).status

    key = ports.directory.signing_key()
    said = jwt.decode(token, key, algorithms=["HS256"])
    expired = jwt.encode({**said, "exp": said["iat"] - 1}, key, algorithm="HS256")

    error(tm.get("/tasks", by=bearing(expired)), 401, "expired_token")


def test_tm_3_every_error_has_a_code_and_a_message(tm: Tm) -> None:
    answers = [
        tm.get("/tasks", key=None),
        tm.get("/nothing"),
        tm.get("/tasks/a/b"),
        tm.request("PUT", "/tasks", {}),
        tm.get("/tasks?limit=0"),
        tm.post("/tasks", b"{"),
        tm.post("/tasks", {}),
        tm.get(f"/tasks/{NOBODY}"),
    ]

    for answer in answers:
        assert {"error"} == set(answer.json)
        assert {"code", "message"} <= set(answer.json["error"])
    assert [401, 404, 404, 405, 400, 400, 422, 404] == [answer.status for answer in answers]
    error(answers[3], 405, "method_not_allowed")


def test_tm_21_what_is_no_json_object_is_malformed(tm: Tm) -> None:
    task = tm.task()
    broken: list[bytes] = [b"{", b"", b"[]", b'"x"', b"null", b'{"title":"A","title":"B"}', b"\xff"]

    for body in broken:
        error(tm.post("/tasks", body), 400, "invalid_format")
        error(tm.patch(f"/tasks/{task['id']}", body), 400, "invalid_format")
        error(tm.post("/users", body), 400, "invalid_format")
    for kind in ("text/plain", "application/x-www-form-urlencoded", "multipart/form-data"):
        headers = {"Content-Type": kind}
        error(tm.post("/tasks", b'{"title":"A"}', headers=headers), 415, "invalid_format")
    assert [task["title"]] == tm.listed()
    assert task == tm.get(f"/tasks/{task['id']}").json


def test_nothing_that_is_odd_is_an_error_of_ours(tm: Tm) -> None:
    task = tm.task()
    odd = ["\0", "$where", "a" * 5000, "\ud83d\ude00", "../x", "%00"]
    bodies: list[object] = [
        {"title": {"$gt": ""}},
        {"title": ["x"]},
        {"tags": {"$in": []}},
        {"tags": [["x"]]},
        {"assigneeId": {"$ne": None}},
        {"assigneeId": ["a", "b"]},
        {"dueDate": {"$date": 0}},
        {"dueDate": "9999-12-31T23:59:59-23:00"},
        {"warningOffset": "NaN"},
        {"warningOffset": 10**40},
        {"status": ["TODO"]},
        {"priority": {"x": 1}},
        {"$set": {"title": "x"}},
        *({"title": "X", "assigneeId": text} for text in odd),
        *({"title": text} for text in ("\0", "a" * 10_001)),
    ]

    for body in bodies:
        assert tm.post("/tasks", {"title": "X", **body}).status in {404, 422}, body  # type: ignore[dict-item] # a mapping
        assert tm.patch(f"/tasks/{task['id']}", body).status in {404, 422}, body
    for text in ("%00", "%24where", "x" * 3000, "%F0%9F%98%80", "%2F", "%FF"):
        for path in (f"/tasks/{text}", f"/users/{text}"):
            assert tm.get(path).status == 404, path
            assert tm.delete(path).status == 404, path
        for name in ("assigneeId", "createdBy", "tags", "search", "dueDate[gt]", "sort", "x[y]"):
            assert tm.get(f"/tasks?{name}={text}").status in {200, 400, 413}, (name, text)
    assert ["Write tests"] == tm.listed()


def test_a_scoped_key_reads_only(tm: Tm) -> None:
    user = tm.person("ann")
    sent = {"user": user.id, "name": "reader", "scopes": ["task:read"]}
    reader = bearing(tm.api.post("/keys", sent).json["key"])

    assert 200 == tm.get("/tasks", by=reader).status
    error(tm.post("/tasks", {"title": "X"}, by=reader), 403, "insufficient_scope")


def test_faults_in_full_are_there_for_who_asks_for_them(tm: Tm) -> None:
    headers = {"Accept": "application/problem+json"}

    answer = tm.post("/tasks", {"status": "NEW"}, headers=headers)

    assert 422 == answer.status
    assert {"title", "status"} == {fault["path"][0] for fault in answer.json["faults"]}
    error(tm.post("/tasks", {"status": "NEW"}), 422, "validation_error")


@pytest.mark.parametrize("member", MEMBERS, ids=lambda member: member.__name__)
def test_every_error_of_the_engine_is_spelt(member: type[TaskloomError]) -> None:
    fault = Fault(path=(), code="whatever", message="is odd")
    made = Invalid([fault]) if member is Invalid else member("something")

    answer = render(made)

    assert 400 <= answer.status < 600
    assert isinstance(answer.body, dict)
    assert {"code", "message"} <= set(answer.body["error"])


def test_what_is_not_available_says_when_to_come_back() -> None:
    for made, status in ((Unavailable("gone"), 503), (TooSlow("slow"), 503)):
        answer = render(made)
        assert (status, "service_unavailable") == (answer.status, code(answer.body))
    assert "2" == render(Unavailable("gone")).headers["Retry-After"]


def test_giving_tasks_to_others_is_named_where_it_is_refused() -> None:
    answer = render(Forbidden("a member may not", verb="assign"))

    assert "permission_denied" == code(answer.body)
    assert "assign" in str(answer.body)


def test_tm_85_the_daily_limit_has_a_code_of_its_own() -> None:
    answer = render(
        TooMany(
            "too many",
            limit=10_000,
            remaining=0,
            reset_at=1_700_006_400_000,
            retry_after=17,
            window="day",
        )
    )

    assert (429, "17") == (answer.status, answer.headers["Retry-After"])
    assert {
        "error": {
            "code": "daily_limit_exceeded",
            "message": "You have exceeded the rate limit of 10000 requests per day",
            "details": {"limit": 10_000, "remaining": 0, "resetAt": "2023-11-15T00:00:00Z"},
        }
    } == answer.body


def code(body: object) -> str:
    """Return the code of an error's body."""
    assert isinstance(body, dict)
    said: str = body["error"]["code"]
    return said


@dataclass(slots=True, kw_only=True)
class Clock:
    """A clock that stands still."""

    at: int

    def __call__(self) -> int:
        return self.at


class TestLimited:
    """A server that lets each credential ask so often."""

    @pytest.fixture
    def settings(self, settings: Settings) -> Settings:
        """Settings with a limit a minute and one a day."""
        return load(
            {
                "data_dir": str(settings.data_dir),
                "rate_per_minute": str(PER_MINUTE),
                "rate_per_day": str(PER_DAY),
            },
            {},
        )

    @pytest.fixture
    def clock(self) -> Clock:
        """A clock that stands at the last second but ten of an hour."""
        hour = 60 * 60 * 1000
        return Clock(at=time.time_ns() // 1_000_000 // hour * hour + hour - 10_000)

    @pytest.fixture
    def engine(self, settings: Settings, database: Database, clock: Clock) -> Engine:
        """The engine over an empty database, by this clock."""
        return make_engine(settings, replace(open_ports(settings, database), clock=clock))

    def test_tm_83_84_85_requests_are_counted_and_too_many_refused(
        self, tm: Tm, clock: Clock
    ) -> None:
        ann = tm.person("ann")
        end = clock.at // 1000 + 10

        answers = [tm.get("/users", by=ann) for _ in range(PER_MINUTE)]
        assert {200} == {answer.status for answer in answers}
        assert {str(PER_MINUTE)} == {answer.headers["X-RateLimit-Limit"] for answer in answers}
        left = [int(answer.headers["X-RateLimit-Remaining"]) for answer in answers]
        assert list(range(PER_MINUTE - 1, -1, -1)) == left
        assert {str(end)} == {answer.headers["X-RateLimit-Reset"] for answer in answers}

        answer = tm.post("/tasks", {"title": "X"}, by=ann)
        said = error(answer, 429, "rate_limit_exceeded")
        message = f"You have exceeded the rate limit of {PER_MINUTE} requests per minute"
        assert message == said["message"]
        until = datetime.fromtimestamp(end, UTC)
        assert {"limit": PER_MINUTE, "remaining": 0, "resetAt": spelt(until)} == said["details"]
        assert "10" == answer.headers["Retry-After"]
        assert "0" == answer.headers["X-RateLimit-Remaining"]
        assert [] == tm.listed()

        for _ in range(2):
            clock.at += 60_000
            answers = [tm.get("/users", by=ann) for _ in range(PER_MINUTE)]
        said = error(answers[-1], 429, "daily_limit_exceeded")
        assert PER_DAY == said["details"]["limit"]
