"""Columns of a file and the fields of a workflow they belong to."""

import difflib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from taskloom.cli.failure import Failure
from taskloom.cli.importing.rows import MARKS

STAGE = "Stage"
ASSIGNED = "Assigned To"
READ_ONLY = ("Task URL", "Created On", "Updated On", "id", "createdAt", "updatedAt")
UNIQUE = "uniqueId"


@dataclass(frozen=True, slots=True, kw_only=True)
class Target:
    """The workflow that rows go into, as its API describes it.

    `kinds` maps each field's title to its kind; `unique` is the title of the unique ID, and
    `numbered` tells whether that one is given by the server where it is left out.
    """

    id: str
    kinds: Mapping[str, str]
    unique: str | None
    numbered: bool


def target_of(workflow: Mapping[str, Any]) -> Target:
    """Read the description of a workflow (`GET /api/v1/workflows/{id}`)."""
    fields = workflow["fields"]
    unique = next((field for field in fields if field["type"] == UNIQUE), None)
    return Target(
        id=workflow["id"],
        kinds={field["name"]: field["type"] for field in fields},
        unique=unique["name"] if unique else None,
        numbered=bool(unique and unique.get("autoincrement")),
    )


class Columns:
    """Finds the title for a column: the map first, then exactly, then whatever the case."""

    def __init__(self, target: Target, mapped: Mapping[str, str | None]) -> None:
        self._known = (*target.kinds, STAGE, ASSIGNED, *READ_ONLY)
        self._folded = _unambiguous(self._known)
        self._found: dict[str, str | None] = dict.fromkeys(MARKS) | dict(mapped)
        wrong = [
            title for title in mapped.values() if title is not None and title not in self._known
        ]
        if wrong:
            raise Failure("the map names fields that there are not:\n" + self._told(wrong))

    def title(self, column: str) -> str | None:
        """Return the title, None for a column to be left out, or the column itself if unknown."""
        if column not in self._found:
            known = column if column in self._known else self._folded.get(column.casefold())
            self._found[column] = None if known in READ_ONLY else (known or column)
        return self._found[column]

    def require(self, columns: Sequence[str]) -> None:
        """Raise `Failure` unless every column is known and no two mean the same field."""
        unknown = [name for name in columns if self.title(name) not in (None, *self._known)]
        if unknown:
            raise Failure(
                "columns that belong to no field of the workflow:\n" + self._told(unknown),
                'Rename them, or say where they go with --map FILE: {"column": "Field title"}, '
                "null to leave one out. Nothing was imported.",
            )
        self._require_single(columns)

    def _require_single(self, columns: Sequence[str]) -> None:
        taken: dict[str, str] = {}
        for name in columns:
            title = self.title(name)
            if title is not None and taken.setdefault(title, name) != name:
                raise Failure(
                    f"the columns {taken[title]!r} and {name!r} both mean {title!r}.",
                    "Leave one out with --map. Nothing was imported.",
                )

    def _told(self, names: Sequence[str]) -> str:
        return "\n".join(f"  {name!r}{self._near(name)}" for name in names)

    def _near(self, name: str) -> str:
        near = difflib.get_close_matches(name.casefold(), self._folded, n=3, cutoff=0.5)
        return (
            ": did you mean " + " or ".join(repr(self._folded[n]) for n in near) + "?"
            if near
            else ""
        )


def require_present(mapped: Mapping[str, str | None], columns: Sequence[str]) -> None:
    """Raise `Failure` when a map names a column that a table does not have."""
    strange = [repr(name) for name in mapped if name not in columns]
    if strange:
        raise Failure(f"the map names columns that the file has not: {', '.join(strange)}.")


def _unambiguous(titles: Sequence[str]) -> dict[str, str]:
    folded: dict[str, list[str]] = {}
    for title in titles:
        folded.setdefault(title.casefold(), []).append(title)
    return {name: found[0] for name, found in folded.items() if len(found) == 1}
