"""The embedded mongod: it starts, is watched, ends with its parent, and fails with one reason."""

import json
import logging
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from pymongo import MongoClient

from taskloom.storage import mongod as module
from taskloom.storage.datadir import CannotStart, DataDir
from taskloom.storage.mongod import Mongod, find_binary

SERVER = """
import os, sys, time
from pathlib import Path
from taskloom.storage.datadir import DataDir
from taskloom.storage.mongod import Mongod
DataDir(Path(sys.argv[1])).claim("http://127.0.0.1:8080")
mongod = Mongod(Path(sys.argv[1]))
mongod.start()
if os.fork() == 0:
    mongod.stop()
    os._exit(0)
os.wait()
print(mongod.pid, flush=True)
time.sleep(600)
"""


def until(done: Callable[[], object], patience: float = 30.0) -> bool:
    deadline = time.monotonic() + patience
    while time.monotonic() < deadline:
        if done():
            return True
        time.sleep(0.02)
    return False


def alive(pid: int) -> bool:
    """Tell whether the process runs; one that only waits to be reaped does not."""
    try:
        return "Z" not in Path(f"/proc/{pid}/stat").read_text(encoding="utf-8").rsplit(")")[-1][:3]
    except OSError:
        return False


def keep(uri: str, value: int) -> None:
    with MongoClient[dict[str, int]](uri, w="majority", journal=True) as client:
        client["probe"]["kept"].insert_one({"_id": value})


def kept(uri: str) -> list[int]:
    with MongoClient[dict[str, int]](uri) as client:
        return sorted(row["_id"] for row in client["probe"]["kept"].find())


@pytest.fixture
def mongod(tmp_path: Path) -> Iterator[Mongod]:
    """Give a mongod of its own that is not yet started."""
    server = Mongod(tmp_path / "data")
    yield server
    server.stop()


def fake(folder: Path, script: str) -> Path:
    binary = folder / "mongod"
    binary.write_text(f"#!/bin/sh\n{script}\n", encoding="utf-8")
    binary.chmod(0o755)
    return binary


def test_it_runs_transactions_and_keeps_data_and_address_over_a_restart(mongod: Mongod) -> None:
    uri = mongod.start()
    with (
        MongoClient[dict[str, int]](uri) as client,
        client.start_session() as session,
        session.start_transaction(),
    ):
        client["probe"]["kept"].insert_one({"_id": 1}, session=session)
    first = mongod.pid
    mongod.stop()

    assert mongod.pid is None
    assert uri == mongod.start()
    assert first != mongod.pid
    assert [1] == kept(uri)


def test_starting_twice_changes_nothing(mongod: Mongod) -> None:
    uri = mongod.start()
    pid = mongod.pid

    assert uri == mongod.start()
    assert pid == mongod.pid


def test_a_supervised_mongod_comes_back_after_kill_9_with_all_it_acknowledged(
    mongod: Mongod,
) -> None:
    uri = mongod.start()
    mongod.supervise()
    keep(uri, 7)
    first = mongod.pid
    assert first is not None
    os.kill(first, signal.SIGKILL)

    assert until(lambda: mongod.pid not in {None, first})
    assert [7] == kept(uri)


