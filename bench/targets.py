"""The rows of the table, what each must reach and what it aims at."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

Verdict = Literal["aim", "must", "MISSED"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Target:
    """One row: what it says, what it must reach, what it aims at.

    `most` turns it round: the value must not exceed what is named.
    """

    title: str
    must: float
    aim: float
    most: bool = False
    form: str = ".2f"

    def verdict(self, value: float) -> Verdict:
        """Judge a value."""
        sign = -1 if self.most else 1
        if sign * value < sign * self.must:
            return "MISSED"
        return "must" if sign * value < sign * self.aim else "aim"


_LIST = (0.80, 1.1)
_LARGE = (0.75, 1.0)
_IMPORT = (0.75, 0.9)


def _ratio(title: str, both: tuple[float, float]) -> Target:
    return Target(title=title, must=both[0], aim=both[1])


TARGETS: Mapping[str, Target] = {
    "create": _ratio("create, validated, durable", (0.60, 0.85)),
    "upsert": _ratio("upsert existing by unique ID", (0.50, 0.65)),
    "get": _ratio("get by unique ID", (0.70, 1.0)),
    "list": _ratio("list 100 by two fields", _LIST),
    "eq": _ratio("custom field =, sorted by another", _LIST),
    "range": _ratio("numeric range, sorted", _LIST),
    "large list": _ratio("list 100 at 1,000,000, to our own at 100,000", _LARGE),
    "large eq": _ratio("custom field = at 1,000,000, to our own at 100,000", _LARGE),
    "large range": _ratio("numeric range at 1,000,000, to our own at 100,000", _LARGE),
    "import new": _ratio("import over HTTP, new rows", _IMPORT),
    "import unchanged": _ratio("import over HTTP, unchanged rows", _IMPORT),
    "import changed": _ratio("import over HTTP, changed rows", _IMPORT),
    "file up": _ratio("1 MB file up, to a bare handler", (0.9, 1.0)),
    "file down": _ratio("1 MB file down, to a bare handler", (0.9, 1.0)),
    "cpu get": Target(title="CPU of the app, s per 1,000 gets", must=0.9, aim=0.9, most=True),
    "cpu create": Target(title="CPU of the app, s per 1,000 creates", must=1.2, aim=1.2, most=True),
    "cpu list": Target(title="CPU of the app, s per 1,000 lists", must=2.0, aim=2.0, most=True),
    "memory": Target(
        title="peak memory of a server process, MiB", must=150, aim=100, most=True, form=".0f"
    ),
}
