"""Acceptance rows FD-26 … FD-50: creating, updating, refusing and deleting tasks."""

from concurrent.futures import ThreadPoolExecutor

import pytest

from tests.wire.api import Api, sample

TASKS = "/workflows/sales-pipeline/tasks"


def test_fd_26_a_new_unique_id_creates(api: Api) -> None:
    answer = api.post(TASKS, sample())

    assert 201 == answer.status
    assert "42" == answer.json["Company ID"]
    assert answer.json["Task URL"] == api.get(f"{TASKS}/42").json["Task URL"]


def test_fd_27_no_stage_means_the_initial_one(api: Api) -> None:
    assert "Not Started" == api.post(TASKS, sample()).json["Stage"]


def test_fd_28_stage_and_assignee_are_set(api: Api) -> None:
    api.user("user@example.com")

    made = api.post(TASKS, sample(**{"Stage": "In Progress", "Assigned To": "user@example.com"}))

    assert ("In Progress", "user@example.com") == (made.json["Stage"], made.json["Assigned To"])


def test_fd_29_a_null_assignee_leaves_it_unassigned(api: Api) -> None:
    assert api.post(TASKS, sample(**{"Assigned To": None})).json["Assigned To"] is None


def test_fd_30_an_existing_unique_id_updates(api: Api) -> None:
    first = api.post(TASKS, sample()).json

    answer = api.post(TASKS, sample(**{"Company Name": "Acme Ltd"}))

    assert 200 == answer.status
    assert first["Task URL"] == answer.json["Task URL"]
    assert ["Acme Ltd"] == [task["Company Name"] for task in api.get(TASKS).json]


def test_fd_31_a_partial_update_keeps_the_rest(api: Api) -> None:
    api.post(TASKS, sample())
    before = api.get(f"{TASKS}/42").json

    api.post(TASKS, {"Company ID": "42", "Number of Employees": "20"})

    assert {**before, "Number of Employees": "20"} == api.get(f"{TASKS}/42").json


def test_fd_32_stage_and_assignee_are_updated(api: Api) -> None:
    api.user("user@example.com")
    api.post(TASKS, sample())

    api.post(
        TASKS,
        {"Company ID": "42", "Assigned To": "user@example.com", "Stage": "In Progress"},
    )

    task = api.get(f"{TASKS}/42").json
    assert ("In Progress", "user@example.com") == (task["Stage"], task["Assigned To"])


def test_fd_33_an_updates_answer_has_all_fields(api: Api) -> None:
    api.post(TASKS, sample())

    answer = api.post(TASKS, {"Company ID": "42", "Number of Employees": "20"}).json

    assert list(api.get(f"{TASKS}/42").json) == list(answer)
    assert ("Acme Corp", "20") == (answer["Company Name"], answer["Number of Employees"])


def test_fd_34_put_updates_what_exists(api: Api) -> None:
    api.post(TASKS, sample())

    answer = api.put(TASKS, {"Company ID": "42", "Company Name": "Acme Ltd"})

    assert (200, "Acme Ltd") == (answer.status, answer.json["Company Name"])


def test_fd_35_put_of_an_unknown_id_is_404_and_creates_nothing(api: Api) -> None:
    assert 404 == api.put(TASKS, sample()).status
    assert [] == api.get(TASKS).json


def test_fd_35_put_without_the_unique_id_is_422(api: Api) -> None:
    answer = api.put(TASKS, {"Company Name": "Acme"})

    assert (422, {"errors": {"Company ID": ["can't be blank"]}}) == (answer.status, answer.json)


@pytest.mark.parametrize("date", ["31.01.2020", "2023-02-29", "2020-1-31", "", 20200131, "soon"])
def test_fd_36_a_bad_date_is_told_exactly(api: Api, date: object) -> None:
    answer = api.post(TASKS, sample(**{"Expected Close Date": date}))

    assert 422 == answer.status
    assert {"errors": {"Expected Close Date": ["is invalid"]}} == answer.json


def test_fd_37_two_bad_fields_are_both_told_and_nothing_is_saved(api: Api) -> None:
    answer = api.post(
        TASKS, sample(**{"Expected Close Date": "soon", "Number of Employees": "many"})
    )

    assert {"Expected Close Date", "Number of Employees"} == set(answer.json["errors"])
    assert [] == api.get(TASKS).json


@pytest.mark.parametrize("number", ["many", True, [1], {"a": 1}, "", "1,000", "0x10", "١"])
def test_fd_38_a_number_that_is_none_is_422(api: Api, number: object) -> None:
    answer = api.post(TASKS, sample(**{"Number of Employees": number}))

    assert (422, ["Number of Employees"]) == (answer.status, list(answer.json["errors"]))


@pytest.mark.parametrize("stage", ["Nowhere", None, 1, "", "not started"])
def test_fd_39_an_unknown_stage_is_422(api: Api, stage: object) -> None:
    answer = api.post(TASKS, sample(Stage=stage))

    assert (422, {"errors": {"Stage": ["is invalid"]}}) == (answer.status, answer.json)


def test_fd_40_an_unknown_assignee_is_422(api: Api) -> None:
    answer = api.post(TASKS, sample(**{"Assigned To": "stranger@example.com"}))

    assert (422, {"errors": {"Assigned To": ["is invalid"]}}) == (answer.status, answer.json)


@pytest.fixture
def strict(api: Api) -> str:
    """A workflow with a required, a fixed and an optional field."""
    api.workflow(
        "strict",
        {
            "ref": {"title": "Ref", "type": "string"},
            "name": {"title": "Name", "type": "string"},
            "source": {"title": "Source", "type": "string", "readOnly": True},
        },
        required=["name"],
        uniqueId="ref",
    )
    return "/workflows/strict/tasks"


