"""Regular expressions in linear time: RE2 is the only engine that ever runs a user's pattern."""

from collections.abc import Callable
from functools import lru_cache
from typing import Final

import re2  # type: ignore[import-untyped,unused-ignore] # the package ships no types

_OPTIONS: Final = re2.Options()
_OPTIONS.log_errors = False

Search = Callable[[str], bool]

_REMEDIES: Final = (
    ("(?=", "look-ahead", "write what must be there, or use `allOf` with two patterns"),
    ("(?!", "look-ahead", "use `not` with a second pattern"),
    ("(?<=", "look-behind", "write what must be there, or use `allOf` with two patterns"),
    ("(?<!", "look-behind", "use `not` with a second pattern"),
    ("(?>", "an atomic group", "write a plain group"),
    ("(?P=", "a back-reference", "write the text out"),
    ("(?<", "a group name that cannot be read", "write a plain group"),
)


class BadPattern(ValueError):
    """A pattern that RE2 refuses; `hint` says what to write instead."""

    def __init__(self, message: str, hint: str = "") -> None:
        super().__init__(message)
        self.hint = hint


@lru_cache(maxsize=4096)
def compiled(pattern: str) -> Search:
    """Make a function that tells whether the pattern occurs in a text; raise `BadPattern`."""
    try:
        expression = re2.compile(pattern, _OPTIONS)
    except re2.error as fault:
        raise _explained(fault.args[0].decode("utf-8", "replace")) from fault
    except UnicodeEncodeError as fault:
        raise BadPattern("holds half a character (a lone surrogate)") from fault
    find = expression.search

    def occurs(text: str) -> bool:
        try:
            return find(text) is not None
        except UnicodeEncodeError:
            return False

    return occurs


def _explained(reason: str) -> BadPattern:
    for sign, name, remedy in _REMEDIES:
        if f"operator: {sign}" in reason:
            return BadPattern(f"uses {name} ({sign}…), which no linear-time engine has", remedy)
    escape = reason.rpartition("invalid escape sequence: \\")[2]
    if escape[:1].isdigit():
        return BadPattern(
            f"uses a back-reference (\\{escape}), which no linear-time engine has",
            "write the text out",
        )
    if escape.startswith(("u", "c")) and escape != reason:
        return BadPattern(f"uses the escape \\{escape}", r"write the character, or \x{0041}")
    return BadPattern(f"cannot be read: {reason}", "patterns follow the syntax of RE2")
