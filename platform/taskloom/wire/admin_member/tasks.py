"""Tasks: create, list, get, change, delete."""

from typing import Final

from flask import Response, request

from taskloom.engine.engine import Engine
from taskloom.engine.writing import Draft
from taskloom.errors import Fault, Invalid
from taskloom.model.task import Task
from taskloom.query.tree import EVERYTHING, STAGE, Compare, Filter, Query
from taskloom.wire.admin_member.bodies import one_of
from taskloom.wire.admin_member.describe import (
    MET,
    STATUS_ASKED,
    TASK,
    TASK_ID,
    TASK_IN,
    TASKS,
    told,
)
from taskloom.wire.admin_member.drafts import changes, complete, draft_of, stages_of
from taskloom.wire.admin_member.errors import NO_TASK, NOT_THIS_TASK, by_name, saying
from taskloom.wire.admin_member.names import STATUS
from taskloom.wire.admin_member.shown import Shown
from taskloom.wire.answer import answer
from taskloom.wire.base import Limits
from taskloom.wire.body import as_object, reading
from taskloom.wire.docs.describe import body, documented, reply
from taskloom.wire.facades import Facing, face
from taskloom.wire.streaming import streamed

CREATED: Final = "Task created successfully"
UPDATED: Final = "Task updated successfully"
DELETED: Final = "Task deleted successfully"


class Tasks:
    """The views; each takes the request of the moment."""

    def __init__(self, engine: Engine, limits: Limits) -> None:
        self._engine = engine
        self._limits = limits

    @documented(
        "Create a task",
        description="Whoever creates a task may see and change it from then on.",
        request=body(TASK_IN),
        replies={201: reply("The new task.", told(CREATED, task=TASK))},
        errors=(*MET, 409),
    )
    def create_task(self) -> Response:
        """Add one task."""
        facing = face(request, self._engine, self._limits)
        with reading(request, self._limits) as document, by_name(facing):
            draft = draft_of(complete(as_object(document), facing), facing)
            written = self._engine.tasks.write(
                facing.actor, facing.workflow, draft, facing.people, mode="create"
            )
        return answer({"message": CREATED, "task": Shown(facing).task(written.task)}, 201)

    @documented(
        "List tasks",
        description="Oldest first: all tasks for an admin, for a member those created by or "
        "assigned to the member.",
        parameters=[STATUS_ASKED],
        replies={200: reply("The tasks.", TASKS)},
        errors=(*MET, 400),
    )
    def list_tasks(self) -> Response:
        """Answer all tasks that the actor sees."""
        facing = face(request, self._engine, self._limits)
        with by_name(facing):
            query = Query(where=_asked(facing))
            found = self._engine.tasks.find(facing.actor, facing.workflow, query)
        return streamed(map(Shown(facing).task, found))

    @documented(
        "Get a task",
        parameters=[TASK_ID],
        replies={200: reply("The task.", TASK)},
        errors=MET,
    )
    def get_task(self, task: str) -> Response:
        """Answer one task."""
        facing = face(request, self._engine, self._limits)
        with saying(missing=NO_TASK):
            found = self._engine.tasks.get_by_id(facing.actor, facing.workflow, task)
        return answer(Shown(facing).task(found))

    @documented(
        "Change a task",
        description="What the body leaves out stays as it is.",
        parameters=[TASK_ID],
        request=body(TASK_IN, example={"status": "InProgress"}),
        replies={200: reply("The task.", told(UPDATED, task=TASK))},
        errors=(*MET, 409),
    )
    def update_task(self, task: str) -> Response:
        """Change one task."""
        facing = face(request, self._engine, self._limits)
        shown = Shown(facing)
        with reading(request, self._limits) as document, by_name(facing):
            wanted = as_object(document)

            def change(before: Task) -> Draft:
                return draft_of(changes(wanted, shown.task(before)), facing)

            with saying(missing=NO_TASK, forbidden=NOT_THIS_TASK):
                written = self._engine.tasks.amend(
                    facing.actor, facing.workflow, task, change, facing.people
                )
        return answer({"message": UPDATED, "task": shown.task(written.task)})

    @documented(
        "Delete a task",
        description="For good.",
        parameters=[TASK_ID],
        replies={200: reply("Deleted.", told(DELETED))},
        errors=(*MET, 409),
    )
    def delete_task(self, task: str) -> Response:
        """Delete one task."""
        facing = face(request, self._engine, self._limits)
        with saying(missing=NO_TASK):
            self._engine.tasks.remove(facing.actor, facing.workflow, task)
        return answer({"message": DELETED})


def _asked(facing: Facing) -> Filter:
    """Read what a list is asked for; an empty status asks for all tasks."""
    status = one_of(STATUS, request.args, (STATUS,))
    if not status:
        return EVERYTHING
    stages = stages_of(status, facing)
    if isinstance(stages, Fault):
        raise Invalid([stages])
    return Compare(STAGE, "in", stages)
