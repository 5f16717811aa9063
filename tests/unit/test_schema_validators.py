"""What a task's values must fulfil, and what people read when they do not."""

from decimal import Decimal
from types import MappingProxyType
from typing import Any

import pytest
from jsonschema.exceptions import ValidationError

from taskloom.errors import Fault
from taskloom.schema.keywords import ExactValidator, identity, is_multiple, is_number, is_whole
from taskloom.schema.messages import shown
from taskloom.schema.validators import checker, exact_faults, fast_verdict

FILES = {"type": "array", "items": {"format": "file"}, "maxItems": 1}


def told(schema: dict[str, Any], value: Any) -> list[Any]:
    """Check one field `x` and give path, code and message of each fault."""
    faults = checker({"properties": {"x": schema}})({"x": value})
    return [(*fault.path[1:], fault.code, fault.message) for fault in faults]


@pytest.mark.parametrize(
    ("schema", "value", "code", "message"),
    [
        ({"type": "string"}, 5, "invalid", "must be text"),
        ({"type": ["integer", "null"]}, "5", "invalid", "must be a whole number or null"),
        ({"type": "boolean"}, 1, "invalid", "must be true or false"),
        ({"enum": ["Low", "High"]}, "low", "invalid", "must be one of: Low, High"),
        ({"enum": [1, True, None]}, "x", "invalid", "must be one of: 1, true, null"),
        ({"const": False}, 0, "invalid", "must be false"),
        ({"minimum": 5}, 4, "out_of_range", "must be at least 5"),
        ({"maximum": Decimal("0.10")}, 1, "out_of_range", "must be at most 0.10"),
        ({"exclusiveMinimum": 5}, 5, "out_of_range", "must be greater than 5"),
        ({"exclusiveMaximum": 5}, 5, "out_of_range", "must be less than 5"),
        ({"multipleOf": Decimal("0.01")}, Decimal("0.001"), "too_precise",
         "must have at most 2 decimal places"),
        ({"multipleOf": Decimal("0.1")}, Decimal("0.01"), "too_precise",
         "must have at most 1 decimal place"),
        ({"multipleOf": 5}, 7, "invalid", "must be a multiple of 5"),
        ({"minLength": 1}, "", "too_short", "must have at least 1 character"),
        ({"maxLength": 2}, "😀😀😀", "too_long", "must have at most 2 characters"),
        ({"pattern": "^C-"}, "D-1", "invalid", "must match the pattern ^C-"),
        ({"pattern": "^C-", "patternErrorMessage": "must look like C-1"}, "D-1", "invalid",
         "must look like C-1"),
        ({"type": "string", "errorMessage": "must be a name"}, 5, "invalid", "must be a name"),
        ({"type": "string", "errorMessage": {"type": "no text"}}, 5, "invalid", "must be text"),
        ({"format": "date"}, "31.01.2025", "invalid", "must be a date like 2025-01-31"),
        ({"minItems": 2}, ["a"], "too_few", "must have at least 2 entries"),
        ({"maxItems": 1}, ["a", "b"], "too_many", "must have at most 1 entry"),
        (FILES, [{}, {}], "too_many_files", "must have at most 1 file"),
        ({"uniqueItems": True}, ["a", "a"], "duplicate", "must not hold the same entry twice"),
        ({"items": False}, ["a"], "too_many", "has more entries than are allowed"),
        ({"contains": {"const": "a"}}, ["b"], "invalid", "lacks an entry that it must have"),
        ({"contains": {"const": "a"}, "minContains": 2}, ["a"], "too_few",
         "must have 2 entries of a kind or more"),
        ({"contains": {"const": "a"}, "maxContains": 1}, ["a", "a"], "too_many",
         "has more than 1 entry of a kind"),
        ({"minProperties": 1}, {}, "too_few", "must have at least 1 entry"),
        ({"maxProperties": 1}, {"a": 1, "b": 2}, "too_many", "must have at most 1 entry"),
        ({"not": {"const": 5}}, 5, "invalid", "is not allowed here"),
        ({"not": True}, 5, "invalid", "is not allowed here"),
        ({"anyOf": [{"type": "string"}, {"type": "number"}]}, True, "invalid",
         "must be text, or must be a number"),
        ({"anyOf": [{"type": "string"}], "errorMessage": "must be a name"}, 5, "invalid",
         "must be a name"),
        ({"anyOf": [{"type": "string", "minLength": 3}, {"type": "number"}]}, "a", "too_short",
         "must have at least 3 characters"),
        ({"oneOf": [{"type": "string"}, {"minLength": 1}]}, "a", "invalid",
         "must follow exactly one of the alternatives"),
        ({"anyOf": [False]}, 5, "invalid", "is not allowed here"),
    ],
)  # fmt: skip
def test_each_rule_has_a_code_and_says_what_would_be_right(
    schema: dict[str, Any], value: object, code: str, message: str
) -> None:
    assert [(code, message)] == told(schema, value)


