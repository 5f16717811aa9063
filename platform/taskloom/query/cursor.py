"""Cursors: a place in a sorted list as opaque text for an address, good for that list only.

A list is its filter and its order. Parts of a filter may be written in any order.
"""

import base64
import hashlib
import json
import re
from collections.abc import Sequence
from decimal import Decimal, InvalidOperation
from typing import Final, NoReturn

from taskloom.errors import Refusal
from taskloom.query.tree import After, All, Filter, Not, Order, Some

_DIGEST_BYTES: Final = 6
LONGEST: Final = 8192
_INT64: Final = range(-(2**63), 2**63)
_TASK: Final = re.compile(r"[0-9a-f]{24}")


def encode(after: After, order: Sequence[Order], where: Filter) -> str:
    """Write a place as URL-safe text; `order` and `where` are those of the query it came from."""
    keys = [_written(key) for key in after.keys]
    body = json.dumps([keys, after.created, after.id], separators=(",", ":")).encode()
    raw = _digest(_list(order, where)) + body
    return base64.urlsafe_b64encode(_digest(raw) + raw).rstrip(b"=").decode()


def decode(text: str, order: Sequence[Order], where: Filter) -> After:
    """Read a cursor; raise `Refusal` when it was changed or belongs to another list."""
    raw = _intact(text)
    if raw[:_DIGEST_BYTES] != _digest(_list(order, where)):
        message = "belongs to a list with other filters or another order"
        raise Refusal("cursor", message, "keep both as they are from page to page")
    try:
        return _place(raw[_DIGEST_BYTES:], order)
    except (ValueError, TypeError, RecursionError, InvalidOperation):
        raise _no_cursor() from None


def require_cursor(text: str) -> None:
    """Raise `Refusal` when a text is no cursor of any list."""
    _intact(text)


def _intact(text: str) -> bytes:
    """Return what a cursor says, unless it was changed.

    The digest is no secret: whoever forges a cursor only starts elsewhere.
    """
    if len(text) > LONGEST:
        raise _no_cursor()
    try:
        padded = text.encode("ascii") + b"=" * (-len(text) % 4)
        raw = base64.b64decode(padded, b"-_", validate=True)
    except ValueError:
        raise _no_cursor() from None
    if raw[:_DIGEST_BYTES] != _digest(raw[_DIGEST_BYTES:]):
        raise _no_cursor()
    return raw[_DIGEST_BYTES:]


def _no_cursor() -> Refusal:
    return Refusal("cursor", "is not a cursor that a list gave")


def _place(body: bytes, order: Sequence[Order]) -> After:
    keys, created, task = json.loads(body, parse_constant=_no_number)
    if len(keys) != len(order) or not _is_place(created, task):
        raise ValueError
    return After(keys=tuple(_read(key) for key in keys), created=created, id=task)


def _no_number(literal: str) -> NoReturn:
    raise ValueError(literal)


def _is_place(created: object, task: object) -> bool:
    moment = type(created) is int and created in _INT64
    return moment and isinstance(task, str) and _TASK.fullmatch(task) is not None


def _digest(raw: bytes) -> bytes:
    return hashlib.blake2b(raw, digest_size=_DIGEST_BYTES).digest()


def _list(order: Sequence[Order], where: Filter) -> bytes:
    return json.dumps([[[each.field, each.descending] for each in order], _spelt(where)]).encode()


def _spelt(where: Filter) -> str:
    """Spell a filter, alike however its parts are ordered."""
    match where:
        case All(parts) | Some(parts):
            spelt = sorted(map(_spelt, parts))
            return spelt[0] if len(spelt) == 1 else f"{type(where).__name__}({','.join(spelt)})"
        case Not(part):
            return f"Not({_spelt(part)})"
        case _:
            return repr(where)


def _written(key: object) -> object:
    if isinstance(key, Decimal):
        return [str(key)]
    if key is None or isinstance(key, str | bool | int | float):
        return key
    raise TypeError(f"{type(key).__name__} is not a sort value")


def _read(key: object) -> object:
    """Read one sort value back: a scalar, or a decimal in its list of one."""
    if isinstance(key, list):
        (digits,) = key
        number = Decimal(str(digits))
        if not number.is_finite():
            raise ValueError(digits)
        return number
    if isinstance(key, str):
        key.encode()
    elif isinstance(key, int) and key not in _INT64:
        raise ValueError(key)
    elif key is not None and not isinstance(key, int | float):
        raise TypeError(key)
    return key
