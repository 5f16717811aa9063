"""Requests take turns: few are worked on at a time, many may wait for their client.

A client that sends or reads slowly costs a thread, and threads are cheap. What it must not cost is
the turn that another request could have meanwhile.
"""

from collections.abc import Callable, Iterable, Iterator
from queue import SimpleQueue
from typing import Any, Protocol

StartResponse = Callable[..., Any]
Free = SimpleQueue[None]
"""The turns that nobody has; a semaphore would be the same at twenty times the cost."""

Application = Callable[[dict[str, Any], StartResponse], Iterable[bytes]]


class Input(Protocol):
    """A request's body as a WSGI server hands it over."""

    def read(self, size: int | None = None, /) -> bytes:
        """Return up to so many bytes, or all that are left."""


class Turns:
    """A WSGI application around another, which works on `at_once` requests at a time."""

    def __init__(self, app: Application, at_once: int) -> None:
        self._app = app
        self._turns: Free = SimpleQueue()
        for _ in range(at_once):
            self._turns.put(None)

    def __call__(self, environ: dict[str, Any], start_response: StartResponse) -> Iterable[bytes]:
        turns = self._turns
        environ["wsgi.input"] = _Body(environ["wsgi.input"], turns)
        turns.get()
        try:
            answer = self._app(environ, start_response)
            # What is there already needs no work any more.
            return answer if type(answer) is list else _Answer(answer, turns)
        finally:
            turns.put(None)


class _Body:
    """A body that gives the turn away while it waits for the client."""

    def __init__(self, body: Input, turns: Free) -> None:
        self._body = body
        self._turns = turns

    def read(self, size: int | None = None) -> bytes:
        # The server takes no negative size, which also means all that are left.
        wanted = None if size is None or size < 0 else size
        self._turns.put(None)
        try:
            return self._body.read(wanted)
        finally:
            self._turns.get()


class _Answer(Iterator[bytes]):
    """An answer that takes a turn for each piece, and none while the client takes its time."""

    def __init__(self, answer: Iterable[bytes], turns: Free) -> None:
        self._answer = answer
        self._pieces = iter(answer)
        self._turns = turns

    def __next__(self) -> bytes:
        self._turns.get()
        try:
            return next(self._pieces)
        finally:
            self._turns.put(None)

    def close(self) -> None:
        close = getattr(self._answer, "close", None)
        if close is None:
            return
        self._turns.get()
        try:
            close()
        finally:
            self._turns.put(None)
