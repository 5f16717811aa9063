"""JSON files: one object a line (NDJSON), or one array of objects. Numbers stay exact."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from typing import Any, BinaryIO, Final, NoReturn

import orjson

from taskloom.errors import TaskloomError
from taskloom.exchange.rows import (
    LARGEST_ROW,
    Row,
    Sampled,
    broken,
    is_held,
    too_long,
)
from taskloom.fields.structure import pack

_PIECE: Final = 256 * 1024
_BOM: Final = b"\xef\xbb\xbf"
_MOST_DIGITS: Final = 1000


def _whole(text: str) -> int:
    if len(text) > _MOST_DIGITS:
        raise ValueError(f"a number has more than {_MOST_DIGITS} digits")
    return int(text)


def _fraction(text: str) -> Decimal:
    try:
        number = Decimal(text)
    except InvalidOperation:
        number = Decimal("Infinity")
    if len(text) > _MOST_DIGITS or abs(number.adjusted()) > _MOST_DIGITS:
        raise ValueError(f"a number has more than {_MOST_DIGITS} digits")
    return number or abs(number)


def _no_number(text: str) -> NoReturn:
    raise ValueError(f"{text} is not JSON")


def _members(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    members = dict(pairs)
    if len(members) < len(pairs):
        names = [name for name, _ in pairs]
        twice = next(name for name in names if names.count(name) > 1)
        raise ValueError(f"{twice!r} is given twice")
    return members


_DECODER: Final = json.JSONDecoder(
    object_pairs_hook=_members,
    parse_float=_fraction,
    parse_int=_whole,
    parse_constant=_no_number,
)
_LENIENT: Final = json.JSONDecoder(parse_int=str, parse_float=str)
_NEAR: Final = 16
"""A fault so near to the end of what is held may be gone when more is."""


@dataclass(frozen=True, slots=True)
class Spoilt:
    """Stands for a value of an array that has its end, but says nothing that can be meant."""

    reason: str


def parse(text: str) -> Any:
    """Read JSON exactly; raise `ValueError` for a fault."""
    try:
        return _whole_signs(_DECODER.decode(text), text)
    except RecursionError:
        raise ValueError("it nests too deeply") from None


def _whole_signs(value: Any, text: str) -> Any:
    """Refuse text with half a character, which no file could be written with again."""
    if "\\u" in text and not _encodable(value):
        raise ValueError("it has text with half a character (a lone surrogate)")
    return value


def _encodable(value: object) -> bool:
    if isinstance(value, str):
        return not any("\ud800" <= sign <= "\udfff" for sign in value)
    if isinstance(value, dict):
        return all(_encodable(key) and _encodable(part) for key, part in value.items())
    return all(map(_encodable, value)) if isinstance(value, list) else True


def parse_line(line: bytes) -> Any:
    """Read one line of JSON exactly; raise `ValueError` for a fault."""
    found = _fast(line)
    return parse(line.decode("utf-8")) if found is None else found


def _fast(line: bytes) -> dict[str, Any] | None:
    """Read an object at full speed, or None where that might lose a key or a digit.

    Without escaped quotes and blanks before colons every `":` ends a key, so a key given twice
    shows in their number.
    """
    if b'\\"' in line or b" :" in line or b"\t" in line or b"\r" in line:
        return None
    try:
        value = orjson.loads(line)
    except orjson.JSONDecodeError:
        return None
    if not isinstance(value, dict):
        return None
    keys = len(value)
    for name, part in value.items():
        kind = type(part)
        if kind is float and not _is_written(line, name, part):
            return None
        if kind is dict or kind is list:
            inner = _keys_within(part)
            if inner is None:
                return None
            keys += inner
    return value if keys == line.count(b'":') else None


def _is_written(line: bytes, name: str, number: float) -> bool:
    """Tell whether a member's number stands in the line as its shortest spelling."""
    for blank in ("", " "):
        member = f'"{name}":{blank}{number!r}'.encode()
        at = line.find(member)
        if at >= 0:
            return line[at + len(member)] in b",} "
    return False


def _keys_within(value: object) -> int | None:
    """Count all keys of a value, or None if a fraction is among its parts."""
    if isinstance(value, float):
        return None
    parts = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    counts = [_keys_within(part) for part in parts if isinstance(part, dict | list | float)]
    if None in counts:
        return None
    return sum(filter(None, counts)) + (len(value) if isinstance(value, dict) else 0)


def written(value: Any) -> bytes:
    """Write JSON in one line, numbers as exactly as they were read; raise `ValueError`."""
    try:
        return orjson.dumps(value, default=_written)
    except orjson.JSONEncodeError as fault:
        # It refuses whole numbers beyond 64 bits too.
        if not _encodable(value):
            raise ValueError("it has text with half a character") from fault
        return pack(value).encode()


def _written(value: object) -> orjson.Fragment:
    if isinstance(value, Decimal):
        return orjson.Fragment(str(value).encode())
    raise TypeError(type(value).__name__)


