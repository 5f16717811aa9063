"""Filters of the query string.

`Title=value` compares typed values, an empty value means unset, a repeated name means OR.
`Title[op]=value` takes the operators of the field's kind; `in` and `nin` take comma lists, where
double quotes hold an item with a comma together. What bears different names all has to hold.
"""

import csv
import re
from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Final

from werkzeug.datastructures import MultiDict

from taskloom.errors import Fault, Refusal
from taskloom.fields.base import OPERATORS, People
from taskloom.query.tree import All, Compare, Filter, Some, Words
from taskloom.schema.compiled import Compiled
from taskloom.wire.flowdash.controls import CONTROLS, WORDS
from taskloom.wire.flowdash.naming import CREATED_ON, UPDATED_ON, link_names, unknown_names
from taskloom.wire.flowdash.targets import Target, target

_OPERATOR: Final = re.compile(r"(?P<title>.+)\[(?P<op>[a-z]+)\]", re.DOTALL)
_TRUTH: Final = {"true": True, "false": False}
_NEGATIVE: Final = frozenset({"ne", "nin"})


def filters(
    parameters: MultiDict[str, str], workflow: Compiled, people: People, faults: list[Fault]
) -> Iterator[Filter]:
    """Yield a filter for each name that is no control parameter; note what is wrong."""
    unknown: list[str] = []
    for name, texts in parameters.lists():
        if name in CONTROLS:
            continue
        found = _named(name, workflow)
        if found is None:
            unknown.append(name)
            continue
        where, op = found
        try:
            yield _filter(where, op, texts, people)
        except Refusal as refusal:
            faults.append(refusal.at(*where.path))
    for text in parameters.getlist(WORDS):
        if text.strip():
            yield Words(text)
    if not workflow.workflow.ignore_unknown:
        also = (CREATED_ON, UPDATED_ON, *CONTROLS)
        faults.extend(_told(fault, workflow) for fault in unknown_names(unknown, workflow, also))


def _told(fault: Fault, workflow: Compiled) -> Fault:
    """Say of a link what it is."""
    if fault.path[0] not in link_names(workflow):
        return fault
    return replace(fault, message="is a link, which lists can't be filtered by", hint="")


def _named(name: str, workflow: Compiled) -> tuple[Target, str] | None:
    """Find the target and operator of a name; a title that looks like an operator wins."""
    exact = target(name, workflow)
    if exact is not None:
        return exact, "eq"
    match = _OPERATOR.fullmatch(name)
    found = target(match["title"], workflow) if match else None
    return (found, match["op"]) if match and found else None


def _filter(where: Target, op: str, texts: Sequence[str], people: People) -> Filter:
    asks_presence = op == "eq" and not any(texts)
    if op not in where.operators and not asks_presence:
        known = ", ".join(f"[{known}]" for known in OPERATORS if known in where.operators)
        raise Refusal("operator", f"can't be filtered by [{op}]", f"possible are {known}")
    parts = tuple(_READERS[op](where, op, text, people) for text in texts)
    if len(parts) == 1:
        return parts[0]
    return All(parts) if op in _NEGATIVE else Some(parts)


def _equality(where: Target, op: str, text: str, people: People) -> Filter:
    if not text:
        return Compare(where.field, op, None)
    return Compare(where.equal, op, _operand(where, text, people))


def _several(where: Target, op: str, text: str, people: People) -> Filter:
    try:
        items = next(csv.reader([text], strict=True), [""])
    except csv.Error:
        raise Refusal("list", "is not a comma list") from None
    operands = (_operand(where, item, people) if item else None for item in items)
    return Compare(where.equal, op, tuple(operands))


def _operand(where: Target, text: str, people: People) -> object:
    value = where.operand(text, people)
    return value if where.canonical is None else where.canonical(value)


def _order(where: Target, op: str, text: str, people: People) -> Filter:
    return Compare(where.field, op, where.operand(text, people))


def _partial(where: Target, op: str, text: str, people: People) -> Filter:
    """Look for a part of a text, or for a member of a list."""
    if not text:
        raise Refusal("blank", "can't be blank")
    is_text = "startswith" in where.operators
    return Compare(where.field, op, text if is_text else where.operand(text, people))


def _presence(where: Target, op: str, text: str, _people: People) -> Filter:
    if text not in _TRUTH:
        raise Refusal("truth", "must be true or false")
    return Compare(where.field, op, _TRUTH[text])


_READERS: Final = {
    "eq": _equality,
    "ne": _equality,
    "gt": _order,
    "gte": _order,
    "lt": _order,
    "lte": _order,
    "in": _several,
    "nin": _several,
    "contains": _partial,
    "startswith": _partial,
    "exists": _presence,
}
