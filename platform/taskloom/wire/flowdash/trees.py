"""Filters as JSON: `and`, `or` and `not` around comparisons of titles with typed values.

A comparison is `{"field": title, "op": operator, "value": value}`; without `op` it is `eq`, and
null means unset. What is read is the same tree that the query string gives.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Final

from taskloom.errors import Fault, Path, Refusal
from taskloom.fields.base import OPERATORS, People
from taskloom.query.tree import EVERYTHING, All, Compare, Filter, Not, Some
from taskloom.schema.compiled import Compiled
from taskloom.schema.source import path_text
from taskloom.wire.exact import shortened
from taskloom.wire.flowdash.naming import CREATED_ON, UPDATED_ON, link_names, unknown_names
from taskloom.wire.flowdash.targets import Target, target

DEEPEST: Final = 8
MOST_PARTS: Final = 200

_CODE: Final = "parameter"
_FIELD: Final = "field"
_OP: Final = "op"
_VALUE: Final = "value"
_GROUPS: Final[Mapping[str, Callable[[tuple[Filter, ...]], Filter]]] = {"and": All, "or": Some}
_NOT: Final = "not"
_FORMS: Final = 'is {"and": […]}, {"or": […]}, {"not": {…}} or {"field": …, "op": …, "value": …}'
_SEVERAL: Final = frozenset({"in", "nin"})
_EQUAL: Final = frozenset({"eq", "ne"})
_IN_PART: Final = frozenset({"contains", "startswith"})


def tree(
    document: object, path: Path, workflow: Compiled, people: People, faults: list[Fault]
) -> Filter:
    """Read a filter at a place in a body, and note everything wrong with it."""
    return _Reader(workflow, people, faults).filter(document, path, 1)


class _Reader:
    """Reads one tree; `faults` fill up on the way."""

    def __init__(self, workflow: Compiled, people: People, faults: list[Fault]) -> None:
        self._workflow = workflow
        self._people = people
        self._faults = faults
        self._parts = 0

    def filter(self, said: object, path: Path, depth: int) -> Filter:
        """Read a part of the tree; what is refused counts as everything."""
        self._parts += 1
        if depth > DEEPEST or self._parts > MOST_PARTS:
            self._refuse_size(path, deep=depth > DEEPEST)
        elif not isinstance(said, dict):
            self._refuse(path, "must be an object", f"a filter {_FORMS}")
        elif len(said) == 1 and _NOT in said:
            return Not(self.filter(said[_NOT], (*path, _NOT), depth + 1))
        elif len(said) == 1 and (group := next(iter(said))) in _GROUPS:
            return self._group(group, said[group], (*path, group), depth)
        elif _FIELD in said:
            return self._comparison(said, path)
        else:
            self._refuse(path, "is no filter", f"one {_FORMS}")
        return EVERYTHING

    def _refuse_size(self, path: Path, *, deep: bool) -> None:
        """Say once that there is too much; what follows is not looked at."""
        if deep:
            self._refuse(path, f"nests deeper than {DEEPEST} filters")
        elif self._parts == MOST_PARTS + 1:
            self._refuse(path, f"is one filter too many: {MOST_PARTS} are possible")

    def _group(self, group: str, said: object, path: Path, depth: int) -> Filter:
        if not isinstance(said, list):
            self._refuse(path, "must be a list of filters")
            return EVERYTHING
        parts = [self.filter(part, (*path, n), depth + 1) for n, part in enumerate(said)]
        return _GROUPS[group](tuple(parts))

    def _comparison(self, said: Mapping[str, object], path: Path) -> Filter:
        self._faults.extend(
            _fault((*path, shortened(name)), "is not known", f"a filter {_FORMS}")
            for name in said
            if name not in {_FIELD, _OP, _VALUE}
        )
        where, op = self._target(said[_FIELD], (*path, _FIELD)), said.get(_OP, "eq")
        if not isinstance(op, str) or op not in OPERATORS:
            known = ", ".join(OPERATORS)
            self._refuse((*path, _OP), "is no operator", f"there are {known}")
        elif _VALUE not in said:
            self._refuse((*path, _VALUE), "is missing", "null means that it is unset")
        elif where is not None:
            return self._compared(where, op, said[_VALUE], path)
        return EVERYTHING

    def _target(self, name: object, path: Path) -> Target | None:
        if not isinstance(name, str):
            self._refuse(path, "must be the title of a field")
            return None
        found = target(name, self._workflow)
        if found is None and name in link_names(self._workflow):
            self._refuse(path, "is a link, which lists can't be filtered by")
        elif found is None:
            (fault,) = unknown_names([name], self._workflow, (CREATED_ON, UPDATED_ON))
            self._refuse(path, fault.message, fault.hint)
        return found

    def _compared(self, where: Target, op: str, value: object, path: Path) -> Filter:
        here = (*path, _OP)
        try:
            where.require(op, presence=value is None)
            here = (*path, _VALUE)
            return self._read(where, op, value)
        except Refusal as refusal:
            self._refuse((*here, *refusal.path), refusal.message, refusal.hint)
            return EVERYTHING

    def _read(self, where: Target, op: str, value: object) -> Filter:
        if op in _EQUAL:
            return where.equality(op, self._operand(where, value))
        if op in _SEVERAL:
            return where.among(op, self._operands(where, value))
        if op == "exists":
            if not isinstance(value, bool):
                raise Refusal(_CODE, "must be true or false")
            return Compare(where.field, op, value)
        if value is None or (op in _IN_PART and value == ""):
            raise Refusal(_CODE, "can't be blank")
        if op in _IN_PART and where.is_text:
            if not isinstance(value, str):
                raise Refusal(_CODE, "must be text")
            return Compare(where.field, op, value)
        return Compare(where.field, op, where.read(value, self._people))

    def _operand(self, where: Target, value: object) -> object:
        return None if value is None else where.read(value, self._people)

    def _operands(self, where: Target, values: object) -> Sequence[object]:
        if not isinstance(values, list):
            raise Refusal(_CODE, "must be a list")
        read: list[object] = []
        for number, value in enumerate(values):
            try:
                read.append(self._operand(where, value))
            except Refusal as refusal:
                raise Refusal(_CODE, refusal.message, refusal.hint, (number,)) from None
        return read

    def _refuse(self, path: Path, message: str, hint: str = "") -> None:
        self._faults.append(_fault(path, message, hint))


def _fault(path: Path, message: str, hint: str = "") -> Fault:
    """Say where in the body: no key of a field could be meant by that."""
    return Fault(path=(path_text(path),), code=_CODE, message=message, hint=hint)
