"""Imports: a file comes in, is imported beside all else, and what came of it can be asked for."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from itertools import chain
from typing import Any, Final

from taskloom.engine.bulk import Bulk
from taskloom.engine.importing import Run
from taskloom.engine.people import Directory
from taskloom.engine.ports import Ports
from taskloom.engine.previews import Preview, Previewer
from taskloom.engine.rejects import aside_head, rejects_head
from taskloom.engine.rights import require
from taskloom.engine.terms import Origin
from taskloom.engine.workflows import Workflows
from taskloom.errors import Conflict, Fault, Forbidden, Invalid, NotFound
from taskloom.exchange.rows import Reader
from taskloom.model.imports import Import, Options
from taskloom.model.people import Actor
from taskloom.model.roles import NO
from taskloom.schema.compiled import Compiled

DAY: Final = 24 * 60 * 60 * 1000
KEPT: Final = 30 * DAY
"""How long an import and its file are kept after its end."""

_LONGEST_NAME: Final = 255


class Imports:
    """The use cases of imports. Who began one may ask for it, and so may admins.

    It has the rights of the credential that began it: each row is checked as that one's, at the
    time it is written.
    """

    def __init__(self, ports: Ports, workflows: Workflows, people: Directory, bulk: Bulk) -> None:
        self._ports = ports
        self._bulk = bulk
        self._workflows = workflows
        self._people = people

    def start(
        self,
        actor: Actor,
        workflow: str,
        pieces: Iterable[bytes],
        *,
        name: str,
        options: Options,
        origin: Origin | None = None,
    ) -> Import:
        """Take in a file that comes in pieces, to be imported soon; raises what they raise.

        What an earlier try of the same origin made is returned as it is by now.
        """
        compiled = self._writable(actor, workflow)
        job = self._ports.new_id() if origin is None else origin.task()
        if origin is not None and origin.again:
            known = self._ports.imports.get(actor.workspace, job)
            if known is not None:
                return known
        size = self._ports.imports.receive(job, pieces)
        if not size:
            raise Invalid([Fault(path=("file",), code="blank", message="is empty")])
        made = Import(
            id=job,
            workspace=actor.workspace,
            workflow=compiled.workflow.id,
            uid=compiled.workflow.uid,
            holder=self._people.holding(actor),
            name=name[-_LONGEST_NAME:],
            size=size,
            options=options,
            at=self._ports.clock(),
        )
        self._ports.imports.insert(made)
        return made

    def require(self, actor: Actor, workflow: str) -> None:
        """Raise what speaks against the actor importing into a workflow, before a file comes in."""
        self._writable(actor, workflow)

    def preview(
        self, actor: Actor, workflow: str, reader: Reader, options: Options, count: int
    ) -> Preview:
        """Tell what would come of the first `count` rows of a file, and write nothing.

        Raises what the reader raises.
        """
        compiled = self._writable(actor, workflow)
        people = self._people.people(actor)
        previewer = Previewer(actor=actor, workflow=compiled, people=people, bulk=self._bulk)
        return previewer.preview(reader, options, count)

    def _writable(self, actor: Actor, workflow: str) -> Compiled:
        require(actor, "create")
        compiled = self._workflows.get(actor, workflow)
        role = compiled.role
        if not role.create and role.update == NO:
            message = f"the role {role.name!r} may neither create nor change tasks"
            raise Forbidden(message, verb="create", role=role.id)
        return compiled

    def every(self, actor: Actor, workflow: str) -> Sequence[Import]:
        """Return the newest imports into a workflow, newest first: one's own, to admins all."""
        require(actor, "read")
        compiled = self._workflows.get(actor, workflow)
        by = None if actor.is_admin else actor.user
        return self._ports.imports.every(actor.workspace, compiled.workflow.uid, by)

    def get(self, actor: Actor, workflow: str, job: str) -> Import:
        """Return an import, or raise `NotFound`."""
        require(actor, "read")
        compiled = self._workflows.get(actor, workflow)
        found = self._ports.imports.get(actor.workspace, job)
        if found is None or found.uid != compiled.workflow.uid or not _is_for(actor, found):
            raise NotFound("there is no such import into this workflow")
        return found

    def begin(self, actor: Actor, workflow: str, job: str, changes: Mapping[str, Any]) -> Import:
        """Let a held import begin, some of its options changed; raises `Conflict` for others."""
        self._writable(actor, workflow)
        found = self.get(actor, workflow, job)
        options = replace(found.options, **changes, hold=False)
        held = replace(found, options=options, analysis=None)
        if not self._ports.imports.start(held):
            raise Conflict("this import is not held")
        return replace(held, state="queued")

    def cancel(self, actor: Actor, workflow: str, job: str) -> Import:
        """End an import; what runs ends after the rows that are being written.

        Raises `Conflict` when it has ended.
        """
        require(actor, "update")
        found = self.get(actor, workflow, job)
        cancelled = self._ports.imports.cancel(found.id, self._ports.clock())
        if cancelled is None:
            raise Conflict("this import has ended already")
        return cancelled

    def rejects(self, found: Import) -> Iterator[bytes]:
        """Yield the refused rows so far in the format of the file, with line and reasons."""
        if found.analysis is None:
            return iter(())
        pieces = self._ports.imports.read(found.id, "rejects")
        return chain([rejects_head(found.analysis)], pieces)

    def aside(self, found: Import) -> Iterator[bytes]:
        """Yield what was kept aside so far, with line and unique ID."""
        if found.analysis is None:
            return iter(())
        return chain([aside_head(found.analysis)], self._ports.imports.read(found.id, "aside"))

    def run(self, job: Import, owner: str, stop: Callable[[], bool]) -> None:
        """Work on an import that `owner` took, until it ends or `stop` says so.

        Raises `Unavailable` or `TooSlow` when it is better gone on with later.
        """
        Run(
            self._ports,
            self._workflows,
            self._people,
            bulk=self._bulk,
            job=job,
            owner=owner,
            stop=stop,
        ).go()


def _is_for(actor: Actor, found: Import) -> bool:
    return actor.is_admin or (actor.user is not None and found.holder.user == actor.user)
