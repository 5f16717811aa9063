"""Effects: each in its own rhythm, none in the way of another."""

import threading
from typing import cast

import pytest

from taskloom.effects.base import EFFECTS, NEVER, Effect
from taskloom.effects.collect import HOUR
from taskloom.effects.runner import run_effects
from taskloom.engine.ports import Ports

NO_PORTS = cast(Ports, object())


class Counting:
    """Counts its runs, and stops everything after the third; may fail each time."""

    def __init__(self, stopping: threading.Event, *, every: float, fails: bool) -> None:
        self.every = every
        self.at_once = 1
        self.runs = 0
        self._stopping = stopping
        self._fails = fails

    def run(self, ports: Ports, stopping: threading.Event = NEVER) -> None:
        assert stopping is self._stopping
        assert ports is NO_PORTS
        self.runs += 1
        if self.runs == 3:
            self._stopping.set()
        if self._fails:
            raise OSError("the disk is gone")


def test_a_failing_effect_is_tried_again_and_stops_no_other(
    caplog: pytest.LogCaptureFixture,
) -> None:
    stopping = threading.Event()
    failing = Counting(stopping, every=0.001, fails=True)
    rare = Counting(stopping, every=HOUR, fails=False)

    run_effects(NO_PORTS, {"failing": failing, "rare": rare}, stopping)

    assert (failing.runs, rare.runs) == (3, 1)
    assert "the effect failing failed" in caplog.text


class Lasting:
    """Takes as long as nobody else is done; two of it run side by side."""

    every: float = HOUR
    at_once = 2

    def __init__(self) -> None:
        self.runs = 0

    def run(self, ports: Ports, stopping: threading.Event = NEVER) -> None:
        assert ports is NO_PORTS
        self.runs += 1
        assert stopping.wait(60)


def test_what_takes_long_delays_nothing_else() -> None:
    stopping = threading.Event()
    lasting = Lasting()
    frequent = Counting(stopping, every=0.001, fails=False)

    run_effects(NO_PORTS, {"lasting": lasting, "frequent": frequent}, stopping)

    assert (lasting.runs, frequent.runs) == (2, 3)


def test_nothing_to_do_ends_at_once() -> None:
    run_effects(NO_PORTS, {}, threading.Event())


def test_collection_is_found_and_due_every_hour() -> None:
    effect: Effect = EFFECTS["collect"]

    assert effect.every == HOUR
