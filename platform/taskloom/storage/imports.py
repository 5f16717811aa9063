"""Imports in MongoDB: one document each, and their files in pieces.

A piece is `{_id: "<import>/<part>/<row>/<number>", data}`: the pieces of a part stand in the order
of their ids, so that none of them grows, and a batch that is done again removes what it had brought
by a range of ids. Texts that hold names of columns are kept as JSON, so that no name can reach
MongoDB as syntax.
"""

import io
import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import asdict, fields
from datetime import UTC, datetime, timedelta
from typing import Any, BinaryIO, Final

from bson.objectid import ObjectId
from pymongo import IndexModel, ReturnDocument
from pymongo.collection import Collection
from pymongo.errors import PyMongoError

from taskloom.errors import Fault, NotFound
from taskloom.model.imports import ENDED, Analysis, Holder, Import, Options, Part, Progress
from taskloom.model.task import Moment
from taskloom.storage.client import Database, Document, each_in_our_words, in_our_words

PIECE: Final = 1024 * 1024
MOST_LISTED: Final = 100
_BUFFER: Final = 64 * 1024
_LONG_AGO: Final = datetime(1970, 1, 1, tzinfo=UTC)
_FREE: Final[Document] = {
    "state": {"$in": ["queued", "running"]},
    "$expr": {"$lt": ["$until", "$$NOW"]},
}
_AFTER: Final = "0"
"""Comes after the sign `/` that ends each part of a piece's id."""


