"""A small client for tests: one method a verb, answers as plain data."""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Protocol

DEFAULT = "default"


@dataclass(frozen=True, slots=True, kw_only=True)
class Reply:
    """An answer, read whole."""

    status: int
    headers: Mapping[str, str]
    body: bytes

    @property
    def json(self) -> Any:
        """The body, parsed."""
        return json.loads(self.body)


class Send(Protocol):
    """Sends one request below `/api/v1` and reads the answer whole."""

    def __call__(
        self, method: str, path: str, *, headers: Mapping[str, str], body: bytes | None
    ) -> Reply: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Api:
    """The native API of a fresh server that has the sales pipeline; `key` is the first admin's.

    `begin` makes what many tests begin with, told apart by its name, the first time, and puts back
    what that stored all other times.
    """

    send: Send
    key: str
    new_workspace: Callable[[], str]
    serve: Callable[[bytes, str, str], str]
    begin: Callable[[str, Callable[[], None]], None] = lambda _name, make: make()

    def request(
        self,
        method: str,
        path: str,
        body: object = None,
        *,
        key: str | None = DEFAULT,
        headers: Mapping[str, str] | None = None,
    ) -> Reply:
        """Send JSON (or raw bytes) with a key (None: without one)."""
        sent = dict(headers or {})
        if key is not None:
            sent["Authorization"] = f"Bearer {self.key if key == DEFAULT else key}"
        raw = None
        if body is not None:
            raw = body if isinstance(body, bytes) else json.dumps(body).encode()
            sent.setdefault("Content-Type", "application/json")
        return self.send(method, path, headers=sent, body=raw)

    def get(self, path: str, **rest: Any) -> Reply:
        """GET."""
        return self.request("GET", path, **rest)

    def post(self, path: str, body: object = None, **rest: Any) -> Reply:
        """POST."""
        return self.request("POST", path, body, **rest)

    def put(self, path: str, body: object = None, **rest: Any) -> Reply:
        """PUT."""
        return self.request("PUT", path, body, **rest)

    def delete(self, path: str, **rest: Any) -> Reply:
        """DELETE."""
        return self.request("DELETE", path, **rest)

    def user(self, email: str, *, name: str = "", role: str = "member") -> str:
        """Add a user and give a key of theirs."""
        made = self.post("/users", {"email": email, "name": name, "role": role})
        assert made.status == 201, made.json
        key = self.post("/keys", {"user": email, "name": "test"}).json["key"]
        return str(key)

    def push(
        self,
        workflow: str,
        properties: Mapping[str, object],
        *,
        required: list[str] | None = None,
        **settings: object,
    ) -> Reply:
        """PUT a workflow made of these properties."""
        file = {
            "$id": workflow,
            "title": workflow.title(),
            "type": "object",
            "properties": properties,
            "required": required or [],
            "workflow": settings,
        }
        return self.put(f"/workflows/{workflow}", file)

    def workflow(self, workflow: str, properties: Mapping[str, object], **settings: Any) -> None:
        """PUT a workflow that must be fine."""
        answer = self.push(workflow, properties, **settings)
        assert answer.status in {200, 201}, answer.json

    def other_workspace(self) -> str:
        """Make another workspace and give its admin's key."""
        return self.new_workspace()

    def serves(self, contents: bytes, path: str, content_type: str) -> str:
        """Serve a file on an address that `remoteUrl` may reach; give its address."""
        return self.serve(contents, path, content_type)


def sample(**changes: object) -> dict[str, object]:
    """Give the seed's sample task with changes."""
    return {
        "Company ID": "42",
        "Company Name": "Acme Corp",
        "Number of Employees": 10,
        "Contract Value": 10000,
        "Expected Close Date": "2020-01-31",
        "International?": False,
        **changes,
    }
