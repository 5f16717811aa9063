"""JSON files: one object a line (NDJSON), or one array of objects. Numbers stay as written."""

import json
from collections.abc import Iterator, Sequence
from itertools import chain, islice
from pathlib import Path
from typing import Any, BinaryIO, NoReturn

import orjson

from taskloom.cli.failure import Failure
from taskloom.cli.importing.rows import LARGEST_ROW, Row

_PIECE = 256 * 1024
_LOOKED_AT = 1000
_BOM = b"\xef\xbb\xbf"
_SHOWN = 200


def _number(text: str) -> orjson.Fragment:
    return orjson.Fragment(text.encode())


def _no_number(text: str) -> NoReturn:
    raise ValueError(f"{text} is not JSON")


def _members(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    members = dict(pairs)
    if len(members) < len(pairs):
        names = [name for name, _ in pairs]
        twice = next(name for name in names if names.count(name) > 1)
        raise ValueError(f"{twice!r} is given twice")
    return members


_DECODER = json.JSONDecoder(
    object_pairs_hook=_members,
    parse_float=_number,
    parse_int=_number,
    parse_constant=_no_number,
)


def parse(text: str) -> Any:
    """Read JSON so that `orjson` writes it out the same; raise `ValueError` for a fault."""
    try:
        return _DECODER.decode(text)
    except RecursionError:
        raise ValueError("it nests too deeply") from None


def row_of(value: object, line: int, raw: str) -> Row:
    """Make a row of a JSON value, which has to be an object."""
    if not isinstance(value, dict):
        return Row(line=line, values={}, raw=raw[:_SHOWN], fault="is not a JSON object")
    return Row(line=line, values=value)


class _Document:
    """What both formats share: the first rows are looked at for the columns."""

    tabular = False
    notes: Sequence[str] = ()

    def __init__(self, path: Path, file: BinaryIO) -> None:
        self._path = path
        self._bytes = file
        self._rest = self._read()
        self._first: list[Row] | None = None

    def _read(self) -> Iterator[Row]:
        raise NotImplementedError

    def columns(self) -> Sequence[str]:
        if self._first is None:
            self._first = list(islice(self._rest, _LOOKED_AT))
        return list(dict.fromkeys(name for row in self._first for name in row.values))

    def rows(self) -> Iterator[Row]:
        return chain(self._first or (), self._rest)

    def position(self) -> int:
        return self._bytes.tell()


class Lines(_Document):
    """NDJSON; empty lines are passed over, and a broken line stops no other."""

    def _read(self) -> Iterator[Row]:
        number = 0
        while line := self._bytes.readline(LARGEST_ROW + 1):
            number += 1
            if len(line) > LARGEST_ROW:
                raise Failure(f"{self._path}, line {number}: longer than {LARGEST_ROW} bytes.")
            if number == 1:
                line = line.removeprefix(_BOM)
            if line.strip():
                yield _parsed(line, number)


def _parsed(line: bytes, number: int) -> Row:
    text = line.decode("utf-8", "replace").strip()
    try:
        line.decode("utf-8")
        return row_of(parse(text), number, text)
    except ValueError as fault:
        return Row(line=number, values={}, raw=text, fault=f"is not JSON: {fault}")


class Array(_Document):
    """One JSON array, read piece by piece; where it is broken, the import ends."""

    def _read(self) -> Iterator[Row]:
        text = _Text(self._path, self._bytes)
        if text.take("[") is None:
            raise text.broken("it does not start with '[': one array of objects is expected")
        if text.take("]") is not None:
            return
        while True:
            line = text.line()
            yield row_of(text.value(), line, "")
            if text.take(",") is None:
                break
        if text.take("]") is None:
            raise text.broken("expected ',' or ']'")


class _Text:
    """The unread text of a JSON file, never more than a value and a piece of it."""

    def __init__(self, path: Path, file: BinaryIO) -> None:
        self._path = path
        self._file = file
        self._held = ""
        self._at = 0
        self._line = 1
        self._counted = 0
        self._left = b""
        self._ended = False
        self._fill()
        self._held = self._held.removeprefix("\ufeff")

    def _fill(self) -> bool:
        """Read on, as much again as is held; False at the end."""
        self._count()
        self._held, self._at, self._counted = self._held[self._at :], 0, 0
        if len(self._held) > LARGEST_ROW:
            raise self.broken(f"one value is longer than {LARGEST_ROW} characters")
        piece = self._file.read(max(_PIECE, len(self._held)))
        self._ended = not piece
        data = self._left + piece
        try:
            text, used = data.decode("utf-8"), len(data)
        except UnicodeDecodeError as fault:
            if fault.end < len(data) or self._ended:
                raise self.broken("it is not UTF-8") from fault
            text, used = data[: fault.start].decode("utf-8"), fault.start
        self._left = data[used:]
        self._held += text
        return not self._ended

    def _skip(self) -> None:
        while True:
            while self._at < len(self._held) and self._held[self._at] in " \t\r\n":
                self._at += 1
            if self._at < len(self._held) or not self._fill():
                return

    def line(self) -> int:
        """Return the line (from 1) of the next sign."""
        self._skip()
        return self._count()

    def _count(self) -> int:
        self._line += self._held.count("\n", self._counted, self._at)
        self._counted = self._at
        return self._line

    def take(self, sign: str) -> str | None:
        """Pass over the next sign if it is this one, and return it."""
        self._skip()
        if self._held[self._at : self._at + 1] != sign:
            return None
        self._at += 1
        return sign

    def value(self) -> Any:
        """Read the next value, and as much of the file as it takes."""
        self._skip()
        while True:
            try:
                value, end = _DECODER.raw_decode(self._held, self._at)
            except json.JSONDecodeError as fault:
                if not self._fill():
                    raise self.broken(str(fault)) from fault
            except (ValueError, RecursionError) as fault:
                raise self.broken(str(fault)) from fault
            else:
                # A number at the end of what is held may go on in the file.
                if end < len(self._held) or not self._fill():
                    self._at = end
                    return value

    def broken(self, reason: str) -> Failure:
        """Say where the file cannot be read on."""
        return Failure(f"{self._path} cannot be read on from line {self._count()}: {reason}.")
