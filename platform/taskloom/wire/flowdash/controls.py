"""The control parameters of lists: `_limit`, `_cursor`, `_sort`, `_fields`, `_count` (and `_q`).

Lists of titles are separated by commas; a title with a comma stands alone in a parameter of its
own, which may be repeated.
"""

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Final, Literal

from taskloom.errors import Fault, Refusal
from taskloom.query.cursor import decode, require_cursor
from taskloom.query.tree import After, Filter, Order
from taskloom.schema.compiled import Compiled
from taskloom.wire.flowdash.naming import (
    ASSIGNED_TO,
    STAGE,
    TASK_URL,
    link_names,
    unknown_names,
)
from taskloom.wire.flowdash.targets import Target, target

LIMIT: Final = "_limit"
CURSOR: Final = "_cursor"
SORT: Final = "_sort"
FIELDS: Final = "_fields"
WORDS: Final = "_q"
COUNT: Final = "_count"
CONTROLS: Final = (LIMIT, CURSOR, SORT, FIELDS, WORDS, COUNT)

Count = Literal["exact", "estimate"]
COUNTS: Final[Mapping[str, Count]] = {"exact": "exact", "estimate": "estimate"}

LARGEST_PAGE: Final = 1000
MOST_ORDERS: Final = 8
_DIGITS: Final = re.compile(r"[0-9]{1,4}")


def limit(given: Sequence[str], faults: list[Fault]) -> int | None:
    """Read `_limit`."""
    if not given:
        return None
    count = int(given[0]) if len(given) == 1 and _DIGITS.fullmatch(given[0]) else 0
    if 1 <= count <= LARGEST_PAGE:
        return count
    faults.append(_fault(LIMIT, f"must be a whole number from 1 to {LARGEST_PAGE}"))
    return None


def count(given: Sequence[str], faults: list[Fault]) -> Count | None:
    """Read `_count`."""
    if not given:
        return None
    found = COUNTS.get(given[0]) if len(given) == 1 else None
    if found is None:
        faults.append(_fault(COUNT, f"must be {' or '.join(COUNTS)}"))
    return found


def after(
    given: Sequence[str], order: Sequence[Order], where: Filter, faults: list[Fault]
) -> After | None:
    """Read `_cursor`, which belongs to a list; where that has faults, see that it is one at all."""
    if not given:
        return None
    try:
        if len(given) > 1:
            faults.append(_fault(CURSOR, "can be given once"))
        elif faults:
            require_cursor(given[0])
        else:
            return decode(given[0], order, where)
    except Refusal as refusal:
        faults.append(refusal.at(CURSOR))
    return None


def order(given: Sequence[str], workflow: Compiled, faults: list[Fault]) -> tuple[Order, ...]:
    """Read `_sort`: titles, each with `-` before it for descending."""
    orders: list[Order] = []
    for name in _titles(given, lambda name: _directed(name, workflow) is not None):
        found = _directed(name, workflow)
        if found is None:
            _refuse(SORT, name.removeprefix("-"), workflow, faults)
        elif not found[0].sortable:
            faults.append(_fault(SORT, f"{name.removeprefix('-')!r} has no order to sort by"))
        else:
            orders.append(Order(found[0].field, found[1]))
    if len(orders) > MOST_ORDERS:
        faults.append(_fault(SORT, f"must have at most {MOST_ORDERS} titles"))
    return tuple(orders)


def _directed(name: str, workflow: Compiled) -> tuple[Target, bool] | None:
    """Find what to sort by and whether descending; a title that begins with `-` wins."""
    found = target(name, workflow)
    if found is not None:
        return found, False
    found = target(name[1:], workflow) if name.startswith("-") else None
    return (found, True) if found else None


def only(given: Sequence[str], workflow: Compiled, faults: list[Fault]) -> frozenset[str] | None:
    """Read `_fields`: the titles to show."""
    if not given:
        return None
    known = {STAGE, ASSIGNED_TO, TASK_URL, *workflow.keys, *link_names(workflow)}
    titles = frozenset(_titles(given, known.__contains__))
    for title in sorted(titles - known):
        _refuse(FIELDS, title, workflow, faults)
    return titles


def _titles(given: Sequence[str], known: Callable[[str], bool]) -> Iterator[str]:
    for text in given:
        if known(text):
            yield text
            continue
        for part in text.split(","):
            yield part if known(part) else part.strip()


def _refuse(name: str, title: str, workflow: Compiled, faults: list[Fault]) -> None:
    (fault,) = unknown_names([title], workflow)
    faults.append(_fault(name, f"{fault.path[0]!r} {fault.message}", fault.hint))


def _fault(name: str, message: str, hint: str = "") -> Fault:
    return Fault(path=(name,), code="parameter", message=message, hint=hint)
