"""The Admin/Member Tasks API: tasks, who may do what with them, progress and checklists."""

import json
from itertools import product
from typing import Any, Final

import pytest

from tests.wire.am import DUE, Am, Person, admin_member, refused
from tests.wire.api import Api
from tests.wire.conftest import Ask

NOBODY: Final = "0123456789abcdef01234567"


@pytest.fixture
def am(api: Api, ask: Ask) -> Am:
    return admin_member(api, ask)


@pytest.fixture
def ann(am: Am) -> Person:
    return am.person("ann")


@pytest.fixture
def bob(am: Am) -> Person:
    return am.person("bob")


def test_am_14_a_member_creates_a_task(am: Am, ann: Person) -> None:
    sent = {"title": "Design Homepage UI", "priority": "High", "dueDate": DUE}

    answer = am.post("/tasks", sent, by=ann)

    assert 201 == answer.status
    assert "Task created successfully" == answer.json["message"]
    task = answer.json["task"]
    assert {**sent, "status": "Pending", "createdBy": ann.id}.items() <= task.items()
    assert task == am.read(task, by=ann)
    assert 24 == len(task["_id"])


def test_am_15_title_and_due_date_are_needed(am: Am) -> None:
    for missing, blank in (("title", ""), ("dueDate", None)):
        sent: dict[str, object] = {"title": "Task", "dueDate": DUE}
        without = {name: value for name, value in sent.items() if name != missing}

        assert missing in refused(am.post("/tasks", without), 400)
        assert missing in refused(am.post("/tasks", {**sent, missing: blank}), 400)
    said = refused(am.post("/tasks", {}), 400)
    assert "title" in said
    assert "dueDate" in said
    assert [] == am.listed()


def test_am_16_assigned_to_is_an_array_of_ids_of_users(am: Am, ann: Person) -> None:
    values: list[object] = ["ann", 7, {}, None, [7], [["x"]]]
    for value in values:
        sent = {"title": "Task", "dueDate": DUE, "assignedTo": value}

        refused(am.post("/tasks", sent), 400, "assignedTo must be an array of user IDs")
    sent = {"title": "Task", "dueDate": DUE, "assignedTo": [ann.id, NOBODY, ann.email]}

    said = refused(am.post("/tasks", sent), 400)

    assert NOBODY in said
    assert ann.email in said
    assert ann.id not in said
    assert [] == am.listed()


BAD_VALUES: Final = [
    ("priority", "Urgent"),
    ("priority", 1),
    ("status", "Done"),
    ("status", 1),
    ("status", None),
    ("status", []),
    ("progress", "40"),
    ("progress", True),
    ("progress", 101),
    ("dueDate", "tomorrow"),
    ("dueDate", 20350129),
    ("attachments", "https://example.com/a.pdf"),
    ("attachments", [7]),
    ("attachments", [""]),
    ("attachments", ["x" * 2001]),
    ("todoChecklist", "Gather docs"),
    ("todoChecklist", ["Gather docs"]),
    ("todoChecklist", [{"text": " "}]),
    ("todoChecklist", [{"text": "Gather docs", "completed": "yes"}]),
    ("todoChecklist", [{"text": "Gather docs", "done": True}]),
    ("titel", "Task"),
]


def test_am_17_bad_values_are_refused_by_name(am: Am) -> None:
    for name, value in BAD_VALUES:
        sent = {"title": "Task", "dueDate": DUE, name: value}

        assert refused(am.post("/tasks", sent), 400).startswith(name)
    assert [] == am.listed()


def test_am_17_faults_of_items_are_told_by_the_names_of_this_api(am: Am) -> None:
    items = [{"text": "Gather docs"}, {"_id": "7", "text": "Write", "completed": 1}]
    sent = {"title": "Task", "dueDate": DUE, "todoChecklist": items, "priority": "Urgent"}

    said = refused(am.post("/tasks", sent), 400)

    assert "todoChecklist[1]." in said
    assert "priority" in said
    said = refused(am.post("/tasks", {"titel": "Task", "title": "Task", "dueDate": DUE}), 400)

    assert "titel is unknown (did you mean 'title'?)" == said


