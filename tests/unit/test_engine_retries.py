"""Tries of a request: who has it, for how long, and what the next one finds."""

import time
from collections.abc import Callable, Collection
from typing import Any, cast

import pytest

from taskloom.engine import retries as engine_retries
from taskloom.engine.retries import HELD_MS, Kept, Other, Retries, Try
from taskloom.storage.client import Database
from taskloom.storage.retries import Retries as Store

DAY = 86_400_000


@pytest.fixture
def store(database: Database) -> Store:
    made = Store(database)
    made.prepare()
    return made


def attempt(token: str, root: str = "1" * 18) -> Try:
    return Try(request="r" * 64, token=token, root=root, again=False)


def begun(store: Store, token: str, root: str = "1" * 18, hold: int = 60_000) -> Any:
    return store.begin(attempt(token, root), "p", hold=hold, keep=DAY)


def test_the_first_try_has_the_request(store: Store) -> None:
    assert attempt("a") == begun(store, "a")
    assert Other(same=True) == begun(store, "b")
    assert Other(same=False) == store.begin(attempt("c"), "q", hold=1, keep=DAY)


def test_a_later_try_goes_on_from_the_root_of_the_first(store: Store) -> None:
    begun(store, "a", hold=-1)

    second = begun(store, "b", root="2" * 18)

    assert ("b", "1" * 18, True) == (second.token, second.root, second.again)
    assert Other(same=True) == begun(store, "c")


def test_who_still_runs_keeps_the_request(store: Store) -> None:
    first = begun(store, "a", hold=-1)
    store.hold([first], 60_000)

    assert Other(same=True) == begun(store, "b")


def test_who_was_outlasted_has_nothing_to_say(store: Store) -> None:
    first = begun(store, "a", hold=-1)
    second = begun(store, "b")

    store.finish(first, 201, {}, [b"first"])
    store.let_go(first)
    store.forget(first)
    assert Other(same=True) == begun(store, "c")

    store.finish(second, 200, {"ETag": '"1"'}, [b"sec", b"ond"])
    assert Kept(request="r" * 64, status=200, headers={"ETag": '"1"'}) == begun(store, "c")
    assert b"second" == b"".join(store.body("r" * 64))


def test_what_is_let_go_is_taken_up_and_what_is_forgotten_begins_anew(store: Store) -> None:
    store.let_go(begun(store, "a"))
    second = begun(store, "b")
    assert second.again

    store.forget(second)
    third = begun(store, "c", root="3" * 18)
    assert (False, "3" * 18) == (third.again, third.root)


def test_an_answer_may_be_empty(store: Store) -> None:
    store.finish(begun(store, "a"), 204, {}, [])

    assert 204 == begun(store, "b").status
    assert b"" == b"".join(store.body("r" * 64))


class Watched:
    """A store that notes which tries are held."""

    def __init__(self) -> None:
        self.held: list[Collection[Try]] = []

    def hold(self, attempts: Collection[Try], hold: int) -> None:
        assert hold == HELD_MS
        self.held.append(attempts)


def wait(until: Callable[[], object]) -> None:
    end = time.monotonic() + 10
    while not until() and time.monotonic() < end:
        time.sleep(0.005)
    assert until()


def test_a_request_is_held_as_long_as_it_runs(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(engine_retries, "_BEAT_SECONDS", 0.01)
    store = Watched()
    retries = Retries(cast(Any, store), lambda: "0" * 24)
    one, other = attempt("a"), attempt("b")

    with retries.running(one):
        with retries.running(other):
            wait(lambda: store.held and len(store.held[-1]) == 2)
        wait(lambda: store.held[-1] == [one])
    running = retries._running  # noqa: SLF001 - whether its thread ends is seen nowhere else
    wait(lambda: not running._beating)  # noqa: SLF001 - as above

    with retries.running(other):
        wait(lambda: store.held[-1] == [other])
