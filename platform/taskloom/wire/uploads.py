"""Multipart bodies: all parts in one file on disk, one of them in memory at a time."""

import re
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from tempfile import SpooledTemporaryFile
from typing import IO, Final

from werkzeug.sansio.multipart import Data, Epilogue, Field, File, MultipartDecoder, NeedData
from werkzeug.wrappers import Request

from taskloom.engine.engine import Engine
from taskloom.errors import Fault, Invalid, Malformed, Refusal
from taskloom.model.people import Actor
from taskloom.model.values import Attachment, Upload
from taskloom.wire.base import Limits
from taskloom.wire.body import HEAVY, PIECE, heavy, require_plain, too_large

FORM: Final = "multipart/form-data"
# No comma: behind one, a browser would read a second type.
MEDIA_TYPE: Final = re.compile(r"[\w.+-]+/[\w.+-]+(?: *;[\x20-\x2b\x2d-\x7e]*)?", re.ASCII)
_MOST_PARTS: Final = 100
_LONGEST_HEAD: Final = 256 * 1024
_LONGEST_NAME: Final = 255
ANYTHING: Final = "application/octet-stream"
BYTES: Final[Mapping[str, str]] = {"type": "string", "contentMediaType": ANYTHING}
"""The JSON Schema of a file's contents."""


def form_of(part: str) -> Mapping[str, object]:
    """Write the JSON Schema of a form with one file."""
    return {"type": "object", "properties": {part: BYTES}, "required": [part]}


@dataclass(slots=True, kw_only=True)
class Part:
    """One part; `filename` is None for a plain form field, its contents begin at `start`."""

    name: str
    filename: str | None
    content_type: str
    spool: IO[bytes]
    start: int
    size: int = 0

    @property
    def is_blank(self) -> bool:
        """Is what a browser sends where no file was chosen."""
        return self.filename == "" and self.size == 0

    def contents(self) -> bytes:
        """Return all bytes."""
        self.spool.seek(self.start)
        return self.spool.read(self.size)


@contextmanager
def received_parts(request: Request, limits: Limits) -> Iterator[Sequence[Part]]:
    """Receive a whole multipart body; its parts last as long as the block."""
    require_plain(request)
    decoder = _decoder(request)
    with SpooledTemporaryFile(max_size=HEAVY) as spool:
        try:
            parts = _parts(request, decoder, limits, spool)
        except ValueError:
            raise Malformed("the multipart body is broken") from None
        yield parts


def _decoder(request: Request) -> MultipartDecoder:
    boundary = request.mimetype_params.get("boundary", "")
    if not boundary or not boundary.isascii():
        raise Malformed("a multipart body needs its boundary in the Content-Type")
    return MultipartDecoder(boundary.encode(), _LONGEST_HEAD, max_parts=_MOST_PARTS)


def _parts(
    request: Request, decoder: MultipartDecoder, limits: Limits, spool: IO[bytes]
) -> list[Part]:
    parts: list[Part] = []
    for event in _events(decoder, request, limits.max_body + limits.max_file):
        if isinstance(event, Field | File):
            parts.append(_begun(event, spool))
        elif isinstance(event, Data):
            part = parts[-1]
            part.size += len(event.data)
            if part.size > limits.max_file:
                raise too_large(limits.max_file)
            spool.write(event.data)
    return parts


def _events(decoder: MultipartDecoder, request: Request, limit: int) -> Iterator[object]:
    received = 0
    while True:
        event = decoder.next_event()
        if isinstance(event, NeedData):
            piece = request.stream.read(PIECE)
            received += len(piece)
            if received > limit:
                raise too_large(limit)
            decoder.receive_data(piece or None)
            continue
        yield event
        if isinstance(event, Epilogue):
            return


def streamed_part(request: Request, name: str, limit: int) -> tuple[str, Iterator[bytes]]:
    """Receive the one file of a multipart body as it comes: its name, and its bytes in pieces."""
    require_plain(request)
    events = _sound(_events(_decoder(request), request, limit + _LONGEST_HEAD))
    begun = next((event for event in events if isinstance(event, Field | File)), None)
    if not isinstance(begun, File) or begun.name != name:
        message = f"is expected alone, as a part named {name} with a file name"
        raise Invalid([Fault(path=(name,), code="blank", message=message)])
    return _plain(begun.filename), _pieces_of(events, name)


def _pieces_of(events: Iterator[object], name: str) -> Iterator[bytes]:
    for event in events:
        if isinstance(event, Data):
            yield event.data
        elif isinstance(event, Field | File):
            raise Invalid([Fault(path=(name,), code="too_many", message="must be the only part")])


def _sound(events: Iterator[object]) -> Iterator[object]:
    try:
        yield from events
    except ValueError:
        raise Malformed("the multipart body is broken") from None


def _begun(event: Field | File, spool: IO[bytes]) -> Part:
    # A part without a name belongs to nothing and is refused as an unknown name.
    return Part(
        name=event.name or "",
        filename=event.filename if isinstance(event, File) else None,
        content_type=event.headers.get("Content-Type", ""),
        spool=spool,
        start=spool.tell(),
    )


def upload(engine: Engine, actor: Actor, part: Part) -> Attachment:
    """Store a part as the actor's own file; raises `Invalid` naming the part."""
    try:
        with heavy(part.size):
            return engine.files.upload(actor, upload_of(part))
    except Refusal as refusal:
        raise Invalid([refusal.at(part.name)]) from None


def upload_of(part: Part) -> Upload:
    """Return what a part brings, with its contents; to be used while `heavy` holds its size."""
    kind = part.content_type.strip()
    told = kind if MEDIA_TYPE.fullmatch(kind) and kind.lower() != ANYTHING else None
    return Upload(filename=_plain(part.filename), content_type=told, contents=part.contents())


def _plain(filename: str | None) -> str:
    """Return the last name of a path, without what could not stand in a file name."""
    last = re.split(r"[/\\]", filename or "")[-1]
    name = "".join(sign for sign in last if sign.isprintable()).strip()
    return name[-_LONGEST_NAME:] if name not in {"", ".", ".."} else "file"