def test_am_18_defaults(am: Am) -> None:
    task = am.task()

    assert {
        "description": "",
        "priority": "Medium",
        "status": "Pending",
        "progress": 0,
        "assignedTo": [],
        "attachments": [],
        "todoChecklist": [],
        "createdBy": am.admin(),
    }.items() <= task.items()
    assert task["createdAt"] == task["updatedAt"]
    assert task["createdAt"].endswith("Z")


def test_am_19_checklist_attachments_status_and_progress_are_stored_on_create(am: Am) -> None:
    task = am.task(
        attachments=["https://filelink.com/file.pdf"],
        todoChecklist=[{"text": "Gather docs"}, {"text": "Write", "completed": True}],
        status="InProgress",
        progress=40,
    )

    read = am.read(task)
    assert ["https://filelink.com/file.pdf"] == read["attachments"]
    items = [(item["text"], item["completed"]) for item in read["todoChecklist"]]
    assert [("Gather docs", False), ("Write", True)] == items
    assert all(len(item["_id"]) == 24 for item in read["todoChecklist"])
    assert ("InProgress", 40) == (read["status"], read["progress"])


def test_am_19_attachments_are_any_texts(am: Am) -> None:
    texts = ["uploads/plan.pdf", "/files/a b.pdf", "https://filelink.com/file.pdf", "x" * 2000]

    task = am.task(attachments=texts)

    assert texts == am.read(task)["attachments"]


def test_am_20_an_admin_lists_all_tasks_as_a_bare_array(am: Am, ann: Person) -> None:
    am.task(title="one")
    am.task(title="two", by=ann)

    answer = am.get("/tasks")

    assert isinstance(answer.json, list)
    assert ["one", "two"] == [task["title"] for task in answer.json]
    key = am.api.post("/keys", {"name": "robot"}).json["key"]

    answer = am.post("/tasks", {"title": "Task", "dueDate": DUE}, by=key)

    assert answer.json["task"]["createdBy"] is None
    assert ["one", "two", "Task"] == am.listed(by=key)


def test_am_21_a_member_lists_what_was_created_or_is_assigned(
    am: Am, ann: Person, bob: Person
) -> None:
    am.task(title="mine", by=ann)
    am.task(title="for me", assignedTo=[bob.id, ann.id])
    am.task(title="of bob", by=bob)
    am.task(title="of nobody")

    assert ["mine", "for me"] == am.listed(by=ann)


def test_am_22_assignees_are_raw_ids(am: Am, ann: Person, bob: Person) -> None:
    am.task(assignedTo=[ann.id, bob.id])

    [task] = am.get("/tasks").json

    assert [ann.id, bob.id] == task["assignedTo"]


def test_am_23_who_may_get_a_task(am: Am, ann: Person, bob: Person) -> None:
    task = am.task(by=ann, assignedTo=[bob.id])
    cid = am.person("cid")

    assert 200 == am.get(f"/tasks/{task['_id']}", by=ann).status
    assert 200 == am.get(f"/tasks/{task['_id']}", by=bob).status
    assert 200 == am.get(f"/tasks/{task['_id']}").status
    refused(am.get(f"/tasks/{task['_id']}", by=cid), 403, "Not authorized")
    refused(am.get(f"/tasks/{NOBODY}", by=cid), 404, "Task not found")


def test_am_24_a_malformed_id_is_not_found(am: Am) -> None:
    for task in ("7", "undefined", "%00", "x" * 400, "%F0%9F%98%80", "dashboard"):
        _is_not_found(am, task)


