"""Filters as MongoDB reads them. Nothing else builds one.

Operands only ever stand behind an operator (`{"$eq": operand}`), so no value can act as one.
"""

import re
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import cast

from bson.regex import Regex

from taskloom.errors import TooLarge
from taskloom.fields.base import IDENTITY
from taskloom.query.tree import (
    ASSIGNEE,
    BY,
    CREATED,
    ID,
    STAGE,
    UID,
    UPDATED,
    All,
    Compare,
    Filter,
    Not,
    Some,
    Words,
)
from taskloom.query.words import words
from taskloom.schema.compiled import Compiled
from taskloom.storage.client import Document
from taskloom.storage.documents import object_id
from taskloom.storage.words import WORDS, token

NOTHING: Mapping[str, object] = {"_id": {"$in": []}}

# Kinds whose values are looked through where a workflow does not say which fields are searched.
SEARCHED = frozenset({"text", "longText", "email", "url", "phone", "singleSelect"})

# MongoDB refuses patterns beyond some 32,000 bytes, and escaping may double a text.
LONGEST_SEARCH = 4_000

_ABSENT: tuple[object, ...] = (None,)
_TEXT_UNSET: tuple[object, ...] = (None, "")
_LIST_UNSET: tuple[object, ...] = (None, [])


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """Where a field stands in the document, and how it is stored there.

    `unset` are the stored forms that count as unset; none means that it is always set. `ranked`
    are the values in the order they sort in, where that is not their own.
    """

    path: str
    pack: Callable[[object], object] = IDENTITY
    unset: tuple[object, ...] = ()
    list: bool = False
    ranked: tuple[str, ...] = ()


_BUILT_IN: Mapping[str, Place] = {
    # Text that is no id stays text, which equals no id and is not ordered among them.
    ID: Place(path="_id", pack=lambda text: object_id(text) or text),
    UID: Place(path="uid", unset=_ABSENT),
    BY: Place(path="by", unset=_ABSENT),
    CREATED: Place(path="at"),
    UPDATED: Place(path="up"),
}


def place(workflow: Compiled, field: str) -> Place:
    """Find a field or built-in in the document."""
    if field == STAGE:
        return Place(path="stage", ranked=tuple(workflow.stages))
    if field == ASSIGNEE:
        return Place(path="assignee", unset=_ABSENT, list=workflow.workflow.several)
    return _BUILT_IN.get(field) or _place_of_field(workflow, field)


def _place_of_field(workflow: Compiled, field: str) -> Place:
    declared, codec = workflow.fields[field], workflow.codecs[field]
    pack, path = codec.pack, f"v.{workflow.slot(field)}"
    if codec.within:
        return Place(path=f"{path}.{codec.within}", unset=_LIST_UNSET, list=True)
    if not _holds_list(declared.schema):
        # Only texts may be empty.
        blank = _TEXT_UNSET if declared.kind in SEARCHED else _ABSENT
        return Place(path=path, pack=pack, unset=blank, ranked=declared.options)
    empty = pack([])
    if not isinstance(empty, list):
        return Place(path=path, pack=pack, unset=(None, empty))
    item = IDENTITY if pack is IDENTITY else _item_pack(pack)
    return Place(path=path, pack=item, unset=_LIST_UNSET, list=True)


def _holds_list(schema: Mapping[str, object]) -> bool:
    declared = schema.get("type")
    return declared == "array" or (isinstance(declared, list) and "array" in declared)


def _item_pack(pack: Callable[[object], object]) -> Callable[[object], object]:
    return lambda item: cast(Sequence[object], pack([item]))[0]


def unset(place: Place) -> Document:
    """Match tasks where the field is unset."""
    if len(place.unset) == 1:
        return {place.path: {"$eq": place.unset[0]}}
    return {place.path: {"$in": list(place.unset)}}


def is_set(place: Place) -> Document:
    """Match tasks where the field has a value."""
    if place.unset == _TEXT_UNSET:
        # One range of an index, which an unequal to each would not be.
        return {place.path: {"$gt": ""}}
    # Apart from each other an index can serve them; an empty list in `$nin` would prevent it.
    return both(*({place.path: {"$ne": form}} for form in place.unset))


