"""API keys: of the workspace, or of one of its users."""

import hashlib
import secrets
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from taskloom.engine.ports import Ports, Taken
from taskloom.engine.rights import READ_SCOPE, WRITE_SCOPE, require
from taskloom.errors import Conflict, Fault, Invalid, NotFound
from taskloom.model.people import Actor, Key, User

PREFIX = "tl_"
SHORTEST_KEY = 32
SCOPES: Final = (READ_SCOPE, WRITE_SCOPE)
"""What a credential may be narrowed to; without scopes it may do all that its holder may."""

_SHOWN = 8


@dataclass(frozen=True, slots=True, kw_only=True)
class NewKey:
    """A key with its secret, which is shown this once."""

    key: Key
    secret: str


class Keys:
    """The use cases of keys; all are for admins."""

    def __init__(self, ports: Ports) -> None:
        self._ports = ports

    def every(self, actor: Actor) -> Sequence[Key]:
        """Return all keys of the workspace, without their secrets."""
        require(actor, "configure", "keys")
        return self._ports.directory.keys(actor.workspace)

    def create(
        self,
        actor: Actor,
        *,
        user: str | None = None,
        name: str = "",
        secret: str | None = None,
        scopes: Collection[str] | None = None,
    ) -> NewKey:
        """Make a key for a user (id or e-mail) or, without one, for the workspace.

        Raises `Invalid` with every fault, or `Conflict` when there is a key with this secret.
        """
        require(actor, "configure", "keys")
        holder = self._holder(actor, user) if user is not None else None
        faults = [] if scopes is None else [*_scope_faults(scopes)]
        if user is not None and holder is None:
            faults.append(Fault(path=("user",), code="no_such_user", message="is nobody here"))
        if faults:
            raise Invalid(faults)
        new = new_key(
            self._ports,
            actor.workspace,
            holder.id if holder else None,
            name=name,
            secret=secret,
            scopes=None if scopes is None else frozenset(scopes),
        )
        try:
            self._ports.directory.insert_key(new.key, digest(new.secret))
        except Taken:
            raise Conflict("this key exists already") from None
        return new

    def delete(self, actor: Actor, key: str) -> None:
        """Revoke a key, on every process within a second; raises `NotFound`."""
        require(actor, "configure", "keys")
        if not self._ports.directory.delete_key(actor.workspace, key):
            raise NotFound("there is no such key")

    def _holder(self, actor: Actor, user: str) -> User | None:
        found = self._ports.directory.user(actor.workspace, user)
        if found is None:
            found = self._ports.directory.user_by_email(user.strip().lower())
        return found if found is not None and found.workspace == actor.workspace else None


def digest(secret: str) -> str:
    """Return what is stored of a key: the hex SHA-256, enough for 256 random bits."""
    return hashlib.sha256(secret.encode("utf-8", "surrogatepass")).hexdigest()


def new_key(
    ports: Ports,
    workspace: str,
    user: str | None,
    *,
    name: str,
    secret: str | None = None,
    scopes: frozenset[str] | None = None,
) -> NewKey:
    """Make a key that is not stored yet."""
    chosen = secret or PREFIX + secrets.token_urlsafe(32)
    key = Key(
        id=ports.new_id(),
        workspace=workspace,
        user=user,
        name=name,
        prefix=chosen[:_SHOWN],
        created=ports.clock(),
        scopes=scopes,
    )
    return NewKey(key=key, secret=chosen)


def _scope_faults(scopes: Collection[str]) -> Iterator[Fault]:
    if not scopes:
        yield Fault(path=("scopes",), code="too_few", message="must name at least one")
    message = f"must be one of {', '.join(SCOPES)}"
    for index, scope in enumerate(scopes):
        if scope not in SCOPES:
            yield Fault(path=("scopes", index), code="invalid", message=message)
