"""What every store of notifications promises, on a real mongod."""

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import pytest

from taskloom.model.notification import Notification
from taskloom.storage.client import Database
from taskloom.storage.notifications import Notifications
from taskloom.storage.stores import Stores

LATER = 4_000_000_000_000  # so far ahead that nothing goes while a test runs


@pytest.fixture
def notifications(stores: Stores) -> Notifications:
    return stores.notifications


def told(number: int, **changes: object) -> Notification:
    made = Notification(
        id=f"{number:024x}",
        workspace="main",
        user="ann",
        workflow="w1",
        task="t1",
        date="2030-01-31",
        fields=frozenset({"due", "hours"}),
        at=number,
        until=LATER,
    )
    return replace(made, **changes)  # type: ignore[arg-type] # the fields of the class


def every(notifications: Notifications, user: str = "ann") -> Sequence[Notification]:
    return list(notifications.every("main", user))


def test_they_come_back_as_they_were_newest_first(notifications: Notifications) -> None:
    new = [told(number) for number in (2, 3, 1)]
    others = [told(4, user="bob"), told(5, workspace="other")]

    assert 5 == notifications.insert_many([*new, *others])

    assert [new[1], new[0], new[2]] == every(notifications)
    assert [others[0]] == every(notifications, "bob")


def test_what_is_there_is_not_stored_again(notifications: Notifications) -> None:
    assert 0 == notifications.insert_many([])
    # The second of the same id is as if another server had stored it in the meantime.
    assert 2 == notifications.insert_many([told(1), told(1, at=9), told(2)])
    assert 1 == notifications.insert_many([told(2, at=9), told(3), told(1, at=9)])
    assert [told(3), told(2), told(1)] == every(notifications)


def test_many_who_store_the_same_store_it_once(notifications: Notifications) -> None:
    new = [told(number) for number in range(50)]
    with ThreadPoolExecutor(8) as pool:
        counts = list(pool.map(notifications.insert_many, [new] * 8))

    assert 50 == sum(counts) == len(every(notifications))


def test_only_ones_own_are_marked_as_read(notifications: Notifications) -> None:
    notifications.insert_many([told(1), told(2), told(3, user="bob")])
    ids = [told(number).id for number in (1, 3, 4)]

    assert 1 == notifications.mark_read("main", "ann", ids)
    assert 1 == notifications.mark_read("main", "ann", ids)
    assert 0 == notifications.mark_read("other", "ann", ids)
    assert [told(2), told(1, read=True)] == every(notifications)
    assert [told(3, user="bob")] == every(notifications, "bob")


def test_a_notification_goes_when_its_time_is_over(
    database: Database, notifications: Notifications
) -> None:
    notifications.insert_many([told(1)])

    (kept,) = database["notifications"].find()
    assert 2096 == kept["until"].year
    indexes = database["notifications"].index_information()
    assert [("until", 1)] == indexes["tl_until"]["key"]
    assert 0 == indexes["tl_until"]["expireAfterSeconds"]
