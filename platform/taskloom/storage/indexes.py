"""The indexes of a workflow's tasks. Those named `tl_…` are ours, all others are left alone."""

from collections.abc import Iterator

from pymongo import IndexModel

from taskloom.schema.compiled import Compiled
from taskloom.storage.client import Database
from taskloom.storage.filters import place
from taskloom.storage.history import collection

OURS = "tl_"

MOST_FIELDS = 56
"""So many fields are indexed at most: MongoDB allows 64 indexes, and some are left to the users."""

_ORDER = [("at", 1), ("_id", 1)]


def wanted(workflow: Compiled) -> list[IndexModel]:
    """List the indexes of a workflow's tasks; each ends in the lists' order."""
    return [
        # `$exists`, not `$type`: mongod sees that an equality implies the one, but not the other.
        IndexModel(
            [("uid", 1)],
            name=f"{OURS}uid",
            unique=True,
            partialFilterExpression={"uid": {"$exists": True}},
        ),
        IndexModel(_ORDER, name=f"{OURS}at"),
        IndexModel([("stage", 1), ("assignee", 1), *_ORDER], name=f"{OURS}stage"),
        # Only assigned tasks are in it, so new tasks without an assignee do not pay for it.
        IndexModel(
            [("assignee", 1), *_ORDER],
            name=f"{OURS}assignee",
            partialFilterExpression={"assignee": {"$exists": True}},
        ),
        *_of_fields(workflow),
    ]


def _of_fields(workflow: Compiled) -> Iterator[IndexModel]:
    filterable = [key for key, field in workflow.fields.items() if field.filterable]
    for key in filterable[:MOST_FIELDS]:
        path = place(workflow, key).path
        yield IndexModel([(path, 1), *_ORDER], name=f"{OURS}{path}")


def prepare(database: Database, workflow: Compiled) -> None:
    """Make what is wanted and drop what is not any more; harmless to repeat or to run twice."""
    tasks = database[collection(workflow)]
    models = wanted(workflow)
    tasks.create_indexes(models)
    names = {model.document["name"] for model in models}
    for name in tasks.index_information():
        if name.startswith(OURS) and name not in names:
            tasks.drop_index(name)
