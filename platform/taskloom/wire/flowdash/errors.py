"""How the native dialect spells errors."""

from collections.abc import Mapping, Sequence
from typing import Final

from taskloom.errors import (
    Conflict,
    Fault,
    Forbidden,
    Invalid,
    Malformed,
    NotAllowed,
    NotFound,
    TaskloomError,
    TooLarge,
    TooMany,
    TooSlow,
    Unauthenticated,
    Unavailable,
    Unexpected,
    Unsupported,
)
from taskloom.wire.base import Answer, Titles, named, titles_told

STATUSES: Final[Mapping[type[TaskloomError], int]] = {
    Malformed: 400,
    Unauthenticated: 401,
    Forbidden: 403,
    NotFound: 404,
    NotAllowed: 405,
    Conflict: 409,
    TooLarge: 413,
    Unsupported: 415,
    Invalid: 422,
    TooMany: 429,
    TaskloomError: 500,
    Unexpected: 500,
    TooSlow: 503,
    Unavailable: 503,
}
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
_RETRY_SECONDS: Final = 2


def render(error: TaskloomError) -> Answer:
    """Spell an error: invalid data by field title, everything else as one text."""
    status = STATUSES.get(type(error), STATUSES[TaskloomError])
    headers = _headers(error)
    if isinstance(error, Unauthenticated):
        return Answer(status=status, body={"error": "Unauthorized"}, headers=headers)
    if isinstance(error, Invalid):
        told = by_name(error.faults, titles_told(error))
        return Answer(status=status, body={"errors": told}, headers=headers)
    return Answer(status=status, body={"error": error.message}, headers=headers)


def _headers(error: TaskloomError) -> Mapping[str, str]:
    if isinstance(error, Unauthenticated):
        return {"WWW-Authenticate": "Bearer"}
    if isinstance(error, NotAllowed):
        allowed = error.details.get("allow")
        return {"Allow": ", ".join(allowed)} if isinstance(allowed, list) else {}
    if isinstance(error, TooMany | Unavailable):
        return {"Retry-After": str(error.details.get("retry_after", _RETRY_SECONDS))}
    return {}


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
