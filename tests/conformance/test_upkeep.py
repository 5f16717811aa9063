"""What a new version leaves to be done: nothing waits for it, nothing fails by it, all is told."""

from dataclasses import replace
from typing import Any

import pytest

from taskloom.engine.ports import Taken
from taskloom.errors import TooSlow
from taskloom.model.rules import Listing
from taskloom.query.tree import Compare, Order, Query
from taskloom.schema.compile import compile_workflow
from taskloom.schema.compiled import Compiled
from taskloom.storage import slow
from taskloom.storage.client import Database
from taskloom.storage.history import collection
from taskloom.storage.stores import Stores
from tests.builders import Maker, workflow_of

PROPERTIES: dict[str, dict[str, Any]] = {
    "ref": {"type": "string"},
    "name": {"type": "string"},
    "tags": {"type": "array", "items": {"type": "string"}},
    "marks": {"type": "array", "items": {"type": "string"}},
}
STANDING = {"_id_", "tl_at", "tl_stage_at", "tl_assignee", "tl_assignee_stage"}
PLAIN = compile_workflow(workflow_of(PROPERTIES))


def version(number: int, **rest: Any) -> Compiled:
    """Make a later version."""
    return compile_workflow(replace(PLAIN.workflow, version=number, **rest))


def filled(stores: Stores, count: int = 3) -> None:
    """Store some tasks of the first version."""
    stores.tasks.prepare(PLAIN)
    make = Maker(workflow=PLAIN)
    new = [make.new(name=f"n{n % 2}", tags=["a"], marks=["b"]) for n in range(count)]
    stores.tasks.insert_many(PLAIN, new)


def names(database: Database) -> set[str]:
    """Give the names of the indexes there are."""
    return set(database[collection(PLAIN)].index_information())


def test_indexes_are_built_behind_a_push_one_at_a_time(stores: Stores, database: Database) -> None:
    filled(stores)
    lists = (
        Listing(filter=("name",), sorted_by=()),
        Listing(filter=("tags",), sorted_by=("name",)),
    )
    later = version(2, lists=lists)

    stores.tasks.prepare(later)

    assert names(database) == STANDING
    assert ["tl_v.name", "tl_v.tags+v.name"] == stores.upkeep.state(later).indexes
    assert "more" == stores.upkeep.go_on(later)
    assert ["tl_v.tags+v.name"] == stores.upkeep.state(later).indexes
    assert ("more", "done") == (stores.upkeep.go_on(later), stores.upkeep.go_on(later))
    assert names(database) == STANDING | {"tl_v.name", "tl_v.tags+v.name"}

    stores.tasks.prepare(PLAIN)
    assert names(database) == STANDING


def test_an_index_that_cannot_be_built_stops_no_other_and_is_told(
    stores: Stores, database: Database
) -> None:
    filled(stores)
    lists = (
        Listing(filter=("tags", "marks"), sorted_by=()),
        Listing(filter=("name",), sorted_by=()),
    )
    later = version(2, lists=lists)
    stores.tasks.prepare(later)

    assert ["more", "failed"] == [stores.upkeep.go_on(later) for _ in range(2)]

    state = stores.upkeep.state(later)
    assert ["tl_v.tags+v.marks"] == state.indexes
    assert "parallel arrays" in state.faults["tl_v.tags+v.marks"]
    mended = version(3, lists=lists[1:])
    stores.tasks.prepare(mended)
    assert "done" == stores.upkeep.go_on(mended)
    assert {} == stores.upkeep.state(mended).faults
    assert names(database) == STANDING | {"tl_v.name"}


def test_the_unique_index_is_there_before_a_push_ends(stores: Stores, database: Database) -> None:
    filled(stores)

    stores.tasks.prepare(version(2, unique_id="ref"))

    assert "tl_uid" in names(database)
    make = Maker(workflow=version(2, unique_id="ref"))
    stores.tasks.insert(make.workflow, make.new("7"))
    with pytest.raises(Taken):
        stores.tasks.insert(make.workflow, make.new("7"))


def test_slow_queries_are_noted_by_their_shape(
    stores: Stores, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(slow, "SLOW_SECONDS", 0.0)
    monkeypatch.setattr(slow, "_PAUSE_SECONDS", 0.0)
    filled(stores)
    query = Query(where=Compare("name", "eq", "n1"), order=(Order("ref", descending=True),))

    for _ in range(2):
        assert 1 == len(list(stores.tasks.find(PLAIN, query)))
    stores.tasks.count(PLAIN, Compare("tags", "exists", True))

    told = {one.shape: one for one in stores.upkeep.state(PLAIN).slow}
    assert {"name eq; sort -ref", "tags exists"} == set(told)
    assert 2 == told["name eq; sort -ref"].times
    assert '{"filter": ["name"], "sort": ["-ref"]}' in told["name eq; sort -ref"].hint
    assert "n1" not in str(list(database["slow_queries"].find()))
    stores.tasks.drop(PLAIN)
    assert () == tuple(stores.upkeep.state(PLAIN).slow)


def test_no_more_slow_shapes_are_kept_than_some(
    stores: Stores, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(slow, "SLOW_SECONDS", 0.0)
    monkeypatch.setattr(slow, "MOST_SHAPES", 3)
    filled(stores)

    for op in ("eq", "ne", "gt", "gte", "lt"):
        list(stores.tasks.find(PLAIN, Query(where=Compare("name", op, "x"))))

    kept = {row["shape"] for row in database["slow_queries"].find()}
    assert kept <= {"name eq", "name ne", "name gt", "name gte", "name lt"}
    assert (3, True) == (len(kept), "name lt" in kept)


def test_a_query_that_runs_out_of_time_is_told_what_would_help(database: Database) -> None:
    query = Query(where=Compare("name", "contains", "x"), order=(Order("name"),))
    watch = slow.SlowQueries(database)

    def out_of_time() -> None:
        raise TooSlow("gave up", hint="filter by something")

    with pytest.raises(TooSlow, match="gave up; an index would serve this") as raised:
        watch.timed(PLAIN, query, out_of_time)
    assert '{"sort": ["name"]}' in str(raised.value.details["hint"])
    with pytest.raises(TooSlow) as raised:
        watch.timed(PLAIN, Query(where=Compare("_stage", "eq", "todo")), out_of_time)
    assert "filter by something" == raised.value.details["hint"]


def test_an_estimate_is_near_and_never_reads_all(
    stores: Stores, monkeypatch: pytest.MonkeyPatch
) -> None:
    filled(stores, 2_000)
    half = Compare("name", "eq", "n1")

    assert (1_000, 1_000) == (
        stores.tasks.count(PLAIN, half),
        stores.tasks.count(PLAIN, half, estimate=True),
    )
    monkeypatch.setattr("taskloom.storage.counting.SMALL", 0)
    monkeypatch.setattr("taskloom.storage.counting.counted", None)
    assert 700 < stores.tasks.count(PLAIN, half, estimate=True) < 1_300


def test_what_a_sample_does_not_meet_is_counted(
    stores: Stores, monkeypatch: pytest.MonkeyPatch
) -> None:
    filled(stores, 1_000)
    monkeypatch.setattr("taskloom.storage.counting.SMALL", 0)

    assert 0 == stores.tasks.count(PLAIN, Compare("name", "eq", "n7"), estimate=True)
