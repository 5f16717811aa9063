"""The Task Management API: lists of tasks, their parts, order and filters."""

from collections.abc import Iterator
from datetime import timedelta
from itertools import count
from typing import Any, Final
from urllib.parse import quote

import pytest
from flask import Flask

from taskloom.engine.engine import Engine
from taskloom.wire.app import create_app
from taskloom.wire.base import Limits
from tests.wire.api import Api
from tests.wire.conftest import Ask
from tests.wire.tm import Tm, clear, details, error, now, relations, shared_engine, soon, spelt

NOBODY: Final = "0123456789abcdef01234567"


@pytest.fixture(scope="module")
def engine(mongod_uri: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Engine]:
    """The engine that all tests here share."""
    with shared_engine(mongod_uri, tmp_path_factory.mktemp("tm")) as made:
        yield made


@pytest.fixture(scope="module")
def app(engine: Engine) -> Flask:
    """The app that all tests here share."""
    return create_app(engine, Limits(max_body=10_000_000, max_file=1), lambda: True)


@pytest.fixture
def tm(api: Api, ask: Ask, engine: Engine) -> Iterator[Tm]:
    """The shipped workflow at its mount; what a test leaves is removed."""
    yield Tm(api=api, ask=ask)
    clear(engine)


def many(tm: Tm, number: int, **rest: Any) -> list[str]:
    """Create so many tasks and return their titles, the newest first."""
    titles = [f"Task {position:03}" for position in range(number)]
    for title in titles:
        tm.task(title, **rest)
    return titles[::-1]


def refused(tm: Tm, query: str) -> dict[str, str]:
    """Require that a list is refused and return what is said by parameter."""
    told: dict[str, str] = error(tm.get(f"/tasks?{query}"), 400, "invalid_parameters")["details"]
    return told


def test_tm_45_48_49_a_list_says_which_part_of_it_is_there(tm: Tm) -> None:
    titles = many(tm, 5)

    def part(offset: int) -> tuple[list[str], dict[str, Any]]:
        answer = tm.get(f"/tasks?limit=2&offset={offset}").json
        assert {"data", "pagination"} == set(answer)
        return [task["title"] for task in answer["data"]], answer["pagination"]

    for offset, more in ((0, True), (2, True), (3, False), (4, False), (5, False), (99, False)):
        expected = {"total": 5, "limit": 2, "offset": offset, "hasMore": more}
        assert (titles[offset : offset + 2], expected) == part(offset)


def test_tm_46_ten_tasks_from_the_newest_on_where_nothing_is_asked(tm: Tm) -> None:
    titles = many(tm, 11)

    answer = tm.get("/tasks").json

    assert titles[:10] == [task["title"] for task in answer["data"]]
    assert {"total": 11, "limit": 10, "offset": 0, "hasMore": True} == answer["pagination"]


def test_tm_47_numbers_have_bounds(tm: Tm) -> None:
    assert 200 == tm.get("/tasks?limit=100").status
    assert 200 == tm.get(f"/tasks?offset={10**15 - 1}").status
    for limit in ("101", "0", "abc", "-1", "1.5", "", "1&limit=2", "٣", "9" * 30):
        assert {"limit"} == set(refused(tm, f"limit={limit}"))
    for offset in ("-1", "abc", "", "9" * 30):
        assert {"offset"} == set(refused(tm, f"offset={offset}"))
    assert "limit must be a whole number from 1 to 100" == refused(tm, "limit=101")["limit"]


def test_tm_47_every_fault_of_an_address_is_told_at_once(tm: Tm) -> None:
    told = refused(tm, "limit=0&offset=x&sort=foo&status=NEW&search=ab&dueDate[gt]=x&asignee=1")

    assert {"limit", "offset", "sort", "status", "search", "dueDate[gt]", "asignee"} == set(told)


def test_tm_50_links_lead_to_the_other_parts(tm: Tm) -> None:
    many(tm, 42)

    def offsets(query: str) -> dict[str, int]:
        links = relations(tm.get(f"/tasks?{query}").headers["Link"])
        assert all("/v1/tasks?" in address for address in links.values())
        return {name: int(address.partition("offset=")[2]) for name, address in links.items()}

    assert {"next": 15, "prev": 5, "first": 0, "last": 40} == offsets("limit=5&offset=10")
    assert ["next", "prev", "first", "last"] == list(offsets("limit=5&offset=10"))
    assert {"next": 5, "first": 0, "last": 40} == offsets("limit=5")
    assert {"prev": 35, "first": 0, "last": 40} == offsets("limit=5&offset=40")
    assert {"prev": 40, "first": 0, "last": 40} == offsets("limit=5&offset=300")
    assert {"first": 0, "last": 0} == offsets("search=nothing")
    assert {"next": 21, "first": 0, "last": 21} == offsets("limit=21")


