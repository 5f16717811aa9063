"""Workbooks (XLSX): rows of texts and numbers, written one by one to a file on disk."""

from collections.abc import Iterable, Sequence
from itertools import chain, islice
from tempfile import SpooledTemporaryFile
from typing import IO, Final

from xlsxwriter import Workbook
from xlsxwriter.worksheet import Worksheet

from taskloom.wire.body import HEAVY

MOST_ROWS: Final = 1_048_576
"""What a sheet has room for; further rows go to further sheets."""
LONGEST_CELL: Final = 32_767

_CUT: Final = "…"
_WIDEST: Final = 60
_OPTIONS: Final = {
    "constant_memory": True,
    "strings_to_formulas": False,
    "strings_to_numbers": False,
    "strings_to_urls": False,
}

Row = Sequence[str | int]


def workbook(name: str, titles: Sequence[str], rows: Iterable[Row]) -> IO[bytes]:
    """Write a workbook and return it, to be closed by the caller.

    A text is a text in it, whatever it begins with: nothing that people wrote is a formula there.
    """
    spool = SpooledTemporaryFile(max_size=HEAVY)  # noqa: SIM115 - closed by the caller
    try:
        with Workbook(spool, dict(_OPTIONS)) as book:
            rest = iter(rows)
            number, first = 1, next(rest, None)
            while number == 1 or first is not None:
                sheet = book.add_worksheet(name if number == 1 else f"{name} {number}")
                _fill(sheet, titles, chain([first] if first is not None else [], rest))
                number, first = number + 1, next(rest, None)
    except BaseException:
        spool.close()
        raise
    spool.seek(0, 2)
    return spool


def _fill(sheet: Worksheet, titles: Sequence[str], rows: Iterable[Row]) -> None:
    """Write as many rows as one sheet has room for."""
    for column, title in enumerate(titles):
        sheet.set_column(column, column, min(max(len(title) + 4, 16), _WIDEST))
    for number, row in enumerate(chain([titles], islice(rows, MOST_ROWS - 1))):
        for column, value in enumerate(row):
            if isinstance(value, int):
                sheet.write_number(number, column, value)
            else:
                sheet.write_string(number, column, _fitting(value))


def _fitting(text: str) -> str:
    """Return a text that a cell has room for; where it is cut, it says so."""
    units = len(text.encode("utf-16-le")) // 2
    if units <= LONGEST_CELL:
        return text
    cut = text.encode("utf-16-le")[: 2 * (LONGEST_CELL - 1)]
    return cut.decode("utf-16-le", "ignore") + _CUT
