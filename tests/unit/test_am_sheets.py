"""Workbooks: rows that one sheet has no room for, and texts that no cell has room for."""

import zipfile
from collections.abc import Iterator

import pytest

from taskloom.errors import NotFound
from taskloom.wire.admin_member import sheets


def parts(titles: list[str], rows: list[list[str | int]]) -> dict[str, str]:
    """Write a workbook and give its sheets as text."""
    with sheets.workbook("Report", titles, rows) as spool, zipfile.ZipFile(spool) as book:
        names = [name for name in book.namelist() if "worksheets/" in name]
        return {name: book.read(name).decode() for name in names}


def test_without_rows_there_is_a_sheet_of_titles() -> None:
    [text] = parts(["One", "Two"], []).values()

    assert 1 == text.count("<row ")
    assert "One" in text
    assert "Two" in text


def test_rows_beyond_a_sheet_go_to_the_next(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sheets, "MOST_ROWS", 3)

    found = parts(["Name"], [[f"row {number}"] for number in range(5)])

    assert [3, 3, 2] == [text.count("<row ") for text in found.values()]
    assert all("Name" in text for text in found.values())
    assert [f"row {n}" in text for n in range(5) for text in found.values()].count(True) == 5


def test_rows_that_fill_a_sheet_begin_no_other(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sheets, "MOST_ROWS", 3)

    assert [3] == [text.count("<row ") for text in parts(["Name"], [["a"], ["b"]]).values()]


@pytest.mark.parametrize("sign", ["x", "é", "😀"])
def test_a_text_that_is_too_long_is_cut_visibly(sign: str) -> None:
    text = sign * sheets.LONGEST_CELL

    [written] = parts(["Text"], [[text + sign]]).values()

    assert "…" in written
    assert written.count(sign) >= sheets.LONGEST_CELL // 2 - 1
    [whole] = parts(["Text"], [["x" * sheets.LONGEST_CELL]]).values()
    assert "…" not in whole


def test_what_fails_while_rows_are_read_is_no_workbook() -> None:
    def rows() -> Iterator[list[str]]:
        yield ["a"]
        raise NotFound("gone")

    with pytest.raises(NotFound, match="gone"):
        sheets.workbook("Report", ["Name"], rows())


def test_numbers_are_numbers() -> None:
    [text] = parts(["Count"], [[7]]).values()

    assert "<v>7</v>" in text
