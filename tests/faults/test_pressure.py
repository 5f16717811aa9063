"""Clients that are slow, many or large do not take the server from the others."""

import http.client
import json
import socket
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager

import pytest

from tests.faults.pressing import PATH
from tests.faults.serving import Restartable
from tests.faults.test_memory import LIMIT_MIB, peaks

CLIENTS = 20
AT_ONCE = 4
PRESSED_MIB = 200
MIB = 1024 * 1024
LARGEST = 16 * MIB - 1000


def head(server: Restartable, method: str, path: str, *lines: str) -> bytes:
    """Write the head of a request."""
    key = f"Authorization: Bearer {server.target.key}"
    return "\r\n".join((f"{method} {path} HTTP/1.1", "Host: x", key, *lines, "", "")).encode()


def unfinished_json(server: Restartable) -> bytes:
    return head(server, "POST", PATH, "Content-Type: application/json", "Content-Length: 9") + b"{"


def unfinished_lines(server: Restartable) -> bytes:
    kind, chunked = "Content-Type: application/x-ndjson", "Transfer-Encoding: chunked"
    return head(server, "POST", f"{PATH}/bulk", kind, chunked) + b"2\r\n{}\r\n"


def unfinished_form(server: Restartable) -> bytes:
    kind = "Content-Type: multipart/form-data; boundary=B"
    return head(server, "POST", "/api/v1/files", kind, "Content-Length: 999") + b"--B\r\n"


def unread_list(server: Restartable) -> bytes:
    return head(server, "GET", PATH)


@contextmanager
def clients(server: Restartable, sent: bytes) -> Iterator[None]:
    """Let many clients send this, and then neither send nor read anything."""
    with ExitStack() as stack:
        for _ in range(CLIENTS):
            client = stack.enter_context(socket.socket())
            client.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
            client.connect(("127.0.0.1", server.port))
            client.sendall(sent)
        yield


def post(server: Restartable, path: str, kind: str, body: bytes) -> tuple[int, bytes]:
    """Send a whole request; return status and answer."""
    connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=120)
    headers = {"Authorization": f"Bearer {server.target.key}", "Content-Type": kind}
    connection.request("POST", path, body, headers)
    answer = connection.getresponse()
    said = answer.read()
    connection.close()
    return answer.status, said


@pytest.fixture(scope="module")
def filled_server(shared_server: Restartable) -> Restartable:
    """Give a server with a list that no socket takes in whole."""
    rows = ({"Company ID": str(n), "Company Name": "x" * 5_000} for n in range(4_000))
    body = b"\n".join(json.dumps(row).encode() for row in rows)
    status, _ = post(shared_server, f"{PATH}/bulk", "application/x-ndjson", body)
    assert http.client.OK == status
    return shared_server


@pytest.mark.parametrize("write", [unfinished_json, unfinished_lines, unfinished_form, unread_list])
def test_slow_clients_keep_nobody_else_waiting(
    filled_server: Restartable, write: Callable[[Restartable], bytes]
) -> None:
    with clients(filled_server, write(filled_server)):
        during = [filled_server.get("/api/v1/workspace")[0] for _ in range(20)]
    after = [filled_server.get("/api/v1/workspace")[0] for _ in range(20)]

    assert {http.client.OK} == {*during, *after}


def form(*contents: bytes) -> bytes:
    """Write a multipart body of files."""
    part = b'--B\r\nContent-Disposition: form-data; name="file"; filename="a"\r\n\r\n'
    return b"".join(part + data + b"\r\n" for data in contents) + b"--B--\r\n"


BODIES = {
    "text": (PATH, "application/json", b'{"Company Name":"' + b"x" * LARGEST + b'"}'),
    "wide": (
        PATH,
        "application/json",
        b'{"Company Name":"' + b"x" * LARGEST + "😀".encode() + b'"}',
    ),
    "file": (
        PATH,
        "application/json",
        b'{"Documents":[{"filename":"\xf0\x9f\x98\x80","base64contents":"'
        + b"QUFB" * (LARGEST // 4 - 100)
        + b'"}]}',
    ),
    "rows": (
        f"{PATH}/bulk",
        "application/json",
        json.dumps([{"Company Name": "😀" + "x" * 1500}] * 9_999, ensure_ascii=False).encode(),
    ),
    "lines": (
        f"{PATH}/bulk",
        "application/x-ndjson",
        (b'{"Company Name":"' + b"x" * (MIB - 100) + "😀".encode() + b'"}\n') * 16,
    ),
    "one line": (
        f"{PATH}/bulk",
        "application/x-ndjson",
        (b'{"Company Name":"' + b"x" * LARGEST + b'"}\n') * 2,
    ),
    "parts": ("/api/v1/files", "multipart/form-data; boundary=B", form(*[b"x" * 10**6] * 40)),
    "one part": ("/api/v1/files", "multipart/form-data; boundary=B", form(b"x" * 25 * MIB)),
}


@pytest.mark.timeout(300)
def test_large_bodies_on_many_connections_stay_within_memory(own_server: Restartable) -> None:
    statuses = set()
    for path, kind, body in BODIES.values():
        with ThreadPoolExecutor(AT_ONCE) as pool:
            done = [pool.submit(post, own_server, path, kind, body) for _ in range(AT_ONCE)]
            statuses |= {each.result()[0] for each in done}

    assert statuses <= {200, 201, 413, 422}
    found = peaks(own_server)
    assert 2 <= len(found)
    assert {} == {pid: peak for pid, peak in found.items() if peak > PRESSED_MIB}, found


@pytest.mark.timeout(300)
def test_large_tasks_are_listed_within_memory(own_server: Restartable) -> None:
    rows = b"\n".join(
        json.dumps({"Company ID": f"{n}", "Company Name": "x" * 10_000}).encode()
        for n in range(20_000)
    )
    status, said = post(own_server, f"{PATH}/bulk", "application/x-ndjson", rows)
    assert (http.client.OK, True) == (status, b'"created":20000' in said[-200:])

    sizes = [len(own_server.get(PATH + query)[1]) for query in ("", "?_limit=1000")]

    assert sizes[0] > 20_000 * 10_000
    assert sizes[1] > 1000 * 10_000
    found = peaks(own_server)
    assert {} == {pid: peak for pid, peak in found.items() if peak > LIMIT_MIB}, found
