"""Connecting: what is usable is made durable, what is not is refused with one clear reason."""

import socket
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from bson.errors import InvalidDocument
from pymongo.errors import (
    AutoReconnect,
    BulkWriteError,
    CursorNotFound,
    DocumentTooLarge,
    DuplicateKeyError,
    ExecutionTimeout,
    NotPrimaryError,
    OperationFailure,
    ServerSelectionTimeoutError,
    WaitQueueTimeoutError,
    WriteConcernError,
    WTimeoutError,
)
from pymongo.write_concern import WriteConcern

from taskloom.config import BadSetting
from taskloom.errors import Malformed, TaskloomError, TooLarge, TooSlow, Unavailable
from taskloom.schema.compile import compile_workflow
from taskloom.storage.client import Database, connect, each_in_our_words, fault_of, translated
from taskloom.storage.mongod import find_binary
from taskloom.storage.tasks import Tasks
from tests.builders import Maker, workflow_of


@pytest.mark.parametrize(
    "options", ["", "w=1&journal=false&readPreference=secondary&retryWrites=false"]
)
def test_every_write_waits_for_the_journal_of_a_majority(mongod_uri: str, options: str) -> None:
    database = connect(f"{mongod_uri}&{options}".rstrip("&"))
    try:
        assert database.name == "taskloom"
        assert database["any"].write_concern.document == {"w": "majority", "j": True}
        assert database["any"].read_preference.mongos_mode == "primary"
        assert database.client.options.retry_writes
    finally:
        database.client.close()


@pytest.mark.parametrize(
    ("path", "given", "expected"),
    [("/", None, "taskloom"), ("/path", None, "path"), ("/path", "given", "given")],
)
def test_the_database_is_the_one_given_or_that_of_the_address(
    mongod_uri: str, path: str, given: str | None, expected: str
) -> None:
    database = connect(mongod_uri.replace("/?", f"{path}?"), given)
    database.client.close()

    assert expected == database.name


@pytest.mark.parametrize(
    "uri",
    [
        "",
        "localhost:27017/x y",
        "http://127.0.0.1",
        "mongodb://ann:p:ss@127.0.0.1",
        "mongodb://127.0.0.1:notaport",
    ],
)
def test_an_unreadable_address_is_refused_without_telling_it(uri: str) -> None:
    with pytest.raises(BadSetting) as refused:
        connect(uri)

    assert "TASKLOOM_MONGODB_URI" in str(refused.value)
    assert "p:ss" not in str(refused.value)
    assert refused.value.__suppress_context__


@pytest.fixture
def closed_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def test_where_nobody_answers_the_database_is_unavailable(closed_port: int) -> None:
    with pytest.raises(Unavailable):
        connect(f"mongodb://127.0.0.1:{closed_port}/?serverSelectionTimeoutMS=200")


def test_a_refused_password_is_told_as_such(mongod_uri: str) -> None:
    with pytest.raises(BadSetting, match="user and password") as refused:
        connect(mongod_uri.replace("//", "//ann:secret@"))

    assert "secret" not in str(refused.value)


@pytest.fixture
def standalone(tmp_path: Path, closed_port: int) -> Iterator[str]:
    """Address of a mongod that belongs to no replica set."""
    command = [str(find_binary()), "--dbpath", str(tmp_path), "--port", str(closed_port)]
    command += ["--bind_ip", "127.0.0.1", "--nounixsocket", "--wiredTigerCacheSizeGB", "0.25"]
    with subprocess.Popen(command, stdout=subprocess.DEVNULL) as process:
        yield f"mongodb://127.0.0.1:{closed_port}/?serverSelectionTimeoutMS=30000"
        process.terminate()


def test_a_standalone_server_is_refused_with_what_to_do(standalone: str) -> None:
    with pytest.raises(BadSetting, match="--replSet"):
        connect(standalone)


@pytest.mark.parametrize(
    ("hello", "fault"),
    [
        ({"maxWireVersion": 17, "setName": "rs0"}, None),
        ({"maxWireVersion": 25, "msg": "isdbgrid"}, None),
        ({"maxWireVersion": 13, "setName": "rs0"}, "older than 6.0"),
        ({"maxWireVersion": 17}, "standalone"),
    ],
)
def test_a_server_is_usable_from_6_0_on_as_replica_set_or_cluster(
    hello: dict[str, Any], fault: str | None
) -> None:
    told = fault_of(hello)

    assert (told is None) is (fault is None)
    assert (fault or "") in (told or "")


def test_an_impossible_database_name_is_refused(mongod_uri: str) -> None:
    with pytest.raises(BadSetting):
        connect(mongod_uri, "a b")


def test_what_a_majority_does_not_confirm_is_not_acknowledged(database: Database) -> None:
    two = database.with_options(write_concern=WriteConcern(2, wtimeout=100))
    tasks = Tasks(two, query_ms=1000)
    workflow = compile_workflow(workflow_of({"size": {"type": "number"}}))
    make = Maker(workflow=workflow)
    new = make.new()

    with pytest.raises(Unavailable):
        tasks.insert(workflow, new)
    with pytest.raises(Unavailable):
        tasks.insert_many(workflow, [make.new()])
    with pytest.raises(Unavailable):
        tasks.replace_many(workflow, [make.change(new.task, stage="done")])


LOST = {"writeConcernErrors": [{"code": 64}], "writeErrors": []}


@pytest.mark.parametrize(
    ("error", "expected"),
    [
        (ServerSelectionTimeoutError("no primary"), Unavailable),
        (AutoReconnect("closed"), Unavailable),
        (NotPrimaryError("stepped down"), Unavailable),
        (WaitQueueTimeoutError("pool"), Unavailable),
        (WriteConcernError("too few members", 100), Unavailable),
        (WTimeoutError("slow secondary", 64), Unavailable),
        (CursorNotFound("gone", 43), Unavailable),
        (OperationFailure("no disk", 14031), Unavailable),
        (BulkWriteError(LOST), Unavailable),
        (ExecutionTimeout("slow", 50), TooSlow),
        (OperationFailure("no memory", 292), TooSlow),
        (DocumentTooLarge("large"), TooLarge),
        (OperationFailure("large", 17419), TooLarge),
        (BulkWriteError({"writeErrors": [{"code": 10334}]}), TooLarge),
        (OverflowError("8-byte ints"), Malformed),
        (InvalidDocument("key"), Malformed),
    ],
)
def test_the_driver_s_errors_are_told_in_our_words(
    error: Exception, expected: type[TaskloomError]
) -> None:
    assert type(translated(error)) is expected


@pytest.mark.parametrize(
    "error",
    [
        DuplicateKeyError("twice", 11000),
        OperationFailure("unknown operator", 2),
        BulkWriteError({"writeErrors": [{"code": 11000}], "writeConcernErrors": []}),
    ],
)
def test_our_own_mistakes_stay_what_they_are(error: Exception) -> None:
    def failing() -> Iterator[int]:
        yield 1
        raise error

    assert translated(error) is error
    with pytest.raises(type(error)):
        list(each_in_our_words(failing()))
