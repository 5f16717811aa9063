"""The Workiva Tasks API, version 2026-01-01: tasks with approval steps, filters and JSON Patch."""

from collections.abc import Callable, Mapping, Sequence
from typing import Final

from flask import Response
from flask_smorest import Blueprint

from taskloom.engine.engine import Engine
from taskloom.errors import TaskloomError
from taskloom.wire.base import DIALECTS, Answer, Dialect, Limits, Need, Needs
from taskloom.wire.mounts import inside
from taskloom.wire.workiva import names
from taskloom.wire.workiva.errors import ERROR, render
from taskloom.wire.workiva.tasks import Tasks
from taskloom.wire.workiva.tokens import Tokens

NAME: Final = "workiva"
ROOTS: Final[Mapping[str, str]] = {
    "/tasks": "",
    "/platform/v1/tasks": "_platform",
    "/prototype/platform/tasks": "_prototype",
}
"""Where tasks are, and what tells the names of their routes apart."""

TOKEN: Final = "/iam/v1/oauth2/token"  # noqa: S105 - an address
_TEXTS: Final = frozenset({"text", "longText"})


@DIALECTS.register(NAME)
class Workiva(Dialect):
    """The Workiva Tasks API; older addresses reach the same tasks in the same shape."""

    name = NAME
    mount = "/"
    roots = (TOKEN, *ROOTS)
    title = "Workiva Tasks API"
    about = "Tasks that go through approval steps, as version 2026-01-01 of the API spells them."
    error = ERROR
    needs = Needs(
        fields={
            names.TITLE: Need(kinds=_TEXTS, required=True),
            names.DESCRIPTION: Need(kinds=_TEXTS),
            names.DUE: Need(kinds=frozenset({"datetime"})),
            names.OWNER: Need(kinds=frozenset({"person"})),
            names.STEPS: Need(kinds=frozenset({"approvalSteps"}), required=True),
            names.RESOURCE: Need(kinds=_TEXTS),
            names.SEGMENT: Need(kinds=_TEXTS),
            names.SILENT: Need(kinds=frozenset({"checkbox"})),
            names.SOURCE: Need(kinds=_TEXTS | {"url"}),
        },
        statuses=("Created", "Awaiting Approval", "Completed", "Returned", "Cancelled"),
        also=("Started", "Staged", "Reworking", "Approved"),
    )

    def blueprints(self, engine: Engine, limits: Limits) -> Sequence[Blueprint]:
        return [_tokens(engine), _tasks(engine, limits)]

    def render(self, error: TaskloomError) -> Answer:
        return render(error)


def _tokens(engine: Engine) -> Blueprint:
    made = Blueprint(
        "workiva-iam", __name__, url_prefix=inside(NAME), description="Tokens for clients."
    )
    made.add_url_rule(TOKEN, view_func=Tokens(engine).get_token, methods=["POST"])
    return made


def _tasks(engine: Engine, limits: Limits) -> Blueprint:
    views = Tasks(engine, limits, inside(NAME))
    one = "/<task>"
    routes: Sequence[tuple[str, Callable[..., Response], str]] = (
        ("", views.list_tasks, "GET"),
        ("", views.create_task, "POST"),
        (one, views.get_task, "GET"),
        (one, views.patch_task, "PATCH"),
        (one, views.delete_task, "DELETE"),
        (f"{one}/actionSubmission", views.submit_action, "POST"),
    )
    made = Blueprint("workiva-tasks", __name__, url_prefix=inside(NAME), description="Tasks.")
    for root, mark in ROOTS.items():
        for path, view, method in routes:
            made.add_url_rule(root + path, f"{view.__name__}{mark}", view, methods=[method])
    return made
