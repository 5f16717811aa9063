"""What a filter leaves open of the values that a list is sorted by."""

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from typing import cast

from taskloom.query.serving import conjuncts
from taskloom.query.tree import Compare, Filter
from taskloom.schema.compiled import Compiled
from taskloom.storage.filters import Place, place

_GREATER = frozenset({"gt", "gte"})
_ORDERED = frozenset({*_GREATER, "lt", "lte"})
_IN_PART = frozenset({"contains", "startswith"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Bounds:
    """By the path of a value: whether it is set for certain, and which values are possible.

    None among these stands for unset. What is not named has every value.
    """

    set: frozenset[str]
    among: Mapping[str, frozenset[object]]


def bounds(where: Filter, workflow: Compiled) -> Bounds:
    """Gather what all parts of a filter say about single values."""
    certain: set[str] = set()
    among: dict[str, frozenset[object]] = {}
    for path, held, part in _compared(where, workflow):
        if _is_set(held, part):
            certain.add(path)
        values = _values(part) if held.ranked else None
        if values is not None:
            possible = frozenset(values)
            among[path] = among.get(path, possible) & possible
    return Bounds(set=frozenset(certain), among=among)


def _compared(where: Filter, workflow: Compiled) -> Iterator[tuple[str, Place, Compare]]:
    for part in conjuncts(where):
        if isinstance(part, Compare):
            held = place(workflow, part.field)
            if not held.list:
                yield held.path, held, part


def _is_set(held: Place, part: Compare) -> bool:
    """Tell whether only set values match; an empty text is unset and yet less than others."""
    op, operand = part.op, part.operand
    if op in _ORDERED and "" not in held.unset:
        return True
    if op in _GREATER or op in _IN_PART:
        return op == "gt" or operand != ""
    if op == "ne":
        return operand is None
    if op == "exists":
        return bool(operand)
    values = _values(part)
    return values is not None and None not in values and "" not in values


def _values(part: Compare) -> Collection[object] | None:
    if part.op == "eq":
        return (part.operand,)
    return cast(Collection[object], part.operand) if part.op == "in" else None
