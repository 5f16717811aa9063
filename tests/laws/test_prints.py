"""A row that is left out because it says what it said the last time would have changed nothing."""

import itertools
import json
from collections.abc import Iterator, Sequence
from dataclasses import replace
from hashlib import blake2b
from uuid import uuid4

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from taskloom.engine.stages import Result, Unprocessed
from taskloom.engine.writing import ABSENT, Draft, Same, Written
from taskloom.errors import TaskloomError
from taskloom.schema.compiled import Compiled
from taskloom.storage.client import connect
from tests.unit.engines import ORDERS, Office, member, open_office, told

NUMBERS = itertools.count()
EMAILS = ("ann@example.com", "bob@example.com")
LAWS = settings(
    max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
rows = st.builds(
    Draft,
    values=st.fixed_dictionaries(
        {"ref": st.sampled_from(["A", "B", " A", "C"])},
        optional={
            "name": st.sampled_from(["x", "y", None, 7]),
            "size": st.sampled_from([1, "1", None]),
            "extra": st.sampled_from([{"a": 1}, {"a": True}]),
        },
    ),
    stage=st.sampled_from([ABSENT, "New", "Done", "Nowhere"]),
    assignees=st.sampled_from([ABSENT, None, *EMAILS, "stranger@example.com"]),
)
chunks = st.lists(st.lists(rows, max_size=4), min_size=2, max_size=6)


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


def digested(draft: Draft) -> Draft:
    sent = json.dumps([draft.values, repr(draft.stage), repr(draft.assignees)], sort_keys=True)
    return replace(draft, print=blake2b(sent.encode(), digest_size=16).digest())


def bulk(office: Office, workflow: Compiled, drafts: Sequence[Draft]) -> list[Result]:
    people = office.engine.people.people(office.admin)
    return office.engine.bulk.write(office.admin, workflow, drafts, people, mode="upsert")


def shape(result: Result) -> object:
    if isinstance(result, TaskloomError):
        return told(result)
    assert not isinstance(result, Unprocessed)
    return result.outcome


def state(office: Office, workflow: Compiled) -> object:
    return sorted(
        (str(task.uid), task.rev, task.stage, task.assignees, repr(sorted(task.values.items())))
        for task in office.all(workflow)
    )


@LAWS
@given(chunks, st.lists(st.sampled_from(["none", "write", "delete"]), min_size=6, max_size=6))
def test_digests_change_nothing_but_the_time_it_takes(
    office: Office, given_chunks: list[list[Draft]], between: list[str]
) -> None:
    with_digests, without = fresh(office), fresh(office)
    for drafts, other in zip(
        [*given_chunks, *given_chunks], itertools.cycle(between), strict=False
    ):
        quick = bulk(office, with_digests, [digested(draft) for draft in drafts])
        plain = bulk(office, without, drafts)

        assert list(map(shape, plain)) == list(map(shape, quick))
        assert state(office, without) == state(office, with_digests)
        for workflow in (with_digests, without):
            if other == "write":
                office.write(workflow, ref="A", size=len(drafts))
            elif other == "delete" and any(task.uid == "A" for task in office.all(workflow)):
                office.delete(workflow, "A")


def test_a_row_sent_again_is_left_out(office: Office) -> None:
    orders = fresh(office)
    row = digested(Draft(values={"ref": "A", "name": "x"}, assignees=EMAILS[0]))

    first, second = bulk(office, orders, [row])[0], bulk(office, orders, [row])[0]

    assert isinstance(first, Written)
    assert Same(first.task.id) == second


@pytest.mark.parametrize("change", ["write", "version", "user"])
def test_a_row_sent_again_is_read_once_more_after_a_change(office: Office, change: str) -> None:
    orders = fresh(office)
    email = f"guest-{next(NUMBERS)}@example.com"
    guest = member(office, email)
    row = digested(Draft(values={"ref": "A", "name": "x"}, assignees=email))
    bulk(office, orders, [row])
    if change == "write":
        office.write(orders, ref="A", name="y")
    elif change == "version":
        name = {"title": "Name", "type": "string", "maxLength": 0}
        changed = {**ORDERS, "$id": orders.workflow.id}
        orders = office.push({**changed, "properties": {**ORDERS["properties"], "name": name}})
    else:
        assert guest.user is not None
        office.engine.users.delete(office.admin, guest.user, force=True)

    (again,) = bulk(office, orders, [row])

    assert not isinstance(again, Same)
    if change == "write":
        assert isinstance(again, Written)
        assert ("updated", "x") == (again.outcome, again.task.values["name"])
    else:
        assert isinstance(again, TaskloomError)
