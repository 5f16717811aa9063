"""The report of a workflow: counts as the reference client makes them, what is overdue, rights."""

from collections.abc import Iterator
from datetime import UTC, datetime
from decimal import ROUND_HALF_UP, Decimal
from typing import Any
from urllib.parse import urlencode

import pytest
from flask import Flask

from taskloom.engine.engine import Engine
from taskloom.engine.reports import MOST_OVERDUE
from taskloom.wire.app import create_app
from taskloom.wire.base import Limits
from taskloom.wire.flowdash.controls import CONTROLS, WORDS
from taskloom.wire.flowdash.reports import MOST_SELECTS, rate
from tests.wire.api import Api, Reply
from tests.wire.conftest import Ask
from tests.wire.tm import Clock, Person, Tm, clear, shared_engine, soon

STATUSES = ("TODO", "IN_PROGRESS", "REVIEW", "DONE", "CANCELED")
PRIORITIES = ("LOW", "MEDIUM", "HIGH", "URGENT")
DAYS = 24 * 60 * 60 * 1000
SEEDS = {"by": "Priority", "due": "Due date", "done": "DONE"}


@pytest.fixture(scope="module")
def clock() -> Clock:
    """The clock of the engine."""
    return Clock()


@pytest.fixture(scope="module")
def engine(
    mongod_uri: str, tmp_path_factory: pytest.TempPathFactory, clock: Clock
) -> Iterator[Engine]:
    """The engine that all tests here share."""
    with shared_engine(mongod_uri, tmp_path_factory.mktemp("report"), clock) as made:
        yield made


@pytest.fixture(scope="module")
def app(engine: Engine) -> Flask:
    """The app that all tests here share."""
    return create_app(engine, Limits(max_body=10_000_000, max_file=1), lambda: True)


@pytest.fixture
def tm(api: Api, ask: Ask, engine: Engine, clock: Clock) -> Iterator[Tm]:
    """The shipped workflow at its mount; what a test leaves is removed."""
    yield Tm(api=api, ask=ask)
    clock.late = 0
    clear(engine)


@pytest.fixture
def ann(tm: Tm) -> Person:
    """A member, who sees only what she made or is assigned to."""
    return tm.person("ann")


@pytest.fixture
def busy(tm: Tm, ann: Person, clock: Clock) -> Tm:
    """Tasks of all statuses and priorities, with due dates that have passed or not."""
    clock.late = 3 * DAYS
    for status, priority, due in [
        ("TODO", "LOW", soon(-1)),
        ("TODO", "HIGH", soon(-2)),
        ("REVIEW", "HIGH", soon(1)),
        ("IN_PROGRESS", "URGENT", None),
        ("DONE", "HIGH", soon(-1)),
        ("DONE", "LOW", None),
        ("CANCELED", "LOW", soon(-1)),
    ]:
        tm.task(f"{status} {priority}", status=status, priority=priority, dueDate=due)
    tm.task("hers", by=ann, priority="URGENT", dueDate=soon(-1))
    clock.late = 0
    return tm


def report(
    api: Api, *pairs: tuple[str, str], workflow: str = "task-management", **rest: Any
) -> Any:
    answer = asked(api, *pairs, workflow=workflow, **rest)
    assert 200 == answer.status, answer.json
    return answer.json


def asked(
    api: Api, *pairs: tuple[str, str], workflow: str = "task-management", **rest: Any
) -> Reply:
    return api.get(f"/workflows/{workflow}/report?{urlencode(pairs)}", **rest)


def of_the_client(tm: Tm, **rest: Any) -> dict[str, Any]:
    """Do what the reference client does with its list of tasks."""
    tasks = tm.get("/tasks?limit=100", **rest).json["data"]
    now = datetime.now(UTC)
    statuses, priorities = dict.fromkeys(STATUSES, 0), dict.fromkeys(PRIORITIES, 0)
    for task in tasks:
        statuses[task["status"]] += 1
        priorities[task["priority"]] += 1
    overdue = [
        task["id"]
        for task in tasks
        if task["dueDate"]
        and datetime.fromisoformat(task["dueDate"]) < now
        and task["status"] not in {"DONE", "CANCELED"}
    ]
    percent = Decimal(statuses["DONE"] / len(tasks) * 100) if tasks else None
    return {
        "total": len(tasks),
        "stages": statuses,
        "by": {"Priority": {**priorities, "": 0}},
        "overdue": sorted(overdue),
        "done": statuses["DONE"],
        "completionRate": "0%"
        if percent is None
        else f"{percent.quantize(Decimal('0.01'), ROUND_HALF_UP)}%",
    }


