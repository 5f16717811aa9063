"""Bulk: each row stands for itself, whatever the others are like and however many there are."""

import io
import json
from collections.abc import Sequence
from typing import Any, cast

import pytest

from taskloom.errors import Unavailable
from taskloom.storage.tasks import Tasks as Store
from taskloom.wire.base import Limits
from taskloom.wire.body import PIECE
from taskloom.wire.flowdash.lines import Long, lines
from tests.wire.api import Api, Reply
from tests.wire.conftest import Ask

TASKS = "/workflows/sales-pipeline/tasks"
BULK = f"{TASKS}/bulk"
NDJSON = {"Content-Type": "application/x-ndjson"}


def sent(api: Api, *lines: object, query: str = "") -> Sequence[Any]:
    """Send NDJSON, lines as data or as they are, and read the answer's lines."""
    texts = [line if isinstance(line, bytes) else json.dumps(line).encode() for line in lines]
    answer = api.post(BULK + query, b"\n".join(texts), headers=NDJSON)
    assert (200, "application/x-ndjson") == (answer.status, answer.headers["Content-Type"])
    return read(answer)


def read(answer: Reply) -> Sequence[Any]:
    """Read NDJSON."""
    return [json.loads(line) for line in answer.body.splitlines()]


def statuses(lines: Sequence[Any]) -> list[str]:
    """Give the status of each row, the summary left out."""
    return [line["status"] for line in lines[:-1]]


def test_ndjson_gives_a_result_a_row_then_the_summary(api: Api) -> None:
    api.post(TASKS, {"Company ID": "1", "Company Name": "Acme"})

    lines = sent(
        api,
        {"Company ID": "1", "Company Name": "Acme"},
        {"Company ID": "1", "Company Name": "Acme Corp"},
        {"Company ID": "2"},
        {"Company ID": "3", "Contract Value": "x", "Nane": 1},
    )

    assert ["unchanged", "updated", "created", "refused"] == statuses(lines)
    assert [0, 1, 2, 3] == [line["index"] for line in lines[:-1]]
    assert {"created": 1, "updated": 1, "unchanged": 1, "refused": 1} == lines[-1]
    assert ["is invalid"] == lines[3]["errors"]["Contract Value"]
    assert {"Contract Value", "Nane"} == set(lines[3]["errors"])
    urls = {task["Company ID"]: task["Task URL"] for task in api.get(TASKS).json}
    assert urls["2"].endswith(lines[2]["id"])
    assert {"1", "2"} == set(urls)


def test_a_json_array_gives_one_object(api: Api) -> None:
    answer = api.post(BULK, [{"Company ID": "1"}, {"Company ID": "2", "Stage": "Nowhere"}, 5])

    assert 200 == answer.status
    results = answer.json["results"]
    assert ["created", "refused", "refused"] == [result["status"] for result in results]
    assert {"Stage": ["is invalid"]} == results[1]["errors"]
    assert {"base": ["must be an object"]} == results[2]["errors"]
    assert (1, 0, 0, 2) == tuple(
        answer.json[name] for name in ("created", "updated", "unchanged", "refused")
    )


def test_no_rows_are_fine(api: Api) -> None:
    assert [{"created": 0, "updated": 0, "unchanged": 0, "refused": 0}] == sent(api, b"\n \r\n")
    assert [] == api.post(BULK, []).json["results"]


def test_a_broken_line_is_refused_and_the_next_is_read(api: Api) -> None:
    lines = sent(
        api,
        b'{"Company ID": "1"',
        b"",
        b'{"Company ID": "2"}\r',
        b"\xff",
        b'{"Company ID": "3", "Company ID": "4"}',
        b"[" * 100,
        {"Company ID": "5"},
    )

    assert ["refused", "created", "refused", "refused", "refused", "created"] == statuses(lines)
    assert [True, False, True, True, True, False] == ["error" in line for line in lines[:-1]]
    assert ["2", "5"] == [task["Company ID"] for task in api.get(TASKS).json]


