"""The data directory: one server uses it at a time, and says so."""

import contextlib
import errno
import fcntl
import json
import os
from datetime import UTC, datetime
from pathlib import Path


class CannotStart(Exception):
    """The embedded database cannot be used; `message` says why and `remedy` what to do."""

    def __init__(self, message: str, remedy: str) -> None:
        super().__init__(f"{message}\n{remedy}")
        self.message = message
        self.remedy = remedy


def unwritable(path: Path, fault: OSError) -> CannotStart:
    """Say why nothing can be written below `path`."""
    if fault.errno == errno.ENOSPC:
        return CannotStart(f"The disk of {path} is full.", "Free some space and start again.")
    return CannotStart(
        f"{path} cannot be written: {fault.strerror}.",
        "Give this user the right to write there, or set TASKLOOM_DATA_DIR to another folder.",
    )


class DataDir:
    """Exclusive use of a directory, as a lock that the kernel drops when this process ends."""

    def __init__(self, path: Path) -> None:
        self.path = path.absolute()
        self._file: int | None = None

    def claim(self, address: str) -> None:
        """Take the directory for the server at `address`, making it if it is missing.

        Raises `CannotStart`, naming the other server, when one uses it.
        """
        try:
            self.path.mkdir(mode=0o700, parents=True, exist_ok=True)
            file = os.open(self.path / "lock", os.O_RDWR | os.O_CREAT, 0o600)
        except OSError as fault:
            raise unwritable(self.path, fault) from fault
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            _sign(file, address)
        except BlockingIOError as fault:
            holder = _read(file)
            os.close(file)
            raise _taken(self.path, holder) from fault
        except OSError as fault:
            os.close(file)
            raise unwritable(self.path, fault) from fault
        self._file = file
        # A forked worker must not keep the lock alive after this process was killed.
        os.register_at_fork(after_in_child=self._forget)

    def release(self) -> None:
        """Let another server use the directory; harmless to repeat."""
        if self._file is not None:
            os.ftruncate(self._file, 0)
            self._forget()

    def _forget(self) -> None:
        file, self._file = self._file, None
        if file is not None:
            os.close(file)


def _sign(file: int, address: str) -> None:
    note = {
        "pid": os.getpid(),
        "address": address,
        "since": datetime.now(UTC).isoformat(timespec="seconds"),
    }
    os.ftruncate(file, 0)
    os.pwrite(file, json.dumps(note).encode(), 0)


def _read(file: int) -> dict[str, object]:
    with contextlib.suppress(ValueError):
        note = json.loads(os.pread(file, 4096, 0))
        return note if isinstance(note, dict) else {}
    return {}


def _taken(path: Path, holder: dict[str, object]) -> CannotStart:
    if not holder:
        who = "another server that is just starting"
    else:
        who = f"the server at {holder.get('address')}, process {holder.get('pid')}, "
        who += f"running since {holder.get('since')}"
    return CannotStart(
        f"{path} is in use by {who}.",
        "Stop that server, or set TASKLOOM_DATA_DIR to another folder.",
    )
