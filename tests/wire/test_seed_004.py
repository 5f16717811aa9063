"""Every example of the Tasks API reference: the documented request, the documented answer.

The reference leaves out `Documents` in its samples and spells `Task URL` with its own host, so
answers are compared without the first and by the shape of the second.
"""

import re
from collections.abc import Mapping

import pytest

from tests.wire.api import Api, sample

TASKS = "/workflows/sales-pipeline/tasks"
ACME = {
    "Stage": "In Progress",
    "Assigned To": None,
    "Company ID": "42",
    "Company Name": "Acme Corp",
    "Number of Employees": "10",
    "Contract Value": "10000.00",
    "Expected Close Date": "2020-01-31",
    "International?": False,
}
XYZ = {
    "Stage": "Not Started",
    "Assigned To": None,
    "Company ID": "43",
    "Company Name": "XYZ Inc.",
    "Number of Employees": "300",
    "Contract Value": "500000.00",
    "Expected Close Date": "2020-03-31",
    "International?": True,
}


def documented(task: Mapping[str, object]) -> dict[str, object]:
    """Check the task's address and give what the reference's samples show."""
    url = task["Task URL"]
    assert isinstance(url, str)
    assert re.fullmatch(r"https?://[^/]+/workflows/[^/]+/tasks/[^/]+", url)
    return {name: value for name, value in task.items() if name not in {"Task URL", "Documents"}}


@pytest.fixture
def pipeline(api: Api) -> Api:
    """The two companies of the reference."""
    api.user("user@example.com")
    api.post(TASKS, sample(Stage="In Progress"))
    api.post(TASKS, {**XYZ, "Number of Employees": 300, "Contract Value": 500000})
    return api


def test_list_tasks(pipeline: Api) -> None:
    assert [ACME, XYZ] == [documented(task) for task in pipeline.get(TASKS).json]


def test_active_tasks(pipeline: Api) -> None:
    pipeline.post(TASKS, {"Company ID": "42", "Stage": "Done"})

    assert [XYZ] == [documented(task) for task in pipeline.get(f"{TASKS}/active").json]


def test_filter_unassigned_and_not_started(pipeline: Api) -> None:
    answer = pipeline.get(f"{TASKS}?Assigned%20To=&Stage=Not%20Started")

    assert [XYZ] == [documented(task) for task in answer.json]


def test_filter_in_progress_with_company_id(pipeline: Api) -> None:
    answer = pipeline.get(f"{TASKS}?Stage=In%20Progress&Company%20ID=42")

    assert [ACME] == [documented(task) for task in answer.json]


def test_read_file_attachments(pipeline: Api) -> None:
    files = [
        {"contentType": "application/pdf", "filename": "resume.pdf", "base64contents": "JVBERi0="},
        {"contentType": "image/jpeg", "filename": "photo.jpg", "base64contents": "/9j/"},
    ]
    pipeline.post(TASKS, {"Company ID": "42", "Documents": files})

    [task, _] = pipeline.get(TASKS).json

    assert [
        {"contentType": "application/pdf", "filename": "resume.pdf"},
        {"contentType": "image/jpeg", "filename": "photo.jpg"},
    ] == [{key: file[key] for key in ("contentType", "filename")} for file in task["Documents"]]
    assert all(isinstance(file["blobId"], str) for file in task["Documents"])


def test_get_task_by_unique_id(pipeline: Api) -> None:
    assert ACME == documented(pipeline.get(f"{TASKS}/42").json)


def test_create_a_new_task(api: Api) -> None:
    api.user("user@example.com")

    answer = api.post(
        TASKS,
        {
            "Company ID": "42",
            "Company Name": "Acme Corp",
            "Number of Employees": 10,
            "Contract Value": 10000,
            "Expected Close Date": "2020-01-31",
            "International?": False,
            "Stage": "In Progress",
            "Assigned To": "user@example.com",
        },
    )

    assert 2 == answer.status // 100
    assert {
        "Stage": "In Progress",
        "Assigned To": "user@example.com",
        "Company ID": "42",
        "Company Name": "Acme Corp",
        "Number of Employees": "10",
        "Contract Value": "10000",
        "International?": False,
        "Expected Close Date": "2020-01-31",
    } == documented(answer.json)


def test_an_invalid_close_date(api: Api) -> None:
    answer = api.post(TASKS, sample(**{"Expected Close Date": "01/31/2020"}))

    assert 422 == answer.status
    assert {"errors": {"Expected Close Date": ["is invalid"]}} == answer.json


def test_update_the_number_of_employees(pipeline: Api) -> None:
    answer = pipeline.post(TASKS, {"Company ID": "42", "Number of Employees": "20"})

    assert 2 == answer.status // 100
    assert {**ACME, "Number of Employees": "20"} == documented(pipeline.get(f"{TASKS}/42").json)


def test_update_the_built_in_fields(pipeline: Api) -> None:
    answer = pipeline.post(
        TASKS,
        {"Company ID": "43", "Assigned To": "user@example.com", "Stage": "In Progress"},
    )

    assert 2 == answer.status // 100
    assert {**XYZ, "Assigned To": "user@example.com", "Stage": "In Progress"} == documented(
        pipeline.get(f"{TASKS}/43").json
    )


def test_put_updates_and_never_creates(pipeline: Api) -> None:
    assert 200 == pipeline.put(TASKS, {"Company ID": "42", "Company Name": "Acme"}).status
    assert 404 == pipeline.put(TASKS, {"Company ID": "44", "Company Name": "New"}).status
    assert 2 == len(pipeline.get(TASKS).json)


def test_remove_a_file_by_omitting_it(pipeline: Api) -> None:
    file = {"filename": "resume.pdf", "base64contents": "JVBERi0="}
    pipeline.post(TASKS, {"Company ID": "42", "Documents": [file]})

    answer = pipeline.post(TASKS, {"Company ID": "42", "Documents": []})

    assert [] == answer.json["Documents"]


def test_upload_a_file_as_base64(pipeline: Api) -> None:
    answer = pipeline.post(
        TASKS,
        {
            "Company ID": "42",
            "Documents": [
                {
                    "contentType": "text/plain",
                    "filename": "hello.txt",
                    "base64contents": "aGVsbG8sIHdvcmxkIQ==",
                }
            ],
        },
    )

    [file] = answer.json["Documents"]
    assert b"hello, world!" == pipeline.get(f"/files/{file['blobId']}").body


def test_upload_a_file_by_remote_url(pipeline: Api) -> None:
    url = pipeline.serves(b"logo", "/logo/logo.png", "image/png")

    answer = pipeline.post(
        TASKS,
        {"Company ID": "42", "Documents": [{"filename": "company-logo.png", "remoteUrl": url}]},
    )

    [file] = answer.json["Documents"]
    assert "company-logo.png" == file["filename"]
    assert b"logo" == pipeline.get(f"/files/{file['blobId']}").body


def test_delete_a_task(pipeline: Api) -> None:
    answer = pipeline.delete(f"{TASKS}/42")

    assert (204, b"") == (answer.status, answer.body)
    assert [XYZ] == [documented(task) for task in pipeline.get(TASKS).json]
