"""Files on their own: multipart uploads, ranges, validators, and headers that nobody can bend."""

from collections.abc import Mapping
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from werkzeug.http import parse_options_header

from taskloom.model.values import Attachment
from taskloom.wire.base import Limits
from taskloom.wire.flowdash.files import disposition
from tests.wire.api import Api, Reply

TASKS = "/workflows/sales-pipeline/tasks"
BOUNDARY = "----taskloom"
FORM = {"Content-Type": f"multipart/form-data; boundary={BOUNDARY}"}
BYTES = bytes(range(256)) * 8

Part = tuple[str, str | None, str, bytes]


def form(*parts: Part) -> bytes:
    """Write a multipart body of (name, filename, type, contents)."""
    body = b""
    for name, filename, kind, contents in parts:
        told = f'; filename="{filename}"' if filename is not None else ""
        head = f'--{BOUNDARY}\r\nContent-Disposition: form-data; name="{name}"{told}\r\n'
        body += f"{head}Content-Type: {kind}\r\n\r\n".encode() + contents + b"\r\n"
    return body + f"--{BOUNDARY}--\r\n".encode()


def uploaded(api: Api, filename: str = "a.bin", kind: str = "text/plain") -> Any:
    """Upload one file."""
    answer = api.post("/files", form(("file", filename, kind, BYTES)), headers=FORM)
    assert 201 == answer.status, answer.json
    return answer.json


def got(api: Api, **headers: str) -> Reply:
    """Upload a file and ask for it."""
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return api.get(f"/files/{uploaded(api)['blobId']}", headers=named)


def test_an_upload_can_be_fetched_and_put_into_a_task(api: Api) -> None:
    file = uploaded(api, "résumé.pdf", "application/pdf")

    assert {"blobId", "contentType", "filename"} == set(file)
    assert BYTES == api.get(f"/files/{file['blobId']}").body
    task = api.post(TASKS, {"Company ID": "1", "Documents": [{"blobId": file["blobId"]}]})
    assert [file] == task.json["Documents"]


def test_several_files_give_a_list(api: Api) -> None:
    parts = form(("file", "a.txt", "text/plain", b"a"), ("file", "b.txt", "text/plain", b"b"))

    answer = api.post("/files", parts, headers=FORM)

    assert (201, ["a.txt", "b.txt"]) == (answer.status, [f["filename"] for f in answer.json])


@pytest.mark.parametrize(
    ("filename", "kept"),
    [
        ("C:\\\\home\\\\a.txt", "a.txt"),
        ("../../etc/passwd", "passwd"),
        ("..", "file"),
        ("a\tb.txt", "ab.txt"),
    ],
)
def test_only_the_last_name_of_a_path_is_kept(api: Api, filename: str, kept: str) -> None:
    assert kept == uploaded(api, filename)["filename"]


@pytest.mark.parametrize("kind", ["application/octet-stream", "nonsense", "a/b\x7f"])
def test_an_untold_type_is_found_out(api: Api, kind: str) -> None:
    assert "text/csv" == uploaded(api, "a.csv", kind)["contentType"]


@pytest.mark.parametrize(
    ("body", "status"),
    [
        (form(), 422),
        (form(("file", "", "text/plain", b"")), 422),
        (form(("file", None, "text/plain", b"x")), 422),
        (form(("other", "a.txt", "text/plain", b"x")), 422),
        (b"", 400),
        (b"nonsense", 400),
        (form(("file", "a.txt", "text/plain", b"x"))[:-20], 400),
        (f"--{BOUNDARY}\r\nX: y\r\n\r\nz\r\n--{BOUNDARY}--\r\n".encode(), 400),
        (form(*[("file", "a.txt", "text/plain", b"x")] * 101), 413),
        (b"x" * 300_000, 413),
    ],
)
def test_a_body_without_files_is_refused(api: Api, body: bytes, status: int) -> None:
    assert status == api.post("/files", body, headers=FORM).status


@pytest.mark.parametrize(
    ("kind", "status"), [("application/json", 415), ("multipart/form-data", 400)]
)
def test_files_come_as_multipart(api: Api, kind: str, status: int) -> None:
    assert status == api.post("/files", form(), headers={"Content-Type": kind}).status


class TestSmallFiles:
    """A server that takes small files only."""

    @pytest.fixture
    def limits(self) -> Limits:
        return Limits(max_body=1000, max_file=100)

    @pytest.mark.parametrize("size", [101, 5000])
    def test_a_file_beyond_the_limit_is_413(self, api: Api, size: int) -> None:
        body = form(("file", "a.txt", "text/plain", b"x" * size))

        assert 413 == api.post("/files", body, headers=FORM).status

    def test_a_file_of_just_the_limit_is_taken(self, api: Api) -> None:
        body = form(("file", "a.txt", "text/plain", b"x" * 100))

        assert 201 == api.post("/files", body, headers=FORM).status


