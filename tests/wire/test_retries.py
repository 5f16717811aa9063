"""`Idempotency-Key`: however often a request comes, it is done once and answered the same."""

import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from flask import Flask

from taskloom.engine.engine import Engine
from taskloom.engine.tasks import Tasks
from taskloom.errors import Unavailable
from taskloom.storage.client import Database
from taskloom.storage.retries import Retries
from taskloom.wire.base import Limits
from tests.wire.api import Api, Reply

TASKS = "/workflows/sales-pipeline/tasks"
BULK = f"{TASKS}/bulk"
NDJSON = {"Content-Type": "application/x-ndjson"}
NOTES = "/workflows/notes/tasks"


def keyed(key: str, **more: str) -> dict[str, str]:
    return {"Idempotency-Key": key, **more}


def same(one: Reply, other: Reply) -> None:
    """Both are the same answer, the second one a replay."""
    names = ("Content-Type", "Location", "ETag")
    assert (one.status, one.body) == (other.status, other.body)
    assert [one.headers.get(n) for n in names] == [other.headers.get(n) for n in names]
    assert one.headers.get("Idempotent-Replayed") is None
    assert "true" == other.headers["Idempotent-Replayed"]


@pytest.fixture
def notes(api: Api) -> str:
    """Give a workflow without a unique ID: each write of it makes a task."""
    api.workflow("notes", {"text": {"title": "Text", "type": "string"}})
    return NOTES


def test_the_same_request_again_is_a_replay(api: Api, notes: str) -> None:
    first = api.post(notes, {"Text": "one"}, headers=keyed("a"))
    again = api.post(notes, {"Text": "one"}, headers=keyed("a", **{"X-Request-Id": "mine"}))
    other = api.post(notes, {"Text": "one"}, headers=keyed("b"))

    same(first, again)
    assert "mine" == again.headers["X-Request-Id"]
    assert 201 == other.status
    assert 2 == len(api.get(notes).json)


def test_a_key_stands_for_one_request(api: Api, notes: str) -> None:
    api.post(notes, {"Text": "one"}, headers=keyed("a"))

    others = [
        api.post(notes, {"Text": "two"}, headers=keyed("a")),
        api.put(notes, {"Text": "one"}, headers=keyed("a")),
        api.post(f"{notes}?x=1", {"Text": "one"}, headers=keyed("a")),
        api.post(notes, {"Text": "one"}, headers=keyed("a", **{"If-None-Match": "*"})),
    ]

    assert [422] * 4 == [answer.status for answer in others]
    assert {"Idempotency-Key"} == set(others[0].json["errors"])
    assert 1 == len(api.get(notes).json)


def test_a_key_is_its_credential_s_own(api: Api, notes: str) -> None:
    other = api.user("ann@example.com")

    mine = api.post(notes, {"Text": "one"}, headers=keyed("a"))
    theirs = api.post(notes, {"Text": "one"}, headers=keyed("a"), key=other)

    assert (201, 201) == (mine.status, theirs.status)
    assert "Idempotent-Replayed" not in theirs.headers


@pytest.mark.parametrize("key", ["", "x" * 256, "two words", "ä"])
def test_a_key_that_is_none_is_refused(api: Api, key: str) -> None:
    answer = api.post(TASKS, {"Company ID": "1"}, headers=keyed(key))

    assert 400 == answer.status
    assert [] == api.get(TASKS).json


def test_refusals_are_kept_too(api: Api) -> None:
    first = api.post(TASKS, {"Nane": 1}, headers=keyed("a"))
    same(first, api.post(TASKS, {"Nane": 1}, headers=keyed("a")))
    assert 422 == first.status

    gone = api.delete(f"{TASKS}/1", headers=keyed("b"))
    api.post(TASKS, {"Company ID": "1"})
    same(gone, api.delete(f"{TASKS}/1", headers=keyed("b")))
    assert (404, 200) == (gone.status, api.get(f"{TASKS}/1").status)


def test_what_has_no_credential_is_not_kept(api: Api) -> None:
    refused = api.post(TASKS, {"Company ID": "1"}, headers=keyed("a"), key="tl_" + "x" * 40)
    done = api.post(TASKS, {"Company ID": "1"}, headers=keyed("a"))

    assert (401, 201) == (refused.status, done.status)


def test_reads_know_no_keys(api: Api) -> None:
    api.post(TASKS, {"Company ID": "1"})

    assert 1 == len(api.get(TASKS, headers=keyed("a")).json)
    api.post(TASKS, {"Company ID": "2"})
    assert 2 == len(api.get(TASKS, headers=keyed("a")).json)