@pytest.mark.parametrize(
    ("mode", "expected"),
    [
        ("upsert", ["unchanged", "created"]),
        ("create", ["refused", "created"]),
        ("update", ["unchanged", "refused"]),
    ],
)
def test_the_mode_says_what_a_row_does(api: Api, mode: str, expected: list[str]) -> None:
    api.post(TASKS, {"Company ID": "1"})

    lines = sent(api, {"Company ID": "1"}, {"Company ID": "2"}, query=f"?mode={mode}")

    assert expected == statuses(lines)


def test_a_later_row_of_one_id_sees_the_earlier(api: Api) -> None:
    lines = sent(
        api,
        {"Company ID": "1", "Company Name": "a"},
        {"Company ID": "1", "Number of Employees": 5},
        {"Company ID": "1", "Company Name": None},
    )

    assert ["created", "updated", "updated"] == statuses(lines)
    [task] = api.get(TASKS).json
    assert (None, "5") == (task["Company Name"], task["Number of Employees"])


def test_more_rows_than_a_chunk_keep_their_order(api: Api) -> None:
    rows: list[object] = [{"Company ID": str(n % 1500)} for n in range(2600)]
    rows[1200] = {"Company ID": "x", "Nane": 1}

    lines = sent(api, *rows)

    assert list(range(2600)) == [line["index"] for line in lines[:-1]]
    assert {"created": 1499, "updated": 0, "unchanged": 1100, "refused": 1} == lines[-1]
    assert "refused" == lines[1200]["status"]


@pytest.mark.parametrize("query", ["?mode=merge", "?mode=", "?mode=create&mode=update", "?node=x"])
def test_an_unknown_parameter_is_422(api: Api, query: str) -> None:
    answer = api.post(BULK + query, [])

    assert (422, 1) == (answer.status, len(answer.json["errors"]))


@pytest.mark.parametrize(
    ("body", "kind", "status"),
    [
        (b"{}", "application/json", 422),
        (b"[", "application/json", 400),
        (b"", "application/json", 400),
        (b"[]", "text/csv", 415),
    ],
)
def test_a_body_that_is_no_list_is_refused(api: Api, body: bytes, kind: str, status: int) -> None:
    assert status == api.post(BULK, body, headers={"Content-Type": kind}).status


def test_files_come_with_rows(api: Api) -> None:
    file = {"filename": "a.txt", "contentType": "text/plain", "base64contents": "YQ=="}

    lines = sent(api, {"Company ID": "1", "Documents": [file]}, {"Company ID": "2"})

    assert ["created", "created"] == statuses(lines)
    assert "a.txt" == api.get(f"{TASKS}/1").json["Documents"][0]["filename"]


class TestSmallBodies:
    """A server that reads little at a time."""

    @pytest.fixture
    def limits(self) -> Limits:
        return Limits(max_body=200, max_file=100)

    def test_the_limit_is_that_of_a_line_not_of_the_body(self, api: Api) -> None:
        long = {"Company ID": "x", "Company Name": "y" * 300}
        rows: list[object] = [{"Company ID": str(n)} for n in range(50)]

        lines = sent(api, *rows[:25], long, *rows[25:])

        assert {"created": 50, "updated": 0, "unchanged": 0, "refused": 1} == lines[-1]
        assert {
            "index": 25,
            "status": "refused",
            "error": "more than 200 bytes are not read here",
        } == lines[25]

    def test_a_json_array_is_held_to_the_limit(self, api: Api) -> None:
        assert 413 == api.post(BULK, [{"Company ID": str(n)} for n in range(50)]).status

    def test_a_chunked_body_is_read_to_its_end(self, api: Api, ask: Ask) -> None:
        body = b"".join(b'{"Company ID": "%d"}\n' % n for n in range(40))

        answer = ask(
            "POST",
            f"/api/v1{BULK}",
            headers={**NDJSON, "Authorization": f"Bearer {api.key}"},
            body=body,
            environ={
                "wsgi.input_terminated": True,
                "CONTENT_LENGTH": "",
                "HTTP_TRANSFER_ENCODING": "chunked",
            },
        )

        assert 40 == read(answer)[-1]["created"]


