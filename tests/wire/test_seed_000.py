"""The tutorial of the task workflow: every documented exchange, and its own client run whole."""

import json
import re
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path
from typing import Any, Final

import pytest
from flask import Flask

from tests.wire.api import Api
from tests.wire.conftest import Ask
from tests.wire.seeded import blocks, listening, put, run_javascript, seed
from tests.wire.tm import Person, Tm, soon, task_management

BASE: Final = "https://api.taskmanagement.example.com/v1"
DUE: Final = "2025-06-01T17:00:00Z"
USAGE: Final = re.compile(r"^// (?:Example usage|Using the .*)\n", re.MULTILINE)
RUN: Final = "// Run the complete workflow\n"


@pytest.fixture
def tm(api: Api, ask: Ask) -> Tm:
    """The shipped workflow at its mount."""
    return task_management(api, ask)


@pytest.fixture
def user(tm: Tm) -> Person:
    """Whom the task is assigned to."""
    return tm.person("user")


@pytest.fixture
def base(app: Flask) -> Iterator[str]:
    """The address of the API on this machine."""
    with listening(app) as address:
        yield f"{address}/v1"


def exchanges(own: dict[str, str]) -> list[tuple[str, str, Any, Any]]:
    """Give every documented request with a body and its answer: method, path, body, answer."""
    document = seed("000")
    for told, text in own.items():
        document = document.replace(told, text)
    requests = [block for block in blocks(document, "http") if "{" in block]
    answers = [json.loads(block) for block in blocks(document, "json")]
    made = []
    for block, answer in zip(requests, answers, strict=True):
        line, _, rest = block.partition("\n")
        method, path = line.split()
        made.append((method, path, json.loads(rest.partition("\n\n")[2]), answer))
    return made


def test_every_documented_request_gets_the_documented_answer(tm: Tm, user: Person) -> None:
    """Rejection is an alternative to being done, so the review is asked for again after it."""
    known: dict[str, str] = {"user456": tm.admin(), "user789": user.id, DUE: soon()}
    create, assign, start, review, done, reject, cancel = exchanges(known)
    answers: list[dict[str, Any]] = []
    steps = (create, assign, start, review, reject, review, done, cancel)
    for method, path, sent, expected in steps:
        where = path.replace("task123", answers[0]["id"]) if answers else path
        answer = tm.request(method, where, sent)
        assert (201 if method == "POST" else 200) == answer.status, answer.json
        answers.append(answer.json)
        assert list(expected) == list(answer.json)
        generated = {name: answer.json[name] for name in ("id", "createdAt", "updatedAt")}
        said = {**expected, **generated, "description": answer.json["description"]}
        assert said == answer.json
        if "description" in sent:
            assert sent["description"] == answer.json["description"]
    stamps = [answer["updatedAt"] for answer in answers]
    assert all(earlier <= later for earlier, later in pairwise(stamps))


def test_the_documented_report_is_the_list_of_the_assignee(tm: Tm, user: Person) -> None:
    task = tm.task(assigneeId=user.id)
    tm.task()
    [listing] = [block for block in blocks(seed("000"), "http") if block.startswith("GET")]
    path = listing.splitlines()[0].removeprefix("GET ").replace("user789", user.id)

    assert [task] == tm.get(path).json["data"]


class Tutorial:
    """The tutorial's JavaScript: functions and their usages, with a user and an address put in."""

    def __init__(self, base: str, key: str, user: str) -> None:
        self._blocks = blocks(seed("000"), "javascript")
        self._own = {BASE: base, "user789": user, DUE: soon()}
        parts = [USAGE.split(block) for block in self._blocks[:-1]]
        self.functions = f"const API_KEY = '{key}';\n" + "".join(part[0] for part in parts)
        self.usages = [part[1] for part in parts]

    def workflow(self, chance: float) -> str:
        """Give the complete workflow as a program, its review decided by this number."""
        whole = self._blocks[-1].replace(RUN, "await ")
        return self._put(f"Math.random = () => {chance};\n{self.functions}{whole}")

    def steps(self) -> str:
        """Give all usages as a program: the rejection comes in between, as in the workflow."""
        create, assign, start, review, done, reject, cancel, report = self.usages
        after = [assign, start, review, reject, review, done, cancel, report]
        blocks = "".join(f"{{\n{usage}}}\n" for usage in after)
        return self._put(f"{self.functions}{create}{blocks}").replace("'task123'", "newTask.id")

    def _put(self, code: str) -> str:
        return put(code, self._own)


def test_the_complete_workflow_of_the_client(
    tm: Tm, user: Person, base: str, tmp_path: Path
) -> None:
    tutorial = Tutorial(base, tm.api.key, user.id)
    rejected = "Task rejected and moved back to IN_PROGRESS"
    report = re.compile(r"DONE: (\d).*HIGH: (\d).*completionRate: '100.00%'", re.DOTALL)

    for number, (chance, passes) in enumerate([(0.9, True), (0.1, False)], start=1):
        said = run_javascript(tutorial.workflow(chance), tmp_path)

        task = tm.get("/tasks").json["data"][0]
        assert f"Task created with ID: {task['id']}" in said
        assert ("DONE", user.id) == (task["status"], task["assigneeId"])
        assert passes == (rejected not in said)
        counted = report.search(said)
        assert counted is not None, said
        assert (str(number), str(number)) == counted.groups()


def test_every_step_of_the_client(tm: Tm, user: Person, base: str, tmp_path: Path) -> None:
    tutorial = Tutorial(base, tm.api.key, user.id)

    said = run_javascript(tutorial.steps(), tmp_path)

    [task] = tm.get("/tasks").json["data"]
    assert "CANCELED" == task["status"]
    assert "Canceled: Authentication will be handled" in task["description"]
    for line in (
        f"Task assigned to user: {user.id}",
        "Task status updated to: IN_PROGRESS",
        "Task rejected and moved back to IN_PROGRESS",
        "Task has been completed",
        "Task has been canceled",
    ):
        assert line in said
    assert "completionRate: '0.00%'" in said


def test_the_client_hears_what_is_wrong(tm: Tm, base: str, tmp_path: Path) -> None:
    tutorial = Tutorial(base, tm.api.key, "user789")
    code = tutorial.functions.replace(BASE, base)
    usage = "try { await assignTask('task123', 'user789'); } catch (e) { console.log(e.message); }"

    said = run_javascript(code + usage, tmp_path)

    assert "Failed to assign task: Task with ID 'task123' not found" == said.strip()
