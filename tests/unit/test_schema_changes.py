"""What a plain replacement of a workflow must not do to the tasks there are."""

import json
from typing import Any

import pytest

from taskloom.errors import Fault
from taskloom.model.workflow import Workflow
from taskloom.schema.changes import plan_faults
from taskloom.schema.load import load_workflow

TEXT = {"type": "string"}
STAGES = [{"name": "Open"}, {"name": "Busy"}, {"name": "Done", "end": True}]


def workflow(properties: dict[str, Any], **said: object) -> Workflow:
    source = json.dumps({"$id": "a", "properties": properties, "workflow": said})
    return load_workflow(source, workspace="main", uid="u1", version=1)


OLD = workflow({"x": TEXT, "y": TEXT}, uniqueId="x", stages=STAGES)


def planned(new: Workflow, *, tasks: int = 2, **parts: Any) -> list[Fault]:
    return plan_faults(
        OLD,
        new,
        kinds_ever=parts.get("kinds_ever", {}),
        stage_counts=parts.get("stage_counts", {}),
        tasks=tasks,
    )


def test_new_titles_fields_rules_and_stages_are_no_faults() -> None:
    new = workflow(
        {"x": {"title": "X", **TEXT}, "z": {"type": "integer"}},
        uniqueId="x",
        stages=[*STAGES, {"name": "Late"}],
    )

    assert [] == planned(new, kinds_ever={"x": "text", "y": "text"})


@pytest.mark.parametrize("tasks", [0, 1])
def test_a_field_that_changes_its_kind_takes_a_plan(tasks: int) -> None:
    new = workflow({"x": TEXT, "y": {"type": "integer"}}, uniqueId="x", stages=STAGES)

    assert [
        Fault(
            path=("properties", "y"),
            code="needs_plan",
            message="changes its kind from text to integer, but tasks may hold text values",
            hint="give the new field another key, or have the change planned and apply that",
        )
    ] == planned(new, tasks=tasks)


def test_a_key_keeps_the_kind_it_had_in_any_version() -> None:
    new = workflow({"x": TEXT, "z": {"type": "integer"}}, uniqueId="x", stages=STAGES)

    assert ["changes its kind from date to integer, but tasks may hold date values"] == [
        fault.message for fault in planned(new, kinds_ever={"z": "date"})
    ]


@pytest.mark.parametrize(
    ("unique", "tasks", "messages"),
    [
        ("y", 0, []),
        ("x", 5, []),
        ("y", 1, ["changes from 'x' to 'y' while there are 1 task"]),
        (None, 2, ["changes from 'x' to none while there are 2 tasks"]),
    ],
)  # fmt: skip
def test_the_unique_id_changes_only_while_there_are_no_tasks(
    unique: str | None, tasks: int, messages: list[str]
) -> None:
    said = {"uniqueId": unique} if unique else {}
    new = workflow({"x": TEXT, "y": TEXT}, stages=STAGES, **said)

    assert messages == [fault.message for fault in planned(new, tasks=tasks)]


def test_a_stage_that_holds_tasks_cannot_go_but_can_be_renamed() -> None:
    new = workflow(
        {"x": TEXT, "y": TEXT},
        uniqueId="x",
        stages=[{"name": "Opened", "key": "Open"}, {"name": "Done", "end": True}],
    )

    assert [] == planned(new, stage_counts={"Open": 3})
    assert [
        Fault(
            path=("workflow", "stages"),
            code="needs_plan",
            message="lack 'Busy', which holds 1 task",
            hint='to rename it, say "key": "Busy" in the stage that takes its place; '
            "else move them first, to one of 'Opened', 'Done'",
        )
    ] == planned(new, stage_counts={"Open": 3, "Busy": 1})
