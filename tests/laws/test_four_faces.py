"""The same task, four faces: what is written through one dialect reads the same through all.

One workflow has words of its own, and facades that map them to those of every dialect.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from taskloom.app.composition import make_engine, open_ports
from taskloom.config import Settings, load
from taskloom.engine.engine import Engine
from taskloom.storage.client import Database
from taskloom.wire.app import create_app
from taskloom.wire.base import DIALECTS, Limits
from tests.wire.conftest import KEY

EXAMPLES = 30
NATIVE = "/api/v1/workflows/jobs/tasks"
JOBS: Mapping[str, Any] = {
    "$id": "jobs",
    "title": "Jobs",
    "type": "object",
    "properties": {
        "ref": {"title": "Ref", "type": "integer"},
        "subject": {"title": "Subject", "type": "string"},
        "details": {"title": "Details", "type": "string", "format": "long-text"},
        "urgency": {"title": "Urgency", "enum": ["lax", "mid", "high", "now"]},
        "due": {"title": "Due", "type": "string", "format": "date-time"},
        "points": {"title": "Points", "type": "array", "format": "checklist"},
        "share": {"title": "Share", "type": "integer", "minimum": 0, "maximum": 100},
        "steps": {"title": "Steps", "type": "array", "format": "approval-steps"},
    },
    "workflow": {
        "uniqueId": {"field": "ref", "autoIncrement": True},
        "assignees": "many",
        "stages": [
            {"name": "New"},
            {"name": "Doing", "key": "busy"},
            {"name": "Checking"},
            {"name": "Sent back"},
            {"name": "Finished", "end": True},
            {"name": "Dropped", "end": True},
        ],
        "approvals": {
            "steps": "steps",
            "stages": {
                "start": "New",
                "waiting": "Checking",
                "done": "Finished",
                "returned": "Sent back",
                "cancelled": "Dropped",
            },
        },
        "facade": [
            {
                "dialect": "task-management",
                "mount": "/v1",
                "fields": {
                    "title": "subject",
                    "description": "details",
                    "priority": "urgency",
                    "dueDate": "due",
                },
                "status": {
                    "TODO": "New",
                    "IN_PROGRESS": ["Doing", "Sent back"],
                    "REVIEW": "Checking",
                    "DONE": "Finished",
                    "CANCELED": "Dropped",
                },
                "values": {
                    "priority": {"LOW": "lax", "MEDIUM": "mid", "HIGH": "high", "URGENT": "now"}
                },
            },
            {
                "dialect": "admin-member",
                "mount": "/api",
                "fields": {
                    "title": "subject",
                    "description": "details",
                    "priority": "urgency",
                    "dueDate": "due",
                    "todoChecklist": "points",
                    "progress": "share",
                },
                "status": {
                    "Pending": "New",
                    "InProgress": ["Doing", "Checking", "Sent back"],
                    "Completed": ["Finished", "Dropped"],
                },
                "values": {"priority": {"Low": "lax", "Medium": "mid", "High": ["high", "now"]}},
            },
            {
                "dialect": "workiva",
                "mount": "/",
                "fields": {
                    "title": "subject",
                    "description": "details",
                    "dueDate": "due",
                    "approvalSteps": "steps",
                },
                "status": {
                    "Created": "New",
                    "Started": "Doing",
                    "Awaiting Approval": "Checking",
                    "Returned": "Sent back",
                    "Completed": "Finished",
                    "Cancelled": "Dropped",
                },
            },
        ],
    },
}


@dataclass(frozen=True, kw_only=True)
class Facts:
    """What all dialects know of a task, in the workflow's own words; `who` is a user's id."""

    subject: str
    details: str
    urgency: str
    stage: str
    due: datetime
    who: str | None


@dataclass(frozen=True, kw_only=True)
class Face:
    """One dialect: what it can write, and how it spells it.

    `stages` and `urgencies` map the workflow's words to those of the dialect; `writes` are the
    stages that a client may set.
    """

    stages: Mapping[str, str]
    urgencies: Mapping[str, str]
    writes: Sequence[str]
    names: Mapping[str, str]

    def spelt(self, facts: Facts, who: object) -> dict[str, object]:
        """Spell facts by this dialect's names; `who` as it spells a user."""
        words = {
            "subject": facts.subject,
            "details": facts.details,
            "urgency": self.urgencies.get(facts.urgency),
            "stage": self.stages[facts.stage],
            "due": facts.due.strftime("%Y-%m-%dT%H:%M:%SZ"),
            "who": who,
        }
        return {self.names[name]: word for name, word in words.items() if name in self.names}


OWN = ("New", "Doing", "Checking", "Sent back", "Finished", "Dropped")


