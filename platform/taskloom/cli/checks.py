"""What `taskloom doctor` looks at; each check tells what it found and what to do about it."""

import ctypes.util
import shutil
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import requests
from pymongo.errors import PyMongoError

from taskloom.app.composition import open_ports
from taskloom.app.local import read_local
from taskloom.app.shipping import files_in, folder_of
from taskloom.cli.client import Client, place_of
from taskloom.cli.examining import examined
from taskloom.cli.failure import Failure
from taskloom.config import BadSetting, Settings
from taskloom.engine.ports import Ports
from taskloom.engine.upkeep import State
from taskloom.errors import TaskloomError
from taskloom.model.workflow import Workflow
from taskloom.storage.archive import BackupFault
from taskloom.storage.backup import require_whole
from taskloom.storage.client import Database
from taskloom.storage.datadir import CannotStart
from taskloom.storage.mongod import find_binary

Level = Literal["ok", "warn", "fail"]

_LEFT = "a running server does that behind all else; look again later"

MIB = 1024 * 1024
LOW_MIB = 1024
LEAST_MIB = 400
"""An empty embedded database takes some 300 MiB."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One line of the doctor's report."""

    check: str
    level: Level
    message: str
    remedy: str = ""

    def __str__(self) -> str:
        remedy = f" — {self.remedy}" if self.remedy else ""
        return f"{self.level:<4}  {self.check}: {self.message}{remedy}"


def data_dir(settings: Settings) -> Iterator[Finding]:
    """Look at the data directory and the room on its disk."""
    path = settings.data_dir.absolute()
    if path.exists() and not path.is_dir():
        yield Finding(
            check="data directory",
            level="fail",
            message=f"{path} is no directory",
            remedy="set TASKLOOM_DATA_DIR to a folder",
        )
        return
    state = "is there" if path.exists() else "will be made by the first `taskloom serve`"
    yield Finding(check="data directory", level="ok", message=f"{path} {state}")
    existing = next(place for place in (path, *path.parents) if place.is_dir())
    yield _room(existing)


def _room(place: Path) -> Finding:
    free = shutil.disk_usage(place).free // MIB
    message = f"{free} MiB are free at {place}"
    if free >= LOW_MIB:
        return Finding(check="disk", level="ok", message=message)
    level: Level = "fail" if free < LEAST_MIB else "warn"
    return Finding(
        check="disk",
        level=level,
        message=message,
        remedy="free some space: the database stops when it is full",
    )


def mongod(settings: Settings) -> Iterator[Finding]:
    """Look for the embedded database's program and the library it needs."""
    if settings.mongodb_uri is not None:
        yield Finding(check="mongod", level="ok", message="not needed: TASKLOOM_MONGODB_URI is set")
        return
    try:
        binary = find_binary()
    except CannotStart as fault:
        yield Finding(check="mongod", level="fail", message=fault.message, remedy=fault.remedy)
        return
    yield Finding(check="mongod", level="ok", message=f"found at {binary}")
    if sys.platform == "linux" and ctypes.util.find_library("curl") is None:
        yield Finding(
            check="libcurl",
            level="warn",
            message="the library libcurl.so.4 was not found",
            remedy="the embedded mongod needs it; on Debian and Ubuntu: apt-get install libcurl4",
        )


def workflow_files(settings: Settings) -> Iterator[Finding]:
    """Check the workflow files that `serve` would push."""
    try:
        folder = folder_of(settings.workflows)
    except BadSetting as fault:
        yield Finding(check="workflow files", level="fail", message=str(fault))
        return
    good = 0
    for path in files_in(folder):
        faults = examined(path.read_text(encoding="utf-8", errors="replace"))
        good += not faults
        if faults:
            yield Finding(
                check="workflow files",
                level="fail",
                message=f"{path} has {len(faults)} faults",
                remedy=f"`taskloom workflow check {path}` tells them",
            )
    yield Finding(check="workflow files", level="ok", message=f"{good} in {folder} are good")