def test_deletions_and_updates_are_replayed(api: Api) -> None:
    api.post(TASKS, {"Company ID": "1"})
    changed = api.put(TASKS, {"Company ID": "1", "Company Name": "a"}, headers=keyed("a"))
    api.put(TASKS, {"Company ID": "1", "Company Name": "b"})
    same(changed, api.put(TASKS, {"Company ID": "1", "Company Name": "a"}, headers=keyed("a")))
    assert "b" == api.get(f"{TASKS}/1").json["Company Name"]

    gone = api.delete(f"{TASKS}/1", headers=keyed("b"))
    same(gone, api.delete(f"{TASKS}/1", headers=keyed("b")))
    assert 204 == gone.status


def test_the_management_api_and_other_dialects_have_it(api: Api, app: Flask) -> None:
    user = {"email": "ann@example.com", "name": "Ann", "role": "member"}
    first = api.post("/users", user, headers=keyed("a"))
    same(first, api.post("/users", user, headers=keyed("a")))
    assert 201 == first.status

    client = app.test_client()
    headers = {"Authorization": f"Bearer {api.key}", "Idempotency-Key": "b"}
    answers = [client.post("/api/tasks", json={"x": 1}, headers=headers) for _ in range(2)]
    other = client.post("/api/tasks", json={"x": 2}, headers=headers)
    assert answers[0].data == answers[1].data
    assert [None, "true"] == [answer.headers.get("Idempotent-Replayed") for answer in answers]
    assert 400 <= other.status_code < 500