@pytest.mark.parametrize(
    ("schema", "values", "expected"),
    [
        ({"required": ["a"]}, {}, [("a", "blank", "can't be blank", "")]),
        ({"dependentRequired": {"a": ["b"]}}, {"a": 1}, [("b", "blank", "can't be blank", "")]),
        ({"dependentRequired": {"a": ["b"]}}, {"b": 1}, []),
        ({"dependentRequired": {"a": ["b"]}}, {"a": 1, "b": 1}, []),
        ({"dependentSchemas": {"a": {"required": ["b"]}}}, {"a": 1},
         [("b", "blank", "can't be blank", "")]),
        ({"if": {"properties": {"a": {"const": 1}}, "required": ["a"]},
          "then": {"required": ["b"]}}, {"a": 1}, [("b", "blank", "can't be blank", "")]),
        ({"if": {"required": ["a"]}, "else": {"properties": {"b": {"minimum": 2}}}}, {"b": 1},
         [("b", "out_of_range", "must be at least 2", "")]),
        ({"allOf": [{"required": ["a"]}, {"required": ["a"]}]}, {},
         [("a", "blank", "can't be blank", "")]),
        ({"anyOf": [{"required": ["a"]}, {"required": ["b"]}, {"required": ["c"]}]}, {},
         [("a", "blank", "can't be blank", "or give b or c")]),
        ({"oneOf": [{"required": ["a"]}, {"required": ["b"]}]}, {"a": 1, "b": 2},
         [(None, "invalid", "must follow exactly one of the alternatives", "")]),
        ({"not": {"required": ["a", "b"]}}, {"a": 1, "b": 2},
         [("a", "invalid", "cannot be given together with b", "")]),
        ({"not": {"required": ["a"]}}, {"a": 1}, [("a", "invalid", "must stay empty", "")]),
        ({"not": {"properties": {"a": {"const": 1}}}}, {"a": 1},
         [("a", "invalid", "is not allowed here", "")]),
        ({"properties": {"a": False}}, {"a": 1}, [("a", "invalid", "is not allowed here", "")]),
        ({"properties": {"a": {"enum": ["Low", "High"]}}}, {"a": "Hihg"},
         [("a", "invalid", "must be one of: Low, High", "did you mean 'High'?")]),
    ],
)  # fmt: skip
def test_rules_over_several_fields_name_the_field_to_change(
    schema: dict[str, Any], values: dict[str, Any], expected: list[tuple[object, ...]]
) -> None:
    faults = checker(schema)(values)

    assert expected == [
        (fault.path[0] if fault.path else None, fault.code, fault.message, fault.hint)
        for fault in faults
    ]


def test_faults_inside_an_object_or_a_list_carry_the_whole_path() -> None:
    schema = {
        "items": {
            "properties": {"done": {"type": "boolean"}},
            "propertyNames": {"maxLength": 4},
            "additionalProperties": False,
        }
    }

    assert [
        (0, "done", "invalid", "must be true or false"),
        (1, "donne", "too_long", "must have at most 4 characters"),
        (1, "donne", "unknown", "is not known"),
    ] == told(schema, [{"done": "no"}, {"donne": True}])


def test_an_unknown_name_inside_an_object_hints_at_the_nearest() -> None:
    schema = {"additionalProperties": False, "properties": {"done": True}}

    faults = checker({"properties": {"x": schema}})({"x": {"donne": True}})

    assert ["did you mean 'done'?"] == [fault.hint for fault in faults]


def test_additional_properties_may_have_a_schema_and_patterns_beside_them() -> None:
    schema = {
        "properties": {"a": True},
        "patternProperties": {"^n_": {"type": "number"}},
        "additionalProperties": {"type": "string"},
    }

    assert [
        ("n_1", "invalid", "must be a number"),
        ("b", "invalid", "must be text"),
    ] == told(schema, {"a": 1, "n_1": "x", "n_2": 2, "b": 3, "c": "x"})
    assert [] == told(schema, "no object")