def of_the_server(found: Any) -> dict[str, Any]:
    """Give a report with the ids of what is overdue only."""
    late = sorted(task["id"] for task in found["overdue"]["tasks"])
    assert len(late) == found["overdue"]["count"]
    return {**found, "overdue": late}


def test_tm_87_the_report_is_what_the_reference_client_computes(busy: Tm, ann: Person) -> None:
    for key, who in ((busy.api.key, None), (ann.key, ann)):
        found = report(busy.api, *SEEDS.items(), key=key)

        assert of_the_client(busy, by=who) == of_the_server(found)
        assert [*STATUSES] == list(found["stages"])
        assert [*PRIORITIES, ""] == list(found["by"]["Priority"])


def test_tm_87_the_numbers_are_these(busy: Tm) -> None:
    found = report(busy.api, *SEEDS.items())

    assert (8, 2, "25.00%") == (found["total"], found["done"], found["completionRate"])
    assert {"TODO": 3, "IN_PROGRESS": 1, "REVIEW": 1, "DONE": 2, "CANCELED": 1} == found["stages"]
    assert {"LOW": 3, "MEDIUM": 0, "HIGH": 3, "URGENT": 2, "": 0} == found["by"]["Priority"]


def test_tm_87_overdue_tasks_are_told_by_what_is_longest_due(busy: Tm) -> None:
    late = report(busy.api, ("due", "Due date"))["overdue"]
    tasks = busy.get("/tasks?limit=100").json["data"]
    titles = {task["id"]: task["title"] for task in tasks}

    assert ["TODO HIGH", "TODO LOW", "hers"] == [titles[task["id"]] for task in late["tasks"]]
    assert 3 == late["count"]
    first = late["tasks"][0]
    assert {"id", "Stage", "Task URL", "Due date"} == set(first)
    assert "TODO" == first["Stage"]
    assert first["Task URL"].endswith(f"/workflows/task-management/tasks/{first['id']}")


def test_tm_87_of_no_tasks_nothing_is_complete(tm: Tm) -> None:
    found = report(tm.api, *SEEDS.items())

    assert of_the_client(tm) == of_the_server(found)
    assert "0%" == found["completionRate"]
    assert {"count": 0, "tasks": []} == found["overdue"]


def test_tm_87_filters_narrow_the_whole_report(busy: Tm) -> None:
    found = report(busy.api, *SEEDS.items(), ("Priority", "HIGH"), ("Stage[ne]", "REVIEW"))

    assert (2, "50.00%", 1) == (found["total"], found["completionRate"], found["overdue"]["count"])
    assert {"LOW": 0, "MEDIUM": 0, "HIGH": 2, "URGENT": 0, "": 0} == found["by"]["Priority"]
    assert 1 == report(busy.api, ("_q", "hers"))["total"]


def test_tm_87_only_what_is_asked_for_is_told(busy: Tm) -> None:
    found = report(busy.api)

    assert ({}, None, "25.00%") == (found["by"], found["overdue"], found["completionRate"])
    assert "12.50%" == report(busy.api, ("done", "CANCELED"))["completionRate"]


@pytest.mark.parametrize(
    ("done", "total", "told"),
    [
        (0, 0, "0%"),
        (0, 3, "0.00%"),
        (1, 3, "33.33%"),
        (2, 3, "66.67%"),
        (3, 3, "100.00%"),
        (1, 800, "0.13%"),
        (201, 20_000, "1.00%"),
    ],
)
def test_tm_87_the_rate_is_spelt_as_to_fixed_does(done: int, total: int, told: str) -> None:
    assert told == rate(done, total)


def test_tm_87_a_hundred_overdue_tasks_are_named_and_all_counted(
    tm: Tm, ann: Person, clock: Clock
) -> None:
    many = MOST_OVERDUE + 1
    clock.late = 3 * DAYS
    rows = [{"Title": "late", "Priority": "LOW", "Due date": soon(-1)} for _ in range(many)]
    written = tm.api.post("/workflows/task-management/tasks/bulk", rows)
    assert 200 == written.status, written.json
    clock.late = 0

    late = report(tm.api, ("due", "Due date"))["overdue"]

    assert (many, MOST_OVERDUE) == (late["count"], len(late["tasks"]))
    assert 0 == report(tm.api, ("due", "Due date"), key=ann.key)["overdue"]["count"]


