"""Notifications: what the holder of the key was told of tasks."""

from urllib.parse import quote

from flask import Response, request
from marshmallow import fields
from marshmallow.validate import Length, Range, Regexp

from taskloom.engine.engine import Engine
from taskloom.engine.notifications import Notice
from taskloom.wire.answer import answer
from taskloom.wire.auth import actor_of
from taskloom.wire.base import Limits
from taskloom.wire.body import read_json
from taskloom.wire.docs.describe import UNPROCESSABLE, body, documented, parameter, reply
from taskloom.wire.flowdash.controls import LARGEST_PAGE, LIMIT
from taskloom.wire.flowdash.naming import TASK_URL
from taskloom.wire.links import base_url
from taskloom.wire.management.strict import Strict, load, stamp

_PAGE = 100
_TASK = "674054a1b2c3d4e5f6071829"
_SAMPLE = {
    "id": "9c1185a5c5e9fc5461280897",
    "kind": "reminder",
    "workflow": "task-management",
    "workflowTitle": "Task management",
    "task": _TASK,
    TASK_URL: f"https://example.com/workflows/task-management/tasks/{_TASK}",
    "date": "2030-01-31T12:00:00Z",
    "at": "2030-01-30T12:00:00Z",
    "read": False,
}


class NotificationOut(Strict):
    """A notification."""

    id = fields.String(required=True)
    kind = fields.String(required=True, metadata={"enum": ["reminder"]})
    workflow = fields.String(required=True, metadata={"description": "Id of the workflow."})
    title = fields.String(required=True, data_key="workflowTitle")
    task = fields.String(required=True, metadata={"description": "Id of the task."})
    address = fields.String(required=True, data_key=TASK_URL, metadata={"format": "uri"})
    date = fields.String(
        required=True, metadata={"description": "The day or moment that the task has to do with."}
    )
    at = fields.String(required=True, metadata={"format": "date-time"})
    read = fields.Boolean(required=True)


class Asked(Strict):
    """The query of a list."""

    limit = fields.Integer(
        data_key=LIMIT, load_default=_PAGE, validate=Range(min=1, max=LARGEST_PAGE)
    )


class ReadIn(Strict):
    """What one has read."""

    ids = fields.List(
        fields.String(
            validate=Regexp(r"[0-9a-f]{24}\Z", error="Must be the id of a notification.")
        ),
        required=True,
        validate=Length(max=LARGEST_PAGE),
    )


class ReadOut(Strict):
    """What came of it."""

    read = fields.Integer(
        required=True, metadata={"description": "How many of them are one's own; others stay."}
    )


def shown(notice: Notice, base: str) -> dict[str, object]:
    """Spell a notification for the wire."""
    told, workflow = notice.told, notice.workflow
    return {
        "id": told.id,
        "kind": told.kind,
        "workflow": workflow.id,
        "workflowTitle": workflow.title,
        "task": told.task,
        TASK_URL: f"{base}/workflows/{quote(workflow.id, safe='')}/tasks/{told.task}",
        "date": told.date,
        "at": stamp(told.at),
        "read": told.read,
    }


class Notifications:
    """The views; each takes the request of the moment."""

    def __init__(self, engine: Engine, limits: Limits) -> None:
        self._engine = engine
        self._limits = limits

    @documented(
        "List one's notifications",
        description="What the holder of the key was told of tasks that they see, newest first. A "
        "key of the workspace is told nothing.",
        parameters=[
            parameter(
                LIMIT,
                "How many at most.",
                {"type": "integer", "minimum": 1, "maximum": LARGEST_PAGE, "default": _PAGE},
            )
        ],
        replies={200: reply("The newest.", NotificationOut(many=True), example=[_SAMPLE])},
        errors=(UNPROCESSABLE,),
    )
    def list_notifications(self) -> Response:
        """Answer the newest."""
        actor = actor_of(request, self._engine)
        asked = load(Asked(), request.args.to_dict())
        base = base_url(request, self._limits)
        told = self._engine.notifications.every(actor, limit=asked["limit"])
        return answer([shown(notice, base) for notice in told])

    @documented(
        "Mark notifications as read",
        request=body(ReadIn, example={"ids": [_SAMPLE["id"]]}),
        replies={200: reply("How many there were.", ReadOut, example={"read": 1})},
    )
    def read_notifications(self) -> Response:
        """Mark some as read."""
        actor = actor_of(request, self._engine)
        sent = load(ReadIn(), read_json(request, self._limits))
        return answer({"read": self._engine.notifications.read(actor, sent["ids"])})
