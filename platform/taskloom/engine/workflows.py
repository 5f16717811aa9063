"""Workflows: list, get, save a version, delete. Only admins configure."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from taskloom.engine.claims import claim_faults
from taskloom.engine.contention import attempts
from taskloom.engine.joining import joining_faults
from taskloom.engine.ports import Ports, Taken
from taskloom.engine.rights import require, role_of
from taskloom.engine.sides import Sides
from taskloom.engine.versions import Version
from taskloom.engine.views import Views
from taskloom.errors import Conflict, Fault, Invalid, NotFound
from taskloom.model.people import Actor
from taskloom.model.workflow import Workflow
from taskloom.schema.changes import blocking_faults, plan_faults
from taskloom.schema.compile import compile_workflow
from taskloom.schema.compiled import Compiled
from taskloom.schema.load import load_workflow
from taskloom.schema.slots import with_slots


@dataclass(frozen=True, slots=True, kw_only=True)
class Saved:
    """A workflow's newest version and what saving it was."""

    workflow: Workflow
    outcome: Literal["created", "updated", "unchanged"]


FacadeCheck = Callable[[Workflow, Mapping[str, str]], Sequence[Fault]]
"""Tells what speaks against the facades of a workflow, by the mounts and dialects of others.

Only the wire knows the dialects.
"""


def unchecked(_workflow: Workflow, _mounts: Mapping[str, str]) -> Sequence[Fault]:
    """Take every facade as it is, for who serves no dialect."""
    return ()


class Workflows:
    """The use cases of workflows; an id is the public one (`$id`) within the actor's workspace.

    What is given out is the actor's view: what the actor's role may not see is not there.
    """

    def __init__(self, ports: Ports, facade_faults: FacadeCheck = unchecked) -> None:
        self._ports = ports
        self._facade_faults = facade_faults
        self._views = Views()
        self._sides = Sides(ports, self._views)

    def every(self, actor: Actor) -> Sequence[Workflow]:
        """Return the workflows the actor takes part in, by title."""
        require(actor, "read")
        found = self._ports.workflows.every(actor.workspace)
        return [seen for w in found if (seen := self._seen(actor, w)) is not None]

    def _seen(self, actor: Actor, workflow: Workflow) -> Workflow | None:
        """Return what the actor sees of a workflow, if anything."""
        role = role_of(actor, workflow)
        if role is None or not role.hidden:
            return None if role is None else workflow
        view = self.find(actor, workflow.id)
        return None if view is None else view.workflow

    def get(self, actor: Actor, workflow: str) -> Compiled:
        """Return the actor's view of the newest version, or raise `NotFound`."""
        found = self.find(actor, workflow)
        if found is None:
            raise _no_workflow(workflow)
        return found

    def find(self, actor: Actor, workflow: str) -> Compiled | None:
        """Return the actor's view of the newest version, or None where the actor has no role."""
        found = self._ports.workflows.current(actor.workspace, workflow)
        role = role_of(actor, found.workflow) if found is not None else None
        if found is None or role is None:
            return None
        return self._sides.joined(actor, self._views.of(found, role))

    def mounts(self) -> Mapping[str, str]:
        """Return the dialect of every mount in use; a workspace may have nothing behind it."""
        return self._ports.workflows.mounts()

    def mounted(self, actor: Actor, dialect: str, mount: str) -> Compiled:
        """Return the actor's view of what the workspace has behind a mount, or raise `NotFound`."""
        for workflow in self._ports.workflows.every(actor.workspace):
            if _is_behind(workflow, dialect, mount):
                found = self.find(actor, workflow.id)
                # It may have been changed since the list was read.
                if found is not None and _is_behind(found.workflow, dialect, mount):
                    return found
        raise NotFound("no workflow of this workspace is at this address")

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
        if known is not None:
            raise _exists(new.id)
        self._check_others(new)
        if not self._inserted(actor, new, origin):
            # What was taken just now may also be a mount.
            self._check_others(new)
            raise _exists(new.id)
        return Saved(workflow=new, outcome="created")

    def _check_others(self, new: Workflow) -> None:
        if faults := self._other_faults(new):
            raise Invalid(faults)

    def _mount_faults(self, new: Workflow) -> list[Fault]:
        if not new.facades:
            return []
        others = [claim for claim in self._ports.workflows.claims() if claim.uid != new.uid]
        mounts = {claim.mount: claim.dialect for claim in others}
        return [*self._facade_faults(new, mounts), *claim_faults(new, others)]

    def _inserted(self, actor: Actor, new: Workflow, origin: str | None) -> bool:
        """Store the first version; False, and without a trace, when somebody else was faster."""
        compiled = compile_workflow(new)
        self._ports.tasks.prepare(compiled)
        try:
            self._ports.workflows.insert(new, origin, self._ports.clock(), actor.user)
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
                self._check_others(new)
                if self._inserted(actor, new, origin):
                    return Saved(workflow=new, outcome="created")
                continue
            if old.workflow.source == new.source:
                return Saved(workflow=old.workflow, outcome="unchanged")
            self._check(old, new)
            self._ports.tasks.prepare(with_slots(compile_workflow(new), old.slots))
            if self._replaced(actor, new, origin):
                return Saved(workflow=new, outcome="updated")
        raise AssertionError("attempts() ends by raising")

    def _replaced(self, actor: Actor, new: Workflow, origin: str | None) -> bool:
        """Store the next version; False when somebody else was faster, be it for a mount."""
        now = self._ports.clock()
        try:
            return self._ports.workflows.replace(new, origin, now, by=actor.user)
        except Taken:
            return False

    def _check(self, old: Compiled, new: Workflow) -> None:
        counts = self._ports.tasks.stage_counts(old)
        faults = plan_faults(
            old.workflow,
            new,
            kinds_ever=self._ports.workflows.kinds(new.workspace, new.id),
            stage_counts=counts,
            tasks=sum(counts.values()),
        )
        faults += self._other_faults(new)
        if faults:
            raise Invalid(faults)

    def blocking(self, old: Compiled, new: Workflow, counts: Mapping[str, int]) -> list[Fault]:
        """Tell what even a plan must not do; `counts` are those of tasks by stage."""
        faults = blocking_faults(old.workflow, new, counts, sum(counts.values()))
        return [*faults, *self._other_faults(new)]

    def _other_faults(self, new: Workflow) -> list[Fault]:
        return [*self._mount_faults(new), *joining_faults(self._ports.workflows, new)]

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


def _exists(workflow: str) -> Conflict:
    return Conflict(f"there is a workflow {workflow!r} already; PUT changes it")


def _no_workflow(workflow: str) -> NotFound:
    return NotFound(f"there is no workflow {workflow!r}")


def _is_behind(workflow: Workflow, dialect: str, mount: str) -> bool:
    return any((each.dialect, each.mount) == (dialect, mount) for each in workflow.facades)
