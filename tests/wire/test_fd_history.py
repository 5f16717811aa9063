"""What happened to a task, as its page tells it, and taking a change back."""

from collections.abc import Mapping, Sequence
from itertools import chain
from typing import Any

from tests.wire.api import Api, Reply, sample

TASKS = "/workflows/sales-pipeline/tasks"
NOTES: Mapping[str, Any] = {
    "number": {"title": "Number", "type": "string"},
    "amount": {"title": "Amount", "type": "number", "format": "currency"},
    "due": {"title": "Due", "type": "string", "format": "date"},
    "flag": {"title": "Flag?", "type": "boolean"},
    "tags": {"title": "Tags", "type": "array", "items": {"type": "string"}},
    "kinds": {"title": "Kinds", "type": "array", "items": {"enum": ["a", "b"]}},
    "owner": {"title": "Owner", "type": "string", "format": "person"},
    "extra": {"title": "Extra", "type": "object"},
    "papers": {"title": "Papers", "type": "array", "items": {"format": "file"}},
    "secret": {"title": "Secret", "type": "string"},
}
NOTE = "/workflows/notes/tasks"


def history(api: Api, path: str = f"{TASKS}/42", query: str = "", **more: Any) -> Reply:
    answer = api.get(f"{path}/history{query}", **more)
    assert answer.status == 200, answer.body
    return answer


def newest(api: Api, path: str = f"{TASKS}/42") -> str:
    return str(history(api, path).json["events"][0]["id"])


def undo(api: Api, event: str, path: str = f"{TASKS}/42", **more: Any) -> Reply:
    return api.post(f"{path}/history/{event}/undo", **more)


def changes(event: Mapping[str, Any]) -> Mapping[str, tuple[object, object]]:
    return {change["field"]: (change["from"], change["to"]) for change in event["changes"]}


def notes(api: Api, **settings: Any) -> None:
    api.workflow("notes", NOTES, uniqueId="number", **settings)


# --- history ---------------------------------------------------------------------------------


def test_a_history_tells_all_that_happened_newest_first(api: Api) -> None:
    made = api.post(TASKS, sample()).json
    api.put(TASKS, {"Company ID": "42", "Contract Value": "12.5", "Stage": "Done"})
    api.put(TASKS, {"Company ID": "42", "Assigned To": "admin@example.com"})

    told = history(api).json
    by_id = history(api, f"{TASKS}/by-id/{made['Task URL'][-24:]}").json

    assert None is told["next"]
    assert by_id == told
    third, second, first = told["events"]
    assert {"Assigned To": (None, "admin@example.com")} == changes(third)
    assert {
        "Contract Value": ("10000.00", "12.50"),
        "Stage": ("Not Started", "Done"),
    } == changes(second)
    began = changes(first)
    assert "created" == first["kind"]
    assert ("Acme Corp", "Not Started") == (began["Company Name"][1], began["Stage"][1])
    assert ("admin@example.com", None, None) == (
        first["by"]["email"],
        first["action"],
        first["comment"],
    )


def test_a_long_history_comes_in_pages(api: Api) -> None:
    api.post(TASKS, sample())
    for number in range(6):
        api.put(TASKS, {"Company ID": "42", "Number of Employees": number})

    pages, after = [], ""
    while True:
        page = history(api, query=f"?_limit=3{after}").json
        pages.append([event["id"] for event in page["events"]])
        if page["next"] is None:
            break
        after = f"&after={page['next']}"

    assert [3, 3, 1] == [len(page) for page in pages]
    assert [event["id"] for event in history(api).json["events"]] == [*chain(*pages)]
    for query in ("?after=x", "?_limit=0", "?_limit=501", "?what=1"):
        assert 422 == api.get(f"{TASKS}/42/history{query}").status


def test_a_history_has_only_what_one_sees(api: Api) -> None:
    agent = {"name": "Agent", "for": ["member"], "see": ["created"]}
    fields = {"secret": {"read": False}}
    lead = {"name": "Lead", "for": ["admin", "manager"]}
    notes(api, roles=[lead, {**agent, "fields": fields}])
    ann = api.user("ann@example.com")
    api.post(NOTE, {"Number": "foreign"})
    api.post(NOTE, {"Number": "own"}, key=ann)
    api.put(NOTE, {"Number": "own", "Secret": "s"})
    hidden = newest(api, f"{NOTE}/own")
    api.put(NOTE, {"Number": "own", "Secret": "t", "Due": "2030-01-31"})
    both = newest(api, f"{NOTE}/own")

    told = history(api, f"{NOTE}/own", key=ann)

    assert ["updated", "created"] == [event["kind"] for event in told.json["events"]]
    assert b"ecret" not in told.body
    for path in (f"{NOTE}/foreign", f"{NOTE}/unknown", f"{NOTE}/by-id/{'f' * 24}"):
        assert 404 == api.get(f"{path}/history", key=ann).status
        assert 404 == undo(api, hidden, path, key=ann).status
    assert 404 == undo(api, hidden, f"{NOTE}/own", key=ann).status
    assert 200 == undo(api, both, f"{NOTE}/own", key=ann).status
    assert ("t", None) == tuple(api.get(f"{NOTE}/own").json[title] for title in ("Secret", "Due"))


