"""Undoing: a change of a task is put back by another change, which passes all rules like any."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Final, cast

from taskloom.engine.conditions import Clash
from taskloom.engine.tasks import Tasks
from taskloom.engine.writing import ABSENT, Draft, Written
from taskloom.errors import ASSIGNEE, STAGE, Conflict, NotFound
from taskloom.fields.base import People
from taskloom.model.event import LINK, UPDATED, Change, Event
from taskloom.model.people import Actor
from taskloom.model.task import Task
from taskloom.schema.compiled import Compiled

_NO_EVENT: Final = "nothing of this id happened to the task"
_NO_CHANGE: Final = "only a change can be taken back, not the beginning or the end of a task"
_LINKED: Final = "a change of links cannot be taken back; link the tasks again"
_REMOVED: Final = "what was changed is not a field of the workflow any more"
_CHANGED: Final = "what this change made was changed again since"


class Undoing:
    """The use case of taking a change back."""

    def __init__(self, tasks: Tasks) -> None:
        self._tasks = tasks

    def undo(
        self, actor: Actor, workflow: Compiled, task: str, event: str, people: People
    ) -> Written:
        """Put back what an event changed, as far as the actor sees it; `task` is an id.

        Raises `NotFound` or `Unseen`, what a write raises, or `Conflict`: for what cannot be taken
        back, and with the detail `clashes` where the same was changed again since.
        """
        done = self._event(actor, workflow, task, event)
        for change in done.changes:
            _require_known(workflow, change)

        def put_back(now: Task) -> Draft:
            clashes = tuple(_clashes(workflow, now, done.changes))
            if clashes:
                raise Conflict(_CHANGED, clashes=clashes)
            return _draft(workflow, done.changes, people)

        return self._tasks.amend(actor, workflow, task, put_back, people)

    def _event(self, actor: Actor, workflow: Compiled, task: str, event: str) -> Event:
        # Who does not see the task must not learn that it has such an event.
        self._tasks.get_by_id(actor, workflow, task)
        events = self._tasks.history(actor, workflow, task)
        found = next((each for each in events if each.id == event), None)
        if found is None:
            raise NotFound(_NO_EVENT)
        if found.kind != UPDATED:
            raise Conflict(_NO_CHANGE)
        return found


def _require_known(workflow: Compiled, change: Change) -> None:
    if change.field.startswith(LINK):
        raise Conflict(_LINKED)
    if change.field not in {STAGE, ASSIGNEE, *workflow.fields}:
        raise Conflict(_REMOVED)


def _clashes(workflow: Compiled, now: Task, changes: Sequence[Change]) -> Iterator[Clash]:
    """Find what is not any more as the change left it."""
    for change in changes:
        theirs = _value(now, change.field)
        left = _parsed(workflow, change.field, change.new)
        before = _parsed(workflow, change.field, change.old)
        if _packed(workflow, change.field, theirs) != _packed(workflow, change.field, left):
            yield Clash(field=change.field, base=left, theirs=theirs, yours=before)


def _value(task: Task, field: str) -> object:
    if field == STAGE:
        return task.stage
    return task.assignees if field == ASSIGNEE else task.values.get(field)


def _parsed(workflow: Compiled, field: str, stored: object) -> object:
    if field == STAGE or stored is None:
        return stored
    if field == ASSIGNEE:
        return tuple(cast(Sequence[str], stored))
    return workflow.codecs[field].unpack(stored)


def _packed(workflow: Compiled, field: str, value: object) -> str:
    """Give a value so that equal ones are equal, and 1 is not True."""
    if field in {STAGE, ASSIGNEE} or value is None:
        return repr(value or None)
    return repr(workflow.codecs[field].pack(value))


def _draft(workflow: Compiled, changes: Sequence[Change], people: People) -> Draft:
    """Write down what was before, as a client would."""
    before: Mapping[str, object] = {
        change.field: _parsed(workflow, change.field, change.old) for change in changes
    }
    stage, assignees = before.get(STAGE, ABSENT), before.get(ASSIGNEE, ABSENT)
    if isinstance(stage, str) and stage in workflow.stages:
        stage = workflow.stages[stage].name
    if isinstance(assignees, tuple):
        emails = (people.email_of(user) for user in assignees)
        assignees = [email for email in emails if email is not None]
    values = {
        key: None if value is None else workflow.codecs[key].dump(value, people)
        for key, value in before.items()
        if key not in {STAGE, ASSIGNEE}
    }
    return Draft(values=values, stage=stage, assignees=assignees)
