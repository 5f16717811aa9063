"""Bad input: a precise refusal in the dialect's shape, and nothing saved."""

import pytest

from tests.wire.api import Api, sample

TASKS = "/workflows/sales-pipeline/tasks"
JSON = {"Content-Type": "application/json"}


def refused(api: Api, body: object, status: int, **rest: object) -> object:
    """Send what must be refused; nothing may be there afterwards."""
    answer = api.post(TASKS, body, **rest)
    assert status == answer.status, answer.body[:300]
    assert answer.headers["Content-Type"].startswith("application/json")
    assert [] == api.get(TASKS).json
    return answer.json


@pytest.mark.parametrize(
    ("kind", "status"),
    [("text/plain", 415), ("application/xml", 415), ("application/x-www-form-urlencoded", 415)],
)
def test_a_wrong_content_type_is_415(api: Api, kind: str, status: int) -> None:
    refused(api, b'{"Company ID": "1"}', status, headers={"Content-Type": kind})


def test_a_body_without_a_content_type_is_taken_for_json(api: Api) -> None:
    assert 201 == api.post(TASKS, b'{"Company ID": "1"}', headers={"Content-Type": ""}).status
    assert 400 == api.post(TASKS, b'{"Company ID": ', headers={"Content-Type": ""}).status


@pytest.mark.parametrize("body", [b"[]", b'[{"Company ID": "1"}]', b'"x"', b"5", b"null", b"true"])
def test_a_body_that_is_no_object_is_refused(api: Api, body: bytes) -> None:
    assert {"errors": {"base": ["must be an object"]}} == refused(api, body, 422)


@pytest.mark.parametrize(
    "body",
    [
        b'{"Company ID": "1", "Company ID": "2"}',
        b'{"Company ID": "1", "Contract Value": NaN}',
        b'{"Company ID": "1", "Contract Value": Infinity}',
        b'{"Company ID": "1", "Contract Value": -Infinity}',
        b'{"Company ID": "1"} {"Company ID": "2"}',
        b'{"Company ID": "\xed\xa0\x80"}',
        b'{"Company ID": "1",}',
        b"{\"Company ID\": '1'}",
        b'\xef\xbb\xbf{"Company ID": "\xff"}',
    ],
)
def test_json_that_could_be_read_two_ways_is_400(api: Api, body: bytes) -> None:
    refused(api, body, 400)


@pytest.mark.parametrize("depth", [33, 100, 100_000])
def test_deep_nesting_is_refused_without_recursion(api: Api, depth: int) -> None:
    body = b'{"Company Name": ' + b"[" * depth + b"]" * depth + b"}"

    refused(api, body, 400)


def test_twenty_megabytes_are_too_large(api: Api) -> None:
    body = b'{"Company ID": "1", "Company Name": "' + b"x" * 20_000_000 + b'"}'

    refused(api, body, 413)


def test_too_many_keys_are_refused(api: Api) -> None:
    refused(api, {f"key {n}": n for n in range(5000)}, 413)


def test_an_unknown_workflow_is_404(api: Api) -> None:
    for method in ("GET", "POST", "PUT"):
        answer = api.request(method, "/workflows/nowhere/tasks", {} if method != "GET" else None)
        assert (404, ["error"]) == (answer.status, list(answer.json))


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("Expected Close Date", "2023-02-29"),
        ("Expected Close Date", "2023-13-01"),
        ("Expected Close Date", "2023-01-31T00:00:00Z"),
        ("Expected Close Date", {"$gt": ""}),
        ("Contract Value", "10.001"),
        ("Contract Value", 0.005),
        ("Contract Value", "1e400"),
        ("Contract Value", 10**30),
        ("Number of Employees", "1" * 60),
        ("Number of Employees", {"$ne": 1}),
        ("International?", "maybe"),
        ("International?", 1),
        ("Company Name", {"$where": "1"}),
        ("Company Name", 5),
        ("Company Name", "a\x00b"),
        ("Company Name", "x" * 10_001),
        ("Company ID", ""),
        ("Company ID", "   "),
        ("Company ID", "a\nb"),
        ("Company ID", "a\x7fb"),
        ("Company ID", "x" * 513),
        ("Company ID", True),
        ("Company ID", [1]),
        ("Company ID", {"$gt": ""}),
        ("Company ID", None),
        ("Assigned To", "nobody@example.com"),
        ("Assigned To", {"$ne": None}),
        ("Stage", {"$ne": None}),
        ("Documents", {"$size": 0}),
        ("Documents", "x"),
    ],
)
def test_a_bad_value_is_422_on_its_field(api: Api, field: str, value: object) -> None:
    answer = refused(api, sample(**{field: value}), 422)

    assert isinstance(answer, dict)
    assert [field] == list(answer["errors"])
    assert all(isinstance(message, str) and message for message in answer["errors"][field])


def test_integers_have_bounds(api: Api) -> None:
    api.workflow(
        "counts",
        {
            "any": {"title": "Any", "type": "integer"},
            "few": {"title": "Few", "type": "integer", "minimum": 1, "maximum": 5},
        },
    )
    path = "/workflows/counts/tasks"

    for body in ({"Any": 2**63}, {"Any": -(2**63) - 1}, {"Few": 0}, {"Few": 6}, {"Any": 1.5}):
        assert 422 == api.post(path, body).status, body
    assert 201 == api.post(path, {"Any": 2**63 - 1, "Few": 5}).status
    assert str(2**63 - 1) == api.get(path).json[0]["Any"]


@pytest.mark.parametrize(
    "query",
    [
        "?Contract%20Value[gte]=lots",
        "?Contract%20Value[near]=5",
        "?International%3F[gt]=true",
        "?International%3F=maybe",
        "?Stage=Nowhere",
        "?Expected%20Close%20Date[lt]=soon",
        "?Company%20Name[exists]=perhaps",
        "?_limit=0",
        "?_limit=1001",
        "?_limit=ten",
        "?_cursor=nonsense",
        "?_sort=Nowhere",
        "?_fields=Nowhere",
        "?_unknown=1",
        "?Company%20ID[$where]=1",
        "?$where=1",
        "?Documents=x",
    ],
)
def test_a_bad_query_is_422_naming_the_parameter(api: Api, query: str) -> None:
    answer = api.get(f"{TASKS}{query}")

    assert 422 == answer.status, answer.body
    assert 1 == len(answer.json["errors"])


def test_a_wrong_method_is_405_with_what_is_allowed(api: Api) -> None:
    answer = api.request("PATCH", TASKS, {})

    assert (405, ["error"]) == (answer.status, list(answer.json))
    assert {"GET", "POST", "PUT"} <= {m.strip() for m in answer.headers["Allow"].split(",")}


def test_an_unknown_address_is_404_in_the_dialects_shape(api: Api) -> None:
    answer = api.get("/nothing/here")

    assert (404, ["error"]) == (answer.status, list(answer.json))


def test_every_fault_comes_with_path_code_and_hint_on_request(api: Api) -> None:
    """`Accept: application/problem+json` tells more than the documented shape has room for."""
    answer = api.post(
        TASKS,
        sample(**{"Contract Value": "10.001", "Expected Close Date": "soon"}),
        headers={"Accept": "application/problem+json"},
    )

    assert 422 == answer.status
    assert "application/problem+json" == answer.headers["Content-Type"].partition(";")[0]
    faults = {fault["path"][0]: fault for fault in answer.json["faults"]}
    assert {"Contract Value", "Expected Close Date"} == set(faults)
    assert "too_precise" == faults["Contract Value"]["code"]
    assert "2025" in faults["Expected Close Date"]["message"]
