"""What happened to a task. History, webhooks and live updates all read events."""

from collections.abc import Mapping
from dataclasses import dataclass

from taskloom.model.task import Moment

CREATED = "created"
UPDATED = "updated"
DELETED = "deleted"


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """One field's change, both sides in stored form; None means unset."""

    field: str
    old: object
    new: object


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """Who did what to which task and when; `by` is a user id, or None for the API key's "API"."""

    id: str
    at: Moment
    by: str | None
    kind: str
    changes: tuple[Change, ...] = ()

    def as_mapping(self) -> Mapping[str, object]:
        """Give the event as plain data, for documents and answers."""
        return {
            "id": self.id,
            "at": self.at,
            "by": self.by,
            "kind": self.kind,
            "changes": [[c.field, c.old, c.new] for c in self.changes],
        }
