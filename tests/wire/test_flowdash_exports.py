"""Exports: which tasks and titles go into a file, in which format, and who may take it away."""

import csv
import io
import json
import threading
from collections.abc import Iterator, Mapping
from typing import Any

import pytest
from python_calamine import CalamineWorkbook

from taskloom.engine.exports import Export
from taskloom.errors import Unavailable
from taskloom.exchange.writers import BROKEN_OFF, FORMATS, Column
from taskloom.wire.flowdash import exports
from tests.wire.api import Api, Reply, sample

PATH = "/workflows/sales-pipeline/tasks"
HEADER = [
    "Company ID",
    "Company Name",
    "Number of Employees",
    "Contract Value",
    "Expected Close Date",
    "International?",
    "Documents",
    "Stage",
    "Assigned To",
]


@pytest.fixture
def filled(api: Api) -> Api:
    """Three companies, one of them assigned, done and nearly empty."""
    api.user("user@example.com")
    api.post(PATH, sample(Stage="In Progress"))
    api.post(PATH, sample(**{"Company ID": "43", "Number of Employees": 300}))
    done = {"Company ID": "44", "Stage": "Done", "Assigned To": "user@example.com"}
    api.post(PATH, done)
    return api


def exported(api: Api, query: str = "", **rest: Any) -> Reply:
    answer = api.get(f"{PATH}/export{query}", **rest)
    assert 200 == answer.status, answer.body
    return answer


def table(answer: Reply) -> list[list[str]]:
    return list(csv.reader(io.StringIO(answer.body.decode("utf-8-sig"), newline="")))


def objects(answer: Reply) -> list[dict[str, Any]]:
    return [json.loads(line) for line in answer.body.splitlines()]


def test_a_table_of_all_tasks_is_the_default(filled: Api) -> None:
    answer = exported(filled)

    assert "text/csv; charset=utf-8" == answer.headers["Content-Type"]
    assert 'attachment; filename="sales-pipeline.csv"' == answer.headers["Content-Disposition"]
    header, first, _, last = table(answer)
    assert HEADER == header
    assert ["42", "Acme Corp", "10", "10000.00", "2020-01-31", "false", ""] == first[:7]
    assert ["44", "", "", "", "", "", "", "Done", "user@example.com"] == last


@pytest.mark.parametrize("form", list(FORMATS))
def test_every_format_holds_the_same_rows(filled: Api, form: str) -> None:
    answer = exported(filled, f"?format={form}")

    assert FORMATS[form].media == answer.headers["Content-Type"]
    assert f'filename="sales-pipeline.{form}"' in answer.headers["Content-Disposition"]
    assert ["42", "43", "44"] == ids(answer, form)


def ids(answer: Reply, form: str) -> list[str]:
    if form == "csv":
        return [row[0] for row in table(answer)[1:]]
    if form == "xlsx":
        book = CalamineWorkbook.from_filelike(io.BytesIO(answer.body))
        return [str(row[0]) for row in book.get_sheet_by_index(0).to_python()[1:]]
    rows = json.loads(answer.body) if form == "json" else objects(answer)
    return [row["Company ID"] for row in rows]


def test_what_is_unset_is_null_also_where_reads_show_an_empty_list(filled: Api) -> None:
    filled.post(PATH, {"Company ID": "45", "Documents": []})

    found = objects(exported(filled, "?format=ndjson&Company%20ID[gte]=44"))

    assert [None, []] == [row["Documents"] for row in found]
    assert [None, None] == [row["Company Name"] for row in found]


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("Stage=Done", ["44"]),
        ("Number%20of%20Employees[gte]=100", ["43"]),
        ("_sort=-Number%20of%20Employees", ["44", "43", "42"]),
        ("_q=acme", ["42", "43"]),
        ("Stage=Done&Company%20ID=42", []),
    ],
)
def test_filters_order_and_search_are_those_of_lists(
    filled: Api, query: str, expected: list[str]
) -> None:
    assert expected == ids(exported(filled, f"?format=json&{query}"), "json")


def test_only_the_titles_asked_for_are_columns_in_the_order_of_the_workflow(filled: Api) -> None:
    answer = exported(filled, "?_fields=Stage,Company%20ID&Company%20ID=42")

    assert [["Company ID", "Stage"], ["42", "In Progress"]] == table(answer)


