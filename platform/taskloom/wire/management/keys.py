"""API keys of the workspace: list them, make one, revoke one."""

from flask import Response, request
from flask_smorest import Blueprint
from marshmallow import fields

from taskloom.engine.engine import Engine
from taskloom.engine.keys import SCOPES
from taskloom.model.people import Key
from taskloom.wire.answer import answer
from taskloom.wire.auth import actor_of
from taskloom.wire.base import Limits
from taskloom.wire.body import read_json
from taskloom.wire.docs.describe import UNPROCESSABLE, body, documented, parameter, reply
from taskloom.wire.management.strict import Strict, load, stamp

_ID = "674054a1b2c3d4e5f6071829"
_SCOPE = {"enum": list(SCOPES)}
_SCOPES = "What the key may be used for; null for all that its holder may do."
_HOLDER = "The user who acts through the key; null for a key of the workspace, which acts as API."


class KeyOut(Strict):
    """A key without its secret."""

    id = fields.String(required=True)
    name = fields.String(required=True)
    user = fields.String(required=True, allow_none=True, metadata={"description": _HOLDER})
    prefix = fields.String(required=True, metadata={"description": "How the key begins."})
    created = fields.String(required=True, data_key="createdAt", metadata={"format": "date-time"})
    scopes = fields.List(
        fields.String(metadata=_SCOPE),
        required=True,
        allow_none=True,
        metadata={"description": _SCOPES},
    )


class KeyIn(Strict):
    """A key to make."""

    user = fields.String(
        allow_none=True, metadata={"description": "Id or e-mail of the user; none: the workspace."}
    )
    name = fields.String(metadata={"description": "For people, to tell keys apart."})
    scopes = fields.List(
        fields.String(metadata=_SCOPE),
        allow_none=True,
        metadata={"description": _SCOPES, "minItems": 1},
    )


class NewKeyOut(Strict):
    """A new key with its secret."""

    id = fields.String(required=True)
    key = fields.String(required=True, metadata={"description": "Shown this once."})


class Chosen(Strict):
    """The query that names a key."""

    id = fields.String(required=True)


def shown(key: Key) -> dict[str, object]:
    """Spell a key for the wire."""
    return {
        "id": key.id,
        "name": key.name,
        "user": key.user,
        "prefix": key.prefix,
        "createdAt": stamp(key.created),
        "scopes": None if key.scopes is None else sorted(key.scopes),
    }


class Keys:
    """The views; each takes the request of the moment."""

    def __init__(self, engine: Engine, limits: Limits) -> None:
        self._engine = engine
        self._limits = limits

    @documented(
        "List the API keys",
        description="All keys of the workspace, without their secrets.",
        replies={200: reply("The keys.", KeyOut(many=True))},
    )
    def list_keys(self) -> Response:
        """Answer all keys."""
        actor = actor_of(request, self._engine)
        return answer([shown(key) for key in self._engine.keys.every(actor)])

    @documented(
        "Make an API key",
        description="The answer holds the key itself, this once; only its digest is stored.",
        request=body(KeyIn, example={"name": "nightly import"}),
        replies={201: reply("The new key.", NewKeyOut, example={"id": _ID, "key": "tl_…"})},
    )
    def create_key(self) -> Response:
        """Make one key."""
        actor = actor_of(request, self._engine)
        sent = load(KeyIn(), read_json(request, self._limits))
        new = self._engine.keys.create(
            actor,
            user=sent.get("user"),
            name=sent.get("name", ""),
            scopes=sent.get("scopes"),
        )
        return answer({"id": new.key.id, "key": new.secret}, 201)

    @documented(
        "Revoke an API key",
        description="It stops working on every server process within a second.",
        parameters=[parameter("key", "Id of the key.", place="path", example=_ID)],
        replies={204: reply("Revoked.")},
        errors=(404,),
    )
    def delete_key(self, key: str) -> Response:
        """Revoke the key named by the path."""
        actor = actor_of(request, self._engine)
        self._engine.keys.delete(actor, key)
        return Response(status=204)

    @documented(
        "Revoke an API key, named by the query",
        parameters=[{**parameter("id", "Id of the key.", example=_ID), "required": True}],
        replies={204: reply("Revoked.")},
        errors=(404, UNPROCESSABLE),
    )
    def delete_chosen_key(self) -> Response:
        """Revoke the key named by the query."""
        actor = actor_of(request, self._engine)
        self._engine.keys.delete(actor, load(Chosen(), request.args.to_dict())["id"])
        return Response(status=204)


def blueprint(engine: Engine, limits: Limits) -> Blueprint:
    """Make the blueprint."""
    views = Keys(engine, limits)
    made = Blueprint(
        "keys", __name__, url_prefix="/api/v1", description="API keys of the workspace; for admins."
    )
    made.add_url_rule("/keys", view_func=views.list_keys, methods=["GET"])
    made.add_url_rule("/keys", view_func=views.create_key, methods=["POST"])
    made.add_url_rule("/keys", view_func=views.delete_chosen_key, methods=["DELETE"])
    made.add_url_rule("/keys/<key>", view_func=views.delete_key, methods=["DELETE"])
    return made
