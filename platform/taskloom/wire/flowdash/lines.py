"""NDJSON: the lines of a stream of any length, each within a limit."""

from collections.abc import Iterator
from typing import IO, Final

from taskloom.wire.body import PIECE

NDJSON: Final = "application/x-ndjson"


def lines(stream: IO[bytes], limit: int) -> Iterator[bytes | None]:
    """Yield the lines that are not blank; None stands for one of more than `limit` bytes."""
    held = bytearray()
    passed = False
    while piece := stream.read(PIECE):
        *complete, rest = piece.split(b"\n")
        for end in complete:
            held += end
            yield from _line(held, limit, passed=passed)
            held.clear()
            passed = False
        held += rest
        if len(held) > limit:
            passed = True
            held.clear()
    yield from _line(held, limit, passed=passed)


def _line(held: bytearray, limit: int, *, passed: bool) -> Iterator[bytes | None]:
    if passed or len(held) > limit:
        yield None
    elif held.strip():
        yield bytes(held)
