"""NDJSON: the lines of a stream of any length, each within a limit, large ones on disk."""

from collections.abc import Iterator
from dataclasses import dataclass
from tempfile import SpooledTemporaryFile
from typing import IO, Final

from taskloom.wire.body import PIECE

NDJSON: Final = "application/x-ndjson"
_IN_MEMORY: Final = 256 * 1024


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """A line that is not blank; `held` is None for one that is too long to be kept."""

    size: int
    held: bytes | IO[bytes] | None

    def contents(self) -> bytes:
        """Return all bytes of a line that was kept; to be called once."""
        if self.held is None or isinstance(self.held, bytes):
            return self.held or b""
        with self.held as spool:
            spool.seek(0)
            return spool.read(self.size)


def lines(stream: IO[bytes], limit: int) -> Iterator[Line]:
    """Yield the lines that are not blank; of one that has more than `limit` bytes only its size."""
    line = _Line(limit)
    try:
        while piece := stream.read(PIECE):
            *complete, rest = piece.split(b"\n")
            for end in complete:
                line.add(end)
                yield from line.taken()
            line.add(rest)
        yield from line.taken()
    finally:
        line.drop()


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
            self.drop()
        elif isinstance(self._held, bytes) and len(self._held) + len(part) <= PIECE:
            self._held += part
        else:
            self._spooled().write(part)

    def _spooled(self) -> IO[bytes]:
        if isinstance(self._held, bytes):
            # Closed once it is read.
            spool = SpooledTemporaryFile(max_size=_IN_MEMORY)  # noqa: SIM115
            spool.write(self._held)
            self._held = spool
        return self._held

    def taken(self) -> Iterator[Line]:
        """Yield the line, unless it is blank, and begin another."""
        size, held = self._size, self._held
        self._size, self._held = 0, b""
        if size > self._limit:
            yield Line(size=0, held=None)
        elif not isinstance(held, bytes) or held.strip():
            yield Line(size=size, held=held)

    def drop(self) -> None:
        """Forget what is held."""
        if not isinstance(self._held, bytes):
            self._held.close()
        self._held = b""
