"""Requests take turns: few are worked on at a time, many may wait for their client.

A client that sends or reads slowly costs a thread, and threads are cheap. What it must not cost is
the turn that another request could have meanwhile.
"""

from collections.abc import Callable, Iterable, Iterator
from threading import Semaphore
from typing import Any, Protocol

StartResponse = Callable[..., Any]
Application = Callable[[dict[str, Any], StartResponse], Iterable[bytes]]


class Input(Protocol):
    """A request's body as a WSGI server hands it over."""

    def read(self, size: int | None = None, /) -> bytes:
        """Return up to so many bytes, or all that are left."""


class Turns:
    """A WSGI application around another, which works on `at_once` requests at a time."""

    def __init__(self, app: Application, at_once: int) -> None:
        self._app = app
        self._turns = Semaphore(at_once)

    def __call__(self, environ: dict[str, Any], start_response: StartResponse) -> Iterable[bytes]:
        environ["wsgi.input"] = _Body(environ["wsgi.input"], self._turns)
        with self._turns:
            return _Answer(self._app(environ, start_response), self._turns)


class _Body:
    """A body that gives the turn away while it waits for the client."""

    def __init__(self, body: Input, turns: Semaphore) -> None:
        self._body = body
        self._turns = turns

    def read(self, size: int | None = None) -> bytes:
        # The server takes no negative size, which also means all that are left.
        wanted = None if size is None or size < 0 else size
        self._turns.release()
        try:
            return self._body.read(wanted)
        finally:
            self._turns.acquire()


class _Answer(Iterator[bytes]):
    """An answer that takes a turn for each piece, and none while the client takes its time."""

    def __init__(self, answer: Iterable[bytes], turns: Semaphore) -> None:
        self._answer = answer
        self._pieces = iter(answer)
        self._turns = turns

    def __next__(self) -> bytes:
        with self._turns:
            return next(self._pieces)

    def close(self) -> None:
        close = getattr(self._answer, "close", None)
        if close is not None:
            with self._turns:
                close()