def test_a_mongod_that_keeps_dying_is_given_up_with_a_clear_line(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    once = f'[ -e "{tmp_path}/started" ] && exit 1; touch "{tmp_path}/started"'
    binary = fake(tmp_path, f'{once}; exec "{find_binary()}" "$@"')
    server = Mongod(tmp_path / "data", binary=binary)
    server.start()
    server.supervise()
    pid = server.pid
    assert pid is not None
    os.kill(pid, signal.SIGKILL)

    with caplog.at_level(logging.ERROR):
        assert until(lambda: "given up" in caplog.text)
    assert server.pid is None
    server.stop()


def test_a_remembered_port_that_somebody_took_is_left_to_them(mongod: Mongod) -> None:
    before = mongod.start()
    keep(before, 3)
    mongod.stop()
    port = int(before.split(":")[2].split("/")[0])

    with socket.socket() as taker:
        taker.bind(("127.0.0.1", port))
        after = mongod.start()

        assert before != after
        assert [3] == kept(after)


def test_a_given_port_that_somebody_took_is_an_error_that_names_it(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]

        with pytest.raises(CannotStart, match=f"Port {port} on 127.0.0.1 is in use"):
            Mongod(tmp_path / "data", port=port).start()


def test_a_second_server_is_refused_with_a_message_that_names_the_first(tmp_path: Path) -> None:
    first, second = DataDir(tmp_path / "data"), DataDir(tmp_path / "data")
    first.claim("http://127.0.0.1:8080")

    with pytest.raises(CannotStart) as refusal:
        second.claim("http://127.0.0.1:9090")
    assert "http://127.0.0.1:8080" in refusal.value.message
    assert f"process {os.getpid()}" in refusal.value.message
    assert "since 20" in refusal.value.message
    assert "TASKLOOM_DATA_DIR" in refusal.value.remedy

    first.release()
    first.release()
    second.claim("http://127.0.0.1:9090")
    second.release()


def test_a_second_server_is_refused_while_the_first_has_not_signed_yet(tmp_path: Path) -> None:
    first = DataDir(tmp_path)
    first.claim("http://127.0.0.1:8080")
    (tmp_path / "lock").write_bytes(b"")

    with pytest.raises(CannotStart, match="that is just starting"):
        DataDir(tmp_path).claim("http://127.0.0.1:9090")
    first.release()


def test_the_lock_of_a_dead_server_is_taken_over(tmp_path: Path) -> None:
    dead = subprocess.Popen([sys.executable, "-c", ""])
    dead.wait()
    note = {"pid": dead.pid, "address": "http://127.0.0.1:8080", "since": "2026-01-01T00:00:00"}
    (tmp_path / "lock").write_text(json.dumps(note), encoding="utf-8")
    directory = DataDir(tmp_path)
    directory.claim("http://127.0.0.1:9090")

    assert os.getpid() == json.loads((tmp_path / "lock").read_bytes())["pid"]
    directory.release()


def test_mongod_ends_with_a_killed_server_but_not_with_its_workers(tmp_path: Path) -> None:
    data = tmp_path / "data"
    with subprocess.Popen(
        [sys.executable, "-c", SERVER, str(data)],
        stdout=subprocess.PIPE,
        env=os.environ | {"PYTHONPATH": str(Path(module.__file__).parents[2])},
    ) as server:
        assert server.stdout is not None
        pid = int(server.stdout.readline())
        assert alive(pid)
        with pytest.raises(CannotStart, match=f"process {server.pid}"):
            DataDir(data).claim("http://127.0.0.1:9090")
        server.kill()

    assert until(lambda: not alive(pid))
    directory = DataDir(data)
    directory.claim("http://127.0.0.1:9090")
    directory.release()


def test_an_orphan_on_our_data_is_stopped_before_a_new_one_starts(mongod: Mongod) -> None:
    uri = mongod.start()
    keep(uri, 5)
    command = mongod._command()  # noqa: SLF001 - an orphan is exactly this command without a parent
    mongod.stop()
    with subprocess.Popen(command, stdin=subprocess.DEVNULL, start_new_session=True) as orphan:
        note = Path(command[command.index("--dbpath") + 1]).parent / "mongod.json"
        remembered = json.loads(note.read_bytes())
        note.write_text(json.dumps(remembered | {"pid": orphan.pid}), encoding="utf-8")
        assert until(lambda: kept(uri) == [5])

        # The port may be another by now: a connection of another program can have taken it.
        after = mongod.start()
        assert 0 == orphan.wait(10)
    assert kept(after) == [5]


def test_a_remembered_process_id_that_is_not_our_mongod_is_left_alone(
    mongod: Mongod, tmp_path: Path
) -> None:
    with subprocess.Popen([sys.executable, "-c", "import time; time.sleep(600)"]) as stranger:
        (tmp_path / "data").mkdir()
        note = json.dumps({"pid": stranger.pid, "port": "none"})
        (tmp_path / "data" / "mongod.json").write_text(note, encoding="utf-8")
        mongod.start()

        assert stranger.poll() is None
        stranger.kill()


NEWER = "Invalid feature compatibility version value, expected '5.0' or '6.0'; found 4.4"
FAILURES = {
    "libcurl4 is missing": (
        "error while loading shared libraries: libcurl.so.4: cannot open shared object file",
        127,
        "libcurl.so.4",
        "apt-get install -y --no-install-recommends libcurl4",
    ),
    "another library is missing": (
        "error while loading shared libraries: libssl.so.3: cannot open shared object file",
        127,
        "libssl.so.3",
        "Install the package",
    ),
    "the data are of another version": (
        f'{{"s":"F","msg":"UPGRADE PROBLEM: {NEWER}"}}',
        62,
        "written by a MongoDB version",
        "Use the MongoDB that wrote them",
    ),
    "the data are of a newer storage engine": (
        "unsupported WiredTiger file version: this build only supports versions up to 11.0",
        14,
        "written by a MongoDB version",
        "restore a backup",
    ),
    "the disk is full": (
        '{"s":"E","msg":"error","attr":{"error":28,"message":"No space left on device"}}',
        14,
        "disk of",
        "Free some space",
    ),
    "the data files are in use": (
        '{"s":"E","attr":{"error":"DBPathInUse: Unable to lock the lock file"}}',
        100,
        "in use by another mongod",
        "Stop that mongod",
    ),
    "the data files belong to somebody else": (
        '{"s":"E","attr":{"message":"WiredTiger.lock: Permission denied"}}',
        100,
        "cannot write its data files",
        "right to write",
    ),
    "nobody knows why": (
        '{"s":"I","msg":"all is well"}\n{"s":"F","msg":"the moon is full"}',
        14,
        "code 14.\n  {.*moon",
        "mongod.log",
    ),
}


@pytest.mark.parametrize(("said", "code", "message", "remedy"), FAILURES.values(), ids=FAILURES)
def test_a_failed_start_gives_one_reason_and_what_to_do(
    tmp_path: Path, said: str, code: int, message: str, remedy: str
) -> None:
    binary = fake(tmp_path, f"cat >&2 <<'END'\n{said}\nEND\nexit {code}")

    with pytest.raises(CannotStart, match=message) as refusal:
        Mongod(tmp_path / "data", binary=binary).start()
    assert remedy in refusal.value.remedy


def test_a_processor_without_the_needed_instructions_is_named_as_the_reason(
    tmp_path: Path,
) -> None:
    with pytest.raises(CannotStart, match="AVX"):
        Mongod(tmp_path / "data", binary=fake(tmp_path, "kill -ILL $$")).start()


def test_a_mongod_that_never_gets_ready_is_ended_at_the_deadline(tmp_path: Path) -> None:
    binary = fake(tmp_path, f'echo $$ > "{tmp_path}/pid"; echo "thinking"; exec sleep 600')
    server = Mongod(tmp_path / "data", binary=binary, patience=1)

    with pytest.raises(CannotStart, match=r"not ready within 1 seconds\.\n  thinking"):
        server.start()
    assert server.pid is None
    assert not alive(int((tmp_path / "pid").read_text(encoding="utf-8")))


def test_a_mongod_that_ignores_our_request_to_end_is_killed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "STOP_WITHIN", 0.2)
    binary = fake(tmp_path, f'trap "" TERM; echo $$ > "{tmp_path}/pid"; while :; do sleep 1; done')

    with pytest.raises(CannotStart, match="not ready"):
        Mongod(tmp_path / "data", binary=binary, patience=1).start()
    assert not alive(int((tmp_path / "pid").read_text(encoding="utf-8")))


