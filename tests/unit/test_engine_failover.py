"""A MongoDB that fails over, refuses or answers late: tried again or told as such, never a mistake.

A mongod of its own lets the tests say which command fails, how, and how often.
"""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any, cast
from uuid import uuid4

import pytest

from taskloom.effects.base import EFFECTS
from taskloom.errors import TooSlow, Unavailable
from taskloom.model.event import CREATED, DELETED, UPDATED
from taskloom.query.tree import EVERYTHING, Order, Query
from taskloom.schema.compiled import Compiled
from taskloom.storage.client import Database, connect
from taskloom.storage.mongod import Mongod, find_binary
from tests.conftest import empty
from tests.unit.engines import ORDERS, TICKETS, Office, open_office

# Not the primary any more, ended by somebody, cut off from the others, in each other's way.
STEPPED_DOWN = (10107, 13435, 189, 91, 11600, 11602)
PASSING = (*STEPPED_DOWN, 6, 7, 89, 9001, 262, 134, 133, 24, 46, 11601, 237, 251, 100)
RETRIED_ONCE = (10107, 6)

Fail = Callable[..., Any]


@pytest.fixture(scope="module")
def failing_uri(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Address of a mongod that fails when told to."""
    folder = tmp_path_factory.mktemp("failing")
    binary = folder / "mongod"
    # A transaction whose commit fails in a way that no real one does stays open for that long.
    options = "--setParameter enableTestCommands=1 --setParameter transactionLifetimeLimitSeconds=1"
    binary.write_text(f'#!/bin/sh\nexec {find_binary()} {options} "$@"\n')
    binary.chmod(0o755)
    mongod = Mongod(folder, binary=binary)
    # The driver looks for the primary again soon after it was told that there is none.
    yield f"{mongod.start()}&heartbeatFrequencyMS=500"
    mongod.stop()


@pytest.fixture(scope="module")
def failing_database(failing_uri: str) -> Iterator[Database]:
    """Give a database on it."""
    opened = connect(failing_uri, f"test_{uuid4().hex}")
    yield opened
    opened.client.close()


@pytest.fixture
def failing(failing_database: Database) -> Iterator[Database]:
    """Give that database empty; indexes may be there already."""
    yield failing_database
    empty(failing_database)


@pytest.fixture
def office(failing: Database, tmp_path: Path) -> Office:
    return open_office(failing, tmp_path)


@pytest.fixture
def fail(failing_uri: str) -> Iterator[Fail]:
    """Let a command fail so many times, then do something; all is well again afterwards."""
    directing = connect(failing_uri)
    admin = directing.client.admin

    @contextmanager
    def failed(command: str, times: int = 1, **how: object) -> Iterator[None]:
        data = {"failCommands": [command], **how}
        admin.command("configureFailPoint", "failCommand", mode={"times": times}, data=data)
        try:
            yield
        finally:
            admin.command("configureFailPoint", "failCommand", mode="off")

    yield cast(Fail, failed)
    directing.client.close()


WRITES: Mapping[str, tuple[str, Callable[[Office, Compiled], object]]] = {
    "create": ("insert", lambda o, w: o.write(w, ref="new", name="x")),
    "update": ("update", lambda o, w: o.write(w, ref="A", size=2)),
    "bulk create": ("insert", lambda o, w: o.bulk(w, [{"ref": "new"}, {"ref": "new too"}])),
    "bulk update": ("update", lambda o, w: o.bulk(w, [{"ref": "A", "size": 2}])),
    "delete": ("findAndModify", lambda o, w: o.delete(w, "A")),
    "commit": ("commitTransaction", lambda o, w: o.delete(w, "A")),
    "number": ("findAndModify", lambda o, _: o.write(_tickets(o), name="x")),
    "read": ("find", lambda o, w: o.get(w, "A")),
    "list": ("find", lambda o, w: o.all(w)),
    "sorted list": (
        "find",
        lambda o, w: list(o.engine.tasks.find(o.admin, w, Query(order=(Order("size"),)))),
    ),
    "count": ("aggregate", lambda o, w: o.engine.tasks.count(o.admin, w, EVERYTHING)),
}


def _tickets(office: Office) -> Compiled:
    return office.engine.workflows.get(office.admin, "tickets")


@pytest.mark.parametrize("act", WRITES)
@pytest.mark.parametrize("code", RETRIED_ONCE)
def test_what_fails_once_while_the_primary_changes_is_carried_out(
    office: Office, fail: Fail, act: str, code: int
) -> None:
    orders = _prepared(office)
    command, write = WRITES[act]

    with fail(command, errorCode=code):
        try:
            write(office, orders)
        except Unavailable:
            # A bare find is tried again by a cursor only when the server says that it steps down.
            assert ("find", False) == (command, code in STEPPED_DOWN)


def _prepared(office: Office) -> Compiled:
    office.push(TICKETS)
    orders = office.push(ORDERS)
    office.write(orders, ref="A", size=1)
    return orders


@pytest.mark.parametrize("act", WRITES)
def test_what_fails_again_and_again_is_told_as_unavailable(
    office: Office, fail: Fail, act: str
) -> None:
    orders = _prepared(office)
    command, write = WRITES[act]
    for code in (10107, 6, 133, 11601):
        office.write(orders, ref="A", size=code)
        with fail(command, 2, errorCode=code), _passes_or(Unavailable):
            write(office, orders)


@contextmanager
def _passes_or(*allowed: type[Exception]) -> Iterator[None]:
    """Let nothing but these out; a retry may as well have succeeded."""
    try:
        yield
    except allowed:
        return


def _admin_changed(office: Office, **changes: str) -> None:
    admin = office.engine.users.every(office.admin)[0]
    office.engine.users.update(office.admin, admin.id, **changes)


OTHERS: Mapping[str, tuple[str, Callable[[Office, Compiled], object]]] = {
    "push": ("update", lambda o, _: o.push({**ORDERS, "title": uuid4().hex})),
    "push committed": ("commitTransaction", lambda o, _: o.push({**ORDERS, "title": uuid4().hex})),
    "prepare": ("createIndexes", lambda o, w: o.ports.tasks.prepare(w)),
    "drop": ("drop", lambda o, w: o.ports.tasks.drop(w)),
    "found": ("insert", lambda o, _: o.engine.people.found(uuid4().hex, f"{uuid4().hex}@x.org")),
    "key": ("insert", lambda o, _: o.engine.keys.create(o.admin)),
    "user": ("update", lambda o, _: _admin_changed(o, name=uuid4().hex)),
    "password": ("commitTransaction", lambda o, _: _admin_changed(o, password="secret")),
    "count": ("findAndModify", lambda o, _: o.ports.throttle.hit("a", o.clock())),
    "token": ("find", lambda o, _: o.engine.people.sign_in("main@example.com", "secret")),
    "leave": ("update", lambda o, _: o.ports.directory.leave("w", "u", "f")),
    "collect": ("find", lambda o, _: EFFECTS["collect"].run(o.ports)),
    "attach": ("update", lambda o, _: o.ports.files.attach([], "w", "t")),
    "stages": ("aggregate", lambda o, w: o.ports.tasks.stage_counts(w)),
    "history": ("find", lambda o, w: o.ports.tasks.history(w, "0" * 24)),
}


@pytest.mark.parametrize("act", OTHERS)
def test_no_passing_trouble_is_taken_for_a_mistake(office: Office, fail: Fail, act: str) -> None:
    orders = _prepared(office)
    command, write = OTHERS[act]
    for code in PASSING:
        with fail(command, errorCode=code), _passes_or(Unavailable):
            write(office, orders)


def test_a_write_that_took_place_but_was_told_to_have_failed_takes_place_once(
    office: Office, fail: Fail
) -> None:
    orders = office.push(ORDERS)
    late = {
        "writeConcernError": {"code": 91, "errmsg": "stepping down"},
        "errorLabels": ["RetryableWriteError"],
    }

    with fail("insert", **late):
        created = office.write(orders, "create", ref="A", size=1)
    with fail("update", **late):
        updated = office.write(orders, ref="A", size=2)
    with fail("insert", **late):
        bulk = office.bulk(orders, [{"ref": "B"}, {"ref": "C"}], "create")
    with fail("update", **late):
        again = office.bulk(orders, [{"ref": "A", "size": 3}, {"ref": "B", "size": 3}])

    assert ("created", "updated") == (created.outcome, updated.outcome)
    assert (["created"] * 2, ["updated"] * 2) == (bulk, again)
    kinds = [event.kind for event in office.history(orders, created.task)]
    assert [CREATED, UPDATED, UPDATED] == kinds
    assert ["A", "B", "C"] == [task.uid for task in office.all(orders)]


def test_a_write_that_took_place_but_is_not_acknowledged_may_be_sent_again(
    office: Office, fail: Fail
) -> None:
    orders = office.push(ORDERS)
    late = {
        "writeConcernError": {"code": 91, "errmsg": "stepping down"},
        "errorLabels": ["RetryableWriteError"],
    }
    both = ["insert", "update"]
    for _ in range(2):
        with fail("insert", 9, failCommands=both, **late), pytest.raises(Unavailable):
            office.write(orders, ref="A", size=1)
        assert "unchanged" == office.write(orders, ref="A", size=1).outcome
        office.delete(orders, "A")


def test_a_deletion_disturbed_at_any_point_is_whole(office: Office, fail: Fail) -> None:
    orders = office.push(ORDERS)
    disturbances: list[tuple[str, dict[str, object]]] = [
        ("findAndModify", {"errorCode": 112, "errorLabels": ["TransientTransactionError"]}),
        ("update", {"errorCode": 251, "errorLabels": ["TransientTransactionError"]}),
        ("commitTransaction", {"errorCode": 91}),
        (
            "commitTransaction",
            {
                "writeConcernError": {"code": 91, "errmsg": "stepping down"},
                "errorLabels": ["UnknownTransactionCommitResult", "RetryableWriteError"],
            },
        ),
        ("commitTransaction", {"closeConnection": True}),
    ]
    for command, how in disturbances:
        task = office.write(orders, ref="A").task
        with fail(command, **how):
            office.delete(orders, "A")

        kinds = [event.kind for event in office.history(orders, task)]
        assert [CREATED, DELETED] == kinds
        assert [] == office.all(orders)


def test_a_broken_connection_is_replaced(office: Office, fail: Fail) -> None:
    orders = office.push(ORDERS)
    for command, write in (
        ("insert", lambda: office.write(orders, ref="A")),
        ("update", lambda: office.write(orders, ref="A", size=1)),
        ("find", lambda: office.get(orders, "A")),
        ("aggregate", lambda: office.engine.tasks.count(office.admin, orders, EVERYTHING)),
    ):
        with fail(command, closeConnection=True):
            write()

    assert 1 == office.get(orders, "A").values["size"]


def test_a_query_that_takes_too_long_is_told_so(office: Office, fail: Fail) -> None:
    orders = office.push(ORDERS)

    for command, read in (
        ("find", lambda: office.get(orders, "A")),
        ("find", lambda: office.all(orders)),
        ("aggregate", lambda: office.engine.tasks.count(office.admin, orders, EVERYTHING)),
    ):
        with fail(command, errorCode=50), pytest.raises(TooSlow):
            read()


def test_a_list_broken_off_by_a_failover_says_so(office: Office, fail: Fail) -> None:
    orders = office.push(ORDERS)
    office.bulk(orders, [{"ref": str(number)} for number in range(2500)])
    tasks = office.engine.tasks.find(office.admin, orders, Query())
    for _ in range(1500):
        next(tasks)

    with fail("getMore", 10, errorCode=11602), pytest.raises(Unavailable):
        list(tasks)
