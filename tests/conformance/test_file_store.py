"""What the engine expects of a file store, shown on GridFS."""

import secrets
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import partial

import pytest
from bson.objectid import ObjectId
from gridfs import GridFSBucket
from pymongo import MongoClient
from pymongo.errors import OperationFailure

from taskloom.engine.blobs import FileStore
from taskloom.errors import Conflict, NotFound, Unavailable
from taskloom.model.values import Attachment
from taskloom.storage.client import Database, Document
from taskloom.storage.files import CHUNK, GridFiles, remove_unless

OLD, NOW, LATER = 1_700_000_000_000, 1_790_000_000_000, 4_000_000_000_000


@pytest.fixture
def database(fresh_database: Database) -> Database:
    """Give a database of its own: some tests make rules for its collections."""
    return fresh_database


@pytest.fixture
def files(database: Database) -> GridFiles:
    store = GridFiles(database)
    store.prepare()
    return store


def put(store: FileStore, contents: bytes = b"hello", at: int = OLD, by: str = "u1") -> Attachment:
    return store.add(
        workspace="main",
        by=by,
        filename="hello.txt",
        content_type="text/plain",
        contents=contents,
        at=at,
    )


def get(store: FileStore, attachment: Attachment) -> bytes:
    stored = store.find("main", [attachment["blobId"]])[attachment["blobId"]]
    return b"".join(store.read(stored.digest, 0, stored.attachment["size"]))


def hold(database: Database, attachments: list[Attachment], workflow: str = "w1") -> str:
    """Store a task that has these attachments in one of its fields."""
    task = ObjectId()
    packed = [{"b": a["blobId"], "n": a["filename"], "t": "", "s": 0} for a in attachments]
    values = {"title": "with files", "tags": ["one", "two"], "documents": packed}
    database[f"tasks_{workflow}"].insert_one({"_id": task, "v": values})
    return str(task)


def census(database: Database) -> dict[str, int]:
    names = ("attachments", "contents", "fs.files", "fs.chunks")
    return {name: database[name].count_documents({}) for name in names}


def test_a_file_reads_as_it_was_added(files: GridFiles) -> None:
    added = put(files)
    found = files.find("main", [added["blobId"], "unknown"])

    assert list(found) == [added["blobId"]]
    stored = found[added["blobId"]]
    assert stored.attachment == added
    assert added["filename"] == "hello.txt"
    assert added["contentType"] == "text/plain"
    assert added["size"] == len(b"hello")
    assert (stored.workspace, stored.by, stored.tasks) == ("main", "u1", frozenset())
    assert get(files, added) == b"hello"


def test_a_file_of_another_workspace_is_not_found(files: GridFiles) -> None:
    added = put(files)

    assert files.find("other", [added["blobId"]]) == {}


def test_preparing_twice_is_harmless(files: GridFiles) -> None:
    files.prepare()


def test_identical_contents_are_stored_once_under_different_blobs(
    files: GridFiles, database: Database
) -> None:
    first, second = put(files), put(files)

    assert first["blobId"] != second["blobId"]
    assert census(database) == {"attachments": 2, "contents": 1, "fs.files": 1, "fs.chunks": 1}


def test_identical_contents_added_by_many_at_once_are_stored_once(
    files: GridFiles, database: Database
) -> None:
    contents = secrets.token_bytes(2 * CHUNK + 1)
    start = threading.Barrier(8)

    def add(_: int) -> Attachment:
        start.wait()
        return put(files, contents)

    with ThreadPoolExecutor(8) as pool:
        added = list(pool.map(add, range(8)))

    assert census(database) == {"attachments": 8, "contents": 1, "fs.files": 1, "fs.chunks": 3}
    assert all(get(files, each) == contents for each in added)


RANGES = [
    (0, 0),
    (0, 1),
    (0, CHUNK - 1),
    (0, CHUNK),
    (0, CHUNK + 1),
    (CHUNK - 1, CHUNK),
    (CHUNK - 1, CHUNK + 1),
    (CHUNK, CHUNK + 1),
    (CHUNK, 2 * CHUNK),
    (2 * CHUNK, 2 * CHUNK + 7),
    (1, 2 * CHUNK + 6),
    (0, 2 * CHUNK + 7),
    (2 * CHUNK + 6, 9 * CHUNK),
    (2 * CHUNK + 7, 9 * CHUNK),
    (5, 5),
    (9, 3),
]


def test_any_range_is_read_exactly_in_pieces_of_bounded_size(files: GridFiles) -> None:
    contents = secrets.token_bytes(2 * CHUNK + 7)
    digest = files.find("main", [blob := put(files, contents)["blobId"]])[blob].digest

    for start, stop in RANGES:
        pieces = list(files.read(digest, start, stop))
        assert b"".join(pieces) == contents[start:stop], (start, stop)
        assert all(0 < len(piece) <= CHUNK for piece in pieces), (start, stop)


def test_an_empty_file_is_a_file(files: GridFiles, database: Database) -> None:
    added = put(files, b"")

    assert added["size"] == 0
    assert get(files, added) == b""
    assert census(database) == {"attachments": 1, "contents": 1, "fs.files": 1, "fs.chunks": 0}


def test_unknown_contents_are_refused_before_the_first_byte(files: GridFiles) -> None:
    with pytest.raises(NotFound):
        files.read("0" * 64, 0, 1)


def test_contents_that_vanish_while_being_read_are_not_cut_short_in_silence(
    files: GridFiles, database: Database
) -> None:
    digest = files.find("main", [blob := put(files, bytes(2 * CHUNK))["blobId"]])[blob].digest
    pieces = files.read(digest, 0, 2 * CHUNK)
    database["fs.chunks"].delete_many({"n": 1})

    with pytest.raises(NotFound):
        list(pieces)


