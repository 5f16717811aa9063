"""Laws of writing: what the events tell is what is stored, and many writes are as single ones."""

import contextlib
import random
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from itertools import count
from typing import Any
from uuid import uuid4

import pytest
from bson.objectid import ObjectId
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from taskloom.engine.writing import Draft
from taskloom.errors import ASSIGNEE, STAGE, Invalid, NotFound, TaskloomError
from taskloom.model.event import CREATED, DELETED, UPDATED, Event
from taskloom.model.task import Task
from taskloom.schema.compiled import Compiled
from taskloom.storage.client import connect
from taskloom.storage.history import History
from tests.unit.engines import ORDERS, Office, member, open_office, told

NUMBERS = count()
REFS = ("A", "B", "C")
EMAILS = ("ann@example.com", "bob@example.com")
LAWS = settings(
    max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)

values: st.SearchStrategy[dict[str, Any]] = st.fixed_dictionaries(
    {},
    optional={
        "ref": st.sampled_from([*REFS, " A ", ""]),
        "name": st.sampled_from(["x", "y", None, 7]),
        "size": st.sampled_from([1, "1", True, None, 2**63 - 1, 2**63]),
        "extra": st.sampled_from([{"a": 1}, {"a": True}, {"a": 1.0}, {}, None]),
        "rows": st.sampled_from([[], [{}], [{"blobId": "x"}], None]),
    },
)
drafts = st.builds(
    Draft,
    values=values,
    stage=st.sampled_from(["New", "Doing", "Done", "Nowhere"]),
    assignees=st.sampled_from([None, *EMAILS, "stranger@example.com"]),
)


@pytest.fixture(scope="module")
def office(mongod_uri: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Office]:
    """One engine for all examples; each has workflows of its own."""
    database = connect(mongod_uri, f"test_{uuid4().hex}")
    opened = open_office(database, tmp_path_factory.mktemp("office"))
    for email in EMAILS:
        member(opened, email)
    yield opened
    database.client.drop_database(database.name)
    database.client.close()


def fresh(office: Office) -> Compiled:
    return office.push({**ORDERS, "$id": f"orders-{next(NUMBERS)}"})


def replayed(events: Sequence[Event]) -> dict[str, object]:
    """Carry out what the events tell, minding that each begins where the one before ended."""
    state: dict[str, object] = {ASSIGNEE: []}
    for number, event in enumerate(events):
        assert (event.kind == CREATED) is (number == 0)
        for change in event.changes:
            assert change.old == state.get(change.field), (event, state)
            assert repr(change.old) != repr(change.new)
            state[change.field] = change.new
    return {field: value for field, value in state.items() if value is not None}


def stored(workflow: Compiled, task: Task) -> dict[str, object]:
    held = {STAGE: task.stage, ASSIGNEE: list(task.assignees)}
    return {**held, **workflow.pack(task.values)}


def check_history(office: Office, workflow: Compiled, task: Task) -> None:
    events = office.history(workflow, task)
    assert task.rev == len(events)
    assert (task.created, task.updated) == (events[0].at, events[-1].at)
    assert repr(sorted(stored(workflow, task).items())) == repr(sorted(replayed(events).items()))


def shape(workflow: Compiled, task: Task) -> object:
    return task.uid, task.rev, sorted(map(repr, stored(workflow, task).items()))


@LAWS
@given(st.lists(st.tuples(drafts, st.sampled_from(["create", "upsert", "update"])), max_size=12))
def test_the_events_of_a_task_tell_how_it_came_to_be_what_it_is(
    office: Office, writes: list[tuple[Draft, Any]]
) -> None:
    workflow = fresh(office)
    people = office.engine.people.people(office.admin)
    for draft, mode in writes:
        with contextlib.suppress(Invalid, NotFound):
            office.engine.tasks.write(office.admin, workflow, draft, people, mode=mode)

    tasks = office.all(workflow)
    known = [task.uid for task in tasks if task.uid is not None]
    assert len(known) == len(set(known))
    for task in tasks:
        check_history(office, workflow, task)


@LAWS
@given(st.lists(drafts, max_size=12), st.sampled_from(["create", "upsert", "update"]))
def test_many_writes_at_once_do_what_they_do_one_by_one(
    office: Office, rows: list[Draft], mode: Any
) -> None:
    singly, together = fresh(office), fresh(office)
    people = office.engine.people.people(office.admin)

    expected = []
    for draft in rows:
        try:
            written = office.engine.tasks.write(office.admin, singly, draft, people, mode=mode)
            expected.append(told(written))
        except TaskloomError as error:
            expected.append(told(error))
    results = office.engine.bulk.write(office.admin, together, rows, people, mode=mode)

    assert expected == [told(result) for result in results]
    assert sorted((shape(singly, task) for task in office.all(singly)), key=repr) == sorted(
        (shape(together, task) for task in office.all(together)), key=repr
    )
    for task in office.all(together):
        check_history(office, together, task)


@pytest.mark.parametrize("seed", range(3))
def test_whatever_many_do_at_once_no_event_and_no_change_is_without_the_other(
    office: Office, seed: int
) -> None:
    workflow = fresh(office)
    history = History(office.database)
    seen: set[str] = set()

    def act(number: int) -> None:
        dice = random.Random(f"{seed} {number}")
        ref = dice.choice(REFS)
        move = dice.randrange(10)
        if move == 0:
            try:
                office.delete(workflow, ref)
            except NotFound:
                return
        elif move == 1:
            user = office.ports.directory.user_by_email(dice.choice(EMAILS))
            assert user is not None
            office.ports.tasks.unassign(workflow, user.id, office.clock(), None)
        elif move == 2:
            for task in office.all(workflow):
                seen.add(task.id)
                history.overflow(workflow, ObjectId(task.id), keep=dice.randrange(3))
        elif move <= 5:
            office.bulk(workflow, [{"ref": each, "size": number} for each in REFS])
        else:
            email = dice.choice([None, *EMAILS])
            written = office.write(workflow, ref=ref, name=f"n{number}", assignees=email)
            seen.add(written.task.id)

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(act, range(240)))

    tasks = office.all(workflow)
    assert len(tasks) == len({task.uid for task in tasks}) <= len(REFS)
    for task in tasks:
        check_history(office, workflow, task)
    for gone in seen - {task.id for task in tasks}:
        kinds = [event.kind for event in office.ports.tasks.history(workflow, gone)]
        assert [CREATED, *[UPDATED] * (len(kinds) - 2), DELETED] == kinds
        replayed(office.ports.tasks.history(workflow, gone))
