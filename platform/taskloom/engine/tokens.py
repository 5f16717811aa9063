"""Signed tokens: what a sign-in or a client's exchange gives, good for some time without a key."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

import jwt
from jwt.types import Options

from taskloom.engine.ports import Ports
from taskloom.errors import Unauthenticated

SESSION_SECONDS = 7 * 24 * 60 * 60
GRANT_SECONDS = 60 * 60
_ALGORITHM: Final = "HS256"
# Times are compared with the engine's own clock, which the library does not know.
_CHECKS: Final[Options] = {
    "require": ["ws", "epoch", "iat", "exp"],
    "verify_signature": True,
    "verify_exp": False,
    "verify_iat": False,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Claims:
    """What a token says: a user of a workspace, or "API" without one, acting by a key or not.

    `epoch` is the user's when it was issued. `scopes` narrow the rights; None means all of them.
    """

    workspace: str
    user: str | None
    epoch: int = 0
    key: str | None = None
    scopes: frozenset[str] | None = None


class Tokens:
    """Issues tokens and reads those that were issued here, by any process."""

    def __init__(self, ports: Ports) -> None:
        self._ports = ports

    def issue(self, claims: Claims, seconds: int) -> str:
        """Sign a token that expires after so many seconds."""
        now = self._ports.clock() // 1000
        said = {
            "ws": claims.workspace,
            "sub": claims.user,
            "epoch": claims.epoch,
            "key": claims.key,
            "scope": None if claims.scopes is None else " ".join(sorted(claims.scopes)),
            "iat": now,
            "exp": now + seconds,
        }
        payload = {name: value for name, value in said.items() if value is not None}
        return jwt.encode(payload, self._ports.directory.signing_key(), algorithm=_ALGORITHM)

    def read(self, token: str) -> Claims | None:
        """Return what one of our tokens says, None for any other text.

        Raises `Unauthenticated` when it has expired.
        """
        try:
            said = jwt.decode(
                token.encode("utf-8", "surrogatepass"),
                self._ports.directory.signing_key(),
                algorithms=[_ALGORITHM],
                options=_CHECKS,
            )
        except jwt.InvalidTokenError:
            return None
        if said["exp"] <= self._ports.clock() // 1000:
            raise Unauthenticated("this token has expired; sign in again", reason="expired")
        return _claims(said)


def _claims(said: Mapping[str, Any]) -> Claims:
    scope = said.get("scope")
    return Claims(
        workspace=said["ws"],
        user=said.get("sub"),
        epoch=said["epoch"],
        key=said.get("key"),
        scopes=None if scope is None else frozenset(scope.split()),
    )
