"""The OpenAPI 3.1 document of one workflow: its task routes, typed by its fields."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final
from urllib.parse import quote

from taskloom.schema.compiled import Compiled
from taskloom.wire.docs.api import OPENAPI
from taskloom.wire.docs.describe import (
    COMPONENTS,
    JSON,
    UNPROCESSABLE,
    content,
    noted,
    operation,
    parameter,
    reference,
    reply,
    retriable,
)
from taskloom.wire.docs.filters import filter_parameters
from taskloom.wire.docs.sample import sample_answer, sample_request, sample_unique
from taskloom.wire.docs.tasks import task_schemas
from taskloom.wire.flowdash.approval import Approval
from taskloom.wire.flowdash.bulk import Bulk
from taskloom.wire.flowdash.conditions import IF_CHANGED, IF_MATCH, IF_NEW, TAGGED
from taskloom.wire.flowdash.describe import LISTED, ONE
from taskloom.wire.flowdash.files import Files
from taskloom.wire.flowdash.lines import NDJSON
from taskloom.wire.flowdash.writing import TASK_PART
from taskloom.wire.uploads import FORM

Path = Mapping[str, Any]

_TASKS: Final = "Tasks"
_FILES: Final = "Files"
_BYTES: Final = "application/octet-stream"
_NEXT: Final = {"Link": 'The next page, as `<…>; rel="next"`, where there is one.'}
_LISTED: Final = (
    "All that match, oldest first unless sorted. Without `_limit` the whole list comes, streamed; "
    "with it one page. Filters with different names all have to hold."
)
_UPSERT: Final = "Updates the task with the unique ID in the body, or creates it where none is."
_CREATE: Final = "This workflow has no unique ID, so that every call creates a task."


class _Author:
    """Writes the operations of one workflow."""

    def __init__(self, compiled: Compiled, server: str) -> None:
        workflow = compiled.workflow
        self._compiled = compiled
        self._has_unique = workflow.unique_id is not None
        self._answer = sample_answer(compiled, server)
        self._request = sample_request(compiled)
        self.filters = filter_parameters(compiled)
        self.controls = {control["name"]: control for control in LISTED if _is_control(control)}

    def collection(self) -> Path:
        """Describe the address of all tasks."""
        return {
            "get": self._listing("listTasks", "List tasks", _LISTED),
            "post": self._upsert(),
            **({"put": self._update()} if self._has_unique else {}),
        }

    def active(self) -> Path:
        """Describe the address of the tasks in no end stage."""
        about = f"Tasks in no end stage. {_LISTED}"
        return {"get": self._listing("listActiveTasks", "List active tasks", about)}

    def one(self) -> Path:
        """Describe the address of the task with a unique ID."""
        return {
            "parameters": [_unique(self._compiled)],
            "get": _tagged(
                "getTask",
                operation(
                    "Get a task by its unique ID",
                    parameters=[reference("parameters", ONE["name"]), IF_CHANGED],
                    replies={
                        200: self._reply("The task.", "TaskSelection", headers=TAGGED),
                        304: reply("It was not written since.", headers=TAGGED),
                    },
                    errors=(400, 404, UNPROCESSABLE),
                ),
            ),
            "delete": _tagged(
                "deleteTask",
                operation(
                    "Delete a task by its unique ID",
                    description="For good.",
                    parameters=[IF_MATCH],
                    replies={204: reply("Deleted.")},
                    errors=(400, 404, 409, 412, UNPROCESSABLE),
                ),
            ),
        }

    def _reply(self, about: str, schema: str, **rest: Any) -> dict[str, Any]:
        return reply(about, reference("schemas", schema), example=self._answer, **rest)

    def _listing(self, name: str, summary: str, about: str) -> dict[str, Any]:
        array = {"type": "array", "items": reference("schemas", "TaskSelection")}
        return _tagged(
            name,
            operation(
                summary,
                description=about,
                parameters=[
                    reference("parameters", component)
                    for component in (*self.filters, *self.controls)
                ],
                replies={200: reply("The tasks.", array, example=[self._answer], headers=_NEXT)},
                errors=(400, 404, 413, UNPROCESSABLE),
            ),
        )

    def _body(self, schema: str) -> dict[str, Any]:
        described = content(reference("schemas", schema), example=self._request)
        return {"required": True, "content": {**described, **_multipart(self._compiled, schema)}}

    def _upsert(self) -> dict[str, Any]:
        replies = {
            201: self._reply(
                "Created.", "Task", headers={"Location": "Address of the task.", **TAGGED}
            )
        }
        if self._has_unique:
            replies[200] = self._reply("Updated, or unchanged.", "Task", headers=TAGGED)
        return _tagged(
            "upsertTask" if self._has_unique else "createTask",
            operation(
                "Create or update a task" if self._has_unique else "Create a task",
                description=_UPSERT if self._has_unique else _CREATE,
                parameters=[IF_MATCH, IF_NEW],
                request=self._body("NewTask"),
                replies=replies,
                errors=(404, 409, 412),
            ),
        )

    def bulk(self) -> Path:
        """Describe the address that takes many tasks at once."""
        described = noted(Bulk.write_tasks)
        rows = {"type": "array", "items": reference("schemas", "TaskInput")}
        described["parameters"] = _beyond_workflow(described["parameters"])
        described["requestBody"] = {
            "required": True,
            "content": {
                **content(rows, example=[self._request]),
                **content(reference("schemas", "TaskInput"), media=NDJSON),
            },
        }
        return {"post": _tagged("writeTasks", described)}

    def process(self, view: Callable[..., Any], name: str, method: str) -> Path:
        """Describe the address of what people do to a task beyond writing values."""
        described = noted(view)
        described["parameters"] = _beyond_workflow(described["parameters"])
        described["responses"]["200"] = self._reply("The task after that.", "Task")
        return {method: _tagged(name, described)}

    def _update(self) -> dict[str, Any]:
        return _tagged(
            "updateTask",
            operation(
                "Update a task",
                description="Updates the task with the unique ID in the body; it must exist.",
                parameters=[IF_MATCH],
                request=self._body("ChangedTask"),
                replies={200: self._reply("Updated, or unchanged.", "Task", headers=TAGGED)},
                errors=(404, 409, 412),
            ),
        )


def _is_control(listed: Mapping[str, Any]) -> bool:
    return str(listed["name"]).startswith("_")


def _beyond_workflow(parameters: Sequence[Mapping[str, Any]]) -> list[Mapping[str, Any]]:
    """Leave out the workflow's id, which stands in the paths of its own document."""
    return [each for each in parameters if each["name"] != "workflow"]


