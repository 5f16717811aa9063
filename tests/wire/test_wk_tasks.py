"""The Workiva dialect: creating, reading and deleting tasks."""

import json
from dataclasses import replace
from datetime import datetime
from typing import Any

import pytest

from taskloom.app.composition import open_ports
from taskloom.config import Settings
from taskloom.effects.base import EFFECTS
from taskloom.storage.client import Database
from tests.wire.api import Api
from tests.wire.conftest import Ask
from tests.wire.tm import soon
from tests.wire.wk import SHIPPED, UNKNOWN, Wk, error, replacing, step, targets, workiva

LARGEST_BODY = 10_485_760
TASK = {
    "id",
    "title",
    "description",
    "status",
    "dueDate",
    "owner",
    "assignees",
    "approvalSteps",
    "location",
    "notificationsDisabled",
    "sourceUrl",
    "created",
    "modified",
}


@pytest.fixture
def wk(api: Api, ask: Ask) -> Wk:
    return workiva(api, ask)


def refused(wk: Wk, **task: object) -> set[str]:
    """Send a task that is refused and not kept; return what the refusal is about."""
    found = targets(wk.post(task))
    assert [] == wk.found()
    return found


def test_wk_4_a_new_task_is_created_with_its_id_owner_and_times(wk: Wk) -> None:
    ann = wk.person("ann")

    answer = wk.post({"title": "Review"}, by=ann)
    task = answer.json

    assert 201 == answer.status
    assert f"http://localhost/tasks/{task['id']}" == answer.headers["Location"]
    assert set(task) == TASK
    assert ("Created", ann.id) == (task["status"], task["owner"])
    assert {"id": ann.id} == task["created"]["user"]
    assert task["created"] == task["modified"]
    assert datetime.fromisoformat(task["created"]["dateTime"]).tzinfo is not None
    assert f"http://localhost/workflows/approvals/tasks/{task['id']}" == task["sourceUrl"]


def test_wk_5_a_task_has_a_title(wk: Wk) -> None:
    assert "title" == error(wk.post({}), 400, "BadRequest")["target"]
    for title in (None, ""):
        assert {"title"} == refused(wk, title=title)


def test_wk_6_a_step_has_a_completion_mode_and_participants(wk: Wk) -> None:
    ann = wk.person("ann")
    whole = step(ann)

    for part in whole:
        rest = {name: value for name, value in whole.items() if name != part}
        assert {f"approvalSteps[1].{part}"} == refused(wk, title="x", approvalSteps=[whole, rest])
    assert {"approvalSteps[0].participants"} == refused(wk, title="x", approvalSteps=[step()])


def test_wk_7_modes_and_types_of_users_are_those_of_the_model(wk: Wk) -> None:
    ann = wk.person("ann")
    group = {"id": ann.id, "type": "GROUP"}

    bad = [{"completionMode": "MOST", "participants": [ann.user]}]
    assert {"approvalSteps[0].completionMode"} == refused(wk, title="x", approvalSteps=bad)
    bad = [{"completionMode": "ONE", "participants": [ann.user, group]}]
    assert {"approvalSteps[0].participants[1].type"} == refused(wk, title="x", approvalSteps=bad)
    assert {"assignees[0].type"} == refused(wk, title="x", assignees=[group])


def test_wk_8_a_due_date_comes_back_in_utc(wk: Wk) -> None:
    ann = wk.person("ann")
    steps = [step(ann, dueDate="2030-06-12T15:00:00+02:00")]

    task = wk.task(dueDate="2030-06-11T15:00:00+02:00", approvalSteps=steps)

    assert "2030-06-11T13:00:00Z" == task["dueDate"]
    assert "2030-06-12T13:00:00Z" == task["approvalSteps"][0]["dueDate"]
    assert task == wk.get(task["id"]).json


