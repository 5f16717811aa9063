"""A small client of the Workiva Tasks API for tests."""

import base64
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlencode, urlsplit

from tests.wire.api import Api, Reply

SHIPPED = Path(__file__).parents[2] / "workflow_schemas" / "approvals.json"
FORM = "application/x-www-form-urlencoded"
TOKEN = "/iam/v1/oauth2/token"
UNKNOWN = "0123456789abcdef01234567"


@dataclass(frozen=True, slots=True, kw_only=True)
class Person:
    """A user of the workspace with an API key, and a token for it."""

    id: str
    email: str
    key: str
    token: str

    @property
    def user(self) -> dict[str, str]:
        """The user as tasks hold it."""
        return {"id": self.id, "type": "USER"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Wk:
    """The API at a mount; whoever is not named asks as the first admin."""

    api: Api
    ask: Callable[..., Reply]
    mount: str = ""
    tasks: str = "/tasks"

    def request(
        self,
        method: str,
        path: str,
        body: object = None,
        *,
        by: Person | None = None,
        **rest: Any,
    ) -> Reply:
        """Send JSON (or raw bytes) as somebody; with the credential `key`, or without by None."""

        def send(
            method: str, path: str, *, headers: Mapping[str, str], body: bytes | None
        ) -> Reply:
            return self.ask(method, path, headers=headers, body=body)

        client = Api(send=send, key=self.api.key, new_workspace=str, serve=lambda *_: "")
        key = rest.pop("key", by.token if by else self.api.key)
        return client.request(method, self.mount + path, body, key=key, **rest)

    def token(self, form: Mapping[str, str] | bytes, **headers: str) -> Reply:
        """Ask for a token by a form."""
        body = form if isinstance(form, bytes) else urlencode(form).encode()
        sent = {"Content-Type": FORM, **headers}
        return self.request("POST", TOKEN, body, key=None, headers=sent)

    def person(self, name: str, role: str = "member", **scope: str) -> Person:
        """Add a user who has a key and a token."""
        email = f"{name}@example.com"
        key = self.api.user(email, name=name, role=role)
        [found] = [user for user in self.api.get("/users").json if user["email"] == email]
        answer = self.token(client(found["id"], key, **scope))
        assert 200 == answer.status, answer.json
        return Person(id=found["id"], email=email, key=key, token=answer.json["access_token"])

    def admin(self) -> str:
        """Return the first admin's id."""
        [found] = [user for user in self.api.get("/users").json if user["role"] == "admin"]
        return str(found["id"])

    def post(self, body: object, **rest: Any) -> Reply:
        """POST a task."""
        return self.request("POST", self.tasks, body, **rest)

    def task(self, title: str = "Review", *, by: Person | None = None, **rest: Any) -> Any:
        """Create a task that must be fine."""
        answer = self.post({"title": title, **rest}, by=by)
        assert 201 == answer.status, answer.json
        return answer.json

    def get(self, task: str, **rest: Any) -> Reply:
        """GET a task."""
        return self.request("GET", f"{self.tasks}/{task}", **rest)

    def patch(self, task: str, *operations: object, **rest: Any) -> Reply:
        """PATCH a task by operations."""
        return self.request("PATCH", f"{self.tasks}/{task}", list(operations), **rest)

    def set(self, task: str, name: str, value: object, **rest: Any) -> Reply:
        """PATCH one property."""
        return self.patch(task, replacing(name, value), **rest)

    def act(self, task: str, action: str, *, by: Person | None = None, **rest: Any) -> Reply:
        """Submit an action."""
        body = {"action": action, **rest}
        return self.request("POST", f"{self.tasks}/{task}/actionSubmission", body, by=by)

    def done(self, task: str, action: str, *, by: Person | None = None, **rest: Any) -> Any:
        """Submit an action that must be possible; give the task."""
        answer = self.act(task, action, by=by, **rest)
        assert 200 == answer.status, answer.json
        return answer.json

    def list(self, query: Mapping[str, object] | str = "", **rest: Any) -> Reply:
        """GET the list, its parameters written as in addresses."""
        text = query if isinstance(query, str) else urlencode(query, quote_via=quote)
        return self.request("GET", f"{self.tasks}?{text}" if text else self.tasks, **rest)

    def follow(self, link: str, **rest: Any) -> Reply:
        """GET what a link of an answer names."""
        parts = urlsplit(link)
        at = replace(self, mount="")
        return at.request("GET", f"{parts.path}?{parts.query}", **rest)

    def found(self, where: str | None = None, order: str | None = None) -> Sequence[str]:
        """Return the titles of the tasks that a filter finds."""
        query = {"$filter": where, "$orderBy": order}
        answer = self.list({name: text for name, text in query.items() if text is not None})
        assert 200 == answer.status, answer.json
        return [task["title"] for task in answer.json["data"]]


def workiva(api: Api, ask: Callable[..., Reply]) -> Wk:
    """Push the shipped workflow and give its API."""

    def push() -> None:
        answer = api.put("/workflows/approvals", SHIPPED.read_bytes())
        assert 201 == answer.status, answer.json

    api.begin("approvals", push)
    return Wk(api=api, ask=ask)


def client(name: str, secret: str, **rest: str) -> dict[str, str]:
    """Return the form of a token request."""
    form = {"grant_type": "client_credentials", "client_id": name, "client_secret": secret}
    return {**form, **rest}


def basic(name: str, secret: str) -> str:
    """Return an Authorization header."""
    return "Basic " + base64.b64encode(f"{name}:{secret}".encode()).decode()


def replacing(name: str, value: object) -> dict[str, object]:
    """Return an operation of a patch."""
    return {"op": "replace", "path": f"/{name}", "value": value}


def step(*people: Person, mode: str = "ONE", **rest: Any) -> dict[str, Any]:
    """Return an approval step."""
    return {"completionMode": mode, "participants": [one.user for one in people], **rest}


def error(answer: Reply, status: int, code: str) -> Mapping[str, Any]:
    """Require an error of the documented shape and return it."""
    said: Mapping[str, Any] = answer.json
    assert (status, f"{status}{code}") == (answer.status, said["code"]), said
    assert "2026-01-01" == said["version"]
    assert said["message"]
    assert all({"code", "message", "target"} == set(detail) for detail in said["details"])
    return said


def targets(answer: Reply) -> set[str]:
    """Return what the details of a refusal are about."""
    return {detail["target"] for detail in error(answer, 400, "BadRequest")["details"]}
