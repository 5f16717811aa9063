"""The OpenAPI documents of the static routes, put together by flask-smorest from the blueprints.

The native API, management included, has one; every mounted dialect has one of its own, whose
paths begin at the mount.
"""

from collections.abc import Mapping, Sequence
from copy import deepcopy
from functools import partial
from importlib.metadata import PackageNotFoundError, version
from typing import Any, Final

from apispec import BasePlugin
from flask import Flask
from flask_smorest import Api
from flask_smorest.spec.plugins import FlaskPlugin
from werkzeug.routing import Rule

from taskloom.wire.base import DIALECTS, Dialect
from taskloom.wire.docs import pages
from taskloom.wire.docs.describe import COMPONENTS, Data, components, retriable
from taskloom.wire.docs.truth import by_dialect
from taskloom.wire.mounts import inside, is_mounted

NATIVE: Final = "flowdash"
"""The dialect whose document also holds the management API."""

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


class BelowMount(BasePlugin):
    """Lets the paths of a mounted dialect begin at its mount."""

    def __init__(self, prefix: str) -> None:
        super().__init__()
        self._prefix = prefix

    def path_helper(
        self,
        path: str | None = None,  # noqa: ARG002 - the name it is passed by
        operations: dict[str, Any] | None = None,  # noqa: ARG002 - as above
        parameters: list[dict[str, Any]] | None = None,  # noqa: ARG002 - as above
        **options: object,
    ) -> str | None:
        """Return a rule's path below the mount."""
        rule = options["rule"]
        if not isinstance(rule, Rule):
            return None
        whole: str = FlaskPlugin.flaskpath2openapi(rule.rule)
        return whole.removeprefix(self._prefix)


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


def make_apis(app: Flask) -> Mapping[str, TaskloomApi]:
    """Give the app its API documents, by dialect, and their pages.

    Blueprints that are registered through an API appear in its document.
    """
    apis: dict[str, TaskloomApi] = {}
    native = _native_api(app)
    documents: dict[str, pages.Documented] = {}
    for name, dialect in DIALECTS.members().items():
        if not is_mounted(dialect):
            apis[name] = native
            continue
        apis[name] = api = _dialect_api(app, dialect)
        make = partial(_dialect_document, api, dialect)
        documents[name] = pages.Documented(title=title_of(dialect), make=make)
    whole = pages.Documented(title="The whole API", make=partial(static_document, native))
    app.register_blueprint(pages.blueprint(whole, documents))
    return apis


def title_of(dialect: Dialect) -> str:
    """Return what a dialect is called where people read of it."""
    return dialect.title or dialect.name.replace("-", " ").capitalize()


def _native_api(app: Flask) -> TaskloomApi:
    app.config.update(
        API_TITLE="Taskloom", API_VERSION=installed_version(), OPENAPI_VERSION=OPENAPI
    )
    info = {"description": _ABOUT, "license": LICENCE}
    plugins = [OperationIds()]
    api = TaskloomApi(app, spec_kwargs=_options(info, server="/", plugins=plugins))
    return _with_components(api, COMPONENTS)


def _dialect_api(app: Flask, dialect: Dialect) -> TaskloomApi:
    info = {"license": LICENCE} | ({"description": dialect.about} if dialect.about else {})
    plugins = [OperationIds(), BelowMount(inside(dialect.name))]
    options = _options(info, server=dialect.mount or "/", plugins=plugins)
    named = {
        "title": title_of(dialect),
        "version": installed_version(),
        "openapi_version": OPENAPI,
    }
    api = TaskloomApi(app, spec_kwargs=options | named, config_prefix=dialect.name)
    return _with_components(api, components(dialect.error, dialect.error))


def _options(
    info: Mapping[str, object], *, server: str, plugins: Sequence[BasePlugin]
) -> dict[str, object]:
    return {"info": info, "servers": [{"url": server}], "extra_plugins": plugins}


def _with_components(api: TaskloomApi, groups: Mapping[str, Mapping[str, Data]]) -> TaskloomApi:
    adders = {
        "schemas": api.spec.components.schema,
        "responses": api.spec.components.response,
        "securitySchemes": api.spec.components.security_scheme,
    }
    for group, members in groups.items():
        for name, member in members.items():
            adders[group](name, dict(member))
    return api


def static_document(api: TaskloomApi) -> Mapping[str, Any]:
    """Return the document of everything registered through `api` so far."""
    document: dict[str, Any] = deepcopy(api.spec.to_dict())
    retriable(document["paths"])
    return document


def _dialect_document(api: TaskloomApi, dialect: Dialect) -> Mapping[str, Any]:
    return by_dialect(static_document(api), dialect)
