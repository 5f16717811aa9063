"""Who may do what: scopes of credentials, and the roles of workflows.

What nobody may see is not found. Refusals are told in this order: not found or not seen, then
not allowed, then what is wrong with the data.
"""

from collections.abc import Sequence
from typing import Final, Literal

from taskloom.engine.decide import Decision
from taskloom.engine.intent import Intent
from taskloom.engine.writing import Absent
from taskloom.errors import ASSIGNEE, Forbidden, NotFound, Unseen
from taskloom.model.people import Actor
from taskloom.model.roles import ALL, FULL, NO, Role, Rows
from taskloom.model.task import Row, Task
from taskloom.model.workflow import Workflow
from taskloom.query import tree
from taskloom.query.tree import All, Compare, Filter, Some
from taskloom.schema.compiled import Compiled

Verb = Literal["create", "read", "update", "delete", "configure"]

READ_SCOPE: Final = "task:read"
WRITE_SCOPE: Final = "task:write"
NO_UNIQUE: Final = "there is no task with this unique ID"
NO_ID: Final = "there is no task with this id"


def require(actor: Actor, verb: Verb, what: str = "tasks of this workflow") -> None:
    """Raise `Forbidden` unless the credential's scopes, and to configure the role, allow the verb.

    Which tasks an actor may change is for the role within the workflow to say.
    """
    if actor.scopes is not None:
        _require_scope(actor.scopes, verb, what)
    if verb == "configure" and not actor.is_admin:
        raise Forbidden(f"a {actor.role} may not {verb} {what}", role=actor.role, verb=verb)


def _require_scope(scopes: frozenset[str], verb: Verb, what: str) -> None:
    if verb == "configure":
        raise Forbidden(f"a credential with scopes may not {verb} {what}", verb="scope")
    needed = READ_SCOPE if verb == "read" else WRITE_SCOPE
    if needed not in scopes:
        raise Forbidden(f"the credential lacks the scope {needed}", verb="scope", scope=needed)


def role_of(actor: Actor, workflow: Workflow) -> Role | None:
    """Return the role an actor has in a workflow, or None for whom it is not there."""
    if actor.is_admin:
        return FULL
    if workflow.uid in actor.left:
        return None
    return given_role(workflow, actor.roles.get(workflow.uid), actor.role)


def roles_of(workflow: Workflow) -> Sequence[Role]:
    """Return the roles that users can have; one with all rights is always there."""
    declared = workflow.roles
    return declared if any(role.admin for role in declared) else (FULL, *declared)


def given_role(workflow: Workflow, given: str | None, workspace_role: str) -> Role | None:
    """Return the role with the id `given`, or else the one for the role in the workspace."""
    if given is not None:
        own = next((role for role in roles_of(workflow) if role.id == given), None)
        if own is not None:
            return own
    return next((role for role in workflow.roles if workspace_role in role.applies), None)


def is_among(rows: Rows, actor: Actor, task: Task | Row) -> bool:
    """Tell whether a task is one of those rows."""
    if rows is None:
        return True
    created = "created" in rows and task.by == actor.user
    return created or ("assigned" in rows and actor.user in task.assignees)


def within(rows: Rows, actor: Actor) -> Filter | None:
    """Return the filter that finds exactly those rows; None where no task is left out."""
    if rows is None:
        return None
    parts = {"created": Compare(tree.BY, "eq", actor.user)}
    parts["assigned"] = Compare(ASSIGNEE, "eq", actor.user)
    return Some(tuple(parts[relation] for relation in sorted(rows)))


def among_seen(actor: Actor, workflow: Compiled, where: Filter) -> Filter:
    """Narrow a filter to the tasks that the actor sees; where that is all, it stays as it is."""
    seen = within(workflow.role.see, actor)
    return where if seen is None else All((where, seen))


def sees(actor: Actor, role: Role, task: Task | Row) -> bool:
    """Tell whether a task exists for an actor."""
    return is_among(role.see, actor, task)


def require_seen(actor: Actor, role: Role, task: Task | None) -> Task:
    """Return a task that was found by its id; raise `NotFound`, or `Unseen` in the same words."""
    if task is None:
        raise NotFound(NO_ID)
    if not sees(actor, role, task):
        raise Unseen(NO_ID, verb="read")
    return task


def require_delete(actor: Actor, role: Role, task: Task) -> None:
    """Raise `Forbidden` unless the role may delete this task."""
    if not is_among(role.delete, actor, task):
        raise _forbidden(role, "delete", "delete this task")


def require_write(actor: Actor, role: Role, before: Task | None, *, creates: bool) -> None:
    """Raise `Forbidden` unless the role may make tasks, or change this one."""
    if creates:
        if not role.create:
            raise _forbidden(role, "create", "create tasks")
    elif before is not None and not is_among(role.update, actor, before):
        raise _forbidden(role, "update", "change this task")


def require_export(role: Role) -> None:
    """Raise `Forbidden` unless the role may take files of tasks away."""
    if not role.export:
        raise _forbidden(role, "export", "export tasks")


def require_field(actor: Actor, role: Role, task: Task, key: str) -> None:
    """Raise `Forbidden` unless the role may change this field of the task."""
    rows = NO if key in role.hidden else role.writable.get(key, ALL)
    if not is_among(rows, actor, task):
        raise _forbidden(role, "field", "change this field of the task", field=key)


def require_change(
    actor: Actor, role: Role, before: Task | None, intent: Intent, decision: Decision
) -> None:
    """Raise `Forbidden` unless the role may write what is asked for, as its verbs say.

    What follows by rule from what was written is no matter of rights.
    """
    _require_assign(actor, role, before, intent)
    if before is None:
        return
    moves = not isinstance(intent.stage, Absent) and intent.stage != before.stage
    if moves and role.move != "freely":
        raise _forbidden(role, "move", "change the stage by hand")
    for key in role.writable:
        if key in intent.unreadable or (key in intent.values and key in decision.changed):
            require_field(actor, role, before, key)


def _require_assign(actor: Actor, role: Role, before: Task | None, intent: Intent) -> None:
    if role.assign == "anyone" or isinstance(intent.assignees, Absent):
        return
    allowed = {actor.user} if role.assign == "self" else set()
    new = set(intent.assignees) - set(before.assignees if before else ()) - allowed
    # Whom nobody knows is refused in the same words, or else the words would tell who is known.
    strange = any(f.path[:1] == (ASSIGNEE,) and f.code == "no_such_user" for f in intent.faults)
    if new or strange:
        whom = "anyone but oneself" if role.assign == "self" else "anyone"
        raise _forbidden(role, "assign", f"assign {whom}")


def _forbidden(role: Role, verb: str, what: str, **details: str) -> Forbidden:
    message = f"the role {role.name!r} may not {what}"
    return Forbidden(message, verb=verb, role=role.id, **details)
