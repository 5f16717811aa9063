"""Workspaces, users, keys, and the actor that a request's credential stands for."""

from dataclasses import dataclass
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

    `left` holds the `uid`s of workflows this person was taken out of.
    """

    id: str
    workspace: str
    email: str
    name: str
    role: Role
    created: Moment
    left: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True, kw_only=True)
class Key:
    """An API key without its secret; without `user` it acts for the workspace, as "API"."""

    id: str
    workspace: str
    user: str | None
    name: str
    prefix: str
    created: Moment


@dataclass(frozen=True, slots=True, kw_only=True)
class Actor:
    """Who acts: a user, or "API" when `user` is None, with that one's role in one workspace."""

    workspace: str
    user: str | None
    role: Role
    left: frozenset[str] = frozenset()

    @property
    def is_admin(self) -> bool:
        """May configure the workspace."""
        return self.role == "admin"
