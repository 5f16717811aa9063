"""A saved view: a list of tasks that somebody named, to be looked at again and by others."""

from dataclasses import dataclass
from typing import Final, Literal

from taskloom.model.task import Moment

Layout = Literal["table", "board"]
LAYOUTS: Final[tuple[Layout, ...]] = ("table", "board")


@dataclass(frozen=True, slots=True, kw_only=True)
class SavedView:
    """A view of one workflow, which is named here by its `uid`.

    `owner` is a user id, or None for the API key's "API"; a view that is not `shared` exists for
    its owner alone. `query` and `columns` are JSON that names fields, links, stages and people by
    key, so that nothing of them changes when a title, name or e-mail does.
    """

    id: str
    workflow: str
    owner: str | None
    name: str
    layout: Layout
    shared: bool
    query: str
    columns: str
    created: Moment
    updated: Moment
