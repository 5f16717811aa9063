"""Requests that may be sent again: with an `Idempotency-Key` the second one is a replay.

Only what has the header goes this way, by Flask. Its body is read first, for a request is the same
only with the same body; the answer is kept before it is sent.
"""

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from hashlib import sha256
from os import SEEK_END
from tempfile import SpooledTemporaryFile
from typing import IO, Any, Final, TypeVar

from flask import Flask
from flask import Request as Routed
from werkzeug.wrappers import Request

from taskloom.engine.engine import Engine
from taskloom.engine.retries import HEADER, LONGEST_KEY, Kept, Try
from taskloom.engine.terms import Origin
from taskloom.errors import Conflict, Malformed, TaskloomError, Unauthenticated
from taskloom.wire.answer import Ready
from taskloom.wire.auth import actor_of
from taskloom.wire.base import Limits
from taskloom.wire.body import HEAVY, PIECE, received
from taskloom.wire.mounts import mounted

Environ = dict[str, Any]
Application = Callable[[Environ, Any], Iterable[bytes]]
View = TypeVar("View", bound=Callable[..., Any])

GIVEN: Final = "HTTP_IDEMPOTENCY_KEY"
"""The header as a WSGI server hands it over."""

REPLAYED: Final = "Idempotent-Replayed"
METHODS: Final = frozenset({"POST", "PUT", "PATCH", "DELETE"})
LARGEST: Final = 64 * 1024 * 1024
"""So many bytes a body with a key may have at least, however small other limits are."""

_KEY: Final = re.compile(f"[!-~]{{1,{LONGEST_KEY}}}")
_ORIGIN: Final = "taskloom.origin"
_SETTLED: Final = "taskloom.settled"
_MEANING: Final = ("HTTP_IF_MATCH", "HTTP_IF_NONE_MATCH")
_KEPT: Final = frozenset({"content-type", "etag", "location", "link", "content-disposition"})
_BY_NATURE: Final = frozenset({"PUT", "DELETE"})
_FIRST_FAILURE: Final = 500
_UNKEPT: Final = frozenset({401, 429})
_UNKNOWN: Final = (
    "an earlier try of this request was cut off, and whether it was done is not known; "
    "look, and if need be send it with a new key"
)


def origin_of(request: Request) -> Origin | None:
    """Return where the writes of a request come from, if it may be sent again.

    Only a view that is `repeatable` asks for it, and writes everything by it.
    """
    origin: Origin | None = request.environ.get(_ORIGIN)
    return origin


def repeatable(view: View) -> View:
    """Note of a view that it finds out by the request's origin what an earlier try has done."""
    view.__dict__["repeatable"] = True
    return view


def settled(request: Routed, app: Flask) -> Ready | None:
    """Return the answer that a request had, or None for a new one; raise what speaks against it."""
    found: Ready | TaskloomError | None = request.environ.get(_SETTLED)
    if isinstance(found, TaskloomError):
        raise found
    origin = origin_of(request)
    if found is None and origin is not None and origin.again:
        safe = request.method in _BY_NATURE or _is_repeatable(app, request)
        if not safe and request.endpoint is not None:
            raise Conflict(_UNKNOWN)
    return found


def _is_repeatable(app: Flask, request: Routed) -> bool:
    view = app.view_functions.get(request.endpoint or "")
    return bool(getattr(view, "repeatable", False))


