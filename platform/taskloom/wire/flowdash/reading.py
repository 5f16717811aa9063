"""Reading tasks: all, the active ones, one."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from itertools import islice
from typing import Final
from urllib.parse import quote, unquote_plus

from werkzeug.wrappers import Request

from taskloom.engine.engine import Engine
from taskloom.fields.base import People
from taskloom.model.people import Actor
from taskloom.model.task import Faced, Faces, Row
from taskloom.schema.compiled import Compiled
from taskloom.wire.answer import JSON, Ready, ready
from taskloom.wire.auth import actor_of
from taskloom.wire.base import Limits, by_title
from taskloom.wire.docs.describe import UNPROCESSABLE, documented, reply
from taskloom.wire.flowdash.conditions import ETAG, IF_CHANGED, TAGGED, etag, is_known
from taskloom.wire.flowdash.controls import CURSOR
from taskloom.wire.flowdash.describe import COUNTED, LISTED, ONE, TASK, TASKS, UID, WORKFLOW
from taskloom.wire.flowdash.headers import NEXT, about
from taskloom.wire.flowdash.query import Asked, asked, titles_only
from taskloom.wire.flowdash.shown_rows import RowPlans, face_shower, row_shower
from taskloom.wire.links import base_url
from taskloom.wire.streaming import array, array_of, gathered

_IN_A_QUERY: Final = "!$&'()*+,;=:@/?%"


class Reading:
    """The handlers of reads."""

    def __init__(self, engine: Engine, limits: Limits) -> None:
        self._engine = engine
        self._limits = limits
        self._plans = RowPlans()

    @documented(
        "List tasks",
        description="All tasks that match, oldest first unless sorted. Without `_limit` the whole "
        "list comes, streamed; with it a page, and `Link: rel=next` where there is more.",
        parameters=[WORKFLOW, *LISTED],
        replies={200: reply("The tasks.", TASKS, headers={"Link": "The next page.", **COUNTED})},
        errors=(400, 404, 413, UNPROCESSABLE),
    )
    def list_tasks(self, request: Request, workflow: str) -> Ready:
        """Answer all tasks that match."""
        return self._list(request, workflow, active=False)

    @documented(
        "List active tasks",
        description="Tasks that are in no end stage; filters, sorting and paging as for all tasks.",
        parameters=[WORKFLOW, *LISTED],
        replies={200: reply("The tasks.", TASKS, headers={"Link": "The next page.", **COUNTED})},
        errors=(400, 404, 413, UNPROCESSABLE),
    )
    def list_active_tasks(self, request: Request, workflow: str) -> Ready:
        """Answer the tasks in no end stage that match."""
        return self._list(request, workflow, active=True)

    @documented(
        "Get a task by its unique ID",
        description="The unique ID is the rest of the path, slashes included.",
        parameters=[WORKFLOW, UID, ONE, IF_CHANGED],
        replies={
            200: reply("The task.", TASK, headers=TAGGED),
            304: reply("It was not written since.", headers=TAGGED),
        },
        errors=(400, 404, UNPROCESSABLE),
    )
    def get_task(self, request: Request, workflow: str, uid: str) -> Ready:
        """Answer one task."""
        actor = actor_of(request, self._engine)
        compiled = self._engine.workflows.get(actor, workflow)
        with by_title(compiled):
            only = titles_only(request.args, compiled)
        people = self._engine.people.people(actor)
        row = self._engine.rows.get(actor, compiled, uid, people)
        tagged = {ETAG: etag(row.rev)}
        if is_known(request, compiled, row.rev):
            return Ready(status=304, headers=tagged)
        base = base_url(request, self._limits)
        show = row_shower(self._plans.of(compiled, only), people, base)
        return ready(show(row), headers=tagged)

    def _list(self, request: Request, workflow: str, *, active: bool) -> Ready:
        actor = actor_of(request, self._engine)
        compiled = self._engine.workflows.get(actor, workflow)
        people = self._engine.people.people(actor)
        with by_title(compiled):
            wanted = asked(request.args, compiled, people, active=active)
        return self.listed(request, actor, compiled, people, wanted)

    def listed(
        self, request: Request, actor: Actor, compiled: Compiled, people: People, wanted: Asked
    ) -> Ready:
        """Answer what a list request asks for, by its address or by its body."""
        told = about(self._engine, actor, compiled, wanted)
        base = base_url(request, self._limits)
        plan = self._plans.of(compiled, wanted.only)
        show = row_shower(plan, people, base)
        limit = wanted.query.limit
        if limit is None:
            whole = array(map(show, self._engine.rows.find(actor, compiled, wanted.query)))
            return replace(whole, headers={**whole.headers, **told})
        faces = self._engine.rows.faces(actor, compiled, wanted.one_more)
        if faces is not None:
            spelt, last = _faced(faces, limit, face_shower(plan, people, base))
            on = {} if last is None else _going_on(request, base, wanted.after(last))
            return Ready(headers={"Content-Type": JSON, **told, **on}, body=spelt)
        page = _Page(self._engine.rows.find(actor, compiled, wanted.one_more), limit)
        with gathered(array_of(map(show, page))) as body:
            if page.last is None or not page.more:
                return body.ready(told)
            return body.ready({**told, **_going_on(request, base, wanted.after(page.last))})


def _faced(faces: Faces, limit: int, show: Callable[[Faced], bytes]) -> tuple[bytes, Row | None]:
    """Spell a page, and give its last row where there is one more after it."""
    spelt = b"[" + b",".join(map(show, faces.faced[:limit])) + b"]"
    return spelt, faces.row(limit - 1) if len(faces.faced) > limit else None


class _Page:
    """The rows of a page; then its last one, and whether there was one more."""

    def __init__(self, found: Iterator[Row], limit: int) -> None:
        self._found = found
        self._limit = limit
        self.last: Row | None = None
        self.more = False

    def __iter__(self) -> Iterator[Row]:
        for row in islice(self._found, self._limit):
            self.last = row
            yield row
        self.more = next(self._found, None) is not None


def _going_on(request: Request, base: str, cursor: str) -> Mapping[str, str]:
    """Tell where the next page is: an address can hold the cursor, a body has to be sent again."""
    if request.method == "POST":
        return {NEXT: cursor}
    return {"Link": f'<{_next(request, base, cursor)}>; rel="next"'}


def _next(request: Request, base: str, cursor: str) -> str:
    """Return the address of the next page: this one's as it was asked, with another cursor."""
    asked_for = quote(request.query_string, safe=_IN_A_QUERY).split("&")
    kept = [part for part in asked_for if unquote_plus(part.partition("=")[0]) != CURSOR]
    path = quote(request.path, safe="/")
    query = "&".join([*kept, f"{CURSOR}={cursor}"])
    return f"{base}{path}?{query}"
