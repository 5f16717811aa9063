"""XLSX files: what cells mean, which sheet is read, and what a hostile one cannot do."""

import contextlib
import io
import random
import zipfile
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from typing import Any

import pytest
import xlsxwriter

from taskloom.errors import Invalid, Malformed, TaskloomError, TooLarge
from taskloom.exchange.books import style_of
from taskloom.exchange.opening import open_rows
from taskloom.exchange.rows import Choices, Reader

PLAIN = Choices()
MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
RELATED = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"


def written(fill: Callable[[Any], None], **options: object) -> bytes:
    """Write a workbook with a library that people use."""
    file = io.BytesIO()
    book = xlsxwriter.Workbook(file, {"in_memory": True, **options})
    fill(book)
    book.close()
    return file.getvalue()


def packed(sheet: str, parts: Mapping[str, str | bytes] | None = None) -> bytes:
    """Put a sheet into the least of a workbook."""
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as package:
        package.writestr(
            "xl/workbook.xml",
            f'<workbook xmlns="{MAIN}" xmlns:r="{RELATED}"><sheets>'
            '<sheet name="S" sheetId="1" r:id="rId1"/></sheets></workbook>',
        )
        package.writestr(
            "xl/_rels/workbook.xml.rels",
            f'<Relationships><Relationship Id="rId1" Type="{RELATED}/worksheet" '
            'Target="worksheets/sheet1.xml"/></Relationships>',
        )
        package.writestr("xl/worksheets/sheet1.xml", sheet)
        for name, data in (parts or {}).items():
            package.writestr(name, data)
    return file.getvalue()


def sheet_of(rows: str) -> str:
    return f'<worksheet xmlns="{MAIN}"><sheetData>{rows}</sheetData></worksheet>'


def opened(data: bytes, choices: Choices = PLAIN) -> Reader:
    return open_rows(io.BytesIO(data), "a.xlsx", choices)


def values(data: bytes, choices: Choices = PLAIN) -> list[Mapping[str, Any]]:
    return [row.values for row in opened(data, choices).rows()]


def test_cells_are_what_they_are_and_texts_what_they_say() -> None:
    def fill(book: Any) -> None:
        sheet = book.add_worksheet()
        sheet.write_row(0, 0, ["Text", "Whole", "Part", "Day", "At", "Share", "Yes", "Sum", "Time"])
        sheet.write_string(1, 0, " =a_x000D_&<b> ")
        sheet.write_number(1, 1, 42)
        sheet.write_number(1, 2, 0.1)
        day = book.add_format({"num_format": "dd/mm/yyyy"})
        sheet.write_datetime(1, 3, datetime(2025, 12, 31), day)  # noqa: DTZ001 - a cell has no zone
        at = book.add_format({"num_format": 'yyyy"d"-mm-dd hh:mm'})
        sheet.write_datetime(1, 4, datetime(2025, 12, 31, 15, 4, 5), at)  # noqa: DTZ001 - as above
        sheet.write_number(1, 5, 0.125, book.add_format({"num_format": "0.0%"}))
        sheet.write_boolean(1, 6, boolean=True)
        sheet.write_formula(1, 7, "=1+1", None, 2)
        sheet.write_number(1, 8, 0.75, book.add_format({"num_format": "h:mm"}))

    (row,) = values(written(fill))

    assert row == {
        "Text": " =a_x000D_&<b> ",
        "Whole": 42,
        "Part": Decimal("0.1"),
        "Day": "2025-12-31",
        "At": "2025-12-31T15:04:05Z",
        "Share": "12.500%",
        "Yes": True,
        "Sum": 2,
        "Time": "18:00:00",
    }


def test_days_that_count_from_1904_are_the_same_days() -> None:
    def fill(book: Any) -> None:
        sheet = book.add_worksheet()
        sheet.write(0, 0, "Day")
        sheet.write(0, 1, "B")
        day = book.add_format({"num_format": 14})
        sheet.write_datetime(1, 0, datetime(2025, 12, 31), day)  # noqa: DTZ001 - a cell has no zone

    assert [{"Day": "2025-12-31", "B": ""}] == values(written(fill, date_1904=True))


def test_numbers_are_those_that_people_see() -> None:
    cells = "".join(
        f'<row r="{at}"><c r="A{at}"><v>{text}</v></c><c r="B{at}"><v>1</v></c></row>'
        for at, text in enumerate(["0.30000000000000004", "1E-3", "9007199254740992", "1.0"], 2)
    )
    head = '<row r="1"><c r="A1" t="str"><v>A</v></c><c r="B1" t="str"><v>B</v></c></row>'

    found = [row["A"] for row in values(packed(sheet_of(head + cells)))]

    assert found == [Decimal("0.3"), Decimal("0.001"), 9007199254740992, 1]


