"""Workflows: list, get, save a version, delete. Only admins configure."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from taskloom.engine.contention import attempts
from taskloom.engine.ports import Ports, Taken, Version
from taskloom.engine.rights import require
from taskloom.errors import Conflict, Invalid, NotFound
from taskloom.model.people import Actor
from taskloom.model.workflow import Workflow
from taskloom.schema.changes import plan_faults
from taskloom.schema.compile import compile_workflow
from taskloom.schema.compiled import Compiled
from taskloom.schema.load import load_workflow


@dataclass(frozen=True, slots=True, kw_only=True)
class Saved:
    """A workflow's newest version and what saving it was."""

    workflow: Workflow
    outcome: Literal["created", "updated", "unchanged"]


class Workflows:
    """The use cases of workflows; an id is the public one (`$id`) within the actor's workspace."""

    def __init__(self, ports: Ports) -> None:
        self._ports = ports

    def every(self, actor: Actor) -> Sequence[Workflow]:
        """Return the workflows the actor takes part in, by title."""
        require(actor, "read")
        return [w for w in self._ports.workflows.every(actor.workspace) if _is_in(actor, w)]

    def get(self, actor: Actor, workflow: str) -> Compiled:
        """Return the newest version, compiled, or raise `NotFound`."""
        found = self._ports.workflows.current(actor.workspace, workflow)
        if found is None or not _is_in(actor, found.workflow):
            raise _no_workflow(workflow)
        return found

    def versions(self, actor: Actor, workflow: str) -> Sequence[Version]:
        """Return all versions, oldest first."""
        self.get(actor, workflow)
        return self._ports.workflows.versions(actor.workspace, workflow)

    def create(self, actor: Actor, source: str, *, origin: str | None = None) -> Saved:
        """Store a new workflow from its file; raises `Conflict` if its id exists."""
        require(actor, "configure", "workflows")
        uid = self._ports.new_id()
        new = load_workflow(source, workspace=actor.workspace, uid=uid, version=1)
        known = self._ports.workflows.newest(actor.workspace, new.id)
        if known is not None or not self._inserted(new, origin):
            raise Conflict(f"there is a workflow {new.id!r} already; PUT changes it")
        return Saved(workflow=new, outcome="created")

    def _inserted(self, new: Workflow, origin: str | None) -> bool:
        """Store the first version; False, and without a trace, when somebody else was faster."""
        compiled = compile_workflow(new)
        self._ports.tasks.prepare(compiled)
        try:
            self._ports.workflows.insert(new, origin, self._ports.clock())
        except Taken:
            self._ports.tasks.drop(compiled)
            return False
        return True

    def save(self, actor: Actor, workflow: str, source: str, *, origin: str | None = None) -> Saved:
        """Store the file as the workflow's next version, or as its first.

        The same file twice changes nothing. Raises `Invalid` for a change that would lose or
        break stored values.
        """
        require(actor, "configure", "workflows")
        for _ in attempts():
            old = self._ports.workflows.newest(actor.workspace, workflow)
            new = load_workflow(
                source,
                workspace=actor.workspace,
                uid=old.workflow.uid if old else self._ports.new_id(),
                version=old.workflow.version + 1 if old else 1,
                id=workflow,
            )
            if old is None:
                if self._inserted(new, origin):
                    return Saved(workflow=new, outcome="created")
                continue
            if old.workflow.source == new.source:
                return Saved(workflow=old.workflow, outcome="unchanged")
            self._check(old, new)
            self._ports.tasks.prepare(compile_workflow(new))
            if self._ports.workflows.replace(new, origin, self._ports.clock()):
                return Saved(workflow=new, outcome="updated")
        raise AssertionError("attempts() ends by raising")

    def _check(self, old: Compiled, new: Workflow) -> None:
        counts = self._ports.tasks.stage_counts(old)
        faults = plan_faults(
            old.workflow,
            new,
            kinds_ever=self._ports.workflows.kinds(new.workspace, new.id),
            stage_counts=counts,
            tasks=sum(counts.values()),
        )
        if faults:
            raise Invalid(faults)

    def delete(self, actor: Actor, workflow: str, *, force: bool) -> None:
        """Remove a workflow; one with tasks only by force."""
        require(actor, "configure", "workflows")
        found = self._ports.workflows.newest(actor.workspace, workflow)
        if found is None:
            raise _no_workflow(workflow)
        count = sum(self._ports.tasks.stage_counts(found).values())
        if count and not force:
            raise Conflict(
                f"the workflow {workflow!r} has {count} tasks; ?force=true deletes them too",
                tasks=count,
            )
        self._ports.workflows.delete(found.workflow)
        self._ports.tasks.drop(found)


def _no_workflow(workflow: str) -> NotFound:
    return NotFound(f"there is no workflow {workflow!r}")


def _is_in(actor: Actor, workflow: Workflow) -> bool:
    return actor.is_admin or workflow.uid not in actor.left
