"""The running server: embedded database, worker processes and effects, from start to stop."""

import contextlib
import gc
import logging
import os
import signal
import threading
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from types import FrameType

from granian import Granian
from granian.constants import HTTPModes, Interfaces
from granian.log import LogLevels
from pymongo.errors import PyMongoError

from taskloom.app.banner import Announcement
from taskloom.app.bootstrap import Bootstrapped, bootstrap, local_key
from taskloom.app.composition import make_engine, open_ports
from taskloom.app.listening import bindable, url_of, wait_until_up
from taskloom.app.local import LocalServer, read_local, write_local
from taskloom.app.logs import GRANIAN_LOGS, configure_logs
from taskloom.app.memory import keep_little
from taskloom.app.shipping import folder_of, push_all
from taskloom.app.worker import load_app
from taskloom.config import SETTINGS, Settings
from taskloom.effects.base import EFFECTS
from taskloom.effects.runner import run_effects
from taskloom.errors import TaskloomError, Unavailable
from taskloom.storage.archive import BackupFault
from taskloom.storage.backup import require_whole
from taskloom.storage.client import DATABASE, connect
from taskloom.storage.datadir import CannotStart, DataDir
from taskloom.storage.mongod import Mongod

THREADS = 32
"""Requests of one worker that may be under way; most of them then wait for their client."""

KILL_AFTER_SECONDS = 20
RETRY_SECONDS = 10.0

log = logging.getLogger(__name__)

Announce = Callable[[Announcement], None]


def serve(settings: Settings, announce: Announce) -> int:
    """Run the server until SIGINT or SIGTERM and return its exit code.

    `announce` is called once, when the server answers, or at the end if it never did and an admin
    was made. Raises `CannotStart` or `BadSetting` with one clear reason; nothing is left running
    then.
    """
    configure_logs()
    keep_little()
    folder = folder_of(settings.workflows)
    url = url_of(settings.host, settings.port)
    with contextlib.ExitStack() as stack:
        stack.enter_context(_ending_on_sigterm())
        directory = DataDir(settings.data_dir)
        directory.claim(url)
        stack.callback(directory.release)
        address = bindable(settings.host, settings.port)
        uri = settings.mongodb_uri or _embedded(directory.path, stack)
        running = replace(settings, mongodb_uri=uri, data_dir=directory.path)
        announcement = _prepare(running, uri, url, folder)
        return _run(running, address, announcement, announce)


@contextlib.contextmanager
def _ending_on_sigterm() -> Iterator[None]:
    """Make SIGTERM end the start in good order too; later granian listens for it."""

    def end(_number: int, _frame: FrameType | None) -> None:
        raise KeyboardInterrupt

    before = signal.signal(signal.SIGTERM, end)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)


def _embedded(data_dir: Path, stack: contextlib.ExitStack) -> str:
    mongod = Mongod(data_dir)
    stack.callback(mongod.stop)
    mongod.start()
    mongod.supervise()
    return embedded_uri(mongod.uri)


def embedded_uri(uri: str) -> str:
    """Name our database in the address of an embedded mongod."""
    return uri.replace("/?", f"/{DATABASE}?", 1)


def _prepare(settings: Settings, uri: str, url: str, folder: Path) -> Announcement:
    """Make the database ready for the workers, and leave `server.json`."""
    try:
        database = connect(uri)
        with database.client:
            require_whole(database)
            engine = make_engine(settings, open_ports(settings, database))
            ready: Bootstrapped = bootstrap(engine, settings)
            push_all(engine, ready.actor, folder)
            former = read_local(settings.data_dir)
            name = f"local server in {settings.data_dir}"
            key = local_key(engine, ready.actor, former.key if former else None, name)
    except BackupFault as fault:
        raise CannotStart(fault.message, fault.remedy) from fault
    except (PyMongoError, TaskloomError) as fault:
        raise _unusable(fault) from fault
    note = write_local(settings.data_dir, LocalServer(url=url, key=key, pid=os.getpid()))
    return Announcement(url=url, note=note, made=ready.made)


def _unusable(fault: Exception) -> CannotStart:
    if isinstance(fault, Unavailable):
        return CannotStart(
            "The database does not answer.",
            "Start it, or set TASKLOOM_MONGODB_URI to where it is; "
            "without that variable an embedded one is used.",
        )
    return CannotStart(
        f"The database cannot be used: {fault}.",
        "Check the user's rights and the address in TASKLOOM_MONGODB_URI.",
    )


def environment(settings: Settings) -> dict[str, str]:
    """Spell settings as environment variables, so that `config.load` gives the same again."""
    values = {row.env: getattr(settings, row.name) for row in SETTINGS}
    return {
        name: ",".join(value) if isinstance(value, tuple) else str(value)
        for name, value in values.items()
        if value is not None
    }


def cores() -> int:
    """Count the processor cores that this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def _run(settings: Settings, address: str, announcement: Announcement, announce: Announce) -> int:
    os.environ.update(environment(settings))
    server = Granian(
        "taskloom.app.worker:load_app",
        address=address,
        port=settings.port,
        interface=Interfaces.WSGI,
        http=HTTPModes.http1,
        websockets=False,
        workers=settings.workers or cores(),
        blocking_threads=THREADS,
        respawn_failed_workers=True,
        workers_kill_timeout=KILL_AFTER_SECONDS,
        log_level=LogLevels.warning,
        log_dictconfig=dict(GRANIAN_LOGS),
    )
    stopping = threading.Event()
    beside = threading.Thread(
        target=_beside, args=(settings, announcement, announce, stopping), name="effects"
    )
    beside.start()
    # What was made so far stays shared between the workers: the collector must not touch it.
    gc.collect()
    gc.freeze()
    try:
        server.serve(target_loader=load_app, wrap_loader=False)
    except SystemExit as ended:
        return 0 if server.interrupt_signal else int(ended.code or 1)
    finally:
        stopping.set()
        beside.join()
    return 0


def _beside(
    settings: Settings, announcement: Announcement, announce: Announce, stopping: threading.Event
) -> None:
    """Announce the server once it answers, then carry out the effects until it stops."""
    if wait_until_up(settings.host, settings.port, stopping.wait):
        announce(announcement)
    elif announcement.made is not None:
        announce(replace(announcement, ready=False))
    while not stopping.is_set():
        try:
            database = connect(settings.mongodb_uri or "")
        except (PyMongoError, TaskloomError) as fault:
            log.warning("no effects for now: %s", fault)
            stopping.wait(RETRY_SECONDS)
            continue
        with database.client:
            run_effects(open_ports(settings, database), EFFECTS.members(), stopping)
