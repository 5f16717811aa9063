"""What the README and the other pages tell people to type is typed, in real shells, here."""

import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest
import requests

from taskloom.fields.base import OPERATORS
from tests.pages import DOCS, README, ROOT, Block, Step, name_of, rows, session, with_sessions
from tests.servers import Server, environment, serving

NATIVE = DOCS / "reference" / "native-api.md"
ADDRESS = "http://127.0.0.1:8080"
FENCE = "\x1e"
STRICT = {"bash": "set -euo pipefail", "zsh": "set -euo pipefail", "sh": "set -eu"}
SHELLS = [shell for shell in STRICT if shutil.which(shell)]
OTHERS = [page for page in with_sessions() if page != README]

pytestmark = pytest.mark.skipif(shutil.which("curl") is None, reason="the pages use curl")


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """The server that `make run` would start."""
    settings = {"TASKLOOM_WORKFLOWS": str(ROOT / "workflow_schemas")}
    with serving(tmp_path_factory.mktemp("server"), settings) as started:
        yield started


@pytest.fixture
def checkout(server: Server, tmp_path: Path) -> Path:
    """A folder that looks like a checkout beside a server that has just been started first."""
    headers = {"Authorization": f"Bearer {server.key}"}
    base = f"{server.url}/api/v1/workflows"
    for workflow in requests.get(base, headers=headers, timeout=30).json():
        address = f"{base}/{workflow['id']}?force=true"
        requests.delete(address, headers=headers, timeout=30).raise_for_status()
    shipped = (ROOT / "workflow_schemas" / "sales-pipeline.json").read_bytes()
    headers["Content-Type"] = "application/schema+json"
    requests.post(base, shipped, headers=headers, timeout=30).raise_for_status()
    programs = tmp_path / ".venv" / "bin"
    programs.mkdir(parents=True)
    program = programs / "taskloom"
    program.write_text(f'#!/bin/sh\nexec {sys.executable} -m taskloom.cli.main "$@"\n')
    program.chmod(0o755)
    (tmp_path / ".taskloom").symlink_to(server.data_dir)
    return tmp_path


def typed(shell: str, steps: Sequence[Step], checkout: Path, server: Server) -> list[str]:
    """Type a session into a shell that stops at the first failure; return what each step said."""
    said = "".join(f"{step.block.text}printf '{FENCE}'\n" for step in steps)
    script = f"{STRICT[shell]}\n{said}".replace(ADDRESS, server.url)
    scratch = checkout / "tmp"
    scratch.mkdir()
    done = subprocess.run(
        [shell],
        input=script,
        cwd=checkout,
        env=environment({}) | {"TMPDIR": str(scratch), "COLUMNS": "80"},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        timeout=100,
        check=False,
    )
    told = done.stdout.replace(server.url, ADDRESS).replace(os.fspath(checkout), "")
    assert done.returncode == 0, told
    outputs = told.split(FENCE)
    assert len(outputs) == len(steps) + 1, told
    return outputs[:-1]


def masked(text: str) -> str:
    """Hide what is another each time: ids and secrets."""
    return re.sub(r"\b(?:[0-9a-f]{32}|[0-9a-f]{24}|tl_[\w-]{43})\b", "…", text)


def parsed(text: str) -> list[object]:
    """Read one JSON value after the other, passing over what is none."""
    decoder = json.JSONDecoder()
    found, at = [], 0
    while start := re.compile(r"^[\[{]", re.MULTILINE).search(text, at):
        value, at = decoder.raw_decode(text, start.start())
        found.append(value)
    return found


def ends_as_shown(said: str, shown: Block) -> bool:
    """Tell whether an output ends with what the page shows."""
    if shown.info.startswith("json"):
        values, expected = parsed(masked(said)), parsed(masked(shown.text))
        return values[-len(expected) :] == expected
    return f"\n{masked(said)}".endswith(f"\n{masked(shown.text)}")


def check(page: Path, shell: str, checkout: Path, server: Server) -> None:
    """Type a page's session and compare every output that the page shows."""
    steps = session(page)
    others = [
        f"{name_of(page)}:{shown.line} shows something else than\n{said}"
        for step, said in zip(steps, typed(shell, steps, checkout, server), strict=True)
        for shown in step.outputs
        if not ends_as_shown(said, shown)
    ]
    assert not others, "\n".join(others)


@pytest.mark.parametrize("shell", SHELLS)
def test_the_session_of_the_readme_runs_as_shown(
    shell: str, checkout: Path, server: Server
) -> None:
    check(README, shell, checkout, server)


@pytest.mark.parametrize("page", OTHERS, ids=name_of)
def test_the_session_of_a_page_runs_as_shown(page: Path, checkout: Path, server: Server) -> None:
    check(page, "sh", checkout, server)


def test_the_session_of_the_readme_leaves_one_task_and_two_errands(
    checkout: Path, server: Server
) -> None:
    said = typed("sh", session(README), checkout, server)

    created, updated = parsed(said[1])
    assert isinstance(created, dict)
    assert isinstance(updated, dict)
    assert created["Task URL"] == updated["Task URL"]
    assert updated["Company Name"] == "Acme Corp"
    assert [{**updated, "Contract Value": "10000.00"}] == parsed(said[2])[:1]
    tasks = "/api/v1/workflows/{}/tasks"
    pipeline = server.get(tasks.format("sales-pipeline"), key=server.key).json()
    errands = server.get(tasks.format("errands"), key=server.key).json()
    assert ["42"] == [task["Company ID"] for task in pipeline]
    assert ["1", "2"] == [task["Ref"] for task in errands]
    assert not list(checkout.glob("errands*"))


def found(server: Server, query: str) -> list[str]:
    """Ask for tasks the way a page spells it, and return their unique IDs."""
    parameters = [tuple(part.split("=", 1)) for part in re.split(r"&(?! )", query)]
    tasks = requests.get(
        f"{server.url}/api/v1/workflows/sales-pipeline/tasks",
        parameters,
        headers={"Authorization": f"Bearer {server.key}"},
        timeout=30,
    )
    return [task["Company ID"] for task in tasks.json()]


def test_every_example_of_a_filter_finds_what_the_page_says(checkout: Path, server: Server) -> None:
    typed("sh", session(NATIVE)[:2], checkout, server)

    filters = [(row[0], row[1]) for row in rows(NATIVE, "Filters")]
    operators = [(row[2], row[3]) for row in rows(NATIVE, "Operators")]

    assert [row[0].strip("`") for row in rows(NATIVE, "Operators")] == list(OPERATORS)
    examples = {query.strip("`"): finds.split(", ") for query, finds in filters + operators}
    assert examples == {query: found(server, query) for query in examples}
