"""The team of a workflow: who takes part in it, and in which role."""

from collections.abc import Sequence
from dataclasses import dataclass

from taskloom.engine.ports import Ports
from taskloom.engine.rights import given_role, require, roles_of
from taskloom.engine.workflows import Workflows
from taskloom.errors import Fault, Invalid, NotFound
from taskloom.model.people import Actor, User
from taskloom.model.roles import Role
from taskloom.model.workflow import Workflow
from taskloom.schema.compiled import Compiled
from taskloom.schema.hints import did_you_mean


@dataclass(frozen=True, slots=True, kw_only=True)
class Member:
    """A user who takes part in a workflow, with the role there."""

    user: User
    role: Role


class Team:
    """The use cases of teams; `workflow` arguments come from `Workflows.get` for the same actor."""

    def __init__(self, ports: Ports, workflows: Workflows) -> None:
        self._ports = ports
        self._workflows = workflows

    def members(self, actor: Actor, workflow: Compiled) -> Sequence[Member]:
        """Return who takes part, oldest first; who sees no colleagues is alone."""
        require(actor, "read")
        users = self._ports.directory.users(actor.workspace)
        if not workflow.role.colleagues:
            users = [user for user in users if user.id == actor.user]
        found = (member_of(workflow.workflow, user) for user in users)
        return [member for member in found if member is not None]

    def member(self, actor: Actor, workflow: Compiled, user: str) -> Member:
        """Return one who takes part, or raise `NotFound`."""
        for member in self.members(actor, workflow):
            if member.user.id == user:
                return member
        raise _nobody()

    def give_role(self, actor: Actor, workflow: str, user: str, role: str) -> Member:
        """Give a user the role with this id, whatever the one in the workspace; for admins.

        Raises `NotFound` or `Invalid`.
        """
        require(actor, "configure", "roles of users")
        found = self._workflows.get(actor, workflow).base.workflow
        known = self._ports.directory.user(actor.workspace, user)
        if known is None or found.uid in known.left:
            raise _nobody()
        given = _role(found, known, role)
        if not self._ports.directory.give_role(actor.workspace, user, found.uid, role):
            raise _nobody()
        return Member(user=known, role=given)


def member_of(workflow: Workflow, user: User) -> Member | None:
    """Return the user with the role in a workflow, or None for whom there is none."""
    if workflow.uid in user.left:
        return None
    role = given_role(workflow, user.roles.get(workflow.uid), user.role)
    if user.role == "admin" and (role is None or not role.admin):
        role = next(role for role in roles_of(workflow) if role.admin)
    return None if role is None else Member(user=user, role=role)


def _role(workflow: Workflow, user: User, role: str) -> Role:
    """Find a role; refuse one that would limit who has all rights anyway."""
    found = {known.id: known for known in roles_of(workflow)}
    if role not in found:
        hint = did_you_mean(role, found) or f"the roles are: {', '.join(found)}"
        message = f"is no role of this workflow: {role!r}"
        raise Invalid([Fault(path=("role",), code="unknown_role", message=message, hint=hint)])
    if user.role == "admin" and not found[role].admin:
        message = "would limit an admin of the workspace, who has all rights"
        raise Invalid([Fault(path=("role",), code="invalid", message=message)])
    return found[role]


def _nobody() -> NotFound:
    return NotFound("there is no such user in this workflow")
