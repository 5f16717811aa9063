"""Users of the workspace: list them, add one."""

from typing import Any

from flask import Response, request
from flask_smorest import Blueprint
from marshmallow import fields

from taskloom.engine.engine import Engine
from taskloom.model.people import ROLES, User
from taskloom.wire.answer import answer
from taskloom.wire.auth import actor_of
from taskloom.wire.base import Limits
from taskloom.wire.body import read_json
from taskloom.wire.docs.describe import body, documented, reply
from taskloom.wire.management.strict import Strict, load

_ROLE = {"enum": list(ROLES), "description": "Admins configure, managers also delete tasks."}
_SAMPLE = {
    "id": "674054a1b2c3d4e5f6071829",
    "email": "user@example.com",
    "name": "user",
    "role": "member",
}


class UserOut(Strict):
    """A user as answers show one."""

    id = fields.String(required=True)
    email = fields.String(required=True)
    name = fields.String(required=True)
    role = fields.String(required=True, metadata=_ROLE)


class UserIn(Strict):
    """A user to add."""

    email = fields.String(required=True, metadata={"format": "email", "maxLength": 254})
    name = fields.String(metadata={"description": "Default: the e-mail up to its @."})
    role = fields.String(metadata={**_ROLE, "default": "member"})
    password = fields.String(
        metadata={"format": "password", "description": "Without one, nobody signs in by it."}
    )


def shown(user: User) -> dict[str, object]:
    """Spell a user for the wire."""
    return {"id": user.id, "email": user.email, "name": user.name, "role": user.role}


class Users:
    """The views; each takes the request of the moment."""

    def __init__(self, engine: Engine, limits: Limits) -> None:
        self._engine = engine
        self._limits = limits

    @documented(
        "List the users",
        description="All users of the workspace, oldest first.",
        replies={200: reply("The users.", UserOut(many=True), example=[_SAMPLE])},
    )
    def list_users(self) -> Response:
        """Answer all users."""
        actor = actor_of(request, self._engine)
        return answer([shown(user) for user in self._engine.people.users(actor)])

    @documented(
        "Add a user",
        description="E-mails are unique on this server, whatever their case.",
        request=body(UserIn, example={"email": "user@example.com", "role": "member"}),
        replies={201: reply("The new user.", UserOut, example=_SAMPLE)},
        errors=(409,),
    )
    def create_user(self) -> Response:
        """Add one user."""
        actor = actor_of(request, self._engine)
        sent: dict[str, Any] = load(UserIn(), read_json(request, self._limits))
        user = self._engine.people.create_user(actor, sent.pop("email"), **sent)
        return answer(shown(user), 201)


def blueprint(engine: Engine, limits: Limits) -> Blueprint:
    """Make the blueprint."""
    views = Users(engine, limits)
    made = Blueprint(
        "users", __name__, url_prefix="/api/v1", description="Users of the workspace; for admins."
    )
    made.add_url_rule("/users", view_func=views.list_users, methods=["GET"])
    made.add_url_rule("/users", view_func=views.create_user, methods=["POST"])
    return made
