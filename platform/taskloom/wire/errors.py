"""What most dialects have in common when they spell errors: the statuses of HTTP, and headers."""

from collections.abc import Mapping
from typing import Final

from taskloom.errors import (
    Conflict,
    Forbidden,
    Forged,
    Invalid,
    Malformed,
    NotAllowed,
    NotFound,
    Stale,
    StalePlan,
    TaskloomError,
    TooLarge,
    TooMany,
    TooSlow,
    Unauthenticated,
    Unavailable,
    Unexpected,
    Unseen,
    Unsupported,
)

Statuses = Mapping[type[TaskloomError], int]

USUAL: Final[Statuses] = {
    Malformed: 400,
    Unauthenticated: 401,
    Forbidden: 403,
    Forged: 403,
    Unseen: 404,
    NotFound: 404,
    NotAllowed: 405,
    Conflict: 409,
    StalePlan: 409,
    Stale: 412,
    TooLarge: 413,
    Unsupported: 415,
    Invalid: 422,
    TooMany: 429,
    TaskloomError: 500,
    Unexpected: 500,
    TooSlow: 503,
    Unavailable: 503,
}
"""The status of every class of error, where a dialect's documents name no other."""

_RETRY_SECONDS: Final = 2


def status_of(error: TaskloomError, statuses: Statuses) -> int:
    """Return an error's status; a class that nobody knows is a mistake of ours."""
    return statuses.get(type(error), statuses[TaskloomError])


def headers_of(error: TaskloomError) -> Mapping[str, str]:
    """Return the headers that HTTP wants beside a status: how to ask, or when to ask again."""
    if isinstance(error, Unauthenticated):
        return {"WWW-Authenticate": "Bearer"}
    if isinstance(error, Stale) and "revision" in error.details:
        return {"ETag": f'"{error.details["revision"]}"'}
    if isinstance(error, NotAllowed):
        allowed = error.details.get("allow")
        return {"Allow": ", ".join(allowed)} if isinstance(allowed, list) else {}
    if isinstance(error, TooMany | Unavailable) or "retry_after" in error.details:
        return {"Retry-After": str(error.details.get("retry_after", _RETRY_SECONDS))}
    return {}
