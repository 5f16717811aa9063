"""Who asks: the API key in the `Authorization` header."""

from werkzeug.wrappers import Request

from taskloom.engine.engine import Engine
from taskloom.errors import Unauthenticated
from taskloom.model.people import Actor

_SCHEME = "bearer"


def actor_of(request: Request, engine: Engine) -> Actor:
    """Return who holds the request's key, or raise `Unauthenticated`."""
    scheme, _, secret = request.headers.get("Authorization", "").strip().partition(" ")
    if scheme.lower() != _SCHEME or not secret.strip():
        raise Unauthenticated("send the API key as `Authorization: Bearer tl_…`")
    return engine.people.authenticate(secret.strip())