def _multipart(compiled: Compiled, schema: str) -> dict[str, Any]:
    """Describe the body that brings files as they are; none where no field holds files."""
    titles = [field.title for field in compiled.workflow.fields if field.kind == "file"]
    files = {"type": "array", "items": {"type": "string", "contentMediaType": _BYTES}}
    if not titles:
        return {}
    described = content(
        {
            "type": "object",
            "properties": {
                TASK_PART: reference("schemas", schema),
                **dict.fromkeys(titles, files),
            },
            "required": [TASK_PART],
            "additionalProperties": False,
        },
        media=FORM,
    )
    described[FORM]["encoding"] = {TASK_PART: {"contentType": JSON}}
    return described


def _file_paths() -> dict[str, Path]:
    return {
        "/api/v1/files": {"post": _tagged("uploadFiles", noted(Files.upload_files), _FILES)},
        "/api/v1/files/{blob}": {
            "get": _tagged("downloadFile", noted(Files.download_file), _FILES)
        },
    }


def _tagged(name: str, described: Mapping[str, Any], tag: str = _TASKS) -> dict[str, Any]:
    return {"operationId": name, "tags": [tag], **described}


def _unique(compiled: Compiled) -> Mapping[str, Any]:
    key = compiled.workflow.unique_id
    title = compiled.fields[key].title if key else "Unique ID"
    return parameter(
        "uid",
        f"{title} of the task; slashes may stand as they are.",
        {"type": "string", "minLength": 1, "maxLength": 512},
        place="path",
        example=sample_unique(compiled),
    )


def workflow_document(compiled: Compiled, server: str) -> dict[str, Any]:
    """Write the document of one workflow version; `server` is the address the paths begin at."""
    workflow = compiled.workflow
    author = _Author(compiled, server)
    tasks = f"/api/v1/workflows/{quote(workflow.id, safe='')}/tasks"
    paths = {tasks: author.collection(), f"{tasks}/active": author.active()}
    paths[f"{tasks}/bulk"] = author.bulk()
    if workflow.unique_id is not None:
        paths[f"{tasks}/{{uid}}"] = author.one()
    approvals, checklist = workflow.approvals, workflow.checklist
    if approvals is not None and approvals.steps in compiled.fields:
        paths[f"{tasks}/{{uid}}/approval"] = author.process(Approval.act, "actOnTask", "post")
    if checklist is not None and checklist.items in compiled.fields:
        path = f"{tasks}/{{uid}}/checklist"
        paths[path] = author.process(Approval.check_off, "checkOffTask", "put")
    retriable(paths)
    return {
        "openapi": OPENAPI,
        "info": {
            "title": workflow.title,
            "version": str(workflow.version),
            "description": str(workflow.schema.get("description", f"Tasks of {workflow.title}.")),
        },
        "servers": [{"url": server}],
        "tags": [
            {"name": _TASKS, "description": f"The tasks of {workflow.title}."},
            {"name": _FILES, "description": "Files that tasks hold."},
        ],
        "paths": {**paths, **_file_paths()},
        "components": {
            **COMPONENTS,
            "schemas": {**COMPONENTS["schemas"], **task_schemas(compiled)},
            "parameters": {**author.filters, **author.controls},
        },
    }
