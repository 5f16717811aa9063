"""People: who asks, the users and keys of a workspace, and the first admin of all."""

import functools
import hashlib
import secrets
from collections.abc import Sequence
from dataclasses import dataclass

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from taskloom.engine.ports import Ports, Taken
from taskloom.engine.rights import require
from taskloom.errors import Conflict, Fault, Invalid, NotFound, Unauthenticated
from taskloom.model.people import ROLES, Actor, Key, Role, User, Workspace
from taskloom.model.workflow import Workflow

PREFIX = "tl_"
SHORTEST_KEY = 32
_SHOWN = 8
_LONGEST_EMAIL = 254
# 19 MiB and one lane: sign-ins must fit into a server process's memory beside everything else.
_HASHER = PasswordHasher(time_cost=2, memory_cost=19 * 1024, parallelism=1)


def digest(secret: str) -> str:
    """Return what is stored of a key: the hex SHA-256, enough for 256 random bits."""
    return hashlib.sha256(secret.encode("utf-8", "surrogatepass")).hexdigest()


@dataclass(frozen=True, slots=True, kw_only=True)
class NewKey:
    """A key with its secret, which is shown this once."""

    key: Key
    secret: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Founded:
    """A new workspace with its first admin; `password` and `secret` are shown this once."""

    workspace: Workspace
    admin: User
    password: str
    secret: str


class Colleagues:
    """The people of one workspace for one request; each is looked up once."""

    def __init__(self, ports: Ports, workspace: str) -> None:
        self._ports = ports
        self._workspace = workspace
        self._ids: dict[str, str | None] = {}
        self._emails: dict[str, str | None] = {}

    def id_of(self, email: str) -> str | None:
        """Return the user with this e-mail, any case, within the workspace."""
        asked = email.strip().lower()
        if asked not in self._ids:
            user = self._ports.directory.user_by_email(asked)
            mine = user is not None and user.workspace == self._workspace
            self._ids[asked] = user.id if user is not None and mine else None
        return self._ids[asked]

    def email_of(self, user: str) -> str | None:
        """Return a user's e-mail, or None when the user is gone."""
        if user not in self._emails:
            found = self._ports.directory.user(self._workspace, user)
            self._emails[user] = found.email if found else None
        return self._emails[user]


