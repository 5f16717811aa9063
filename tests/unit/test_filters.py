"""How filters and orders look as MongoDB reads them."""

from dataclasses import replace
from typing import Any

import pytest

from taskloom.errors import TooLarge
from taskloom.query.tree import (
    ASSIGNEE,
    BY,
    CREATED,
    ID,
    STAGE,
    After,
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
from taskloom.storage.filters import LONGEST_SEARCH, compiled
from taskloom.storage.paging import MOST_STEPS, steps
from tests import builders

WORKFLOW = compile_workflow(
    builders.workflow_of(
        {
            "name": {"type": "string"},
            "price": {"type": "number", "format": "currency"},
            "tags": {"type": "array", "items": {"type": "string"}},
            "nullable": {"type": ["array", "null"], "items": {"type": "string"}},
            "level": {"enum": ["low", "high"]},
            "many": {"enum": [f"o{number}" for number in range(MOST_STEPS)]},
        }
    )
)
SELECTS = ("v.level", "v.many")
NOTHING: dict[str, Any] = {"_id": {"$in": []}}


def _i(pattern: str) -> dict[str, str]:
    """Match a text without regard to case."""
    return {"$regex": pattern, "$options": "i"}


@pytest.mark.parametrize(
    ("where", "expected"),
    [
        (All(), {}),
        (All((All(), Compare(STAGE, "eq", "todo"))), {"stage": {"$eq": "todo"}}),
        (Some(), NOTHING),
        (Compare("name", "eq", "x"), {"v.name": {"$eq": "x"}}),
        (Compare("name", "eq", {"$gt": ""}), {"v.name": {"$eq": {"$gt": ""}}}),
        (Compare("name", "eq", None), {"v.name": {"$in": [None, ""]}}),
        (Compare("tags", "eq", None), {"v.tags": {"$in": [None, []]}}),
        (Compare("nullable", "exists", False), {"v.nullable": {"$in": [None, []]}}),
        (Compare(ASSIGNEE, "eq", None), {"assignee": {"$eq": None}}),
        (Compare(STAGE, "eq", None), NOTHING),
        (Compare(STAGE, "exists", True), {}),
        (Compare("price", "gte", 10), {"v.price": {"$gte": 1000}}),
        (Compare("price", "in", (1, None)), {"v.price": {"$in": [100, None]}}),
        (Compare("tags", "contains", "a.b"), {"v.tags": {"$eq": "a.b"}}),
        (Compare("name", "contains", "a.b"), {"v.name": {"$regex": r"a\.b", "$options": "i"}}),
        (Compare("name", "startswith", "$x"), {"v.name": {"$regex": r"^\$x"}}),
        (Compare("name", "contains", "a\0"), {"v.name": {"$regex": r"a\x00", "$options": "i"}}),
        (Compare(ID, "eq", "no id"), {"_id": {"$eq": "no id"}}),
        (
            All((Compare("name", "ne", "x"), Compare("name", "nin", ("y",)))),
            {"$and": [{"v.name": {"$ne": "x"}}, {"v.name": {"$nin": ["y"]}}]},
        ),
        (Words("  "), {}),
        (
            Words("a b"),
            {
                "$and": [
                    {"$or": [{path: _i("a")} for path in ("uid", "v.name", *SELECTS)]},
                    {"$or": [{path: _i("b")} for path in ("uid", "v.name", *SELECTS)]},
                ]
            },
        ),
    ],
)
def test_a_filter_keeps_its_operands_behind_operators(
    where: Filter, expected: dict[str, Any]
) -> None:
    assert expected == compiled(where, WORKFLOW)


@pytest.mark.parametrize(
    "where",
    [
        Compare("name", "contains", "x" * (LONGEST_SEARCH + 1)),
        Compare("name", "startswith", "x" * (LONGEST_SEARCH + 1)),
        Words("x" * (LONGEST_SEARCH + 1)),
    ],
)
def test_a_search_text_too_long_for_the_database_is_refused(where: Filter) -> None:
    with pytest.raises(TooLarge):
        compiled(where, WORKFLOW)


@pytest.mark.parametrize(
    ("order", "sorts"),
    [
        ((), [["at", "_id"]]),
        ((Order(CREATED),), [["at", "_id"]]),
        ((Order(ID),), [["_id"]]),
        # Three stages and those not declared any more; two options, those, and no value.
        ((Order(STAGE),), [["at", "_id"]] * 4),
        ((Order("level"),), [["at", "_id"]] * 4),
        ((Order(STAGE), Order("name")), [["v.name", "at", "_id"], ["at", "_id"]] * 4),
        ((Order(STAGE), Order("level"), Order(STAGE)), [["at", "_id"]] * 16),
        ((Order("many"),), [["k0", "at", "_id"]]),
        ((Order("name"), Order(STAGE)), [["k0", "k1", "at", "_id"]]),
        ((Order(BY),), [["by", "at", "_id"], ["at", "_id"]]),
        ((Order("name"),), [["v.name", "at", "_id"], ["at", "_id"]]),
        ((Order("name", descending=True),), [["at", "_id"], ["v.name", "at", "_id"]]),
        ((Order("name"), Order("name")), [["v.name", "at", "_id"], ["at", "_id"]]),
        ((Order("name"), Order(CREATED)), [["v.name", "at", "_id"], ["at", "_id"]]),
        ((Order(CREATED), Order("name")), [["at", "k1", "_id"]]),
        ((Order("tags"),), [["k0", "at", "_id"]]),
    ],
)
def test_an_index_can_serve_an_order_unless_unset_values_stand_in_the_middle(
    order: tuple[Order, ...], sorts: list[list[str]]
) -> None:
    planned = steps(Query(order=order), WORKFLOW)

    assert sorts == [list(step.sort) for step in planned]
    for step in planned:
        directions = set(step.sort.values())
        assert directions == {-1 if order and order[-1].descending else 1}


@pytest.mark.parametrize(
    ("descending", "key", "phases"),
    [(False, "x", 3), (False, None, 1), (True, "x", 2), (True, None, 2)],
)
def test_a_page_does_not_look_again_where_everything_was_seen(
    descending: bool, key: object, phases: int
) -> None:
    after = After(keys=(key,), created=builders.NOW, id=builders.new_id())
    query = Query(order=(Order("name", descending=descending),), after=after)

    assert phases == len(steps(query, WORKFLOW))


def test_an_item_of_a_list_is_compared_in_its_stored_form() -> None:
    codec = replace(WORKFLOW.codecs["tags"], pack=lambda items: [f"<{item}>" for item in items])
    workflow = replace(WORKFLOW, codecs={**WORKFLOW.codecs, "tags": codec})

    assert compiled(Compare("tags", "eq", "x"), workflow) == {"v.tags": {"$eq": "<x>"}}


@pytest.mark.parametrize(
    ("op", "operand", "expected"),
    [
        ("eq", "a", {"v.tags.p.q": {"$eq": "a"}}),
        ("contains", "a", {"v.tags.p.q": {"$eq": "a"}}),
        ("in", ("a", None), {"v.tags.p.q": {"$in": ["a", None, []]}}),
        ("exists", False, {"v.tags.p.q": {"$in": [None, []]}}),
    ],
)
def test_filters_and_orders_look_at_the_part_of_a_value_that_its_kind_names(
    op: str, operand: object, expected: dict[str, Any]
) -> None:
    codec = replace(WORKFLOW.codecs["tags"], pack=lambda value: {"p": {"q": value}}, within="p.q")
    workflow = replace(WORKFLOW, codecs={**WORKFLOW.codecs, "tags": codec})

    assert expected == compiled(Compare("tags", op, operand), workflow)
    (step,) = steps(Query(order=(Order("tags"),)), workflow)
    assert "$v.tags.p.q" in str(step.computed)


@pytest.mark.parametrize(
    ("where", "finds"),
    [
        (Compare(STAGE, "eq", "todo"), 1),
        (Compare(STAGE, "in", ("todo", "done")), 2),
        (Compare(STAGE, "in", ("todo", "gone")), 2),
        (All((Compare(STAGE, "in", ("todo", "done")), Compare(STAGE, "eq", "done"))), 1),
        (Compare(STAGE, "ne", "todo"), 4),
        (Some((Compare(STAGE, "eq", "todo"), Compare(STAGE, "eq", "done"))), 4),
        (Some((Compare(STAGE, "eq", "todo"),)), 1),
    ],
)
def test_only_values_that_the_filter_leaves_are_looked_for(where: Filter, finds: int) -> None:
    assert finds == len(steps(Query(where=where, order=(Order(STAGE),)), WORKFLOW))


@pytest.mark.parametrize(
    ("where", "finds"),
    [
        (Compare("price", "gte", 5), 1),
        (Compare("price", "lt", 5), 1),
        (Compare("price", "in", (5, 6)), 1),
        (Compare("price", "in", (5, None)), 2),
        (Compare("price", "ne", None), 1),
        (Compare("price", "exists", True), 1),
        (Compare("price", "exists", False), 2),
        (Compare("price", "ne", 5), 2),
        (Not(Compare("price", "eq", 5)), 2),
        (Some((Compare("price", "gt", 5), Compare("name", "eq", "x"))), 2),
    ],
)
def test_unset_values_are_not_looked_for_where_the_filter_excludes_them(
    where: Filter, finds: int
) -> None:
    for descending in (False, True):
        query = Query(where=where, order=(Order("price", descending),))
        assert finds == len(steps(query, WORKFLOW))


@pytest.mark.parametrize(
    ("op", "operand", "is_set"),
    [
        ("gt", "", True),
        ("gte", "", False),
        ("gte", "a", True),
        ("lt", "a", False),
        ("eq", "", False),
        ("eq", "a", True),
        ("contains", "a", True),
        ("contains", "", False),
        ("startswith", "a", True),
    ],
)
def test_an_empty_text_is_unset_and_less_than_all_others(
    op: str, operand: str, is_set: bool
) -> None:
    query = Query(where=Compare("name", op, operand), order=(Order("name"),))

    assert (1 if is_set else 2) == len(steps(query, WORKFLOW))
