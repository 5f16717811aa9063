"""Attachments in MongoDB, their contents in GridFS, stored once per SHA-256.

Three things hang together: an attachment names its contents by digest, an entry in `contents`
names the GridFS file that has them. Each is removed only by `remove_unless`: mark it, look once
more whether anything holds it, remove it if the mark is still there. Whoever begins to hold it
says so first and takes the mark off afterwards, so no order of events loses what is held.
"""

import contextlib
import hashlib
import secrets
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import UTC, datetime

from bson.objectid import ObjectId
from pymongo.collection import Collection
from pymongo.errors import DuplicateKeyError, PyMongoError
from pymongo.write_concern import WriteConcern

from taskloom.engine.blobs import StoredFile
from taskloom.errors import Conflict, NotFound
from taskloom.model.task import Moment
from taskloom.model.values import Attachment
from taskloom.storage.client import Database, Document, each_in_our_words, in_our_words
from taskloom.storage.direct import Direct
from taskloom.storage.documents import object_id

CHUNK = 1024 * 1024
BATCH = 100
UPLOAD_MS = 60 * 60 * 1000
"""An upload is not taken for a broken one before it is an hour old."""


class GridFiles:
    """The engine's `FileStore` on one database."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._direct = Direct(database)
        self._attachments = database["attachments"]
        self._contents = database["contents"]
        self._files = database["fs.files"]
        self._chunks = database["fs.chunks"]

    @in_our_words
    def prepare(self) -> None:
        """Make the indexes; harmless to repeat."""
        self._attachments.create_index("sha")
        self._contents.create_index("file")
        # Those that drivers expect of GridFS.
        self._files.create_index([("filename", 1), ("uploadDate", 1)])
        self._chunks.create_index([("files_id", 1), ("n", 1)], unique=True)

    @in_our_words
    def add(
        self,
        *,
        workspace: str,
        by: str | None,
        filename: str,
        content_type: str,
        contents: bytes,
        at: Moment,
        picture: bool = False,
    ) -> Attachment:
        digest = hashlib.sha256(contents).hexdigest()
        blob = secrets.token_hex(16)
        document: Document = {
            "_id": blob,
            "ws": workspace,
            "by": by,
            "name": filename,
            "type": content_type,
            "size": len(contents),
            "sha": digest,
            "at": at,
            "tasks": [],
            **({"picture": True} if picture else {}),
        }
        self._soon(self._attachments).insert_one(document)
        try:
            self._hold(digest, contents, at)
        except BaseException:
            with contextlib.suppress(PyMongoError):
                self._attachments.delete_one({"_id": blob})
            raise
        return _attachment(document)

    @in_our_words
    def find(self, workspace: str, blobs: Sequence[str]) -> Mapping[str, StoredFile]:
        where = {"_id": {"$in": list(blobs)}, "ws": workspace}
        found = self._direct.few(self._attachments.name, where, len(blobs)) if blobs else ()
        return {document["_id"]: _stored_file(document) for document in found}

    @in_our_words
    def attach(self, blobs: Sequence[str], workflow: str, task: str) -> None:
        """Note where the attachments are about to be; raise `Conflict` when one is gone."""
        wanted = set(blobs)
        noted = self._attachments.update_many(
            {"_id": {"$in": list(wanted)}},
            {
                "$addToSet": {"tasks": {"w": workflow, "t": task}},
                "$currentDate": {"touched": True},
                "$inc": {"touches": 1},
            },
        )
        if noted.matched_count != len(wanted):
            raise Conflict("a file was removed in the meantime; upload it again")

    @in_our_words
    def read(self, digest: str, start: int, stop: int) -> Iterator[bytes]:
        """Yield a range of the contents; raise `NotFound` at once when they are not there."""
        for entry in self._direct.few(self._contents.name, {"_id": digest}, 1):
            for file in self._direct.few(self._files.name, {"_id": entry["file"]}, 1):
                return each_in_our_words(self._pieces(file, start, min(stop, file["length"])))
        raise NotFound("these contents are not there")

    @in_our_words
    def collect(self, before: Moment) -> int:
        self._remove_loose(before)
        removed = self._remove_unused(before)
        self._remove_strays(before)
        return removed

    @staticmethod
    def _soon(collection: Collection[Document]) -> Collection[Document]:
        """Return a collection whose writes are not waited for.

        The last write of an upload is: the majority that has it has all before it as well.
        """
        return collection.with_options(write_concern=WriteConcern(1))

    def _hold(self, digest: str, contents: bytes, at: Moment) -> None:
        """Make sure that the contents are there and stay, once an attachment names them."""
        while True:
            entry = self._soon(self._contents).find_one_and_update(
                {"_id": digest}, {"$max": {"used": at}, "$unset": {"doomed": ""}}
            )
            if entry is None:
                self._upload(digest, contents, at)
                continue
            file = {"_id": entry["file"]}
            if self._files.update_one(file, {"$unset": {"doomed": ""}}).matched_count:
                return
            self._contents.delete_one({"_id": digest, "file": entry["file"]})

    def _upload(self, digest: str, contents: bytes, at: Moment) -> None:
        """Store the contents and claim the digest; without a trace when somebody was faster."""
        file = ObjectId()
        try:
            self._write(file, digest, contents, at)
        except BaseException:
            with contextlib.suppress(PyMongoError):
                self._chunks.delete_many({"files_id": file})
            raise
        try:
            # After any other error the entry may be there all the same: then the file must stay.
            self._contents.insert_one(
                {"_id": digest, "file": file, "size": len(contents), "used": at}
            )
        except DuplicateKeyError:
            self._files.delete_one({"_id": file})
            self._chunks.delete_many({"files_id": file})

    def _write(self, file: ObjectId, digest: str, contents: bytes, at: Moment) -> None:
        """Write a GridFS file; the driver's own way has all of it in memory three times over."""
        view = memoryview(contents)
        chunks = self._soon(self._chunks)
        for number, start in enumerate(range(0, len(view), CHUNK)):
            data = bytes(view[start : start + CHUNK])
            chunks.insert_one({"files_id": file, "n": number, "data": data})
        self._soon(self._files).insert_one(
            {
                "_id": file,
                "filename": digest,
                "length": len(contents),
                "chunkSize": CHUNK,
                "uploadDate": datetime.fromtimestamp(at / 1000, UTC),
            }
        )

    def _pieces(self, file: Document, start: int, stop: int) -> Iterator[bytes]:
        if stop <= start:
            return
        size = file["chunkSize"]
        first, last = start // size, (stop - 1) // size
        # One at a time, whatever an answer would have room for.
        for number in range(first, last + 1):
            where = {"files_id": file["_id"], "n": number}
            chunks = self._direct.few(self._chunks.name, where, 1, ["data"])
            if not chunks:
                raise NotFound("these contents are not there any more")
            data: bytes = chunks[0]["data"]
            offset = number * size
            whole = start <= offset and stop >= offset + len(data)
            yield data if whole else data[max(start - offset, 0) : stop - offset]

    def _remove_loose(self, before: Moment) -> None:
        """Remove old attachments that no task holds, and that picture nobody."""
        limit = datetime.fromtimestamp(before / 1000, UTC)
        where = {
            "at": {"$lt": before},
            "$or": [{"touched": {"$exists": False}}, {"touched": {"$lt": limit}}],
        }
        for page in _pages(self._attachments, where, ("tasks", "touches", "picture", "by")):
            held = self._held(page) | self._shown(page)
            for attachment in page:
                if attachment["_id"] not in held:
                    seen = {"_id": attachment["_id"], "touches": attachment.get("touches")}
                    self._attachments.delete_one(seen)

    def _held(self, attachments: Sequence[Document]) -> set[str]:
        """Tell which attachments the tasks hold that they were ever attached to."""
        tasks: dict[str, set[ObjectId]] = defaultdict(set)
        for attachment in attachments:
            for place in attachment["tasks"]:
                task = object_id(place["t"])
                if task is not None:
                    tasks[place["w"]].add(task)
        held: set[str] = set()
        for workflow, ids in tasks.items():
            found = self._database[f"tasks_{workflow}"].find({"_id": {"$in": list(ids)}}, ["v"])
            for document in found.batch_size(BATCH):
                held.update(_blobs(document.get("v", {})))
        return held

    def _shown(self, attachments: Sequence[Document]) -> set[str]:
        """Tell which attachments are pictures that their users have now."""
        pictures = {each["_id"]: each["by"] for each in attachments if each.get("picture")}
        users = list(set(pictures.values()))
        found = self._database["users"].find({"_id": {"$in": users}}, ["image"])
        images = {user["_id"]: user.get("image", "") for user in found}
        return {blob for blob, user in pictures.items() if blob in images.get(user, "")}

    def _remove_unused(self, before: Moment) -> int:
        """Remove old contents that no attachment names; return how many."""
        removed = 0
        where = {"used": {"$lt": before}}
        for page in _pages(self._contents, where, ("file",)):
            digests = [entry["_id"] for entry in page]
            named = set(self._attachments.distinct("sha", {"sha": {"$in": digests}}))
            for entry in page:
                if entry["_id"] not in named and self._remove_contents(entry, where):
                    removed += 1
        return removed

    def _remove_contents(self, entry: Document, where: Document) -> bool:
        attachment = {"sha": entry["_id"]}
        key = {"_id": entry["_id"], "file": entry["file"], **where}
        if not remove_unless(self._contents, key, lambda: _any(self._attachments, attachment)):
            return False
        self._remove_file(entry["file"])
        return True

    def _remove_strays(self, before: Moment) -> None:
        """Remove old GridFS files without an entry, and what a broken upload left behind."""
        old = {"$lt": _first_id(before)}
        for page in _pages(self._files, {"_id": old}, ()):
            ids = [file["_id"] for file in page]
            named = set(self._contents.distinct("file", {"file": {"$in": ids}}))
            for file in ids:
                if file not in named:
                    self._remove_file(file)
        broken = {"n": 0, "files_id": {"$lt": _first_id(before - UPLOAD_MS)}}
        for page in _pages(self._chunks, broken, (), order="files_id"):
            ids = [chunk["files_id"] for chunk in page]
            whole = set(self._files.distinct("_id", {"_id": {"$in": ids}}))
            self._chunks.delete_many({"files_id": {"$in": [i for i in ids if i not in whole]}})

    def _remove_file(self, file: ObjectId) -> None:
        if remove_unless(self._files, {"_id": file}, lambda: _any(self._contents, {"file": file})):
            self._chunks.delete_many({"files_id": file})


