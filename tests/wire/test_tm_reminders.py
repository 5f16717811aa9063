"""Reminders of tasks that are due, as their users read them in the native API."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from datetime import datetime
from threading import Barrier
from typing import Any, cast

import pytest

from taskloom.app.composition import make_engine, open_ports
from taskloom.config import Settings
from taskloom.effects import reminders
from taskloom.effects.base import EFFECTS
from taskloom.engine.engine import Engine
from taskloom.engine.ports import NotificationStore, Ports, TaskStore
from taskloom.errors import Unavailable
from taskloom.model.notification import Notification
from taskloom.storage.client import Database
from tests.wire.api import Api
from tests.wire.conftest import Ask
from tests.wire.tm import Person, Tm, soon, task_management

HOUR = reminders.HOUR
UNKNOWN = "0123456789abcdef01234567"


@dataclass
class Clock:
    """A clock that stands still until it is set."""

    now: int

    def __call__(self) -> int:
        return self.now

    def at(self, moment: str, *, hours: float = 0, ms: int = 0) -> None:
        """Set it to so many hours and milliseconds from a moment."""
        self.now = milliseconds(moment) + int(hours * HOUR) + ms


def milliseconds(moment: str) -> int:
    """Return when a moment is."""
    return int(datetime.fromisoformat(moment).timestamp() * 1000)


@pytest.fixture
def clock() -> Clock:
    return Clock(milliseconds(soon(0)))


@pytest.fixture
def ports(settings: Settings, database: Database, clock: Clock) -> Ports:
    return replace(open_ports(settings, database), clock=clock)


@pytest.fixture
def engine(settings: Settings, ports: Ports) -> Engine:
    return make_engine(settings, ports)


@pytest.fixture
def tm(api: Api, ask: Ask) -> Tm:
    return task_management(api, ask)


@pytest.fixture
def ann(tm: Tm) -> Person:
    return tm.person("ann")


@pytest.fixture
def remind(ports: Ports) -> Callable[[], None]:
    return lambda: EFFECTS["reminders"].run(ports)


def told(tm: Tm, by: Person | None = None, query: str = "") -> list[Any]:
    """Return somebody's notifications."""
    key = by.key if by else tm.api.key
    answer = tm.api.get(f"/notifications{query}", key=key)
    assert 200 == answer.status, answer.json
    found: list[Any] = answer.json
    return found


def dates(tm: Tm, by: Person | None = None) -> list[str]:
    """Return the dates that somebody was reminded of."""
    return [each["date"] for each in told(tm, by)]


def test_tm_86_a_reminder_fires_once_so_many_hours_before_the_due_date(
    tm: Tm, ann: Person, clock: Clock, remind: Callable[[], None]
) -> None:
    due = soon(3)
    task = tm.task(assigneeId=ann.id, dueDate=due, warningOffset=1.5)
    clock.at(due, hours=-1.5, ms=-1)
    remind()
    assert [] == told(tm, ann)

    clock.at(due, hours=-1.5)
    remind()
    at = clock.now
    clock.at(due)
    remind()

    [told_once] = told(tm, ann)
    assert told_once == {
        "id": told_once["id"],
        "kind": "reminder",
        "workflow": "task-management",
        "workflowTitle": "Task management",
        "task": task["id"],
        "Task URL": f"http://localhost/workflows/task-management/tasks/{task['id']}",
        "date": due,
        "at": told_once["at"],
        "read": False,
    }
    assert at == milliseconds(told_once["at"])
    assert [] == told(tm)


@pytest.mark.parametrize("hours", [0, 0.5, 1, 1.99, 2, 3, 168, 1000, 16_384, 20_000])
def test_tm_86_a_reminder_comes_neither_early_nor_late(
    tm: Tm, clock: Clock, remind: Callable[[], None], hours: float
) -> None:
    due = soon(1000)
    tm.task(dueDate=due, warningOffset=hours)

    clock.at(due, hours=-hours, ms=-1)
    remind()
    early = dates(tm)
    clock.at(due, hours=-hours)
    remind()

    assert ([], [due]) == (early, dates(tm))


