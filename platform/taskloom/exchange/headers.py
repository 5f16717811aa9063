"""The header of a table: every column under a name of its own, whatever was written there."""

from collections.abc import Sequence
from typing import Any, Final

from taskloom.exchange.rows import MARKS, Row, is_blank, unfit

_LONGEST: Final = 1000
MOST_COLUMNS: Final = 2000
"""More than any workflow has fields; what a table has beside them is refused row by row."""


class Header:
    """Names for cells; `named` are the names as written, `notes` what had to be changed."""

    def __init__(self, cells: Sequence[str]) -> None:
        if len(cells) > MOST_COLUMNS:
            raise unfit(f"has more than {MOST_COLUMNS} columns", code="too_large")
        self.named = [cell.strip()[:_LONGEST] for cell in cells]
        while self.named and not self.named[-1]:
            self.named.pop()
        self._names = _distinct(self.named)
        self._blank = tuple(at for at, name in enumerate(self._names) if not name)
        self._marked = frozenset(at for at, name in enumerate(self.named) if name in MARKS)
        self._size = len(self.named)
        self.raw = [name for at, name in enumerate(self.named) if at not in self._marked]
        self.columns: Sequence[str] = [name for name in self._names if name]
        twice = [name for name in dict.fromkeys(self.named) if name and self.named.count(name) > 1]
        self.notes: Sequence[str] = [
            f"{self.named.count(name)} columns are named {name!r}: "
            f"they are read as {name!r}, {name + ' (2)'!r} and so on"
            for name in twice
        ]

    def row(self, line: int, cells: Sequence[Any]) -> Row:
        """Make a row of cells; one that does not fit the header is told so."""
        raw = [c for at, c in enumerate(cells) if at not in self._marked] if self._marked else cells
        if len(cells) != self._size:
            if len(cells) < self._size or not all(map(is_blank, cells[self._size :])):
                fault = f"has {len(cells)} cells, the header has {self._size}"
                return Row(line=line, values={}, raw=raw, fault=fault)
            cells = cells[: self._size]
        values = dict(zip(self._names, cells, strict=True))
        if self._blank:
            values.pop("", None)
            for at in self._blank:
                if not is_blank(cells[at]):
                    fault = f"has a value in column {at + 1}, which has no name"
                    return Row(line=line, values={}, raw=raw, fault=fault)
        return Row(line=line, values=values, raw=raw)


def _distinct(names: Sequence[str]) -> list[str]:
    taken = set(names)
    seen: set[str] = set()
    made = []
    for name in names:
        new, number = name, 1
        while name and new in (seen if number == 1 else seen | taken):
            number += 1
            new = f"{name} ({number})"
        seen.add(new)
        made.append(new)
    return made