def remove_unless(
    collection: Collection[Document], where: Document, held: Callable[[], bool]
) -> bool:
    """Remove the one document that `where` names unless something holds it; tell whether it went.

    Who begins to hold it first makes `held` true and then takes the mark off, or finds it gone.
    """
    mark = ObjectId()
    marked = collection.update_one(where, {"$set": {"doomed": mark}})
    if not marked.matched_count or held():
        return False
    return collection.delete_one({"_id": where["_id"], "doomed": mark}).deleted_count == 1


def _any(collection: Collection[Document], where: Document) -> bool:
    return collection.find_one(where, {"_id": 1}) is not None


def _pages(
    collection: Collection[Document],
    where: Document,
    fields: Sequence[str],
    *,
    order: str = "_id",
) -> Iterator[Sequence[Document]]:
    """Yield matching documents in bounded batches, each read afresh; `order` is unique."""
    after: Document = {}
    while True:
        found = collection.find({"$and": [where, after]}, [order, *fields])
        page = list(found.sort(order).limit(BATCH))
        if not page:
            return
        yield page
        after = {order: {"$gt": page[-1][order]}}


def _first_id(at: Moment) -> ObjectId:
    """Give the smallest id that can be made at a moment."""
    return ObjectId.from_datetime(datetime.fromtimestamp(at / 1000, UTC))


def _blobs(values: Mapping[str, object]) -> Iterator[str]:
    """Yield the attachments of a task's stored values."""
    for value in values.values():
        for item in value if isinstance(value, list) else ():
            if isinstance(item, dict) and isinstance(item.get("b"), str):
                yield item["b"]


def _attachment(document: Document) -> Attachment:
    return {
        "blobId": document["_id"],
        "filename": document["name"],
        "contentType": document["type"],
        "size": document["size"],
    }


def _stored_file(document: Document) -> StoredFile:
    return StoredFile(
        attachment=_attachment(document),
        workspace=document["ws"],
        by=document["by"],
        digest=document["sha"],
        tasks=frozenset((place["w"], place["t"]) for place in document["tasks"]),
        picture=document.get("picture", False),
    )
