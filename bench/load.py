"""A small load generator: kept-alive connections on one epoll, requests made beforehand.

It spends little on the client's side, because client, server and database share the cores.
"""

import select
import socket
import time
from collections.abc import Iterator
from dataclasses import dataclass

_CHUNK = 1 << 20
_PATIENCE = 60
_END = b"\r\n\r\n"
_LENGTH = b"\r\ncontent-length: "
_LAST_CHUNK = b"0\r\n\r\n"
_UNTIL_LAST_CHUNK = -1
_SUCCESS = ord("2")


@dataclass(frozen=True, slots=True, kw_only=True)
class Load:
    """What a run did: requests answered, how many not with 2xx, and the first such answer."""

    requests: int
    failures: int
    failed: str


def request(
    method: str, path: str, authorization: str, body: bytes = b"", kind: str = "application/json"
) -> bytes:
    """Spell one HTTP/1.1 request."""
    head = [f"{method} {path} HTTP/1.1", "Host: 127.0.0.1", f"Authorization: {authorization}"]
    if body:
        head += [f"Content-Type: {kind}", f"Content-Length: {len(body)}"]
    return "\r\n".join(head).encode() + _END + body


def drive(
    address: tuple[str, int], requests: Iterator[bytes], *, connections: int, seconds: float
) -> Load:
    """Keep every connection busy with the next request, for some seconds or until none is left."""
    driver = _Driver(address, connections)
    driver.run(requests, seconds)
    return Load(requests=driver.answered, failures=driver.failures, failed=driver.failed)


class _Driver:
    """The connections, and what is still to come on each."""

    def __init__(self, address: tuple[str, int], connections: int) -> None:
        self._poll = select.epoll()
        self._sockets: dict[int, socket.socket] = {}
        for _ in range(connections):
            opened = socket.create_connection(address, timeout=_PATIENCE)
            opened.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            self._sockets[opened.fileno()] = opened
            self._poll.register(opened, select.EPOLLIN)
        self._left = dict.fromkeys(self._sockets, 0)
        self._heads: dict[int, bytes] = {}
        self.answered = 0
        self.failures = 0
        self.failed = ""

    def run(self, requests: Iterator[bytes], seconds: float) -> None:
        """Send and receive until every connection is closed."""
        end = time.perf_counter() + seconds
        sockets, poll, clock = self._sockets, self._poll.poll, time.perf_counter
        for opened in sockets.values():
            opened.sendall(next(requests))
        while sockets:
            ready = poll(_PATIENCE)
            if not ready:
                raise SystemExit(f"no answer within {_PATIENCE} seconds")
            for number, _ in ready:
                opened = sockets[number]
                if not self._is_whole(number, opened.recv(_CHUNK)):
                    continue
                self.answered += 1
                following = next(requests, None) if clock() < end else None
                if following is None:
                    self._poll.unregister(number)
                    sockets.pop(number).close()
                else:
                    opened.sendall(following)
        self._poll.close()

    def _is_whole(self, number: int, data: bytes) -> bool:
        """Take a piece of an answer; tell whether it was the last."""
        left = self._left[number]
        if left > 0:
            left -= len(data)
        elif left == _UNTIL_LAST_CHUNK:
            left = 0 if data.endswith(_LAST_CHUNK) else left
        else:
            data = self._heads.pop(number, b"") + data
            if _END not in data:
                self._heads[number] = data
                return False
            if data[9] != _SUCCESS:
                self.failures += 1
                self.failed = self.failed or data[:1000].decode("utf-8", "replace")
            left = _still_to_come(data)
        if left and not data:
            raise SystemExit("the server closed a connection in the middle of an answer")
        self._left[number] = left
        return not left


def _still_to_come(answer: bytes) -> int:
    """Tell how many bytes are missing from an answer whose head is whole."""
    head = answer.index(_END)
    start = answer.find(_LENGTH, 0, head)
    if start < 0:
        return 0 if answer.endswith(_LAST_CHUNK) else _UNTIL_LAST_CHUNK
    start += len(_LENGTH)
    return head + len(_END) + int(answer[start : answer.index(b"\r", start)]) - len(answer)