@pytest.mark.parametrize("statuses", [("IN_PROGRESS", "REVIEW", "DONE"), ("CANCELED",)])
def test_tm_86_nobody_is_reminded_of_what_is_done_or_canceled(
    tm: Tm, clock: Clock, remind: Callable[[], None], statuses: tuple[str, ...]
) -> None:
    due = soon(3)
    over = tm.task(dueDate=due, warningOffset=24)
    going_on = tm.task(dueDate=due, warningOffset=24)
    for status in statuses:
        assert 200 == tm.patch(f"/tasks/{over['id']}", {"status": status}).status
    clock.at(due)

    remind()

    assert [going_on["id"]] == [each["task"] for each in told(tm)]


def test_tm_86_a_reminder_moves_with_the_due_date(
    tm: Tm, clock: Clock, remind: Callable[[], None]
) -> None:
    first, second = soon(3), soon(5)
    task = tm.task(dueDate=first, warningOffset=24)
    unreminded = tm.task(dueDate=first, warningOffset=24)
    path = f"/tasks/{task['id']}"
    clock.at(first, hours=-24)
    cleared = tm.patch(f"/tasks/{unreminded['id']}", {"warningOffset": None})
    assert 200 == cleared.status
    remind()
    assert [first] == dates(tm)

    assert 200 == tm.patch(path, {"dueDate": second}).status
    remind()
    clock.at(second, hours=-24, ms=-1)
    remind()
    assert [first] == dates(tm)

    clock.at(second, hours=-24)
    remind()
    assert [second, first] == dates(tm)
    assert 200 == tm.patch(path, {"warningOffset": 30}).status
    clock.now += 1000
    remind()
    remind()
    assert [second, second, first] == dates(tm)


def test_tm_86_the_creator_is_reminded_of_what_nobody_is_assigned_to(
    tm: Tm, ann: Person, clock: Clock, remind: Callable[[], None]
) -> None:
    bob = tm.person("bob")
    due = soon(3)
    mine = tm.task(dueDate=due, warningOffset=24, by=ann)
    given = tm.task(dueDate=due, warningOffset=24, assigneeId=bob.id)
    nobody = tm.api.post("/keys", {}).json["key"]
    assert 201 == tm.post("/tasks", {"title": "x", "dueDate": due}, key=nobody).status
    clock.at(due)

    remind()

    people = (ann, bob, None)
    assert [[mine["id"]], [given["id"]], []] == [
        [each["task"] for each in told(tm, one)] for one in people
    ]
    assert [] == tm.api.get("/notifications", key=nobody).json


def test_tm_86_two_servers_at_once_remind_once(
    tm: Tm, ports: Ports, clock: Clock, database: Database
) -> None:
    due = soon(3)
    for number in range(20):
        tm.task(f"Task {number}", dueDate=due, warningOffset=24)
    clock.at(due)
    both = Barrier(2, timeout=60)
    asked: list[Notification] = []

    class Together:
        """Stores only when the other server is about to do the same."""

        def insert_many(self, new: list[Notification]) -> int:
            asked.extend(new)
            both.wait()
            return ports.notifications.insert_many(new)

    together = replace(ports, notifications=cast(NotificationStore, Together()))
    with ThreadPoolExecutor(2) as pool:
        list(pool.map(EFFECTS["reminders"].run, [together] * 2))

    assert 40 == len(asked)
    assert 20 == len(told(tm)) == database["notifications"].count_documents({})


