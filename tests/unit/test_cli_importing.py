"""The parts of an import, each by itself: reading, columns, values, sending."""

import io
import json
from collections.abc import Sequence
from pathlib import Path

import pytest
from pytest_httpserver import HTTPServer
from werkzeug import Request, Response

from taskloom.cli.client import Client, Place
from taskloom.cli.failure import Failure
from taskloom.cli.importing import sending
from taskloom.cli.importing.columns import Columns, Target
from taskloom.cli.importing.documents import Array, Lines
from taskloom.cli.importing.opening import Reading, open_file, read_map
from taskloom.cli.importing.rows import Row
from taskloom.cli.importing.sending import NDJSON, Sender
from taskloom.cli.importing.tables import Table
from taskloom.cli.importing.values import Unreadable, encode, speller

TARGET = Target(
    id="parts",
    kinds={
        "ID": "uniqueId",
        "Name": "text",
        "Tags": "multipleSelect",
        "Notes": "textList",
        "Files": "file",
    },
    unique="ID",
    numbered=False,
)


def table(path: Path, data: bytes | str, encoding: str | None = None) -> Table:
    whole = data.encode() if isinstance(data, str) else data
    return Table(path, io.BytesIO(whole), encoding=encoding, delimiter=None)


def array(path: Path, text: str) -> list[Row]:
    return list(Array(path, io.BytesIO(text.encode())).rows())


def lines(path: Path, text: str) -> list[Row]:
    return list(Lines(path, io.BytesIO(text.encode())).rows())


def spelt(values: dict[str, object], target: Target = TARGET) -> dict[str, object]:
    spell = speller(target, Columns(target, {}), tabular=True)
    return spell(Row(line=2, values=values))


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
    tmp_path: Path, data: bytes | str, columns: list[str]
) -> None:
    assert columns == table(tmp_path / "t.csv", data).columns()


def test_lines_are_counted_as_an_editor_counts_them(tmp_path: Path) -> None:
    read = table(tmp_path / "t.csv", 'ID,Name\n1,"a\nb"\n\n2,c\n3\n')

    assert [2, 5, 6] == [row.line for row in read.rows()]


def test_marks_of_a_rejects_file_are_no_part_of_the_row(tmp_path: Path) -> None:
    read = table(tmp_path / "t.csv", "_line,ID,_errors,Name\n7,1,bad,a\n8,2,bad\n")

    assert [["1", "a"], ["2"]] == [row.raw for row in read.rows()]


def test_a_named_encoding_is_not_doubted(tmp_path: Path) -> None:
    read = table(tmp_path / "t.csv", "Größe\n".encode("cp850"), "cp850")

    assert ["Größe"] == read.columns()
    assert read.notes == ()


def test_an_unknown_encoding_is_refused(tmp_path: Path) -> None:
    (tmp_path / "t.csv").write_text("a\n", encoding="utf-8")

    opening = open_file(tmp_path / "t.csv", Reading(encoding="utf-88"))
    with pytest.raises(Failure, match="unknown encoding"), opening:
        pass


def test_an_array_is_read_piece_by_piece_with_its_lines(tmp_path: Path) -> None:
    wide = "ü" * 400_000
    rows = array(tmp_path / "a.json", f'[\n {{"a": "{wide}"}},\n{{"a":1}} ,\n\n 5]')

    assert [2, 3, 5] == [row.line for row in rows]
    assert wide == rows[0].values["a"]
    assert ["", "", "is not a JSON object"] == [row.fault for row in rows]


@pytest.mark.parametrize("text", ["[]", "[ ]\n", "\ufeff[]"])
def test_an_empty_array_has_no_rows(tmp_path: Path, text: str) -> None:
    assert array(tmp_path / "a.json", text) == []


@pytest.mark.parametrize(
    "text", ["", "{}", "[{}", "[{},]", "[{} {}]", '[{"a": NaN}]', '[{"a":1,"a":2}]', "[" * 100_000]
)
def test_a_broken_array_says_where(tmp_path: Path, text: str) -> None:
    with pytest.raises(Failure, match="cannot be read on from line 1: "):
        array(tmp_path / "a.json", text)


@pytest.mark.parametrize("text", ["{", "[]", "1", '{"a": NaN}', '{"a":1,"a":2}', "[" * 100_000])
def test_a_broken_line_stops_no_other(tmp_path: Path, text: str) -> None:
    broken, good = lines(tmp_path / "a.ndjson", f"{text}\n\n" + '{"a": 1}\n')

    assert broken.fault
    assert (good.line, good.fault) == (3, "")


