"""The samples of the Workiva Tasks reference (seed 003), with users that exist here."""

import json
from typing import Any

import pytest

from tests.wire.api import Api
from tests.wire.conftest import Ask
from tests.wire.wk import Person, Wk, error, workiva

TASK = """
{
  "approvalSteps": [
    {
      "completionMode": "ONE",
      "dueDate": "2023-06-11T13:00:00+00:00",
      "participants": [{"id": "APPROVER", "type": "USER"}],
      "responses": [
        {
          "action": "REJECT",
          "comment": "please refine",
          "created": {"dateTime": "2019-10-30T15:03:27Z", "user": {"id": "APPROVER"}}
        }
      ]
    }
  ],
  "assignees": [{"id": "ASSIGNEE", "type": "USER"}],
  "created": {"dateTime": "2019-10-30T15:03:27Z", "user": {"id": "ASSIGNEE"}},
  "description": "Be sure to double-check the balance sheet",
  "dueDate": null,
  "id": "VGFzax41MWNmOGZjMDQxMzc1MmRlYWZjMTA2ZjgyMzJiNDllZg",
  "location": {
    "resource": "124efa2a142f472ba1ceab34ed18915f",
    "segment": "465ttdh2a142y75ehsft5ab34edf5675"
  },
  "modified": {"dateTime": "2019-10-30T15:03:27Z", "user": {"id": "ASSIGNEE"}},
  "notificationsDisabled": true,
  "owner": "V0ZVc2VyHzU3MjI2NDY2Mzc0NDUxMjA",
  "sourceUrl": "string",
  "status": "Completed",
  "title": "Please complete the quarterly report"
}
"""
ACTION = {"action": "APPROVE", "comment": "please refine"}


@pytest.fixture
def wk(api: Api, ask: Ask) -> Wk:
    return workiva(api, ask)


@pytest.fixture
def ann(wk: Wk) -> Person:
    return wk.person("ann")


@pytest.fixture
def bob(wk: Wk) -> Person:
    return wk.person("bob")


@pytest.fixture
def sample(ann: Person, bob: Person) -> Any:
    """The sample: assigned to ann, approved by bob."""
    return json.loads(TASK.replace("ASSIGNEE", ann.id).replace("APPROVER", bob.id))


def shape(value: object) -> object:
    """Return a value with the types of its scalars, of a list the first item's."""
    if isinstance(value, dict):
        return {name: shape(part) for name, part in value.items()}
    if isinstance(value, list):
        return [shape(part) for part in value[:1]]
    return type(value)


def test_the_sample_task_can_be_sent_as_it_stands(wk: Wk, ann: Person, sample: Any) -> None:
    answer = wk.post(sample, by=ann)

    task = answer.json
    assert 201 == answer.status
    for name in ("description", "dueDate", "location", "notificationsDisabled", "status", "title"):
        assert sample[name] == task[name]
    assert sample["assignees"] == task["assignees"]
    assert ann.id == task["owner"]
    [step] = task["approvalSteps"]
    assert ("ONE", "2023-06-11T13:00:00Z", []) == (
        step["completionMode"],
        step["dueDate"],
        step["responses"],
    )


def test_a_task_is_shown_in_the_shape_of_the_sample(
    wk: Wk, ann: Person, bob: Person, sample: Any
) -> None:
    task = wk.post({**sample, "status": "Created"}, by=ann).json["id"]
    wk.done(task, "SUBMIT", by=ann)
    shown = wk.done(task, "REJECT", by=bob, comment="please refine")

    assert shape(sample) == shape(shown)
    [response] = shown["approvalSteps"][0]["responses"]
    assert ("REJECT", "please refine") == (response["action"], response["comment"])
    assert {"id": bob.id} == response["created"]["user"]
    assert {"data": [shown]} == wk.list().json


def test_the_sample_action_is_taken(wk: Wk, ann: Person, bob: Person, sample: Any) -> None:
    task = wk.post({**sample, "status": "Created"}, by=ann).json["id"]
    wk.done(task, "SUBMIT", by=ann)

    shown = wk.request("POST", f"/tasks/{task}/actionSubmission", ACTION, by=bob).json

    assert "Completed" == shown["status"]
    assert "please refine" == shown["approvalSteps"][0]["responses"][0]["comment"]


def test_a_step_needs_what_the_reference_calls_required(wk: Wk, sample: Any) -> None:
    for name in ("completionMode", "participants"):
        step = {key: part for key, part in sample["approvalSteps"][0].items() if key != name}
        said = error(wk.post({**sample, "approvalSteps": [step]}), 400, "BadRequest")
        assert f"approvalSteps[0].{name}" == said["details"][0]["target"]
    del sample["title"]
    assert "title" == error(wk.post(sample), 400, "BadRequest")["target"]


def test_examples_that_use_older_names_are_read_too(wk: Wk, ann: Person) -> None:
    """The reference's own examples say `dueAt`, more of users than ids, and some users twice."""
    user = {**ann.user, "displayName": "Ann", "email": ann.email}
    step = {"completionMode": "ONE", "dueAt": None, "participants": [user, user]}

    task = wk.task(dueAt="2030-10-30T00:00:00Z", completed=None, approvalSteps=[step])

    assert "2030-10-30T00:00:00Z" == task["dueDate"]
    assert [ann.user] == task["approvalSteps"][0]["participants"]
