"""Many writers at once: processes of threads that push tasks and note what was acknowledged."""

import http.client
import json
import multiprocessing
import random
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any

PATH = "/api/v1/workflows/sales-pipeline/tasks"


@dataclass(frozen=True, slots=True, kw_only=True)
class Target:
    """Where to push, and with which key."""

    host: str
    port: int
    key: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Push:
    """One push: what was sent and what came back; status 0 means that no answer came."""

    unique: str
    number: int
    status: int


def send(connection: http.client.HTTPConnection, target: Target, body: object) -> int:
    """POST one task; return the status."""
    headers = {"Authorization": f"Bearer {target.key}", "Content-Type": "application/json"}
    connection.request("POST", PATH, json.dumps(body), headers)
    answer = connection.getresponse()
    answer.read()
    return answer.status


def push(target: Target, uniques: Sequence[str], numbers: Sequence[int]) -> list[Push]:
    """Push each unique ID with its number over one connection, which is mended when it breaks."""
    connection = http.client.HTTPConnection(target.host, target.port, timeout=60)
    done = []
    for unique, number in zip(uniques, numbers, strict=True):
        body = {"Company ID": unique, "Number of Employees": number}
        try:
            status = send(connection, target, body)
        except (OSError, http.client.HTTPException):
            connection.close()
            status = 0
            time.sleep(0.05)
        done.append(Push(unique=unique, number=number, status=status))
    connection.close()
    return done


def _racing(target: Target, uniques: Sequence[str], seed: int, threads: int, out: Any) -> None:
    def run(thread: int) -> list[Push]:
        order = list(uniques)
        random.Random(seed).shuffle(order)
        return push(target, order, [seed * 1000 + thread] * len(order))

    with ThreadPoolExecutor(threads) as pool:
        out.put([done for part in pool.map(run, range(threads)) for done in part])


def race(
    target: Target, uniques: Sequence[str], *, seed: int, processes: int, threads: int
) -> list[Push]:
    """Let processes × threads all push all the same unique IDs in the same order."""
    context = multiprocessing.get_context("spawn")
    out: Any = context.Queue()
    running = [
        context.Process(target=_racing, args=(target, uniques, seed, threads, out))
        for _ in range(processes)
    ]
    for process in running:
        process.start()
    done = [push for _ in running for push in out.get(timeout=600)]
    for process in running:
        process.join()
    return done
