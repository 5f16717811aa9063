"""The route of each workflow's own document, written once per version and role."""

from collections import OrderedDict
from typing import Final

from flask import Response, request
from flask_smorest import Blueprint

from taskloom.engine.engine import Engine
from taskloom.schema.compiled import Compiled
from taskloom.wire.answer import encode
from taskloom.wire.auth import actor_of
from taskloom.wire.base import Limits
from taskloom.wire.docs.describe import documented, parameter, reply
from taskloom.wire.docs.pages import conditional
from taskloom.wire.docs.workflow import workflow_document

_KEPT: Final = 16


class Documents:
    """The view; the documents of the last few workflows are kept as text."""

    def __init__(self, engine: Engine, limits: Limits) -> None:
        self._engine = engine
        self._server = limits.public_url or "/"
        self._texts: OrderedDict[tuple[str, int, str], tuple[Compiled, bytes]] = OrderedDict()

    @documented(
        "Get a workflow's own OpenAPI document",
        description="OpenAPI 3.1, typed by the workflow's fields; another for each version.",
        parameters=[parameter("workflow", "Id of the workflow.", place="path", example="orders")],
        replies={
            200: reply("The document.", {"type": "object"}, headers={"ETag": "Of its text."}),
            304: reply("It has not changed."),
        },
        errors=(404,),
    )
    def get_workflow_document(self, workflow: str) -> Response:
        """Answer the document of a workflow's newest version."""
        actor = actor_of(request, self._engine)
        return conditional(self._text(self._engine.workflows.get(actor, workflow)), public=False)

    def _text(self, compiled: Compiled) -> bytes:
        version = (compiled.workflow.uid, compiled.workflow.version, compiled.role.id)
        known, text = self._texts.get(version, (None, b""))
        # Links come and go with other workflows, and the view with them.
        if known is not compiled:
            text = encode(workflow_document(compiled, self._server))
            self._texts[version] = compiled, text
            # Two threads at once may let go of one more than is needed, which does no harm.
            while len(self._texts) > _KEPT:
                self._texts.popitem(last=False)
        return text


def blueprint(engine: Engine, limits: Limits) -> Blueprint:
    """Make the blueprint."""
    made = Blueprint(
        "documents", __name__, url_prefix="/api/v1", description="The API, described by itself."
    )
    made.add_url_rule(
        "/workflows/<workflow>/openapi.json",
        view_func=Documents(engine, limits).get_workflow_document,
        methods=["GET"],
    )
    return made
