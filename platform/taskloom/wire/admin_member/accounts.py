"""Signing in, and one's own account: register, login, profile, further admins."""

from contextlib import AbstractContextManager
from typing import Final

from flask import Response, request

from taskloom.engine.engine import Engine
from taskloom.engine.people import SignedIn
from taskloom.errors import Malformed, NotFound, Unauthenticated
from taskloom.model.people import Actor, User
from taskloom.wire.admin_member.bodies import (
    ABOUT_USERS,
    EMAIL,
    IMAGE,
    INVITE,
    NAME,
    PASSWORD,
    ROLE,
    texts,
)
from taskloom.wire.admin_member.describe import (
    INVITE_IN,
    LOGIN_IN,
    MET,
    PROFILE,
    PROFILE_IN,
    REGISTER_IN,
    SIGNED_IN,
    USER,
    told,
)
from taskloom.wire.admin_member.errors import NO_USER, saying
from taskloom.wire.admin_member.shown import profile_shape, user_shape
from taskloom.wire.answer import answer
from taskloom.wire.auth import actor_of, admin_of
from taskloom.wire.base import Limits, told_by
from taskloom.wire.body import as_object, read_json
from taskloom.wire.docs.describe import body, documented, reply

REGISTERED: Final = "User registered successfully"
LOGGED_IN: Final = "Login successful"
CHANGED: Final = "Profile updated successfully"
INVITED: Final = "Admin user created successfully"
BOTH_REQUIRED: Final = "Email and password required"
WRONG: Final = "Invalid email or password"


class Accounts:
    """The views; each takes the request of the moment."""

    def __init__(self, engine: Engine, limits: Limits) -> None:
        self._engine = engine
        self._limits = limits

    @documented(
        "Register",
        description="As a member of the first workspace, where the server allows it and "
        "whichever role is asked for; whoever knows its invitation becomes an admin.",
        request=body(REGISTER_IN),
        replies={201: reply("The user, signed in.", SIGNED_IN)},
        errors=(403, 404, 409, 429, 500, 503),
        public=True,
    )
    def register(self) -> Response:
        """Add a user who asks for it, and sign this user in."""
        document = as_object(read_json(request, self._limits))
        asked = {name: value for name, value in document.items() if name != ROLE}
        sent = texts(asked, (NAME, EMAIL, PASSWORD), (IMAGE, INVITE))
        with user_faults_told():
            self._engine.people.register(
                sent[NAME],
                sent[EMAIL],
                sent[PASSWORD],
                image=sent.get(IMAGE, ""),
                invite=sent.get(INVITE, ""),
            )
        signed_in = self._engine.people.sign_in(sent[EMAIL], sent[PASSWORD])
        return _signed_in(REGISTERED, signed_in, 201)

    @documented(
        "Log in",
        request=body(LOGIN_IN),
        replies={200: reply("The user, and a token for seven days.", SIGNED_IN)},
        errors=(401, 404, 429, 500, 503),
        public=True,
    )
    def login(self) -> Response:
        """Sign a user in."""
        sent = as_object(read_json(request, self._limits))
        if any(sent.get(name) in (None, "") for name in (EMAIL, PASSWORD)):
            raise Malformed(BOTH_REQUIRED)
        given = texts(sent, (EMAIL, PASSWORD))
        try:
            signed_in = self._engine.people.sign_in(given[EMAIL], given[PASSWORD])
        except Unauthenticated:
            raise Unauthenticated(WRONG) from None
        return _signed_in(LOGGED_IN, signed_in)

    @documented("Get one's profile", replies={200: reply("The user.", PROFILE)}, errors=MET)
    def get_profile(self) -> Response:
        """Answer the actor's user."""
        return answer(profile_shape(own(self._engine, actor_of(request, self._engine))))

    @documented(
        "Change one's profile",
        description="A new password ends all tokens; the answer holds a new one.",
        request=body(PROFILE_IN, example={"name": "Ann"}),
        replies={200: reply("The user, and a new token.", SIGNED_IN)},
        errors=(*MET, 409),
    )
    def update_profile(self) -> Response:
        """Change the actor's user."""
        actor = actor_of(request, self._engine)
        document = as_object(read_json(request, self._limits))
        sent = texts(document, (), (NAME, EMAIL, PASSWORD, IMAGE))
        with user_faults_told():
            self._engine.users.update(
                actor,
                own(self._engine, actor).id,
                name=sent.get(NAME),
                email=sent.get(EMAIL),
                password=sent.get(PASSWORD),
                image=sent.get(IMAGE),
            )
        return _signed_in(CHANGED, self._engine.people.renew(actor))

    @documented(
        "Add an admin",
        description="For admins.",
        request=body(INVITE_IN),
        replies={200: reply("The new admin.", told(INVITED, user=USER))},
        errors=(*MET, 409),
    )
    def invite_admin(self) -> Response:
        """Add a user who is an admin."""
        actor = admin_of(request, self._engine, "users")
        document = as_object(read_json(request, self._limits))
        sent = texts(document, (NAME, EMAIL, PASSWORD))
        user = self._engine.users.create(
            actor, sent[EMAIL], name=sent[NAME], role="admin", password=sent[PASSWORD]
        )
        return answer({"message": INVITED, "user": user_shape(user)})


def own(engine: Engine, actor: Actor) -> User:
    """Return the actor's own user, or raise `NotFound` for a key of the workspace."""
    with saying(missing=NO_USER):
        if actor.user is None:
            raise NotFound("this credential is no user's")
        return engine.users.get(actor, actor.user)


def user_faults_told() -> AbstractContextManager[None]:
    """Let faults of users raised inside be told by the names of this dialect."""
    return told_by(lambda: ABOUT_USERS)


def _signed_in(message: str, signed_in: SignedIn, status: int = 200) -> Response:
    """Answer a token with its user: within `user`, and flat, as clients look for it in both."""
    profile = profile_shape(signed_in.user)
    shape = {"message": message, "user": profile, "token": signed_in.token, **profile}
    return answer(shape, status)
