"""The last calls of the API on each workflow, for who writes programs that make them."""

from collections.abc import Mapping, Sequence

from taskloom.engine.ports import Ports
from taskloom.engine.rights import require
from taskloom.engine.workflows import Workflows
from taskloom.errors import Forbidden
from taskloom.model.call import Call
from taskloom.model.people import Actor, User
from taskloom.model.roles import ALL
from taskloom.schema.compiled import Compiled


class Calls:
    """The use cases of calls."""

    def __init__(self, ports: Ports, workflows: Workflows) -> None:
        self._ports = ports
        self._workflows = workflows

    def last(self, actor: Actor, workflow: str) -> Sequence[tuple[Call, User | None]]:
        """Return the last calls that the actor may know of with who made them, newest first.

        Managers and admins have them. What a call was answered may hold what the caller's role
        shows, so who does not see all of a workflow has only calls of their own.
        """
        require(actor, "read")
        view = self._workflows.get(actor, workflow)
        if not actor.is_admin and actor.role != "manager":
            message = f"a {actor.role} may not see the calls of this workflow"
            raise Forbidden(message, verb="calls", role=actor.role)
        found = self._ports.calls.last(view.workflow.uid)
        if not (actor.is_admin or self._sees_all(actor, view)):
            found = [call for call in found if call.by is not None and call.by == actor.user]
        users = {call.by: self._user(actor, call.by) for call in found}
        return [(call, users[call.by]) for call in found]

    def _sees_all(self, actor: Actor, view: Compiled) -> bool:
        """Tell whether no call can have been answered what the actor does not see.

        Tasks of a workflow with links show parts of others.
        """
        here = view.base.workflow
        every = self._ports.workflows.every(actor.workspace)
        linked = here.links or any(link.to == here.id for each in every for link in each.links)
        return view.role.see == ALL and not view.role.hidden and not linked

    def _user(self, actor: Actor, user: str | None) -> User | None:
        return None if user is None else self._ports.directory.user(actor.workspace, user)

    def new_id(self) -> str:
        """Return the id of a call that is to be kept."""
        return self._ports.new_id()

    def keep(self, calls: Mapping[str, Sequence[Call]]) -> None:
        """Keep calls by the `uid` of their workflow."""
        for workflow, made in calls.items():
            self._ports.calls.keep(workflow, made)

    def found(self, actor: Actor | None, workflow: str) -> str | None:
        """Return the `uid` of the workflow that a call of the native API was on.

        A caller whom nobody knows means the only one with this id, if it is.
        """
        if actor is not None:
            view = self._workflows.find(actor, workflow)
            return None if view is None else view.workflow.uid
        workspaces = self._ports.directory.workspaces()
        views = [self._ports.workflows.current(space.id, workflow) for space in workspaces]
        uids = [view.workflow.uid for view in views if view is not None]
        return uids[0] if len(uids) == 1 else None
