"""Acceptance rows FD-51 … FD-59: file attachments."""

import base64

import pytest

from tests.wire.api import Api, sample

TASKS = "/workflows/sales-pipeline/tasks"
HELLO = {
    "contentType": "text/plain",
    "filename": "hello.txt",
    "base64contents": "aGVsbG8sIHdvcmxkIQ==",
}


def documents(api: Api) -> list[dict[str, str]]:
    """Give the attachments of the sample task as they read."""
    found: list[dict[str, str]] = api.get(f"{TASKS}/42").json["Documents"]
    return found


@pytest.fixture
def attached(api: Api) -> Api:
    """The sample task with one file."""
    assert 201 == api.post(TASKS, sample(Documents=[HELLO])).status
    return api


def test_fd_51_a_file_field_reads_as_its_three_facts(attached: Api) -> None:
    [file] = documents(attached)

    assert {"blobId", "contentType", "filename"} == set(file)
    assert ("text/plain", "hello.txt") == (file["contentType"], file["filename"])


def test_fd_52_contents_come_back_byte_by_byte(attached: Api) -> None:
    [file] = documents(attached)

    assert b"hello, world!" == attached.get(f"/files/{file['blobId']}").body


def test_fd_53_a_remote_url_is_downloaded(api: Api) -> None:
    url = api.serves(b"\x89PNG\r\n\x1a\n....", "/logo/logo.png", "image/png")

    answer = api.post(
        TASKS, sample(Documents=[{"remoteUrl": url}, {"remoteUrl": url, "filename": "own.png"}])
    )

    assert 201 == answer.status, answer.json
    names = [file["filename"] for file in answer.json["Documents"]]
    assert ["logo.png", "own.png"] == names
    for file in answer.json["Documents"]:
        fetched = api.get(f"/files/{file['blobId']}")
        assert b"\x89PNG\r\n\x1a\n...." == fetched.body


def test_fd_54_an_omitted_entry_goes_and_a_named_one_stays(attached: Api) -> None:
    [first] = documents(attached)
    second = {**HELLO, "filename": "second.txt"}
    attached.post(TASKS, {"Company ID": "42", "Documents": [first, second]})
    both = documents(attached)

    attached.post(TASKS, {"Company ID": "42", "Documents": [{"blobId": both[1]["blobId"]}]})

    assert ["hello.txt", "second.txt"] == [file["filename"] for file in both]
    assert [both[1]] == documents(attached)
    assert 404 == attached.get(f"/files/{first['blobId']}").status


def test_fd_55_an_empty_list_removes_all_and_absence_none(attached: Api) -> None:
    attached.post(TASKS, {"Company ID": "42", "Company Name": "Other"})
    assert 1 == len(documents(attached))

    attached.post(TASKS, {"Company ID": "42", "Documents": []})

    assert [] == documents(attached)


def test_fd_56_more_files_than_the_limit_are_refused(api: Api) -> None:
    answer = api.post(TASKS, sample(Documents=[HELLO] * 11))

    assert 422 == answer.status
    assert {"errors": {"Documents": ["has too many attachments"]}} == answer.json
    assert 201 == api.post(TASKS, sample(Documents=[HELLO] * 10)).status


@pytest.mark.parametrize(
    "url",
    [
        "http://127.0.0.1/x",
        "http://[::1]/x",
        "http://10.0.0.1/x",
        "http://169.254.169.254/latest/meta-data",
        "http://localhost/x",
        "http://2130706433/",
        "file:///etc/passwd",
        "not a url",
    ],
)
def test_fd_57_a_private_address_is_refused(api: Api, url: str) -> None:
    answer = api.post(TASKS, sample(Documents=[{"remoteUrl": url}]))

    assert (422, ["Documents"]) == (answer.status, list(answer.json["errors"]))
    assert [] == api.get(TASKS).json


def test_fd_58_files_need_a_key_and_a_known_blob(attached: Api) -> None:
    [file] = documents(attached)

    assert 401 == attached.get(f"/files/{file['blobId']}", key=None).status
    assert 404 == attached.get("/files/unknown").status
    assert 404 == attached.get(f"/files/{file['blobId']}", key=attached.other_workspace()).status


@pytest.mark.parametrize("kind", ["text/plain", "application/pdf", "text/html", "image/svg+xml"])
def test_fd_59_the_content_type_is_the_stored_one(api: Api, kind: str) -> None:
    api.post(TASKS, sample(Documents=[{**HELLO, "contentType": kind}]))
    [file] = documents(api)

    answer = api.get(f"/files/{file['blobId']}")

    assert kind == answer.headers["Content-Type"].partition(";")[0]
    assert "nosniff" == answer.headers["X-Content-Type-Options"]
    shown = answer.headers["Content-Disposition"].partition(";")[0]
    assert ("inline" if kind in {"text/plain", "application/pdf"} else "attachment") == shown
    assert "sandbox" in answer.headers["Content-Security-Policy"]


def test_a_foreign_blob_cannot_be_attached(attached: Api) -> None:
    """Only a file of this task or of one's own may be named."""
    [file] = documents(attached)
    member = attached.user("user@example.com")

    answer = attached.post(TASKS, sample(**{"Company ID": "43", "Documents": [file]}), key=member)

    assert (422, ["Documents"]) == (answer.status, list(answer.json["errors"]))


@pytest.mark.parametrize(
    "entry",
    [
        {},
        {"filename": "a.txt"},
        {"filename": "a.txt", "base64contents": "%%%"},
        {"blobId": "x", "base64contents": "YQ=="},
        {"blobId": 5},
        "a.txt",
        {**HELLO, "unknown": 1},
    ],
)
def test_a_bad_entry_is_refused_and_nothing_is_stored(api: Api, entry: object) -> None:
    answer = api.post(TASKS, sample(Documents=[entry]))

    assert (422, ["Documents"]) == (answer.status, list(answer.json["errors"]))
    assert [] == api.get(TASKS).json


def test_a_megabyte_comes_back_in_ranges(api: Api) -> None:
    contents = bytes(range(256)) * 4096
    encoded = base64.b64encode(contents).decode()
    api.post(TASKS, sample(Documents=[{"filename": "big.bin", "base64contents": encoded}]))
    [file] = documents(api)
    path = f"/files/{file['blobId']}"

    part = api.get(path, headers={"Range": "bytes=1000-2999"})

    assert contents == api.get(path).body
    assert (206, contents[1000:3000]) == (part.status, part.body)
    assert f"bytes 1000-2999/{len(contents)}" == part.headers["Content-Range"]
