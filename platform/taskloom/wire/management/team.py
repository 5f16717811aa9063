"""The team of a workflow: give a user another role there."""

from typing import Any

from flask import Response, request
from flask_smorest import Blueprint
from marshmallow import fields

from taskloom.engine.engine import Engine
from taskloom.wire.answer import answer
from taskloom.wire.auth import admin_of
from taskloom.wire.base import Limits
from taskloom.wire.body import read_json
from taskloom.wire.docs.describe import body, documented, parameter, reply
from taskloom.wire.flowdash.describe import WORKFLOW
from taskloom.wire.flowdash.directory import PERSON, member_shown
from taskloom.wire.management.strict import Strict, load

_ID = "674054a1b2c3d4e5f6071829"
_USER = parameter("user", "Id of the user.", place="path", example=_ID)


class RoleIn(Strict):
    """The role to give."""

    role = fields.String(required=True, metadata={"description": "Id of a role of the workflow."})


class Team:
    """The view; it takes the request of the moment."""

    def __init__(self, engine: Engine, limits: Limits) -> None:
        self._engine = engine
        self._limits = limits

    @documented(
        "Give a user a role in a workflow",
        description="It stands in the place of the one that the user's role in the workspace has.",
        parameters=[WORKFLOW, _USER],
        request=body(RoleIn, example={"role": "member"}),
        replies={200: reply("The user.", PERSON)},
        errors=(404,),
    )
    def give_role(self, workflow: str, user: str) -> Response:
        """Give one user a role."""
        actor = admin_of(request, self._engine, "roles of users")
        sent: dict[str, Any] = load(RoleIn(), read_json(request, self._limits))
        return answer(
            member_shown(self._engine.team.give_role(actor, workflow, user, sent["role"]))
        )


def blueprint(engine: Engine, limits: Limits) -> Blueprint:
    """Make the blueprint."""
    views = Team(engine, limits)
    made = Blueprint("team", __name__, url_prefix="/api/v1", description="Roles in workflows.")
    path = "/workflows/<workflow>/users/<user>"
    made.add_url_rule(path, view_func=views.give_role, methods=["PUT"])
    return made
