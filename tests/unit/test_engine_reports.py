"""Reports: what they cost, what has gone from the workflow, scopes."""

from dataclasses import replace
from pathlib import Path

import pytest

from taskloom.engine import reports
from taskloom.errors import Forbidden
from taskloom.query.tree import EVERYTHING
from taskloom.storage.client import Database
from tests.unit.engines import Office, open_office

VISITS = {
    "$id": "visits",
    "title": "Visits",
    "type": "object",
    "properties": {
        "level": {"title": "Level", "type": "string", "enum": ["low", "high"]},
        "on": {"title": "On", "type": "string", "format": "date"},
        "at": {"title": "At", "type": "string", "format": "date-time"},
    },
    "workflow": {"stages": [{"name": "Open"}, {"name": "Done", "end": True}]},
}
YESTERDAY, TODAY = "2023-11-13", "2023-11-14"
NOW = "2023-11-14T22:13:20.5Z"
"""What the clock of the office tells, to half a second."""


@pytest.fixture
def office(database: Database, tmp_path: Path) -> Office:
    return open_office(database, tmp_path)


@pytest.mark.parametrize(("many", "asked"), [(3, ["find"]), (9, ["find", "count"])])
def test_a_report_takes_few_commands_however_many_tasks_there_are(
    office: Office, monkeypatch: pytest.MonkeyPatch, many: int, asked: list[str]
) -> None:
    monkeypatch.setattr(reports, "MOST_OVERDUE", 5)
    visits = office.push(VISITS)
    for _ in range(many):
        office.write(visits, level="low", on=YESTERDAY)
    office.tasks.calls.clear()

    tally = office.engine.reports.tally(office.admin, visits, EVERYTHING, ("level",))
    late = office.engine.reports.overdue(office.admin, visits, EVERYTHING, "on")

    assert ["tallies", *asked] == office.tasks.calls
    assert (many, {"low": many, "high": 0, "": 0}) == (tally.total, tally.by["level"])
    assert (many, min(many, 5)) == (late.count, len(late.tasks))


def test_a_day_is_overdue_when_it_is_over_and_a_time_when_it_has_passed(office: Office) -> None:
    visits = office.push(VISITS)
    dates = [YESTERDAY, TODAY, "2023-11-15", None]
    times = ["2023-11-14T22:13:20Z", "2023-11-14T22:13:20.4Z", NOW, "2024-01-01T00:00:00Z"]
    for on, at in zip(dates, times, strict=True):
        office.write(visits, on=on, at=at)
        office.write(visits, stage="Done", on=on, at=at)
    ask = office.engine.reports.overdue

    assert [YESTERDAY] == [
        task.values["on"] for task in ask(office.admin, visits, EVERYTHING, "on").tasks
    ]
    office.clock.now = 1_700_000_000_400
    assert times[:2] == [
        task.values["at"] for task in ask(office.admin, visits, EVERYTHING, "at").tasks
    ]


def test_options_that_are_gone_are_counted_after_the_others(office: Office) -> None:
    visits = office.push(VISITS)
    for level in ("high", "low", None):
        office.write(visits, level=level)
    fields = {**visits.fields, "level": replace(visits.fields["level"], options=("high", "new"))}

    tally = office.engine.reports.tally(
        office.admin, replace(visits, fields=fields), EVERYTHING, ("level",)
    )

    assert [("high", 1), ("new", 0), ("low", 1), ("", 1)] == list(tally.by["level"].items())


def test_who_may_not_read_gets_no_report(office: Office) -> None:
    visits = office.push(VISITS)
    writer = replace(office.admin, scopes=frozenset({"task:write"}))

    with pytest.raises(Forbidden):
        office.engine.reports.tally(writer, visits, EVERYTHING)
    with pytest.raises(Forbidden):
        office.engine.reports.overdue(writer, visits, EVERYTHING, "on")
