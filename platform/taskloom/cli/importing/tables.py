"""CSV files: encoding and delimiter are found out and said, or given."""

import codecs
import csv
import io
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import BinaryIO

from charset_normalizer import from_bytes

from taskloom.cli.failure import Failure
from taskloom.cli.importing.rows import LARGEST_ROW, MARKS, Row

DELIMITERS = ",;\t|"
_NAMES = {",": "comma", ";": "semicolon", "\t": "tab", "|": "bar"}
_PIECE = 1024 * 1024
_SAMPLE = 256 * 1024
_UTF8 = "utf-8-sig"


class Table:
    """A CSV file with a header; every row has as many cells as the header."""

    tabular = True

    def __init__(
        self, path: Path, file: BinaryIO, *, encoding: str | None, delimiter: str | None
    ) -> None:
        csv.field_size_limit(LARGEST_ROW)
        self._path = path
        notes = []
        if encoding is None:
            encoding = encoding_of(path, file)
            if encoding != _UTF8:
                notes.append(f"{path} is read as {encoding}; --encoding says otherwise")
        self._bytes = file
        self._text = io.TextIOWrapper(self._bytes, encoding=encoding, newline="")
        sample = self._text.read(_SAMPLE)
        if delimiter is None:
            delimiter = delimiter_of(sample)
            if delimiter != DELIMITERS[0]:
                name = _NAMES[delimiter]
                notes.append(f"{path} is separated by {name}s; --delimiter says otherwise")
        self._text.seek(0)
        self._records = csv.reader(self._text, delimiter=delimiter, strict=True)
        self.notes: Sequence[str] = tuple(notes)
        self._header = self._read_header()
        self._marked = {at for at, name in enumerate(self._header) if name in MARKS}

    def _read_header(self) -> list[str]:
        for cells in self._guarded():
            if cells:
                header = [cell.strip() for cell in cells]
                break
        else:
            raise Failure(f"{self._path} is empty.", "Its first line names the columns.")
        twice = sorted({name for name in header if header.count(name) > 1})
        if twice:
            raise Failure(
                f"{self._path} has more than one column named {_listed(twice)}.",
                "Rename all but one of them; nothing was imported.",
            )
        return header

    def _guarded(self) -> Iterator[list[str]]:
        while True:
            try:
                yield next(self._records)
            except StopIteration:
                return
            except (csv.Error, UnicodeError) as fault:
                line = self._records.line_num
                raise Failure(
                    f"{self._path} cannot be read on from line {line}: {fault}.",
                    "Look for a quote that is not closed, or name the file's --encoding.",
                ) from fault

    def columns(self) -> Sequence[str]:
        return self._header

    def rows(self) -> Iterator[Row]:
        before = self._records.line_num
        for cells in self._guarded():
            line, before = before + 1, self._records.line_num
            if cells:
                yield self._row(line, cells)

    def _row(self, line: int, cells: list[str]) -> Row:
        raw = [cell for at, cell in enumerate(cells) if at not in self._marked]
        if len(cells) != len(self._header):
            fault = f"has {len(cells)} cells, the header has {len(self._header)}"
            return Row(line=line, values={}, raw=raw, fault=fault)
        return Row(line=line, values=dict(zip(self._header, cells, strict=True)), raw=raw)

    def position(self) -> int:
        return self._bytes.tell()


def _listed(names: Sequence[str]) -> str:
    return ", ".join(repr(name) for name in names)


def encoding_of(path: Path, file: BinaryIO) -> str:
    """Find a file's encoding: UTF-8 if all of it is, else the likeliest; or raise `Failure`."""
    if _is_utf8(file):
        return _UTF8
    best = from_bytes(file.read(_SAMPLE)).best()
    file.seek(0)
    if best is None:
        raise Failure(f"the encoding of {path} cannot be told.", "Name it with --encoding.")
    return best.encoding


def _is_utf8(file: BinaryIO) -> bool:
    decoder = codecs.getincrementaldecoder("utf-8")()
    try:
        while piece := file.read(_PIECE):
            decoder.decode(piece)
        decoder.decode(b"", final=True)
    except UnicodeDecodeError:
        return False
    finally:
        file.seek(0)
    return True


def delimiter_of(sample: str) -> str:
    """Find the delimiter that splits the header into the most cells; a comma if none does."""
    return max(DELIMITERS, key=lambda sign: len(_header(sample, sign)))


def _header(sample: str, delimiter: str) -> list[str]:
    return next(
        (cells for cells in csv.reader(io.StringIO(sample), delimiter=delimiter) if cells), []
    )
