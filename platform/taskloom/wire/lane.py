"""The hottest routes before Flask: the same handlers, the same headers, the same errors.

What is unusual in any way takes the way through Flask, which every route can take.
"""

from collections.abc import Callable, Iterable, Mapping
from functools import cache
from inspect import unwrap
from typing import Any, Final

from flask import Flask
from werkzeug.http import HTTP_STATUS_CODES
from werkzeug.wrappers import Request

from taskloom.wire import telling
from taskloom.wire.answer import Handler, Ready
from taskloom.wire.retries import GIVEN

Environ = dict[str, Any]
StartResponse = Callable[..., Any]
Application = Callable[[Environ, StartResponse], Iterable[bytes]]

_BASE: Final = "/api/v1/workflows/"
_WORKFLOW: Final = f"{_BASE}<workflow>/"
_BELOW: Final = "tasks/"
_REST: Final = "tasks/<rest:uid>"
HOT: Final = (
    ("GET", "tasks"),
    ("POST", "tasks"),
    ("PUT", "tasks"),
    ("POST", "tasks/bulk"),
    ("GET", _REST),
)
"""The routes of a workflow that are served here; each is one of the app's."""

_WITHOUT_BODY: Final = frozenset({204, 304})


class Lane:
    """A WSGI application around another that serves everything but the routes in `HOT`."""

    def __init__(self, inner: Application, app: Flask) -> None:
        """Take over the handlers that the routes have in the app, which `inner` leads to."""
        self.inner = inner
        rules = {
            (method, rule.rule.removeprefix(_WORKFLOW)): rule.endpoint
            for rule in app.url_map.iter_rules()
            for method in rule.methods or ()
            if rule.rule.startswith(_WORKFLOW)
        }
        self._handlers: Mapping[tuple[str, str], Handler] = {
            route: unwrap(app.view_functions[rules[route]]) for route in HOT
        }
        # Parts of paths that may mean another route than the one of a task.
        self._words = frozenset(word for _, rule in rules for word in rule.split("/"))

    def __call__(self, environ: Environ, start_response: StartResponse) -> Iterable[bytes]:
        """Answer a request here if it is for one of the routes, else as the application inside."""
        found = self._find(environ)
        if found is None:
            return self.inner(environ, start_response)
        handler, parts = found
        request = Request(environ, populate_request=False)
        return _sent(request, _answered(request, handler, parts), start_response)

    def _find(self, environ: Environ) -> tuple[Handler, Mapping[str, str]] | None:
        path: str = environ["PATH_INFO"]
        if not path.startswith(_BASE) or environ.get("SCRIPT_NAME"):
            return None
        workflow, _, rest = path[len(_BASE) :].partition("/")
        method = environ["REQUEST_METHOD"]
        parts = {"workflow": workflow}
        handler = self._handlers.get((method, rest))
        if handler is None and rest.startswith(_BELOW):
            parts["uid"] = rest[len(_BELOW) :]
            if self._words.isdisjoint(rest.split("/")[1:]):
                handler = self._handlers.get((method, _REST))
        if handler is None or not _is_plain(parts, environ):
            return None
        return handler, parts


def _is_plain(parts: Mapping[str, str], environ: Environ) -> bool:
    """Tell whether a request is one of those that Flask would not look at twice."""
    form = environ.get("CONTENT_TYPE", "").startswith("multipart/")
    return not (form or GIVEN in environ) and all(
        part.isascii() and part.isprintable() and part for part in parts.values()
    )


def _answered(request: Request, handler: Handler, parts: Mapping[str, str]) -> Ready:
    telling.begin(request)
    try:
        return handler(request, **parts)
    except Exception as error:  # noqa: BLE001 - where our own mistakes become answers
        return telling.told(request, error)


def _sent(request: Request, made: Ready, start_response: StartResponse) -> Iterable[bytes]:
    body = made.body
    headers = {
        **telling.usual_headers(made.headers.get("Content-Type", "")),
        **made.headers,
        **telling.own_headers(request),
    }
    if isinstance(body, bytes):
        if made.status not in _WITHOUT_BODY:
            headers["Content-Length"] = str(len(body))
        body = [body]
    start_response(_status(made.status), list(headers.items()))
    return body


@cache
def _status(code: int) -> str:
    return f"{code} {HTTP_STATUS_CODES[code].upper()}"
