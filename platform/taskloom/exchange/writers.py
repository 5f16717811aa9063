"""Files of rows, written: one row after the other, in constant memory.

A row maps titles to values as reads spell them: texts, booleans, lists, JSON; None is unset, and
a list that is empty is not. What is written here an import reads as the same values.
"""

import csv
import io
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import BinaryIO, Final, Protocol

from taskloom.exchange.cells import PLAIN, encoded, written
from taskloom.exchange.guard import guarded
from taskloom.exchange.workbooks import Workbook

BOM: Final = b"\xef\xbb\xbf"
"""Without it, spreadsheets read a CSV file in the encoding of the country they run in."""

BROKEN_OFF: Final = b'\n"!!! This file is not whole: the export broke off here'
"""Ends a file that could not be written to its end; its quote, never closed, spoils each format."""

Row = Mapping[str, object]


@dataclass(frozen=True, slots=True, kw_only=True)
class Column:
    """A column by its title, and the kind of the values in it."""

    title: str
    kind: str


class Writer(Protocol):
    """Writes rows to one file, which stays open; to be closed also when a row was refused."""

    def add(self, row: Row) -> None:
        """Write a row; it may have a value for each of the columns.

        Raises `Invalid` for a value that the format has no room for.
        """

    def close(self) -> None:
        """Write what is left to be written."""


class _Table:
    """CSV in UTF-8 as RFC 4180 has it."""

    def __init__(self, file: BinaryIO, columns: Sequence[Column]) -> None:
        self._columns = [(column.title, column.kind) for column in columns]
        file.write(BOM)
        self._text = io.TextIOWrapper(file, encoding="utf-8", newline="")
        self._cells = csv.writer(self._text)
        self._cells.writerow([guarded(column.title) for column in columns])

    def add(self, row: Row) -> None:
        self._cells.writerow([_cell(row.get(title), kind) for title, kind in self._columns])

    def close(self) -> None:
        self._text.detach()


def _cell(value: object, kind: str) -> str:
    if value is None:
        return ""
    text = written(value, kind)
    return text if kind in PLAIN else guarded(text)


class _Lines:
    """NDJSON: an object a line."""

    def __init__(self, file: BinaryIO, columns: Sequence[Column]) -> None:
        self._file = file
        self._titles = [column.title for column in columns]

    def add(self, row: Row) -> None:
        self._file.write(encoded({title: row.get(title) for title in self._titles}) + b"\n")

    def close(self) -> None:
        """Nothing is left."""


class _Array:
    """JSON: one array of objects, each on a line of its own."""

    def __init__(self, file: BinaryIO, columns: Sequence[Column]) -> None:
        self._file = file
        self._titles = [column.title for column in columns]
        self._before = b"[\n"

    def add(self, row: Row) -> None:
        line = encoded({title: row.get(title) for title in self._titles})
        self._file.write(self._before + line)
        self._before = b",\n"

    def close(self) -> None:
        self._file.write(b"[]\n" if self._before == b"[\n" else b"\n]\n")


class _Sheets:
    """XLSX: as many sheets as the rows take."""

    def __init__(self, file: BinaryIO, columns: Sequence[Column]) -> None:
        self._columns = [(column.title, column.kind) for column in columns]
        self._book = Workbook(file, self._columns)

    def add(self, row: Row) -> None:
        self._book.add([row.get(title) for title, _ in self._columns])

    def close(self) -> None:
        self._book.close()


@dataclass(frozen=True, slots=True, kw_only=True)
class Format:
    """A format: its media type, and how to write it.

    What is `streamed` is written row by row; other files come about when they are closed.
    """

    media: str
    open: Callable[[BinaryIO, Sequence[Column]], Writer]
    streamed: bool = True


FORMATS: Final[Mapping[str, Format]] = {
    "csv": Format(media="text/csv; charset=utf-8", open=_Table),
    "ndjson": Format(media="application/x-ndjson", open=_Lines),
    "json": Format(media="application/json", open=_Array),
    "xlsx": Format(
        media="application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
        open=_Sheets,
        streamed=False,
    ),
}


def writer(format: str, file: BinaryIO, columns: Sequence[Column]) -> Writer:  # noqa: A002 - the word for it
    """Begin a file in one of the `FORMATS`; a table gets its header at once."""
    return FORMATS[format].open(file, columns)