def test_tm_51_links_keep_what_else_was_asked(tm: Tm) -> None:
    many(tm, 5, tags=["a b"])
    many(tm, 5)
    asked = "tags=a%20b&sort=+title,-dueDate&dueDate%5Bexists%5D=false&limit=2&offset=2"

    first = tm.get(f"/tasks?{asked}")
    address = relations(first.headers["Link"])["next"]

    kept = "tags=a%20b&sort=+title,-dueDate&dueDate%5Bexists%5D=false&"
    assert address.endswith(f"/v1/tasks?{kept}limit=2&offset=4")
    [task] = tm.get(address.partition(tm.mount)[2]).json["data"]
    assert "Task 004" == task["title"]


def test_tm_52_the_last_changed_come_first(tm: Tm) -> None:
    ids = [tm.task(title)["id"] for title in ("A", "B", "C")]
    tm.patch(f"/tasks/{ids[1]}", {"description": "changed"})

    assert ["B", "C", "A"] == tm.listed("sort=-updatedAt")
    assert ["A", "C", "B"] == tm.listed("sort=updatedAt")
    assert ["A", "B", "C"] == tm.listed("sort=createdAt")


def test_tm_53_priorities_sort_by_their_rank(tm: Tm) -> None:
    soonest = count(1)
    for priority in ("MEDIUM", "URGENT", "LOW", "HIGH"):
        tm.task(f"{priority} later", priority=priority, dueDate=soon(99 - next(soonest)))
        tm.task(f"{priority} sooner", priority=priority, dueDate=soon(next(soonest)))

    assert [
        f"{priority} {when}"
        for priority in ("URGENT", "HIGH", "MEDIUM", "LOW")
        for when in ("sooner", "later")
    ] == tm.listed("sort=-priority,dueDate")
    assert "LOW sooner" == tm.listed("sort=priority,dueDate")[0]


def test_tm_53_statuses_sort_by_their_lifecycle(tm: Tm) -> None:
    statuses = ["TODO", "IN_PROGRESS", "REVIEW", "DONE", "CANCELED"]
    for status in sorted(statuses):
        tm.task(status, status=status)

    assert statuses == tm.listed("sort=status")
    assert statuses[::-1] == tm.listed("sort=-status")


def test_tm_54_a_plus_means_ascending_as_it_stands_or_escaped(tm: Tm) -> None:
    for title in ("B", "C", "A"):
        tm.task(title)

    for sort in ("title", "+title", "%2Btitle", "%20title"):
        assert ["A", "B", "C"] == tm.listed(f"sort={sort}")
    assert ["C", "B", "A"] == tm.listed("sort=-title")
    assert ["A", "B", "C"] == tm.listed("sort=+priority,+title")


def test_tm_55_what_has_no_date_comes_last_ascending_and_first_descending(tm: Tm) -> None:
    tm.task("second", dueDate=soon(2))
    tm.task("never")
    tm.task("first", dueDate=soon(1))

    assert ["first", "second", "never"] == tm.listed("sort=dueDate")
    assert ["never", "second", "first"] == tm.listed("sort=-dueDate")
    assert ["first", "second", "never"] == tm.listed("sort=priority,dueDate")


def test_tm_56_an_unknown_sort_key_is_refused(tm: Tm) -> None:
    for sort in ("foo", "-foo", "title,foo", "--title", "%2B-title", "", "title,,status", "tags"):
        assert {"sort"} == set(refused(tm, f"sort={sort}"))


def test_tm_57_58_filters_by_status_and_priority(tm: Tm) -> None:
    ann = tm.person("ann")
    tm.task("A", status="TODO", priority="HIGH", assigneeId=ann.id)
    tm.task("B", status="IN_PROGRESS", priority="URGENT")
    tm.task("C", status="DONE", priority="HIGH", assigneeId=ann.id)
    tm.task("D", status="DONE", assigneeId=ann.id)

    assert ["B", "A"] == tm.listed("status=TODO,IN_PROGRESS")
    assert ["B", "A"] == tm.listed("status=TODO&status=IN_PROGRESS")
    assert ["C", "A"] == tm.listed(f"priority=HIGH,URGENT&assigneeId={ann.id}")
    assert ["C"] == tm.listed(f"status=DONE&priority=HIGH,URGENT&assigneeId={ann.id}")
    assert {"status"} == set(refused(tm, "status=TODO,NEW"))
    assert {"priority"} == set(refused(tm, "priority=high"))


