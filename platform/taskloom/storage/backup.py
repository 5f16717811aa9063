"""Backups: everything that a database holds at one moment, in one file, and back.

A backup is read in a snapshot, so that it is of one moment however long it takes and whoever
writes meanwhile. A restore is marked in the database until all is as the file says.
"""

import contextlib
from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, datetime
from typing import Any, BinaryIO, Final, cast

from bson.raw_bson import RawBSONDocument
from pymongo.client_session import ClientSession
from pymongo.errors import OperationFailure

from taskloom.storage.archive import (
    Archive,
    BackupFault,
    Head,
    Manifest,
    Sum,
    Tally,
    Writer,
    documents,
)
from taskloom.storage.client import DOCUMENTS, Client, Database, in_our_words

MARK: Final = "restoring"
"""The collection with the note of a restore that did not end yet."""

LEFT_OUT: Final = frozenset({MARK, "calls", "sessions", "throttle", "slow_queries"})
"""Collections that tell of the moment or of the machine, and of nothing that anybody wrote."""

_TRIES: Final = 3
_LONG_SECONDS: Final = 24 * 60 * 60
_WINDOW: Final = "minSnapshotHistoryWindowInSeconds"
_TOO_OLD: Final = 239
_CHANGED: Final = 246

Shown = Callable[[int, int], None]
"""Is told how many documents are done, and how many there are."""


class _Changed(Exception):
    """Collections came, went or got indexes while a backup was made of them."""


@in_our_words
def back_up(database: Database, file: BinaryIO, version: str, shown: Shown) -> Manifest:
    """Write all of a database into a file that may be written anew; `version` is the product's.

    Raises `BackupFault` when the database is half restored, or forgets its past too soon.
    """
    require_whole(database)
    for _ in range(_TRIES):
        file.seek(0)
        file.truncate()
        with contextlib.suppress(_Changed):
            return _written(database, file, version, shown)
    raise BackupFault(
        "collections came and went all the while the backup was made.",
        "Run it again when no workflow is being pushed or deleted.",
    )


def _written(database: Database, file: BinaryIO, version: str, shown: Shown) -> Manifest:
    with _snapshot(database) as session:
        counts = _planned(database, session)
        head = Head(
            version=version,
            mongodb=str(database.client.server_info()["version"]),
            database=database.name,
            at=datetime.now(UTC).isoformat(timespec="seconds"),
            documents=counts,
        )
        writer = Writer(file, head)
        done, total = 0, sum(counts.values())
        for name in counts:
            writer.begin(name)
            for piece in _raw(database, name, session):
                done += writer.add(name, piece)
                shown(done, total)
        manifest = writer.close()
    if counts != {name: found.documents for name, found in manifest.items()}:
        raise _Changed
    return manifest


@contextlib.contextmanager
def _snapshot(database: Database) -> Iterator[ClientSession]:
    """Give a session that reads everything as of one moment."""
    try:
        with database.client.start_session(snapshot=True) as session:
            yield session
    except OperationFailure as error:
        if error.code == _CHANGED:
            raise _Changed from error
        if error.code != _TOO_OLD:
            raise
        raise BackupFault(
            "the database forgot the moment of the backup before the backup was done.",
            "Let it keep more of its past, as an administrator of MongoDB, and run it again: "
            f"db.adminCommand({{setParameter: 1, {_WINDOW}: 3600}})",
        ) from error


def _planned(database: Database, session: ClientSession) -> Mapping[str, int]:
    """Count the documents of every collection, all of which have to be there all the while."""
    names = _names(database)
    counts = {
        name: next(
            (
                int(found["n"])
                for found in database[name].aggregate([{"$count": "n"}], session=session)
            ),
            0,
        )
        for name in names
        if name not in LEFT_OUT
    }
    if _names(database) != names:
        raise _Changed
    return counts


