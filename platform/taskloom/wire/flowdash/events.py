"""The feed of events: what happens in all workflows, for the web app and for other systems."""

import re
from typing import Any, Final

from flask import Response, request
from marshmallow import fields
from marshmallow.validate import Range

from taskloom.engine.engine import Engine
from taskloom.engine.feed import Entry, title_of
from taskloom.errors import Fault, Invalid
from taskloom.model.feed import Mark, Stream, Walk
from taskloom.wire.answer import answer
from taskloom.wire.auth import actor_of
from taskloom.wire.docs.describe import TEXT, UNPROCESSABLE, documented, parameter, reply
from taskloom.wire.flowdash.changes import ShownEvents, event_schema
from taskloom.wire.flowdash.controls import LIMIT
from taskloom.wire.management.strict import Strict, load

LARGEST: Final = 500
_PAGE: Final = 100
_START: Final = "0"
_STREAM: Final = re.compile(r"s([0-9a-f]{1,12})\.([0-9A-F]{2,1000}|)")
_WALK: Final = re.compile(r"w([0-9a-f]{1,12})\.([0-9a-f]{24})\.([0-9a-f]{24})")
_NO_MARK: Final = "must be 0, or `next` of an earlier answer"

_SAID: Final = {"type": ["string", "null"]}
_EVENT: Final = event_schema(workflow=TEXT, task=TEXT, uid=_SAID, title=_SAID)
_EVENTS: Final = {
    "type": "object",
    "properties": {
        "events": {"type": "array", "items": _EVENT},
        "next": {"type": "string", "description": "Where the next question begins."},
        "more": {"type": "boolean", "description": "Whether there is more already."},
    },
    "required": ["events", "next", "more"],
    "additionalProperties": False,
}


class Asked(Strict):
    """The query of the feed."""

    after = fields.String(load_default=None)
    workflow = fields.String(load_default=None)
    limit = fields.Integer(data_key=LIMIT, load_default=_PAGE, validate=Range(min=1, max=LARGEST))


class Events:
    """The view; it takes the request of the moment."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    @documented(
        "Follow events",
        description="What happened to tasks that one sees since the last question, oldest first, "
        "each event once. Made to be asked every few seconds: nothing new costs next to nothing.",
        parameters=[
            parameter(
                "after",
                "`next` of the answer before. Without it the feed begins now; with `0` it begins "
                "with all that ever happened, which comes task by task.",
            ),
            parameter("workflow", "Id of the only workflow to tell of.", example="sales-pipeline"),
            parameter(
                LIMIT,
                "About how many events.",
                {"type": "integer", "minimum": 1, "maximum": LARGEST},
            ),
        ],
        replies={200: reply("The events, and where to go on.", _EVENTS)},
        errors=(404, UNPROCESSABLE),
    )
    def list_events(self) -> Response:
        """Answer what happened since."""
        actor = actor_of(request, self._engine)
        asked: dict[str, Any] = load(Asked(), request.args.to_dict())
        mark = self._mark(asked["after"])
        feed = self._engine.feed
        page = feed.read(actor, mark, asked["limit"], workflow=asked["workflow"])
        events = ShownEvents(self._engine.people.people(actor))
        told = [_shown(events, entry) for entry in page.entries]
        return answer({"events": told, "next": _spelt(page.next), "more": page.more})

    def _mark(self, given: str | None) -> Mark | None:
        if given is None:
            return None
        if given == _START:
            return self._engine.feed.start()
        if stream := _STREAM.fullmatch(given):
            return Stream(since=int(stream[1], 16), place=stream[2])
        if walk := _WALK.fullmatch(given):
            return Walk(until=int(walk[1], 16), workflow=walk[2], task=walk[3])
        raise Invalid([Fault(path=("after",), code="parameter", message=_NO_MARK)])


def _spelt(mark: Mark) -> str:
    if isinstance(mark, Stream):
        return f"s{mark.since:x}.{mark.place}"
    return f"w{mark.until:x}.{mark.workflow}.{mark.task}"


def _shown(events: ShownEvents, entry: Entry) -> dict[str, object]:
    workflow, seen = entry.workflow, entry.seen
    key = title_of(workflow)
    title = None if seen is None or key is None else seen.values.get(key)
    named = workflow.workflow.unique_id in workflow.fields
    return {
        **events.shown(workflow, entry.event),
        "workflow": workflow.workflow.id,
        "task": entry.task,
        "uid": seen.uid if seen is not None and named else None,
        "title": None if title is None else str(title),
    }
