"""Workflows: push a file, read it back, list its versions, delete."""

import orjson
from flask import Response, request, url_for
from flask_smorest import Blueprint
from marshmallow import fields

from taskloom.engine.engine import Engine
from taskloom.engine.workflows import Saved
from taskloom.errors import Malformed
from taskloom.model.workflow import Workflow
from taskloom.wire.answer import answer
from taskloom.wire.auth import actor_of
from taskloom.wire.body import received, require_json
from taskloom.wire.docs.describe import (
    JSON,
    UNPROCESSABLE,
    content,
    documented,
    parameter,
    reply,
)
from taskloom.wire.management.entries import WorkflowOut, field_entry, stage_entry
from taskloom.wire.management.meta import MEDIA
from taskloom.wire.management.strict import Strict, load, stamp

LARGEST = 1024 * 1024
"""Most bytes of a workflow file."""

_BOM = "\ufeff"
_SAMPLE = {
    "$id": "orders",
    "title": "Orders",
    "type": "object",
    "properties": {"order_id": {"title": "Order ID", "type": "string"}},
    "workflow": {
        "uniqueId": "order_id",
        "stages": [{"name": "Open"}, {"name": "Done", "end": True}],
    },
}
FILE = {"type": "object", "description": "A workflow file, see `/schemas/workflow.json`."}
FILE_REQUEST = {
    "required": True,
    "content": {
        **content(FILE, example=_SAMPLE),
        **content(FILE, media=MEDIA, example=_SAMPLE),
    },
}
NAMED = parameter("workflow", "Id (`$id`) of the workflow.", place="path", example="orders")
_FORCE = parameter(
    "force",
    "Delete the workflow although it has tasks, and them with it.",
    {"type": "boolean", "default": False},
)
_PLANNED = parameter(
    "plan",
    "Id of the plan that is applied; only with one may a field change its kind.",
    {"type": "string", "minLength": 1},
)
_BY = {"description": "E-mail of who pushed it; null for API and for the server itself."}


class SavedOut(Strict):
    """What came of pushing a workflow file."""

    id = fields.String(required=True)
    name = fields.String(required=True)
    version = fields.Integer(required=True)
    outcome = fields.String(required=True, metadata={"enum": ["created", "updated", "unchanged"]})


class VersionOut(Strict):
    """One stored version of a workflow."""

    version = fields.Integer(required=True)
    at = fields.String(required=True, metadata={"format": "date-time"})
    origin = fields.String(
        required=True,
        allow_none=True,
        metadata={"description": "The file it was pushed from at start, if any."},
    )
    by = fields.String(required=True, allow_none=True, metadata=_BY)


class Forced(Strict):
    """The query of a deletion."""

    force = fields.Boolean(truthy={"true"}, falsy={"false"}, load_default=False)


def source_of_request() -> str:
    """Read the workflow file that the request brings; raises what speaks against reading it."""
    require_json(request, MEDIA)
    with received(request, LARGEST) as (sent, _size):
        contents = sent.read()
    try:
        return contents.decode("utf-8")
    except UnicodeDecodeError:
        raise Malformed("the workflow file is not UTF-8 text") from None


def outcome(result: Saved) -> dict[str, object]:
    """Spell what came of a push for the wire."""
    workflow = result.workflow
    return {
        "id": workflow.id,
        "name": workflow.title,
        "version": workflow.version,
        "outcome": result.outcome,
    }


def shown(workflow: Workflow) -> dict[str, object]:
    """Spell a workflow for the wire; its file goes out to the letter, numbers and all."""
    return {
        "id": workflow.id,
        "name": workflow.title,
        "version": workflow.version,
        "fields": [field_entry(field) for field in workflow.fields],
        "stages": [stage_entry(stage, workflow.initial) for stage in workflow.stages],
        "file": orjson.Fragment(workflow.source.removeprefix(_BOM).encode()),
    }


