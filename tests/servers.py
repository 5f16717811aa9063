"""The program as a child process: `taskloom serve` and the other commands as people run them."""

import contextlib
import os
import re
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import IO

import requests

ROOT = Path(__file__).resolve().parents[1]
READY_WITHIN_SECONDS = 60.0
STOP_WITHIN_SECONDS = 60.0


def free_port() -> int:
    """Return a port that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def environment(settings: Mapping[str, str]) -> dict[str, str]:
    """Give a child the environment of this process, but only these settings."""
    # Children are not measured: coverage would make a pressed server twice as slow.
    dropped = ("TASKLOOM_", "COVERAGE_")
    kept = {name: value for name, value in os.environ.items() if not name.startswith(dropped)}
    path = os.pathsep.join([str(ROOT / "platform"), kept.get("PYTHONPATH", "")])
    return {**kept, "PYTHONPATH": path.rstrip(os.pathsep), **settings}


def command(*words: str | Path) -> list[str]:
    """Spell a command line of the program."""
    return [sys.executable, "-m", "taskloom.cli.main", *map(str, words)]


def run(
    *words: str | Path, cwd: Path, settings: Mapping[str, str] | None = None, stdin: str = ""
) -> subprocess.CompletedProcess[str]:
    """Run one command to its end."""
    return subprocess.run(
        command(*words),
        cwd=cwd,
        env=environment(settings or {}),
        input=stdin,
        capture_output=True,
        text=True,
        timeout=100,
        check=False,
    )


class Server:
    """A running `taskloom serve` in a folder of its own, which holds its output too."""

    def __init__(self, folder: Path, settings: Mapping[str, str], port: int | None = None) -> None:
        self.folder = folder
        self.port = port or free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self.data_dir = folder / "data"
        self.settings = {
            "TASKLOOM_DATA_DIR": str(self.data_dir),
            "TASKLOOM_PORT": str(self.port),
            "TASKLOOM_WORKERS": "2",
            **settings,
        }
        folder.mkdir(parents=True, exist_ok=True)
        self._out = (folder / "stdout").open("w+", encoding="utf-8")
        self._err = (folder / "stderr").open("w+", encoding="utf-8")
        self.process = subprocess.Popen(
            command("serve"),
            cwd=folder,
            env=environment(self.settings),
            stdout=self._out,
            stderr=self._err,
            start_new_session=True,
        )
        self._wait_until_ready()

    def _wait_until_ready(self) -> None:
        deadline = time.monotonic() + READY_WITHIN_SECONDS
        while "Try it" not in self.said:
            code = self.process.poll()
            if code is not None or time.monotonic() > deadline:
                self.kill()
                raise AssertionError(f"no server, exit code {code}:\n{self.said}{self.complaints}")
            time.sleep(0.05)

    @property
    def said(self) -> str:
        """What it wrote to standard output so far."""
        return _text(self._out)

    @property
    def complaints(self) -> str:
        """What it wrote to standard error so far."""
        return _text(self._err)

    @property
    def curl_line(self) -> str:
        """The line of the banner that is there to be pasted into a shell."""
        return next(line.strip() for line in self.said.splitlines() if "curl" in line)

    @property
    def key(self) -> str:
        """The admin key of the first start."""
        found = re.search(r"API key +(tl_\S+)", self.said)
        assert found is not None, self.said
        return found[1]

    def get(self, path: str, *, key: str | None = None) -> requests.Response:
        """Ask the server for something."""
        headers = {"Authorization": f"Bearer {key}"} if key else {}
        return requests.get(self.url + path, headers=headers, timeout=30)

    def children(self) -> list[int]:
        """Return the ids of all processes that it started and that run."""
        return descendants(self.process.pid)

    def run(self, *words: str | Path, stdin: str = "") -> subprocess.CompletedProcess[str]:
        """Run a command that finds this server as the local one."""
        settings = {"TASKLOOM_DATA_DIR": str(self.data_dir)}
        if uri := self.settings.get("TASKLOOM_MONGODB_URI"):
            settings["TASKLOOM_MONGODB_URI"] = uri
        return run(*words, cwd=self.folder, settings=settings, stdin=stdin)

    def stop(self) -> int:
        """Ask it to end, as a service manager would, and return its exit code."""
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
        return self.process.wait(STOP_WITHIN_SECONDS)

    def kill(self, *, whole_group: bool = False) -> None:
        """End it as a crash would: the parent process alone, or its whole process group."""
        if whole_group:
            os.killpg(self.process.pid, signal.SIGKILL)
        self.process.kill()
        self.process.wait(STOP_WITHIN_SECONDS)

    def close(self) -> None:
        """Stop it and let go of its output."""
        self.stop()
        self._out.close()
        self._err.close()


def _text(file: IO[str]) -> str:
    return Path(file.name).read_text(encoding="utf-8")


def descendants(pid: int) -> list[int]:
    """Return the processes below one, deep ones too."""
    found: list[int] = []
    for task in Path(f"/proc/{pid}/task").glob("*"):
        # A thread may end at any moment.
        with contextlib.suppress(FileNotFoundError, ProcessLookupError):
            for child in (task / "children").read_text(encoding="ascii").split():
                found += [int(child), *descendants(int(child))]
    return found


def is_running(pid: int) -> bool:
    """Tell whether a process runs; one that ended and waits for its parent does not."""
    try:
        status = Path(f"/proc/{pid}/stat").read_text(encoding="ascii")
    except (FileNotFoundError, ProcessLookupError):
        return False
    return status.rpartition(")")[2].split()[0] not in {"Z", "X"}


@contextmanager
def serving(
    folder: Path, settings: Mapping[str, str] | None = None, port: int | None = None
) -> Iterator[Server]:
    """Run a server for the length of a block."""
    server = Server(folder, settings or {}, port)
    try:
        yield server
    finally:
        server.close()
