"""The Workiva dialect: JSON Patch."""

import json
from typing import Any

import pytest

from tests.wire.api import Api, Reply
from tests.wire.conftest import Ask
from tests.wire.wk import UNKNOWN, Wk, error, replacing, step, targets, workiva

PATCH = {"Content-Type": "application/json-patch+json"}


@pytest.fixture
def wk(api: Api, ask: Ask) -> Wk:
    return workiva(api, ask)


def patched(answer: Reply) -> Any:
    assert 200 == answer.status, answer.json
    return answer.json


def raw(wk: Wk, task: str, body: object, **rest: Any) -> Reply:
    return wk.request("PATCH", f"/tasks/{task}", body, **rest)


def test_wk_29_properties_are_replaced(wk: Wk) -> None:
    ann, bob = wk.person("ann"), wk.person("bob")
    task = wk.task(by=ann)
    steps = [step(bob, ann, mode="ALL", dueDate="2030-06-12T00:00:00Z")]

    for name, value, shown in (
        ("title", "Other", "Other"),
        ("description", "More", "More"),
        ("dueDate", "2030-06-11T02:00:00+02:00", "2030-06-11T00:00:00Z"),
        ("owner", bob.id, bob.id),
        ("assignees", [bob.user, ann.user], [bob.user, ann.user]),
        ("approvalSteps", steps, [{**steps[0], "responses": []}]),
    ):
        answer = patched(wk.set(task["id"], name, value, by=ann))
        assert shown == answer[name]
        assert answer == wk.get(task["id"]).json
    for name, empty in (
        ("description", ""),
        ("dueDate", None),
        ("assignees", []),
        ("approvalSteps", []),
    ):
        assert empty == patched(wk.set(task["id"], name, empty))[name]
    assert "" == patched(wk.set(task["id"], "description", None))["description"]


def test_a_patch_may_say_what_it_is(wk: Wk) -> None:
    task = wk.task()["id"]
    body = json.dumps([replacing("title", "Typed")]).encode()

    assert "Typed" == patched(raw(wk, task, body, headers=PATCH))["title"]


def test_wk_30_other_operations_and_paths_are_refused(wk: Wk) -> None:
    task = wk.task()

    for op in ("add", "remove", "move", "copy", "test"):
        operation = {"op": op, "path": "/title", "value": "x", "from": "/description"}
        assert {"[0].op"} == targets(wk.patch(task["id"], operation))
    for name in ("id", "created", "sourceUrl", "notificationsDisabled", "taskType", "location/x"):
        assert {"[0].path"} == targets(wk.set(task["id"], name, "x"))
    assert task == wk.get(task["id"]).json


def test_wk_31_of_a_patch_with_a_fault_nothing_is_kept(wk: Wk) -> None:
    task = wk.task()

    for bad in (
        replacing("dueDate", "soon"),
        replacing("title", None),
        replacing("owner", UNKNOWN),
        replacing("assignees", [{"id": UNKNOWN, "type": "USER"}]),
        {"op": "remove", "path": "/dueDate"},
    ):
        answer = wk.patch(task["id"], replacing("description", "New"), bad)
        error(answer, 400, "BadRequest")
        assert task == wk.get(task["id"]).json


def test_wk_32_a_patch_is_an_array_of_operations(wk: Wk) -> None:
    task = wk.task()["id"]

    for body in ({}, replacing("title", "x"), "x", 5):
        assert {"body"} == targets(raw(wk, task, body))
    assert {"[0].path"} == targets(wk.patch(task, {"op": "replace", "value": 1}))
    assert {"[0].op"} == targets(wk.patch(task, {"path": "/title", "value": "x"}))
    assert {"[0].value"} == targets(wk.patch(task, {"op": "replace", "path": "/title"}))
    assert {"[0]", "[1]"} == targets(wk.patch(task, None, []))


def test_everything_wrong_with_values_is_told_at_once(wk: Wk) -> None:
    task = wk.task()["id"]
    odd = {"id": "x", "type": "USER", "role": "boss"}

    answer = wk.patch(
        task,
        replacing("title", 5),
        replacing("dueDate", "soon"),
        replacing("status", "Started"),
        replacing("location", {"file": "x"}),
        replacing("approvalSteps", [{"completionMode": "ONE", "participants": [odd, {}, 5]}]),
    )

    assert {
        "title",
        "dueDate",
        "status",
        "location.file",
        "location.resource",
        "approvalSteps[0].participants[0].id",
        "approvalSteps[0].participants[0].role",
        "approvalSteps[0].participants[1].id",
        "approvalSteps[0].participants[2]",
    } == targets(answer)