def row_of(value: object, line: int, raw: str) -> Row:
    """Make a row of a JSON value, which has to be an object."""
    if isinstance(value, Spoilt):
        return Row(line=line, values={}, raw=raw, fault=f"is not JSON: {value.reason}")
    if not isinstance(value, dict):
        return Row(line=line, values={}, raw=raw, fault="is not a JSON object")
    return Row(line=line, values=value, raw=raw)


class Lines(Sampled):
    """NDJSON; empty lines are passed over, and a broken line stops no other."""

    def _read(self) -> Iterator[Row]:
        number = 0
        while line := self.file.readline(LARGEST_ROW + 1):
            number += 1
            if len(line) > LARGEST_ROW:
                raise too_long(self.name, number)
            if number == 1:
                line = line.removeprefix(_BOM)
            if line := line.strip():
                yield _parsed(line, number) if is_held(line) else _too_wide(number)


def _too_wide(number: int) -> Row:
    fault = f"takes more than {LARGEST_ROW} bytes, and not all of them are ASCII"
    return Row(line=number, values={}, fault=fault)


def _parsed(line: bytes, number: int) -> Row:
    text = line.decode("utf-8", "replace")
    try:
        return row_of(parse_line(line), number, text)
    except ValueError as fault:
        return Row(line=number, values={}, raw=text, fault=f"is not JSON: {fault}")


class Array(Sampled):
    """One JSON array, read piece by piece; where it is broken, the import ends."""

    def _read(self) -> Iterator[Row]:
        text = Text(self.file, self.name)
        if text.take("[") is None:
            hint = "an object a line is another `format`: ndjson" if text.take("{") else ""
            reason = "it does not start with '[': one array of objects is expected"
            raise broken(self.name, text.line(), reason, hint)
        for value, line, raw in items(text):
            yield row_of(value, line, raw)
        text.end()


def items(text: "Text") -> Iterator[tuple[Any, int, str]]:
    """Yield the items of an array behind its bracket, each with its line and its text."""
    if text.take("]") is not None:
        return
    while True:
        line = text.line()
        value, raw = text.value()
        yield value, line, raw
        if text.take(",") is None:
            break
    if text.take("]") is None:
        raise text.broken("expected ',' or ']'")


def members(text: "Text", listed: frozenset[str]) -> Iterator[tuple[str, Any, int]]:
    """Yield the members of an object: of the `listed` arrays every item, of others the value.

    Each comes with its line; arrays that are listed are never held whole.
    """
    if text.take("{") is None:
        raise text.broken("it does not start with '{': one object is expected")
    if text.take("}") is not None:
        return
    while True:
        line = text.line()
        name, _ = text.value()
        if not isinstance(name, str) or text.take(":") is None:
            raise text.broken("expected a key in double quotes and ':'")
        if name in listed and text.take("[") is not None:
            yield from ((name, value, at) for value, at, _ in items(text))
        else:
            yield name, text.value()[0], line
        if text.take(",") is None:
            break
    if text.take("}") is None:
        raise text.broken("expected ',' or '}'")


class Text:
    """The unread text of a JSON file, never more than a value and a piece of it."""

    def __init__(self, file: BinaryIO, name: str) -> None:
        self._name = name
        self.file = file
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
        if not is_held(self._held):
            raise too_long(self._name, self._line)
        piece = self.file.read(max(_PIECE, len(self._held)))
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

    def value(self) -> tuple[Any, str]:
        """Read the next value with its text, and as much of the file as it takes."""
        self._skip()
        while True:
            try:
                value, end = self._decoded()
            except json.JSONDecodeError as fault:
                if self._is_real(fault) or not self._fill():
                    raise self.broken(fault.msg, fault.pos) from fault
            except RecursionError as fault:
                raise self.broken("it nests too deeply") from fault
            else:
                # A number at the end of what is held may go on in the file.
                if end < len(self._held) or not self._fill():
                    raw, self._at = self._held[self._at : end], end
                    if not is_held(raw):
                        raise too_long(self._name, self._line)
                    return value, raw

    def _decoded(self) -> tuple[Any, int]:
        """Decode the value at hand; one that only breaks a rule of ours is `Spoilt`."""
        try:
            value, end = _DECODER.raw_decode(self._held, self._at)
            return _whole_signs(value, self._held[self._at : end]), end
        except json.JSONDecodeError:
            raise
        except ValueError as fault:
            return Spoilt(str(fault)), _LENIENT.raw_decode(self._held, self._at)[1]

    def _is_real(self, fault: json.JSONDecodeError) -> bool:
        """Tell whether a fault stays, however the file goes on."""
        return not fault.msg.startswith("Unterminated") and fault.pos < len(self._held) - _NEAR

    def end(self) -> None:
        """Refuse what stands behind the document."""
        self._skip()
        if self._at < len(self._held):
            raise self.broken("something stands behind the end")

    def broken(self, reason: str, at: int | None = None) -> TaskloomError:
        """Say where the file cannot be read on; `at` is a position in what is held."""
        self._at = self._at if at is None else at
        return broken(self._name, self._count(), reason)