def test_every_page_of_due_tasks_is_read(
    tm: Tm, clock: Clock, remind: Callable[[], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reminders, "_PAGE", 2)
    due = soon(3)
    tasks = {tm.task(dueDate=due, warningOffset=24)["id"] for _ in range(5)}
    clock.at(due)

    remind()

    assert tasks == {each["task"] for each in told(tm)}
    assert 3 == len(told(tm, query="?_limit=3"))


def test_what_is_long_overdue_is_not_reminded_of(
    tm: Tm, clock: Clock, remind: Callable[[], None]
) -> None:
    due = soon(3)
    tm.task(dueDate=due, warningOffset=24)
    clock.at(due, hours=24, ms=1)
    remind()
    assert [] == told(tm)

    clock.at(due, hours=24)
    remind()
    assert [due] == dates(tm)


def test_one_is_told_nothing_of_tasks_and_fields_that_one_does_not_see(
    tm: Tm, ann: Person, clock: Clock, remind: Callable[[], None]
) -> None:
    tm.api.workflow(
        "plans",
        {"day": {"type": "string", "format": "date"}, "spare": {"type": "number"}},
        reminders=[{"date": "day", "hoursBefore": 12}, {"date": "day", "hoursBefore": "spare"}],
        roles=[{"name": "Member", "for": ["member"], "fields": {"spare": {"read": False}}}],
    )
    sent = {"day": "2040-01-31", "spare": 6, "Assigned To": ann.email}
    assert 201 == tm.api.post("/workflows/plans/tasks", sent).status
    taken = tm.task(dueDate="2040-01-31T00:00:00Z", warningOffset=5, assigneeId=ann.id)
    clock.at("2040-01-31T00:00:00Z", hours=-12, ms=-1)
    remind()
    assert [] == told(tm, ann)
    clock.at("2040-01-31T00:00:00Z", hours=-5)
    remind()
    seen = {(each["workflow"], each["date"]) for each in told(tm, ann)}
    assert 2 == len(told(tm, ann))
    assert seen == {("plans", "2040-01-31"), ("task-management", "2040-01-31T00:00:00Z")}

    assert 200 == tm.patch(f"/tasks/{taken['id']}", {"assigneeId": tm.admin()}).status
    assert ["plans"] == [each["workflow"] for each in told(tm, ann)]
    assert 204 == tm.api.delete("/workflows/plans?force=true").status
    assert [] == told(tm, ann)


def test_notifications_are_read_by_whose_they_are(
    tm: Tm, ann: Person, clock: Clock, remind: Callable[[], None]
) -> None:
    due = soon(3)
    for _ in range(2):
        tm.task(dueDate=due, warningOffset=24, assigneeId=ann.id)
    clock.at(due)
    remind()
    ids = [each["id"] for each in told(tm, ann)]

    def read(*ids: object, key: str = ann.key) -> Any:
        answer = tm.api.post("/notifications/read", {"ids": ids}, key=key)
        return answer.json if 200 == answer.status else answer.status

    assert {"read": 0} == read(ids[0], key=tm.api.key)
    assert {"read": 0} == read(ids[0], key=tm.api.post("/keys", {}).json["key"])
    assert {"read": 1} == read(ids[0], UNKNOWN)
    assert {"read": 0} == read()
    remind()
    assert {ids[0]: True, ids[1]: False} == {each["id"]: each["read"] for each in told(tm, ann)}
    for wrong in ("x", 1, None, UNKNOWN.upper(), f"{UNKNOWN}\n"):
        assert 422 == read(wrong)
    for query in ("_limit=0", "_limit=1001", "_limit=x", "limit=1"):
        assert 422 == tm.api.get(f"/notifications?{query}").status
    assert 401 == tm.api.get("/notifications", key=None).status


def test_trouble_with_one_workflow_stops_no_other(
    tm: Tm, ports: Ports, clock: Clock, caplog: pytest.LogCaptureFixture
) -> None:
    day = {"type": "string", "format": "date"}
    tm.api.workflow("a-plan", {"day": day}, reminders=[{"date": "day", "hoursBefore": 1}])
    due = soon(3)
    tm.task(dueDate=due, warningOffset=24)
    clock.at(due)

    class Broken:
        """Finds nothing in one workflow."""

        def find(self, workflow: Any, query: Any) -> Any:
            if workflow.workflow.id == "a-plan":
                raise Unavailable("the database cannot be reached now")
            return ports.tasks.find(workflow, query)

    EFFECTS["reminders"].run(replace(ports, tasks=cast(TaskStore, Broken())))

    assert [due] == dates(tm)
    assert "no reminders of tasks of a-plan for now" in caplog.text


def test_a_notification_outlives_its_date(
    tm: Tm, clock: Clock, remind: Callable[[], None], ports: Ports
) -> None:
    due, last = soon(200), "9999-12-31T23:59:59Z"
    tm.task(dueDate=due, warningOffset=150 * 24)
    tm.task(dueDate=last, warningOffset=10**9)
    clock.at(due, hours=-150 * 24)

    remind()

    kept = {told.date: told.until for told in ports.notifications.every(*_admin(tm, ports))}
    assert milliseconds(due) + 2 * reminders.DAY <= kept[due]
    assert reminders.LAST == kept[last]


def _admin(tm: Tm, ports: Ports) -> tuple[str, str]:
    [workspace] = ports.directory.workspaces()
    return workspace.id, tm.admin()
