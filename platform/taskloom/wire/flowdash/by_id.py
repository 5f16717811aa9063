"""One task by its id, which is what the address of its page holds."""

from werkzeug.wrappers import Request

from taskloom.engine.engine import Engine
from taskloom.wire.answer import Ready, ready
from taskloom.wire.auth import actor_of
from taskloom.wire.base import Limits, by_title
from taskloom.wire.docs.describe import UNPROCESSABLE, documented, reply
from taskloom.wire.flowdash.conditions import ETAG, IF_CHANGED, TAGGED, etag, is_known
from taskloom.wire.flowdash.describe import ONE, TASK, TASK_ID, WORKFLOW
from taskloom.wire.flowdash.query import titles_only
from taskloom.wire.flowdash.shown import Plans, Shown
from taskloom.wire.links import base_url


class ById:
    """The handler; what it answers is what `Reading` answers for the unique ID."""

    def __init__(self, engine: Engine, limits: Limits, plans: Plans) -> None:
        self._engine = engine
        self._limits = limits
        self._plans = plans

    @documented(
        "Get a task by its id",
        description="The id is the last part of the task's `Task URL`; every task has one.",
        parameters=[WORKFLOW, TASK_ID, ONE, IF_CHANGED],
        replies={
            200: reply("The task.", TASK, headers=TAGGED),
            304: reply("It was not written since.", headers=TAGGED),
        },
        errors=(400, 404, UNPROCESSABLE),
    )
    def get_task_by_id(self, request: Request, workflow: str, task: str) -> Ready:
        """Answer one task."""
        actor = actor_of(request, self._engine)
        compiled = self._engine.workflows.get(actor, workflow)
        with by_title(compiled):
            only = titles_only(request.args, compiled)
        found = self._engine.tasks.get_by_id(actor, compiled, task)
        tagged = {ETAG: etag(found.rev)}
        if is_known(request, compiled, found.rev):
            return Ready(status=304, headers=tagged)
        people = self._engine.people.people(actor)
        plan = self._plans.of(compiled)
        shown = Shown(plan, people, base_url(request, self._limits), only)
        return ready(shown.read(found), headers=tagged)
