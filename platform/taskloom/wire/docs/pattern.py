"""A short text that a pattern matches, for samples of fields that have one."""

import re
import string
from typing import Final

from taskloom.schema.patterns import BadPattern, compiled

_SIGNS: Final = "1a" + string.digits + string.ascii_letters + string.punctuation + " é"
_CLASS: Final = re.compile(r"\[\^?\]?(?:\\.|\[:\w+:\]|[^\]\\])*\]", re.DOTALL)
_GROUP: Final = re.compile(r"\((?:\?(?:P?<\w+>|[a-z]*:))?")
_REPEAT: Final = re.compile(r"(?:[*+?]|\{(?P<least>[0-9]+)(?:,[0-9]*)?\})\??")
_ANCHORS: Final = ("^", "$", r"\A", r"\z", r"\b")
_MOST: Final = 1000


def text_matching(pattern: str) -> str:
    """Return a text that a plain pattern matches; one too odd gives a text that may not match."""
    try:
        return _Pattern(pattern).alternatives()[:_MOST]
    except (BadPattern, StopIteration, RecursionError):
        return ""


class _Pattern:
    """Reads a pattern from the left, choosing the first alternative and the fewest repetitions."""

    def __init__(self, pattern: str) -> None:
        self._pattern = pattern
        self._at = 0

    def alternatives(self) -> str:
        """Read alternatives up to the end of their group."""
        first = self._sequence()
        while self._next() == "|":
            self._at += 1
            self._sequence()
        return first

    def _next(self) -> str:
        return self._pattern[self._at : self._at + 1]

    def _sequence(self) -> str:
        made: list[str] = []
        while self._next() not in ("", "|", ")") and len(made) < _MOST:
            part = self._atom()
            made.append((part * min(self._repetitions(), _MOST))[:_MOST])
        return "".join(made)

    def _atom(self) -> str:
        for anchor in _ANCHORS:
            if self._pattern.startswith(anchor, self._at):
                self._at += len(anchor)
                return ""
        group = _GROUP.match(self._pattern, self._at)
        if group:
            self._at = group.end()
            inside = self.alternatives()
            self._at += 1
            return inside
        return self._sign()

    def _sign(self) -> str:
        """Read what stands for one character, and return one it stands for."""
        found = _CLASS.match(self._pattern, self._at) if self._next() == "[" else None
        size = 2 if self._next() == "\\" else 1
        sign = found[0] if found else self._pattern[self._at : self._at + size]
        self._at += len(sign)
        if len(sign) == 1 and sign != ".":
            return sign
        allowed = compiled(f"^(?:{sign})$")
        return next(one for one in _SIGNS if allowed(one))

    def _repetitions(self) -> int:
        found = _REPEAT.match(self._pattern, self._at)
        if found is None:
            return 1
        self._at = found.end()
        if found["least"]:
            return int(found["least"])
        return 1 if found[0].startswith("+") else 0