@pytest.mark.parametrize("blank", ["", "  \n", []])
def test_a_required_text_or_list_that_is_empty_is_blank_and_nothing_else(blank: Any) -> None:
    check = checker({"required": ["x", "y"], "properties": {"x": {"minLength": 1, "minItems": 1}}})

    assert [
        Fault(path=("x",), code="blank", message="can't be blank"),
        Fault(path=("y",), code="blank", message="can't be blank"),
    ] == [*check({"x": blank})]


@pytest.mark.parametrize("filled", [0, False, "a", ["a"], {}])
def test_a_required_field_that_is_set_is_not_blank(filled: Any) -> None:
    assert [] == [*checker({"required": ["x"]})({"x": filled})]


def test_what_a_file_says_beside_the_rules_for_values_is_left_out() -> None:
    check = checker(
        {
            "$schema": "/schemas/workflow.json",
            "$id": "a",
            "additionalProperties": False,
            "unevaluatedProperties": False,
            "workflow": {"uniqueId": "x"},
            "properties": {"x": {"filterable": True, "editable": False, "type": "string"}},
        }
    )

    assert [] == [*check({"x": "a", "y": "b"})]


def test_values_that_only_the_exact_validator_can_read_are_checked_by_it() -> None:
    check = checker({"properties": {"x": {"type": "string", "pattern": "^a"}}})

    assert [] == [*check(MappingProxyType({"x": "a"}))]
    assert ["must match the pattern ^a"] == [fault.message for fault in check({"x": "\ud800"})]


def test_a_value_that_is_no_json_at_all_is_refused_and_no_error() -> None:
    check = checker({"properties": {"x": {"type": "array"}}})

    assert ["must be a list"] == [fault.message for fault in check({"x": object()})]  # type: ignore[dict-item]


def test_a_schema_with_pattern_properties_has_no_fast_verdict() -> None:
    assert fast_verdict({"items": {"patternProperties": {"a": True}}}) is None


@pytest.mark.parametrize(
    ("value", "of", "expected"),
    [
        (Decimal("0.07"), Decimal("0.01"), True),
        (Decimal("0.075"), Decimal("0.01"), False),
        (10**40, Decimal("0.01"), True),
        (Decimal("1E+400"), 7, False),
        (Decimal("7E+400"), 7, True),
        (Decimal("-4.50"), Decimal("1.5"), True),
        (Decimal(100), Decimal("1E+2"), True),
        (Decimal(110), Decimal("1E+2"), False),
        (0, Decimal("1E+6000"), True),
        (Decimal("0E-10"), 3, True),
        (6, 4, False),
    ],
)
def test_multiples_are_told_exactly(
    value: int | Decimal, of: int | Decimal, expected: bool
) -> None:
    assert expected is is_multiple(value, of)


@pytest.mark.parametrize(
    ("value", "number", "whole"),
    [
        (1, True, True),
        (True, False, False),
        (Decimal("1.0"), True, True),
        (Decimal("1E+400"), True, True),
        (Decimal("1.00000000000000000000000000000000000000001"), True, False),
        (Decimal("NaN"), False, False),
        ("1", False, False),
    ],
)
def test_numbers_and_whole_numbers_are_told_apart(value: object, number: bool, whole: bool) -> None:
    assert (number, whole) == (is_number(value), is_whole(value))


def test_values_are_identical_as_json_schema_has_it() -> None:
    assert identity([1, {"a": None}]) == identity([Decimal("1.0"), {"a": None}])
    assert identity(1) != identity(True)
    assert identity("1") != identity(1)


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (Decimal("1E+3"), "1000"),
        (Decimal("1E+30"), "1E+30"),
        (None, "null"),
        (True, "true"),
        ("a", "a"),
    ],
)
def test_values_of_a_schema_are_written_as_people_write_them(value: object, text: str) -> None:
    assert text == shown(value)


def test_a_long_list_of_options_is_cut() -> None:
    (fault,) = exact_faults({"enum": [str(number) for number in range(30)]})("x")

    assert fault.message.endswith("18, 19, …")


def test_the_exact_validator_knows_no_surprises_in_values_of_other_types() -> None:
    schema = {
        "required": ["a"],
        "dependentRequired": {"a": ["b"]},
        "propertyNames": False,
        "patternProperties": {"a": False},
        "additionalProperties": False,
        "uniqueItems": True,
        "multipleOf": 2,
        "pattern": "a",
        "format": "no-such-format",
    }

    assert [] == [*ExactValidator(schema).iter_errors(None)]
    assert [] == exact_faults({"dependentRequired": {"a": ["b"]}})({"a": 1, "b": 1})
    assert isinstance(next(ExactValidator({"type": "null"}).iter_errors("a")), ValidationError)