HEAD = '<row r="2"><c r="A2" t="str"><v>A</v></c><c r="B2" t="str"><v>B</v></c></row>'


@pytest.mark.parametrize(
    ("cell", "told"),
    [
        ('<c r="B3" t="e"><v>#DIV/0!</v></c>', "cell B3 is an error: #DIV/0!"),
        ('<c r="B3"><f>A1+1</f></c>', "cell B3 has a formula without a value"),
        ('<c r="B3"><v>1e</v></c>', "cell B3 holds no number"),
        ('<c r="C3"><v>1</v></c>', "has a value in column C, which has no name"),
    ],
)
def test_a_cell_that_says_nothing_refuses_its_row_and_no_other(cell: str, told: str) -> None:
    rows = f'{HEAD}<row r="3"><c r="A3"><v>1</v></c>{cell}</row><row><c><v>2</v></c></row>'

    bad, good = opened(packed(sheet_of(rows))).rows()

    assert (bad.line, bad.fault[: len(told)]) == (3, told)
    assert (good.line, good.values) == (4, {"A": 2, "B": ""})


def test_prefixes_rich_texts_and_phonetic_signs_do_not_matter() -> None:
    texts = (
        f'<sst xmlns="{MAIN}"><si><r><t>Na</t></r><r><t>me</t></r><rPh><t>x</t></rPh></si></sst>'
    )
    rows = (
        f'<x:worksheet xmlns:x="{MAIN}"><x:sheetData><x:row r="1"><x:c r="A1" t="s"><x:v>0</x:v>'
        '</x:c></x:row><x:row r="2"><x:c r="A2" t="inlineStr"><x:is><x:t>a</x:t></x:is></x:c>'
        "</x:row></x:sheetData></x:worksheet>"
    )

    assert [{"Name": "a"}] == values(packed(rows, {"xl/sharedStrings.xml": texts}))


def test_what_merged_cells_show_stands_in_each_of_them() -> None:
    def fill(book: Any) -> None:
        sheet = book.add_worksheet()
        sheet.write_row(0, 0, ["Team", "Name"])
        sheet.merge_range(1, 0, 3, 0, "Blue")
        for at in range(4):
            sheet.write(at + 1, 1, f"n{at}")

    assert ["Blue", "Blue", "Blue", ""] == [row["Team"] for row in values(written(fill))]


def test_what_stands_above_the_header_is_left_out_and_told() -> None:
    def fill(book: Any) -> None:
        sheet = book.add_worksheet()
        sheet.write(0, 0, "Report of the year")
        sheet.write_row(2, 0, ["A", "B"])
        sheet.write_row(3, 0, [1, 2])

    reader = opened(written(fill))

    assert [{"A": 1, "B": 2}] == [row.values for row in reader.rows()]
    assert "row 3 names the columns" in reader.notes[0]


def several(book: Any) -> None:
    book.add_worksheet("Empty")
    for name, head in (("One", ["A", "B"]), ("Two", ["A", "B"]), ("Other", ["X", "Y"])):
        sheet = book.add_worksheet(name)
        sheet.write_row(0, 0, head)
        sheet.write_row(1, 0, [name, 1])
    book.add_worksheet("Hidden").hide()


def test_sheets_of_one_header_are_one_table_and_others_are_told() -> None:
    reader = opened(written(several))

    assert ["One", "Two"] == [row.values["A"] for row in reader.rows()]
    assert ["one table", "not 'Other'; `sheet` says otherwise"] == [
        note[-len(tail) :]
        for note, tail in zip(
            reader.notes, ["one table", "not 'Other'; `sheet` says otherwise"], strict=True
        )
    ]


def test_a_sheet_can_be_chosen_and_one_that_is_not_there_is_refused() -> None:
    data = written(several)

    assert [{"X": "Other", "Y": 1}] == values(data, Choices(sheet="Other"))
    with pytest.raises(Invalid) as raised:
        opened(data, Choices(sheet="Tow"))
    assert "'Two'" in raised.value.faults[0].hint


def test_a_million_shared_texts_lie_on_disk() -> None:
    def fill(book: Any) -> None:
        sheet = book.add_worksheet()
        sheet.write_row(0, 0, ["A", "B"])
        for at in range(3000):
            sheet.write_row(at + 1, 0, [f"text {at} " + "ü" * (at % 700), f"other {3000 - at}"])

    found = values(written(fill))

    assert [f"text {at} " + "ü" * (at % 700) for at in range(3000)] == [row["A"] for row in found]
    assert [f"other {3000 - at}" for at in range(3000)] == [row["B"] for row in found]


