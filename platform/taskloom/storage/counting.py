"""How many tasks there are: counted one by one, or estimated at a bounded cost."""

from pymongo.collection import Collection
from pymongo.errors import OperationFailure

from taskloom.errors import TooSlow
from taskloom.storage.client import Document, translated

SMALL = 10_000
"""So many tasks are counted one by one even where an estimate would do."""

SAMPLE = 1_000
ENOUGH = 50
"""With so many hits in a sample, its share is told for that of all tasks."""

_PATIENCE_MS = 300


def counted(tasks: Collection[Document], where: Document, query_ms: int) -> int:
    """Count the tasks that match."""
    options: Document = {"maxTimeMS": query_ms}
    if not where:
        # An index is counted faster than the tasks themselves.
        options["hint"] = "_id_"
    return tasks.count_documents(where, **options)


def estimated(tasks: Collection[Document], where: Document, query_ms: int) -> int:
    """Estimate how many tasks match, by a sample unless they are few."""
    whole = tasks.estimated_document_count(maxTimeMS=query_ms)
    if not where:
        return whole
    if whole <= SMALL:
        return counted(tasks, where, query_ms)
    pipeline: list[Document] = [{"$sample": {"size": SAMPLE}}, {"$match": where}, {"$count": "n"}]
    found = next(iter(tasks.aggregate(pipeline, maxTimeMS=query_ms)), {"n": 0})["n"]
    if found >= ENOUGH:
        return round(whole * found / SAMPLE)
    # What a sample hardly meets is rare, and rare things are often quick to count.
    try:
        return counted(tasks, where, _PATIENCE_MS)
    except OperationFailure as error:
        if not isinstance(translated(error), TooSlow):
            raise
        return round(whole * found / SAMPLE)
