"""The law of the feed: whoever goes on at `next` is told of every event exactly once."""

import contextlib
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from random import Random
from uuid import uuid4

import pytest

from taskloom.app.composition import clock
from taskloom.engine.engine import Engine, open_engine
from taskloom.engine.writing import Draft
from taskloom.errors import TaskloomError
from taskloom.model.feed import Mark, Walk
from taskloom.schema.compiled import Compiled
from taskloom.storage.client import connect
from tests.unit.engines import ORDERS, Office, open_office

WRITERS = 6
ROUNDS = 12
MOST_SKEW_MS = 400
FLOWS = ("orders-a", "orders-b")


@pytest.fixture
def office(mongod_uri: str, tmp_path: Path) -> Iterator[Office]:
    """An engine over a database of its own, whose log is that of all tests."""
    database = connect(mongod_uri, f"test_{uuid4().hex}")
    yield open_office(database, tmp_path)
    database.client.drop_database(database.name)
    database.client.close()


def process(office: Office, random: Random) -> Engine:
    """Give another process of the same server, whose clock goes wrong a little all the time."""

    def now() -> int:
        return clock() + random.randint(-MOST_SKEW_MS, MOST_SKEW_MS)

    return open_engine(replace(office.ports, clock=now))


def write(office: Office, workflows: list[Compiled], number: int) -> None:
    """Create, change, write many, write many as one, and delete."""
    random = Random(number)
    engine, actor = process(office, random), office.admin
    people = engine.people.people(actor)
    for turn in range(ROUNDS):
        flow = random.choice(workflows)
        refs = [f"{random.randint(1, 12)}" for _ in range(4)]
        drafts = [Draft(values={"ref": ref, "size": turn}) for ref in dict.fromkeys(refs)]
        with contextlib.suppress(TaskloomError):
            if turn % 4 == 3:
                engine.tasks.delete(actor, flow, refs[0], people)
            elif turn % 4 == 2:
                engine.bulk.write(actor, flow, drafts, people, mode="upsert", atomic=turn % 8 == 2)
            else:
                engine.tasks.write(actor, flow, drafts[0], people, mode="upsert")


def follow(office: Office, mark: Mark | None, limit: int, writing: Callable[[], bool]) -> list[str]:
    """Return the ids of all events from a mark on, until nobody writes and nothing is left."""
    feed, told = process(office, Random(limit)).feed, []
    while True:
        last = not writing()
        page = feed.read(office.admin, mark, limit)
        told += [entry.event.id for entry in page.entries]
        mark = page.next
        if last and not page.more:
            return told


def every_event(office: Office, workflows: list[Compiled]) -> list[str]:
    ids: list[str] = []
    for flow in workflows:
        name = f"tasks_{flow.workflow.uid}"
        ids += [event["i"] for task in office.database[name].find() for event in task["ev"]]
        ids += [one["_id"] for one in office.database["history"].find({"w": flow.workflow.uid})]
    return sorted(set(ids))


def test_whoever_follows_is_told_of_every_event_once_while_many_write(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("taskloom.storage.tasks.KEPT", 4)
    workflows = [office.push({**ORDERS, "$id": flow}) for flow in FLOWS]
    feed = process(office, Random(0)).feed
    marks = [feed.read(office.admin, None, 100).next, feed.start(), feed.start()]

    with ThreadPoolExecutor() as threads:
        writers = [threads.submit(write, office, workflows, number) for number in range(WRITERS)]

        def writing() -> bool:
            return not all(writer.done() for writer in writers)

        readers = [
            threads.submit(follow, office, mark, limit, writing)
            for mark, limit in zip(marks, (7, 100, 1), strict=True)
        ]
        told = [reader.result() for reader in readers]
        for writer in writers:
            writer.result()

    expected = every_event(office, workflows)
    assert len(expected) > WRITERS * ROUNDS
    for ids in told:
        assert expected == sorted(ids)


def test_a_walk_while_others_delete_and_change_tells_what_is_settled_once(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("taskloom.storage.feed._TASKS_AT_ONCE", 10)
    monkeypatch.setattr("taskloom.storage.feed._ROWS_AT_ONCE", 15)
    flow = office.push({**ORDERS, "$id": FLOWS[0]})
    rows = [{"ref": f"{number}"} for number in range(48)]
    office.bulk(flow, rows)
    office.bulk(flow, [{**row, "size": 1} for row in rows])
    settled = every_event(office, [flow])
    random, told = Random(1), []
    mark: Mark = Walk(until=office.clock() + 1)

    while isinstance(mark, Walk):
        page = office.engine.feed.read(office.admin, mark, 7)
        told += [entry.event.id for entry in page.entries]
        mark = page.next
        for _ in range(4):
            ref = str(random.randrange(len(rows)))
            with contextlib.suppress(TaskloomError):
                office.delete(flow, ref)
            office.write(flow, ref=str(random.randrange(len(rows))), size=2)

    assert settled == sorted(told)