def test_lists_of_users_and_steps_are_lists(wk: Wk) -> None:
    task = wk.task()["id"]

    for value in ("x", 5, True):
        assert {"assignees"} == targets(wk.set(task, "assignees", value))
        assert {"approvalSteps"} == targets(wk.set(task, "approvalSteps", value))
        assert {"approvalSteps[0]"} == targets(wk.set(task, "approvalSteps", [value]))
        step = {"completionMode": "ONE", "participants": value}
        assert {"approvalSteps[0].participants"} == targets(wk.set(task, "approvalSteps", [step]))
    assert [] == patched(wk.set(task, "approvalSteps", None))["approvalSteps"]
    assert [] == patched(wk.set(task, "assignees", None))["assignees"]


def test_wk_33_other_assignees_start_the_approval_anew(wk: Wk) -> None:
    ann, bob = wk.person("ann"), wk.person("bob")
    task = wk.task(assignees=[ann.user], approvalSteps=[step(ann), step(bob)])["id"]
    wk.done(task, "SUBMIT")
    wk.done(task, "APPROVE", by=ann)

    same = patched(wk.set(task, "assignees", [ann.user]))
    assert ("Awaiting Approval", 1) == (same["status"], len(same["approvalSteps"][0]["responses"]))
    changed = patched(wk.set(task, "assignees", [bob.user]))

    assert "Created" == changed["status"]
    assert [[], []] == [one["responses"] for one in changed["approvalSteps"]]


def test_wk_34_who_has_approved_and_is_taken_out_starts_the_approval_anew(wk: Wk) -> None:
    ann, bob, eve = wk.person("ann"), wk.person("bob"), wk.person("eve")
    task = wk.task(approvalSteps=[step(ann), step(bob)])["id"]
    wk.done(task, "SUBMIT")
    wk.done(task, "APPROVE", by=ann)

    longer = patched(wk.set(task, "approvalSteps", [step(ann), step(bob), step(eve)]))
    assert "Awaiting Approval" == longer["status"]
    assert [1, 0, 0] == [len(one["responses"]) for one in longer["approvalSteps"]]
    changed = patched(wk.set(task, "approvalSteps", [step(eve), step(bob)]))
    assert "Created" == changed["status"]
    assert [[], []] == [one["responses"] for one in changed["approvalSteps"]]


def test_wk_35_a_location_is_attached_once(wk: Wk) -> None:
    ann = wk.person("ann")
    task = wk.task(approvalSteps=[step(ann)], location=None)["id"]
    wk.done(task, "SUBMIT")
    place = {"resource": "file", "segment": None}

    attached = patched(wk.set(task, "location", place))

    assert (place, "Created") == (attached["location"], attached["status"])
    assert attached == patched(wk.set(task, "location", place))
    assert attached == patched(wk.set(task, "location", {"resource": "file"}))
    for other in (
        {"resource": "other", "segment": None},
        {"resource": "file", "segment": "sheet"},
        None,
    ):
        said = error(wk.set(task, "location", other), 409, "Conflict")
        assert "The request conflicts with another request" == said["message"]
    whole = {"resource": "file", "segment": "sheet"}
    other = wk.task(location=whole)
    assert whole == other["location"]
    for part in ({"resource": "file", "segment": "x"}, place, {"resource": "x"}):
        error(wk.set(other["id"], "location", part), 409, "Conflict")
    broken = ("file", ["file"], {"segment": "sheet"}, {"resource": ""}, {"resource": 5})
    for bad in broken:
        assert {"location.resource"} == targets(wk.set(wk.task()["id"], "location", bad))
    answer = wk.patch(other["id"], replacing("location", None), replacing("title", None))
    error(answer, 400, "BadRequest")


def test_wk_36_a_status_is_set_by_hand_with_one_step_at_most(wk: Wk) -> None:
    ann, bob = wk.person("ann"), wk.person("bob")

    for steps in ([], [step(ann, bob, mode="ALL")]):
        task = wk.task(approvalSteps=steps)["id"]
        for status in ("Completed", "Created", "Cancelled", "Created"):
            assert status == patched(wk.set(task, "status", status))["status"]
        for odd in ("Awaiting Approval", "Approved", "Started", "Nowhere", None, 5, ["Created"]):
            assert {"status"} == targets(wk.set(task, "status", odd))
    task = wk.task(approvalSteps=[step(ann), step(bob)])["id"]
    for status in ("Completed", "Cancelled"):
        assert {"status"} == targets(wk.set(task, "status", status))
    assert "Created" == wk.get(task).json["status"]
    wk.done(task, "SUBMIT")
    assert {"status"} == targets(wk.set(task, "status", "Created"))


