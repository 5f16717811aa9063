"""The database for commands that work beside the server, whether one runs or not."""

import contextlib
import json
from collections.abc import Iterator
from pathlib import Path

from pymongo import MongoClient
from pymongo.errors import PyMongoError

from taskloom.app.server import embedded_uri
from taskloom.config import Settings
from taskloom.storage.client import Database, connect
from taskloom.storage.datadir import CannotStart, DataDir
from taskloom.storage.mongod import HOST, SET, Mongod

_PATIENCE_MS = 2000


@contextlib.contextmanager
def open_beside(settings: Settings, purpose: str) -> Iterator[Database]:
    """Open the external database, that of the running server, or the embedded one.

    The last is started for as long as this takes; `purpose` tells others who holds it.
    """
    with contextlib.ExitStack() as stack:
        uri = settings.mongodb_uri or _running_or_embedded(settings.data_dir, purpose, stack)
        yield stack.enter_context(_opened(uri))


@contextlib.contextmanager
def open_alone(settings: Settings, purpose: str) -> Iterator[Database]:
    """Open the external database, or the embedded one while no server uses it.

    Raises `CannotStart`, naming the server that does. Who uses an external one is not known.
    """
    with contextlib.ExitStack() as stack:
        uri = settings.mongodb_uri or _embedded(settings.data_dir, purpose, stack)
        yield stack.enter_context(_opened(uri))


@contextlib.contextmanager
def _opened(uri: str) -> Iterator[Database]:
    database = connect(uri)
    with database.client:
        yield database


def _running_or_embedded(data_dir: Path, purpose: str, stack: contextlib.ExitStack) -> str:
    try:
        return _embedded(data_dir, purpose, stack)
    except CannotStart:
        running = running_uri(data_dir)
        if running is None:
            raise
        return running


def _embedded(data_dir: Path, purpose: str, stack: contextlib.ExitStack) -> str:
    directory = DataDir(data_dir)
    directory.claim(purpose)
    stack.callback(directory.release)
    mongod = Mongod(directory.path)
    stack.callback(mongod.stop)
    return embedded_uri(mongod.start())


def running_uri(data_dir: Path) -> str | None:
    """Return the address of the embedded mongod that runs on this directory, or None."""
    note = _note(data_dir)
    port, pid = note.get("port"), note.get("pid")
    if not isinstance(port, int) or not isinstance(pid, int):
        return None
    client: MongoClient[dict[str, object]] = MongoClient(
        HOST, port, directConnection=True, serverSelectionTimeoutMS=_PATIENCE_MS
    )
    with client, contextlib.suppress(PyMongoError):
        # Another program may have taken the port since.
        if client.admin.command("serverStatus", repl=0, metrics=0, locks=0)["pid"] == pid:
            return embedded_uri(f"mongodb://{HOST}:{port}/?replicaSet={SET}")
    return None


def _note(data_dir: Path) -> dict[str, object]:
    with contextlib.suppress(OSError, ValueError):
        note = json.loads((data_dir / "mongod.json").read_bytes())
        return note if isinstance(note, dict) else {}
    return {}