def test_numbers_go_out_as_they_came_in(tmp_path: Path) -> None:
    text = '{"ID":"1","n":[1e400,0.10,123456789012345678901234567890,-0.0]}'

    (row,) = lines(tmp_path / "a.ndjson", text)

    assert text.encode() + b"\n" == encode(dict(row.values))


@pytest.mark.parametrize(
    ("cell", "value"),
    [
        ({"Name": ""}, {"Name": None}),
        ({"Name": "  "}, {"Name": None}),
        ({"Name": "0"}, {"Name": "0"}),
        ({"Name": "a;b"}, {"Name": "a;b"}),
        ({"Tags": "a; b;"}, {"Tags": ["a", "b"]}),
        ({"Tags": '["a;b"]'}, {"Tags": ["a;b"]}),
        ({"Notes": ""}, {"Notes": None}),
        ({"Files": '[{"blobId": "x"}]'}, {"Files": [{"blobId": "x"}]}),
        ({"Stage": ""}, {}),
        ({"Stage": "Done"}, {"Stage": "Done"}),
        ({"Assigned To": ""}, {"Assigned To": None}),
        (
            {"Assigned To": "a@example.com;b@example.com"},
            {"Assigned To": ["a@example.com", "b@example.com"]},
        ),
        ({"ID": ""}, {"ID": None}),
        ({"name": "x", "Task URL": "y", "_line": "3"}, {"Name": "x"}),
    ],
)
def test_a_cell_becomes_what_its_field_takes(
    cell: dict[str, object], value: dict[str, object]
) -> None:
    assert value == spelt(cell)


def test_an_empty_number_of_its_own_is_left_to_the_server() -> None:
    target = Target(id="t", kinds={"ID": "uniqueId"}, unique="ID", numbered=True)

    assert spelt({"ID": ""}, target) == {}


@pytest.mark.parametrize("cell", [{"Files": "a.pdf"}, {"Tags": '["a"'}, {"Name": "a", "NAME": "b"}])
def test_a_cell_that_cannot_be_read_refuses_its_row(cell: dict[str, object]) -> None:
    with pytest.raises(Unreadable):
        spelt(cell)


def test_text_with_half_a_character_is_refused() -> None:
    with pytest.raises(Unreadable):
        encode({"Name": "\ud800"})


@pytest.mark.parametrize("text", ["[]", "{", '{"a": 1}', '"x"'])
def test_a_map_is_an_object_of_titles(tmp_path: Path, text: str) -> None:
    (tmp_path / "map.json").write_text(text, encoding="utf-8")

    with pytest.raises(Failure):
        read_map(tmp_path / "map.json")


def test_a_map_to_a_field_that_is_not_there_is_refused() -> None:
    with pytest.raises(Failure, match="did you mean 'Name'"):
        Columns(TARGET, {"x": "Nane"})


def answer(request: Request) -> Response:
    rows = request.get_data().splitlines()
    lines = [json.dumps({"index": at, "status": "created"}) for at in range(len(rows))]
    return Response("\n".join([*lines, "{}"]) + "\n", content_type=NDJSON)


def send(httpserver: HTTPServer, values: Sequence[dict[str, object]]) -> list[str]:
    rows = (Row(line=at, values=row) for at, row in enumerate(values, 2))
    spell = speller(TARGET, Columns(TARGET, {}), tabular=False)
    with Client(Place(url=httpserver.url_for(""), key="tl_x")) as client:
        sender = Sender(client, "parts", "ID")
        return [fate.outcome for fates in sender.send(rows, spell) for fate in fates]


BULK = "/api/v1/workflows/parts/tasks/bulk"


def test_rows_with_ids_are_sent_again_until_the_server_is_back(
    httpserver: HTTPServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sending, "PAUSES", (0.0, 0.0, 0.0))
    httpserver.expect_ordered_request(BULK).respond_with_data("", status=503)
    httpserver.expect_ordered_request(BULK).respond_with_data("", status=429)
    httpserver.expect_ordered_request(BULK).respond_with_handler(answer)

    assert ["created", "created"] == send(httpserver, [{"ID": "1"}, {"ID": "2"}])


def test_rows_without_ids_are_never_sent_twice(
    httpserver: HTTPServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sending, "PAUSES", (0.0,))
    httpserver.expect_ordered_request(BULK).respond_with_data("", status=503)

    with pytest.raises(Failure):
        send(httpserver, [{"ID": "1"}, {"Name": "no id"}])
    assert len(httpserver.log) == 1


def test_a_thousand_rows_travel_together(httpserver: HTTPServer) -> None:
    httpserver.expect_request(BULK).respond_with_handler(answer)

    assert ["created"] * 2001 == send(httpserver, [{"ID": str(at)} for at in range(2001)])
    assert [1000, 1000, 1] == [
        len(request.get_data().splitlines()) for request, _ in httpserver.log
    ]
