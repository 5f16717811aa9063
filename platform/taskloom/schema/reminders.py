"""The reminders of a workflow file."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

from taskloom.errors import Fault
from taskloom.model.rules import Reminder
from taskloom.schema.processes import field_faults
from taskloom.schema.properties import Sound, kinds_in
from taskloom.schema.walk import Schema, workflow_part

_DATES: Final = ("datetime", "date")
_NUMBERS: Final = ("integer", "number")


def reminder_faults(document: Schema, sound: Sound) -> Iterator[Fault]:
    """Refuse reminders of fields that are not there, are no date, or hold no number of hours."""
    fields = document.get("properties")
    fields = fields if isinstance(fields, Mapping) else {}
    kinds = kinds_in(document, sound) if _said(document) else {}
    for position, said in enumerate(_said(document)):
        path = ("workflow", "reminders", position)
        if not sound(path):
            continue
        yield from field_faults((*path, "date"), said["date"], _DATES, fields, kinds)
        hours = said["hoursBefore"]
        if isinstance(hours, str):
            yield from field_faults((*path, "hoursBefore"), hours, _NUMBERS, fields, kinds)


def _said(document: Schema) -> Sequence[Any]:
    said = workflow_part(document, "reminders", ())
    return said if isinstance(said, Sequence) and not isinstance(said, str) else ()


def build_reminders(document: Schema) -> tuple[Reminder, ...]:
    """Make the reminders of a file without faults."""
    return tuple(
        Reminder(date=said["date"], hours_before=said["hoursBefore"]) for said in _said(document)
    )
