"""How this dialect spells errors."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, Final

from taskloom.errors import (
    Conflict,
    Fault,
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
from taskloom.fields.base import BLANK, INVALID
from taskloom.model.people import ROLES
from taskloom.wire.base import Answer
from taskloom.wire.errors import USUAL, Statuses, headers_of, status_of
from taskloom.wire.exact import shortened
from taskloom.wire.management.strict import stamp
from taskloom.wire.task_management.asking import ABOUT, QUERY
from taskloom.wire.task_management.names import LABELS

_DENIED: Final = "permission_denied"
_SCOPE: Final = "scope"
_STATUSES: Final[Statuses] = {**USUAL, Unseen: 403}
_CODES: Final[Mapping[type[TaskloomError], str]] = {
    Malformed: "invalid_format",
    Unauthenticated: "invalid_authentication",
    Forbidden: _DENIED,
    Unseen: _DENIED,
    Forged: _DENIED,
    NotFound: "resource_not_found",
    NotAllowed: "method_not_allowed",
    Conflict: "resource_conflict",
    StalePlan: "resource_conflict",
    Stale: "resource_conflict",
    TooLarge: "request_too_large",
    Unsupported: "invalid_format",
    Invalid: "validation_error",
    TooMany: "rate_limit_exceeded",
    TaskloomError: "server_error",
    Unexpected: "server_error",
    TooSlow: "service_unavailable",
    Unavailable: "service_unavailable",
}
_SPELLING: Final = "spelling"

EMAIL_TAKEN: Final = "Email address is already in use"
_COUNT: Final = "assignedTaskCount"
INVALID_DATA: Final = "The request contains invalid data"
INVALID_PARAMETERS: Final = "The request contains invalid parameters"
_CREDENTIALS: Final = {
    "missing": ("missing_authentication", "Authentication is required: send an API key"),
    "invalid": (
        "invalid_authentication",
        "The provided API key is invalid or has been revoked",
    ),
    "expired": ("expired_token", "The provided token has expired"),
}
_DEEDS: Final = {"assign": "assign tasks to other users"}
_ANY_DEED: Final = "perform this action"
_DAY: Final = "day"


@dataclass(frozen=True, slots=True, kw_only=True)
class Spelling:
    """What an error's body says, where that depends on more than the error itself."""

    code: str
    message: str
    details: Mapping[str, object]


def spelled(error: TaskloomError, code: str, message: str, details: Mapping[str, object]) -> None:
    """Leave on an error what its body is to say."""
    spelling = Spelling(code=code, message=message, details=details)
    error.details = {**error.details, _SPELLING: spelling}


@contextmanager
def about(thing: str, name: str, *, deed: str | None = None) -> Iterator[None]:
    """Let what is not found inside be this thing, such as the task of an id.

    `deed` is what one has no permission to do where something is forbidden inside.
    """
    try:
        yield
    except NotFound:
        raise NotFound(f"{thing} with ID '{shortened(name)}' not found") from None
    except Forbidden as error:
        if deed is not None and error.details.get("verb") != _SCOPE:
            spelled(error, _DENIED, _no_permission(deed), {})
        raise


def render(error: TaskloomError) -> Answer:
    """Spell an error: a code, a text, and details where there are some."""
    status = status_of(error, _STATUSES)
    code = _CODES.get(type(error), _CODES[TaskloomError])
    if isinstance(error, Invalid) and error.details.get(ABOUT) == QUERY:
        status = 400
    spelling = _spelling(error, code)
    body: dict[str, object] = {"code": spelling.code, "message": spelling.message}
    if spelling.details:
        body["details"] = spelling.details
    return Answer(status=status, body={"error": body}, headers=headers_of(error))


def _spelling(error: TaskloomError, code: str) -> Spelling:
    said = error.details.get(_SPELLING)
    if isinstance(said, Spelling):
        return said
    spell = _SPELLERS.get(type(error))
    if spell is not None:
        return spell(error, code)
    return Spelling(code=code, message=_sentence(error.message), details={})


def _invalid(error: Invalid, code: str) -> Spelling:
    details = by_name([(_name(fault), _told(fault)) for fault in error.faults])
    if error.details.get(ABOUT) == QUERY:
        return Spelling(code="invalid_parameters", message=INVALID_PARAMETERS, details=details)
    return Spelling(code=code, message=INVALID_DATA, details=details)


def by_name(told: list[tuple[str, str]]) -> Mapping[str, str]:
    """Put messages together by field; several of one field become one text."""
    found: dict[str, dict[str, None]] = {}
    for name, message in told:
        found.setdefault(name, {})[message] = None
    return {name: "; ".join(messages) for name, messages in found.items()}


def _name(fault: Fault) -> str:
    return str(fault.path[0]) if fault.path else "body"


def _told(fault: Fault) -> str:
    if (fault.path, fault.code) == (("role",), INVALID):
        return f"Role must be one of: {', '.join(ROLES)}"
    return sentence(LABELS.get(_name(fault), _name(fault)), fault)


def sentence(label: str, fault: Fault) -> str:
    """Write a fault as a sentence about what is called so."""
    if fault.code == BLANK and not fault.hint:
        return f"{label} is required"
    hint = f"; {fault.hint}" if fault.hint else ""
    return f"{label} {fault.message}{hint}"


def _forbidden(error: Forbidden, code: str) -> Spelling:
    verb = str(error.details.get("verb", ""))
    if verb == _SCOPE:
        message = _sentence(error.message)
        return Spelling(code="insufficient_scope", message=message, details={})
    return Spelling(code=code, message=_no_permission(_DEEDS.get(verb, _ANY_DEED)), details={})


def _no_permission(deed: str) -> str:
    return f"You don't have permission to {deed}"


def _conflict(error: Conflict, code: str) -> Spelling:
    """Spell a conflict: an e-mail that is taken, a user who has tasks, or any other."""
    if error.details.get("email"):
        return Spelling(code=code, message=EMAIL_TAKEN, details={"email": EMAIL_TAKEN})
    count = error.details.get(_COUNT)
    details = {} if count is None else {_COUNT: count}
    return Spelling(code=code, message=_sentence(error.message), details=details)


def _unauthenticated(error: Unauthenticated, _code: str) -> Spelling:
    reason = str(error.details.get("reason"))
    code, message = _CREDENTIALS.get(reason, _CREDENTIALS["invalid"])
    return Spelling(code=code, message=message, details={})


def _too_many(error: TooMany, code: str) -> Spelling:
    limit, window = error.details.get("limit"), error.details.get("window", "minute")
    details = {"limit": limit, "remaining": error.details.get("remaining", 0)}
    reset = error.details.get("reset_at")
    if isinstance(reset, int):
        # Up to the next second: whoever comes back then is let in.
        details["resetAt"] = stamp(-(-reset // 1000) * 1000)
    message = f"You have exceeded the rate limit of {limit} requests per {window}"
    own = "daily_limit_exceeded" if window == _DAY else code
    return Spelling(code=own, message=message, details=details)


def _sentence(text: str) -> str:
    return text[:1].upper() + text[1:]


_SPELLERS: Final[Mapping[type[TaskloomError], Callable[[Any, str], Spelling]]] = {
    Invalid: _invalid,
    Unauthenticated: _unauthenticated,
    Forbidden: _forbidden,
    Unseen: _forbidden,
    Forged: _forbidden,
    Conflict: _conflict,
    StalePlan: _conflict,
    TooMany: _too_many,
}
