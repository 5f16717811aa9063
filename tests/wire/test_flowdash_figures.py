"""Reports by name over HTTP: what they tell, of what, to whom, and as what."""

import csv
import io
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from taskloom.errors import TooSlow
from taskloom.storage.client import Database
from taskloom.storage.figures import Figures
from tests.wire.api import Api

JOBS: dict[str, Any] = {
    "ref": {"title": "Ref", "type": "string"},
    "size": {"title": "=Size", "type": "string", "enum": ["S", "=1+1"]},
    "tags": {"title": "Tags", "type": "array", "items": {"enum": ["a", "b"]}},
    "paid": {"title": "Tasks", "type": "boolean"},
    "due": {"title": "Due", "type": "string", "format": "date"},
    "lead": {"title": "Lead", "type": "string", "format": "person"},
    "secret": {"title": "Secret", "type": "string", "enum": ["x", "y"]},
    "from": {"title": "from", "type": "string"},
}
STAGES: list[dict[str, Any]] = [
    {"name": "New", "key": "new"},
    {"name": "Doing", "key": "doing"},
    {"name": "Done", "key": "done", "end": True},
]
PATH = "/workflows/jobs"
MINUTE, HOUR, DAY = 60_000, 3_600_000, 86_400_000


def push(api: Api, properties: dict[str, Any] = JOBS, **settings: Any) -> None:
    api.workflow("jobs", properties, **{"uniqueId": "ref", "stages": STAGES, **settings})


def put(api: Api, ref: str, **values: Any) -> None:
    answer = api.post(f"{PATH}/tasks", {"Ref": ref, **values})
    assert answer.status in {200, 201}, answer.json


@pytest.fixture
def jobs(api: Api) -> Api:
    """The workflow with four tasks."""
    push(api)
    api.user("ann@example.com")
    late = {"Due": "2001-01-31", "Assigned To": "ann@example.com"}
    put(api, "1", **{"=Size": "S", "Tags": ["a", "b"], "Tasks": True, **late})
    put(api, "2", **{"=Size": "=1+1", "Tags": ["a"], "Lead": "ann@example.com", "Stage": "Doing"})
    put(api, "3", **{"=Size": "S", "Due": "2001-01-31", "Stage": "Done", "from": "here"})
    put(api, "4", Due="9000-01-31", Secret="x")
    return api


def report(api: Api, name: str, query: str = "", **rest: Any) -> dict[str, Any]:
    answer = api.get(f"{PATH}/reports/{name}{query}", **rest)
    assert answer.status == 200, answer.json
    told: dict[str, Any] = answer.json
    keys = [column["key"] for column in told["columns"]]
    assert all(list(row) == keys for row in told["rows"])
    return told


def pairs(table: dict[str, Any]) -> list[tuple[Any, ...]]:
    return [tuple(row.values()) for row in table["rows"]]


def test_tasks_by_stage(jobs: Api) -> None:
    table = report(jobs, "stages")

    assert pairs(table) == [("New", 2), ("Doing", 1), ("Done", 1)]
    assert table["total"] == {"count": 4}
    assert [(c["title"], c["kind"]) for c in table["columns"]] == [
        ("Stage", "stage"),
        ("Tasks", "count"),
    ]
    assert pairs(report(jobs, "stages", "?%3DSize=S")) == [("New", 1), ("Doing", 0), ("Done", 1)]
    assert report(jobs, "stages", "?from[eq]=here")["total"] == {"count": 1}
    assert report(jobs, "stages", "?_q=here")["total"] == {"count": 1}


@pytest.mark.parametrize(
    ("title", "kind", "expected"),
    [
        ("%3DSize", "singleSelect", [("S", 2), ("=1+1", 1), (None, 1)]),
        ("Tags", "multipleSelect", [("a", 2), ("b", 1), (None, 2)]),
        ("Tasks", "checkbox", [(True, 1), (False, 0), (None, 3)]),
        ("Lead", "person", [("ann@example.com", 1), (None, 3)]),
        ("Assigned%20To", "person", [("ann@example.com", 1), (None, 3)]),
    ],
)
def test_tasks_by_value(jobs: Api, title: str, kind: str, expected: list[Any]) -> None:
    table = report(jobs, "values", f"?by={title}")

    assert pairs(table) == expected
    assert (table["columns"][0]["kind"], table["total"]) == (kind, {"count": 4})


