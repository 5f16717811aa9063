"""Every answer of the test run is held against the OpenAPI documents that the server publishes."""

import json
from collections.abc import Mapping
from functools import cache
from typing import Any, Protocol
from urllib.parse import unquote

import jsonschema_rs
from flask import Flask
from flask_smorest.spec.plugins import FlaskPlugin
from werkzeug.exceptions import HTTPException

from taskloom.wire.answer import JSON
from taskloom.wire.base import DIALECTS
from taskloom.wire.lane import Lane
from taskloom.wire.mounts import Mounted, Mounts, inside

BASE = "/api/v1"
TYPED = f"{BASE}/workflows/{{workflow}}/tasks"
ROUTING = {404, 405}
BODILESS = {204, 304}

Document = Mapping[str, Any]


class Seen(Protocol):
    """An answer, read whole."""

    @property
    def status(self) -> int: ...
    @property
    def headers(self) -> Mapping[str, str]: ...
    @property
    def body(self) -> bytes: ...


def check_against_openapi(
    app: Flask, method: str, path: str, response: Seen, *, authorization: str | None = None
) -> None:
    """Fail unless the documents have room for an answer.

    That is the dialect's document below a mount; else the static one, and the workflow's own for
    tasks. `path` is the whole one, as sent; `authorization` that of the request, to ask for the
    workflow's document in its name.
    """
    if method in {"OPTIONS", "TRACE"}:
        return
    asked = "GET" if method == "HEAD" else method
    plain = unquote(path.partition("?")[0])
    mounted = mounted_at(app, plain)
    if mounted is not None:
        _check_mounted(app, asked, *mounted, response)
        return
    if not path.startswith(f"{BASE}/"):
        return
    template, arguments = _route(app, asked, plain)
    if template is None:
        assert response.status in ROUTING, f"{method} {path}: {response.status} without a route"
        return
    _check(static_document(app), template, asked, response)
    if template.startswith(TYPED) and authorization is not None:
        workflow = arguments["workflow"]
        typed = _typed(app, workflow, authorization)
        if typed is not None:
            own = template.replace("{workflow}", workflow)
            if method.lower() in typed["paths"].get(own, {}):
                _check(typed, own, asked, response)


def mounted_at(app: Flask, path: str) -> tuple[Mounted, str] | None:
    """Return where a path is mounted in an app, and what of it lies below the mount."""
    assert isinstance(app.wsgi_app, Lane)
    assert isinstance(app.wsgi_app.inner, Mounts)
    return app.wsgi_app.inner.find(path)


def _check_mounted(app: Flask, method: str, mounted: Mounted, below: str, response: Seen) -> None:
    document = document_of(app, mounted.dialect)
    prefix = inside(mounted.dialect)
    template, _ = _route(app, method, prefix + below)
    if template is not None:
        _check(document, template.removeprefix(prefix), method, response)
        return
    where = f"{method} {mounted.mount}{below} → {response.status}"
    assert response.status in ROUTING, f"{where} without a route"
    if response.headers.get("Content-Type", "").startswith(JSON) and response.body:
        _check_body(document, document["components"]["schemas"]["Error"], response, where)


def _route(app: Flask, method: str, plain: str) -> tuple[str | None, Mapping[str, Any]]:
    try:
        rule, arguments = app.url_map.bind("localhost").match(plain, method, return_rule=True)
    except HTTPException:
        return None, {}
    return FlaskPlugin.flaskpath2openapi(rule.rule), arguments


def _check(document: Document, path: str, method: str, response: Seen) -> None:
    where = f"{method} {path} → {response.status}"
    operation = document["paths"].get(path, {}).get(method.lower())
    assert operation is not None, f"{where}: the operation is not documented"
    documented = operation["responses"].get(str(response.status))
    assert documented is not None, f"{where}: the status is not documented; {response.body[:300]!r}"
    described = resolved(document, documented)
    content = described.get("content", {})
    if response.status in BODILESS or not content:
        assert b"" == response.body, f"{where}: a body is not documented"
        return
    kind = response.headers.get("Content-Type", "").partition(";")[0].strip()
    media = kind if kind in content else "*/*"
    assert media in content, f"{where}: {kind} is not documented, only {', '.join(content)}"
    if kind.endswith("json") and response.body:
        _check_body(document, content[media].get("schema", {}), response, where)


def _check_body(document: Document, schema: Document, response: Seen, where: str) -> None:
    told = "\n".join(body_faults(document, schema, response.body)[:5])
    assert not told, f"{where}: the body is not as documented\n{told}\n{response.body[:500]!r}"


def body_faults(document: Document, schema: Document, body: bytes) -> list[str]:
    """Tell what of a JSON body is not as a schema of a document says."""
    faults = _validator(document, schema).iter_errors(json.loads(body))
    return [f"{list(fault.instance_path)}: {fault.message}" for fault in faults]


def resolved(document: Document, part: Mapping[str, Any]) -> Mapping[str, Any]:
    """Follow a reference within a document."""
    while "$ref" in part:
        found: Any = document
        for step in part["$ref"].removeprefix("#/").split("/"):
            found = found[step.replace("~1", "/").replace("~0", "~")]
        part = found
    return part


_VALIDATORS: dict[tuple[str, str], jsonschema_rs.Draft202012Validator] = {}


def _validator(document: Document, schema: Document) -> jsonschema_rs.Draft202012Validator:
    components = {"schemas": document["components"]["schemas"]}
    key = (json.dumps(components), json.dumps(schema))
    if key not in _VALIDATORS:
        _VALIDATORS[key] = jsonschema_rs.Draft202012Validator(
            {**schema, "components": components}, validate_formats=True
        )
    return _VALIDATORS[key]


@cache
def _parsed(text: bytes) -> Document:
    document: Document = json.loads(text)
    return document


_STATIC: dict[str, Document] = {}
_DIALECTS: dict[object, Document] = {}


def static_document(app: Flask) -> Document:
    """Return the static document; it is the same for every app of a run."""
    if "" not in _STATIC:
        _STATIC[""] = json.loads(app.test_client().get("/openapi.json").data)
    return _STATIC[""]


def document_of(app: Flask, dialect: str) -> Document:
    """Return the document of a mounted dialect; it is the same for every app that has it."""
    made = DIALECTS[dialect]
    if made not in _DIALECTS:
        _DIALECTS[made] = json.loads(app.test_client().get(f"/openapi/{dialect}.json").data)
    return _DIALECTS[made]


def _typed(app: Flask, workflow: str, authorization: str) -> Document | None:
    answer = app.test_client().get(
        f"{BASE}/workflows/{workflow}/openapi.json", headers={"Authorization": authorization}
    )
    return _parsed(answer.data) if answer.status_code == 200 else None
