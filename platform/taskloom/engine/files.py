"""Files on their own: upload one, open one that the actor may see."""

from collections.abc import Iterator
from dataclasses import dataclass

from taskloom.engine.attachments import Attachments, blobs_of
from taskloom.engine.blobs import StoredFile
from taskloom.engine.ports import Ports
from taskloom.engine.rights import require, sees
from taskloom.engine.workflows import Workflows
from taskloom.errors import NotFound
from taskloom.model.people import Actor
from taskloom.model.values import Attachment, Upload


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenFile:
    """An attachment that may be read; `digest` is the hex SHA-256 of its contents."""

    attachment: Attachment
    digest: str


class Files:
    """The use cases of files; who sees a task sees the files in the fields that the role sees."""

    def __init__(self, ports: Ports, workflows: Workflows) -> None:
        self._ports = ports
        self._workflows = workflows
        self._attachments = Attachments(ports)

    def upload(self, actor: Actor, upload: Upload) -> Attachment:
        """Store a file for later use in a task; raises `Refusal` if it cannot be fetched."""
        require(actor, "create")
        return self._attachments.store(actor, self._attachments.load(upload))

    def open(self, actor: Actor, blob: str) -> OpenFile:
        """Return the file, or raise `NotFound` if it is gone or on no task of the actor's."""
        require(actor, "read")
        found = self._ports.files.find(actor.workspace, [blob]).get(blob)
        if found is None or not self._may_see(actor, found):
            raise NotFound("there is no such file")
        return OpenFile(attachment=found.attachment, digest=found.digest)

    def _may_see(self, actor: Actor, file: StoredFile) -> bool:
        if not file.tasks:
            return file.by == actor.user
        blob = file.attachment["blobId"]
        workflows = {w.uid: w.id for w in self._ports.workflows.every(actor.workspace)}
        for uid, task in file.tasks:
            view = self._workflows.find(actor, workflows[uid]) if uid in workflows else None
            found = self._ports.tasks.get(view, task) if view is not None else None
            if view is None or found is None or not sees(actor, view.role, found):
                continue
            if blob in blobs_of(view, found):
                return True
        return False

    def read(self, file: OpenFile, start: int, stop: int) -> Iterator[bytes]:
        """Yield bytes from `start` up to, not including, `stop`."""
        return self._ports.files.read(file.digest, start, stop)
