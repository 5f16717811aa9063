"""Where dialects are served: a path from outside is led to the dialect that is mounted there.

Inside the app every mounted dialect has its routes once, below `inside(name)`, which begins as no
path from outside may. Fixed addresses come first, then the longest mount; the mount "/" has only
the roots of its dialect.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from flask import Flask
from werkzeug.wrappers import Request

from taskloom.engine.engine import Engine
from taskloom.errors import NotFound, TaskloomError
from taskloom.wire.base import DIALECTS, Dialect

INSIDE: Final = "/:"
FIXED: Final = (
    "/api/v1",
    "/assets",
    "/docs",
    "/favicon.ico",
    "/healthz",
    "/login",
    "/openapi",
    "/openapi.json",
    "/readyz",
    "/robots.txt",
    "/schemas",
    "/settings",
    "/static",
    "/ui",
    "/welcome",
    "/workflows",
)
"""Addresses of the native API, of the server itself and of the web app; no mount has them."""

_MOUNT: Final = "taskloom.mount"
_UNKNOWN: Final = "taskloom.mounts_unknown"
_MOST_PARTS: Final = 4

Table = Mapping[str, str]
"""Mounts to the names of dialects."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Mounted:
    """Where a request came in: the dialect and the path it is mounted at."""

    dialect: str
    mount: str


def inside(dialect: str) -> str:
    """Return the prefix that a dialect's routes have inside the app."""
    return INSIDE + dialect


def is_mounted(dialect: Dialect) -> bool:
    """Tell whether a dialect is served below mounts, and not at fixed addresses."""
    return not dialect.prefixes


def default_mounts() -> Table:
    """Return the mounts that are there whether a workflow is behind them or not."""
    members = DIALECTS.members().items()
    return {dialect.mount: name for name, dialect in members if dialect.mount is not None}


def served(table: Table) -> Table:
    """Leave out mounts of dialects that this server does not have any more."""
    members = DIALECTS.members()
    return {
        mount: name
        for mount, name in table.items()
        if name in members and is_mounted(members[name])
    }


def prefix_of(mount: str) -> str:
    """Return what addresses below a mount begin with."""
    return "" if mount == "/" else mount


def is_below(path: str, roots: Iterable[str]) -> bool:
    """Tell whether a path is one of these, or below it."""
    return any(path == root or path.startswith(f"{root}/") for root in roots)


def find(path: str, table: Table) -> tuple[Mounted, str] | None:
    """Return where a path from outside is mounted, and what of it lies below the mount.

    A slash at its end means nothing, for no address of these dialects needs one.
    """
    if is_below(path, FIXED) or not path.startswith("/"):
        return None
    for mount in _prefixes(path):
        dialect = table.get(mount)
        if dialect is not None:
            return Mounted(dialect=dialect, mount=mount), path[len(mount) :].removesuffix("/")
    dialect = table.get("/")
    if dialect is not None and is_below(path, DIALECTS[dialect].roots):
        return Mounted(dialect=dialect, mount="/"), path.removesuffix("/")
    return None


def _prefixes(path: str) -> Sequence[str]:
    """Return the paths that could be a mount of this one, the longest first."""
    parts = path.split("/", _MOST_PARTS + 1)[1 : _MOST_PARTS + 1]
    return ["/" + "/".join(parts[:size]) for size in range(len(parts), 0, -1) if parts[size - 1]]


def mounted(request: Request) -> Mounted | None:
    """Return where a request came in, or None for one of a fixed address."""
    return mount_of(request.environ)


def require_address(request: Request) -> None:
    """Refuse a path that is led nowhere: an inner one from outside, or while mounts are unknown."""
    fault: TaskloomError | None = request.environ.get(_UNKNOWN)
    if fault is not None:
        raise fault
    if request.environ.get("PATH_INFO", "").startswith(INSIDE) and mounted(request) is None:
        raise NotFound("there is nothing at this address")


def mount_of(environ: Mapping[str, Any]) -> Mounted | None:
    """Return where a request came in, by what is known of it outside the app."""
    found: Mounted | None = environ.get(_MOUNT)
    return found


class Mounts:
    """WSGI middleware that leads requests to the dialects, by the mounts as of now."""

    def __init__(self, app: Flask, engine: Engine) -> None:
        self._inner = app.wsgi_app
        self._engine = engine
        self._default = default_mounts()
        self._known: Table = self._default

    def __call__(self, environ: dict[str, Any], start_response: Any) -> Any:
        """Answer a request as the app inside does."""
        path = environ.get("PATH_INFO", "")
        if not is_below(path, FIXED):
            self._lead(environ, path)
        return self._inner(environ, start_response)

    def find(self, path: str) -> tuple[Mounted, str] | None:
        """Return where a path is mounted now, and what of it lies below the mount."""
        self._known = {**served(self._engine.workflows.mounts()), **self._default}
        return find(path, self._known)

    def _lead(self, environ: dict[str, Any], path: str) -> None:
        try:
            found = self.find(path)
        except TaskloomError as fault:
            # Who is behind a mount asks the database too, and says so in the dialect.
            found = find(path, self._known)
            if found is None:
                environ[_UNKNOWN] = fault
        if found is not None:
            environ[_MOUNT], below = found
            environ["PATH_INFO"] = inside(found[0].dialect) + below
