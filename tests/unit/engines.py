"""An engine over the real stores with one workspace, and ways to get between its steps."""

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, cast

import pytest

from taskloom.app.composition import open_ports
from taskloom.config import load
from taskloom.engine.blobs import Fetched
from taskloom.engine.engine import Engine, open_engine
from taskloom.engine.ports import Ports
from taskloom.engine.writing import ABSENT, Draft, Mode, Written
from taskloom.errors import Invalid, Refusal
from taskloom.model.event import Event
from taskloom.model.people import Actor
from taskloom.model.task import Task
from taskloom.query.tree import Query
from taskloom.schema.compiled import Compiled
from taskloom.storage.client import Database

ORDERS: Mapping[str, Any] = {
    "$id": "orders",
    "title": "Orders",
    "type": "object",
    "properties": {
        "ref": {"title": "Reference", "type": "string"},
        "name": {"title": "Name", "type": "string"},
        "size": {"title": "Size", "type": "integer"},
        "extra": {"title": "Extra", "type": "object"},
        "rows": {"title": "Rows", "type": "array", "items": {"type": "object"}},
        "papers": {"title": "Papers", "type": "array", "items": {"format": "file"}},
    },
    "workflow": {
        "uniqueId": "ref",
        "stages": [{"name": "New"}, {"name": "Doing"}, {"name": "Done", "end": True}],
    },
}
TICKETS: Mapping[str, Any] = {
    "$id": "tickets",
    "title": "Tickets",
    "type": "object",
    "properties": {
        "number": {"title": "Number", "type": "integer", "maximum": 2**63 - 1},
        "name": {"title": "Name", "type": "string"},
        "papers": {"title": "Papers", "type": "array", "items": {"format": "file"}},
    },
    "workflow": {
        "uniqueId": {"field": "number", "autoIncrement": True},
        "stages": [{"name": "New"}, {"name": "Done", "end": True}],
    },
}


class Between:
    """A store that lets something happen just before one of its methods is called next."""

    def __init__(self, store: object) -> None:
        self._store = store
        self._pending: dict[str, list[Callable[[], object]]] = {}
        self.calls: list[str] = []

    def before(self, method: str, *happenings: Callable[[], object]) -> None:
        """Let these happen, one before each of the next calls."""
        self._pending.setdefault(method, []).extend(happenings)

    def __getattr__(self, name: str) -> Any:
        method = getattr(self._store, name)

        def called(*args: Any, **kwargs: Any) -> Any:
            self.calls.append(name)
            if self._pending.get(name):
                self._pending[name].pop(0)()
            return method(*args, **kwargs)

        return called


@dataclass
class Clock:
    """A clock that tells what it is set to, a millisecond more each time."""

    now: int = 1_700_000_000_000

    def __call__(self) -> int:
        self.now += 1
        return self.now


@dataclass
class Shelf:
    """Remote files by address; all others cannot be fetched."""

    files: dict[str, Fetched] = field(default_factory=dict)

    def fetch(self, url: str) -> Fetched:
        """Give the file."""
        if url not in self.files:
            raise Refusal("remote", "cannot be fetched")
        return self.files[url]