class Directory:
    """The use cases of people."""

    def __init__(self, ports: Ports) -> None:
        self._ports = ports

    def people(self, actor: Actor) -> Colleagues:
        """Return the actor's colleagues, for reading and writing e-mails in tasks."""
        return Colleagues(self._ports, actor.workspace)

    def authenticate(self, secret: str) -> Actor:
        """Return who holds this API key, or raise `Unauthenticated`."""
        key = self._ports.directory.key_by_digest(digest(secret))
        if key is None:
            raise Unauthenticated("this API key is unknown or was revoked")
        if key.user is None:
            return Actor(workspace=key.workspace, user=None, role="admin")
        user = self._ports.directory.user(key.workspace, key.user)
        if user is None:
            raise Unauthenticated("this API key belongs to nobody")
        return Actor(workspace=user.workspace, user=user.id, role=user.role, left=user.left)

    def workspace(self, actor: Actor) -> Workspace:
        """Return the actor's workspace."""
        found = self._ports.directory.workspace(actor.workspace)
        if found is None:
            raise NotFound("this workspace is gone")
        return found

    def users(self, actor: Actor) -> Sequence[User]:
        """Return all users of the workspace, oldest first; for admins."""
        require(actor, "configure", "users")
        return self._ports.directory.users(actor.workspace)

    def create_user(
        self,
        actor: Actor,
        email: str,
        *,
        name: str = "",
        role: str = "member",
        password: str | None = None,
    ) -> User:
        """Add a user; raises `Invalid`, or `Conflict` when the e-mail is known on this server."""
        require(actor, "configure", "users")
        user = self.new_user(actor.workspace, email, name=name, role=role)
        hashed = _HASHER.hash(password) if password else None
        try:
            self._ports.directory.insert_user(user, hashed)
        except Taken:
            raise Conflict(f"somebody has the e-mail {user.email} already") from None
        return user

    def new_user(self, workspace: str, email: str, *, name: str, role: str) -> User:
        """Make a user that is not stored yet, or raise `Invalid` with all faults."""
        faults = []
        if not _is_email(email):
            faults.append(Fault(path=("email",), code="invalid", message="is invalid"))
        if role not in ROLES:
            known = ", ".join(ROLES)
            faults.append(Fault(path=("role",), code="invalid", message=f"must be one of {known}"))
        if faults:
            raise Invalid(faults)
        return User(
            id=self._ports.new_id(),
            workspace=workspace,
            email=email.strip(),
            name=name.strip() or email.strip().partition("@")[0],
            role=_role(role),
            created=self._ports.clock(),
        )

    def check_password(self, email: str, password: str) -> User:
        """Return the user with this e-mail and password, or raise `Unauthenticated`."""
        user = self._ports.directory.user_by_email(email.strip().lower())
        # A hash is verified even when nobody has the e-mail, so that time tells nothing.
        hashed = self._ports.directory.password(user.id) if user else None
        try:
            _HASHER.verify(hashed or _nobody(), password)
        except (VerificationError, InvalidHashError):
            raise Unauthenticated("e-mail or password is wrong") from None
        if user is None or hashed is None:
            raise Unauthenticated("e-mail or password is wrong")
        return user

    def collaborators(self, actor: Actor, workflow: Workflow) -> Sequence[User]:
        """Return the users who take part in a workflow, oldest first."""
        require(actor, "read")
        users = self._ports.directory.users(actor.workspace)
        return [user for user in users if workflow.uid not in user.left]

    def remove_collaborator(self, actor: Actor, workflow: str, user: str) -> None:
        """Take a user out of a workflow and off its tasks; raises `NotFound`."""
        require(actor, "configure", "collaborators")
        found = self._ports.directory.user(actor.workspace, user)
        compiled = self._ports.workflows.current(actor.workspace, workflow)
        if found is None or compiled is None:
            raise _no_collaborator()
        left = self._ports.directory.leave(actor.workspace, user, compiled.workflow.uid)
        # Also for one who is out already: a process may have been killed between the two.
        self._ports.tasks.unassign(compiled, user, self._ports.clock(), actor.user)
        if not left:
            raise _no_collaborator()

    def found(
        self, name: str, email: str, *, password: str | None = None, secret: str | None = None
    ) -> Founded:
        """Make a workspace with its first admin and that one's key.

        Raises `Invalid`, or `Conflict` when the name or e-mail is known on this server.
        """
        if secret is not None and len(secret) < SHORTEST_KEY:
            message = f"must have at least {SHORTEST_KEY} characters"
            raise Invalid([Fault(path=("key",), code="too_short", message=message)])
        workspace = Workspace(id=self._ports.new_id(), name=name)
        admin = self.new_user(workspace.id, email, name="", role="admin")
        chosen = password or secrets.token_urlsafe(12)
        new = self._new_key(workspace.id, admin.id, "first key", secret)
        hashed = _HASHER.hash(chosen)
        try:
            self._ports.directory.found(
                workspace, admin, hashed, key=new.key, digest=digest(new.secret)
            )
        except Taken:
            raise self._conflict(workspace, admin) from None
        return Founded(workspace=workspace, admin=admin, password=chosen, secret=new.secret)

    def _conflict(self, workspace: Workspace, admin: User) -> Conflict:
        """Say which part of a new workspace there is already."""
        if any(known.name == workspace.name for known in self.workspaces()):
            return Conflict(f"there is a workspace {workspace.name!r} already")
        if self._ports.directory.user_by_email(admin.email) is not None:
            return Conflict(f"somebody has the e-mail {admin.email} already")
        return Conflict("this key exists already")

    def workspaces(self) -> Sequence[Workspace]:
        """Return all workspaces of this server."""
        return self._ports.directory.workspaces()

    def keys(self, actor: Actor) -> Sequence[Key]:
        """Return all keys of the workspace, without their secrets; for admins."""
        require(actor, "configure", "keys")
        return self._ports.directory.keys(actor.workspace)

    def create_key(
        self, actor: Actor, *, user: str | None = None, name: str = "", secret: str | None = None
    ) -> NewKey:
        """Make a key for a user (id or e-mail) or, without one, for the workspace."""
        require(actor, "configure", "keys")
        holder = self._holder(actor, user).id if user is not None else None
        new = self._new_key(actor.workspace, holder, name, secret)
        try:
            self._ports.directory.insert_key(new.key, digest(new.secret))
        except Taken:
            raise Conflict("this key exists already") from None
        return new

    def _new_key(self, workspace: str, user: str | None, name: str, secret: str | None) -> NewKey:
        """Make a key that is not stored yet."""
        chosen = secret or PREFIX + secrets.token_urlsafe(32)
        key = Key(
            id=self._ports.new_id(),
            workspace=workspace,
            user=user,
            name=name,
            prefix=chosen[:_SHOWN],
            created=self._ports.clock(),
        )
        return NewKey(key=key, secret=chosen)

    def _holder(self, actor: Actor, user: str) -> User:
        found = self._ports.directory.user(actor.workspace, user)
        if found is None:
            found = self._ports.directory.user_by_email(user.strip().lower())
        if found is None or found.workspace != actor.workspace:
            fault = Fault(path=("user",), code="no_such_user", message="is nobody here")
            raise Invalid([fault])
        return found

    def delete_key(self, actor: Actor, key: str) -> None:
        """Revoke a key, on every process within a second; raises `NotFound`."""
        require(actor, "configure", "keys")
        if not self._ports.directory.delete_key(actor.workspace, key):
            raise NotFound("there is no such key")


def _no_collaborator() -> NotFound:
    return NotFound("there is no such user in this workflow")


def _role(name: str) -> Role:
    return next(role for role in ROLES if role == name)


def _is_email(text: str) -> bool:
    name, at, domain = text.strip().rpartition("@")
    odd = any(ord(sign) <= ord(" ") or sign in ',;<>"' for sign in text.strip())
    return bool(name and at and domain) and not odd and len(text) <= _LONGEST_EMAIL


@functools.cache
def _nobody() -> str:
    return _HASHER.hash(secrets.token_urlsafe(16))
