"""What a role of a workflow may do, as the workflow file declares it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final, Literal

from taskloom.model.people import Role as WorkspaceRole

Relation = Literal["created", "assigned"]
Rows = frozenset[Relation] | None
"""Which tasks: those one created or is assigned to, as named; None stands for all tasks."""

ALL: Final[Rows] = None
NO: Final[Rows] = frozenset()


@dataclass(frozen=True, slots=True, kw_only=True)
class Role:
    """One role; `applies` are the workspace roles that have it unless a user is given another.

    `see`, `update` and `delete` say which tasks; what may not be seen may not be changed either.
    `assign` says whom tasks may be given to, `move` whether the stage may be changed by hand.
    Without `colleagues` one sees no other collaborators, without `export` one takes no files of
    tasks away. `hidden` fields do not exist for the role; `writable` narrows the tasks on which a
    field may be changed once the task exists.
    """

    id: str
    name: str
    admin: bool = False
    applies: frozenset[WorkspaceRole] = frozenset()
    create: bool = True
    see: Rows = ALL
    update: Rows = ALL
    delete: Rows = NO
    assign: Literal["anyone", "self", "nobody"] = "anyone"
    move: Literal["freely", "actions"] = "freely"
    colleagues: bool = True
    export: bool = True
    hidden: frozenset[str] = frozenset()
    writable: Mapping[str, Rows] = field(default_factory=dict)


FULL: Final = Role(
    id="admin", name="Administrator", admin=True, applies=frozenset({"admin"}), delete=ALL
)
"""The role of the workspace's admins and of keys without user, whatever a workflow declares."""

STANDARD: Final[tuple[Role, ...]] = (
    FULL,
    Role(id="manager", name="Manager", applies=frozenset({"manager"}), delete=ALL),
    Role(id="member", name="Member", applies=frozenset({"member"})),
)
"""The roles of a workflow that declares none."""