def test_wk_37_what_changes_a_task_changes_when_and_by_whom(wk: Wk) -> None:
    ann, bob = wk.person("ann"), wk.person("bob")
    task = wk.task(by=ann, approvalSteps=[step(ann)])
    assert task["created"] == task["modified"]

    named = patched(wk.set(task["id"], "title", "New", by=bob))
    acted = patched(wk.act(task["id"], "SUBMIT", by=ann))

    assert [{"id": bob.id}, {"id": ann.id}] == [one["modified"]["user"] for one in (named, acted)]
    assert task["created"] == named["created"] == acted["created"]
    times = [one["modified"]["dateTime"] for one in (task, named, acted)]
    assert sorted(set(times)) == times
    assert acted == wk.get(task["id"]).json
    assert [acted] == wk.list().json["data"]
    assert acted == patched(wk.set(task["id"], "title", "New", by=bob))


def test_an_empty_patch_changes_nothing(wk: Wk) -> None:
    task = wk.task()

    assert task == patched(wk.patch(task["id"]))


def test_a_patch_of_an_unknown_task_is_not_found_whatever_it_says(wk: Wk) -> None:
    error(wk.set(UNKNOWN, "title", "x"), 404, "NotFound")
    error(wk.set(UNKNOWN, "title", None), 404, "NotFound")


def test_users_of_another_workspace_are_nobody_here(wk: Wk) -> None:
    task = wk.task()["id"]
    key = wk.api.other_workspace()
    [stranger] = wk.api.get("/users", key=key).json

    assert {"owner"} == targets(wk.set(task, "owner", stranger["id"]))
    answer = wk.set(task, "assignees", [{"id": stranger["id"], "type": "USER"}])
    assert {"assignees[0].id"} == targets(answer)
    assert all("e-mail" not in one["message"] for one in answer.json["details"])
    assert stranger["email"] not in answer.body.decode()


def test_whoever_is_deleted_is_left_out(wk: Wk) -> None:
    ann, bob = wk.person("ann"), wk.person("bob")
    task = wk.task(by=bob, approvalSteps=[step(bob, ann)], title="Left")["id"]
    wk.set(task, "description", "By nobody now", by=bob)
    assert wk.api.delete(f"/users/{bob.id}").status in {200, 204}

    shown = wk.get(task).json

    assert (None, None, None) == (
        shown["owner"],
        shown["created"]["user"],
        shown["modified"]["user"],
    )
    assert [ann.user] == shown["approvalSteps"][0]["participants"]


BROKEN: list[tuple[bytes, dict[str, str], int]] = [
    (b"", {}, 400),
    (b"[", {}, 400),
    (b'[{"op": "replace", "op": "replace"}]', {}, 400),
    (b"[NaN]", {}, 400),
    (b"\xff", {}, 400),
    (b"[" * 100_000, {}, 400),
    (b"[" * 40 + b"]" * 40, {}, 400),
    (b'[{"op":"replace","path":"/title","value":' + b"[" * 29 + b"]" * 29 + b"}]", {}, 400),
    (b'[{"op":"replace","path":"/title","value":"\\ud800"}]', {}, 400),
    (b"[" + b"{}," * 20_000 + b"{}]", {}, 413),
    (b"[]", {"Content-Type": "text/plain"}, 415),
    (b"[]", {"Content-Encoding": "gzip"}, 415),
]


def test_what_cannot_be_read_is_refused_in_the_same_shape(wk: Wk) -> None:
    task = wk.task()

    for body, headers, status in BROKEN:
        for path, method in ((f"/{task['id']}", "PATCH"), ("", "POST")):
            answer = wk.request(method, f"/tasks{path}", body, headers=headers)
            assert answer.status in {status, 400}, (body[:80], answer.json)
            assert answer.json["version"] == "2026-01-01"
    assert [task] == wk.list().json["data"]


def test_other_methods_are_not_allowed(wk: Wk) -> None:
    task = wk.task()["id"]

    for method, path in (
        ("PUT", f"/tasks/{task}"),
        ("DELETE", "/tasks"),
        ("POST", f"/tasks/{task}"),
    ):
        answer = wk.request(method, path, {} if method != "DELETE" else None)
        error(answer, 405, "MethodNotAllowed")
        assert answer.headers["Allow"]
