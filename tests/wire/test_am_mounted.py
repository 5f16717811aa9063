"""The Admin/Member Tasks API over a workflow of other names, options and stages, elsewhere."""

import json
from typing import Any, Final

import pytest

from tests.wire.am import DUE, SHIPPED, Am, admin_member, refused
from tests.wire.api import Api
from tests.wire.conftest import Ask

CHORES: Final[dict[str, Any]] = {
    "$id": "chores",
    "title": "Chores",
    "type": "object",
    "required": ["what"],
    "properties": {
        "what": {"title": "What", "type": "string"},
        "rank": {"title": "Rank", "type": "string", "enum": ["C", "B", "A"]},
        "until": {"title": "Until", "type": "string", "format": "date-time"},
        "steps": {"title": "Steps", "type": "array", "format": "checklist"},
        "share": {"title": "Share", "type": "number", "format": "percent"},
        "ref": {"title": "Ref", "type": "string"},
    },
    "workflow": {
        "stages": [
            {"name": "Idea"},
            {"name": "Ready", "initial": True},
            {"name": "Doing"},
            {"name": "Over", "end": True},
        ],
        "facade": [
            {
                "dialect": "admin-member",
                "mount": "/team",
                "fields": {
                    "title": "what",
                    "priority": "rank",
                    "dueDate": "until",
                    "todoChecklist": "steps",
                    "progress": "share",
                },
                "status": {
                    "Pending": ["Idea", "Ready"],
                    "InProgress": "Doing",
                    "Completed": "Over",
                },
                "values": {"priority": {"Low": "C", "Medium": "B", "High": "A"}},
            }
        ],
    },
}


@pytest.fixture
def team(api: Api, ask: Ask) -> Am:
    answer = api.put("/workflows/chores", CHORES)
    assert 201 == answer.status, answer.json
    return Am(api=api, ask=ask, mount="/team")


def chores(team: Am) -> Any:
    return team.api.get("/workflows/chores/tasks").json


def test_names_options_and_stages_are_translated_both_ways(team: Am) -> None:
    ann = team.person("ann")
    sent: dict[str, Any] = {
        "title": "Paint",
        "priority": "High",
        "status": "Completed",
        "dueDate": "2035-01-29T10:30:00Z",
        "assignedTo": [ann.id],
        "todoChecklist": [{"text": "Buy paint", "completed": True}],
        "progress": 12.5,
    }

    task = team.task(**sent)

    shown = {**task, "todoChecklist": [{"text": "Buy paint", "completed": True}]}
    assert sent.items() <= shown.items()
    assert task == team.read(task)
    [row] = chores(team)
    assert ("Paint", "A", "Over") == (row["What"], row["Rank"], row["Stage"])
    assert ("2035-01-29T10:30:00Z", "12.5") == (row["Until"], row["Share"])
    assert ann.email == row["Assigned To"]


def test_am_18_defaults_are_those_of_this_api_where_the_workflow_has_none(team: Am) -> None:
    task = team.task()

    assert ("Medium", "Pending", 0) == (task["priority"], task["status"], task["progress"])
    assert ("Ready", "B") == (chores(team)[0]["Stage"], chores(team)[0]["Rank"])
    assert "description" not in task
    assert "attachments" not in task
    file = json.loads(json.dumps(CHORES))
    status = {"Pending": "Idea", "InProgress": ["Doing", "Ready"], "Completed": "Over"}
    file["workflow"]["facade"][0]["status"] = status
    assert 200 == team.api.put("/workflows/chores", file).status
    assert "Pending" == team.task()["status"]
    assert ["Ready", "Idea"] == [row["Stage"] for row in chores(team)]


def test_a_status_of_several_stages_keeps_the_stage_it_has(team: Am) -> None:
    task = team.task()

    team.put(f"/tasks/{task['_id']}", {**task, "title": "Paint"})
    assert "Ready" == chores(team)[0]["Stage"]
    team.put(f"/tasks/{task['_id']}", {"status": "InProgress"})
    team.put(f"/tasks/{task['_id']}", {"status": "Pending"})
    assert "Idea" == chores(team)[0]["Stage"]
    assert ["Paint"] == team.listed("status=Pending")
    assert [] == team.listed("status=Completed")