def test_tm_59_60_filters_by_assignee_and_creator(tm: Tm) -> None:
    ann, bob = tm.person("ann"), tm.person("bob")
    tm.task("A", by=ann, assigneeId=ann.id)
    tm.task("B", assigneeId=bob.id)
    tm.task("C", by=bob)

    assert ["A"] == tm.listed(f"assigneeId={ann.id}&limit=100&sort=-updatedAt")
    assert ["B"] == tm.listed(f"assigneeId={bob.id}")
    assert ["C"] == tm.listed(f"createdBy={bob.id}")
    assert [] == tm.listed(f"assigneeId={NOBODY}")
    assert ["C"] == tm.listed("assigneeId=null")
    assert [] == tm.listed(f"assigneeId=null&createdBy={ann.id}")
    assert 1 == tm.get("/tasks?assigneeId=null").json["pagination"]["total"]
    for nobody in ("Null", f"null,{ann.id}"):
        assert [] == tm.listed(f"assigneeId={nobody}")
    assert {"assigneeId"} == set(refused(tm, "assigneeId=null&assigneeId=null"))
    assert [] == tm.listed("createdBy=user123")


def test_tm_61_any_of_the_tags(tm: Tm) -> None:
    tm.task("A", tags=["a", "x"])
    tm.task("B", tags=["b"])
    tm.task("C", tags=["c", "$where"])

    assert ["B", "A"] == tm.listed("tags=a,b")
    assert ["C"] == tm.listed(f"tags={quote('$where')}")
    assert [] == tm.listed("tags=A")


def test_tm_62_63_filters_by_the_due_date(tm: Tm) -> None:
    first, second = now() + timedelta(days=1), now() + timedelta(days=2)
    tm.task("first", dueDate=spelt(first))
    tm.task("second", dueDate=second.isoformat())
    tm.task("never")

    assert ["second"] == tm.listed(f"dueDate[gt]={spelt(first)}")
    assert ["first"] == tm.listed(f"dueDate[lt]={spelt(second)}")
    between = f"dueDate%5Bgt%5D={spelt(first - timedelta(seconds=1))}&dueDate[lt]={spelt(second)}"
    assert ["first"] == tm.listed(between)
    assert ["second"] == tm.listed(f"dueDate[gt]={first.isoformat()}")
    assert ["second", "first"] == tm.listed(f"dueDate[gt]={now().date().isoformat()}")
    assert ["second", "first"] == tm.listed("dueDate[exists]=true")
    assert ["never"] == tm.listed("dueDate[exists]=false")
    assert {"dueDate[gt]"} == set(refused(tm, "dueDate[gt]=tomorrow"))
    assert {"dueDate[exists]"} == set(refused(tm, "dueDate[exists]=yes"))
    assert {"dueDate[gte]"} == set(refused(tm, f"dueDate[gte]={spelt(first)}"))


def test_tm_64_a_search_looks_into_title_and_description(tm: Tm) -> None:
    tm.task("Write the REPORT")
    tm.task("B", description="A report is (due)")
    tm.task("C", tags=["report"])

    assert ["B", "Write the REPORT"] == tm.listed("search=Report")
    assert ["B"] == tm.listed("search=%20(due)%20")
    assert [] == tm.listed("search=.*.*")
    for text in ("re", "", "%20re%20"):
        assert {"search"} == set(refused(tm, f"search={text}"))
    assert 413 == tm.get(f"/tasks?search={'x' * 5000}").status


def test_tm_65_a_list_counts_what_its_reader_may_see(tm: Tm) -> None:
    ann = tm.person("ann")
    many(tm, 3)
    tm.task("Mine", by=ann)
    tm.task("For me", assigneeId=ann.id)

    answer = tm.get("/tasks?limit=1", by=ann).json

    assert {"total": 2, "limit": 1, "offset": 0, "hasMore": True} == answer["pagination"]
    assert ["For me", "Mine"] == tm.listed(by=ann)
    assert [] == tm.listed(f"createdBy={tm.admin()}&search=Task", by=ann)


def test_an_unknown_filter_is_refused_and_the_nearest_named(tm: Tm) -> None:
    assert "did you mean 'assigneeId'?" in refused(tm, "assigneeid=1")["assigneeid"]
    assert {"id"} == set(refused(tm, "id=1"))
    task = tm.task()
    error(tm.get(f"/tasks/{task['id']}?fields=title"), 400, "invalid_parameters")
    error(tm.post("/users?role=admin", {}), 400, "invalid_parameters")


MAPPED: Final = {
    "dialect": "task-management",
    "mount": "/crm/v1",
    "fields": {"title": "subject", "dueDate": "by"},
    "status": {
        "TODO": "Not Started",
        "IN_PROGRESS": ["Working", "Waiting"],
        "DONE": "Over",
    },
    "values": {"priority": {"LOW": "minor", "MEDIUM": "usual", "HIGH": "major", "URGENT": "now"}},
}


