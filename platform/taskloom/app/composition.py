"""The one place where the engine meets its storage and the wire: settings in, ready parts out."""

import threading
import time
from collections.abc import Callable

import pymongo
from bson import ObjectId
from flask import Flask
from pymongo.errors import PyMongoError

from taskloom.config import CLOSED, OPEN, Settings
from taskloom.engine.blobs import Fetcher
from taskloom.engine.engine import Engine, open_engine
from taskloom.engine.policy import Policy
from taskloom.engine.ports import Ports
from taskloom.model.task import Moment
from taskloom.schema.compile import compile_source
from taskloom.schema.compiled import Compiled
from taskloom.storage.client import Database
from taskloom.storage.files import GridFiles
from taskloom.storage.gate import Gate
from taskloom.storage.remote import RemoteFiles
from taskloom.storage.stores import open_stores
from taskloom.wire.app import create_app
from taskloom.wire.base import Limits
from taskloom.wire.calls import Calls
from taskloom.wire.needs import facade_faults_of

PATIENCE_SECONDS = 2.0


def clock() -> Moment:
    """Tell the time in milliseconds since 1970."""
    return time.time_ns() // 1_000_000


def new_id() -> str:
    """Make an id of 24 hex digits that no other process makes."""
    return str(ObjectId())


def _compile(source: str, workspace: str, uid: str, version: int) -> Compiled:
    return compile_source(source, workspace=workspace, uid=uid, version=version)


def open_ports(settings: Settings, database: Database, *, fetcher: Fetcher | None = None) -> Ports:
    """Put the engine's ports together over one database; makes the data directory if need be."""
    settings.data_dir.mkdir(mode=0o700, parents=True, exist_ok=True)
    stores = open_stores(
        database,
        compiler=_compile,
        generation_path=settings.data_dir / "generation",
        query_ms=settings.query_ms,
    )
    files = GridFiles(database)
    files.prepare()
    return Ports(
        tasks=stores.tasks,
        workflows=stores.workflows,
        directory=stores.directory,
        throttle=stores.throttle,
        notifications=stores.notifications,
        imports=stores.imports,
        upkeep=stores.upkeep,
        retries=stores.retries,
        sessions=stores.sessions,
        feed=stores.feed,
        saved_views=stores.saved_views,
        figures=stores.figures,
        shifts=stores.shifts,
        calls=stores.calls,
        files=files,
        fetcher=fetcher or RemoteFiles(Gate(settings.fetch_allow), max_bytes=settings.max_file),
        clock=clock,
        new_id=new_id,
    )


def policy_of(settings: Settings) -> Policy:
    """Tell the engine what the settings decide about people."""
    return Policy(
        signup=None if settings.signup == OPEN else frozenset(settings.signup).difference(CLOSED),
        invite=settings.invite_token,
        per_minute=settings.rate_per_minute,
        per_day=settings.rate_per_day,
    )


def make_engine(settings: Settings, ports: Ports) -> Engine:
    """Put the engine together with what the settings decide and the dialects need."""
    return open_engine(ports, policy_of(settings), facade_faults=facade_faults_of)


def open_app(settings: Settings, database: Database, *, fetcher: Fetcher | None = None) -> Flask:
    """Make the WSGI application over one database."""
    limits = Limits(
        max_body=settings.max_body,
        max_file=settings.max_file,
        max_import=settings.max_import,
        public_url=settings.public_url,
    )
    engine = make_engine(settings, open_ports(settings, database, fetcher=fetcher))
    app = create_app(engine, limits, readiness(database))
    calls = Calls(app.wsgi_app, engine)
    app.wsgi_app = calls  # type: ignore[method-assign] # as Flask says one wraps it
    # It ends with the process: what it did not keep by then nobody has to have.
    args = (threading.Event(),)
    threading.Thread(target=calls.run, args=args, name="calls", daemon=True).start()
    return app


def readiness(database: Database) -> Callable[[], bool]:
    """Make the question whether the database answers now."""

    def ready() -> bool:
        try:
            with pymongo.timeout(PATIENCE_SECONDS):
                database.command("ping")
        except PyMongoError:
            return False
        return True

    return ready
