"""Tables of figures: as JSON with what their columns are, or as CSV."""

import io
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, NamedTuple

from werkzeug.wrappers import Request

from taskloom.exchange import writers
from taskloom.exchange.writers import FORMATS
from taskloom.wire.answer import JSON, Ready, ready
from taskloom.wire.docs.describe import TEXT

CSV: Final = "text/csv"
COUNT: Final = "count"
PART: Final = "part"
HOURS: Final = "hours"
DAYS: Final = "days"
STAGE: Final = "stage"

_NUMBERS: Final = frozenset({COUNT, PART, HOURS, DAYS})
_COLUMN: Final[Mapping[str, Any]] = {
    "type": "object",
    "properties": {
        "key": TEXT,
        "title": TEXT,
        "kind": {
            **TEXT,
            "description": "A kind of field, `stage`, `task` (an id), `count`, `part` (of the "
            "count of the same row), `hours` or `days`.",
        },
    },
    "required": ["key", "title", "kind"],
    "additionalProperties": False,
}
TABLE: Final[Mapping[str, Any]] = {
    "type": "object",
    "properties": {
        "columns": {"type": "array", "items": _COLUMN},
        "rows": {
            "type": "array",
            "items": {"type": "object", "description": "Values by the keys of columns."},
        },
        "total": {"type": "object", "description": "Of all rows, by the keys of columns."},
    },
    "required": ["columns", "rows"],
    "additionalProperties": False,
}


class Column(NamedTuple):
    """A column: the key of its values in rows, what it is called, and what kind they are of."""

    key: str
    title: str
    kind: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Table:
    """A table; `total` tells of all rows what can be told of them together."""

    columns: Sequence[Column]
    rows: Sequence[Mapping[str, object]]
    total: Mapping[str, object] | None = None


def answered(request: Request, table: Table, name: str) -> Ready:
    """Answer a table as the request wants it; `name` is that of a file."""
    vary = {"Vary": "Accept"}
    if request.accept_mimetypes.best_match([JSON, CSV], default=JSON) == CSV:
        where = {"Content-Disposition": f'attachment; filename="{name}.csv"'}
        return Ready(headers={"Content-Type": FORMATS["csv"].media, **where, **vary},
                     body=_csv(table))  # fmt: skip
    told: dict[str, object] = {
        "columns": [column._asdict() for column in table.columns],
        "rows": table.rows,
    }
    return ready(told if table.total is None else {**told, "total": table.total}, headers=vary)


def _csv(table: Table) -> bytes:
    """Write the rows; a title that two columns have is told apart by the key."""
    columns: dict[str, writers.Column] = {}
    for key, title, kind in table.columns:
        known = any(each.title == title for each in columns.values())
        told = f"{title} ({key})" if known else title
        columns[key] = writers.Column(title=told, kind="number" if kind in _NUMBERS else kind)
    file = io.BytesIO()
    writer = writers.writer("csv", file, list(columns.values()))
    for row in table.rows:
        writer.add({column.title: row.get(key) for key, column in columns.items()})
    writer.close()
    return file.getvalue()