def test_a_date_comes_back_as_a_date_and_a_moment_as_a_moment(team: Am) -> None:
    assert DUE == team.task(dueDate=DUE)["dueDate"]
    moment = team.task(dueDate="2035-01-29T12:00:00+02:00")["dueDate"]
    assert "2035-01-29T10:00:00Z" == moment


def test_am_31_progress_ends_at_100_whatever_the_workflow_allows(team: Am) -> None:
    task = team.task()
    path = f"/tasks/{task['_id']}/progress"

    assert 33.5 == team.patch(path, {"progress": 33.5}).json["progress"]
    for value in (-0.5, 100.5, 1e6):
        refused(
            team.patch(path, {"progress": value}), 400, "progress must be a number from 0 to 100"
        )


def test_faults_are_told_by_the_names_of_this_api(team: Am) -> None:
    sent = {"priority": "A+", "dueDate": "soon", "description": "x", "progress": 101}

    said = refused(team.post("/tasks", sent), 400)

    assert all(name in said for name in ("title", "priority", "dueDate", "description is unknown"))
    assert not any(key in said for key in ("what", "rank", "until", "share"))
    assert [] == chores(team)


def test_what_stands_for_the_checklist_is_told_by_its_names_here(team: Am) -> None:
    task = team.task(todoChecklist=[{"text": "Buy paint"}])
    path = f"/tasks/{task['_id']}"

    items = team.put(f"{path}/todo", {"todoChecklist": [{"text": "x", "completed": True}]})
    assert [True] == [item["completed"] for item in items.json["task"]["todoChecklist"]]
    assert ("Pending", 0) == (items.json["task"]["status"], items.json["task"]["progress"])
    odd: dict[str, Any] = {"todoChecklist": [{"text": "x", "completed": 1}]}
    assert refused(team.put(f"{path}/todo", odd), 400).startswith("todoChecklist[0].completed")
    odd = {"todoChecklist": ["Buy paint"]}
    said = refused(team.put(f"{path}/todo", odd), 400)
    assert "completed" in said
    assert "done" not in said
    moved = team.put(f"{path}/status", {"status": "In Progress"}).json["task"]
    assert ("InProgress", "Doing") == (moved["status"], chores(team)[0]["Stage"])


def test_am_42_who_may_not_write_the_checklist_sets_no_status_by_itself(team: Am) -> None:
    file = json.loads(json.dumps(CHORES))
    fields = {"steps": {"write": ["assigned"]}}
    file["workflow"]["roles"] = [{"name": "One", "for": ["member"], "fields": fields}]
    assert 200 == team.api.put("/workflows/chores", file).status
    ann, bob = team.person("ann"), team.person("bob")
    task = team.task(by=ann, assignedTo=[bob.id])
    path = f"/tasks/{task['_id']}"

    for status in ("Pending", "Completed", "Done"):
        refused(team.put(f"{path}/status", {"status": status}, by=ann), 403, "Not authorized")
    refused(team.put(f"{path}/todo", {"todoChecklist": []}, by=ann), 403)
    assert task == team.read(task)
    assert 200 == team.put(f"{path}/status", {"status": "Completed"}, by=bob).status
    assert 200 == team.put(f"{path}/todo", {"todoChecklist": []}, by=bob).status


def test_several_assignees_are_refused_where_there_is_one(team: Am) -> None:
    ann, bob = team.person("ann"), team.person("bob")
    sent = {"title": "Paint", "assignedTo": [ann.id, bob.id]}

    assert "assignedTo must name one user at most" in refused(team.post("/tasks", sent), 400)
    assert [ann.id] == team.task(assignedTo=[ann.id, ann.id])["assignedTo"]


def test_dashboards_and_reports_speak_of_the_mapped_stages(team: Am) -> None:
    team.task(dueDate="2001-01-01T00:00:00Z", priority="High")
    team.task(dueDate="2001-01-01", status="Completed")

    found = team.get("/tasks/dashboard-data").json

    assert {"Pending": 1, "InProgress": 0, "Completed": 1, "All": 2} == found["charts"][
        "taskDistribution"
    ]
    assert {"Low": 0, "Medium": 1, "High": 1} == found["charts"]["taskPriorityLevels"]
    assert 1 == found["statistics"]["overdueTasks"]
    assert 200 == team.get("/reports/export/tasks").status
    assert [0] == [user["completedTasks"] for user in team.get("/users").json]


