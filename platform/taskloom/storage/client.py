"""The connection to MongoDB: durable by default, its errors told in the product's words."""

import decimal
import functools
from collections.abc import Callable, Iterator, Mapping
from typing import Any, ParamSpec, TypeVar

from bson.codec_options import CodecOptions, TypeCodec, TypeRegistry
from bson.decimal128 import Decimal128
from bson.errors import InvalidDocument
from pymongo import MongoClient
from pymongo.database import Database as _Database
from pymongo.errors import (
    BulkWriteError,
    ConfigurationError,
    ConnectionFailure,
    DocumentTooLarge,
    ExecutionTimeout,
    InvalidName,
    InvalidURI,
    OperationFailure,
    PyMongoError,
    WriteConcernError,
)
from pymongo.read_concern import ReadConcern
from pymongo.read_preferences import ReadPreference
from pymongo.write_concern import WriteConcern

from taskloom.config import BadSetting
from taskloom.errors import Malformed, TooLarge, TooSlow, Unavailable

Document = dict[str, Any]
Client = MongoClient[Document]
Database = _Database[Document]

DATABASE = "taskloom"
DURABLE = WriteConcern("majority", j=True)
LARGEST_DOCUMENT = 16 * 1024 * 1024

_MONGODB_6 = 17  # the wire version that MongoDB 6.0 speaks
_DEFAULTS: Mapping[str, object] = {
    "appname": "taskloom",
    "maxPoolSize": 32,
    "serverSelectionTimeoutMS": 10_000,
    "connectTimeoutMS": 10_000,
}

_UNREADABLE = (
    "TASKLOOM_MONGODB_URI=… is not an address that MongoDB's driver can use; write "
    "mongodb://USER:PASSWORD@HOST:PORT/DATABASE, user and password percent-encoded"
)

_REFUSED = (
    "TASKLOOM_MONGODB_URI=… names a MongoDB that refuses us; check user and password, and that "
    "authSource in the address names the database that knows the user"
)

# Error codes of the server; those that mean "not the primary any more" come as exceptions.
_TOO_LARGE = frozenset({10334, 17419, 17420, 17280})
DUPLICATE = 11000
TOO_SLOW = frozenset({50, 292})
_LOST = frozenset(
    {
        *(6, 7, 89, 9001, 202, 262),  # one server of a cluster does not reach another
        *(133, 134, 100, 64),  # there is no primary or no majority now
        *(43, 175, 237, 11601),  # somebody ended the cursor, plan or operation
        *(24, 46, 112, 117, 225, 251),  # something else was in the way for too long
        14031,  # no space left on the disk
    }
)
_PASSING = ("TransientTransactionError", "UnknownTransactionCommitResult", "RetryableWriteError")

P = ParamSpec("P")
R = TypeVar("R")


class _Decimals(TypeCodec):
    """Stores a `Decimal` as Decimal128 and reads it back with the same digits."""

    python_type = decimal.Decimal
    bson_type = Decimal128

    def transform_python(self, value: Any) -> Any:
        return Decimal128(value)

    def transform_bson(self, value: Any) -> Any:
        return value.to_decimal()


DOCUMENTS: CodecOptions[Document] = CodecOptions(
    document_class=dict, type_registry=TypeRegistry([_Decimals()])
)


def connect(uri: str, database: str | None = None) -> Database:
    """Open a database: the one named here, else the one in the address, else `taskloom`.

    Every write waits for the journal of a majority and every read goes to the primary, whatever
    the address says. Call it after forking. Raises `BadSetting` when the address or the server is
    not usable, and `Unavailable` when nobody answers.
    """
    try:
        client: Client = MongoClient(uri, retryWrites=True, **_defaults(uri))
    except (ConfigurationError, InvalidURI, ValueError):
        # The driver's text may quote the address, which may hold a password.
        raise BadSetting(_UNREADABLE) from None
    try:
        opened = client.get_database(
            database or client.get_default_database(DATABASE).name,
            codec_options=DOCUMENTS,
            read_preference=ReadPreference.PRIMARY,
            write_concern=DURABLE,
            read_concern=ReadConcern("local"),
        )
        _require_usable(client)
    except BaseException as fault:
        client.close()
        if isinstance(fault, ConfigurationError | InvalidName):
            raise BadSetting(_UNREADABLE) from None
        if isinstance(fault, OperationFailure):
            raise BadSetting(_REFUSED) from fault
        raise
    return opened


