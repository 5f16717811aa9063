"""Backups against a real mongod: of one moment, whole or told to be damaged, back to the byte."""

import io
import json
import os
import tarfile
import threading
import uuid
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from bson import Decimal128, ObjectId

from taskloom.storage import backup
from taskloom.storage.archive import Archive, BackupFault, Manifest
from taskloom.storage.backup import MARK, back_up, long_memory, require_empty, require_whole
from taskloom.storage.client import Database, connect
from taskloom.storage.mongod import Mongod


@pytest.fixture(scope="module")
def uri(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A mongod of our own: the shared one forgets its past at once."""
    mongod = Mongod(tmp_path_factory.mktemp("mongod"))
    yield mongod.start()
    mongod.stop()


@pytest.fixture
def make(uri: str) -> Iterator[Callable[[], Database]]:
    """Give empty databases."""
    made: list[Database] = []

    def new() -> Database:
        made.append(connect(uri, f"test_{uuid.uuid4().hex}"))
        return made[-1]

    yield new
    for database in made:
        database.client.drop_database(database.name)
        database.client.close()


@pytest.fixture
def filled(make: Callable[[], Database]) -> Database:
    """A database with what BSON has, in several collections."""
    database = make()
    database["tasks_1"].insert_many(
        [
            {"_id": ObjectId(), "v": {"a": Decimal128("1.10"), "b": [None, "", {}]}, "n": number}
            for number in range(700)
        ]
    )
    database["fs.chunks"].insert_many([{"_id": n, "data": os.urandom(20_000)} for n in range(9)])
    database["users"].insert_one({"_id": "ann", "e": "é😀"})
    database["throttle"].insert_one({"_id": "x"})
    database.create_collection("links")
    return database


def silent(_done: int, _total: int | None) -> None:
    """Show nothing."""


def written(database: Database) -> io.BytesIO:
    file = io.BytesIO()
    back_up(database, file, "0.1", silent)
    return file


def verified(file: io.BytesIO) -> Archive:
    archive = Archive(file)
    for _ in archive.verify():
        pass
    return archive


def restored(database: Database, file: io.BytesIO) -> Manifest:
    archive = verified(file)
    backup.restore(database, archive, "file", lambda: None, silent)
    return archive.manifest


def contents(database: Database) -> dict[str, list[object]]:
    names = sorted(database.list_collection_names())
    return {name: list(database[name].find().sort("_id", 1)) for name in names}


def test_what_is_restored_is_what_was_backed_up(
    filled: Database, make: Callable[[], Database]
) -> None:
    other = make()

    manifest = restored(other, written(filled))

    expected = contents(filled)
    assert {"throttle", "links"} == expected.keys() - contents(other).keys()
    assert {name: expected[name] for name in ("fs.chunks", "tasks_1", "users")} == contents(other)
    assert {"fs.chunks": 9, "links": 0, "tasks_1": 700, "users": 1} == {
        name: found.documents for name, found in manifest.items()
    }


def test_a_backup_of_a_restored_database_has_the_same_sums(
    filled: Database, make: Callable[[], Database]
) -> None:
    other = make()
    first = restored(other, written(filled))

    second = verified(written(other)).manifest

    assert {name: found for name, found in first.items() if found.documents} == second


def test_the_head_says_of_when_and_of_what_a_backup_is(filled: Database) -> None:
    head = Archive(written(filled)).head

    assert ("0.1", filled.name, 700) == (head.version, head.database, head.documents["tasks_1"])
    assert head.mongodb.startswith(("6.", "7.", "8."))
    assert head.at.endswith("+00:00")


def test_a_backup_is_of_one_moment_however_much_is_written_meanwhile(
    filled: Database, make: Callable[[], Database]
) -> None:
    """Each number is written to two collections; a backup has it in both or in none."""
    stop = threading.Event()
    filled["a"].insert_one({"n": -1})
    filled["z"].insert_one({"n": -1})

    def write() -> None:
        client = filled.client
        number = 0
        while not stop.is_set():
            with client.start_session() as session, session.start_transaction():
                filled["z"].insert_one({"n": number}, session=session)
                filled["a"].insert_one({"n": number}, session=session)
            number += 1

    writer = threading.Thread(target=write)
    writer.start()
    try:
        files = [written(filled) for _ in range(3)]
    finally:
        stop.set()
        writer.join()

    sizes = []
    for file in files:
        other = make()
        restored(other, file)
        found = [sorted(each["n"] for each in other[name].find()) for name in ("a", "z")]
        assert found[0] == found[1]
        sizes.append(len(found[0]))
    assert sizes == sorted(sizes)
    assert sizes[0] < sizes[-1]


def test_a_database_that_forgot_the_moment_is_told_with_what_to_do(
    filled: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(backup, "_TOO_OLD", 59)
    monkeypatch.setattr(
        backup, "_planned", lambda database, _session: database.command("no such command")
    )

    with pytest.raises(BackupFault, match="forgot the moment") as told:
        written(filled)

    assert "minSnapshotHistoryWindowInSeconds" in told.value.remedy


def test_a_collection_that_comes_meanwhile_begins_the_backup_anew(
    filled: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    planned, times = backup._planned, []  # noqa: SLF001 - what happens between two reads

    def meddled(database: Database, session: object) -> object:
        counts = planned(database, session)  # type: ignore[arg-type] # a session it is
        times.append(len(counts))
        if len(times) == 1:
            filled["users"].insert_one({"_id": "bob"})
            filled["tasks_2"].insert_one({"_id": 1})
            raise backup._Changed  # noqa: SLF001 - "
        return counts

    monkeypatch.setattr(backup, "_planned", meddled)

    manifest = verified(written(filled)).manifest

    assert [4, 5] == times
    assert (2, 1) == (manifest["users"].documents, manifest["tasks_2"].documents)


def test_collections_that_come_all_the_while_are_told(
    filled: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    def changing(_database: Database, _session: object) -> object:
        raise backup._Changed  # noqa: SLF001 - what the driver tells when indexes come

    monkeypatch.setattr(backup, "_planned", changing)

    with pytest.raises(BackupFault, match="came and went"):
        written(filled)


def test_our_own_mongod_keeps_its_past_longer_while_asked_to(filled: Database) -> None:
    name = "minSnapshotHistoryWindowInSeconds"

    def window() -> int:
        return int(filled.client.admin.command("getParameter", 1, **{name: 1})[name])  # type: ignore[call-overload] # its types know no parameters

    before = window()
    with long_memory(filled.client):
        during = window()

    assert before < during
    assert before == window()


# --- damage --------------------------------------------------------------------------------------


def test_a_file_cut_off_anywhere_is_told(filled: Database) -> None:
    whole = written(filled).getvalue()

    for size in [0, 100, 512, *range(1000, len(whole) - 10_240, len(whole) // 20)]:
        with pytest.raises(BackupFault):
            verified(io.BytesIO(whole[:size]))


def test_a_byte_changed_anywhere_that_counts_is_told(filled: Database) -> None:
    whole = bytearray(written(filled).getvalue())

    with tarfile.open(fileobj=io.BytesIO(whole)) as tar:
        places = [
            member.offset_data + member.size // 2
            for member in tar
            if member.name.startswith("collections/")
        ]
    assert len(places) > 3
    for place in places:
        changed = bytearray(whole)
        changed[place] ^= 0xFF
        with pytest.raises(BackupFault, match="damaged"):
            verified(io.BytesIO(changed))


def edited(whole: bytes, edit: Callable[[str, bytes], bytes | None]) -> io.BytesIO:
    """Write a backup anew with other contents; None leaves a member out."""
    file = io.BytesIO()
    with (
        tarfile.open(fileobj=io.BytesIO(whole)) as old,
        tarfile.open(fileobj=file, mode="w") as new,
    ):
        for member in old:
            opened = old.extractfile(member)
            assert opened is not None
            data = edit(member.name, opened.read())
            if data is not None:
                member.size = len(data)
                new.addfile(member, io.BytesIO(data))
    return file


@pytest.mark.parametrize(
    ("edit", "reason"),
    [
        (lambda name, data: None if "users" in name else data, "users"),
        (lambda name, data: None if name == "manifest.json" else data, "end is missing"),
        (lambda _, data: data.replace(b'"documents": 700', b'"documents": 699'), "tasks_1"),
        (lambda name, data: b"[]" if name == "manifest.json" else data, "JSON object"),
        (lambda name, data: b'{"users": {}}' if name == "manifest.json" else data, "manifest"),
        (lambda name, data: data[:-9] if "users" in name else data, "whole"),
        (lambda name, data: data + b"x" if "users" in name else data, "whole"),
    ],
    ids=["missing", "no end", "counts", "list", "shape", "short", "long"],
)
def test_a_file_that_was_tampered_with_is_told(
    filled: Database, edit: Callable[[str, bytes], bytes | None], reason: str
) -> None:
    with pytest.raises(BackupFault, match=f"damaged.*{reason}"):
        verified(edited(written(filled).getvalue(), edit))


@pytest.mark.parametrize("name", ["system.users", "a$b", ""])
def test_a_collection_that_no_backup_has_is_told(filled: Database, name: str) -> None:
    whole, file = written(filled).getvalue(), io.BytesIO()
    with (
        tarfile.open(fileobj=io.BytesIO(whole)) as old,
        tarfile.open(fileobj=file, mode="w") as new,
    ):
        for member in old:
            member.name = member.name.replace("/users/", f"/{name}/")
            new.addfile(member, old.extractfile(member))

    with pytest.raises(BackupFault, match="does not belong there"):
        verified(file)


def test_a_file_of_a_newer_format_names_the_version_that_reads_it(filled: Database) -> None:
    def newer(name: str, data: bytes) -> bytes:
        if name != "backup.json":
            return data
        return json.dumps({**json.loads(data), "format": 2, "version": "9.9"}).encode()

    with pytest.raises(BackupFault, match="format 2") as told:
        Archive(edited(written(filled).getvalue(), newer))

    assert "9.9" in told.value.remedy


@pytest.mark.parametrize("data", [b"", b"hello", b"PK\x03\x04" + b"\0" * 2000, b"\0" * 20_480])
def test_another_file_is_told_to_be_no_backup(data: bytes) -> None:
    with pytest.raises(BackupFault, match="no backup"):
        Archive(io.BytesIO(data))


def test_a_piece_that_unpacks_to_too_much_is_told(
    filled: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = written(filled)
    monkeypatch.setattr("taskloom.storage.archive.LARGEST_PIECE", 100_000)

    with pytest.raises(BackupFault, match="damaged"):
        verified(file)


# --- what a restore leaves behind ----------------------------------------------------------------


def test_a_database_that_holds_something_is_not_empty(make: Callable[[], Database]) -> None:
    database = make()
    database.create_collection("users")
    require_empty(database)
    database["users"].insert_one({"_id": 1})

    with pytest.raises(BackupFault, match=r"not empty.*users") as told:
        require_empty(database)

    assert "--force" in told.value.remedy


def test_a_restore_replaces_all_that_was_there(
    filled: Database, make: Callable[[], Database]
) -> None:
    other = make()
    other["users"].insert_one({"_id": "old"})
    other["tasks_9"].insert_one({"_id": 1})

    restored(other, written(filled))

    assert {"fs.chunks", "tasks_1", "users"} == set(contents(other))
    assert ["ann"] == [user["_id"] for user in other["users"].find()]


def test_an_interrupted_restore_leaves_a_mark_until_one_comes_to_its_end(
    filled: Database, make: Callable[[], Database]
) -> None:
    file, other = written(filled), make()

    def interrupted(done: int, _total: int | None) -> None:
        if done > 9:
            raise KeyboardInterrupt

    archive = verified(file)
    with pytest.raises(KeyboardInterrupt):
        backup.restore(other, archive, "monday.tar", lambda: None, interrupted)

    with pytest.raises(BackupFault, match=r"part of the backup monday\.tar") as whole:
        require_whole(other)
    assert "--force" in whole.value.remedy
    with pytest.raises(BackupFault, match="did not end"):
        require_empty(other)
    with pytest.raises(BackupFault, match="part of the backup"):
        written(other)

    restored(other, file)
    require_whole(other)
    assert MARK not in other.list_collection_names()


def test_what_somebody_writes_meanwhile_is_found(
    filled: Database, make: Callable[[], Database]
) -> None:
    file, other = written(filled), make()

    def meddle(_done: int, _total: int | None) -> None:
        other["users"].replace_one({"_id": "eve"}, {"_id": "eve"}, upsert=True)

    with pytest.raises(BackupFault, match="does not hold what the backup holds in users"):
        backup.restore(other, verified(file), "file", lambda: None, meddle)

    with pytest.raises(BackupFault):
        require_whole(other)


def test_indexes_are_made_when_all_documents_are_there(
    filled: Database, make: Callable[[], Database], tmp_path: Path
) -> None:
    other = make()

    def prepare() -> None:
        assert 700 == other["tasks_1"].count_documents({})
        other["tasks_1"].create_index("n", unique=True)

    backup.restore(other, verified(written(filled)), "file", prepare, silent)

    assert "n_1" in other["tasks_1"].index_information()
