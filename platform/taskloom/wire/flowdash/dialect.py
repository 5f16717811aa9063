"""The native dialect: every workflow at `/api/v1`, spelt as Flowdash spells it."""

from collections.abc import Sequence

from flask_smorest import Blueprint

from taskloom.engine.engine import Engine
from taskloom.errors import TaskloomError
from taskloom.wire.answer import Handler, view_of
from taskloom.wire.base import DIALECTS, Answer, Dialect, Limits
from taskloom.wire.flowdash.approval import Approval
from taskloom.wire.flowdash.bulk import Bulk
from taskloom.wire.flowdash.by_id import ById
from taskloom.wire.flowdash.calls import Calls
from taskloom.wire.flowdash.directory import Directory
from taskloom.wire.flowdash.errors import render
from taskloom.wire.flowdash.events import Events
from taskloom.wire.flowdash.exports import Exports
from taskloom.wire.flowdash.figures import Figures
from taskloom.wire.flowdash.files import Files
from taskloom.wire.flowdash.history import Histories
from taskloom.wire.flowdash.imports import Imports
from taskloom.wire.flowdash.notifications import Notifications
from taskloom.wire.flowdash.previews import Previews
from taskloom.wire.flowdash.querying import Querying
from taskloom.wire.flowdash.reading import Reading
from taskloom.wire.flowdash.reports import Reports
from taskloom.wire.flowdash.saved_views import SavedViews
from taskloom.wire.flowdash.sessions import Sessions
from taskloom.wire.flowdash.shown import Plans
from taskloom.wire.flowdash.writing import Writing

PREFIX = "/api/v1"
_WORKFLOW = "/workflows/<workflow>"
_TASKS = f"{_WORKFLOW}/tasks"


@DIALECTS.register("flowdash")
class Flowdash(Dialect):
    """The native dialect; its errors are also those of every path that no dialect claims."""

    name = "flowdash"
    prefixes = (PREFIX, "/")

    def blueprints(self, engine: Engine, limits: Limits) -> Sequence[Blueprint]:
        return [
            _tasks(engine, limits),
            _histories(engine, limits),
            _files(engine, limits),
            _imports(engine, limits),
            _directory(engine),
            _notifications(engine, limits),
            _views(engine, limits),
            _sessions(engine, limits),
            _events(engine),
        ]

    def render(self, error: TaskloomError) -> Answer:
        return render(error)


def _tasks(engine: Engine, limits: Limits) -> Blueprint:
    plans = Plans()
    reading = Reading(engine, limits)
    writing = Writing(engine, limits, plans)
    bulk = Bulk(engine, limits)
    approval = Approval(engine, limits, plans)
    reports = Reports(engine, limits, plans)
    made = Blueprint("tasks", __name__, url_prefix=PREFIX, description="Tasks of a workflow.")
    _serve(made, "GET", _TASKS, reading.list_tasks)
    _serve(made, "POST", _TASKS, writing.upsert_task)
    _serve(made, "PUT", _TASKS, writing.update_task)
    _serve(made, "GET", f"{_TASKS}/active", reading.list_active_tasks)
    _serve(made, "POST", f"{_TASKS}/bulk", bulk.write_tasks)
    _serve(made, "POST", f"{_TASKS}/query", Querying(engine, limits, reading).query_tasks)
    _serve(made, "GET", f"{_TASKS}/export", Exports(engine).export_tasks)
    by_id = ById(engine, limits, plans)
    _serve(made, "GET", f"{_TASKS}/by-id/<task>", by_id.get_task_by_id)
    _serve(made, "PUT", f"{_TASKS}/by-id/<task>", writing.update_task_by_id)
    _serve(made, "DELETE", f"{_TASKS}/by-id/<task>", writing.delete_task_by_id)
    _serve(made, "GET", f"{_TASKS}/<rest:uid>", reading.get_task)
    _serve(made, "DELETE", f"{_TASKS}/<rest:uid>", writing.delete_task)
    made.add_url_rule(f"{_TASKS}/<rest:uid>/approval", view_func=approval.act, methods=["POST"])
    made.add_url_rule(
        f"{_TASKS}/<rest:uid>/checklist", view_func=approval.check_off, methods=["PUT"]
    )
    made.add_url_rule(f"{_WORKFLOW}/report", view_func=reports.get_report, methods=["GET"])
    figures = Figures(engine, limits, plans)
    _serve(made, "GET", f"{_WORKFLOW}/reports/<report>", figures.get_named_report)
    return made


def _serve(made: Blueprint, method: str, rule: str, handler: Handler) -> None:
    made.add_url_rule(rule, view_func=view_of(handler), methods=[method])


