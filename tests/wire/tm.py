"""A small client of the Task Management API for tests."""

import time
import uuid
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from taskloom.app.composition import make_engine, open_ports
from taskloom.config import load
from taskloom.engine.engine import Engine
from taskloom.query.tree import Query
from taskloom.storage.client import connect
from tests.wire.api import Api, Reply

KEY = "tl_" + "k" * 40
SHIPPED = Path(__file__).parents[2] / "workflow_schemas" / "task-management.json"
ADMIN = "admin"


@dataclass(frozen=True, slots=True, kw_only=True)
class Person:
    """A user of the workspace with a key."""

    id: str
    email: str
    key: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Tm:
    """The API at a mount; whoever is not named asks as the first admin."""

    api: Api
    ask: Callable[..., Reply]
    mount: str = "/v1"

    def request(
        self,
        method: str,
        path: str,
        body: object = None,
        *,
        by: Person | None = None,
        **rest: Any,
    ) -> Reply:
        """Send JSON (or raw bytes) as somebody; without a key where `key` is None."""

        def send(
            method: str, path: str, *, headers: Mapping[str, str], body: bytes | None
        ) -> Reply:
            return self.ask(method, self.mount + path, headers=headers, body=body)

        client = Api(send=send, key=self.api.key, new_workspace=str, serve=lambda *_: "")
        key = rest.pop("key", by.key if by else self.api.key)
        return client.request(method, path, body, key=key, **rest)

    def get(self, path: str, **rest: Any) -> Reply:
        """GET."""
        return self.request("GET", path, **rest)

    def post(self, path: str, body: object = None, **rest: Any) -> Reply:
        """POST."""
        return self.request("POST", path, body, **rest)

    def patch(self, path: str, body: object = None, **rest: Any) -> Reply:
        """PATCH."""
        return self.request("PATCH", path, body, **rest)

    def delete(self, path: str, **rest: Any) -> Reply:
        """DELETE."""
        return self.request("DELETE", path, **rest)

    def person(self, name: str, role: str = "member") -> Person:
        """Add a user who has a key."""
        email = f"{name}@example.com"
        key = self.api.user(email, name=name, role=role)
        [found] = [user for user in self.api.get("/users").json if user["email"] == email]
        return Person(id=found["id"], email=email, key=key)

    def admin(self) -> str:
        """Return the first admin's id."""
        [found] = [user for user in self.api.get("/users").json if user["name"] == ADMIN]
        return str(found["id"])

    def task(self, title: str = "Write tests", *, by: Person | None = None, **rest: Any) -> Any:
        """Create a task that must be fine."""
        answer = self.post("/tasks", {"title": title, **rest}, by=by)
        assert 201 == answer.status, answer.json
        return answer.json

    def moved(self, *statuses: str) -> Any:
        """Create a task and change its status, one after the other."""
        task = self.task(status=statuses[0])
        for status in statuses[1:]:
            answer = self.patch(f"/tasks/{task['id']}", {"status": status})
            assert 200 == answer.status, answer.json
        return task

    def listed(self, query: str = "", **rest: Any) -> list[str]:
        """Return the titles of a list of tasks."""
        answer = self.get(f"/tasks?{query}" if query else "/tasks", **rest)
        assert 200 == answer.status, answer.json
        return [task["title"] for task in answer.json["data"]]


def task_management(api: Api, ask: Callable[..., Reply]) -> Tm:
    """Push the shipped workflow and give its API."""
    file = SHIPPED.read_bytes()
    answer = api.put("/workflows/task-management", file)
    assert 201 == answer.status, answer.json
    return Tm(api=api, ask=ask)


@dataclass(slots=True, kw_only=True)
class Clock:
    """The machine's clock, so many milliseconds late."""

    late: int = 0

    def __call__(self) -> int:
        return time.time_ns() // 1_000_000 - self.late


@contextmanager
def shared_engine(mongod_uri: str, folder: Path, clock: Clock | None = None) -> Iterator[Engine]:
    """Give an engine with the shipped workflow, to be used by several tests one after the other."""
    database = connect(mongod_uri, f"test_{uuid.uuid4().hex}")
    settings = load({"data_dir": str(folder)}, {})
    ports = replace(open_ports(settings, database), clock=clock or Clock())
    engine = make_engine(settings, ports)
    made = engine.people.found("main", "admin@example.com", password="secret", secret=KEY)
    actor = engine.people.authenticate(made.secret)
    engine.workflows.create(actor, SHIPPED.read_text(encoding="utf-8"))
    yield engine
    database.client.drop_database(database.name)
    database.client.close()


def clear(engine: Engine) -> None:
    """Remove all tasks, and all users but the first admin."""
    actor = engine.people.authenticate(KEY)
    for workflow in engine.workflows.every(actor):
        view = engine.workflows.get(actor, workflow.id)
        for task in list(engine.tasks.find(actor, view, Query())):
            engine.tasks.remove(actor, view, task.id)
    for user in engine.users.every(actor):
        if user.id != actor.user:
            engine.users.delete(actor, user.id, force=True)


def soon(days: float = 7, **rest: float) -> str:
    """Return a moment from now on, as answers spell it."""
    return spelt(now() + timedelta(days=days, **rest))


def now() -> datetime:
    """Return this second."""
    return datetime.now(UTC).replace(microsecond=0)


def spelt(moment: datetime) -> str:
    """Write a moment as answers do."""
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def error(answer: Reply, status: int, code: str) -> Mapping[str, Any]:
    """Require an error and return what its body says."""
    said: Mapping[str, Any] = answer.json["error"]
    assert (status, code) == (answer.status, said["code"]), answer.json
    assert isinstance(said["message"], str)
    assert said["message"]
    return said


def details(answer: Reply) -> Mapping[str, str]:
    """Return what a validation error says by field."""
    said: Mapping[str, str] = error(answer, 422, "validation_error")["details"]
    return said


def relations(link: str) -> Mapping[str, str]:
    """Read a `Link` header: addresses by relation."""
    parts: Sequence[str] = link.split(", ")
    return dict(_relation(part) for part in parts)


def _relation(part: str) -> tuple[str, str]:
    address, _, relation = part.partition("; rel=")
    return relation.strip('"'), address.strip("<>")


def pairs(names: Sequence[str]) -> Iterator[tuple[str, str]]:
    """Yield every pair of different names."""
    return ((one, other) for one in names for other in names if one != other)