def _names(database: Database) -> list[str]:
    kept = {"type": "collection", "name": {"$not": {"$regex": r"^system\."}}}
    return sorted(database.list_collection_names(filter=kept))


def _raw(database: Database, name: str, session: ClientSession | None = None) -> Iterator[bytes]:
    """Yield the documents of a collection in the order of `_id`, as many as come at once."""
    collection = database[name]
    with collection.find_raw_batches({}, sort=[("_id", 1)], session=session) as found:
        # The driver's types take what a raw cursor yields for documents.
        yield from (piece for piece in cast(Iterator[bytes], found) if piece)


@contextlib.contextmanager
def long_memory(client: Client) -> Iterator[None]:
    """Let a mongod of our own keep its past for as long as a backup may take."""
    before = client.admin.command({"getParameter": 1, _WINDOW: 1})[_WINDOW]
    client.admin.command({"setParameter": 1, _WINDOW: _LONG_SECONDS})
    try:
        yield
    finally:
        client.admin.command({"setParameter": 1, _WINDOW: before})


# --- back into a database ------------------------------------------------------------------------


@in_our_words
def require_empty(database: Database) -> None:
    """Raise `BackupFault` where a restore would replace something."""
    if database[MARK].find_one() is not None:
        raise BackupFault(
            "this database holds a part of a backup, whose restore did not end.",
            "Restore again with --force, which removes that part first.",
        )
    held = [name for name in _names(database) if database[name].find_one({}, {"_id": 1})]
    if held:
        raise BackupFault(
            f"the database {database.name!r} is not empty: {len(held)} of its collections hold "
            f"documents ({', '.join(held[:3])}{', …' if len(held) > 3 else ''}).",  # noqa: PLR2004 - a few names are enough
            "Restore into another database, or with --force, which removes all that is there.",
        )


@in_our_words
def require_whole(database: Database) -> None:
    """Raise `BackupFault` where a restore was begun that did not end."""
    mark = database[MARK].find_one()
    if mark is not None:
        raise BackupFault(
            f"the database {database.name!r} holds only a part of the backup {mark['file']}: its "
            f"restore, begun at {mark['at']}, did not end.",
            "Run `taskloom restore FILE --force` again, to its end.",
        )


@in_our_words
def restore(
    database: Database,
    archive: Archive,
    name: str,
    prepare: Callable[[], None],
    shown: Shown,
) -> None:
    """Put a verified backup in the place of all that a database holds.

    `name` is that of the file, for the mark; `prepare` makes the indexes. Raises `BackupFault`
    when the database then does not hold what the file holds; the mark stays.
    """
    at = datetime.now(UTC).isoformat(timespec="seconds")
    database[MARK].replace_one({"_id": MARK}, {"file": name, "at": at}, upsert=True)
    for each in _names(database):
        if each != MARK:
            database.drop_collection(each)
    _fill(database, archive, shown)
    _require_same(database, archive.manifest)
    prepare()
    database.drop_collection(MARK)


def _fill(database: Database, archive: Archive, shown: Shown) -> None:
    options: Any = DOCUMENTS.with_options(document_class=RawBSONDocument)
    done, total = 0, sum(found.documents for found in archive.manifest.values())
    for name, piece in archive.pieces():
        collection = database.get_collection(name, codec_options=options)
        held = [RawBSONDocument(bytes(document)) for document in documents(piece)]
        collection.insert_many(held, ordered=False)
        done += len(held)
        shown(done, total)


def _require_same(database: Database, manifest: Manifest) -> None:
    """Compare what is there now with what should be, to the byte."""
    for name, expected in manifest.items():
        if _sum(database, name) != expected:
            raise BackupFault(
                f"the database does not hold what the backup holds in {name}.",
                "Stop every server that uses this database, and restore again with --force.",
            )


def _sum(database: Database, name: str) -> Sum:
    tally = Tally()
    for piece in _raw(database, name):
        tally.add(piece)
    return tally.sum()
