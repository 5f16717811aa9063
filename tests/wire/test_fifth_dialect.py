"""A dialect is one file: this one holds a fifth, which a workflow mounts by its facade."""

import json
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, cast

import pytest
from flask import Flask, Response, request
from flask_smorest import Blueprint

from taskloom.engine.engine import Engine
from taskloom.engine.founding import Founded
from taskloom.engine.writing import ABSENT, Draft
from taskloom.errors import Fault, Invalid, TaskloomError
from taskloom.model.task import Task
from taskloom.query.tree import Query
from taskloom.wire.answer import answer
from taskloom.wire.app import create_app
from taskloom.wire.base import DIALECTS, Answer, Dialect, Limits, Need, Needs
from taskloom.wire.body import as_object, read_json
from taskloom.wire.docs.describe import body, documented, parameter, reply
from taskloom.wire.facades import Facing, face
from taskloom.wire.mounts import inside
from tests.wire.api import Api
from tests.wire.conftest import KEY, Ask

# --- the dialect -----------------------------------------------------------------------------

NAME = "jotter"
NOTE: Mapping[str, Any] = {
    "type": "object",
    "properties": {
        "no": {"type": "string"},
        "text": {"type": ["string", "null"]},
        "state": {"enum": ["open", "shut"]},
        "mood": {"type": ["string", "null"]},
        "for": {"type": ["string", "null"]},
        "here": {"type": "string", "format": "uri"},
    },
    "additionalProperties": False,
}
OOPS = {"type": "object", "properties": {"oops": {"type": "string"}}, "required": ["oops"]}
STATUSES = {"not_found": 404, "method_not_allowed": 405, "invalid": 422, "unauthenticated": 401}
NO = parameter("no", "Id of the note.", place="path")


class Notes:
    def __init__(self, engine: Engine, limits: Limits) -> None:
        self._engine = engine
        self._limits = limits

    @documented("List notes", replies={200: reply("All.", {"type": "array", "items": NOTE})})
    def list_notes(self) -> Response:
        facing = face(request, self._engine, self._limits)
        found = self._engine.tasks.find(facing.actor, facing.workflow, Query())
        return answer([shown(facing, task) for task in found])

    @documented("Add a note", request=body(NOTE), replies={201: reply("The note.", NOTE)})
    def add_note(self) -> Response:
        facing = face(request, self._engine, self._limits)
        draft = draft_of(facing, as_object(read_json(request, self._limits)))
        written = self._engine.tasks.write(
            facing.actor, facing.workflow, draft, facing.people, mode="create"
        )
        return answer(shown(facing, written.task), 201)

    @documented("Read a note", parameters=[NO], replies={200: reply("It.", NOTE)}, errors=(404,))
    def get_note(self, no: str) -> Response:
        facing = face(request, self._engine, self._limits)
        found = self._engine.tasks.get_by_id(facing.actor, facing.workflow, no)
        return answer(shown(facing, found))


def shown(facing: Facing, task: Task) -> Mapping[str, object]:
    mood = task.values.get(facing.key("mood") or "")
    return {
        "no": task.id,
        "text": task.values.get(facing.key("text") or ""),
        "state": facing.status(task.stage),
        "mood": facing.value("mood", mood) if isinstance(mood, str) else None,
        "for": facing.people.email_of(task.assignees[0]) if task.assignees else None,
        "here": facing.address(f"/notes/{task.id}"),
    }


def draft_of(facing: Facing, sent: Mapping[str, object]) -> Draft:
    values: dict[str, object] = {}
    faults = []
    for name, value in sent.items():
        key = facing.key(name)
        if key is not None:
            values[key] = facing.option(name, value) if isinstance(value, str) else value
        elif name not in {"state", "for"}:
            faults.append(Fault(path=(name,), code="unknown", message="is not known"))
    stage = facing.stage_name(str(sent["state"])) if "state" in sent else ABSENT
    return Draft(values=values, stage=stage, assignees=sent.get("for", ABSENT), faults=faults)


class Jotter(Dialect):
    name = NAME
    roots = ("/notes",)
    title = "Jotter"
    about = "Notes, and nothing more."
    error = OOPS
    needs = Needs(
        fields={
            "text": Need(kinds=frozenset({"text", "longText"}), required=True),
            "mood": Need(kinds=frozenset({"singleSelect"}), options=("good", "bad")),
        },
        statuses=("open", "shut"),
    )

    def blueprints(self, engine: Engine, limits: Limits) -> Sequence[Blueprint]:
        notes = Notes(engine, limits)
        made = Blueprint("notes", __name__, url_prefix=inside(NAME), description="Notes.")
        made.add_url_rule("/notes", view_func=notes.list_notes, methods=["GET"])
        made.add_url_rule("/notes", view_func=notes.add_note, methods=["POST"])
        made.add_url_rule("/notes/<no>", view_func=notes.get_note, methods=["GET"])
        return [made]

    def render(self, error: TaskloomError) -> Answer:
        status = STATUSES.get(error.code, 400)
        told = [fault.message for fault in error.faults] if isinstance(error, Invalid) else []
        return Answer(status=status, body={"oops": "; ".join(told) or error.message})