def _is_not_found(am: Am, task: str) -> None:
    refused(am.get(f"/tasks/{task}"), 404, "Task not found")
    refused(am.put(f"/tasks/{task}", {"title": "x"}), 404, "Task not found")
    refused(am.delete(f"/tasks/{task}"), 404, "Task not found")
    refused(am.patch(f"/tasks/{task}/progress", {"progress": 1}), 404, "Task not found")
    refused(am.post(f"/tasks/{task}/checklist", {"text": "x"}), 404, "Task not found")
    refused(am.put(f"/tasks/{task}/status", {"status": "Pending"}), 404, "Task not found")
    refused(am.put(f"/tasks/{task}/todo", {"todoChecklist": []}), 404, "Task not found")


def test_am_25_a_put_changes_only_what_it_names(am: Am, ann: Person) -> None:
    task = am.task(
        by=ann, description="x", todoChecklist=[{"text": "Gather docs"}], assignedTo=[ann.id]
    )
    change = {"status": "InProgress", "description": "Working on visual layout"}

    answer = am.put(f"/tasks/{task['_id']}", change, by=ann)

    assert 200 == answer.status
    assert "Task updated successfully" == answer.json["message"]
    expected = {**task, **change, "updatedAt": answer.json["task"]["updatedAt"]}
    assert expected == answer.json["task"] == am.read(task)


def test_am_25_null_clears_and_empty_lists_empty(am: Am, ann: Person) -> None:
    task = am.task(
        description="x", assignedTo=[ann.id], attachments=["https://example.com/a"], progress=3
    )
    nothing: dict[str, object] = {
        "description": None,
        "assignedTo": [],
        "attachments": [],
        "todoChecklist": None,
    }

    changed = am.put(f"/tasks/{task['_id']}", nothing).json["task"]

    empty = {"description": "", "assignedTo": [], "attachments": [], "todoChecklist": []}
    assert empty.items() <= changed.items()
    assert 3 == changed["progress"]


def test_am_25_an_answer_can_be_sent_back_and_changes_nothing(am: Am, ann: Person) -> None:
    task = am.task(by=ann, todoChecklist=[{"text": "Gather docs"}])

    answer = am.put(f"/tasks/{task['_id']}", task, by=ann)

    assert (200, task) == (answer.status, answer.json["task"])


def test_am_26_a_stranger_may_not_change_a_task(am: Am, ann: Person, bob: Person) -> None:
    task = am.task(by=ann)

    answer = am.put(f"/tasks/{task['_id']}", {"title": "x"}, by=bob)

    refused(answer, 403, "Not authorized to edit this task")
    assert task == am.read(task)


def test_am_27_another_spelling_of_a_status_is_understood(am: Am) -> None:
    assert "InProgress" == am.task(status="In Progress")["status"]
    task = am.task()
    changed = am.put(f"/tasks/{task['_id']}", {"status": "In Progress"}).json["task"]
    assert "InProgress" == changed["status"]
    stages = {row["Stage"] for row in am.api.get("/workflows/team-tasks/tasks").json}
    assert {"InProgress"} == stages


def test_am_28_an_admin_deletes_for_good(am: Am, ann: Person) -> None:
    task = am.task(by=ann)

    answer = am.delete(f"/tasks/{task['_id']}")

    assert (200, {"message": "Task deleted successfully"}) == (answer.status, answer.json)
    refused(am.get(f"/tasks/{task['_id']}"), 404, "Task not found")
    refused(am.delete(f"/tasks/{task['_id']}"), 404, "Task not found")


def test_am_29_no_member_deletes(am: Am, ann: Person, bob: Person) -> None:
    task = am.task(by=ann)

    refused(am.delete(f"/tasks/{task['_id']}", by=ann), 403, "Access denied, admin only")
    refused(am.delete(f"/tasks/{task['_id']}", by=bob), 403)
    assert task == am.read(task)


