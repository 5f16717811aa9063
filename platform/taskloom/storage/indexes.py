"""The indexes of a workflow's tasks. Those named `tl_…` are ours, all others are left alone."""

from collections.abc import Iterator, Sequence

from pymongo import IndexModel
from pymongo.collection import Collection
from pymongo.errors import OperationFailure

from taskloom.query.serving import declared
from taskloom.schema.compiled import Compiled
from taskloom.storage.client import Database, Document
from taskloom.storage.filters import place
from taskloom.storage.history import collection
from taskloom.storage.words import WORDS

OURS = "tl_"
UNIQUE = f"{OURS}uid"

_NO_SUCH_INDEX = 27
_ORDER = ("at", "_id")


def wanted(workflow: Compiled) -> Sequence[IndexModel]:
    """List the indexes of a workflow's tasks; those of lists end in the lists' order."""
    return [
        *_of_unique_id(workflow),
        _listing(f"{OURS}at"),
        _listing(f"{OURS}stage_at", "stage"),
        # Only assigned tasks are in these, so new tasks without an assignee do not pay for them.
        _listing(f"{OURS}assignee", "assignee", only="assignee"),
        _listing(f"{OURS}assignee_stage", "assignee", "stage", only="assignee"),
        *_of_creators(workflow),
        *_of_words(workflow),
        *_of_declared(workflow),
    ]


def _listing(name: str, *paths: str, only: str | None = None) -> IndexModel:
    """Make the index of a list; `only` names a value without which a task is not in it."""
    keys = [(path, 1) for path in dict.fromkeys((*paths, *_ORDER))]
    if only is None:
        return IndexModel(keys, name=name)
    return IndexModel(keys, name=name, partialFilterExpression={only: {"$exists": True}})


def _of_creators(workflow: Compiled) -> Iterator[IndexModel]:
    """Give the index by creator where a role sees the tasks that one created."""
    if any("created" in (role.see or ()) for role in workflow.workflow.roles):
        yield _listing(f"{OURS}by", "by")


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


def _of_words(workflow: Compiled) -> Iterator[IndexModel]:
    if workflow.workflow.search:
        yield IndexModel([(WORDS, 1)], name=f"{OURS}{WORDS}")


def _of_declared(workflow: Compiled) -> Iterator[IndexModel]:
    for fields in declared(workflow):
        paths = [place(workflow, field).path for field in fields]
        yield _listing(f"{OURS}{'+'.join(paths)}", *paths)


def prepare(database: Database, workflow: Compiled) -> None:
    """Make what is needed at once and drop what is not wanted any more; harmless to repeat.

    A collection without tasks gets all its indexes. Where there are tasks, only the unique one is
    made here, because nothing else guarantees what it does; `missing` tells what is left to build.

    The unique index is never dropped: this version may not come to be, or be replaced by one with
    a unique ID at the same moment, and a missing index only costs time, but for this one.
    """
    tasks = database[collection(workflow)]
    models = wanted(workflow)
    kept = {UNIQUE, *map(_name, models)}
    # What goes makes room first: a version may index other fields altogether.
    for name in tasks.index_information():
        if name.startswith(OURS) and name not in kept:
            _drop(tasks, name)
    if tasks.find_one({}, {"_id": 1}) is not None:
        models = [model for model in models if _name(model) == UNIQUE]
    if models:
        tasks.create_indexes(list(models))


def missing(database: Database, workflow: Compiled) -> Sequence[IndexModel]:
    """List the indexes that are wanted and not there."""
    there = database[collection(workflow)].index_information()
    return [model for model in wanted(workflow) if _name(model) not in there]


def build(database: Database, workflow: Compiled, model: IndexModel) -> None:
    """Make one index, which takes as long as there are tasks; reads and writes go on meanwhile."""
    database[collection(workflow)].create_indexes([model])


def _name(model: IndexModel) -> str:
    return str(model.document["name"])


def _drop(tasks: Collection[Document], name: str) -> None:
    try:
        tasks.drop_index(name)
    except OperationFailure as error:
        # Somebody else, who prepares at the same moment, has dropped it.
        if error.code != _NO_SUCH_INDEX:
            raise
