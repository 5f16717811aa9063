"""The versions of workflows, and what plans left behind in them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from taskloom.engine.shifts import Retired, Settling
from taskloom.model.task import Moment


@dataclass(frozen=True, slots=True, kw_only=True)
class Version:
    """One stored version of a workflow; `origin` is the file it was pushed from, if any.

    `by` is the user who pushed it, None for "API" and for the server itself.
    """

    version: int
    at: Moment
    source: str
    origin: str | None
    by: str | None = None


class VersionStore(Protocol):
    """Reads versions, and keeps what is left to do since plans were applied."""

    def versions(self, workspace: str, workflow: str) -> Sequence[Version]:
        """Return the versions, oldest first."""

    def version(self, workspace: str, workflow: str, version: int) -> Version | None:
        """Return one version."""

    def retired(self, workspace: str, workflow: str) -> Sequence[Retired]:
        """Return the slots that plans left behind, oldest first."""

    def settling(self) -> Sequence[Settling]:
        """Return what is left to do since plans were applied, of all workflows, oldest first."""

    def settle(self, left: Settling, *, done: bool) -> None:
        """Note how far the settling of a version is, or that it is done."""

    def kinds(self, workspace: str, workflow: str) -> Mapping[str, str]:
        """Return the kind of every field key that any version ever declared."""
