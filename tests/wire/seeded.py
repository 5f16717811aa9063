"""The client code in the documents this product was made from: found, changed where it must, run.

The documents lie beside the checkout; without them there is nothing to run.
"""

import re
import shutil
import subprocess
import sys
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

import pytest
from flask import Flask
from werkzeug.serving import WSGIRequestHandler, make_server

ROOT = Path(__file__).parents[2]
SEEDS = ROOT.parent / "shared" / "seeds"
SECONDS = 60
POLL_SECONDS = 0.02
OLDEST_NODE = 20


def seed(number: str) -> str:
    """Return a document by its number, or skip the test where the documents are not there."""
    found = sorted(SEEDS.glob(f"{number}_*.txt"))
    if not found:
        pytest.skip("the documents with the client code are not beside this checkout")
    return found[0].read_text(encoding="utf-8")


def blocks(document: str, language: str) -> list[str]:
    """Return the code blocks of one language, in order."""
    return re.findall(rf"^```{language}\n(.*?)^```", document, re.MULTILINE | re.DOTALL)


def put(code: str, changes: Mapping[str, str]) -> str:
    """Replace every text that stands for something of the reader's own; each must be there."""
    for told, own in changes.items():
        assert told in code, f"{told} is not in the code"
        code = code.replace(told, own)
    return code


class _Silent(WSGIRequestHandler):
    def log(self, type: str, message: str, *args: object) -> None:  # noqa: A002 - the name it is passed by
        """Keep requests out of what the test run says."""


@contextmanager
def listening(app: Flask) -> Iterator[str]:
    """Serve an app on loopback for the length of a block; give its address."""
    server = make_server("127.0.0.1", 0, app, threaded=True, request_handler=_Silent)
    thread = threading.Thread(target=server.serve_forever, args=(POLL_SECONDS,))
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def run_python(code: str, folder: Path) -> str:
    """Run Python and return what it printed."""
    return _run([sys.executable, str(_written(folder / "client.py", code))])


def run_javascript(code: str, folder: Path) -> str:
    """Run a JavaScript module and return what it printed; skip the test where there is no Node."""
    return _run([_node(), str(_written(folder / "client.mjs", code))])


def run_shell(code: str, folder: Path) -> str:
    """Run a shell script and return what it printed; skip the test where there is no curl."""
    if shutil.which("curl") is None:
        pytest.skip("the document uses curl, which is not on this machine")
    return _run(["sh", str(_written(folder / "client.sh", code))])


def _written(path: Path, code: str) -> Path:
    path.write_text(code, encoding="utf-8")
    return path


def _run(command: list[str]) -> str:
    done = subprocess.run(command, capture_output=True, text=True, timeout=SECONDS, check=False)
    assert (0, "") == (done.returncode, _complaints(done.stderr)), done.stdout
    return done.stdout


def _complaints(said: str) -> str:
    """Leave out the progress that curl tells on standard error."""
    return "" if "% Total" in said else said


def _node() -> str:
    """Find Node.js as the Makefile does: the machine's, or the one in the virtual environment."""
    for folder in (None, str(Path(sys.executable).parent)):
        node = shutil.which("node", path=folder)
        if node is not None and _version(node) >= OLDEST_NODE:
            return node
    pytest.skip("the document uses JavaScript, and no Node.js 20 or newer is on this machine")


def _version(node: str) -> int:
    said = subprocess.run([node, "--version"], capture_output=True, text=True, check=True).stdout
    return int(said.removeprefix("v").partition(".")[0])
