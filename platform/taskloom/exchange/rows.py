"""A row of a file, whatever the file's format, and the readers that give rows."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain
from sys import getsizeof
from typing import Any, BinaryIO, Final, Protocol, cast

from taskloom.errors import Fault, Invalid, Malformed, TaskloomError, TooLarge

MARKS: Final = frozenset({"_line", "_errors"})
"""Columns that the rejects file adds; they are passed over when it is imported."""

LARGEST_ROW: Final = 4 * 1024 * 1024
"""Most bytes that the text of one row takes in memory, where one odd sign widens all others."""

SAMPLE_ROWS: Final = 1000
SAMPLE_SIGNS: Final = 2 * 1024 * 1024

_HEAD: Final = getsizeof("\u0100")
_WIDE: Final = re.compile(rb"[\xf0-\xf7]")
_FOLLOWING: Final = bytes(range(0x80, 0xC0))
_CELL: Final = 64
"""Bytes that a value takes beside its text."""

AMBIGUOUS: Final = "ambiguous"


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One row: the line (from 1) it starts on, and its values by column.

    `fault` says why the row could not be read. `raw` is what stood there: of tables the cells, of
    JSON files the text. Values of tables are text; values of JSON files are plain JSON, whole
    numbers and fractions exact.
    """

    line: int
    values: Mapping[str, Any]
    raw: Sequence[str] | str = ""
    fault: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Choices:
    """How to read a file; None is to be found out.

    `dates` is the order of day, month and year in dates of figures (`dmy`, `mdy`, `ymd`), or
    `serial` for the day numbers of spreadsheets; `decimal` is the decimal sign. Of a file that is
    `cut` only the beginning is there: where that breaks off, its rows end.
    """

    format: str | None = None
    encoding: str | None = None
    delimiter: str | None = None
    quote: str | None = None
    source: str | None = None
    dates: str | None = None
    decimal: str | None = None
    sheet: str | None = None
    cut: bool = False


def choices_of(said: Mapping[str, str | None], *, cut: bool = False) -> Choices:
    """Make choices of what was said, by their names."""
    return Choices(**cast(Mapping[str, Any], said), cut=cut)


class Reader(Protocol):
    """Reads one open file once."""

    tabular: bool
    name: str
    source: str
    """The importer that reads it, or nothing."""
    choices: Choices
    notes: Sequence[str]
    """What had to be found out about the file, for people to see; choices stand in backticks."""
    hints: Mapping[str, Sequence[str]]
    """Titles that a column may go to where the workflow has none like its own; best first."""
    unique: str
    """The column that tells rows apart, where the program that wrote the file has one."""
    stages: Sequence[str]
    """Names of stages in their order, where the file tells."""
    raw_columns: Sequence[str]
    """Names of what `raw` of rows of a table holds."""

    def columns(self) -> Sequence[str]:
        """Return the columns in order: all of a table; of a JSON file those of its first rows."""

    def sample(self) -> Sequence[Row]:
        """Return the first rows, which `rows` will yield too."""

    def rows(self) -> Iterator[Row]:
        """Yield every row, in constant memory; raise `Malformed` where the file breaks off."""

    def position(self) -> int:
        """Return how many bytes were read so far."""


class Sampled:
    """What all readers share: the first rows are looked at before they are given out."""

    tabular = False
    source = ""
    unique = ""
    hints: Mapping[str, Sequence[str]] = {}
    notes: Sequence[str] = ()
    stages: Sequence[str] = ()
    raw_columns: Sequence[str] = ()

    def __init__(self, file: BinaryIO, name: str, choices: Choices) -> None:
        self.file = file
        self.name = name
        self.choices = choices
        self._coming: Iterator[Row] | None = None
        self._first: list[Row] = []
        self._broken: TaskloomError | None = None

    def _read(self) -> Iterator[Row]:
        """Yield all rows, once."""
        raise NotImplementedError

    def columns(self) -> Sequence[str]:
        """Return the columns of the first rows."""
        return list(dict.fromkeys(name for row in self.sample() for name in row.values))

    def sample(self) -> Sequence[Row]:
        """Return the first rows; what breaks the file behind them is raised by `rows`."""
        if self._coming is None:
            self._coming = self._read()
            try:
                self._fill(self._coming)
            except TaskloomError as error:
                if not self._first:
                    raise
                self._broken = None if self.choices.cut else error
        return self._first

    def _fill(self, coming: Iterator[Row]) -> None:
        held = 0
        for row in coming:
            self._first.append(row)
            held += sum(map(len, row.raw)) + _CELL * len(row.values)
            if len(self._first) >= SAMPLE_ROWS or held >= SAMPLE_SIGNS:
                return

    def rows(self) -> Iterator[Row]:
        """Yield every row."""
        self.sample()
        first, self._first = self._first, []
        try:
            yield from chain(first, self._coming or ())
        except TaskloomError:
            if not self.choices.cut:
                raise
        if self._broken is not None:
            raise self._broken

    def position(self) -> int:
        """Return how many bytes were read so far."""
        return self.file.tell()


def is_held(text: str | bytes) -> bool:
    """Tell whether the text of a row, or what is there of it, is not too large to be held."""
    if len(text) > LARGEST_ROW or text.isascii():
        return len(text) <= LARGEST_ROW
    if isinstance(text, str):
        return getsizeof(text) <= LARGEST_ROW + _HEAD
    if len(text) * 4 <= LARGEST_ROW:
        return True
    width = 4 if _WIDE.search(text) else 2
    return len(text.translate(None, _FOLLOWING)) * width <= LARGEST_ROW


def is_blank(value: object) -> bool:
    """Tell whether a cell is empty, as people see it."""
    return type(value) is str and (not value or value.isspace())


def broken(name: str, line: int, reason: str, hint: str = "") -> Malformed:
    """Say where a file cannot be read on, and why."""
    message = f"{name} cannot be read on from line {line}: {reason}"
    return Malformed(message, line=line, hint=hint)


def too_long(name: str, line: int, limit: int = LARGEST_ROW) -> TooLarge:
    """Say that one row is larger than any that is read."""
    return TooLarge(f"{name}, line {line}: longer than {limit} bytes", limit=limit, line=line)


def unfit(message: str, hint: str = "", code: str = "invalid") -> Invalid:
    """Refuse a file as a whole; the message reads on after its name."""
    return Invalid([Fault(path=("file",), code=code, message=message, hint=hint)])
