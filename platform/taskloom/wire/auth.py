"""Who asks: the API key or token in the `Authorization` header, and how often they may.

Below `/api/v1` the cookie of a session does where there is no such header. A browser sends it with
every request, whichever page makes it, so what changes anything needs the session's token too.
"""

from collections.abc import Mapping
from typing import Final

from werkzeug.wrappers import Request

from taskloom.engine.engine import Engine
from taskloom.engine.rights import require
from taskloom.engine.sessions import require_token
from taskloom.engine.throttle import Usage
from taskloom.errors import TooMany, Unauthenticated
from taskloom.model.people import Actor

COOKIE: Final = "taskloom_session"
PROOF: Final = "X-CSRF-Token"

_SCHEME: Final = "bearer"
_GIVEN: Final = "HTTP_AUTHORIZATION"
_NATIVE: Final = "/api/v1/"
_SAFE: Final = frozenset({"GET", "HEAD", "OPTIONS"})
_USAGE: Final = "taskloom.usage"
_HINT: Final = "send the API key or token as `Authorization: Bearer tl_…`"


def actor_of(request: Request, engine: Engine) -> Actor:
    """Return who holds the request's credential, and count the request, once.

    Raises `Unauthenticated` with the reason "missing", "invalid" or "expired", `Forged`, or
    `TooMany`.
    """
    secret = session_of(request)
    if secret is None:
        actor = engine.people.authenticate(credential_of(request))
    else:
        actor = _in_session(request, engine, secret)
    environ = request.environ
    if _USAGE not in environ:
        environ[_USAGE] = None
        try:
            environ[_USAGE] = engine.throttle.count(actor)
        except TooMany as refused:
            limit, reset_at = refused.details["limit"], refused.details["reset_at"]
            if isinstance(limit, int) and isinstance(reset_at, int):
                environ[_USAGE] = Usage(limit=limit, remaining=0, reset_at=reset_at)
            raise
    return actor


def session_of(request: Request) -> str | None:
    """Return the secret in the cookie of a request whose credential this is, or None."""
    environ = request.environ
    if _GIVEN in environ or "HTTP_COOKIE" not in environ:
        return None
    if not environ["PATH_INFO"].startswith(_NATIVE):
        return None
    return request.cookies.get(COOKIE)


def _in_session(request: Request, engine: Engine, secret: str) -> Actor:
    actor = engine.sessions.actor(secret)
    if request.method not in _SAFE:
        require_token(secret, request.headers.get(PROOF, ""))
    return actor


def admin_of(request: Request, engine: Engine, what: str) -> Actor:
    """Return who holds the request's credential; raise `Forbidden` unless that is an admin."""
    actor = actor_of(request, engine)
    require(actor, "configure", what)
    return actor


def credential_of(request: Request) -> str:
    """Return the API key or token of a request, or raise `Unauthenticated`."""
    header = request.headers.get("Authorization", "").strip()
    scheme, _, secret = header.partition(" ")
    if not header or (scheme.lower() == _SCHEME and not secret.strip()):
        raise Unauthenticated(_HINT, reason="missing")
    if scheme.lower() != _SCHEME:
        raise Unauthenticated(_HINT, reason="invalid")
    return secret.strip()


def usage_headers(request: Request) -> Mapping[str, str]:
    """Tell, in headers of the answer, what is left of the requests that the credential has."""
    usage: Usage | None = request.environ.get(_USAGE)
    if usage is None:
        return {}
    return {
        "X-RateLimit-Limit": str(usage.limit),
        "X-RateLimit-Remaining": str(usage.remaining),
        "X-RateLimit-Reset": str(usage.reset_at // 1000),
    }
