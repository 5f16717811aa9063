"""Small commands by a message of our own over a connection of the driver's.

The driver spends two or three times as much time on one as this does. It still opens, secures,
checks and closes the connections and knows which server is the primary, and it does by itself what
is out of the ordinary in any way, which is everything where it lends none.
"""

import contextlib
import struct
from collections.abc import Sequence
from itertools import count
from typing import Final

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

from taskloom.storage.client import DOCUMENTS, DUPLICATE, TOO_SLOW, Database, Document
from taskloom.storage.lending import Connection, Lender

PLAIN: Final[CodecOptions[Document]] = CodecOptions(document_class=dict)
"""As documents come fastest; decimals stay in MongoDB's form."""

_HEAD: Final = struct.Struct("<iiiiIB")
_OP_MSG: Final = 2013
_IDS: Final = 2**31
_PIECE: Final = 64 * 1024
_LARGEST: Final = 48_000_000


class Direct:
    """Finds and writes in one database; may be shared by threads."""

    def __init__(self, database: Database) -> None:
        self.database = database
        self._lender = Lender(database)
        self._concern = database.write_concern.document
        self._ids = count(1)

    def find(self, command: Document) -> Document:
        """Return the cursor that a find is answered with; decimals are left in MongoDB's form.

        Raises what the driver raises; it is not tried again when the primary changes.
        """
        cursor = self._found(command)
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

    def _found(self, command: Document) -> Document | None:
        """Ask ourselves; None where the driver has to, be it to tell what is wrong."""
        answer = self._answered(command)
        if answer is None:
            return None
        if answer.get("ok") == 1:
            cursor: Document = answer["cursor"]
            return cursor
        code = answer.get("code")
        if code in TOO_SLOW:
            raise ExecutionTimeout(answer.get("errmsg", ""), code, answer)
        return None

    def _answered(self, command: Document) -> Document | None:
        """Send a command to the primary; None where no connection is lent."""
        number, message = self._spelt(command)
        loan = self._lender.take()
        if loan is None:
            return None
        try:
            answer = _exchanged(loan.connection, message, number)
        except BaseException as error:
            loan.end(error)
            raise
        if answer.get("ok") == 1:
            self._lender.give(loan)
        else:
            loan.end()
        return answer

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
        try:
            answer = self._answered(command)
        except ServerSelectionTimeoutError:
            raise
        except ConnectionFailure:
            return None
        if answer is None:
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


def _exchanged(connection: Connection, message: bytes, number: int) -> Document:
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


def _received(connection: Connection) -> bytes | bytearray:
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


def _piece(connection: Connection, most: int) -> bytes:
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
