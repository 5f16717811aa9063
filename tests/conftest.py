"""What tests share: one real mongod a run, an empty database a test, and the stores over it."""

import fcntl
import json
import os
import shutil
import time
import uuid
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pymongo
import pytest
from argon2 import PasswordHasher
from pymongo.write_concern import WriteConcern

from taskloom.engine import passwords
from taskloom.storage.client import Database, connect
from taskloom.storage.mongod import Mongod
from taskloom.storage.stores import Stores, open_stores
from tests.beginnings import KEPT
from tests.builders import compile_source


class SharedMongod:
    """One mongod for all workers of a test run; who started it stops it when nobody is left."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._note = folder / "mongod.users"
        self._started: Mongod | None = None
        self.uri = self._join()

    def leave(self) -> None:
        """Use it no longer; its starter waits for the others, then stops it and clears up."""
        self._sign_off()
        while self._started is not None and not self._stopped():
            time.sleep(0.1)

    def _join(self) -> str:
        with self._alone():
            uri, users = self._read()
            if not uri:
                self._started = Mongod(self._data)
                uri = self._started.start()
                _forget_at_once(uri)
            self._write(uri, [*users, os.getpid()])
            return uri

    @property
    def _data(self) -> Path:
        return self._folder / "mongod"

    def _sign_off(self) -> None:
        with self._alone():
            uri, users = self._read()
            self._write(uri, [user for user in users if user != os.getpid()])

    def _stopped(self) -> bool:
        with self._alone():
            _, users = self._read()
            if any(_is_alive(user) for user in users):
                return False
            assert self._started is not None
            self._started.stop()
            self._note.unlink()
            shutil.rmtree(self._data)
            return True

    def _read(self) -> tuple[str, list[int]]:
        if not self._note.exists():
            return "", []
        uri, users = json.loads(self._note.read_text(encoding="utf-8"))
        return uri, users

    def _write(self, uri: str, users: list[int]) -> None:
        self._note.write_text(json.dumps([uri, users]), encoding="utf-8")

    @contextmanager
    def _alone(self) -> Iterator[None]:
        with (self._folder / "mongod.lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            yield


def _is_alive(process: int) -> bool:
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    return True


def _forget_at_once(uri: str) -> None:
    """Let mongod close the files of dropped collections soon: a run drops tens of thousands."""
    with pymongo.MongoClient[dict[str, object]](uri) as client:
        client.admin.command("setParameter", 1, minSnapshotHistoryWindowInSeconds=0)
        client.admin.command("setParameter", 1, syncdelay=5)


LASTING = frozenset(
    {
        "attachments",
        "calls",
        "contents",
        "counters",
        "fs.chunks",
        "fs.files",
        "history",
        "import_pieces",
        "imports",
        "keys",
        "links",
        "notifications",
        "retries",
        "saved_views",
        "secrets",
        "sessions",
        "slow_queries",
        "throttle",
        "upkeep",
        "users",
        "workflow_versions",
        "workflows",
        "workspaces",
    }
)
"""Collections that every server has."""

SHARED = pytest.StashKey[SharedMongod]()


@pytest.fixture(scope="session", autouse=True)
def _quick_passwords() -> None:
    """Hash passwords at little cost: nearly every test founds a workspace with an admin."""
    passwords._HASHER = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)  # noqa: SLF001 - there is no setting to make a server careless


@pytest.fixture(scope="session")
def mongod_uri(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> str:
    """Address of a real mongod that all tests of this run share."""
    base = tmp_path_factory.getbasetemp()
    shared = SharedMongod(base.parent if "PYTEST_XDIST_WORKER" in os.environ else base)
    request.config.stash[SHARED] = shared
    return shared.uri


def pytest_sessionfinish(session: pytest.Session) -> None:
    """Stop mongod outside any test, for waiting on the other workers may take a while."""
    for opened in _EMPTY:
        opened.client.close()
    shared = session.config.stash.get(SHARED, None)
    if shared is not None:
        shared.leave()


_EMPTY: list[Database] = []
"""Databases of this process that were emptied: to make indexes takes longer than most tests."""

_AT_ONCE = WriteConcern(w=1)


@pytest.fixture
def database(mongod_uri: str) -> Iterator[Database]:
    """Give an empty database, in which some collections and indexes may be already."""
    opened = _EMPTY.pop() if _EMPTY else connect(mongod_uri, f"test_{uuid.uuid4().hex}")
    yield opened
    empty(opened)
    _EMPTY.append(opened)


def empty(database: Database) -> None:
    """Remove everything; what each test has of its own goes as a whole."""
    kept = LASTING | KEPT.get(database.name, set())
    names = database.list_collection_names()
    for name in _filled(database, [name for name in names if name in kept]):
        database[name].with_options(write_concern=_AT_ONCE).delete_many({})
    for name in names:
        if name not in kept:
            database.drop_collection(name)


def _filled(database: Database, names: Sequence[str]) -> Sequence[str]:
    """Name the collections that have any document, in one command."""
    looks: list[list[dict[str, Any]]] = [
        [{"$limit": 1}, {"$project": {"_id": {"$literal": name}}}] for name in names
    ]
    if not looks:
        return []
    joined = [
        {"$unionWith": {"coll": name, "pipeline": look}}
        for name, look in zip(names[1:], looks[1:], strict=True)
    ]
    return [found["_id"] for found in database[names[0]].aggregate([*looks[0], *joined])]


@pytest.fixture
def fresh_database(mongod_uri: str) -> Iterator[Database]:
    """Give a database that nobody used before, dropped after the test."""
    opened = connect(mongod_uri, f"test_{uuid.uuid4().hex}")
    yield opened
    opened.client.drop_database(opened.name)
    opened.client.close()


@pytest.fixture
def stores(database: Database, tmp_path: Path) -> Iterator[Stores]:
    """Give all stores over an empty database."""
    opened = open_stores(
        database,
        compiler=compile_source,
        generation_path=tmp_path / "generation",
        query_ms=10_000,
    )
    yield opened
    opened.close()
