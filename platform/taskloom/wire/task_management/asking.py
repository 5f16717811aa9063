"""The query string of a list, read strictly: every fault at once, unknown names by name."""

import re
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from typing import Final
from urllib.parse import quote, unquote_plus

from werkzeug.datastructures import MultiDict

from taskloom.errors import Fault, Invalid
from taskloom.wire.task_management.names import unknown_names

Given = MultiDict[str, str]

LIMIT: Final = "limit"
OFFSET: Final = "offset"
SORT: Final = "sort"
CONTROLS: Final = (LIMIT, OFFSET, SORT)

USUAL_LIMIT: Final = 10
LARGEST_LIMIT: Final = 100
ABOUT: Final = "about"
QUERY: Final = "query"
"""What the details of an `Invalid` from here say that it is about."""

_NUMBER: Final = re.compile(r"[0-9]{1,15}")
_SIGN: Final = re.compile(r"^[+-]")
_TRUTH: Final = {"true": True, "false": False}
_IN_A_QUERY: Final = "!$&'()*+,;=:@/?%"


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """Which part of a list is asked for."""

    limit: int
    offset: int


@dataclass(frozen=True, slots=True)
class Sorting:
    """A name to sort by, and the direction."""

    name: str
    descending: bool = False


class Asking:
    """Reads parameters one by one and notes what is wrong; `settle` raises it all."""

    def __init__(self, given: Given, known: Collection[str]) -> None:
        self._given = given
        self._faults = unknown_names((name for name in given if name not in known), known)

    def refuse(self, name: str, message: str, hint: str = "") -> None:
        """Note a fault; the message reads on after the parameter's name."""
        self._faults.append(Fault(path=(name,), code="parameter", message=message, hint=hint))

    def settle(self) -> None:
        """Raise `Invalid` with every fault noted, if there is one."""
        if self._faults:
            error = Invalid(self._faults, "the parameters are invalid")
            error.details = {ABOUT: QUERY}
            raise error

    def one(self, name: str) -> str | None:
        """Return a parameter that can be given once and not empty."""
        given = self._given.getlist(name)
        if len(given) > 1:
            self.refuse(name, "can be given once")
            return None
        if given and not given[0].strip():
            self.refuse(name, "must not be empty")
            return None
        return given[0] if given else None

    def several(self, name: str) -> tuple[str, ...]:
        """Return the items of a comma list; a repeated parameter adds to it."""
        given = ",".join(self._given.getlist(name))
        items = tuple(part.strip() for part in given.split(",")) if name in self._given else ()
        if not all(items):
            self.refuse(name, "must not have empty items")
            return ()
        return tuple(dict.fromkeys(items))

    def chosen(self, name: str, offered: Collection[str]) -> tuple[str, ...]:
        """Return the items of a comma list, each of which must be offered."""
        items = self.several(name)
        if all(item in offered for item in items):
            return items
        self.refuse(name, f"must be one or more of: {', '.join(offered)}")
        return ()

    def truth(self, name: str) -> bool | None:
        """Return a parameter that is true or false."""
        text = self.one(name)
        if text is None or text in _TRUTH:
            return None if text is None else _TRUTH[text]
        self.refuse(name, "must be true or false")
        return None

    def page(self) -> Page:
        """Return which part of the list is asked for."""
        return Page(
            limit=self._number(LIMIT, USUAL_LIMIT, 1, LARGEST_LIMIT),
            offset=self._number(OFFSET, 0, 0, None),
        )

    def _number(self, name: str, usual: int, least: int, most: int | None) -> int:
        text = self.one(name)
        if text is None:
            return usual
        number = int(text) if _NUMBER.fullmatch(text) else -1
        if number >= least and (most is None or number <= most):
            return number
        upto = "" if most is None else f" to {most}"
        self.refuse(name, f"must be a whole number from {least}{upto}")
        return usual

    def sorting(self, offered: Collection[str], usual: Sorting) -> tuple[Sorting, ...]:
        """Return what to sort by: names, `-` before one for descending, `+` or nothing else.

        A `+` that was sent as it stands arrives as a space.
        """
        parts = self.several(SORT)
        if not parts:
            return (usual,)
        asked = tuple(Sorting(_SIGN.sub("", part), part.startswith("-")) for part in parts)
        wrong = [sort.name for sort in asked if sort.name not in offered]
        if wrong:
            self.refuse(SORT, f"must be one or more of: {', '.join(offered)}")
        elif len({sort.name for sort in asked}) < len(asked):
            self.refuse(SORT, "must name nothing twice")
        return asked


def require_nothing(given: Given) -> None:
    """Refuse all parameters, at an address that knows none."""
    Asking(given, ()).settle()


def envelope(data: list[Mapping[str, object]], total: int, page: Page) -> Mapping[str, object]:
    """Wrap a part of a list."""
    return {
        "data": data,
        "pagination": {
            "total": total,
            "limit": page.limit,
            "offset": page.offset,
            "hasMore": page.offset + len(data) < total,
        },
    }


def links(address: str, query: bytes, total: int, page: Page) -> str:
    """Write the `Link` header: the other parts of a list that was asked for at this address.

    `query` is the query string as it was sent; what it asks for besides the part is kept.
    """
    asked = quote(query, safe=_IN_A_QUERY).split("&")
    names = {part: unquote_plus(part.partition("=")[0]) for part in asked}
    kept = [part for part in asked if part and names[part] not in {LIMIT, OFFSET}]
    begin = f"{address}?{''.join(f'{part}&' for part in kept)}{LIMIT}={page.limit}"
    return ", ".join(
        f'<{begin}&{OFFSET}={offset}>; rel="{rel}"' for rel, offset in _offsets(total, page)
    )


def _offsets(total: int, page: Page) -> Iterator[tuple[str, int]]:
    last = (max(total, 1) - 1) // page.limit * page.limit
    if page.offset + page.limit < total:
        yield "next", page.offset + page.limit
    if page.offset > 0:
        yield "prev", max(0, min(page.offset - page.limit, last))
    yield "first", 0
    yield "last", last
