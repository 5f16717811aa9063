"""Reminders: what a workflow file may say of them."""

import json
from decimal import Decimal
from typing import Any

import pytest

from taskloom.model.rules import Reminder
from taskloom.schema.load import faults_of, load_workflow

FIELDS: dict[str, dict[str, Any]] = {
    "title": {"type": "string"},
    "due": {"title": "Due", "type": "string", "format": "date-time"},
    "day": {"type": "string", "format": "date"},
    "hours": {"type": "number"},
}
HOURS = "must be the key of a number field, or a number of hours from 0 to 87600"


def text_of(*reminders: object, **fields: object) -> str:
    workflow = {"reminders": list(reminders)}
    return json.dumps({"$id": "plans", "properties": {**FIELDS, **fields}, "workflow": workflow})


def reminder(date: object = "due", hours: object = "hours") -> dict[str, object]:
    return {"date": date, "hoursBefore": hours}


def told(text: str) -> list[tuple[str, str, str]]:
    return [(fault.path, fault.message, fault.hint) for fault in faults_of(text)]


def test_reminders_name_a_date_and_a_field_or_a_number_of_hours() -> None:
    text = text_of(reminder(), reminder("day", 1.5), reminder("due", 0))

    made = load_workflow(text, workspace="main", uid="u1", version=1).reminders

    assert made == (
        Reminder(date="due", hours_before="hours"),
        Reminder(date="day", hours_before=Decimal("1.5")),
        Reminder(date="due", hours_before=0),
    )
    assert [{"due", "hours"}, {"day"}, {"due"}] == [each.fields for each in made]


def test_a_workflow_without_reminders_has_none() -> None:
    text = json.dumps({"$id": "plans", "properties": FIELDS})

    assert () == load_workflow(text, workspace="main", uid="u1", version=1).reminders


AT = "workflow.reminders[0]"
CASES: dict[str, tuple[str, str, str, str]] = {
    "no such date": (
        text_of(reminder("duo")),
        f"{AT}.date",
        "names no field: 'duo'",
        "did you mean 'due'?",
    ),
    "a title for a key": (
        text_of(reminder("Due")),
        f"{AT}.date",
        "names no field: 'Due'",
        "its key is 'due'",
    ),
    "a date that is a text": (
        text_of(reminder("title")),
        f"{AT}.date",
        "must be a field of kind datetime or date: 'title' is of kind text",
        "such fields are: due, day",
    ),
    "no such hours": (
        text_of(reminder(hours="hour")),
        f"{AT}.hoursBefore",
        "names no field: 'hour'",
        "did you mean 'hours'?",
    ),
    "hours that are a date": (
        text_of(reminder(hours="day")),
        f"{AT}.hoursBefore",
        "must be a field of kind integer or number: 'day' is of kind date",
        "such fields are: hours",
    ),
    "hours after": (text_of(reminder(hours=-1)), f"{AT}.hoursBefore", HOURS, ""),
    "too many hours": (text_of(reminder(hours=87_601)), f"{AT}.hoursBefore", HOURS, ""),
    "hours that are neither": (text_of(reminder(hours=None)), f"{AT}.hoursBefore", HOURS, ""),
    "no hours": (text_of({"date": "due"}), f"{AT}.hoursBefore", "is missing", ""),
}


@pytest.mark.parametrize(("text", "path", "message", "hint"), CASES.values(), ids=CASES)
def test_a_fault_tells_its_path_reason_and_remedy(
    text: str, path: str, message: str, hint: str
) -> None:
    assert [(path, message, hint)] == told(text)


def test_every_fault_of_the_reminders_is_told_at_once() -> None:
    text = text_of(reminder("x", "y"), {"date": "due"}, reminder("title", "title"))

    assert [
        f"workflow.reminders[{place}"
        for place in ("0].date", "0].hoursBefore", "1].hoursBefore", "2].date", "2].hoursBefore")
    ] == sorted(path for path, _, _ in told(text))


@pytest.mark.parametrize("said", [{}, "due", 1, [], [1]])
def test_what_is_no_list_of_reminders_is_refused(said: object) -> None:
    text = json.dumps({"$id": "plans", "properties": FIELDS, "workflow": {"reminders": said}})

    assert {"workflow.reminders", AT} >= {path for path, _, _ in told(text)} > set()


def test_a_field_that_is_wrong_itself_is_not_told_twice() -> None:
    text = text_of(reminder(), hours={"type": "numbr"})

    assert ["properties.hours.type"] == [path for path, _, _ in told(text)]
