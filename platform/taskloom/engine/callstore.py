"""What keeps the last calls of the API."""

from collections.abc import Sequence
from typing import Final, Protocol

from taskloom.model.call import Call

MOST: Final = 50
"""So many calls are kept of a workflow."""


class CallStore(Protocol):
    """The last calls on workflows, which are named by `uid`; a crash may lose some."""

    def keep(self, workflow: str, calls: Sequence[Call]) -> None:
        """Add calls, of which with those kept before the last `MOST` stay."""

    def last(self, workflow: str) -> Sequence[Call]:
        """Return the calls kept, newest first."""