def test_an_array_that_is_broken_at_its_end_saves_no_row(api: Api) -> None:
    rows = [{"Company ID": str(n)} for n in range(1500)]

    answer = api.post(BULK, json.dumps(rows).encode()[:-1] + b', {"Company ID": 1, }]')

    assert 400 == answer.status
    assert [] == api.get(TASKS).json


def test_large_rows_are_written_whatever_their_letters(api: Api) -> None:
    api.workflow(
        "texts", {"id": {"type": "string"}, "text": {"type": "string", "format": "long-text"}}
    )
    rows = [{"id": str(n), "text": sign * 300_000} for n, sign in enumerate("aé漢😀")]
    path = "/workflows/texts/tasks"

    answers = [
        api.post(f"{path}/bulk", json.dumps(rows, ensure_ascii=False).encode()).json["created"],
        read(
            api.post(
                f"{path}/bulk",
                b"\n".join(json.dumps(row, ensure_ascii=False).encode() for row in rows),
                headers=NDJSON,
            )
        )[-1]["created"],
    ]

    assert [4, 4] == answers
    texts = [row["text"] for row in rows]
    assert texts * 2 == [task["text"] for task in api.get(path).json]
    assert texts * 2 == [task["text"] for task in api.get(f"{path}?_limit=1000").json]


