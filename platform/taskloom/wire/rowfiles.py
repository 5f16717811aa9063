"""Files of rows as they come in requests: as the body, or as the one part of a form."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from tempfile import SpooledTemporaryFile
from typing import BinaryIO, Final, cast

from werkzeug.wrappers import Request

from taskloom.exchange.encodings import end_at_a_line
from taskloom.exchange.rows import Choices
from taskloom.exchange.writers import FORMATS
from taskloom.wire.body import HEAVY, PIECE, require_plain, too_large
from taskloom.wire.docs.describe import content, parameter
from taskloom.wire.uploads import ANYTHING, BYTES, FORM, form_of, streamed_part

PART: Final = "file"
NAMES: Final = {kind.media.partition(";")[0]: f"file.{name}" for name, kind in FORMATS.items()}
"""What a file without a name is called, by its media type; the ending may tell the format."""

READING: Final[Mapping[str, str]] = {
    "format": "How the file is read: csv, ndjson, json or xlsx.",
    "encoding": "The encoding of a CSV file.",
    "delimiter": "The sign between the cells of a CSV file.",
    "quote": "The sign around the cells of a CSV file.",
    "source": "The program whose export it is, such as `trello`.",
    "dates": "The order in dates such as 03/04/25: `dmy`, `mdy` or `ymd`.",
    "decimal": "The decimal sign of numbers: `.` or `,`.",
    "sheet": "The sheet of a workbook.",
}
"""What a request may say of a file, and what for."""

READ_AS: Final[Mapping[str, object]] = {
    name: {"type": ["string", "null"], "description": text} for name, text in READING.items()
}
"""JSON Schemas of what `read_as` tells."""

HEAD: Final = parameter(
    "head",
    "The body is only the beginning of the file: where it breaks off is no fault.",
    {"type": "boolean", "default": False},
)

FILES: Final = {
    "required": True,
    "content": {
        **{media: {"schema": BYTES} for media in (*NAMES, ANYTHING)},
        **content(form_of(PART), media=FORM),
    },
}


def read_as(choices: Choices, source: str) -> Mapping[str, str | None]:
    """Tell how a file is read, by the names of `READING`; null for what has no meaning there."""
    return {name: getattr(choices, name) for name in READING} | {"source": source or None}


def received_file(request: Request, limit: int) -> tuple[str, Iterator[bytes]]:
    """Return the name of a file and its bytes as they come."""
    length = request.content_length
    if request.mimetype == FORM:
        name, pieces = streamed_part(request, PART, limit)
        return name, _limited(pieces, limit)
    require_plain(request)
    if length is not None and length > limit:
        raise too_large(limit)
    name = NAMES.get(request.mimetype, "file")
    return name, _limited(iter(lambda: request.stream.read(PIECE), b""), limit)


@contextmanager
def received_start(
    request: Request, *, keep: int, limit: int, head: bool
) -> Iterator[tuple[str, BinaryIO, bool]]:
    """Give the name of a file, the file on disk, and whether only its beginning is there.

    That is so where it is sent as the `head` of one, or is larger than what is kept; then it ends
    with a whole line. What is larger than `limit` is refused.
    """
    name, pieces = received_file(request, limit)
    with SpooledTemporaryFile(max_size=HEAVY) as spool:
        size = 0
        for piece in pieces:
            spool.write(piece[: max(keep - size, 0)])
            size += len(piece)
        cut = head or size > keep
        if cut:
            end_at_a_line(spool)
        spool.seek(0)
        yield name, cast(BinaryIO, spool), cut


def _limited(pieces: Iterator[bytes], limit: int) -> Iterator[bytes]:
    size = 0
    for piece in pieces:
        size += len(piece)
        if size > limit:
            raise too_large(limit)
        yield piece
