"""What reports measure: days of a zone, how long things take, and the port that counts them.

A long time is told in hundredths of an hour or day, cut to its first four digits. However many
tasks there are, so few different lengths exist that they can be counted one by one, and what a
quantile tells of them is exact.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from itertools import accumulate
from typing import Final, Literal, NamedTuple, Protocol

from taskloom.model.task import Moment
from taskloom.query.tree import Filter
from taskloom.schema.compiled import Compiled

HUNDREDTH_HOUR: Final = 36_000
HUNDREDTH_DAY: Final = 864_000
"""Units of time in milliseconds."""
DIGITS: Final = 10_000
"""A count of units below this is told as it is; of larger ones, the digits after four are 0."""
QUARTER: Final = 15 * 60 * 1000
"""Milliseconds of a quarter of an hour: the days of every zone begin with one."""

Period = Literal["day", "week", "month"]


class Length(NamedTuple):
    """How many things of a stage took so many units, and how many milliseconds all of them."""

    stage: str
    units: int
    number: int
    together: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Span:
    """The days from one to another, both of them included, as a zone has them."""

    first: date | None = None
    last: date | None = None
    zone: tzinfo = UTC

    @property
    def start(self) -> Moment | None:
        """The moment that the first day begins with."""
        return None if self.first is None else beginning(self.first, self.zone)

    @property
    def end(self) -> Moment | None:
        """The moment after the last day."""
        return None if self.last is None else beginning(self.last + timedelta(days=1), self.zone)


class FigureStore(Protocol):
    """Counts within the database; every count is bounded in time, and raises `TooSlow`."""

    def values(
        self, workflow: Compiled, where: Filter, field: str
    ) -> Mapping[str | bool | None, int]:
        """Count matching tasks by each value of a field, None where it is unset.

        A task that has several values is counted at each.
        """

    def created(
        self, workflow: Compiled, where: Filter, start: Moment, end: Moment
    ) -> Mapping[int, int]:
        """Count matching tasks made from `start` to before `end`, by `QUARTER` since 1970."""

    def finished(
        self, workflow: Compiled, where: Filter, start: Moment, end: Moment
    ) -> Mapping[int, int]:
        """Count matching tasks in end stages likewise, by when they came there to stay."""

    def ages(self, workflow: Compiled, where: Filter, now: Moment) -> Iterator[Length]:
        """Yield how long ago matching tasks were made, in `HUNDREDTH_DAY`, by stage and length."""

    def visits(
        self, workflow: Compiled, where: Filter, start: Moment | None, end: Moment | None
    ) -> Iterator[Length]:
        """Yield how long matching tasks were in stages that they left from `start` to before `end`.

        In `HUNDREDTH_HOUR`, by stage and length.
        """


@dataclass(frozen=True, slots=True, kw_only=True)
class Spread:
    """Lengths of one kind: how many of them are so many units long, in ascending order."""

    lengths: Mapping[int, int]
    together: int = 0
    """Milliseconds of all of them."""

    @property
    def count(self) -> int:
        """How many there are."""
        return sum(self.lengths.values())

    def quantile(self, percent: int) -> int | None:
        """Return how many units the one takes that so many percent take no longer than.

        That is the one at rank ⌈count · percent / 100⌉ of the sorted ones; None of nothing.
        """
        rank = -(-self.count * percent // 100)
        reached = zip(self.lengths, accumulate(self.lengths.values()), strict=True)
        return next((units for units, up_to in reached if up_to >= rank), None)

    def between(self, least: int, most: int | None) -> int:
        """Count those of at least so many units, and of less than `most`."""
        return sum(
            count
            for units, count in self.lengths.items()
            if units >= least and (most is None or units < most)
        )


def spreads(lengths: Iterator[Length]) -> Mapping[str, Spread]:
    """Gather lengths by stage; those of one stage come in ascending order."""
    held: dict[str, dict[int, int]] = {}
    together: dict[str, int] = {}
    for stage, units, number, milliseconds in lengths:
        held.setdefault(stage, {})[units] = number
        together[stage] = together.get(stage, 0) + milliseconds
    return {
        stage: Spread(lengths=counts, together=together[stage]) for stage, counts in held.items()
    }


def joined(every: Mapping[str, Spread]) -> Spread:
    """Put the lengths of all stages together."""
    counts: dict[int, int] = {}
    for spread in every.values():
        for units, count in spread.lengths.items():
            counts[units] = counts.get(units, 0) + count
    together = sum(spread.together for spread in every.values())
    return Spread(lengths=dict(sorted(counts.items())), together=together)


def cut(units: int) -> int:
    """Return a number of units as it is told: with four digits, and zeros after them."""
    step = 1
    while units // step >= DIGITS:
        step *= 10
    return units - units % step


def beginning(day: date, zone: tzinfo) -> Moment:
    """Return the first moment of a day."""
    return round(datetime.combine(day, time.min, zone).timestamp() * 1000)


def day_of(at: Moment, zone: tzinfo) -> date:
    """Return the day that a moment is in."""
    return datetime.fromtimestamp(at / 1000, zone).date()


def begun(day: date, period: Period) -> date:
    """Return the first day of the week (a Monday), or month, that a day is in."""
    if period == "week":
        return day - timedelta(days=day.weekday())
    return day.replace(day=1) if period == "month" else day


def following(first: date, period: Period) -> date:
    """Return the first day of the next period."""
    if period == "month":
        return (first + timedelta(days=31)).replace(day=1)
    return first + timedelta(days=7 if period == "week" else 1)
