"""The last calls on a workflow, for its developers."""

from collections.abc import Mapping
from typing import Final

from werkzeug.wrappers import Request

from taskloom.engine.engine import Engine
from taskloom.model.call import Call
from taskloom.model.people import User
from taskloom.wire.answer import Ready, ready
from taskloom.wire.auth import actor_of
from taskloom.wire.docs.describe import TEXT, documented, reply
from taskloom.wire.flowdash.describe import WORKFLOW
from taskloom.wire.management.strict import stamp

_PERHAPS: Final = {"type": ["string", "null"]}
_PROPERTIES: Final[Mapping[str, object]] = {
    "id": TEXT,
    "at": {"type": "string", "format": "date-time"},
    "method": TEXT,
    "path": TEXT,
    "query": TEXT,
    "status": {"type": "integer"},
    "ms": {"type": "integer", "minimum": 0},
    "by": {
        "type": ["object", "null"],
        "description": "Who called; null for a key without a user, and for nobody known.",
        "properties": {"id": TEXT, "email": TEXT, "name": TEXT},
        "required": ["id", "email", "name"],
        "additionalProperties": False,
    },
    "request": {**_PERHAPS, "description": "The start of the body, if it was text."},
    "answer": {**_PERHAPS, "description": "The start of the answer, if it was text."},
}
_CALLS: Final = {
    "type": "array",
    "items": {
        "type": "object",
        "properties": _PROPERTIES,
        "required": list(_PROPERTIES),
        "additionalProperties": False,
    },
}


class Calls:
    """The handler of calls."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    @documented(
        "List calls",
        description="The last 50 calls of the API on a workflow, newest first, a second or two "
        "after they were answered; of very many a second some are left out. The web app's own are "
        "not among them, and nothing secret is. Managers and admins have them; who does not see "
        "all of the workflow has only calls of their own.",
        parameters=[WORKFLOW],
        replies={200: reply("The calls.", _CALLS)},
        errors=(404,),
    )
    def list_calls(self, request: Request, workflow: str) -> Ready:
        """Answer the last calls."""
        actor = actor_of(request, self._engine)
        found = self._engine.calls.last(actor, workflow)
        return ready([_shown(call, user) for call, user in found])


def _shown(call: Call, user: User | None) -> Mapping[str, object]:
    by = None if user is None else {"id": user.id, "email": user.email, "name": user.name}
    return {
        "id": call.id,
        "at": stamp(call.at),
        "method": call.method,
        "path": call.path,
        "query": call.query,
        "status": call.status,
        "ms": call.ms,
        "by": by,
        "request": call.request,
        "answer": call.answer,
    }
