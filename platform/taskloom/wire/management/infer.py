"""A workflow proposed for a file: the file comes, its columns are looked at, nothing is kept."""

from collections.abc import Mapping
from typing import Any, Final

from flask import Response, request
from flask_smorest import Blueprint
from werkzeug.datastructures import MultiDict

from taskloom.engine.engine import Engine
from taskloom.errors import Fault, Invalid
from taskloom.exchange.infer import Column, Proposal, infer
from taskloom.exchange.opening import open_rows
from taskloom.exchange.rows import Choices, choices_of
from taskloom.exchange.targets import ASSIGNED_TITLE, STAGE_TITLE
from taskloom.wire.answer import answer
from taskloom.wire.auth import actor_of
from taskloom.wire.base import Limits
from taskloom.wire.docs.describe import TEXT, UNPROCESSABLE, documented, parameter, reply
from taskloom.wire.flowdash.query import meaningless
from taskloom.wire.rowfiles import FILES, HEAD, READ_AS, READING, read_as, received_start

_NAME: Final = "name"
_REASON: Final = {
    "type": "object",
    "properties": {"path": {"type": "array", "items": TEXT}, "text": TEXT},
    "required": ["path", "text"],
    "additionalProperties": False,
}
_COLUMN: Final = {
    "type": "object",
    "properties": {
        "name": TEXT,
        "samples": {"type": "array", "description": "Some of its values, long ones cut short."},
        "target": {
            "type": ["object", "null"],
            "description": "Where an import of the file takes it; null if nowhere.",
            "properties": {
                "kind": {"enum": ["field", "stage", "assignee"]},
                "title": TEXT,
                "key": {"type": ["string", "null"]},
            },
            "required": ["kind", "title", "key"],
            "additionalProperties": False,
        },
        "reason": {"type": ["string", "null"], "description": "Why it is so."},
    },
    "required": ["name", "samples", "target", "reason"],
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
        "columns": {"type": "array", "items": _COLUMN},
        "rows": {"type": "integer", "minimum": 0, "description": "How many were looked at."},
        **READ_AS,
    },
    "required": ["file", "reasons", "columns", "rows", *READ_AS],
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
            HEAD,
        ],
        request=FILES,
        replies={200: reply("The workflow, and why it is so.", _PROPOSAL)},
        errors=(UNPROCESSABLE,),
    )
    def infer_workflow(self) -> Response:
        """Answer a workflow for the file of the request."""
        actor_of(request, self._engine)
        choices = _choices(request.args)
        most = self._limits.max_file
        kept = received_start(request, keep=most, limit=most, head=choices.cut)
        with kept as (sent, file, _):
            name = request.args.get(_NAME) or sent
            reader = open_rows(file, name, choices)
            proposal = infer(reader, name)
        return answer(_shown(proposal, reader.source))


def _shown(made: Proposal, source: str) -> Mapping[str, object]:
    reasons = {tuple(each.path): each.text for each in made.reasons}
    return {
        "file": made.file,
        "reasons": [{"path": each.path, "text": each.text} for each in made.reasons],
        "columns": [_column(each, made.file, reasons) for each in made.columns],
        "rows": made.rows,
        **read_as(made.choices, source),
    }


def _column(
    each: Column, file: Mapping[str, Any], reasons: Mapping[tuple[str, ...], str]
) -> Mapping[str, object]:
    target, reason = None, each.reason or None
    if each.to == "field":
        title = file["properties"][each.key]["title"]
        target = {"kind": "field", "title": title, "key": each.key}
        reason = reasons[("properties", str(each.key))]
    elif each.to is not None:
        title = {"stage": STAGE_TITLE, "assignees": ASSIGNED_TITLE}[each.to]
        target = {"kind": each.to.removesuffix("s"), "title": title, "key": None}
        reason = reasons.get(("workflow", "stages")) if each.to == "stage" else None
    return {"name": each.name, "samples": each.samples, "target": target, "reason": reason}


def _choices(parameters: MultiDict[str, str]) -> Choices:
    known = (_NAME, str(HEAD["name"]), *READING)
    faults = meaningless(parameters, *known)
    head = parameters.get("head", "false")
    if head not in ("true", "false"):
        message = "must be one of true, false"
        faults.append(Fault(path=("head",), code="parameter", message=message))
    for name in known:
        if len(parameters.getlist(name)) > 1:
            faults.append(Fault(path=(name,), code="parameter", message="can be given once"))
    if faults:
        raise Invalid(faults)
    said = {name: parameters[name] for name in READING if name in parameters}
    return choices_of(said, cut=head == "true")


def blueprint(engine: Engine, limits: Limits) -> Blueprint:
    """Make the blueprint."""
    views = Infer(engine, limits)
    made = Blueprint(
        "infer", __name__, url_prefix="/api/v1", description="Workflows proposed for files."
    )
    made.add_url_rule("/infer", view_func=views.infer_workflow, methods=["POST"])
    return made
