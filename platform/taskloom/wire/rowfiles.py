"""Files of rows as they come in requests: as the body, or as the one part of a form."""

from collections.abc import Iterator, Mapping
from typing import Final

from werkzeug.wrappers import Request

from taskloom.exchange.writers import FORMATS
from taskloom.wire.body import PIECE, require_plain, too_large
from taskloom.wire.docs.describe import content
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

FILES: Final = {
    "required": True,
    "content": {
        **{media: {"schema": BYTES} for media in (*NAMES, ANYTHING)},
        **content(form_of(PART), media=FORM),
    },
}


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


def _limited(pieces: Iterator[bytes], limit: int) -> Iterator[bytes]:
    size = 0
    for piece in pieces:
        size += len(piece)
        if size > limit:
            raise too_large(limit)
        yield piece
