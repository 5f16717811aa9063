"""Files of rows as readers: tables and JSON, sound and broken, whatever they are called."""

import csv
import io
import json
from collections.abc import Sequence
from contextlib import suppress
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from taskloom.errors import Invalid, Malformed, TooLarge
from taskloom.exchange import rows as limits
from taskloom.exchange.documents import Array, Lines, parse, parse_line, written
from taskloom.exchange.opening import open_rows
from taskloom.exchange.rows import Choices, Reader, Row
from taskloom.exchange.tables import Table

PLAIN = Choices()


def opened(data: bytes | str, name: str = "t.csv", choices: Choices = PLAIN) -> Reader:
    return open_rows(io.BytesIO(data if isinstance(data, bytes) else data.encode()), name, choices)


def table(data: bytes | str, choices: Choices = PLAIN) -> Table:
    whole = data.encode() if isinstance(data, str) else data
    return Table(io.BytesIO(whole), "t.csv", choices)


def array(text: str) -> list[Row]:
    return list(Array(io.BytesIO(text.encode()), "a.json", PLAIN).rows())


def lines(text: str) -> list[Row]:
    return list(Lines(io.BytesIO(text.encode()), "a.ndjson", PLAIN).rows())


@pytest.mark.parametrize(
    ("data", "columns"),
    [
        ("ID,Name\n", ["ID", "Name"]),
        ("\n\n ID , Name \r\n", ["ID", "Name"]),
        ("\ufeffID;Name,x;y\n", ["ID", "Name,x", "y"]),
        ("ID\tName\n", ["ID", "Name"]),
        ("ID|Name\n", ["ID", "Name"]),
        ("ID\n", ["ID"]),
        ('"ID;a;b;c",Name,x,y,z\n', ["ID;a;b;c", "Name", "x", "y", "z"]),
        ("ID,Name\n".encode("utf-16"), ["ID", "Name"]),
    ],
)
def test_a_header_is_read_whatever_the_delimiter_and_the_encoding(
    data: bytes | str, columns: list[str]
) -> None:
    assert columns == table(data).columns()


def test_lines_are_counted_as_an_editor_counts_them() -> None:
    read = table('ID,Name\n1,"a\nb"\n\n2,c\n3\n')

    assert [2, 5, 6] == [row.line for row in read.rows()]


def test_marks_of_a_rejects_file_are_no_part_of_the_row() -> None:
    read = table("_line,ID,_errors,Name\n7,1,bad,a\n8,2,bad\n")

    assert [["1", "a"], ["2"]] == [row.raw for row in read.rows()]


def test_a_named_encoding_is_not_doubted() -> None:
    read = table("Größe\n".encode("cp850"), Choices(encoding="cp850"))

    assert ["Größe"] == read.columns()
    assert tuple(read.notes) == ()


def test_an_unknown_or_a_wrong_encoding_is_refused() -> None:
    for encoding in ("utf-88", "ascii"):
        with pytest.raises(Invalid):
            table("Größe\n", Choices(encoding=encoding))


def test_a_broken_byte_in_utf_8_costs_its_row_and_no_other() -> None:
    data = "Name\nJosé\nZoë\n".encode() + b"Ren\xe9\n" + "Ñandú Ünal\n".encode()

    good, _, broken, last = table(data).rows()

    assert (good.values, last.values) == ({"Name": "José"}, {"Name": "Ñandú Ünal"})
    assert (broken.line, broken.fault) == (4, "has bytes that are no text in cell 1")


def test_columns_of_one_name_are_made_distinct_and_told() -> None:
    read = table("Key,Labels,Labels,Labels (2),Labels\nA,1,2,3,4\n")

    assert ["Key", "Labels", "Labels (3)", "Labels (2)", "Labels (4)"] == read.columns()
    assert ["3 columns are named 'Labels'"] == [note.split(":")[0] for note in read.notes]


def test_a_cell_under_no_name_is_not_lost_in_silence() -> None:
    read = table("Name,,Due,\na,,b,\nc,x,d\n")

    good, bad = read.rows()

    assert ["Name", "Due"] == read.columns()
    assert good.values == {"Name": "a", "Due": "b"}
    assert bad.fault == "has a value in column 2, which has no name"