@pytest.mark.parametrize(
    ("code", "style"),
    [
        ("General", "plain"),
        ("0.00E+00", "plain"),
        ("#,##0.00 [$€-407];[Red]-#,##0.00", "plain"),
        ('0 "days"', "plain"),
        ("dd/mm/yyyy", "date"),
        ("mmm-yy", "date"),
        ("[$-409]m/d/yy h:mm AM/PM", "date"),
        ("hh:mm:ss", "time"),
        ("[h]:mm", "elapsed"),
        ("0.0%", "percent"),
        (r"0\d", "plain"),
    ],
)
def test_a_number_format_tells_what_a_number_means(code: str, style: str) -> None:
    assert style == style_of(code)


def zeros(size: int) -> str:
    return sheet_of('<row r="1"><c r="A1" t="str"><v>A</v></c></row>' + " " * size)


ENTITIES = (
    '<!DOCTYPE x [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;">]>'
    f'<worksheet xmlns="{MAIN}"><sheetData><row r="1"><c t="str"><v>&b;</v></c></row></sheetData>'
    "</worksheet>"
)
HOSTILE: Mapping[str, Callable[[], bytes]] = {
    "unpacks to more": lambda: packed(zeros(70 * 1024 * 1024)),
    "entities": lambda: packed(ENTITIES),
    "a long tag": lambda: packed(sheet_of(f'<row r="1" x="{"a" * 3_000_000}"/>')),
    "deep": lambda: packed(sheet_of("<a>" * 200_000)),
    "a long text": lambda: packed(
        sheet_of(f'<row r="1"><c t="str"><v>{"ab" * 6_000_000}</v></c></row>')
    ),
    "cells without end": lambda: packed(sheet_of('<row r="1">' + "<c><v>1</v></c>" * 300_000)),
    "half": lambda: written(several)[:2000],
    "broken": lambda: packed(sheet_of('<row r="1"><c t="str"><v>A</v></c>')),
    "no workbook": lambda: packed("")[:0] + _zip({"a.txt": b"x"}),
    "nowhere": lambda: packed(sheet_of('<row r="1"><c r="ZZZZ1"><v>1</v></c></row>')),
    "no such text": lambda: packed(sheet_of('<row r="1"><c t="s"><v>7</v></c></row>')),
    "many parts": lambda: _zip({f"{at:050}": b"" for at in range(20_000)}),
}


def _zip(parts: Mapping[str, bytes]) -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as package:
        for name, data in parts.items():
            package.writestr(name, data)
    return file.getvalue()


@pytest.mark.parametrize("make", HOSTILE.values(), ids=HOSTILE.keys())
def test_a_hostile_workbook_is_refused(make: Callable[[], bytes]) -> None:
    data = make()

    with pytest.raises((Invalid, Malformed, TooLarge)):
        list(opened(data).rows())


def test_wide_rows_of_little_text_are_not_spread_out() -> None:
    rows = "".join(f'<row r="{at}"><c r="XFD{at}"><v>1</v></c></row>' for at in range(2, 3000))
    head = '<row r="1"><c r="A1" t="str"><v>A</v></c></row>'

    found = list(opened(packed(sheet_of(head + rows))).rows())

    assert {"has a value in column XFD, which has no name"} == {row.fault for row in found}
    assert {1} == {len(row.raw) for row in found}


def test_every_refusal_is_one_that_people_can_read() -> None:
    told: Sequence[str] = []
    for make in (HOSTILE["half"], HOSTILE["entities"], HOSTILE["deep"]):
        try:
            list(opened(make()).rows())
        except Invalid as invalid:
            told = [*told, invalid.faults[0].message]
        except TaskloomError as error:
            told = [*told, error.message]

    assert ["whole", "document type", "deeper"] == [
        next(word for word in ("whole", "document type", "deeper") if word in text) for text in told
    ]


def damaged(data: bytes, seed: int) -> bytes:
    """Change a few bytes of the parts of a workbook."""
    chance = random.Random(seed)
    parts: dict[str, bytes] = {}
    with zipfile.ZipFile(io.BytesIO(data)) as package:
        for name in package.namelist():
            part = bytearray(package.read(name))
            for _ in range(chance.randint(0, 3)):
                at = chance.randrange(len(part))
                length = chance.randint(0, 6)
                part[at : at + length] = bytes(chance.choices(b'0123456789<>/"=rstcvZ-', k=length))
            parts[name] = bytes(part)
    return _zip(parts)


@pytest.mark.parametrize("seed", range(8))
def test_a_damaged_workbook_is_read_or_refused_but_breaks_nothing(seed: int) -> None:
    data = written(several)

    for number in range(25):
        with contextlib.suppress(Invalid, Malformed, TooLarge):
            for row in opened(damaged(data, 100 * seed + number)).rows():
                assert row.line > 0
    for size in range(0, len(data), len(data) // 25):
        with contextlib.suppress(Invalid, Malformed, TooLarge):
            list(opened(data[: size + seed]).rows())
