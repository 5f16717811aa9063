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
from taskloom.fields.base import People
from taskloom.query.tree import All, Compare, Filter, Some, Words
from taskloom.query.words import words
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
        yield from searched(text, workflow, faults)
    if not workflow.workflow.ignore_unknown:
        also = (CREATED_ON, UPDATED_ON, *CONTROLS)
        faults.extend(_told(fault, workflow) for fault in unknown_names(unknown, workflow, also))


def searched(text: str, workflow: Compiled, faults: list[Fault]) -> Iterator[Filter]:
    """Yield what `_q` asks for, which is nothing where it is blank."""
    if not text.strip():
        return
    if workflow.workflow.search and not list(words(text)):
        faults.append(Fault(path=(WORDS,), code="parameter", message="has no letter and no digit"))
    yield Words(text)


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
    where.require(op, presence=not any(texts))
    parts = tuple(_READERS[op](where, op, text, people) for text in texts)
    if len(parts) == 1:
        return parts[0]
    return All(parts) if op in _NEGATIVE else Some(parts)


def _equality(where: Target, op: str, text: str, people: People) -> Filter:
    return where.equality(op, where.operand(text, people) if text else None)


def _several(where: Target, op: str, text: str, people: People) -> Filter:
    try:
        items = next(csv.reader([text], strict=True), [""])
    except csv.Error:
        raise Refusal("list", "is not a comma list") from None
    return where.among(op, [where.operand(item, people) if item else None for item in items])


def _order(where: Target, op: str, text: str, people: People) -> Filter:
    return Compare(where.field, op, where.operand(text, people))


def _partial(where: Target, op: str, text: str, people: People) -> Filter:
    """Look for a part of a text, or for a member of a list."""
    if not text:
        raise Refusal("blank", "can't be blank")
    return Compare(where.field, op, text if where.is_text else where.operand(text, people))


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