class Imports:
    """Fulfils `ImportStore`; leases are told by the clock of the database alone."""

    def __init__(self, database: Database) -> None:
        self._imports = database["imports"]
        self._pieces = database["import_pieces"]

    @in_our_words
    def prepare(self) -> None:
        """Make the indexes; harmless to repeat."""
        self._imports.create_indexes(
            [
                IndexModel([("uid", 1), ("_id", -1)], name="tl_workflow"),
                IndexModel([("state", 1), ("_id", 1)], name="tl_state"),
            ]
        )

    @in_our_words
    def receive(self, job: str, pieces: Iterable[bytes]) -> int:
        # An earlier try may have been killed in the middle.
        self._remove(f"{job}/")
        try:
            return self._write(job, "file", 0, pieces)
        except BaseException:
            with suppress(PyMongoError):
                self._remove(f"{job}/")
            raise

    def _write(self, job: str, part: Part, row: int, pieces: Iterable[bytes]) -> int:
        size = 0
        for number, piece in enumerate(_even(pieces)):
            self._pieces.insert_one({"_id": _piece_id(job, part, row, number), "data": piece})
            size += len(piece)
        return size

    @in_our_words
    def insert(self, new: Import) -> None:
        self._imports.insert_one({**_document(new), "until": _LONG_AGO, "owner": None})

    @in_our_words
    def get(self, workspace: str, job: str) -> Import | None:
        found = self._imports.find_one({"_id": {"$eq": job}, "workspace": {"$eq": workspace}})
        return None if found is None else _import(found)

    @in_our_words
    def every(self, workspace: str, workflow: str, user: str | None) -> Sequence[Import]:
        where: Document = {"uid": {"$eq": workflow}, "workspace": {"$eq": workspace}}
        if user is not None:
            where["user"] = {"$eq": user}
        brief = {"analysis": 0, "faults": 0}
        found = self._imports.find(where, brief, sort=[("_id", -1)], limit=MOST_LISTED)
        return [_import(document) for document in found]

    @in_our_words
    def take(self, owner: str, lease: int) -> Import | None:
        # Mostly there is none, and to look is cheaper than to try.
        if self._imports.find_one(_FREE, ["_id"]) is None:
            return None
        found = self._imports.find_one_and_update(
            _FREE,
            [
                {
                    "$set": {
                        "state": "running",
                        "owner": {"$literal": owner},
                        "until": {"$add": ["$$NOW", lease]},
                        "tries": {"$add": ["$tries", 1]},
                    }
                }
            ],
            sort=[("_id", 1)],
            return_document=ReturnDocument.AFTER,
        )
        return None if found is None else _import(found)

    @in_our_words
    def keep(self, job: str, owner: str, lease: int) -> bool:
        until: list[Document] = [{"$set": {"until": {"$add": ["$$NOW", lease]}}}]
        return self._imports.update_one({"_id": job, "owner": owner}, until).matched_count == 1

    @in_our_words
    def release(self, job: str, owner: str) -> None:
        free = {"$set": {"owner": None, "until": _LONG_AGO}}
        self._imports.update_one({"_id": job, "owner": owner}, free)

    @in_our_words
    def save(self, job: Import, owner: str) -> Import | None:
        changed = _document(job)
        for name in ("_id", "cancelling"):
            del changed[name]
        if job.state in ENDED or job.state == "held":
            changed |= {"owner": None, "until": _LONG_AGO}
        found = self._imports.find_one_and_update(
            {"_id": job.id, "owner": owner},
            {"$set": changed},
            return_document=ReturnDocument.AFTER,
        )
        return None if found is None else _import(found)

    @in_our_words
    def start(self, held: Import) -> bool:
        options = json.dumps(asdict(held.options))
        begun = {"state": "queued", "options": options, "analysis": None}
        where = {"_id": held.id, "state": "held"}
        return self._imports.update_one(where, {"$set": begun}).matched_count == 1

    @in_our_words
    def cancel(self, job: str, at: Moment) -> Import | None:
        runs = {"$eq": ["$state", "running"]}
        found = self._imports.find_one_and_update(
            {"_id": {"$eq": job}, "state": {"$nin": sorted(ENDED)}},
            [
                {
                    "$set": {
                        "state": {"$cond": [runs, "running", "cancelled"]},
                        "ended": {"$cond": [runs, None, at]},
                        "cancelling": True,
                    }
                }
            ],
            return_document=ReturnDocument.AFTER,
        )
        return None if found is None else _import(found)

    def open(self, job: Import) -> BinaryIO:
        return io.BufferedReader(_Stored(self._pieces, job), _BUFFER)

    @in_our_words
    def append(self, job: str, part: Part, row: int, data: bytes) -> None:
        if data:
            self._write(job, part, row, [data])

    @in_our_words
    def cut(self, job: str, row: int) -> None:
        for part in ("rejects", "aside"):
            self._remove(f"{job}/{part}/", since=f"{row:010d}")

    def _remove(self, prefix: str, since: str = "") -> None:
        self._pieces.delete_many(
            {"_id": {"$gte": prefix + since, "$lt": prefix.removesuffix("/") + _AFTER}}
        )

    def read(self, job: str, part: Part) -> Iterator[bytes]:
        within = {"$gt": f"{job}/{part}/", "$lt": f"{job}/{part}{_AFTER}"}
        # Few at a time: by default a cursor fetches up to 16 MiB at once.
        found = self._pieces.find({"_id": within}, sort=[("_id", 1)], batch_size=2)
        return each_in_our_words(bytes(piece["data"]) for piece in found)

    @in_our_words
    def collect(self, ended: Moment, broken: Moment) -> int:
        left = {"$or": [{"ended": {"$lt": ended}}, {"state": "held", "at": {"$lt": ended}}]}
        old = [found["_id"] for found in self._imports.find(left, ["_id"])]
        for job in old:
            self._remove(f"{job}/")
            self._imports.delete_one({"_id": job})
        self._remove_strays(_first_id(broken))
        return len(old)

    def _remove_strays(self, before: str) -> None:
        """Remove files without an import; it jumps from one file to the next."""
        job = ""
        while found := self._pieces.find_one(
            {"_id": {"$gt": job + _AFTER, "$lt": before}}, ["_id"], sort=[("_id", 1)]
        ):
            job = found["_id"].partition("/")[0]
            if self._imports.find_one({"_id": job}, ["_id"]) is None:
                self._remove(f"{job}/")


