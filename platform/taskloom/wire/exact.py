"""Exact JSON, within limits that hold before anything large is built.

Numbers come out as int or Decimal, never float. What a reader could understand in two ways
(duplicate keys, NaN, lone surrogates, another encoding) is refused. However large a text is and
whatever it holds, it takes as many bytes of memory as came in.
"""

import functools
import re
from codecs import getincrementaldecoder
from collections.abc import Iterator
from decimal import Decimal, InvalidOperation
from json import JSONDecodeError, JSONDecoder
from json.decoder import scanstring  # type: ignore[attr-defined] # left out of the stubs
from typing import Final, NoReturn, cast

import orjson

from taskloom.errors import Fault, Invalid, Malformed, TooLarge
from taskloom.wire.base import Limits

_MOST_VALUES: Final = 100_000
_TOKENS_A_VALUE: Final = 4
_MOST_DIGITS: Final = 1000
_SHOWN: Final = 80
_PIECE: Final = 64 * 1024
# A million characters, as many as any field takes, in UTF-8. Only base64 is longer, and ASCII.
_LONGEST_WIDE: Final = 4_000_000

# The closing quote may be missing: a broken string is then one token, whatever follows.
_TOKEN: Final = re.compile(rb'"(?:[^"\\]++|\\.)*+"?|[][{},]', re.DOTALL)
_HALF: Final = re.compile(r"\\u[dD][89a-fA-F]")
# Escapes of what is not ASCII; an odd backslash before them would make them something else.
_ESCAPES: Final = re.compile(rb"(?<!\\)(?:\\\\)*+((?:\\u(?!00[0-7])[0-9a-fA-F]{4})+)")
_SPACE: Final = re.compile(r"[ \t\n\r]*")
_NEXT_ITEM: Final = re.compile(r"[ \t\n\r]*([],])[ \t\n\r]*")


# What a quick reader gives as it was sent; it makes floats of fractions and of large integers.
_SENT: Final = frozenset({str, int, bool, type(None)})
_FRACTIONS: Final = (1e-4, 1e15)
_NOT_PLAIN: Final = re.compile(rb"[0-9.]{16}|[0-9][eE][-+0-9]")
_AFTER_NUMBER: Final = (b",", b"}", b"\n", b" ", b"\r")


def quickly(body: bytes, limits: Limits) -> dict[str, object] | None:
    """Read a JSON object, if a quick reader does it exactly; None says: read it as `Text`.

    Most objects of tasks are small and spelt plainly. No key stood twice where the text has two
    quotes for every text that was read: a key that was lost, or a quote within a text, is more.
    """
    if len(body) > _PIECE:
        return None
    try:
        document = orjson.loads(body)
    except orjson.JSONDecodeError:
        return None
    if type(document) is not dict or len(document) > limits.max_keys:
        return None
    types = list(map(type, document.values()))
    texts = len(document) + types.count(str)
    if not _SENT.issuperset(types):
        within = _exactly(document, body, limits)
        if within is None:
            return None
        texts += within
    return document if body.count(b'"') == 2 * texts else None


def _exactly(document: dict[str, object], body: bytes, limits: Limits) -> int | None:
    """Make fractions of an object's floats and count the texts within its lists and objects.

    None where not all is surely as it was sent.
    """
    texts = 0
    for key, value in document.items():
        if type(value) in _SENT:
            continue
        if type(value) is float:
            number = _spelt_plainly(value, body)
            if number is None:
                return None
            document[key] = number
        else:
            within = _texts(value, limits, limits.max_depth - 1)
            if within is None:
                return None
            texts += within
    return texts


def _spelt_plainly(value: float, body: bytes) -> Decimal | None:
    """Return a fraction of few digits as it stands in the text."""
    least, most = _FRACTIONS
    if not least < abs(value) < most or _NOT_PLAIN.search(body):
        return None
    spelt = repr(value)
    literal = spelt.encode()
    # Anywhere else, within a text too, the same digits would leave open which are the number's.
    if body.count(literal) != 1 or not any(literal + sign in body for sign in _AFTER_NUMBER):
        return None
    return Decimal(spelt)


def _texts(value: object, limits: Limits, depth: int) -> int | None:
    """Count the texts in a value; None where it is too deep or large, or may not be as sent."""
    if type(value) in _SENT:
        return type(value) is str
    if not depth or type(value) is float:
        return None
    if isinstance(value, dict):
        texts, inner, most = len(value), list(value.values()), limits.max_keys
    else:
        texts, inner, most = 0, cast("list[object]", value), limits.max_items
    if len(inner) > most:
        return None
    for item in inner:
        within = _texts(item, limits, depth - 1)
        if within is None:
            return None
        texts += within
    return texts


