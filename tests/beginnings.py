"""What many tests begin with: made once in each database, and put back in all later tests.

To store some documents takes a fraction of what it takes to make them through the product, or to
make the indexes of a workflow's tasks.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, TypeVar, cast

from pymongo.write_concern import WriteConcern

from taskloom.storage.client import Database, Document

T = TypeVar("T")

KEPT: Final[dict[str, set[str]]] = {}
"""Collections that stay when a database is emptied, by its name, beside those of every server."""

_AT_ONCE: Final = WriteConcern(w=1)


@dataclass(frozen=True, kw_only=True)
class _Beginning:
    """What making something left in a database: documents, and collections with their indexes."""

    made: object
    documents: Mapping[str, Sequence[Document]]
    indexes: Mapping[str, Mapping[str, Any]]

    def is_possible(self, database: Database) -> bool:
        """Tell whether the collections are as they were made."""
        return all(
            database[name].index_information() == known for name, known in self.indexes.items()
        )

    def put_back(self, database: Database) -> None:
        """Store all of it anew."""
        for name, documents in self.documents.items():
            stored = database[name].with_options(write_concern=_AT_ONCE)
            stored.delete_many({"_id": {"$in": [document["_id"] for document in documents]}})
            stored.insert_many(documents)


_KNOWN: Final[dict[tuple[str, str], _Beginning]] = {}


def begun(database: Database, name: str, make: Callable[[], T]) -> T:
    """Make something, or put back what making it left behind; `make` is told apart by the name.

    The test has to begin the same way each time, and the product must not have looked yet.
    """
    known = _KNOWN.get((database.name, name))
    if known is not None and known.is_possible(database):
        known.put_back(database)
        return cast(T, known.made)
    before = _held(database)
    made = make()
    after = _held(database)
    new = set(after) - set(before)
    kept = KEPT.setdefault(database.name, set())
    kept |= {each for each in new if each.startswith("tasks_")}
    _KNOWN[database.name, name] = _Beginning(
        made=made,
        documents={
            each: changed
            for each, held in after.items()
            if (changed := [d for key, d in held.items() if before.get(each, {}).get(key) != d])
        },
        indexes={each: database[each].index_information() for each in new},
    )
    return made


def _held(database: Database) -> dict[str, dict[Any, Document]]:
    """Read everything."""
    return {
        name: {document["_id"]: document for document in database[name].find()}
        for name in database.list_collection_names()
    }