class Retries:
    """A WSGI application around another, which it asks once for each key of a credential."""

    def __init__(self, inner: Application, app: Flask, engine: Engine, limits: Limits) -> None:
        self._inner = inner
        self._app = app
        self._engine = engine
        self._largest = max(LARGEST, limits.max_body, limits.max_file)

    def __call__(self, environ: Environ, start_response: Any) -> Iterable[bytes]:
        """Answer a request as the application inside does, or did."""
        if GIVEN not in environ or environ["REQUEST_METHOD"] not in METHODS:
            return self._inner(environ, start_response)
        request = Request(environ, populate_request=False)
        try:
            actor = actor_of(request, self._engine)
        except Unauthenticated:
            # What is open to everybody has no credential to keep answers for.
            return self._inner(environ, start_response)
        except TaskloomError as error:
            return self._told(environ, start_response, error)
        try:
            key = _key(environ[GIVEN])
            with received(request, self._largest) as (body, size):
                found = self._engine.retries.begin(actor, key, _fingerprint(request, body))
                if isinstance(found, Try):
                    environ["wsgi.input"], environ["CONTENT_LENGTH"] = body, str(size)
                    environ.pop("HTTP_TRANSFER_ENCODING", None)
                    return self._tried(environ, start_response, found)
        except TaskloomError as error:
            return self._told(environ, start_response, error)
        return self._told(environ, start_response, self._replayed(found))

    def _told(
        self, environ: Environ, start_response: Any, settled: Ready | TaskloomError
    ) -> Iterable[bytes]:
        """Let the application spell what is settled already."""
        environ[_SETTLED] = settled
        return self._inner(environ, start_response)

    def _replayed(self, kept: Kept) -> Ready:
        headers = {**kept.headers, REPLAYED: "true"}
        return Ready(status=kept.status, headers=headers, body=self._engine.retries.body(kept))

    def _tried(self, environ: Environ, start_response: Any, attempt: Try) -> Iterable[bytes]:
        """Let the application answer, keep the answer, and only then send it."""
        environ[_ORIGIN] = attempt.origin
        answer = _Answer()
        retries = self._engine.retries
        try:
            with retries.running(attempt):
                answer.take(self._inner, environ)
                if answer.status < _FIRST_FAILURE and answer.status not in _UNKEPT:
                    retries.finish(attempt, answer.status, answer.kept, answer.pieces())
                else:
                    retries.fail(attempt, by_origin=answer.status >= _FIRST_FAILURE)
        except BaseException:
            answer.close()
            raise
        return answer.send(start_response)


class _Answer:
    """An answer that is held back until it is kept, on disk where it is large."""

    def __init__(self) -> None:
        # Closed once it is sent.
        self._spool: IO[bytes] = SpooledTemporaryFile(max_size=HEAVY)  # noqa: SIM115
        self._line = ""
        self._headers: list[tuple[str, str]] = []

    @property
    def status(self) -> int:
        """The status code."""
        return int(self._line.partition(" ")[0])

    @property
    def kept(self) -> Mapping[str, str]:
        """The headers that belong to the answer and not to the request that asked for it."""
        return {name: text for name, text in self._headers if name.lower() in _KEPT}

    def take(self, app: Application, environ: Environ) -> None:
        """Receive everything from an application."""

        def start_response(line: str, headers: list[tuple[str, str]], *_: object) -> Any:
            self._line, self._headers = line, headers
            return self._spool.write

        found = app(environ, start_response)
        try:
            self._spool.writelines(found)
        finally:
            close = getattr(found, "close", None)
            if close is not None:
                close()

    def pieces(self) -> Iterator[bytes]:
        """Yield the body from its start."""
        self._spool.seek(0)
        return iter(lambda: self._spool.read(PIECE), b"")

    def send(self, start_response: Any) -> Iterable[bytes]:
        """Hand the answer on."""
        start_response(self._line, self._headers)
        if self._spool.seek(0, SEEK_END) > HEAVY:
            return self
        with self._spool:
            return [b"".join(self.pieces())]

    def __iter__(self) -> Iterator[bytes]:
        return self.pieces()

    def close(self) -> None:
        """Let go of the body."""
        self._spool.close()


def _key(given: str) -> str:
    if not _KEY.fullmatch(given):
        raise Malformed(f"{HEADER} must be 1 to {LONGEST_KEY} visible ASCII characters")
    return given


def _fingerprint(request: Request, body: IO[bytes]) -> str:
    """Tell requests apart: by method, address, body, and the headers that give them meaning."""
    environ = request.environ
    kind, boundary = _kind(request)
    where = mounted(request)
    parts = (
        request.method,
        where.mount if where is not None else "",
        environ.get("PATH_INFO", ""),
        environ.get("QUERY_STRING", ""),
        kind,
        *(environ.get(name, "") for name in _MEANING),
    )
    digest = sha256("\n".join(parts).encode("latin-1", "replace"))
    for piece in _without(boundary, body):
        digest.update(piece)
    body.seek(0)
    return digest.hexdigest()


def _kind(request: Request) -> tuple[str, bytes]:
    """Return the media type, and the boundary of parts, which a client makes up each time."""
    boundary = request.mimetype_params.get("boundary", "")
    is_form = request.mimetype.startswith("multipart/")
    return request.mimetype, boundary.encode("latin-1", "replace") if is_form else b""


def _without(mark: bytes, body: IO[bytes]) -> Iterator[bytes]:
    """Yield a body without a mark, wherever the mark stands."""
    kept = b""
    while piece := body.read(PIECE):
        if not mark:
            yield piece
            continue
        held = (kept + piece).replace(mark, b"")
        cut = max(0, len(held) - len(mark) + 1)
        yield held[:cut]
        kept = held[cut:]
    yield kept