def test_rows_of_empty_cells_are_no_rows_and_empty_cells_too_many_do_not_matter() -> None:
    read = table("A,B\n,\n1,2,,\n,\n1,2,3\n1\n")

    assert [
        (3, ""),
        (5, "has 3 cells, the header has 2"),
        (6, "has 1 cells, the header has 2"),
    ] == [(row.line, row.fault) for row in read.rows()]


def test_the_guard_against_formulas_is_taken_off() -> None:
    read = table("A,B,C,D\n'=1+1,''=x,'tis,'\n")

    assert ["=1+1", "'=x", "'tis", "'"] == list(next(read.rows()).values.values())


def test_a_misquoted_row_is_told_and_stops_no_other() -> None:
    bad, good = table('A,B\n"x"y,2\n3,4\n').rows()

    assert (bad.line, bad.fault[:15]) == (2, "cannot be read:")
    assert (good.line, good.values) == (3, {"A": "3", "B": "4"})


def test_half_a_file_gives_its_rows_before_it_is_refused() -> None:
    rows = table('A,B\n1,2\n3,"4\n').rows()

    assert next(rows).values == {"A": "1", "B": "2"}
    with pytest.raises(Malformed, match="from line 3"):
        next(rows)


class Endless(io.BytesIO):
    """A file of one sign that never ends."""

    served = 0

    def read(self, size: int | None = -1, /) -> bytes:
        self.served += size or 0
        assert self.served < 8 * limits.LARGEST_ROW
        return b"x" * (size or 0)

    def readline(self, size: int | None = -1, /) -> bytes:
        return self.read(size)


@pytest.mark.parametrize("form", ["csv", "ndjson", "json"])
def test_a_line_without_end_is_refused_in_little_memory(form: str) -> None:
    choices = Choices(format=form, encoding="utf-8")

    with pytest.raises((TooLarge, Malformed)):
        list(open_rows(Endless(), "long", choices).rows())


@pytest.mark.parametrize(
    ("text", "delimiter", "told"),
    [
        ("a;b\n1,5;2,5\n", ";", True),
        ("sep=|\na|b\n1|2\n", "|", False),
        ("a,b\n1;2;3,4\n5,6\n", ",", False),
        ("Key;Summary, long;State\n1;x, y, z;a\n2;b;c\n", ";", True),
        ("Name\nSmith\n", ",", False),
    ],
)
def test_the_delimiter_is_found_and_told(text: str, delimiter: str, *, told: bool) -> None:
    read = table(text)

    assert read.choices.delimiter == delimiter
    assert told == bool(read.notes)


def test_two_delimiters_that_fit_alike_are_not_guessed_between() -> None:
    with pytest.raises(Invalid) as raised:
        table("a;b,c\n1;2,3\n")

    assert raised.value.faults[0].code == "ambiguous"
    assert "delimiter" in raised.value.faults[0].hint


def test_single_quotes_around_every_name_are_quotes() -> None:
    (row,) = table("'Name','Note'\n'a','it''s, well'\n").rows()

    assert row.values == {"Name": "a", "Note": "it's, well"}


@pytest.mark.parametrize(
    ("choices", "path"),
    [
        (Choices(delimiter="ab"), "delimiter"),
        (Choices(delimiter=""), "delimiter"),
        (Choices(delimiter="\n"), "delimiter"),
        (Choices(delimiter="'", quote="'"), "delimiter"),
        (Choices(quote="--"), "quote"),
        (Choices(dates="ydm"), "dates"),
        (Choices(decimal="'"), "decimal"),
        (Choices(encoding="utf\0"), "file"),
        (Choices(encoding="base64"), "file"),
        (Choices(format="xml"), "file"),
    ],
)
def test_a_choice_that_means_nothing_is_refused(choices: Choices, path: str) -> None:
    with pytest.raises(Invalid) as raised:
        opened("a,b\n1,2\n", "t.csv", choices)

    assert [(path,)] == [fault.path for fault in raised.value.faults]


