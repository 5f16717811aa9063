"""What all requests have in common, whichever lane serves them: ids, headers, errors told."""

import logging
import re
import secrets
from collections.abc import Mapping
from typing import Final

from werkzeug.exceptions import HTTPException, MethodNotAllowed
from werkzeug.wrappers import Request

from taskloom.errors import (
    Conflict,
    Forbidden,
    Malformed,
    NotAllowed,
    NotFound,
    TaskloomError,
    TooLarge,
    TooMany,
    Unauthenticated,
    Unavailable,
    Unexpected,
    Unsupported,
)
from taskloom.wire import mounts
from taskloom.wire.answer import JSON, PROBLEM, Ready, encode, problem
from taskloom.wire.auth import usage_headers
from taskloom.wire.base import DIALECTS, Dialect

_LOG = logging.getLogger("taskloom.wire")
_GIVEN_ID: Final = "HTTP_X_REQUEST_ID"
_ID: Final = "taskloom.request_id"
_PLAIN_ID: Final = re.compile(r"[A-Za-z0-9._-]{1,64}")
_ALWAYS: Final[Mapping[str, str]] = {
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "same-origin",
}
_OF_PAGES: Final[Mapping[str, str]] = {
    "Content-Security-Policy": "default-src 'self'; frame-ancestors 'none'",
    **_ALWAYS,
}
_OF_JSON: Final[Mapping[str, str]] = {
    "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'",
    **_ALWAYS,
    "Cache-Control": "no-store",
}
_MESSAGES: Final[dict[int, tuple[type[TaskloomError], str]]] = {
    401: (Unauthenticated, "nobody is known to ask"),
    403: (Forbidden, "this is not allowed"),
    404: (NotFound, "there is nothing at this address"),
    409: (Conflict, "somebody else was faster"),
    413: (TooLarge, "the request is too large"),
    414: (TooLarge, "the address is too long"),
    415: (Unsupported, "this media type is not read here"),
    429: (TooMany, "too many requests"),
    503: (Unavailable, "not available now"),
}
_FIRST_SERVER_ERROR: Final = 500


def begin(request: Request) -> None:
    """Give a request its id: the one it brings, or a new one."""
    given = request.environ.get(_GIVEN_ID, "")
    request.environ[_ID] = given if _PLAIN_ID.fullmatch(given) else secrets.token_hex(8)


def usual_headers(media: str) -> Mapping[str, str]:
    """Return the headers that an answer of this media type has unless it says otherwise."""
    return _OF_JSON if media.partition(";")[0].endswith("json") else _OF_PAGES


def own_headers(request: Request) -> Mapping[str, str]:
    """Return the headers that are the request's own: its id, and what its credential has left."""
    return {"X-Request-Id": request.environ.get(_ID, ""), **usage_headers(request)}


def told(request: Request, error: Exception) -> Ready:
    """Spell whatever went wrong as the dialect of the request does, routing included."""
    known = _known(request, error)
    spelt = spoken(request).render(known)
    if any(kind == PROBLEM and wish > 0 for kind, wish in request.accept_mimetypes):
        body, media = encode(problem(known, spelt.status)), PROBLEM
    elif spelt.body is None:
        return Ready(status=spelt.status, headers=spelt.headers)
    else:
        body, media = encode(spelt.body), JSON
    headers = {"Content-Type": media, **spelt.headers}
    return Ready(status=spelt.status, headers=headers, body=body)


def _known(request: Request, error: Exception) -> TaskloomError:
    """Turn what Flask or Werkzeug raise into the product's own words, and log our own mistakes."""
    if isinstance(error, TaskloomError):
        return error
    if not isinstance(error, HTTPException):
        reference = request.environ.get(_ID) or secrets.token_hex(8)
        _LOG.error("unexpected error, reference %s", reference, exc_info=error)
        return _unexpected(reference)
    if isinstance(error, MethodNotAllowed):
        allowed = sorted(error.valid_methods or ())
        message = f"{request.method} is not possible here; possible are {', '.join(allowed)}"
        return NotAllowed(message, allow=allowed)
    status = error.code or _FIRST_SERVER_ERROR
    if status in _MESSAGES:
        kind, message = _MESSAGES[status]
        return kind(message)
    if status >= _FIRST_SERVER_ERROR:
        return _unexpected(request.environ.get(_ID, ""))
    return Malformed((error.description or "the request cannot be read").rstrip("."))


def _unexpected(reference: str) -> Unexpected:
    return Unexpected(f"something went wrong here; reference {reference}", reference=reference)


def spoken(request: Request) -> Dialect:
    """Return the dialect of the mount that a request came in by, else that of its path."""
    mounted = mounts.mounted(request)
    return DIALECTS[mounted.dialect] if mounted else dialect_of(request.path)


def dialect_of(path: str) -> Dialect:
    """Return the dialect whose prefix of this fixed path is the longest."""
    matches = [
        (len(prefix), name)
        for name, dialect in DIALECTS.members().items()
        for prefix in dialect.prefixes
        if path == prefix or path.startswith(prefix.rstrip("/") + "/")
    ]
    return DIALECTS[max(matches)[1] if matches else "flowdash"]