class Workflows:
    """The views; each takes the request of the moment."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    @documented(
        "Push a new workflow",
        description="Every fault of the file is told, by its path in the file, with a remedy.",
        request=FILE_REQUEST,
        replies={
            201: reply("The new workflow.", SavedOut, headers={"Location": "Where it is now."})
        },
        errors=(409,),
    )
    def create_workflow(self) -> Response:
        """Store a workflow that must be new."""
        actor = actor_of(request, self._engine)
        source = source_of_request()
        result = self._engine.workflows.create(actor, source)
        where = url_for(".get_workflow", workflow=result.workflow.id)
        return answer(outcome(result), 201, {"Location": where})

    @documented(
        "Get a workflow",
        description=f"With `Accept: {MEDIA}` the workflow file, exactly as it was pushed.",
        parameters=[NAMED],
        replies={
            200: {
                "description": "The workflow.",
                "content": {**content(WorkflowOut), **content(FILE, media=MEDIA)},
            }
        },
        errors=(404,),
    )
    def get_workflow(self, workflow: str) -> Response:
        """Answer one workflow, or its file."""
        actor = actor_of(request, self._engine)
        found = self._engine.workflows.get(actor, workflow).workflow
        if request.accept_mimetypes.best_match([JSON, MEDIA], default=JSON) == MEDIA:
            response = Response(found.source, mimetype=MEDIA)
        else:
            response = answer(shown(found))
        response.vary.add("Accept")
        return response

    @documented(
        "Push a workflow",
        description="Makes the workflow or its next version; the same file again changes nothing. "
        "With `?plan=` it applies a plan, and 409 says that it is not what was planned.",
        parameters=[NAMED, _PLANNED],
        request=FILE_REQUEST,
        replies={
            200: reply("Updated, or unchanged.", SavedOut),
            201: reply("Created.", SavedOut, headers={"Location": "Where it is now."}),
        },
        errors=(404, 409),
    )
    def put_workflow(self, workflow: str) -> Response:
        """Store a workflow's next version, or its first."""
        actor = actor_of(request, self._engine)
        source = source_of_request()
        plan = request.args.get("plan")
        if plan is None:
            result = self._engine.workflows.save(actor, workflow, source)
        else:
            result = self._engine.plans.apply(actor, workflow, source, plan)
        if result.outcome != "created":
            return answer(outcome(result))
        return answer(outcome(result), 201, {"Location": request.path})

    @documented(
        "Delete a workflow",
        description="With all its versions; one that has tasks only by `?force=true`.",
        parameters=[NAMED, _FORCE],
        replies={204: reply("Deleted.")},
        errors=(404, 409, UNPROCESSABLE),
    )
    def delete_workflow(self, workflow: str) -> Response:
        """Delete one workflow."""
        actor = actor_of(request, self._engine)
        force: bool = load(Forced(), request.args.to_dict())["force"]
        self._engine.workflows.delete(actor, workflow, force=force)
        return Response(status=204)

    @documented(
        "List the versions of a workflow",
        parameters=[NAMED],
        replies={200: reply("The versions, oldest first.", VersionOut(many=True))},
        errors=(404,),
    )
    def list_versions(self, workflow: str) -> Response:
        """Answer all versions."""
        actor = actor_of(request, self._engine)
        versions = self._engine.workflows.versions(actor, workflow)
        people = self._engine.people.people(actor)
        return answer(
            [
                {
                    "version": each.version,
                    "at": stamp(each.at),
                    "origin": each.origin,
                    "by": None if each.by is None else people.email_of(each.by),
                }
                for each in versions
            ]
        )


def blueprint(engine: Engine) -> Blueprint:
    """Make the blueprint."""
    views = Workflows(engine)
    made = Blueprint(
        "workflows", __name__, url_prefix="/api/v1", description="Workflows and their versions."
    )
    made.add_url_rule("/workflows", view_func=views.create_workflow, methods=["POST"])
    one = "/workflows/<workflow>"
    made.add_url_rule(one, view_func=views.get_workflow, methods=["GET"])
    made.add_url_rule(one, view_func=views.put_workflow, methods=["PUT"])
    made.add_url_rule(one, view_func=views.delete_workflow, methods=["DELETE"])
    made.add_url_rule(f"{one}/versions", view_func=views.list_versions, methods=["GET"])
    return made
