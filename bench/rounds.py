"""Alternating rounds: two sides measured in turn, and the median of their ratios."""

import statistics
import time
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass

from bench.machine import Groups, Spent, spending

ROUNDS = 3
MOST_REPEATED = 2
"""Rounds of a figure that are measured anew because the machine was busy with something else."""

DISTURBED = 0.2
"""A round counts as disturbed when so many cores were used by others, or stolen."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Run:
    """What one side did in one round, and what it cost."""

    done: int
    spent: Spent

    @property
    def rate(self) -> float:
        """Operations a second."""
        return self.done / self.spent.seconds

    @property
    def cost(self) -> float:
        """Processor seconds of client, server and database for one operation."""
        return self.spent.ours / self.done

    def cost_of(self, group: str) -> float:
        """Processor seconds of one group for one operation."""
        return self.spent.groups[group] / self.done


class Failed(Exception):
    """A side could not do what was asked of it."""


Side = Callable[[int], Run]


@dataclass(frozen=True, slots=True, kw_only=True)
class Compared:
    """Two sides over some rounds: medians of rates, of their ratio, and of what they cost.

    `by_cost` is the ratio of processor seconds for one operation: what the ratio of the rates would
    be if nobody else used the machine and both sides used all of it. `app`, `database` and `client`
    are what our server, mongod for it, and our load generator spend, and `all_other` what the other
    side does altogether, in seconds for one operation. `disturbed` is how many cores were not there
    for us.
    """

    unit: str
    ours: float
    other: float
    ratio: float
    by_cost: float
    app: float
    database: float
    client: float
    all_other: float
    disturbed: float


class Deadline:
    """How long rounds may still be repeated."""

    def __init__(self, seconds: float) -> None:
        self._end = time.monotonic() + seconds

    @property
    def is_past(self) -> bool:
        """Nothing more is repeated."""
        return time.monotonic() > self._end


def measured(groups: Groups, work: Callable[[], int]) -> Run:
    """Do something and tell what it came to."""
    measuring: AbstractContextManager[Spent] = spending(groups)
    with measuring as spent:
        done = work()
    return Run(done=done, spent=spent)


def alternate(ours: Side, other: Side, *, unit: str, deadline: Deadline) -> Compared:
    """Measure both sides in turn, each going first in every other round.

    Each side is given the number of the round. A disturbed round is replaced while that may be.
    """
    kept: list[tuple[Run, Run]] = []
    repeated = number = 0
    while len(kept) < ROUNDS:
        if number % 2:
            mine = ours(number)
            theirs = other(number)
        else:
            theirs = other(number)
            mine = ours(number)
        number += 1
        noisy = max(mine.spent.disturbance, theirs.spent.disturbance) > DISTURBED
        if noisy and repeated < MOST_REPEATED and not deadline.is_past:
            repeated += 1
            continue
        kept.append((mine, theirs))
    return compared(kept, unit)


def compared(rounds: Sequence[tuple[Run, Run]], unit: str) -> Compared:
    """Take the medians of rounds of (ours, other)."""
    median = statistics.median
    return Compared(
        unit=unit,
        ours=median(mine.rate for mine, _ in rounds),
        other=median(theirs.rate for _, theirs in rounds),
        ratio=median(mine.rate / theirs.rate for mine, theirs in rounds),
        by_cost=median(theirs.cost / mine.cost for mine, theirs in rounds),
        app=median(mine.cost_of("app") for mine, _ in rounds),
        database=median(mine.cost_of("mongod") for mine, _ in rounds),
        client=median(mine.cost_of("client") for mine, _ in rounds),
        all_other=median(theirs.cost for _, theirs in rounds),
        disturbed=median(
            max(mine.spent.disturbance, theirs.spent.disturbance) for mine, theirs in rounds
        ),
    )
