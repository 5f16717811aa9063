"""Laws of many writes: each row is told once, dry runs are true, all or nothing, never twice."""

import json
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from dataclasses import replace
from typing import Any, cast
from uuid import uuid4

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from taskloom.engine.bulk import Bulk
from taskloom.engine.stages import Result, Unprocessed
from taskloom.engine.tasks import Tasks
from taskloom.engine.terms import Origin
from taskloom.engine.writing import Draft, Mode, Written
from taskloom.errors import Malformed, TaskloomError
from taskloom.model.task import Task
from taskloom.query.tree import Query
from taskloom.schema.compiled import Compiled, titles_of
from taskloom.storage.client import connect
from taskloom.wire.flowdash.lines import NDJSON
from taskloom.wire.flowdash.outcomes import Report
from tests.unit.engines import Between, Office, open_office, told

REFS = ("A", "B", "C", "D")
LAWS = settings(
    max_examples=20, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
TEXT = {"type": "string"}
PAPER = {"base64contents": "eA==", "filename": "a.txt", "contentType": "text/plain"}

references = st.lists(
    st.sampled_from([{"Ref": ref} for ref in REFS]), max_size=2, unique_by=lambda ref: ref["Ref"]
)
rows = st.lists(
    st.one_of(
        st.builds(
            Draft,
            values=st.fixed_dictionaries(
                {},
                optional={
                    "ref": st.sampled_from([*REFS, " A "]),
                    "name": st.sampled_from(["x", "y", None, 7]),
                    "size": st.sampled_from([1, "1", None]),
                    "papers": st.sampled_from([[], [PAPER], [{"blobId": "x"}]]),
                },
            ),
            stage=st.sampled_from(["New", "Done", "Nowhere"]),
            links=st.fixed_dictionaries({}, optional={"Next": references, "Parts": references}),
        ),
        st.just(Malformed("broken")),
    ),
    max_size=8,
)
modes = st.sampled_from(["create", "upsert", "update"])


@pytest.fixture(scope="module")
def office(mongod_uri: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Office]:
    """One engine for all examples; each has workflows of its own."""
    database = connect(mongod_uri, f"test_{uuid4().hex}")
    yield open_office(database, tmp_path_factory.mktemp("office"))
    database.client.drop_database(database.name)
    database.client.close()


@pytest.fixture(scope="module")
def pair(office: Office) -> Sequence[Compiled]:
    """Two workflows that are alike: each links to itself and to another one."""
    return [made(office, name) for name in ("one", "two")]


def made(office: Office, name: str) -> Compiled:
    fields = {"ref": {**TEXT, "title": "Ref"}, "name": TEXT, "size": {"type": "integer"}}
    papers = {"type": "array", "items": {"format": "file"}}
    parts = {
        "$id": f"parts-{name}",
        "title": "Parts",
        "type": "object",
        "properties": fields,
        "workflow": {"uniqueId": "ref", "stages": [{"name": "New"}, {"name": "Done"}]},
    }
    links = [
        {"name": "Next", "to": f"orders-{name}", "inverse": "Back", "cardinality": "one-to-many"},
        {"name": "Parts", "to": parts["$id"], "inverse": "Of", "cardinality": "many-to-many"},
    ]
    whole = office.push(parts)
    for ref in REFS[:2]:
        office.write(whole, ref=ref)
    orders = {**parts, "$id": f"orders-{name}", "properties": {**fields, "papers": papers}}
    return office.push(orders, links=links)


def begun(office: Office, workflow: Compiled) -> Compiled:
    """Leave exactly the tasks A and B in a workflow."""
    office.database[f"tasks_{workflow.workflow.uid}"].delete_many({})
    office.database["links"].delete_many({})
    office.database["history"].delete_many({"w": workflow.workflow.uid})
    for ref in REFS[:2]:
        office.write(workflow, ref=ref, name="start")
    return workflow


def run(office: Office, workflow: Compiled, given: Sequence[Any], mode: Any, **how: Any) -> Any:
    people = office.engine.people.people(office.admin)
    return office.engine.bulk.write(office.admin, workflow, given, people, mode=mode, **how)


def shape(result: Result) -> object:
    """Say everything of a result but the ids in it."""
    if isinstance(result, Unprocessed):
        return "unprocessed"
    if isinstance(result, TaskloomError):
        return told(result), result.message
    assert isinstance(result, Written)
    return result.outcome, result.changed, state_of(result.task)


def state_of(task: Task) -> object:
    values = {key: value for key, value in task.values.items() if key != "papers"}
    return task.uid, task.rev, task.stage, repr(sorted(values.items())), "papers" in task.values


def state(office: Office, workflow: Compiled) -> object:
    """Say all that is known of a workflow's tasks but their ids."""
    tasks = office.engine.tasks.find(office.admin, workflow, Query())
    found = []
    for task in tasks:
        linked = {name: [other.uid for other in others] for name, others in task.links.items()}
        events = len(office.history(workflow, task))
        found.append((state_of(task), sorted(map(repr, linked.items())), events))
    return sorted(map(repr, found))


def everything(office: Office) -> Mapping[str, int]:
    """Count the documents of all collections, and what counters say."""
    names = office.database.list_collection_names()
    counts = {name: office.database[name].count_documents({}) for name in names}
    numbers = sum(counter["n"] for counter in office.database["counters"].find())
    return {**counts, "numbers": numbers}


# --- each row is told once ------------------------------------------------------------------------


@LAWS
@given(given=rows, mode=modes, how=st.tuples(st.booleans(), st.booleans()))
def test_the_counts_of_a_report_are_its_rows(
    office: Office, pair: Any, given: list[Any], mode: Mode, how: tuple[bool, bool]
) -> None:
    workflow = begun(office, pair[0])
    atomic, dry_run = how
    report = Report(titles_of(workflow), NDJSON)

    report.add(run(office, workflow, given, mode, atomic=atomic, dry_run=dry_run))

    with closing(cast(Any, report.response(None).body)) as body:
        *lines, summary = [json.loads(line) for line in b"".join(body).splitlines()]
    assert list(range(len(given))) == [line["index"] for line in lines]
    told_of = Counter(line["status"] for line in lines)
    assert told_of == Counter({status: many for status, many in summary.items() if many})
    assert len(given) == sum(summary.values())


# --- a dry run tells the truth --------------------------------------------------------------------


@LAWS
@given(given=rows, mode=modes, atomic=st.booleans())
def test_a_dry_run_tells_what_comes_of_the_rows_and_stores_nothing(
    office: Office, pair: Any, given: list[Any], mode: Mode, atomic: bool
) -> None:
    workflow = begun(office, pair[0])
    before, counts = state(office, workflow), everything(office)

    rehearsed = run(office, workflow, given, mode, atomic=atomic, dry_run=True)

    assert (before, counts) == (state(office, workflow), everything(office))
    real = run(office, workflow, given, mode, atomic=atomic)
    assert list(map(shape, real)) == list(map(shape, rehearsed))
    there = {task.id for task in office.all(workflow)}
    for one in rehearsed:
        assert not isinstance(one, Written) or not one.task.id or one.task.id in there


@LAWS
@given(st.lists(st.sampled_from([{}, {"ref": 1}, {"ref": 3}, {"ref": 9}]), max_size=8))
def test_a_dry_run_counts_as_the_counter_would(office: Office, given: list[Any]) -> None:
    numbers = {"ref": {"type": "integer", "maximum": 7, "title": "Ref"}, "name": TEXT}
    file = {
        "$id": "tickets",
        "type": "object",
        "properties": numbers,
        "workflow": {"uniqueId": {"field": "ref", "autoIncrement": True}},
    }
    workflow = office.push(file)
    office.database[f"tasks_{workflow.workflow.uid}"].delete_many({})
    office.database["counters"].delete_many({})
    drafts = [Draft(values=values) for values in given]
    counts = everything(office)

    rehearsed = run(office, workflow, drafts, "upsert", dry_run=True)

    assert counts == everything(office)
    real = run(office, workflow, drafts, "upsert")
    assert list(map(shape, real)) == list(map(shape, rehearsed))


# --- all or nothing -------------------------------------------------------------------------------


@LAWS
@given(given=rows, mode=modes)
def test_all_rows_are_written_as_one_by_one_or_none_is(
    office: Office, pair: Any, given: list[Any], mode: Mode
) -> None:
    one_by_one, together = (begun(office, workflow) for workflow in pair)
    before = state(office, together)

    each = run(office, one_by_one, given, mode)
    whole = run(office, together, given, mode, atomic=True)

    if any(isinstance(result, TaskloomError) for result in each):
        expected = [shape(one) if isinstance(one, TaskloomError) else "unprocessed" for one in each]
        assert expected == list(map(shape, whole))
        assert before == state(office, together)
    else:
        assert list(map(shape, each)) == list(map(shape, whole))
        assert state(office, one_by_one) == state(office, together)


def test_all_or_nothing_holds_whoever_else_writes(office: Office, pair: Any) -> None:
    workflow = begun(office, pair[0])
    office.write(workflow, ref="C")
    refs = "ABC"

    def together(number: int) -> list[Result]:
        drafts = [Draft(values={"ref": ref, "size": number}) for ref in refs]
        more = [Draft(values={"ref": f"new-{number}-{ref}"}) for ref in refs]
        bad = [Draft(values={"ref": "A", "size": "x"})] if number % 4 == 3 else []
        result: list[Result] = run(office, workflow, [*drafts, *more, *bad], "upsert", atomic=True)
        return result

    def alone(number: int) -> None:
        office.write(workflow, ref=refs[number % 3], name=f"n{number}")

    with ThreadPoolExecutor(8) as pool:
        tried = [pool.submit(together, number) for number in range(20)]
        others = [pool.submit(alone, number) for number in range(40)]
        results = [done.result() for done in tried]
        assert all(done.result() is None for done in others)

    sizes: list[list[Any]] = [
        [change.new for event in events for change in event.changes if change.field == "size"]
        for events in (office.history(workflow, office.get(workflow, ref)) for ref in refs)
    ]
    assert sizes[0] == sizes[1] == sizes[2]
    done = {number for number in range(20) if number % 4 != 3}
    assert sorted(done) == sorted(sizes[0])
    assert 3 + 3 * len(done) == len(office.all(workflow))
    for number, result in enumerate(results):
        assert (number in done) is all(isinstance(one, Written) for one in result)


# --- sent again after the answer was lost ---------------------------------------------------------


class Killed(BaseException):
    """What no code catches: the process ends here."""


STORING = ("insert", "insert_many", "replace", "replace_many", "commit", "delete_many")


class Mortal(Between):
    """A store whose process ends before, or right after, one of its writes."""

    def __init__(self, store: object, end: int, after: bool) -> None:
        super().__init__(store)
        self._end = end
        self._after = after
        self._writes = 0

    def __getattr__(self, name: str) -> Any:
        method = super().__getattr__(name)
        if name not in STORING:
            return method

        def called(*args: Any, **kwargs: Any) -> Any:
            self._writes += 1
            if self._writes == self._end and not self._after:
                raise Killed
            result = method(*args, **kwargs)
            if self._writes == self._end:
                raise Killed
            return result

        return called


@settings(LAWS, max_examples=60)
@given(
    given=rows,
    how=st.fixed_dictionaries(
        {"mode": st.sampled_from(["upsert", "create"]), "atomic": st.booleans()}
    ),
    end=st.tuples(st.integers(1, 6), st.booleans()),
)
def test_what_is_sent_again_is_done_once_and_told_as_it_was(
    office: Office, pair: Any, given: list[Any], how: Any, end: tuple[int, bool]
) -> None:
    undisturbed, cut = (begun(office, workflow) for workflow in pair)
    people = office.engine.people.people(office.admin)
    origin = Origin(root=uuid4().hex[:18])
    expected = run(office, undisturbed, given, **how)

    ports = replace(office.ports, tasks=cast(Any, Mortal(office.ports.tasks, *end)))
    dying = Bulk(ports, Tasks(ports))
    try:
        first = dying.write(office.admin, cut, given, people, origin=origin, **how)
    except Killed:
        again = replace(origin, again=True)
        first = office.engine.bulk.write(office.admin, cut, given, people, origin=again, **how)

    assert [outcome(one) for one in expected] == [outcome(one) for one in first]
    assert state(office, undisturbed) == state(office, cut)


def outcome(result: Result) -> object:
    if isinstance(result, Written):
        return result.outcome
    return "unprocessed" if isinstance(result, Unprocessed) else told(result)
