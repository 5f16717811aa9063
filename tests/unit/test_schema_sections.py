"""Sections of the form: what a workflow file may say of them, and who is shown which."""

import json
from typing import Any

import pytest

from taskloom.schema.compile import compile_source
from taskloom.schema.load import faults_of
from taskloom.schema.redacted import redacted

FIELDS: dict[str, dict[str, Any]] = {
    "title": {"title": "Title", "type": "string"},
    "express": {"type": "boolean"},
    "ship_by": {"type": "string", "format": "date"},
    "cost": {"type": "number"},
}
EXPRESS = {"properties": {"express": {"const": True}}, "required": ["express"]}


def text_of(*sections: object, **more: object) -> str:
    workflow = {"sections": list(sections)}
    return json.dumps({"$id": "orders", "properties": FIELDS, "workflow": workflow, **more})


def section(*fields: object, **more: object) -> dict[str, object]:
    return {"title": "Order", "fields": list(fields), **more}


def told(text: str) -> list[tuple[str, str, str]]:
    return [(fault.path, fault.message, fault.hint) for fault in faults_of(text)]


def test_sections_have_titles_fields_and_conditions() -> None:
    text = text_of(
        section("title", description="What it is"),
        section("ship_by", "cost", show=EXPRESS),
        section("express", show={"$ref": "#/$defs/fast"}),
        **{"$defs": {"fast": EXPRESS}},
    )

    assert [] == told(text)


AT = "workflow.sections[0]"
CASES: dict[str, tuple[str, str, str, str]] = {
    "no such field": (
        text_of(section("titel")),
        f"{AT}.fields[0]",
        "names no field: 'titel'",
        "did you mean 'title'?",
    ),
    "a title for a key": (
        text_of(section("cost", "Title")),
        f"{AT}.fields[1]",
        "names no field: 'Title'",
        "its key is 'title'",
    ),
    "a field in two sections": (
        text_of(section("cost"), section("title", "cost")),
        "workflow.sections[1].fields[1]",
        "stands in the section 'Order' already: 'cost'",
        "leave it out of one",
    ),
    "an unknown keyword": (
        text_of(section("cost", shown=True)),
        f"{AT}.shown",
        "is not known",
        "did you mean 'show'?",
    ),
    "a condition on no field": (
        text_of(section("cost", show={"required": ["expres"]})),
        f"{AT}.show.required[0]",
        "names no field: 'expres'",
        "did you mean 'express'?",
    ),
    "a slip of the pen in a condition": (
        text_of(section("cost", show={"properties": {"cost": {"minimun": 3}}})),
        f"{AT}.show.properties.cost.minimun",
        "is not a keyword",
        "did you mean 'minimum'?",
    ),
    "a condition that leads nowhere": (
        text_of(section("cost", show={"$ref": "#/$defs/fast"})),
        f"{AT}.show.$ref",
        "leads nowhere: there is no '#/$defs/fast'",
        "",
    ),
}


@pytest.mark.parametrize(("text", "path", "message", "hint"), CASES.values(), ids=CASES)
def test_a_fault_of_a_section_tells_its_path_reason_and_remedy(
    text: str, path: str, message: str, hint: str
) -> None:
    assert [(path, message, hint)] == told(text)


@pytest.mark.parametrize("wrong", [{}, {"title": "x"}, section(), "x", section("cost", show=3)])
def test_what_is_no_section_is_refused(wrong: object) -> None:
    assert told(text_of(wrong))


def test_who_does_not_see_a_field_gets_no_section_that_tells_of_it() -> None:
    text = text_of(
        section("title", "cost"),
        section("express", show={"required": ["cost"]}),
        section("ship_by", show={"$ref": "#/$defs/fast"}),
        **{"$defs": {"fast": EXPRESS, "dear": {"required": ["cost"]}}},
    )
    workflow = compile_source(text, workspace="main", uid="u1", version=1).workflow

    schema: Any = redacted(workflow, {"cost"}).schema

    assert [["title"], ["ship_by"]] == [one["fields"] for one in schema["workflow"]["sections"]]
    assert {"fast": EXPRESS} == schema["$defs"]
    (kept,) = redacted(workflow, {"cost", "ship_by"}).schema["workflow"]["sections"]  # type: ignore[index]
    assert ["title"] == kept["fields"]
