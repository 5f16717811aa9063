"""XLSX files: rows of a sheet, one after the other, whatever the workbook holds."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from decimal import Decimal, InvalidOperation
from functools import lru_cache
from typing import Any, BinaryIO, Final

from taskloom.errors import Malformed
from taskloom.exchange.books import Book, Sheet, Style, Styles
from taskloom.exchange.dates import of_serial
from taskloom.exchange.headers import Header
from taskloom.exchange.merged import Merged, merged_in
from taskloom.exchange.packages import Handlers, Package
from taskloom.exchange.rows import LARGEST_ROW, Choices, Row, Sampled, is_blank, too_long, unfit
from taskloom.exchange.strings import Strings, plain

Cells = list[tuple[int, Any]]
_Found = tuple[int, Cells, str]
"""Number and cells of a row, and why it cannot be read."""

_DIGITS: Final = "0123456789"
_LONGEST_REFERENCE: Final = 3
_LETTERS: Final = 26
_MOST_COLUMNS: Final = 16_384
_MOST_ABOVE: Final = 10
_EXACT: Final = 15
_LONGEST_NUMBER: Final = 400


class Sheets(Sampled):
    """The sheet that is asked for; or the first that is not empty, and those that go on with it."""

    tabular = True

    def __init__(self, file: BinaryIO, name: str, choices: Choices) -> None:
        super().__init__(file, name, choices)
        self._package = Package(file, name)
        book = Book(self._package)
        self._since_1904 = book.since_1904
        self._styles = Styles(self._package, book.part_of("styles", "xl/styles.xml")).shown
        texts = book.part_of("sharedStrings", "xl/sharedStrings.xml")
        self._strings = Strings(self._package, texts)
        heads = self._heads(book.sheets)
        self._sheet, (self._top, cells) = self._chosen(book.sheets, heads)
        self.header = Header([_shown(cell) for cell in cells])
        self._further = [] if choices.sheet else self._alike(book.sheets, heads)
        self.choices = replace(choices, format="xlsx", sheet=self._sheet.name)
        self.raw_columns = self.header.raw
        asked = choices.sheet is not None
        self.notes = (*(() if asked else self._several(heads)), *self._above(), *self.header.notes)

    def _heads(self, sheets: Sequence[Sheet]) -> dict[str, tuple[int, list[Any]]]:
        """Find the number and the cells of each sheet's header, by the name of the sheet."""
        asked = self.choices.sheet
        found: dict[str, tuple[int, list[Any]]] = {}
        for sheet in sheets:
            if sheet.visible or sheet.name == asked:
                head = _head(self._rows(sheet))
                if head is not None:
                    found[sheet.name] = head
        return found

    def _chosen(
        self, sheets: Sequence[Sheet], heads: Mapping[str, tuple[int, list[Any]]]
    ) -> tuple[Sheet, tuple[int, list[Any]]]:
        asked = self.choices.sheet
        if asked is not None and asked not in {sheet.name for sheet in sheets}:
            names = ", ".join(repr(sheet.name) for sheet in sheets[:20])
            raise unfit(f"has no `sheet` {asked!r}", f"its sheets are {names}", "unknown")
        for sheet in sheets:
            if sheet.name in heads and asked in (None, sheet.name):
                return sheet, heads[sheet.name]
        raise unfit("is empty", "the first row of a sheet names the columns", "blank")

    def _alike(
        self, sheets: Sequence[Sheet], heads: Mapping[str, tuple[int, list[Any]]]
    ) -> list[tuple[Sheet, int]]:
        """Return the later sheets that have the same header: tables too long for one sheet."""
        head = heads[self._sheet.name][1]
        later = sheets[list(sheets).index(self._sheet) + 1 :]
        return [
            (sheet, heads[sheet.name][0])
            for sheet in later
            if heads.get(sheet.name, (0, []))[1] == head
        ]

    def _several(self, heads: Mapping[str, object]) -> Iterator[str]:
        if len(heads) > 1:
            read = [self._sheet.name, *(sheet.name for sheet, _ in self._further)]
            left = [name for name in heads if name not in read]
            if len(read) > 1:
                yield f"{self.name}: the sheets {_listed(read)} have one header and are one table"
            if left:
                others = f"{read[0]!r} is read, not {_listed(left)}"
                yield f"{self.name}: {others}; `sheet` says otherwise"

    def _above(self) -> Iterator[str]:
        if self._top > 1:
            yield f"{self.name}: row {self._top} names the columns; what stands above is left out"

    def _rows(self, sheet: Sheet) -> Iterator[_Found]:
        reader = _Reader(self._strings, self._styles, self.name, since_1904=self._since_1904)
        for _ in self._package.parse(sheet.part, reader):
            found, reader.found = reader.found, []
            yield from found

    def columns(self) -> Sequence[str]:
        return self.header.columns

    def _read(self) -> Iterator[Row]:
        for sheet, top in [(self._sheet, self._top), *self._further]:
            merged = Merged(merged_in(self._package, sheet.part))
            for number, cells, fault in self._rows(sheet):
                if number > top:
                    yield from self._row(number, cells, fault, merged)

    def _row(self, number: int, found: Cells, fault: str, merged: Merged) -> Iterator[Row]:
        """Make a row, if it is not empty; cells beyond the header are not spread out."""
        size = len(self.header.named)
        cells = merged.filled(number, _spread(found, size))
        beside = next((at for at, value in found if at >= size and not is_blank(value)), None)
        if beside is not None and not fault:
            fault = f"has a value in column {_letters(beside)}, which has no name"
        if not fault and all(cell == "" for cell in cells):
            return
        raw = [_shown(cell) for cell in cells]
        if fault:
            yield Row(line=number, values={}, raw=raw, fault=fault)
            return
        row = self.header.row(number, cells)
        yield Row(line=number, values=row.values, raw=raw, fault=row.fault)


