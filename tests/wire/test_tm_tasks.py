"""The Task Management API: creating, reading, changing and deleting tasks."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta, timezone
from itertools import pairwise, product
from typing import Any, Final

import pytest
from flask import Flask

from taskloom.engine.engine import Engine
from taskloom.wire.app import create_app
from taskloom.wire.base import Limits
from tests.wire.api import Api
from tests.wire.conftest import Ask
from tests.wire.tm import Clock, Tm, clear, details, error, now, pairs, shared_engine, soon, spelt

STATUSES: Final = ("TODO", "IN_PROGRESS", "REVIEW", "DONE", "CANCELED")
ALLOWED: Final = {
    "TODO": ["IN_PROGRESS", "CANCELED"],
    "IN_PROGRESS": ["REVIEW", "CANCELED"],
    "REVIEW": ["IN_PROGRESS", "DONE", "CANCELED"],
    "DONE": ["CANCELED"],
    "CANCELED": [],
}
LEGAL: Final = [(now, then) for now, following in ALLOWED.items() for then in following]
ILLEGAL: Final = [pair for pair in pairs(STATUSES) if pair not in LEGAL]
NOBODY: Final = "0123456789abcdef01234567"
STAMPS: Final = ("createdAt", "updatedAt")


@pytest.fixture(scope="module")
def clock() -> Clock:
    """The clock of the engine."""
    return Clock()


@pytest.fixture(scope="module")
def engine(
    mongod_uri: str, tmp_path_factory: pytest.TempPathFactory, clock: Clock
) -> Iterator[Engine]:
    """The engine that all tests here share."""
    with shared_engine(mongod_uri, tmp_path_factory.mktemp("tm"), clock) as made:
        yield made


@pytest.fixture(scope="module")
def app(engine: Engine) -> Flask:
    """The app that all tests here share."""
    return create_app(engine, Limits(max_body=10_000_000, max_file=1), lambda: True)


@pytest.fixture
def tm(api: Api, ask: Ask, engine: Engine) -> Iterator[Tm]:
    """The shipped workflow at its mount; what a test leaves is removed."""
    yield Tm(api=api, ask=ask)
    clear(engine)


@pytest.fixture
def overdue(tm: Tm, clock: Clock) -> dict[str, Any]:
    """A task that was due yesterday."""
    clock.late = 1000 * 60 * 60 * 24 * 3
    task: dict[str, Any] = tm.task(dueDate=soon(-1))
    clock.late = 0
    return task


def full(**changes: Any) -> dict[str, Any]:
    """Give the full body of the reference, due in a week."""
    return {
        "title": "Implement authentication",
        "description": "Add token-based authentication to the application",
        "status": "TODO",
        "priority": "HIGH",
        "dueDate": soon(),
        "warningOffset": 24,
        "tags": ["authentication", "security", "api"],
        **changes,
    }


def test_tm_4_a_title_alone_makes_a_task_with_defaults(tm: Tm) -> None:
    answer = tm.post("/tasks", {"title": "Write tests"})

    assert 201 == answer.status
    assert {
        "title": "Write tests",
        "description": None,
        "status": "TODO",
        "priority": "MEDIUM",
        "createdBy": tm.admin(),
        "assigneeId": None,
        "dueDate": None,
        "tags": [],
    } == {name: answer.json[name] for name in answer.json if name not in {"id", *STAMPS}}
    assert answer.headers["Location"].endswith(f"/v1/tasks/{answer.json['id']}")


def test_tm_5_the_full_body_comes_back_with_what_is_generated(tm: Tm) -> None:
    user = tm.person("ann")

    sent = full(assigneeId=user.id)
    answer = tm.post("/tasks", sent)

    assert 201 == answer.status
    assert sent == {name: answer.json[name] for name in sent}
    assert {"id", "createdBy", *STAMPS} == set(answer.json) - set(sent)
    assert isinstance(answer.json["warningOffset"], int)


def test_tm_6_the_creator_is_the_owner_of_the_key(tm: Tm) -> None:
    ann, bob = tm.person("ann"), tm.person("bob")

    assert ann.id == tm.task(by=ann, createdBy=bob.id)["createdBy"]


def test_tm_7_read_only_names_in_a_new_task_are_not_honoured(tm: Tm) -> None:
    old = "2001-01-01T00:00:00Z"

    task = tm.task(id="mine", createdAt=old, updatedAt=old)

    assert not {"mine", old} & {task["id"], task["createdAt"], task["updatedAt"]}


def test_tm_8_only_the_warning_offset_is_left_out_where_it_is_unset(tm: Tm) -> None:
    task = tm.task()

    assert "warningOffset" not in task
    assert task["assigneeId"] is None


def test_tm_9_a_new_task_was_changed_when_it_was_created(tm: Tm) -> None:
    before = now()

    task = tm.task()

    assert task["createdAt"] == task["updatedAt"]
    made = datetime.strptime(task["createdAt"], "%Y-%m-%dT%H:%M:%SZ").replace(tzinfo=UTC)
    assert before <= made <= now()


def test_tm_10_a_title_is_required(tm: Tm) -> None:
    for body in ({}, {"title": ""}, {"title": " \t"}, {"title": None}):
        assert {"title": "Title is required"} == details(tm.post("/tasks", body))
    assert [] == tm.listed()


def test_tm_11_a_due_date_lies_in_the_future(tm: Tm) -> None:
    answer = tm.post("/tasks", {"title": "Late", "dueDate": soon(-1)})

    assert {"dueDate": "Due date must be in the future"} == details(answer)


def test_tm_12_an_unknown_status_is_refused(tm: Tm) -> None:
    expected = "Status must be one of: TODO, IN_PROGRESS, REVIEW, DONE, CANCELED"
    for status in ("NEW", "todo", "", 1, None):
        answer = tm.post("/tasks", {"title": "Odd", "status": status})
        assert {"status": expected} == details(answer)


def test_tm_13_an_unknown_priority_is_refused(tm: Tm) -> None:
    expected = "Priority must be one of: LOW, MEDIUM, HIGH, URGENT"
    for priority in ("TOP", "high", "", 1):
        answer = tm.post("/tasks", {"title": "Odd", "priority": priority})
        assert {"priority": expected} == details(answer)


def test_tm_14_an_unknown_assignee_is_one_fault_among_others(tm: Tm) -> None:
    answer = tm.post("/tasks", {"dueDate": soon(-1), "assigneeId": "user123"})

    assert {
        "title": "Title is required",
        "dueDate": "Due date must be in the future",
        "assigneeId": "Assignee with ID 'user123' does not exist",
    } == details(answer)


def test_tm_15_an_unknown_assignee_alone_is_not_found(tm: Tm) -> None:
    task = tm.task()
    for answer in (
        tm.post("/tasks", {"title": "Odd", "assigneeId": NOBODY}),
        tm.patch(f"/tasks/{task['id']}", {"assigneeId": NOBODY}),
    ):
        said = error(answer, 404, "resource_not_found")
        assert f"Assignee with ID '{NOBODY}' does not exist" == said["message"]
        assert {"assigneeId": said["message"]} == said["details"]
    assert ["Write tests"] == tm.listed()


def test_an_assignee_is_one_user_or_nobody(tm: Tm) -> None:
    admin = tm.admin()

    for odd in ([admin], [], {"id": admin}, 5, True):
        answer = tm.post("/tasks", {"title": "Odd", "assigneeId": odd})
        assert {"assigneeId": "Assignee ID must be the ID of a user, or null"} == details(answer)


def test_tm_16_all_invalid_fields_are_told_at_once(tm: Tm) -> None:
    answer = tm.post(
        "/tasks",
        {
            "title": 5,
            "description": 5,
            "status": "NEW",
            "priority": "TOP",
            "dueDate": "tomorrow",
            "warningOffset": -1,
            "tags": "urgent",
            "assigneeId": 5,
            "prioritty": "LOW",
        },
    )

    told = details(answer)
    assert {
        "title",
        "description",
        "status",
        "priority",
        "dueDate",
        "warningOffset",
        "tags",
        "assigneeId",
        "prioritty",
    } == set(told)
    assert "did you mean 'priority'?" in told["prioritty"]
    assert [] == tm.listed()


def test_tm_17_ten_tags_and_no_more(tm: Tm) -> None:
    tags = [f"tag-{number}" for number in range(11)]

    assert tags[:10] == tm.task(tags=tags[:10])["tags"]
    answer = tm.post("/tasks", {"title": "Many", "tags": tags})
    assert {"tags": "A task can have at most 10 tags"} == details(answer)


def test_tm_18_a_tag_is_a_short_text(tm: Tm) -> None:
    for tag in ("x" * 51, 5, None):
        answer = tm.post("/tasks", {"title": "Long", "tags": ["fine", tag]})
        assert {"tags": "Each tag must be a string of at most 50 characters"} == details(answer)
    assert ["x" * 50] == tm.task(tags=["x" * 50])["tags"]


def test_tm_19_a_warning_offset_needs_a_due_date(tm: Tm) -> None:
    lonely = {"warningOffset": "Warning offset requires a due date"}
    assert lonely == details(tm.post("/tasks", {"title": "Warn", "warningOffset": 24}))

    task = tm.task(dueDate=soon(), warningOffset=1.5)
    path = f"/tasks/{task['id']}"
    assert 1.5 == task["warningOffset"]
    assert lonely == details(tm.patch(path, {"dueDate": None}))
    both = tm.patch(path, {"dueDate": None, "warningOffset": None})
    assert 200 == both.status
    assert both.json["dueDate"] is None
    assert "warningOffset" not in both.json


def test_tm_20_any_status_may_be_the_first(tm: Tm) -> None:
    assert list(STATUSES) == [tm.task(status=status)["status"] for status in STATUSES]


def test_tm_22_dates_are_read_in_any_form_and_kept_in_utc(tm: Tm) -> None:
    due = now() + timedelta(days=3)
    naive = due.replace(tzinfo=None, microsecond=123456)
    forms = [
        due.astimezone(timezone(timedelta(hours=5, minutes=30))).isoformat(),
        due.astimezone(timezone(timedelta(hours=-8))).isoformat(timespec="milliseconds"),
        spelt(due),
        f"{naive.isoformat(timespec='milliseconds')}Z",
        naive.isoformat(),
    ]

    assert {spelt(due)} == {tm.task(dueDate=form)["dueDate"] for form in forms}


def test_tm_22_a_day_begins_at_midnight_in_utc(tm: Tm) -> None:
    day = (now() + timedelta(days=3)).date().isoformat()

    assert f"{day}T00:00:00Z" == tm.task(dueDate=day)["dueDate"]


def test_tm_23_a_member_assigns_tasks_to_oneself_only(tm: Tm) -> None:
    ann, bob = tm.person("ann"), tm.person("bob")

    answer = tm.post("/tasks", {"title": "Yours", "assigneeId": bob.id}, by=ann)

    error(answer, 403, "permission_denied")
    assert ann.id == tm.task("Mine", by=ann, assigneeId=ann.id)["assigneeId"]
    assert ["Mine"] == tm.listed()


def test_tm_24_admins_and_managers_assign_to_anyone(tm: Tm) -> None:
    bob = tm.person("bob")

    for role in ("admin", "manager"):
        boss = tm.person(f"first-{role}", role)
        assert bob.id == tm.task(by=boss, assigneeId=bob.id)["assigneeId"]


def test_tm_25_a_task_is_read_by_its_id(tm: Tm) -> None:
    task = tm.task(**full(title="Read me"))

    answer = tm.get(f"/tasks/{task['id']}")

    assert (200, task) == (answer.status, answer.json)


def test_tm_26_an_unknown_task_is_not_found(tm: Tm) -> None:
    for method, task in product(("GET", "PATCH", "DELETE"), (NOBODY, "task123")):
        body = {"title": "New"} if method == "PATCH" else None
        said = error(tm.request(method, f"/tasks/{task}", body), 404, "resource_not_found")
        assert f"Task with ID '{task}' not found" == said["message"]


def test_tm_27_a_foreign_task_is_there_but_not_for_a_member(tm: Tm) -> None:
    ann, bob = tm.person("ann"), tm.person("bob")
    task = tm.task(by=ann)

    error(tm.get(f"/tasks/{task['id']}", by=bob), 403, "permission_denied")
    error(tm.get(f"/tasks/{NOBODY}", by=bob), 404, "resource_not_found")


def test_tm_28_a_new_assignee_changes_nothing_else(tm: Tm) -> None:
    ann = tm.person("ann")
    task = tm.task(**full())

    answer = tm.patch(f"/tasks/{task['id']}", {"assigneeId": ann.id})

    assert 200 == answer.status
    expected = {**task, "assigneeId": ann.id, "updatedAt": answer.json["updatedAt"]}
    assert expected == answer.json
    assert task["updatedAt"] <= answer.json["updatedAt"]


def test_tm_29_null_clears_optional_fields(tm: Tm) -> None:
    task = tm.task(**full(assigneeId=tm.admin()))
    cleared = ["assigneeId", "dueDate", "description", "tags", "warningOffset"]

    answer = tm.patch(f"/tasks/{task['id']}", dict.fromkeys(cleared))

    expected = {**task, **dict.fromkeys(cleared), "tags": [], "updatedAt": None}
    del expected["warningOffset"]
    assert expected == {**answer.json, "updatedAt": None}


def test_tm_30_read_only_names_in_a_change_are_ignored(tm: Tm) -> None:
    task = tm.task()
    sent = {"id": "mine", "createdBy": NOBODY, "createdAt": soon(), "updatedAt": soon()}

    answer = tm.patch(f"/tasks/{task['id']}", {**sent, "title": "New"})

    assert (200, "New") == (answer.status, answer.json["title"])
    kept = ("id", "createdBy", "createdAt")
    assert [task[name] for name in kept] == [answer.json[name] for name in kept]
    assert 200 == tm.patch(f"/tasks/{task['id']}", sent).status
    assert 200 == tm.patch(f"/tasks/{task['id']}", answer.json).status


def test_tm_31_a_status_changes_together_with_other_fields(tm: Tm) -> None:
    task = tm.task()

    answer = tm.patch(f"/tasks/{task['id']}", {"status": "IN_PROGRESS", "description": "Go"})

    assert ("IN_PROGRESS", "Go") == (answer.json["status"], answer.json["description"])


def test_tm_32_every_legal_transition_succeeds(tm: Tm) -> None:
    for before, after in LEGAL:
        task = tm.task(status=before)
        answer = tm.patch(f"/tasks/{task['id']}", {"status": after})
        assert (200, after) == (answer.status, answer.json.get("status")), (before, after)
    assert 8 == len(LEGAL)


def test_tm_33_34_every_other_transition_is_refused_and_says_what_is_possible(tm: Tm) -> None:
    for before, after in ILLEGAL:
        task = tm.task(status=before)
        answer = tm.patch(f"/tasks/{task['id']}", {"status": after})
        said = error(answer, 422, "invalid_status_transition")
        assert f"Cannot transition from status '{before}' to '{after}'" == said["message"]
        assert {
            "currentStatus": before,
            "requestedStatus": after,
            "allowedTransitions": ALLOWED[before],
        } == said["details"]
    assert 12 == len(ILLEGAL)


def test_tm_35_nothing_of_a_refused_change_is_saved(tm: Tm) -> None:
    task = tm.task()

    answer = tm.patch(f"/tasks/{task['id']}", {"status": "DONE", "title": "New"})

    error(answer, 422, "invalid_status_transition")
    assert task == tm.get(f"/tasks/{task['id']}").json


def test_tm_35_other_faults_win_over_the_transition(tm: Tm) -> None:
    task = tm.task()

    answer = tm.patch(f"/tasks/{task['id']}", {"status": "DONE", "priority": "TOP"})

    told = details(answer)
    assert "Cannot transition from status 'TODO' to 'DONE'" == told["status"]
    assert "Priority must be one of: LOW, MEDIUM, HIGH, URGENT" == told["priority"]


def test_tm_36_the_tutorial_passes_from_end_to_end(tm: Tm) -> None:
    ann = tm.person("ann")
    path = f"/tasks/{tm.task()['id']}"
    steps: list[dict[str, Any]] = [
        {"assigneeId": ann.id},
        {"status": "IN_PROGRESS"},
        {"status": "REVIEW"},
        {"status": "IN_PROGRESS", "description": "Feedback: Please add unit tests"},
        {"status": "REVIEW"},
        {"status": "DONE"},
    ]

    answers = [tm.patch(path, step) for step in steps]

    assert [200] * len(steps) == [answer.status for answer in answers]
    stamps = [answer.json["updatedAt"] for answer in answers]
    assert all(earlier <= later for earlier, later in pairwise(stamps))
    assert ("DONE", ann.id) == (answers[-1].json["status"], answers[-1].json["assigneeId"])


def test_tm_37_a_task_that_is_done_can_be_cancelled(tm: Tm) -> None:
    task = tm.task(status="DONE")

    assert "CANCELED" == tm.patch(f"/tasks/{task['id']}", {"status": "CANCELED"}).json["status"]


def test_tm_38_an_overdue_task_can_be_changed(tm: Tm, overdue: dict[str, Any]) -> None:
    path = f"/tasks/{overdue['id']}"

    assert (200, "New") == ((got := tm.patch(path, {"title": "New"})).status, got.json["title"])
    answer = tm.patch(path, {"dueDate": soon(-2)})
    assert {"dueDate": "Due date must be in the future"} == details(answer)
    assert 200 == tm.patch(path, {"dueDate": overdue["dueDate"]}).status


def test_tm_39_40_a_member_changes_what_is_ones_own_or_assigned(tm: Tm) -> None:
    ann, bob, eve = tm.person("ann"), tm.person("bob"), tm.person("eve")
    path = f"/tasks/{tm.task(by=ann)['id']}"
    assert 200 == tm.patch(path, {"assigneeId": bob.id}).status

    assert 200 == tm.patch(path, {"title": "By its creator"}, by=ann).status
    assert 200 == tm.patch(path, {"title": "By its assignee"}, by=bob).status
    error(tm.patch(path, {"title": "By another"}, by=eve), 403, "permission_denied")
    assert "By its assignee" == tm.get(path).json["title"]


def test_tm_41_the_same_status_again_is_fine(tm: Tm) -> None:
    for status in STATUSES:
        task = tm.task(status=status)
        answer = tm.patch(f"/tasks/{task['id']}", {"status": status})
        assert (200, task) == (answer.status, answer.json)


def test_tm_42_a_deleted_task_is_gone(tm: Tm) -> None:
    path = f"/tasks/{tm.task()['id']}"

    answer = tm.delete(path)

    assert (204, b"") == (answer.status, answer.body)
    for method in ("GET", "DELETE"):
        error(tm.request(method, path), 404, "resource_not_found")


def test_tm_43_a_member_deletes_what_is_ones_own(tm: Tm) -> None:
    ann, bob = tm.person("ann"), tm.person("bob")
    mine, yours, assigned = tm.task(by=ann), tm.task(by=bob), tm.task(assigneeId=ann.id)

    for task in (yours, assigned):
        said = error(tm.delete(f"/tasks/{task['id']}", by=ann), 403, "permission_denied")
        assert "You don't have permission to delete this task" == said["message"]
    assert 204 == tm.delete(f"/tasks/{mine['id']}", by=ann).status


def test_tm_44_a_manager_deletes_any_task(tm: Tm) -> None:
    boss = tm.person("boss", "manager")

    assert 204 == tm.delete(f"/tasks/{tm.task()['id']}", by=boss).status
