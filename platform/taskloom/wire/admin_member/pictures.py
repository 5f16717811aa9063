"""Pictures of users: upload one, and show it to whoever has its address."""

from typing import Final

from flask import Request, Response, request

from taskloom.engine.engine import Engine
from taskloom.engine.pictures import PART
from taskloom.errors import Malformed
from taskloom.wire.admin_member.describe import MET, closed
from taskloom.wire.answer import answer
from taskloom.wire.auth import actor_of
from taskloom.wire.base import Limits
from taskloom.wire.body import heavy
from taskloom.wire.docs.describe import TEXT, body, documented, parameter, reply
from taskloom.wire.facades import mount_url
from taskloom.wire.uploads import BYTES, FORM, Part, form_of, received_parts, upload_of

IMAGES: Final = "/auth/images"
NO_FILE: Final = "No file uploaded"


class Images:
    """The views; each takes the request of the moment."""

    def __init__(self, engine: Engine, limits: Limits) -> None:
        self._engine = engine
        self._limits = limits

    @documented(
        "Upload a picture",
        description="A JPEG, PNG or WebP picture of oneself. Set `profileImageUrl` to its "
        "address within the hour; a picture that nobody has is removed.",
        request=body(form_of(PART), media=FORM),
        replies={200: reply("Its address.", closed({"imageUrl": TEXT}))},
        errors=MET,
    )
    def upload_image(self) -> Response:
        """Store a picture of the actor."""
        actor = actor_of(request, self._engine)
        if request.mimetype != FORM or _is_empty(request):
            raise Malformed(NO_FILE)
        with received_parts(request, self._limits) as parts:
            part = next((part for part in parts if _is_file(part)), None)
            if part is None:
                raise Malformed(NO_FILE)
            with heavy(part.size):
                kept = self._engine.pictures.keep(actor, upload_of(part))
        return answer({"imageUrl": self._address(actor.workspace, kept["blobId"])})

    def _address(self, workspace: str, blob: str) -> str:
        return f"{mount_url(request, self._limits)}{IMAGES}/{workspace}/{blob}"

    @documented(
        "Get a picture",
        description="For whoever has its address, as pages show pictures without a token.",
        parameters=[
            parameter("workspace", "Id of the workspace.", place="path"),
            parameter("blob", "Id of the picture.", place="path"),
        ],
        replies={
            200: reply("The picture.", BYTES, media="*/*"),
            304: reply("It is the one already known."),
        },
        errors=(404, 429, 500, 503),
        public=True,
    )
    def get_image(self, workspace: str, blob: str) -> Response:
        """Answer one picture."""
        picture = self._engine.pictures.open(workspace, blob)
        size = picture.attachment["size"]
        headers = {
            "ETag": f'"{picture.digest}"',
            "Cache-Control": "private, max-age=86400, immutable",
            "Content-Security-Policy": "default-src 'none'; sandbox",
            "X-Content-Type-Options": "nosniff",
        }
        if request.if_none_match.contains_weak(picture.digest):
            return Response(status=304, headers=headers)
        return Response(
            self._engine.files.read(picture, 0, size),
            content_type=picture.attachment["contentType"],
            headers={**headers, "Content-Length": str(size)},
        )


def _is_empty(asked: Request) -> bool:
    """Tell whether a request comes without a body; one of unknown length has one."""
    return not asked.content_length and "Transfer-Encoding" not in asked.headers


def _is_file(part: Part) -> bool:
    return part.name == PART and part.filename is not None and not part.is_blank
