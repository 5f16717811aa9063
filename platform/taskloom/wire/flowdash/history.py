"""What happened to a task, and taking a change back."""

from collections.abc import Mapping, Sequence
from typing import Any, Final

from marshmallow import fields
from marshmallow.validate import Range
from werkzeug.wrappers import Request

from taskloom.engine.engine import Engine
from taskloom.errors import Fault, Invalid
from taskloom.model.event import Event
from taskloom.model.people import Actor
from taskloom.schema.compiled import Compiled
from taskloom.wire.answer import Ready, ready
from taskloom.wire.auth import actor_of
from taskloom.wire.base import Limits, by_title
from taskloom.wire.docs.describe import TEXT, UNPROCESSABLE, documented, parameter, reply
from taskloom.wire.flowdash.changes import ShownEvents, event_schema
from taskloom.wire.flowdash.conditions import ETAG, TAGGED, etag, told_by_title
from taskloom.wire.flowdash.controls import LIMIT
from taskloom.wire.flowdash.describe import TASK, TASK_ID, UID, WORKFLOW
from taskloom.wire.flowdash.shown import Plans, Shown
from taskloom.wire.links import base_url
from taskloom.wire.management.strict import Strict, load

LARGEST: Final = 500
_PAGE: Final = 50
_CHANGE: Final = parameter(
    "event", "Id of the event.", place="path", example="674054a1b2c3d4e5f607182a"
)
_REMARK: Final = {"type": ["string", "null"]}
_EVENTS: Final = {
    "type": "object",
    "properties": {
        "events": {"type": "array", "items": event_schema(action=_REMARK, comment=_REMARK)},
        "next": {"type": ["string", "null"], "description": "To be sent as `after`, for more."},
    },
    "required": ["events", "next"],
    "additionalProperties": False,
}
_PAGED: Final = (
    parameter(LIMIT, "How many events.", {"type": "integer", "minimum": 1, "maximum": LARGEST}),
    parameter("after", "`next` of the answer before: only events that are older.", TEXT),
)
_ABOUT: Final = "Newest first. What a task began with is told as changes from nothing."
_UNDO: Final = (
    "Puts back what the event changed, by a write like any other: its rules hold, and it has an "
    "event of its own. 409 tells as `conflicts` what was changed again since."
)
_LISTED: Final = {200: reply("The events.", _EVENTS)}
_UNDONE: Final = {200: reply("Taken back; the whole task.", TASK, headers=TAGGED)}


class Asked(Strict):
    """The query of a history."""

    after = fields.String(load_default=None)
    limit = fields.Integer(data_key=LIMIT, load_default=_PAGE, validate=Range(min=1, max=LARGEST))


class Histories:
    """The handlers; a task is named by its unique ID or, where the path says so, by its id."""

    def __init__(self, engine: Engine, limits: Limits, plans: Plans) -> None:
        self._engine = engine
        self._limits = limits
        self._plans = plans

    @documented(
        "Get a task's history",
        description=_ABOUT,
        parameters=[WORKFLOW, UID, *_PAGED],
        replies=_LISTED,
        errors=(404, UNPROCESSABLE),
    )
    def get_history(self, request: Request, workflow: str, uid: str) -> Ready:
        """Answer what happened to a task."""
        actor, compiled = self._asker(request, workflow)
        return self._listed(request, actor, compiled, self._id_of(actor, compiled, uid))

    @documented(
        "Get the history of a task by its id",
        description=_ABOUT,
        parameters=[WORKFLOW, TASK_ID, *_PAGED],
        replies=_LISTED,
        errors=(404, UNPROCESSABLE),
    )
    def get_history_by_id(self, request: Request, workflow: str, task: str) -> Ready:
        """Answer what happened to a task."""
        actor, compiled = self._asker(request, workflow)
        found = self._engine.tasks.get_by_id(actor, compiled, task)
        return self._listed(request, actor, compiled, found.id)

    @documented(
        "Take a change back",
        description=_UNDO,
        parameters=[WORKFLOW, UID, _CHANGE],
        replies=_UNDONE,
        errors=(404, 409, UNPROCESSABLE),
    )
    def undo_change(self, request: Request, workflow: str, uid: str, event: str) -> Ready:
        """Take a change of a task back."""
        actor, compiled = self._asker(request, workflow)
        task = self._id_of(actor, compiled, uid)
        return self._undone(request, actor, compiled, task, event)

    @documented(
        "Take a change of a task back by its id",
        description=_UNDO,
        parameters=[WORKFLOW, TASK_ID, _CHANGE],
        replies=_UNDONE,
        errors=(404, 409, UNPROCESSABLE),
    )
    def undo_change_by_id(self, request: Request, workflow: str, task: str, event: str) -> Ready:
        """Take a change of a task back."""
        actor, compiled = self._asker(request, workflow)
        return self._undone(request, actor, compiled, task, event)

    def _asker(self, request: Request, workflow: str) -> tuple[Actor, Compiled]:
        actor = actor_of(request, self._engine)
        return actor, self._engine.workflows.get(actor, workflow)

    def _id_of(self, actor: Actor, compiled: Compiled, uid: str) -> str:
        people = self._engine.people.people(actor)
        return self._engine.rows.get(actor, compiled, uid, people).id

    def _listed(self, request: Request, actor: Actor, compiled: Compiled, task: str) -> Ready:
        asked: dict[str, Any] = load(Asked(), request.args.to_dict())
        events = list(reversed(self._engine.tasks.history(actor, compiled, task)))
        if asked["after"] is not None:
            events = _older(events, asked["after"])
        page = events[: asked["limit"]]
        more = len(events) > len(page)
        shown = ShownEvents(self._engine.people.people(actor))
        told = [_shown(shown, compiled, event) for event in page]
        return ready({"events": told, "next": page[-1].id if more else None})

    def _undone(self, request: Request, actor: Actor, compiled: Compiled, *of: str) -> Ready:
        task, event = of
        people = self._engine.people.people(actor)
        base = base_url(request, self._limits)
        with by_title(compiled), told_by_title(compiled, people):
            written = self._engine.undoing.undo(actor, compiled, task, event, people)
        shown = Shown(self._plans.of(compiled), people, base)
        return ready(shown.echo(written.task), headers={ETAG: etag(written.task.rev)})


def _older(events: Sequence[Event], than: str) -> list[Event]:
    for place, event in enumerate(events):
        if event.id == than:
            return list(events[place + 1 :])
    message = "must be `next` of an answer about the same task"
    raise Invalid([Fault(path=("after",), code="parameter", message=message)])


def _shown(shown: ShownEvents, compiled: Compiled, event: Event) -> Mapping[str, object]:
    return {
        **shown.shown(compiled, event),
        "action": event.action,
        "comment": event.comment,
    }
