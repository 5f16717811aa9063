"""Long arrays as answers: written piece by piece, in constant memory."""

from collections.abc import Iterable, Iterator

from flask import Response

from taskloom.wire.answer import JSON, encode
from taskloom.wire.body import PIECE


def streamed(items: Iterable[object]) -> Response:
    """Answer items as one JSON array; what fails at once fails before the answer."""
    pieces = _pieces(items)
    first, second = next(pieces), next(pieces, None)
    if second is None:
        return Response(first, content_type=JSON)
    return Response(_joined(first, second, pieces), content_type=JSON)


def _joined(first: bytes, second: bytes, rest: Iterator[bytes]) -> Iterator[bytes]:
    yield first
    yield second
    yield from rest


def _pieces(items: Iterable[object]) -> Iterator[bytes]:
    """Yield the text of an array in pieces of some size."""
    held = bytearray(b"[")
    comma = b""
    for item in items:
        held += comma
        held += encode(item)
        comma = b","
        if len(held) >= PIECE:
            yield bytes(held)
            held.clear()
    held += b"]"
    yield bytes(held)
