"""Under which terms a write may happen, and from which request it comes."""

from dataclasses import dataclass, replace
from typing import Final


@dataclass(frozen=True, slots=True, kw_only=True)
class Terms:
    """What must hold for a write.

    The task is to have had one of the revisions `revs` (None: any), to be `there`, or not to be
    there at all (`absent`). `event` is the id that the event of the write gets; `again` tells that
    an earlier try of the same request may have written it already.
    """

    revs: frozenset[int] | None = None
    there: bool = False
    absent: bool = False
    event: str | None = None
    again: bool = False

    @property
    def bound(self) -> bool:
        """Tell whether anything is asked of the task as it is."""
        return self.revs is not None or self.there or self.absent


FREELY: Final = Terms()


@dataclass(frozen=True, slots=True, kw_only=True)
class Origin:
    """The request that writes come from, where it may be sent again.

    `root`, 18 hex digits, is the same for all tries of it; the ids of what it makes follow from
    it. `again` tells that this is not the first try. Rows count from `first`.
    """

    root: str
    again: bool = False
    first: int = 0

    def task(self, row: int = 0) -> str:
        """Return the id of the task that a row makes."""
        return f"{self.root}{2 * (self.first + row):06x}"

    def event(self, row: int = 0) -> str:
        """Return the id of the event that a row makes."""
        return f"{self.root}{2 * (self.first + row) + 1:06x}"

    def after(self, rows: int) -> "Origin":
        """Return the origin of the rows that come after so many."""
        return replace(self, first=self.first + rows)
