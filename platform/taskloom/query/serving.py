"""Which filters and orders an index serves; pure, so that it costs nothing to ask."""

import json
from collections.abc import Iterator, Sequence
from typing import Final

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
from taskloom.schema.compiled import Compiled

MOST_DECLARED: Final = 54
"""So many indexes are made for fields and lists at most: MongoDB allows 64, and two are left."""

_STANDING: Final = ((CREATED,), (STAGE,), (ASSIGNEE,), (ASSIGNEE, STAGE))
_NARROWING: Final = frozenset({"eq", "in", "gt", "gte", "lt", "lte", "startswith"})
_EQUAL: Final = frozenset({"eq", "in"})
_ONE: Final = frozenset({ID, UID})
_LONGEST: Final = 400


def declared(workflow: Compiled) -> Sequence[tuple[str, ...]]:
    """List the fields of the indexes that a workflow's file asks for, the same ones once."""
    marked = [(key,) for key, field in workflow.fields.items() if field.filterable]
    listed = [(*each.filter, *each.sorted_by) for each in workflow.workflow.lists]
    return list(dict.fromkeys((*marked, *listed)))[:MOST_DECLARED]


def hint(query: Query, workflow: Compiled) -> str:
    """Say what would make an index serve a query; nothing where one does.

    Names are those of the workflow file.
    """
    parts = list(conjuncts(query.where))
    indexes = [*_STANDING, *declared(workflow)]
    equal = _equal(parts)
    order = _order(query.order)
    if equal & _ONE or any(_serves(index, equal, order) for index in indexes):
        return ""
    narrowed = any(_narrows(part, _firsts(indexes), workflow) for part in parts)
    if order:
        # An index that narrows to a range cannot give another order as well.
        return _listing(equal, query.order, workflow) if equal or not narrowed else ""
    return "" if narrowed or not parts else _marking(parts, workflow)


def shape(query: Query) -> str:
    """Spell a query without what it compares with: `region eq, value gt; sort -value`."""
    spelt = _spelt(query.where) if query.where != All() else "everything"
    order = ",".join(f"{'-' * each.descending}{each.field}" for each in query.order)
    return f"{spelt}; sort {order}"[:_LONGEST] if order else spelt[:_LONGEST]


def _spelt(where: Filter) -> str:
    match where:
        case Compare(field, op):
            return f"{field} {op}"
        case All(parts):
            return ", ".join(map(_spelt, parts))
        case Some(parts):
            return f"({' or '.join(map(_spelt, parts))})"
        case Not(part):
            return f"not ({_spelt(part)})"
        case _:
            return "_q"


def conjuncts(where: Filter) -> Iterator[Filter]:
    """Yield the parts of a filter all of which have to hold."""
    if isinstance(where, All):
        for part in where.parts:
            yield from conjuncts(part)
    elif isinstance(where, Some) and len(where.parts) == 1:
        yield from conjuncts(where.parts[0])
    else:
        yield where


def _equal(parts: Sequence[Filter]) -> frozenset[str]:
    return frozenset(
        part.field for part in parts if isinstance(part, Compare) and part.op in _EQUAL
    )


def _order(order: Sequence[Order]) -> tuple[str, ...]:
    """Name the fields of an order, without creation time and id, which end every index."""
    fields = tuple(each.field for each in order)
    return () if fields in ((CREATED,), (ID,)) else fields


def _serves(index: Sequence[str], equal: frozenset[str], order: Sequence[str]) -> bool:
    """Tell whether an index finds exactly what is equal in some fields, in this order."""
    rest = list(index)
    while rest and rest[0] in equal and rest != list(order):
        del rest[0]
    return tuple(rest) == tuple(order) and (bool(order) or bool(equal))


def _firsts(indexes: Sequence[Sequence[str]]) -> frozenset[str]:
    return frozenset(index[0] for index in indexes) | _ONE


def _narrows(part: Filter, firsts: frozenset[str], workflow: Compiled) -> bool:
    match part:
        case Compare(field, op):
            return field in firsts and op in _NARROWING
        case Words():
            return bool(workflow.workflow.search)
        case Some(parts):
            return all(
                any(_narrows(each, firsts, workflow) for each in conjuncts(one)) for one in parts
            )
        case _:
            return False


def _listing(equal: frozenset[str], order: Sequence[Order], workflow: Compiled) -> str:
    if not all(_is_finite(each.field, workflow) for each in order[:-1]):
        return "this is sorted in memory: an index gives the order by stages, selects and one field"
    said: dict[str, list[str]] = {}
    filters = sorted(equal - {each.field for each in order} - {BY})
    if filters:
        said["filter"] = filters
    said["sort"] = [f"{'-' * each.descending}{each.field}" for each in order]
    return f"an index would serve this: add {json.dumps(said)} to the workflow's lists"


def _is_finite(field: str, workflow: Compiled) -> bool:
    return field == STAGE or (field in workflow.fields and bool(workflow.fields[field].options))


def _marking(parts: Sequence[Filter], workflow: Compiled) -> str:
    for part in parts:
        if isinstance(part, Compare) and part.op in _NARROWING and part.field in workflow.fields:
            return f'an index would serve this: mark {part.field} as "filterable"'
    if any(isinstance(part, Words) for part in parts):
        return "an index would serve this: name the fields to search in the workflow's search"
    return "no index serves this: filter also by the stage, the assignee or a filterable field"
