"""Every registered kind of field keeps the contract of `fields.base`, shown by its own examples."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

import pytest
from jsonschema_rs import Draft202012Validator, meta

from taskloom.errors import Refusal
from taskloom.fields import identity
from taskloom.fields.base import (
    INVALID,
    KINDS,
    OPERATORS,
    OUT_OF_RANGE,
    TOO_LONG,
    TOO_PRECISE,
    BadExample,
    Codec,
    Example,
    encodable,
    kind_of,
)
from taskloom.model.values import Kept
from tests.conformance.kinds import NOBODY, PEOPLE, field_of, resolved, through_bson

FLOWDASH = {
    "text",
    "longText",
    "number",
    "phone",
    "currency",
    "date",
    "datetime",
    "person",
    "singleSelect",
    "multipleSelect",
    "checkbox",
    "file",
    "email",
    "url",
}
OURS = {"integer", "percent", "textList", "personList", "json", "approvalSteps", "checklist"}

GOOD = [
    pytest.param(name, example, id=f"{name}-{position}")
    for name in KINDS
    for position, example in enumerate(KINDS[name].examples)
]
BAD = [
    pytest.param(name, example, id=f"{name}-{position}")
    for name in KINDS
    for position, example in enumerate(KINDS[name].refused)
]
every_example = pytest.mark.parametrize(("name", "example"), GOOD)
every_refusal = pytest.mark.parametrize(("name", "example"), BAD)
every_kind = pytest.mark.parametrize("name", list(KINDS))

_CHECKED = {"id": "64b7f0a1c2d3e4f5a6b7c8d1", "text": "Call back", "done": True}
_DUE = {
    "completionMode": "ALL",
    "participants": ["reviewer@example.com", "owner@example.com"],
    "dueDate": "2025-02-29T12:00:00Z",
}

BEYOND_JSON_SCHEMA: Mapping[str, list[object]] = {
    "approvalSteps": [
        [_DUE],
        [{**_DUE, "dueDate": "2025-01-31T12:00:00Z", "participants": ["nobody@example.com"]}],
        [{**_DUE, "dueDate": "2025-01-31T12:00:00Z", "participants": ["owner@example.com"] * 2}],
        [{**_DUE, "dueDate": "2025-01-31T12:00:00Z", "\ud800": 1}],
    ],
    "checklist": [
        [_CHECKED] * 2,
        [{**_CHECKED, "text": "\0"}],
        [{**_CHECKED, "\ud800": True}],
    ],
    "datetime": ["2025-02-29T10:30:00Z", "2025-01-31T24:00:01Z"],
    "person": ["nobody@example.com"],
    "personList": [["nobody@example.com"], ["owner@example.com", "OWNER@example.com"]],
    "phone": ["12", "call me", "1234567890123456", "\u0661\u0662\u0663", ""],
    "email": ["team@example"],
    "url": ["javascript:alert(1)", "https://", "https://example.com:port/"],
}
"""Values that the kind refuses although its JSON Schema for input cannot tell why."""


def compiled(name: str, schema: Mapping[str, object]) -> Codec:
    return KINDS[name].compile(field_of(name, schema))


def accepts(schema: Mapping[str, object], value: object) -> bool:
    return Draft202012Validator(dict(schema), validate_formats=True).is_valid(value)


def test_the_kinds_of_flowdash_and_ours_are_found() -> None:
    assert FLOWDASH | OURS <= set(KINDS)


@every_kind
def test_a_kind_shows_three_examples_and_three_refusals(name: str) -> None:
    kind = KINDS[name]
    assert kind.label
    assert len(kind.examples) >= 3
    assert len(kind.refused) >= 3


def test_no_two_kinds_share_a_label() -> None:
    assert len({KINDS[name].label for name in KINDS}) == len(KINDS.members())


@every_example
def test_parse_reads_the_wire_as_the_value(name: str, example: Example) -> None:
    value = compiled(name, example.schema).parse(example.wire, PEOPLE)
    assert example.value == value
    assert type(example.value) is type(value)


@every_example
def test_dump_writes_the_value_for_the_wire(name: str, example: Example) -> None:
    dumped = compiled(name, example.schema).dump(resolved(example.value), PEOPLE)
    assert example.dumped == dumped
    assert type(example.dumped) is type(dumped)


@every_example
def test_what_is_dumped_can_be_sent_back(name: str, example: Example) -> None:
    codec = compiled(name, example.schema)
    sent = codec.dump(resolved(example.value), PEOPLE)
    assert resolved(example.value) == resolved(codec.parse(sent, PEOPLE))


@every_example
def test_an_echo_can_be_sent_back(name: str, example: Example) -> None:
    codec = compiled(name, example.schema)
    echoed = codec.echo(resolved(example.value), PEOPLE)
    assert resolved(example.value) == resolved(codec.parse(echoed, PEOPLE))


@every_example
def test_a_value_comes_back_from_the_store_as_it_went_in(name: str, example: Example) -> None:
    codec = compiled(name, example.schema)
    value = resolved(example.value)
    assert value == codec.unpack(through_bson(codec.pack(value)))


@every_example
def test_a_value_is_an_instance_of_the_schema_of_its_field(name: str, example: Example) -> None:
    assert accepts(example.schema, resolved(example.value))


@every_example
def test_the_wire_schema_describes_what_is_dumped(name: str, example: Example) -> None:
    schema = dict(KINDS[name].wire_schema(field_of(name, example.schema)))
    meta.validate(schema)
    assert accepts(schema, example.dumped)


@every_example
def test_the_input_schema_describes_what_is_sent(name: str, example: Example) -> None:
    schema = dict(KINDS[name].input_schema(field_of(name, example.schema)))
    meta.validate(schema)
    assert accepts(schema, example.wire)


@every_example
def test_exactly_one_kind_claims_a_schema(name: str, example: Example) -> None:
    assert [name] == [other for other in KINDS if KINDS[other].claims(example.schema)]


@every_example
def test_null_and_other_keywords_do_not_change_the_kind(name: str, example: Example) -> None:
    declared = example.schema.get("type")
    more = {"title": "T", "description": "D", "readOnly": True, "default": None, "minLength": 1}
    kept = [declared] if isinstance(declared, str) else declared
    nullable = {"type": [*kept, "null"]} if isinstance(kept, list) else {}
    assert name == kind_of({**more, **example.schema, **nullable})


@every_refusal
def test_parse_refuses_with_code_and_message(name: str, example: BadExample) -> None:
    with pytest.raises(Refusal) as caught:
        compiled(name, example.schema).parse(example.wire, PEOPLE)
    assert example.code == caught.value.code
    assert caught.value.message.startswith(("must ", "can "))
    assert encodable(f"{caught.value.message}{caught.value.hint}{caught.value.path}")


def tellable(name: str, example: BadExample) -> bool:
    """Tell whether JSON Schema can see what is wrong with a value."""
    if name in {"file", "json"}:
        return not isinstance(example.wire, list | dict)
    if isinstance(example.wire, str) and ("\0" in example.wire or not encodable(example.wire)):
        return False
    if isinstance(example.wire, str | Decimal) and example.code in {OUT_OF_RANGE, TOO_PRECISE}:
        return False
    if name == "textList" and example.code == TOO_LONG:
        return len(example.wire) > 1000 if isinstance(example.wire, list) else False
    return example.wire not in BEYOND_JSON_SCHEMA.get(name, [])


@every_refusal
def test_the_input_schema_refuses_what_json_schema_can_tell(name: str, example: BadExample) -> None:
    schema = KINDS[name].input_schema(field_of(name, example.schema))
    assert not tellable(name, example) or not accepts(schema, example.wire)


@every_kind
def test_operators_are_known_ones(name: str) -> None:
    kind = KINDS[name]
    found = kind.operators(field_of(name, kind.examples[0].schema))
    assert "exists" in found
    assert found <= set(OPERATORS)


@pytest.mark.parametrize(
    "schema",
    [
        {},
        {"title": "No type"},
        {"format": "date"},
        {"type": "null"},
        {"type": ["string", "number"]},
        {"type": "string", "format": "dta"},
        {"type": "string", "format": "file"},
        {"type": "string", "format": "checklist"},
        {"type": "object", "format": "approval-steps"},
        {"type": "array", "format": "approval-steps", "items": {"type": "object"}},
        {"type": "array", "items": {"type": "string", "format": "file"}},
        {"type": "array", "items": {"type": "object", "format": "person"}},
        {"type": "number", "format": "date"},
        {"type": "integer", "format": "currency"},
        {"type": "string", "enum": ["A", 1]},
        {"type": "string", "enum": []},
        {"enum": [1, 2]},
        {"enum": "AB"},
        {"type": 7},
        {"$ref": "#/$defs/x"},
    ],
)
def test_no_kind_claims_what_means_none(schema: Mapping[str, object]) -> None:
    assert kind_of(schema) is None


@pytest.mark.parametrize(
    ("schema", "kind"),
    [
        ({"type": "string", "const": "x"}, "text"),
        ({"type": "string", "format": "uuid"}, "text"),
        ({"type": "string", "format": "email", "enum": ["a@example.com"]}, "singleSelect"),
        ({"type": ["null", "string"], "enum": ["A", None]}, "singleSelect"),
        ({"type": "number", "enum": [1, 2]}, "number"),
        ({"type": "array", "items": {"enum": ["A"]}}, "multipleSelect"),
        ({"type": "array", "items": {"type": "string", "format": "date"}}, "json"),
        ({"type": "array", "items": {"type": "integer"}}, "json"),
        ({"type": "array", "items": True}, "json"),
        ({"type": "array", "prefixItems": []}, "json"),
        ({"type": ["object", "null"]}, "json"),
        ({"type": ["array", "null"], "format": "checklist"}, "checklist"),
        ({"type": "array", "format": "approval-steps"}, "approvalSteps"),
    ],
)
def test_a_schema_means_a_kind(schema: Mapping[str, object], kind: str) -> None:
    assert [kind] == [name for name in KINDS if KINDS[name].claims(schema)]


@pytest.mark.parametrize(
    ("name", "schema", "empty"),
    [
        ("text", {"type": "string"}, None),
        ("checkbox", {"type": "boolean"}, None),
        ("json", {"type": "object"}, None),
        ("json", {"type": "array"}, None),
        ("file", {"type": "array", "items": {"format": "file"}}, []),
        ("textList", {"type": "array", "items": {"type": "string"}}, []),
        ("multipleSelect", {"type": "array", "items": {"enum": ["A"]}}, []),
        ("personList", {"type": "array", "items": {"format": "person"}}, []),
        ("checklist", {"type": "array", "format": "checklist"}, []),
        ("approvalSteps", {"type": "array", "format": "approval-steps"}, []),
    ],
)
def test_an_unset_field_reads_as(name: str, schema: Mapping[str, object], empty: object) -> None:
    assert empty == compiled(name, schema).empty


SELECT = {"type": "string", "enum": ["Low", "High"]}
FILES = {"type": "array", "items": {"format": "file"}}
MANY = {"type": "array", "items": {"type": "string", "enum": ["Red", "Blue"]}}
PERSONS = {"type": "array", "items": {"format": "person"}}
STEPS = {"type": "array", "format": "approval-steps"}


@pytest.mark.parametrize(
    ("name", "schema", "text", "operand"),
    [
        ("text", {"type": "string"}, "$gt", "$gt"),
        ("email", {"type": "string", "format": "email"}, "@example", "@example"),
        ("url", {"type": "string", "format": "url"}, "/page", "/page"),
        ("phone", {"type": "string", "format": "phone"}, "+44", "+44"),
        ("number", {"type": "number"}, "10.00", 10),
        ("currency", {"type": "number", "format": "currency"}, "0.10", Decimal("0.1")),
        ("integer", {"type": "integer"}, " 42 ", 42),
        ("checkbox", {"type": "boolean"}, "True", True),
        ("date", {"type": "string", "format": "date"}, "2025-01-31", "2025-01-31"),
        (
            "datetime",
            {"type": "string", "format": "date-time"},
            "2025-01-31T12:00:00+02:00",
            "2025-01-31T10:00:00Z",
        ),
        ("singleSelect", SELECT, "High", "High"),
        ("multipleSelect", MANY, "Blue", "Blue"),
        ("textList", {"type": "array", "items": {"type": "string"}}, "a", "a"),
        ("file", FILES, "65a1b2c3d4e5f60718293a4b", "65a1b2c3d4e5f60718293a4b"),
        (
            "person",
            {"type": "string", "format": "person"},
            "OWNER@example.com",
            "64b7f0a1c2d3e4f5a6b7c8d1",
        ),
        ("person", {"type": "string", "format": "person"}, "nobody@example.com", ""),
        ("personList", PERSONS, "reviewer@example.com", "64b7f0a1c2d3e4f5a6b7c8d2"),
        ("personList", PERSONS, "nobody@example.com", ""),
        ("approvalSteps", STEPS, "reviewer@example.com", "64b7f0a1c2d3e4f5a6b7c8d2"),
        ("approvalSteps", STEPS, "nobody@example.com", ""),
    ],
)
def test_a_filters_text_is_read_as_the_kind(
    name: str, schema: Mapping[str, object], text: str, operand: object
) -> None:
    assert operand == compiled(name, schema).operand(text, PEOPLE)


@pytest.mark.parametrize(
    ("name", "schema", "text"),
    [
        ("number", {"type": "number"}, "ten"),
        ("checkbox", {"type": "boolean"}, "1"),
        ("singleSelect", SELECT, "Medium"),
        ("multipleSelect", MANY, "Red,Blue"),
        ("date", {"type": "string", "format": "date"}, "31.01.2025"),
        ("json", {"type": "object"}, "{}"),
        ("checklist", {"type": "array", "format": "checklist"}, "Call back"),
        ("text", {"type": "string"}, "\ud800"),
    ],
)
def test_a_filters_text_of_the_wrong_sort_is_refused(
    name: str, schema: Mapping[str, object], text: str
) -> None:
    with pytest.raises(Refusal):
        compiled(name, schema).operand(text, PEOPLE)


def test_currency_has_two_decimals_when_read_and_none_added_in_an_echo() -> None:
    codec = compiled("currency", {"type": "number", "format": "currency"})
    values: list[Any] = [10000, Decimal("10000.5"), Decimal("-0.01")]
    assert ["10000.00", "10000.50", "-0.01"] == [codec.dump(value, PEOPLE) for value in values]
    assert ["10000", "10000.5", "-0.01"] == [codec.echo(value, PEOPLE) for value in values]


def test_currency_is_stored_as_whole_cents() -> None:
    codec = compiled("currency", {"type": "number", "format": "currency"})
    assert [1000050, -1] == [codec.pack(Decimal("10000.5")), codec.pack(Decimal("-0.01"))]


@pytest.mark.parametrize(
    ("value", "stored"),
    [
        (2**63 - 1, int),
        (Decimal("0.1"), float),
        (10**20, float),
        (Decimal("123456789.0123456"), Decimal),
        (2**63, Decimal),
    ],
)
def test_a_number_is_stored_in_the_cheapest_exact_form(value: object, stored: type) -> None:
    codec = compiled("number", {"type": "number"})
    packed = codec.pack(value)
    assert type(packed) is stored
    assert value == codec.unpack(through_bson(packed))


def test_a_user_who_is_gone_reads_as_null_and_leaves_lists() -> None:
    user = "64b7f0a1c2d3e4f5a6b7c8d1"
    assert compiled("person", {"type": "string", "format": "person"}).dump(user, NOBODY) is None
    codec = compiled("personList", PERSONS)
    assert ["owner@example.com"] == codec.dump(["64b7f0a1c2d3e4f5a6b7c8d9", user], PEOPLE)


def test_a_refused_item_says_where_it_stood_and_what_is_offered() -> None:
    with pytest.raises(Refusal) as caught:
        compiled("multipleSelect", MANY).parse(["Red", "Bleu"], PEOPLE)
    fault = caught.value.at("it")
    assert (("it", 1), 'must be one of "Red", "Blue"') == (fault.path, fault.message)
    assert 'Did you mean "Blue"?' == fault.hint


def test_unknown_keys_of_a_file_entry_are_named() -> None:
    with pytest.raises(Refusal) as caught:
        compiled("file", FILES).parse([{"blobId": "a", "colour": "red", "size": 1}], PEOPLE)
    assert "must not have colour beside blobId" == caught.value.message


def test_keys_that_a_read_file_has_are_ignored_and_null_is_absent() -> None:
    entry = {"blobId": "a", "filename": "b", "contentType": "c/d", "size": 1, "remoteUrl": None}
    assert [Kept(blob="a")] == compiled("file", FILES).parse([entry], PEOPLE)


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (42, "42"),
        ("42", "42"),
        (Decimal("42.0"), "42"),
        (42.0, "42"),
        (Decimal("4.20E+1"), "42"),
        (Decimal("0.50"), "0.5"),
        (Decimal("0E+999999999"), "0"),
        (Decimal("-0.0"), "0"),
        (2**80, str(2**80)),
        (" A/1 ?\t", "A/1 ?"),
        ("e\u0301", "\u00e9"),
        ("007", "007"),
        ("$ne", "$ne"),
        ("x" * 512, "x" * 512),
    ],
)
def test_one_unique_id_has_one_text(value: object, text: str) -> None:
    assert text == identity.canonical(value, integer=False)


@pytest.mark.parametrize(
    ("value", "code"),
    [
        ("", INVALID),
        (" \n ", INVALID),
        ("a\nb", INVALID),
        ("a\x85b", INVALID),
        ("\0", INVALID),
        ("\ud800", INVALID),
        (True, INVALID),
        ({"$gt": ""}, INVALID),
        (["42"], INVALID),
        (Decimal("NaN"), INVALID),
        ("x" * 513, TOO_LONG),
        (" " * 9 + "e\u0301" * 1025, TOO_LONG),
        (10**600, TOO_LONG),
        (Decimal("1e999999999"), TOO_LONG),
        (Decimal("1e-999999999"), TOO_LONG),
    ],
)
def test_a_text_that_can_be_no_unique_id_is_refused(value: object, code: str) -> None:
    with pytest.raises(Refusal) as caught:
        identity.canonical(value, integer=False)
    assert code == caught.value.code


@pytest.mark.parametrize("value", [42, "42", " 42 ", Decimal("42.0"), 42.0, "42.0"])
def test_an_integer_unique_id_has_one_value_and_text(value: object) -> None:
    found = identity.canonical(value, integer=True)
    assert found == 42
    assert identity.text_of(found) == "42"


@pytest.mark.parametrize(
    ("value", "code"), [("A", INVALID), (42.5, INVALID), (True, INVALID), (2**63, OUT_OF_RANGE)]
)
def test_what_is_no_integer_is_no_integer_unique_id(value: object, code: str) -> None:
    with pytest.raises(Refusal) as caught:
        identity.canonical(value, integer=True)
    assert code == caught.value.code


@pytest.mark.parametrize(
    ("name", "schema", "value"),
    [("text", {"type": "string"}, "42"), ("integer", {"type": "integer"}, 42)],
)
def test_a_unique_field_reads_values_and_filters_alike(
    name: str, schema: Mapping[str, object], value: object
) -> None:
    field = field_of(name, schema, unique=True)
    codec = identity.codec(field, KINDS[name].compile(field))
    assert value == codec.parse(Decimal("42.0"), PEOPLE)
    assert value == codec.operand(" 42 ", PEOPLE)
    assert codec.dump(value, PEOPLE) == "42"
    assert value == codec.unpack(through_bson(codec.pack(value)))
