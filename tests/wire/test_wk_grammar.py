"""The grammar of `$filter` and `$orderBy`, apart from any workflow."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from taskloom.errors import Refusal
from taskloom.wire.workiva.grammar import (
    MOST_COMPARISONS,
    MOST_VALUES,
    OPERATORS,
    Comparison,
    comparisons,
    directions,
)


def one(name: str, op: str, *values: str) -> Comparison:
    return Comparison(name=name, op=op, values=values)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("status eq 'Created'", [one("status", "eq", "Created")]),
        ("status eq Created", [one("status", "eq", "Created")]),
        ("  title   contains 'a b'  ", [one("title", "contains", "a b")]),
        ("title contains 'it''s'", [one("title", "contains", "it's")]),
        ("title contains ''''", [one("title", "contains", "'")]),
        ("title contains ''", [one("title", "contains", "")]),
        ("title contains ' and '", [one("title", "contains", " and ")]),
        ("title contains '(,)'", [one("title", "contains", "(,)")]),
        ("title contains and", [one("title", "contains", "and")]),
        ("dueDate gt 2022-09-15T14:00:00Z", [one("dueDate", "gt", "2022-09-15T14:00:00Z")]),
        (
            "dueDate le 2022-09-15T14:00:00+02:00",
            [one("dueDate", "le", "2022-09-15T14:00:00+02:00")],
        ),
        ("status in ('Created','Completed')", [one("status", "in", "Created", "Completed")]),
        ("status in ( Created , 'x, y' )", [one("status", "in", "Created", "x, y")]),
        ("status in('a')", [one("status", "in", "a")]),
        (
            "status eq 'Created' and title contains 'TODO' and a.b eq c",
            [
                one("status", "eq", "Created"),
                one("title", "contains", "TODO"),
                one("a.b", "eq", "c"),
            ],
        ),
        ("a eq 'b'and c eq d", [one("a", "eq", "b"), one("c", "eq", "d")]),
        ("a\teq\nb", [one("a", "eq", "b")]),
    ],
)
def test_what_is_well_formed_is_read(text: str, expected: list[Comparison]) -> None:
    assert expected == list(comparisons(text))


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("", "must have the name of a property at character 1, not the end"),
        ("   ", "must have the name of a property at character 1, not the end"),
        ("status", "must have an operator after 'status' at character 7, not the end"),
        ("status eq", "must have a value at character 10, not the end"),
        ("status = 'Created'", "must have an operator after 'status' at character 8, not '='"),
        ("status EQ 'Created'", "must have an operator after 'status' at character 8, not 'EQ'"),
        ("status eq 'Created", "has a quote at character 11 that is never closed"),
        ("status eq 'it's'", "has a quote at character 16 that is never closed"),
        ("status eq (Created)", "must have a value at character 11, not '('"),
        ("status in 'a'", "must have a list in brackets after `in` at character 11, not \"'a'\""),
        ("status in ()", "must have a value at character 12, not ')'"),
        ("status in ('a'", "must have a comma or the closing bracket at character 15, not the end"),
        ("status in ('a',)", "must have a value at character 16, not ')'"),
        ("status in ('a' 'b')", "must have a comma or the closing bracket at character 16"),
        ("a eq b or c eq d", "must have `and` or the end at character 8, not 'or'"),
        ("a eq b AND c eq d", "must have `and` or the end at character 8, not 'AND'"),
        ("a eq b and", "must have the name of a property at character 11, not the end"),
        ("and a eq b", "must have an operator after 'and' at character 5, not 'a'"),
        ("not a eq b", "must have the name of a property at character 1, not 'not'"),
        ("(a eq b)", "must have the name of a property at character 1, not '('"),
        ("contains(title,'x')", "must have an operator after 'contains' at character 9, not '('"),
        ("'a' eq 'b'", "must have the name of a property at character 1"),
        ("a eq b)", "must have `and` or the end at character 7, not ')'"),
        ("status eq Awaiting Approval", "must have `and` or the end at character 20"),
        ("d gt 2022-09-15T14:00:00 02:00x", "must have `and` or the end at character 26"),
        ("d gt 2022-09-15T14:00:00Z 02:00", "must have `and` or the end at character 27"),
    ],
)
def test_what_is_broken_is_told_with_its_place(text: str, told: str) -> None:
    with pytest.raises(Refusal) as refused:
        comparisons(text)

    assert refused.value.message.startswith(told)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("d gt 2022-09-15T14:00:00 02:00", [one("d", "gt", "2022-09-15T14:00:00 02:00")]),
        ("d gt 2022-09-15T14:00 0200", [one("d", "gt", "2022-09-15T14:00 0200")]),
        (
            "d gt 2022-09-15T14:00:00.25 02:00 and a eq b",
            [one("d", "gt", "2022-09-15T14:00:00.25 02:00"), one("a", "eq", "b")],
        ),
        (
            "d in (2022-09-15T14:00:00 02:00,2022-09-15T14:00:00Z)",
            [one("d", "in", "2022-09-15T14:00:00 02:00", "2022-09-15T14:00:00Z")],
        ),
    ],
)
def test_a_plus_that_arrived_as_a_space_parts_no_time(
    text: str, expected: list[Comparison]
) -> None:
    assert expected == list(comparisons(text))


def test_as_many_comparisons_and_values_as_are_read_and_not_one_more() -> None:
    most = " and ".join(["a eq b"] * MOST_COMPARISONS)
    values = ",".join("x" * MOST_VALUES)

    assert MOST_COMPARISONS == len(comparisons(most))
    assert MOST_VALUES == len(comparisons(f"a in ({values})")[0].values)
    for text in (f"{most} and a eq b", f"a in ({values},x)"):
        with pytest.raises(Refusal, match="at most"):
            comparisons(text)


@pytest.mark.parametrize("signs", ["(" * 100_000, "a in " + "(" * 100_000, "'" * 99_999])
def test_nothing_is_nested_and_nothing_takes_long(signs: str) -> None:
    with pytest.raises(Refusal):
        comparisons(signs)


@given(st.text(alphabet="ab '(),\\t\u2003\x1c\x85é", max_size=30))
def test_any_text_is_read_or_refused(text: str) -> None:
    try:
        found = comparisons(text)
    except Refusal:
        return
    assert found


_NAMES = st.from_regex(r"[a-zA-Z.]{1,10}", fullmatch=True).filter(lambda name: name != "not")


@given(
    st.lists(
        st.tuples(_NAMES, st.sampled_from([op for op in OPERATORS if op != "in"]), st.text()),
        min_size=1,
        max_size=5,
    )
)
def test_what_is_written_in_quotes_comes_back_to_the_letter(
    parts: list[tuple[str, str, str]],
) -> None:
    quoted = [(name, op, value.replace("'", "''")) for name, op, value in parts]
    text = " and ".join(f"{name} {op} '{value}'" for name, op, value in quoted)

    assert [one(*part) for part in parts] == list(comparisons(text))


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("title", [("title", False)]),
        ("title asc", [("title", False)]),
        ("dueDate desc,title", [("dueDate", True), ("title", False)]),
        (" dueDate  desc , title asc ", [("dueDate", True), ("title", False)]),
        ("", [("", False)]),
        ("title,", [("title", False), ("", False)]),
        ("title up", [("", False)]),
        ("title DESC", [("", False)]),
        ("title desc desc", [("", True)]),
        ("title asc desc", [("", True)]),
    ],
)
def test_orders_are_read_part_by_part(text: str, expected: list[tuple[str, bool]]) -> None:
    """A part that is broken names nothing."""
    assert expected == [(part.name, part.descending) for part in directions(text)]