def test_wk_8_a_day_is_due_at_its_midnight_in_utc(wk: Wk) -> None:
    ann = wk.person("ann")
    task = wk.task(dueDate="2030-06-11", approvalSteps=[step(ann, dueDate="2030-06-12")])
    old = wk.task(dueAt="2030-06-11")

    assert ("2030-06-11T00:00:00Z",) * 2 == (task["dueDate"], old["dueDate"])
    assert "2030-06-12T00:00:00Z" == task["approvalSteps"][0]["dueDate"]
    assert "2030-06-10T00:00:00Z" == wk.set(task["id"], "dueDate", "2030-06-10").json["dueDate"]
    assert {"dueDate"} == targets(wk.set(task["id"], "dueDate", "2030-06-12"))
    for odd in ("2030-02-30", "11.06.2030", "2030-06-1", "someday, 1"):
        body = {"title": "x", "dueDate": odd, "approvalSteps": [step(ann, dueDate=odd)]}
        assert {"dueDate", "approvalSteps[0].dueDate"} == targets(wk.post(body))


def test_wk_9_null_stays_null(wk: Wk) -> None:
    task = wk.task(dueDate=None, location=None)

    assert (None, None) == (task["dueDate"], task["location"])
    assert task == wk.get(task["id"]).json


def test_wk_10_what_is_read_only_is_ignored(wk: Wk) -> None:
    ann, bob = wk.person("ann"), wk.person("bob")
    made = wk.task(by=ann)
    long_ago = {"dateTime": "2001-01-01T00:00:00Z", "user": {"id": bob.id}}
    said = {"action": "APPROVE", "comment": None, "created": long_ago}
    given = {
        "id": made["id"],
        "created": long_ago,
        "modified": long_ago,
        "owner": bob.id,
        "sourceUrl": "https://example.com",
        "approvalSteps": [step(bob, responses=[said])],
    }

    task = wk.task(by=ann, **given)

    assert made["id"] != task["id"]
    assert (ann.id, {"id": ann.id}) == (task["owner"], task["created"]["user"])
    assert "2001" not in json.dumps(task)
    assert [] == task["approvalSteps"][0]["responses"]
    assert task["sourceUrl"].endswith(task["id"])


def test_an_answer_can_be_sent_back(wk: Wk) -> None:
    ann = wk.person("ann")
    location = {"resource": "file", "segment": "sheet"}
    task = wk.task(
        by=ann,
        description="Twice",
        assignees=[ann.user],
        location=location,
        approvalSteps=[step(ann)],
        notificationsDisabled=True,
    )

    again = wk.task(by=ann, **task)

    changing = {"id", "created", "modified", "sourceUrl"}
    assert {name: task[name] for name in TASK - changing} == {
        name: again[name] for name in TASK - changing
    }


def test_wk_11_whether_notifications_are_disabled_is_kept(wk: Wk) -> None:
    """Creates and updates notify nobody yet, so the flag is all there is to it."""
    assert wk.task()["notificationsDisabled"] is False
    for given in (True, False):
        task = wk.task(notificationsDisabled=given)
        assert given is wk.get(task["id"]).json["notificationsDisabled"]
    assert {"notificationsDisabled"} == targets(wk.post({"title": "x", "notificationsDisabled": 1}))


def test_wk_11_reminders_come_although_notifications_are_disabled(
    wk: Wk, settings: Settings, database: Database
) -> None:
    ann = wk.person("ann")
    due: dict[str, Any] = {"dueDate": soon(hours=12, days=0), "assignees": [ann.user]}
    quiet, loud = (wk.task(**due, notificationsDisabled=given)["id"] for given in (True, False))
    wk.task(dueDate=soon(days=2), assignees=[ann.user])

    EFFECTS["reminders"].run(open_ports(settings, database))

    answer = wk.api.get("/notifications", key=ann.key)
    assert {quiet, loud} == {told["task"] for told in answer.json}


