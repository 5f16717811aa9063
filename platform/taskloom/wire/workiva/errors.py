"""How the Workiva dialect spells errors: one flat shape, what is wrong in its details."""

from collections.abc import Mapping, Sequence
from typing import Any, Final

from taskloom.errors import (
    Fault,
    Invalid,
    TaskloomError,
)
from taskloom.wire.base import Answer, Titles, named, titles_told
from taskloom.wire.docs.describe import TEXT
from taskloom.wire.errors import USUAL, Statuses, headers_of, status_of
from taskloom.wire.workiva.names import VERSION

STATUSES: Final[Statuses] = {**USUAL, Invalid: 400}
_CONFLICT: Final = 409
_UNEXPECTED: Final = "The server encountered an unexpected condition"
_SPELT: Final[Mapping[int, tuple[str, str]]] = {
    400: (
        "400BadRequest",
        "The request was unacceptable, often due to a missing or invalid parameter",
    ),
    401: ("401Unauthorized", "No valid API token provided"),
    403: (
        "403Forbidden",
        "The API token does not have permissions to perform the request",
    ),
    404: ("404NotFound", "The requested resource could not be found"),
    405: ("405MethodNotAllowed", "The requested resource does not support this method"),
    409: ("409Conflict", "The request conflicts with another request"),
    412: ("412PreconditionFailed", "A condition of the request does not hold"),
    413: ("413ContentTooLarge", "The request is larger than what is read here"),
    415: ("415UnsupportedMediaType", "The request has a media type that is not read here"),
    429: (
        "429TooManyRequests",
        "Too many requests have been made against the API in too short a time",
    ),
    500: (
        "500InternalServerError",
        f"{_UNEXPECTED} that prevented it from fulfilling the request",
    ),
    503: (
        "503ServiceUnavailable",
        "The server cannot handle the request due to a temporary overload or scheduled maintenance",
    ),
}
ERROR: Final[Mapping[str, Any]] = {
    "type": "object",
    "properties": {
        "code": {"enum": [code for code, _ in _SPELT.values()]},
        "message": TEXT,
        "target": {"type": "string", "description": "What the error is about."},
        "version": {"const": VERSION},
        "details": {
            "type": "array",
            "description": "Everything that is wrong.",
            "items": {
                "type": "object",
                "properties": {"code": TEXT, "message": TEXT, "target": TEXT},
                "required": ["code", "message", "target"],
                "additionalProperties": False,
            },
            "minItems": 1,
        },
    },
    "required": ["code", "message", "version", "details"],
    "additionalProperties": False,
}
"""The JSON Schema of what `render` makes."""

_SAID: Final[Mapping[str, str]] = {"no_such_user": "must be the id of a user of this workspace"}
"""What is told where the words of others speak of e-mails."""
_FIXED_ONCE_SET: Final = "write_once"
_BODY: Final = "body"
_REQUEST: Final = "request"


def render(error: TaskloomError) -> Answer:
    """Spell an error; what would change a value that stays once it is set is a conflict."""
    status = status_of(error, STATUSES)
    if isinstance(error, Invalid):
        if error.faults and all(fault.code == _FIXED_ONCE_SET for fault in error.faults):
            status = _CONFLICT
        return Answer(status=status, body=_faulty(error, status))
    code, message = _SPELT[status]
    detail = {"code": _words(error.code), "message": error.message, "target": _REQUEST}
    body = {"code": code, "message": message, "version": VERSION, "details": [detail]}
    return Answer(status=status, body=body, headers=headers_of(error))


def _faulty(error: Invalid, status: int) -> Mapping[str, object]:
    """Spell invalid data; the target of a parameter's faults is the parameter."""
    names = titles_told(error) or {}
    targets = [_target(fault, names) for fault in error.faults]
    code, message = _SPELT[status]
    if targets and targets[0].startswith("$"):
        message = f"The provided {targets[0]} option is not supported."
    return {
        "code": code,
        "message": message,
        "target": targets[0] if targets else _BODY,
        "version": VERSION,
        "details": [_detail(fault, names) for fault in error.faults],
    }


def _target(fault: Fault, names: Titles) -> str:
    """Name the property, or the parameter, that a fault is in."""
    path = named(fault, names)
    return str(path[0]) if path else _BODY


def _detail(fault: Fault, names: Titles) -> Mapping[str, str]:
    """Spell a fault; within a parameter its target is what the parameter named."""
    path = named(fault, names)
    if len(path) > 1 and str(path[0]).startswith("$"):
        path = path[1:]
    message = _SAID.get(fault.code, fault.message)
    return {
        "code": _words(fault.code),
        "message": f"{message}; {fault.hint}" if fault.hint else message,
        "target": _spelled(path) or _BODY,
    }


def _spelled(path: Sequence[str | int]) -> str:
    """Write a path such as `approvalSteps[0].participants`."""
    parts = [f"[{part}]" if isinstance(part, int) else f".{part}" for part in path]
    return "".join(parts).removeprefix(".")


def _words(code: str) -> str:
    """Spell a code such as `no_such_user` as `NoSuchUser`."""
    return code.title().replace("_", "") if code.islower() else code
