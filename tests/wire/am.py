"""A small client of the Admin/Member Tasks API for tests."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.wire.api import Api, Reply
from tests.wire.conftest import Ask

SHIPPED = Path(__file__).parents[2] / "workflow_schemas" / "team-tasks.json"
DUE = "2035-01-29"


@dataclass(frozen=True, slots=True, kw_only=True)
class Person:
    """A user of the workspace with a key."""

    id: str
    email: str
    key: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Am:
    """The API at a mount; whoever is not named asks as the first admin."""

    api: Api
    ask: Ask
    mount: str = "/api"

    def request(
        self,
        method: str,
        path: str,
        body: object = None,
        *,
        by: Person | str | None = None,
        **rest: Any,
    ) -> Reply:
        """Send JSON (or bytes) as somebody or with a token; without any where `key` is None."""

        def send(
            method: str, path: str, *, headers: Mapping[str, str], body: bytes | None
        ) -> Reply:
            return self.ask(method, self.mount + path, headers=headers, body=body)

        client = Api(send=send, key=self.api.key, new_workspace=str, serve=lambda *_: "")
        token = by.key if isinstance(by, Person) else by
        key = rest.pop("key", token or self.api.key)
        return client.request(method, path, body, key=key, **rest)

    def get(self, path: str, **rest: Any) -> Reply:
        """GET."""
        return self.request("GET", path, **rest)

    def post(self, path: str, body: object = None, **rest: Any) -> Reply:
        """POST."""
        return self.request("POST", path, body, **rest)

    def put(self, path: str, body: object = None, **rest: Any) -> Reply:
        """PUT."""
        return self.request("PUT", path, body, **rest)

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
        return Person(id=self.id_of(email), email=email, key=key)

    def id_of(self, email: str) -> str:
        """Return the id of the user with this e-mail."""
        [found] = [user for user in self.api.get("/users").json if user["email"] == email]
        return str(found["id"])

    def admin(self) -> str:
        """Return the first admin's id."""
        return self.id_of("admin@example.com")

    def task(self, *, by: Person | None = None, **parts: Any) -> Any:
        """Create a task that must be fine."""
        sent = {"title": "Design Homepage UI", "dueDate": DUE, **parts}
        answer = self.post("/tasks", sent, by=by)
        assert 201 == answer.status, answer.json
        return answer.json["task"]

    def read(self, task: Any, **rest: Any) -> Any:
        """Read a task again, which must be there."""
        answer = self.get(f"/tasks/{task['_id']}", **rest)
        assert 200 == answer.status, answer.json
        return answer.json

    def listed(self, query: str = "", **rest: Any) -> list[str]:
        """Return the titles of a list of tasks."""
        answer = self.get(f"/tasks?{query}" if query else "/tasks", **rest)
        assert 200 == answer.status, answer.json
        return [task["title"] for task in answer.json]


def admin_member(api: Api, ask: Ask) -> Am:
    """Push the shipped workflow and give its API."""

    def push() -> None:
        answer = api.put("/workflows/team-tasks", SHIPPED.read_bytes())
        assert 201 == answer.status, answer.json

    api.begin("team-tasks", push)
    return Am(api=api, ask=ask)


def refused(answer: Reply, status: int, message: str = "") -> str:
    """Require an error in the dialect's shape and return its message."""
    assert status == answer.status, answer.body
    assert ["message"] == list(answer.json)
    said = str(answer.json["message"])
    assert said
    assert message in ("", said)
    return said


def within(part: Any, whole: Any) -> bool:
    """Tell whether all that a documented sample shows is in an answer, ids aside."""
    if isinstance(part, dict):
        return all(
            name in whole and (name == "_id" or within(each, whole[name]))
            for name, each in part.items()
        )
    if isinstance(part, list):
        pairs = zip(part, whole, strict=False)
        return len(part) == len(whole) and all(within(each, other) for each, other in pairs)
    return bool(part == whole and type(part) is type(whole))
