"""Promise 1: many writers, one new unique ID, exactly one task."""

from collections import Counter

import pytest

from tests.faults.pressing import race
from tests.faults.serving import Restartable

PROCESSES, THREADS = 4, 16


def raced(server: Restartable, *, seed: int, count: int) -> None:
    """Race for new IDs; exactly one writer creates each, all others update it."""
    uniques = [f"race-{seed}-{number}" for number in range(count)]

    pushes = race(server.target, uniques, seed=seed, processes=PROCESSES, threads=THREADS)

    assert {200, 201} >= {push.status for push in pushes}
    assert PROCESSES * THREADS * count == len(pushes)
    assert dict.fromkeys(uniques, 1) == Counter(p.unique for p in pushes if p.status == 201)
    there = Counter(task["Company ID"] for task in server.tasks())
    assert dict.fromkeys(uniques, 1) == {unique: there[unique] for unique in uniques}
    print(
        f"seed {seed}: {len(pushes):,} writes of {count:,} new unique IDs, {count:,} tasks, no 5xx"
    )


@pytest.mark.parametrize("seed", [1, 2])
def test_sixty_four_writers_of_fifty_new_ids_make_fifty_tasks(
    shared_server: Restartable, seed: int
) -> None:
    raced(shared_server, seed=seed, count=50)


@pytest.mark.soak
@pytest.mark.parametrize("seed", [11, 12, 13])
def test_sixty_four_writers_of_a_thousand_new_ids_make_a_thousand_tasks(
    shared_server: Restartable, seed: int
) -> None:
    raced(shared_server, seed=seed, count=1000)
