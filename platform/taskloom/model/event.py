"""What happened to a task. History, webhooks and live updates all read events."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import NamedTuple

from taskloom.model.task import Moment

CREATED = "created"
UPDATED = "updated"
DELETED = "deleted"

LINK = "_link:"
"""What the key of a link begins with; no key of a field does."""


class Change(NamedTuple):
    """One field's change, both sides in stored form; None means unset.

    Of a link, both sides are lists of task ids. A tuple, for there are many of them.
    """

    field: str
    old: object
    new: object


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """Who did what to which task and when; `by` is a user id, or None for the API key's "API".

    Of a new task only its links are among the changes that a write hands to the store; those that
    the store gives back also tell what the task began with.

    `action` names the action of a process that made the change, if one did; `comment` is what was
    remarked with it.
    """

    id: str
    at: Moment
    by: str | None
    kind: str
    changes: tuple[Change, ...] = ()
    action: str | None = None
    comment: str | None = None

    def as_mapping(self) -> Mapping[str, object]:
        """Give the event as plain data, for documents and answers."""
        return {
            "id": self.id,
            "at": self.at,
            "by": self.by,
            "kind": self.kind,
            "changes": [[c.field, c.old, c.new] for c in self.changes],
            "action": self.action,
            "comment": self.comment,
        }
