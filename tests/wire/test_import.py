"""`taskloom import` against a real server: what goes in, what is refused, what twice means."""

import csv
import json
import uuid
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.servers import Server, serving

WORKFLOW = {
    "$id": "parts",
    "title": "Parts",
    "type": "object",
    "properties": {
        "number": {"title": "Part No.", "type": "string"},
        "name": {"title": "Name", "type": "string"},
        "price": {"title": "Price", "type": "number", "format": "currency"},
        "ready": {"title": "Ready?", "type": "boolean"},
        "colours": {
            "title": "Colours",
            "type": "array",
            "items": {"type": "string", "enum": ["Red", "Green", "Dark; matt"]},
        },
        "extra": {"title": "Extra", "type": "object"},
        "due": {"title": "Due", "type": "string", "format": "date"},
    },
    "workflow": {
        "uniqueId": "number",
        "stages": [{"name": "Open"}, {"name": "Done", "end": True}],
    },
}


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory, mongod_uri: str) -> Iterator[Server]:
    """A server on an external MongoDB, with the workflow of this module and one without an ID."""
    folder = tmp_path_factory.mktemp("server")
    plain = {**WORKFLOW, "$id": "notes", "workflow": {"stages": [{"name": "Open"}]}}
    for workflow in (WORKFLOW, plain):
        path = folder / "files" / f"{workflow['$id']}.json"
        path.parent.mkdir(exist_ok=True)
        path.write_text(json.dumps(workflow), encoding="utf-8")
    settings = {
        "TASKLOOM_MONGODB_URI": mongod_uri.replace("/?", f"/import_{uuid.uuid4().hex}?"),
        "TASKLOOM_WORKFLOWS": str(folder / "files"),
    }
    with serving(folder, settings) as started:
        yield started


def task(server: Server, number: str) -> dict[str, Any]:
    answer = server.get(f"/api/v1/workflows/parts/tasks/{number}", key=server.key)
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()
    return found


def last_line(text: str) -> str:
    return text.splitlines()[-1]


def write(path: Path, text: str, encoding: str = "utf-8") -> Path:
    path.write_text(text, encoding=encoding, newline="")
    return path


def test_a_table_imported_twice_changes_nothing_the_second_time(
    server: Server, tmp_path: Path
) -> None:
    file = tmp_path / "many.csv"
    with file.open("w", encoding="utf-8", newline="") as table:
        rows = csv.writer(table)
        rows.writerow(["Part No.", "name", "Price", "Ready?", "Colours", "Due", "Stage"])
        for number in range(2500):
            name = f'Part "{number}",\nsecond line ü'
            rows.writerow([f"M{number}", name, "1.5", "TRUE", "Red;Green", "2026-01-31", "Done"])

    first = server.run("import", "parts", file)
    second = server.run("import", "parts", file)

    assert last_line(first.stdout) == "created 2500, updated 0, unchanged 0, refused 0"
    assert last_line(second.stdout) == "created 0, updated 0, unchanged 2500, refused 0"
    assert (first.returncode, second.returncode) == (0, 0)
    found = task(server, "M2499")
    assert found["Name"] == 'Part "2499",\nsecond line ü'
    assert (found["Price"], found["Ready?"], found["Stage"]) == ("1.50", True, "Done")
    assert (found["Colours"], found["Due"]) == (["Red", "Green"], "2026-01-31")


def test_an_empty_cell_clears_and_an_absent_column_keeps(server: Server, tmp_path: Path) -> None:
    before = write(tmp_path / "a.csv", "Part No.,Name,Price,Stage\nE1,Bolt,2,Done\n")
    after = write(tmp_path / "b.csv", "Part No.,Price,Stage\nE1,,\n")

    server.run("import", "parts", before)
    done = server.run("import", "parts", after, "--json")

    assert json.loads(done.stdout) == {"created": 0, "updated": 1, "unchanged": 0, "refused": 0}
    found = task(server, "E1")
    assert (found["Name"], found["Price"], found["Stage"]) == ("Bolt", None, "Done")


