"""People: who asks, how they sign in, and who takes part in a workflow."""

import hmac
from collections.abc import Sequence
from dataclasses import dataclass

from taskloom.engine.founding import Founded, found
from taskloom.engine.keys import SCOPES, digest
from taskloom.engine.passwords import Passwords
from taskloom.engine.policy import Policy
from taskloom.engine.ports import Ports
from taskloom.engine.rights import require
from taskloom.engine.tokens import GRANT_SECONDS, SESSION_SECONDS, Claims, Tokens
from taskloom.engine.users import insert, new_user, refuse, user_faults
from taskloom.errors import Fault, Forbidden, Invalid, NotFound, Unauthenticated
from taskloom.model.imports import Holder
from taskloom.model.people import Actor, Key, User, Workspace

MAIN = "main"
_DOTS_OF_A_TOKEN = 2
_KEY = "key"
_USER = "user"


@dataclass(frozen=True, slots=True, kw_only=True)
class SignedIn:
    """A user who signed in, with a token that is good for seven days."""

    user: User
    token: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Granted:
    """A token for a client; `expires_in` is in seconds, `scopes` what it may be used for."""

    token: str
    expires_in: int
    scopes: frozenset[str]


class Colleagues:
    """The people of one workspace for one request; each is looked up once."""

    def __init__(self, ports: Ports, workspace: str) -> None:
        self._ports = ports
        self._workspace = workspace
        self._ids: dict[str, str | None] = {}
        self._emails: dict[str, str | None] = {}
        self._named: dict[str, list[str]] | None = None

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
            found = self.user_of(user)
            self._emails[user] = found.email if found else None
        return self._emails[user]

    def user_of(self, user: str) -> User | None:
        """Return a colleague, or None when the user is gone."""
        return self._ports.directory.user(self._workspace, user)

    def emails_named(self, name: str) -> Sequence[str]:
        """Return the e-mails of all users who show this name, any case."""
        if self._named is None:
            self._named = {}
            for user in self._ports.directory.users(self._workspace):
                self._named.setdefault(user.name.strip().casefold(), []).append(user.email)
        return self._named.get(name.strip().casefold(), ())


