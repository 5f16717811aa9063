"""What every throttle store promises, on a real mongod."""

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta

import pytest

from taskloom.engine.ports import Hits
from taskloom.storage.client import Database
from taskloom.storage.stores import Stores
from taskloom.storage.throttle import Throttle

MINUTE, DAY = 60_000, 24 * 60 * 60_000
TODAY = 50_000 * DAY  # so far ahead that no count goes while a test runs


@pytest.fixture
def throttle(stores: Stores) -> Throttle:
    return stores.throttle


def test_requests_are_counted_by_minute_and_day_of_utc(throttle: Throttle) -> None:
    at = TODAY + MINUTE
    first = [throttle.hit("a", at), throttle.hit("a", at + MINUTE - 1)]
    later = [throttle.hit("a", at + MINUTE), throttle.hit("a", TODAY + DAY)]

    assert [(Hits(start=at, count=n), Hits(start=TODAY, count=n)) for n in (1, 2)] == first
    assert later == [
        (Hits(start=at + MINUTE, count=1), Hits(start=TODAY, count=3)),
        (Hits(start=TODAY + DAY, count=1), Hits(start=TODAY + DAY, count=1)),
    ]


def test_credentials_are_counted_apart(throttle: Throttle) -> None:
    for name in ("a", "b", "$a", "a.b", ""):
        assert [1, 1] == [hits.count for hits in throttle.hit(name, TODAY)]
    assert [2, 2] == [hits.count for hits in throttle.hit("a", TODAY)]


def test_no_request_is_lost_between_threads(throttle: Throttle) -> None:
    with ThreadPoolExecutor(8) as pool:
        counts = [hits[0].count for hits in pool.map(lambda _: throttle.hit("a", TODAY), range(64))]

    assert list(range(1, 65)) == sorted(counts)


def test_a_clock_that_is_behind_starts_no_window_anew(throttle: Throttle) -> None:
    throttle.hit("a", TODAY + DAY)

    minute, day = throttle.hit("a", TODAY + DAY - 1)

    assert Hits(start=TODAY + DAY, count=2) == minute == day


def test_a_count_goes_some_time_after_its_day(database: Database, throttle: Throttle) -> None:
    throttle.hit("a", TODAY + 1)

    (kept,) = database["throttle"].find()
    assert kept["until"] > (datetime.fromtimestamp(0, UTC) + timedelta(days=50_001)).replace(
        tzinfo=None
    )
    indexes = database["throttle"].index_information()
    assert [("until", 1)] == indexes["tl_until"]["key"]
    assert 0 == indexes["tl_until"]["expireAfterSeconds"]