def test_what_is_overdue(jobs: Api) -> None:
    table = report(jobs, "overdue", "?by=Due")

    ((task, url, uid, due, stage, assigned),) = pairs(table)
    assert url.endswith(f"/workflows/jobs/tasks/{task}")
    assert (uid, due, stage, assigned) == ("1", "2001-01-31", "New", "ann@example.com")
    assert table["total"] == {"count": 1}
    assert [column["kind"] for column in table["columns"]][2:4] == ["uniqueId", "date"]


def test_the_day_is_over_when_it_is_over_in_the_zone(jobs: Api) -> None:
    """One of the ends of the earth has another day than UTC has, at any time."""
    now = datetime.now(UTC)
    east = (now + timedelta(hours=14)).date()
    west = (now - timedelta(hours=11)).date()
    assert east != west
    put(jobs, "5", Due=west.isoformat())

    def late(zone: str) -> Any:
        return report(jobs, "overdue", f"?by=Due&Ref=5&_tz={zone}")["total"]["count"]

    assert (late("Pacific/Kiritimati"), late("Pacific/Niue")) == (1, 0)


def aged(database: Database, ref: str, created: int, *moved: int) -> None:
    """Let a task have been made, and moved, so many milliseconds ago."""
    now = round(datetime.now(UTC).timestamp() * 1000)
    name = next(n for n in database.list_collection_names() if n.startswith("tasks_")
                if database[n].find_one({"uid": ref}))  # fmt: skip
    times = {f"ev.{n}.t": now - ago for n, ago in enumerate((created, *moved))}
    change = {"at": now - created, "up": now - (created, *moved)[-1], **times}
    assert database[name].update_one({"uid": ref}, {"$set": change}).matched_count == 1


def test_how_old_open_tasks_are(jobs: Api, database: Database) -> None:
    for ref, days in (("1", 2.5), ("2", 100), ("3", 5), ("4", 29.9951)):
        aged(database, ref, round(days * DAY))

    table = report(jobs, "age")

    assert pairs(table) == [
        ("New", 2, 0, 1, 0, 0, 1, 0, 0, 2.5, 29.99),
        ("Doing", 1, 0, 0, 0, 0, 0, 0, 1, 100, 100),
    ]
    assert list(table["total"].values()) == [3, 0, 1, 0, 0, 1, 0, 1, 29.99, 100]
    titles = [column["title"] for column in table["columns"]]
    assert titles[2:4] + titles[8:] == [
        "Under 1 day", "1 to 3 days", "90 days or more", "Median", "85 %",
    ]  # fmt: skip


def test_how_long_tasks_stay_in_a_stage(jobs: Api, database: Database) -> None:
    put(jobs, "1", Stage="Doing")
    put(jobs, "1", Stage="New")
    put(jobs, "4", Stage="Doing")
    aged(database, "1", 100 * HOUR, 99 * HOUR, 90 * HOUR)
    aged(database, "4", 200 * HOUR, 98 * HOUR)

    assert pairs(report(jobs, "time-in-stage")) == [
        ("New", 2, 1, 102, 51.5),
        ("Doing", 1, 9, 9, 9),
        ("Done", 0, None, None, None),
    ]
    for ref in ("2", "4"):
        put(jobs, ref, Stage="New")
    push(jobs, stages=[STAGES[0], STAGES[2]])
    rows = pairs(report(jobs, "time-in-stage"))
    assert [row[:2] for row in rows] == [("New", 2), ("Done", 0), ("doing", 3)]


