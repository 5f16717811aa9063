"""Events as the native dialect shows them: fields by title, values as reads spell them."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any, Final

from taskloom.engine.people import Colleagues
from taskloom.errors import ASSIGNEE, STAGE
from taskloom.model.event import CREATED, DELETED, LINK, UPDATED, Change, Event
from taskloom.model.people import User
from taskloom.model.task import Moment
from taskloom.schema.compiled import Compiled, titles_of
from taskloom.wire.docs.describe import TEXT

_PERSON: Final = {
    "type": ["object", "null"],
    "description": "Null for a key of the workspace, and for who is gone.",
    "properties": dict.fromkeys(("id", "email", "name"), TEXT),
    "required": ["id", "email", "name"],
    "additionalProperties": False,
}
_CHANGE: Final = {
    "type": "object",
    "properties": {
        "field": {"type": "string", "description": "Title of a field, Stage or Assigned To."},
        "from": {"description": "The value before, as reads spell it."},
        "to": {"description": "The value after."},
    },
    "required": ["field", "from", "to"],
    "additionalProperties": False,
}
_KINDS: Final = (CREATED, UPDATED, DELETED)


def event_schema(**more: Mapping[str, Any]) -> Mapping[str, Any]:
    """Describe an event that also has these properties."""
    properties = {
        "id": TEXT,
        "at": {"type": "string", "format": "date-time"},
        "kind": {"enum": list(_KINDS)},
        "by": _PERSON,
        "changes": {"type": "array", "items": _CHANGE},
        **more,
    }
    return {
        "type": "object",
        "properties": properties,
        "required": list(properties),
        "additionalProperties": False,
    }


class ShownEvents:
    """Shows events of any workflow in one request."""

    def __init__(self, people: Colleagues) -> None:
        self._people = people

    def shown(self, workflow: Compiled, event: Event) -> dict[str, object]:
        """Spell an event: who, when, what."""
        return {
            "id": event.id,
            "at": instant(event.at),
            "kind": event.kind,
            "by": self._person(event.by),
            "changes": list(self._changes(workflow, event.changes)),
        }

    def _person(self, user: str | None) -> Mapping[str, object] | None:
        found: User | None = None if user is None else self._people.user_of(user)
        if found is None:
            return None
        return {"id": found.id, "email": found.email, "name": found.name}

    def _changes(
        self, workflow: Compiled, changes: Sequence[Change]
    ) -> Iterator[Mapping[str, object]]:
        """Spell changes; what the workflow does not have any more is left out, as in reads."""
        titles = titles_of(workflow)
        for change in changes:
            if change.field in titles:
                sides = (self.value(workflow, change.field, side) for side in change[1:])
                old, new = sides
                yield {"field": titles[change.field], "from": old, "to": new}

    def value(self, workflow: Compiled, field: str, stored: object) -> object:
        """Spell a stored value of a field or a built-in as reads do."""
        if field == STAGE:
            stage = workflow.stages.get(str(stored))
            return stored if stage is None else stage.name
        if field == ASSIGNEE:
            emails = [self._people.email_of(user) for user in _texts(stored)]
            known = [email for email in emails if email is not None]
            return known if workflow.workflow.several else next(iter(known), None)
        if field.startswith(LINK):
            return _texts(stored)
        codec = workflow.codecs[field]
        if stored is None:
            return codec.empty
        return codec.dump(codec.unpack(stored), self._people)


def _texts(stored: object) -> list[str]:
    return [str(one) for one in stored] if isinstance(stored, list | tuple) else []


def instant(at: Moment) -> str:
    """Write a moment as `YYYY-MM-DDTHH:MM:SS.mmmZ`."""
    whole = datetime.fromtimestamp(at // 1000, UTC).strftime("%Y-%m-%dT%H:%M:%S")
    return f"{whole}.{at % 1000:03}Z"
