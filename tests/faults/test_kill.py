"""Promise 4: nothing acknowledged is lost, `kill -9` of the app or of mongod included."""

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import pytest

from tests.faults.pressing import Push, push
from tests.faults.serving import Restartable

WRITERS = 8


def pressed(
    server: Restartable, prefix: str, count: int, *, kill: Callable[[], None]
) -> list[Push]:
    """Upsert `count` tasks with eight writers and kill something in the middle."""
    share = count // WRITERS
    timer = threading.Timer(0.5, kill)
    timer.start()

    def run(writer: int) -> list[Push]:
        uniques = [f"{prefix}-{writer}-{number % (share // 2)}" for number in range(share)]
        return push(server.target, uniques, list(range(share)))

    with ThreadPoolExecutor(WRITERS) as pool:
        pushes = [done for part in pool.map(run, range(WRITERS)) for done in part]
    timer.join()
    return pushes


def survived(server: Restartable, pushes: list[Push]) -> int:
    """Every acknowledged write is there, or a later one by the same writer; each with its event.

    Returns how many were acknowledged.
    """
    there = {task["Company ID"]: int(task["Number of Employees"]) for task in server.tasks()}
    last: dict[str, int] = {}
    for done in pushes:
        if done.status in {200, 201}:
            last[done.unique] = done.number
    assert last
    for unique, number in last.items():
        assert there[unique] >= number, unique
    acknowledged = {(p.unique, p.number) for p in pushes if p.status in {200, 201}}
    assert acknowledged <= server.recorded("employees")
    assert {0, 200, 201, 503} >= {done.status for done in pushes}
    return len(acknowledged)


def told(what: str, rounds: int, count: int, acknowledged: int) -> None:
    """Say what a run amounts to; `make soak` shows it."""
    sent = f"{rounds * count:,} upserts, {acknowledged:,} acknowledged"
    print(f"{rounds} kills of {what}: {sent}, 0 lost")


def kills_of_mongod(server: Restartable, rounds: int, count: int) -> None:
    """Kill mongod in the middle of each round."""
    acknowledged = 0
    for number in range(rounds):
        pushes = pressed(server, f"db-{number}", count, kill=server.kill_mongod)
        server.wait_ready()
        acknowledged += survived(server, pushes)
    told("mongod", rounds, count, acknowledged)


def kills_of_the_app(server: Restartable, rounds: int, count: int) -> None:
    """Kill the server, and its mongod with it, in the middle of each round, and start it again."""
    acknowledged = 0
    for number in range(rounds):
        pushes = pressed(server, f"app-{number}", count, kill=server.kill_and_start)
        server.wait_ready()
        acknowledged += survived(server, pushes)
    told("the app", rounds, count, acknowledged)


def test_two_kills_of_mongod_lose_nothing_acknowledged(shared_server: Restartable) -> None:
    kills_of_mongod(shared_server, 2, 10_000)


def test_two_kills_of_the_app_lose_nothing_acknowledged(shared_server: Restartable) -> None:
    kills_of_the_app(shared_server, 2, 10_000)


@pytest.mark.soak
def test_twenty_kills_of_mongod_lose_nothing_acknowledged(own_server: Restartable) -> None:
    kills_of_mongod(own_server, 20, 10_000)


@pytest.mark.soak
def test_twenty_kills_of_the_app_lose_nothing_acknowledged(own_server: Restartable) -> None:
    kills_of_the_app(own_server, 20, 10_000)
