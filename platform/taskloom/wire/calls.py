"""Notes the calls of the API as they are answered, and keeps the last ones a little later.

While a request is answered nothing happens but that what is there already is put into a short
queue. A thread spells, trims and stores it, without anything secret.
"""

import logging
import re
import threading
import time
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any, Final, NamedTuple, Protocol

from taskloom.engine.engine import Engine
from taskloom.errors import NotFound, TaskloomError, Unauthenticated
from taskloom.model.call import Call
from taskloom.model.people import Actor
from taskloom.wire.mounts import Mounted, mount_of
from taskloom.wire.secretless import secretless, secretless_query

Environ = dict[str, Any]
Application = Callable[[Environ, Any], Iterable[bytes]]

LARGEST: Final = 4096
"""Bytes of a body that are kept."""

EVERY: Final = 1.0
"""Seconds between two looks at the queue."""

_MOST: Final = 200
"""So many calls wait at most; of more only the last are kept."""

_PER_SECOND: Final = 5
_AT_ONCE: Final = 50
"""A process keeps so many calls at once, and so many a second in the long run."""

_BASE: Final = "/api/v1/workflows/"
_OWN: Final = re.compile(rf"{_BASE}([^/]+)(?:/(?!calls$).*)?")
_BODIED: Final = frozenset({"POST", "PUT", "PATCH", "DELETE"})
_LONGEST: Final = 2000
_JSON: Final = "application/json"
_FIRST_FAILURE: Final = 400
_TEXTS: Final = re.compile(r"(?:application/(?:[\w.-]+\+)?(?:json|x-ndjson)|text/[\w.-]+)(?:;|$)")
_LOG: Final = logging.getLogger(__name__)


class Input(Protocol):
    """A request's body as a WSGI server hands it over."""

    def read(self, size: int | None = None, /) -> bytes:
        """Return up to so many bytes, or all that are left."""


class _Body:
    """A request's body that remembers its start."""

    __slots__ = ("_body", "head")

    def __init__(self, body: Input) -> None:
        self._body = body
        self.head = b""

    def read(self, size: int | None = None) -> bytes:
        data = self._body.read(size)
        if len(self.head) < LARGEST:
            self.head += data[: LARGEST - len(self.head)]
        return data


class _Seen(NamedTuple):
    """A call as it went by; the credential is needed to tell whose it was, and never kept.

    `told` are the line of the status and the headers, `answer` is the start of the body. Moments
    are those of the monotonic clock.
    """

    began: float
    ended: float
    method: str
    path: str
    query: str
    sent: str
    credential: str
    mounted: Mounted | None
    request: _Body | None
    told: Sequence[Any]
    answer: bytes

    @property
    def status(self) -> int:
        """The status code; 0 where the application did not come so far."""
        return int(self.told[0].partition(" ")[0] or 0)


Noted = tuple[float, float, tuple[Any, ...], bytes]
"""The parts of a `_Seen`, which are put together when there is time."""


