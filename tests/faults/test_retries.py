"""A request with a key is done once, whatever is killed on the way; its answer outlives that."""

import http.client
import json
import threading
import time
from dataclasses import dataclass

from tests.faults.serving import KEY, Restartable

WORKFLOW = "/api/v1/workflows/notes"
FILE = {"$id": "notes", "type": "object", "properties": {"text": {"type": "string"}}}
ROWS = 6000
BODY = b"".join(b'{"text": "%d"}\n' % number for number in range(ROWS))


@dataclass(frozen=True, kw_only=True)
class Answer:
    """What came back; status 0 means that no answer came."""

    status: int
    replayed: bool = False
    body: bytes = b""


def send(server: Restartable, method: str, path: str, body: bytes, **headers: str) -> Answer:
    """Send a request with headers, `_` in their names for `-`."""
    connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=60)
    given = {name.replace("_", "-"): text for name, text in headers.items()}
    try:
        connection.request(method, path, body, {"Authorization": f"Bearer {KEY}", **given})
        answer = connection.getresponse()
        replayed = answer.headers.get("Idempotent-Replayed") == "true"
        return Answer(status=answer.status, replayed=replayed, body=answer.read())
    except (OSError, http.client.HTTPException):
        return Answer(status=0)
    finally:
        connection.close()


def bulk(server: Restartable) -> Answer:
    """Send all rows; each makes a task, for there is no unique ID."""
    headers = {"Content_Type": "application/x-ndjson", "Idempotency_Key": "rows"}
    return send(server, "POST", f"{WORKFLOW}/tasks/bulk", BODY, **headers)


def until_done(server: Restartable) -> Answer:
    """Send the rows again for as long as an earlier try holds them."""
    end = time.monotonic() + 60
    while (answer := bulk(server)).status == http.client.CONFLICT and time.monotonic() < end:
        time.sleep(1)
    return answer


def test_rows_that_a_kill_cut_off_are_there_once_and_told_the_same(
    own_server: Restartable,
) -> None:
    body = json.dumps(FILE).encode()
    pushed = send(own_server, "PUT", WORKFLOW, body, Content_Type="application/json")
    assert 201 == pushed.status
    timer = threading.Timer(0.6, own_server.kill_and_start)
    timer.start()
    cut = bulk(own_server)
    timer.join()
    own_server.wait_ready()

    done = until_done(own_server)

    assert cut.status in {0, 200}
    assert (200, cut.status == 200) == (done.status, done.replayed)
    assert ROWS == json.loads(done.body.splitlines()[-1])["created"]
    told = [json.loads(line)["id"] for line in done.body.splitlines()[:-1]]
    there = json.loads(own_server.get(f"{WORKFLOW}/tasks")[1])
    assert told == [task["Task URL"].rpartition("/")[2] for task in there]

    own_server.kill_and_start()
    own_server.wait_ready()
    again = bulk(own_server)
    assert (200, True, done.body) == (again.status, again.replayed, again.body)
    assert ROWS == len(json.loads(own_server.get(f"{WORKFLOW}/tasks")[1]))
