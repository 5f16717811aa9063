"""Sorted lists: which finds, one after the other, give tasks in the order a query asks for.

MongoDB puts unset values first when ascending; a query puts them last. Where only the last order
can meet unset values, two finds in a row do that and both can use an index. Where values sort in
their declared order, one find a value does, which is not made before the ones before it are used
up. Otherwise the server computes sort keys.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import cast

from bson.max_key import MaxKey
from bson.objectid import ObjectId

from taskloom.query.tree import CREATED, ID, After, Order, Query
from taskloom.schema.compiled import Compiled
from taskloom.storage.bounds import Bounds, bounds
from taskloom.storage.client import Document
from taskloom.storage.documents import object_id
from taskloom.storage.filters import Place, both, compiled, is_set, place, unset

ASCENDING, DESCENDING = 1, -1

MOST_STEPS = 64
"""Orders that would take more finds are computed by the server."""

_NATURAL = ["at", "_id"]
_UNSET = MaxKey()


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """One find: what, in which order, and where to go on.

    `computed` are sort keys the server works out; `beyond` is the boundary over them, to be
    matched once they are there.
    """

    where: Document
    sort: Mapping[str, int]
    computed: Mapping[str, object] = field(default_factory=dict)
    beyond: Document = field(default_factory=dict)

    @property
    def natural(self) -> bool:
        """The order is creation time and id alone."""
        return list(self.sort) == _NATURAL


@dataclass(frozen=True, slots=True)
class _Column:
    """One sort column with the value of the last task seen; `key` is None where it was unset.

    `among` are the values that the filter leaves possible, None among them for unset; None where
    these are all.
    """

    place: Place
    direction: int
    key: object = None
    among: frozenset[object] | None = None


def steps(query: Query, workflow: Compiled) -> Sequence[Step]:
    """Plan a query: the results of these finds, in sequence, are the answer."""
    where = compiled(query.where, workflow)
    columns = _columns(query, workflow)
    if any(_is_computed(column.place) for column in columns):
        known = bounds(query.where, workflow)
        columns = [_bounded(column, known) for column in columns]
    going_on = query.after is not None
    planned = _planned(where, columns, going_on=going_on)
    return [_computed(where, columns, going_on=going_on)] if planned is None else planned


def _bounded(column: _Column, known: Bounds) -> _Column:
    """Leave out of a column what the filter excludes: that it is unset, or has other values."""
    held = column.place
    if held.unset and held.path in known.set and not held.list:
        column = replace(column, place=replace(held, unset=()))
    return replace(column, among=known.among[held.path]) if held.path in known.among else column


def _planned(
    where: Document, columns: Sequence[_Column], *, going_on: bool
) -> Sequence[Step] | None:
    """Plan finds that an index can serve one by one; None where there is no such plan."""
    first, rest = columns[0], columns[1:]
    if first.place.ranked:
        return _by_value(where, columns, going_on=going_on)
    if first.place.list or any(_is_computed(column.place) for column in rest):
        return None
    if first.place.unset:
        return _phases(where, columns, going_on=going_on)
    return _sorted(where, columns, going_on=going_on)


def _by_value(
    where: Document, columns: Sequence[_Column], *, going_on: bool
) -> Sequence[Step] | None:
    """Find the tasks with each value of the first column, one value after the other."""
    first, rest = columns[0], columns[1:]
    here = len(first.place.ranked) + 1 if first.key is None else cast(int, first.key)
    found: list[Step] = []
    for rank, part in _parts(first):
        if going_on and (here - rank) * first.direction > 0:
            continue
        planned = _planned(both(where, part), rest, going_on=going_on and rank == here)
        if planned is None or len(found) + len(planned) > MOST_STEPS:
            return None
        found += planned
    return found


def _parts(column: _Column) -> Sequence[tuple[int, Document]]:
    """List the values of a ranked column with their ranks, in the order of the column.

    What is not declared any more has one rank together, and so has what is unset.
    """
    held, among = column.place, column.among
    last = len(held.ranked)
    parts: list[tuple[int, Document]] = [
        (rank, {held.path: {"$eq": value}})
        for rank, value in enumerate(held.ranked)
        if value not in held.unset and (among is None or value in among)
    ]
    if among is None or not among <= {None, *held.ranked}:
        parts.append((last, {held.path: {"$nin": [*held.ranked, *held.unset]}}))
    if held.unset and (among is None or not among.isdisjoint(held.unset)):
        parts.append((last + 1, unset(held)))
    return parts if column.direction == ASCENDING else parts[::-1]


def beyond_task(sort: Mapping[str, int], at: int, task: ObjectId) -> Document:
    """Match what comes after a task in a natural order."""
    keys = {"at": at, "_id": task}
    columns = (_Column(Place(path=path), sort[path], keys[path]) for path in _NATURAL)
    return _beyond(*columns)


def _columns(query: Query, workflow: Compiled) -> list[_Column]:
    """List the sort columns, each once; creation time and id come last and make it total."""
    orders = query.order
    keys = _keys(query.after, len(orders))
    last = bool(orders) and orders[-1].descending
    total = (*orders, Order(CREATED, last), Order(ID, last))
    needed = [order.field for order in total].index(ID) + 1
    columns: dict[str, _Column] = {}
    for order, key in zip(total[:needed], keys, strict=False):
        here = place(workflow, order.field)
        direction = DESCENDING if order.descending else ASCENDING
        columns.setdefault(here.path, _Column(here, direction, _scalar(order, here, key)))
    return list(columns.values())


def _keys(after: After | None, orders: int) -> Sequence[object]:
    return (None,) * (orders + 2) if after is None else (*after.keys, after.created, after.id)


def _scalar(order: Order, place: Place, key: object) -> object:
    """Bring a sort value into the form the column compares.

    A list counts as its first item, a ranked value as its number.
    """
    if isinstance(key, list | tuple):
        key = key[0] if key else None
    if order.field == ID and isinstance(key, str):
        return object_id(key) or key
    if key is None or key == "":
        return None
    if not place.ranked:
        return key
    return place.ranked.index(key) if key in place.ranked else len(place.ranked)


def _sort(columns: Sequence[_Column]) -> dict[str, int]:
    return {column.place.path: column.direction for column in columns}


def _sorted(where: Document, columns: Sequence[_Column], *, going_on: bool) -> Sequence[Step]:
    """Find tasks in the order of columns that are always set."""
    if not going_on:
        return [Step(where=where, sort=_sort(columns))]
    first, rest = columns[0], columns[1:]
    path, key = first.place.path, first.key
    if [column.place.path for column in columns] == _NATURAL:
        return [Step(where=both(where, _beyond(*columns)), sort=_sort(columns))]
    further = Step(where=both(where, {path: {_further(first): key}}), sort=_sort(columns))
    if not rest:
        return [further]
    # Apart from each other an index gives exactly what is left of the two.
    equal = both(where, {path: {"$eq": key}})
    return [*_sorted(equal, rest, going_on=True), further]


def _phases(where: Document, columns: Sequence[_Column], *, going_on: bool) -> Sequence[Step]:
    """Find the tasks with a value and those without, each in its place."""
    first, rest = columns[0], columns[1:]
    with_value = both(where, is_set(first.place))
    without = both(where, unset(first.place))
    ascending = first.direction == ASCENDING
    if not going_on:
        found = _sorted(with_value, columns, going_on=False)
        blank = _sorted(without, rest, going_on=False)
        return [*found, *blank] if ascending else [*blank, *found]
    if first.key is None:
        left = _sorted(without, rest, going_on=True)
        return left if ascending else [*left, *_sorted(with_value, columns, going_on=False)]
    left = _sorted(with_value, columns, going_on=True)
    return [*left, *_sorted(without, rest, going_on=False)] if ascending else left


def _further(column: _Column) -> str:
    return "$gt" if column.direction == ASCENDING else "$lt"


def _beyond(at: _Column, task: _Column) -> Document:
    """Match what comes after a task by creation time and id.

    The time is bounded by itself, so that an index is read from there on.
    """
    moment, beyond = at.place.path, {at.place.path: {_further(at): at.key}}
    bound = {moment: {f"{_further(at)}e": at.key}}
    return {**bound, "$or": [beyond, {task.place.path: {_further(task): task.key}}]}


def _computed(where: Document, columns: Sequence[_Column], *, going_on: bool) -> Step:
    names = [
        f"k{number}" if _is_computed(column.place) else column.place.path
        for number, column in enumerate(columns)
    ]
    return Step(
        where=where,
        sort={name: column.direction for name, column in zip(names, columns, strict=True)},
        computed={
            name: _sort_key(column.place)
            for name, column in zip(names, columns, strict=True)
            if _is_computed(column.place)
        },
        beyond=_computed_beyond(names, columns) if going_on else {},
    )


def _is_computed(place: Place) -> bool:
    return bool(place.unset or place.ranked)


def _sort_key(place: Place) -> Document:
    """Compute a value that sorts above all others where the field is unset."""
    path = f"${place.path}"
    scalar = {"$cond": [{"$isArray": path}, {"$first": path}, path]}
    blank = {"$eq": [{"$ifNull": ["$$key", ""]}, ""]}
    key = _rank("$$key", place.ranked) if place.ranked else "$$key"
    return {
        "$let": {
            "vars": {"key": scalar},
            "in": {"$cond": [blank, {"$literal": _UNSET}, key]},
        }
    }


def _rank(key: str, ranked: Sequence[str]) -> Document:
    """Compute the number of a value; what is not declared any more comes after all others."""
    found = {"$indexOfArray": [{"$literal": list(ranked)}, key]}
    last = {"$cond": [{"$lt": ["$$rank", 0]}, len(ranked), "$$rank"]}
    return {"$let": {"vars": {"rank": found}, "in": last}}


def _computed_beyond(names: Sequence[str], columns: Sequence[_Column]) -> Document:
    branches = []
    equal: Document = {}
    for name, column in zip(names, columns, strict=True):
        further = _computed_further(column)
        if further is not None:
            branches.append({**equal, name: further})
        equal[name] = {"$eq": _UNSET if column.key is None else column.key}
    return {"$or": branches}


def _computed_further(column: _Column) -> Document | None:
    """Say what comes after a computed key; nothing comes after unset when ascending."""
    if column.key is None:
        return None if column.direction == ASCENDING else {"$ne": _UNSET}
    if column.direction == DESCENDING:
        return {"$lt": column.key}
    # Not `$gt`, which compares within one type and so would leave the unset ones out.
    return {"$not": {"$lte": column.key}}
