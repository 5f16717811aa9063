"""What `$filter` and `$orderBy` ask for, as filters and orders of the workflow behind the mount."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Final

from taskloom.errors import Fault, Refusal
from taskloom.fields.base import encodable
from taskloom.fields.moment import moment
from taskloom.query import tree
from taskloom.query.tree import EVERYTHING, All, Compare, Filter, Order, Some
from taskloom.wire.exact import shortened
from taskloom.wire.facades import Facing
from taskloom.wire.plus import with_plus
from taskloom.wire.workiva import names
from taskloom.wire.workiva.dates import with_time
from taskloom.wire.workiva.grammar import Comparison, Direction, comparisons, directions

INVALID_FILTER: Final = "InvalidFilter"
INVALID_ORDER: Final = "InvalidOrder"

_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_MILLISECOND: Final = timedelta(milliseconds=1)
_NOBODY: Final = ""
_EQUAL: Final = ("eq",)
_MEMBERS: Final = ("eq", "in")
_ORDERED: Final = ("eq", "lt", "gt", "le", "ge")
_OPS: Final[Mapping[str, str]] = {
    "eq": "eq",
    "lt": "lt",
    "gt": "gt",
    "le": "lte",
    "ge": "gte",
    "contains": "contains",
    "in": "in",
}

_Where = Callable[[Comparison, Facing], Filter]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Property:
    """What can be asked about a property; `field` is the built-in it is.

    Otherwise it is a field, or within one that is `named` in another way.
    """

    operators: Sequence[str]
    where: _Where
    sortable: bool = True
    field: str | None = None
    named: str | None = None


def where(text: str, facing: Facing, faults: list[Fault]) -> Filter:
    """Read a filter; note everything that is wrong with it."""
    try:
        asked = comparisons(text)
    except Refusal as refusal:
        faults.append(_fault(names.FILTER, INVALID_FILTER, refusal.message, refusal.hint))
        return EVERYTHING
    parts = [_filter(one, facing, faults) for one in asked]
    return parts[0] if len(parts) == 1 else All(tuple(parts))


def order(text: str, facing: Facing, faults: list[Fault]) -> tuple[Order, ...]:
    """Read an order; note everything that is wrong with it."""
    found: dict[str, Order] = {}
    for part in directions(text):
        known = _known(part.name, facing)
        if known is None or not known.sortable:
            faults.append(_unordered(part, f"one of {', '.join(_sortable(facing))}"))
        elif part.name in found:
            faults.append(_unordered(part, f"{part.name} is named twice"))
        else:
            field = known.field or facing.key(known.named or part.name) or part.name
            found[part.name] = Order(field, part.descending)
    # The type of all tasks is the same.
    return tuple(one for name, one in found.items() if name != names.TASK_TYPE)


def _unordered(part: Direction, hint: str) -> Fault:
    message = f"Ordering by {shortened(part.text)!r} is not supported"
    return _fault(names.ORDER_BY, INVALID_ORDER, message, hint, part.name or part.text)


def _sortable(facing: Facing) -> list[str]:
    return [name for name, known in _PROPERTIES.items() if known.sortable and _known(name, facing)]


def _known(name: str, facing: Facing) -> _Property | None:
    """Return a property; one whose field is not there, or not for this actor, is unknown."""
    known = _PROPERTIES.get(name)
    if known is None or known.field is not None:
        return known
    return known if facing.key(known.named or name) is not None else None


def _filter(asked: Comparison, facing: Facing, faults: list[Fault]) -> Filter:
    known = _known(asked.name, facing)
    if known is None:
        there = [name for name in _PROPERTIES if _known(name, facing) is not None]
        message = f"Filtering by {shortened(asked.name)!r} is not supported"
        hint = f"one of {', '.join(there)}"
    elif asked.op not in known.operators:
        message = f"{asked.name} can't be filtered by {asked.op}"
        hint = f"possible are {', '.join(known.operators)}"
    else:
        try:
            return known.where(asked, facing)
        except Refusal as refusal:
            message, hint = f"the value for {asked.name} {refusal.message}", refusal.hint
    faults.append(_fault(names.FILTER, INVALID_FILTER, message, hint, asked.name))
    return EVERYTHING


def _fault(parameter: str, code: str, message: str, hint: str = "", target: str = "") -> Fault:
    path = (parameter, shortened(target)) if target else (parameter,)
    return Fault(path=path, code=code, message=message, hint=hint)


# --- what each property compares -----------------------------------------------------------------


def _field(asked: Comparison, facing: Facing) -> Filter:
    """Compare a field by its own kind; a part of a text is looked for as it is."""
    key = facing.key(asked.name) or asked.name
    (text,) = asked.values
    if asked.op == "contains":
        return Compare(key, "contains", _searched(text))
    unset = ("", names.NULL) if asked.name == names.DUE else ("",)
    if text in unset and asked.op == "eq":
        return Compare(key, "eq", None)
    sent = with_time(with_plus(text)) if asked.name == names.DUE else text
    operand = facing.workflow.codecs[key].operand(sent, facing.people)
    return Compare(key, _OPS[asked.op], operand)


def _searched(text: str) -> str:
    if not text:
        raise Refusal("blank", "can't be blank")
    return text


def _members(field: str | None) -> _Where:
    """Make the comparison of a list of users; whom nobody knows matches nothing."""

    def where(asked: Comparison, facing: Facing) -> Filter:
        key = field or facing.key(names.STEPS) or names.STEPS
        people = facing.people
        users = tuple(
            (people.id_of(text) if encodable(text) else None) or _NOBODY for text in asked.values
        )
        return Compare(key, "in", users) if asked.op == "in" else Compare(key, "eq", users[0])

    return where


def _status(asked: Comparison, facing: Facing) -> Filter:
    """Compare the stage; a status that no task can have finds nothing."""
    keys = (key for text in asked.values for key in facing.stage_keys(text))
    return Compare(tree.STAGE, "in", tuple(dict.fromkeys(keys)))


def _type(asked: Comparison, _facing: Facing) -> Filter:
    (text,) = asked.values
    return EVERYTHING if _searched(text).lower() in names.THE_TYPE.lower() else Some()


def _time(field: str) -> _Where:
    """Make the comparison of a moment that is kept to the millisecond, exact beyond that."""

    def where(asked: Comparison, facing: Facing) -> Filter:
        (text,) = asked.values
        at = datetime.fromisoformat(moment(with_time(with_plus(text)), facing.people)) - _EPOCH
        whole, rest = divmod(at, _MILLISECOND)
        op = _OPS[asked.op]
        if rest and op == "eq":
            return Some()
        # Nothing lies between the millisecond before and a moment within one.
        beyond = {"gte": "gt", "lt": "lte"} if rest else {}
        return Compare(field, beyond.get(op, op), whole)

    return where


_PROPERTIES: Final[Mapping[str, _Property]] = {
    names.PARTICIPANTS: _Property(operators=_MEMBERS, where=_members(None), named=names.STEPS),
    names.ASSIGNEES: _Property(
        operators=_MEMBERS, where=_members(tree.ASSIGNEE), sortable=False, field=tree.ASSIGNEE
    ),
    names.CREATED: _Property(operators=_ORDERED, where=_time(tree.CREATED), field=tree.CREATED),
    names.MODIFIED: _Property(operators=_ORDERED, where=_time(tree.UPDATED), field=tree.UPDATED),
    names.DUE: _Property(operators=_ORDERED, where=_field),
    names.RESOURCE: _Property(operators=_EQUAL, where=_field, sortable=False),
    names.SEGMENT: _Property(operators=_EQUAL, where=_field, sortable=False),
    names.STATUS: _Property(operators=_MEMBERS, where=_status, field=tree.STAGE),
    names.TASK_TYPE: _Property(operators=("contains",), where=_type, field=names.TASK_TYPE),
    names.TITLE: _Property(operators=("contains",), where=_field),
}