def test_fd_41_a_missing_required_field_is_422_on_create_only(api: Api, strict: str) -> None:
    answer = api.post(strict, {"Ref": "1"})
    assert (422, {"errors": {"Name": ["can't be blank"]}}) == (answer.status, answer.json)

    api.post(strict, {"Ref": "1", "Name": "One"})

    assert 200 == api.post(strict, {"Ref": "1", "Source": None}).status


@pytest.mark.parametrize("blank", [None, ""])
def test_fd_42_blanking_a_required_field_is_422(api: Api, strict: str, blank: object) -> None:
    api.post(strict, {"Ref": "1", "Name": "One"})

    answer = api.post(strict, {"Ref": "1", "Name": blank})

    assert (422, {"errors": {"Name": ["can't be blank"]}}) == (answer.status, answer.json)
    assert "One" == api.get(f"{strict}/1").json["Name"]


def test_fd_43_a_fixed_field_refuses_change_and_takes_the_same_value(api: Api, strict: str) -> None:
    api.post(strict, {"Ref": "1", "Name": "One", "Source": "web"})

    answer = api.post(strict, {"Ref": "1", "Source": "mail"})

    assert (422, {"errors": {"Source": ["is not editable"]}}) == (answer.status, answer.json)
    assert 200 == api.post(strict, {"Ref": "1", "Source": "web"}).status


def test_fd_44_parallel_posts_of_one_new_id_make_one_task(api: Api) -> None:
    def push(number: int) -> int:
        return api.post(TASKS, sample(**{"Number of Employees": number})).status

    with ThreadPoolExecutor(8) as pool:
        statuses = list(pool.map(push, range(16)))

    assert [200] * 15 + [201] == sorted(statuses)
    assert 1 == len(api.get(TASKS).json)


def test_fd_45_without_a_unique_id_every_post_creates(api: Api) -> None:
    api.workflow("notes", {"text": {"title": "Text", "type": "string"}})
    path = "/workflows/notes/tasks"

    assert [201, 201] == [api.post(path, {"Text": "same"}).status for _ in range(2)]

    assert 2 == len(api.get(path).json)
    assert 404 == api.put(path, {"Text": "same"}).status
    assert 404 == api.get(f"{path}/same").status
    assert 404 == api.delete(f"{path}/same").status


def test_fd_46_an_auto_increment_id_counts_from_one(api: Api) -> None:
    api.workflow(
        "tickets",
        {
            "number": {"title": "Number", "type": "integer"},
            "text": {"title": "Text", "type": "string", "maxLength": 5},
        },
        uniqueId={"field": "number", "autoIncrement": True},
    )
    path = "/workflows/tickets/tasks"

    first = [api.post(path, {"Text": "a"}).json["Number"] for _ in range(2)]
    refused = api.post(path, {"Text": "far too long"})
    given = api.post(path, {"Number": 7, "Text": "b"})
    later = [api.post(path, {"Text": "c"}).json["Number"] for _ in range(2)]

    assert (["1", "2"], 422, 201, ["8", "9"]) == (first, refused.status, given.status, later)
    assert "b" == api.get(f"{path}/7").json["Text"]


def test_fd_47_an_answer_can_be_sent_back(api: Api) -> None:
    api.post(TASKS, sample())
    task = api.get(f"{TASKS}/42").json

    answer = api.post(TASKS, {**task, "Created On": "x", "id": "1", "Task URL": "elsewhere"})

    assert 200 == answer.status
    assert task == api.get(f"{TASKS}/42").json


def test_fd_47_an_unknown_key_is_named_with_the_nearest_field(api: Api) -> None:
    answer = api.post(TASKS, sample(**{"Company Nam": "x", "Close Date": "soon"}))

    assert (422, {"Company Nam", "Close Date"}) == (answer.status, set(answer.json["errors"]))
    assert "Company Name" in answer.json["errors"]["Company Nam"][0]
    assert [] == api.get(TASKS).json


def test_fd_47_an_unknown_key_is_ignored_where_the_workflow_says_so(api: Api) -> None:
    api.workflow("lenient", {"name": {"title": "Name", "type": "string"}}, unknown="ignore")

    answer = api.post("/workflows/lenient/tasks", {"Name": "a", "Nam": "b"})

    assert (201, "a") == (answer.status, answer.json["Name"])


def test_fd_48_delete_is_204_and_then_it_is_gone(api: Api) -> None:
    api.post(TASKS, sample())

    answer = api.delete(f"{TASKS}/42")

    assert (204, b"") == (answer.status, answer.body)
    assert 404 == api.get(f"{TASKS}/42").status
    assert [] == api.get(TASKS).json


def test_fd_48_a_deleted_id_may_be_used_again(api: Api) -> None:
    first = api.post(TASKS, sample()).json
    api.delete(f"{TASKS}/42")

    again = api.post(TASKS, sample())

    assert 201 == again.status
    assert first["Task URL"] != again.json["Task URL"]


def test_fd_49_delete_of_an_unknown_id_is_404(api: Api) -> None:
    assert 404 == api.delete(f"{TASKS}/42").status


@pytest.mark.parametrize("body", [b"{", b"", b"{'a': 1}", b'{"Company ID": }', b"\xff\xfe", b"nul"])
def test_fd_50_malformed_json_is_400(api: Api, body: bytes) -> None:
    answer = api.post(TASKS, body)

    assert (400, ["error"]) == (answer.status, list(answer.json))
    assert [] == api.get(TASKS).json
