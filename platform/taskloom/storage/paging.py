"""Sorted lists: which finds, one after the other, give tasks in the order a query asks for.

MongoDB puts unset values first when ascending; a query puts them last. Where only the first order
can meet unset values, two finds in a row do that and both can use an index; otherwise the server
computes sort keys.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from bson.max_key import MaxKey
from bson.objectid import ObjectId

from taskloom.query.tree import CREATED, ID, After, Order, Query
from taskloom.schema.compiled import Compiled
from taskloom.storage.client import Document
from taskloom.storage.documents import object_id
from taskloom.storage.filters import Place, both, compiled, is_set, place, unset

ASCENDING, DESCENDING = 1, -1

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
        return list(self.sort) == ["at", "_id"]


@dataclass(frozen=True, slots=True)
class _Column:
    """One sort column with the value of the last task seen; `key` is None where it was unset."""

    place: Place
    direction: int
    key: object = None


def steps(query: Query, workflow: Compiled) -> Sequence[Step]:
    """Plan a query: the results of these finds, in sequence, are the answer."""
    where = compiled(query.where, workflow)
    columns = _columns(query, workflow)
    going_on = query.after is not None
    if any(column.place.list or column.place.ranked for column in columns) or any(
        column.place.unset for column in columns[1:]
    ):
        return [_computed(where, columns, going_on=going_on)]
    if columns[0].place.unset:
        return _phases(where, columns, going_on=going_on)
    return [_plain(where, columns, going_on=going_on)]


def beyond_task(sort: Mapping[str, int], at: int, task: ObjectId) -> Document:
    """Match what comes after a task in a natural order."""
    keys = {"at": at, "_id": task}
    return _beyond([_Column(Place(path=path), way, keys[path]) for path, way in sort.items()])


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


def _plain(where: Document, columns: Sequence[_Column], *, going_on: bool) -> Step:
    boundary = _beyond(columns) if going_on else {}
    return Step(where=both(where, boundary), sort=_sort(columns))


def _phases(where: Document, columns: Sequence[_Column], *, going_on: bool) -> Sequence[Step]:
    """Find the tasks with a value and those without, each in its place."""
    first, rest = columns[0], columns[1:]
    with_value = both(where, is_set(first.place))
    without = both(where, unset(first.place))
    if not going_on:
        found = [
            _plain(with_value, columns, going_on=False),
            _plain(without, rest, going_on=False),
        ]
        return found if first.direction == ASCENDING else found[::-1]
    if first.key is None:
        left = [_plain(without, rest, going_on=True)]
        then = _plain(with_value, columns, going_on=False)
        return left if first.direction == ASCENDING else [*left, then]
    left = [_plain(with_value, columns, going_on=True)]
    then = _plain(without, rest, going_on=False)
    return [*left, then] if first.direction == ASCENDING else left


def _beyond(columns: Sequence[_Column]) -> Document:
    """Match what sorts after the keys: equal in some columns, further on in the next."""
    branches = []
    equal: Document = {}
    for column in columns:
        further = "$gt" if column.direction == ASCENDING else "$lt"
        path = column.place.path
        branches.append({**equal, path: {further: column.key}})
        equal[path] = {"$eq": column.key}
    return {"$or": branches}


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
        further = _further(column)
        if further is not None:
            branches.append({**equal, name: further})
        equal[name] = {"$eq": _UNSET if column.key is None else column.key}
    return {"$or": branches}


def _further(column: _Column) -> Document | None:
    """Say what comes after a computed key; nothing comes after unset when ascending."""
    if column.key is None:
        return None if column.direction == ASCENDING else {"$ne": _UNSET}
    if column.direction == DESCENDING:
        return {"$lt": column.key}
    # Not `$gt`, which compares within one type and so would leave the unset ones out.
    return {"$not": {"$lte": column.key}}