def test_am_30_progress_is_set(am: Am, ann: Person) -> None:
    task = am.task(assignedTo=[ann.id])

    answer = am.patch(f"/tasks/{task['_id']}/progress", {"progress": 75}, by=ann)

    assert (200, {"message": "Progress updated", "progress": 75}) == (answer.status, answer.json)
    assert 75 == am.read(task)["progress"]


def test_am_31_progress_is_from_0_to_100(am: Am) -> None:
    task = am.task(progress=50)
    path = f"/tasks/{task['_id']}/progress"

    for progress in (0, 100, 33.5, 75, 50):
        answer = am.patch(path, {"progress": progress})
        assert (200, progress) == (answer.status, answer.json["progress"])
        assert type(progress) is type(am.read(task)["progress"])
    values: list[object] = [-1, 101, 100.5, -0.5, "x", "75", None, True, [], {}]
    for value in values:
        assert "progress" in refused(am.patch(path, {"progress": value}), 400)
    for body in ({}, {"progres": 75}, {"progress": 1, "status": "Completed"}):
        refused(am.patch(path, body), 400)
    assert 50 == am.read(task)["progress"]


def test_am_32_progress_is_for_assignees_and_admins(am: Am, ann: Person, bob: Person) -> None:
    task = am.task(by=ann, assignedTo=[bob.id])
    path = f"/tasks/{task['_id']}/progress"

    refused(am.patch(path, {"progress": 1}, by=ann), 403, "Not authorized")
    refused(am.patch(path, {"progress": 1}, by=am.person("cid")), 403, "Not authorized")
    assert 200 == am.patch(path, {"progress": 2}, by=bob).status
    assert 200 == am.patch(path, {"progress": 3}).status


def test_am_32_progress_is_refused_whatever_is_sent(am: Am, ann: Person) -> None:
    task = am.task(by=ann)
    path = f"/tasks/{task['_id']}/progress"

    bodies: list[object] = [{"progress": 0}, {"progress": 101}, {"progress": "x"}, {}, {"x": 1}]
    for body in bodies:
        refused(am.patch(path, body, by=ann), 403, "Not authorized")
    assert task == am.read(task)


def test_am_33_progress_changes_nothing_else(am: Am) -> None:
    task = am.task(todoChecklist=[{"text": "Gather docs"}])

    am.patch(f"/tasks/{task['_id']}/progress", {"progress": 100})

    read = am.read(task)
    assert {**task, "progress": 100, "updatedAt": read["updatedAt"]} == read


def test_am_34_an_item_is_added(am: Am, ann: Person) -> None:
    task = am.task(assignedTo=[ann.id], todoChecklist=[{"text": "Gather docs", "completed": True}])

    answer = am.post(f"/tasks/{task['_id']}/checklist", {"text": "Run accessibility audit"}, by=ann)

    assert 201 == answer.status
    assert "Checklist item added successfully" == answer.json["message"]
    old, new = answer.json["checklist"]
    assert task["todoChecklist"] == [old]
    assert ("Run accessibility audit", False) == (new["text"], new["completed"])
    assert 24 == len(new["_id"])
    assert [old, new] == am.read(task)["todoChecklist"]


def test_am_35_an_item_has_a_text(am: Am) -> None:
    task = am.task()
    path = f"/tasks/{task['_id']}/checklist"

    added = am.post(path, {"text": "Write", "completed": True}).json["checklist"]
    assert [("Write", True)] == [(item["text"], item["completed"]) for item in added]
    task = am.read(task)
    texts: list[object] = ["", "  ", None, 7, [], "x" * 5000]
    for text in texts:
        assert "text" in refused(am.post(path, {"text": text}), 400)
    refused(am.post(path, {}), 400, "text can't be blank")
    assert refused(am.post(path, {"text": "x", "_id": "y"}), 400).startswith("_id is unknown")
    refused(am.post(path, {"text": "x", "completed": 1}), 400, "completed must be true or false")
    assert task == am.read(task)