def test_refused_rows_are_written_with_line_and_reasons_and_can_be_mended(
    server: Server, tmp_path: Path
) -> None:
    text = "Part No.,Due,Price\nR1,2023-02-29,1\nR2,2024-02-29,2\nR3\nR4,2024-01-01,1.234\n"
    file = write(tmp_path / "some.csv", text)

    done = server.run("import", "parts", file)

    rejects = tmp_path / "some.csv.rejects.csv"
    assert done.returncode == 1
    assert last_line(done.stdout) == "created 1, updated 0, unchanged 0, refused 3"
    assert str(rejects) in done.stderr
    with rejects.open(encoding="utf-8", newline="") as table:
        header, *rows = csv.reader(table)
    assert header == ["_line", "_errors", "Part No.", "Due", "Price"]
    assert [["2", "R1"], ["4", "R3"], ["5", "R4"]] == [[row[0], row[2]] for row in rows]
    assert ["Due", "has", "Price"] == [row[1].split()[0] for row in rows]

    mended = rejects.read_text(encoding="utf-8").replace("2023-02-29", "2023-02-28")
    again = server.run("import", "parts", write(tmp_path / "mended.csv", mended))
    assert last_line(again.stdout) == "created 1, updated 0, unchanged 0, refused 2"
    assert task(server, "R1")["Due"] == "2023-02-28"


def test_an_unknown_column_stops_the_import_before_anything_is_sent(
    server: Server, tmp_path: Path
) -> None:
    file = write(tmp_path / "odd.csv", "Part No.,Nmae,Weight\nU1,x,1\n")

    done = server.run("import", "parts", file)

    assert done.returncode == 1
    assert "'Nmae' belongs to no field of the workflow: did you mean 'Name'?" in done.stderr
    assert "'Weight'" in done.stderr
    assert "Nothing was imported" in done.stderr
    assert server.get("/api/v1/workflows/parts/tasks/U1", key=server.key).status_code == 404


def test_a_map_says_where_columns_go_and_which_stay_out(server: Server, tmp_path: Path) -> None:
    file = write(tmp_path / "odd.csv", "id number,Nmae,Weight\nP1,x,1\n")
    mapping = {"id number": "Part No.", "Nmae": "Name", "Weight": None}
    map_file = write(tmp_path / "map.json", json.dumps(mapping))

    done = server.run("import", "parts", file, "--map", map_file)

    assert last_line(done.stdout) == "created 1, updated 0, unchanged 0, refused 0", done.stderr
    assert task(server, "P1")["Name"] == "x"


def test_a_dry_run_tells_the_same_and_writes_nothing(server: Server, tmp_path: Path) -> None:
    text = "Part No.,Price\nD1,1\nD1,1\nD1,2\nD2,much\n"
    file = write(tmp_path / "some.csv", text)

    dry = server.run("import", "parts", file, "--dry-run", "--rejects", tmp_path / "dry.csv")
    assert server.get("/api/v1/workflows/parts/tasks/D1", key=server.key).status_code == 404
    real = server.run("import", "parts", file, "--rejects", tmp_path / "real.csv")

    expected = "created 1, updated 1, unchanged 1, refused 1"
    assert [expected] * 2 == [last_line(dry.stdout), last_line(real.stdout)]
    assert (tmp_path / "dry.csv").read_bytes() == (tmp_path / "real.csv").read_bytes()
    assert "dry run" in dry.stderr
    assert "dry run" not in real.stderr


def test_columns_of_no_field_are_kept_aside(server: Server, tmp_path: Path) -> None:
    file = write(tmp_path / "odd.csv", "Part No.,Shelf\nS1,top\nS2,\n")

    done = server.run("import", "parts", file, "--aside", tmp_path / "kept.csv")

    assert last_line(done.stdout) == "created 2, updated 0, unchanged 0, refused 0", done.stderr
    kept = (tmp_path / "kept.csv").read_text(encoding="utf-8")
    assert kept.splitlines() == ["_line,Part No.,Shelf", "2,S1,top"]


def test_modes_say_what_a_row_may_do(server: Server, tmp_path: Path) -> None:
    file = write(tmp_path / "some.csv", "Part No.,Name\nO1,a\n")

    told = [
        last_line(server.run("import", "parts", file, "--mode", mode).stdout)
        for mode in ("update", "create", "create")
    ]

    refused = "created 0, updated 0, unchanged 0, refused 1"
    assert [refused, "created 1, updated 0, unchanged 0, refused 0", refused] == told


def test_a_guessed_encoding_and_delimiter_are_said(server: Server, tmp_path: Path) -> None:
    text = "Part No.;Name\nG1;Größe, Höhe, Länge und Fläche der Tür für Müller\n"
    file = write(tmp_path / "old.csv", text, "cp1252")

    done = server.run("import", "parts", file)

    assert done.returncode == 0, done.stderr
    assert "--encoding" in done.stderr
    assert "semicolons" in done.stderr
    assert task(server, "G1")["Name"] == "Größe, Höhe, Länge und Fläche der Tür für Müller"