def _files(engine: Engine, limits: Limits) -> Blueprint:
    files = Files(engine, limits)
    made = Blueprint("files", __name__, url_prefix=PREFIX, description="Contents of attachments.")
    made.add_url_rule("/files", view_func=files.upload_files, methods=["POST"])
    made.add_url_rule("/files/<blob>", view_func=files.download_file, methods=["GET"])
    return made


def _imports(engine: Engine, limits: Limits) -> Blueprint:
    imports = Imports(engine, limits)
    previews = Previews(engine, limits)
    every = f"{_WORKFLOW}/imports"
    one = f"{every}/<job>"
    made = Blueprint("imports", __name__, url_prefix=PREFIX, description="Files of rows, sent in.")
    _serve(made, "POST", every, imports.start_import)
    _serve(made, "GET", every, imports.list_imports)
    _serve(made, "POST", f"{every}/preview", previews.preview_import)
    _serve(made, "GET", one, imports.get_import)
    _serve(made, "DELETE", one, imports.cancel_import)
    _serve(made, "POST", f"{one}/start", imports.begin_import)
    _serve(made, "GET", f"{one}/rejects", imports.get_rejects)
    _serve(made, "GET", f"{one}/aside", imports.get_aside)
    return made


def _directory(engine: Engine) -> Blueprint:
    views = Directory(engine)
    users = f"{_WORKFLOW}/users"
    made = Blueprint(
        "directory", __name__, url_prefix=PREFIX, description="What there is in the workspace."
    )
    _serve(made, "GET", f"{_WORKFLOW}/calls", Calls(engine).list_calls)
    made.add_url_rule("/workspace", view_func=views.get_workspace, methods=["GET"])
    made.add_url_rule("/workflows", view_func=views.list_workflows, methods=["GET"])
    made.add_url_rule(f"{_WORKFLOW}/fields", view_func=views.list_fields, methods=["GET"])
    made.add_url_rule(f"{_WORKFLOW}/stages", view_func=views.list_stages, methods=["GET"])
    made.add_url_rule(f"{_WORKFLOW}/roles", view_func=views.list_roles, methods=["GET"])
    made.add_url_rule(users, view_func=views.list_collaborators, methods=["GET"])
    made.add_url_rule(f"{users}/<user>", view_func=views.get_collaborator, methods=["GET"])
    made.add_url_rule(f"{users}/<user>", view_func=views.remove_collaborator, methods=["DELETE"])
    return made


def _views(engine: Engine, limits: Limits) -> Blueprint:
    views = SavedViews(engine, limits)
    every = f"{_WORKFLOW}/views"
    made = Blueprint("views", __name__, url_prefix=PREFIX, description="Lists with a name.")
    _serve(made, "GET", every, views.list_views)
    _serve(made, "POST", every, views.create_view)
    _serve(made, "PUT", f"{every}/<view>", views.change_view)
    _serve(made, "DELETE", f"{every}/<view>", views.delete_view)
    return made


def _notifications(engine: Engine, limits: Limits) -> Blueprint:
    views = Notifications(engine, limits)
    made = Blueprint(
        "notifications", __name__, url_prefix=PREFIX, description="What one was told of tasks."
    )
    made.add_url_rule("/notifications", view_func=views.list_notifications, methods=["GET"])
    made.add_url_rule("/notifications/read", view_func=views.read_notifications, methods=["POST"])
    return made


def _sessions(engine: Engine, limits: Limits) -> Blueprint:
    views = Sessions(engine, limits)
    made = Blueprint("session", __name__, url_prefix=PREFIX, description="Signed in by a cookie.")
    made.add_url_rule("/session", view_func=views.begin_session, methods=["POST"])
    made.add_url_rule("/session", view_func=views.get_session, methods=["GET"])
    made.add_url_rule("/session", view_func=views.end_session, methods=["DELETE"])
    made.add_url_rule("/session/password", view_func=views.change_password, methods=["PUT"])
    return made


def _events(engine: Engine) -> Blueprint:
    made = Blueprint(
        "events", __name__, url_prefix=PREFIX, description="What happens, for who follows it."
    )
    view = Events(engine).list_events
    made.add_url_rule("/events", view_func=view, methods=["GET"])
    return made


def _histories(engine: Engine, limits: Limits) -> Blueprint:
    views = Histories(engine, limits, Plans())
    made = Blueprint("history", __name__, url_prefix=PREFIX, description="What happened to a task.")
    by_id, by_uid = f"{_TASKS}/by-id/<task>/history", f"{_TASKS}/<rest:uid>/history"
    _serve(made, "GET", by_uid, views.get_history)
    _serve(made, "POST", f"{by_uid}/<event>/undo", views.undo_change)
    _serve(made, "GET", by_id, views.get_history_by_id)
    _serve(made, "POST", f"{by_id}/<event>/undo", views.undo_change_by_id)
    return made
