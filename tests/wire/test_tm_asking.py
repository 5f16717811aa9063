"""The Task Management API's query strings, links and dates by themselves."""

from collections.abc import Mapping
from typing import Final

import pytest
from werkzeug.datastructures import MultiDict

from taskloom.errors import Invalid, Refusal
from taskloom.query.tree import Compare
from taskloom.wire.task_management.asking import Asking, Page, Sorting, links
from taskloom.wire.task_management.dates import before_or_after, read, spelt

NAMES: Final = ("title", "dueDate")


class Nobody:
    """The people of an empty workspace."""

    def id_of(self, email: str) -> None:
        """Return nobody's id."""

    def email_of(self, user: str) -> None:
        """Return nobody's e-mail."""


PEOPLE: Final = Nobody()


def asking(**given: str) -> Asking:
    """Read these parameters, all of which are known."""
    return Asking(MultiDict(given), tuple(given))


def faults(asked: Asking) -> Mapping[str, str]:
    """Return what is wrong, by parameter."""
    with pytest.raises(Invalid) as caught:
        asked.settle()
    return {str(fault.path[0]): fault.message for fault in caught.value.faults}


def test_signs_of_a_sort() -> None:
    asked = asking(sort="+title, -dueDate")

    assert (Sorting("title"), Sorting("dueDate", descending=True)) == asked.sorting(
        NAMES, Sorting("title")
    )
    asked.settle()
    assert (Sorting("dueDate"),) == asking().sorting(NAMES, Sorting("dueDate"))


def test_a_sort_by_nothing_or_by_the_same_twice_is_refused() -> None:
    for sort in ("-", "title,-title", "title,", "status"):
        asked = asking(sort=sort)
        asked.sorting(NAMES, Sorting("title"))
        assert {"sort"} == set(faults(asked))


def test_all_faults_are_told_and_unknown_names_with_the_nearest() -> None:
    asked = Asking(
        MultiDict([("limit", "0"), ("offset", "-1"), ("ofset", "1")]), ("limit", "offset")
    )

    assert Page(limit=10, offset=0) == asked.page()
    assert {"limit", "offset", "ofset"} == set(faults(asked))


def test_links_escape_what_would_end_them() -> None:
    link = links(
        "https://example.com/v1/tasks", b'tags="a>\r\n&limit=3', 7, Page(limit=3, offset=3)
    )

    assert (
        '<https://example.com/v1/tasks?tags=%22a%3E%0D%0A&limit=3&offset=6>; rel="next", '
        '<https://example.com/v1/tasks?tags=%22a%3E%0D%0A&limit=3&offset=0>; rel="prev", '
        '<https://example.com/v1/tasks?tags=%22a%3E%0D%0A&limit=3&offset=0>; rel="first", '
        '<https://example.com/v1/tasks?tags=%22a%3E%0D%0A&limit=3&offset=6>; rel="last"'
    ) == link


@pytest.mark.parametrize(
    ("sent", "moment"),
    [
        ("2035-06-01T17:00:00Z", "2035-06-01T17:00:00Z"),
        ("2035-06-01T17:00:00.999Z", "2035-06-01T17:00:00Z"),
        ("2035-06-01T17:00:00.123456", "2035-06-01T17:00:00Z"),
        ("2035-06-01T23:30:00-02:00", "2035-06-02T01:30:00Z"),
        ("2035-06-01T17:00", "2035-06-01T17:00:00Z"),
        ("2035-06-01", "2035-06-01T00:00:00Z"),
    ],
)
def test_a_date_is_read_to_the_second_in_utc(sent: str, moment: str) -> None:
    assert moment == read(sent, "datetime", PEOPLE)
    assert moment[:10] == read(sent, "date", PEOPLE)


@pytest.mark.parametrize("sent", ["tomorrow", "", 5, None, ["2035-06-01"], "2035-02-30"])
def test_what_is_no_date_is_left_to_the_engine(sent: object) -> None:
    assert sent == read(sent, "datetime", PEOPLE)


def test_dates_of_either_kind_are_written_as_moments() -> None:
    assert "2035-06-01T17:00:00Z" == spelt("2035-06-01T17:00:00.25Z")
    assert "2035-06-01T00:00:00Z" == spelt("2035-06-01")


@pytest.mark.parametrize(
    ("op", "text", "expected"),
    [
        ("gt", "2035-06-01T00:00:00Z", Compare("due", "gt", "2035-06-01")),
        ("gt", "2035-06-01T12:00:00Z", Compare("due", "gt", "2035-06-01")),
        ("lt", "2035-06-01T00:00:00Z", Compare("due", "lt", "2035-06-01")),
        ("lt", "2035-06-01T12:00:00Z", Compare("due", "lte", "2035-06-01")),
        ("lt", "2035-06-01", Compare("due", "lt", "2035-06-01")),
    ],
)
def test_a_day_is_compared_by_its_beginning(op: str, text: str, expected: Compare) -> None:
    assert expected == before_or_after("due", op, text, kind="date", people=PEOPLE)


def test_a_plus_that_became_a_space_is_one_again() -> None:
    expected = Compare("due", "gt", "2035-06-01T10:00:00.5Z")
    for text in ("2035-06-01T12:00:00.5 02:00", "2035-06-01 12:00:00.5+0200"):
        assert expected == before_or_after("due", "gt", text, kind="datetime", people=PEOPLE)
    with pytest.raises(Refusal):
        before_or_after("due", "gt", "soon", kind="datetime", people=PEOPLE)
