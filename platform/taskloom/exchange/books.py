"""What a workbook says of its sheets and of how its cells are shown."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final, Literal

from taskloom.errors import TooLarge
from taskloom.exchange.packages import Handlers, Package, beside

Style = Literal["plain", "date", "time", "elapsed", "percent"]

WORKBOOK: Final = "xl/workbook.xml"
_MOST_STYLES: Final = 100_000
_MOST_SHEETS: Final = 1000
_DATES: Final = frozenset({14, 15, 16, 17, 22, *range(27, 37), *range(50, 59)})
_TIMES: Final = frozenset({18, 19, 20, 21, 45, 47})
_PERCENTS: Final = frozenset({9, 10})
_ELAPSED_ID: Final = 46
_SHOWN: Final = re.compile(r'"[^"]*"|\\.|_.|\*.')
_BRACKETS: Final = re.compile(r"\[[^\]]*\]")
_ELAPSED: Final = re.compile(r"\[(h+|m+|s+)\]", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Sheet:
    """A sheet by name, and the part of the package that it is in."""

    name: str
    part: str
    visible: bool


class Book(Handlers):
    """The sheets of a workbook in order, and the day its dates count from."""

    def __init__(self, package: Package) -> None:
        super().__init__()
        self._named: list[tuple[str, str, bool]] = []
        self.since_1904 = False
        self.part = WORKBOOK
        if "_rels/.rels" in package:
            related = Relations(package, "_rels/.rels")
            self.part = next(
                (
                    beside("x", to)
                    for to, kind in related.found.values()
                    if kind == "officeDocument"
                ),
                WORKBOOK,
            )
        package.scan(self.part, self)
        folder, _, name = self.part.rpartition("/")
        relations = f"{folder}/_rels/{name}.rels".lstrip("/")
        self.relations = Relations(package, relations).found if relations in package else {}
        self.sheets: Sequence[Sheet] = [
            Sheet(name, beside(self.part, self.relations[to][0]), visible)
            for name, to, visible in self._named
            if to in self.relations and self.relations[to][1] == "worksheet"
        ]

    def part_of(self, kind: str, usual: str) -> str:
        """Return the part of a kind that belongs to the workbook."""
        found = (beside(self.part, to) for to, sort in self.relations.values() if sort == kind)
        return next(found, usual)

    def start(self, tag: str, attributes: Mapping[str, str]) -> None:
        """Take a sheet."""
        if tag == "sheet" and len(self._named) < _MOST_SHEETS:
            to = next((text for key, text in attributes.items() if key.endswith(":id")), "")
            visible = attributes.get("state", "visible") == "visible"
            self._named.append((attributes.get("name", ""), to, visible))
        elif tag == "workbookPr":
            self.since_1904 = attributes.get("date1904", "0") in ("1", "true", "on")


class Relations(Handlers):
    """Targets and kinds of what belongs to a part, by id."""

    def __init__(self, package: Package, part: str) -> None:
        super().__init__()
        self.found: dict[str, tuple[str, str]] = {}
        package.scan(part, self)

    def start(self, tag: str, attributes: Mapping[str, str]) -> None:
        """Take a relation."""
        if tag == "Relationship" and len(self.found) < _MOST_SHEETS:
            kind = attributes.get("Type", "").rpartition("/")[2]
            self.found[attributes.get("Id", "")] = (attributes.get("Target", ""), kind)


class Styles(Handlers):
    """How the cells of each style are shown, as far as it changes what a number means."""

    def __init__(self, package: Package, part: str) -> None:
        super().__init__()
        self._codes: dict[str, Style] = {}
        self._within = False
        self.shown: list[Style] = []
        if part in package:
            package.scan(part, self)

    def start(self, tag: str, attributes: Mapping[str, str]) -> None:
        """Take a number format or a style."""
        if tag == "numFmt":
            self._codes[attributes.get("numFmtId", "")] = style_of(attributes.get("formatCode", ""))
        elif tag == "cellXfs":
            self._within = True
        elif tag == "xf" and self._within:
            number = attributes.get("numFmtId", "0")
            self.shown.append(self._codes.get(number) or _built_in(number))
        if len(self.shown) + len(self._codes) > _MOST_STYLES:
            raise TooLarge(f"the workbook has more than {_MOST_STYLES} styles", limit=_MOST_STYLES)

    def end(self, tag: str) -> None:
        """Leave the styles of cells."""
        if tag == "cellXfs":
            self._within = False


def _built_in(number: str) -> Style:
    known = int(number) if number.isdecimal() and len(number) < 5 else 0  # noqa: PLR2004 - numbers in use are small
    if known in _DATES:
        return "date"
    if known in _TIMES:
        return "time"
    if known == _ELAPSED_ID:
        return "elapsed"
    return "percent" if known in _PERCENTS else "plain"


def style_of(code: str) -> Style:
    """Tell from the code of a number format what a number shown by it means."""
    bare = _SHOWN.sub("", code[:1000]).split(";")[0]
    if _ELAPSED.search(bare):
        return "elapsed"
    bare = _BRACKETS.sub("", bare).lower()
    if bare == "general":
        return "plain"
    if "d" in bare or "y" in bare:
        return "date"
    if "h" in bare or "s" in bare:
        return "time"
    if "m" in bare:
        return "date"
    return "percent" if "%" in bare else "plain"
