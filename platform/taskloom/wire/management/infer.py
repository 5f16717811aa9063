"""A workflow proposed for a file: the file comes, its columns are looked at, nothing is kept."""

from tempfile import SpooledTemporaryFile
from typing import BinaryIO, Final, cast

from flask import Response, request
from flask_smorest import Blueprint
from werkzeug.datastructures import MultiDict

from taskloom.engine.engine import Engine
from taskloom.errors import Fault, Invalid
from taskloom.exchange.infer import infer
from taskloom.exchange.opening import open_rows
from taskloom.exchange.rows import Choices
from taskloom.wire.answer import answer
from taskloom.wire.auth import actor_of
from taskloom.wire.base import Limits
from taskloom.wire.body import HEAVY
from taskloom.wire.docs.describe import TEXT, UNPROCESSABLE, documented, parameter, reply
from taskloom.wire.flowdash.query import meaningless
from taskloom.wire.rowfiles import FILES, READING, received_file

_NAME: Final = "name"
_REASON: Final = {
    "type": "object",
    "properties": {"path": {"type": "array", "items": TEXT}, "text": TEXT},
    "required": ["path", "text"],
    "additionalProperties": False,
}
_PROPOSAL: Final = {
    "type": "object",
    "properties": {
        "file": {"type": "object", "description": "A workflow file, ready to be pushed."},
        "reasons": {
            "type": "array",
            "items": _REASON,
            "description": "Why each part of it is as it is, by its path in the file.",
        },
    },
    "required": ["file", "reasons"],
    "additionalProperties": False,
}


class Infer:
    """The view; it takes the request of the moment."""

    def __init__(self, engine: Engine, limits: Limits) -> None:
        self._engine = engine
        self._limits = limits

    @documented(
        "Propose a workflow for a file",
        description="Reads a whole file of rows, and proposes a workflow that takes all of them "
        "in. Nothing is stored.",
        parameters=[
            parameter(_NAME, "The name of the file, where the body does not say it."),
            *(
                parameter(name, f"{text} Default: found out, and told among the reasons.")
                for name, text in READING.items()
            ),
        ],
        request=FILES,
        replies={200: reply("The workflow, and why it is so.", _PROPOSAL)},
        errors=(UNPROCESSABLE,),
    )
    def infer_workflow(self) -> Response:
        """Answer a workflow for the file of the request."""
        actor_of(request, self._engine)
        choices = _choices(request.args)
        sent, pieces = received_file(request, self._limits.max_file)
        name = request.args.get(_NAME) or sent
        with SpooledTemporaryFile(max_size=HEAVY) as file:
            for piece in pieces:
                file.write(piece)
            file.seek(0)
            proposal = infer(open_rows(cast(BinaryIO, file), name, choices), name)
        reasons = [{"path": each.path, "text": each.text} for each in proposal.reasons]
        return answer({"file": proposal.file, "reasons": reasons})


def _choices(parameters: MultiDict[str, str]) -> Choices:
    faults = meaningless(parameters, _NAME, *READING)
    for name in (_NAME, *READING):
        if len(parameters.getlist(name)) > 1:
            faults.append(Fault(path=(name,), code="parameter", message="can be given once"))
    if faults:
        raise Invalid(faults)
    return Choices(**{name: parameters[name] for name in READING if name in parameters})


def blueprint(engine: Engine, limits: Limits) -> Blueprint:
    """Make the blueprint."""
    views = Infer(engine, limits)
    made = Blueprint(
        "infer", __name__, url_prefix="/api/v1", description="Workflows proposed for files."
    )
    made.add_url_rule("/infer", view_func=views.infer_workflow, methods=["POST"])
    return made
