"""Columns of a file and what of a task they belong to."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final, Literal

from taskloom.errors import ASSIGNEE, STAGE, Fault
from taskloom.exchange.rows import MARKS
from taskloom.schema.compiled import Compiled
from taskloom.schema.hints import did_you_mean

STAGE_TITLE: Final = "Stage"
ASSIGNED_TITLE: Final = "Assigned To"
READ_ONLY: Final = frozenset(
    {"Task URL", "Created On", "Updated On", "id", "createdAt", "updatedAt"}
)
"""Columns that a task has by itself; they are passed over where no field is called so."""

STAGE_WORDS: Final = frozenset({"status", "state", "stage", "list", "column", "section"})
"""What other programs call a stage."""

UNKNOWN: Final = "unknown_column"
_LONGEST: Final = 80
_MOST_GUESSED: Final = 20


@dataclass(frozen=True, slots=True)
class Target:
    """Where a column goes: a field by key, a link by name, the stage or the assignees."""

    to: Literal["field", "link", "stage", "assignees"]
    name: str


class Titles:
    """Finds the target of a column: as asked, by title to the letter, by title in any case."""

    def __init__(self, workflow: Compiled, asked: Mapping[str, str | None]) -> None:
        self._known = {
            STAGE_TITLE: Target("stage", STAGE),
            ASSIGNED_TITLE: Target("assignees", ASSIGNEE),
            **{side.name: Target("link", side.name) for side in workflow.linked},
            **{title: Target("field", key) for title, key in workflow.keys.items()},
        }
        self._folded = _unambiguous(self._known)
        self._keys = workflow.fields
        self._found: dict[str, Target | None] = dict.fromkeys(MARKS)
        self.faults = [
            self._fault(title, "is asked for by the map, but is no field of the workflow")
            for title in asked.values()
            if title is not None and self._named(title) is None
        ]
        self._found |= {
            column: None if title is None else self._named(title) for column, title in asked.items()
        }

    def _named(self, title: str) -> Target | None:
        if title in self._known:
            return self._known[title]
        return Target("field", title) if title in self._keys else None

    def passed_over(self, column: str) -> bool:
        """Tell whether a column is known to go nowhere."""
        return self.target(column) is None and column in self._found

    def target(self, column: str) -> Target | None:
        """Return where a column goes; None if nowhere, or if nobody knows."""
        if column not in self._found:
            small = column.casefold()
            title = self._folded.get(small) or self._folded.get(small.lstrip("_ "), "")
            known = self._known.get(column) or self._known.get(title)
            if known is None and column not in READ_ONLY:
                return None
            self._found[column] = known
        return self._found[column]

    def of_hint(self, titles: Iterable[str], taken: Iterable[Target | None]) -> Target | None:
        """Return the first target among the titles that an importer suggests that is free."""
        for title in titles:
            known = self._known.get(self._folded.get(title.casefold(), ""))
            if known is not None and known not in taken:
                return known
        return None

    def unknown(self, columns: Sequence[str]) -> list[Fault]:
        """Refuse columns that nobody knows, each with the nearest title."""
        message = "belongs to no field of the workflow"
        return [
            self._fault(column, message, guess=at < _MOST_GUESSED)
            for at, column in enumerate(columns)
        ]

    def title_of(self, target: Target) -> str:
        """Return what people call a target."""
        return next(title for title, known in self._known.items() if known == target)

    def _fault(self, name: str, message: str, *, guess: bool = True) -> Fault:
        near = did_you_mean(name, self._known) if guess and len(name) <= _LONGEST else ""
        return Fault(path=(name[:_LONGEST],), code=UNKNOWN, message=message, hint=near)


def _unambiguous(titles: Iterable[str]) -> dict[str, str]:
    folded: dict[str, list[str]] = {}
    for title in titles:
        folded.setdefault(title.casefold(), []).append(title)
    return {name: found[0] for name, found in folded.items() if len(found) == 1}
