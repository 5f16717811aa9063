"""A make-believe internet: names with addresses, and all connections end at one local server."""

import socket
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field

from taskloom.storage.gate import Gate

PUBLIC = "93.184.216.34"
Answer = Callable[[socket.socket, str], None]


@dataclass(kw_only=True)
class Outside:
    """Knows `names`, and notes every address that is dialled; unknown names have none."""

    names: Mapping[str, Sequence[str]] = field(default_factory=dict)
    port: int = 0
    dialled: list[tuple[str, int]] = field(default_factory=list)
    asked: list[str] = field(default_factory=list)

    def resolve(self, host: str, port: int) -> Sequence[str]:
        del port
        self.asked.append(host)
        if host in self.names:
            return self.names[host]
        # The C library reads odd spellings of numbers; so does this.
        return [socket.inet_ntoa(socket.inet_aton(host))]

    def connect(self, address: str, port: int, seconds: float) -> socket.socket:
        self.dialled.append((address, port))
        if not self.port:
            raise ConnectionRefusedError
        return socket.create_connection(("127.0.0.1", self.port), timeout=seconds)

    def gate(self, allow: Sequence[str] = ()) -> Gate:
        return Gate(allow, resolver=self.resolve, connector=self.connect)


@contextmanager
def serving(answer: Answer) -> Iterator[int]:
    """Serve on a loopback port: `answer` gets each connection and the head of its request."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        threading.Thread(target=_accept, args=(listener, answer), daemon=True).start()
        yield listener.getsockname()[1]
        # Closing alone does not wake a thread that waits in accept.
        listener.shutdown(socket.SHUT_RDWR)


def _accept(listener: socket.socket, answer: Answer) -> None:
    with suppress(OSError):
        while True:
            connection, _ = listener.accept()
            threading.Thread(target=_serve, args=(connection, answer), daemon=True).start()


def _serve(connection: socket.socket, answer: Answer) -> None:
    with connection, suppress(OSError):
        answer(connection, connection.recv(64 * 1024).decode("latin-1"))


def reply(body: bytes = b"", status: str = "200 OK", **headers: str) -> bytes:
    """Write a whole answer; `_` in a header's name stands for `-`."""
    fields = {"Content-Length": str(len(body)), "Connection": "close"}
    fields |= {name.replace("_", "-"): value for name, value in headers.items()}
    head = "".join(f"{name}: {value}\r\n" for name, value in fields.items())
    return f"HTTP/1.1 {status}\r\n{head}\r\n".encode() + body
