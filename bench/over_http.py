"""The same operations over HTTP, with authentication, rules, validation, history and outbox on."""

import http.client
import itertools
import json
import random
import time
from collections.abc import Iterator

from bench.load import Load, drive, request
from bench.sample import EMAIL, FILE, WORKFLOW, task, unique
from tests.faults.serving import Restartable

CONNECTIONS = 16
PATH = f"/api/v1/workflows/{WORKFLOW}/tasks"
LIST = f"{PATH}?Stage=In%20Progress&Assigned%20To={EMAIL}&_limit=100"


def push_workflow(server: Restartable) -> None:
    """Store the measured workflow."""
    status, body = call(server, "PUT", f"/api/v1/workflows/{WORKFLOW}", json.dumps(FILE).encode())
    if status not in {200, 201}:
        raise SystemExit(f"the bench workflow was refused: {body!r}")


def call(
    server: Restartable, method: str, path: str, body: bytes = b"", kind: str = "json"
) -> tuple[int, bytes]:
    """Send one request and read the answer whole."""
    connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=600)
    headers = {
        "Authorization": f"Bearer {server.target.key}",
        "Content-Type": f"application/{kind}",
    }
    connection.request(method, path, body or None, headers)
    answer = connection.getresponse()
    read = answer.read()
    connection.close()
    return answer.status, read


def _requests(operation: str, key: str, existing: int, base: int) -> Iterator[bytes]:
    chooser = random.Random(base)
    for number in itertools.count(base):
        if operation == "create":
            body = json.dumps(task(number)).encode()
            yield request("POST", PATH, key, body)
        elif operation == "upsert":
            change = {
                "Company ID": unique(chooser.randrange(existing)),
                "Number of Employees": chooser.randrange(10**6),
            }
            yield request("POST", PATH, key, json.dumps(change).encode())
        elif operation == "get":
            yield request("GET", f"{PATH}/{unique(chooser.randrange(existing))}", key)
        else:
            yield request("GET", LIST, key)


def rate(server: Restartable, operation: str, *, seconds: float, existing: int, base: int) -> Load:
    """Keep sixteen connections busy with an operation for some seconds."""
    key = server.target.key
    return drive(
        ("127.0.0.1", server.port),
        _requests(operation, key, existing, base),
        connections=CONNECTIONS,
        until=lambda _, elapsed: elapsed >= seconds,
    )


def load(server: Restartable, batches: Iterator[bytes]) -> tuple[float, dict[str, int]]:
    """Send NDJSON batches over one connection; return rows a second and what came of them."""
    counts = dict.fromkeys(("created", "updated", "unchanged", "refused"), 0)
    started = time.perf_counter()
    for batch in batches:
        status, body = call(server, "POST", f"{PATH}/bulk", batch, "x-ndjson")
        if status != http.client.OK:
            raise SystemExit(f"a batch was refused: {status} {body[:500]!r}")
        summary = json.loads(body.rstrip().rpartition(b"\n")[2])
        for name in counts:
            counts[name] += summary[name]
    return sum(counts.values()) / (time.perf_counter() - started), counts
