"""Filters, sorting, restricting: what an address can ask for and what it cannot."""

from collections.abc import Mapping
from urllib.parse import quote

import pytest

from tests.wire.api import Api

ITEMS = "/workflows/items/tasks"
PROPERTIES: Mapping[str, object] = {
    "code": {"title": "Code", "type": "string"},
    "name": {"title": "Name", "type": "string"},
    "amount": {"title": "Amount", "type": "number"},
    "price": {"title": "Price", "type": "number", "format": "currency"},
    "day": {"title": "Day", "type": "string", "format": "date"},
    "urgent": {"title": "Urgent?", "type": "boolean"},
    "colour": {"title": "Colour", "type": "string", "enum": ["red", "dark, blue"]},
    "tags": {"title": "Tags", "type": "array", "items": {"enum": ["a", "b", "c"]}},
    "owner": {"title": "Owner", "type": "string", "format": "person"},
    "mail": {"title": "Mail", "type": "string", "format": "email"},
    "papers": {"title": "Papers", "type": "array", "items": {"format": "file"}},
    "odd": {"title": "Odd[gte]", "type": "string"},
    "limit": {"title": "limit", "type": "string"},
    "comma": {"title": "Size, or weight", "type": "string"},
    "minus": {"title": "-Name", "type": "string"},
}
FILE = {"filename": "a.txt", "contentType": "text/plain", "base64contents": "YQ=="}
ROWS: tuple[dict[str, object], ...] = (
    {
        "Code": "1",
        "Name": "Alpha",
        "Amount": "10",
        "Price": "9.50",
        "Day": "2024-01-31",
        "Urgent?": True,
        "Colour": "red",
        "Tags": ["a", "b"],
        "Owner": "admin@example.com",
        "Mail": "one@example.com",
        "Papers": [FILE],
        "Stage": "Doing",
    },
    {
        "Code": "2",
        "Name": "alphabet, soup",
        "Amount": "2.5",
        "Price": "10",
        "Day": "2024-02-29",
        "Urgent?": False,
        "Colour": "dark, blue",
        "Tags": ["b"],
        "Mail": "two@example.com",
        "Odd[gte]": "x",
        "limit": "5",
        "Size, or weight": "7",
        "Assigned To": "admin@example.com",
    },
    {"Code": "3", "Amount": "-1", "Stage": "Done", "-Name": "z"},
)


@pytest.fixture
def items(api: Api) -> Api:
    """Three tasks of a workflow with all manner of fields."""

    def make() -> None:
        stages = [{"name": "New"}, {"name": "Doing"}, {"name": "Done", "end": True}]
        api.workflow("items", PROPERTIES, uniqueId="code", stages=stages)
        for row in ROWS:
            answer = api.post(ITEMS, row)
            assert 201 == answer.status, answer.json

    api.begin("items of queries", make)
    return api


def found(api: Api, query: str) -> str:
    """Give the codes that a query finds, in order."""
    answer = api.get(f"{ITEMS}?{query}")
    assert 200 == answer.status, answer.json
    return "".join(task["Code"] for task in answer.json)


def p(name: str, value: str = "") -> str:
    """Write one parameter."""
    return f"{quote(name, safe='')}={quote(value, safe='')}"


