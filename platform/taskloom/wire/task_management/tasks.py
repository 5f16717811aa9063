"""Tasks: list, create, get, change, delete."""

from typing import Final

from flask import Response, request

from taskloom.engine.engine import Engine
from taskloom.engine.writing import Draft
from taskloom.model.task import Task
from taskloom.wire.answer import answer
from taskloom.wire.base import Limits
from taskloom.wire.docs.describe import body, documented, reply
from taskloom.wire.facades import Facing, face
from taskloom.wire.task_management.asking import envelope, links, require_nothing
from taskloom.wire.task_management.bodies import body_of
from taskloom.wire.task_management.describe import (
    LINK,
    TASK,
    TASK_ID,
    TASK_IN,
    TASK_SAMPLE,
    TASKS_LISTED,
    listed,
)
from taskloom.wire.task_management.drafts import draft_of
from taskloom.wire.task_management.errors import about
from taskloom.wire.task_management.faults import TaskWrite, told
from taskloom.wire.task_management.listing import listing_of
from taskloom.wire.task_management.shown import Shown

TASKS: Final = "/tasks"
_THING: Final = "Task"


class Tasks:
    """The views; each takes the request of the moment."""

    def __init__(self, engine: Engine, limits: Limits) -> None:
        self._engine = engine
        self._limits = limits

    @documented(
        "List tasks",
        description="A part of the tasks that match all filters, newest first unless sorted.",
        parameters=TASKS_LISTED,
        replies={200: reply("The tasks.", listed(TASK), headers=LINK)},
        errors=(400, 404, 413),
    )
    def list_tasks(self) -> Response:
        """Answer a part of the tasks."""
        facing = self._face()
        wanted = listing_of(request.args, facing)
        tasks = self._engine.tasks
        total = tasks.count(facing.actor, facing.workflow, wanted.where)
        there = wanted.page.offset < total
        found = tasks.find(facing.actor, facing.workflow, wanted.query) if there else ()
        shown = Shown(facing)
        data = envelope([shown(task) for task in found], total, wanted.page)
        link = links(facing.address(TASKS), request.query_string, total, wanted.page)
        return answer(data, headers={"Link": link})

    @documented(
        "Create a task",
        request=body(TASK_IN),
        replies={
            201: reply("The new task.", TASK, headers={"Location": "Its address."}),
        },
        errors=(404, 409),
    )
    def create_task(self) -> Response:
        """Create one task."""
        facing = self._face_only()
        with body_of(request, self._limits) as sent, told(TaskWrite(facing=facing, body=sent)):
            written = self._engine.tasks.write(
                facing.actor,
                facing.workflow,
                draft_of(sent, facing),
                facing.people,
                mode="create",
            )
        address = facing.address(f"{TASKS}/{written.task.id}")
        return answer(Shown(facing)(written.task), 201, {"Location": address})

    @documented(
        "Get a task",
        parameters=[TASK_ID],
        replies={200: reply("The task.", TASK, example=TASK_SAMPLE)},
        errors=(400, 404),
    )
    def get_task(self, task: str) -> Response:
        """Answer one task."""
        facing = self._face_only()
        with about(_THING, task):
            found = self._engine.tasks.get_by_id(facing.actor, facing.workflow, task)
        return answer(Shown(facing)(found))

    @documented(
        "Change a task",
        description="What is absent stays; null clears. A status may only follow as the workflow "
        "says.",
        parameters=[TASK_ID],
        request=body(TASK_IN),
        replies={200: reply("The whole task.", TASK)},
        errors=(404, 409),
    )
    def update_task(self, task: str) -> Response:
        """Change one task."""
        facing = self._face_only()
        with body_of(request, self._limits) as sent:
            write = TaskWrite(facing=facing, body=sent)

            def change(before: Task) -> Draft:
                write.before = before
                return draft_of(sent, facing, before)

            with told(write), about(_THING, task):
                written = self._engine.tasks.amend(
                    facing.actor, facing.workflow, task, change, facing.people
                )
        return answer(Shown(facing)(written.task))

    @documented(
        "Delete a task",
        description="For good.",
        parameters=[TASK_ID],
        replies={204: reply("Deleted.")},
        errors=(400, 404, 409),
    )
    def delete_task(self, task: str) -> Response:
        """Delete one task."""
        facing = self._face_only()
        with about(_THING, task, deed="delete this task"):
            self._engine.tasks.remove(facing.actor, facing.workflow, task)
        return Response(status=204)

    def _face(self) -> Facing:
        return face(request, self._engine, self._limits)

    def _face_only(self) -> Facing:
        """Face the workflow at an address that knows no parameters."""
        facing = self._face()
        require_nothing(request.args)
        return facing
