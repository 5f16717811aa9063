"""Tasks: list, create, read, patch, delete, and the actions of the approval process."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from tempfile import SpooledTemporaryFile
from typing import Final
from urllib.parse import quote

from flask import Response, request

from taskloom.engine.engine import Engine
from taskloom.engine.writing import Draft
from taskloom.errors import Fault, Invalid, Malformed
from taskloom.fields.base import BLANK, INVALID
from taskloom.model.task import Task
from taskloom.wire.answer import answer, encode, sent_from
from taskloom.wire.base import Limits, told_by
from taskloom.wire.body import HEAVY, as_object, reading
from taskloom.wire.docs.describe import body, documented, reply
from taskloom.wire.facades import Facing, face
from taskloom.wire.links import base_url
from taskloom.wire.workiva import describe, drafts, listing, names, patching
from taskloom.wire.workiva.shown import Shown

LARGEST_BODY: Final = 10_485_760
_PATCH: Final = "application/json-patch+json"
_PATCH_BODY: Final = {
    "required": True,
    "content": {
        **body(describe.PATCH_IN)["content"],
        **body(describe.PATCH_IN, media=_PATCH)["content"],
    },
}
_ACTION: Final = ("action", "comment")


class Tasks:
    """The views of tasks; each takes the request of the moment."""

    def __init__(self, engine: Engine, limits: Limits, prefix: str) -> None:
        self._engine = engine
        self._limits = replace(limits, max_body=min(limits.max_body, LARGEST_BODY))
        self._prefix = prefix

    @documented(
        "List tasks",
        description="A page of tasks, oldest first unless sorted; `@nextLink` where there is more.",
        parameters=[*describe.LISTED, describe.VERSION],
        replies={200: reply("The page.", describe.TASKS)},
        errors=(400, 404, 413),
    )
    def list_tasks(self) -> Response:
        """Answer a page of tasks."""
        with self._facing(*listing.PARAMETERS) as facing:
            asked = listing.asked(request.args, facing)
            return self._page(facing, asked)

    @documented(
        "Create a task",
        parameters=[describe.VERSION],
        request=body(describe.TASK_IN),
        replies={201: reply("The task.", describe.TASK, headers={"Location": "Its address."})},
        errors=(404, 409),
    )
    def create_task(self) -> Response:
        """Create a task."""
        with self._facing() as facing, reading(request, self._limits) as document:
            draft = drafts.created(as_object(document), facing)
            written = self._engine.tasks.write(
                facing.actor, facing.workflow, draft, facing.people, mode="create"
            )
            location = facing.address(f"{self._below()}/{written.task.id}")
            return answer(self._shown(facing).task(written.task), 201, {"Location": location})

    @documented(
        "Get a task",
        parameters=[describe.TASK_ID, describe.VERSION],
        replies={200: reply("The task.", describe.TASK)},
        errors=(400, 404),
    )
    def get_task(self, task: str) -> Response:
        """Answer one task."""
        with self._facing() as facing:
            found = self._engine.tasks.get_by_id(facing.actor, facing.workflow, task)
            return answer(self._shown(facing).task(found))

    @documented(
        "Change a task",
        description="A JSON Patch of which every operation is applied, or none. Other assignees, "
        "a location, and other approval steps where a participant answered already restart "
        "the approval process.",
        parameters=[describe.TASK_ID, describe.VERSION],
        request=_PATCH_BODY,
        replies={200: reply("The task.", describe.TASK)},
        errors=(404, 409),
    )
    def patch_task(self, task: str) -> Response:
        """Change one task."""
        with self._facing() as facing, reading(request, self._limits) as document:
            changes = patching.changes(document)

            def change(before: Task) -> Draft:
                return drafts.changed(changes, before, facing)

            written = self._engine.tasks.amend(
                facing.actor, facing.workflow, task, change, facing.people
            )
            return answer(self._shown(facing).task(written.task))

    @documented(
        "Delete a task",
        parameters=[describe.TASK_ID, describe.VERSION],
        replies={204: reply("Deleted.")},
        errors=(400, 404, 409),
    )
    def delete_task(self, task: str) -> Response:
        """Delete one task."""
        with self._facing() as facing:
            self._engine.tasks.remove(facing.actor, facing.workflow, task)
            return Response(status=204)

    @documented(
        "Submit an action",
        description="Takes the task on in its approval process.",
        parameters=[describe.TASK_ID, describe.VERSION],
        request=body(describe.ACTION_IN),
        replies={200: reply("The task.", describe.TASK)},
        errors=(404, 409),
    )
    def submit_action(self, task: str) -> Response:
        """Take an action of the approval process."""
        with self._facing() as facing, reading(request, self._limits) as document:
            action, comment = _action(as_object(document))
            written = self._engine.acting.act(facing.actor, facing.workflow, task, action, comment)
            return answer(self._shown(facing).task(written.task))

    @contextmanager
    def _facing(self, *parameters: str) -> Iterator[Facing]:
        """Give the workflow of the request; faults raised inside are told by the API's names."""
        facing = face(request, self._engine, self._limits)
        version = request.headers.get("X-Version", names.VERSION)
        if version not in names.VERSIONS:
            known = ", ".join(sorted(names.VERSIONS))
            raise Malformed(f"there is no such X-Version; known are {known}")
        faults = listing.require_known(request.args, parameters)
        if faults:
            raise Invalid(faults)
        with told_by(lambda: drafts.names_of(facing)):
            yield facing

    def _below(self) -> str:
        """Return the path of the list below the mount, by whichever name it was asked for."""
        return request.path.removeprefix(self._prefix)

    def _shown(self, facing: Facing) -> Shown:
        workflow = quote(facing.workflow.workflow.id, safe="")
        return Shown(facing, f"{base_url(request, self._limits)}/workflows/{workflow}/tasks/")

    def _page(self, facing: Facing, asked: listing.Asked) -> Response:
        """Write a page to a file, for a thousand tasks may be large."""
        found = self._engine.tasks.find(facing.actor, facing.workflow, asked.one_more)
        shown = self._shown(facing)
        spool = SpooledTemporaryFile(max_size=HEAVY)  # noqa: SIM115 - closed with the answer
        try:
            last, more = None, False
            spool.write(b'{"data":[')
            for number, task in enumerate(found):
                more = number == asked.size
                if more:
                    break
                spool.write((b"," if number else b"") + encode(shown.task(task)))
                last = task
            spool.write(b"]")
            if last is not None and more:
                spool.write(b',"@nextLink":' + encode(self._next(facing, asked, last)))
            spool.write(b"}")
        except BaseException:
            spool.close()
            raise
        return sent_from(spool)

    def _next(self, facing: Facing, asked: listing.Asked, last: Task) -> str:
        cursor = asked.after(last, facing)
        return facing.address(listing.next_link(self._below(), request.query_string, cursor))


def _action(document: Mapping[str, object]) -> tuple[str, str | None]:
    """Read what is to be done, and the comment on it."""
    action, comment = document.get("action"), document.get("comment")
    odd = [name for name in document if name not in _ACTION]
    faults = drafts.unknown(odd, _ACTION, "is not a property of an action")
    if not isinstance(action, str):
        code = BLANK if action is None else INVALID
        faults.append(Fault(path=("action",), code=code, message="must be the name of an action"))
    if comment is not None and not isinstance(comment, str):
        faults.append(Fault(path=("comment",), code=INVALID, message="must be text or null"))
    if faults or not isinstance(action, str):
        raise Invalid(faults)
    return action, comment if isinstance(comment, str) else None
