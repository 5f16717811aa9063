"""mongod is killed and comes back: nothing acknowledged is lost, and work goes on."""

import os
import signal
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from taskloom.engine.ports import Insertion
from taskloom.errors import Unavailable
from taskloom.query.tree import Query
from taskloom.schema.compile import compile_workflow
from taskloom.schema.compiled import Compiled
from taskloom.storage.client import connect
from taskloom.storage.mongod import Mongod
from taskloom.storage.tasks import Tasks
from tests.builders import Maker, workflow_of


@pytest.fixture
def mongod(tmp_path: Path) -> Iterator[Mongod]:
    """Give a supervised mongod of its own."""
    server = Mongod(tmp_path / "data")
    server.start()
    server.supervise()
    yield server
    server.stop()


@pytest.fixture
def tasks(mongod: Mongod) -> Iterator[Tasks]:
    database = connect(mongod.uri, "killed")
    yield Tasks(database, query_ms=10_000)
    database.client.close()


@pytest.fixture
def workflow(tasks: Tasks) -> Compiled:
    made = compile_workflow(workflow_of({"size": {"type": "number"}}))
    tasks.prepare(made)
    return made


def kill(mongod: Mongod) -> None:
    assert mongod.pid is not None
    os.kill(mongod.pid, signal.SIGKILL)


@pytest.mark.slow
def test_no_acknowledged_task_or_event_is_lost_when_mongod_is_killed(
    mongod: Mongod, tasks: Tasks, workflow: Compiled
) -> None:
    make = Maker(workflow=workflow)
    acknowledged: list[Insertion] = []
    enough = threading.Event()

    def write(_: int) -> None:
        after_kill = 0
        while after_kill < 20:
            new = make.new(size=1)
            try:
                tasks.insert(workflow, new)
            except Unavailable:
                continue
            acknowledged.append(new)
            if len(acknowledged) > 200:
                enough.set()
            after_kill += enough.is_set()

    with ThreadPoolExecutor(4) as pool:
        writers = [pool.submit(write, number) for number in range(4)]
        enough.wait(60)
        kill(mongod)
        for writer in writers:
            writer.result()

    stored = {task.id: task for task in tasks.find(workflow, Query())}
    for new in acknowledged:
        assert stored[new.task.id] == new.task
        assert [new.event] == list(tasks.history(workflow, new.task.id))


@pytest.mark.slow
def test_reading_goes_on_when_mongod_comes_back(
    mongod: Mongod, tasks: Tasks, workflow: Compiled
) -> None:
    new = Maker(workflow=workflow).new("A", size=1)
    tasks.insert(workflow, new)

    kill(mongod)

    assert new.task == tasks.by_unique(workflow, "A")
