"""What wire tests share: a fresh server that has the sales pipeline, and a client for it.

`settings` may be overridden by a module that needs other limits. `engine` and `app` are the parts
themselves; `ask` sends any request as a WSGI server would hand it over, `api` is the small client
of the native API. Nothing listens anywhere but the file server behind `Api.serves`.
"""

import json
from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from functools import cache
from io import BytesIO
from itertools import count
from pathlib import Path
from typing import Any, cast
from urllib.parse import unquote_to_bytes

import pytest
from flask import Flask
from pytest_httpserver import HTTPServer
from werkzeug.datastructures import Headers
from werkzeug.test import EnvironBuilder, run_wsgi_app

from taskloom.app.composition import make_engine, open_ports
from taskloom.config import Settings, load
from taskloom.engine.engine import Engine
from taskloom.engine.founding import Founded
from taskloom.storage.client import Database
from taskloom.wire.app import create_app
from taskloom.wire.base import Limits
from tests.beginnings import begun
from tests.wire.api import Api, Reply
from tests.wire.validating import check_against_openapi

PIPELINE = Path(__file__).parents[2] / "workflow_schemas" / "sales-pipeline.json"
PREFIX = "/api/v1"
KEY = "tl_" + "k" * 40

Ask = Callable[..., Reply]
"""`ask(method, path, headers=…, body=…, environ=…)`; the path as it stands on the wire."""


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    """Settings of a server whose `remoteUrl` may reach this machine."""
    return load({"data_dir": str(tmp_path / "data"), "fetch_allow": "127.0.0.1/32"}, {})


@pytest.fixture
def limits(settings: Settings) -> Limits:
    """The limits that the settings give."""
    return Limits(
        max_body=settings.max_body,
        max_file=settings.max_file,
        max_import=settings.max_import,
        public_url=settings.public_url,
    )


@pytest.fixture
def engine(settings: Settings, database: Database) -> Engine:
    """The engine over an empty database."""
    return make_engine(settings, open_ports(settings, database))


@pytest.fixture
def founded(engine: Engine, database: Database) -> Founded:
    """The workspace `main` with its first admin, whose key is `KEY`, and the sales pipeline."""

    def found() -> Founded:
        made = engine.people.found("main", "admin@example.com", password="secret", secret=KEY)
        actor = engine.people.authenticate(made.secret)
        engine.workflows.create(actor, PIPELINE.read_text(encoding="utf-8"))
        return made

    return begun(database, "founded", found)


class _Present:
    """The engine of the test that runs now, for an app that serves many tests."""

    engine: Engine

    def __getattr__(self, name: str) -> object:
        return getattr(self.engine, name)


@cache
def _app(limits: Limits) -> tuple[Flask, _Present]:
    # Describing all routes takes longer than most tests.
    present = _Present()
    return create_app(cast(Engine, present), limits, lambda: True), present


@pytest.fixture
def app(engine: Engine, limits: Limits, founded: Founded) -> Flask:
    """The app over a database with one workspace."""
    app, present = _app(limits)
    present.engine = engine
    return app


@pytest.fixture
def ask(app: Flask) -> Ask:
    """Send a request to the app as a WSGI server does, and read the answer whole.

    Every answer is held against the API's own documents.
    """

    def send(
        method: str,
        path: str,
        *,
        headers: Mapping[str, str] | None = None,
        body: bytes | None = None,
        environ: Mapping[str, object] | None = None,
    ) -> Reply:
        path, _, query = path.partition("?")
        stream = BytesIO(body) if body is not None else None
        builder = EnvironBuilder(
            method=method,
            headers=Headers(dict(headers or {})),
            input_stream=stream,
            query_string=query,
        )
        made: dict[str, Any] = builder.get_environ()
        made["PATH_INFO"] = unquote_to_bytes(path).decode("latin-1")
        if body is not None:
            made["CONTENT_LENGTH"] = str(len(body))
        made.update(environ or {})
        answer, status, answered = run_wsgi_app(app.wsgi_app, made, buffered=True)
        reply = Reply(
            status=int(status.split()[0]),
            headers=cast(Mapping[str, str], answered),
            body=b"".join(answer),
        )
        for part in _parts(reply):
            check_against_openapi(
                app, method, path, part, authorization=builder.headers.get("Authorization")
            )
        return reply

    return send


def _parts(reply: Reply) -> Iterable[Reply]:
    """Give what the documents speak of: the answer, or of NDJSON a line of every shape."""
    if not reply.headers.get("Content-Type", "").startswith("application/x-ndjson"):
        return [reply]
    lines = [(json.loads(line), line) for line in reply.body.splitlines()]
    shapes = {(tuple(data), data.get("status")): line for data, line in lines}
    return [replace(reply, body=line) for line in shapes.values()]


@pytest.fixture
def file_server(httpserver: HTTPServer) -> HTTPServer:
    """Serve files on an address of this machine that `remoteUrl` may reach."""
    return httpserver


@pytest.fixture
def api(
    ask: Ask,
    engine: Engine,
    founded: Founded,
    database: Database,
    request: pytest.FixtureRequest,
) -> Api:
    """Give the native API of a fresh server; the file server starts only if a test needs it."""
    numbers = count(2)

    def send(method: str, path: str, *, headers: Mapping[str, str], body: bytes | None) -> Reply:
        return ask(method, PREFIX + path, headers=headers, body=body)

    def new_workspace() -> str:
        number = next(numbers)
        return engine.people.found(f"other-{number}", f"admin-{number}@example.com").secret

    def serve(contents: bytes, path: str, content_type: str) -> str:
        server: HTTPServer = request.getfixturevalue("file_server")
        server.expect_request(path).respond_with_data(contents, content_type=content_type)
        return server.url_for(path)

    def begin(name: str, make: Callable[[], None]) -> None:
        # What is made belongs to the workspace, which may have had to be founded anew.
        begun(database, f"{name} of {founded.workspace.id}", make)
        # What the engine read before it was put back is no more true.
        engine.workflows._ports.workflows._generation.bump()  # type: ignore[attr-defined] # noqa: SLF001 - of the store that this port is

    return Api(send=send, key=KEY, new_workspace=new_workspace, serve=serve, begin=begin)
