"""Answers as bytes: JSON written exactly, decimals and large integers included."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field
from decimal import Decimal
from functools import wraps
from typing import IO, Any

import orjson
from flask import Response, request
from flask.json.provider import JSONProvider

from taskloom.errors import Fault, Invalid, TaskloomError
from taskloom.wire.base import Titles, named, titles_told

JSON = "application/json"
PROBLEM = "application/problem+json"
_INT64 = range(-(2**63), 2**64)
_PIECE = 64 * 1024


@dataclass(frozen=True, slots=True, kw_only=True)
class Ready:
    """An answer that only has to be sent, by whichever lane its request came in.

    Pieces of a body are closed in the end, if they can be.
    """

    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes | Iterable[bytes] = b""


def ready(data: object, status: int = 200, headers: Mapping[str, str] | None = None) -> Ready:
    """Make a whole JSON answer."""
    return Ready(
        status=status, headers={"Content-Type": JSON, **(headers or {})}, body=encode(data)
    )


def response_of(made: Ready) -> Response:
    """Hand an answer to Flask."""
    response = Response(made.body, status=made.status, headers=made.headers.items())
    if "Content-Type" not in made.headers:
        del response.headers["Content-Type"]
    return response


Handler = Callable[..., Ready]
"""Answers a request, which is its first argument; the parts of the path come by name."""


def view_of(handler: Handler) -> Callable[..., Response]:
    """Make the Flask view of a handler."""

    @wraps(handler)
    def view(**parts: str) -> Response:
        return response_of(handler(request, **parts))

    return view


def encode(data: object) -> bytes:
    """Write JSON; a Decimal or an integer of any size comes out as the number it is."""
    try:
        return orjson.dumps(data, default=_plain)
    except orjson.JSONEncodeError:
        return orjson.dumps(_spelled(data), default=_plain)


def _plain(value: object) -> object:
    if isinstance(value, Decimal):
        return orjson.Fragment(str(value))
    if isinstance(value, Mapping):
        return dict(value)
    if isinstance(value, Sequence | AbstractSet):
        return list(value)
    raise TypeError(f"{type(value).__name__} has no place in JSON")


def _spelled(value: object) -> object:
    """Spell what orjson refuses: integers beyond 64 bits, text that is not all Unicode."""
    if isinstance(value, str):
        return value.encode("utf-8", "replace").decode()
    # Not `in`, which counts through the range for the integers of BSON.
    if isinstance(value, int) and not _INT64.start <= value < _INT64.stop:
        return orjson.Fragment(str(value))
    if isinstance(value, Mapping):
        return {_spelled(str(key)): _spelled(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_spelled(item) for item in value]
    return value


class _Spooled:
    """What was written to a temporary file, piece by piece; the file ends when it is closed."""

    def __init__(self, spool: IO[bytes]) -> None:
        self._spool = spool

    def __iter__(self) -> Iterator[bytes]:
        return iter(lambda: self._spool.read(_PIECE), b"")

    def close(self) -> None:
        self._spool.close()


def spooled(
    spool: IO[bytes],
    *,
    status: int = 200,
    media: str = JSON,
    headers: Mapping[str, str] | None = None,
) -> Ready:
    """Answer with what was written to a temporary file, which ends with the answer."""
    told = {"Content-Type": media, "Content-Length": str(spool.tell()), **(headers or {})}
    spool.seek(0)
    return Ready(status=status, headers=told, body=_Spooled(spool))


def sent_from(spool: IO[bytes], *, media: str = JSON) -> Response:
    """Answer with what was written to a temporary file, by Flask."""
    return response_of(spooled(spool, media=media))


def answer(
    data: object,
    status: int = 200,
    headers: Mapping[str, str] | None = None,
    *,
    media: str = JSON,
) -> Response:
    """Make a whole JSON answer."""
    return Response(encode(data), status=status, headers=headers, content_type=media)


def problem(error: TaskloomError, status: int) -> Mapping[str, object]:
    """Spell an error as RFC 9457 does; each fault says its path by titles, key, code and hint."""
    body: dict[str, object] = {
        "type": f"urn:taskloom:error:{error.code}",
        "title": error.code.replace("_", " ").capitalize(),
        "status": status,
        "detail": error.message,
        "code": error.code,
    }
    if isinstance(error, Invalid):
        body["faults"] = told(error.faults, titles_told(error) or {})
    if "conflicts" in error.details:
        body["conflicts"] = error.details["conflicts"]
    return body


def told(faults: Sequence[Fault], titles: Titles) -> list[Mapping[str, object]]:
    """Spell faults in full: path by titles, field key, code, message and hint."""
    return [
        {
            "path": list(named(fault, titles)),
            "key": fault.path[0] if fault.path else None,
            "code": fault.code,
            "message": fault.message,
            "hint": fault.hint or None,
        }
        for fault in faults
    ]


class Json(JSONProvider):
    """JSON as Flask and its extensions ask for it, written and read by orjson."""

    def dumps(self, obj: Any, **_kwargs: Any) -> str:
        """Write JSON text."""
        return encode(obj).decode()

    def loads(self, s: str | bytes, **_kwargs: Any) -> Any:
        """Read JSON text."""
        return orjson.loads(s)
