"""Workspaces, users, keys, and the actor that a request's credential stands for."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from taskloom.model.task import Moment

Role = Literal["admin", "manager", "member"]
ROLES: tuple[Role, ...] = ("admin", "manager", "member")


@dataclass(frozen=True, slots=True, kw_only=True)
class Workspace:
    """One tenant: users, keys and workflows belong to it, and nothing is seen across."""

    id: str
    name: str


@dataclass(frozen=True, slots=True, kw_only=True)
class User:
    """A person; e-mails are unique per server, compared without regard to case.

    `left` holds the `uid`s of workflows this person was taken out of; `roles` maps those of others
    to the id of the role that this person was given there. `epoch` counts what makes tokens issued
    before it worthless, such as a new password.
    """

    id: str
    workspace: str
    email: str
    name: str
    role: Role
    created: Moment
    updated: Moment = 0
    left: frozenset[str] = frozenset()
    roles: Mapping[str, str] = field(default_factory=dict)
    image: str = ""
    epoch: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Key:
    """An API key without its secret; without `user` it acts for the workspace, as "API".

    `scopes` narrow what its holder may do; None means everything the role allows.
    """

    id: str
    workspace: str
    user: str | None
    name: str
    prefix: str
    created: Moment
    scopes: frozenset[str] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Actor:
    """Who acts: a user, or "API" when `user` is None, with that one's role in one workspace.

    `left` and `roles` are as in `User`. `scopes` are those of the credential, None for all;
    `credential` names it, to count its requests.
    """

    workspace: str
    user: str | None
    role: Role
    left: frozenset[str] = frozenset()
    roles: Mapping[str, str] = field(default_factory=dict)
    scopes: frozenset[str] | None = None
    credential: str = ""

    @property
    def is_admin(self) -> bool:
        """May configure the workspace."""
        return self.role == "admin"