@dataclass(kw_only=True)
class Office:
    """One workspace with its admin; `tasks` and `workflows` let something happen in between."""

    database: Database
    ports: Ports
    engine: Engine
    admin: Actor
    clock: Clock
    shelf: Shelf
    tasks: Between
    workflows: Between

    def push(self, file: Mapping[str, Any], **changes: Any) -> Compiled:
        """Save a workflow file; `changes` are to its `workflow` part, None leaves a part out."""
        parts = {**file["workflow"], **changes}
        kept = {name: part for name, part in parts.items() if part is not None}
        source = json.dumps({**file, "workflow": kept})
        self.engine.workflows.save(self.admin, file["$id"], source)
        return self.engine.workflows.get(self.admin, file["$id"])

    def write(
        self,
        workflow: Compiled,
        mode: Mode = "upsert",
        *,
        actor: Actor | None = None,
        stage: object = ABSENT,
        assignees: object = ABSENT,
        **values: object,
    ) -> Written:
        """Write one task."""
        draft = Draft(values=values, stage=stage, assignees=assignees)
        who = actor or self.admin
        people = self.engine.people.people(who)
        view = self.seen_by(actor, workflow)
        return self.engine.tasks.write(who, view, draft, people, mode=mode)

    def seen_by(self, actor: Actor | None, workflow: Compiled) -> Compiled:
        """Give what an actor sees of a workflow; for the admin that is the whole."""
        return self.engine.workflows.get(actor, workflow.workflow.id) if actor else workflow

    def bulk(
        self, workflow: Compiled, rows: Sequence[Mapping[str, object]], mode: Mode = "upsert"
    ) -> list[Any]:
        """Write many; each result is the outcome, or the error's faults or code."""
        drafts = [Draft(values=row) for row in rows]
        people = self.engine.people.people(self.admin)
        results = self.engine.bulk.write(self.admin, workflow, drafts, people, mode=mode)
        return [told(result) for result in results]

    def delete(self, workflow: Compiled, unique: str, actor: Actor | None = None) -> None:
        """Delete one task."""
        who = actor or self.admin
        people = self.engine.people.people(who)
        self.engine.tasks.delete(who, self.seen_by(actor, workflow), unique, people)

    def get(self, workflow: Compiled, unique: str) -> Task:
        """Read one task."""
        people = self.engine.people.people(self.admin)
        return self.engine.tasks.get(self.admin, workflow, unique, people)

    def all(self, workflow: Compiled) -> list[Task]:
        """Read all tasks."""
        return list(self.engine.tasks.find(self.admin, workflow, Query()))

    def history(self, workflow: Compiled, task: Task) -> Sequence[Event]:
        """Read what happened to a task."""
        return self.engine.tasks.history(self.admin, workflow, task.id)


def papers_of(task: Task, field: str = "papers") -> list[Any]:
    """Give a task's attachments in a field."""
    papers: Any = task.values[field]
    return list(papers)


def told(result: Any) -> Any:
    """Say in short what came of a row."""
    if isinstance(result, Written):
        return result.outcome
    faults = getattr(result, "faults", None)
    return {fault.code for fault in faults} if faults is not None else result.code


def open_office(database: Database, folder: Path, name: str = "main") -> Office:
    """Open an engine over a database; `folder` is that of the machine it runs on."""
    shelf, clock = Shelf(), Clock()
    settings = load({}, {"TASKLOOM_DATA_DIR": str(folder)})
    ports = open_ports(settings, database, fetcher=shelf)
    tasks, workflows = Between(ports.tasks), Between(ports.workflows)
    ports = replace(ports, clock=clock, tasks=cast(Any, tasks), workflows=cast(Any, workflows))
    engine = open_engine(ports)
    known = [found for found in engine.people.workspaces() if found.name == name]
    workspace = known[0].id if known else _founded(engine, name)
    return Office(
        database=database,
        ports=ports,
        engine=engine,
        admin=Actor(workspace=workspace, user=None, role="admin"),
        clock=clock,
        shelf=shelf,
        tasks=tasks,
        workflows=workflows,
    )


def _founded(engine: Engine, name: str) -> str:
    return engine.people.found(name, f"{name}@example.com", password="secret").workspace.id


def member(office: Office, email: str, *, role: str = "member") -> Actor:
    """Add a user and give the actor they are."""
    user = office.engine.users.create(office.admin, email, role=role)
    return Actor(workspace=user.workspace, user=user.id, role=user.role)


def codes(refused: pytest.ExceptionInfo[Invalid]) -> set[tuple[Any, str]]:
    """Give of each fault where it begins and its code."""
    return {(fault.path[0], fault.code) for fault in refused.value.faults}
