"""Files: upload them on their own, download them whole or in part."""

from collections.abc import Mapping
from typing import Final
from urllib.parse import quote

from flask import Response, request
from werkzeug.http import parse_range_header

from taskloom.engine.engine import Engine
from taskloom.engine.files import OpenFile
from taskloom.engine.media import is_harmless
from taskloom.errors import Fault, Invalid, Unsupported
from taskloom.model.values import Attachment
from taskloom.wire.answer import answer
from taskloom.wire.auth import actor_of
from taskloom.wire.base import Limits
from taskloom.wire.docs.describe import body, documented, parameter, reference, reply
from taskloom.wire.flowdash.describe import FILE
from taskloom.wire.uploads import (
    ANYTHING,
    BYTES,
    FORM,
    MEDIA_TYPE,
    Part,
    form_of,
    received_parts,
    upload,
)

PART: Final = "file"


class Files:
    """The file views; each takes the request of the moment."""

    def __init__(self, engine: Engine, limits: Limits) -> None:
        self._engine = engine
        self._limits = limits

    @documented(
        "Upload files",
        description="For later use in a task, by `blobId`; what no task holds is removed after a "
        f"while. One part `{PART}` gives one object, several give a list.",
        request=body(form_of(PART), media=FORM),
        replies={201: reply("The file.", {"anyOf": [FILE, {"type": "array", "items": FILE}]})},
    )
    def upload_files(self) -> Response:
        """Store every part of the body."""
        actor = actor_of(request, self._engine)
        if request.mimetype != FORM:
            raise Unsupported(f"the Content-Type must be {FORM}")
        with received_parts(request, self._limits) as parts:
            for part in parts:
                _require_file(part)
            stored = [_shown(upload(self._engine, actor, part)) for part in parts]
        if not stored:
            raise Invalid([Fault(path=(PART,), code="blank", message="can't be blank")])
        return answer(stored[0] if len(stored) == 1 else stored, 201)

    @documented(
        "Download a file",
        description="As it was stored; `Range` asks for a part, `If-None-Match` for news only.",
        parameters=[parameter("blob", "The attachment's `blobId`.", place="path")],
        replies={
            200: reply("The file.", BYTES, media="*/*"),
            206: reply("The part asked for.", BYTES, media="*/*"),
            304: reply("It is the one already known."),
            416: reply("The file has no such part.", reference("schemas", "Error")),
        },
        errors=(404,),
    )
    def download_file(self, blob: str) -> Response:
        """Answer one file."""
        actor = actor_of(request, self._engine)
        file = self._engine.files.open(actor, blob)
        if request.if_none_match.contains_weak(file.digest):
            return Response(status=304, headers=_validators(file))
        size = file.attachment["size"]
        part = _range(file)
        if part is None:
            return self._sent(file, 0, size)
        if part[0] >= size:
            headers = {**_validators(file), "Content-Range": f"bytes */{size}"}
            return answer({"error": "the file has no such part"}, 416, headers)
        response = self._sent(file, *part)
        response.status_code = 206
        response.headers["Content-Range"] = f"bytes {part[0]}-{part[1] - 1}/{size}"
        return response

    def _sent(self, file: OpenFile, start: int, stop: int) -> Response:
        return Response(
            self._engine.files.read(file, start, stop),
            content_type=_media_type(file.attachment),
            headers={
                **_validators(file),
                "Content-Length": str(stop - start),
                "Content-Disposition": disposition(file.attachment),
                "Content-Security-Policy": "default-src 'none'; sandbox",
                # The web app shows a PDF in a frame; what is framed can do nothing.
                "X-Frame-Options": "SAMEORIGIN",
                "X-Content-Type-Options": "nosniff",
            },
        )


def _require_file(part: Part) -> None:
    if part.name != PART:
        message = f"means nothing here; files stand in parts named {PART}"
        raise Invalid([Fault(path=(part.name,), code="unknown", message=message)])
    if part.filename is None or part.is_blank:
        raise Invalid([Fault(path=(PART,), code="blank", message="must be a file with its name")])


def _shown(attachment: Attachment) -> Mapping[str, object]:
    return {
        "blobId": attachment["blobId"],
        "contentType": attachment["contentType"],
        "filename": attachment["filename"],
    }


def _validators(file: OpenFile) -> dict[str, str]:
    return {
        "ETag": f'"{file.digest}"',
        "Accept-Ranges": "bytes",
        "Cache-Control": "private, no-cache",
    }


def _range(file: OpenFile) -> tuple[int, int] | None:
    """Return the one range asked for; several, or one of another version, mean the whole file.

    A range that the file does not have begins at or after the end of the file.
    """
    condition = request.headers.get("If-Range")
    if condition is not None and condition.strip() != f'"{file.digest}"':
        return None
    asked = parse_range_header(request.headers.get("Range"))
    if asked is None or asked.units != "bytes" or len(asked.ranges) != 1:
        return None
    size = file.attachment["size"]
    start, stop = asked.ranges[0]
    if start < 0:
        return max(size + start, 0), size
    return start, min(size if stop is None else stop, size)


def _media_type(attachment: Attachment) -> str:
    """Return the stored type where it can stand in a header."""
    kind = attachment["contentType"]
    return kind if MEDIA_TYPE.fullmatch(kind) else ANYTHING


def disposition(attachment: Attachment) -> str:
    """Say whether to show or save a file, and its name in both spellings of RFC 6266."""
    way = "inline" if is_harmless(attachment["contentType"]) else "attachment"
    name = attachment["filename"]
    plain = "".join(sign if _is_plain(sign) else "_" for sign in name)
    exact = f"; filename*=UTF-8''{quote(name, safe='', errors='replace')}"
    return f'{way}; filename="{plain}"' + (exact if plain != name else "")


def _is_plain(sign: str) -> bool:
    return sign.isascii() and sign.isprintable() and sign not in '"\\%'