def test_a_large_report_is_replayed_whole(
    api: Api, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("taskloom.storage.retries._PIECE", 10_000)
    body = b"\n".join(b'{"Company ID": "%d"}' % number for number in range(1200))

    first = api.post(BULK, body, headers=keyed("a", **NDJSON))
    again = api.post(BULK, body, headers=keyed("a", **NDJSON))

    same(first, again)
    assert 1201 == len(first.body.splitlines())
    assert 5 < database["retries"].count_documents({})


def test_the_boundary_of_a_form_is_not_its_content(api: Api) -> None:
    def form(boundary: str, text: str) -> Reply:
        parts = f'--{boundary}\r\nContent-Disposition: form-data; name="_task"\r\n\r\n{text}\r\n'
        kind = {"Content-Type": f"multipart/form-data; boundary={boundary}"}
        body = f"{parts}--{boundary}--\r\n".encode()
        return api.post(TASKS, body, headers=keyed("a", **kind))

    first = form("one", '{"Company ID": "1"}')

    same(first, form("another", '{"Company ID": "1"}'))
    assert (201, 422) == (first.status, form("one", '{"Company ID": "2"}').status)


def test_after_a_day_a_key_is_free(api: Api, notes: str, database: Database) -> None:
    first = api.post(notes, {"Text": "one"}, headers=keyed("a"))
    past = datetime.now(UTC) - timedelta(seconds=1)
    left = database["retries"].find_one({"_id": {"$type": "string"}})
    assert left is not None
    assert timedelta(hours=23) < left["until"].replace(tzinfo=UTC) - datetime.now(UTC)
    database["retries"].update_many({}, {"$set": {"until": past}})

    other = api.post(notes, {"Text": "two"}, headers=keyed("a"))

    assert (201, 201) == (first.status, other.status)
    assert "Idempotent-Replayed" not in other.headers


# --- a first try that does not end ----------------------------------------------------------------


class Killed(BaseException):
    """What no code catches: the process ends here."""


@pytest.fixture
def killed(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[bool]]:
    """Let the process end after the effect, before the answer is kept; then its hold is over."""
    pending = [True]
    finish = Retries.finish

    def ended(self: Retries, *args: Any) -> None:
        if pending:
            pending.clear()
            self._requests.update_many({}, {"$set": {"held": datetime.now(UTC)}})
            raise Killed
        finish(self, *args)

    monkeypatch.setattr(Retries, "finish", ended)
    yield pending
    assert not pending


def cut_off(send: Any) -> None:
    with pytest.raises(Killed):
        send()


def test_a_creation_that_was_cut_off_is_not_done_again(
    api: Api, notes: str, killed: list[bool]
) -> None:
    def send() -> Reply:
        return api.post(notes, {"Text": "one"}, headers=keyed("a"))

    cut_off(send)
    answer = send()

    assert 201 == answer.status
    [task] = api.get(notes).json
    assert task == answer.json
    same(answer, send())


def test_an_update_that_was_cut_off_does_not_undo_what_came_after(
    api: Api, killed: list[bool]
) -> None:
    api.post(TASKS, {"Company ID": "1", "Company Name": "a"})

    def send() -> Reply:
        return api.post(TASKS, {"Company ID": "1", "Company Name": "b"}, headers=keyed("a"))

    cut_off(send)
    api.post(TASKS, {"Company ID": "1", "Company Name": "c"})
    answer = send()

    assert (200, '"3"') == (answer.status, answer.headers["ETag"])
    assert "c" == api.get(f"{TASKS}/1").json["Company Name"]


def test_a_deletion_that_was_cut_off_does_not_delete_what_came_after(
    api: Api, killed: list[bool]
) -> None:
    api.post(TASKS, {"Company ID": "1"})

    def send() -> Reply:
        return api.delete(f"{TASKS}/1", headers=keyed("a"))

    cut_off(send)
    api.post(TASKS, {"Company ID": "1"})

    assert 204 == send().status
    assert 1 == len(api.get(TASKS).json)


@pytest.mark.parametrize("query", ["", "?atomic=true"])
def test_rows_that_were_written_before_the_cut_are_told_as_they_were(
    api: Api, notes: str, killed: list[bool], query: str
) -> None:
    api.post(TASKS, {"Company ID": "1"})
    rows = [{"Company ID": str(n), "Company Name": "x"} for n in (1, 2, 3, 2)]

    def send() -> Reply:
        return api.post(BULK + query, rows, headers=keyed("a"))

    cut_off(send)
    api.post(TASKS, {"Company ID": "1", "Company Name": "y"})
    answer = send()

    statuses = [result["status"] for result in answer.json["results"]]
    assert ["updated", "created", "created", "unchanged"] == statuses
    assert "y" == api.get(f"{TASKS}/1").json["Company Name"]
    assert 3 == len(api.get(TASKS).json)


def test_rows_without_unique_ids_are_written_once(api: Api, notes: str, killed: list[bool]) -> None:
    body = b"\n".join(json.dumps({"Text": str(number)}).encode() for number in range(1500))

    def send() -> Reply:
        return api.post(f"{notes}/bulk", body, headers=keyed("a", **NDJSON))

    cut_off(send)
    answer = send()

    ids = [json.loads(line).get("id") for line in answer.body.splitlines()[:-1]]
    assert {"created": 1500, "updated": 0, "unchanged": 0, "refused": 0} == json.loads(
        answer.body.splitlines()[-1]
    )
    assert [task["Task URL"].rpartition("/")[2] for task in api.get(notes).json] == ids


def test_what_cannot_be_told_from_its_effect_is_not_done_twice(
    api: Api, killed: list[bool]
) -> None:
    def send() -> Reply:
        return api.post("/keys", {"name": "test"}, headers=keyed("a"))

    cut_off(send)
    answer = send()

    assert 409 == answer.status
    assert "not known" in answer.json["error"]
    same(answer, send())
    assert 2 == len(api.get("/keys").json)


def test_while_a_request_runs_the_same_waits(
    api: Api, engine: Engine, notes: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    meanwhile: list[Reply] = []
    write = Tasks.write

    def slowly(self: Tasks, *args: Any, **more: Any) -> Any:
        if not meanwhile:
            meanwhile.append(api.post(notes, {"Text": "one"}, headers=keyed("a")))
        return write(self, *args, **more)

    monkeypatch.setattr(Tasks, "write", slowly)

    done = api.post(notes, {"Text": "one"}, headers=keyed("a"))

    assert (201, 409) == (done.status, meanwhile[0].status)
    assert int(meanwhile[0].headers["Retry-After"]) > 0
    assert 1 == len(api.get(notes).json)


def test_a_failure_of_the_server_is_not_kept_and_nothing_is_done_twice(
    api: Api, notes: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    pending = [True]
    write = Tasks.write

    def failing(self: Tasks, *args: Any, **more: Any) -> Any:
        made = write(self, *args, **more)
        if pending:
            pending.clear()
            raise Unavailable("the database cannot be reached now; try again")
        return made

    monkeypatch.setattr(Tasks, "write", failing)

    first = api.post(notes, {"Text": "one"}, headers=keyed("a"))
    again = api.post(notes, {"Text": "one"}, headers=keyed("a"))

    assert (503, 201) == (first.status, again.status)
    assert 1 == len(api.get(notes).json)


class TestSmallBodies:
    """A server that reads little, and keeps little for retries."""

    @pytest.fixture
    def limits(self, monkeypatch: pytest.MonkeyPatch) -> Limits:
        monkeypatch.setattr("taskloom.wire.retries.LARGEST", 1000)
        return Limits(max_body=500, max_file=400)

    def test_a_body_too_large_to_be_compared_is_refused(self, api: Api) -> None:
        body = b'{"Company ID": "1"}\n' * 60

        refused = api.post(BULK, body, headers=keyed("a", **NDJSON))

        assert 413 == refused.status
        assert 200 == api.post(BULK, body, headers=NDJSON).status
