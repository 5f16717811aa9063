"""What imports need from the outside, as protocols; `storage` fulfils them."""

from collections.abc import Iterable, Iterator, Sequence
from typing import BinaryIO, Protocol

from taskloom.model.imports import Import, Part
from taskloom.model.task import Moment


class ImportStore(Protocol):
    """Imports, their files and what came of them.

    At most one process works on an import: its `owner`, until its lease of so many milliseconds is
    over by the database's clock.
    """

    def receive(self, job: str, pieces: Iterable[bytes]) -> int:
        """Keep the file of an import that is about to be stored; return its bytes.

        Nothing is kept of a file whose pieces break off with an error.
        """

    def insert(self, new: Import) -> None:
        """Store a new import."""

    def get(self, workspace: str, job: str) -> Import | None:
        """Return the import with this id."""

    def every(self, workspace: str, workflow: str, user: str | None) -> Sequence[Import]:
        """Return the newest imports into a workflow, by its `uid`, newest first.

        Those of one user, or of everybody if `user` is None; without analysis and faults.
        """

    def take(self, owner: str, lease: int) -> Import | None:
        """Make `owner` work on the oldest import that waits, or whose owner is gone."""

    def keep(self, job: str, owner: str, lease: int) -> bool:
        """Begin the lease anew; False when the import is not the owner's any more."""

    def release(self, job: str, owner: str) -> None:
        """End the lease, so that anybody may go on at once."""

    def save(self, job: Import, owner: str) -> Import | None:
        """Store how far an import is; return it as it is now.

        None when it is not the owner's any more; nothing is stored then.
        """

    def start(self, held: Import) -> bool:
        """Let a held import begin, with the options it has here; False when it is not held.

        What was found out about its file is found out anew.
        """

    def cancel(self, job: str, at: Moment) -> Import | None:
        """End what waits, ask what runs to end; return it, or None when it has ended."""

    def open(self, job: Import) -> BinaryIO:
        """Open the file, at any place of which one may read."""

    def append(self, job: str, part: Part, row: int, data: bytes) -> None:
        """Add to a part what the batch that begins with this row brought."""

    def cut(self, job: str, row: int) -> None:
        """Remove from rejects and aside what batches from this row on brought."""

    def read(self, job: str, part: Part) -> Iterator[bytes]:
        """Yield a part piece by piece."""

    def collect(self, ended: Moment, broken: Moment) -> int:
        """Remove imports that ended or were left held before `ended`; return how many.

        Files that came before `broken` and never became imports go too.
        """