class Text:
    """A JSON text that is small enough in every way to be parsed.

    A large one is held byte by byte, for one sign beyond Latin-1 would make all others two or four
    bytes wide; what is not ASCII is then decoded in each text of the document by itself.
    """

    def __init__(self, body: bytes, limits: Limits) -> None:
        """Take a body; raises `Malformed` or `TooLarge` for what can be told before parsing."""
        if not body or body.isspace():
            raise Malformed("the body is empty")
        _check_shape(body, limits)
        is_ascii = body.isascii()
        if not is_ascii:
            _check_utf_8(body)
        self._by_bytes = not is_ascii and len(body) > _PIECE
        self._text = _unescaped(body).decode("latin-1") if self._by_bytes else body.decode()
        self._may_have_halves = not self._by_bytes and _HALF.search(self._text) is not None
        self._decoder = _decoder(limits.max_keys)

    def document(self) -> object:
        """Parse all of it."""
        try:
            document: object = self._decoder.decode(self._text)
        except JSONDecodeError as error:
            raise _broken(error) from None
        return self._exact(document)

    def items(self) -> Iterator[tuple[object, int]]:
        """Parse an array item by item, each with its size in the text."""
        at = self._skip(0)
        if self._text[at] != "[":
            self.document()
            message = "must be an array of objects"
            raise Invalid([Fault(path=(), code="not_a_list", message=message)])
        at = self._skip(at + 1)
        try:
            while self._text[at : at + 1] != "]":
                item, end = self._decoder.raw_decode(self._text, at)
                yield self._exact(item), end - at
                at = self._after_item(end)
            self._finish(self._skip(at + 1))
        except JSONDecodeError as error:
            raise _broken(error) from None

    def _skip(self, at: int) -> int:
        return _SPACE.match(self._text, at).end()  # type: ignore[union-attr] # matches everywhere

    def _after_item(self, at: int) -> int:
        """Return where the next item begins, or where the array's closing bracket stands."""
        found = _NEXT_ITEM.match(self._text, at)
        if found is None:
            raise JSONDecodeError("Expecting ',' delimiter", self._text, at)
        if found[1] == "]":
            return found.start(1)
        if self._text[found.end() : found.end() + 1] in {"", "]"}:
            raise JSONDecodeError("Expecting value", self._text, found.end())
        return found.end()

    def _finish(self, at: int) -> None:
        if at < len(self._text):
            raise JSONDecodeError("Extra data", self._text, at)

    def _exact(self, document: object) -> object:
        if self._by_bytes:
            return _decoded(document)
        if self._may_have_halves:
            _check_text(document)
        return document


def _broken(error: JSONDecodeError) -> Malformed:
    what, where = error.msg.removesuffix(" at"), f"line {error.lineno}, column {error.colno}"
    return Malformed(f"the body is not JSON: {what} at {where}")


def _check_utf_8(body: bytes) -> None:
    """Refuse what is not UTF-8, piece by piece, so that nothing large is built."""
    decoder = getincrementaldecoder("utf-8")()
    for start in range(0, len(body), _PIECE):
        held = len(decoder.getstate()[0])
        try:
            decoder.decode(body[start : start + _PIECE], final=start + _PIECE >= len(body))
        except UnicodeDecodeError as error:
            at = start - held + error.start
            raise Malformed(f"the body is not UTF-8 at byte {at}") from None


def _unescaped(body: bytes) -> bytes | bytearray:
    """Spell in UTF-8 what is escaped and not ASCII, so that only bytes stand for such signs."""
    made, done = bytearray(), 0
    for found in _ESCAPES.finditer(body):
        made += body[done : found.start(1)]
        text, _ = scanstring(f'"{found[1].decode()}"', 1)
        made += _utf_8(text)
        done = found.end()
    if not done:
        return body
    made += body[done:]
    return made


def _decoded(value: object) -> object:
    """Decode every text of a document whose texts have a sign for each byte."""
    if isinstance(value, str):
        if value.isascii():
            return value
        if len(value) > _LONGEST_WIDE:
            message = f"text of more than {_LONGEST_WIDE} bytes is not read unless it is ASCII"
            raise TooLarge(message, limit=_LONGEST_WIDE)
        return value.encode("latin-1").decode()
    if isinstance(value, dict):
        return {_decoded(key): _decoded(item) for key, item in value.items()}
    if isinstance(value, list):
        for index, item in enumerate(value):
            value[index] = _decoded(item)
    return value


def _check_text(value: object) -> None:
    """Refuse half of a surrogate pair, which is no text and cannot be stored."""
    if isinstance(value, str):
        _utf_8(value)
    elif isinstance(value, dict):
        for key, item in value.items():
            _check_text(key)
            _check_text(item)
    elif isinstance(value, list):
        for item in value:
            _check_text(item)


def _utf_8(text: str) -> bytes:
    try:
        return text.encode()
    except UnicodeEncodeError:
        raise Malformed("the body has text with half of a surrogate pair") from None


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
