"""Acceptance rows FD-1 … FD-25: who may ask, and what reading tasks answers."""

import re

import pytest

from tests.wire.api import Api, sample

TASKS = "/workflows/sales-pipeline/tasks"


@pytest.fixture
def filled(api: Api) -> Api:
    """The seed's two tasks, one of them assigned, and one in the end stage."""

    def make() -> None:
        api.user("user@example.com")
        api.post(TASKS, sample(Stage="In Progress"))
        api.post(
            TASKS,
            sample(
                **{
                    "Company ID": "43",
                    "Company Name": "XYZ Inc.",
                    "Number of Employees": 300,
                    "Contract Value": 500000,
                    "Expected Close Date": "2020-03-31",
                    "International?": True,
                }
            ),
        )
        api.post(
            TASKS,
            sample(**{"Company ID": "44", "Stage": "Done", "Assigned To": "user@example.com"}),
        )

    api.begin("tasks of the seed", make)
    return api


def ids(api: Api, query: str = "", where: str = "") -> list[str]:
    """Give the unique IDs that a list answers with."""
    answer = api.get(f"{TASKS}{where}{query}")
    assert 200 == answer.status, answer.json
    return [task["Company ID"] for task in answer.json]


def test_fd_1_no_authorization_header_is_401_json(api: Api) -> None:
    answer = api.get(TASKS, key=None)

    assert (401, {"error": "Unauthorized"}) == (answer.status, answer.json)


@pytest.mark.parametrize("header", ["Bearer tl_nobody", "Bearer", "Basic dTpw", "", "Bearer  "])
def test_fd_2_an_unknown_key_is_401(api: Api, header: str) -> None:
    answer = api.get(TASKS, key=None, headers={"Authorization": header})

    assert (401, {"error": "Unauthorized"}) == (answer.status, answer.json)


def test_fd_2_a_revoked_key_is_401(api: Api) -> None:
    made = api.post("/keys", {"name": "short-lived"}).json
    assert 200 == api.get(TASKS, key=made["key"]).status

    assert 204 == api.delete(f"/keys/{made['id']}").status

    assert 401 == api.get(TASKS, key=made["key"]).status


def test_fd_3_one_workspace_key_reads_two_workflows(api: Api) -> None:
    api.workflow("second", {"name": {"title": "Name", "type": "string"}})
    key = api.post("/keys", {"name": "workspace"}).json["key"]

    assert 200 == api.get(TASKS, key=key).status
    assert 200 == api.get("/workflows/second/tasks", key=key).status


def test_fd_4_a_key_of_another_workspace_gets_404(api: Api) -> None:
    other = api.other_workspace()

    for path in (TASKS, f"{TASKS}/42", "/workflows/sales-pipeline/fields"):
        assert 404 == api.get(path, key=other).status
    assert [] == api.get("/workflows", key=other).json


def test_fd_5_a_list_is_a_bare_array(api: Api) -> None:
    answer = api.get(TASKS)

    assert (200, []) == (answer.status, answer.json)


def test_fd_6_a_task_has_the_built_ins_and_every_field_by_name(filled: Api) -> None:
    assert [
        "Stage",
        "Assigned To",
        "Task URL",
        "Company ID",
        "Company Name",
        "Number of Employees",
        "Contract Value",
        "Expected Close Date",
        "International?",
        "Documents",
    ] == list(filled.get(TASKS).json[0])


def test_fd_7_the_task_url_is_the_tasks_page(filled: Api) -> None:
    urls = [task["Task URL"] for task in filled.get(TASKS).json]

    assert 3 == len(set(urls))
    for url in urls:
        assert re.fullmatch(r"https?://[^/]+/workflows/sales-pipeline/tasks/[0-9a-f]{24}", url)
    assert urls == [task["Task URL"] for task in filled.get(TASKS).json]


def test_fd_8_a_number_reads_back_as_a_string(filled: Api) -> None:
    assert "10" == filled.get(f"{TASKS}/42").json["Number of Employees"]


def test_fd_9_currency_reads_back_with_two_decimals(filled: Api) -> None:
    assert "10000.00" == filled.get(f"{TASKS}/42").json["Contract Value"]


def test_fd_10_currency_is_echoed_without_padding(api: Api) -> None:
    assert "10000" == api.post(TASKS, sample()).json["Contract Value"]


def test_fd_11_a_date_reads_back_as_it_was(filled: Api) -> None:
    assert "2020-01-31" == filled.get(f"{TASKS}/42").json["Expected Close Date"]


def test_fd_12_a_checkbox_is_a_boolean(filled: Api) -> None:
    assert filled.get(f"{TASKS}/42").json["International?"] is False
    assert filled.get(f"{TASKS}/43").json["International?"] is True


def test_fd_13_unassigned_is_null(filled: Api) -> None:
    assert filled.get(f"{TASKS}/42").json["Assigned To"] is None


def test_fd_14_active_leaves_out_end_stages(filled: Api) -> None:
    assert "44" not in ids(filled, where="/active")


def test_fd_15_active_has_every_other_stage(filled: Api) -> None:
    assert ["42", "43"] == ids(filled, where="/active")


def test_fd_16_stage_filters(filled: Api) -> None:
    assert ["43"] == ids(filled, "?Stage=Not%20Started")


def test_fd_17_an_empty_assignee_means_unassigned(filled: Api) -> None:
    assert ["42", "43"] == ids(filled, "?Assigned%20To=")


@pytest.mark.parametrize("email", ["user@example.com", "USER@Example.com"])
def test_fd_18_assignee_filters(filled: Api, email: str) -> None:
    assert ["44"] == ids(filled, f"?Assigned%20To={email}")


def test_fd_19_filters_are_anded(filled: Api) -> None:
    assert ["42"] == ids(filled, "?Stage=In%20Progress&Company%20ID=42")
    assert [] == ids(filled, "?Stage=In%20Progress&Company%20ID=43")


def test_fd_20_a_field_name_with_a_question_mark_filters(filled: Api) -> None:
    assert ["43"] == ids(filled, "?International%3F=true")
    assert ["42", "44"] == ids(filled, "?Number%20of%20Employees=10.00")


def test_fd_21_no_match_is_an_empty_array(filled: Api) -> None:
    assert [] == ids(filled, "?Company%20Name=Nobody")


def test_fd_22_filters_apply_to_active(filled: Api) -> None:
    assert ["42"] == ids(filled, "?Company%20Name=Acme%20Corp", where="/active")


def test_fd_23_an_unknown_filter_names_the_nearest_field(filled: Api) -> None:
    answer = filled.get(f"{TASKS}?Company%20Nam=Acme")

    assert 422 == answer.status
    assert ["Company Nam"] == list(answer.json["errors"])
    assert "Company Name" in answer.json["errors"]["Company Nam"][0]


def test_fd_23_an_unknown_filter_is_ignored_where_the_workflow_says_so(api: Api) -> None:
    api.workflow("lenient", {"name": {"title": "Name", "type": "string"}}, unknown="ignore")
    api.post("/workflows/lenient/tasks", {"Name": "a"})

    assert 1 == len(api.get("/workflows/lenient/tasks?Nam=x").json)


def test_fd_24_a_single_task_is_one_unwrapped_object(filled: Api) -> None:
    assert filled.get(TASKS).json[0] == filled.get(f"{TASKS}/42").json


def test_fd_25_an_unknown_id_is_404(filled: Api) -> None:
    answer = filled.get(f"{TASKS}/4711")

    assert 404 == answer.status
    assert ["error"] == list(answer.json)
