"""The most memory that a server process ever held."""

import http.client
import time
from collections.abc import Mapping

from bench import sample
from bench.machine import peaks
from bench.serving import AUTHORIZATION, Bench, tasks_of

EXPORTS = ("csv", "ndjson", "xlsx", "json")
_PIECE = 1 << 18


def read_all(bench: Bench) -> Mapping[str, float]:
    """Read all tasks unpaged, and in each format of export; give the seconds each took."""
    path = tasks_of(sample.WORKFLOW)
    asked = {"list": path, **{form: f"{path}/export?format={form}" for form in EXPORTS}}
    return {name: _read(bench, path) for name, path in asked.items()}


def _read(bench: Bench, path: str) -> float:
    connection = http.client.HTTPConnection(*bench.address, timeout=600)
    connection.request("GET", path, headers={"Authorization": AUTHORIZATION})
    answer = connection.getresponse()
    assert answer.status == http.client.OK, (path, answer.status)
    started = time.perf_counter()
    while answer.read(_PIECE):
        pass
    connection.close()
    return time.perf_counter() - started


def most_held(bench: Bench) -> float:
    """Give the largest peak of the server's processes in MiB, since they started."""
    return max(peaks(bench.app).values())
