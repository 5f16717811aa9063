"""Facades of a workflow file: every name in them must lead somewhere."""

import json
from collections.abc import Mapping
from typing import Any

import pytest

from taskloom.errors import Invalid
from taskloom.model.rules import Facade
from taskloom.schema.load import faults_of, load_workflow

PROPERTIES: Mapping[str, Any] = {
    "subject": {"title": "Subject", "type": "string"},
    "urgency": {"title": "Urgency", "$ref": "#/$defs/urgency"},
    "marks": {"title": "Marks", "type": "array", "items": {"enum": ["A", "B"]}},
}


def text_of(*facades: Mapping[str, Any]) -> str:
    file = {
        "$id": "cases",
        "type": "object",
        "$defs": {"urgency": {"enum": ["low", "high"]}},
        "properties": PROPERTIES,
        "workflow": {
            "stages": [
                {"name": "New"},
                {"name": "Doing", "key": "busy"},
                {"name": "Done", "end": True},
            ],
            "facade": list(facades),
        },
    }
    return json.dumps(file)


def facade(**parts: Any) -> Mapping[str, Any]:
    return {"dialect": "any", "mount": "/v1", **parts}


def test_a_facade_maps_names_to_keys_of_fields_and_stages() -> None:
    text = text_of(
        facade(
            fields={"title": "subject", "priority": "urgency"},
            status={"TODO": "New", "WIP": ["Doing", "New"]},
            values={"priority": {"LOW": ["low", "high"]}, "marks": {"x": "A"}},
        )
    )

    made = load_workflow(text, workspace="main", uid="u", version=1).facades

    assert (
        Facade(
            dialect="any",
            mount="/v1",
            fields={"title": "subject", "priority": "urgency"},
            stages={"TODO": ("New",), "WIP": ("busy", "New")},
            values={"priority": {"LOW": ("low", "high")}, "marks": {"x": ("A",)}},
        ),
    ) == made


FAULTS: Mapping[str, tuple[str, str, str, str]] = {
    "no such field": (
        text_of(facade(fields={"title": "subjct"})),
        "workflow.facade[0].fields.title",
        "names no field: 'subjct'",
        "did you mean 'subject'?",
    ),
    "a title for a field": (
        text_of(facade(fields={"title": "Subject"})),
        "workflow.facade[0].fields.title",
        "names no field: 'Subject'",
        "its key is 'subject'",
    ),
    "no such stage": (
        text_of(facade(status={"TODO": "Nwe"})),
        "workflow.facade[0].status.TODO",
        "names no stage: 'Nwe'",
        "did you mean 'New'?",
    ),
    "a stage's key for its name": (
        text_of(facade(), facade(mount="/v2", status={"WIP": ["New", "busy"]})),
        "workflow.facade[1].status.WIP[1]",
        "names no stage: 'busy'",
        "the stages are: New, Doing, Done",
    ),
    "no such option": (
        text_of(facade(fields={"priority": "urgency"}, values={"priority": {"HIGH": "hihg"}})),
        "workflow.facade[0].values.priority.HIGH",
        "is no option: 'hihg'",
        "did you mean 'high'?",
    ),
    "no such option among several": (
        text_of(facade(values={"urgency": {"LOW": ["low", "no"]}})),
        "workflow.facade[0].values.urgency.LOW[1]",
        "is no option: 'no'",
        "the options are: 'low', 'high'",
    ),
    "values of a field that has none": (
        text_of(facade(values={"subject": {"a": "b"}})),
        "workflow.facade[0].values.subject",
        "has no options to map to",
        "only selects (enum) have options",
    ),
    "values of no field": (
        text_of(facade(values={"priority": {"HIGH": "high"}})),
        "workflow.facade[0].values.priority",
        "names no field: 'priority'",
        "",
    ),
    "one mount twice": (
        text_of(facade(), facade(dialect="other")),
        "workflow.facade[1].mount",
        "is given twice: '/v1'",
        "choose another mount",
    ),
    "a status in the place of a stage's own": (
        text_of(facade(status={"New": "Done"})),
        "workflow.facade[0].status.New",
        "stands for 'Done', but 'New' has no other name then",
        "map something to 'New' too",
    ),
    "a value in the place of an option's own": (
        text_of(facade(values={"urgency": {"low": "high"}})),
        "workflow.facade[0].values.urgency.low",
        "stands for 'high', but 'low' has no other name then",
        "map something to 'low' too",
    ),
}


@pytest.mark.parametrize(("text", "path", "message", "hint"), FAULTS.values(), ids=list(FAULTS))
def test_what_a_facade_says_wrongly_is_told(text: str, path: str, message: str, hint: str) -> None:
    assert [(path, message, hint)] == [
        (fault.path, fault.message, fault.hint) for fault in faults_of(text)
    ]


def test_every_fault_of_every_facade_is_told_at_once() -> None:
    wrong = {"fields": {"a": "x"}, "status": {"b": "y"}, "values": {"marks": {"c": "z"}}}
    text = text_of(facade(**wrong), facade(**{**wrong, "mount": "/v2"}))

    with pytest.raises(Invalid) as caught:
        load_workflow(text, workspace="main", uid="u", version=1)

    assert 6 == len(caught.value.faults)


def test_names_may_be_swapped() -> None:
    text = text_of(
        facade(
            status={"New": "Done", "Done": "New"},
            values={"urgency": {"low": "high", "high": "low"}},
        )
    )

    assert [] == faults_of(text)
