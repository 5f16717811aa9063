"""`taskloom import` as the client of a job: what it sends, how it waits, what it says."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result
from pytest_httpserver import HTTPServer
from werkzeug import Request, Response

from taskloom.cli.commands.import_ import command
from taskloom.cli.importing import jobs
from taskloom.cli.importing.jobs import Jobs, as_options, beside, lacking, told, why_failed

PATH = "/api/v1/workflows/parts/imports"
JOB: Mapping[str, Any] = {
    "id": "6" * 24,
    "name": "some.csv",
    "size": 6,
    "state": "queued",
    "dryRun": False,
    "rows": 0,
    "created": 0,
    "updated": 0,
    "unchanged": 0,
    "refused": 0,
    "read": 0,
    "rate": None,
    "remaining": None,
    "error": None,
    "faults": [],
    "notes": [],
    "aside": [],
    "tabular": True,
    "proposed": {},
}
DONE: Mapping[str, Any] = {**JOB, "state": "done", "rows": 2, "created": 2}


@pytest.fixture(autouse=True)
def _quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(jobs, "SHORTEST_PAUSE", 0.0)
    monkeypatch.setattr(jobs, "LONGEST_PAUSE", 0.0)


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "some.csv"
    path.write_bytes(b"ID\n1\n2")
    return path


def serve(httpserver: HTTPServer, *states: Mapping[str, Any] | int) -> None:
    """Take a file, and tell of it in this order; a number is the status of an error."""
    httpserver.expect_ordered_request(PATH, "POST").respond_with_json(JOB, status=202)
    for state in states:
        ask = httpserver.expect_ordered_request(f"{PATH}/{JOB['id']}", "GET")
        if isinstance(state, int):
            ask.respond_with_json({"detail": "no"}, status=state)
        else:
            ask.respond_with_json(state)


def run(httpserver: HTTPServer, file: Path, *words: str) -> Result:
    env = {"TASKLOOM_URL": httpserver.url_for("").rstrip("/"), "TASKLOOM_KEY": "tl_x"}
    return CliRunner(env=env).invoke(command, ["parts", str(file), *words])


def test_a_file_is_sent_whole_with_what_was_chosen(httpserver: HTTPServer, file: Path) -> None:
    seen: list[Request] = []

    def take(request: Request) -> Response:
        assert request.get_data() == b"ID\n1\n2"
        assert request.content_length == 6
        seen.append(request)
        return Response(json.dumps(DONE), status=202, content_type="application/json")

    (file.parent / "map.json").write_text('\ufeff{"Id": "ID", "x": null}', encoding="utf-8")
    httpserver.expect_request(PATH, "POST").respond_with_handler(take)

    words = ["--dry-run", "--dates", "dmy", "--delimiter", ";", "--map"]
    done = run(httpserver, file, *words, str(file.parent / "map.json"), "--aside", "kept.csv")

    assert "created 2, updated 0, unchanged 0, refused 0" in done.output, done.output
    expected = {
        "name": "some.csv",
        "dry_run": "true",
        "dates": "dmy",
        "delimiter": ";",
        "unknown": "aside",
        "map": '{"Id": "ID", "x": null}',
    }
    assert expected == seen[0].args.to_dict()


def test_a_server_that_is_away_for_a_while_is_waited_for(
    httpserver: HTTPServer, file: Path
) -> None:
    serve(httpserver, JOB, 503, 429, {**JOB, "state": "running"}, DONE)

    done = run(httpserver, file, "--json")

    assert 0 == done.exit_code
    assert 1 == done.stderr.count("the server is away")
    counts = {"created": 2, "updated": 0, "unchanged": 0, "refused": 0}
    assert counts == json.loads(done.stdout)


@pytest.mark.parametrize("state", [404, 503])
def test_a_server_that_says_no_or_stays_away_ends_the_watch(
    httpserver: HTTPServer, file: Path, monkeypatch: pytest.MonkeyPatch, state: int
) -> None:
    monkeypatch.setattr(jobs, "PATIENCE_SECONDS", -1.0)
    serve(httpserver, state)

    done = run(httpserver, file)

    assert 1 == done.exit_code
    assert "taskloom: no" in done.stderr


def test_whoever_stops_watching_is_told_how_to_come_back(
    httpserver: HTTPServer, file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def interrupted(_self: Jobs, _job: jobs.Job) -> jobs.Job:
        raise KeyboardInterrupt

    serve(httpserver)
    monkeypatch.setattr(Jobs, "watch", interrupted)

    done = run(httpserver, file)

    assert 1 == done.exit_code
    assert f"the import {JOB['id']} goes on" in done.stderr
    for flag in ("--resume", "--cancel"):
        assert f"taskloom import parts {file} {flag} {JOB['id']}" in done.stderr


def test_an_import_sent_before_is_watched_or_ended(httpserver: HTTPServer, file: Path) -> None:
    one = f"{PATH}/{JOB['id']}"
    httpserver.expect_ordered_request(one, "GET").respond_with_json(DONE)
    httpserver.expect_ordered_request(one, "DELETE").respond_with_json(JOB, status=202)
    ended = {**DONE, "state": "cancelled"}
    httpserver.expect_ordered_request(one, "GET").respond_with_json(ended)

    watched = run(httpserver, file, "--resume", JOB["id"])
    cancelled = run(httpserver, file, "--cancel", JOB["id"])

    assert (0, 1) == (watched.exit_code, cancelled.exit_code)
    assert "created 2" in cancelled.stdout
    assert "was cancelled" in cancelled.stderr


def test_refused_rows_and_columns_kept_aside_are_fetched(
    httpserver: HTTPServer, file: Path
) -> None:
    serve(httpserver, {**DONE, "refused": 1, "aside": ["Shelf"], "tabular": False})
    httpserver.expect_request(f"{PATH}/{JOB['id']}/rejects").respond_with_data("r\n")
    httpserver.expect_request(f"{PATH}/{JOB['id']}/aside").respond_with_data("a\n")

    done = run(httpserver, file, "--aside", str(file.parent / "kept"))

    assert 1 == done.exit_code
    assert "r\n" == (file.parent / "some.csv.rejects.ndjson").read_text(encoding="utf-8")
    assert "a\n" == (file.parent / "kept").read_text(encoding="utf-8")
    assert "some.csv.rejects.ndjson" in done.stderr


def test_rejects_that_cannot_be_written_are_said(httpserver: HTTPServer, file: Path) -> None:
    serve(httpserver, {**DONE, "refused": 1})
    httpserver.expect_request(f"{PATH}/{JOB['id']}/rejects").respond_with_data("r\n")

    done = run(httpserver, file, "--rejects", str(file.parent / "no" / "where.csv"))

    assert 1 == done.exit_code
    assert "--rejects" in done.stderr


def test_the_imported_file_is_never_written_over(httpserver: HTTPServer, file: Path) -> None:
    for flag in ("--rejects", "--aside"):
        done = run(httpserver, file, flag, str(file))

        assert 1 == done.exit_code
        assert "is the imported file itself" in done.stderr


@pytest.mark.parametrize("text", ["[]", "{", '{"a": 1}', '"x"'])
def test_a_map_is_an_object_of_titles(httpserver: HTTPServer, file: Path, text: str) -> None:
    (file.parent / "map.json").write_text(text, encoding="utf-8")

    done = run(httpserver, file, "--map", str(file.parent / "map.json"))

    assert 1 == done.exit_code
    assert "map.json" in done.stderr


@pytest.mark.parametrize(
    "words",
    [["--delimiter", "ab"], ["--quote", ""], ["--unknown", "ignore", "--aside", "x"], ["--odd"]],
)
def test_wrong_use_is_exit_code_two(httpserver: HTTPServer, file: Path, words: list[str]) -> None:
    assert 2 == run(httpserver, file, *words).exit_code


def test_a_failure_names_columns_and_the_file_and_options_as_one_types_them() -> None:
    faults = [
        {"path": ["Nmae"], "message": "is unknown", "hint": "did you mean 'Name'?"},
        {"path": ["file"], "message": "is odd; name its `encoding`", "hint": None},
        {"path": [], "message": "is too much", "hint": ""},
    ]

    said = why_failed({**JOB, "error": "it does not fit", "faults": faults})

    assert [
        "some.csv: it does not fit",
        "  'Nmae' is unknown: did you mean 'Name'?",
        "  is odd; name its --encoding",
        "  is too much",
    ] == said.splitlines()
    assert "`name` --dates" == as_options("`name` `dates`")


def test_what_a_workflow_lacks_is_told_in_short() -> None:
    proposed = {"options": {"Colour": list("abcdefg")}, "stages": ["Lost"], "fields": {}}

    assert [
        "Colour has no option 'a', 'b', 'c', 'd', 'e' and 2 more",
        "there is no stage 'Lost'",
    ] == lacking({**JOB, "proposed": proposed})


def test_progress_is_told_as_far_as_it_is_known() -> None:
    assert "0 rows" == told(JOB)
    assert "1,200 rows, 3,000 a second, 4 s left" == told(
        {**JOB, "rows": 1200, "rate": 3000, "remaining": 4}
    )


def test_the_files_of_an_import_stand_beside_it() -> None:
    assert Path("a/some.csv.rejects.csv") == beside(Path("a/some.csv"), "rejects", JOB)
