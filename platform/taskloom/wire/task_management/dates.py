"""Dates of this dialect: `YYYY-MM-DDTHH:MM:SSZ` out, any ISO 8601 in, UTC where no zone is said.

A workflow may hold a due date as a calendar date: it is due at the beginning of that day in UTC.
"""

from typing import Final

from taskloom.errors import Refusal
from taskloom.fields.base import People
from taskloom.fields.moment import day, moment
from taskloom.query.tree import Compare
from taskloom.wire.plus import with_plus

_DAY_LENGTH: Final = len("2025-01-31")
_MIDNIGHT: Final = "T00:00:00Z"


def read(value: object, kind: str, people: People) -> object:
    """Turn a date into what a field of this kind takes, to the second as answers show it.

    What is no date is given back as it is: the engine says what is wrong with it.
    """
    if not isinstance(value, str):
        return value
    try:
        at = spelt(_moment(value, people))
    except Refusal:
        return value
    return at[:_DAY_LENGTH] if kind == "date" else at


def spelt(value: str) -> str:
    """Write the value of a date field of either kind."""
    if len(value) == _DAY_LENGTH:
        return value + _MIDNIGHT
    return value.removesuffix("Z").partition(".")[0] + "Z"


def before_or_after(key: str, op: str, text: str, *, kind: str, people: People) -> Compare:
    """Compare a date field by `gt` or `lt` with a moment; raises `Refusal` for what is no date."""
    at = _moment(with_plus(text), people)
    if kind != "date":
        return Compare(key, op, at)
    started = not at.endswith(_MIDNIGHT)
    return Compare(key, "lte" if op == "lt" and started else op, at[:_DAY_LENGTH])


def _moment(text: str, people: People) -> str:
    whole = f"{day(text, people)}{_MIDNIGHT}" if len(text) == _DAY_LENGTH else text
    return moment(whole, people)
