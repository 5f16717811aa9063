"""Remedies for names that nobody knows."""

from collections.abc import Iterable
from difflib import get_close_matches

NEAR = 0.6
TYPO = 0.8


def did_you_mean(word: object, known: Iterable[str], least: float = NEAR) -> str:
    """Suggest the nearest known name, or nothing where none is near; case does not count.

    `least` is the likeness from 0 to 1 that counts as near.
    """
    if not isinstance(word, str):
        return ""
    by_folded = {name.casefold(): name for name in known}
    near = get_close_matches(word.casefold(), by_folded, n=1, cutoff=least)
    return f"did you mean {by_folded[near[0]]!r}?" if near else ""
