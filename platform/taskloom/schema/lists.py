"""The lists that a workflow file wants served by an index, and the fields that are searched."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

from taskloom.errors import ASSIGNEE, STAGE, Fault, Path
from taskloom.fields.base import INVALID
from taskloom.model.rules import Listing
from taskloom.schema.processes import field_faults
from taskloom.schema.properties import Sound, kinds_in
from taskloom.schema.rules import no_field
from taskloom.schema.walk import Schema, workflow_part

SEARCHED: Final = (
    "text",
    "longText",
    "email",
    "phone",
    "url",
    "singleSelect",
    "multipleSelect",
    "textList",
    "integer",
)
"""Kinds whose values are made of words."""

_CREATED: Final = "_created"
_UPDATED: Final = "_updated"
_BUILT_IN: Final[Mapping[str, str]] = {
    STAGE: "singleSelect",
    ASSIGNEE: "person",
    _CREATED: "datetime",
    _UPDATED: "datetime",
}
"""What a list may name beside fields, and the kind that each is like."""

_LISTS: Final = frozenset({"approvalSteps", "multipleSelect", "personList", "textList"})
_UNLISTED: Final = frozenset({"checklist", "file", "json"})
_FINITE: Final = "singleSelect"
_SEVERAL: Final = "many"


def list_faults(document: Schema, sound: Sound) -> Iterator[Fault]:
    """Refuse lists that no index could serve."""
    said = _said(document, "lists")
    kinds = {**_BUILT_IN, **(kinds_in(document, sound) if said else {})}
    if workflow_part(document, "assignees", "") == _SEVERAL:
        kinds[ASSIGNEE] = "personList"
    for position, each in enumerate(said):
        path = ("workflow", "lists", position)
        if sound(path):
            yield from _part_faults(path, each, kinds, document)


def _part_faults(
    path: Path, said: Mapping[str, Any], kinds: Mapping[str, str], document: Schema
) -> Iterator[Fault]:
    listing = _listing(said)
    filters = [((*path, "filter", n), key) for n, key in enumerate(listing.filter)]
    sorts = [((*path, "sort", n), key) for n, key in enumerate(listing.sorted_by)]
    fields = document.get("properties")
    declared = {**_BUILT_IN, **(fields if isinstance(fields, Mapping) else {})}
    seen: set[str] = set()
    for here, key in (*filters, *sorts):
        if key not in declared:
            yield no_field(here, key, declared)
        elif key in seen:
            yield _fault(here, f"names {key!r} a second time")
        elif kinds.get(key) in _UNLISTED:
            yield _fault(here, f"has nothing to filter or sort by: {key!r} is of kind {kinds[key]}")
        seen.add(key)
    several = [here for here, key in filters if kinds.get(key) in _LISTS]
    for here in several[1:]:
        yield _fault(here, "is a second list", "one index can hold one list only")
    yield from _sort_faults(sorts, kinds)


def _sort_faults(sorts: Sequence[tuple[Path, str]], kinds: Mapping[str, str]) -> Iterator[Fault]:
    for number, (here, key) in enumerate(sorts, start=1):
        kind = kinds.get(key, _FINITE)
        if kind in _LISTS or key == ASSIGNEE:
            yield _fault(here, f"has no order to sort by: {key!r}")
        elif number < len(sorts) and kind != _FINITE:
            yield _fault(
                here,
                f"must come last: {key!r} is of kind {kind}",
                "an index can serve an order by stages and selects, and then by one other field",
            )


def search_faults(document: Schema, sound: Sound) -> Iterator[Fault]:
    """Refuse to search fields that are not there or hold no words."""
    said = _said(document, "search")
    fields = document.get("properties")
    fields = fields if isinstance(fields, Mapping) else {}
    kinds = kinds_in(document, sound) if said else {}
    for position, key in enumerate(said):
        path = ("workflow", "search", position)
        if sound(path):
            yield from field_faults(path, key, SEARCHED, fields, kinds)


def build_lists(document: Schema) -> tuple[Listing, ...]:
    """Make the lists of a file without faults."""
    return tuple(_listing(said) for said in _said(document, "lists"))


def build_search(document: Schema) -> tuple[str, ...]:
    """Return the keys of the fields that are searched."""
    return tuple(_said(document, "search"))


def _listing(said: Mapping[str, Any]) -> Listing:
    sort = tuple(name.removeprefix("-") for name in said.get("sort", ()))
    return Listing(filter=tuple(said.get("filter", ())), sorted_by=sort)


def _said(document: Schema, keyword: str) -> Sequence[Any]:
    said = workflow_part(document, keyword, ())
    return said if isinstance(said, Sequence) and not isinstance(said, str) else ()


def _fault(path: Path, message: str, hint: str = "") -> Fault:
    return Fault(path=path, code=INVALID, message=message, hint=hint)
