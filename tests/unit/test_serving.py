"""Which queries an index serves, and what is said where none does."""

from dataclasses import replace
from typing import Any

import pytest

from taskloom.model.rules import Listing
from taskloom.query.serving import declared, hint, shape
from taskloom.query.tree import (
    ASSIGNEE,
    BY,
    CREATED,
    ID,
    STAGE,
    UID,
    All,
    Compare,
    Filter,
    Not,
    Order,
    Query,
    Some,
    Words,
)
from taskloom.schema.compile import compile_workflow
from tests.builders import workflow_of

PROPERTIES: dict[str, dict[str, Any]] = {
    "name": {"type": "string", "filterable": True},
    "region": {"enum": ["emea", "apac"]},
    "value": {"type": "number"},
    "due": {"type": "string", "format": "date"},
}
LISTS = (
    Listing(filter=("region",), sorted_by=("value",)),
    Listing(filter=("name",), sorted_by=()),
    Listing(filter=(STAGE, "region"), sorted_by=("due",)),
)
WORKFLOW = compile_workflow(replace(workflow_of(PROPERTIES), lists=LISTS))
SEARCHING = compile_workflow(replace(WORKFLOW.workflow, search=("name",)))

NAME = Compare("name", "eq", "x")
EMEA = Compare("region", "eq", "emea")
RICH = Compare("value", "gte", 5)
DOING = Compare(STAGE, "eq", "doing")


def down(*fields: str) -> tuple[Order, ...]:
    """Sort by fields, descending."""
    return tuple(Order(field, descending=True) for field in fields)


def test_each_index_is_declared_once() -> None:
    assert [("name",), ("region", "value"), (STAGE, "region", "due")] == declared(WORKFLOW)


@pytest.mark.parametrize(
    ("where", "order"),
    [
        (All(), ()),
        (All(), down(CREATED)),
        (All(), (Order(ID),)),
        (All(), down("name")),
        (All(), (Order(STAGE),)),
        (NAME, ()),
        (All((NAME, RICH)), ()),
        (EMEA, ()),
        (EMEA, down("value")),
        (All((EMEA, RICH)), (Order("value"),)),
        (Some((EMEA,)), down("value")),
        (All((DOING, EMEA)), (Order("due"),)),
        (Compare("name", "gt", "x"), ()),
        (Compare("name", "gt", "x"), (Order("value"),)),
        (Compare(UID, "eq", "7"), down("due")),
        (Compare(CREATED, "gt", 7), ()),
        (All((DOING, Compare(ASSIGNEE, "eq", "u"))), ()),
        (Some((NAME, All((RICH, EMEA)))), ()),
    ],
    ids=str,
)
def test_nothing_is_said_where_an_index_serves(where: Filter, order: tuple[Order, ...]) -> None:
    assert "" == hint(Query(where=where, order=order), WORKFLOW)


@pytest.mark.parametrize(
    ("where", "order", "said"),
    [
        (RICH, (), 'mark value as "filterable"'),
        (All((Compare("value", "ne", 5), Compare("due", "lt", "2025"))), (), "mark due as"),
        (Not(NAME), (), "filter also by the stage"),
        (Compare("name", "contains", "x"), (), "filter also by the stage"),
        (Compare(BY, "eq", "u"), (), "filter also by the stage"),
        (Some((NAME, RICH)), (), "filter also by the stage"),
        (Words("x"), (), "the workflow's search"),
        (All(), down("value"), '{"sort": ["-value"]}'),
        (EMEA, (Order("due"),), '{"filter": ["region"], "sort": ["due"]}'),
        (
            All((NAME, DOING)),
            down(STAGE, "due"),
            '{"filter": ["name"], "sort": ["-_stage", "-due"]}',
        ),
        (NAME, (Order("due"), Order("value")), "is sorted in memory"),
    ],
    ids=str,
)
def test_what_no_index_serves_is_told_what_would(
    where: Filter, order: tuple[Order, ...], said: str
) -> None:
    assert said in hint(Query(where=where, order=order), WORKFLOW)


def test_words_of_searched_fields_are_found_in_an_index() -> None:
    assert "" == hint(Query(where=Words("x")), SEARCHING)


def test_a_hint_can_stand_in_a_header() -> None:
    for where in (RICH, Words("\u00e9"), Not(EMEA)):
        assert hint(Query(where=where, order=down("due")), WORKFLOW).isascii()


@pytest.mark.parametrize(
    ("where", "order", "spelt"),
    [
        (All(), (), "everything"),
        (All((EMEA, RICH)), down("due"), "region eq, value gte; sort -due"),
        (Some((NAME, Not(All((EMEA, Words("secret")))))), (), "(name eq or not (region eq, _q))"),
        (All(), (Order("due"), *down("name")), "everything; sort due,-name"),
    ],
)
def test_a_shape_tells_what_is_compared_and_not_with_what(
    where: Filter, order: tuple[Order, ...], spelt: str
) -> None:
    assert spelt == shape(Query(where=where, order=order))


def test_a_shape_has_a_bounded_length() -> None:
    assert len(shape(Query(where=Some((NAME,) * 500), order=down("due")))) <= 400