def test_am_36_an_item_is_completed_and_taken_back(am: Am, ann: Person) -> None:
    task = am.task(assignedTo=[ann.id], todoChecklist=[{"text": "Gather docs"}, {"text": "Write"}])
    item = task["todoChecklist"][1]
    path = f"/tasks/{task['_id']}/checklist/{item['_id']}"

    answer = am.patch(path, {"completed": True}, by=ann)

    expected = {"message": "Checklist item updated", "item": {**item, "completed": True}}
    assert (200, expected) == (answer.status, answer.json)
    assert [task["todoChecklist"][0], expected["item"]] == am.read(task)["todoChecklist"]
    assert item == am.patch(path, {"completed": False}, by=ann).json["item"]


def test_am_36_an_item_can_be_sent_back_and_worded_anew(am: Am) -> None:
    task = am.task(todoChecklist=[{"text": "Gather docs"}, {"text": "Write"}])
    item = task["todoChecklist"][1]
    path = f"/tasks/{task['_id']}/checklist/{item['_id']}"

    assert item == am.patch(path, item).json["item"]
    assert task == am.read(task)
    changed = {"_id": NOBODY, "text": "Write it up", "completed": True}

    assert {**changed, "_id": item["_id"]} == am.patch(path, changed).json["item"]
    task = am.read(task)
    for odd in ("", "  ", None, 7):
        assert "text" in refused(am.patch(path, {"text": odd, "completed": True}), 400)
    refused(am.patch(path, {"text": "x"}), 400, "completed must be true or false")
    assert refused(am.patch(path, {"completed": True, "done": True}), 400).startswith("done is")
    assert task == am.read(task)


def test_am_37_an_unknown_item_is_not_found(am: Am) -> None:
    task = am.task(todoChecklist=[{"text": "Gather docs"}])

    for item in (NOBODY, "7", "undefined"):
        path = f"/tasks/{task['_id']}/checklist/{item}"
        refused(am.patch(path, {"completed": True}), 404, "Checklist item not found")


def test_am_38_completed_is_true_or_false(am: Am) -> None:
    task = am.task(todoChecklist=[{"text": "Gather docs"}])
    path = f"/tasks/{task['_id']}/checklist/{task['todoChecklist'][0]['_id']}"

    values: list[object] = ["true", 1, None, []]
    for body in ({}, *({"completed": value} for value in values)):
        refused(am.patch(path, body), 400, "completed must be true or false")
    assert task == am.read(task)


def test_am_39_the_checklist_is_for_assignees_and_admins(am: Am, ann: Person, bob: Person) -> None:
    task = am.task(by=ann, todoChecklist=[{"text": "Gather docs"}])
    items = f"/tasks/{task['_id']}/checklist"
    item = f"{items}/{task['todoChecklist'][0]['_id']}"
    said = "Not authorized to update checklist"

    for who in (ann, bob):
        refused(am.post(items, {"text": "x"}, by=who), 403, said)
        refused(am.patch(item, {"completed": True}, by=who), 403, said)
        refused(am.put(f"/tasks/{task['_id']}/todo", {"todoChecklist": []}, by=who), 403, said)
    assert task == am.read(task)
    assert 201 == am.post(items, {"text": "x"}).status


def test_am_39_the_checklist_is_refused_whatever_is_sent(am: Am, ann: Person) -> None:
    task = am.task(by=ann, todoChecklist=[{"text": "Gather docs", "completed": True}])
    [item] = task["todoChecklist"]
    items, said = f"/tasks/{task['_id']}/checklist", "Not authorized to update checklist"

    requests: list[tuple[str, str, object]] = [
        ("PATCH", f"{items}/{item['_id']}", {"completed": True}),
        ("PATCH", f"{items}/{item['_id']}", {}),
        ("PATCH", f"{items}/{NOBODY}", {"completed": True}),
        ("POST", items, {"text": ""}),
        ("POST", items, {}),
        ("PUT", f"/tasks/{task['_id']}/todo", {"todoChecklist": task["todoChecklist"]}),
        ("PUT", f"/tasks/{task['_id']}/todo", {"todoChecklist": ["x"]}),
        ("PUT", f"/tasks/{task['_id']}/todo", {}),
    ]
    for method, path, body in requests:
        refused(am.request(method, path, body, by=ann), 403, said)
    assert task == am.read(task)


