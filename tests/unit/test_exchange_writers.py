"""Files of rows as they are written: what stands in them, and what they have no room for."""

import csv
import io
import json
import time
import zipfile
from collections.abc import Mapping, Sequence
from contextlib import closing
from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from python_calamine import CalamineWorkbook

from taskloom.errors import Invalid
from taskloom.exchange import guard, workbooks
from taskloom.exchange.writers import FORMATS, Column, writer

TEXT = (Column(title="Name", kind="text"),)


def file_of(form: str, columns: Sequence[Column], *rows: Mapping[str, object]) -> bytes:
    """Write a file."""
    file = io.BytesIO()
    with closing(writer(form, file, columns)) as made:
        for row in rows:
            made.add(row)
    return file.getvalue()


def column(kind: str) -> tuple[Column]:
    return (Column(title="It", kind=kind),)


def cell(kind: str, value: object) -> str:
    """Give the cell of a CSV file that a value is written as."""
    text = file_of("csv", column(kind), {"It": value}).decode("utf-8-sig")
    [_, row] = csv.reader(io.StringIO(text, newline=""))
    return row[0]


def sheets(data: bytes) -> list[list[list[Any]]]:
    """Give the cells of all sheets of a workbook."""
    book = CalamineWorkbook.from_filelike(io.BytesIO(data))
    return [book.get_sheet_by_name(name).to_python() for name in book.sheet_names]


def typed(kind: str, value: object) -> object:
    """Give the cell of a workbook that a value is written as."""
    [rows] = sheets(file_of("xlsx", column(kind), {"It": value}))
    return rows[1][0]


@pytest.mark.parametrize("sign", ["=1+1", "+1", "-1", "@x", "\tx", "\rx"])
def test_no_text_is_a_formula_in_a_csv_file(sign: str) -> None:
    assert f"'{sign}" == cell("text", sign)
    assert f"''{sign}" == cell("longText", f"'{sign}")


def test_titles_are_no_formulas_either() -> None:
    data = file_of("csv", (Column(title="=Total", kind="text"),))

    assert b"\xef\xbb\xbf'=Total\r\n" == data


@pytest.mark.parametrize(
    ("kind", "value", "expected"),
    [
        ("number", "-5.5", "-5.5"),
        ("currency", "10.50", "10.50"),
        ("date", "2025-01-31", "2025-01-31"),
        ("checkbox", True, "true"),
        ("checkbox", False, "false"),
        ("text", None, ""),
        ("text", "", "'"),
        ("text", "'", "''"),
        ("text", "'quoted'", "'quoted'"),
        ("text", " \n", "' \n"),
        ("phone", "+44 20", "'+44 20"),
        ("multipleSelect", ["Red", "Green"], "Red; Green"),
        ("multipleSelect", ["a;b", "c"], '["a;b","c"]'),
        ("textList", [], "[]"),
        ("textList", ["", " x"], '[""," x"]'),
        ("textList", ["[x]"], '["[x]"]'),
        ("textList", ["=1", "b"], "'=1; b"),
        ("personList", ["ann@example.com", "bob@example.com"], "ann@example.com; bob@example.com"),
        ("multipleSelect", ["'"], "'"),
        ("json", ["a", "b"], '["a","b"]'),
        (
            "json",
            {"n": Decimal("1.10"), "big": 2**80},
            '{"n":1.10,"big":1208925819614629174706176}',
        ),
        ("file", [{"blobId": "b", "filename": "ä"}], '[{"blobId":"b","filename":"ä"}]'),
        ("link", {"Order ID": "42"}, "42"),
        ("link", [{"Order ID": "1"}, {"Order ID": "2"}], "1; 2"),
        ("link", [{"Order ID": "a;b"}], '[{"Order ID":"a;b"}]'),
        ("link", {"Order ID": "[1]"}, '{"Order ID":"[1]"}'),
    ],
)
def test_values_in_cells_of_a_csv_file(kind: str, value: object, expected: str) -> None:
    assert expected == cell(kind, value)


