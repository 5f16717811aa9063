"""The grammar of `$filter` and `$orderBy`: text becomes comparisons and orders, of whatever names.

`property op value and …`; texts stand in single quotes, `''` is a quote within, and what holds no
space, quote, comma or bracket may stand bare. So may a time with a space before its offset, which
is how a + arrives that was sent as it stands in an address. `in` takes a list in brackets. There
are no groups, so nothing is nested.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from taskloom.errors import Refusal
from taskloom.wire.exact import shortened
from taskloom.wire.plus import LOST

SYNTAX: Final = "syntax"
MOST_COMPARISONS: Final = 50
MOST_VALUES: Final = 1000
OPERATORS: Final = ("eq", "ne", "lt", "gt", "le", "ge", "contains", "in")

_TOKEN: Final = re.compile(
    r"\s*(?:(?P<text>'(?:[^']|'')*')|(?P<sign>[(),])|(?P<open>')"
    rf"|(?P<word>{LOST}(?![^\s'(),])|[^\s'(),]+))"
)
_END: Final = "the end"
_WAYS: Final = frozenset({"asc", "desc"})
_OPERATORS_HINT: Final = f"one of {', '.join(OPERATORS)}"
_ONLY_AND: Final = "comparisons are combined by `and` only"


@dataclass(frozen=True, slots=True, kw_only=True)
class Comparison:
    """One comparison as it was written; `op` is one of `OPERATORS`, several values only of `in`."""

    name: str
    op: str
    values: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Direction:
    """One part of an order, and its text as it was written; a broken one names nothing."""

    text: str
    name: str
    descending: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class _Token:
    """A piece of a filter: `sort` is text, word, sign or end; `at` counts characters from 1."""

    sort: str
    text: str
    at: int


class _Tokens:
    """The pieces of a filter, one by one."""

    def __init__(self, text: str) -> None:
        self._rest = _tokens(text)
        self._next = next(self._rest)

    @property
    def ended(self) -> bool:
        return self._next.sort == "end"

    def take(self) -> _Token:
        taken = self._next
        self._next = next(self._rest, taken)
        return taken

    def sign(self, sign: str) -> bool:
        """Take this sign if it comes next, and tell whether it did."""
        if (self._next.sort, self._next.text) != ("sign", sign):
            return False
        self.take()
        return True


def comparisons(text: str) -> tuple[Comparison, ...]:
    """Read a filter; all of its comparisons have to hold. Raises `Refusal` where it is broken."""
    tokens = _Tokens(text)
    found = [_comparison(tokens)]
    while not tokens.ended:
        joint = tokens.take()
        if (joint.sort, joint.text) != ("word", "and"):
            raise _broken("`and` or the end", joint, _joint_hint(joint))
        found.append(_comparison(tokens))
        if len(found) > MOST_COMPARISONS:
            raise Refusal(SYNTAX, f"must have at most {MOST_COMPARISONS} comparisons")
    return tuple(found)


def _joint_hint(joint: _Token) -> str:
    if joint.sort == "word" and joint.text.lower() in {"or", "and", "not"}:
        return _ONLY_AND
    return "a text with spaces stands in single quotes" if joint.sort == "word" else ""


def _comparison(tokens: _Tokens) -> Comparison:
    name = tokens.take()
    if name.sort != "word" or name.text == "not":
        hint = _ONLY_AND if name.text in {"(", "not"} else ""
        raise _broken("the name of a property", name, hint)
    op = tokens.take()
    if op.sort != "word" or op.text not in OPERATORS:
        raise _broken(f"an operator after {shortened(name.text)!r}", op, _OPERATORS_HINT)
    values = _values(tokens) if op.text == "in" else (_value(tokens),)
    return Comparison(name=name.text, op=op.text, values=values)


def _values(tokens: _Tokens) -> tuple[str, ...]:
    if not tokens.sign("("):
        raise _broken("a list in brackets after `in`", tokens.take())
    found = [_value(tokens)]
    while not tokens.sign(")"):
        if not tokens.sign(","):
            raise _broken("a comma or the closing bracket", tokens.take())
        found.append(_value(tokens))
        if len(found) > MOST_VALUES:
            raise Refusal(SYNTAX, f"must have at most {MOST_VALUES} values in a list")
    return tuple(found)


def _value(tokens: _Tokens) -> str:
    token = tokens.take()
    if token.sort == "text":
        return token.text[1:-1].replace("''", "'")
    if token.sort == "word":
        return token.text
    raise _broken("a value", token)


def _tokens(text: str) -> Iterator[_Token]:
    at, end = 0, len(text.rstrip())
    while at < end:
        found = _TOKEN.match(text, at)
        sort = found.lastgroup if found else None
        if found is None or sort is None:
            raise AssertionError("every sign is in some group")
        start = found.start(sort)
        if sort == "open":
            raise Refusal(SYNTAX, f"has a quote at character {start + 1} that is never closed")
        yield _Token(sort=sort, text=found[sort], at=start + 1)
        at = found.end()
    yield _Token(sort="end", text=_END, at=end + 1)


def _broken(expected: str, token: _Token, hint: str = "") -> Refusal:
    said = token.text if token.sort == "end" else repr(shortened(token.text))
    return Refusal(SYNTAX, f"must have {expected} at character {token.at}, not {said}", hint)


def directions(text: str) -> Iterator[Direction]:
    """Read an order part by part."""
    for part in text.split(","):
        name, *ways = part.split() or [""]
        known = len(ways) < len(_WAYS) and _WAYS.issuperset(ways)
        yield Direction(text=part.strip(), name=name if known else "", descending="desc" in ways)
