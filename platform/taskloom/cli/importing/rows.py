"""A row of a file, whatever the file's format, and the readers that give rows."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

MARKS = frozenset({"_line", "_errors"})
"""Columns that the rejects file adds; they are passed over when it is imported."""

LARGEST_ROW = 16 * 1024 * 1024
"""Most bytes of one row."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One row: the line (from 1) it starts on, and its values by column.

    `fault` says why the row could not be read; `raw` is then what stood there. Values of tables
    are text; values of JSON files are ready for `orjson`, numbers as they were written.
    """

    line: int
    values: Mapping[str, object]
    raw: Sequence[str] | str = ()
    fault: str = ""


class Reader(Protocol):
    """Reads one open file once."""

    tabular: bool
    notes: Sequence[str]
    """What had to be found out about the file, for people to see."""

    def columns(self) -> Sequence[str]:
        """Return the columns in order: all of a table; of a JSON file those of its first rows."""

    def rows(self) -> Iterator[Row]:
        """Yield every row, in constant memory; raise `Failure` where the file breaks off."""

    def position(self) -> int:
        """Return how many bytes were read so far."""