class Directory:
    """The use cases of people."""

    def __init__(self, ports: Ports, passwords: Passwords, policy: Policy) -> None:
        self._ports = ports
        self._passwords = passwords
        self._policy = policy
        self._tokens = Tokens(ports)

    def people(self, actor: Actor) -> Colleagues:
        """Return the actor's colleagues, for reading and writing e-mails in tasks."""
        return Colleagues(self._ports, actor.workspace)

    def authenticate(self, secret: str) -> Actor:
        """Return who holds this API key or token.

        Raises `Unauthenticated` with the reason "invalid" or "expired".
        """
        claims = self._tokens.read(secret) if secret.count(".") == _DOTS_OF_A_TOKEN else None
        if claims is not None:
            return self._bearer(claims)
        key = self._ports.directory.key_by_digest(digest(secret))
        if key is None:
            raise Unauthenticated("this API key is unknown or was revoked", reason="invalid")
        return self._holder(key, key.scopes)

    def _bearer(self, claims: Claims) -> Actor:
        """Return whom a token stands for, as long as what it was given for is still there."""
        if claims.key is None:
            user = self._ports.directory.user(claims.workspace, claims.user or "")
            actor = _actor(user, f"{_USER}:{claims.user}", claims.scopes) if user else None
        else:
            key = self._ports.directory.key(claims.workspace, claims.key)
            user = self._user(key) if key else None
            actor = self._holder(key, _narrowed(key.scopes, claims.scopes)) if key else None
        if actor is None or (user.epoch if user else 0) != claims.epoch:
            raise Unauthenticated("this token was revoked; sign in again", reason="invalid")
        return actor

    def _holder(self, key: Key, scopes: frozenset[str] | None) -> Actor:
        """Return who acts through a key."""
        credential = f"{_KEY}:{key.id}"
        if key.user is None:
            return Actor(
                workspace=key.workspace,
                user=None,
                role="admin",
                scopes=scopes,
                credential=credential,
            )
        user = self._user(key)
        if user is None:
            raise Unauthenticated("this API key belongs to nobody", reason="invalid")
        return _actor(user, credential, scopes)

    def holding(self, actor: Actor) -> Holder:
        """Say what of an actor's credential has to stay good for `holder` to give its rights."""
        user = self._ports.directory.user(actor.workspace, actor.user) if actor.user else None
        return Holder(
            user=actor.user,
            credential=actor.credential,
            scopes=actor.scopes,
            epoch=user.epoch if user else 0,
        )

    def held_by(self, user: User) -> Holder:
        """Say what has to stay good of a user who signed in just now."""
        return Holder(user=user.id, credential=f"{_USER}:{user.id}", scopes=None, epoch=user.epoch)

    def holder(self, workspace: str, held: Holder) -> Actor:
        """Return who a credential that was held stands for now; raise `Unauthenticated` if nobody.

        It has no rights that it had not then.
        """
        kind, _, name = held.credential.partition(":")
        key = self._ports.directory.key(workspace, name) if kind == _KEY else None
        if key is not None:
            return self._holder(key, _narrowed(key.scopes, held.scopes))
        user = self._ports.directory.user(workspace, name) if kind == _USER else None
        if user is None or user.epoch != held.epoch:
            message = "the API key or sign-in that began this was revoked"
            raise Unauthenticated(message, reason="invalid")
        return _actor(user, held.credential, held.scopes)

    def _user(self, key: Key) -> User | None:
        return self._ports.directory.user(key.workspace, key.user) if key.user else None

    def sign_in(self, email: str, password: str) -> SignedIn:
        """Return the user with this e-mail and password, or raise `Unauthenticated`.

        Whether anybody has the e-mail can be told neither from the error nor from the time.
        """
        known = self._ports.directory.with_password(email.strip())
        user, hashed = known or (None, None)
        if not self._passwords.matches(hashed, password) or user is None:
            raise Unauthenticated("e-mail or password is wrong", reason="invalid")
        return self._signed_in(user)

    def renew(self, actor: Actor) -> SignedIn:
        """Return the actor's user with a new token, as a new password ends the one in use.

        The token has the rights of the actor's credential; where that is a key, it ends with the
        key. Raises `NotFound` for a credential that is no user's.
        """
        user = self._ports.directory.user(actor.workspace, actor.user or "")
        if user is None:
            raise NotFound("there is no such user")
        kind, _, name = actor.credential.partition(":")
        return self._signed_in(user, key=name if kind == _KEY else None, scopes=actor.scopes)

    def _signed_in(
        self, user: User, *, key: str | None = None, scopes: frozenset[str] | None = None
    ) -> SignedIn:
        claims = Claims(
            workspace=user.workspace, user=user.id, epoch=user.epoch, key=key, scopes=scopes
        )
        return SignedIn(user=user, token=self._tokens.issue(claims, SESSION_SECONDS))

    def exchange(self, client: str, secret: str, scopes: frozenset[str] | None) -> Granted:
        """Give a token for an API key, `secret`, with the asked scopes or all that the key has.

        `client` is the id of the key, or the id or e-mail of its user. Revoking the key ends the
        token. Raises `Unauthenticated`, or `Invalid` for scopes that the key has not.
        """
        key = self._ports.directory.key_by_digest(digest(secret))
        user = self._user(key) if key else None
        if key is None or not _is_named(key, user, client):
            raise Unauthenticated("client id or secret is wrong", reason="invalid")
        self._holder(key, key.scopes)
        mine = frozenset(SCOPES) if key.scopes is None else key.scopes
        beyond = sorted((scopes or frozenset()) - mine)
        if beyond:
            message = f"goes beyond what this client may do: {', '.join(beyond)}"
            raise Invalid([Fault(path=("scope",), code="invalid", message=message)])
        claims = Claims(
            workspace=key.workspace,
            user=key.user,
            epoch=user.epoch if user else 0,
            key=key.id,
            scopes=scopes or key.scopes,
        )
        token = self._tokens.issue(claims, GRANT_SECONDS)
        return Granted(token=token, expires_in=GRANT_SECONDS, scopes=scopes or mine)

    def register(
        self, name: str, email: str, password: str, *, image: str = "", invite: str = ""
    ) -> User:
        """Let somebody join the first workspace, as a member or, with the invitation, an admin.

        Raises `Forbidden` where registration is closed, also to this e-mail's domain, `Invalid`
        with every fault, or `Conflict` with the detail `email` when somebody has the e-mail.
        """
        invited = self._is_invitation(invite)
        domains = None if invited else self._policy.signup
        if domains is not None and not domains:
            raise Forbidden("nobody may register here; ask an admin to be added", verb="register")
        refuse(user_faults(name=name, email=email, password=password, image=image))
        domain = email.strip().rpartition("@")[2].lower()
        if domains is not None and domain not in domains:
            raise Forbidden(f"nobody of {domain} may register here", verb="register")
        role = "admin" if invited else "member"
        workspace = self._first_workspace()
        user = new_user(self._ports, workspace, email, name=name, role=role, image=image)
        insert(self._ports, user, self._passwords.hash(password))
        return user

    def _is_invitation(self, invite: str) -> bool:
        expected = self._policy.invite
        if not expected:
            return False
        sent = invite.encode("utf-8", "surrogatepass")
        return hmac.compare_digest(sent, expected.encode("utf-8", "surrogatepass"))

    def _first_workspace(self) -> str:
        for workspace in self.workspaces():
            if workspace.name == MAIN:
                return workspace.id
        raise NotFound(f"there is no workspace {MAIN!r} to register in")

    def workspace(self, actor: Actor) -> Workspace:
        """Return the actor's workspace."""
        found = self._ports.directory.workspace(actor.workspace)
        if found is None:
            raise NotFound("this workspace is gone")
        return found

    def workspaces(self) -> Sequence[Workspace]:
        """Return all workspaces of this server."""
        return self._ports.directory.workspaces()

    def found(
        self, name: str, email: str, *, password: str | None = None, secret: str | None = None
    ) -> Founded:
        """Make a workspace with its first admin and that one's key.

        Raises `Invalid`, or `Conflict` when the name, e-mail or key is known on this server.
        """
        workspace = Workspace(id=self._ports.new_id(), name=name)
        return found(
            self._ports, self._passwords, workspace, email, password=password, secret=secret
        )

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


def _actor(user: User, credential: str, scopes: frozenset[str] | None) -> Actor:
    return Actor(
        workspace=user.workspace,
        user=user.id,
        role=user.role,
        left=user.left,
        roles=user.roles,
        scopes=scopes,
        credential=credential,
    )


def _narrowed(
    scopes: frozenset[str] | None, further: frozenset[str] | None
) -> frozenset[str] | None:
    """Return the scopes that are in both; None stands for all."""
    if scopes is None or further is None:
        return further if scopes is None else scopes
    return scopes & further


def _is_named(key: Key, user: User | None, client: str) -> bool:
    """Tell whether a client's id names this key."""
    return client in {key.id, key.user} or (
        user is not None and client.strip().lower() == user.email.lower()
    )


def _no_collaborator() -> NotFound:
    return NotFound("there is no such user in this workflow")