class _Stored(io.RawIOBase):
    """A stored file, one piece of it in memory at a time."""

    def __init__(self, pieces: Collection[Document], job: Import) -> None:
        super().__init__()
        self._pieces = pieces
        self._job = job.id
        self._size = job.size
        self._at = 0
        self._number = -1
        self._held = b""

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def tell(self) -> int:
        return self._at

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        start = {io.SEEK_SET: 0, io.SEEK_CUR: self._at, io.SEEK_END: self._size}[whence]
        if start + offset < 0:
            raise ValueError("there is nothing before the beginning of a file")
        self._at = start + offset
        return self._at

    def readinto(self, buffer: Any) -> int:
        if self._at >= self._size:
            return 0
        number, offset = divmod(self._at, PIECE)
        if number != self._number:
            self._held = self._piece(number)
            self._number = number
        part = self._held[offset : offset + len(buffer)]
        buffer[: len(part)] = part
        self._at += len(part)
        return len(part)

    @in_our_words
    def _piece(self, number: int) -> bytes:
        found = self._pieces.find_one({"_id": _piece_id(self._job, "file", 0, number)})
        if found is None:
            raise NotFound("the file of this import is not there any more")
        return bytes(found["data"])


def _even(pieces: Iterable[bytes]) -> Iterator[bytes]:
    """Cut what comes into pieces of one size, the last one excepted."""
    held = bytearray()
    for piece in pieces:
        held += piece
        while len(held) >= PIECE:
            yield bytes(held[:PIECE])
            del held[:PIECE]
    if held:
        yield bytes(held)


def _piece_id(job: str, part: Part, row: int, number: int) -> str:
    return f"{job}/{part}/{row:010d}/{number:06d}"


def _first_id(at: Moment) -> str:
    """Give the smallest id that can be made at a moment."""
    return str(ObjectId.from_datetime(_LONG_AGO + timedelta(milliseconds=at)))


def _document(job: Import) -> Document:
    holder = job.holder
    return {
        "_id": job.id,
        "workspace": job.workspace,
        "workflow": job.workflow,
        "uid": job.uid,
        "user": holder.user,
        "credential": holder.credential,
        "scopes": None if holder.scopes is None else sorted(holder.scopes),
        "epoch": holder.epoch,
        "name": job.name,
        "size": job.size,
        "options": json.dumps(asdict(job.options)),
        "at": job.at,
        "state": job.state,
        "started": job.started,
        "ended": job.ended,
        "analysis": None if job.analysis is None else json.dumps(asdict(job.analysis)),
        "progress": asdict(job.progress),
        "reason": job.reason,
        "faults": json.dumps([asdict(fault) for fault in job.faults]),
        "cancelling": job.cancelling,
        "tries": job.tries,
    }


def _import(document: Mapping[str, Any]) -> Import:
    scopes = document["scopes"]
    kept = {field.name: document[field.name] for field in fields(Import) if field.name in document}
    kept |= {
        "id": document["_id"],
        "holder": Holder(
            user=document["user"],
            credential=document["credential"],
            scopes=None if scopes is None else frozenset(scopes),
            epoch=document["epoch"],
        ),
        "options": Options(**json.loads(document["options"])),
        "analysis": _analysis(document.get("analysis")),
        "progress": Progress(**document["progress"]),
        "faults": tuple(_fault(told) for told in json.loads(document.get("faults", "[]"))),
    }
    return Import(**kept)


def _analysis(text: str | None) -> Analysis | None:
    if text is None:
        return None
    told = json.loads(text)
    lists = {name: tuple(told[name]) for name in ("notes", "aside")}
    columns = tuple((column, target) for column, target in told["columns"])
    return Analysis(**{**told, **lists, "columns": columns})


def _fault(told: Mapping[str, Any]) -> Fault:
    return Fault(**{**told, "path": tuple(told["path"])})