def _head(rows: Iterator[_Found]) -> tuple[int, list[Any]] | None:
    """Find the header: the first row with several cells, or the first at all if none has."""
    first: tuple[int, list[Any]] | None = None
    for at, (number, cells, _fault) in enumerate(rows):
        filled = sum(not is_blank(value) for _, value in cells)
        if filled > 1 or (filled and first is None):
            first = (number, _spread(cells, max(at for at, _ in cells) + 1))
        if filled > 1 or at >= _MOST_ABOVE:
            break
    return first


def _spread(cells: Cells, size: int) -> list[Any]:
    """Put cells where they stand among as many columns, with empty ones between."""
    spread: list[Any] = [""] * size
    for at, value in cells:
        if at < size:
            spread[at] = value
    return spread


class _Reader(Handlers):
    """Gathers rows of a sheet: their numbers, cells, and why they cannot be read."""

    def __init__(
        self, strings: Strings, styles: Sequence[Style], name: str, *, since_1904: bool
    ) -> None:
        super().__init__()
        self.found: list[_Found] = []
        self._strings = strings
        self._styles = styles
        self._name = name
        self._since_1904 = since_1904
        self._number = 0
        self._cells: Cells = []
        self._fault = ""
        self._long = 0
        self._column = -1
        self._type = "n"
        self._style: Style = "plain"
        self._held: list[str] = []
        self._taking = False
        self._aside = False
        self._formula = False
        self._said = False

    def start(self, tag: str, attributes: Mapping[str, str]) -> None:
        """Begin a row, a cell, or what is in it."""
        if tag == "c":
            self._begin_cell(attributes)
        elif tag in ("v", "t"):
            self._said = True
            self._taking = not self._aside
        elif tag == "row":
            said = attributes.get("r", "")
            self._number = int(said) if said.isdecimal() else self._number + 1
            self._cells, self._fault, self._long, self._column = [], "", 0, -1
        elif tag == "f":
            self._formula = True
        elif tag == "rPh":
            self._aside = True

    def _begin_cell(self, attributes: Mapping[str, str]) -> None:
        reference = attributes.get("r")
        self._column = self._column + 1 if reference is None else _column(reference.rstrip(_DIGITS))
        self._type = attributes.get("t", "n")
        said = attributes.get("s")
        self._style = "plain"
        if said is not None and self._type == "n" and said.isdecimal():
            at = int(said)
            self._style = self._styles[at] if at < len(self._styles) else "plain"
        self._held = []
        self._formula = self._said = False

    def text(self, data: str) -> None:
        """Take what stands in a cell."""
        if self._taking:
            self._held.append(data)
            self._long += len(data)
            if self._long > LARGEST_ROW:
                raise too_long(self._name, self._number)

    def end(self, tag: str) -> None:
        """Finish a cell or a row."""
        if tag in ("v", "t"):
            self._taking = False
        elif tag == "c":
            self._end_cell()
        elif tag == "row":
            self._end_row()
        elif tag == "rPh":
            self._aside = False

    def _end_cell(self) -> None:
        text = "".join(self._held)
        if self._formula and not self._said:
            self._refuse("has a formula without a value", "save it in a spreadsheet program")
        elif self._type == "e":
            self._refuse(f"is an error: {text[:20]}")
        elif text:
            self._cells.append((self._column, self._value(text)))
            if len(self._cells) > _MOST_COLUMNS:
                raise Malformed(f"{self._name}: row {self._number} has more cells than columns")

    def _refuse(self, reason: str, hint: str = "") -> None:
        if not self._fault:
            self._fault = f"cell {_letters(self._column)}{self._number} {reason}"
            self._fault += f" ({hint})" if hint else ""

    def _value(self, text: str) -> Any:
        if self._type == "s":
            if not text.isdecimal():
                raise Malformed(f"{self._name}: a cell names no shared text: {text[:20]!r}")
            return self._strings[int(text)]
        if self._type == "n":
            return self._numeric(text)
        if self._type == "b":
            return text.strip() == "1"
        return plain(text)

    def _numeric(self, text: str) -> Any:
        number = _number(text)
        if number is None:
            self._refuse(f"holds no number: {text[:20]!r}")
            return ""
        if self._style == "plain":
            return number
        if self._style == "percent":
            return f"{format(number * Decimal(100), 'f')}%"
        return _moment(float(number), self._style, since_1904=self._since_1904)

    def _end_row(self) -> None:
        if self._cells or self._fault:
            self.found.append((self._number, self._cells, self._fault))