def test_am_40_checklist_changes_leave_the_progress(am: Am) -> None:
    task = am.task(progress=40, todoChecklist=[{"text": "Gather docs"}])
    items = f"/tasks/{task['_id']}/checklist"

    am.post(items, {"text": "Write"})
    am.patch(f"{items}/{task['todoChecklist'][0]['_id']}", {"completed": True})

    read = am.read(task)
    assert (40, "Pending") == (read["progress"], read["status"])


def test_am_41_tasks_are_filtered_by_status(am: Am, ann: Person) -> None:
    for status in ("Pending", "InProgress", "Completed"):
        am.task(title=status, status=status)
    am.task(title="mine", by=ann, status="InProgress")

    assert ["Completed"] == am.listed("status=Completed")
    assert ["InProgress", "mine"] == am.listed("status=InProgress")
    assert ["InProgress", "mine"] == am.listed("status=In%20Progress")
    assert ["mine"] == am.listed("status=In+Progress", by=ann)
    assert 4 == len(am.listed("status="))
    for query in ("status=Done", "state=Pending", "status=Pending&status=x", "status=%00"):
        refused(am.get(f"/tasks?{query}"), 400)


def test_am_42_completed_completes_the_checklist(am: Am, ann: Person) -> None:
    task = am.task(assignedTo=[ann.id], todoChecklist=[{"text": "Gather docs"}, {"text": "Write"}])
    path = f"/tasks/{task['_id']}/status"

    answer = am.put(path, {"status": "Completed"}, by=ann)

    assert 200 == answer.status
    assert "Task status updated" == answer.json["message"]
    done = answer.json["task"]
    assert ("Completed", 100) == (done["status"], done["progress"])
    assert all(item["completed"] for item in done["todoChecklist"])
    assert done == am.read(task)
    assert "InProgress" == am.put(path, {"status": "In Progress"}).json["task"]["status"]


def test_am_42_the_status_by_itself_is_for_assignees_and_admins(am: Am, ann: Person) -> None:
    task = am.task(by=ann, todoChecklist=[{"text": "Gather docs"}])
    path = f"/tasks/{task['_id']}/status"

    for status in ("Completed", "Pending", "Done"):
        refused(am.put(path, {"status": status}, by=ann), 403, "Not authorized")
    assert task == am.read(task)
    am.put(f"/tasks/{task['_id']}", {"assignedTo": [ann.id]}, by=ann)
    assert 200 == am.put(path, {"status": "Completed"}, by=ann).status


def test_am_42_a_status_that_is_none_is_refused(am: Am, bob: Person) -> None:
    task = am.task()
    path = f"/tasks/{task['_id']}/status"

    for body in ({}, {"status": "Done"}, {"status": None}, {"status": 7}, {"state": "Pending"}):
        assert "stat" in refused(am.put(path, body), 400)
    refused(am.put(path, {"status": "Completed"}, by=bob), 403, "Not authorized")
    assert task == am.read(task)


def test_am_43_the_whole_checklist_says_progress_and_status(am: Am, ann: Person) -> None:
    task = am.task(assignedTo=[ann.id], progress=7, status="InProgress")
    for done, of, progress, status in (
        (0, 0, 0, "Pending"),
        (1, 3, 33, "InProgress"),
        (2, 3, 67, "InProgress"),
        (3, 3, 100, "Completed"),
        (0, 3, 0, "Pending"),
    ):
        items = [{"text": f"item {number}", "completed": number < done} for number in range(of)]

        answer = am.put(f"/tasks/{task['_id']}/todo", {"todoChecklist": items}, by=ann)

        assert (200, "Task checklist updated") == (answer.status, answer.json["message"])
        changed = answer.json["task"]
        assert (progress, status) == (changed["progress"], changed["status"])
        assert items == [without_id(item) for item in changed["todoChecklist"]]
        assert changed == am.read(task)
    _refuses_other_checklists(am, am.read(task))