class Calls:
    """A WSGI application around another, whose calls it notes; a browser's session is no call."""

    def __init__(self, app: Application, engine: Engine) -> None:
        self._app = app
        self._engine = engine
        self._seen: deque[Noted] = deque(maxlen=_MOST)
        self._allowed = float(_AT_ONCE)
        self._flushed = time.monotonic()

    def __call__(self, environ: Environ, start_response: Any) -> Iterable[bytes]:
        """Answer as the application inside does."""
        if "HTTP_COOKIE" in environ and "HTTP_AUTHORIZATION" not in environ:
            return self._app(environ, start_response)
        began = time.monotonic()
        path, method = environ["PATH_INFO"], environ["REQUEST_METHOD"]
        body = None
        if method in _BODIED:
            body = environ["wsgi.input"] = _Body(environ["wsgi.input"])
        told: list[Any] = ["", ()]

        def started(status: str, headers: Any, *more: Any) -> Any:
            told[:] = status, headers
            return start_response(status, headers, *more)

        answer = self._app(environ, started)
        mounted = mount_of(environ)
        if mounted is None and not path.startswith(_BASE):
            return answer
        given = environ.get
        about = (
            method,
            path,
            given("QUERY_STRING", ""),
            given("CONTENT_TYPE", ""),
            given("HTTP_AUTHORIZATION", ""),
            mounted,
            body,
            told,
        )
        if type(answer) is list:
            self._note(began, about, answer[0][:LARGEST] if answer else b"")
            return answer
        return _Answer(answer, lambda head: self._note(began, about, head))

    def _note(self, began: float, about: tuple[Any, ...], head: bytes) -> None:
        self._seen.append((began, time.monotonic(), about, head))

    def run(self, stopping: threading.Event) -> None:
        """Keep what was noted again and again, until `stopping` is set."""
        while not stopping.wait(EVERY):
            try:
                self.flush()
            except TaskloomError as fault:
                _LOG.debug("calls were not kept: %s", fault)

    def flush(self) -> None:
        """Keep what was noted; of many calls some, those that failed before all others."""
        seen: list[_Seen] = []
        while self._seen:
            began, ended, about, head = self._seen.popleft()
            seen.append(_Seen._make((began, ended, *about, head)))
        now = time.monotonic()
        self._allowed = min(_AT_ONCE, self._allowed + (now - self._flushed) * _PER_SECOND)
        self._flushed = now
        seen.sort(key=lambda each: (each.status < _FIRST_FAILURE, -each.ended))
        chosen = seen[: int(self._allowed)]
        self._allowed -= len(chosen)
        kept: dict[str, list[Call]] = {}
        calls, since = self._engine.calls, time.time() - now
        for each in sorted(chosen, key=lambda each: each.began):
            actor = self._actor(each)
            workflow = self._workflow(each, actor)
            if workflow is not None:
                made = _call(each, actor, calls.new_id(), at=int((since + each.began) * 1000))
                kept.setdefault(workflow, []).append(made)
        calls.keep(kept)

    def _actor(self, seen: _Seen) -> Actor | None:
        scheme, _, secret = seen.credential.strip().partition(" ")
        if scheme.lower() != "bearer" or not secret.strip():
            return None
        try:
            return self._engine.people.authenticate(secret.strip())
        except Unauthenticated:
            return None

    def _workflow(self, seen: _Seen, actor: Actor | None) -> str | None:
        """Return the `uid` of the workflow that a call was on, if it was on any."""
        if seen.mounted is None:
            found = _OWN.fullmatch(_text(seen.path))
            return None if found is None else self._engine.calls.found(actor, found[1])
        if actor is None:
            return None
        try:
            view = self._engine.workflows.mounted(actor, seen.mounted.dialect, seen.mounted.mount)
        except NotFound:
            return None
        return view.workflow.uid


class _Answer(Iterator[bytes]):
    """An answer in pieces that remembers its start, and tells it when it ends."""

    def __init__(self, answer: Iterable[bytes], end: Callable[[bytes], None]) -> None:
        self._answer = answer
        self._pieces = iter(answer)
        self._end = end
        self._head = b""

    def __next__(self) -> bytes:
        piece = next(self._pieces)
        if len(self._head) < LARGEST:
            self._head += piece[: LARGEST - len(self._head)]
        return piece

    def close(self) -> None:
        """Let go of the answer; a WSGI server does, whatever became of it."""
        self._end(self._head)
        close = getattr(self._answer, "close", None)
        if close is not None:
            close()


def _call(seen: _Seen, actor: Actor | None, made: str, *, at: int) -> Call:
    """Spell a call, without anything secret."""
    given = {name.lower(): text for name, text in seen.told[1]}
    return Call(
        id=made,
        at=at,
        by=None if actor is None else actor.user,
        method=seen.method,
        path=secretless(_text(seen.path))[:_LONGEST],
        query=secretless_query(seen.query)[:_LONGEST],
        status=seen.status,
        ms=round((seen.ended - seen.began) * 1000),
        request=_shown(seen.sent or _JSON, b"" if seen.request is None else seen.request.head),
        answer=_shown(given.get("content-type", ""), seen.answer),
    )


def _shown(media: str, head: bytes) -> str | None:
    """Return the start of a body that is text, without what is secret."""
    if not head or _TEXTS.match(media.lower()) is None:
        return None
    # What was cut within a sign loses that sign.
    return secretless(head.decode("utf-8", "ignore"))


def _text(path: str) -> str:
    """Read a path as WSGI hands it over."""
    return path.encode("latin-1", "replace").decode("utf-8", "replace")
