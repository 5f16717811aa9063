"""Files of a megabyte, up and down, against a bare handler that does GridFS and nothing else."""

import http.client
import itertools
import os
import random
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor

import orjson

from bench.beside import Address, beside
from bench.handed import URI
from bench.load import drive, request
from bench.machine import Groups
from bench.rounds import Compared, Deadline, Run, alternate, measured
from bench.serving import AUTHORIZATION, Bench

SIZE = 1_000_000
CONNECTIONS = 4
SECONDS = 3.0
MOST = 80
"""Uploads of one connection that are prepared for one round."""

STORED = 16
"""So many files are downloaded in turn."""

_BOUNDARY = "of-the-bench"
FORM = f"multipart/form-data; boundary={_BOUNDARY}"
_OPENING = (
    f"--{_BOUNDARY}\r\n"
    'Content-Disposition: form-data; name="file"; filename="sample.bin"\r\n'
    "Content-Type: application/octet-stream\r\n\r\n"
).encode()
_CLOSING = f"\r\n--{_BOUNDARY}--\r\n".encode()
_FILLING = random.Random(0).randbytes(SIZE)


def contents() -> bytes:
    """Make a file that nobody has stored before."""
    begin = os.urandom(32)
    return begin + _FILLING[len(begin) :]


def form() -> bytes:
    """Make a form with such a file as its part `file`."""
    return _OPENING + contents() + _CLOSING


def up() -> bytes:
    """Spell an upload to our server."""
    return request("POST", "/api/v1/files", AUTHORIZATION, form(), FORM)


def bare_up() -> bytes:
    """Spell an upload to the bare handler, which takes the body as it is."""
    return request("POST", "/", AUTHORIZATION, contents(), "application/octet-stream")


def stored(bench: Bench) -> Sequence[bytes]:
    """Upload files to our server; spell their downloads."""
    blobs = [orjson.loads(answer_of(bench.address, up()))["blobId"] for _ in range(STORED)]
    return [request("GET", f"/api/v1/files/{blob}", AUTHORIZATION) for blob in blobs]


def transfers(bench: Bench, deadline: Deadline) -> Iterator[tuple[str, Compared]]:
    """Measure uploads, then downloads of what was uploaded."""
    with beside("bench.bare:load_app", {URI: bench.place.uri}) as bare:
        groups = {**bench.groups([os.getpid()]), "bare": bare.processes}
        sides = uploads(bench.address, up, groups), uploads(bare.address, bare_up, groups)
        yield "up", alternate(*sides, unit="MB/s", deadline=deadline)
        there = [answer_of(bare.address, bare_up()).decode() for _ in range(STORED)]
        asked = [request("GET", f"/{file}", AUTHORIZATION) for file in there]
        sides = (
            downloads(bench.address, stored(bench), groups),
            downloads(bare.address, asked, groups),
        )
        yield "down", alternate(*sides, unit="MB/s", deadline=deadline)


def answer_of(address: Address, spelt: bytes) -> bytes:
    """Send one spelt request and give the body of the answer."""
    head, _, body = spelt.partition(b"\r\n\r\n")
    first, *rest = head.decode().split("\r\n")
    method, path, _ = first.split(" ")
    connection = http.client.HTTPConnection(*address, timeout=60)
    connection.request(method, path, body, dict(line.split(": ", 1) for line in rest))
    answer = connection.getresponse()
    read = answer.read()
    connection.close()
    assert answer.status < http.client.MULTIPLE_CHOICES, read
    return read


def uploads(address: Address, spelt: Callable[[], bytes], groups: Groups) -> Callable[[int], Run]:
    """Make the side that uploads a new file with each request."""

    def side(_number: int) -> Run:
        made = [iter([spelt() for _ in range(MOST)]) for _ in range(CONNECTIONS)]
        return measured(groups, lambda: _moved(address, made))

    return side


def downloads(address: Address, asked: Sequence[bytes], groups: Groups) -> Callable[[int], Run]:
    """Make the side that asks for files in turn."""

    def side(_number: int) -> Run:
        made = [itertools.cycle(asked) for _ in range(CONNECTIONS)]
        return measured(groups, lambda: _moved(address, made))

    return side


def _moved(address: Address, requests: Sequence[Iterator[bytes]]) -> int:
    """Keep several connections busy, each in a thread of its own: large bodies block."""

    def one(mine: Iterator[bytes]) -> int:
        load = drive(address, mine, connections=1, seconds=SECONDS)
        assert not load.failures, load.failed
        return load.requests

    with ThreadPoolExecutor(len(requests)) as pool:
        return sum(pool.map(one, requests))
