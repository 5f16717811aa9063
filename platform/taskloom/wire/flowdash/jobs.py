"""How the native dialect spells imports."""

from collections.abc import Mapping
from typing import Final

import orjson

from taskloom.model.imports import MODES, Analysis, Import
from taskloom.wire.answer import told
from taskloom.wire.base import Titles
from taskloom.wire.docs.describe import FAULTS, TEXT
from taskloom.wire.management.strict import stamp

_COUNT: Final = {"type": "integer", "minimum": 0}
_PERHAPS: Final = {"type": ["integer", "null"], "minimum": 0}
_MOMENT: Final = {"type": ["string", "null"], "format": "date-time"}
_STATES: Final = ("queued", "running", "held", "done", "failed", "cancelled")
_BRIEF: Final[Mapping[str, object]] = {
    "id": TEXT,
    "workflow": TEXT,
    "name": TEXT,
    "size": {"type": "integer", "minimum": 0, "description": "Bytes of the file."},
    "state": {"enum": list(_STATES)},
    "mode": {"enum": list(MODES)},
    "dryRun": {"type": "boolean"},
    "createdAt": _MOMENT,
    "startedAt": _MOMENT,
    "endedAt": _MOMENT,
    "rows": {**_COUNT, "description": "Rows settled so far, the sum of the next four."},
    "created": _COUNT,
    "updated": _COUNT,
    "unchanged": _COUNT,
    "refused": _COUNT,
    "unprocessed": {
        **_PERHAPS,
        "description": "Rows that were not tried; null where nobody knows how many there are.",
    },
    "read": {**_COUNT, "description": "Bytes of the file that were read."},
    "rate": {**_PERHAPS, "description": "Rows a second."},
    "remaining": {**_PERHAPS, "description": "Seconds that the rest will take."},
    "error": {"type": ["string", "null"], "description": "Why it failed."},
}
_WHOLE: Final[Mapping[str, object]] = {
    **_BRIEF,
    "faults": FAULTS,
    "notes": {
        "type": "array",
        "items": TEXT,
        "description": "What had to be found out about the file.",
    },
    "columns": {
        "type": ["object", "null"],
        "description": "Columns of the file and the titles they go to; null for one left out.",
        "additionalProperties": {"type": ["string", "null"]},
    },
    "aside": {"type": "array", "items": TEXT, "description": "Columns kept aside."},
    "tabular": {"type": ["boolean", "null"], "description": "Whether rows are cells of a table."},
    "proposed": {"description": "What the workflow could have so that more would arrive."},
    "sample": {"type": "array", "items": {"type": "object"}, "description": "The first rows."},
}


def _object(properties: Mapping[str, object]) -> Mapping[str, object]:
    return {
        "type": "object",
        "properties": properties,
        "required": list(properties),
        "additionalProperties": False,
    }


IMPORT: Final = _object(_WHOLE)
IMPORTS: Final = {"type": "array", "items": _object(_BRIEF)}


def shown(found: Import, titles: Titles) -> Mapping[str, object]:
    """Spell an import in full, by the titles of its workflow."""
    analysis = found.analysis or Analysis(tabular=False)
    columns = {
        column: None if target is None else titles.get(target, target)
        for column, target in analysis.columns
    }
    return {
        **brief(found),
        "faults": told(found.faults, titles),
        "notes": analysis.notes,
        "columns": columns if found.analysis else None,
        "aside": analysis.aside,
        "tabular": analysis.tabular if found.analysis else None,
        "proposed": orjson.Fragment(analysis.proposed),
        "sample": orjson.Fragment(analysis.sample),
    }


def brief(found: Import) -> Mapping[str, object]:
    """Spell an import without what its file holds."""
    progress = found.progress
    return {
        "id": found.id,
        "workflow": found.workflow,
        "name": found.name,
        "size": found.size,
        "state": found.state,
        "mode": found.options.mode,
        "dryRun": found.options.dry_run,
        "createdAt": stamp(found.at),
        "startedAt": None if found.started is None else stamp(found.started),
        "endedAt": None if found.ended is None else stamp(found.ended),
        "rows": progress.rows,
        "created": progress.created,
        "updated": progress.updated,
        "unchanged": progress.unchanged,
        "refused": progress.refused,
        "unprocessed": found.unprocessed,
        "read": progress.read,
        "rate": found.rate,
        "remaining": found.remaining,
        "error": found.reason or None,
    }
