"""Dates as clients of this dialect write them: a day alone stands for its midnight in UTC."""

from typing import Final, TypeVar

_DAY_LENGTH: Final = len("2025-01-31")
_MIDNIGHT: Final = "T00:00:00Z"

_Sent = TypeVar("_Sent")


def with_time(value: _Sent) -> _Sent | str:
    """Complete a day; whatever else is given stays as it is."""
    if isinstance(value, str) and len(value) == _DAY_LENGTH:
        return value + _MIDNIGHT
    return value