def _defaults(uri: str) -> dict[str, Any]:
    """Leave out what the address sets itself."""
    given = uri.partition("?")[2].lower()
    return {name: value for name, value in _DEFAULTS.items() if f"{name.lower()}=" not in given}


def in_our_words(call: Callable[P, R]) -> Callable[P, R]:
    """Decorate whatever talks to the database, so that it raises only the product's errors."""

    @functools.wraps(call)
    def wrapped(*args: P.args, **kwargs: P.kwargs) -> R:
        try:
            return call(*args, **kwargs)
        except TROUBLE as error:
            told = translated(error)
            if told is error:
                raise
            raise told from error

    return wrapped


def each_in_our_words(found: Iterator[R]) -> Iterator[R]:
    """Pass on what a cursor yields; its errors become the product's."""
    try:
        yield from found
    except TROUBLE as error:
        told = translated(error)
        if told is error:
            raise
        raise told from error


@in_our_words
def _require_usable(client: Client) -> None:
    fault = fault_of(client.admin.command("hello"))
    if fault is not None:
        raise BadSetting(f"TASKLOOM_MONGODB_URI=… names {fault}")


def fault_of(hello: Mapping[str, Any]) -> str | None:
    """Say why a server that introduces itself so cannot be used, and what to do; None if it can."""
    if "setName" not in hello and hello.get("msg") != "isdbgrid":
        return (
            "a standalone mongod, which has no transactions; start it with --replSet rs0 and run "
            "rs.initiate() once, one member is enough"
        )
    if hello["maxWireVersion"] < _MONGODB_6:
        return "a MongoDB older than 6.0; use 6.0 or newer"
    return None


TROUBLE = (
    PyMongoError,
    InvalidDocument,
    UnicodeEncodeError,
    OverflowError,
    decimal.DecimalException,
)


def translated(error: Exception) -> Exception:
    """Say in the product's words what went wrong; what is our own mistake stays as it is."""
    codes = _codes(error)
    if isinstance(error, DocumentTooLarge) or codes & _TOO_LARGE:
        return TooLarge("the task is too large to be stored", limit=LARGEST_DOCUMENT)
    if not isinstance(error, PyMongoError):
        return Malformed(f"the data hold something that cannot be stored: {error}")
    if isinstance(error, ExecutionTimeout) or codes & TOO_SLOW:
        return TooSlow(
            "the database gave up on this query at its time limit",
            hint="filter by the stage, the assignee or a field marked filterable",
        )
    if _lost(error) or codes & _LOST:
        return Unavailable("the database cannot be reached now; try again")
    return error


def is_duplicate(error: BulkWriteError) -> bool:
    """Tell whether nothing speaks against writes but that something is there already."""
    return {DUPLICATE} == {fault["code"] for fault in error.details["writeErrors"]}


def _lost(error: PyMongoError) -> bool:
    if isinstance(error, BulkWriteError):
        return bool(error.details.get("writeConcernErrors"))
    if any(error.has_error_label(label) for label in _PASSING):
        return True
    return isinstance(error, ConnectionFailure | WriteConcernError)


def _codes(error: Exception) -> set[int]:
    if isinstance(error, BulkWriteError):
        return {fault["code"] for fault in error.details.get("writeErrors", ())}
    if isinstance(error, OperationFailure) and error.code is not None:
        return {error.code}
    return set()
