"""Facades: names and values mapped both ways, and what a dialect needs of a workflow."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any, cast

import pytest
from click.testing import CliRunner

from taskloom.cli.main import cli
from taskloom.fields.base import People
from taskloom.model.people import Actor
from taskloom.schema.compile import compile_source
from taskloom.schema.load import load_workflow
from taskloom.wire.facades import Facing, Ids
from taskloom.wire.needs import facade_faults_of

NAMES = ("TODO", "IN_PROGRESS", "REVIEW", "DONE", "CANCELED")
SHIPPED = Path(__file__).parents[2] / "workflow_schemas"


class Known:
    """Knows one user."""

    def id_of(self, email: str) -> str | None:
        return "u1" if email == "ann@example.com" else None

    def email_of(self, user: str) -> str | None:
        return "ann@example.com" if user == "u1" else None


def file(**facade: Any) -> dict[str, Any]:
    """Make a workflow with words of its own and a facade for Task Management."""
    return {
        "$id": "cases",
        "title": "Cases",
        "type": "object",
        "properties": {
            "subject": {"title": "Subject", "type": "string"},
            "urgency": {"title": "Urgency", "enum": ["lax", "mid", "high", "now"]},
            "size": {"title": "Size", "type": "integer"},
        },
        "workflow": {
            "stages": [
                {"name": "New"},
                {"name": "Doing", "key": "busy"},
                {"name": "Checking"},
                {"name": "Done", "end": True},
                {"name": "Dropped", "end": True},
            ],
            "facade": [{"dialect": "task-management", "mount": "/crm/v1", **FULL, **facade}],
        },
    }


FULL: Mapping[str, Any] = {
    "fields": {"title": "subject", "priority": "urgency"},
    "status": {
        "TODO": "New",
        "IN_PROGRESS": ["Doing"],
        "REVIEW": ["Checking"],
        "DONE": "Done",
        "CANCELED": "Dropped",
    },
    "values": {"priority": {"LOW": "lax", "MEDIUM": "mid", "HIGH": "high", "URGENT": "now"}},
}


def facing_of(**facade: Any) -> Facing:
    workflow = compile_source(json.dumps(file(**facade)), workspace="main", uid="u", version=1)
    return Facing(
        actor=Actor(workspace="main", user="u1", role="admin"),
        workflow=workflow,
        facade=workflow.workflow.facades[0],
        people=Ids(cast(People, Known())),
        base="http://localhost/crm/v1",
    )


# --- the mapping -----------------------------------------------------------------------------


def test_names_of_fields_are_mapped_to_keys_and_others_stay() -> None:
    facing = facing_of()

    assert ["subject", "urgency", "size", "subject", None] == [
        facing.key(name) for name in ("title", "priority", "size", "subject", "dueDate")
    ]


def test_every_stage_is_read_as_the_status_that_writes_it() -> None:
    facing = facing_of()

    for stage in facing.workflow.stages.values():
        status = facing.status(stage.key)
        assert stage.name == facing.stage_name(status)
        assert (stage.key,) == facing.stage_keys(status)
    assert "IN_PROGRESS" == facing.status("busy")


def test_a_status_may_stand_for_several_stages_and_sets_the_first() -> None:
    facing = facing_of(status={"TODO": ["New", "Checking"], "Doing": "Doing"})

    assert ("New", "Checking") == facing.stage_keys("TODO")
    assert "New" == facing.stage_name("TODO")
    assert ["TODO", "TODO", "Doing"] == [
        facing.status(stage) for stage in ("New", "Checking", "busy")
    ]


def test_what_is_not_mapped_has_the_same_name() -> None:
    facing = facing_of(status={}, values={})

    assert ("Doing", ("busy",), "Doing") == (
        facing.stage_name("Doing"),
        facing.stage_keys("Doing"),
        facing.status("busy"),
    )
    assert ("now", "now") == (facing.option("priority", "now"), facing.value("priority", "now"))


def test_a_stage_with_another_name_is_not_known_by_its_own() -> None:
    facing = facing_of()

    assert [None, None, None] == [facing.stage_name(name) for name in ("New", "busy", "LATER")]
    assert () == facing.stage_keys("Doing")
    assert "gone" == facing.status("gone")


def test_options_are_mapped_both_ways() -> None:
    facing = facing_of()

    for value in ("LOW", "MEDIUM", "HIGH", "URGENT"):
        assert value == facing.value("priority", facing.option("priority", value))
    assert "now" == facing.option("priority", "URGENT")


def test_a_value_may_stand_for_several_options_and_sets_the_first() -> None:
    facing = facing_of(values={"priority": {"LOW": ["lax", "mid"]}})

    assert ("lax", "mid") == facing.options("priority", "LOW")
    assert "lax" == facing.option("priority", "LOW")
    assert "mid" == facing.option("priority", "LOW", "mid")
    assert "lax" == facing.option("priority", "LOW", "now")
    assert ["LOW", "LOW"] == [facing.value("priority", option) for option in ("lax", "mid")]


def test_of_two_values_for_one_option_the_first_is_read() -> None:
    facing = facing_of(values={"priority": {"HIGH": "now", "URGENT": "now"}})

    assert ["now", "now"] == [facing.option("priority", value) for value in ("HIGH", "URGENT")]
    assert "HIGH" == facing.value("priority", "now")


def test_people_are_spoken_of_by_id() -> None:
    people = facing_of().people

    assert ("u1", "u1") == (people.id_of("u1"), people.email_of("u1"))
    assert [None, None] == [people.id_of(other) for other in ("ann@example.com", "u2")]
    assert people.email_of("u2") is None


def test_addresses_are_those_from_outside() -> None:
    assert "http://localhost/crm/v1/tasks/1?a=b" == facing_of().address("/tasks/1?a=b")


# --- what a dialect needs --------------------------------------------------------------------


def told(document: Mapping[str, Any]) -> list[tuple[str, str, str]]:
    workflow = load_workflow(json.dumps(document), workspace="", uid="", version=1)
    return [
        (".".join(str(part) for part in fault.path[2:]), fault.message, fault.hint)
        for fault in facade_faults_of(workflow)
    ]


@pytest.mark.parametrize("path", sorted(SHIPPED.glob("*.json")), ids=lambda path: path.stem)
def test_shipped_workflows_give_their_dialects_what_they_need(path: Path) -> None:
    assert [] == told(json.loads(path.read_text(encoding="utf-8")))


def test_a_facade_that_maps_everything_fits() -> None:
    assert [] == told(file())


def test_a_dialect_that_there_is_not_is_told() -> None:
    known = "the dialects are: admin-member, task-management, workiva"

    assert [
        ("0.dialect", "names no dialect that is mounted: 'task-managment'", NEAR),
    ] == told(file(dialect="task-managment"))
    assert [("0.dialect", "names no dialect that is mounted: 'flowdash'", known)] == told(
        file(dialect="flowdash")
    )


NEEDED = "task-management needs a field for 'title' of kind longText or text"
NEAR = "did you mean 'task-management'?"


def test_a_field_that_a_dialect_cannot_do_without_is_told() -> None:
    remedy = 'add a field \'title\', or map one: "fields": {"title": "its key"}'

    assert [("0.fields", NEEDED, remedy)] == told(file(fields={"priority": "urgency"}))


def test_a_field_of_another_kind_is_told() -> None:
    fields = {"title": "size", "priority": "urgency"}

    assert [
        (
            "0.fields.title",
            f"{NEEDED}: 'size' is of kind integer",
            'map a field that is: "fields": {"title": "its key"}',
        )
    ] == told(file(fields=fields))


def test_words_that_the_dialect_does_not_have_are_told() -> None:
    status = {**FULL["status"], "REVEIW": "Checking"}
    fields = {**FULL["fields"], "titel": "subject"}
    values = {"priority": {**FULL["values"]["priority"], "X": "now"}}

    assert [
        ("0.fields.titel", "is no word of task-management: 'titel'", "did you mean 'title'?"),
        ("0.status.REVEIW", "is no word of task-management: 'REVEIW'", "did you mean 'REVIEW'?"),
        ("0.values.priority.X", "is no word of task-management: 'X'", PRIORITIES),
    ] == told(file(fields=fields, status=status, values=values))


PRIORITIES = "there are: 'LOW', 'MEDIUM', 'HIGH', 'URGENT'"


def test_a_status_that_a_dialect_cannot_do_without_is_told() -> None:
    status = {name: stage for name, stage in FULL["status"].items() if name != "DONE"}

    remedy = 'map it: "status": {"DONE": "a stage"}'
    assert [("0.status", "has no stage for 'DONE'", remedy)] == told(file(status=status))


def test_stages_and_options_without_a_word_of_the_dialect_keep_their_names() -> None:
    status = {"TODO": "New", "IN_PROGRESS": "Doing", "DONE": "Done"}

    assert [] == told(file(status=status, values={"priority": {"LOW": "lax"}}))


def test_faults_of_all_facades_are_told_at_once() -> None:
    document = file(fields={}, status={}, values={})
    second = {**document["workflow"]["facade"][0], "mount": "/docs"}
    document["workflow"]["facade"].append(second)

    places = {place[0] for place, _, _ in told(document)}

    assert {"0", "1"} == places
    assert "1.mount" in [place for place, _, _ in told(document)]


def test_workflow_check_says_what_a_dialect_still_needs(tmp_path: Path) -> None:
    path = tmp_path / "cases.json"
    path.write_text(json.dumps(file(fields={"priority": "urgency"}), indent=2), encoding="utf-8")

    result = CliRunner().invoke(cli, ["workflow", "check", str(path)])

    assert 1 == result.exit_code
    line = next(
        number
        for number, text in enumerate(path.read_text(encoding="utf-8").splitlines(), 1)
        if '"fields": {' in text
    )
    assert f"{path}:{line} workflow.facade[0].fields task-management needs a field" in result.output


def test_workflow_check_takes_what_fits(tmp_path: Path) -> None:
    path = tmp_path / "cases.json"
    path.write_text(json.dumps(file()), encoding="utf-8")

    result = CliRunner().invoke(cli, ["workflow", "check", str(path)])

    assert (0, f"{path}: ok\n") == (result.exit_code, result.output)