@pytest.mark.parametrize(
    ("query", "name"),
    [
        ("format=pdf", "format"),
        ("format=csv&format=json", "format"),
        ("_format=csv&format=csv", "format"),
        ("_limit=1", "_limit"),
        ("_cursor=x", "_cursor"),
        ("_count=exact", "_count"),
        ("_fields=Task%20URL", "_fields"),
        ("_fields=Nmae", "_fields"),
        ("Nmae=x", "Nmae"),
    ],
)
def test_what_means_nothing_is_refused_by_name(filled: Api, query: str, name: str) -> None:
    answer = filled.get(f"{PATH}/export?{query}")

    assert 422 == answer.status
    assert any(told.endswith(name) for told in answer.json["errors"])


def test_a_field_titled_format_is_filtered_by_its_title(api: Api) -> None:
    api.workflow(
        "files",
        {
            "id": {"title": "ID", "type": "string"},
            "form": {"title": "format", "type": "string", "enum": ["csv", "pdf"]},
        },
        uniqueId="id",
        stages=[{"name": "New"}],
    )
    for number, form in enumerate(["csv", "pdf"]):
        api.post("/workflows/files/tasks", {"ID": str(number), "format": form})

    answer = api.get("/workflows/files/tasks/export?format=pdf&_format=ndjson")

    assert ["1"] == [row["ID"] for row in objects(answer)]


def test_an_unknown_workflow_and_a_missing_key_are_told_as_ever(api: Api) -> None:
    assert 404 == api.get("/workflows/nothing/tasks/export").status
    assert 401 == api.get(f"{PATH}/export", key=None).status


def test_fd_141_a_role_without_export_is_refused(api: Api) -> None:
    roles = [
        {"name": "Reader", "for": ["member"], "export": False},
        {"name": "Lead", "for": ["manager"]},
    ]
    fields = {"id": {"title": "ID", "type": "string"}}
    api.workflow("cases", fields, uniqueId="id", stages=[{"name": "New"}], roles=roles)
    api.post("/workflows/cases/tasks", {"ID": "1"})
    member = api.user("member@example.com")
    manager = api.user("manager@example.com", role="manager")

    statuses = {
        who: api.get("/workflows/cases/tasks/export", key=key).status
        for who, key in (("member", member), ("manager", manager), ("admin", api.key))
    }

    assert {"member": 403, "manager": 200, "admin": 200} == statuses
    assert 200 == api.get("/workflows/cases/tasks", key=member).status


def test_a_role_takes_away_only_what_it_sees(api: Api) -> None:
    roles = [
        {
            "name": "Agent",
            "for": ["member"],
            "see": ["created"],
            "fields": {"margin": {"read": False}},
        }
    ]
    fields = {
        "id": {"title": "ID", "type": "string"},
        "margin": {"title": "Margin", "type": "number"},
    }
    api.workflow("cases", fields, uniqueId="id", stages=[{"name": "New"}], roles=roles)
    member = api.user("member@example.com")
    api.post("/workflows/cases/tasks", {"ID": "1", "Margin": 5})
    api.post("/workflows/cases/tasks", {"ID": "2"}, key=member)

    answer = api.get("/workflows/cases/tasks/export", key=member)

    assert [["ID", "Stage", "Assigned To"], ["2", "New", ""]] == table(answer)
    assert 422 == api.get("/workflows/cases/tasks/export?_fields=Margin", key=member).status


def test_links_are_references_by_unique_id(api: Api) -> None:
    stages = [{"name": "New"}]
    order = {"id": {"title": "Order ID", "type": "string"}}
    api.workflow("orders", order, uniqueId="id", stages=stages)
    link = {"key": "orders", "name": "Orders", "to": "orders", "inverse": "Client"}
    api.workflow(
        "clients",
        {"id": {"title": "Client ID", "type": "string"}},
        uniqueId="id",
        stages=stages,
        links=[{**link, "cardinality": "one-to-many"}],
    )
    for number in ("1", "2"):
        api.post("/workflows/orders/tasks", {"Order ID": number})
    both = [{"Order ID": "1"}, {"Order ID": "2"}]
    assert 201 == api.post("/workflows/clients/tasks", {"Client ID": "A", "Orders": both}).status

    clients = objects(api.get("/workflows/clients/tasks/export?format=ndjson"))
    orders = table(api.get("/workflows/orders/tasks/export?_fields=Client&Order%20ID=1"))

    assert [both] == [row["Orders"] for row in clients]
    assert [["Client"], ["A"]] == orders


