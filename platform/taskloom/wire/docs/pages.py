"""Pages that show the documents: Swagger UI from this machine, and nothing from any other.

The pages hold no data: their script loads the documents with the visitor's API key.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any, Final

import orjson
from flask import (
    Blueprint,
    Response,
    abort,
    render_template,
    request,
    send_from_directory,
)

ASSETS: Final = Path(__file__).parent / "assets"
SWAGGER: Final = Path(__file__).parents[2] / "static" / "docs"
SWAGGER_FILES: Final = ("swagger-ui.css", "swagger-ui-bundle.js")
STATIC_DOCUMENT: Final = "/openapi.json"
POLICY: Final = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; "
    "connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)
_DAY: Final = 24 * 60 * 60

Document = Mapping[str, Any]


def conditional(text: bytes, *, public: bool) -> Response:
    """Answer a JSON text that is worth caching, or 304 where the asker has it."""
    response = Response(text, mimetype="application/json")
    response.cache_control.no_cache = True
    if not public:
        response.cache_control.private = True
    response.add_etag()
    response.make_conditional(request)
    return response


@dataclass(frozen=True, kw_only=True)
class Documented:
    """A document with its title; `make` gives it once all routes are known."""

    title: str
    make: Callable[[], Document]

    @cached_property
    def text(self) -> bytes:
        """The document as JSON text."""
        return orjson.dumps(self.make())


class Pages:
    """The views; `native` is the document of the native API, `dialects` are those of the others."""

    def __init__(self, native: Documented, dialects: Mapping[str, Documented]) -> None:
        self._native = native
        self._dialects = dialects

    def static_document(self) -> Response:
        """Answer the native document."""
        return conditional(self._native.text, public=True)

    def dialect_document(self, dialect: str) -> Response:
        """Answer the document of a mounted dialect."""
        return conditional(self._dialect(dialect).text, public=True)

    def dialect_page(self, dialect: str) -> Response:
        """Answer the page of a mounted dialect's document."""
        return _page(self._dialect(dialect).title, f"/openapi/{dialect}.json")

    def _dialect(self, name: str) -> Documented:
        return self._dialects.get(name) or abort(404)

    def index(self) -> Response:
        """Answer the list of documents."""
        titles = {name: dialect.title for name, dialect in sorted(self._dialects.items())}
        return _page("API documentation", None, titles)

    def static_page(self) -> Response:
        """Answer the page of the static document."""
        return _page(self._native.title, STATIC_DOCUMENT)

    def workflow_page(self, workflow: str) -> Response:
        """Answer the page of a workflow's document, whether there is such a workflow or not."""
        return _page(workflow, f"/api/v1/workflows/{workflow}/openapi.json")

    def asset(self, name: str) -> Response:
        """Answer a file of the pages' own, or one of Swagger UI."""
        where = SWAGGER if name in SWAGGER_FILES else ASSETS
        return send_from_directory(where, name, max_age=_DAY)


def _page(title: str, document: str | None, dialects: Mapping[str, str] | None = None) -> Response:
    text = render_template(
        "docs.html",
        title=title,
        document=document,
        dialects=dialects,
        ready=all((SWAGGER / name).is_file() for name in SWAGGER_FILES),
    )
    response = Response(text, mimetype="text/html")
    response.headers["Content-Security-Policy"] = POLICY
    return response


def blueprint(native: Documented, dialects: Mapping[str, Documented]) -> Blueprint:
    """Make the blueprint of the documents and pages, `dialects` by name."""
    views = Pages(native, dialects)
    made = Blueprint("docs", __name__, template_folder="templates")
    made.add_url_rule(STATIC_DOCUMENT, view_func=views.static_document)
    made.add_url_rule("/docs", view_func=views.index, strict_slashes=False)
    made.add_url_rule("/docs/api", view_func=views.static_page)
    made.add_url_rule("/openapi/<dialect>.json", view_func=views.dialect_document)
    made.add_url_rule("/docs/<dialect>", view_func=views.dialect_page)
    made.add_url_rule("/docs/workflows/<workflow>", view_func=views.workflow_page)
    made.add_url_rule("/docs/assets/<name>", view_func=views.asset)
    return made
