"""How a value of one kind of field becomes one of another kind, or does not.

A value goes the way of people: what the old field shows is what the new one is given to read. So
nothing becomes a value that could not have been typed in.
"""

from collections.abc import Callable, Iterator
from typing import Final

from taskloom.errors import Refusal
from taskloom.fields import structure
from taskloom.fields.base import People
from taskloom.fields.file import FILE
from taskloom.model.workflow import Field
from taskloom.schema.properties import codec_of

Convert = Callable[[object, People], object]
"""Makes a stored value of the new kind of one of the old kind; None where that is not possible."""

_OWN: Final = frozenset({FILE, "approvalSteps", "checklist"})
"""Kinds whose values have a life of their own, and are what no other kind is."""

_TEXTS: Final = frozenset({"text", "longText"})
_LISTS: Final = frozenset({"textList", "multipleSelect", "personList"})
_YES_NO: Final = {"yes": True, "no": False, "1": True, "0": False}
_DAY: Final = 10


def converter(old: Field, new: Field) -> Convert:
    """Make the conversion of stored values from one field to another."""
    if {old.kind, new.kind} & _OWN:
        return lambda _stored, _people: None
    before, after = codec_of(old), codec_of(new)

    def convert(stored: object, people: People) -> object:
        shown = before.dump(before.unpack(stored), people)
        for wire in _readings(shown, old.kind, new.kind):
            try:
                return after.pack(after.parse(wire, people))
            except Refusal:
                continue
        return None

    return convert


def _readings(shown: object, old: str, new: str) -> Iterator[object]:
    """Yield what the new kind may take a shown value for, the most faithful reading first."""
    if shown is None:
        return
    yield shown
    if isinstance(shown, str):
        yield from _of_text(shown, old, new)
    elif isinstance(shown, bool):
        yield str(shown).lower()
    elif isinstance(shown, list):
        yield from _of_list(shown, new)
    if isinstance(shown, dict | list) and old == "json" and new in _TEXTS:
        yield structure.pack(shown)


def _of_text(shown: str, old: str, new: str) -> Iterator[object]:
    if new in _LISTS and shown:
        yield [shown]
        yield [part.strip() for part in shown.split(",")]
    elif new == "checkbox":
        yield _YES_NO.get(shown.strip().lower())
    elif (old, new) == ("date", "datetime"):
        yield f"{shown}T00:00:00Z"
    elif (old, new) == ("datetime", "date"):
        yield shown[:_DAY]


def _of_list(shown: list[object], new: str) -> Iterator[object]:
    if new in _LISTS or not shown or not all(isinstance(item, str) for item in shown):
        return
    if len(shown) == 1:
        yield shown[0]
    elif new in _TEXTS:
        yield ", ".join(map(str, shown))
