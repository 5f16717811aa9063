"""Who gets which status where: every route asked by every role about every kind of thing.

The answers stand in `matrix.csv`, to be read by people; `test_matrix.py` asks again. Each question
is asked about a thing of its own, so that none changes what another meets.
"""

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import count
from typing import Any

from flask import Flask

from taskloom.effects.base import EFFECTS
from taskloom.engine.engine import Engine
from taskloom.engine.saved_views import NewView
from taskloom.engine.writing import Draft
from taskloom.model.imports import Options
from taskloom.model.people import Actor
from taskloom.model.task import Task
from taskloom.wire.base import DIALECTS
from taskloom.wire.mounts import is_mounted
from tests.wire.conftest import KEY, Ask
from tests.wire.openapi import operations
from tests.wire.validating import document_of, static_document

ROLES = ("admin", "manager", "member", "nobody")
OF_TASKS = ("own", "assigned", "foreign", "deleted", "unknown")
OF_USERS = ("own", "member", "manager", "admin", "deleted", "unknown")
OF_FILES = ("own", "foreign", "unknown")
OF_VIEWS = ("own", "shared", "foreign", "unknown")
OF_NEW = ("given to nobody", "given to oneself", "given to another")
UNKNOWN = "f" * 24
ITEM = "a" * 24
SPARE = "spare"
PNG = b"\x89PNG\r\n\x1a\n" + b"\0" * 64

NATIVE: Mapping[str, Any] = {
    "$id": "cases",
    "title": "Cases",
    "type": "object",
    "properties": {
        "ref": {"title": "Ref", "type": "string"},
        "title": {"title": "Title", "type": "string"},
        "steps": {"title": "Steps", "type": "array", "format": "approval-steps"},
        "items": {"title": "Items", "type": "array", "format": "checklist"},
    },
    "workflow": {
        "uniqueId": "ref",
        "stages": [
            {"name": "Created"},
            {"name": "Awaiting Approval"},
            {"name": "Returned"},
            {"name": "Completed", "end": True},
            {"name": "Cancelled", "end": True},
        ],
        "approvals": {"steps": "steps"},
        "checklist": {"items": "items"},
        "roles": [
            {"name": "Lead", "id": "lead", "for": ["admin", "manager"], "delete": "all"},
            {
                "name": "Agent",
                "id": "agent",
                "for": ["member"],
                "see": ["created", "assigned"],
                "delete": ["created"],
                "assign": "self",
                "colleagues": False,
            },
        ],
    },
}
"""The workflow of the native dialect, with roles like those of the others."""

FLOWS = {
    "flowdash": "cases",
    "task-management": "task-management",
    "admin-member": "team-tasks",
    "workiva": "approvals",
}
VALUES: Mapping[str, Mapping[str, object]] = {
    "flowdash": {"title": "a", "items": [{"id": ITEM, "text": "a"}]},
    "task-management": {"title": "a"},
    "admin-member": {
        "title": "a",
        "dueDate": "2035-01-29",
        "todoChecklist": [{"id": ITEM, "text": "a"}],
    },
    "workiva": {"title": "a"},
}


@dataclass(frozen=True, kw_only=True, order=True)
class Row:
    """One question: a route, and what stands in its path."""

    dialect: str
    path: str
    method: str
    relation: str


@dataclass(frozen=True, kw_only=True)
class Person:
    """A user with a key."""

    id: str
    email: str
    key: str
    actor: Actor


@dataclass(frozen=True, kw_only=True)
class Question:
    """What a body is made for: who asks, about which thing, and a number nobody else has.

    `to` are the ids of those whom a new task is given to.
    """

    person: Person
    thing: str
    number: int
    to: Sequence[str] = ()

    @property
    def email(self) -> str:
        """An e-mail that nobody has."""
        return f"new-{self.number}@example.com"


def file(name: str, contents: bytes) -> bytes:
    """Make a multipart body of one file."""
    head = f'--x\r\nContent-Disposition: form-data; name="{name}"; filename="a"\r\n\r\n'
    return head.encode() + contents + b"\r\n--x--\r\n"


