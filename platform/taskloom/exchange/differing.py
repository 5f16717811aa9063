"""Whether the values of a column are all different, found out in little memory."""

from array import array
from itertools import pairwise
from typing import Final

from taskloom.errors import Refusal
from taskloom.fields.identity import canonical

_MOST: Final = 2_000_000


class Differing:
    """Finds out whether all values of a column differ, in eight bytes a row."""

    def __init__(self) -> None:
        self._seen: array[int] | None = array("q")

    def add(self, value: object, *, integer: bool) -> None:
        """Take a value; None is one that no task could be found by."""
        if self._seen is None:
            return
        try:
            key = canonical(value, integer)
        except Refusal:
            self._seen = None
            return
        if len(self._seen) >= _MOST:
            self._seen = None
        else:
            self._seen.append(hash(str(key)))

    def differ(self) -> bool:
        """Tell whether each row had a value of its own."""
        if not self._seen:
            return False
        ordered = sorted(self._seen)
        return all(one != other for one, other in pairwise(ordered))