@pytest.mark.parametrize(
    ("asked", "start", "stop"),
    [
        ("bytes=0-0", 0, 1),
        ("bytes=10-19", 10, 20),
        ("bytes=2000-", 2000, 2048),
        ("bytes=-48", 2000, 2048),
        ("bytes=-9999", 0, 2048),
        ("bytes=-2048", 0, 2048),
        ("bytes=2047-9999", 2047, 2048),
    ],
)
def test_one_range_is_answered_in_part(api: Api, asked: str, start: int, stop: int) -> None:
    answer = got(api, Range=asked)

    assert (206, BYTES[start:stop]) == (answer.status, answer.body)
    assert f"bytes {start}-{stop - 1}/2048" == answer.headers["Content-Range"]
    assert str(stop - start) == answer.headers["Content-Length"]


@pytest.mark.parametrize("asked", ["bytes=2048-", "bytes=9999-10000"])
def test_a_range_beyond_the_end_is_416(api: Api, asked: str) -> None:
    answer = got(api, Range=asked)

    assert (416, "bytes */2048") == (answer.status, answer.headers["Content-Range"])


@pytest.mark.parametrize(
    "asked", ["bytes=0-1,4-5", "lines=1-2", "bytes=5-1", "bytes=x", "bytes", "bytes=--1", ""]
)
def test_what_is_no_single_range_gives_the_whole_file(api: Api, asked: str) -> None:
    answer = got(api, Range=asked)

    assert (200, BYTES, "bytes") == (answer.status, answer.body, answer.headers["Accept-Ranges"])


def test_a_known_version_is_not_sent_again(api: Api) -> None:
    path = f"/files/{uploaded(api)['blobId']}"
    tag = api.get(path).headers["ETag"]

    for known in (tag, f"W/{tag}", f'"x", {tag}', "*"):
        answer = api.get(path, headers={"If-None-Match": known})
        assert (304, b"", tag) == (answer.status, answer.body, answer.headers["ETag"])
    assert 200 == api.get(path, headers={"If-None-Match": '"x"'}).status


def test_if_range_takes_a_part_of_the_same_version_only(api: Api) -> None:
    path = f"/files/{uploaded(api)['blobId']}"
    tag = api.get(path).headers["ETag"]

    def status(condition: str) -> int:
        return api.get(path, headers={"Range": "bytes=0-1", "If-Range": condition}).status

    assert [206, 200, 200, 200] == [
        status(condition) for condition in (tag, '"x"', f"W/{tag}", "Sat, 01 Jan 2000 00:00:00 GMT")
    ]


def test_head_tells_everything_but_the_contents(api: Api) -> None:
    path = f"/files/{uploaded(api)['blobId']}"
    whole = api.get(path)

    answer = api.request("HEAD", path)

    assert (200, b"") == (answer.status, answer.body)
    for name in ("Content-Length", "Content-Type", "Content-Disposition", "ETag"):
        assert whole.headers[name] == answer.headers[name]


def test_an_empty_file_is_fine(api: Api) -> None:
    body = form(("file", "a.txt", "text/plain", b""))
    blob = api.post("/files", body, headers=FORM).json["blobId"]

    assert (200, b"") == (api.get(f"/files/{blob}").status, api.get(f"/files/{blob}").body)
    assert 416 == api.get(f"/files/{blob}", headers={"Range": "bytes=0-"}).status


@given(st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=80))
def test_no_file_name_can_bend_the_header(name: str) -> None:
    file = Attachment(blobId="b", filename=name, contentType="text/html", size=1)

    header = disposition(file)

    assert header.isascii()
    assert header.isprintable()
    way, options = parse_options_header(header)
    assert "attachment" == way
    assert {"filename": name} == options


def files_of(api: Api) -> list[str]:
    """Give the names of the documents of task 1."""
    return [file["filename"] for file in api.get(f"{TASKS}/1").json["Documents"]]


def multipart(api: Api, task: bytes, *files: Part, method: str = "POST") -> Reply:
    """Write a task with files beside it."""
    parts = form(("_task", None, "application/json", task), *files)
    return api.request(method, TASKS, parts, headers=FORM)


def document(name: str) -> Part:
    """Make a part for the documents."""
    return ("Documents", name, "text/plain", name.encode())


