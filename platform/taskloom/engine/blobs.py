"""Files as the engine wants them stored, and fetched from elsewhere."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from taskloom.model.task import Moment
from taskloom.model.values import Attachment


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredFile:
    """An attachment with its whereabouts: `digest` names the shared contents (hex SHA-256).

    A `picture` was uploaded to show the user `by`.
    """

    attachment: Attachment
    workspace: str
    by: str | None
    digest: str
    tasks: frozenset[tuple[str, str]]
    picture: bool = False


class FileStore(Protocol):
    """Attachments, each its own; contents are stored once per SHA-256."""

    def add(
        self,
        *,
        workspace: str,
        by: str | None,
        filename: str,
        content_type: str,
        contents: bytes,
        at: Moment,
        picture: bool = False,
    ) -> Attachment:
        """Store contents under a new random `blobId`."""

    def find(self, workspace: str, blobs: Sequence[str]) -> Mapping[str, StoredFile]:
        """Return the attachments that exist, by `blobId`."""

    def attach(self, blobs: Sequence[str], workflow: str, task: str) -> None:
        """Note, before the task is written, that these attachments are about to be on it."""

    def read(self, digest: str, start: int, stop: int) -> Iterator[bytes]:
        """Yield the bytes from `start` up to, not including, `stop`, in pieces of some 1 MiB."""

    def collect(self, before: Moment) -> int:
        """Remove what nothing needs and is older than `before`; return how many contents went.

        That is attachments that no task holds, pictures that their user's `image` does not name,
        and contents without attachments.
        """


@dataclass(frozen=True, slots=True, kw_only=True)
class Fetched:
    """A remote file, fetched whole."""

    filename: str
    content_type: str
    contents: bytes


class Fetcher(Protocol):
    """Gets remote files without ever touching a private address that is not allowed."""

    def fetch(self, url: str) -> Fetched:
        """Get the file; raise `Refusal` when the address, size, time or answer is not all right."""