def in_order(*words: str) -> Mapping[str, str]:
    """Give the stages, in their order, a dialect's words."""
    return dict(zip(OWN, words, strict=True))


FACES: Mapping[str, Face] = {
    "flowdash": Face(
        stages=in_order(*OWN),
        urgencies={name: name for name in ("lax", "mid", "high", "now")},
        writes=("New", "Doing", "Sent back", "Finished", "Dropped"),
        names={
            "subject": "Subject",
            "details": "Details",
            "urgency": "Urgency",
            "stage": "Stage",
            "due": "Due",
            "who": "Assigned To",
        },
    ),
    "task-management": Face(
        stages=in_order("TODO", "IN_PROGRESS", "REVIEW", "IN_PROGRESS", "DONE", "CANCELED"),
        urgencies={"lax": "LOW", "mid": "MEDIUM", "high": "HIGH", "now": "URGENT"},
        writes=("New", "Doing", "Finished", "Dropped"),
        names={
            "subject": "title",
            "details": "description",
            "urgency": "priority",
            "stage": "status",
            "due": "dueDate",
            "who": "assigneeId",
        },
    ),
    "admin-member": Face(
        stages=in_order(
            "Pending", "InProgress", "InProgress", "InProgress", "Completed", "Completed"
        ),
        urgencies={"lax": "Low", "mid": "Medium", "high": "High", "now": "High"},
        writes=("New", "Doing", "Finished"),
        names={
            "subject": "title",
            "details": "description",
            "urgency": "priority",
            "stage": "status",
            "due": "dueDate",
            "who": "assignedTo",
        },
    ),
    "workiva": Face(
        stages=in_order(
            "Created", "Started", "Awaiting Approval", "Returned", "Completed", "Cancelled"
        ),
        urgencies={},
        writes=("New", "Finished", "Dropped"),
        names={
            "subject": "title",
            "details": "description",
            "stage": "status",
            "due": "dueDate",
            "who": "assignees",
        },
    ),
}
LOSSY = {"admin-member": {"now": "high"}}
"""Options that a dialect shows by the word of another one, which is what writing it sets."""


