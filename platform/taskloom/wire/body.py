"""Request bodies: received within limits, large ones one at a time, and read as exact JSON."""

import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, nullcontext
from functools import partial
from tempfile import SpooledTemporaryFile
from typing import IO, Final

from werkzeug.wrappers import Request

from taskloom.errors import Fault, Invalid, TooLarge, Unsupported
from taskloom.wire.base import Limits
from taskloom.wire.exact import Text, quickly, shortened

HEAVY: Final = 1024 * 1024
PIECE: Final = 64 * 1024
_ONE_AT_A_TIME: Final = threading.RLock()


@contextmanager
def heavy(size: int) -> Iterator[None]:
    """Hold what is large one at a time in this process, so that its memory stays bounded."""
    with _ONE_AT_A_TIME if size > HEAVY else nullcontext():
        yield


@contextmanager
def reading(request: Request, limits: Limits) -> Iterator[object]:
    """Give a request's JSON; a large one keeps other large ones waiting until the block ends."""
    with _reading(request, limits) as contents:
        yield parse(contents(), limits)


@contextmanager
def reading_items(request: Request, limits: Limits) -> Iterator[Iterator[tuple[object, int]]]:
    """Give the items of a request's JSON array one by one, each with its size in the text.

    All of it was read once by then, so what is broken anywhere is refused before the first item.
    """
    with _reading(request, limits) as contents:
        text = Text(contents(), limits)
        for _ in text.items():
            pass
        yield text.items()


@contextmanager
def _reading(request: Request, limits: Limits) -> Iterator[Callable[[], bytes]]:
    """Receive a request's JSON, and let it be loaded; a large one keeps others waiting."""
    require_json(request)
    length = request.content_length
    if length is not None and length <= HEAVY and length <= limits.max_body:
        yield request.stream.read
        return
    with received(request, limits.max_body) as (body, size), heavy(size):
        # Told how much to read, a file allocates it once.
        yield partial(body.read, size)


def read_json(request: Request, limits: Limits) -> object:
    """Read a request's JSON."""
    with reading(request, limits) as document:
        return document


def as_object(document: object) -> Mapping[str, object]:
    """Return a JSON document that is an object, or raise `Invalid`."""
    if not isinstance(document, dict):
        fault = Fault(path=(), code="not_an_object", message="must be an object")
        raise Invalid([fault])
    return document


def require_json(request: Request, *also: str) -> None:
    """Raise `Unsupported` unless the body says that it is JSON, or one of the types `also`.

    A body that says nothing is taken for JSON, and what it is shows soon.
    """
    require_plain(request)
    kind = request.mimetype or "application/json"
    known = ("application/json", *also)
    if kind not in known and not (kind.startswith("application/") and kind.endswith("+json")):
        raise Unsupported(f"the Content-Type must be {' or '.join(known)}, not {shortened(kind)}")
    charset = request.mimetype_params.get("charset", "utf-8").lower()
    if charset not in {"utf-8", "utf8", "us-ascii"}:
        raise Unsupported("JSON is read as UTF-8 only")


def require_plain(request: Request) -> None:
    """Raise `Unsupported` for a body that is compressed."""
    encoding = request.headers.get("Content-Encoding", "identity").strip().lower()
    if encoding != "identity":
        raise Unsupported("a compressed body is not read here; send it as it is")


@contextmanager
def received(request: Request, limit: int) -> Iterator[tuple[IO[bytes], int]]:
    """Receive a whole body, on disk where it is large; give it from its start, and its size."""
    length = request.content_length
    if length is not None and length > limit:
        raise too_large(limit)
    with SpooledTemporaryFile(max_size=HEAVY) as spool:
        size = 0
        while piece := request.stream.read(PIECE):
            size += len(piece)
            if size > limit:
                raise too_large(limit)
            spool.write(piece)
        spool.seek(0)
        yield spool, size


def too_large(limit: int) -> TooLarge:
    """Say that a body, file or line is larger than so many bytes."""
    return TooLarge(f"more than {limit} bytes are not read here", limit=limit)


def parse(body: bytes, limits: Limits) -> object:
    """Read JSON exactly; raises `Malformed`, or `TooLarge` where a count is passed."""
    quick = quickly(body, limits)
    if quick is not None:
        return quick
    text = Text(body, limits)
    del body  # It is as large as the text.
    return text.document()