def test_what_came_and_went(jobs: Api, database: Database) -> None:
    put(jobs, "1", Stage="Done")
    put(jobs, "2", Stage="Done")
    put(jobs, "2", Stage="New")
    aged(database, "1", 40 * DAY, 3 * DAY)
    now = datetime.now(UTC)
    days = [(now - timedelta(days=n)).date() for n in (40, 3, 0)]
    query = f"?by=day&from={days[0]}&to={days[2]}"

    table = report(jobs, "throughput", query)

    assert [row for row in pairs(table) if row[1:] != (0, 0)] == [
        (days[0].isoformat(), 1, 0),
        (days[1].isoformat(), 0, 1),
        (days[2].isoformat(), 3, 1),
    ]
    assert (len(table["rows"]), table["total"]) == (41, {"created": 4, "finished": 2})
    assert [len(report(jobs, "throughput", f"?by={by}")["rows"]) for by in ("day", "week")] == [
        30,
        12,
    ]
    months = report(jobs, "throughput", "?by=month")
    assert [c["key"] for c in months["columns"]] == ["month", "created", "finished"]
    assert {row[0][-2:] for row in pairs(months)} == {"01"}


def test_days_narrow_what_is_counted(jobs: Api, database: Database) -> None:
    aged(database, "1", 10 * DAY)
    day = (datetime.now(UTC) - timedelta(days=10)).date()
    for name, query in {
        "stages": "?",
        "values": "?by=Tags&",
        "age": "?",
        "overdue": "?by=Due&",
    }.items():
        assert report(jobs, name, f"{query}from={day}&to={day}")["total"]["count"] == 1


PLANS: dict[str, Any] = {
    "ref": {"title": "Ref", "type": "string"},
    "steps": {"title": "Steps", "type": "array", "format": "approval-steps"},
}
APPROVING: dict[str, Any] = {
    "stages": [
        {"name": "Created"},
        {"name": "Awaiting Approval"},
        {"name": "Returned"},
        {"name": "Completed", "end": True},
        {"name": "Cancelled", "end": True},
    ],
    "approvals": {"steps": "steps"},
}


def test_who_is_waited_for(api: Api) -> None:
    people = ["ann@example.com", "bob@example.com", "cleo@example.com"]
    keys = {email: api.user(email) for email in people}
    push(api, PLANS, **APPROVING)
    both = [{"completionMode": "ALL", "participants": people[:2]}]
    one = [*both, {"completionMode": "ONE", "participants": [people[2]]}]
    for ref, steps in (("1", both), ("2", one), ("3", one)):
        put(api, ref, Steps=steps)
    for ref in ("1", "2"):
        sent = api.post(f"{PATH}/tasks/{ref}/approval", {"action": "SUBMIT"})
        assert sent.status == 200, sent.json
    approved = api.post(
        f"{PATH}/tasks/2/approval", {"action": "APPROVE"}, key=keys["ann@example.com"]
    )
    assert approved.status == 200, approved.json

    table = report(api, "approvals")

    assert pairs(table) == [("bob@example.com", 2), ("ann@example.com", 1)]
    assert table["total"] == {"count": 2}


def test_reports_are_of_what_one_sees(jobs: Api) -> None:
    agent = {"name": "Agent", "for": ["member"], "see": ["created", "assigned"]}
    hidden = {"fields": {"secret": {"read": False}, "due": {"read": False}}}
    push(jobs, roles=[{"name": "Boss", "for": ["admin"], "admin": True}, {**agent, **hidden}])
    bob = jobs.user("bob@example.com")
    key = jobs.post("/keys", {"user": "ann@example.com", "name": "a"}).json["key"]

    for name in ("stages", "age"):
        assert report(jobs, name, key=key)["total"]["count"] == 1
        assert report(jobs, name, key=bob)["total"]["count"] == 0
    assert report(jobs, "values", "?by=Tags", key=key)["total"]["count"] == 1
    assert report(jobs, "throughput", key=key)["total"] == {"created": 1, "finished": 0}
    for query in ("values?by=Secret", "overdue?by=Due", "stages?Secret=x"):
        refused = jobs.get(f"{PATH}/reports/{query}", key=key)
        nothing = query.replace("Secret", "Zxqvw").replace("Due", "Zxqvw")
        unknown = jobs.get(f"{PATH}/reports/{nothing}", key=key)
        title = b"Secret" if "Secret" in query else b"Due"
        assert refused.status == unknown.status == 422
        assert refused.body == unknown.body.replace(b"Zxqvw", title)