@pytest.mark.parametrize("ending", ["ndjson", "json"])
def test_json_keeps_numbers_exactly_and_absent_keys(
    server: Server, tmp_path: Path, ending: str
) -> None:
    rows: list[str] = [
        '{"Part No.": "J1", "Extra": {"n": 0.1000000000000000055, "i": 12345678901234567890}}',
        '{"Part No.": "J2", "Colours": ["Dark; matt"], "Task URL": "https://example.com/x"}',
        '{"Part No.": "J3", "Price": "much"}',
    ]
    if ending == "json":
        text = "[" + ",\n".join(rows) + "]"
    else:
        rows += ['{"Part No.": "J4", "Part No.": "J5"}', "[1]", '{"Part No.": ']
        text = "\n".join(rows)
    file = write(tmp_path / f"rows.{ending}", text)

    done = server.run("import", "parts", file)

    refused = 1 if ending == "json" else 4
    assert last_line(done.stdout).endswith(f"refused {refused}"), done.stderr
    raw = server.get("/api/v1/workflows/parts/tasks/J1", key=server.key).text
    assert "0.1000000000000000055" in raw
    assert "12345678901234567890" in raw
    assert task(server, "J2")["Colours"] == ["Dark; matt"]
    rejects = (tmp_path / f"rows.{ending}.rejects.ndjson").read_text(encoding="utf-8")
    first = json.loads(rejects.splitlines()[0])
    assert (first["_line"], first["Part No."]) == (3, "J3")
    assert "Price" in first["_errors"][0]


def test_a_row_with_an_unknown_key_far_down_is_refused_by_name(
    server: Server, tmp_path: Path
) -> None:
    rows = [{"Part No.": f"K{number}"} for number in range(1001)]
    rows.append({"Part No.": "K-last", "Nmae": "x"})
    file = write(tmp_path / "rows.ndjson", "\n".join(map(json.dumps, rows)))

    done = server.run("import", "parts", file)

    assert last_line(done.stdout) == "created 1001, updated 0, unchanged 0, refused 1"
    assert "Nmae" in (tmp_path / "rows.ndjson.rejects.ndjson").read_text(encoding="utf-8")


def test_without_a_unique_id_every_row_is_new_and_that_is_said(
    server: Server, tmp_path: Path
) -> None:
    file = write(tmp_path / "rows.csv", "Name\na\nb\n")

    done = server.run("import", "notes", file)

    assert last_line(done.stdout) == "created 2, updated 0, unchanged 0, refused 0"
    assert "no unique ID" in done.stderr


def test_a_row_without_its_unique_id_is_refused(server: Server, tmp_path: Path) -> None:
    done = server.run("import", "parts", write(tmp_path / "rows.csv", "Part No.,Name\n,x\n"))

    assert last_line(done.stdout) == "created 0, updated 0, unchanged 0, refused 1"


@pytest.mark.parametrize(
    ("name", "text", "told"),
    [
        ("empty.csv", "", "is empty"),
        ("twice.csv", "Name,Name\n1,2\n", "'Name (2)'"),
        ("both.csv", "Name,name\n1,2\n", "both mean 'Name'"),
        ("rows.xml", "<a/>", "--format"),
        ("open.csv", 'Part No.,Name\nX1,"never closed\n', "line"),
        ("object.json", '{"Name": 1}', "does not start with '['"),
    ],
)
def test_a_file_that_cannot_be_read_is_one_clear_message(
    server: Server, tmp_path: Path, name: str, text: str, told: str
) -> None:
    done = server.run("import", "parts", write(tmp_path / name, text))

    assert done.returncode == 1
    assert told in done.stderr
    assert "Traceback" not in done.stderr


def test_an_unknown_workflow_and_a_bad_key_are_refused(server: Server, tmp_path: Path) -> None:
    file = write(tmp_path / "rows.csv", "Name\na\n")
    assert server.run("import", "nothing", file).returncode == 1

    done = server.run("import", "parts", file, "--key", "tl_no_such_key")
    assert done.returncode == 1
    assert "TASKLOOM_KEY" in done.stderr


def test_wrong_use_is_exit_code_two(server: Server, tmp_path: Path) -> None:
    file = write(tmp_path / "rows.csv", "Name\na\n")

    assert server.run("import", "parts").returncode == 2
    assert server.run("import", "parts", tmp_path / "absent.csv").returncode == 2
    assert server.run("import", "parts", file, "--delimiter", "ab").returncode == 2
