"""The feed of events, as who polls it sees it."""

from collections.abc import Iterator, Mapping
from typing import Any

import pytest

from taskloom.model.feed import Walk
from taskloom.storage.client import Database
from taskloom.wire.flowdash.events import LARGEST
from tests.wire.api import Api, Reply, sample

EVENTS = "/events"
TASKS = "/workflows/sales-pipeline/tasks"
NOTES: Mapping[str, Any] = {
    "number": {"title": "Number", "type": "string"},
    "name": {"title": "Name", "type": "string"},
    "secret": {"title": "Secret", "type": "string"},
}


def mark(api: Api, **more: Any) -> str:
    begun = api.get(EVENTS, **more)
    assert (200, [], False) == (begun.status, begun.json["events"], begun.json["more"])
    return str(begun.json["next"])


def follow(api: Api, after: str, query: str = "", **more: Any) -> Iterator[Mapping[str, Any]]:
    """Yield events until there are no more."""
    while True:
        answer = api.get(f"{EVENTS}?after={after}{query}", **more)
        assert answer.status == 200, answer.body
        yield from answer.json["events"]
        after = answer.json["next"]
        if not answer.json["more"]:
            return


def told(event: Mapping[str, Any]) -> tuple[object, ...]:
    return event["kind"], event["uid"], [tuple(change.values()) for change in event["changes"]]


def test_the_feed_begins_now_and_tells_each_event_once(api: Api) -> None:
    api.post(TASKS, sample())
    start = mark(api)
    assert [] == list(follow(api, start))

    api.post(TASKS, sample(**{"Company ID": "43"}))
    api.put(TASKS, {"Company ID": "42", "Company Name": "Other", "Stage": "Done"})
    api.delete(f"{TASKS}/43")
    first = api.get(f"{EVENTS}?after={start}&_limit=2").json
    rest = api.get(f"{EVENTS}?after={first['next']}").json

    assert (True, False) == (first["more"], rest["more"])
    assert [
        ("created", None, []),
        (
            "updated",
            "42",
            [("Company Name", "Acme Corp", "Other"), ("Stage", "Not Started", "Done")],
        ),
        ("deleted", None, []),
    ] == [told(event) for event in (*first["events"], *rest["events"])]
    assert [] == api.get(f"{EVENTS}?after={rest['next']}").json["events"]


def test_an_event_says_who_when_and_where(api: Api) -> None:
    start = mark(api)
    made = api.post(TASKS, sample()).json
    key = api.post("/keys", {}).json["key"]
    api.put(TASKS, {"Company ID": "42", "Contract Value": "12.5"}, key=key)

    first, second = follow(api, start)

    assert ("sales-pipeline", made["Task URL"][-24:]) == (first["workflow"], first["task"])
    assert ("42", "Acme Corp") == (first["uid"], first["title"])
    assert "admin@example.com" == first["by"]["email"]
    assert None is second["by"]
    assert {"field": "Contract Value", "from": "10000.00", "to": "12.50"} == second["changes"][0]
    assert first["at"] <= second["at"]


