"""Remedies for names that nobody knows."""

from collections.abc import Iterable
from difflib import get_close_matches
from functools import lru_cache

NEAR = 0.6
TYPO = 0.8
MOST_KNOWN = 1000
"""Among more names than these no likeness is looked for: each costs time."""


def did_you_mean(word: object, known: Iterable[str], least: float = NEAR) -> str:
    """Suggest the nearest known name, or nothing where none is near; case does not count.

    `least` is the likeness from 0 to 1 that counts as near.
    """
    if not isinstance(word, str):
        return ""
    names = tuple(known)
    return _nearest(word, names, least) if len(names) <= MOST_KNOWN else ""


@lru_cache(maxsize=1024)
def _nearest(word: str, names: tuple[str, ...], least: float) -> str:
    # Remembered, for a file of rows tends to hold the same wrong word in each of them.
    by_folded = {name.casefold(): name for name in names}
    near = get_close_matches(word.casefold(), by_folded, n=1, cutoff=least)
    return f"did you mean {by_folded[near[0]]!r}?" if near else ""