# --- undo ------------------------------------------------------------------------------------


def test_a_change_that_is_taken_back_is_a_change(api: Api) -> None:
    made = api.post(TASKS, sample())
    api.put(TASKS, {"Company ID": "42", "Company Name": "Other", "Stage": "Done"})
    event = newest(api)
    before = api.get(f"{TASKS}/42")

    undone = undo(api, event)

    assert 200 == undone.status, undone.body
    assert made.json == undone.json
    assert undone.headers["ETag"] == api.get(f"{TASKS}/42").headers["ETag"]
    assert undone.headers["ETag"] != before.headers["ETag"]
    told = history(api).json["events"]
    assert {"Company Name": ("Other", "Acme Corp"), "Stage": ("Done", "Not Started")} == changes(
        told[0]
    )
    again = undo(api, told[0]["id"])
    assert (200, "Other", "Done") == (
        again.status,
        again.json["Company Name"],
        again.json["Stage"],
    )


def test_values_of_every_kind_are_put_back(api: Api) -> None:
    notes(api, assignees="many")
    for email in ("ann@example.com", "bob@example.com"):
        api.user(email)
    first = {
        "Amount": "12.50",
        "Due": "2030-01-31",
        "Flag?": True,
        "Tags": ["x", "y"],
        "Kinds": ["b"],
        "Owner": "ann@example.com",
        "Extra": {"a": [1, {"b": True}]},
        "Assigned To": ["ann@example.com", "bob@example.com"],
    }
    api.post(NOTE, {"Number": "1", **first})
    whole = api.get(f"{NOTE}/1").json
    seconds: Sequence[Mapping[str, object]] = (
        {
            "Amount": "0",
            "Due": "1999-12-31",
            "Flag?": False,
            "Tags": ["y"],
            "Kinds": ["a", "b"],
            "Owner": "bob@example.com",
            "Extra": {"a": [True]},
            "Assigned To": ["bob@example.com"],
        },
        {title: [] if isinstance(value, list) else None for title, value in first.items()},
    )
    for second in seconds:
        changed = api.put(NOTE, {"Number": "1", **second})
        assert 200 == changed.status, changed.body

        undone = undo(api, newest(api, f"{NOTE}/1"), f"{NOTE}/1")

        assert 200 == undone.status, undone.body
        assert whole == api.get(f"{NOTE}/1").json


def test_what_was_not_there_is_cleared_again(api: Api) -> None:
    notes(api)
    api.post(NOTE, {"Number": "1"})
    whole = api.get(f"{NOTE}/1").json
    api.put(NOTE, {"Number": "1", "Amount": 1, "Flag?": True, "Tags": ["x"], "Extra": {}})

    assert 200 == undo(api, newest(api, f"{NOTE}/1"), f"{NOTE}/1").status
    assert whole == api.get(f"{NOTE}/1").json


def test_what_was_changed_again_since_is_told_and_stays(api: Api) -> None:
    api.post(TASKS, sample())
    api.put(TASKS, {"Company ID": "42", "Company Name": "Other", "Stage": "Done"})
    event = newest(api)
    api.put(TASKS, {"Company ID": "42", "Company Name": "Third", "Contract Value": 5})
    whole = api.get(f"{TASKS}/42").json

    refused = undo(api, event)

    assert 409 == refused.status
    assert {
        "Company Name": {"base": "Other", "theirs": "Third", "yours": "Acme Corp"}
    } == refused.json["conflicts"]
    assert whole == api.get(f"{TASKS}/42").json
    api.put(TASKS, {"Company ID": "42", "Company Name": "Other"})
    undone = undo(api, event)
    assert (200, "Acme Corp") == (undone.status, undone.json["Company Name"])
    assert {**whole, "Company Name": "Acme Corp", "Stage": "Not Started"} == api.get(
        f"{TASKS}/42"
    ).json


def test_what_cannot_be_taken_back_is_refused(api: Api) -> None:
    notes(api)
    api.post(TASKS, sample())
    created = newest(api)
    api.post(NOTE, {"Number": "1"})
    api.put(NOTE, {"Number": "1", "Secret": "s"})
    event = newest(api, f"{NOTE}/1")

    assert 409 == undo(api, created).status
    assert [404, 404, 404] == [undo(api, other).status for other in ("f" * 24, "x", event)]
    kept = {key: value for key, value in NOTES.items() if key != "secret"}
    api.workflow("notes", kept, uniqueId="number")
    assert b"ecret" not in history(api, f"{NOTE}/1").body
    assert 409 == undo(api, event, f"{NOTE}/1").status


def test_the_rules_of_writes_hold_for_what_is_put_back(api: Api) -> None:
    stages = [{"name": "New"}, {"name": "Done"}]
    notes(api, stages=stages, transitions={"New": ["Done"]})
    api.post(NOTE, {"Number": "1"})
    api.put(NOTE, {"Number": "1", "Stage": "Done"})

    refused = undo(api, newest(api, f"{NOTE}/1"), f"{NOTE}/1")

    assert (422, ["Stage"]) == (refused.status, list(refused.json["errors"]))
    assert "Done" == api.get(f"{NOTE}/1").json["Stage"]
