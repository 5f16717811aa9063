"""Turns: few requests are worked on at a time, and who waits for a client has no turn."""

import threading
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from taskloom.app.turns import Application, Turns

WAIT_SECONDS = 20


class SlowBody:
    """A body of which nothing comes until the client goes on."""

    def __init__(self) -> None:
        self.asked = threading.Event()
        self.goes_on = threading.Event()
        self.sizes: list[int | None] = []

    def read(self, size: int | None = None) -> bytes:
        self.sizes.append(size)
        self.asked.set()
        assert self.goes_on.wait(WAIT_SECONDS)
        return b"x"


class Answer:
    """An answer of two pieces that notes that it was closed."""

    def __init__(self) -> None:
        self.closed = False

    def __iter__(self) -> Iterator[bytes]:
        yield b"a"
        yield b"b"

    def close(self) -> None:
        self.closed = True


def reading(environ: dict[str, Any], _start: Callable[..., object]) -> Iterable[bytes]:
    return [environ["wsgi.input"].read()]


def call(app: Application, body: object = None) -> Iterable[bytes]:
    return app({"wsgi.input": body}, lambda *_: None)


def test_a_request_that_waits_for_its_client_lets_others_go_on() -> None:
    app = Turns(reading, 1)
    slow, quick = SlowBody(), SlowBody()
    quick.goes_on.set()

    with ThreadPoolExecutor(1) as pool:
        waiting = pool.submit(lambda: list(call(app, slow)))
        assert slow.asked.wait(WAIT_SECONDS)
        assert [b"x"] == list(call(app, quick))
        slow.goes_on.set()

        assert [b"x"] == waiting.result(WAIT_SECONDS)


def test_an_answer_that_is_not_fetched_has_no_turn() -> None:
    app = Turns(lambda *_: Answer(), 1)

    half_read = iter(call(app))
    assert b"a" == next(half_read)

    assert [b"a", b"b"] == list(call(app))
    assert [b"b"] == list(half_read)


def test_no_more_requests_are_worked_on_than_may_be() -> None:
    at_work, most = [], []
    lock = threading.Lock()

    def working(*_: object) -> Iterable[bytes]:
        with lock:
            at_work.append(1)
            most.append(len(at_work))
        threading.Event().wait(0.001)
        with lock:
            at_work.pop()
        return []

    app = Turns(working, 2)
    with ThreadPoolExecutor(16) as pool:
        list(pool.map(lambda _: list(call(app)), range(100)))

    assert max(most) <= 2


def test_a_failure_gives_its_turn_back() -> None:
    def failing(*_: object) -> Iterable[bytes]:
        raise ValueError

    app = Turns(failing, 1)
    for _ in range(3):
        with pytest.raises(ValueError):  # noqa: PT011 - that of the application
            call(app)


def test_an_answer_is_closed_with_the_one_around_it() -> None:
    answer = Answer()
    app = Turns(lambda *_: answer, 1)

    call(app).close()  # type: ignore[attr-defined] # of the protocol between server and application

    assert answer.closed


@pytest.mark.parametrize(("asked", "passed"), [(5, 5), (-1, None), (None, None)])
def test_a_server_is_asked_for_no_negative_size(asked: int | None, passed: int | None) -> None:
    body = SlowBody()
    body.goes_on.set()
    app = Turns(lambda environ, _: [environ["wsgi.input"].read(asked)], 1)

    list(call(app, body))

    assert [passed] == body.sizes
