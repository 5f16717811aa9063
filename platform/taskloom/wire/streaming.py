"""Long arrays as answers: written piece by piece, in constant memory."""

from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from itertools import islice
from tempfile import TemporaryFile
from typing import IO, Final

from flask import Response

from taskloom.wire.answer import JSON, Ready, encode, response_of, spooled
from taskloom.wire.body import HEAVY, PIECE

_MOST_AT_ONCE: Final = 64


def array(items: Iterable[object]) -> Ready:
    """Answer items as one JSON array; what fails at once fails before the answer."""
    pieces = array_of(items)
    first, second = next(pieces), next(pieces, None)
    body = first if second is None else _joined(first, second, pieces)
    return Ready(headers={"Content-Type": JSON}, body=body)


def streamed(items: Iterable[object]) -> Response:
    """Answer items as one JSON array, by Flask."""
    return response_of(array(items))


def _joined(first: bytes, second: bytes, rest: Iterator[bytes]) -> Iterator[bytes]:
    yield first
    yield second
    yield from rest


def array_of(items: Iterable[object]) -> Iterator[bytes]:
    """Yield the text of an array in pieces of some size.

    As many items as are small are written at once, for each call of the encoder costs.
    """
    held = bytearray(b"[")
    left, most, comma = iter(items), 1, b""
    while chunk := list(islice(left, most)):
        text = encode(chunk)
        most = min(4 * most, _MOST_AT_ONCE) if len(text) < PIECE // 4 else 1
        held += comma
        held += memoryview(text)[1:-1]
        comma = b","
        if len(held) >= PIECE:
            yield bytes(held)
            held.clear()
    held += b"]"
    yield bytes(held)


@contextmanager
def gathered(pieces: Iterator[bytes]) -> Iterator["Gathered"]:
    """Gather all pieces of a JSON answer; what is large waits on disk until it is sent."""
    held = Gathered()
    try:
        for piece in pieces:
            held.add(piece)
        yield held
    except BaseException:
        held.close()
        raise


class Gathered:
    """A JSON answer in the making."""

    def __init__(self) -> None:
        self._pieces: list[bytes] = []
        self._size = 0
        self._spool: IO[bytes] | None = None

    def add(self, piece: bytes) -> None:
        """Take in the next piece."""
        self._size += len(piece)
        if self._spool is not None:
            self._spool.write(piece)
            return
        self._pieces.append(piece)
        if self._size > HEAVY:
            # Closed with the answer.
            self._spool = TemporaryFile()  # noqa: SIM115
            self._spool.writelines(self._pieces)
            self._pieces.clear()

    def ready(self, headers: Mapping[str, str] | None = None) -> Ready:
        """Return the answer; it is whole."""
        if self._spool is not None:
            return spooled(self._spool, headers=headers)
        told = {"Content-Type": JSON, **(headers or {})}
        return Ready(headers=told, body=b"".join(self._pieces))

    def close(self) -> None:
        """Throw the answer away."""
        if self._spool is not None:
            self._spool.close()
