"""NDJSON: the lines of a stream of any length, each within a limit, large ones on disk."""

from collections.abc import Iterator
from dataclasses import dataclass
from tempfile import SpooledTemporaryFile
from typing import IO, Final

from taskloom.wire.body import PIECE

NDJSON: Final = "application/x-ndjson"
_IN_MEMORY: Final = 256 * 1024


@dataclass(frozen=True, slots=True, kw_only=True)
class Long:
    """A line that is longer than a piece; `held` is None for one that is too long to be kept."""

    size: int
    held: IO[bytes] | None

    def contents(self) -> bytes:
        """Return all bytes of a line that was kept; to be called once."""
        if self.held is None:
            return b""
        with self.held as spool:
            spool.seek(0)
            return spool.read(self.size)


Line = bytes | Long


def lines(stream: IO[bytes], limit: int) -> Iterator[Line]:
    """Yield the lines that are not blank; of one that has more than `limit` bytes nothing is kept.

    Lines end with a line feed, the last one also with the stream.
    """
    begun = _Begun(limit)
    try:
        while piece := stream.read(PIECE):
            first, *others = piece.split(b"\n")
            begun.add(first)
            if not others:
                continue
            yield from begun.taken()
            *whole, last = others
            for line in whole:
                if len(line) > limit:
                    yield Long(size=0, held=None)
                elif line.strip():
                    yield line
            begun.add(last)
        yield from begun.taken()
    finally:
        begun.drop()


class _Begun:
    """A line that has not ended yet."""

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
            yield Long(size=0, held=None)
        elif not isinstance(held, bytes):
            yield Long(size=size, held=held)
        elif held.strip():
            yield held

    def drop(self) -> None:
        """Forget what is held."""
        if not isinstance(self._held, bytes):
            self._held.close()
        self._held = b""