@pytest.mark.parametrize("size", [300_000, 999_998])
def test_a_line_of_any_size_is_one_row(api: Api, size: int) -> None:
    file = {"filename": "a.txt", "base64contents": "QUFB" * (size // 2)}

    lines = sent(api, {"Company ID": "1", "Documents": [file]}, b" ", {"Company ID": "2"})

    assert ["created", "created"] == statuses(lines)
    blob = api.get(f"{TASKS}/1").json["Documents"][0]["blobId"]
    assert b"AAA" * (size // 2) == api.get(f"/files/{blob}").body


# --- deletions, dry runs, all or nothing ----------------------------------------------------------


def ids(api: Api) -> list[str]:
    """List the unique IDs there are."""
    return [task["Company ID"] for task in api.get(TASKS).json]


def test_rows_delete_by_unique_id(api: Api) -> None:
    for number in range(4):
        api.post(TASKS, {"Company ID": str(number)})

    lines = sent(
        api,
        {"Company ID": 1},
        {"Company ID": "9"},
        {"Company ID": " 1 "},
        {"Company ID": "2", "Company Name": "x"},
        {"Company Name": None},
        {"Company ID": None},
        b"{",
        {"Company ID": "3", "Task URL": "x"},
        query="?mode=delete",
    )

    expected = ["deleted", *["refused"] * 6, "deleted"]
    assert expected == statuses(lines)
    counts = {"created": 0, "updated": 0, "unchanged": 0, "refused": 6, "deleted": 2}
    assert counts == lines[-1]
    assert {"Company Name"} == set(lines[3]["errors"])
    assert ["0", "2"] == ids(api)


def test_who_may_not_delete_is_told_so_once(api: Api) -> None:
    api.post(TASKS, {"Company ID": "1"})
    key = api.user("ann@example.com")

    answer = api.post(f"{BULK}?mode=delete", [{"Company ID": "1"}], key=key)

    assert "refused" == answer.json["results"][0]["status"]
    assert ["1"] == ids(api)


def test_a_dry_run_tells_the_same_and_writes_nothing(api: Api) -> None:
    api.post(TASKS, {"Company ID": "1", "Company Name": "a"})
    before = api.get(TASKS).body
    file = {"filename": "a.txt", "contentType": "text/plain", "base64contents": "YQ=="}
    rows = [
        {"Company ID": "1", "Company Name": "b"},
        {"Company ID": "2", "Documents": [file]},
        {"Company ID": "2", "Company Name": "c"},
        {"Company ID": "2", "Company Name": "c"},
        {"Company ID": "1", "Company Name": "b"},
        {"Company ID": "3", "Stage": "Nowhere"},
        {"Company ID": "4", "Documents": [{"blobId": "x"}]},
        5,
    ]

    rehearsed = api.post(f"{BULK}?dry_run=true", rows).json

    assert before == api.get(TASKS).body
    told = ["updated", "created", "updated", "unchanged", "unchanged", *["refused"] * 3]
    assert told == [result["status"] for result in rehearsed["results"]]
    real = api.post(BULK, rows).json
    without_ids = [{k: v for k, v in row.items() if k != "id"} for row in real["results"]]
    assert without_ids == [
        {k: v for k, v in row.items() if k != "id"} for row in rehearsed["results"]
    ]
    assert ["id" in row for row in rehearsed["results"]] == [
        result["status"] != "refused" and index in {0, 4}
        for index, result in enumerate(rehearsed["results"])
    ]


def test_a_dry_run_sees_its_own_rows_over_many_chunks(api: Api) -> None:
    rows: list[object] = [{"Company ID": str(n % 1100)} for n in range(2200)]

    lines = sent(api, *rows, query="?dry_run=true")

    assert {"created": 1100, "updated": 0, "unchanged": 1100, "refused": 0} == lines[-1]
    assert [] == ids(api)


def test_a_dry_run_of_deletions_deletes_nothing(api: Api) -> None:
    api.post(TASKS, {"Company ID": "1"})

    lines = sent(api, {"Company ID": "1"}, {"Company ID": "1"}, query="?mode=delete&dry_run=true")

    assert ["deleted", "refused"] == statuses(lines)
    assert ["1"] == ids(api)


def test_a_dry_run_takes_no_number(api: Api) -> None:
    api.workflow(
        "tickets",
        {"number": {"type": "integer", "maximum": 2}, "text": {"type": "string"}},
        uniqueId={"field": "number", "autoIncrement": True},
    )
    path = "/workflows/tickets/tasks"
    rows = [{"text": "a"}, {"text": "b"}, {"text": "c"}]

    dry, real = (api.post(f"{path}/bulk{query}", rows).json for query in ("?dry_run=true", ""))

    statuses = ["created", "created", "refused"]
    assert statuses == [row["status"] for row in dry["results"]]
    assert statuses == [row["status"] for row in real["results"]]
    assert ["1", "2"] == [str(task["number"]) for task in api.get(path).json]


def test_all_rows_or_none(api: Api) -> None:
    api.post(TASKS, {"Company ID": "1", "Company Name": "a"})
    good: list[object] = [
        {"Company ID": "1", "Company Name": "b"},
        {"Company ID": "2"},
        {"Company ID": "2", "Company Name": "c"},
    ]

    refused = sent(api, *good, {"Company ID": "3", "Nane": 1}, b"{", query="?atomic=true")

    assert [*["unprocessed"] * 3, "refused", "refused"] == statuses(refused)
    counts = {"created": 0, "updated": 0, "unchanged": 0, "refused": 2, "unprocessed": 3}
    assert counts == refused[-1]
    assert ["a"] == [task["Company Name"] for task in api.get(TASKS).json]

    done = sent(api, *good, query="?atomic=true")
    assert ["updated", "created", "updated"] == statuses(done)
    assert ["b", "c"] == [task["Company Name"] for task in api.get(TASKS).json]


def test_all_deletions_or_none(api: Api) -> None:
    for number in range(3):
        api.post(TASKS, {"Company ID": str(number)})
    rows = [{"Company ID": "0"}, {"Company ID": "1"}]

    refused = api.post(f"{BULK}?mode=delete&atomic=true", [*rows, {"Company ID": "9"}]).json
    assert (0, 1, 2) == (refused["deleted"], refused["refused"], refused["unprocessed"])
    assert ["0", "1", "2"] == ids(api)

    assert 2 == api.post(f"{BULK}?mode=delete&atomic=true", rows).json["deleted"]
    assert ["2"] == ids(api)


def test_an_atomic_dry_run_tells_of_all_or_nothing(api: Api) -> None:
    lines = sent(api, {"Company ID": "1"}, {"Nane": 1}, query="?atomic=true&dry_run=true")
    assert ["unprocessed", "refused"] == statuses(lines)

    lines = sent(api, {"Company ID": "1"}, query="?atomic=true&dry_run=true")
    assert [{"index": 0, "status": "created"}] == lines[:-1]
    assert [] == ids(api)


def test_many_rows_with_one_bad_one(api: Api, monkeypatch: pytest.MonkeyPatch) -> None:
    for module in ("taskloom.engine.bulk", "taskloom.wire.flowdash.bulk"):
        monkeypatch.setattr(f"{module}.MOST_ATOMIC", 2500)
    rows: list[object] = [{"Company ID": str(n)} for n in range(2500)]
    bad = [*rows[:-1], {"Company ID": "x", "Contract Value": "ten"}]

    lines = sent(api, *bad, query="?atomic=true")
    assert (2499, 1) == (lines[-1]["unprocessed"], lines[-1]["refused"])
    assert [] == ids(api)

    assert 2500 == sent(api, *rows, query="?atomic=true")[-1]["created"]
    too_many = b"\n".join(json.dumps(row).encode() for row in [*rows, rows[0]])
    refused = api.post(f"{BULK}?atomic=true", too_many, headers=NDJSON)
    assert 413 == refused.status
    assert "2,500" in refused.json["error"]


@pytest.mark.parametrize(
    "query",
    ["?atomic=yes", "?atomic=", "?dry_run=1", "?dry_run=true&dry_run=true", "?mode=remove"],
)
def test_what_is_no_flag_is_refused(api: Api, query: str) -> None:
    answer = api.post(BULK + query, [{"Company ID": "1"}])

    assert 422 == answer.status
    assert [] == ids(api)


def test_rows_that_name_no_task_are_refused_where_nothing_is_made(api: Api) -> None:
    rows = [{"Company Name": "x"}]
    for mode in ("update", "delete"):
        assert 1 == api.post(f"{BULK}?mode={mode}", rows).json["refused"]

    api.workflow("notes", {"text": {"type": "string"}})
    for mode in ("update", "delete"):
        answer = api.post(f"/workflows/notes/tasks/bulk?mode={mode}", [{}])
        assert "no unique ID" in answer.json["results"][0]["error"]


def test_half_a_body_is_told_by_its_last_line(api: Api) -> None:
    body = b'{"Company ID": "1"}\n{"Company ID": "2"}\n{"Company'

    lines = read(api.post(BULK, body, headers=NDJSON))

    assert ["created", "created", "refused"] == statuses(lines)
    assert "error" in lines[2]


def test_what_comes_after_a_failure_of_the_database_is_unprocessed(
    api: Api, monkeypatch: pytest.MonkeyPatch
) -> None:
    insert, calls = Store.insert_many, iter(range(100))

    def failing(self: Store, *args: Any) -> Any:
        if next(calls) > 0:
            raise Unavailable("the database cannot be reached now; try again")
        return insert(self, *args)

    monkeypatch.setattr(Store, "insert_many", failing)
    rows = [{"Company ID": str(n)} for n in range(3500)]
    body = b"\n".join(json.dumps(row).encode() for row in rows)

    answer = api.post(BULK, body, headers=NDJSON)

    *lines, summary = read(answer)
    assert 503 == answer.status
    assert [*["created"] * 1000, *["unprocessed"] * 2500] == [line["status"] for line in lines]
    assert (1000, 2500, 0) == tuple(summary[n] for n in ("created", "unprocessed", "refused"))
    assert {summary["error"]} == {line["error"] for line in lines[1000:]}


def test_a_line_of_two_gigabytes_is_refused_and_the_next_is_read() -> None:
    class Endless(io.RawIOBase):
        left = 2 * 1024**3 // PIECE

        def read(self, _size: int = -1) -> bytes:
            self.left -= 1
            if self.left == 0:
                return b'x\n{"a": 1}\n'
            return b"x" * PIECE if self.left > 0 else b""

    long, short = lines(cast(Any, Endless()), 1000)

    assert Long(size=0, held=None) == long
    assert b'{"a": 1}' == short
