"""A small load generator: kept-alive connections on one selector, requests made beforehand.

It spends little on the client's side, because client, server and database share the cores.
"""

import selectors
import socket
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

_CHUNK = 262_144
_END = b"\r\n\r\n"


@dataclass(frozen=True, slots=True, kw_only=True)
class Load:
    """What a run did: requests answered, seconds it took, answers that were not 2xx."""

    requests: int
    seconds: float
    failures: int

    @property
    def rate(self) -> float:
        """Requests a second."""
        return self.requests / self.seconds


@dataclass(slots=True)
class _Connection:
    socket: socket.socket
    buffer: bytearray = field(default_factory=bytearray)


def _whole(buffer: bytearray) -> bool:
    """Tell whether the buffer holds one whole answer."""
    head = buffer.find(_END)
    if head < 0:
        return False
    headers = bytes(buffer[:head]).lower()
    start = headers.find(b"content-length:")
    if start < 0:
        return buffer.endswith(b"0\r\n\r\n")
    length = int(headers[start + 15 : (headers + b"\r").find(b"\r", start)])
    return len(buffer) >= head + 4 + length


def drive(
    address: tuple[str, int],
    requests: Iterator[bytes],
    *,
    connections: int,
    until: Callable[[int, float], bool],
) -> Load:
    """Keep every connection busy with the next request until `until(answered, seconds)`."""
    selector = selectors.DefaultSelector()
    started = time.perf_counter()
    for _ in range(connections):
        connection = _Connection(socket.create_connection(address))
        connection.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        selector.register(connection.socket, selectors.EVENT_READ, connection)
        connection.socket.sendall(next(requests))
    answered = failures = 0
    busy = connections
    while busy:
        for key, _ in selector.select(timeout=30):
            connection = key.data
            connection.buffer += connection.socket.recv(_CHUNK)
            if not _whole(connection.buffer):
                continue
            answered += 1
            failures += connection.buffer[9:10] != b"2"
            connection.buffer.clear()
            following = next(requests, None)
            if following is None or until(answered, time.perf_counter() - started):
                busy -= 1
                selector.unregister(connection.socket)
                connection.socket.close()
                continue
            connection.socket.sendall(following)
    seconds = time.perf_counter() - started
    return Load(requests=answered, seconds=seconds, failures=failures)


def request(method: str, path: str, key: str, body: bytes = b"", kind: str = "json") -> bytes:
    """Spell one HTTP/1.1 request."""
    head = [
        f"{method} {path} HTTP/1.1",
        "Host: 127.0.0.1",
        f"Authorization: Bearer {key}",
        f"Content-Length: {len(body)}",
    ]
    if body:
        head.append(f"Content-Type: application/{kind}")
    return "\r\n".join(head).encode() + _END + body
