"""NDJSON: the lines of a stream of any length, each within a limit, large ones on disk."""

from collections.abc import Iterator
from dataclasses import dataclass
from tempfile import SpooledTemporaryFile
from typing import IO, Final

from taskloom.wire.body import HEAVY, PIECE

NDJSON: Final = "application/x-ndjson"


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """A line that is not blank; `held` is None for one that is too long to be kept."""

    size: int
    held: bytes | IO[bytes] | None

    def contents(self) -> bytes:
        """Return all bytes of a line that was kept."""
        if self.held is None or isinstance(self.held, bytes):
            return self.held or b""
        self.held.seek(0)
        return self.held.read()


def lines(stream: IO[bytes], limit: int) -> Iterator[Line]:
    """Yield the lines that are not blank; of one that has more than `limit` bytes only its size."""
    line = _Line(limit)
    while piece := stream.read(PIECE):
        *complete, rest = piece.split(b"\n")
        for end in complete:
            line.add(end)
            yield from line.taken()
            line = _Line(limit)
        line.add(rest)
    yield from line.taken()


class _Line:
    """A line in the making."""

    def __init__(self, limit: int) -> None:
        self._limit = limit
        self._size = 0
        self._held: bytes | IO[bytes] = b""

    def add(self, part: bytes) -> None:
        """Take in the next part."""
        self._size += len(part)
        if self._size > self._limit:
            self._held = b""
        elif isinstance(self._held, bytes) and len(self._held) + len(part) <= PIECE:
            self._held += part
        else:
            self._spooled().write(part)

    def _spooled(self) -> IO[bytes]:
        if isinstance(self._held, bytes):
            # Closed with the line itself, once it is read.
            spool = SpooledTemporaryFile(max_size=HEAVY)  # noqa: SIM115
            spool.write(self._held)
            self._held = spool
        return self._held

    def taken(self) -> Iterator[Line]:
        """Yield the line, unless it is blank."""
        if self._size > self._limit:
            yield Line(size=0, held=None)
        elif not isinstance(self._held, bytes) or self._held.strip():
            yield Line(size=self._size, held=self._held)
