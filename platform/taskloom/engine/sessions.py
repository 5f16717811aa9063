"""Sessions: how people stay signed in to the web app, by a secret that a browser keeps."""

import hmac
import secrets
from dataclasses import dataclass
from typing import Final

from taskloom.engine.keys import digest
from taskloom.engine.passwords import Passwords
from taskloom.engine.people import Directory
from taskloom.engine.ports import Ports
from taskloom.engine.users import Users
from taskloom.errors import Fault, Forged, Invalid, NotFound, Unauthenticated
from taskloom.model.people import Actor, User
from taskloom.model.session import Session

LIFE_MS: Final = 14 * 24 * 60 * 60 * 1000
"""So long a session lasts after its last use."""

_PROLONGED_MS: Final = 60 * 60 * 1000
_PREFIX: Final = "ts_"
_PURPOSE: Final = b"csrf"


@dataclass(frozen=True, slots=True, kw_only=True)
class Begun:
    """A user who signed in, with the secret of the session, which is told only now."""

    user: User
    secret: str


class Sessions:
    """The use cases of sessions. Only the digest of a secret is stored."""

    def __init__(self, ports: Ports, people: Directory, users: Users, passwords: Passwords) -> None:
        self._ports = ports
        self._people = people
        self._users = users
        self._passwords = passwords

    def begin(self, email: str, password: str) -> Begun:
        """Sign in; raises `Unauthenticated` as `Directory.sign_in` does."""
        user = self._people.sign_in(email, password).user
        secret = _PREFIX + secrets.token_urlsafe(32)
        until = self._ports.clock() + LIFE_MS
        held = self._people.held_by(user)
        session = Session(id=digest(secret), workspace=user.workspace, held=held, until=until)
        self._ports.sessions.insert(session)
        return Begun(user=user, secret=secret)

    def actor(self, secret: str) -> Actor:
        """Return whose session this is, which lasts longer by that.

        Raises `Unauthenticated` when it has ended: by its time, by a new password of the user, or
        because the user is gone.
        """
        session = self._session(secret)
        actor = self._people.holder(session.workspace, session.held)
        until = self._ports.clock() + LIFE_MS
        # Not at every use, for that would make of every read a write.
        if until - session.until >= _PROLONGED_MS:
            self._ports.sessions.prolong(session, until)
        return actor

    def _session(self, secret: str) -> Session:
        session = self._ports.sessions.find(digest(secret))
        if session is None:
            raise Unauthenticated("this session has ended; sign in again", reason="invalid")
        if session.until <= self._ports.clock():
            raise Unauthenticated("this session has expired; sign in again", reason="expired")
        return session

    def end(self, secret: str) -> None:
        """Sign out; harmless when the session has ended already."""
        self._ports.sessions.end(digest(secret))

    def change_password(self, secret: str, old: str, new: str) -> None:
        """Give the user of a session another password; all other sessions and tokens end.

        Raises `Unauthenticated`, or `Invalid` with a fault of `old` or faults of `password`.
        """
        session = self._session(secret)
        actor = self._people.holder(session.workspace, session.held)
        user = self._ports.directory.user(actor.workspace, actor.user or "")
        known = None if user is None else self._ports.directory.with_password(user.email)
        if user is None or known is None:
            raise NotFound("there is no such user")
        now, hashed = known
        if not self._passwords.matches(hashed, old):
            fault = Fault(path=("old",), code="wrong", message="is not the password in use")
            raise Invalid([fault])
        self._users.update(actor, user.id, password=new)
        # Not the epoch as it is by now: somebody else may have ended all sessions since.
        self._ports.sessions.renew(session, now.epoch + 1)


def token_of(secret: str) -> str:
    """Return the token that proves, beside a cookie, that its holder's own page asks.

    It follows from the secret, which no page can read.
    """
    return hmac.new(secret.encode("utf-8", "replace"), _PURPOSE, "sha256").hexdigest()


def require_token(secret: str, given: str) -> None:
    """Raise `Forged` unless this is the token that belongs to a session's secret."""
    if not hmac.compare_digest(token_of(secret).encode(), given.encode("utf-8", "replace")):
        raise Forged("a request with a cookie has to carry the token of its session")
