"""ETags, `If-Match`, `If-None-Match`: of two who write at once only the same field is refused."""

import pytest

from tests.wire.api import Api, Reply

TASKS = "/workflows/sales-pipeline/tasks"
ONE = f"{TASKS}/1"
FILE = {"filename": "a.txt", "contentType": "text/plain", "base64contents": "YQ=="}


def put(api: Api, tag: str, **values: object) -> Reply:
    """Update the task with titles that have no spaces, given with underscores."""
    body = {"Company ID": "1", **{key.replace("_", " "): value for key, value in values.items()}}
    return api.put(TASKS, body, headers={"If-Match": tag})


@pytest.fixture
def tag(api: Api) -> str:
    """The ETag of a new task with the unique ID 1."""
    made = api.post(TASKS, {"Company ID": "1", "Company Name": "a", "Number of Employees": 5})
    return made.headers["ETag"]


def test_every_answer_about_a_task_has_its_etag(api: Api, tag: str) -> None:
    assert '"1"' == tag == api.get(ONE).headers["ETag"]
    assert '"2"' == put(api, "*", Company_Name="b").headers["ETag"]
    assert '"2"' == put(api, "*", Company_Name="b").headers["ETag"]
    assert '"2"' == api.get(ONE).headers["ETag"]
    assert "ETag" not in api.get(f"{TASKS}/2").headers


@pytest.mark.parametrize(
    ("given", "status"),
    [('"1"', 304), ('W/"1"', 304), ('"7", "1"', 304), ("*", 304), ('"2"', 200), ("1", 400)],
)
def test_what_a_reader_has_is_not_sent_again(api: Api, tag: str, given: str, status: int) -> None:
    answer = api.get(ONE, headers={"If-None-Match": given})

    assert status == answer.status
    if status == 304:
        assert (b"", tag) == (answer.body, answer.headers["ETag"])


def test_others_fields_are_kept(api: Api, tag: str) -> None:
    put(api, tag, Company_Name="theirs", Stage="In Progress")

    merged = put(api, tag, Number_of_Employees=6)

    assert (200, '"3"') == (merged.status, merged.headers["ETag"])
    task = api.get(ONE).json
    values = (task["Company Name"], task["Stage"], task["Number of Employees"])
    assert ("theirs", "In Progress", "6") == values


def test_the_same_field_is_a_conflict_that_tells_both_sides(api: Api, tag: str) -> None:
    put(api, tag, Company_Name="theirs", Number_of_Employees=7)

    refused = put(api, tag, Company_Name="mine", Number_of_Employees=7, Contract_Value="1.50")

    assert (412, '"2"') == (refused.status, refused.headers["ETag"])
    assert {"Company Name": {"base": "a", "theirs": "theirs", "yours": "mine"}} == refused.json[
        "conflicts"
    ]
    task = api.get(ONE).json
    assert ("theirs", None) == (task["Company Name"], task["Contract Value"])
    assert 200 == put(api, '"2"', Company_Name="mine").status


def test_a_whole_task_sent_back_changes_only_what_its_sender_changed(api: Api, tag: str) -> None:
    whole = api.get(ONE).json
    put(api, tag, Company_Name="theirs", Stage="Done", Documents=[FILE])

    back = api.put(TASKS, {**whole, "Contract Value": 5}, headers={"If-Match": tag})

    assert 200 == back.status
    task = api.get(ONE).json
    told = (task["Company Name"], task["Stage"], task["Contract Value"], len(task["Documents"]))
    assert ("theirs", "Done", "5.00", 1) == told


def test_stage_people_and_files_can_be_in_conflict(api: Api, tag: str) -> None:
    api.user("ann@example.com")
    put(api, tag, Stage="Done", Assigned_To="ann@example.com", Documents=[FILE])

    other = {**FILE, "filename": "b.txt"}
    refused = put(api, tag, Stage="In Progress", Assigned_To="admin@example.com", Documents=[other])

    conflicts = refused.json["conflicts"]
    assert {"base": "Not Started", "theirs": "Done", "yours": "In Progress"} == conflicts["Stage"]
    assert {
        "base": None,
        "theirs": "ann@example.com",
        "yours": "admin@example.com",
    } == conflicts["Assigned To"]
    assert [] == conflicts["Documents"]["base"]
    assert "a.txt" == conflicts["Documents"]["theirs"][0]["filename"]


