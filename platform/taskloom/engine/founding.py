"""Founding a workspace: with its first admin and that one's key, all or nothing."""

import secrets
from dataclasses import dataclass

from taskloom.engine.keys import SHORTEST_KEY, digest, new_key
from taskloom.engine.passwords import Passwords
from taskloom.engine.ports import Ports, Taken
from taskloom.engine.users import email_taken, new_user, refuse, user_faults
from taskloom.errors import Conflict, Fault, Invalid
from taskloom.model.people import User, Workspace


@dataclass(frozen=True, slots=True, kw_only=True)
class Founded:
    """A new workspace with its first admin; `password` and `secret` are shown this once."""

    workspace: Workspace
    admin: User
    password: str
    secret: str


def found(
    ports: Ports,
    passwords: Passwords,
    workspace: Workspace,
    email: str,
    *,
    password: str | None,
    secret: str | None,
) -> Founded:
    """Store a workspace with its first admin and that one's key.

    Raises `Invalid`, or `Conflict` when the name, e-mail or key is known on this server.
    """
    if secret is not None and len(secret) < SHORTEST_KEY:
        message = f"must have at least {SHORTEST_KEY} characters"
        raise Invalid([Fault(path=("key",), code="too_short", message=message)])
    refuse(user_faults(email=email))
    admin = new_user(ports, workspace.id, email, name="", role="admin")
    chosen = password or secrets.token_urlsafe(12)
    new = new_key(ports, workspace.id, admin.id, name="first key", secret=secret)
    hashed = passwords.hash(chosen)
    try:
        ports.directory.found(workspace, admin, hashed, key=new.key, digest=digest(new.secret))
    except Taken:
        raise _conflict(ports, workspace, admin) from None
    return Founded(workspace=workspace, admin=admin, password=chosen, secret=new.secret)


def _conflict(ports: Ports, workspace: Workspace, admin: User) -> Conflict:
    """Say which part of a new workspace there is already."""
    if any(known.name == workspace.name for known in ports.directory.workspaces()):
        return Conflict(f"there is a workspace {workspace.name!r} already")
    if ports.directory.user_by_email(admin.email) is not None:
        return email_taken(admin.email)
    return Conflict("this key exists already")
