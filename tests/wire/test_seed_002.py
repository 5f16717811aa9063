"""The reference of creating a task: its own clients in Python, JavaScript and curl."""

import json
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Final

import pytest
from flask import Flask

from tests.wire.api import Api
from tests.wire.conftest import Ask
from tests.wire.seeded import blocks, listening, put, run_javascript, run_python, run_shell, seed
from tests.wire.tm import Person, Tm, now, soon, spelt, task_management

BASE: Final = "https://api.taskmanagement.example.com/v1"
STAMPS: Final = ("id", "createdBy", "createdAt", "updatedAt")


@pytest.fixture
def tm(api: Api, ask: Ask) -> Tm:
    """The shipped workflow at its mount."""
    return task_management(api, ask)


@pytest.fixture
def user(tm: Tm) -> Person:
    """Who the tasks are for."""
    return tm.person("user")


@pytest.fixture
def base(app: Flask) -> Iterator[str]:
    """The address of the API on this machine."""
    with listening(app) as address:
        yield f"{address}/v1"


def test_the_documented_request_gets_the_documented_answer(tm: Tm, user: Person) -> None:
    document = seed("002")
    due = {"2025-06-01T17:00:00Z": soon(), "user123": user.id}
    [example, created, *_] = blocks(document, "json")
    sent = json.loads(put(example, due))

    answer = tm.post("/tasks", sent)

    assert 201 == answer.status
    expected = json.loads(put(created, due))
    assert list(expected) == list(answer.json)
    generated = {name: answer.json[name] for name in STAMPS}
    assert {**expected, **generated} == answer.json


def test_the_documented_refusal_is_given(tm: Tm) -> None:
    [*_, refused] = blocks(seed("002"), "json")

    answer = tm.post("/tasks", {"dueDate": soon(-1), "assigneeId": "user123"})

    assert (422, json.loads(refused)) == (answer.status, answer.json)


def test_the_client_in_python(tm: Tm, user: Person, base: str, tmp_path: Path) -> None:
    [code] = blocks(seed("002"), "python")

    said = run_python(
        put(code, {BASE: base, "YOUR_API_KEY": tm.api.key, "'user456'": f"'{user.id}'"}), tmp_path
    )

    [task] = tm.get("/tasks").json["data"]
    expected = [
        "Task created successfully:",
        f"ID: {task['id']}",
        "Title: Prepare quarterly report",
        f"Assigned to: {user.id}",
        f"Due date: {task['dueDate']}",
    ]
    assert expected == said.splitlines()
    assert (48, ["finance", "reporting", "quarterly"]) == (task["warningOffset"], task["tags"])
    assert spelt(now() + timedelta(days=6)) < task["dueDate"] < spelt(now() + timedelta(days=8))


def test_the_client_in_python_hears_what_is_wrong(tm: Tm, base: str, tmp_path: Path) -> None:
    [code] = blocks(seed("002"), "python")
    own = {BASE: base, "YOUR_API_KEY": tm.api.key, "timedelta(days=7)": "timedelta(days=-7)"}

    said = run_python(put(code, own), tmp_path)

    assert said.startswith("Error: Validation error: ")
    assert "Due date must be in the future" in said
    assert "Assignee with ID 'user456' does not exist" in said


def test_the_client_in_javascript(tm: Tm, user: Person, base: str, tmp_path: Path) -> None:
    [code] = blocks(seed("002"), "javascript")
    own = put(code, {BASE: base, "user123": user.id})

    said = run_javascript(f"const API_KEY = '{tm.api.key}';\n{own}", tmp_path)

    [task] = tm.get("/tasks").json["data"]
    assert f"Task created with ID: {task['id']}" == said.splitlines()[0]
    assert "Invalid" not in said
    assert ("Create API documentation", user.id, 24) == tuple(
        task[name] for name in ("title", "assigneeId", "warningOffset")
    )


def test_the_client_in_the_shell(tm: Tm, user: Person, base: str, tmp_path: Path) -> None:
    [code] = blocks(seed("002"), "bash")
    own = {
        BASE: base,
        "YOUR_API_KEY": tm.api.key,
        "user123": user.id,
        "2025-06-01T17:00:00Z": soon(),
    }

    said = run_shell(put(code, own), tmp_path)

    [task] = tm.get("/tasks").json["data"]
    assert task == json.loads(said)
    assert "Implement authentication" == task["title"]
