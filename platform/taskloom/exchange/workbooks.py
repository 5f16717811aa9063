"""Workbooks (XLSX) of typed cells, written row by row straight into the file.

Numbers and dates are such where a cell has room for all of their digits, and texts elsewhere. A
text is a text, whatever it begins with.
"""

import re
from collections.abc import Iterator, Sequence
from datetime import date
from decimal import Decimal
from typing import IO, BinaryIO, Final
from zipfile import ZIP_DEFLATED, ZipFile, ZipInfo

from taskloom.errors import Fault, Invalid
from taskloom.exchange.cells import NUMBERS, written

MOST_ROWS: Final = 1_048_576
"""What a sheet has room for, the header included; further rows go to further sheets."""
LONGEST_CELL: Final = 32_767
"""So many UTF-16 units."""
LARGEST_SHEET: Final = 1024 * 1024 * 1024
"""Above 2 GiB a sheet takes ZIP64, which makes programs ask whether the file is broken."""

SHEET: Final = "Tasks"
_PIECE: Final = 64 * 1024
_LEVEL: Final = 3
_WIDEST: Final = 60

_GENERAL, _BOLD, _DATE, _MONEY = range(4)
_STYLES: Final = {"date": _DATE, "currency": _MONEY}

_FLOAT_DIGITS: Final = 15
_LARGE: Final = Decimal(10**_FLOAT_DIGITS)
_SMALL: Final = Decimal("0.0001")
"""From here on down programs write numbers with an exponent."""
_FIRST_DAY: Final = "1900-03-01"
"""Before it, spreadsheets count a day that there never was."""
_DAY_ZERO: Final = date(1899, 12, 30).toordinal()

_MARKUP: Final = str.maketrans({"&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;"})
_ODD: Final = re.compile("_(?=x[0-9A-Fa-f]{4}_)|[\x00-\x08\x0b-\x1f]")
"""What the format writes as `_x000D_` and the like, and what looks so already."""
_NO_CHARACTER: Final = re.compile("[\ufffe\uffff]")
_ELSE: Final = "export to csv, ndjson or json, or without this field"

_XML: Final = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
_OFFICE: Final = "http://schemas.openxmlformats.org/officeDocument/2006"
_PACKAGE: Final = "http://schemas.openxmlformats.org/package/2006"
_MAIN: Final = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
_MEDIA: Final = "application/vnd.openxmlformats-officedocument.spreadsheetml"


class Workbook:
    """A workbook under way, to be closed; `columns` are titles with the kinds of the values."""

    def __init__(self, file: BinaryIO, columns: Sequence[tuple[str, str]]) -> None:
        self._zip = ZipFile(file, "w", ZIP_DEFLATED, compresslevel=_LEVEL)
        self._columns = [
            (title, kind, _letters(at), _STYLES.get(kind, _GENERAL))
            for at, (title, kind) in enumerate(columns)
        ]
        self._number = 0
        self._begin()

    def _begin(self) -> None:
        """Begin a sheet with its header."""
        self._number += 1
        self._sheet: IO[bytes] = self._zip.open(f"xl/worksheets/sheet{self._number}.xml", "w")
        self._held = [_XML, _sheet_head([title for title, *_ in self._columns])]
        self._size = self._written = self._row = 0
        self._put(_text(letters, 1, _spelt(title), _BOLD) for title, _, letters, _ in self._columns)

    def add(self, values: Sequence[object]) -> None:
        """Write a row of values, one for each column; None leaves the cell empty.

        Raises `Invalid` for a value that no cell has room for.
        """
        if self._row == MOST_ROWS or self._written > LARGEST_SHEET:
            self._end()
            self._begin()
        number = self._row + 1
        self._put(
            _cell(value, title, kind, letters=letters, row=number, style=style)
            for value, (title, kind, letters, style) in zip(values, self._columns, strict=True)
            if value is not None
        )

    def _put(self, cells: Iterator[str]) -> None:
        self._row += 1
        row = f'<row r="{self._row}">{"".join(cells)}</row>'
        self._held.append(row)
        self._size += len(row)
        if self._size > _PIECE:
            self._flush()

    def _flush(self) -> None:
        self._written += self._sheet.write("".join(self._held).encode())
        self._held, self._size = [], 0

    def _end(self) -> None:
        self._held.append("</sheetData></worksheet>")
        self._flush()
        self._sheet.close()

    def close(self) -> None:
        """Write what tells of the sheets."""
        self._end()
        for name, text in _parts(self._number).items():
            # Given by name alone it would tell the time, and no two files would be the same.
            self._zip.writestr(ZipInfo(name), _XML + text, compress_type=ZIP_DEFLATED)
        self._zip.close()


