"""Limits on requests: who is let through, who is told to wait, and for how long."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any, cast

import pytest

from taskloom.engine.policy import Policy
from taskloom.engine.ports import Hits, Ports, ThrottleStore
from taskloom.engine.throttle import LENGTHS, Throttle, Usage, Window
from taskloom.errors import TooMany
from taskloom.model.people import Actor
from taskloom.model.task import Moment

NOW = 20_000 * LENGTHS["day"] + 500 * LENGTHS["minute"] + 12_345
ENDS = {window: NOW - NOW % length + length for window, length in LENGTHS.items()}
ANN = Actor(workspace="main", user="ann", role="member", credential="key:ann")


class Counts(ThrottleStore):
    """Counts in memory, all within one minute."""

    def __init__(self) -> None:
        self.asked: list[str] = []

    def hit(self, credential: str, at: Moment) -> tuple[Hits, Hits]:
        self.asked.append(credential)
        minute, day = (
            Hits(start=at - at % length, count=self.asked.count(credential))
            for length in (LENGTHS["minute"], LENGTHS["day"])
        )
        return minute, day


@pytest.fixture
def counts() -> Counts:
    return Counts()


@pytest.fixture
def throttle(counts: Counts) -> Callable[[Policy], Throttle]:
    def made(policy: Policy) -> Throttle:
        ports = cast(Ports, Outside(throttle=counts, clock=lambda: NOW))
        return Throttle(ports, policy)

    return made


class Outside:
    """The two ports that are needed."""

    def __init__(self, **ports: Any) -> None:
        self.__dict__.update(ports)


def test_without_limits_nothing_is_counted(
    counts: Counts, throttle: Callable[[Policy], Throttle]
) -> None:
    assert throttle(Policy()).count(ANN) is None
    assert [] == counts.asked


def test_as_many_as_the_limit_are_let_through(throttle: Callable[[Policy], Throttle]) -> None:
    limited = throttle(Policy(per_minute=3))

    left = [limited.count(ANN) for _ in range(3)]

    assert left == [Usage(limit=3, remaining=n, reset_at=ENDS["minute"]) for n in (2, 1, 0)]
    with pytest.raises(TooMany, match="the rate limit of 3 requests per minute") as refused:
        limited.count(ANN)
    assert refused.value.details == {
        "limit": 3,
        "remaining": 0,
        "reset_at": ENDS["minute"],
        "retry_after": 48,
        "window": "minute",
    }


def test_credentials_have_a_limit_each(throttle: Callable[[Policy], Throttle]) -> None:
    limited = throttle(Policy(per_minute=1))
    limited.count(ANN)

    assert limited.count(replace(ANN, credential="key:other"))
    with pytest.raises(TooMany):
        limited.count(replace(ANN, role="admin"))


def test_the_allowance_that_ends_first_is_told(throttle: Callable[[Policy], Throttle]) -> None:
    told: list[tuple[Policy, Window]] = [
        (Policy(per_minute=3, per_day=2), "day"),
        (Policy(per_minute=2, per_day=3), "minute"),
        (Policy(per_minute=2, per_day=2), "minute"),
        (Policy(per_day=2), "day"),
    ]
    for policy, window in told:
        limited = throttle(policy)
        actor = replace(ANN, credential=repr(policy))
        assert limited.count(actor) == Usage(limit=2, remaining=1, reset_at=ENDS[window])
        limited.count(actor)
        with pytest.raises(TooMany) as refused:
            limited.count(actor)
        assert window == refused.value.details["window"]
        assert -(-(ENDS[window] - NOW) // 1000) == refused.value.details["retry_after"]
