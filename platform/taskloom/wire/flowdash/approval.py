"""What people do to a task beyond writing values: approval actions, and ticking off."""

from collections.abc import Mapping
from typing import Any, Final

from flask import Response, request

from taskloom.actions.approvals import ACTIONS
from taskloom.engine.acting import LONGEST_COMMENT
from taskloom.engine.engine import Engine
from taskloom.errors import Fault, Invalid
from taskloom.fields.base import People
from taskloom.model.people import Actor
from taskloom.schema.compiled import Compiled
from taskloom.schema.hints import did_you_mean
from taskloom.wire.answer import answer
from taskloom.wire.auth import actor_of
from taskloom.wire.base import Limits, by_title
from taskloom.wire.body import as_object, read_json
from taskloom.wire.docs.describe import body, documented, parameter, reply
from taskloom.wire.flowdash.describe import TASK, WORKFLOW
from taskloom.wire.flowdash.shown import Plans, Shown
from taskloom.wire.links import base_url

_ACTION: Final[Mapping[str, Any]] = {
    "type": "object",
    "properties": {
        "action": {"enum": list(ACTIONS)},
        "comment": {"type": ["string", "null"], "maxLength": LONGEST_COMMENT},
    },
    "required": ["action"],
    "additionalProperties": False,
}
_ITEMS: Final[Mapping[str, Any]] = {
    "type": "object",
    "properties": {
        "items": {
            "type": "array",
            "description": "All items the task shall have, as in the field of the checklist.",
            "items": {"type": "object"},
        }
    },
    "required": ["items"],
    "additionalProperties": False,
}
_UID: Final = parameter(
    "uid",
    "Unique ID of the task, slashes included; its `id` where the workflow has no unique ID.",
    place="path",
    example="42",
)


class Approval:
    """The views of processes; each takes the request of the moment."""

    def __init__(self, engine: Engine, limits: Limits, plans: Plans) -> None:
        self._engine = engine
        self._limits = limits
        self._plans = plans

    @documented(
        "Take an approval action",
        description="SUBMIT, APPROVE, REJECT, SKIP, CANCEL or RESTART; 409 where the task is in no "
        "state for it, 403 where it is not for the holder of the key to take.",
        parameters=[WORKFLOW, _UID],
        request=body(_ACTION, example={"action": "APPROVE", "comment": "Well done."}),
        replies={200: reply("The task after the action.", TASK)},
        errors=(404, 409),
    )
    def act(self, workflow: str, uid: str) -> Response:
        """Take one action."""
        actor, compiled, people = self._asked(workflow)
        given = self._given("action", "comment")
        task = self._at(actor, compiled, uid, people)
        with by_title(compiled):
            self._engine.acting.act(
                actor, compiled, task, given.get("action"), given.get("comment")
            )
        return self._shown(actor, compiled, task, people)

    @documented(
        "Tick off a checklist",
        description="Replaces the checklist; progress and stage follow as the workflow says.",
        parameters=[WORKFLOW, _UID],
        request=body(_ITEMS, example={"items": [{"text": "Call back", "done": True}]}),
        replies={200: reply("The task after that.", TASK)},
        errors=(404, 409),
    )
    def check_off(self, workflow: str, uid: str) -> Response:
        """Replace one checklist."""
        actor, compiled, people = self._asked(workflow)
        given = self._given("items")
        if given.get("items") is None:
            raise Invalid([Fault(path=("items",), code="blank", message="can't be blank")])
        task = self._at(actor, compiled, uid, people)
        with by_title(compiled):
            self._engine.acting.check_off(actor, compiled, task, given["items"], people)
        return self._shown(actor, compiled, task, people)

    def _asked(self, workflow: str) -> tuple[Actor, Compiled, People]:
        actor = actor_of(request, self._engine)
        compiled = self._engine.workflows.get(actor, workflow)
        return actor, compiled, self._engine.people.people(actor)

    def _given(self, *known: str) -> Mapping[str, object]:
        """Read the body, an object of known names."""
        document = as_object(read_json(request, self._limits))
        unknown = [name for name in document if name not in known]
        if unknown:
            raise Invalid([_unknown(name, known) for name in unknown])
        return document

    def _at(self, actor: Actor, compiled: Compiled, uid: str, people: People) -> str:
        """Return the id of the task at an address."""
        if compiled.base.workflow.unique_id is None:
            return self._engine.tasks.get_by_id(actor, compiled, uid).id
        return self._engine.tasks.get(actor, compiled, uid, people).id

    def _shown(self, actor: Actor, compiled: Compiled, task: str, people: People) -> Response:
        base = base_url(request, self._limits)
        found = self._engine.tasks.get_by_id(actor, compiled, task)
        return answer(Shown(self._plans.of(compiled), people, base).read(found))


def _unknown(name: str, known: tuple[str, ...]) -> Fault:
    hint = did_you_mean(name, known) or f"known are {', '.join(known)}"
    return Fault(path=(name,), code="unknown", message="is unknown", hint=hint)