def without_id(item: dict[str, object]) -> dict[str, object]:
    return {name: value for name, value in item.items() if name != "_id"}


def _refuses_other_checklists(am: Am, task: Any) -> None:
    path = f"/tasks/{task['_id']}/todo"

    values: list[object] = [None, {}, ["x"], [{"text": ""}], [{"text": "x", "done": True}]]
    for value in values:
        assert "todoChecklist" in refused(am.put(path, {"todoChecklist": value}), 400)
    bodies: list[object] = [{}, {"todo": []}, {"todoChecklist": [], "progress": 1}]
    for body in bodies:
        refused(am.put(path, body), 400)
    assert task == am.read(task)


def test_a_date_stays_the_day_it_names(am: Am) -> None:
    for sent in ("2025-01-29", "2025-01-29T23:30:00.000Z", "2025-01-29T00:30:00+02:00"):
        assert "2025-01-29" == am.task(dueDate=sent)["dueDate"]


BODIES: Final = [
    b"",
    b"{",
    b"[]",
    b"[{}]",
    b'"text"',
    b"7",
    b"null",
    b'{"title": "x", "title": "y"}',
    b'{"title": "\\ud800", "dueDate": "2035-01-29"}',
    b'{"title": "x", "dueDate": "2035-01-29", "progress": NaN}',
    b'{"title": "x", "dueDate": "2035-01-29", "progress": 1e400}',
    b'{"title": {"$gt": ""}, "dueDate": "2035-01-29"}',
    b'{"title": "x", "dueDate": "2035-01-29", "assignedTo": [{"$ne": null}]}',
    json.dumps({"title": "x" * 2_000_000, "dueDate": DUE}).encode(),
    b"\xff\xfe",
]


def test_odd_bodies_are_refused_and_nothing_is_saved(am: Am) -> None:
    task = am.task()
    path = f"/tasks/{task['_id']}"
    addresses = (
        ("POST", "/tasks"),
        ("PUT", path),
        ("PATCH", f"{path}/progress"),
        ("POST", f"{path}/checklist"),
        ("PUT", f"{path}/todo"),
        ("PUT", f"{path}/status"),
    )

    for body, (method, where) in product(BODIES, addresses):
        answer = am.request(method, where, body)
        assert answer.status in {400, 413}, (method, where, answer.body[:200])
        assert ["message"] == list(answer.json)
    assert [task] == am.get("/tasks").json


def test_a_body_that_is_no_json_is_refused(am: Am) -> None:
    headers = {"Content-Type": "text/plain"}

    refused(am.post("/tasks", b"title=x", headers=headers), 415)


def test_unknown_addresses_and_methods_are_refused_in_the_same_shape(am: Am) -> None:
    refused(am.get("/nothing"), 404)
    assert 200 == am.get("/tasks/").status
    refused(am.request("DELETE", "/tasks"), 405)
    refused(am.patch(f"/tasks/{NOBODY}", {}), 405)


def test_the_native_api_stays_native(am: Am) -> None:
    task = am.task(todoChecklist=[{"text": "Gather docs"}], progress=40)

    [row] = am.api.get("/workflows/team-tasks/tasks").json

    assert ("Design Homepage UI", "Pending", "40") == (row["Title"], row["Stage"], row["Progress"])
    [item] = task["todoChecklist"]
    expected: list[Any] = [{"id": item["_id"], "text": item["text"], "done": False}]
    assert expected == row["Checklist"]
    assert {"error": "Unauthorized"} == am.api.get("/workflows", key=None).json
