"""CSV files: encoding, delimiter and quote are found out and said, or given."""

import csv
import io
from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Any, BinaryIO, Final

from taskloom.errors import TaskloomError
from taskloom.exchange.detect import DELIMITERS, NAMES, Detected, dialect_of, quote_of
from taskloom.exchange.encodings import UTF_8, encoding_of
from taskloom.exchange.guard import unguarded
from taskloom.exchange.headers import Header
from taskloom.exchange.rows import (
    LARGEST_ROW,
    Choices,
    Row,
    Sampled,
    broken,
    is_held,
    too_long,
    unfit,
)
from taskloom.fields.base import encodable

_PIECE: Final = 64 * 1024
_SAMPLE: Final = 128 * 1024


class _Kept(io.RawIOBase):
    """Reads a file that stays open when its reader is gone."""

    def __init__(self, file: BinaryIO) -> None:
        self.file = file

    def readable(self) -> bool:
        """It is."""
        return True

    def readinto(self, buffer: Any, /) -> int:
        """Read the next bytes."""
        data = self.file.read(len(buffer))
        buffer[: len(data)] = data
        return len(data)


class _Lines:
    """The lines of a text, none longer than a row may be; `held` are signs since it was reset."""

    def __init__(self, text: io.TextIOWrapper, name: str) -> None:
        self._text = text
        self._name = name
        self._number = 0
        self.held = 0
        self.quoted = False

    def __iter__(self) -> Iterator[str]:
        return self

    def __next__(self) -> str:
        line = self._text.readline(LARGEST_ROW + 1)
        if not line:
            raise StopIteration
        self._number += 1
        self.held += len(line)
        if self.held > LARGEST_ROW or not is_held(line):
            raise too_long(self._name, self._number)
        if "'" in line:
            self.quoted = True
        return line

    def reset(self) -> None:
        """Begin with another row."""
        self.held = 0
        self.quoted = False


class Table(Sampled):
    """A CSV file with a header; every row has as many cells as the header."""

    tabular = True

    def __init__(self, file: BinaryIO, name: str, choices: Choices) -> None:
        csv.field_size_limit(LARGEST_ROW)
        super().__init__(file, name, choices)
        encoding, self._sound = choices.encoding or "", True
        if not encoding:
            encoding, self._sound = encoding_of(file, name)
        # Other encodings may have texts in them that could not be written again.
        self._safe = self._sound and encoding == UTF_8
        found = self._dialect(encoding)
        self._text = self._opened(encoding)
        if found.declared:
            self._text.readline()
        self._before = int(found.declared)
        self._lines = _Lines(self._text, name)
        self._records = csv.reader(
            self._lines, delimiter=found.delimiter, quotechar=found.quote, strict=True
        )
        self.choices = replace(
            choices,
            format="csv",
            encoding=encoding,
            delimiter=found.delimiter,
            quote=found.quote,
        )
        self.header = self._read_header()
        self.raw_columns = self.header.raw
        self.told = tuple(self._told(choices, found))
        self.notes = (*self.told, *self.header.notes)

    def _told(self, choices: Choices, found: Detected) -> Iterator[str]:
        """Tell what was found out and is not the plain case."""
        if choices.encoding is None and self.choices.encoding != UTF_8:
            yield f"{self.name} is read as {self.choices.encoding}; `encoding` says otherwise"
        if choices.delimiter is None and found.delimiter != DELIMITERS[0] and not found.declared:
            parted = NAMES.get(found.delimiter, repr(found.delimiter))
            yield f"{self.name} is separated by {parted}s; `delimiter` says otherwise"
        if choices.quote is None and found.quote != '"':
            yield f"{self.name} has cells in single quotes; `quote` says otherwise"

    def _opened(self, encoding: str) -> io.TextIOWrapper:
        """Begin the text from the start."""
        self.file.seek(0)
        errors = "strict" if self._sound else "surrogateescape"
        kept = io.BufferedReader(_Kept(self.file), _PIECE)
        return io.TextIOWrapper(kept, encoding=encoding, errors=errors, newline="")

    def _dialect(self, encoding: str) -> Detected:
        """Find out what is not chosen from the start of the text."""
        chosen = self.choices
        try:
            sample = self._opened(encoding).read(_SAMPLE)
        except (LookupError, ValueError) as fault:
            raise unfit(f"cannot be read: {fault}", "name its `encoding`") from fault
        if chosen.delimiter is None:
            found = dialect_of(sample, whole=len(sample) < _SAMPLE)
        else:
            first = sample.split("\n", 1)[0]
            found = Detected(format="csv", delimiter=chosen.delimiter, quote=quote_of(first))
        return found if chosen.quote is None else replace(found, quote=chosen.quote)

    def _read_header(self) -> Header:
        for _line, cells in self._guarded():
            if isinstance(cells, str):
                raise broken(self.name, self._records.line_num + self._before, cells)
            if cells:
                if fault := _unsound(cells):
                    raise broken(self.name, self._records.line_num + self._before, fault)
                return Header([unguarded(cell) for cell in cells])
        raise unfit("is empty", "its first line names the columns", "blank")

    def _guarded(self) -> Iterator[tuple[int, list[str] | str]]:
        """Yield each row's first line and its cells, or why they cannot be read."""
        while True:
            line = self._records.line_num + 1 + self._before
            self._lines.reset()
            try:
                cells: list[str] | str = next(self._records)
            except StopIteration:
                return
            except UnicodeError as fault:
                raise broken(self.name, line, str(fault), "name the file's `encoding`") from fault
            except csv.Error as fault:
                if "unexpected end" in str(fault):
                    raise self._unclosed(line, fault) from fault
                cells = f"cannot be read: {fault}"
            yield line, cells

    def _unclosed(self, line: int, fault: csv.Error) -> TaskloomError:
        return broken(self.name, line, str(fault), "look for a quote that is not closed")

    def head(self, size: int) -> bytes:
        """Return the first bytes of the file."""
        at = self.file.tell()
        self.file.seek(0)
        data = self.file.read(size)
        self.file.seek(at)
        return data

    def columns(self) -> Sequence[str]:
        return self.header.columns

    def _read(self) -> Iterator[Row]:
        for line, cells in self._guarded():
            if isinstance(cells, str):
                yield Row(line=line, values={}, raw=(), fault=cells)
            elif any(cells):
                yield self._row(line, cells)

    def _row(self, line: int, cells: list[str]) -> Row:
        if not self._safe and (fault := _unsound(cells)):
            return Row(line=line, values={}, fault=fault)
        if self._lines.quoted:
            cells = [unguarded(cell) if cell[:1] == "'" else cell for cell in cells]
        return self.header.row(line, cells)


def _unsound(cells: Sequence[str]) -> str:
    for at, cell in enumerate(cells, 1):
        if not encodable(cell):
            return f"has bytes that are no text in cell {at}"
    return ""
