"""Unique IDs: how a text or integer field spells one ID when clients spell it in several ways.

No kind of its own: a workflow gives this role to a field, and 42, "42" and 42.0 are then one ID.
"""

import dataclasses
import unicodedata
from decimal import Decimal

from taskloom.errors import Refusal
from taskloom.fields.base import (
    TOO_LONG,
    Codec,
    Number,
    People,
    invalid,
    plain_text,
    read,
    spell,
    whole,
)
from taskloom.model.values import Parsed
from taskloom.model.workflow import Field

LONGEST = 512
LARGE = 10**LONGEST
_UNNORMALISED = 4 * LONGEST
"""Composing characters shortens a text to no less than a quarter."""


def canonical(value: object, integer: bool) -> str | int:  # noqa: FBT001 - which of two parses, by the field's type
    """Read a unique ID: a signed 64-bit integer, or trimmed NFC text of 1 to 512 characters."""
    if integer:
        return whole(read(value, "a whole number like 42"))
    if isinstance(value, bool) or not isinstance(value, str | int | float | Decimal):
        raise invalid("must be text or a number")
    return _text(value if isinstance(value, str) else _spelt(read(value)))


def text_of(value: str | int) -> str:
    """Return the canonical text of a unique ID, the one kept unique."""
    return str(value)


def codec(field: Field, base: Codec) -> Codec:
    """Give the codec of a text or integer field the parse and operand of unique IDs."""
    integer = field.kind == "integer"

    def parse(value: object, _people: People) -> Parsed:
        return canonical(value, integer)

    return dataclasses.replace(base, parse=parse, operand=parse)


def _spelt(number: Number) -> str:
    if not number:
        return "0"
    if not -LARGE < number < LARGE or _places(number) > LONGEST:
        raise _too_long()
    text = spell(number)
    return text.rstrip("0").rstrip(".") if "." in text else text


def _places(number: Number) -> int:
    exponent = 0 if isinstance(number, int) else number.as_tuple().exponent
    return -exponent if isinstance(exponent, int) else 0


def _text(value: str) -> str:
    trimmed = value.strip()
    if 0 < len(trimmed) <= LONGEST and trimmed.isascii() and trimmed.isprintable():
        return trimmed
    if len(trimmed) > _UNNORMALISED:
        raise _too_long()
    text = unicodedata.normalize("NFC", plain_text(trimmed, _UNNORMALISED)).strip()
    if not text:
        raise invalid("must not be empty")
    if len(text) > LONGEST:
        raise _too_long()
    if not text.isprintable() and any(unicodedata.category(letter) == "Cc" for letter in text):
        raise invalid("must not contain control characters")
    return text


def _too_long() -> Refusal:
    return Refusal(TOO_LONG, f"must have at most {LONGEST} characters")