def test_several_assignees_are_a_list_and_nobody_is_null(api: Api) -> None:
    fields = {"id": {"title": "ID", "type": "string"}}
    api.workflow("shared", fields, uniqueId="id", stages=[{"name": "New"}], assignees="many")
    emails = ["ann@example.com", "bob@example.com"]
    for email in emails:
        api.user(email)
    api.post("/workflows/shared/tasks", {"ID": "1", "Assigned To": emails})
    api.post("/workflows/shared/tasks", {"ID": "2"})

    found = objects(api.get("/workflows/shared/tasks/export?format=ndjson"))
    cells = table(api.get("/workflows/shared/tasks/export"))

    assert [emails, None] == [row["Assigned To"] for row in found]
    assert ["ann@example.com; bob@example.com", ""] == [row[-1] for row in cells[1:]]


def test_a_text_that_no_cell_holds_is_told_before_the_answer_begins(filled: Api) -> None:
    fields = {
        "id": {"title": "ID", "type": "string"},
        "story": {"title": "Story", "type": "string"},
    }
    fields["story"]["format"] = "long-text"
    filled.workflow("stories", fields, uniqueId="id", stages=[{"name": "New"}])
    filled.post("/workflows/stories/tasks", {"ID": "1", "Story": "x" * 40_000})

    refused = filled.get("/workflows/stories/tasks/export?format=xlsx")
    fine = filled.get("/workflows/stories/tasks/export?format=csv")

    assert (422, 200) == (refused.status, fine.status)
    assert ["Story"] == list(refused.json["errors"])


def test_a_long_list_comes_in_pieces(filled: Api, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(exports, "PIECE", 100)

    answer = exported(filled)

    assert HEADER == table(answer)[0]
    assert ["42", "43", "44"] == ids(answer, "csv")


@pytest.mark.parametrize("form", ["csv", "ndjson", "json"])
def test_a_file_that_broke_off_says_so_and_is_no_good_file(
    form: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    export = Export(columns=[Column(title="A", kind="text")], rows=failing())
    monkeypatch.setattr(exports, "PIECE", 1)
    pieces = exports._begun(exports._pieces(FORMATS[form], export))  # noqa: SLF001 - nothing fails in the middle on request

    got = bytearray()
    with pytest.raises(Unavailable):
        receive(pieces, got)

    assert got.endswith(BROKEN_OFF)
    with pytest.raises((csv.Error, ValueError)):
        read_all(form, bytes(got))


def receive(pieces: Iterator[bytes], into: bytearray) -> None:
    for piece in pieces:
        into += piece


def failing() -> Iterator[Mapping[str, object]]:
    yield {"A": "one"}
    yield {"A": "two"}
    raise Unavailable("gone")


def read_all(form: str, data: bytes) -> None:
    """Read a file as strictly as its format allows."""
    if form == "csv":
        list(csv.reader(io.StringIO(data.decode("utf-8-sig"), newline=""), strict=True))
    for line in [data] if form == "json" else data.splitlines():
        json.loads(line)


def test_of_large_workbooks_one_is_made_at_a_time(
    filled: Api, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(exports, "_LARGE", 1)
    lock = threading.Lock()
    monkeypatch.setattr(exports, "_LARGE_FILES", lock)

    with lock:
        busy = filled.get(f"{PATH}/export?format=xlsx")
        small = filled.get(f"{PATH}/export?format=xlsx&Stage=Done")
        other = filled.get(f"{PATH}/export?format=csv")
    again = filled.get(f"{PATH}/export?format=xlsx")

    assert [429, 200, 200, 200] == [busy.status, small.status, other.status, again.status]
    assert "10" == busy.headers["Retry-After"]
    assert not lock.locked()