def compiled(where: Filter, workflow: Compiled) -> Document:
    """Turn a filter into MongoDB's form."""
    match where:
        case Compare():
            return _comparison(where, place(workflow, where.field))
        case All(parts):
            return both(*(compiled(part, workflow) for part in parts))
        case Some(parts):
            branches = [compiled(part, workflow) for part in parts]
            return {"$or": branches} if branches else dict(NOTHING)
        case Not(part):
            return {"$nor": [compiled(part, workflow)]}
        case _:
            return _words(where, workflow)


def both(*filters: Document) -> Document:
    """Match what every filter matches."""
    parts = [part for part in filters if part]
    if len(parts) == 1:
        return parts[0]
    return {"$and": parts} if parts else {}


def _comparison(where: Compare, place: Place) -> Document:
    return _OPERATIONS[where.op](place, where.operand)


def _eq(place: Place, operand: object) -> Document:
    if operand is None:
        return unset(place) if place.unset else dict(NOTHING)
    return {place.path: {"$eq": place.pack(operand)}}


def _ne(place: Place, operand: object) -> Document:
    if operand is None:
        return is_set(place)
    return {place.path: {"$ne": place.pack(operand)}}


def _within(place: Place, operand: object) -> list[object]:
    """Spell out the operands of `in` and `nin`; None among them stands for every unset form."""
    forms: list[object] = []
    for item in cast(Collection[object], operand):
        forms.extend(place.unset if item is None else (place.pack(item),))
    return forms


def _in(place: Place, operand: object) -> Document:
    return {place.path: {"$in": _within(place, operand)}}


def _nin(place: Place, operand: object) -> Document:
    return {place.path: {"$nin": _within(place, operand)}}


def _ordered(operator: str) -> Callable[[Place, object], Document]:
    return lambda place, operand: {place.path: {operator: place.pack(operand)}}


def _exists(place: Place, operand: object) -> Document:
    if operand:
        return is_set(place)
    return unset(place) if place.unset else dict(NOTHING)


def _contains(place: Place, operand: object) -> Document:
    if place.list or not isinstance(operand, str):
        return _eq(place, operand)
    return {place.path: _substring(operand)}


def _startswith(place: Place, operand: object) -> Document:
    return {place.path: {"$regex": f"^{_escaped(str(operand))}"}}


_OPERATIONS: Mapping[str, Callable[[Place, object], Document]] = {
    "eq": _eq,
    "ne": _ne,
    "gt": _ordered("$gt"),
    "gte": _ordered("$gte"),
    "lt": _ordered("$lt"),
    "lte": _ordered("$lte"),
    "in": _in,
    "nin": _nin,
    "contains": _contains,
    "startswith": _startswith,
    "exists": _exists,
}


def _substring(text: str) -> Document:
    return {"$regex": _escaped(text), "$options": "i"}


def _escaped(text: str) -> str:
    if len(text) > LONGEST_SEARCH:
        raise TooLarge("the text to search for is too long", limit=LONGEST_SEARCH)
    # The pattern travels as a C string, which ends at a NUL.
    return re.escape(text).replace("\0", r"\x00")


def _words(where: Words, workflow: Compiled) -> Document:
    if workflow.base.workflow.search:
        return both(*(_word(word, workflow.workflow.search) for word in words(where.text)))
    return _substrings(where, workflow)


def _word(word: str, fields: Sequence[str]) -> Document:
    """Match where a word of one of these fields begins so; the keys of fields are no patterns."""
    return {WORDS: {"$in": [Regex(f"^{token(field, word)}") for field in fields]}}


def _substrings(where: Words, workflow: Compiled) -> Document:
    paths = ["uid"] + [
        f"v.{workflow.slot(key)}"
        for key, field in workflow.fields.items()
        if field.kind in SEARCHED
    ]
    parts = where.text.split()
    return both(*({"$or": [{path: _substring(part)} for path in paths]} for part in parts))
