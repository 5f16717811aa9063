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
    """Fail unless the static document, and the workflow's own for tasks, have room for an answer.

    `path` is the whole one, as sent; `authorization` that of the request, to ask for the workflow's
    document in its name.
    """
    if not path.startswith(f"{BASE}/") or method in {"OPTIONS", "TRACE"}:
        return
    asked = "GET" if method == "HEAD" else method
    template, arguments = _route(app, asked, path)
    if template is None:
        assert response.status in ROUTING, f"{method} {path}: {response.status} without a route"
        return
    _check(_static(app), template, asked, response)
    if template.startswith(TYPED) and authorization is not None:
        workflow = arguments["workflow"]
        typed = _typed(app, workflow, authorization)
        if typed is not None:
            own = template.replace("{workflow}", workflow)
            if method.lower() in typed["paths"].get(own, {}):
                _check(typed, own, asked, response)


def _route(app: Flask, method: str, path: str) -> tuple[str | None, Mapping[str, Any]]:
    plain = unquote(path.partition("?")[0])
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
        schema = content[media].get("schema", {})
        faults = list(_validator(document, schema).iter_errors(json.loads(response.body)))
        told = "\n".join(f"{list(fault.instance_path)}: {fault.message}" for fault in faults[:5])
        assert not faults, f"{where}: the body is not as documented\n{told}"


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


def _static(app: Flask) -> Document:
    """Return the static document; it is the same for every app of a run."""
    if "" not in _STATIC:
        _STATIC[""] = json.loads(app.test_client().get("/openapi.json").data)
    return _STATIC[""]


def _typed(app: Flask, workflow: str, authorization: str) -> Document | None:
    answer = app.test_client().get(
        f"{BASE}/workflows/{workflow}/openapi.json", headers={"Authorization": authorization}
    )
    return _parsed(answer.data) if answer.status_code == 200 else None
