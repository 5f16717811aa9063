"""Small commands by a message of our own over a connection of the driver's.

The driver spends two or three times as much time on one as this does. It still opens, secures,
checks and closes the connections and knows which server is the primary, and it does by itself what
is out of the ordinary in any way. It has no documented way to lend a connection: the names that it
keeps to itself stand in this module alone, and where one of them is missing the driver does it all.
"""

import contextlib
import socket
import struct
from collections.abc import Callable, Sequence
from itertools import count
from typing import Any, Final, Protocol
from weakref import WeakSet

import bson
from bson.codec_options import CodecOptions
from pymongo.errors import (
    AutoReconnect,
    ConnectionFailure,
    DuplicateKeyError,
    ExecutionTimeout,
    ServerSelectionTimeoutError,
    WriteConcernError,
)
from pymongo.read_preferences import ReadPreference

from taskloom.storage.client import DOCUMENTS, DUPLICATE, TOO_SLOW, Database, Document

PLAIN: Final[CodecOptions[Document]] = CodecOptions(document_class=dict)
"""As documents come fastest; decimals stay in MongoDB's form."""

_HEAD: Final = struct.Struct("<iiiiIB")
_OP_MSG: Final = 2013
_IDS: Final = 2**31
_PIECE: Final = 64 * 1024
_LARGEST: Final = 48_000_000
_WAIT: Final = struct.pack("ll", 0, 500_000)
_PRIMARY: Final = ReadPreference.PRIMARY
_USED: Final = (
    "conn",
    "cancel_context",
    "send_message",
    "_raise_connection_failure",
)


class _Cancelling(Protocol):
    cancelled: bool


class _Link(Protocol):
    get_conn: socket.socket


class _Connection(Protocol):
    """What is used of the driver's connections."""

    conn: _Link
    cancel_context: _Cancelling

    def send_message(self, message: bytes, max_doc_size: int) -> None: ...

    def _raise_connection_failure(self, error: BaseException) -> None: ...


