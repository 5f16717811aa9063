"""What a filter or sort name stands for: a field, or one of the built-ins by its title."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Final, cast

from taskloom.errors import ASSIGNEE, STAGE, Path, Refusal
from taskloom.fields.base import EQUALITY, KINDS, OPERATORS, ORDER, People
from taskloom.fields.moment import day, moment
from taskloom.model.values import Value
from taskloom.query.tree import CREATED, UID, UPDATED, Compare
from taskloom.schema.compiled import Compiled
from taskloom.wire.flowdash.naming import ASSIGNED_TO, CREATED_ON, UPDATED_ON
from taskloom.wire.flowdash.naming import STAGE as STAGE_TITLE

_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_NOBODY: Final = ""
_TIMES: Final = {CREATED_ON: CREATED, UPDATED_ON: UPDATED}
_DAY_LENGTH: Final = len("2025-01-31")


def _no_text(_value: object, _people: People) -> object:
    raise Refusal("invalid", "must be text")


@dataclass(frozen=True, slots=True, kw_only=True)
class Target:
    """One thing to filter or sort by.

    `equal` is where equality looks, which for a unique ID is the canonical text that is indexed;
    `path` is where faults are told; `operand` reads a filter's text, and `typed` a JSON value that
    is no text, or raises `Refusal`.
    """

    field: str
    equal: str
    path: Path
    operators: frozenset[str]
    operand: Callable[[str, People], object]
    typed: Callable[[object, People], object] = _no_text
    canonical: Callable[[object], object] | None = None

    @property
    def sortable(self) -> bool:
        """Has one value a task, in an order that means something to people."""
        ordered = "gt" in self.operators or "contains" not in self.operators
        return ordered and "eq" in self.operators and self.field != ASSIGNEE

    @property
    def is_text(self) -> bool:
        """Holds text that may be looked for in part."""
        return "startswith" in self.operators

    def require(self, op: str, *, presence: bool) -> None:
        """Raise `Refusal` for an operator it does not take; whether it is set can be asked always.

        `presence` tells that the comparison asks for nothing else.
        """
        if op in self.operators or (presence and op == "eq"):
            return
        known = ", ".join(f"[{known}]" for known in OPERATORS if known in self.operators)
        raise Refusal("operator", f"can't be filtered by [{op}]", f"possible are {known}")

    def read(self, value: object, people: People) -> object:
        """Read an operand, or raise `Refusal`."""
        if isinstance(value, str):
            return self.operand(value, people)
        return self.typed(value, people)

    def equality(self, op: str, value: object) -> Compare:
        """Compare with a value read before; None means unset."""
        if value is None:
            return Compare(self.field, op, None)
        return Compare(self.equal, op, self._canonical(value))

    def among(self, op: str, values: Iterable[object]) -> Compare:
        """Look for one of several values read before; None among them means unset."""
        operands = (None if value is None else self._canonical(value) for value in values)
        return Compare(self.equal, op, tuple(operands))

    def _canonical(self, value: object) -> object:
        return value if self.canonical is None else self.canonical(value)


def target(name: str, workflow: Compiled) -> Target | None:
    """Return what a title stands for in this workflow, or None."""
    key = workflow.keys.get(name)
    if key is not None:
        return _field(key, workflow)
    if name == STAGE_TITLE:
        return Target(
            field=STAGE,
            equal=STAGE,
            path=(STAGE,),
            operators=EQUALITY,
            operand=lambda text, _people: _stage(text, workflow),
        )
    if name == ASSIGNED_TO:
        return Target(
            field=ASSIGNEE, equal=ASSIGNEE, path=(ASSIGNEE,), operators=EQUALITY, operand=_person
        )
    if name in _TIMES:
        field = _TIMES[name]
        return Target(field=field, equal=field, path=(name,), operators=ORDER, operand=_time)
    return None


def _field(key: str, workflow: Compiled) -> Target:
    field, codec = workflow.fields[key], workflow.codecs[key]
    operators = KINDS[field.kind].operators(field)
    unique = key == workflow.workflow.unique_id
    return Target(
        field=key,
        equal=UID if unique else key,
        path=(key,),
        operators=operators,
        operand=codec.operand,
        # What is compared with a list are its items, all of which are texts.
        typed=_no_text if "contains" in operators else codec.parse,
        canonical=(lambda value: workflow.unique_text(cast(Value, value))) if unique else None,
    )


def _stage(name: str, workflow: Compiled) -> str:
    key = workflow.stage_keys.get(name)
    if key is None:
        raise Refusal("invalid", "is not a stage")
    return key


def _person(email: str, people: People) -> str:
    """Read an e-mail; one that nobody has matches nobody."""
    return people.id_of(email) or _NOBODY


def _time(text: str, people: People) -> int:
    """Read a date (its midnight in UTC) or a date and time as a moment."""
    if len(text) == _DAY_LENGTH:
        text = f"{day(text, people)}T00:00:00Z"
    at = datetime.fromisoformat(moment(text, people))
    return (at - _EPOCH) // timedelta(milliseconds=1)