def test_what_others_changed_and_changed_back_is_no_conflict(api: Api, tag: str) -> None:
    put(api, "*", Company_Name="b")
    put(api, "*", Company_Name="a")

    assert 200 == put(api, tag, Company_Name="c").status
    assert "c" == api.get(ONE).json["Company Name"]


def test_a_problem_tells_the_same(api: Api, tag: str) -> None:
    put(api, tag, Company_Name="theirs")
    accept = {"If-Match": tag, "Accept": "application/problem+json"}

    refused = api.put(TASKS, {"Company ID": "1", "Company Name": "mine"}, headers=accept)

    assert (412, "stale") == (refused.status, refused.json["code"])
    assert "theirs" == refused.json["conflicts"]["Company Name"]["theirs"]


@pytest.mark.parametrize(
    ("given", "status"),
    [
        ('"9"', 412),
        ('"99999999999999999999999"', 412),
        ('"0"', 412),
        ('"abc"', 412),
        ('W/"1"', 412),
        ('""', 412),
        ("1", 400),
        ('"1', 400),
        ("", 400),
        (",", 400),
        ('"8", "1"', 200),
        ("*", 200),
    ],
)
def test_an_etag_that_is_none_of_the_task_s(api: Api, tag: str, given: str, status: int) -> None:
    assert status == put(api, given, Company_Name="b").status
    assert ("b" if status == 200 else "a") == api.get(ONE).json["Company Name"]


def test_without_a_task_no_revision_holds(api: Api) -> None:
    body = {"Company ID": "1"}

    assert 412 == api.post(TASKS, body, headers={"If-Match": '"1"'}).status
    assert 412 == api.post(TASKS, body, headers={"If-Match": "*"}).status
    assert 404 == api.put(TASKS, body, headers={"If-Match": '"1"'}).status
    assert 404 == api.delete(ONE, headers={"If-Match": '"1"'}).status
    assert [] == api.get(TASKS).json


def test_a_star_in_if_none_match_only_creates(api: Api) -> None:
    star = {"If-None-Match": "*"}

    answers = [api.post(TASKS, {"Company ID": "1"}, headers=star) for _ in range(2)]

    assert [201, 412] == [answer.status for answer in answers]
    assert 400 == api.post(TASKS, {"Company ID": "1"}, headers={"If-None-Match": '"1"'}).status


def test_a_deletion_asks_for_the_whole_task_as_it_was(api: Api, tag: str) -> None:
    put(api, tag, Company_Name="theirs")

    refused = api.delete(ONE, headers={"If-Match": tag})

    assert 412 == refused.status
    assert {"Company Name": {"base": "a", "theirs": "theirs"}} == refused.json["conflicts"]
    assert 204 == api.delete(ONE, headers={"If-Match": '"2"'}).status


def test_what_cannot_be_read_is_told_first(api: Api, tag: str) -> None:
    put(api, tag, Company_Name="theirs")

    refused = put(api, tag, Company_Name=5, Nane=1)

    assert 422 == refused.status
    assert {"Company Name", "Nane"} >= set(refused.json["errors"])


def test_no_conflict_tells_of_what_one_may_not_see(api: Api) -> None:
    api.workflow(
        "offers",
        {
            "ref": {"title": "Ref", "type": "string"},
            "price": {"title": "Price", "type": "number"},
            "text": {"title": "Text", "type": "string"},
        },
        uniqueId="ref",
        roles=[{"name": "Clerk", "for": ["member"], "fields": {"price": {"read": False}}}],
    )
    ann = api.user("ann@example.com")
    path = "/workflows/offers/tasks"
    tag = api.post(path, {"Ref": "1", "Price": 5, "Text": "a"}).headers["ETag"]
    api.post(path, {"Ref": "1", "Price": 6, "Text": "b"})

    body = {"Ref": "1", "Text": "c"}
    refused = api.put(path, body, headers={"If-Match": tag}, key=ann)

    assert 412 == refused.status
    assert {"Text"} == set(refused.json["conflicts"])
