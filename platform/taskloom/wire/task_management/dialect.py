"""The Task Management API: tasks of one workflow and the users of the workspace."""

from collections.abc import Sequence

from flask_smorest import Blueprint

from taskloom.engine.engine import Engine
from taskloom.errors import TaskloomError
from taskloom.wire.base import DIALECTS, Answer, Limits
from taskloom.wire.mounts import inside
from taskloom.wire.task_management.describe import ABOUT, ERROR
from taskloom.wire.task_management.errors import render
from taskloom.wire.task_management.names import DIALECT, NEEDS
from taskloom.wire.task_management.tasks import TASKS, Tasks
from taskloom.wire.task_management.users import USERS, Users


@DIALECTS.register(DIALECT)
class TaskManagement:
    """The dialect of the Task Management API."""

    name = DIALECT
    prefixes: Sequence[str] = ()
    mount = "/v1"
    roots = (TASKS, USERS)
    needs = NEEDS
    title = "Task Management API"
    about = ABOUT
    error = ERROR

    def blueprints(self, engine: Engine, limits: Limits) -> Sequence[Blueprint]:
        return [_tasks(engine, limits), _users(engine, limits)]

    def render(self, error: TaskloomError) -> Answer:
        return render(error)


def _tasks(engine: Engine, limits: Limits) -> Blueprint:
    views = Tasks(engine, limits)
    made = Blueprint(
        "task_management_tasks",
        __name__,
        url_prefix=inside(DIALECT),
        description="Tasks of the workflow.",
    )
    one = f"{TASKS}/<task>"
    made.add_url_rule(TASKS, view_func=views.list_tasks, methods=["GET"])
    made.add_url_rule(TASKS, view_func=views.create_task, methods=["POST"])
    made.add_url_rule(one, view_func=views.get_task, methods=["GET"])
    made.add_url_rule(one, view_func=views.update_task, methods=["PATCH"])
    made.add_url_rule(one, view_func=views.delete_task, methods=["DELETE"])
    return made


def _users(engine: Engine, limits: Limits) -> Blueprint:
    views = Users(engine, limits)
    made = Blueprint(
        "task_management_users",
        __name__,
        url_prefix=inside(DIALECT),
        description="Users of the workspace.",
    )
    one = f"{USERS}/<user>"
    made.add_url_rule(USERS, view_func=views.list_users, methods=["GET"])
    made.add_url_rule(USERS, view_func=views.create_user, methods=["POST"])
    made.add_url_rule(one, view_func=views.get_user, methods=["GET"])
    made.add_url_rule(one, view_func=views.update_user, methods=["PATCH"])
    made.add_url_rule(one, view_func=views.delete_user, methods=["DELETE"])
    return made