def test_a_table_for_spreadsheets(jobs: Api) -> None:
    answer = jobs.get(f"{PATH}/reports/values?by=%3DSize", headers={"Accept": "text/csv"})

    assert answer.status == 200
    assert answer.headers["Content-Type"] == "text/csv; charset=utf-8"
    assert answer.headers["Content-Disposition"] == 'attachment; filename="jobs.values.csv"'
    assert "Accept" in answer.headers["Vary"]
    read = list(csv.reader(io.StringIO(answer.body.decode("utf-8-sig"))))
    assert read == [["'=Size", "Tasks"], ["S", "2"], ["'=1+1", "1"], ["", "1"]]
    twice = jobs.get(f"{PATH}/reports/values?by=Tasks", headers={"Accept": "text/csv"})
    assert twice.body.decode("utf-8-sig").splitlines()[0] == "Tasks,Tasks (count)"
    for name in ("stages", "throughput", "age", "time-in-stage", "overdue?by=Due"):
        table = jobs.get(f"{PATH}/reports/{name}", headers={"Accept": "text/csv"})
        told = report(jobs, name)
        read = list(csv.reader(io.StringIO(table.body.decode("utf-8-sig"))))
        assert read[0] == [column["title"] for column in told["columns"]]
        assert len(read) == 1 + len(told["rows"])


@pytest.mark.parametrize(
    ("query", "faults"),
    [
        ("stages?by=Tags&_limit=1&Nope=1", {"by", "_limit", "Nope"}),
        ("values", {"by"}),
        ("values?by=Ref", {"by"}),
        ("overdue?by=Tags", {"by"}),
        ("throughput?by=year", {"by"}),
        ("throughput?by=day&from=2001-01-01", {"by"}),
        ("stages?from=yesterday&to=2025-02-30", {"from", "to"}),
        ("stages?from=2025-02-02&to=2025-02-01", {"to"}),
        ("stages?from=0001-01-01&to=9999-12-31", {"from", "to"}),
        ("stages?from=2025-01-01&from=2025-01-01", {"from"}),
        ("stages?_tz=Mars/Crater", {"_tz"}),
        ("stages?_tz=../../etc/passwd", {"_tz"}),
        ("stages?_tz=Europe", {"_tz"}),
        ("stages?_tz=", {"_tz"}),
        (f"stages?_tz={'x' * 5000}", {"_tz"}),
        ("stages?_tz=a%00b", {"_tz"}),
    ],
)
def test_every_fault_is_told(jobs: Api, query: str, faults: set[str]) -> None:
    answer = jobs.get(f"{PATH}/reports/{query}")

    assert answer.status == 422
    assert set(answer.json["errors"]) == faults


def test_what_is_not_there(jobs: Api) -> None:
    calls: list[Callable[[], Any]] = [
        lambda: jobs.get(f"{PATH}/reports/stage"),
        lambda: jobs.get(f"{PATH}/reports/approvals"),
        lambda: jobs.get("/workflows/none/reports/stages"),
    ]
    assert [call().status for call in calls] == [404] * 3
    assert "stages" in calls[0]().json["error"]


def test_a_report_that_takes_too_long_says_what_helps(
    jobs: Api, monkeypatch: pytest.MonkeyPatch
) -> None:
    def slow(*_: object) -> Any:
        raise TooSlow("gave up")

    monkeypatch.setattr(Figures, "visits", slow)
    answer = jobs.get(f"{PATH}/reports/time-in-stage")
    assert answer.status == 503
    assert "with a filter" in answer.json["error"]
