"""Pages of tasks by their faces, which spares decoding and spelling every value of every task."""

from binascii import hexlify
from collections.abc import Sequence

from taskloom.model.task import Faced, Faces
from taskloom.query.tree import Query
from taskloom.schema.compiled import Compiled
from taskloom.schema.faces import MARK
from taskloom.schema.slots import by_key
from taskloom.storage.client import Document
from taskloom.storage.documents import FACE, ROW_HEAD, row_reader
from taskloom.storage.paging import Step, steps
from taskloom.storage.reading import BATCH, Reading

_NOTHING: Document = {}


def faced_parts(workflow: Compiled, query: Query) -> dict[str, int]:
    """Name what to read of a task: its face, what no face holds, and what it is sorted by."""
    also = {*workflow.face.live.keys, *(order.field for order in query.order)}
    values = {f"v.{workflow.slot(key)}": 1 for key in also if key in workflow.fields}
    return {**ROW_HEAD, FACE: 1, **values}


def faces_of(reading: Reading, workflow: Compiled, query: Query) -> Faces | None:
    """Read a page in one piece; None where a task of it has no face, or one out of date.

    The same where the page is large, or to be had by an aggregation only.
    """
    found = _found(reading, steps(query, workflow), query.limit)
    if found is None:
        return None
    mark, faced = workflow.face.mark, []
    moved = {key: slot for key, slot in workflow.slots.items() if key in workflow.fields}
    for document in found:
        face = document.get(FACE, b"")
        if face[:MARK] != mark:
            return None
        stored = document.get("v", _NOTHING)
        parts = (
            hexlify(document["_id"].binary),
            document["stage"],
            document.get("assignee"),
            face[MARK:],
            by_key(stored, moved) if moved else stored,
        )
        faced.append(tuple.__new__(Faced, parts))
    read = row_reader(workflow)
    return Faces(faced=faced, row=lambda number: read(found[number]))


def _found(
    reading: Reading, planned: Sequence[Step], limit: int | None
) -> Sequence[Document] | None:
    if limit is None or limit > BATCH or any(step.computed for step in planned):
        return None
    found: list[Document] = []
    for step in planned:
        if len(found) < limit:
            portion = reading.few(step.where, step.sort, limit - len(found))
            if not isinstance(portion, list):
                return None
            found += portion
    return found
