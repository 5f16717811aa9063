"""Cells that a sheet shows as one: what stands in the first stands in each of them."""

import re
from collections.abc import Iterator, Sequence
from typing import Any, Final

from taskloom.errors import TooLarge
from taskloom.exchange.packages import Package

_RANGE: Final = re.compile(
    rb'<(?:\w+:)?mergeCell\s+ref="([A-Z]{1,3})(\d{1,7}):([A-Z]{1,3})(\d{1,7})"'
)
_MOST: Final = 200_000
_OVERLAP: Final = 200
_LETTERS: Final = 26

Range = tuple[int, int, int, int]
"""First row, first column (from 0), last row, last column."""


def merged_in(package: Package, part: str) -> list[Range]:
    """Find the ranges of merged cells, which a sheet names at its very end."""
    found: list[Range] = []
    tail = b""
    for piece in package.pieces(part):
        held = tail + piece
        if b"mergeCell" in held:
            done = 0
            for match in _RANGE.finditer(held):
                found.append((int(match[2]), _at(match[1]), int(match[4]), _at(match[3])))
                done = match.end()
            if len(found) > _MOST:
                raise TooLarge(f"a sheet has more than {_MOST} merged cells", limit=_MOST)
            held = held[done:]
        tail = held[-_OVERLAP:]
    return sorted(found, reverse=True)


def _at(letters: bytes) -> int:
    at = -1
    for letter in letters:
        at = (at + 1) * _LETTERS + letter - ord("A")
    return at


class Merged:
    """Fills the cells of rows that come in order."""

    def __init__(self, ranges: Sequence[Range]) -> None:
        self._coming = list(ranges)
        self._now: list[tuple[Range, Any]] = []

    def filled(self, number: int, cells: list[Any]) -> list[Any]:
        """Return the cells of a row with what merged ones show."""
        while self._coming and self._coming[-1][0] <= number:
            found = self._coming.pop()
            value = cells[found[1]] if found[0] == number and found[1] < len(cells) else ""
            self._now.append((found, value))
        if not self._now:
            return cells
        self._now = [each for each in self._now if each[0][2] >= number]
        for column, value in self._values(len(cells)):
            if cells[column] == "":
                cells[column] = value
        return cells

    def _values(self, size: int) -> Iterator[tuple[int, Any]]:
        for (_, first, _, last), value in self._now:
            if value != "":
                yield from ((column, value) for column in range(first, min(last + 1, size)))
