"""Some values of a file, for people to see what a column holds."""

from collections.abc import Sequence
from itertools import islice
from typing import Final

from taskloom.exchange.documents import written
from taskloom.exchange.rows import Row, is_blank

_MOST: Final = 3
_SHOWN: Final = 200


def samples_of(rows: Sequence[Row], column: str) -> Sequence[object]:
    """Return the first few values of a column that differ, as they are shown."""
    values = (row.values.get(column) for row in rows)
    shown = (shortened(value) for value in values if value is not None and not is_blank(value))
    differing = {written(value): value for value in shown}
    return tuple(islice(differing.values(), _MOST))


def shortened(value: object) -> object:
    """Return a value of a file, or the start of its text where that is long."""
    text = value if isinstance(value, str) else written(value).decode()
    return value if len(text) <= _SHOWN else f"{text[:_SHOWN]} …"