Body = Callable[[Question], object]
BODIES: Mapping[str, Mapping[str, Body]] = {
    "flowdash": {
        "POST /api/v1/files": lambda _: file("file", b"a"),
        "POST /api/v1/infer": lambda _: file("file", b'[{"a": 1}]'),
        "POST /api/v1/keys": lambda asked: {"name": f"key {asked.number}"},
        "POST /api/v1/notifications/read": lambda _: {"ids": [ITEM]},
        "POST /api/v1/session": lambda _: {"email": "admin@example.com", "password": "secret"},
        "PUT /api/v1/session/password": lambda _: {"old": "secret", "new": "secret"},
        "POST /api/v1/users": lambda asked: {"email": asked.email},
        "PATCH /api/v1/users/{user}": lambda _: {"name": "Ann"},
        "POST /api/v1/workflows": lambda asked: {**NATIVE, "$id": f"new-{asked.number}"},
        "PUT /api/v1/workflows/{workflow}": lambda _: {**NATIVE, "$id": SPARE},
        "POST /api/v1/workflows/{workflow}/plan": lambda _: NATIVE,
        "POST /api/v1/workflows/{workflow}/versions/{version}/plan": lambda _: None,
        "POST /api/v1/workflows/{workflow}/tasks": lambda asked: {"Ref": f"new {asked.number}"},
        "PUT /api/v1/workflows/{workflow}/tasks": lambda asked: {"Ref": asked.thing, "Title": "b"},
        "POST /api/v1/workflows/{workflow}/imports": lambda _: file("file", b"Ref\n1\n"),
        "POST /api/v1/workflows/{workflow}/imports/preview": lambda _: file("file", b"Ref\n1\n"),
        "POST /api/v1/workflows/{workflow}/imports/{job}/start": lambda _: None,
        "POST /api/v1/workflows/{workflow}/tasks/bulk": lambda asked: [{"Ref": f"{asked.number}"}],
        "POST /api/v1/workflows/{workflow}/tasks/query": lambda _: {"limit": 1},
        "POST /api/v1/workflows/{workflow}/tasks/{uid}/history/{event}/undo": lambda _: None,
        "PUT /api/v1/workflows/{workflow}/tasks/by-id/{task}": lambda _: {"Title": "b"},
        "POST /api/v1/workflows/{workflow}/tasks/by-id/{task}/history/{event}/undo": lambda _: None,
        "POST /api/v1/workflows/{workflow}/tasks/{uid}/approval": lambda _: {"action": "SUBMIT"},
        "PUT /api/v1/workflows/{workflow}/tasks/{uid}/checklist": lambda _: {
            "items": [{"text": "b"}]
        },
        "PUT /api/v1/workflows/{workflow}/users/{user}": lambda _: {"role": "agent"},
        "POST /api/v1/workflows/{workflow}/views": lambda _: {"name": "a"},
        "PUT /api/v1/workflows/{workflow}/views/{view}": lambda _: {"name": "b"},
    },
    "task-management": {
        "POST /tasks": lambda asked: {"title": "a", "assigneeId": (*asked.to, None)[0]},
        "PATCH /tasks/{task}": lambda _: {"title": "b"},
        "POST /users": lambda asked: {"name": "Ann", "email": asked.email},
        "PATCH /users/{user}": lambda _: {"name": "Ann"},
    },
    "admin-member": {
        "POST /tasks": lambda asked: {
            "title": "a",
            "dueDate": "2035-01-29",
            "assignedTo": list(asked.to),
        },
        "PUT /tasks/{task}": lambda _: {"title": "b"},
        "PATCH /tasks/{task}/progress": lambda _: {"progress": 50},
        "POST /tasks/{task}/checklist": lambda _: {"text": "b"},
        "PATCH /tasks/{task}/checklist/{item}": lambda _: {"completed": True},
        "PUT /tasks/{task}/status": lambda _: {"status": "InProgress"},
        "PUT /tasks/{task}/todo": lambda _: {"todoChecklist": [{"text": "b"}]},
        "POST /auth/register": lambda asked: {
            "name": "Ann",
            "email": asked.email,
            "password": "correct horse",
        },
        "POST /auth/login": lambda _: {"email": "admin@example.com", "password": "secret"},
        "PUT /auth/profile": lambda _: {"name": "Ann"},
        "POST /auth/invite-admin": lambda asked: {
            "name": "Ann",
            "email": asked.email,
            "password": "correct horse",
        },
        "POST /auth/upload-image": lambda _: file("image", PNG),
        "PATCH /users/me": lambda _: {"name": "Ann"},
        "PATCH /users/{user}/role": lambda _: {"role": "member"},
    },
    "workiva": {
        "POST /iam/v1/oauth2/token": lambda asked: (
            f"grant_type=client_credentials&client_id={asked.person.email}"
            f"&client_secret={asked.person.key}"
        ).encode(),
        **{
            f"{method} {root}{rest}": body
            for root in ("/tasks", "/platform/v1/tasks", "/prototype/platform/tasks")
            for method, rest, body in (
                (
                    "POST",
                    "",
                    lambda asked: {"title": "a", "assignees": [{"id": user} for user in asked.to]},
                ),
                (
                    "PATCH",
                    "/{task}",
                    lambda _: [{"op": "replace", "path": "/title", "value": "b"}],
                ),
                ("POST", "/{task}/actionSubmission", lambda _: {"action": "SUBMIT"}),
            )
        },
    },
}
"""A body that is fine, for every route that takes one."""


