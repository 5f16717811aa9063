"""Users: all of them for admins, oneself, one of them, and who is an admin."""

from collections.abc import Mapping
from typing import Final

from flask import Response, request

from taskloom.engine.engine import Engine
from taskloom.errors import Fault, Invalid, NotFound, Unseen
from taskloom.fields.base import INVALID
from taskloom.model.people import Actor, User
from taskloom.wire.admin_member.accounts import own, user_faults_told
from taskloom.wire.admin_member.bodies import IMAGE, NAME, ROLE, texts
from taskloom.wire.admin_member.describe import (
    COLLEAGUE,
    COUNTED_USERS,
    ME_IN,
    MET,
    PROFILE,
    ROLE_IN,
    USER_ID,
    closed,
    told,
)
from taskloom.wire.admin_member.errors import NO_USER, saying
from taskloom.wire.admin_member.names import COMPLETED, ID, IN_PROGRESS, PENDING
from taskloom.wire.admin_member.shown import Shape, colleague_shape, profile_shape, role_of
from taskloom.wire.admin_member.workload import Workload
from taskloom.wire.answer import answer
from taskloom.wire.auth import actor_of, admin_of
from taskloom.wire.base import Limits
from taskloom.wire.body import as_object, read_json
from taskloom.wire.docs.describe import TEXT, body, documented, reply
from taskloom.wire.facades import face

CHANGED: Final = "Profile updated successfully"
ROLE_CHANGED: Final = "User role updated successfully"
ROLES: Final = ("admin", "member")
_COUNTS: Final[Mapping[str, str]] = {
    "pendingTasks": PENDING,
    "inProgressTasks": IN_PROGRESS,
    "completedTasks": COMPLETED,
}


class Users:
    """The views; each takes the request of the moment."""

    def __init__(self, engine: Engine, limits: Limits) -> None:
        self._engine = engine
        self._limits = limits

    @documented(
        "List the users",
        description="For admins: oldest first, with how many tasks are assigned to each.",
        replies={200: reply("The users.", COUNTED_USERS)},
        errors=MET,
    )
    def list_users(self) -> Response:
        """Answer all users."""
        actor = admin_of(request, self._engine, "users")
        load = self._workload()
        users = self._engine.users.every(actor)
        return answer([{**profile_shape(user), **_counts(user, load)} for user in users])

    def _workload(self) -> Workload | None:
        """Return how many tasks there are, where a workflow is behind the mount."""
        try:
            return Workload(self._engine, face(request, self._engine, self._limits))
        except NotFound:
            return None

    @documented("Get oneself", replies={200: reply("The user.", PROFILE)}, errors=MET)
    def get_me(self) -> Response:
        """Answer the actor's user."""
        return answer(profile_shape(own(self._engine, actor_of(request, self._engine))))

    @documented(
        "Change oneself",
        request=body(ME_IN, example={"name": "Ann"}),
        replies={200: reply("The user.", told(CHANGED, user=COLLEAGUE))},
        errors=(*MET, 409),
    )
    def update_me(self) -> Response:
        """Change the actor's user."""
        actor = actor_of(request, self._engine)
        sent = texts(as_object(read_json(request, self._limits)), (), (NAME, IMAGE))
        with user_faults_told():
            user = self._engine.users.update(
                actor, own(self._engine, actor).id, name=sent.get(NAME), image=sent.get(IMAGE)
            )
        return answer({"message": CHANGED, "user": colleague_shape(user)})

    @documented(
        "Get a user",
        description="Who may not see all of a user sees neither e-mail nor role.",
        parameters=[USER_ID],
        replies={200: reply("The user.", {"anyOf": [PROFILE, COLLEAGUE]})},
        errors=MET,
    )
    def get_user(self, user: str) -> Response:
        """Answer one user."""
        actor = actor_of(request, self._engine)
        with saying(missing=NO_USER):
            return answer(self._shape(actor, user))

    def _shape(self, actor: Actor, user: str) -> Shape:
        try:
            return profile_shape(self._engine.users.get(actor, user))
        except Unseen:
            return colleague_shape(self._engine.users.peek(actor, user))

    @documented(
        "Change a user's role",
        description="For admins.",
        parameters=[USER_ID],
        request=body(ROLE_IN),
        replies={
            200: reply(
                "The user.",
                told(ROLE_CHANGED, user=closed({"_id": TEXT, "name": TEXT, "role": TEXT})),
            )
        },
        errors=(*MET, 409),
    )
    def set_role(self, user: str) -> Response:
        """Change the role of one user."""
        actor = admin_of(request, self._engine, "users")
        with saying(missing=NO_USER):
            self._engine.users.peek(actor, user)
            sent = texts(as_object(read_json(request, self._limits)), (ROLE,))
            if sent[ROLE] not in ROLES:
                message = f"must be one of {', '.join(ROLES)}"
                raise Invalid([Fault(path=(ROLE,), code=INVALID, message=message)])
            changed = self._engine.users.update(actor, user, role=sent[ROLE])
        shape = {ID: changed.id, NAME: changed.name, ROLE: role_of(changed)}
        return answer({"message": ROLE_CHANGED, "user": shape})


def _counts(user: User, load: Workload | None) -> Mapping[str, int]:
    return {name: load.of(user, status) if load else 0 for name, status in _COUNTS.items()}
