"""The reader of workflow files: exact values, lines of paths, broken text."""

import json
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from taskloom.schema.source import DEEPEST, LONGEST, locate, parse, path_text

FILE = """{
  "$id": "a",
  "properties": {
    "name": {"title": "Name",
             "type": "string"}
  },
  "workflow": {"stages": [
    {"name": "Open"},
    {"name": "Done"}
  ]}
}
"""

values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(st.characters(exclude_categories=["Cs"])),
    lambda inner: st.lists(inner) | st.dictionaries(st.text('ab\n"é😀', max_size=3), inner),
    max_leaves=10,
)


@given(values, st.sampled_from([None, 2]), st.booleans())
def test_any_json_reads_as_the_value_it_was_written_from(
    value: object, indent: int | None, plain: bool
) -> None:
    read = parse(json.dumps(value, indent=indent, ensure_ascii=plain))

    assert (value, ()) == (read.value, read.faults)


def test_numbers_keep_every_digit_and_whole_ones_are_integers() -> None:
    text = "[1, -0, 12345678901234567890, 0.10, 1e3, -2.5E-7]"

    read = parse(text).value

    assert isinstance(read, list)
    assert ["1", "0", "12345678901234567890", "0.10", "1E+3", "-2.5E-7"] == [*map(str, read)]
    assert [int, int, int, Decimal, Decimal, Decimal] == [*map(type, read)]


def test_a_byte_order_mark_is_skipped() -> None:
    assert {"a": 1} == parse('\ufeff{"a": 1}').value


@pytest.mark.parametrize(
    ("path", "line"),
    [
        ((), 1),
        (("$id",), 2),
        (("properties", "name"), 4),
        (("properties", "name", "type"), 5),
        (("workflow", "stages", 1), 9),
        (("workflow", "stages", 1, "name"), 9),
        (("properties", "name", "format"), 4),
        (("nowhere", "at", "all"), 1),
    ],
)
def test_a_path_is_found_on_its_line_or_that_of_what_holds_it(
    path: tuple[str | int, ...], line: int
) -> None:
    assert line == locate(parse(FILE), path)


@pytest.mark.parametrize(
    ("path", "text"),
    [
        ((), "(file)"),
        (("properties", "company_id", "type"), "properties.company_id.type"),
        (("workflow", "stages", 1, "name"), "workflow.stages[1].name"),
    ],
)
def test_a_path_is_spelt_for_people(path: tuple[str | int, ...], text: str) -> None:
    assert text == path_text(path)


@pytest.mark.parametrize(
    ("text", "message", "hint"),
    [
        ("", "line 1, column 1: the file ends too early", "a bracket or a quote is left open"),
        ('{"a": 1', "line 1, column 8: expected ',' or '}' after the value", ""),
        ('{"a": 1,\n}', "line 2, column 1: expected a key in double quotes",
         "remove the ',' before it"),
        ("{a: 1}", "line 1, column 2: expected a key in double quotes", ""),
        ('{"a" 1}', "line 1, column 6: expected ':' after the key", ""),
        ('{"a": }', "line 1, column 7: expected a value, found '}'", "remove the ',' before it"),
        ("[1,\n 2,\n]", "line 3, column 1: expected a value, found ']'",
         "remove the ',' before it"),
        ("[1\n 2]", "line 2, column 2: expected ',' or ']' after the value", ""),
        ('{"a": NaN}', "line 1, column 7: NaN is not JSON",
         "leave the value out, or give a number"),
        ("[-Infinity]", "line 1, column 2: -Infinity is not JSON",
         "leave the value out, or give a number"),
        ("[Infinity]", "line 1, column 2: Infinity is not JSON",
         "leave the value out, or give a number"),
        ("'a'", "line 1, column 1: expected a value, found \"'\"", ""),
        ("{} {}", "line 1, column 4: expected nothing after the closing bracket", ""),
        ('"a\n"', "line 1, column 3: a string cannot be read: invalid control character at", ""),
        ('"a', "line 1, column 1: a string cannot be read: unterminated string starting at", ""),
        ('["\\ud800"]', "line 1, column 2: a string holds half a character (a lone surrogate)", ""),
        ("[" + "1" * 101 + "]", "line 1, column 2: a number is longer than 100 digits", ""),
        ("[1e401]", "line 1, column 2: a number is longer than 100 digits", ""),
        ("[" * (DEEPEST + 2), "line 1, column 42: nests deeper than 40 levels", ""),
        (" " * (LONGEST + 1), "line 1, column 1: the file is larger than 1000000 characters", ""),
    ],
)  # fmt: skip
def test_broken_text_is_refused_with_line_and_column(text: str, message: str, hint: str) -> None:
    read = parse(text)

    assert [("malformed", (), f"is not JSON: {message}", hint)] == [
        (fault.code, fault.path, fault.message, fault.hint) for fault in read.faults
    ]
    assert read.value is None


def test_a_key_given_twice_is_told_with_both_lines_and_the_rest_is_read() -> None:
    read = parse('{"a": 1,\n "b": {"c": 1,\n "c": 2},\n "a": {"d": 3}}')

    assert [
        (("b", "c"), "is given twice: 'c' on line 2 and again on line 3", 3),
        (("a",), "is given twice: 'a' on line 1 and again on line 4", 4),
    ] == [(fault.path, fault.message, locate(read, fault.path)) for fault in read.faults]
    assert {"a": {"d": 3}, "b": {"c": 2}} == read.value
