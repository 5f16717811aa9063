"""Connections of the driver's to the primary, lent, and kept for a moment after each use.

To choose a server and to check a connection out of the pool and in again takes the driver as long
as a small command takes mongod. The driver has no documented way to lend a connection: the names
that it keeps to itself stand in this module and in `storage.direct` alone, and where one of them is
missing nothing is lent.
"""

import socket
import struct
import time
from collections.abc import Callable
from typing import Any, Final, Protocol
from weakref import WeakSet, finalize

from taskloom.storage.client import Database

_MOST_KEPT: Final = 4
"""The driver's pool has other users, too."""

_SECONDS: Final = 1.0
"""Left alone for longer, a connection goes back to the driver, which looks whether it still is."""

_WAIT: Final = struct.pack("ll", 0, 500_000)
_USED: Final = (
    "conn",
    "cancel_context",
    "closed",
    "generation",
    "pool_gen",
    "send_message",
    "_raise_connection_failure",
)


class _Cancelling(Protocol):
    cancelled: bool


class _Link(Protocol):
    get_conn: socket.socket


class _Generations(Protocol):
    def get_overall(self) -> int: ...


class Connection(Protocol):
    """What is used of the driver's connections."""

    conn: _Link
    cancel_context: _Cancelling
    closed: bool
    generation: int
    pool_gen: _Generations

    def send_message(self, message: bytes, max_doc_size: int) -> None:
        """Send a message; 0 means that it is not too large."""

    def _raise_connection_failure(self, error: BaseException) -> None: ...


class Loan:
    """A connection that is lent, until it is given back."""

    __slots__ = ("_checkout", "connection", "since")

    def __init__(self, checkout: Any, connection: Connection) -> None:
        self._checkout = checkout
        self.connection = connection
        self.since = 0.0

    @property
    def is_fresh(self) -> bool:
        """Tell whether it was in use a moment ago, and the server was not given up since."""
        held = self.connection
        return (
            time.monotonic() - self.since < _SECONDS
            and not held.closed
            and held.generation == held.pool_gen.get_overall()
        )

    def end(self, error: BaseException | None = None) -> None:
        """Give the connection back to the driver, and tell it what went wrong."""
        self._checkout.__exit__(type(error) if error else None, error, None)


class Lender:
    """Lends connections to the primary; for all threads."""

    def __init__(self, database: Database) -> None:
        # Who listens to the driver's commands is to be told of all of them.
        client = None if database.client.options.event_listeners else database.client
        self._lend: Callable[..., Any] | None = getattr(client, "_conn_for_writes", None)
        self._kept: list[Loan] = []
        self._fit: WeakSet[Connection] = WeakSet()
        # A client that is gone closes what is in its pool, and these are not.
        self._unused: set[socket.socket] = set()
        finalize(database.client, _close, self._unused)

    def __del__(self) -> None:
        for loan in self._kept:
            loan.end()

    def take(self) -> Loan | None:
        """Lend a connection, or raise what the driver raises; None where it has none to lend."""
        kept = self._kept
        while kept:
            try:
                loan = kept.pop()
            except IndexError:
                break
            self._unused.discard(loan.connection.conn.get_conn)
            if loan.is_fresh:
                return loan
            loan.end()
        return None if self._lend is None else self._opened(self._lend(None, "find"))

    def give(self, loan: Loan) -> None:
        """Take a connection back after a command that went well."""
        if len(self._kept) < _MOST_KEPT:
            loan.since = time.monotonic()
            self._unused.add(loan.connection.conn.get_conn)
            self._kept.append(loan)
        else:
            loan.end()

    def _opened(self, checkout: Any) -> Loan | None:
        loan = Loan(checkout, checkout.__enter__())
        if self._is_fit(loan.connection):
            return loan
        loan.end()
        return None

    def _is_fit(self, connection: Connection) -> bool:
        """Tell whether a connection is as expected, and make it look up when it waits for long."""
        if connection in self._fit:
            return True
        if not all(hasattr(connection, name) for name in _USED):
            return False
        link = connection.conn.get_conn
        if type(link) is not socket.socket or link.gettimeout() is not None:
            return False
        # The driver's own timeouts would cost another call of the system for each answer.
        link.setsockopt(socket.SOL_SOCKET, socket.SO_RCVTIMEO, _WAIT)
        self._fit.add(connection)
        return True


def _close(links: set[socket.socket]) -> None:
    for link in list(links):
        link.close()
