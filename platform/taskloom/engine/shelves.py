"""The port of saved views."""

from collections.abc import Mapping, Sequence
from typing import Protocol

from taskloom.model.saved_view import SavedView
from taskloom.model.task import Moment


class SavedViewStore(Protocol):
    """Saved views of all workflows, which are named by their `uid`."""

    def seen(self, workflow: str, user: str | None) -> Sequence[SavedView]:
        """Return a user's own views and all shared ones, by name, then by age."""

    def get(self, workflow: str, view: str) -> SavedView | None:
        """Return the view with this id."""

    def count(self, workflow: str, owner: str | None) -> int:
        """Return how many views somebody has of a workflow."""

    def insert(self, view: SavedView) -> None:
        """Store a new view."""

    def change(
        self, workflow: str, view: str, changes: Mapping[str, object], at: Moment
    ) -> SavedView | None:
        """Store other parts of a view, by their names; return all of it, None when it is gone."""

    def delete(self, workflow: str, view: str) -> bool:
        """Remove a view; False when it was gone."""
