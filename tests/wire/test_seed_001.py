"""Every request of the Admin/Member Tasks API page with its documented answer, ids aside."""

from typing import Any, Final

import pytest

from tests.wire.am import Am, Person, admin_member, refused, within
from tests.wire.api import Api
from tests.wire.conftest import Ask

STRUCTURE: Final[dict[str, Any]] = {
    "title": "Prepare Project Report",
    "description": "Compile milestone achievements",
    "priority": "High",
    "status": "Pending",
    "dueDate": "2025-01-20",
    "attachments": ["https://filelink.com/file.pdf"],
    "todoChecklist": [{"text": "Gather docs", "completed": False}],
    "progress": 40,
}
CREATE: Final[dict[str, Any]] = {
    "title": "Design Homepage UI",
    "description": "Initial UI/UX layout",
    "priority": "High",
    "dueDate": "2025-01-29",
}
CREATED: Final[dict[str, Any]] = {
    "message": "Task created successfully",
    "task": {
        "_id": "65f94a9c19d23e",
        "title": "Design Homepage UI",
        "priority": "High",
        "status": "Pending",
    },
}


@pytest.fixture
def am(api: Api, ask: Ask) -> Am:
    return admin_member(api, ask)


@pytest.fixture
def ann(am: Am) -> Person:
    return am.person("ann")


def test_the_task_structure_is_read_as_it_was_written(am: Am, ann: Person) -> None:
    whole: dict[str, Any] = {**STRUCTURE, "assignedTo": [ann.id]}

    assert within(whole, am.task(**whole))


def test_every_endpoint_answers_as_documented(am: Am, ann: Person) -> None:
    """1 to 8 of the page, in its order but for the deletion."""
    created = am.post("/tasks", {**CREATE, "assignedTo": [ann.id]}, by=am.person("bob"))
    assert 201 == created.status
    assert within(CREATED, created.json)
    path = f"/tasks/{created.json['task']['_id']}"

    progress = am.patch(f"{path}/progress", {"progress": 40}, by=ann)
    assert (200, {"message": "Progress updated", "progress": 40}) == (
        progress.status,
        progress.json,
    )

    listed = am.get("/tasks", by=ann)
    shown = {"_id": "65f94a9c19d23e", "title": "Design Homepage UI", "status": "Pending"}
    assert 200 == listed.status
    assert within([{**shown, "assignedTo": [ann.id], "progress": 40}], listed.json)

    added = am.post(f"{path}/checklist", {"text": "Sketch wireframe"}, by=ann)
    item = {"_id": "65f95b2d3a1f34", "text": "Sketch wireframe", "completed": False}
    assert 201 == added.status
    assert within({"message": "Checklist item added successfully", "checklist": [item]}, added.json)

    found = am.get(path, by=ann)
    assert 200 == found.status
    details = {"description": "Initial UI/UX layout", "assignedTo": [ann.id]}
    assert within({**shown, **details, "todoChecklist": [item]}, found.json)

    [added_item] = added.json["checklist"]
    completed = am.patch(f"{path}/checklist/{added_item['_id']}", {"completed": True}, by=ann)
    expected = {"message": "Checklist item updated", "item": {**added_item, "completed": True}}
    assert (200, expected) == (completed.status, completed.json)

    change = {"status": "InProgress", "description": "Working on visual layout"}
    updated = am.put(path, change, by=ann)
    assert 200 == updated.status
    assert within(
        {"message": "Task updated successfully", "task": {**shown, **change}}, updated.json
    )

    deleted = am.delete(path)
    assert (200, {"message": "Task deleted successfully"}) == (deleted.status, deleted.json)


def test_common_error_responses(am: Am) -> None:
    task = am.task()

    refused(am.post("/tasks", {"description": "no title"}), 400)
    refused(am.get("/tasks", key=None), 401)
    refused(am.get("/tasks", by="nonsense"), 401)
    refused(am.get(f"/tasks/{task['_id']}", by=am.person("cid")), 403)
    refused(am.get("/tasks/65f94a9c19d23e"), 404)
