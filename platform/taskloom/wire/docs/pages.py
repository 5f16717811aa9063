"""Pages that show the documents: Swagger UI from this machine, and nothing from any other.

The pages hold no data: their script loads the documents with the visitor's API key.
"""

from collections.abc import Callable, Mapping
from functools import cached_property
from pathlib import Path
from typing import Any, Final

import orjson
from flask import Blueprint, Response, redirect, render_template, request, send_from_directory
from werkzeug.wrappers import Response as BaseResponse

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


class Pages:
    """The views; `document` gives the static document once all routes are known."""

    def __init__(self, document: Callable[[], Document]) -> None:
        self._make_document = document

    @cached_property
    def _document(self) -> bytes:
        return orjson.dumps(self._make_document())

    def static_document(self) -> Response:
        """Answer the static document."""
        return conditional(self._document, public=True)

    def index(self) -> Response:
        """Answer the list of documents."""
        return _page("API documentation", None)

    def static_page(self) -> Response:
        """Answer the page of the static document."""
        return _page("The whole API", STATIC_DOCUMENT)

    def workflow_page(self, workflow: str) -> Response:
        """Answer the page of a workflow's document, whether there is such a workflow or not."""
        return _page(workflow, f"/api/v1/workflows/{workflow}/openapi.json")

    def home(self) -> BaseResponse:
        """Lead whoever opens the bare address to the documentation."""
        return redirect("/docs")

    def asset(self, name: str) -> Response:
        """Answer a file of the pages' own, or one of Swagger UI."""
        where = SWAGGER if name in SWAGGER_FILES else ASSETS
        return send_from_directory(where, name, max_age=_DAY)


def _page(title: str, document: str | None) -> Response:
    text = render_template(
        "docs.html",
        title=title,
        document=document,
        ready=all((SWAGGER / name).is_file() for name in SWAGGER_FILES),
    )
    response = Response(text, mimetype="text/html")
    response.headers["Content-Security-Policy"] = POLICY
    return response


def blueprint(document: Callable[[], Document]) -> Blueprint:
    """Make the blueprint of the pages."""
    views = Pages(document)
    made = Blueprint("docs", __name__, template_folder="templates")
    made.add_url_rule("/", view_func=views.home)
    made.add_url_rule(STATIC_DOCUMENT, view_func=views.static_document)
    made.add_url_rule("/docs", view_func=views.index, strict_slashes=False)
    made.add_url_rule("/docs/api", view_func=views.static_page)
    made.add_url_rule("/docs/workflows/<workflow>", view_func=views.workflow_page)
    made.add_url_rule("/docs/assets/<name>", view_func=views.asset)
    return made