# --- its tests -------------------------------------------------------------------------------

ERRANDS: Mapping[str, Any] = {
    "$id": "errands",
    "title": "Errands",
    "type": "object",
    "required": ["what"],
    "properties": {
        "what": {"title": "What", "type": "string", "maxLength": 20},
        "feeling": {"title": "Feeling", "enum": ["Joy", "Grief"]},
    },
    "workflow": {
        "stages": [{"name": "To do"}, {"name": "Done", "end": True}],
        "facade": [
            {
                "dialect": NAME,
                "mount": "/pad/v2",
                "fields": {"text": "what", "mood": "feeling"},
                "status": {"open": "To do", "shut": "Done"},
                "values": {"mood": {"good": "Joy", "bad": "Grief"}},
            }
        ],
    },
}


@pytest.fixture
def jotter() -> Iterator[None]:
    """Register the fifth dialect while a test runs: all others know four."""
    DIALECTS.register(NAME)(Jotter)
    yield
    cast(dict[str, Dialect], DIALECTS.members()).pop(NAME)


@pytest.fixture
def app(jotter: None, engine: Engine, limits: Limits, founded: Founded) -> Flask:
    """An app that was made while there were five dialects."""
    return create_app(engine, limits, lambda: True)


def jot(ask: Ask, method: str, path: str, sent: object = None) -> Any:
    headers = {"Authorization": f"Bearer {KEY}", "Content-Type": "application/json"}
    body = None if sent is None else json.dumps(sent).encode()
    answer = ask(method, path, headers=headers, body=body)
    return answer.status, answer.json


def test_a_task_is_written_and_read_through_a_fifth_dialect(ask: Ask, api: Api) -> None:
    assert 201 == api.put("/workflows/errands", dict(ERRANDS)).status
    me = api.get("/users").json[0]["id"]

    status, made = jot(
        ask,
        "POST",
        "/pad/v2/notes",
        {"text": "buy milk", "state": "shut", "mood": "good", "for": me},
    )

    assert 201 == status
    here = f"http://localhost/pad/v2/notes/{made['no']}"
    assert made == {
        "no": made["no"],
        "text": "buy milk",
        "state": "shut",
        "mood": "good",
        "for": me,
        "here": here,
    }
    assert (200, made) == jot(ask, "GET", f"/pad/v2/notes/{made['no']}")
    assert (200, [made]) == jot(ask, "GET", "/pad/v2/notes")
    native = api.get("/workflows/errands/tasks").json
    assert [("buy milk", "Joy", "Done", "admin@example.com")] == [
        (task["What"], task["Feeling"], task["Stage"], task["Assigned To"]) for task in native
    ]


def test_the_same_rules_hold_in_a_fifth_dialect(ask: Ask, api: Api) -> None:
    api.put("/workflows/errands", dict(ERRANDS))

    assert (422, {"oops": "must have at most 20 characters"}) == jot(
        ask, "POST", "/pad/v2/notes", {"text": "x" * 21}
    )
    assert [] == api.get("/workflows/errands/tasks").json


def test_errors_of_a_fifth_dialect_are_its_own(ask: Ask, api: Api) -> None:
    api.put("/workflows/errands", dict(ERRANDS))

    answers = [
        ask("GET", "/pad/v2/notes"),
        ask("GET", "/pad/v2/nothing"),
        ask("PUT", "/pad/v2/notes"),
        ask("POST", "/pad/v2/notes", headers={"Authorization": f"Bearer {KEY}"}, body=b"{"),
    ]

    assert [401, 404, 405, 400] == [answer.status for answer in answers]
    assert all(list(answer.json) == ["oops"] for answer in answers)


def test_a_fifth_dialect_has_its_document(app: Flask, ask: Ask) -> None:
    document = ask("GET", "/openapi/jotter.json").json

    assert {"/notes", "/notes/{no}"} == set(document["paths"])
    assert "Jotter" == document["info"]["title"]
    assert ["notes"] == [tag["name"] for tag in document["tags"]]
    assert "add_note" == document["paths"]["/notes"]["post"]["operationId"]
    assert 'href="/docs/jotter"' in ask("GET", "/docs").body.decode()
    assert "/openapi/jotter.json" in ask("GET", "/docs/jotter").body.decode()