@pytest.mark.parametrize(
    ("name", "value", "codes"),
    [
        ("Code", "2", "2"),
        ("Code", " 2 ", "2"),
        ("Code[in]", "1,3,9", "13"),
        ("Code[nin]", "1", "23"),
        ("Code[ne]", "1", "23"),
        ("Code[startswith]", "2", "2"),
        ("Code[gte]", "2", "23"),
        ("Name", "Alpha", "1"),
        ("Name", "", "3"),
        ("Name[ne]", "", "12"),
        ("Name[exists]", "false", "3"),
        ("Name[exists]", "true", "12"),
        ("Name[contains]", "ALPHA", "12"),
        ("Name[contains]", "t, s", "2"),
        ("Name[startswith]", "Alpha", "1"),
        ("Name[in]", 'Alpha,"alphabet, soup"', "12"),
        ("Name[in]", "Alpha,", "13"),
        ("Amount", "10.0", "1"),
        ("Amount[gte]", "2.5", "12"),
        ("Amount[lt]", "2.5", "3"),
        ("Amount[in]", "10,-1", "13"),
        ("Price[gt]", "9.5", "2"),
        ("Price", "10.00", "2"),
        ("Day[lte]", "2024-02-29", "12"),
        ("Day[gt]", "2024-01-31", "2"),
        ("Urgent?", "true", "1"),
        ("Urgent?", "false", "2"),
        ("Urgent?", "", "3"),
        ("Colour", "red", "1"),
        ("Colour[in]", '"dark, blue"', "2"),
        ("Tags", "b", "12"),
        ("Tags[contains]", "a", "1"),
        ("Tags[nin]", "a,c", "23"),
        ("Tags", "", "3"),
        ("Owner", "Admin@Example.com", "1"),
        ("Owner", "nobody@example.com", ""),
        ("Owner[ne]", "nobody@example.com", "123"),
        ("Mail[contains]", "@EXAMPLE", "12"),
        ("Papers", "", "23"),
        ("Papers[exists]", "true", "1"),
        ("Stage", "Doing", "1"),
        ("Stage[ne]", "Doing", "23"),
        ("Stage[in]", "New,Done", "23"),
        ("Stage", "", ""),
        ("Assigned To", "ADMIN@example.com", "2"),
        ("Assigned To", "", "13"),
        ("Assigned To", "nobody@example.com", ""),
        ("Assigned To[exists]", "true", "2"),
        ("Odd[gte]", "x", "2"),
        ("Odd[gte][exists]", "false", "13"),
        ("limit", "5", "2"),
        ("-Name", "z", "3"),
        ("Created On[gte]", "2020-01-01", "123"),
        ("Created On[lt]", "2020-01-01T00:00:00Z", ""),
        ("Updated On[gt]", "2020-01-01T00:00:00+02:00", "123"),
        ("_q", "alpha soup", "2"),
        ("_q", "ALPHA", "12"),
        ("_q", "  ", "123"),
    ],
)
def test_a_filter_compares_typed_values(items: Api, name: str, value: str, codes: str) -> None:
    assert codes == found(items, p(name, value))


@pytest.mark.parametrize(
    ("query", "codes"),
    [
        ("Code=1&Code=3", "13"),
        ("Name=&Name=Alpha", "13"),
        ("Code%5Bne%5D=1&Code%5Bne%5D=3", "2"),
        ("Code%5Bnin%5D=1&Code%5Bnin%5D=2", "3"),
        ("Amount%5Bgte%5D=0&Amount%5Blt%5D=10", "2"),
        ("Code%5Bin%5D=1&Code%5Bin%5D=2", "12"),
        ("Stage=New&Stage=Doing&Code=1", "1"),
        ("_q=alpha&Code=2", "2"),
        ("_sort=-Code", "321"),
        ("_sort=Amount", "321"),
        # A title that begins with the sign for descending wins.
        ("_sort=-Name", "312"),
        ("_sort=-Price,Code", "321"),
        ("_sort=Stage&_sort=-Code", "213"),
        ("_sort=Size%2C%20or%20weight", "213"),
        ("_sort=Created%20On", "123"),
        ("_limit=2", "12"),
        ("_limit=2&_sort=-Created%20On", "32"),
    ],
)
def test_parameters_work_together(items: Api, query: str, codes: str) -> None:
    assert codes == found(items, query)


