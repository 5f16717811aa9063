"""The Admin/Member Tasks API: dashboards, and reports as workbooks."""

import zipfile
from datetime import UTC, datetime, timedelta
from io import BytesIO
from typing import Any, Final
from xml.etree import ElementTree as ET

import pytest

from tests.wire.am import Am, admin_member, refused
from tests.wire.api import Api, Reply
from tests.wire.conftest import Ask

XLSX: Final = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
MAIN: Final = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"
TASK_TITLES: Final = [
    "Task ID",
    "Title",
    "Description",
    "Priority",
    "Status",
    "Due Date",
    "Assigned To",
]
USER_TITLES: Final = [
    "User Name",
    "Email",
    "Total Assigned Tasks",
    "Pending Tasks",
    "In Progress Tasks",
    "Completed Tasks",
]


@pytest.fixture
def am(api: Api, ask: Ask) -> Am:
    return admin_member(api, ask)


def day(days: int) -> str:
    """Return a day so many days from today (UTC)."""
    return (datetime.now(UTC).date() + timedelta(days=days)).isoformat()


def rows(answer: Reply) -> list[list[str]]:
    """Read the rows of the first sheet, and require that no cell holds a formula."""
    with zipfile.ZipFile(BytesIO(answer.body)) as book:
        sheet = book.read("xl/worksheets/sheet1.xml")
    # What our own server just wrote.
    tree = ET.fromstring(sheet)  # noqa: S314
    assert [] == list(tree.iter(f"{MAIN}f"))
    return [
        ["".join(cell.itertext()) for cell in row.iter(f"{MAIN}c")]
        for row in tree.iter(f"{MAIN}row")
    ]


def counts(answer: Reply) -> Any:
    assert 200 == answer.status, answer.json
    return answer.json


def test_am_44_the_dashboard_counts_tasks_of_every_sort(am: Am) -> None:
    am.task(title="late", dueDate=day(-1), priority="High")
    am.task(title="today", dueDate=day(0), priority="Low")
    am.task(title="begun", dueDate=day(-400), status="InProgress")
    am.task(title="done", dueDate=day(-1), status="Completed")

    found = counts(am.get("/tasks/dashboard-data"))

    assert {
        "totalTasks": 4,
        "pendingTasks": 2,
        "completedTasks": 1,
        "overdueTasks": 2,
    } == found["statistics"]
    assert {
        "taskDistribution": {"Pending": 2, "InProgress": 1, "Completed": 1, "All": 4},
        "taskPriorityLevels": {"Low": 1, "Medium": 2, "High": 1},
    } == found["charts"]
    assert ["done", "begun", "today", "late"] == [task["title"] for task in found["recentTasks"]]
    names = ["_id", "title", "status", "priority", "dueDate", "createdAt"]
    assert all(names == list(task) for task in found["recentTasks"])


def test_am_44_the_ten_newest_tasks_are_shown(am: Am) -> None:
    for number in range(12):
        am.task(title=str(number))

    recent = counts(am.get("/tasks/dashboard-data"))["recentTasks"]

    assert [str(number) for number in range(11, 1, -1)] == [task["title"] for task in recent]


def test_am_44_a_dashboard_without_tasks_is_all_zeros(am: Am) -> None:
    found = counts(am.get("/tasks/dashboard-data"))

    assert {0} == set(found["statistics"].values())
    assert [] == found["recentTasks"]


def test_am_44_a_member_counts_no_tasks_of_others(am: Am) -> None:
    ann = am.person("ann")
    am.task(title="mine", by=ann)
    am.task(title="of the admin", priority="High", dueDate=day(-1))

    found = counts(am.get("/tasks/dashboard-data", by=ann))

    assert (1, 0) == (found["statistics"]["totalTasks"], found["statistics"]["overdueTasks"])
    assert ["mine"] == [task["title"] for task in found["recentTasks"]]


def test_am_45_the_users_dashboard_counts_what_is_assigned(am: Am) -> None:
    ann, bob = am.person("ann"), am.person("bob")
    am.task(title="for both", assignedTo=[bob.id, ann.id], status="InProgress")
    am.task(title="for bob", by=ann, assignedTo=[bob.id])

    found = counts(am.get("/tasks/user-dashboard-data", by=ann))

    assert 1 == found["statistics"]["totalTasks"]
    assert {"Pending": 0, "InProgress": 1, "Completed": 0, "All": 1} == found["charts"][
        "taskDistribution"
    ]
    assert ["for both"] == [task["title"] for task in found["recentTasks"]]
    assert 0 == counts(am.get("/tasks/user-dashboard-data"))["statistics"]["totalTasks"]
    key = am.api.post("/keys", {"name": "robot"}).json["key"]
    assert 0 == counts(am.get("/tasks/user-dashboard-data", by=key))["statistics"]["totalTasks"]


def test_am_46_tasks_are_exported(am: Am) -> None:
    ann, bob = am.person("ann"), am.person("bob")
    one = am.task(
        title="one", description="Käse", dueDate="2035-01-29", assignedTo=[ann.id, bob.id]
    )
    two = am.task(title="two", status="Completed", priority="Low", dueDate="2035-01-30")

    answer = am.get("/reports/export/tasks")

    assert (200, XLSX) == (answer.status, answer.headers["Content-Type"])
    assert 'attachment; filename="tasks_report.xlsx"' == answer.headers["Content-Disposition"]
    assigned = "ann (ann@example.com), bob (bob@example.com)"
    assert [
        TASK_TITLES,
        [one["_id"], "one", "Käse", "Medium", "Pending", "2035-01-29", assigned],
        [two["_id"], "two", "", "Low", "Completed", "2035-01-30", "Unassigned"],
    ] == rows(answer)


def test_am_46_users_are_exported(am: Am) -> None:
    ann = am.person("ann")
    am.task(assignedTo=[ann.id])
    am.task(assignedTo=[ann.id], status="InProgress")

    answer = am.get("/reports/export/users")

    assert (200, XLSX) == (answer.status, answer.headers["Content-Type"])
    assert 'attachment; filename="users_report.xlsx"' == answer.headers["Content-Disposition"]
    assert [
        USER_TITLES,
        ["admin", "admin@example.com", "0", "0", "0", "0"],
        ["ann", "ann@example.com", "2", "1", "1", "0"],
    ] == rows(answer)


def test_am_46_reports_are_for_admins(am: Am) -> None:
    for who in (am.person("ann"), am.person("mia", "manager")):
        for what in ("tasks", "users"):
            answer = am.get(f"/reports/export/{what}", by=who)
            refused(answer, 403, "Access denied, admin only")
    refused(am.get("/reports/export/secrets"), 404)


def test_am_46_what_people_wrote_is_no_formula(am: Am) -> None:
    titles = ["=1+1", "+1", "-1", "@SUM(A1)", "{=1}", "http://example.com", "\t=1", "007", "a\x01b"]
    for title in titles:
        am.task(title=title)

    written = [row[1] for row in rows(am.get("/reports/export/tasks"))[1:]]

    assert [title.replace("\x01", "_x0001_") for title in titles] == written
