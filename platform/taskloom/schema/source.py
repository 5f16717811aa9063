"""The text of a workflow file as exact values, with the line of every path in it."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from json import JSONDecodeError
from json.decoder import scanstring  # type: ignore[attr-defined] # left out of the stubs
from typing import Final

from taskloom.errors import Fault, Path
from taskloom.model.values import Json

LONGEST: Final = 1_000_000
DEEPEST: Final = 40
LONGEST_NUMBER: Final = 100
LARGEST_EXPONENT: Final = 400

MALFORMED = "malformed"

_SPACE = re.compile(r"[ \t\n\r]*")
_NUMBER = re.compile(r"-?(?:0|[1-9][0-9]*)(\.[0-9]+)?(?:[eE]([-+]?[0-9]+))?")
_WORDS: Final = (("true", True), ("false", False), ("null", None))


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """A file's value, the line (from 1) of every path, and what was wrong on the way.

    Fractions are `Decimal`, whole numbers `int`. A broken file has the value None and one fault.
    Where a key is given twice, the last value stays and each later one is a fault.
    """

    value: Json
    lines: Mapping[Path, int]
    faults: tuple[Fault, ...] = ()


class _Broken(Exception):
    def __init__(self, at: int, message: str, hint: str = "") -> None:
        super().__init__(message)
        self.at = at
        self.message = message
        self.hint = hint


class _Reader:
    """Reads one JSON text from the left; `lines` and `faults` fill up on the way."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.lines: dict[Path, int] = {}
        self.faults: list[Fault] = []
        self._line = 1
        self._counted = 0

    def line(self, at: int) -> int:
        """Count the line of a position; positions never go back."""
        self._line += self.text.count("\n", self._counted, at)
        self._counted = at
        return self._line

    def skip(self, at: int) -> int:
        """Return where the next sign that is not white space stands."""
        return _SPACE.match(self.text, at).end()  # type: ignore[union-attr] # the pattern matches everywhere

    def value(self, at: int, path: Path) -> tuple[Json, int]:
        """Read the value that starts at `at`, and return where it ends."""
        sign = self.text[at : at + 1]
        if len(path) > DEEPEST:
            raise _Broken(at, f"nests deeper than {DEEPEST} levels")
        if sign == "{":
            return self.members(at, path)
        if sign == "[":
            return self.items(at, path)
        if sign == '"':
            return self.string(at)
        return self.scalar(at)

    def string(self, at: int) -> tuple[str, int]:
        """Read a string; lone surrogates are refused, for no store can hold them."""
        try:
            text, end = scanstring(self.text, at + 1, True)  # noqa: FBT003 - the parameter has no name
        except JSONDecodeError as fault:
            raise _Broken(fault.pos, f"a string cannot be read: {fault.msg.lower()}") from fault
        if any("\ud800" <= sign <= "\udfff" for sign in text):
            raise _Broken(at, "a string holds half a character (a lone surrogate)")
        return text, end

    def scalar(self, at: int) -> tuple[Json, int]:
        """Read a number, true, false or null."""
        for word, meaning in _WORDS:
            if self.text.startswith(word, at):
                return meaning, at + len(word)
        found = _NUMBER.match(self.text, at)
        if found is None:
            raise _Broken(at, *_unreadable(self.text, at))
        exponent = found[2] or "0"
        if len(found[0]) > LONGEST_NUMBER or abs(int(exponent)) > LARGEST_EXPONENT:
            raise _Broken(at, f"a number is longer than {LONGEST_NUMBER} digits")
        whole = found[1] is None and found[2] is None
        return int(found[0]) if whole else Decimal(found[0]), found.end()

    def members(self, at: int, path: Path) -> tuple[dict[str, Json], int]:
        """Read an object."""
        members: dict[str, Json] = {}
        at = self.skip(at + 1)
        if self.text[at : at + 1] == "}":
            return members, at + 1
        while True:
            if self.text[at : at + 1] != '"':
                raise _Broken(at, "expected a key in double quotes", _ending(self.text, at, "}"))
            line = self.line(at)
            key, at = self.string(at)
            at = self.expect(at, ":", "expected ':' after the key")
            here = (*path, key)
            if key in members:
                self.faults.append(_twice(here, key, first=self.lines[here], line=line))
            self.lines[here] = line
            members[key], at = self.value(at, here)
            at = self.skip(at)
            if self.text[at : at + 1] == "}":
                return members, at + 1
            at = self.expect(at, ",", "expected ',' or '}' after the value")

    def items(self, at: int, path: Path) -> tuple[list[Json], int]:
        """Read an array."""
        items: list[Json] = []
        at = self.skip(at + 1)
        if self.text[at : at + 1] == "]":
            return items, at + 1
        while True:
            here = (*path, len(items))
            self.lines[here] = self.line(at)
            value, at = self.value(at, here)
            items.append(value)
            at = self.skip(at)
            if self.text[at : at + 1] == "]":
                return items, at + 1
            at = self.expect(at, ",", "expected ',' or ']' after the value")

    def finish(self, at: int) -> None:
        """Make sure that nothing follows."""
        at = self.skip(at)
        if at < len(self.text):
            raise _Broken(at, "expected nothing after the closing bracket")

    def expect(self, at: int, sign: str, otherwise: str) -> int:
        """Return where the next token after `sign` starts."""
        at = self.skip(at)
        if self.text[at : at + 1] != sign:
            raise _Broken(at, otherwise)
        return self.skip(at + 1)