@pytest.mark.parametrize(
    ("name", "value", "told", "part"),
    [
        ("Amount", "ten", "Amount", "is invalid"),
        ("Amount[gt]", "", "Amount", "is invalid"),
        ("Amount[in]", "1,two", "Amount", "is invalid"),
        ("Amount[contains]", "1", "Amount", "[gte]"),
        ("Amount[like]", "1", "Amount", "can't be filtered by [like]"),
        ("Day", "2024-02-30", "Day", "is invalid"),
        ("Urgent?", "yes", "Urgent?", "is invalid"),
        ("Urgent?[gt]", "true", "Urgent?", "can't be filtered"),
        ("Name[exists]", "yes", "Name", "true or false"),
        ("Name[contains]", "", "Name", "can't be blank"),
        ("Name[in]", '"open', "Name", "comma list"),
        ("Stage", "Nowhere", "Stage", "is invalid"),
        ("Stage[gt]", "New", "Stage", "can't be filtered"),
        ("Papers[eq]", "x", "Papers", "can't be filtered"),
        ("Created On", "today", "Created On", "is invalid"),
        ("Nane", "x", "Nane", "did you mean 'Name'?"),
        ("name", "x", "name", "did you mean 'Name'?"),
        ("amount", "1", "amount", "did you mean 'Amount'?"),
        ("Nane[gt]", "x", "Nane[gt]", "is not a field"),
        ("_limits", "x", "_limits", "did you mean '_limit'?"),
        ("Task URL", "x", "Task URL", "is not a field"),
        ("", "x", "", "is not a field"),
        ("_limit", "0", "_limit", "from 1 to 1000"),
        ("_limit", "1001", "_limit", "from 1 to 1000"),
        ("_limit", "-1", "_limit", "from 1 to 1000"),
        ("_limit", "١", "_limit", "from 1 to 1000"),
        ("_limit", "", "_limit", "from 1 to 1000"),
        ("_sort", "Nane", "_sort", "did you mean 'Name'?"),
        ("_sort", "Papers", "_sort", "no order"),
        ("_sort", "Tags", "_sort", "no order"),
        ("_sort", "", "_sort", "is not a field"),
        ("_sort", ",".join(["Code"] * 9), "_sort", "at most 8"),
        ("_fields", "Nane", "_fields", "did you mean 'Name'?"),
        ("_fields", "", "_fields", "is not a field"),
    ],
)
def test_what_cannot_be_asked_is_422(
    items: Api, name: str, value: str, told: str, part: str
) -> None:
    answer = items.get(f"{ITEMS}?{p(name, value)}")

    assert 422 == answer.status
    assert [told] == list(answer.json["errors"])
    assert part in answer.json["errors"][told][0]


def test_everything_wrong_with_an_address_is_told_at_once(items: Api) -> None:
    answer = items.get(f"{ITEMS}?Amount=x&Day=y&Nane=z&_limit=0&_sort=q&_fields=r&_cursor=s")

    assert {"Amount", "Day", "Nane", "_limit", "_sort", "_fields", "_cursor"} == set(
        answer.json["errors"]
    )


@pytest.mark.parametrize(
    ("fields", "keys"),
    [
        ("_fields=Name", ["Name"]),
        ("_fields=Amount,Stage,Code", ["Stage", "Code", "Amount"]),
        ("_fields=Size%2C%20or%20weight&_fields=Task%20URL", ["Task URL", "Size, or weight"]),
    ],
)
def test_fields_restricts_lists_and_single_tasks(items: Api, fields: str, keys: list[str]) -> None:
    listed = items.get(f"{ITEMS}?{fields}").json
    whole = items.get(f"{ITEMS}/2").json

    assert [keys] * 3 == [list(task) for task in listed]
    assert {key: whole[key] for key in keys} == items.get(f"{ITEMS}/2?{fields}").json


@pytest.mark.parametrize("value", ["$ne", '{"$gt": ""}', "[$ne]", "null", ".*", "^"])
def test_a_filters_value_is_never_syntax(items: Api, value: str) -> None:
    for name in ("Name", "Name[contains]", "Name[startswith]", "Name[in]", "_q"):
        assert "" == found(items, p(name, value))


@pytest.mark.parametrize("name", ["Name", "Name[contains]", "Name[startswith]", "Name[in]", "_q"])
def test_a_nul_is_found_nowhere(items: Api, name: str) -> None:
    answer = items.get(f"{ITEMS}?{p(name, chr(0))}")

    assert answer.status == 422 or answer.json == []


def test_a_long_list_is_streamed_and_whole(api: Api) -> None:
    rows = [{"Company ID": str(n), "Company Name": "x" * 500} for n in range(900)]
    assert 200 == api.post("/workflows/sales-pipeline/tasks/bulk", rows).status

    answer = api.get("/workflows/sales-pipeline/tasks")

    assert "Content-Length" not in answer.headers
    assert [str(n) for n in range(900)] == [task["Company ID"] for task in answer.json]
    head = api.request("HEAD", "/workflows/sales-pipeline/tasks")
    assert (200, b"") == (head.status, head.body)
