"""Pictures of users: whoever knows the name of one may see it, as the page that shows it does."""

from typing import Final

from taskloom.engine.files import OpenFile
from taskloom.engine.media import PICTURES, told_type
from taskloom.engine.ports import Ports
from taskloom.engine.rights import require
from taskloom.errors import Fault, Forbidden, Invalid, NotFound
from taskloom.model.people import Actor
from taskloom.model.values import Attachment, Upload

PART: Final = "image"
_REFUSED: Final = "must be a JPEG, PNG or WebP picture"


class Pictures:
    """The use cases of pictures."""

    def __init__(self, ports: Ports) -> None:
        self._ports = ports

    def keep(self, actor: Actor, upload: Upload) -> Attachment:
        """Store a picture of the actor; it stays as long as the actor's `image` names its `blobId`.

        Raises `Forbidden` for a credential that is no user's, `Invalid` for what is no picture by
        its contents.
        """
        require(actor, "create", "pictures")
        if actor.user is None:
            raise Forbidden("only users have pictures", verb="create")
        contents = upload.contents or b""
        kind = told_type(contents)
        if kind not in PICTURES:
            raise Invalid([Fault(path=(PART,), code="invalid", message=_REFUSED)])
        return self._ports.files.add(
            workspace=actor.workspace,
            by=actor.user,
            filename=upload.filename or PART,
            content_type=kind,
            contents=contents,
            at=self._ports.clock(),
            picture=True,
        )

    def open(self, workspace: str, blob: str) -> OpenFile:
        """Return a picture to whoever knows its name, or raise `NotFound`."""
        found = self._ports.files.find(workspace, [blob]).get(blob)
        if found is None or not found.picture:
            raise NotFound("there is no such picture")
        return OpenFile(attachment=found.attachment, digest=found.digest)
