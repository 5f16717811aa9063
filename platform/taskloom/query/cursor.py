"""Cursors: a place in a sorted list as opaque text for an address, good for that order only."""

import base64
import hashlib
import json
import re
from collections.abc import Sequence
from decimal import Decimal, InvalidOperation
from typing import Final, NoReturn

from taskloom.errors import Refusal
from taskloom.query.tree import After, Order

_CHECK_BYTES: Final = 9
LONGEST: Final = 8192
_INT64: Final = range(-(2**63), 2**63)
_TASK: Final = re.compile(r"[0-9a-f]{24}")


def encode(after: After, order: Sequence[Order]) -> str:
    """Write a place as URL-safe text; `order` is that of the query it came from."""
    keys = [_written(key) for key in after.keys]
    body = json.dumps([keys, after.created, after.id], separators=(",", ":")).encode()
    return base64.urlsafe_b64encode(_check(body, order) + body).rstrip(b"=").decode()


def decode(text: str, order: Sequence[Order]) -> After:
    """Read a cursor; raise `Refusal` when it was changed or belongs to another order."""
    try:
        return _decoded(text, order)
    except (ValueError, TypeError, RecursionError, InvalidOperation):
        raise Refusal("cursor", "is not a cursor that this list with this order gave") from None


def _decoded(text: str, order: Sequence[Order]) -> After:
    if len(text) > LONGEST:
        raise ValueError
    raw = base64.b64decode(text.encode("ascii") + b"=" * (-len(text) % 4), b"-_", validate=True)
    body = raw[_CHECK_BYTES:]
    if raw[:_CHECK_BYTES] != _check(body, order):
        raise ValueError
    keys, created, task = json.loads(body, parse_constant=_no_number)
    if len(keys) != len(order) or not _is_place(created, task):
        raise ValueError
    return After(keys=tuple(_read(key) for key in keys), created=created, id=task)


def _no_number(literal: str) -> NoReturn:
    raise ValueError(literal)


def _is_place(created: object, task: object) -> bool:
    moment = type(created) is int and created in _INT64
    return moment and isinstance(task, str) and _TASK.fullmatch(task) is not None


def _check(body: bytes, order: Sequence[Order]) -> bytes:
    """Tie a place to its order; no secret: whoever forges one only starts elsewhere."""
    bound = json.dumps([[part.field, part.descending] for part in order]).encode()
    key = hashlib.sha256(bound).digest()
    return hashlib.blake2b(body, digest_size=_CHECK_BYTES, key=key).digest()


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
