"""The Flask app: every dialect's routes, one error handling, the same headers on every answer."""

import logging
import re
import secrets
from collections.abc import Callable
from typing import Final

from flask import Flask, Request, Response, g, request
from werkzeug.exceptions import HTTPException, MethodNotAllowed
from werkzeug.routing import BaseConverter
from werkzeug.sansio.response import Response as AnyResponse

from taskloom.engine.engine import Engine
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
from taskloom.wire import docs, management, mounts
from taskloom.wire.answer import PROBLEM, Json, answer, encode, problem
from taskloom.wire.auth import usage_headers
from taskloom.wire.base import DIALECTS, Dialect, Limits

_LOG = logging.getLogger("taskloom.wire")
_REQUEST_ID: Final = "X-Request-Id"
_PLAIN_ID: Final = re.compile(r"[A-Za-z0-9._-]{1,64}")
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


class Rest(BaseConverter):
    """The rest of a path as it stands: slashes in any place and number belong to it."""

    part_isolating = False
    regex = ".+"
    weight = 1000


def create_app(engine: Engine, limits: Limits, ready: Callable[[], bool]) -> Flask:
    """Make the app; `ready` tells whether the database can be reached now."""
    app = Flask("taskloom", static_folder=None)
    app.json = Json(app)
    app.url_map.merge_slashes = False
    app.url_map.converters["rest"] = Rest
    _identify(app)
    _handle_errors(app)
    _probes(app, ready)
    apis = docs.make_apis(app)
    for name, dialect in DIALECTS.members().items():
        for blueprint in dialect.blueprints(engine, limits):
            own = f"{name}.{blueprint.name}" if mounts.is_mounted(dialect) else blueprint.name
            apis[name].register_blueprint(blueprint, name=own)
    for blueprint in management.blueprints(engine, limits):
        apis[docs.NATIVE].register_blueprint(blueprint)
    app.wsgi_app = mounts.Mounts(app, engine)  # type: ignore[method-assign] # as Flask says one wraps it
    return app


def _identify(app: Flask) -> None:
    """Give every request its id, and every answer the headers that all have."""

    @app.before_request
    def begin() -> None:
        given = request.headers.get(_REQUEST_ID, "")
        g.request_id = given if _PLAIN_ID.fullmatch(given) else secrets.token_hex(8)
        mounts.require_address(request)
        _require_text(request.environ.get("PATH_INFO", ""))

    @app.after_request
    def end(response: Response) -> Response:
        headers = response.headers
        json = (response.mimetype or "").endswith("json")
        policy = "default-src 'none'" if json else "default-src 'self'"
        headers.setdefault("Content-Security-Policy", f"{policy}; frame-ancestors 'none'")
        headers.setdefault("X-Content-Type-Options", "nosniff")
        headers.setdefault("X-Frame-Options", "DENY")
        headers.setdefault("Referrer-Policy", "same-origin")
        if json:
            headers.setdefault("Cache-Control", "no-store")
        headers[_REQUEST_ID] = g.get("request_id", "")
        headers.update(usage_headers())
        return response


def _require_text(path: str) -> None:
    """Refuse a path that is not UTF-8: it would arrive with signs that nobody sent."""
    try:
        path.encode("latin-1").decode()
    except UnicodeError:
        raise NotFound("there is nothing at this address: it is not UTF-8") from None


def _probes(app: Flask, ready: Callable[[], bool]) -> None:
    @app.get("/healthz")
    def healthz() -> Response:
        return answer({"status": "ok"})

    @app.get("/readyz")
    def readyz() -> Response:
        return answer({"status": "ok"}) if ready() else answer({"status": "unavailable"}, 503)


def _handle_errors(app: Flask) -> None:
    """Let the dialect of the path spell whatever goes wrong, routing included."""

    @app.errorhandler(TaskloomError)
    def refused(error: TaskloomError) -> Response:
        return _told(error)

    @app.errorhandler(HTTPException)
    def turned_down(error: HTTPException) -> AnyResponse:
        if error.response is not None:
            return error.response
        return _told(_translated(error))

    @app.errorhandler(Exception)
    def unexpected(error: Exception) -> Response:
        reference = g.get("request_id") or secrets.token_hex(8)
        _LOG.error("unexpected error, reference %s", reference, exc_info=error)
        return _told(_unexpected(reference))


def _unexpected(reference: str) -> Unexpected:
    return Unexpected(f"something went wrong here; reference {reference}", reference=reference)


def _translated(error: HTTPException) -> TaskloomError:
    """Turn what Flask or Werkzeug raise into the product's own words."""
    if isinstance(error, MethodNotAllowed):
        allowed = sorted(error.valid_methods or ())
        message = f"{request.method} is not possible here; possible are {', '.join(allowed)}"
        return NotAllowed(message, allow=allowed)
    status = error.code or _FIRST_SERVER_ERROR
    if status in _MESSAGES:
        kind, message = _MESSAGES[status]
        return kind(message)
    if status >= _FIRST_SERVER_ERROR:
        return _unexpected(g.get("request_id", ""))
    return Malformed((error.description or "the request cannot be read").rstrip("."))


def _told(error: TaskloomError) -> Response:
    told = spoken(request).render(error)
    if any(kind == PROBLEM and wish > 0 for kind, wish in request.accept_mimetypes):
        return answer(problem(error, told.status), told.status, told.headers, media=PROBLEM)
    if told.body is None:
        return Response(status=told.status, headers=dict(told.headers))
    return Response(
        encode(told.body),
        status=told.status,
        headers=dict(told.headers),
        content_type="application/json",
    )


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