def database(opened: Database) -> Iterator[Finding]:
    """Look at the database itself."""
    try:
        version = opened.client.server_info()["version"]
        hello = opened.client.admin.command("hello")
    except PyMongoError as fault:
        yield Finding(check="database", level="fail", message=str(fault))
        return
    kind = f"replica set {hello['setName']}" if "setName" in hello else "sharded cluster"
    message = f"MongoDB {version}, {kind}, database {opened.name!r}"
    yield Finding(check="database", level="ok", message=message)
    try:
        require_whole(opened)
    except BackupFault as fault:
        yield Finding(check="restore", level="fail", message=fault.message, remedy=fault.remedy)


def stored_workflows(settings: Settings, opened: Database) -> Iterator[Finding]:
    """Count the tasks of every workflow, see to its indexes and tell which queries are slow."""
    ports = open_ports(settings, opened)
    for workspace in ports.directory.workspaces():
        for workflow in ports.workflows.every(workspace.id):
            check = f"workflow {workspace.name}/{workflow.id}"
            yield from _stored(ports, workflow, check)


def _stored(ports: Ports, workflow: Workflow, check: str) -> Iterator[Finding]:
    try:
        compiled = ports.workflows.current(workflow.workspace, workflow.id)
        if compiled is None:
            yield Finding(check=check, level="warn", message="was deleted just now")
            return
        ports.tasks.prepare(compiled)
        count = sum(ports.tasks.stage_counts(compiled).values())
        state = ports.upkeep.state(compiled)
    except (PyMongoError, TaskloomError) as fault:
        remedy = "push the workflow again; if that fails, look at the database's log"
        yield Finding(check=check, level="fail", message=str(fault), remedy=remedy)
        return
    kept = "indexes as they should be" if not state.indexes else "some indexes not built yet"
    message = f"version {workflow.version}, {count} tasks, {kept}"
    yield Finding(check=check, level="ok", message=message)
    yield from _left(state, check)


def _left(state: State, check: str) -> Iterator[Finding]:
    """Tell what is left to be done for a workflow's tasks, and which queries were slow."""
    for name, fault in state.faults.items():
        message = f"the index {name} could not be built: {fault}"
        remedy = "mend the tasks that it names, or declare another list; it is tried every minute"
        yield Finding(check=check, level="warn", message=message, remedy=remedy)
    building = [name for name in state.indexes if name not in state.faults]
    if building:
        message = f"still to be built: {', '.join(building)}"
        yield Finding(check=check, level="warn", message=message, remedy=_LEFT)
    if state.words:
        message = "the words of some tasks are still to be indexed, so `_q` does not find them"
        yield Finding(check=check, level="warn", message=message, remedy=_LEFT)
    for slow in state.slow:
        message = f"slow: {slow.shape} ({slow.times} times noted, {slow.worst} ms at worst)"
        yield Finding(check=check, level="warn", message=message, remedy=slow.hint)


def server(settings: Settings) -> Iterator[Finding]:
    """See whether the server answers and takes our key."""
    local = read_local(settings.data_dir)
    try:
        place = place_of(settings)
    except Failure as fault:
        yield Finding(check="server", level="warn", message=fault.message, remedy=fault.remedy)
        return
    with Client(place) as client:
        try:
            state = client.try_to_send("GET", "/readyz").status_code
            taken = client.try_to_send("GET", "/api/v1/workflows").status_code
        except requests.RequestException as fault:
            failure = client.unreachable(fault)
            level: Level = "fail" if settings.url or local is None else "warn"
            yield Finding(
                check="server", level=level, message=failure.message, remedy=failure.remedy
            )
            return
    yield _answering(place.url, state)
    yield _key(taken)


def _answering(url: str, status: int) -> Finding:
    if status == requests.codes.ok:
        return Finding(check="server", level="ok", message=f"ready at {url}")
    return Finding(
        check="server",
        level="fail",
        message=f"{url} answers {status} to /readyz",
        remedy="look at its log: the database may be away",
    )


def _key(status: int) -> Finding:
    if status == requests.codes.ok:
        return Finding(check="API key", level="ok", message="accepted")
    return Finding(
        check="API key",
        level="fail",
        message=f"answered with {status}",
        remedy="set TASKLOOM_KEY to a good one, or unset it to use the local server's",
    )
