"""Reading tasks: all, the active ones, one."""

from collections.abc import Iterator
from tempfile import SpooledTemporaryFile
from typing import IO, Final
from urllib.parse import quote, unquote_plus

from flask import Response, request

from taskloom.engine.engine import Engine
from taskloom.model.people import Actor
from taskloom.model.task import Task
from taskloom.schema.compiled import Compiled
from taskloom.wire.answer import answer, encode, sent_from
from taskloom.wire.auth import actor_of
from taskloom.wire.base import Limits, by_title
from taskloom.wire.body import HEAVY
from taskloom.wire.docs.describe import UNPROCESSABLE, documented, reply
from taskloom.wire.flowdash.controls import CURSOR
from taskloom.wire.flowdash.describe import LISTED, ONE, TASK, TASKS, UID, WORKFLOW
from taskloom.wire.flowdash.query import Asked, asked, titles_only
from taskloom.wire.flowdash.shown import Plans, Shown
from taskloom.wire.links import base_url
from taskloom.wire.streaming import streamed

_IN_A_QUERY: Final = "!$&'()*+,;=:@/?%"


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
        errors=(400, 404, 413, UNPROCESSABLE),
    )
    def list_tasks(self, workflow: str) -> Response:
        """Answer all tasks that match."""
        return self._list(workflow, active=False)

    @documented(
        "List active tasks",
        description="Tasks that are in no end stage; filters, sorting and paging as for all tasks.",
        parameters=[WORKFLOW, *LISTED],
        replies={200: reply("The tasks.", TASKS, headers={"Link": "The next page."})},
        errors=(400, 404, 413, UNPROCESSABLE),
    )
    def list_active_tasks(self, workflow: str) -> Response:
        """Answer the tasks in no end stage that match."""
        return self._list(workflow, active=True)

    @documented(
        "Get a task by its unique ID",
        description="The unique ID is the rest of the path, slashes included.",
        parameters=[WORKFLOW, UID, ONE],
        replies={200: reply("The task.", TASK)},
        errors=(400, 404, UNPROCESSABLE),
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
        return streamed(map(shown.read, self._engine.tasks.find(actor, compiled, wanted.query)))

    def _page(self, actor: Actor, compiled: Compiled, wanted: Asked, shown: Shown) -> Response:
        found = self._engine.tasks.find(actor, compiled, wanted.one_more)
        spool = SpooledTemporaryFile(max_size=HEAVY)  # noqa: SIM115 - closed with the answer
        try:
            last, more = _paged(spool, shown, found, wanted.query.limit)
            after = wanted.after(last, compiled) if last is not None and more else None
        except BaseException:
            spool.close()
            raise
        response = sent_from(spool)
        if after is not None:
            response.headers["Link"] = f'<{self._next(after)}>; rel="next"'
        return response

    def _next(self, cursor: str) -> str:
        """Return the address of the next page: this one's as it was asked, with another cursor."""
        asked_for = quote(request.query_string, safe=_IN_A_QUERY).split("&")
        kept = [part for part in asked_for if unquote_plus(part.partition("=")[0]) != CURSOR]
        path = quote(request.path, safe="/")
        query = "&".join([*kept, f"{CURSOR}={cursor}"])
        return f"{base_url(request, self._limits)}{path}?{query}"


def _paged(
    spool: IO[bytes], shown: Shown, tasks: Iterator[Task], limit: int | None
) -> tuple[Task | None, bool]:
    """Write a page as an array; return its last task, and whether there was one more."""
    last, more = None, False
    spool.write(b"[")
    for number, task in enumerate(tasks):
        more = number == limit
        if more:
            break
        spool.write((b"," if number else b"") + encode(shown.read(task)))
        last = task
    spool.write(b"]")
    return last, more