def test_half_a_character_from_an_odd_encoding_costs_its_row() -> None:
    bad, good = table(b"A\n\\ud800\nx\n", Choices(encoding="unicode_escape")).rows()

    assert (bad.values, good.values) == ({}, {"A": "x"})
    with pytest.raises(Malformed, match="no text"):
        table(b"\\ud800\nx\n", Choices(encoding="unicode_escape"))


def test_lines_of_objects_under_the_name_of_an_array_are_told_so() -> None:
    with pytest.raises(Malformed) as raised:
        list(opened('{"A": 1}\n{"A": 2}\n', "a.json").rows())

    assert "ndjson" in str(raised.value.details["hint"])


@given(st.binary(max_size=300), st.sampled_from(["a.csv", "a.json", "a.ndjson", "a.xlsx", "a"]))
def test_no_file_at_all_breaks_a_reader(data: bytes, name: str) -> None:
    """Whatever it holds, there are rows that can be written again, or an error that says why."""
    found: list[Row] = []
    with suppress(Invalid, Malformed, TooLarge):
        found += opened(data, name).rows()
    for row in found:
        assert all(part.encode() is not None for part in row.raw)
        assert written(dict(row.values)) is not None


def test_the_first_rows_are_looked_at_and_given_out_once() -> None:
    read = table("A\n" + "".join(f"{at}\n" for at in range(5000)))

    assert [str(at) for at in range(1000)] == [row.values["A"] for row in read.sample()]
    assert [str(at) for at in range(5000)] == [row.values["A"] for row in read.rows()]


def test_the_file_stays_open_when_its_reader_is_gone() -> None:
    file = io.BytesIO(b"A\n1\n")

    assert [1, 1] == [len(list(Table(file, "t.csv", PLAIN).rows())) for _ in range(2)]


@pytest.mark.parametrize(
    ("name", "data", "told"),
    [
        ("a.csv", b"", "is empty"),
        ("a.xml", b"<a/>", "format"),
        ("a.xls", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "old or encrypted"),
        ("a.xlsx", b"a,b\n1,2\n", "no spreadsheet"),
    ],
)
def test_a_file_that_is_no_file_of_rows_is_refused(name: str, data: bytes, told: str) -> None:
    with pytest.raises(Invalid) as raised:
        opened(data, name)

    assert told in raised.value.faults[0].message


@pytest.mark.parametrize(
    ("name", "data"), [("a", b'[{"A": 1}]'), ("b.dat", b'\n{"A": 1}'), ("c.JSON", b'[{"A": 1}]')]
)
def test_json_is_known_by_its_first_sign(name: str, data: bytes) -> None:
    assert [{"A": 1}] == [row.values for row in opened(data, name).rows()]


def test_an_array_is_read_piece_by_piece_with_its_lines() -> None:
    wide = "ü" * 400_000
    rows = array(f'[\n {{"a": "{wide}"}},\n{{"a":1}} ,\n\n 5]')

    assert [2, 3, 5] == [row.line for row in rows]
    assert wide == rows[0].values["a"]
    assert ["", "", "is not a JSON object"] == [row.fault for row in rows]


@pytest.mark.parametrize("text", ["[]", "[ ]\n", "\ufeff[]"])
def test_an_empty_array_has_no_rows(text: str) -> None:
    assert array(text) == []


@pytest.mark.parametrize("text", ["", "{}", "[{}", "[{},]", "[{} {}]", "[" * 100_000, "[{}]]"])
def test_a_broken_array_says_where(text: str) -> None:
    with pytest.raises(Malformed, match="cannot be read on from line 1: "):
        array(text)


@pytest.mark.parametrize(
    "bad", ['{"a": NaN}', '{"a":1,"a":2}', '{"a": "\\ud800"}', f'{{"a":{"9" * 1001}}}']
)
def test_an_item_that_only_says_nonsense_stops_no_other(bad: str) -> None:
    broken, good = array(f'[{bad},\n{{"a": 1}}]')

    assert (broken.line, broken.raw, broken.fault[:11]) == (1, bad, "is not JSON")
    assert (good.line, good.values) == (2, {"a": 1})


