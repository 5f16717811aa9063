"""Patience under contention: try again a little later, for a bounded time."""

import random
import time
from collections.abc import Iterator

from taskloom.errors import Conflict

PATIENCE_SECONDS = 20.0
_LONGEST_PAUSE = 0.2


def attempts() -> Iterator[int]:
    """Yield attempt numbers with growing random pauses; raise `Conflict` when patience ends."""
    end = time.monotonic() + PATIENCE_SECONDS
    attempt = 0
    while attempt == 0 or time.monotonic() < end:
        yield attempt
        attempt += 1
        # Jitter over the whole range keeps writers of one task from meeting again and again.
        time.sleep(random.uniform(0, min(_LONGEST_PAUSE, 0.002 * 2**attempt)))  # noqa: S311 - no secret
    raise Conflict("too many others are writing this task now; try again")