def test_a_task_comes_with_its_files_in_one_request(api: Api) -> None:
    answer = multipart(
        api, b'{"Company ID": "1", "Number of Employees": 5}', document("a.txt"), document("b.txt")
    )

    assert (201, "5") == (answer.status, answer.json["Number of Employees"])
    assert ["a.txt", "b.txt"] == files_of(api)
    [first, _] = api.get(f"{TASKS}/1").json["Documents"]
    assert b"a.txt" == api.get(f"/files/{first['blobId']}").body


def test_parts_come_after_the_entries_that_the_task_keeps(api: Api) -> None:
    kept = multipart(api, b'{"Company ID": "1"}', document("a.txt")).json["Documents"][0]["blobId"]

    task = b'{"Company ID": "1", "Documents": [{"blobId": "%s"}]}' % kept.encode()
    assert 200 == multipart(api, task, document("b.txt"), method="PUT").status
    assert ["a.txt", "b.txt"] == files_of(api)
    assert 200 == multipart(api, b'{"Company ID": "1"}', document("c.txt"), method="PUT").status
    assert ["c.txt"] == files_of(api)
    assert 200 == multipart(api, b'{"Company ID": "1", "Company Name": "x"}').status
    assert ["c.txt"] == files_of(api)


@pytest.mark.parametrize(
    ("parts", "errors"),
    [
        ([("Docs", "a", "text/plain", b"x")], {"Docs"}),
        ([("Company Name", "a", "text/plain", b"x")], {"Company Name"}),
        (
            [("Docs", "a", "text/plain", b"x"), ("Stage", "a", "text/plain", b"x")],
            {"Docs", "Stage"},
        ),
        ([("_task", None, "text/plain", b"[]")], {"base"}),
        ([("_task", None, "text/plain", b'{"Documents": 5}'), document("a")], {"Documents"}),
    ],
)
def test_a_part_that_fits_nowhere_is_refused(api: Api, parts: list[Part], errors: set[str]) -> None:
    answer = api.post(TASKS, form(*parts), headers=FORM)

    assert (422, errors) == (answer.status, set(answer.json["errors"]))
    assert [] == api.get(TASKS).json


@pytest.mark.parametrize(
    "parts",
    [
        [("_task", None, "text/plain", b"{")],
        [("_task", None, "text/plain", b"{}"), ("_task", None, "text/plain", b"{}")],
    ],
)
def test_a_task_part_that_cannot_be_read_is_400(api: Api, parts: list[Part]) -> None:
    assert 400 == api.post(TASKS, form(*parts), headers=FORM).status


def test_a_file_field_left_empty_in_a_browser_is_no_file(api: Api) -> None:
    blank: Part = ("Documents", "", "application/octet-stream", b"")

    assert 201 == multipart(api, b'{"Company ID": "1"}', blank).status
    assert [] == files_of(api)


def test_a_stored_type_that_is_no_type_is_sent_as_bytes(api: Api) -> None:
    headers: Mapping[str, str] = api.get(f"/files/{uploaded(api)['blobId']}").headers

    assert "text/plain" == headers["Content-Type"]
    assert headers["Content-Disposition"].startswith("inline")
    assert "default-src 'none'; sandbox" == headers["Content-Security-Policy"]
    assert "nosniff" == headers["X-Content-Type-Options"]
    assert "private, no-cache" == headers["Cache-Control"]


@pytest.mark.parametrize(
    "kind", ["text/plain;,text/html", "image/png; x, text/html", "text/plain; a=b\r\nX: 1"]
)
def test_no_type_can_hide_another_one(api: Api, kind: str) -> None:
    """Behind a comma a browser reads a second type, and takes the last one."""
    entry = {"filename": "a.bin", "contentType": kind, "base64contents": "PHNjcmlwdD4="}
    told = api.post(TASKS, {"Company ID": "1", "Documents": [entry]})
    blobs = [uploaded(api, kind=kind)["blobId"]]
    if 201 == told.status:
        blobs.append(told.json["Documents"][0]["blobId"])

    for blob in blobs:
        answer = api.get(f"/files/{blob}")
        assert not {",", "\r", "\n"} & set(answer.headers["Content-Type"])
        assert "X" not in answer.headers


def test_a_compressed_form_is_415(api: Api) -> None:
    body = form(("file", "a.txt", "text/plain", b"a"))

    answer = api.post("/files", body, headers={**FORM, "Content-Encoding": "gzip"})

    assert 415 == answer.status


def test_parts_of_every_size_keep_their_contents(api: Api) -> None:
    contents = [b"a" * 10, b"", b"b" * 2_000_000, b"\r\n--", b"c" * 70_000]
    parts = [("file", f"{n}.bin", "text/plain", data) for n, data in enumerate(contents)]

    files = api.post("/files", form(*parts), headers=FORM).json

    assert contents == [api.get(f"/files/{file['blobId']}").body for file in files]
