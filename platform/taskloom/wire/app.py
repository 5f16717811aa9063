"""The Flask app: every dialect's routes, one error handling, the same headers on every answer."""

from collections.abc import Callable

from flask import Flask, Response, request
from werkzeug.exceptions import HTTPException
from werkzeug.routing import BaseConverter
from werkzeug.sansio.response import Response as AnyResponse

from taskloom.engine.engine import Engine
from taskloom.errors import NotFound, TaskloomError
from taskloom.wire import docs, management, mounts, pages, retries, telling
from taskloom.wire.answer import Json, answer, response_of
from taskloom.wire.base import DIALECTS, Limits
from taskloom.wire.lane import Lane


class Rest(BaseConverter):
    """The rest of a path as it stands: slashes in any place and number belong to it."""

    part_isolating = False
    regex = ".+"
    weight = 1000


def create_app(engine: Engine, limits: Limits, ready: Callable[[], bool]) -> Flask:
    """Make the app; `ready` tells whether the database can be reached now."""
    app = Flask("taskloom", static_folder=None)
    app.json = Json(app)
    app.url_map.merge_slashes = False
    app.url_map.converters["rest"] = Rest
    _identify(app)
    _handle_errors(app)
    _probes(app, ready)
    app.register_blueprint(pages.blueprint())
    apis = docs.make_apis(app)
    for name, dialect in DIALECTS.members().items():
        for blueprint in dialect.blueprints(engine, limits):
            own = f"{name}.{blueprint.name}" if mounts.is_mounted(dialect) else blueprint.name
            apis[name].register_blueprint(blueprint, name=own)
    for blueprint in management.blueprints(engine, limits):
        apis[docs.NATIVE].register_blueprint(blueprint)
    app.wsgi_app = retries.Retries(app.wsgi_app, app, engine, limits)  # type: ignore[method-assign] # as Flask says one wraps it
    mounted = mounts.Mounts(app, engine)
    app.wsgi_app = Lane(mounted, app)  # type: ignore[method-assign] # as Flask says one wraps it
    return app


def _identify(app: Flask) -> None:
    """Give every request its id, and every answer the headers that all have."""

    @app.before_request
    def begin() -> Response | None:
        telling.begin(request)
        mounts.require_address(request)
        _require_text(request.environ.get("PATH_INFO", ""))
        answered = retries.settled(request, app)
        return None if answered is None else response_of(answered)

    @app.after_request
    def end(response: Response) -> Response:
        for name, text in telling.usual_headers(response.mimetype or "").items():
            response.headers.setdefault(name, text)
        response.headers.update(telling.own_headers(request))
        return response


def _require_text(path: str) -> None:
    """Refuse a path that is not UTF-8: it would arrive with signs that nobody sent."""
    try:
        path.encode("latin-1").decode()
    except UnicodeError:
        raise NotFound("there is nothing at this address: it is not UTF-8") from None


def _probes(app: Flask, ready: Callable[[], bool]) -> None:
    @app.get("/healthz")
    def healthz() -> Response:
        return answer({"status": "ok"})

    @app.get("/readyz")
    def readyz() -> Response:
        return answer({"status": "ok"}) if ready() else answer({"status": "unavailable"}, 503)


def _handle_errors(app: Flask) -> None:
    """Let the dialect of the path spell whatever goes wrong, routing included."""

    @app.errorhandler(TaskloomError)
    @app.errorhandler(Exception)
    def failed(error: Exception) -> Response:
        return response_of(telling.told(request, error))

    @app.errorhandler(HTTPException)
    def turned_down(error: HTTPException) -> AnyResponse:
        return failed(error) if error.response is None else error.response
