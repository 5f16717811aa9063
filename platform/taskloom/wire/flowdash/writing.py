"""Writing tasks: upsert, update, delete.

A multipart body brings files as they are: the part `_task` holds the task object, every other
part is a file for the file field of that title. It comes after the entries that `_task` gives for
the field; together they are the complete list, as in JSON.
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from typing import Final
from urllib.parse import quote

from werkzeug.wrappers import Request

from taskloom.engine.engine import Engine
from taskloom.engine.writing import Draft, Mode, Written
from taskloom.errors import Fault, Invalid, Malformed
from taskloom.model.people import Actor
from taskloom.schema.compiled import Compiled
from taskloom.wire.answer import Ready, ready
from taskloom.wire.auth import actor_of
from taskloom.wire.base import Limits, by_title
from taskloom.wire.body import as_object, heavy, parse, reading, too_large
from taskloom.wire.docs.describe import UNPROCESSABLE, body, content, documented, reply
from taskloom.wire.flowdash.conditions import (
    ETAG,
    IF_MATCH,
    IF_NEW,
    TAGGED,
    etag,
    terms_of,
    told_by_title,
)
from taskloom.wire.flowdash.describe import TASK, TASK_ID, TASK_IN, UID, WORKFLOW
from taskloom.wire.flowdash.naming import draft_of
from taskloom.wire.flowdash.query import IN_AN_ID, meaningless
from taskloom.wire.flowdash.shown import Plans, Shown
from taskloom.wire.links import base_url
from taskloom.wire.retries import origin_of, repeatable
from taskloom.wire.uploads import FORM, Part, received_parts, upload

TASK_PART: Final = "_task"
_NO_FILE_FIELD: Final = f"is not a file field; its value belongs into {TASK_PART}"
_MULTIPART: Final = {
    "type": "object",
    "properties": {TASK_PART: TASK_IN},
    "additionalProperties": {"type": "string", "contentMediaType": "application/octet-stream"},
}
_BODY: Final = {
    "required": True,
    "content": {**body(TASK_IN)["content"], **content(_MULTIPART, media=FORM)},
}


class Writing:
    """The handlers of writes."""

    def __init__(self, engine: Engine, limits: Limits, plans: Plans) -> None:
        self._engine = engine
        self._limits = limits
        self._plans = plans

    @repeatable
    @documented(
        "Create or update a task",
        description="Updates the task with the unique ID in the body, or creates it; without a "
        "unique ID it always creates.",
        parameters=[WORKFLOW, IF_MATCH, IF_NEW],
        request=_BODY,
        replies={
            200: reply("Updated; the whole task.", TASK, headers=TAGGED),
            201: reply(
                "Created; the whole task.", TASK, headers={"Location": "Its address.", **TAGGED}
            ),
        },
        errors=(404, 409, 412),
    )
    def upsert_task(self, request: Request, workflow: str) -> Ready:
        """Create or update one task."""
        return self._write(request, workflow, "upsert")

    @repeatable
    @documented(
        "Update a task",
        description="Updates the task with the unique ID in the body; 404 if there is none.",
        parameters=[WORKFLOW, IF_MATCH],
        request=_BODY,
        replies={200: reply("Updated; the whole task.", TASK, headers=TAGGED)},
        errors=(404, 409, 412),
    )
    def update_task(self, request: Request, workflow: str) -> Ready:
        """Update one task."""
        return self._write(request, workflow, "update")

    @repeatable
    @documented(
        "Delete a task by its unique ID",
        description="For good. The unique ID is the rest of the path, slashes included.",
        parameters=[WORKFLOW, UID, IF_MATCH],
        replies={204: reply("Deleted.")},
        errors=(400, 404, 409, 412, UNPROCESSABLE),
    )
    def delete_task(self, request: Request, workflow: str, uid: str) -> Ready:
        """Delete one task."""
        actor = actor_of(request, self._engine)
        compiled = self._engine.workflows.get(actor, workflow)
        faults = meaningless(request.args, hint=IN_AN_ID)
        if faults:
            raise Invalid(faults)
        people = self._engine.people.people(actor)
        with told_by_title(compiled, people):
            self._engine.tasks.delete(actor, compiled, uid, people, terms=terms_of(request))
        return Ready(status=204)

    @documented(
        "Update a task by its id",
        description="The id is the last part of the task's `Task URL`. A unique ID in the body is "
        "a new one for the task.",
        parameters=[WORKFLOW, TASK_ID, IF_MATCH],
        request=_BODY,
        replies={200: reply("Updated; the whole task.", TASK, headers=TAGGED)},
        # A path without an id is the address of another task, which is not written so.
        errors=(404, 405, 409, 412),
    )
    def update_task_by_id(self, request: Request, workflow: str, task: str) -> Ready:
        """Update one task, wherever its workflow says what tells tasks apart."""
        actor = actor_of(request, self._engine)
        compiled = self._engine.workflows.get(actor, workflow)
        people = self._engine.people.people(actor)
        terms = terms_of(request)
        told = told_by_title(compiled, people)
        with by_title(compiled), self._draft(request, actor, compiled) as draft, told:
            written = self._engine.tasks.amend(
                actor, compiled, task, lambda _: draft, people, terms=terms
            )
        shown = Shown(self._plans.of(compiled), people, base_url(request, self._limits))
        return ready(shown.echo(written.task), headers={ETAG: etag(written.task.rev)})

    @documented(
        "Delete a task by its id",
        description="For good. The id is the last part of the task's `Task URL`.",
        parameters=[WORKFLOW, TASK_ID, IF_MATCH],
        replies={204: reply("Deleted.")},
        errors=(400, 404, 409, 412, UNPROCESSABLE),
    )
    def delete_task_by_id(self, request: Request, workflow: str, task: str) -> Ready:
        """Delete one task."""
        actor = actor_of(request, self._engine)
        compiled = self._engine.workflows.get(actor, workflow)
        faults = meaningless(request.args, hint=IN_AN_ID)
        if faults:
            raise Invalid(faults)
        with told_by_title(compiled, self._engine.people.people(actor)):
            self._engine.tasks.remove(actor, compiled, task, terms=terms_of(request))
        return Ready(status=204)

    def _write(self, request: Request, workflow: str, mode: Mode) -> Ready:
        actor = actor_of(request, self._engine)
        compiled = self._engine.workflows.get(actor, workflow)
        people = self._engine.people.people(actor)
        base = base_url(request, self._limits)
        terms = terms_of(request)
        with by_title(compiled), self._draft(request, actor, compiled) as given:
            origin = origin_of(request)
            draft = given if origin is None else replace(given, task=origin.task())
            with told_by_title(compiled, people):
                written = self._engine.tasks.write(
                    actor, compiled, draft, people, mode=mode, terms=terms
                )
        shown = Shown(self._plans.of(compiled), people, base)
        tagged = {ETAG: etag(written.task.rev)}
        if written.outcome != "created":
            return ready(shown.echo(written.task), headers=tagged)
        address = _address(base, compiled, written) or shown.address(written.task)
        return ready(shown.echo(written.task), 201, {"Location": address, **tagged})

    @contextmanager
    def _draft(self, request: Request, actor: Actor, compiled: Compiled) -> Iterator[Draft]:
        """Read the body; what is large stays the only large one until the block ends."""
        if request.mimetype == FORM:
            with (
                received_parts(request, self._limits) as parts,
                heavy(sum(part.size for part in parts)),
            ):
                yield self._form(actor, compiled, parts)
        else:
            with reading(request, self._limits) as document:
                yield draft_of(as_object(document), compiled)

    def _form(self, actor: Actor, compiled: Compiled, parts: Sequence[Part]) -> Draft:
        """Read a multipart body; files are stored only where each has a field to go to."""
        document = _task_part(parts, self._limits)
        links = {side.name: side.key for side in compiled.linked}
        faults: list[Fault] = []
        files = [part for part in parts if part.name != TASK_PART and not part.is_blank]
        for part in files:
            key = compiled.keys.get(part.name)
            if part.name in links:
                path = (links[part.name],)
                faults.append(Fault(path=path, code="not_a_file", message=_NO_FILE_FIELD))
            elif key is None:
                document.setdefault(part.name, None)
            elif compiled.fields[key].kind != "file":
                faults.append(Fault(path=(key,), code="not_a_file", message=_NO_FILE_FIELD))
        draft = draft_of(document, compiled)
        if faults or draft.faults:
            return replace(draft, faults=(*draft.faults, *faults))
        for part in files:
            entries = document.get(part.name) or []
            if part.name in compiled.keys and isinstance(entries, list):
                blob = upload(self._engine, actor, part)["blobId"]
                document[part.name] = [*entries, {"blobId": blob}]
        return draft_of(document, compiled)


def _task_part(parts: Sequence[Part], limits: Limits) -> dict[str, object]:
    given = [part for part in parts if part.name == TASK_PART]
    if len(given) > 1:
        raise Malformed(f"the part {TASK_PART} can stand there once")
    if not given:
        return {}
    if given[0].size > limits.max_body:
        raise too_large(limits.max_body)
    return dict(as_object(parse(given[0].contents(), limits)))


def _address(base: str, compiled: Compiled, written: Written) -> str | None:
    """Return the API address of a task that has a unique ID."""
    unique = written.task.uid
    if unique is None:
        return None
    workflow = quote(compiled.workflow.id, safe="")
    return f"{base}/api/v1/workflows/{workflow}/tasks/{quote(unique, safe='')}"
