"""Generated requests, good and bad, over all OpenAPI documents: nothing undocumented, no 5xx.

`SOAK=1` generates many more, and others each time.
"""

import os
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest
import schemathesis
from flask import Flask
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from schemathesis import GenerationMode
from schemathesis.checks import not_a_server_error
from schemathesis.config import SchemathesisConfig
from schemathesis.core.result import Ok
from schemathesis.schemas import APIOperation, BaseSchema
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from taskloom.app.composition import open_ports
from taskloom.config import load
from taskloom.engine.blobs import Fetched
from taskloom.engine.engine import Engine, open_engine
from taskloom.errors import Refusal
from taskloom.storage.client import Database
from taskloom.wire.app import create_app
from taskloom.wire.base import Limits

WORKFLOWS = Path(__file__).parents[2] / "workflow_schemas"
KEY = "tl_" + "k" * 40
HEADERS = {"Authorization": f"Bearer {KEY}"}
SOAKING = os.environ.get("SOAK") == "1"
EXAMPLES = 200 if SOAKING else 8
CHECKS = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_schema_conformance,
    response_headers_conformance,
]
TYPED = ("sales-pipeline", "customer-onboarding")
MOUNTED = {
    "task-management": "task-management",
    "admin-member": "team-tasks",
    "workiva": "approvals",
}
"""Dialects, and what is behind their mounts."""

DOCUMENTS = (
    "/openapi.json",
    *(f"/api/v1/workflows/{name}/openapi.json" for name in TYPED),
    *(f"/openapi/{dialect}.json" for dialect in MOUNTED),
)
FEWEST_OPERATIONS = {"/openapi/workiva.json": 7}
"""Where a document has fewer than eight."""
# Deleting what all other requests are about would leave them nothing but 404.
KEPT = {("DELETE", "/api/v1/workflows/{workflow}"), ("DELETE", "/api/v1/keys")}
ALIASES = ("/platform/", "/prototype/")
"""Further addresses of the same views."""


class Nowhere:
    """Refuses to fetch: generated addresses lead anywhere."""

    def fetch(self, url: str) -> Fetched:
        """Fetch nothing."""
        raise Refusal("invalid", f"{url[:20]} is not fetched in this test")


@pytest.fixture
def engine(database: Database, tmp_path: Path) -> Engine:
    """An engine that fetches nothing."""
    settings = load({"data_dir": str(tmp_path)}, {})
    return open_engine(open_ports(settings, database, fetcher=Nowhere()))


@pytest.fixture
def app(engine: Engine) -> Flask:
    """The app with two workflows, a task and a file."""
    engine.people.found("main", "admin@example.com", password="secret", secret=KEY)
    actor = engine.people.authenticate(KEY)
    for name in (*TYPED, *MOUNTED.values()):
        source = (WORKFLOWS / f"{name}.json").read_text(encoding="utf-8")
        engine.workflows.create(actor, source)
    app = create_app(engine, Limits(max_body=2**20, max_file=2**20), lambda: True)
    app.test_client().post(
        "/api/v1/workflows/sales-pipeline/tasks", json={"Company ID": "42"}, headers=HEADERS
    )
    return app


def schema_of(app: Flask, path: str) -> BaseSchema:
    """Load a document the way a client does."""
    config = SchemathesisConfig()
    return schemathesis.openapi.from_wsgi(path, app, config=config, headers=HEADERS)


def operations(schema: BaseSchema) -> Iterator[APIOperation[Any, Any, Any, Any]]:
    """Give every operation of a document."""
    for found in schema.get_all_operations():
        assert isinstance(found, Ok), found.err()
        operation = found.ok()
        if (operation.method.upper(), operation.path) in KEPT:
            continue
        if not operation.path.startswith(ALIASES):
            yield operation


def there(app: Flask, path: str) -> dict[str, str]:
    """Make a task in every dialect; name what a document's paths may lead to."""
    client = app.test_client()
    me = client.get("/api/v1/users", headers=HEADERS).json[0]["id"]  # type: ignore[index] # JSON
    due = {"dueDate": "2035-01-29"}
    made = {
        address: client.post(address, json={"title": "a", **more}, headers=HEADERS).json or {}
        for address, more in {"/v1/tasks": {}, "/api/tasks": due, "/tasks": {}}.items()
    }
    ids = {
        "/openapi/task-management.json": made["/v1/tasks"]["id"],
        "/openapi/admin-member.json": made["/api/tasks"]["task"]["_id"],
        "/openapi/workiva.json": made["/tasks"]["id"],
    }
    return {"workflow": "sales-pipeline", "uid": "42", "user": me, "task": ids.get(path, "")}


def fixed(operation: APIOperation[Any, Any, Any, Any], known: Mapping[str, str]) -> dict[str, str]:
    """Give path parameters that lead to something."""
    return {name: value for name, value in known.items() if f"{{{name}}}" in operation.path}


def exercise(operation: APIOperation[Any, Any, Any, Any], known: Mapping[str, str]) -> None:
    """Send generated requests, most of them to things that exist; fail on the first surprise."""
    strategies = [
        operation.as_strategy(generation_mode=mode, path_parameters=parameters or None)
        for mode in (GenerationMode.POSITIVE, GenerationMode.NEGATIVE)
        for parameters in (fixed(operation, known), {})
    ]

    @settings(
        max_examples=EXAMPLES * 2,
        derandomize=not SOAKING,
        database=None,
        deadline=None,
        suppress_health_check=list(HealthCheck),
    )
    @given(case=st.one_of(*strategies))
    def send(case: Any) -> None:
        response = case.call(headers=HEADERS)
        case.validate_response(response, checks=CHECKS)

    send()


@pytest.mark.slow
@pytest.mark.timeout(3600 if SOAKING else 300)
@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("path", DOCUMENTS)
def test_generated_requests_meet_only_what_is_documented(app: Flask, path: str) -> None:
    found, known = list(operations(schema_of(app, path))), there(app, path)

    for operation in found:
        exercise(operation, known)

    assert len(found) >= FEWEST_OPERATIONS.get(path, 8)
    assert app.test_client().get("/api/v1/workflows", headers=HEADERS).status_code == 200
