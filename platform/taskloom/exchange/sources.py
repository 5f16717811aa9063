"""Importers: what turns the export of another program into plain rows; one file a program."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Any, BinaryIO, Final, Literal, Protocol

from taskloom.errors import Malformed, TooLarge
from taskloom.exchange.documents import Text, items, members
from taskloom.exchange.rows import Choices, Reader, Row, Sampled
from taskloom.exchange.tables import Table
from taskloom.registry import Registry

PLAIN: Final = "plain"
"""The source of a file that no importer shall read."""

LISTS: Final = frozenset({"actions", "cards", "checklists", "data", "items", "lists"})
"""Arrays in the exports of programs that may be long."""

HEAD: Final = 256 * 1024
_MOST_MEMBERS: Final = 200


@dataclass(frozen=True, slots=True, kw_only=True)
class Clue:
    """What a file looks like: a table with its column names, or a JSON document.

    `names` are the column names, or those members of an object that come before its first long
    array, this one included; `item` are the keys of the first item of the array. `head` is the
    start of the file.
    """

    form: Literal["table", "object", "array"]
    names: frozenset[str]
    item: frozenset[str] = frozenset()
    head: bytes = b""


class Importer(Protocol):
    """Reads the export of one program. The name it is registered under is the file's source."""

    label: str

    def claims(self, clue: Clue) -> bool:
        """Tell whether a file is such an export."""

    def open(self, file: BinaryIO, name: str, choices: Choices) -> Reader:
        """Make the reader of such an export."""


IMPORTERS: Final[Registry[Importer]] = Registry("importer", "taskloom.exchange.importers")


def clue_of(file: BinaryIO, name: str) -> Clue | None:
    """Look at the start of a JSON document; None if it is broken there already."""
    file.seek(0)
    head = file.read(HEAD)
    file.seek(0)
    try:
        text = Text(file, name)
        if text.take("[") is not None:
            first = next((value for value, _, _ in items(text)), None)
            return Clue(form="array", names=frozenset(), item=_keys(first), head=head)
        names: list[str] = []
        for key, value, _ in islice(members(text, LISTS), _MOST_MEMBERS):
            names.append(key)
            if key in LISTS:
                return Clue(form="object", names=frozenset(names), item=_keys(value), head=head)
        return Clue(form="object", names=frozenset(names), head=head)
    except (Malformed, TooLarge):
        return None
    finally:
        file.seek(0)


def _keys(value: object) -> frozenset[str]:
    return frozenset(value) if isinstance(value, dict) else frozenset()


@dataclass(frozen=True, slots=True, kw_only=True)
class Shape:
    """What an importer knows of its columns: the unique one, and titles they may go to.

    `stages` are the names of stages in order, where the file tells.
    """

    source: str
    unique: str = ""
    hints: Mapping[str, Sequence[str]]
    stages: Sequence[str] = ()


class Refined(Sampled):
    """A table whose rows are turned into others."""

    tabular = True

    def __init__(
        self, table: Table, shape: Shape, columns: Sequence[str], refine: Callable[[Row], Row]
    ) -> None:
        super().__init__(table.file, table.name, table.choices)
        self.source = shape.source
        self.hints = shape.hints
        self.unique = shape.unique
        self.notes = table.notes
        self.raw_columns = table.raw_columns
        self._table = table
        self._columns = columns
        self._refine = refine

    def columns(self) -> Sequence[str]:
        """Return the columns of the rows that come out."""
        return self._columns

    def _read(self) -> Iterator[Row]:
        return (row if row.fault else self._refine(row) for row in self._table.rows())


class Shaped(Sampled):
    """A JSON document whose parts are turned into rows."""

    def __init__(
        self,
        file: BinaryIO,
        name: str,
        choices: Choices,
        *,
        shape: Shape,
        read: Callable[[], Iterator[Row]],
    ) -> None:
        super().__init__(file, name, choices)
        self.source = shape.source
        self.hints = shape.hints
        self.unique = shape.unique
        self.stages = shape.stages
        self._rows_of = read

    def _read(self) -> Iterator[Row]:
        self.file.seek(0)
        return self._rows_of()


class _Unsaid:
    """The type of what an export does not say, which is not null."""


UNSAID: Final = _Unsaid()


def said(value: object, *path: str) -> Any:
    """Return what stands at a path of keys in JSON; null where it ends there, else `UNSAID`."""
    for key in path:
        if value is None:
            return None
        value = value.get(key, UNSAID) if isinstance(value, dict) else UNSAID
    return value


def first(value: object, *keys: str) -> Any:
    """Return what stands at the first of these keys that an object has."""
    return next((found for key in keys if (found := said(value, key)) is not UNSAID), UNSAID)


def part(value: object, *path: str) -> Any:
    """Return what stands at a path of keys in JSON, or None."""
    found = said(value, *path)
    return None if found is UNSAID else found


def named(values: object, *keys: str) -> Any:
    """Return a text of each object in a list, by the first key that gives one; texts stay.

    What is `UNSAID` stays so.
    """
    if values is UNSAID:
        return UNSAID
    found: list[str] = []
    for value in values if isinstance(values, list) else ():
        texts = [value] if isinstance(value, str) else [part(value, key) for key in keys]
        found += [text for text in texts if isinstance(text, str) and text][:1]
    return list(dict.fromkeys(found))


def attachment(name: object, url: object) -> dict[str, str] | None:
    """Make the entry of a file that another program has, or None if nobody could fetch it."""
    if not isinstance(url, str) or not url.startswith(("https://", "http://")):
        return None
    entry = {"remoteUrl": url}
    if isinstance(name, str) and (plain := name.replace("\\", "/").rsplit("/", 1)[-1].strip(" .")):
        entry["filename"] = plain[-255:]
    return entry


def kept(values: Mapping[str, object]) -> dict[str, object]:
    """Leave out what an export does not say."""
    return {column: value for column, value in values.items() if value is not UNSAID}
