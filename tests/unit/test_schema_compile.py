"""A compiled workflow converts, checks and names values."""

import json
from typing import Any

import pytest

from taskloom.errors import Invalid
from taskloom.schema.compile import compile_source
from taskloom.schema.compiled import Compiled

FILE: dict[str, Any] = {
    "$id": "sales",
    "required": ["name"],
    "properties": {
        "id": {"title": "Company ID", "type": "integer"},
        "name": {"title": "Name", "type": "string"},
        "value": {"title": "Value", "type": "number", "format": "currency", "default": "10.50"},
        "due": {"title": "Due", "type": "string", "format": "date-time"},
        "level": {"title": "Level", "enum": ["Low", "High"], "default": "Low"},
        "marks": {"type": "array", "items": {"type": "string"}, "default": []},
    },
    "workflow": {
        "uniqueId": "id",
        "stages": [{"name": "Open", "key": "o"}, {"name": "Done", "end": True}],
    },
}


class Nobody:
    def id_of(self, email: str) -> str | None:  # noqa: ARG002 - fulfils `People`
        return None

    def email_of(self, user: str) -> str | None:  # noqa: ARG002 - fulfils `People`
        return None


@pytest.fixture(scope="module")
def sales() -> Compiled:
    return compile_source(json.dumps(FILE), workspace="main", uid="u1", version=1)


def test_names_lead_to_keys_and_keys_to_what_they_name(sales: Compiled) -> None:
    assert "due" == sales.keys["Due"]
    assert "datetime" == sales.fields["due"].kind
    assert "o" == sales.stage_keys["Open"]
    assert sales.stages["Done"].end
    assert set(FILE["properties"]) == set(sales.fields) == set(sales.codecs)


def test_values_come_back_from_the_store_as_they_went_in(sales: Compiled) -> None:
    wire = {"id": "42", "name": " Müller ", "value": "1999.90", "due": "2025-01-31T10:00:00Z"}
    values = {key: sales.codecs[key].parse(value, Nobody()) for key, value in wire.items()}

    stored = sales.pack(values)  # type: ignore[arg-type] # no file entries here

    assert values == sales.unpack(stored)
    assert stored["value"] != values["value"]
    assert stored["name"] is values["name"]


def test_stored_keys_that_the_workflow_no_longer_declares_are_left_out(sales: Compiled) -> None:
    assert {"name": "a"} == sales.unpack({"name": "a", "gone": 1})


def test_packing_leaves_its_argument_as_it_is(sales: Compiled) -> None:
    values = {"value": 10}
    stored = sales.pack(values)

    sales.unpack(stored)

    assert {"value": 10} == values
    assert stored == sales.pack(values)


def test_all_spellings_of_a_unique_id_have_one_text(sales: Compiled) -> None:
    parse = sales.codecs["id"].parse

    assert ["42", "42", "42"] == [
        sales.unique_text(parse(value, Nobody()))  # type: ignore[arg-type] # no file entries here
        for value in (42, "42", " 42 ")
    ]


def test_defaults_are_read_as_if_they_were_sent(sales: Compiled) -> None:
    assert {
        "value": sales.codecs["value"].parse("10.50", Nobody()),
        "level": "Low",
        "marks": [],
    } == sales.defaults


def test_the_check_tells_every_fault(sales: Compiled) -> None:
    assert [
        ("name", "can't be blank"),
        ("level", "must be one of: Low, High"),
    ] == [
        (fault.path[0], fault.message)
        for fault in sorted(sales.check({"level": "x"}), key=lambda fault: fault.code)
    ]
    assert [] == [*sales.check({"name": "a", "level": "Low"})]


def test_a_wrong_file_is_not_compiled() -> None:
    with pytest.raises(Invalid):
        compile_source("{}", workspace="main", uid="u1", version=1)


def test_the_caller_may_give_the_id() -> None:
    compiled = compile_source(
        '{"properties": {}}', workspace="main", uid="u1", version=1, id="orders"
    )

    assert "orders" == compiled.workflow.id