def test_wk_12_one_task_is_read_and_an_unknown_one_is_not_found(wk: Wk) -> None:
    task = wk.task()

    assert (200, task) == ((answer := wk.get(task["id"])).status, answer.json)
    for unknown in (
        UNKNOWN,
        "x",
        "%00",
        "%F0%9F%98%80",
        "x" * 5000,
        f"{task['id']}/x",
        "..",
        "%2F",
    ):
        said = error(wk.get(unknown), 404, "NotFound")
        assert "The requested resource could not be found" == said["message"]


def test_wk_13_a_deleted_task_is_gone(wk: Wk) -> None:
    task = wk.task()["id"]

    answer = wk.request("DELETE", f"/tasks/{task}")

    assert (204, b"") == (answer.status, answer.body)
    error(wk.get(task), 404, "NotFound")
    error(wk.request("DELETE", f"/tasks/{task}"), 404, "NotFound")


def test_wk_13_members_delete_what_they_created_and_managers_everything(wk: Wk) -> None:
    ann, bob, boss = wk.person("ann"), wk.person("bob"), wk.person("boss", role="manager")
    own, other = wk.task(by=ann)["id"], wk.task(by=ann, assignees=[bob.user])["id"]

    error(wk.request("DELETE", f"/tasks/{other}", by=bob), 403, "Forbidden")
    assert 200 == wk.set(other, "title", "Renamed", by=bob).status
    assert 204 == wk.request("DELETE", f"/tasks/{own}", by=ann).status
    assert 204 == wk.request("DELETE", f"/tasks/{other}", by=boss).status
    assert {"data": []} == wk.list().json


def test_wk_54_a_step_is_due_after_what_comes_before_it(wk: Wk) -> None:
    ann = wk.person("ann")
    noon, later = "2030-06-11T12:00:00Z", "2030-06-11T12:00:00.5Z"

    def due(*dates: str | None) -> list[dict[str, Any]]:
        return [step(ann, dueDate=date) for date in dates]

    for dates in ((noon, noon), (later, noon), (later, None, noon)):
        last = f"approvalSteps[{len(dates) - 1}].dueDate"
        assert {last} == refused(wk, title="x", approvalSteps=due(*dates))
    for date in (noon, "2030-06-11T14:00:00+02:00", "2030-06-11T11:59:59Z"):
        assert {"approvalSteps[0].dueDate"} == refused(
            wk, title="x", dueDate=noon, approvalSteps=due(date)
        )
    task = wk.task(dueDate=noon, approvalSteps=due(later, None, "2030-06-12T00:00:00Z"))
    assert {"dueDate"} == targets(wk.set(task["id"], "dueDate", "2030-06-11T18:00:00Z"))
    assert {"approvalSteps[0].dueDate"} == targets(wk.set(task["id"], "approvalSteps", due(noon)))
    both = (replacing("approvalSteps", due(noon)), replacing("dueDate", None))
    assert 200 == wk.patch(task["id"], *both).status


def test_wk_55_titles_and_descriptions_have_a_largest_length(wk: Wk) -> None:
    assert {"title"} == refused(wk, title="x" * 501)
    assert {"description"} == refused(wk, title="x", description="x" * 2001)
    task = wk.task("é" * 500, description="é" * 2000)
    assert (500, 2000) == (len(task["title"]), len(task["description"]))
    assert {"title"} == targets(wk.set(task["id"], "title", "x" * 501))


def test_wk_56_an_error_has_the_documented_keys(wk: Wk) -> None:
    said = error(wk.post({"titel": "x", "description": 5}), 400, "BadRequest")

    assert {"code", "message", "target", "version", "details"} == set(said)
    assert ("2026-01-01", "titel") == (said["version"], said["target"])
    generic = "The request was unacceptable, often due to a missing or invalid parameter"
    assert generic == said["message"]
    assert {
        ("Unknown", "titel", "is not a property of a task; did you mean 'title'?"),
        ("Blank", "title", "can't be blank"),
        ("Invalid", "description", "must be text"),
    } == {(detail["code"], detail["target"], detail["message"]) for detail in said["details"]}


