"""Approvals, checklists and the life of fields: what a workflow file may say of them."""

import json
from collections.abc import Mapping
from typing import Any

import pytest

from taskloom.errors import ASSIGNEE
from taskloom.model.rules import Approvals, Checklist
from taskloom.model.workflow import Workflow
from taskloom.schema.load import faults_of, load_workflow

STAGES: list[dict[str, Any]] = [
    {"name": "Draft", "key": "d"},
    {"name": "Waiting"},
    {"name": "Back"},
    {"name": "Fine", "end": True},
    {"name": "Off", "end": True},
]
FIELDS: dict[str, dict[str, Any]] = {
    "title": {"type": "string"},
    "boss": {"title": "Boss", "type": "string", "format": "person"},
    "steps": {"type": "array", "format": "approval-steps"},
    "todo": {"type": "array", "format": "checklist"},
    "share": {"type": "integer"},
    "day": {"type": "string", "format": "date"},
}
NAMED: dict[str, Any] = {
    "start": "Draft",
    "waiting": "Waiting",
    "done": "Fine",
    "returned": "Back",
    "cancelled": "Off",
}
APPROVALS: dict[str, Any] = {"steps": "steps", "owner": "boss", "stages": NAMED}
CHECKLIST: dict[str, Any] = {
    "items": "todo",
    "progress": "share",
    "stages": {"none": "Draft", "some": "Back", "all": "Fine"},
}


def text_of(fields: Mapping[str, Any] | None = None, **workflow: object) -> str:
    parts = {"stages": STAGES, **workflow}
    return json.dumps(
        {"$id": "plans", "properties": {**FIELDS, **(fields or {})}, "workflow": parts}
    )


def load(text: str) -> Workflow:
    return load_workflow(text, workspace="main", uid="u1", version=1)


def told(text: str) -> list[tuple[str, str, str]]:
    return [(fault.path, fault.message, fault.hint) for fault in faults_of(text)]


def approvals(**changes: object) -> str:
    return text_of(approvals={**APPROVALS, **changes})


def checklist(**changes: object) -> str:
    return text_of(checklist={**CHECKLIST, **changes})


def test_approvals_name_fields_by_key_and_stages_by_name() -> None:
    rule = load(approvals(restartOn=["assignees", "day"])).approvals

    assert rule == Approvals(
        steps="steps",
        owner="boss",
        start="d",
        waiting="Waiting",
        done="Fine",
        returned="Back",
        cancelled="Off",
        restart_on=frozenset({ASSIGNEE, "day"}),
    )


def test_approvals_that_name_no_stages_have_the_usual_ones() -> None:
    names = ("Created", "Awaiting Approval", "Completed", "Returned", "Cancelled")
    text = text_of(stages=[{"name": name} for name in names], approvals={"steps": "steps"})

    rule = load(text).approvals

    assert rule is not None
    assert names == (rule.start, rule.waiting, rule.done, rule.returned, rule.cancelled)
    assert rule.owner is None


def test_a_checklist_rule_may_say_nothing_but_where_the_items_are() -> None:
    assert (
        Checklist(items="todo", progress=None)
        == load(text_of(checklist={"items": "todo"})).checklist
    )


def test_a_checklist_rule_names_its_stages_by_key() -> None:
    expected = Checklist(items="todo", progress="share", none="d", some="Back", all="Fine")

    assert expected == load(checklist()).checklist


