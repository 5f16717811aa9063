"""`taskloom export` against a real server: what is written, and what is not there when it fails."""

import csv
import io
import json
import threading
import uuid
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from taskloom.exchange.writers import BROKEN_OFF
from tests.servers import Server, free_port, run, serving

BOOKS = {
    "$id": "books",
    "title": "Books",
    "type": "object",
    "properties": {
        "isbn": {"title": "ISBN", "type": "string"},
        "title": {"title": "Title", "type": "string"},
        "pages": {"title": "Pages", "type": "integer"},
    },
    "workflow": {"uniqueId": "isbn", "stages": [{"name": "Shelf"}, {"name": "Lent"}]},
}


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory, mongod_uri: str) -> Iterator[Server]:
    """A server on an external MongoDB with twenty books."""
    folder = tmp_path_factory.mktemp("server")
    (folder / "files").mkdir()
    (folder / "files" / "books.json").write_text(json.dumps(BOOKS), encoding="utf-8")
    settings = {
        "TASKLOOM_MONGODB_URI": mongod_uri.replace("/?", f"/export_{uuid.uuid4().hex}?"),
        "TASKLOOM_WORKFLOWS": str(folder / "files"),
    }
    with serving(folder, settings) as started:
        rows = [{"ISBN": str(n), "Title": f"=Vol. {n}", "Pages": n * 10} for n in range(20)]
        file = folder / "books.ndjson"
        file.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
        assert 0 == started.run("import", "books", file).returncode
        yield started


def table(text: str) -> list[list[str]]:
    return list(csv.reader(io.StringIO(text.removeprefix("\ufeff"), newline="")))


def test_tasks_are_written_to_standard_output_as_a_table(server: Server) -> None:
    done = server.run("export", "books")

    assert (0, "") == (done.returncode, done.stderr)
    header, first, *rest = table(done.stdout)
    assert ["ISBN", "Title", "Pages", "Stage", "Assigned To"] == header
    assert ["0", "'=Vol. 0", "0", "Shelf", ""] == first
    assert 19 == len(rest)


def test_filters_order_and_columns_are_passed_on(server: Server) -> None:
    words = ("--filter", "Pages[gte]=100", "--filter", "Pages[lt]=130", "--filter", "Stage=Shelf")

    done = server.run(
        "export", "books", *words, "--sort", "-Pages", "--fields", "ISBN", "--fields", "Pages"
    )

    assert [["ISBN", "Pages"], ["12", "120"], ["11", "110"], ["10", "100"]] == table(done.stdout)


@pytest.mark.parametrize(
    ("name", "start"),
    [
        ("books.csv", b"\xef\xbb\xbfISBN,"),
        ("books.ndjson", b'{"ISBN":"0"'),
        ("books.json", b'[\n{"ISBN":"0"'),
        ("books.xlsx", b"PK\x03\x04"),
        ("books.dat", b"\xef\xbb\xbfISBN,"),
    ],
)
def test_the_ending_of_the_output_tells_the_format(
    server: Server, tmp_path: Path, name: str, start: bytes
) -> None:
    file = tmp_path / name

    done = server.run("export", "books", "--output", file)

    assert 0 == done.returncode, done.stderr
    assert file.read_bytes().startswith(start)
    assert f"{file} written, {file.stat().st_size:,} bytes" == done.stdout.strip()
    assert [file] == list(tmp_path.iterdir())


def test_what_is_exported_can_be_imported_and_changes_nothing(
    server: Server, tmp_path: Path
) -> None:
    for form in ("csv", "ndjson", "json", "xlsx"):
        file = tmp_path / f"all.{form}"
        server.run("export", "books", "-o", file)

        done = server.run("import", "books", file)

        assert "created 0, updated 0, unchanged 20, refused 0" == done.stdout.splitlines()[-1]


def test_json_is_one_value_on_standard_output(server: Server, tmp_path: Path) -> None:
    file = tmp_path / "out.csv"

    tasks = server.run("export", "books", "--json", "--filter", "ISBN=7")
    told = server.run("export", "books", "--json", "-o", file)

    assert ["=Vol. 7"] == [task["Title"] for task in json.loads(tasks.stdout)]
    assert {
        "workflow": "books",
        "file": str(file),
        "format": "csv",
        "bytes": file.stat().st_size,
    } == json.loads(told.stdout)


def test_a_refusal_is_told_and_leaves_the_old_file(server: Server, tmp_path: Path) -> None:
    file = tmp_path / "books.csv"
    file.write_text("old", encoding="utf-8")

    unknown = server.run("export", "books", "--filter", "Nmae=x", "-o", file)
    absent = server.run("export", "nothing", "-o", file)

    assert (1, 1) == (unknown.returncode, absent.returncode)
    assert "Nmae" in unknown.stderr
    assert "nothing" in absent.stderr
    assert "old" == file.read_text(encoding="utf-8")
    assert [file] == list(tmp_path.iterdir())


@pytest.mark.parametrize(
    "words",
    [
        ("export",),
        ("export", "books", "--filter", "Stage"),
        ("export", "books", "--filter", "=x"),
        ("export", "books", "--format", "pdf"),
        ("export", "books", "--json", "--format", "csv"),
    ],
)
def test_wrong_use_is_exit_code_two(server: Server, words: tuple[str, ...]) -> None:
    assert 2 == server.run(*words).returncode


def test_a_folder_that_is_not_there_is_told(server: Server, tmp_path: Path) -> None:
    done = server.run("export", "books", "-o", tmp_path / "absent" / "books.csv")

    assert 1 == done.returncode
    assert "cannot be written" in done.stderr


class Breaking(BaseHTTPRequestHandler):
    """Answers that break off: the connection, or the file itself."""

    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        said = b"ISBN\r\n1\r\n" + (BROKEN_OFF if "marked" in self.path else b"")
        self.send_response(200)
        self.send_header("Transfer-Encoding", "chunked")
        self.end_headers()
        self.wfile.write(b"%x\r\n%s\r\n" % (len(said), said))
        if "marked" in self.path:
            self.wfile.write(b"0\r\n\r\n")
        self.close_connection = True

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the base class's name
        """Say nothing."""


@pytest.mark.parametrize("workflow", ["cut", "marked"])
def test_an_answer_that_breaks_off_leaves_no_file(tmp_path: Path, workflow: str) -> None:
    listening = ThreadingHTTPServer(("127.0.0.1", free_port()), Breaking)
    threading.Thread(target=listening.serve_forever, daemon=True).start()
    url = f"http://127.0.0.1:{listening.server_port}"
    settings = {"TASKLOOM_URL": url, "TASKLOOM_KEY": "tl_x"}

    done = run("export", workflow, "-o", tmp_path / "out.csv", cwd=tmp_path, settings=settings)

    listening.shutdown()
    listening.server_close()
    assert 1 == done.returncode
    assert "broke off" in done.stderr
    assert [] == list(tmp_path.iterdir())