def test_from_the_beginning_everything_that_ever_happened_is_told_once(
    api: Api, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("taskloom.storage.feed._TASKS_AT_ONCE", 2)
    monkeypatch.setattr("taskloom.storage.feed._ROWS_AT_ONCE", 3)
    monkeypatch.setattr("taskloom.storage.history.KEPT", 2)
    monkeypatch.setattr("taskloom.storage.tasks.KEPT", 2)
    # What is settled is read from the tasks themselves, what is not from the log.
    monkeypatch.setattr("taskloom.engine.feed.SETTLED_MS", 0)
    api.workflow("notes", NOTES, uniqueId="number")
    for number in range(5):
        api.post(TASKS, sample(**{"Company ID": str(number)}))
        for name in range(number * 2):
            api.put(TASKS, {"Company ID": str(number), "Company Name": f"{number} {name}"})
    for number in (1, 3):
        api.delete(f"{TASKS}/{number}")
    api.post("/workflows/notes/tasks", {"Number": "a"})

    events = list(follow(api, "0", "&_limit=3"))

    assert len(events) == len({event["id"] for event in events})
    kinds = [event["kind"] for event in events]
    assert (6, 20, 2) == tuple(kinds.count(kind) for kind in ("created", "updated", "deleted"))
    for task in {event["task"] for event in events}:
        moments = [event["at"] for event in events if event["task"] == task]
        assert sorted(moments) == moments
    assert [] != [event for event in events if event["workflow"] == "notes"]


def test_what_is_not_settled_yet_comes_from_the_log(api: Api, database: Database) -> None:
    # Not of the shipped workflow, whose id in the log may be that of other tests too.
    api.workflow("notes", NOTES, uniqueId="number")
    api.post("/workflows/notes/tasks", {"Number": "1"})
    api.put("/workflows/notes/tasks", {"Number": "1", "Name": "Other"})

    events = list(follow(api, "0", "&workflow=notes"))

    assert ["created", "updated"] == [event["kind"] for event in events]
    assert 0 == database["history"].count_documents({})


def test_only_what_one_sees_is_told(api: Api) -> None:
    roles = [
        {"name": "Lead", "id": "lead", "for": ["admin", "manager"]},
        {
            "name": "Agent",
            "id": "agent",
            "for": ["member"],
            "see": ["created"],
            "fields": {"secret": {"read": False}},
        },
    ]
    api.workflow("notes", NOTES, uniqueId="number", roles=roles)
    notes = "/workflows/notes/tasks"
    ann = api.user("ann@example.com")
    start, begun = mark(api, key=ann), mark(api)

    api.post(notes, {"Number": "foreign", "Name": "x"})
    api.post(notes, {"Number": "own", "Name": "mine"}, key=ann)
    api.put(notes, {"Number": "own", "Secret": "s"})
    api.put(notes, {"Number": "own", "Secret": "t", "Name": "yours"})
    api.put(notes, {"Number": "foreign", "Name": "y"})

    seen = list(follow(api, start, key=ann))
    assert [
        ("created", "own", []),
        ("updated", "own", [("Name", "mine", "yours")]),
    ] == [told(event) for event in seen]
    assert b"foreign" not in api.get(f"{EVENTS}?after=0", key=ann).body
    assert 5 == len(list(follow(api, begun)))
    assert [] == list(follow(api, begun, key=api.other_workspace()))


def test_one_workflow_can_be_followed_alone(api: Api) -> None:
    api.workflow("notes", NOTES, uniqueId="number")
    start = mark(api)
    api.post(TASKS, sample())
    api.post("/workflows/notes/tasks", {"Number": "a"})

    assert ["a"] == [event["uid"] for event in follow(api, start, "&workflow=notes")]
    assert ["42", "a"] == [event["uid"] for event in follow(api, start)]
    assert 404 == api.get(f"{EVENTS}?workflow=unknown").status


def test_moving_events_out_of_a_task_is_no_event(api: Api, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("taskloom.storage.tasks.KEPT", 2)
    start = mark(api)
    api.post(TASKS, sample())
    for number in range(9):
        api.put(TASKS, {"Company ID": "42", "Company Name": f"{number}"})

    events = list(follow(api, start))

    assert ["Acme Corp", *map(str, range(8))] == [
        event["changes"][0]["from"] for event in events[1:]
    ]


def test_many_tasks_at_once_are_as_many_events(api: Api) -> None:
    start = mark(api)
    rows = [sample(**{"Company ID": f"c{number}"}) for number in range(25)]
    assert 200 == api.post(f"{TASKS}/bulk?atomic=true", rows).status
    assert 200 == api.post(f"{TASKS}/bulk", [{**row, "Company Name": "y"} for row in rows]).status

    events = list(follow(api, start, "&_limit=7"))

    assert 50 == len({event["id"] for event in events})
    assert [f"c{number}" for number in range(25)] == [event["uid"] for event in events[:25]]


def refusals(api: Api) -> Iterator[Reply]:
    start = mark(api)
    for after in ("", "1", "x", "s", "s0", "s0.zz", "w0.a.b", "s0.8263", "s0.FF", start + "F", "ä"):
        yield api.get(f"{EVENTS}?after={after}")


def test_a_mark_that_is_none_is_refused(api: Api) -> None:
    for answer in refusals(api):
        assert (422, ["after"]) == (answer.status, list(answer.json["errors"])), answer.body


def test_a_mark_from_before_the_log_is_refused(api: Api) -> None:
    # The first moment of 1970, long before the log of any database begins.
    token = "8200000001000000012B0229296E04"

    answer = api.get(f"{EVENTS}?after=s0.{token}")

    assert answer.status in {200, 422}


def test_other_parameters_are_refused(api: Api) -> None:
    for query in (f"_limit={LARGEST + 1}", "_limit=0", "_limit=x", "since=1"):
        assert 422 == api.get(f"{EVENTS}?{query}").status


def test_a_walk_begins_before_every_task() -> None:
    assert Walk(until=0).task < "1"
