"""Request bodies: exact JSON, within limits that hold before anything large is built.

Numbers come out as int or Decimal, never float. What a reader could understand in two ways
(duplicate keys, NaN, lone surrogates, another encoding) is refused.
"""

import functools
import re
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, nullcontext
from decimal import Decimal, InvalidOperation
from json import JSONDecodeError, JSONDecoder
from tempfile import SpooledTemporaryFile
from typing import IO, Final, NoReturn

from werkzeug.wrappers import Request

from taskloom.errors import Fault, Invalid, Malformed, TooLarge, Unsupported
from taskloom.wire.base import Limits

HEAVY: Final = 1024 * 1024
PIECE: Final = 64 * 1024
_MOST_VALUES: Final = 100_000
_TOKENS_A_VALUE: Final = 4
_MOST_DIGITS: Final = 1000
_SHOWN: Final = 80

# The closing quote may be missing: a broken string is then one token, whatever follows.
_TOKEN: Final = re.compile(rb'"(?:[^"\\]++|\\.)*+"?|[][{},]', re.DOTALL)
_SURROGATE: Final = re.compile(rb"\\u[dD][89a-fA-F]")
_ONE_AT_A_TIME: Final = threading.Lock()


@contextmanager
def heavy(size: int) -> Iterator[None]:
    """Hold what is large one at a time in this process, so that its memory stays bounded."""
    with _ONE_AT_A_TIME if size > HEAVY else nullcontext():
        yield


@contextmanager
def reading(request: Request, limits: Limits) -> Iterator[object]:
    """Give a request's JSON; a large one keeps other large ones waiting until the block ends."""
    require_json(request)
    length = request.content_length
    if length is not None and length <= HEAVY and length <= limits.max_body:
        yield parse(request.stream.read(), limits)
        return
    with received(request, limits.max_body) as (body, size), heavy(size):
        yield parse(body.read(), limits)


def read_json(request: Request, limits: Limits) -> object:
    """Read a request's JSON."""
    with reading(request, limits) as document:
        return document


def as_object(document: object) -> Mapping[str, object]:
    """Return a JSON document that is an object, or raise `Invalid`."""
    if not isinstance(document, dict):
        fault = Fault(path=(), code="not_an_object", message="must be an object")
        raise Invalid([fault])
    return document


def require_json(request: Request, *also: str) -> None:
    """Raise `Unsupported` unless the body says that it is JSON, or one of the types `also`."""
    encoding = request.headers.get("Content-Encoding", "identity").strip().lower()
    if encoding != "identity":
        raise Unsupported("a compressed body is not read here; send it as it is")
    kind = request.mimetype
    known = ("application/json", *also)
    if kind not in known and not (kind.startswith("application/") and kind.endswith("+json")):
        given = kind[:_SHOWN] or "nothing"
        raise Unsupported(f"the Content-Type must be {' or '.join(known)}, not {given}")
    charset = request.mimetype_params.get("charset", "utf-8").lower()
    if charset not in {"utf-8", "utf8", "us-ascii"}:
        raise Unsupported("JSON is read as UTF-8 only")


@contextmanager
def received(request: Request, limit: int) -> Iterator[tuple[IO[bytes], int]]:
    """Receive a whole body, on disk where it is large; give it from its start, and its size."""
    length = request.content_length
    if length is not None and length > limit:
        raise too_large(limit)
    with SpooledTemporaryFile(max_size=HEAVY) as spool:
        size = 0
        while piece := request.stream.read(PIECE):
            size += len(piece)
            if size > limit:
                raise too_large(limit)
            spool.write(piece)
        spool.seek(0)
        yield spool, size


def too_large(limit: int) -> TooLarge:
    """Say that a body, file or line is larger than so many bytes."""
    return TooLarge(f"more than {limit} bytes are not read here", limit=limit)