def _twice(path: Path, key: str, *, first: int, line: int) -> Fault:
    return Fault(
        path=path,
        code="duplicate",
        message=f"is given twice: {key!r} on line {first} and again on line {line}",
        hint="keep one of them",
    )


def _ending(text: str, at: int, end: str) -> str:
    return "remove the ',' before it" if text.startswith(end, at) else ""


def _unreadable(text: str, at: int) -> tuple[str, str]:
    if at >= len(text):
        return "the file ends too early", "a bracket or a quote is left open"
    for word in ("NaN", "Infinity", "-Infinity"):
        if text.startswith(word, at):
            return f"{word} is not JSON", "leave the value out, or give a number"
    if text[at] in "]}":
        return f"expected a value, found {text[at]!r}", "remove the ',' before it"
    return f"expected a value, found {text[at]!r}", ""


def _broken(text: str, fault: _Broken) -> Source:
    line = text.count("\n", 0, fault.at) + 1
    column = fault.at - text.rfind("\n", 0, fault.at)
    message = f"is not JSON: line {line}, column {column}: {fault.message}"
    return Source(
        value=None,
        lines={(): line},
        faults=(Fault(path=(), code=MALFORMED, message=message, hint=fault.hint),),
    )


def parse(text: str) -> Source:
    """Read a file's text; never raises, `faults` says everything that is wrong with the text."""
    if len(text) > LONGEST:
        return _broken("", _Broken(0, f"the file is larger than {LONGEST} characters"))
    reader = _Reader(text)
    try:
        value, end = reader.value(reader.skip(1 if text.startswith("\ufeff") else 0), ())
        reader.finish(end)
    except _Broken as fault:
        return _broken(text, fault)
    return Source(value=value, lines=reader.lines, faults=tuple(reader.faults))


def locate(source: Source, path: Path) -> int:
    """Return the line of a path, or that of the nearest thing around it that the file has."""
    while path and path not in source.lines:
        path = path[:-1]
    return source.lines.get(path, 1)


def path_text(path: Path) -> str:
    """Spell a path for people: `workflow.stages[0].name`; the whole file is `(file)`."""
    parts = [f"[{part}]" if isinstance(part, int) else f".{part}" for part in path]
    return "".join(parts).removeprefix(".") or "(file)"
