"""How many tasks have which value, counted in one pass over them within the database."""

from collections.abc import Mapping, Sequence

from taskloom.query.tree import Filter
from taskloom.schema.compiled import Compiled
from taskloom.storage.client import Document
from taskloom.storage.filters import compiled, place


def pipeline(workflow: Compiled, where: Filter, fields: Sequence[str]) -> list[Document]:
    """Ask for one document that holds for each field (by its place) a row for each value."""
    names = {_name(index): place(workflow, field).path for index, field in enumerate(fields)}
    together = {name: f"${path}" for name, path in names.items()}
    # All fields at once before each by itself: the tasks are read once, and only rows often.
    return [
        {"$match": compiled(where, workflow)},
        {"$group": {"_id": together, "n": {"$sum": 1}}},
        {"$facet": {name: [_by(name)] for name in names}},
    ]


def _by(name: str) -> Document:
    return {"$group": {"_id": f"$_id.{name}", "n": {"$sum": "$n"}}}


def _name(index: int) -> str:
    return f"f{index}"


def tallied(
    workflow: Compiled, fields: Sequence[str], row: Mapping[str, Sequence[Document]]
) -> Mapping[str, Mapping[str | None, int]]:
    """Read the answer: of each field how many tasks have each value, None for unset."""
    return {
        field: _counts(row[_name(index)], place(workflow, field).unset)
        for index, field in enumerate(fields)
    }


def _counts(rows: Sequence[Document], unset: Sequence[object]) -> Mapping[str | None, int]:
    counts: dict[str | None, int] = {}
    for row in rows:
        value = None if row["_id"] in unset else row["_id"]
        counts[value] = counts.get(value, 0) + row["n"]
    return counts
