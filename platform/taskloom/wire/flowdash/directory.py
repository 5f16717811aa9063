"""The read-only directory: workspace, workflows, fields, stages, roles, users."""

from collections.abc import Mapping
from typing import Any, Final

from flask import Response, request

from taskloom.engine.engine import Engine
from taskloom.engine.rights import roles_of
from taskloom.engine.team import Member
from taskloom.model.workflow import Field
from taskloom.schema.compiled import Compiled
from taskloom.wire.answer import answer
from taskloom.wire.auth import actor_of
from taskloom.wire.docs.describe import TEXT, documented, parameter, reply
from taskloom.wire.flowdash.describe import WORKFLOW

UNIQUE_ID: Final = "uniqueId"
_USER: Final = parameter("user", "Id of the user.", place="path")


_NULL: Final[Mapping[str, Any]] = {"type": "null"}


def _object(*names: str, **others: Mapping[str, Any]) -> Mapping[str, Any]:
    """Describe an object that always has the texts `names`; `others` have schemas of their own."""
    return {
        "type": "object",
        "properties": {**dict.fromkeys(names, TEXT), **others},
        "required": list(names),
    }


def _list(items: Mapping[str, Any]) -> Mapping[str, Any]:
    return {"type": "array", "items": items}


_FLAG: Final[Mapping[str, Any]] = {"type": "boolean"}
PERSON: Final = _object("id", "email", "first_name", "last_name", "role_id", saml_user_id=_NULL)
_ROLE: Final = _object("id", "name", admin=_FLAG)
_FIELD: Final = _object(
    "id",
    "name",
    "type",
    required=_FLAG,
    editable=_FLAG,
    options={"type": "array", "items": TEXT, "description": "Of selects only."},
    limit={"type": ["integer", "null"], "description": "Of file fields only: most attachments."},
    autoincrement={**_FLAG, "description": "Of the unique ID only."},
)


class Directory:
    """The directory views; each takes the request of the moment."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    @documented("Get the workspace", replies={200: reply("The workspace.", _object("id", "name"))})
    def get_workspace(self) -> Response:
        """Answer the workspace of the key."""
        workspace = self._engine.people.workspace(actor_of(request, self._engine))
        return answer({"id": workspace.id, "name": workspace.name})

    @documented(
        "List the workflows", replies={200: reply("The workflows.", _list(_object("id", "name")))}
    )
    def list_workflows(self) -> Response:
        """Answer the workflows the key's holder takes part in."""
        workflows = self._engine.workflows.every(actor_of(request, self._engine))
        return answer([{"id": workflow.id, "name": workflow.title} for workflow in workflows])

    @documented(
        "List a workflow's fields",
        parameters=[WORKFLOW],
        replies={200: reply("The fields, in order.", _list(_FIELD))},
        errors=(404,),
    )
    def list_fields(self, workflow: str) -> Response:
        """Answer the fields in order."""
        return answer([field_shown(field) for field in self._compiled(workflow).fields.values()])

    @documented(
        "List a workflow's stages",
        parameters=[WORKFLOW],
        replies={200: reply("The stages, in order.", _list(_object("name")))},
        errors=(404,),
    )
    def list_stages(self, workflow: str) -> Response:
        """Answer the stages in order."""
        return answer([{"name": stage.name} for stage in self._compiled(workflow).stages.values()])

    @documented(
        "List a workflow's roles",
        parameters=[WORKFLOW],
        replies={200: reply("The roles.", _list(_ROLE))},
        errors=(404,),
    )
    def list_roles(self, workflow: str) -> Response:
        """Answer the roles that users can have."""
        roles = roles_of(self._compiled(workflow).workflow)
        return answer([{"id": r.id, "name": r.name, "admin": r.admin} for r in roles])

    @documented(
        "List a workflow's users",
        parameters=[WORKFLOW],
        replies={200: reply("The users, oldest first.", _list(PERSON))},
        errors=(404,),
    )
    def list_collaborators(self, workflow: str) -> Response:
        """Answer the users who take part."""
        actor = actor_of(request, self._engine)
        compiled = self._engine.workflows.get(actor, workflow)
        members = self._engine.team.members(actor, compiled)
        return answer([member_shown(member) for member in members])

    @documented(
        "Get one of a workflow's users",
        parameters=[WORKFLOW, _USER],
        replies={200: reply("The user.", PERSON)},
        errors=(404,),
    )
    def get_collaborator(self, workflow: str, user: str) -> Response:
        """Answer one user who takes part."""
        actor = actor_of(request, self._engine)
        compiled = self._engine.workflows.get(actor, workflow)
        return answer(member_shown(self._engine.team.member(actor, compiled, user)))

    @documented(
        "Take a user out of a workflow",
        description="Tasks assigned to this user become unassigned.",
        parameters=[WORKFLOW, _USER],
        replies={204: reply("Taken out.")},
        errors=(404,),
    )
    def remove_collaborator(self, workflow: str, user: str) -> Response:
        """Take one user out."""
        actor = actor_of(request, self._engine)
        self._engine.workflows.get(actor, workflow)
        self._engine.people.remove_collaborator(actor, workflow, user)
        return Response(status=204)

    def _compiled(self, workflow: str) -> Compiled:
        return self._engine.workflows.get(actor_of(request, self._engine), workflow)


def field_shown(field: Field) -> Mapping[str, object]:
    """Show a field's settings; some stand only with the kinds they mean something for."""
    shown: dict[str, object] = {
        "id": field.key,
        "name": field.title,
        "type": UNIQUE_ID if field.unique else field.kind,
        "required": field.required,
        "editable": field.editable,
    }
    if field.kind in {"singleSelect", "multipleSelect"} and not field.unique:
        shown["options"] = list(field.options)
    if field.kind == "file":
        shown["limit"] = field.limit
    if field.unique:
        shown["autoincrement"] = field.auto_increment
    return shown


def member_shown(member: Member) -> Mapping[str, object]:
    """Show a user with the role in a workflow; the name up to its first space is the first name."""
    user = member.user
    first, _, last = user.name.partition(" ")
    return {
        "id": user.id,
        "email": user.email,
        "first_name": first,
        "last_name": last.strip(),
        "role_id": member.role.id,
        "saml_user_id": None,
    }