def rows_of(app: Flask) -> list[Row]:
    """Return every question about every route of every dialect."""
    return sorted(
        Row(dialect=name, path=path, method=method.upper(), relation=relation)
        for name, dialect in DIALECTS.members().items()
        for path, method, _ in operations(
            document_of(app, name) if is_mounted(dialect) else static_document(app)
        )
        for relation in _relations(path, method.upper())
    )


def _relations(path: str, method: str) -> Sequence[str]:
    if path.startswith(("/platform", "/prototype")) and "{task}" in path:
        return ("own", "unknown")
    if "{task}" in path or "{uid}" in path or (method == "PUT" and path.endswith("/tasks")):
        return OF_TASKS
    if (method, path) == ("POST", "/tasks"):
        return OF_NEW
    named = {"{user}": OF_USERS, "{blob}": OF_FILES, "{job}": OF_FILES, "{view}": OF_VIEWS}
    return next((relations for part, relations in named.items() if part in path), ("-",))


@dataclass
class World:
    """A server with every workflow, and people of every role."""

    ask: Ask
    engine: Engine
    boss: Person
    people: Mapping[str, Person] = field(default_factory=dict)
    numbers: Iterator[int] = field(default_factory=lambda: count(1))

    def person(self, role: str) -> Person:
        """Add a user of a role."""
        email = f"{role}-{next(self.numbers)}@example.com"
        user = self.engine.users.create(self.boss.actor, email, role=role)
        key = self.engine.keys.create(self.boss.actor, user=user.id).secret
        return Person(id=user.id, email=email, key=key, actor=self.engine.people.authenticate(key))

    def status(self, row: Row, role: str) -> int:
        """Ask, and return the status of the answer."""
        asker = self.person("member" if role == "nobody" else role) if _alters(row) else None
        person = asker or self.people["member" if role == "nobody" else role]
        thing = self._thing(row, person)
        to = {"given to oneself": (person.id,), "given to another": (self.boss.id,)}
        asked = Question(
            person=person,
            thing=thing,
            number=next(self.numbers),
            to=to.get(row.relation, ()),
        )
        headers = {} if role == "nobody" else {"Authorization": f"Bearer {person.key}"}
        made = BODIES[row.dialect].get(f"{row.method} {row.path}")
        if made is None and row.method in {"POST", "PUT", "PATCH"}:
            raise LookupError(f"BODIES has nothing for {row.method} {row.path} of {row.dialect}")
        sent = made(asked) if made is not None else None
        if sent is not None:
            headers["Content-Type"] = _media(row, sent)
        body = sent if isinstance(sent, bytes | None) else json.dumps(sent).encode()
        path = (DIALECTS[row.dialect].mount or "").rstrip("/") + self._filled(row, thing)
        return self.ask(row.method, path, headers=headers, body=body).status

    def _filled(self, row: Row, thing: str) -> str:
        flow = FLOWS["flowdash"]
        if row.path == "/api/v1/workflows/{workflow}" and row.method != "GET":
            flow = SPARE
            source = json.dumps({**NATIVE, "$id": SPARE})
            self.engine.workflows.save(self.boss.actor, SPARE, source)
        query = f"?id={thing}" if (row.method, row.path) == ("DELETE", "/api/v1/keys") else ""
        filled = (
            row.path.replace("{workflow}", flow)
            .replace("{item}", ITEM)
            .replace("{key}", thing or "none")
            .replace("{workspace}", self.boss.actor.workspace)
            .replace("{task}", thing)
            .replace("{uid}", thing)
            .replace("{user}", thing)
            .replace("{blob}", thing)
            .replace("{job}", thing)
            .replace("{event}", UNKNOWN)
            .replace("{view}", thing)
            .replace("{report}", "stages")
            .replace("{version}", "1")
        )
        return filled + query

    def _thing(self, row: Row, person: Person) -> str:
        """Make what the question is about, and return what names it in a path."""
        if row.relation == "unknown":
            return UNKNOWN
        if "{user}" in row.path:
            return self._user(row.relation, person)
        if "/keys" in row.path:
            return self.engine.keys.create(self.boss.actor).key.id
        if "{job}" in row.path:
            return self._import(self.boss if row.relation == "foreign" else person)
        if "{blob}" in row.path:
            return self._file(row.dialect, self.boss if row.relation == "foreign" else person)
        return self._other(row, person)

    def _other(self, row: Row, person: Person) -> str:
        if "{view}" in row.path:
            return self._view(row.relation, person if row.relation == "own" else self.boss)
        return self._name_of_task(row, person) if row.relation in OF_TASKS else ""

    def _name_of_task(self, row: Row, person: Person) -> str:
        task = self._task(row.dialect, row.relation, person)
        return task.id if task.uid is None or "{task}" in row.path else task.uid

    def _user(self, relation: str, person: Person) -> str:
        if relation == "own":
            return person.id
        made = self.person("member" if relation == "deleted" else relation)
        if relation == "deleted":
            self.engine.users.delete(self.boss.actor, made.id)
        return made.id

    def _file(self, dialect: str, person: Person) -> str:
        native = dialect == "flowdash"
        headers = {
            "Authorization": f"Bearer {person.key}",
            "Content-Type": "multipart/form-data; boundary=x",
        }
        answer = self.ask(
            "POST",
            "/api/v1/files" if native else "/api/auth/upload-image",
            headers=headers,
            body=file("file", b"a") if native else file("image", PNG),
        )
        return str(answer.json["blobId"] if native else answer.json["imageUrl"].split("/")[-1])

    def _view(self, relation: str, owner: Person) -> str:
        view = NewView(name="a", shared=relation == "shared")
        workflow = self.engine.workflows.get(owner.actor, FLOWS["flowdash"])
        return self.engine.saved_views.create(owner.actor, workflow, view).id

    def _import(self, person: Person) -> str:
        """Send in a file that is looked at, and then held."""
        options = Options(hold=True)
        made = self.engine.imports.start(
            person.actor, FLOWS["flowdash"], [b"Ref\n1\n"], name="a.csv", options=options
        )
        EFFECTS["importing"].run(self.engine.imports._ports)  # noqa: SLF001 - what the server's loop is given
        return made.id

    def _task(self, dialect: str, relation: str, person: Person) -> Task:
        creator = person if relation in {"own", "deleted"} else self.boss
        values = dict(VALUES[dialect])
        if dialect == "flowdash":
            values["ref"] = f"case {next(self.numbers)}"
        assignees = [person.email] if relation == "assigned" else []
        workflow = self.engine.workflows.get(creator.actor, FLOWS[dialect])
        people = self.engine.people.people(creator.actor)
        draft = Draft(values=values, assignees=assignees)
        task = self.engine.tasks.write(creator.actor, workflow, draft, people, mode="create").task
        if relation == "deleted":
            whole = self.engine.workflows.get(self.boss.actor, FLOWS[dialect])
            self.engine.tasks.remove(self.boss.actor, whole, task.id)
        return task


def _alters(row: Row) -> bool:
    """Tell whether a question may change the user who asks."""
    return "{user}" in row.path and row.method != "GET"


def _media(row: Row, sent: object) -> str:
    if not isinstance(sent, bytes):
        return "application/json"
    if "token" in row.path:
        return "application/x-www-form-urlencoded"
    return "multipart/form-data; boundary=x"


def world_of(ask: Ask, engine: Engine, sources: Sequence[str]) -> World:
    """Push the workflows and add people."""
    actor = engine.people.authenticate(KEY)
    for source in (*sources, json.dumps(NATIVE)):
        engine.workflows.create(actor, source)
    boss = Person(id=actor.user or "", email="admin@example.com", key=KEY, actor=actor)
    world = World(ask=ask, engine=engine, boss=boss)
    world.people = {role: world.person(role) for role in ROLES if role != "nobody"}
    return world
