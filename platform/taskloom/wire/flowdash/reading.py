"""Reading tasks: all, the active ones, one."""

from collections.abc import Iterator
from itertools import islice
from typing import Final
from urllib.parse import quote, urlencode

from flask import Response, request

from taskloom.engine.engine import Engine
from taskloom.model.people import Actor
from taskloom.model.task import Task
from taskloom.schema.compiled import Compiled
from taskloom.wire.answer import JSON, answer, encode
from taskloom.wire.auth import actor_of
from taskloom.wire.base import Limits, by_title
from taskloom.wire.docs.describe import UNPROCESSABLE, documented, reply
from taskloom.wire.flowdash.controls import CURSOR
from taskloom.wire.flowdash.describe import LISTED, ONE, TASK, TASKS, UID, WORKFLOW
from taskloom.wire.flowdash.query import Asked, asked, titles_only
from taskloom.wire.flowdash.shown import Plans, Shown, base_url

_BATCH: Final = 100
_PIECE: Final = 64 * 1024


class Reading:
    """The reading views; each takes the request of the moment."""

    def __init__(self, engine: Engine, limits: Limits, plans: Plans) -> None:
        self._engine = engine
        self._limits = limits
        self._plans = plans

    @documented(
        "List tasks",
        description="All tasks that match, oldest first unless sorted. Without `_limit` the whole "
        "list comes, streamed; with it a page, and `Link: rel=next` where there is more.",
        parameters=[WORKFLOW, *LISTED],
        replies={200: reply("The tasks.", TASKS, headers={"Link": "The next page."})},
        errors=(404, UNPROCESSABLE),
    )
    def list_tasks(self, workflow: str) -> Response:
        """Answer all tasks that match."""
        return self._list(workflow, active=False)

    @documented(
        "List active tasks",
        description="Tasks that are in no end stage; filters, sorting and paging as for all tasks.",
        parameters=[WORKFLOW, *LISTED],
        replies={200: reply("The tasks.", TASKS, headers={"Link": "The next page."})},
        errors=(404, UNPROCESSABLE),
    )
    def list_active_tasks(self, workflow: str) -> Response:
        """Answer the tasks in no end stage that match."""
        return self._list(workflow, active=True)

    @documented(
        "Get a task by its unique ID",
        description="The unique ID is the rest of the path, slashes included.",
        parameters=[WORKFLOW, UID, ONE],
        replies={200: reply("The task.", TASK)},
        errors=(404, UNPROCESSABLE),
    )
    def get_task(self, workflow: str, uid: str) -> Response:
        """Answer one task."""
        actor = actor_of(request, self._engine)
        compiled = self._engine.workflows.get(actor, workflow)
        with by_title(compiled):
            only = titles_only(request.args, compiled)
        people = self._engine.people.people(actor)
        task = self._engine.tasks.get(actor, compiled, uid, people)
        base = base_url(request, self._limits)
        return answer(Shown(self._plans.of(compiled), people, base, only).read(task))

    def _list(self, workflow: str, *, active: bool) -> Response:
        actor = actor_of(request, self._engine)
        compiled = self._engine.workflows.get(actor, workflow)
        people = self._engine.people.people(actor)
        with by_title(compiled):
            wanted = asked(request.args, compiled, people, active=active)
        base = base_url(request, self._limits)
        shown = Shown(self._plans.of(compiled), people, base, wanted.only)
        if wanted.query.limit is not None:
            return self._page(actor, compiled, wanted, shown)
        return streamed(shown, self._engine.tasks.find(actor, compiled, wanted.query))

    def _page(self, actor: Actor, compiled: Compiled, wanted: Asked, shown: Shown) -> Response:
        page, more = wanted.page(self._engine.tasks.find(actor, compiled, wanted.one_more))
        response = answer([shown.read(task) for task in page])
        if more:
            cursor = wanted.after(page[-1], compiled)
            response.headers["Link"] = f'<{self._next(cursor)}>; rel="next"'
        return response

    def _next(self, cursor: str) -> str:
        """Return the address of the next page: this one's, with another cursor."""
        kept = [item for item in request.args.items(multi=True) if item[0] != CURSOR]
        path = quote(request.path, safe="/")
        return f"{base_url(request, self._limits)}{path}?{urlencode([*kept, (CURSOR, cursor)])}"


def streamed(shown: Shown, tasks: Iterator[Task]) -> Response:
    """Answer tasks as one array in constant memory; what fails at once fails before the answer."""
    pieces = _pieces(shown, tasks)
    first, second = next(pieces), next(pieces, None)
    if second is None:
        return Response(first, content_type=JSON)
    return Response(_joined(first, second, pieces), content_type=JSON)


def _joined(first: bytes, second: bytes, rest: Iterator[bytes]) -> Iterator[bytes]:
    yield first
    yield second
    yield from rest


def _pieces(shown: Shown, tasks: Iterator[Task]) -> Iterator[bytes]:
    """Yield the text of an array in pieces of some size."""
    held = bytearray(b"[")
    comma = b""
    while batch := [shown.read(task) for task in islice(tasks, _BATCH)]:
        held += comma
        held += encode(batch)[1:-1]
        comma = b","
        if len(held) >= _PIECE:
            yield bytes(held)
            held.clear()
    held += b"]"
    yield bytes(held)