FIELDS: Final = {
    "subject": {"title": "Subject", "type": "string"},
    "priority": {
        "title": "Importance",
        "type": "string",
        "enum": ["minor", "usual", "major", "now"],
    },
    "by": {"title": "By", "type": "string", "format": "date", "future": True},
    "secret": {"title": "Secret", "type": "string"},
}
SETTINGS: Final[dict[str, Any]] = {
    "uniqueId": "subject",
    "stages": [
        {"name": "Not Started"},
        {"name": "Working"},
        {"name": "Waiting"},
        {"name": "Over", "end": True},
    ],
    "transitions": {"Not Started": ["Working"], "Working": ["Waiting", "Over"]},
    "facade": [MAPPED],
}


@pytest.fixture
def crm(tm: Tm, api: Api, ask: Ask) -> Tm:
    """Another workflow at another mount, with other names and values for everything."""
    api.workflow("leads", FIELDS, required=["subject"], **SETTINGS)
    return Tm(api=api, ask=ask, mount="/crm/v1")


def test_everything_is_there_at_another_mount_with_mapped_names(crm: Tm) -> None:
    due = (now() + timedelta(days=5)).replace(hour=12)

    answer = crm.post("/tasks", {"title": "Call", "priority": "HIGH", "dueDate": spelt(due)})

    task = answer.json
    assert 201 == answer.status
    assert ("Call", "TODO", "HIGH") == tuple(task[name] for name in ("title", "status", "priority"))
    assert f"{due.date().isoformat()}T00:00:00Z" == task["dueDate"]
    assert answer.headers["Location"].endswith(f"/crm/v1/tasks/{task['id']}")
    [row] = crm.api.get("/workflows/leads/tasks").json
    assert ("Call", "Not Started", "major", due.date().isoformat()) == tuple(
        row[title] for title in ("Subject", "Stage", "Importance", "By")
    )


def test_mapped_names_filter_sort_and_link(crm: Tm) -> None:
    day = (now() + timedelta(days=5)).date().isoformat()
    crm.task("Bbb", priority="LOW", dueDate=day)
    crm.task("A", priority="URGENT", status="IN_PROGRESS")
    crm.task("C", status="DONE")

    assert ["A"] == crm.listed("status=IN_PROGRESS&priority=URGENT,HIGH")
    assert ["A", "Bbb", "C"] == crm.listed("sort=title")
    assert ["C", "A", "Bbb"] == crm.listed("sort=-priority,title")
    assert ["Bbb"] == crm.listed("search=bbb")
    assert ["Bbb"] == crm.listed(f"dueDate[lt]={day}T00:00:01Z")
    assert [] == crm.listed(f"dueDate[lt]={day}T00:00:00Z")
    assert [] == crm.listed(f"dueDate[gt]={day}T00:00:00Z")
    assert {"priority"} == set(refused(crm, "priority=minor"))
    assert {"tags"} == set(refused(crm, "tags=a"))
    links = relations(crm.get("/tasks?limit=1").headers["Link"])
    assert links["next"].endswith("/crm/v1/tasks?limit=1&offset=1")


def test_mapped_names_are_told_in_errors(crm: Tm) -> None:
    told = details(
        crm.post("/tasks", {"priority": "minor!", "status": "Over", "tags": ["a"], "secret": "x"})
    )

    assert "Title is required" == told["title"]
    assert "Priority must be one of: LOW, MEDIUM, HIGH, URGENT" == told["priority"]
    assert "Status must be one of: TODO, IN_PROGRESS, DONE" == told["status"]
    assert {"title", "priority", "status", "tags", "secret"} == set(told)
    task = crm.task("Call")
    answer = crm.patch(f"/tasks/{task['id']}", {"status": "DONE"})
    said = error(answer, 422, "invalid_status_transition")
    assert ["IN_PROGRESS"] == said["details"]["allowedTransitions"]


def test_a_status_of_several_stages_stays_as_it_is_where_it_is_sent_back(crm: Tm) -> None:
    task = crm.task("Call", status="IN_PROGRESS")
    crm.api.put("/workflows/leads/tasks", {"Subject": "Call", "Stage": "Waiting"})

    answer = crm.patch(f"/tasks/{task['id']}", {**task, "priority": "LOW"})

    assert (200, "IN_PROGRESS") == (answer.status, answer.json["status"])
    [row] = crm.api.get("/workflows/leads/tasks").json
    assert ("Waiting", "minor") == (row["Stage"], row["Importance"])
