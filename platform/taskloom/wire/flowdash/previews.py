"""Previews of imports over HTTP: a file is looked at, and nothing of it is kept."""

from collections.abc import Mapping
from typing import Final

import orjson
from werkzeug.wrappers import Request

from taskloom.engine.engine import Engine
from taskloom.engine.previews import MOST_ROWS, Preview, PreviewColumn, PreviewRow
from taskloom.exchange.opening import open_rows
from taskloom.exchange.rows import choices_of
from taskloom.schema.compiled import titles_of
from taskloom.wire.answer import Ready, ready, told
from taskloom.wire.auth import actor_of
from taskloom.wire.base import Limits, Titles
from taskloom.wire.docs.describe import FAULTS, TEXT, documented, parameter, reply
from taskloom.wire.flowdash.describe import WORKFLOW
from taskloom.wire.flowdash.imports import ASKED, Asked
from taskloom.wire.rowfiles import FILES, HEAD, PART, READ_AS, read_as, received_start

_USUAL_ROWS: Final = 20
_ROWS: Final = parameter(
    "rows",
    "How many of the first rows are shown.",
    {"type": "integer", "minimum": 1, "maximum": MOST_ROWS, "default": _USUAL_ROWS},
)
_KINDS: Final[Mapping[str, str]] = {"assignees": "assignee"}
_TARGET: Final = {
    "type": ["object", "null"],
    "description": "Where it goes; null where nobody knows, which refuses the file.",
    "properties": {
        "kind": {"enum": ["field", "stage", "assignee", "link", "aside", "none"]},
        "title": {"type": ["string", "null"]},
    },
    "required": ["kind", "title"],
    "additionalProperties": False,
}
_COLUMN: Final = {
    "type": "object",
    "properties": {
        "name": TEXT,
        "samples": {"type": "array", "description": "Some of its values, long ones cut short."},
        "target": _TARGET,
    },
    "required": ["name", "samples", "target"],
    "additionalProperties": False,
}
_ROW: Final = {
    "type": "object",
    "properties": {
        "line": {"type": "integer", "minimum": 1},
        "values": {"type": "object", "description": "As they came, by column."},
        "asks": {"type": "object", "description": "What the row asks for, by title."},
        "outcome": {"enum": ["created", "updated", "unchanged", "refused"]},
        "faults": FAULTS,
    },
    "required": ["line", "values", "asks", "outcome", "faults"],
    "additionalProperties": False,
}
_PREVIEW: Final = {
    "type": "object",
    "properties": {
        **READ_AS,
        "notes": {"type": "array", "items": TEXT, "description": "What had to be found out."},
        "columns": {"type": "array", "items": _COLUMN},
        "proposed": {"description": "What the workflow could have so that more would arrive."},
        "rows": {"type": "array", "items": _ROW},
        "faults": FAULTS,
    },
    "required": [*READ_AS, "notes", "columns", "proposed", "rows", "faults"],
    "additionalProperties": False,
}
_PARAMETERS: Final = (*ASKED, _ROWS, HEAD)


class Previews:
    """The handler of previews."""

    def __init__(self, engine: Engine, limits: Limits) -> None:
        self._engine = engine
        self._limits = limits

    @documented(
        "Preview an import",
        description="Tells what an import of a file would do with its first rows, and what speaks "
        f"against all of it. The file is the body, or the part `{PART}` of a form; of a large one "
        "the beginning is enough. Nothing is stored, so `dry_run` and `hold` change nothing.",
        parameters=[WORKFLOW, *_PARAMETERS],
        request=FILES,
        replies={200: reply("What would come of it.", _PREVIEW)},
        errors=(404,),
    )
    def preview_import(self, request: Request, workflow: str) -> Ready:
        """Look at a file."""
        actor = actor_of(request, self._engine)
        imports, limits = self._engine.imports, self._limits
        imports.require(actor, workflow)
        known = frozenset(str(each["name"]) for each in _PARAMETERS)
        asked = Asked(request.args, limits, known)
        named, options, count, head = asked.preview(MOST_ROWS, _USUAL_ROWS)
        kept = received_start(request, keep=limits.max_file, limit=limits.max_import, head=head)
        with kept as (sent, file, cut):
            reader = open_rows(file, named or sent, choices_of(options.reading, cut=cut))
            made = imports.preview(actor, workflow, reader, options, count)
        return ready(_shown(made, titles_of(self._engine.workflows.get(actor, workflow))))


def _shown(made: Preview, titles: Titles) -> Mapping[str, object]:
    return {
        **read_as(made.choices, made.source),
        "notes": made.notes,
        "columns": [_column(each, titles) for each in made.columns],
        "proposed": orjson.Fragment(made.proposed),
        "rows": [_row(each, titles) for each in made.rows],
        "faults": told(made.faults, titles),
    }


def _column(each: PreviewColumn, titles: Titles) -> Mapping[str, object]:
    kind, title = each.target, titles.get(each.name, each.name) or None
    target = None if kind is None else {"kind": _KINDS.get(kind, kind), "title": title}
    return {"name": each.column, "samples": each.samples, "target": target}


def _row(each: PreviewRow, titles: Titles) -> Mapping[str, object]:
    return {
        "line": each.line,
        "values": each.cells,
        "asks": {titles.get(key, key): value for key, value in each.asks.items()},
        "outcome": each.outcome,
        "faults": told(each.faults, titles),
    }