def test_a_syntax_error_deep_in_a_file_is_told_where_it_stands() -> None:
    text = "[" + '{"a": 1},\n' * 50_000 + '{"a" 1},\n' + '{"a": 1},\n' * 300_000
    rows = Array(io.BytesIO(text.encode()), "a.json", PLAIN).rows()

    with pytest.raises(Malformed, match="from line 50001: Expecting ':' delimiter"):
        list(rows)


@pytest.mark.parametrize(
    "text", ["{", "[]", "1", '{"a": NaN}', '{"a":1,"a":2}', "[" * 100_000, '{"a":"\\ud800"}']
)
def test_a_broken_line_stops_no_other(text: str) -> None:
    broken, good = lines(f"{text}\n\n" + '{"a": 1}\n')

    assert broken.fault
    assert (good.line, good.fault) == (3, "")


def test_numbers_go_out_as_they_came_in() -> None:
    text = '{"ID":"1","n":[1E+400,0.10,123456789012345678901234567890,-7.5,0.1000000000000000055]}'

    (row,) = lines(text)

    assert json.loads(text, parse_float=str, parse_int=str) == json.loads(
        written(row.values), parse_float=str, parse_int=str
    )


KEYS = st.sampled_from(["a", "b", 'q"', "x:", "é", "a\\"])
NUMBERS = st.one_of(
    st.integers(-(10**30), 10**30).map(str),
    st.decimals(allow_nan=False, allow_infinity=False, places=3).map(lambda n: format(n, "f")),
    st.floats(allow_nan=False, allow_infinity=False).map(repr),
    st.sampled_from(["0.1000000000000000055", "0.10", "1e5", "1E-7", "-0.0", "1e22"]),
)
TEXTS = st.text(alphabet=st.characters(codec="utf-8"), max_size=8).map(json.dumps)
PARTS = st.recursive(
    st.one_of(NUMBERS, TEXTS, st.sampled_from(["null", "true", "[]", "{}"])),
    lambda inner: st.one_of(
        st.lists(inner, max_size=3).map(lambda parts: f"[{','.join(parts)}]"),
        st.lists(st.tuples(KEYS, inner), max_size=3).map(
            lambda pairs: "{" + ",".join(f"{json.dumps(k)}:{v}" for k, v in pairs) + "}"
        ),
    ),
    max_leaves=6,
)
SPACES = st.sampled_from([":", ": ", " :", "\t:", " : "])


@given(st.lists(st.tuples(KEYS, SPACES, PARTS), max_size=4))
def test_the_fast_way_reads_what_the_exact_way_reads(pairs: Sequence[tuple[str, str, str]]) -> None:
    """No key given twice goes through, and no digit is lost."""
    text = "{" + ", ".join(f"{json.dumps(k, ensure_ascii=False)}{s}{v}" for k, s, v in pairs) + "}"
    try:
        exact = parse(text)
    except ValueError:
        with pytest.raises(ValueError, match=r"."):
            parse_line(text.encode())
        return

    assert _exact(exact) == _exact(parse_line(text.encode()))


def _exact(value: object) -> object:
    if isinstance(value, float):
        return Decimal(repr(value)).normalize()
    if isinstance(value, Decimal):
        return value.normalize()
    if isinstance(value, dict):
        return {key: _exact(part) for key, part in value.items()}
    return [*map(_exact, value)] if isinstance(value, list) else value


CELLS = st.text(alphabet=st.characters(codec="utf-8", exclude_characters="'"), max_size=12)


@given(
    st.sampled_from(",;\t|"),
    st.sampled_from(["utf-8", "utf-8-sig", "utf-16"]),
    st.sampled_from(["\n", "\r\n"]),
    st.lists(st.lists(CELLS, min_size=3, max_size=3), max_size=6),
)
def test_what_a_program_wrote_is_read_back_to_the_letter(
    delimiter: str, encoding: str, ending: str, rows: list[list[str]]
) -> None:
    text = io.StringIO()
    csv.writer(text, delimiter=delimiter, lineterminator=ending, quoting=csv.QUOTE_ALL).writerows(
        [["One", "Two", "Three"], *rows]
    )

    read = table(text.getvalue().encode(encoding), Choices(delimiter=delimiter))

    assert [row for row in rows if any(row)] == [list(row.values.values()) for row in read.rows()]