@pytest.mark.parametrize("content", ["", "not a program"], ids=["not executable", "not a program"])
def test_a_binary_that_cannot_run_is_named(tmp_path: Path, content: str) -> None:
    binary = tmp_path / "mongod"
    binary.write_bytes(b"\x7fELF" + content.encode())
    binary.chmod(0o755 if content else 0o644)

    with pytest.raises(CannotStart, match=f"{binary} cannot be run"):
        Mongod(tmp_path / "data", binary=binary).start()


def test_the_mongod_on_the_path_comes_before_the_extra() -> None:
    assert Path("/opt/mongodb/mongod") == find_binary(lambda name: f"/opt/mongodb/{name}")


def test_without_any_mongod_the_message_says_what_to_do(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "EXTRA", ("taskloom-no-such-distribution",))

    with pytest.raises(CannotStart, match="There is no MongoDB") as refusal:
        find_binary(lambda _: None)
    assert "taskloom[embedded]" in refusal.value.remedy


def test_a_data_directory_below_a_file_is_refused(tmp_path: Path) -> None:
    (tmp_path / "file").touch()

    with pytest.raises(CannotStart, match="cannot be written: Not a directory"):
        DataDir(tmp_path / "file" / "data").claim("http://127.0.0.1:8080")
    with pytest.raises(CannotStart, match="cannot be written: Not a directory"):
        Mongod(tmp_path / "file" / "data", binary=Path(sys.executable)).start()


def test_a_data_directory_of_somebody_else_is_refused(tmp_path: Path) -> None:
    data = tmp_path / "data"
    data.mkdir(mode=0o500)
    before = os.geteuid()
    if before == 0:
        os.seteuid(65534)
    try:
        with pytest.raises(CannotStart, match="cannot be written: Permission denied") as refusal:
            DataDir(data).claim("http://127.0.0.1:8080")
    finally:
        os.seteuid(before)
    assert "TASKLOOM_DATA_DIR" in refusal.value.remedy


def test_a_long_log_is_put_aside_at_start(
    mongod: Mongod, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "LOG_BYTES", 10)
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "mongod.log").write_text("more than ten bytes\n", encoding="utf-8")
    mongod.start()

    aside = (tmp_path / "data" / "mongod.log.1").read_text(encoding="utf-8")
    assert aside == "more than ten bytes\n"
