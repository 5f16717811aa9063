"""How the native dialect spells errors."""

from collections.abc import Mapping, Sequence
from typing import Final

from taskloom.errors import (
    Fault,
    Invalid,
    TaskloomError,
    Unauthenticated,
)
from taskloom.wire.base import Answer, Titles, named, titles_told
from taskloom.wire.errors import USUAL, headers_of, status_of

BASE: Final = "base"
_INVALID: Final = "is invalid"
_SPELT: Final[Mapping[str, str]] = {
    "invalid": _INVALID,
    "no_such_user": _INVALID,
    "blank": "can't be blank",
    "taken": "has already been taken",
    "not_editable": "is not editable",
    "too_many_files": "has too many attachments",
}


def render(error: TaskloomError) -> Answer:
    """Spell an error: invalid data by field title, everything else as one text."""
    status = status_of(error, USUAL)
    headers = headers_of(error)
    if isinstance(error, Unauthenticated):
        return Answer(status=status, body={"error": "Unauthorized"}, headers=headers)
    if isinstance(error, Invalid):
        told = by_name(error.faults, titles_told(error))
        return Answer(status=status, body={"errors": told}, headers=headers)
    both = {"conflicts": error.details["conflicts"]} if "conflicts" in error.details else {}
    return Answer(status=status, body={"error": error.message, **both}, headers=headers)


def by_name(faults: Sequence[Fault], titles: Titles | None) -> Mapping[str, Sequence[str]]:
    """Group messages by field title; without titles by the whole path, and in full."""
    told: dict[str, list[str]] = {}
    for fault in faults:
        name, message = _told(fault, titles) if titles is not None else _told_in_full(fault)
        messages = told.setdefault(name, [])
        if message not in messages:
            messages.append(message)
    return told


def _told(fault: Fault, titles: Titles) -> tuple[str, str]:
    path = named(fault, titles)
    if not path:
        return BASE, _message(fault)
    if fault.code in _SPELT:
        return str(path[0]), _SPELT[fault.code]
    inside = _inside(path[1:])
    return str(path[0]), f"{inside} {_message(fault)}" if inside else _message(fault)


def _told_in_full(fault: Fault) -> tuple[str, str]:
    return _inside(fault.path) or BASE, _message(fault)


def _inside(path: Sequence[str | int]) -> str:
    """Write a path within a value, such as `lines[2].price`."""
    parts = [f"[{part}]" if isinstance(part, int) else f".{part}" for part in path]
    return "".join(parts).removeprefix(".")


def _message(fault: Fault) -> str:
    return f"{fault.message}; {fault.hint}" if fault.hint else fault.message
