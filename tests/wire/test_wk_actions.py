"""The Workiva dialect: the actions of the approval process."""

from typing import Any

import pytest

from tests.wire.api import Api
from tests.wire.conftest import Ask
from tests.wire.wk import UNKNOWN, Person, Wk, error, step, targets, workiva


@pytest.fixture
def wk(api: Api, ask: Ask) -> Wk:
    return workiva(api, ask)


@pytest.fixture
def ann(wk: Wk) -> Person:
    return wk.person("ann")


@pytest.fixture
def bob(wk: Wk) -> Person:
    return wk.person("bob")


def submitted(wk: Wk, *steps: object, **rest: Any) -> str:
    """Create and submit a task as the first admin; give its id."""
    task = wk.task(approvalSteps=list(steps), **rest)["id"]
    wk.done(task, "SUBMIT")
    return str(task)


def responses(task: Any) -> list[list[str]]:
    """Return who did what, step by step."""
    return [[one["action"] for one in part["responses"]] for part in task["approvalSteps"]]


def test_wk_38_a_task_without_steps_is_completed_at_once(wk: Wk, ann: Person) -> None:
    task = wk.task(by=ann, assignees=[ann.user])["id"]

    assert "Completed" == wk.done(task, "SUBMIT", by=ann)["status"]


def test_wk_39_a_task_with_steps_awaits_approval(wk: Wk, ann: Person) -> None:
    task = wk.task(by=ann, approvalSteps=[step(ann)])["id"]

    assert "Awaiting Approval" == wk.done(task, "SUBMIT", by=ann)["status"]
    error(wk.act(task, "SUBMIT", by=ann), 409, "Conflict")


def test_wk_40_one_approval_settles_a_step_of_mode_one(wk: Wk, ann: Person, bob: Person) -> None:
    task = submitted(wk, step(ann, bob), step(ann))

    first = wk.done(task, "APPROVE", by=bob)

    assert ("Awaiting Approval", [["APPROVE"], []]) == (first["status"], responses(first))
    assert "Completed" == wk.done(task, "APPROVE", by=ann)["status"]


def test_wk_41_all_approvals_settle_a_step_of_mode_all(wk: Wk, ann: Person, bob: Person) -> None:
    task = submitted(wk, step(ann, bob, mode="ALL"))

    assert "Awaiting Approval" == wk.done(task, "APPROVE", by=bob)["status"]
    assert "Completed" == wk.done(task, "APPROVE", by=ann)["status"]


def test_wk_42_steps_come_one_after_the_other(wk: Wk, ann: Person, bob: Person) -> None:
    task = submitted(wk, step(ann), step(bob))

    for action in ("APPROVE", "REJECT", "SKIP"):
        error(wk.act(task, action, by=bob), 403, "Forbidden")
    wk.done(task, "APPROVE", by=ann)
    error(wk.act(task, "APPROVE", by=ann), 403, "Forbidden")
    assert [["APPROVE"], []] == responses(wk.get(task).json)


def test_wk_43_after_the_last_step_a_task_is_completed(wk: Wk, ann: Person, bob: Person) -> None:
    task = submitted(wk, step(ann), step(bob), step(ann, bob))

    statuses = [wk.done(task, "APPROVE", by=by)["status"] for by in (ann, bob, ann)]

    assert ["Awaiting Approval", "Awaiting Approval", "Completed"] == statuses


def test_wk_44_answers_are_recorded_with_comment_time_and_user(
    wk: Wk, ann: Person, bob: Person
) -> None:
    task = submitted(wk, step(ann), step(bob), step(ann))
    wk.done(task, "APPROVE", by=ann, comment="fine")
    wk.done(task, "SKIP", by=bob, comment=None)

    shown = wk.done(task, "REJECT", by=ann, comment="please refine")

    said = [part["responses"][0] for part in shown["approvalSteps"]]
    assert all({"action", "comment", "created"} == set(one) for one in said)
    assert [("APPROVE", "fine"), ("SKIP", None), ("REJECT", "please refine")] == [
        (one["action"], one["comment"]) for one in said
    ]
    assert [ann.id, bob.id, ann.id] == [one["created"]["user"]["id"] for one in said]
    times = [one["created"]["dateTime"] for one in said]
    assert shown["created"]["dateTime"] <= times[0] <= times[1] <= times[2]
    assert times[2] == shown["modified"]["dateTime"]


def test_wk_45_a_rejected_task_keeps_its_answers_until_it_is_submitted(
    wk: Wk, ann: Person, bob: Person
) -> None:
    task = submitted(wk, step(ann), step(bob))
    wk.done(task, "APPROVE", by=ann)

    rejected = wk.done(task, "REJECT", by=bob)

    assert ("Returned", [["APPROVE"], ["REJECT"]]) == (rejected["status"], responses(rejected))
    again = wk.done(task, "SUBMIT")
    assert ("Awaiting Approval", [[], []]) == (again["status"], responses(again))


def test_wk_46_a_step_can_be_skipped(wk: Wk, ann: Person, bob: Person) -> None:
    """By whoever takes part in it, and by the owner of the task."""
    task = submitted(wk, step(ann, bob, mode="ALL"), step(bob))

    assert [["SKIP"], []] == responses(wk.done(task, "SKIP", by=ann))
    assert "Completed" == wk.done(task, "SKIP")["status"]


