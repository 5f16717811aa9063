"""The OpenAPI document of the static routes, put together by flask-smorest from the blueprints."""

from collections.abc import Mapping
from importlib.metadata import PackageNotFoundError, version
from typing import Any, Final

from apispec import BasePlugin
from flask import Flask
from flask_smorest import Api
from werkzeug.routing import Rule

from taskloom.wire.docs import pages
from taskloom.wire.docs.describe import COMPONENTS

OPENAPI: Final = "3.1.0"
LICENCE: Final[Mapping[str, str]] = {"name": "Apache License 2.0", "identifier": "Apache-2.0"}
_ABOUT: Final = (
    "Workflows, people, keys, and the tasks of any workflow. Each workflow also has a document of "
    "its own, typed by its fields, at `/api/v1/workflows/{workflow}/openapi.json`."
)


class OperationIds(BasePlugin):
    """Gives every operation the name of its view, so that clients can be generated."""

    def operation_helper(
        self,
        path: str | None = None,  # noqa: ARG002 - the name it is passed by
        operations: dict[str, Any] | None = None,
        **options: object,
    ) -> None:
        """Name the operations of one rule; a view of several methods has one name for each."""
        rule = options["rule"]
        if not isinstance(rule, Rule) or not operations:
            return
        view = str(rule.endpoint).rpartition(".")[2]
        for method, operation in operations.items():
            operation["operationId"] = view if len(operations) == 1 else f"{view}_{method}"


class TaskloomApi(Api):
    """The document alone: errors are the dialects' own, and no route inherits a default one."""

    DEFAULT_ERROR_RESPONSE_NAME = None

    def _register_responses(self) -> None:
        """Leave out flask-smorest's own error responses; ours are in `COMPONENTS`."""

    def _register_error_handlers(self) -> None:
        """Leave all errors to the app, which renders them in the dialect of the path."""


def installed_version() -> str:
    """Return the version of this package, or "0" where it runs without being installed."""
    try:
        return version("taskloom")
    except PackageNotFoundError:
        return "0"


def make_api(app: Flask) -> TaskloomApi:
    """Give the app an API document and its pages; blueprints registered through it appear there."""
    app.config.update(
        API_TITLE="Taskloom", API_VERSION=installed_version(), OPENAPI_VERSION=OPENAPI
    )
    api = TaskloomApi(
        app,
        spec_kwargs={
            "info": {"description": _ABOUT, "license": LICENCE},
            "servers": [{"url": "/"}],
            "extra_plugins": [OperationIds()],
        },
    )
    adders = {
        "schemas": api.spec.components.schema,
        "responses": api.spec.components.response,
        "securitySchemes": api.spec.components.security_scheme,
    }
    for group, members in COMPONENTS.items():
        for name, member in members.items():
            adders[group](name, dict(member))
    app.register_blueprint(pages.blueprint(lambda: static_document(api)))
    return api


def static_document(api: TaskloomApi) -> Mapping[str, Any]:
    """Return the document of everything registered through `api` so far."""
    document: dict[str, Any] = api.spec.to_dict()
    return document