@lru_cache(maxsize=_MOST_COLUMNS)
def _column(letters: str) -> int:
    """Return the number (from 0) of the column that letters name."""
    at = -1
    for letter in letters if len(letters) <= _LONGEST_REFERENCE else "":
        at = (at + 1) * _LETTERS + ord(letter) - ord("A")
    if not (letters.isascii() and letters.isupper() and 0 <= at < _MOST_COLUMNS):
        raise Malformed(f"a cell stands in no column: {letters[:20]!r}")
    return at


def _letters(column: int) -> str:
    """Name a column (from 0) with letters."""
    before = _letters(column // _LETTERS - 1) if column >= _LETTERS else ""
    return before + chr(ord("A") + column % _LETTERS)


def _number(text: str) -> int | Decimal | None:
    """Read a number as a spreadsheet shows it: to 15 digits."""
    if len(text) <= _EXACT and text.isdecimal() and text.isascii():
        return int(text)
    try:
        number = Decimal(text) if len(text) <= _LONGEST_NUMBER else Decimal("NaN")
    except InvalidOperation:
        return None
    if not number.is_finite() or abs(number.adjusted()) > _LONGEST_NUMBER:
        return None
    if len(number.as_tuple().digits) > _EXACT and number != number.to_integral_value():
        number = Decimal(f"{number:.{_EXACT}g}")
    whole = int(number)
    return whole if whole == number else number.normalize()


def _moment(number: float, style: Style, *, since_1904: bool) -> str:
    if style == "elapsed" or (style == "time" and not 0 <= number < 1):
        seconds = round(number * 86_400)
        return f"{seconds // 3600}:{seconds // 60 % 60:02}:{seconds % 60:02}"
    when = of_serial(number, since_1904=since_1904)
    if when is None:
        return str(number)
    if style == "time":
        return when.time.removesuffix("Z") or "00:00:00"
    return f"{when.day}T{when.time}" if when.time else when.day


def _shown(cell: Any) -> str:
    """Spell a cell as text."""
    if isinstance(cell, bool):
        return "true" if cell else "false"
    return format(cell, "f") if isinstance(cell, Decimal) else str(cell)


def _listed(names: Sequence[str]) -> str:
    return ", ".join(repr(name) for name in names[:20])
