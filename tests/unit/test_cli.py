"""Commands and their parts that need no server."""

import json
from pathlib import Path

import pytest
from click.testing import CliRunner

from taskloom.app.banner import Announcement
from taskloom.app.bootstrap import FirstAdmin
from taskloom.app.local import LocalServer, read_local, write_local
from taskloom.cli.main import cli

FAULTY = """{
  "$id": "faulty",
  "type": "object",
  "properties": {
    "a": {"type": "strin"},
    "b": {"type": "string", "pattern": "(?=x)"}
  },
  "workflow": {"stages": []}
}
"""


def test_check_tells_every_fault_with_line_path_and_remedy(tmp_path: Path) -> None:
    file = tmp_path / "faulty.json"
    file.write_text(FAULTY, encoding="utf-8")

    done = CliRunner().invoke(cli, ["workflow", "check", str(file)])

    assert done.exit_code == 1
    lines = done.output.splitlines()
    assert [f"{file}:{line}" for line in (5, 6, 8)] == [line.split()[0] for line in lines]
    assert lines[0].split()[1] == "properties.a.type"
    assert "—" in lines[0]


def test_check_in_json_holds_the_same_faults(tmp_path: Path) -> None:
    file = tmp_path / "faulty.json"
    file.write_text(FAULTY, encoding="utf-8")

    done = CliRunner().invoke(cli, ["workflow", "check", "--json", str(file)])

    (found,) = json.loads(done.output)
    assert (found["file"], found["ok"]) == (str(file), False)
    assert [5, 6, 8] == [fault["line"] for fault in found["faults"]]


def test_every_shipped_workflow_is_good() -> None:
    files = sorted(Path("workflow_schemas").resolve().glob("*.json"))

    done = CliRunner().invoke(cli, ["workflow", "check", *map(str, files)])

    assert done.exit_code == 0, done.output
    assert [f"{file}: ok" for file in files] == done.output.splitlines()


def test_a_file_that_is_not_text_is_refused(tmp_path: Path) -> None:
    file = tmp_path / "binary.json"
    file.write_bytes(b"\xff\xfe\x00")

    done = CliRunner().invoke(cli, ["workflow", "check", str(file)])

    assert done.exit_code == 1
    assert "is not UTF-8 text" in done.output


@pytest.mark.parametrize(
    "command", ["doctor", "import", "key", "serve", "user", "workflow", "workspace"]
)
def test_every_command_is_found_by_its_file_and_helps(command: str) -> None:
    done = CliRunner().invoke(cli, [command, "--help"])

    assert done.exit_code == 0
    assert command in CliRunner().invoke(cli, ["--help"]).output


def test_what_one_server_leaves_another_program_finds(tmp_path: Path) -> None:
    left = LocalServer(url="http://127.0.0.1:1", key="tl_x", pid=1)
    assert read_local(tmp_path) is None

    write_local(tmp_path, left)
    write_local(tmp_path, left)

    assert left == read_local(tmp_path)
    assert ["server.json"] == [path.name for path in tmp_path.iterdir()]


@pytest.mark.parametrize("text", ["", "{", "[]", '{"url": 1}', '{"url": "x", "key": "y"}'])
def test_a_broken_note_is_no_note(tmp_path: Path, text: str) -> None:
    (tmp_path / "server.json").write_text(text, encoding="utf-8")

    assert read_local(tmp_path) is None


def test_credentials_are_told_even_when_the_server_did_not_get_ready(tmp_path: Path) -> None:
    made = FirstAdmin(email="admin@example.com", password="generated", key="tl_generated")
    text = Announcement(
        url="http://127.0.0.1:1", note=tmp_path / "server.json", made=made, ready=False
    ).as_text()

    assert "did not get ready" in text
    assert "generated" in text
    assert "tl_generated" in text
    assert "curl" not in text