@pytest.mark.parametrize(
    ("pairs", "told"),
    [
        ([("by", "Priorty")], {"by": ["'Priorty' is not a single select", "'Priority'?"]}),
        ([("by", "priority")], {"by": ["did you mean 'Priority'?"]}),
        ([("by", "Title")], {"by": ["'Title' is not a single select"]}),
        ([("by", "Stage")], {"by": ["'Stage' is not a single select of this workflow"]}),
        ([("by", "Priority")] * (MOST_SELECTS + 1), {"by": [f"at most {MOST_SELECTS} titles"]}),
        ([("due", "Due dat")], {"due": ["did you mean 'Due date'?"]}),
        ([("due", "Title")], {"due": ["'Title' is not a date"]}),
        ([("due", "Due date")] * 2, {"due": ["can be given once"]}),
        ([("done", "DON")], {"done": ["did you mean 'DONE'?"]}),
        ([("done", "")], {"done": ["is not a stage"]}),
        ([("Priorty", "LOW")], {"Priorty": ["did you mean 'Priority'?"]}),
        (
            [("by", "x"), ("due", "y"), ("done", "z"), ("Stage", "w")],
            {"by": ["'x'"], "due": ["'y'"], "done": ["'z'"], "Stage": ["is invalid"]},
        ),
        *[([(name, "1")], {name: ["means nothing here"]}) for name in CONTROLS if name != WORDS],
    ],
)
def test_tm_87_what_is_wrong_is_told_with_the_nearest_name(
    tm: Tm, pairs: list[tuple[str, str]], told: dict[str, list[str]]
) -> None:
    answer = asked(tm.api, *pairs)

    assert 422 == answer.status
    errors = answer.json["errors"]
    assert set(told) == set(errors)
    for name, parts in told.items():
        assert all(part in errors[name][0] for part in parts), errors


def test_a_report_minds_hidden_fields_and_names_the_unique_id(tm: Tm, ann: Person) -> None:
    api = tm.api
    properties = {
        "ref": {"title": "Reference", "type": "string"},
        "level": {"title": "Level", "type": "string", "enum": ["a", "b"]},
        "due": {"title": "due", "type": "string", "format": "date"},
    }
    member = {"name": "Clerk", "for": ["member"]}
    shape = {"uniqueId": "ref", "stages": [{"name": "Open"}, {"name": "Shut"}]}
    api.workflow("visits", properties, roles=[member], **shape)
    today = datetime.now(UTC).date().isoformat()
    for ref, level, due in [("1", "a", "2020-01-31"), ("2", None, today), ("3", None, None)]:
        body = {"Reference": ref, "Level": level, "due": due}
        assert 201 == api.post("/workflows/visits/tasks", body).status
    wanted = [("by", "Level"), ("due", "due")]

    found = report(api, *wanted, workflow="visits")

    assert ({"Open": 3, "Shut": 0}, 0, "0.00%") == (
        found["stages"],
        found["done"],
        found["completionRate"],
    )
    assert {"a": 1, "b": 0, "": 2} == found["by"]["Level"]
    [late] = found["overdue"]["tasks"]
    assert ("1", "2020-01-31", "Open") == (late["Reference"], late["due"], late["Stage"])
    assert 1 == report(api, ("due[eq]", "2020-01-31"), workflow="visits")["total"]

    hidden = {**member, "fields": {"level": {"read": False}, "due": {"read": False}}}
    api.workflow("visits", properties, roles=[hidden], **shape)
    refused = asked(api, *wanted, workflow="visits", key=ann.key)
    errors = refused.json["errors"]
    assert (422, {"by", "due"}) == (refused.status, set(errors))
    assert ["'Level' is not a single select of this workflow"] == errors["by"]
    assert ["'due' is not a date of this workflow"] == errors["due"]
    assert 3 == report(api, workflow="visits", key=ann.key)["total"]
    assert 404 == asked(api, workflow="unknown").status
    assert 401 == asked(api, key=None).status