@pytest.mark.parametrize(
    ("kind", "value", "expected"),
    [
        ("number", "-5.5", -5.5),
        ("currency", "10.50", 10.5),
        ("integer", "999999999999999", 999999999999999.0),
        ("integer", "9223372036854775807", "9223372036854775807"),
        ("number", "0.1234567890123456", "0.1234567890123456"),
        ("number", "0.00001", "0.00001"),
        ("number", "999." + "9" * 28, "999." + "9" * 28),
        ("percent", "0", 0.0),
        ("checkbox", True, True),
        ("date", "2025-01-31", date(2025, 1, 31)),
        ("date", "1900-02-28", "1900-02-28"),
        ("datetime", "2025-01-31T00:00:00Z", "2025-01-31T00:00:00Z"),
        ("text", "=1+1", "=1+1"),
        ("text", "007", "007"),
        ("text", "a\r\nb\x01", "a\r\nb\x01"),
        ("text", "_x000D_", "_x000D_"),
        ("text", '_x005F_x000D_<&>"', '_x005F_x000D_<&>"'),
        ("text", "", "'"),
        ("multipleSelect", ["Red", "Green"], "Red; Green"),
    ],
)
def test_values_in_cells_of_a_workbook(kind: str, value: object, expected: object) -> None:
    found = typed(kind, value)

    assert (type(expected), expected) == (type(found), found)


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("x" * 32_768, "too_long"),
        ("😀" * 16_384, "too_long"),
        ("a\uffff", "invalid"),
    ],
    ids=["long", "wide", "no character"],
)
def test_what_a_cell_of_a_workbook_has_no_room_for_is_refused(text: str, code: str) -> None:
    with pytest.raises(Invalid) as refused:
        file_of("xlsx", TEXT, {"Name": text})

    [fault] = refused.value.faults
    assert (("Name",), code) == (fault.path, fault.code)
    assert "csv" in fault.hint


def test_the_longest_text_of_a_cell_is_written_whole() -> None:
    assert "x" * 32_767 == typed("text", "x" * 32_767)


def test_the_same_rows_make_the_same_workbook_at_any_time(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    first = file_of("xlsx", TEXT, {"Name": "a"})
    monkeypatch.setattr(time, "time", lambda: 1_800_000_000.0)
    monkeypatch.setattr(time, "localtime", lambda *_: time.gmtime(1_800_000_000))

    assert first == file_of("xlsx", TEXT, {"Name": "a"})


def test_rows_beyond_a_sheet_go_to_the_next(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(workbooks, "MOST_ROWS", 3)

    found = sheets(file_of("xlsx", TEXT, *({"Name": f"row {n}"} for n in range(4))))

    assert [
        [["Name"], ["row 0"], ["row 1"]],
        [["Name"], ["row 2"], ["row 3"]],
    ] == found


def test_a_workbook_has_a_header_and_holds_no_formula() -> None:
    data = file_of("xlsx", TEXT, {"Name": "=HYPERLINK(1)"}, {"Name": "https://example.com"})

    with zipfile.ZipFile(io.BytesIO(data)) as book:
        sheet = book.read("xl/worksheets/sheet1.xml").decode()
    assert "<f>" not in sheet
    assert "hyperlink" not in sheet


@pytest.mark.parametrize("form", ["ndjson", "json"])
def test_json_holds_all_columns_and_every_digit(form: str) -> None:
    columns = [*TEXT, Column(title="Extra", kind="json"), Column(title="Off", kind="text")]

    text = file_of(form, columns, {"Name": "é", "Extra": {"n": Decimal("1.10"), "b": 2**80}})

    assert b'{"Name":"\xc3\xa9","Extra":{"n":1.10,"b":1208925819614629174706176},"Off":null}' in (
        text.replace(b"\\u00e9", b"\xc3\xa9").replace(b", ", b",").replace(b": ", b":")
    )


@pytest.mark.parametrize(
    ("form", "expected"),
    [("csv", b"\xef\xbb\xbfName\r\n"), ("ndjson", b""), ("json", b"[]\n")],
)
def test_a_file_without_rows_is_a_good_file(form: str, expected: bytes) -> None:
    assert expected == file_of(form, TEXT)


def test_every_row_of_json_stands_on_a_line_of_its_own() -> None:
    text = file_of("json", TEXT, {"Name": "a"}, {"Name": "b"})

    assert [{"Name": "a"}, {"Name": "b"}] == json.loads(text)
    assert 4 == len(text.splitlines())


def test_a_workbook_alone_cannot_be_streamed() -> None:
    assert {"xlsx"} == {name for name, form in FORMATS.items() if not form.streamed}


cells = st.text(st.sampled_from("'=+-@\t\r\n ax"), max_size=6)


@settings(deadline=None)
@given(text=cells)
def test_what_is_guarded_is_no_formula_and_comes_back(text: str) -> None:
    made = guard.guarded(text)

    assert not made.startswith(guard.FORMULAS)
    assert text == guard.unguarded(made)


@settings(deadline=None)
@given(text=cells)
def test_what_is_marked_is_not_blank_and_comes_back(text: str) -> None:
    made = guard.marked(text)

    assert made.strip()
    assert text == guard.unmarked(made)


@settings(deadline=None)
@given(texts=st.lists(st.tuples(cells), max_size=5))
def test_all_cells_are_told_apart(texts: list[tuple[str]]) -> None:
    data = file_of("csv", TEXT, *({"Name": text} for (text,) in texts))

    rows = csv.reader(io.StringIO(data.decode("utf-8-sig"), newline=""))
    assert ["Name", *(text for (text,) in texts)] == [
        guard.unmarked(guard.unguarded(row[0])) for row in rows
    ]
