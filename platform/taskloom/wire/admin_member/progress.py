"""How far a task is: its progress, its checklist item by item or as a whole, its status."""

from collections.abc import Callable, Sequence
from typing import Final

from flask import Response, request

from taskloom.engine.engine import Engine
from taskloom.engine.writing import ABSENT, Draft, Written
from taskloom.errors import Fault, Invalid, NotFound, Refusal
from taskloom.fields.base import INVALID
from taskloom.model.task import Task
from taskloom.wire.admin_member.bodies import Body, blank, strangers
from taskloom.wire.admin_member.describe import (
    CHANGED_ITEM_IN,
    ITEM,
    ITEM_ID,
    ITEMS,
    MET,
    NEW_ITEM_IN,
    PROGRESS_IN,
    STATUS_IN,
    TASK,
    TASK_ID,
    TODO_IN,
    told,
)
from taskloom.wire.admin_member.drafts import items_of, percent, stage_of
from taskloom.wire.admin_member.errors import (
    NO_ITEM,
    NO_TASK,
    NOT_AUTHORIZED,
    NOT_THIS_CHECKLIST,
    by_name,
    saying,
)
from taskloom.wire.admin_member.names import CHECKLIST, ID, PROGRESS, STATUS
from taskloom.wire.admin_member.shown import Shape, Shown
from taskloom.wire.answer import answer
from taskloom.wire.base import Limits
from taskloom.wire.body import as_object, read_json
from taskloom.wire.docs.describe import body, documented, reply
from taskloom.wire.facades import Facing, face

PROGRESS_SET: Final = "Progress updated"
ITEM_ADDED: Final = "Checklist item added successfully"
ITEM_CHANGED: Final = "Checklist item updated"
STATUS_SET: Final = "Task status updated"
TODO_SET: Final = "Task checklist updated"
_TEXT: Final = "text"
_COMPLETED: Final = "completed"


class Progress:
    """The views; each takes the request of the moment."""

    def __init__(self, engine: Engine, limits: Limits) -> None:
        self._engine = engine
        self._limits = limits

    @documented(
        "Set the progress",
        description="From 0 to 100; status and checklist stay as they are.",
        parameters=[TASK_ID],
        request=body(PROGRESS_IN),
        replies={200: reply("Done.", told(PROGRESS_SET, progress={"type": "number"}))},
        errors=(*MET, 409),
    )
    def set_progress(self, task: str) -> Response:
        """Set how much of a task is done."""
        facing, sent = self._asked()

        def change(_before: Task) -> Draft:
            return _progress(sent, facing)

        written = self._amended(facing, task, change, PROGRESS, NOT_AUTHORIZED)
        done = Shown(facing).task(written.task).get(PROGRESS)
        return answer({"message": PROGRESS_SET, "progress": done})

    @documented(
        "Add a checklist item",
        description="Progress and status stay as they are.",
        parameters=[TASK_ID],
        request=body(NEW_ITEM_IN),
        replies={201: reply("All items.", told(ITEM_ADDED, checklist=ITEMS))},
        errors=(*MET, 409),
    )
    def add_item(self, task: str) -> Response:
        """Add an item to a task's checklist."""
        facing, sent = self._asked()
        shown = Shown(facing)

        def change(before: Task) -> Draft:
            given = {**sent, _COMPLETED: False} if sent.get(_COMPLETED) is None else sent
            faults = [
                *strangers(sent, (_TEXT, _COMPLETED)),
                *_text_faults(sent),
                *_completed_faults(given),
            ]
            return _checklist([*shown.items(before), given], facing, faults)

        written = self._amended(facing, task, change, CHECKLIST, NOT_THIS_CHECKLIST)
        return answer({"message": ITEM_ADDED, "checklist": shown.items(written.task)}, 201)

    @documented(
        "Complete a checklist item",
        description="Or take that back, or word it anew. Progress and status stay as they are.",
        parameters=[TASK_ID, ITEM_ID],
        request=body(CHANGED_ITEM_IN),
        replies={200: reply("The item.", told(ITEM_CHANGED, item=ITEM))},
        errors=(*MET, 409),
    )
    def complete_item(self, task: str, item: str) -> Response:
        """Say whether an item of a task's checklist is completed, and what it says."""
        facing, sent = self._asked()
        shown = Shown(facing)

        def change(before: Task) -> Draft:
            faults = [
                *strangers(sent, (ID, _TEXT, _COMPLETED)),
                *(_text_faults(sent) if _TEXT in sent else ()),
                *_completed_faults(sent),
            ]
            items = shown.items(before)
            _named(items, item)
            changed = [{**each, **sent, ID: item} if each[ID] == item else each for each in items]
            return _checklist(changed, facing, faults)

        written = self._amended(facing, task, change, CHECKLIST, NOT_THIS_CHECKLIST)
        return answer({"message": ITEM_CHANGED, "item": _named(shown.items(written.task), item)})

    @documented(
        "Set the status",
        description="Completed also completes every checklist item, and sets the progress to 100.",
        parameters=[TASK_ID],
        request=body(STATUS_IN),
        replies={200: reply("The task.", told(STATUS_SET, task=TASK))},
        errors=(*MET, 409),
    )
    def set_status(self, task: str) -> Response:
        """Move a task to the stage of a status."""
        facing, sent = self._asked()
        written = self._moved(facing, task, _status(sent, facing))
        return answer({"message": STATUS_SET, "task": Shown(facing).task(written.task)})

    def _moved(self, facing: Facing, task: str, draft: Draft) -> Written:
        """Set the status; entering the stage of what is completed writes the checklist too."""
        if draft.faults or facing.workflow.workflow.checklist is None:
            return self._amended(facing, task, lambda _: draft, CHECKLIST, NOT_AUTHORIZED)
        actor, workflow, people = facing.actor, facing.workflow, facing.people
        with by_name(facing), saying(missing=NO_TASK, forbidden=NOT_AUTHORIZED):
            return self._engine.acting.move(actor, workflow, task, draft.stage, people)

    @documented(
        "Replace the checklist",
        description="Where the workflow says so, progress becomes the share of items that are "
        "completed, and the status follows: Completed where all are, InProgress where some are, "
        "else Pending.",
        parameters=[TASK_ID],
        request=body(TODO_IN),
        replies={200: reply("The task.", told(TODO_SET, task=TASK))},
        errors=(*MET, 409),
    )
    def set_checklist(self, task: str) -> Response:
        """Replace a task's checklist; progress and status follow."""
        facing, sent = self._asked()
        written = self._replaced(facing, task, _todo(sent, facing))
        return answer({"message": TODO_SET, "task": Shown(facing).task(written.task)})

    def _replaced(self, facing: Facing, task: str, draft: Draft) -> Written:
        """Replace the checklist; what follows from it is for the workflow to say."""
        rule = facing.workflow.workflow.checklist
        if draft.faults or rule is None or rule.items not in draft.values:
            return self._amended(facing, task, lambda _: draft, CHECKLIST, NOT_THIS_CHECKLIST)
        actor, workflow, people = facing.actor, facing.workflow, facing.people
        with by_name(facing), saying(missing=NO_TASK, forbidden=NOT_THIS_CHECKLIST):
            items = draft.values[rule.items]
            return self._engine.acting.check_off(actor, workflow, task, items, people)

    def _asked(self) -> tuple[Facing, Body]:
        facing = face(request, self._engine, self._limits)
        return facing, as_object(read_json(request, self._limits))

    def _amended(
        self,
        facing: Facing,
        task: str,
        change: Callable[[Task], Draft],
        name: str,
        forbidden: str,
    ) -> Written:
        """Change what only those may change who may write the field of this name."""
        key = facing.key(name)
        fields = () if key is None else (key,)
        actor, workflow, people = facing.actor, facing.workflow, facing.people
        with by_name(facing), saying(missing=NO_TASK, forbidden=forbidden):
            return self._engine.tasks.amend(actor, workflow, task, change, people, fields=fields)