class Server:
    """One server with the workflow, two users, and a way to ask each dialect."""

    def __init__(self, engine: Engine) -> None:
        engine.people.found("main", "admin@example.com", password="secret", secret=KEY)
        actor = engine.people.authenticate(KEY)
        engine.workflows.create(actor, json.dumps(JOBS))
        ann = engine.users.create(actor, "ann@example.com")
        self.emails = {actor.user: "admin@example.com", ann.id: ann.email}
        limits = Limits(max_body=2**20, max_file=2**20)
        self._client = create_app(engine, limits, lambda: True).test_client()

    def ask(self, method: str, path: str, sent: object = None) -> Any:
        """Send JSON; the answer must be fine."""
        headers = {"Authorization": f"Bearer {KEY}"}
        with self._client.open(path, method=method, json=sent, headers=headers) as answer:
            assert answer.status_code in {200, 201}, (method, path, sent, answer.data)
            return answer.json

    def who(self, dialect: str, user: str | None) -> object:
        """Spell a user, or nobody, as a dialect does."""
        if dialect == "flowdash":
            return [self.emails[user]] if user else []
        if dialect == "task-management":
            return user
        if dialect == "admin-member":
            return [user] if user else []
        return [{"id": user, "type": "USER"}] if user else []

    def create(self, dialect: str, facts: Facts) -> tuple[str, str]:
        """Write a new task through a dialect; return its id and unique ID."""
        body = FACES[dialect].spelt(facts, self.who(dialect, facts.who))
        paths = {"flowdash": NATIVE, "task-management": "/v1/tasks"}
        paths |= {"admin-member": "/api/tasks", "workiva": "/tasks"}
        made = self.ask("POST", paths[dialect], body)
        if dialect == "flowdash":
            return made["Task URL"].rsplit("/", 1)[1], str(made["Ref"])
        task = made["task"]["_id"] if dialect == "admin-member" else made["id"]
        [unique] = [
            str(listed["Ref"])
            for listed in self.ask("GET", f"{NATIVE}?_sort=-Ref&_limit=1")
            if listed["Task URL"].endswith(task)
        ]
        return task, unique

    def change(self, dialect: str, task: tuple[str, str], facts: Facts) -> None:
        """Write all facts of a task anew through a dialect."""
        body = FACES[dialect].spelt(facts, self.who(dialect, facts.who))
        if dialect == "flowdash":
            self.ask("PUT", NATIVE, {**body, "Ref": task[1]})
        elif dialect == "task-management":
            self.ask("PATCH", f"/v1/tasks/{task[0]}", body)
        elif dialect == "admin-member":
            self.ask("PUT", f"/api/tasks/{task[0]}", body)
        else:
            patch = [
                {"op": "replace", "path": f"/{name}", "value": value}
                for name, value in body.items()
            ]
            self.ask("PATCH", f"/tasks/{task[0]}", patch)

    def read(self, dialect: str, task: tuple[str, str]) -> Mapping[str, object]:
        """Read what a dialect shows of the facts."""
        paths = {
            "flowdash": f"{NATIVE}/{task[1]}",
            "task-management": f"/v1/tasks/{task[0]}",
            "admin-member": f"/api/tasks/{task[0]}",
            "workiva": f"/tasks/{task[0]}",
        }
        names = FACES[dialect].names
        shown = self.ask("GET", paths[dialect])
        told = {name: shown[name] for name in names.values()}
        due = datetime.fromisoformat(str(told[names["due"]]))
        return {**told, names["due"]: due.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")}


@pytest.fixture
def server(database: Database, tmp_path: Any) -> Server:
    """One server for all examples of a test."""
    made: Settings = load({"data_dir": str(tmp_path)}, {})
    return Server(make_engine(made, open_ports(made, database)))


letters = st.characters(codec="utf-8", exclude_categories=["Cc", "Cs", "Zl", "Zp", "Zs"])
texts = st.text(letters, min_size=1, max_size=20)
START = datetime(2040, 1, 1, tzinfo=UTC)
moments = st.integers(0, 10**8).map(lambda seconds: START + timedelta(seconds=seconds))


def facts_for(dialect: str, users: Sequence[str | None]) -> st.SearchStrategy[Facts]:
    """Make facts that a dialect has words for."""
    face = FACES[dialect]
    options = [option for option in face.urgencies if option not in LOSSY.get(dialect, {})]
    return st.builds(
        Facts,
        subject=texts,
        details=texts,
        urgency=st.sampled_from(options or ["mid"]),
        stage=st.sampled_from(face.writes),
        due=moments,
        who=st.sampled_from(users),
    )


def spelt_by_all(server: Server, facts: Facts) -> Mapping[str, Mapping[str, object]]:
    """Spell facts as each dialect should show them."""
    return {
        dialect: face.spelt(facts, server.who(dialect, facts.who))
        for dialect, face in FACES.items()
    }


def shown_by_all(server: Server, task: tuple[str, str]) -> Mapping[str, Mapping[str, object]]:
    """Read a task through every dialect."""
    return {dialect: server.read(dialect, task) for dialect in FACES}


def followed(face: Face, before: Facts, after: Facts) -> Facts:
    """Say what comes of writing facts over others: a word that already shows keeps what it shows.

    What a dialect has no word for stays.
    """
    urgency, stage = after.urgency, after.stage
    if face.urgencies.get(before.urgency) == face.urgencies.get(urgency):
        urgency = before.urgency
    if face.stages[before.stage] == face.stages[stage]:
        stage = before.stage
    return replace(after, urgency=urgency, stage=stage)


def without_urgency(
    shown: Mapping[str, Mapping[str, object]],
) -> Mapping[str, Mapping[str, object]]:
    """Leave out the priority, which one dialect cannot write."""
    return {
        dialect: {
            name: value
            for name, value in told.items()
            if name != FACES[dialect].names.get("urgency")
        }
        for dialect, told in shown.items()
    }


def test_every_dialect_has_a_face_in_this_test() -> None:
    assert set(FACES) == set(DIALECTS)


@pytest.mark.parametrize("writer", sorted(FACES))
def test_a_task_written_through_one_dialect_reads_the_same_through_all(
    server: Server, writer: str
) -> None:
    users = [None, *server.emails]

    @settings(
        max_examples=EXAMPLES,
        deadline=None,
        database=None,
        derandomize=True,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(facts=facts_for(writer, users), again=st.data())
    def holds(facts: Facts, again: st.DataObject) -> None:
        task = server.create(writer, facts)

        expected, shown = spelt_by_all(server, facts), shown_by_all(server, task)
        if writer == "workiva":
            expected, shown = without_urgency(expected), without_urgency(shown)
        assert expected == shown

        other = again.draw(st.sampled_from(sorted(FACES)))
        changed = again.draw(facts_for(other, users))
        server.change(other, task, changed)

        expected = spelt_by_all(server, followed(FACES[other], facts, changed))
        shown = shown_by_all(server, task)
        if writer == other == "workiva":
            expected, shown = without_urgency(expected), without_urgency(shown)
        assert expected == shown

    holds()
