"""Another WSGI application beside ours, behind granian with two workers too."""

import http.client
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

from tests.servers import ROOT, descendants, environment, free_port

THREADS = 4
READY_WITHIN = 30.0

Address = tuple[str, int]


@dataclass(frozen=True, slots=True, kw_only=True)
class Beside:
    """Where it listens, and its first process."""

    address: Address
    process: int

    @property
    def processes(self) -> Sequence[int]:
        """All its processes."""
        return [self.process, *descendants(self.process)]


@contextmanager
def beside(
    application: str, settings: Mapping[str, str], python: str = sys.executable
) -> Iterator[Beside]:
    """Run an application, named `module:factory`, with an interpreter that has what it needs."""
    address = "127.0.0.1", free_port()
    words = ["--interface", "wsgi", "--workers", "2", "--factory", "--port", str(address[1])]
    process = subprocess.Popen(
        [python, "-m", "granian", *words, "--blocking-threads", str(THREADS), application],
        cwd=ROOT,
        env=environment(settings),
        stdout=subprocess.DEVNULL,
    )
    try:
        _wait_for(address)
        yield Beside(address=address, process=process.pid)
    finally:
        process.terminate()
        process.wait()


def _wait_for(address: Address) -> None:
    end = time.monotonic() + READY_WITHIN
    while True:
        try:
            http.client.HTTPConnection(*address, timeout=5).connect()
        except OSError:
            if time.monotonic() > end:
                raise
            time.sleep(0.1)
        else:
            return