class Direct:
    """Finds and writes in one database; may be shared by threads."""

    def __init__(self, database: Database) -> None:
        self.database = database
        # Who listens to the driver's commands is to be told of all of them.
        lender = None if database.client.options.event_listeners else database.client
        self._lend: Callable[..., Any] | None = getattr(lender, "_conn_for_reads", None)
        self._lend_to_write: Callable[..., Any] | None = getattr(lender, "_conn_for_writes", None)
        self._concern = database.write_concern.document
        self._ids = count(1)
        self._known: WeakSet[_Connection] = WeakSet()

    def find(self, command: Document) -> Document:
        """Return the cursor that a find is answered with; decimals are left in MongoDB's form.

        Raises what the driver raises; it is not tried again when the primary changes.
        """
        cursor = None if self._lend is None else self._found(self._lend, command)
        if cursor is None:
            cursor = self.database.command(command, codec_options=DOCUMENTS)["cursor"]
        return cursor

    def few(
        self, collection: str, where: Document, most: int, fields: Sequence[str] = ()
    ) -> list[Document]:
        """Return up to so many documents, for which one answer has to have room, or these fields.

        Decimals are left in MongoDB's form.
        """
        parts = dict.fromkeys(fields, 1)
        with contextlib.suppress(AutoReconnect):
            asked = {"filter": where, "projection": parts, "limit": most, "singleBatch": True}
            found: list[Document] = self.find({"find": collection, **asked})["firstBatch"]
            return found
        # A command of our own is not tried again when the primary changes; this is.
        return list(self.database[collection].find(where, parts or None, limit=most))

    def _found(self, lend: Callable[..., Any], command: Document) -> Document | None:
        """Ask ourselves; None where the driver has to, be it to tell what is wrong."""
        number, message = self._spelt(command)
        with lend(_PRIMARY, None, "find") as (connection, preference):
            if preference.mode != _PRIMARY.mode or not self._is_known(connection):
                return None
            answer = _exchanged(connection, message, number)
        if answer.get("ok") == 1:
            cursor: Document = answer["cursor"]
            return cursor
        code = answer.get("code")
        if code in TOO_SLOW:
            raise ExecutionTimeout(answer.get("errmsg", ""), code, answer)
        return None

    def insert(self, collection: str, document: Document) -> bool:
        """Store a document; raise `DuplicateKeyError`.

        False where it is not known whether that was done, for whatever reason: the driver does it
        again, and tells what is wrong.
        """
        command = {"insert": collection, "documents": [document], "writeConcern": self._concern}
        return self._written(command) == 1

    def update(self, collection: str, where: Document, update: Document) -> bool | None:
        """Change a document and tell whether there was one; raise `DuplicateKeyError`.

        None where it is not known what was done, as False of `insert`.
        """
        updates = [{"q": where, "u": update}]
        command = {"update": collection, "updates": updates, "writeConcern": self._concern}
        matched = self._written(command)
        return None if matched is None else matched == 1

    def _written(self, command: Document) -> int | None:
        """Write, and count the documents written; None where that is not known."""
        if self._lend_to_write is None:
            return None
        number, message = self._spelt(command)
        try:
            with self._lend_to_write(None, "insert") as connection:
                if not self._is_known(connection):
                    return None
                answer = _exchanged(connection, message, number)
        except ServerSelectionTimeoutError:
            raise
        except ConnectionFailure:
            return None
        faults = answer.get("writeErrors", ())
        if answer.get("ok") == 1 and faults and faults[0]["code"] == DUPLICATE:
            raise DuplicateKeyError(faults[0]["errmsg"], DUPLICATE, faults[0])
        passing = "RetryableWriteError" in answer.get("errorLabels", ())
        if "writeConcernError" in answer and not passing:
            # It is there, but not yet with the majority.
            late = answer["writeConcernError"]
            raise WriteConcernError(late.get("errmsg", ""), late.get("code"), late)
        if answer.get("ok") != 1 or faults or passing:
            return None
        written: int = answer["n"]
        return written

    def _spelt(self, command: Document) -> tuple[int, bytes]:
        """Spell a command as a message, and give the message's number."""
        number = next(self._ids) % _IDS
        body = bson.encode({**command, "$db": self.database.name}, codec_options=DOCUMENTS)
        return number, _HEAD.pack(_HEAD.size + len(body), number, 0, _OP_MSG, 0, 0) + body

    def _is_known(self, connection: _Connection) -> bool:
        """Tell whether a connection is as expected, and make it look up when it waits for long."""
        if connection in self._known:
            return True
        if not all(hasattr(connection, name) for name in _USED):
            return False
        link = connection.conn.get_conn
        if type(link) is not socket.socket or link.gettimeout() is not None:
            return False
        # The driver's own timeouts would cost another call of the system for each answer.
        link.setsockopt(socket.SOL_SOCKET, socket.SO_RCVTIMEO, _WAIT)
        self._known.add(connection)
        return True


def _exchanged(connection: _Connection, message: bytes, number: int) -> Document:
    """Send a message and decode what comes back; a connection that fails is closed."""
    connection.send_message(message, 0)
    try:
        received = _received(connection)
        _require_answer(received, number)
    except BaseException as error:
        connection._raise_connection_failure(error)  # noqa: SLF001 - as said above
        raise
    return bson.decode(memoryview(received)[_HEAD.size :], PLAIN)


def _require_answer(received: bytes | bytearray, number: int) -> None:
    """Raise `OSError` unless a message is the whole and plain answer to that with this number."""
    size, _, answered, kind, flags, section = _HEAD.unpack_from(received)
    if (size, answered, kind, flags, section) != (len(received), number, _OP_MSG, 0, 0):
        raise OSError("this answers something else")


def _received(connection: _Connection) -> bytes | bytearray:
    """Return one message; most come whole at once."""
    first = _piece(connection, _PIECE)
    while len(first) < _HEAD.size:
        first += _piece(connection, _PIECE)
    size = int.from_bytes(first[:4], "little", signed=True)
    if size == len(first):
        return first
    if not len(first) < size <= _LARGEST:
        raise OSError("the answer is of no sensible size")
    whole = bytearray(size)
    at = len(first)
    whole[:at] = first
    while at < size:
        piece = _piece(connection, min(size - at, _LARGEST))
        whole[at : at + len(piece)] = piece
        at += len(piece)
    return whole


def _piece(connection: _Connection, most: int) -> bytes:
    """Receive something, or raise `OSError`, also when the driver gives the server up."""
    link = connection.conn.get_conn
    while True:
        try:
            piece = link.recv(most)
        except BlockingIOError:
            if connection.cancel_context.cancelled:
                raise OSError("the server was given up") from None
            continue
        if not piece:
            raise OSError("the server closed the connection")
        return piece