def test_the_same_task_reads_the_same_at_both_mounts(api: Api, ask: Ask) -> None:
    am = admin_member(api, ask)
    file = json.loads(SHIPPED.read_bytes())
    file["workflow"]["facade"].append({"dialect": "admin-member", "mount": "/elsewhere/api"})
    assert 200 == api.put("/workflows/team-tasks", file).status
    other = Am(api=api, ask=ask, mount="/elsewhere/api")

    task = am.task()

    assert task == other.read(task)
    address = "http://localhost/elsewhere/api/auth/images/"
    headers = {"Content-Type": "multipart/form-data; boundary=x"}
    form = (
        b'--x\r\nContent-Disposition: form-data; name="image"; filename="me.png"\r\n\r\n'
        b"\x89PNG\r\n\x1a\n" + b"\0" * 64 + b"\r\n--x--\r\n"
    )
    sent = other.post("/auth/upload-image", form, headers=headers)
    assert sent.json["imageUrl"].startswith(address)


def test_fields_that_a_role_does_not_see_do_not_exist(api: Api, ask: Ask) -> None:
    am = admin_member(api, ask)
    file = json.loads(SHIPPED.read_bytes())
    names = ("progress", "todoChecklist", "priority", "dueDate")
    hidden = {name: {"read": False} for name in names}
    file["workflow"]["roles"][2] |= {"fields": hidden, "create": False}
    assert 200 == api.put("/workflows/team-tasks", file).status
    ann = am.person("ann")
    late: dict[str, Any] = {"dueDate": "2001-01-01", "progress": 7}
    task = am.task(assignedTo=[ann.id], todoChecklist=[{"text": "x"}], **late)
    path = f"/tasks/{task['_id']}"

    seen = am.read(task, by=ann)
    assert {name: task[name] for name in task if name not in hidden} == seen
    assert "progress" in refused(am.put(path, {"progress": 1}, by=ann), 400)
    assert "progress" in refused(am.patch(f"{path}/progress", {"progress": 1}, by=ann), 400)
    refused(am.post(f"{path}/checklist", {"text": "y"}, by=ann), 400)
    item = task["todoChecklist"][0]["_id"]
    refused(am.patch(f"{path}/checklist/{item}", {"completed": True}, by=ann), 404)
    refused(am.put(f"{path}/todo", {"todoChecklist": []}, by=ann), 400)
    found = am.get("/tasks/dashboard-data", by=ann).json
    assert {0} == set(found["charts"]["taskPriorityLevels"].values())
    assert (1, 0) == (found["statistics"]["totalTasks"], found["statistics"]["overdueTasks"])
    assert ["_id", "title", "status", "createdAt"] == list(found["recentTasks"][0])
    assert task == am.read(task)


def test_a_workflow_that_lacks_something_is_refused_by_name(api: Api) -> None:
    file = json.loads(json.dumps(CHORES))
    facade = file["workflow"]["facade"][0]
    del file["properties"]["share"], file["properties"]["rank"]
    del facade["fields"]["progress"], facade["fields"]["priority"], facade["values"]
    del facade["status"]["InProgress"]

    answer = api.put("/workflows/chores", file)

    assert 422 == answer.status
    said = json.dumps(answer.json)
    assert all(name in said for name in ("progress", "priority", "InProgress"))


def test_am_9_nobody_registers_where_registration_is_closed(api: Api, ask: Ask) -> None:
    am = admin_member(api, ask)
    ann = {"name": "Ann", "email": "ann@example.com", "password": "a horse"}

    for invitation in ("", None, "None", "x"):
        sent = {**ann, "adminInviteToken": invitation}
        said = refused(am.post("/auth/register", sent, key=None), 403)
        assert "nobody may register here; ask an admin to be added" == said
    assert 1 == len(am.get("/users").json)


def test_a_credential_for_reading_writes_nothing(api: Api, ask: Ask) -> None:
    am = admin_member(api, ask)
    task = am.task()
    key = api.post("/keys", {"name": "reader", "scopes": ["task:read"]}).json["key"]

    assert task == am.read(task, by=key)
    for method, path in (("PUT", f"/tasks/{task['_id']}"), ("POST", "/tasks")):
        said = refused(am.request(method, path, {"title": "x", "dueDate": DUE}, by=key), 403)
        assert "task:write" in said
    assert "task:write" in refused(am.delete(f"/tasks/{task['_id']}", by=key), 403)
    refused(am.get("/users", by=key), 403)
