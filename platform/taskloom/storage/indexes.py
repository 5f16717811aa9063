"""The indexes of a workflow's tasks. Those named `tl_…` are ours, all others are left alone."""

from collections.abc import Iterator

from pymongo import IndexModel
from pymongo.collection import Collection
from pymongo.errors import OperationFailure

from taskloom.schema.compiled import Compiled
from taskloom.storage.client import Database, Document
from taskloom.storage.filters import place
from taskloom.storage.history import collection

OURS = "tl_"
UNIQUE = f"{OURS}uid"

MOST_FIELDS = 56
"""So many fields are indexed at most: MongoDB allows 64 indexes, and some are left to the users."""

_NO_SUCH_INDEX = 27
_ORDER = [("at", 1), ("_id", 1)]


def wanted(workflow: Compiled) -> list[IndexModel]:
    """List the indexes of a workflow's tasks; each ends in the lists' order."""
    return [
        *_of_unique_id(workflow),
        IndexModel(_ORDER, name=f"{OURS}at"),
        IndexModel([("stage", 1), ("assignee", 1), *_ORDER], name=f"{OURS}stage"),
        # Only assigned tasks are in it, so new tasks without an assignee do not pay for it.
        IndexModel(
            [("assignee", 1), *_ORDER],
            name=f"{OURS}assignee",
            partialFilterExpression={"assignee": {"$exists": True}},
        ),
        *_of_creators(workflow),
        *_of_fields(workflow),
    ]


def _of_creators(workflow: Compiled) -> Iterator[IndexModel]:
    """Give the index by creator where a role sees the tasks that one created."""
    if any("created" in (role.see or ()) for role in workflow.workflow.roles):
        yield IndexModel([("by", 1), *_ORDER], name=f"{OURS}by")


def _of_unique_id(workflow: Compiled) -> Iterator[IndexModel]:
    """Give the unique index only where it is needed: it forbids sharding by `_id`."""
    if workflow.workflow.unique_id is None:
        return
    # `$exists`, not `$type`: mongod sees that an equality implies the one, but not the other.
    yield IndexModel(
        [("uid", 1)],
        name=UNIQUE,
        unique=True,
        partialFilterExpression={"uid": {"$exists": True}},
    )


def _of_fields(workflow: Compiled) -> Iterator[IndexModel]:
    filterable = [key for key, field in workflow.fields.items() if field.filterable]
    for key in filterable[:MOST_FIELDS]:
        path = place(workflow, key).path
        yield IndexModel([(path, 1), *_ORDER], name=f"{OURS}{path}")


def prepare(database: Database, workflow: Compiled) -> None:
    """Make what is wanted and drop what is not any more; harmless to repeat or to run twice.

    The unique index is never dropped: this version may not come to be, or be replaced by one with
    a unique ID at the same moment, and a missing index only costs time, but for this one.
    """
    tasks = database[collection(workflow)]
    models = wanted(workflow)
    kept = {UNIQUE, *(model.document["name"] for model in models)}
    # What goes makes room first: a version may index other fields altogether.
    for name in tasks.index_information():
        if name.startswith(OURS) and name not in kept:
            _drop(tasks, name)
    tasks.create_indexes(models)


def _drop(tasks: Collection[Document], name: str) -> None:
    try:
        tasks.drop_index(name)
    except OperationFailure as error:
        # Somebody else, who prepares at the same moment, has dropped it.
        if error.code != _NO_SUCH_INDEX:
            raise