def _letters(column: int) -> str:
    """Name a column, counted from 0, as spreadsheets do: A to Z, then AA."""
    return ("" if column < 26 else _letters(column // 26 - 1)) + chr(65 + column % 26)  # noqa: PLR2004 - the letters of the alphabet


def _cell(value: object, title: str, kind: str, *, letters: str, row: int, style: int) -> str:
    if isinstance(value, bool):
        return f'<c r="{letters}{row}" t="b"><v>{int(value)}</v></c>'
    if kind in NUMBERS and _is_exact(str(value)):
        return f'<c r="{letters}{row}" s="{style}"><v>{value}</v></c>'
    if kind == "date" and str(value) >= _FIRST_DAY:
        day = date.fromisoformat(str(value)).toordinal() - _DAY_ZERO
        return f'<c r="{letters}{row}" s="{style}"><v>{day}</v></c>'
    return _text(letters, row, _fitting(written(value, kind), title), _GENERAL)


def _text(letters: str, row: int, spelt: str, style: int) -> str:
    start = f'<c r="{letters}{row}" s="{style}" t="inlineStr"><is><t xml:space="preserve">'
    return f"{start}{spelt}</t></is></c>"


def _is_exact(text: str) -> bool:
    """Tell whether a binary64 holds this number, and every program writes it plainly."""
    if len(text) <= _FLOAT_DIGITS and not text.startswith(("0.", "-0.")):
        return True
    number = Decimal(text)
    # Not by normalize(), which rounds to 28 digits first.
    digits = "".join(map(str, number.as_tuple().digits)).rstrip("0")
    return not number or (len(digits) <= _FLOAT_DIGITS and _SMALL <= abs(number) < _LARGE)


def _fitting(cell: str, title: str) -> str:
    """Spell the text of a cell; raise `Invalid` where no cell holds it."""
    # Only what is beyond the basic plane takes two units.
    if len(cell) > LONGEST_CELL // 2 and len(cell.encode("utf-16-le")) // 2 > LONGEST_CELL:
        message = f"is too long for a cell of a workbook, which holds {LONGEST_CELL:,} characters"
        raise Invalid([Fault(path=(title,), code="too_long", message=message, hint=_ELSE)])
    if _NO_CHARACTER.search(cell):
        message = "has characters that a workbook does not hold"
        raise Invalid([Fault(path=(title,), code="invalid", message=message, hint=_ELSE)])
    return _spelt(cell)


def _spelt(text: str) -> str:
    """Escape what XML or the format takes for something else."""
    plain = _ODD.sub(lambda odd: f"_x{ord(odd[0]):04X}_", text)
    return plain.translate(_MARKUP) if any(sign in plain for sign in '&<>"') else plain


# --- the parts around the sheets -----------------------------------------------------------------


def _sheet_head(titles: Sequence[str]) -> str:
    widths = "".join(
        f'<col min="{at}" max="{at}" width="{min(max(len(title) + 4, 16), _WIDEST)}"/>'
        for at, title in enumerate(titles, 1)
    )
    columns = f"<cols>{widths}</cols>" if widths else ""
    pane = '<pane ySplit="1" topLeftCell="A2" activePane="bottomLeft" state="frozen"/>'
    views = f'<sheetViews><sheetView workbookViewId="0">{pane}</sheetView></sheetViews>'
    return f'<worksheet xmlns="{_MAIN}">{views}{columns}<sheetData>'


def _parts(sheets: int) -> dict[str, str]:
    """Write all parts of the package but the sheets."""
    numbers = range(1, sheets + 1)
    names = [SHEET if number == 1 else f"{SHEET} {number}" for number in numbers]
    listed = "".join(
        f'<sheet name="{name}" sheetId="{number}" r:id="rId{number}"/>'
        for number, name in zip(numbers, names, strict=True)
    )
    related = "".join(
        _relation(number, "worksheet", f"worksheets/sheet{number}.xml") for number in numbers
    )
    typed = "".join(_override(f"/xl/worksheets/sheet{n}.xml", "worksheet") for n in numbers)
    relations = f'<Relationships xmlns="{_PACKAGE}/relationships">'
    return {
        "xl/workbook.xml": f'<workbook xmlns="{_MAIN}" xmlns:r="{_OFFICE}/relationships">'
        f"<sheets>{listed}</sheets></workbook>",
        "xl/_rels/workbook.xml.rels": f"{relations}{related}"
        f"{_relation(sheets + 1, 'styles', 'styles.xml')}</Relationships>",
        "xl/styles.xml": _STYLE_SHEET,
        "_rels/.rels": f"{relations}{_relation(1, 'officeDocument', 'xl/workbook.xml')}"
        "</Relationships>",
        "[Content_Types].xml": f'<Types xmlns="{_PACKAGE}/content-types">'
        f'<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.'
        f'relationships+xml"/><Default Extension="xml" ContentType="application/xml"/>'
        f"{_override('/xl/workbook.xml', 'sheet.main')}{_override('/xl/styles.xml', 'styles')}"
        f"{typed}</Types>",
    }


def _relation(number: int, kind: str, target: str) -> str:
    address = f"{_OFFICE}/relationships/{kind}"
    return f'<Relationship Id="rId{number}" Type="{address}" Target="{target}"/>'


def _override(part: str, kind: str) -> str:
    return f'<Override PartName="{part}" ContentType="{_MEDIA}.{kind}+xml"/>'


_FONT: Final = '<sz val="11"/><name val="Calibri"/>'
_STYLE_SHEET: Final = (
    f'<styleSheet xmlns="{_MAIN}">'
    '<numFmts count="1"><numFmt numFmtId="164" formatCode="yyyy\\-mm\\-dd"/></numFmts>'
    f'<fonts count="2"><font>{_FONT}</font><font><b/>{_FONT}</font></fonts>'
    '<fills count="2"><fill><patternFill patternType="none"/></fill>'
    '<fill><patternFill patternType="gray125"/></fill></fills>'
    '<borders count="1"><border><left/><right/><top/><bottom/><diagonal/></border></borders>'
    '<cellStyleXfs count="1"><xf numFmtId="0" fontId="0" fillId="0" borderId="0"/></cellStyleXfs>'
    '<cellXfs count="4"><xf numFmtId="0" fontId="0" fillId="0" borderId="0" xfId="0"/>'
    '<xf numFmtId="0" fontId="1" fillId="0" borderId="0" xfId="0" applyFont="1"/>'
    '<xf numFmtId="164" fontId="0" fillId="0" borderId="0" xfId="0" applyNumberFormat="1"/>'
    '<xf numFmtId="2" fontId="0" fillId="0" borderId="0" xfId="0" applyNumberFormat="1"/>'
    "</cellXfs></styleSheet>"
)