def test_wk_57_a_body_is_read_up_to_its_largest_size(wk: Wk) -> None:
    head = b'{"title": "x"'
    whole = head + b" " * (LARGEST_BODY - len(head) - 1) + b"}"

    error(wk.request("POST", "/tasks", whole + b" "), 413, "ContentTooLarge")
    assert [] == wk.found()
    assert 201 == wk.request("POST", "/tasks", whole).status


def test_wk_58_older_addresses_reach_the_same_tasks(wk: Wk) -> None:
    ann = wk.person("ann")
    first = wk.task("first", approvalSteps=[step(ann)])["id"]

    for number, tasks in enumerate(("/platform/v1/tasks", "/prototype/platform/tasks")):
        old = replace(wk, tasks=tasks)
        assert 200 == old.get(first).status
        made = old.post({"title": f"old {number}"})
        assert f"http://localhost{tasks}/{made.json['id']}" == made.headers["Location"]
        assert 200 == old.set(first, "description", tasks).status
        page = old.list({"$maxpagesize": 1}).json
        assert page["@nextLink"].startswith(f"http://localhost{tasks}?")
        assert f"old {0}" == old.follow(page["@nextLink"]).json["data"][0]["title"]
        assert 204 == old.request("DELETE", f"{tasks}/{made.json['id']}").status
        wk.task(f"old {number}")
    submitted = replace(wk, tasks="/platform/v1/tasks").act(first, "SUBMIT")
    assert "Awaiting Approval" == submitted.json["status"]
    assert submitted.json == wk.get(first).json


def test_wk_59_versions_are_accepted_and_unknown_ones_refused(wk: Wk) -> None:
    for version in ("2022-01-01", "2026-01-01"):
        assert 200 == wk.list(headers={"X-Version": version}).status
    for version in ("", "2024-01-01", "latest"):
        headers = {"X-Version": version}
        said = error(wk.post({"title": "x"}, headers=headers), 400, "BadRequest")
        assert "X-Version" in said["details"][0]["message"]
    assert [] == wk.found()


def test_it_works_at_another_mount_with_other_names_and_stages(wk: Wk) -> None:
    """Behind `/workiva` stands a workflow of this API with its own words for everything."""
    file = json.loads(SHIPPED.read_text(encoding="utf-8"))
    fields = file["properties"]
    fields["description"], fields["subject"] = fields.pop("title"), fields.pop("description")
    fields["due"] = fields.pop("dueDate")
    file |= {"$id": "signing", "required": ["description"]}
    file["workflow"]["reminders"][0]["date"] = "due"
    file["workflow"]["stages"][0]["name"] = "New"
    file["workflow"]["stages"][7]["name"] = "Signed"
    stages = file["workflow"]["approvals"]["stages"]
    file["workflow"]["approvals"]["stages"] = {**stages, "start": "New", "done": "Signed"}
    names = {"title": "description", "description": "subject", "dueDate": "due"}
    file["workflow"]["facade"] = [
        {
            "dialect": "workiva",
            "mount": "/workiva",
            "fields": {**file["workflow"]["facade"][0]["fields"], **names},
            "status": {"Created": "New", "Completed": "Signed"},
        }
    ]
    answer = wk.api.put("/workflows/signing", file)
    assert 201 == answer.status, answer.json
    signing = replace(wk, mount="/workiva")
    signing.task("b", description="x", dueDate="2030-01-01T00:00:00Z")
    first = signing.task("a")["id"]
    assert "Completed" == signing.done(first, "SUBMIT")["status"]

    assert ["b"] == signing.found("status eq 'Created' and dueDate ge 2030-01-01")
    assert ["a"] == signing.found("status eq 'Completed'")
    assert ["a", "b"] == signing.found(order="title")
    page = signing.list({"$orderBy": "dueDate desc,title", "$maxpagesize": 1}).json
    assert page["@nextLink"].startswith("http://localhost/workiva/tasks?")
    assert ["b"] == [task["title"] for task in signing.follow(page["@nextLink"]).json["data"]]
    assert {"description"} == targets(signing.post({"title": "x", "description": "x" * 2001}))
    assert {"title"} == targets(signing.post({"description": "x"}))
    native = wk.api.get("/workflows/signing/tasks?Stage=Signed").json
    assert [("a", "Signed")] == [(task["Title"], task["Stage"]) for task in native]
    assert [] == wk.found()


