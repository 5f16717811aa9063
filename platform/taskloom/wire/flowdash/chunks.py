"""The rows of a bulk request, gathered into chunks that are read and written together."""

from collections.abc import Generator, Iterable, Iterator, Sequence
from dataclasses import dataclass
from hashlib import blake2b
from typing import Final, TypeVar

from werkzeug.wrappers import Request

from taskloom.engine.stages import Row
from taskloom.errors import TaskloomError
from taskloom.schema.compiled import Compiled
from taskloom.wire.base import Limits
from taskloom.wire.body import as_object, heavy, parse, too_large
from taskloom.wire.flowdash.lines import Line, Long, lines
from taskloom.wire.flowdash.naming import draft_of

CHUNK_ROWS: Final = 1000
_DIGEST_BYTES: Final = 16
CHUNK_BYTES: Final = 1024 * 1024


@dataclass(frozen=True, slots=True, kw_only=True)
class Chunk:
    """Rows, read as far as they can be, and how many bytes of the body they were."""

    rows: Sequence[Row]
    size: int


Chunks = Generator[Chunk, None, None]
T = TypeVar("T")


def chunks_of_lines(request: Request, compiled: Compiled, limits: Limits) -> Chunks:
    """Yield the rows of an NDJSON body; what still waits for the client is not parsed yet."""
    sized = ((line, _size(line)) for line in lines(request.stream, limits.max_body))
    for gathered, size in _chunks(sized):
        with heavy(size):
            rows = [_row_of_line(compiled, line, limits) for line in gathered]
            del gathered
            yield Chunk(rows=rows, size=size)
            del rows


def _size(line: Line) -> int:
    return line.size if isinstance(line, Long) else len(line)


def _row_of_line(compiled: Compiled, line: Line, limits: Limits) -> Row:
    if isinstance(line, Long):
        if line.held is None:
            return too_large(limits.max_body)
        line = line.contents()
    try:
        digest = blake2b(line, digest_size=_DIGEST_BYTES).digest()
        return draft_of(as_object(parse(line, limits)), compiled, digest)
    except TaskloomError as error:
        return error


def chunks_of_items(compiled: Compiled, items: Iterable[tuple[object, int]]) -> Chunks:
    """Yield the rows of a JSON array, which is the only large one while it is read."""
    for gathered, size in _chunks(items):
        yield Chunk(rows=[_row(compiled, item) for item in gathered], size=size)


def _row(compiled: Compiled, item: object) -> Row:
    try:
        return draft_of(as_object(item), compiled)
    except TaskloomError as error:
        return error


def _chunks(sized: Iterable[tuple[T, int]]) -> Iterator[tuple[Sequence[T], int]]:
    """Gather what comes with its size until it is many, or one more would make it large."""
    chunk: list[T] = []
    held = 0
    for one, size in sized:
        if chunk and (len(chunk) >= CHUNK_ROWS or held + size > CHUNK_BYTES):
            yield chunk, held
            chunk, held = [], 0
        chunk.append(one)
        held += size
    if chunk:
        yield chunk, held
