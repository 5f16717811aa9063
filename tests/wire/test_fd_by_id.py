"""Tasks written and deleted by the id in their address, in workflows with and without unique ID."""

from collections.abc import Mapping
from typing import Any

from tests.wire.api import Api, Reply, sample

TASKS = "/workflows/sales-pipeline/tasks"
PLAIN = "/workflows/plain/tasks"
FIELDS: Mapping[str, Any] = {
    "name": {"title": "Name", "type": "string"},
    "due": {"title": "Due", "type": "string", "format": "date"},
    "papers": {"title": "Papers", "type": "array", "items": {"format": "file"}},
}
UNKNOWN = "f" * 24


def at(made: Reply, tasks: str = PLAIN) -> str:
    return f"{tasks}/by-id/{made.json['Task URL'].rpartition('/')[2]}"


def plain(api: Api, **settings: Any) -> None:
    api.workflow("plain", FIELDS, **settings)


def test_a_task_without_a_unique_id_is_changed_and_deleted(api: Api) -> None:
    plain(api)
    path = at(made := api.post(PLAIN, {"Name": "one"}))

    changed = api.put(path, {"Due": "2030-01-31", "Stage": "Done"})

    assert 200 == changed.status, changed.body
    assert {**made.json, "Due": "2030-01-31", "Stage": "Done"} == changed.json
    assert changed.headers["ETag"] == api.get(path).headers["ETag"] != made.headers["ETag"]
    assert changed.json == api.get(path).json
    assert (204, 404) == (api.delete(path).status, api.get(path).status)
    assert 404 == api.put(path, {"Name": "two"}).status == api.delete(path).status


def test_it_answers_what_the_write_by_unique_id_answers(api: Api) -> None:
    made = api.post(TASKS, sample())
    for values in ({"Contract Value": "x"}, {"Nothing": 1}, {"Stage": "No"}, {"Contract Value": 3}):
        by_id = api.put(at(made, TASKS), values)
        by_unique = api.put(TASKS, {"Company ID": "42", **values})
        assert (by_unique.status, by_unique.json) == (by_id.status, by_id.json)


def test_a_unique_id_in_the_body_is_a_new_one_unless_it_is_taken(api: Api) -> None:
    made = api.post(TASKS, sample())
    api.post(TASKS, {**sample(), "Company ID": "43"})

    taken = api.put(at(made, TASKS), {"Company ID": "43"})
    moved = api.put(at(made, TASKS), {"Company ID": "44"})

    assert (422, "44") == (taken.status, moved.json["Company ID"])
    assert (404, 200) == (api.get(f"{TASKS}/42").status, api.get(f"{TASKS}/44").status)


def test_a_write_that_is_based_on_an_old_revision_is_merged_or_refused(api: Api) -> None:
    plain(api)
    path = at(made := api.post(PLAIN, {"Name": "one"}))
    old = {"If-Match": made.headers["ETag"]}
    api.put(path, {"Name": "theirs"})

    merged = api.put(path, {"Due": "2030-01-31"}, headers=old)
    refused = api.put(path, {"Name": "yours"}, headers=old)
    kept = api.delete(path, headers=old)

    assert ("theirs", "2030-01-31") == (merged.json["Name"], merged.json["Due"])
    assert (412, 412) == (refused.status, kept.status)
    sides = {"base": "one", "theirs": "theirs", "yours": "yours"}
    assert {"Name": sides} == refused.json["conflicts"]
    fresh = {"If-Match": merged.headers["ETag"]}
    assert 204 == api.delete(path, headers=fresh).status


def test_a_role_changes_and_deletes_by_id_what_it_may(api: Api) -> None:
    agent = {"name": "Agent", "for": ["member"], "see": ["created"], "fields": {}}
    agent["fields"] = {"due": {"read": False}, "name": {"write": "none"}}
    plain(api, roles=[{"name": "Lead", "for": ["admin", "manager"], "admin": True}, agent])
    ann = api.user("ann@example.com")
    own, foreign = api.post(PLAIN, {"Name": "own"}, key=ann), api.post(PLAIN, {"Name": "other"})

    assert 404 == api.put(at(foreign), {"Name": "x"}, key=ann).status
    assert 404 == api.delete(at(foreign), key=ann).status
    assert 404 == api.put(f"{PLAIN}/by-id/{UNKNOWN}", {"Name": "x"}, key=ann).status
    assert 403 == api.put(at(own), {"Name": "x"}, key=ann).status
    unseen = api.put(at(own), {"Due": "2030-01-31"}, key=ann)
    assert (422, ["Due"]) == (unseen.status, list(unseen.json["errors"]))
    assert 403 == api.delete(at(own), key=ann).status
    assert 200 == api.put(at(own), {"Stage": "Done"}, key=ann).status


def test_the_same_request_sent_again_is_answered_alike(api: Api) -> None:
    plain(api)
    path = at(api.post(PLAIN, {"Name": "one"}))
    first, second = ({"Idempotency-Key": key} for key in ("a" * 20, "b" * 20))

    for _ in range(2):
        assert 200 == api.put(path, {"Name": "two"}, headers=first).status
    events = api.get(f"{path}/history").json["events"]
    assert 2 == len(events)
    assert [204, 204] == [api.delete(path, headers=second).status for _ in range(2)]
