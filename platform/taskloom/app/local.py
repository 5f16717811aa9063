"""`server.json`: how programs of the same user find the local server and its admin key."""

import contextlib
import json
import os
from dataclasses import asdict, dataclass
from pathlib import Path

NAME = "server.json"


@dataclass(frozen=True, slots=True, kw_only=True)
class LocalServer:
    """The server that last used a data directory; it need not run any more."""

    url: str
    key: str
    pid: int


def read_local(data_dir: Path) -> LocalServer | None:
    """Return what the last server left, or None where there is nothing readable."""
    with contextlib.suppress(OSError, ValueError, TypeError):
        return LocalServer(**json.loads((data_dir / NAME).read_bytes()))
    return None


def write_local(data_dir: Path, server: LocalServer) -> Path:
    """Leave a note that only this user can read; a reader sees the old or the new one, whole."""
    path = data_dir / NAME
    fresh = data_dir / f"{NAME}.{os.getpid()}"
    fresh.unlink(missing_ok=True)
    file = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(file, "w", encoding="utf-8") as note:
        json.dump(asdict(server), note, indent=2)
        note.write("\n")
    fresh.replace(path)
    return path
