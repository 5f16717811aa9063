"""Values as cells of a table hold them, so that an import reads the same values back."""

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Final, cast

import orjson

from taskloom.exchange.guard import marked
from taskloom.fields import structure
from taskloom.model.values import Json

NUMBERS: Final = frozenset({"number", "percent", "currency", "integer"})
PLAIN: Final = NUMBERS | {"date", "datetime", "checkbox"}
"""Kinds whose values a spreadsheet may well take for what they are."""

SPLIT: Final = ";"
LINK: Final = "link"
"""The kind of a column of references to linked tasks, such as `{"Order ID": "42"}`."""
_STRUCTURE: Final = "json"


def written(value: object, kind: str) -> str:
    """Write a value that is set as the text of a cell; `kind` is that of its field."""
    if isinstance(value, str):
        return marked(value)
    if isinstance(value, bool):
        return "true" if value else "false"
    items = _uniques(value) if kind == LINK else value
    if kind != _STRUCTURE and isinstance(items, list) and _can_be_joined(items):
        return f"{SPLIT} ".join(items)
    return encoded(value).decode()


def _uniques(references: object) -> list[object]:
    """Return the unique IDs of one reference or several."""
    found = references if isinstance(references, list) else [references]
    return [unique for one in found if isinstance(one, Mapping) for unique in one.values()]


def _can_be_joined(items: Sequence[object]) -> bool:
    """Tell whether a list of texts can be told again from the text that people write for it."""
    first = items[0] if items else None
    known = isinstance(first, str) and not first.startswith(("[", "{"))
    return known and all(map(_is_plain, items))


def _is_plain(item: object) -> bool:
    return isinstance(item, str) and item == item.strip() != "" and SPLIT not in item


def encoded(value: object) -> bytes:
    """Write JSON, every number with all its digits."""
    try:
        return orjson.dumps(value, default=_exact)
    except orjson.JSONEncodeError:
        # An integer of more than 64 bits.
        return structure.pack(cast(Json, value)).encode()


def _exact(value: object) -> object:
    if isinstance(value, Decimal):
        return orjson.Fragment(str(value))
    raise TypeError(f"{type(value).__name__} has no place in JSON")
