"""A worker's memory goes back to the system as soon as a large request is done with it.

Left alone, glibc keeps a pool for every thread, keeps large blocks after the first one of their
size, and returns nothing below the highest address in use. Where there is no glibc, nothing here
does anything.
"""

import ctypes
from collections.abc import Callable, Iterable
from typing import Any

from taskloom.app.turns import Application, StartResponse

_M_TRIM_THRESHOLD, _M_MMAP_THRESHOLD, _M_ARENA_MAX = -1, -3, -8
_LARGE_BLOCK = 128 * 1024
_LARGE_BODY = 1024 * 1024


def keep_little() -> None:
    """Make this process keep no large block that it freed, and one pool for all threads."""
    mallopt = _of_libc("mallopt")
    mallopt(_M_ARENA_MAX, 1)
    mallopt(_M_MMAP_THRESHOLD, _LARGE_BLOCK)
    mallopt(_M_TRIM_THRESHOLD, _LARGE_BLOCK)


def trimmed(app: Application) -> Application:
    """Wrap an application, so that a request with a large body leaves no free memory behind."""
    trim = _of_libc("malloc_trim")

    def call(environ: dict[str, Any], start_response: StartResponse) -> Iterable[bytes]:
        try:
            return app(environ, start_response)
        finally:
            if _has_large_body(environ):
                trim(0)

    return call


def _has_large_body(environ: dict[str, Any]) -> bool:
    length = environ.get("CONTENT_LENGTH", "")
    return int(length) > _LARGE_BODY if length.isdecimal() else "HTTP_TRANSFER_ENCODING" in environ


def _of_libc(name: str) -> Callable[..., object]:
    return getattr(ctypes.CDLL(None), name, lambda *_: None)