KINDS = "such fields are: "
CASES: dict[str, tuple[str, str, str, str]] = {
    "no such field for steps": (
        approvals(steps="stepps"),
        "workflow.approvals.steps",
        "names no field: 'stepps'",
        "did you mean 'steps'?",
    ),
    "a title for a key": (
        approvals(owner="Boss"),
        "workflow.approvals.owner",
        "names no field: 'Boss'",
        "its key is 'boss'",
    ),
    "steps of another kind": (
        approvals(steps="todo"),
        "workflow.approvals.steps",
        "must be a field of kind approvalSteps: 'todo' is of kind checklist",
        f"{KINDS}steps",
    ),
    "owner of another kind": (
        approvals(owner="title"),
        "workflow.approvals.owner",
        "must be a field of kind person: 'title' is of kind text",
        f"{KINDS}boss",
    ),
    "items of another kind": (
        checklist(items="steps"),
        "workflow.checklist.items",
        "must be a field of kind checklist: 'steps' is of kind approvalSteps",
        f"{KINDS}todo",
    ),
    "progress that is no number": (
        checklist(progress="title"),
        "workflow.checklist.progress",
        "must be a field of kind integer or number or percent: 'title' is of kind text",
        f"{KINDS}share",
    ),
    "no such field to restart on": (
        approvals(restartOn=["titel"]),
        "workflow.approvals.restartOn[0]",
        "names no field: 'titel'",
        "did you mean 'title'?",
    ),
    "restart on something like assignees": (
        approvals(restartOn=["assignee"]),
        "workflow.approvals.restartOn[0]",
        "names no field: 'assignee'",
        "did you mean 'assignees'?",
    ),
    "no such stage of approvals": (
        approvals(stages={**NAMED, "done": "Fin"}),
        "workflow.approvals.stages.done",
        "names no stage: 'Fin'",
        "did you mean 'Fine'?",
    ),
    "one stage for two": (
        approvals(stages={**NAMED, "returned": "Draft"}),
        "workflow.approvals.stages.returned",
        "is 'Draft', as start is",
        "each needs a stage of its own",
    ),
    "waiting at the end": (
        approvals(stages={**NAMED, "waiting": "Fine", "done": "Waiting"}),
        "workflow.approvals.stages.waiting",
        "must not be an end stage: 'Fine'",
        "work goes on there",
    ),
    "no such stage of a checklist": (
        checklist(stages={"none": "Draft", "some": "Bak", "all": "Fine"}),
        "workflow.checklist.stages.some",
        "names no stage: 'Bak'",
        "did you mean 'Back'?",
    ),
    "items for who is done": (
        text_of(
            stages=[*STAGES[:3], {**STAGES[3], "checklist": ["Tell all"]}, STAGES[4]],
            checklist=CHECKLIST,
        ),
        "workflow.checklist.stages.all",
        "must not have a checklist: 'Fine'",
        "its items would be open again in the stage where all are done",
    ),
    "steps that cannot be answered": (
        text_of({"steps": {**FIELDS["steps"], "readOnly": True}}, approvals=APPROVALS),
        "properties.steps.readOnly",
        "is not possible here",
        "workflow.approvals changes this field",
    ),
    "progress that cannot change": (
        text_of({"share": {**FIELDS["share"], "writeOnce": True}}, checklist=CHECKLIST),
        "properties.share.writeOnce",
        "is not possible here",
        "workflow.checklist changes this field",
    ),
    "a creator that is a text": (
        text_of({"title": {"type": "string", "auto": "creator"}}),
        "properties.title.auto",
        "is for person fields: this is of kind text",
        "",
    ),
    "a moment that is a person": (
        text_of({"boss": {**FIELDS["boss"], "auto": "now"}}),
        "properties.boss.auto",
        "is for date and datetime fields: this is of kind person",
        "",
    ),
    "two values for a new task": (
        text_of({"day": {**FIELDS["day"], "auto": "now", "default": "2030-01-31"}}),
        "properties.day.auto",
        "is not possible beside default",
        "a new task can get only one of them",
    ),
    "a text in the future": (
        text_of({"title": {"type": "string", "future": True}}),
        "properties.title.future",
        "is for dates: this field is of kind text",
        "",
    ),
    "now in the future": (
        text_of({"day": {**FIELDS["day"], "auto": "now", "future": True}}),
        "properties.day.future",
        "is not possible beside default or auto",
        "they will have passed",
    ),
    "written once and never": (
        text_of({"title": {"type": "string", "writeOnce": True, "editable": False}}),
        "properties.title.writeOnce",
        "is not possible beside readOnly",
        "a new task is the only chance",
    ),
    "written once by default": (
        text_of({"title": {"type": "string", "writeOnce": True, "default": "x"}}),
        "properties.title.writeOnce",
        "is not possible beside default",
        "no other value could ever be set",
    ),
}


@pytest.mark.parametrize(("text", "path", "message", "hint"), CASES.values(), ids=CASES)
def test_a_fault_tells_its_path_reason_and_remedy(
    text: str, path: str, message: str, hint: str
) -> None:
    assert [(path, message, hint)] == told(text)


def test_the_usual_stages_have_to_be_there_or_others_named() -> None:
    faults = told(text_of(approvals={"steps": "steps"}))

    assert {"workflow.approvals"} == {path for path, _, _ in faults}
    assert "needs a stage for start: names no stage: 'Created'" in [said for _, said, _ in faults]
    assert faults[0][2].startswith('name it, like "stages": {')


def test_every_fault_of_the_processes_is_told_at_once() -> None:
    text = text_of(
        approvals={"steps": "x", "owner": "y", "restartOn": ["z"]},
        checklist={"items": "u", "progress": "v"},
    )

    assert {"x", "y", "z", "u", "v"} <= {said.split("'")[1] for _, said, _ in told(text)}


def test_a_field_that_is_wrong_itself_is_not_told_twice() -> None:
    text = text_of({"steps": {"type": "array", "format": "approval-stps"}}, approvals=APPROVALS)

    assert ["properties.steps.format"] == [path for path, _, _ in told(text)]


def test_a_keyword_may_come_from_a_definition() -> None:
    text = json.dumps(
        {
            "$id": "plans",
            "properties": {"title": {"$ref": "#/$defs/late"}},
            "$defs": {"late": {"type": "string", "future": True}},
        }
    )

    assert ["properties.title.future"] == [path for path, _, _ in told(text)]