def test_a_workflow_may_have_less_and_ignore_what_it_does_not_know(wk: Wk) -> None:
    """What is not there shows as unset, and takes nothing but that."""
    file = json.loads(SHIPPED.read_text(encoding="utf-8"))
    rest = {name: file["properties"][name] for name in ("title", "approvalSteps")}
    file |= {"properties": rest, "dependentRequired": {}}
    file["workflow"]["approvals"] |= {"restartOn": ["assignees", "approvalSteps"]}
    del file["workflow"]["approvals"]["owner"]
    del file["workflow"]["reminders"]
    del file["workflow"]["facade"][0]["fields"]
    assert 200 == wk.api.put("/workflows/approvals", file).status

    task = wk.task()
    again = wk.task(**task)

    assert (None, None, "", False) == tuple(
        task[name] for name in ("owner", "location", "description", "notificationsDisabled")
    )
    assert task["approvalSteps"] == again["approvalSteps"]
    assert {"description", "colour"} == targets(
        wk.post({"title": "x", "description": "y", "colour": "red"})
    )
    file["workflow"]["unknown"] = "ignore"
    assert 200 == wk.api.put("/workflows/approvals", file).status
    wk.task(colour="red")


def test_what_a_role_does_not_see_is_not_there(wk: Wk) -> None:
    ann, bob = wk.person("ann"), wk.person("bob")
    file = json.loads(SHIPPED.read_text(encoding="utf-8"))
    hidden = {"dueDate": {"read": False}, "locationResource": {"read": False}}
    member = {"name": "Member", "for": ["member"], "see": ["created"], "fields": hidden}
    file["workflow"]["roles"] = [{"name": "Boss", "for": ["admin"], "admin": True}, member]
    answer = wk.api.put("/workflows/approvals", file)
    assert 200 == answer.status, answer.json
    due = "2030-01-01T00:00:00Z"
    place = {"resource": "file", "segment": None}
    other = wk.task("other", dueDate=due, assignees=[ann.user])["id"]
    own = wk.task("own", by=ann)["id"]
    wk.patch(own, replacing("dueDate", due), replacing("location", place))

    assert [own] == [task["id"] for task in wk.list(by=ann).json["data"]]
    shown = wk.get(own, by=ann).json
    assert (None, None) == (shown["dueDate"], shown["location"])
    for answer in (
        wk.get(other, by=ann),
        wk.set(other, "title", "x", by=ann),
        wk.act(other, "SUBMIT", by=ann),
        wk.get(own, by=bob),
    ):
        error(answer, 404, "NotFound")
    for query, about in (
        ({"$filter": f"dueDate eq {due}"}, "dueDate"),
        ({"$filter": "location.resource eq 'file'"}, "location.resource"),
        ({"$orderBy": "dueDate"}, "dueDate"),
    ):
        assert {about} == targets(wk.list(query, by=ann))
    assert {"dueDate"} == targets(wk.set(own, "dueDate", due, by=ann))
    assert {"location.resource"} == targets(wk.set(own, "location", place, by=ann))
    assert 200 == wk.set(own, "title", "still", by=ann).status
    assert (due, place) == tuple(wk.get(own).json[name] for name in ("dueDate", "location"))