def _progress(sent: Body, facing: Facing) -> Draft:
    key = _key(PROGRESS, facing)
    faults = [*strangers(sent, (PROGRESS,))]
    values: dict[str, object] = {}
    if sent.get(PROGRESS) is None:
        faults.append(blank(PROGRESS))
    else:
        try:
            values[key] = percent(sent[PROGRESS])
        except Refusal as refusal:
            faults.append(refusal.at(key))
    return Draft(values=values, faults=faults)


def _checklist(items: list[Shape], facing: Facing, faults: list[Fault]) -> Draft:
    """Make a draft of the whole list; where it has faults already, it is not looked at."""
    values = {} if faults else {_key(CHECKLIST, facing): items_of(items)}
    return Draft(values=values, faults=faults)


def _text_faults(sent: Body) -> list[Fault]:
    text = sent.get(_TEXT)
    if text is None or (isinstance(text, str) and not text.strip()):
        return [blank(_TEXT)]
    return (
        []
        if isinstance(text, str)
        else [Fault(path=(_TEXT,), code=INVALID, message="must be a text")]
    )


def _completed_faults(sent: Body) -> list[Fault]:
    if isinstance(sent.get(_COMPLETED), bool):
        return []
    return [Fault(path=(_COMPLETED,), code=INVALID, message="must be true or false")]


def _named(items: Sequence[Shape], item: str) -> Shape:
    for each in items:
        if each[ID] == item:
            return each
    raise NotFound(NO_ITEM, said=NO_ITEM)


def _status(sent: Body, facing: Facing) -> Draft:
    faults = [*strangers(sent, (STATUS,))]
    stage: object = ABSENT
    if sent.get(STATUS) is None:
        faults.append(blank(STATUS))
    else:
        stage = stage_of(sent[STATUS], facing, faults)
    return Draft(values={}, stage=stage, faults=faults)


def _todo(sent: Body, facing: Facing) -> Draft:
    key = facing.key(CHECKLIST)
    if key is None:
        return Draft(values={}, faults=[_not_here(CHECKLIST)])
    faults = [*strangers(sent, (CHECKLIST,))]
    values: dict[str, object] = {}
    if sent.get(CHECKLIST) is None:
        faults.append(blank(CHECKLIST))
    else:
        try:
            values[key] = items_of(sent[CHECKLIST])
        except Refusal as refusal:
            faults.append(refusal.at(key))
    return Draft(values=values, faults=faults)


def _key(name: str, facing: Facing) -> str:
    """Return the key of a field that this is about; hidden ones do not exist."""
    key = facing.key(name)
    if key is None:
        raise Invalid([_not_here(name)])
    return key


def _not_here(name: str) -> Fault:
    return Fault(path=(name,), code="unknown", message="is unknown")
