"""Odd but good input works to the letter."""

from decimal import Decimal
from urllib.parse import quote

import pytest

from tests.wire.api import Api, sample

TASKS = "/workflows/sales-pipeline/tasks"
ODD_IDS = [
    "a/b",
    "/",
    "a//b/",
    "..",
    "../x",
    ".",
    "ü ñ",
    "%2F",
    "%",
    "a%20b",
    "😀",
    "x" * 300,
    "$where",
    "a?b#c&d=e",
    "a+b",
    "'; drop",
    "null",
    "[1]",
    "0",
    "comments",
    "42/comments/x",
    "bulk",
]


@pytest.mark.parametrize("odd", ODD_IDS)
def test_an_odd_unique_id_is_found_by_path_and_by_filter(api: Api, odd: str) -> None:
    assert 201 == api.post(TASKS, sample(**{"Company ID": odd})).status

    one = api.get(f"{TASKS}/{quote(odd, safe='')}")

    assert (200, odd) == (one.status, one.json["Company ID"])
    assert [one.json] == api.get(f"{TASKS}?Company%20ID={quote(odd, safe='')}").json
    assert 204 == api.delete(f"{TASKS}/{quote(odd, safe='')}").status


def test_the_unique_id_active_is_found_by_filter(api: Api) -> None:
    """The fixed route wins over the path."""
    api.post(TASKS, sample(**{"Company ID": "active"}))

    assert isinstance(api.get(f"{TASKS}/active").json, list)
    assert 1 == len(api.get(f"{TASKS}?Company%20ID=active").json)


@pytest.mark.parametrize("same", [42, "42", " 42 ", 42.0])
def test_spellings_of_one_id_are_one_task(api: Api, same: object) -> None:
    api.post(TASKS, sample())

    answer = api.post(TASKS, {"Company ID": same, "Company Name": "Same"})

    assert (200, "42") == (answer.status, answer.json["Company ID"])
    assert 1 == len(api.get(TASKS).json)


def test_composed_and_decomposed_letters_are_one_id(api: Api) -> None:
    api.post(TASKS, sample(**{"Company ID": "caf\u00e9"}))

    assert 200 == api.post(TASKS, sample(**{"Company ID": "cafe\u0301"})).status


ODD_TITLES = [
    "a.b",
    "$where",
    "$set.x",
    "International?",
    "  inner  spaces",
    "limit",
    "a[gte]",
    "proto__",
    "ü ñ 😀",
    "a&b=c",
    "100%",
    'quote"d',
]


@pytest.mark.parametrize("title", [title.strip() for title in ODD_TITLES])
def test_an_odd_title_writes_reads_filters_and_sorts(api: Api, title: str) -> None:
    api.workflow("odd", {"f": {"title": title, "type": "string"}})
    path = "/workflows/odd/tasks"
    api.post(path, {title: "b"})
    api.post(path, {title: "a"})

    found = api.get(f"{path}?{quote(title, safe='')}=a").json
    ordered = api.get(f"{path}?_sort={quote(title, safe='')}").json

    assert ["a"] == [task[title] for task in found]
    assert ["a", "b"] == [task[title] for task in ordered]


@pytest.mark.parametrize(
    ("wire", "read"),
    [
        (2**63 - 1, "9223372036854775807"),
        (-(2**63), "-9223372036854775808"),
        ("9007199254740993", "9007199254740993"),
        ("0.1", "0.1"),
        (0.30000000000000004, "0.30000000000000004"),
        ("12345678901234567890.123456789", "12345678901234567890.123456789"),
        ("-0.000001", "-0.000001"),
        ("1.50", "1.5"),
        ("007", "7"),
    ],
)
def test_numbers_come_back_exactly(api: Api, wire: object, read: str) -> None:
    api.post(TASKS, sample(**{"Number of Employees": wire}))

    assert read == api.get(f"{TASKS}/42").json["Number of Employees"]
    assert 1 == len(api.get(f"{TASKS}?Number%20of%20Employees={wire}").json)


def test_money_adds_no_error(api: Api) -> None:
    api.post(TASKS, sample(**{"Contract Value": "90071992547409.93"}))

    value = api.get(f"{TASKS}/42").json["Contract Value"]

    assert "90071992547409.93" == value
    assert 1 == len(api.get(f"{TASKS}?Contract%20Value[gt]=90071992547409.92").json)
    assert [] == api.get(f"{TASKS}?Contract%20Value[gt]={Decimal(value)}").json


@pytest.mark.parametrize(
    "text",
    ["", " ", "=1+1", "<script>alert(1)</script>", "{{x}}", "a\r\nb\tc", "\u202e", "null"],
)
def test_text_is_kept_to_the_letter(api: Api, text: str) -> None:
    api.post(TASKS, sample(**{"Company Name": text}))

    assert text == api.get(f"{TASKS}/42").json["Company Name"]