def parse(body: bytes, limits: Limits) -> object:
    """Read JSON exactly; raises `Malformed`, or `TooLarge` where a count is passed."""
    if not body or body.isspace():
        raise Malformed("the body is empty")
    _check_shape(body, limits)
    try:
        document: object = _decoder(limits.max_keys).decode(body.decode())
    except UnicodeDecodeError as error:
        raise Malformed(f"the body is not UTF-8 at byte {error.start}") from None
    except JSONDecodeError as error:
        what, where = error.msg.removesuffix(" at"), f"line {error.lineno}, column {error.colno}"
        raise Malformed(f"the body is not JSON: {what} at {where}") from None
    if _SURROGATE.search(body):
        _check_text(document)
    return document


def _check_shape(body: bytes, limits: Limits) -> None:
    """Refuse what is too deep or has too many values, before any of it is built."""
    commas = body.count(b",")
    opening = body.count(b"[") + body.count(b"{")
    if opening <= limits.max_depth and commas < min(limits.max_items, limits.max_keys):
        return
    counts: list[int] = []
    for tokens, found in enumerate(_TOKEN.finditer(body), 1):
        if tokens > _TOKENS_A_VALUE * _MOST_VALUES:
            raise TooLarge(f"more than {_MOST_VALUES} values are not read", limit=_MOST_VALUES)
        sign = body[found.start()]
        if sign in b"[{":
            counts.append(1)
            if len(counts) > limits.max_depth:
                raise Malformed(f"the body is nested deeper than {limits.max_depth} levels")
        elif sign in b"]}" and counts:
            counts.pop()
        elif sign in b"," and counts:
            counts[-1] += 1
            if counts[-1] > limits.max_items:
                message = f"more than {limits.max_items} items in one list or object are not read"
                raise TooLarge(message, limit=limits.max_items)


@functools.lru_cache(maxsize=8)
def _decoder(max_keys: int) -> JSONDecoder:
    def unique(pairs: list[tuple[str, object]]) -> dict[str, object]:
        if len(pairs) > max_keys:
            raise TooLarge(f"more than {max_keys} keys in one object are not read", limit=max_keys)
        made = dict(pairs)
        if len(made) != len(pairs):
            raise Malformed(f"the key {_twice(pairs)!r} stands twice in one object")
        return made

    return JSONDecoder(
        object_pairs_hook=unique, parse_float=_fraction, parse_int=_whole, parse_constant=_constant
    )


def _twice(pairs: list[tuple[str, object]]) -> str:
    seen: set[str] = set()
    for key, _ in pairs:
        if key in seen:
            return shortened(key)
        seen.add(key)
    raise AssertionError("called only where a key stands twice")


def shortened(text: str) -> str:
    """Return a name short enough to be quoted in a message."""
    return text if len(text) <= _SHOWN else f"{text[:_SHOWN]}…"


def _whole(literal: str) -> int:
    if len(literal) > _MOST_DIGITS:
        raise _too_long()
    return int(literal)


def _fraction(literal: str) -> Decimal:
    if len(literal) > _MOST_DIGITS:
        raise _too_long()
    try:
        number = Decimal(literal)
    except InvalidOperation:
        raise _too_long() from None
    # Written out, an exponent makes as many digits as it says.
    if abs(number.adjusted()) > _MOST_DIGITS:
        raise _too_long()
    return number or abs(number)


def _too_long() -> Malformed:
    return Malformed(f"a number has more than {_MOST_DIGITS} digits")


def _constant(literal: str) -> NoReturn:
    raise Malformed(f"the body is not JSON: {literal} is not a number")


def _check_text(value: object) -> None:
    """Refuse half of a surrogate pair, which is no text and cannot be stored."""
    if isinstance(value, str):
        try:
            value.encode()
        except UnicodeEncodeError:
            raise Malformed("the body has text with half of a surrogate pair") from None
    elif isinstance(value, dict):
        for key, item in value.items():
            _check_text(key)
            _check_text(item)
    elif isinstance(value, list):
        for item in value:
            _check_text(item)
