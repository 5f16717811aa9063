"""How often a credential may ask: so many requests a minute and a day, counted in the database."""

import math
from dataclasses import dataclass
from typing import Final, Literal

from taskloom.engine.policy import Policy
from taskloom.engine.ports import Hits, Ports
from taskloom.errors import TooMany
from taskloom.model.people import Actor
from taskloom.model.task import Moment

Window = Literal["minute", "day"]

LENGTHS: Final[dict[Window, int]] = {"minute": 60_000, "day": 24 * 60 * 60_000}
"""The lengths of the windows in milliseconds; each begins with a minute or a day in UTC."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Usage:
    """What is left of the allowance that ends first; `reset_at` is when it is whole again."""

    limit: int
    remaining: int
    reset_at: Moment


class Throttle:
    """Counts requests where the policy sets a limit; otherwise it costs nothing."""

    def __init__(self, ports: Ports, policy: Policy) -> None:
        self._ports = ports
        self._policy = policy

    def count(self, actor: Actor) -> Usage | None:
        """Count a request of the actor's credential and tell what is left; None without limits.

        Raises `TooMany` with the details `limit`, `remaining`, `reset_at` (in milliseconds),
        `retry_after` (in seconds) and `window`. Refused requests count too.
        """
        limits: dict[Window, int | None] = {
            "minute": self._policy.per_minute,
            "day": self._policy.per_day,
        }
        if not any(limits.values()):
            return None
        now = self._ports.clock()
        minute, day = self._ports.throttle.hit(actor.credential, now)
        hits: dict[Window, Hits] = {"minute": minute, "day": day}
        left = [_left(each, limit, hits[each], now) for each, limit in limits.items() if limit]
        return min(left, key=lambda usage: usage.remaining)


def _left(window: Window, limit: int, hits: Hits, now: Moment) -> Usage:
    reset_at = hits.start + LENGTHS[window]
    if hits.count > limit:
        raise TooMany(
            f"You have exceeded the rate limit of {limit} requests per {window}",
            limit=limit,
            remaining=0,
            reset_at=reset_at,
            retry_after=max(1, math.ceil((reset_at - now) / 1000)),
            window=window,
        )
    return Usage(limit=limit, remaining=limit - hits.count, reset_at=reset_at)
