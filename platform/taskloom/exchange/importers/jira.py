"""Jira: the CSV export of issues, where a column stands as often as an issue has values for it."""

import re
from collections.abc import Callable, Mapping, Sequence
from typing import BinaryIO, Final

from taskloom.exchange.rows import Choices, Row
from taskloom.exchange.sources import IMPORTERS, Clue, Refined, Shape, attachment
from taskloom.exchange.tables import Table

SOURCE: Final = "jira"
_ALWAYS: Final = frozenset({"Issue key", "Summary"})
_LISTS: Final = frozenset(
    {
        "Labels",
        "Component/s",
        "Components",
        "Fix Version/s",
        "Fix versions",
        "Affects Version/s",
        "Affects versions",
        "Sprint",
        "Watchers",
    }
)
_CUSTOM: Final = re.compile(r"Custom field \((.+)\)")
_WRITTEN: Final = re.compile(r"(?P<at>[^;\n]{6,40});(?P<who>[^;\n]*);(?P<text>.*)", re.DOTALL)
_HINTS: Final = {
    "Summary": ("Title", "Name"),
    "Issue key": ("Key", "ID"),
    "Status": ("Stage",),
    "Assignee": ("Assigned To",),
    "Description": ("Notes",),
    "Due date": ("Due", "Due On"),
    "Due Date": ("Due", "Due On"),
    "Attachment": ("Attachments", "Files"),
    "Comment": ("Comments",),
}

Gather = Callable[[Sequence[str]], object]


@IMPORTERS.register(SOURCE)
class Jira:
    """The CSV export of issues."""

    label = "issues of Jira"

    def claims(self, clue: Clue) -> bool:
        return clue.form == "table" and clue.names >= _ALWAYS

    def open(self, file: BinaryIO, name: str, choices: Choices) -> Refined:
        table = Table(file, name, choices)
        gathered = _gathered(table.header.raw)

        def refine(row: Row) -> Row:
            values: dict[str, object] = {}
            for column, (places, gather) in gathered.items():
                cells = [row.raw[at] for at in places]
                values[column] = gather(cells) if gather else cells[0]
            return Row(line=row.line, values=values, raw=row.raw)

        shape = Shape(source=SOURCE, unique="Issue key", hints=_HINTS)
        refined = Refined(table, shape, list(gathered), refine)
        # That names stand there twice is how Jira writes lists.
        refined.notes = table.told
        return refined


def _gathered(names: Sequence[str]) -> Mapping[str, tuple[list[int], Gather | None]]:
    """Find the places of each column, and how its cells become one value."""
    places: dict[str, list[int]] = {}
    for at, name in enumerate(names):
        if name:
            places.setdefault(name, []).append(at)
    found: dict[str, tuple[list[int], Gather | None]] = {}
    for name, mine in places.items():
        custom = _CUSTOM.fullmatch(name)
        short = custom[1] if custom and custom[1] not in places else name
        found[name if short in found else short] = (mine, _gather(name, len(mine)))
    return found


def _gather(name: str, count: int) -> Gather | None:
    if name in ("Comment", "Comments"):
        return _comments
    if name in ("Attachment", "Attachments"):
        return _attachments
    return _listed if count > 1 or name in _LISTS else None


def _listed(cells: Sequence[str]) -> object:
    return list(dict.fromkeys(cell.strip() for cell in cells if cell.strip()))


def _comments(cells: Sequence[str]) -> object:
    told = []
    for cell in filter(str.strip, cells):
        found = _WRITTEN.fullmatch(cell)
        told.append(f"{found['at']} {found['who']}: {found['text']}" if found else cell)
    return "\n\n".join(told)


def _attachments(cells: Sequence[str]) -> object:
    found = []
    for cell in filter(str.strip, cells):
        *before, url = cell.split(";")
        entry = attachment(before[-1] if before else None, url.strip())
        found.append(entry if entry is not None else cell)
    return found
