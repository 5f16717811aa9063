"""The Admin/Member Tasks API: the tasks of a team, its users, dashboards and reports."""

from collections.abc import Sequence
from typing import Final

from flask_smorest import Blueprint

from taskloom.engine.engine import Engine
from taskloom.errors import TaskloomError
from taskloom.wire.admin_member.accounts import Accounts
from taskloom.wire.admin_member.dashboard import Dashboard
from taskloom.wire.admin_member.describe import ABOUT, ERROR
from taskloom.wire.admin_member.errors import render
from taskloom.wire.admin_member.names import MOUNT, NAME, NEEDS, ROOTS
from taskloom.wire.admin_member.pictures import IMAGES, Images
from taskloom.wire.admin_member.progress import Progress
from taskloom.wire.admin_member.reports import Reports
from taskloom.wire.admin_member.tasks import Tasks
from taskloom.wire.admin_member.users import Users
from taskloom.wire.base import DIALECTS, Answer, Dialect, Limits
from taskloom.wire.mounts import inside

_TASKS: Final = "/tasks"
_ONE: Final = f"{_TASKS}/<task>"
_USERS: Final = "/users"
_AUTH: Final = "/auth"


@DIALECTS.register(NAME)
class AdminMember(Dialect):
    """The dialect, for `/tasks`, `/auth`, `/users` and `/reports` below its mounts."""

    name = NAME
    mount = MOUNT
    roots = ROOTS
    needs = NEEDS
    title = "Admin/Member Tasks API"
    about = ABOUT
    error = ERROR

    def blueprints(self, engine: Engine, limits: Limits) -> Sequence[Blueprint]:
        return [
            _tasks(engine, limits),
            _progress(engine, limits),
            _dashboards(engine, limits),
            _accounts(engine, limits),
            _users(engine, limits),
            _reports(engine, limits),
        ]

    def render(self, error: TaskloomError) -> Answer:
        return render(error)


def _blueprint(part: str, description: str) -> Blueprint:
    return Blueprint(
        f"admin_member_{part}", __name__, url_prefix=inside(NAME), description=description
    )


def _tasks(engine: Engine, limits: Limits) -> Blueprint:
    views = Tasks(engine, limits)
    made = _blueprint("tasks", "Tasks of the team.")
    made.add_url_rule(_TASKS, view_func=views.list_tasks, methods=["GET"])
    made.add_url_rule(_TASKS, view_func=views.create_task, methods=["POST"])
    made.add_url_rule(_ONE, view_func=views.get_task, methods=["GET"])
    made.add_url_rule(_ONE, view_func=views.update_task, methods=["PUT"])
    made.add_url_rule(_ONE, view_func=views.delete_task, methods=["DELETE"])
    return made


def _progress(engine: Engine, limits: Limits) -> Blueprint:
    views = Progress(engine, limits)
    made = _blueprint("progress", "How far a task is.")
    items = f"{_ONE}/checklist"
    made.add_url_rule(f"{_ONE}/progress", view_func=views.set_progress, methods=["PATCH"])
    made.add_url_rule(items, view_func=views.add_item, methods=["POST"])
    made.add_url_rule(f"{items}/<item>", view_func=views.complete_item, methods=["PATCH"])
    made.add_url_rule(f"{_ONE}/status", view_func=views.set_status, methods=["PUT"])
    made.add_url_rule(f"{_ONE}/todo", view_func=views.set_checklist, methods=["PUT"])
    return made


def _dashboards(engine: Engine, limits: Limits) -> Blueprint:
    views = Dashboard(engine, limits)
    made = _blueprint("dashboards", "Tasks in numbers.")
    whole, own = f"{_TASKS}/dashboard-data", f"{_TASKS}/user-dashboard-data"
    made.add_url_rule(whole, view_func=views.get_dashboard, methods=["GET"])
    made.add_url_rule(own, view_func=views.get_user_dashboard, methods=["GET"])
    return made


def _accounts(engine: Engine, limits: Limits) -> Blueprint:
    views, images = Accounts(engine, limits), Images(engine, limits)
    made = _blueprint("accounts", "Signing in, and one's own account.")
    profile, picture = f"{_AUTH}/profile", f"{IMAGES}/<workspace>/<blob>"
    made.add_url_rule(f"{_AUTH}/register", view_func=views.register, methods=["POST"])
    made.add_url_rule(f"{_AUTH}/login", view_func=views.login, methods=["POST"])
    made.add_url_rule(profile, view_func=views.get_profile, methods=["GET"])
    made.add_url_rule(profile, view_func=views.update_profile, methods=["PUT"])
    made.add_url_rule(f"{_AUTH}/invite-admin", view_func=views.invite_admin, methods=["POST"])
    made.add_url_rule(f"{_AUTH}/upload-image", view_func=images.upload_image, methods=["POST"])
    made.add_url_rule(picture, view_func=images.get_image, methods=["GET"])
    return made


def _users(engine: Engine, limits: Limits) -> Blueprint:
    views = Users(engine, limits)
    made = _blueprint("users", "Users of the workspace.")
    me, one = f"{_USERS}/me", f"{_USERS}/<user>"
    made.add_url_rule(_USERS, view_func=views.list_users, methods=["GET"])
    made.add_url_rule(me, view_func=views.get_me, methods=["GET"])
    made.add_url_rule(me, view_func=views.update_me, methods=["PATCH"])
    made.add_url_rule(one, view_func=views.get_user, methods=["GET"])
    made.add_url_rule(f"{one}/role", view_func=views.set_role, methods=["PATCH"])
    return made


def _reports(engine: Engine, limits: Limits) -> Blueprint:
    views = Reports(engine, limits)
    made = _blueprint("reports", "Workbooks for admins.")
    export = "/reports/export"
    made.add_url_rule(f"{export}/tasks", view_func=views.export_tasks, methods=["GET"])
    made.add_url_rule(f"{export}/users", view_func=views.export_users, methods=["GET"])
    return made
