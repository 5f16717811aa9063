"""Users of the workspace: list them, add, change and remove one."""

from typing import Any

from flask import Response, request
from flask_smorest import Blueprint
from marshmallow import fields

from taskloom.engine.engine import Engine
from taskloom.model.people import ROLES, User
from taskloom.wire.answer import answer
from taskloom.wire.auth import admin_of
from taskloom.wire.base import Limits
from taskloom.wire.body import read_json
from taskloom.wire.docs.describe import UNPROCESSABLE, body, documented, parameter, reply
from taskloom.wire.management.strict import Strict, load

_ID = "674054a1b2c3d4e5f6071829"
_ROLE = {"enum": list(ROLES), "description": "Admins configure, managers also delete tasks."}
_EMAIL = {"format": "email", "maxLength": 254}
_SAMPLE = {"id": _ID, "email": "user@example.com", "name": "user", "role": "member"}
_USERS = "users"
_USER = parameter("user", "Id of the user.", place="path", example=_ID)
_FORCE = parameter(
    "force",
    "Take the user off all assigned tasks first.",
    {"type": "boolean", "default": False},
)


class UserOut(Strict):
    """A user as answers show one."""

    id = fields.String(required=True)
    email = fields.String(required=True)
    name = fields.String(required=True)
    role = fields.String(required=True, metadata=_ROLE)


class UserIn(Strict):
    """A user to add."""

    email = fields.String(required=True, metadata=_EMAIL)
    name = fields.String(metadata={"description": "Default: the e-mail up to its @."})
    role = fields.String(metadata={**_ROLE, "default": "member"})
    password = fields.String(
        metadata={"format": "password", "description": "Without one, nobody signs in by it."}
    )


class Change(Strict):
    """What changes of a user; what is absent stays."""

    email = fields.String(metadata=_EMAIL)
    name = fields.String()
    role = fields.String(metadata=_ROLE)
    password = fields.String(
        metadata={"format": "password", "description": "Ends all tokens of the user."}
    )


class Removal(Strict):
    """The query of a removal."""

    force = fields.Boolean(truthy={"true"}, falsy={"false"}, load_default=False)


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
        actor = admin_of(request, self._engine, _USERS)
        return answer([shown(user) for user in self._engine.users.every(actor)])

    @documented(
        "Add a user",
        description="E-mails are unique on this server, whatever their case.",
        request=body(UserIn, example={"email": "user@example.com", "role": "member"}),
        replies={201: reply("The new user.", UserOut, example=_SAMPLE)},
        errors=(409,),
    )
    def create_user(self) -> Response:
        """Add one user."""
        actor = admin_of(request, self._engine, _USERS)
        sent: dict[str, Any] = load(UserIn(), read_json(request, self._limits))
        user = self._engine.users.create(actor, sent.pop("email"), **sent)
        return answer(shown(user), 201)

    @documented(
        "Change a user",
        description="Nobody changes their own role, and one admin always stays.",
        parameters=[_USER],
        request=body(Change, example={"role": "manager"}),
        replies={200: reply("The user.", UserOut, example=_SAMPLE)},
        errors=(404, 409),
    )
    def update_user(self, user: str) -> Response:
        """Change one user."""
        actor = admin_of(request, self._engine, _USERS)
        sent: dict[str, Any] = load(Change(), read_json(request, self._limits))
        return answer(shown(self._engine.users.update(actor, user, **sent)))

    @documented(
        "Remove a user",
        description="The user's API keys and tokens end. Nobody removes themselves, and nobody is "
        "removed while tasks are assigned to them, unless by `force`.",
        parameters=[_USER, _FORCE],
        replies={204: reply("Removed.")},
        errors=(404, 409, UNPROCESSABLE),
    )
    def delete_user(self, user: str) -> Response:
        """Remove one user."""
        actor = admin_of(request, self._engine, _USERS)
        asked = load(Removal(), request.args.to_dict())
        self._engine.users.delete(actor, user, force=asked["force"])
        return Response(status=204)


def blueprint(engine: Engine, limits: Limits) -> Blueprint:
    """Make the blueprint."""
    views = Users(engine, limits)
    made = Blueprint(
        "users", __name__, url_prefix="/api/v1", description="Users of the workspace; for admins."
    )
    made.add_url_rule("/users", view_func=views.list_users, methods=["GET"])
    made.add_url_rule("/users", view_func=views.create_user, methods=["POST"])
    made.add_url_rule("/users/<user>", view_func=views.update_user, methods=["PATCH"])
    made.add_url_rule("/users/<user>", view_func=views.delete_user, methods=["DELETE"])
    return made
