"""What a list's address asks for: filter, order, size of a page, and where to go on."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final
from urllib.parse import quote, unquote_plus

from werkzeug.datastructures import MultiDict

from taskloom.errors import Fault, Invalid, Refusal
from taskloom.model.task import Task
from taskloom.query.cursor import LONGEST, decode, encode, require_cursor
from taskloom.query.tree import CREATED, EVERYTHING, STAGE, UPDATED, After, Order, Query
from taskloom.wire.facades import Facing
from taskloom.wire.workiva import drafts, filters, names

LARGEST_PAGE: Final = 1000
PARAMETERS: Final = (names.FILTER, names.ORDER_BY, names.PAGE_SIZE, names.NEXT)

_COUNT: Final = re.compile(r"[0-9]{1,4}")
_IN_A_QUERY: Final = "!$&'()*+,;=:@/?%"
_PARAMETER: Final = "InvalidParameter"


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """A page of a list: its query, which asks for no more than `size` tasks."""

    query: Query
    size: int

    @property
    def one_more(self) -> Query:
        """The query with one task more, which tells whether another page follows."""
        return replace(self.query, limit=self.size + 1)

    def after(self, last: Task, facing: Facing) -> str:
        """Return the cursor of what comes after a task of this list.

        Raises `Invalid` where the values sorted by are too long to stand in an address.
        """
        keys = tuple(_sort_value(order.field, last, facing) for order in self.query.order)
        after = After(keys=keys, created=last.created, id=last.id)
        cursor = encode(after, self.query.order, self.query.where)
        if len(cursor) > LONGEST:
            message = "has values that are too long to go on from one page to the next"
            raise Invalid([Fault(path=(names.ORDER_BY,), code=_PARAMETER, message=message)])
        return cursor


def asked(parameters: MultiDict[str, str], facing: Facing) -> Asked:
    """Read a list's parameters, or raise `Invalid` with everything wrong with them."""
    faults = require_known(parameters, PARAMETERS)
    once = _once(parameters, faults)
    text = once.get(names.FILTER, "").strip()
    where = filters.where(text, facing, faults) if text else EVERYTHING
    order: tuple[Order, ...] = ()
    if names.ORDER_BY in once:
        order = filters.order(once[names.ORDER_BY], facing, faults)
    size = _size(once.get(names.PAGE_SIZE, str(LARGEST_PAGE)), faults)
    query = Query(where=where, order=order)
    after = _after(once[names.NEXT], query, faults) if names.NEXT in once else None
    if faults:
        raise Invalid(faults)
    return Asked(query=replace(query, after=after), size=size)


def require_known(parameters: MultiDict[str, str], known: Sequence[str] = ()) -> list[Fault]:
    """Refuse parameters that an address does not know."""
    odd = [name for name in parameters if name not in known]
    return drafts.unknown(odd, known, "is not a parameter here")


def _once(parameters: MultiDict[str, str], faults: list[Fault]) -> Mapping[str, str]:
    faults += [
        Fault(path=(name,), code=_PARAMETER, message="can be given once")
        for name in PARAMETERS
        if len(parameters.getlist(name)) > 1
    ]
    return parameters.to_dict()


def _size(text: str, faults: list[Fault]) -> int:
    count = int(text) if _COUNT.fullmatch(text) else 0
    if not 1 <= count <= LARGEST_PAGE:
        message = f"must be a whole number from 1 to {LARGEST_PAGE}"
        faults.append(Fault(path=(names.PAGE_SIZE,), code=_PARAMETER, message=message))
    return count


def _after(text: str, query: Query, faults: list[Fault]) -> After | None:
    """Read a place in a list; where that has faults, see that it is a place at all."""
    try:
        if not faults:
            return decode(text, query.order, query.where)
        require_cursor(text)
    except Refusal as refusal:
        faults.append(Fault(path=(names.NEXT,), code=_PARAMETER, message=refusal.message))
    return None


def _sort_value(field: str, task: Task, facing: Facing) -> object:
    """Return what a task is sorted by, as it is stored; of a list its first item."""
    built_in = {STAGE: task.stage, CREATED: task.created, UPDATED: task.updated}
    if field in built_in:
        return built_in[field]
    value = task.values.get(field)
    if value is None:
        return None
    codec = facing.workflow.codecs[field]
    stored: Any = codec.pack(value)
    if codec.within:
        stored = stored[codec.within]
    if isinstance(stored, list):
        return stored[0] if stored else None
    return stored


def next_link(path: str, query: bytes, cursor: str) -> str:
    """Return a path with its query, as it was asked, and another cursor."""
    kept = [
        part
        for part in quote(query, safe=_IN_A_QUERY).split("&")
        if part and unquote_plus(part.partition("=")[0]) != names.NEXT
    ]
    return f"{quote(path, safe='/')}?{'&'.join([*kept, f'{names.NEXT}={cursor}'])}"