def test_attaching_notes_each_task_once(files: GridFiles) -> None:
    first, second = put(files)["blobId"], put(files)["blobId"]
    for _ in range(2):
        files.attach([first, second], "w1", "t1")
    files.attach([first], "w2", "t2")
    found = files.find("main", [first, second])

    assert found[first].tasks == {("w1", "t1"), ("w2", "t2")}
    assert found[second].tasks == {("w1", "t1")}


def test_attaching_a_file_that_was_collected_is_a_conflict(files: GridFiles) -> None:
    blob = put(files)["blobId"]
    files.collect(NOW)

    with pytest.raises(Conflict):
        files.attach([blob], "w1", "t1")


def test_collecting_removes_what_no_task_holds_and_keeps_the_rest(
    files: GridFiles, database: Database
) -> None:
    held = put(files, b"held")
    shared, loose = put(files, b"shared"), put(files, b"shared")
    dropped, fresh = put(files, b"dropped"), put(files, b"fresh", at=NOW)
    gone = put(files, b"gone")
    task = hold(database, [held, shared])
    files.attach([held["blobId"], shared["blobId"], dropped["blobId"]], "w1", task)
    files.attach([gone["blobId"]], "w1", str(ObjectId()))
    database["attachments"].update_many({}, {"$unset": {"touched": ""}})

    assert files.collect(NOW) == 2
    every = [each["blobId"] for each in (held, shared, loose, dropped, fresh, gone)]
    kept = {each["blobId"] for each in (held, shared, fresh)}
    assert set(files.find("main", every)) == kept
    assert get(files, shared) == b"shared"
    assert files.collect(NOW) == 0


def test_what_was_attached_lately_is_kept_although_its_task_is_not_written_yet(
    files: GridFiles,
) -> None:
    added = put(files)
    files.attach([added["blobId"]], "w1", str(ObjectId()))

    assert files.collect(NOW) == 0
    assert get(files, added) == b"hello"
    assert files.collect(LATER) == 1


def test_collecting_handles_more_than_one_batch(files: GridFiles, database: Database) -> None:
    for number in range(230):
        put(files, str(number).encode())
    held = put(files, b"held")
    files.attach([held["blobId"]], "w1", hold(database, [held]))

    assert files.collect(LATER) == 230
    assert census(database) == {"attachments": 1, "contents": 1, "fs.files": 1, "fs.chunks": 1}


def test_files_without_an_entry_and_broken_uploads_are_collected_when_old(
    files: GridFiles, database: Database
) -> None:
    kept = put(files, at=LATER)
    GridFSBucket(database).upload_from_stream("stray", b"stray")
    database["fs.chunks"].insert_one({"files_id": ObjectId(), "n": 0, "data": b"broken"})

    files.collect(OLD)
    assert database["fs.chunks"].count_documents({}) == 3
    files.collect(LATER)

    assert get(files, kept) == b"hello"
    assert census(database) == {"attachments": 1, "contents": 1, "fs.files": 1, "fs.chunks": 1}


def test_an_upload_that_fails_leaves_nothing_behind(files: GridFiles, database: Database) -> None:
    put(files, b"ok")
    before = census(database)
    database.command("collMod", "fs.files", validator={"length": {"$lt": 3}})

    with pytest.raises(OperationFailure):
        put(files, b"too long")
    assert census(database) == before


def test_an_unreachable_database_is_told_as_such() -> None:
    with (
        MongoClient[Document]("127.0.0.1", 1, serverSelectionTimeoutMS=50) as client,
        pytest.raises(Unavailable),
    ):
        put(GridFiles(client["nowhere"]))


def test_contents_that_are_added_again_between_look_and_removal_stay(
    files: GridFiles, database: Database
) -> None:
    """The collector has looked, found nothing, and is overtaken before it removes."""
    first = put(files)
    database["attachments"].delete_one({"_id": first["blobId"]})
    entry = database["contents"].find_one({})
    file = database["fs.files"].find_one({})
    assert entry is not None
    assert file is not None

    def overtaken(added: list[Attachment]) -> bool:
        added.append(put(files))
        return False

    added: list[Attachment] = []
    for collection, found in (("contents", entry), ("fs.files", file)):
        overtake = partial(overtaken, added)
        assert not remove_unless(database[collection], {"_id": found["_id"]}, overtake)
    assert [get(files, each) for each in added] == [b"hello", b"hello"]
    assert census(database) == {"attachments": 2, "contents": 1, "fs.files": 1, "fs.chunks": 1}


def test_contents_whose_file_was_swept_are_stored_anew(
    files: GridFiles, database: Database
) -> None:
    put(files)
    database["fs.files"].delete_many({})
    database["fs.chunks"].delete_many({})

    assert get(files, put(files)) == b"hello"


def test_collecting_while_the_same_contents_are_added_loses_nothing(
    files: GridFiles, database: Database
) -> None:
    for number in range(12):
        contents = str(number).encode()
        put(files, contents, at=OLD)
        start = threading.Barrier(4)

        def after_start(
            work: Callable[[], Attachment | int], start: threading.Barrier = start
        ) -> Attachment | int:
            start.wait()
            return work()

        jobs = [partial(put, files, contents, NOW)] * 3
        with ThreadPoolExecutor(4) as pool:
            collecting = pool.submit(after_start, partial(files.collect, NOW))
            adding = [pool.submit(after_start, job) for job in jobs]
            collecting.result()
            added = [each.result() for each in adding]

        for each in added:
            assert isinstance(each, dict)
            assert get(files, each) == contents
    files.collect(NOW)
    assert census(database) == {"attachments": 36, "contents": 12, "fs.files": 12, "fs.chunks": 12}