def test_wk_46_an_admin_and_a_key_without_user_skip_any_step(wk: Wk, ann: Person) -> None:
    key = wk.api.post("/keys", {"name": "robot"}).json["key"]
    boss = wk.person("boss", role="admin")
    robot = Person(id="", email="", key=key, token=key)

    for by, user in ((boss, {"id": boss.id}), (robot, None)):
        task = submitted(wk, step(ann), by=ann)
        shown = wk.done(task, "SKIP", by=by, comment="late")
        [said] = shown["approvalSteps"][0]["responses"]
        assert ("Completed", "SKIP", user) == (
            shown["status"],
            said["action"],
            said["created"]["user"],
        )
    error(
        wk.act(submitted(wk, step(ann)), "SKIP", by=wk.person("lead", role="manager")),
        403,
        "Forbidden",
    )


def test_wk_47_a_cancelled_task_only_restarts(wk: Wk, ann: Person) -> None:
    task = submitted(wk, step(ann))

    error(wk.act(task, "CANCEL", by=ann), 403, "Forbidden")
    assert "Cancelled" == wk.done(task, "CANCEL")["status"]
    for action in ("SUBMIT", "CANCEL", "APPROVE"):
        error(wk.act(task, action), 409, "Conflict")
    assert "Created" == wk.done(task, "RESTART")["status"]
    error(wk.act(task, "RESTART"), 409, "Conflict")


def test_wk_48_a_restart_clears_the_answers(wk: Wk, ann: Person, bob: Person) -> None:
    task = submitted(wk, step(ann), step(bob), assignees=[bob.user])
    wk.done(task, "APPROVE", by=ann)

    restarted = wk.done(task, "RESTART", by=bob)

    assert ("Created", [[], []]) == (restarted["status"], responses(restarted))


def test_wk_49_a_comment_is_optional_and_may_be_null(wk: Wk, ann: Person) -> None:
    task = submitted(wk, step(ann), step(ann), step(ann))

    wk.done(task, "APPROVE", by=ann)
    wk.done(task, "APPROVE", by=ann, comment=None)
    shown = wk.done(task, "APPROVE", by=ann, comment="so")
    assert [None, None, "so"] == [
        part["responses"][0]["comment"] for part in shown["approvalSteps"]
    ]
    odd: list[object] = [5, ["so"], {}, True]
    for comment in odd:
        assert {"comment"} == targets(wk.act(task, "RESTART", comment=comment))


def test_wk_50_an_action_is_one_of_six(wk: Wk) -> None:
    task = wk.task()["id"]
    path = f"/tasks/{task}/actionSubmission"

    odd: list[object] = ["APPROVED", "submit", "", None, 5, ["SUBMIT"], {}]
    for action in odd:
        assert {"action"} == targets(wk.request("POST", path, {"action": action}))
    assert {"action"} == targets(wk.request("POST", path, {}))
    assert {"actoin", "action"} == targets(wk.request("POST", path, {"actoin": "SUBMIT"}))
    bodies: list[object] = [[], "SUBMIT", 5]
    for body in bodies:
        assert {"body"} == targets(wk.request("POST", path, body))
    error(wk.act(UNKNOWN, "SUBMIT"), 404, "NotFound")
    assert "Created" == wk.get(task).json["status"]


def test_wk_51_whoever_takes_no_part_does_not_approve(wk: Wk, ann: Person, bob: Person) -> None:
    task = submitted(wk, step(ann))

    for by in (bob, None):
        for action in ("APPROVE", "REJECT"):
            error(wk.act(task, action, by=by), 403, "Forbidden")
    error(wk.act(task, "SKIP", by=bob), 403, "Forbidden")
    assert [[]] == responses(wk.get(task).json)


def test_wk_52_nobody_approves_twice(wk: Wk, ann: Person, bob: Person) -> None:
    task = submitted(wk, step(ann, bob, mode="ALL"))
    wk.done(task, "APPROVE", by=ann)

    error(wk.act(task, "APPROVE", by=ann), 409, "Conflict")
    assert [["APPROVE"]] == responses(wk.get(task).json)


def test_wk_53_an_action_answers_the_whole_task(wk: Wk, ann: Person) -> None:
    task = wk.task(approvalSteps=[step(ann)])["id"]

    for action, by in (
        ("SUBMIT", None),
        ("REJECT", ann),
        ("SUBMIT", None),
        ("APPROVE", ann),
        ("RESTART", None),
    ):
        answer = wk.act(task, action, by=by)
        assert (200, wk.get(task).json) == (answer.status, answer.json)


def test_what_was_done_here_reads_the_same_in_the_native_api(wk: Wk, ann: Person) -> None:
    """A dialect translates, never decides."""
    task = submitted(wk, step(ann), title="Same")
    wk.done(task, "APPROVE", by=ann, comment="fine")

    [native] = wk.api.get("/workflows/approvals/tasks?Title=Same").json

    assert "Completed" == native["Stage"]
    [shown] = native["Approval steps"]
    assert [ann.email] == shown["participants"]
    assert [("APPROVE", "fine", ann.email)] == [
        (one["action"], one["comment"], one["by"]) for one in shown["responses"]
    ]
