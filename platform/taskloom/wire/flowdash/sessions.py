"""Sessions: how the web app signs somebody in, and stays signed in by a cookie."""

from typing import Any, Final

from flask import Response, request
from marshmallow import fields

from taskloom.engine.engine import Engine
from taskloom.engine.sessions import LIFE_MS, token_of
from taskloom.errors import Unauthenticated
from taskloom.model.people import ROLES, User, Workspace
from taskloom.wire.answer import answer
from taskloom.wire.auth import COOKIE, PROOF, actor_of, session_of
from taskloom.wire.base import Limits, told_by
from taskloom.wire.body import read_json
from taskloom.wire.docs.describe import IN_SESSION, TEXT, body, documented, parameter, reply
from taskloom.wire.management.strict import Strict, load
from taskloom.wire.management.users import shown

_SECONDS: Final = LIFE_MS // 1000
_USER: Final = {
    "type": "object",
    "properties": {**dict.fromkeys(("id", "email", "name"), TEXT), "role": {"enum": list(ROLES)}},
    "required": ["id", "email", "name", "role"],
    "additionalProperties": False,
}
_WORKSPACE: Final = {
    "type": "object",
    "properties": {"id": TEXT, "name": TEXT},
    "required": ["id", "name"],
    "additionalProperties": False,
}
_SESSION: Final = {
    "type": "object",
    "properties": {
        "user": _USER,
        "workspace": _WORKSPACE,
        "csrf": {"type": "string", "description": f"To be sent as `{PROOF}`."},
    },
    "required": ["user", "workspace", "csrf"],
    "additionalProperties": False,
}
_COOKIE: Final = {"Set-Cookie": "The session, which ends 14 days after its last use."}
_TOKEN: Final = parameter(PROOF, "The session's `csrf`.", TEXT, place="header")


class SessionIn(Strict):
    """What somebody signs in with."""

    email = fields.String(required=True)
    password = fields.String(required=True)


class PasswordIn(Strict):
    """The password in use, and the one to come."""

    old = fields.String(required=True)
    new = fields.String(required=True)


class Sessions:
    """The views; each takes the request of the moment."""

    def __init__(self, engine: Engine, limits: Limits) -> None:
        self._engine = engine
        self._limits = limits

    @documented(
        "Sign in",
        description="For browsers: the cookie is a credential for every address below `/api/v1`, "
        "where no `Authorization` header is sent. A session that the cookie held before ends.",
        request=body(SessionIn, example={"email": "user@example.com", "password": "…"}),
        replies={200: reply("The user and the workspace.", _SESSION, headers=_COOKIE)},
        errors=(401, 429, 500, 503),
        public=True,
    )
    def begin_session(self) -> Response:
        """Sign a user in."""
        sent: dict[str, Any] = load(SessionIn(), read_json(request, self._limits))
        begun = self._engine.sessions.begin(sent["email"], sent["password"])
        before = session_of(request)
        if before is not None:
            self._engine.sessions.end(before)
        return self._told(begun.secret, begun.user)

    @documented(
        "Get the session",
        description="Who is signed in by the cookie, which lasts 14 days from now on.",
        replies={200: reply("The user and the workspace.", _SESSION, headers=_COOKIE)},
        security=IN_SESSION,
    )
    def get_session(self) -> Response:
        """Answer whose session this is."""
        actor = actor_of(request, self._engine)
        secret = _secret()
        return self._told(secret, self._engine.users.get(actor, actor.user or ""))

    @documented(
        "Sign out",
        parameters=[_TOKEN],
        replies={204: reply("Signed out.", headers=_COOKIE)},
        security=IN_SESSION,
    )
    def end_session(self) -> Response:
        """End the session."""
        actor_of(request, self._engine)
        self._engine.sessions.end(_secret())
        response = Response(status=204)
        response.delete_cookie(COOKIE, secure=self._is_secure(), httponly=True, samesite="Lax")
        return response

    @documented(
        "Change one's password",
        description="All other sessions of the user end, and so do the tokens of other APIs.",
        parameters=[_TOKEN],
        request=body(PasswordIn, example={"old": "…", "new": "…"}),
        replies={204: reply("Changed.")},
        errors=(409,),
        security=IN_SESSION,
    )
    def change_password(self) -> Response:
        """Change the password of the user who is signed in."""
        actor_of(request, self._engine)
        secret = _secret()
        sent: dict[str, Any] = load(PasswordIn(), read_json(request, self._limits))
        with told_by(lambda: {"password": "new"}):
            self._engine.sessions.change_password(secret, sent["old"], sent["new"])
        return Response(status=204)

    def _told(self, secret: str, user: User) -> Response:
        actor = self._engine.sessions.actor(secret)
        workspace: Workspace = self._engine.people.workspace(actor)
        shape = {
            "user": shown(user),
            "workspace": {"id": workspace.id, "name": workspace.name},
            "csrf": token_of(secret),
        }
        response = answer(shape)
        response.set_cookie(
            COOKIE,
            secret,
            max_age=_SECONDS,
            secure=self._is_secure(),
            httponly=True,
            samesite="Lax",
        )
        return response

    def _is_secure(self) -> bool:
        """Tell whether browsers ask by TLS, and so may be told to send the cookie by TLS only."""
        address = self._limits.public_url or request.url_root
        return address.lower().startswith("https:")


def _secret() -> str:
    """Return the cookie's secret; raise `Unauthenticated` where an API key was sent instead."""
    secret = session_of(request)
    if secret is None:
        raise Unauthenticated("no session is asked for; sign in first", reason="missing")
    return secret
