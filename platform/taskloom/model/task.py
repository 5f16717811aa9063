"""A task: one document of a workflow."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import NamedTuple

from taskloom.model.values import Values

Moment = int
"""Milliseconds since 1970-01-01T00:00:00Z."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Task:
    """One task as the engine sees it.

    `id` is 24 hex digits, `rev` counts its writes from 1, `uid` is the canonical text of its
    unique ID, `stage` a stage key, `assignees` and `by` user ids (`by` is None for "API"),
    `version` the workflow version that last checked it. `links` holds the linked tasks by link
    name where they were asked for. `editor` is the user who wrote it last after it was made, None
    for nobody and for "API".
    """

    id: str
    rev: int
    uid: str | None
    stage: str
    assignees: tuple[str, ...]
    by: str | None
    created: Moment
    updated: Moment
    version: int
    values: Values
    links: Mapping[str, tuple["Task", ...]] = field(default_factory=dict)
    editor: str | None = None


NO_LINKS: Mapping[str, tuple["Row", ...]] = MappingProxyType({})


class Row(NamedTuple):
    """One task as reads show it: what is seen of it, values in the form they are stored in.

    The rest is as in `Task`. It is a tuple because lists make very many of them.
    """

    id: str
    rev: int
    stage: str
    assignees: tuple[str, ...]
    by: str | None
    created: Moment
    updated: Moment
    stored: Mapping[str, object]
    links: Mapping[str, tuple["Row", ...]] = NO_LINKS


class Faced(NamedTuple):
    """One task of a page: its id in ASCII, its built-ins and face as stored (see `schema.faces`).

    `live` are the stored values of what no face holds, and perhaps others.
    """

    task: bytes
    stage: str
    assignee: str | Sequence[str] | None
    face: bytes
    live: Mapping[str, object]


@dataclass(frozen=True, slots=True, kw_only=True)
class Faces:
    """A page of tasks; `row` reads as much of one, by its index, as its place in the list takes."""

    faced: Sequence[Faced]
    row: Callable[[int], Row]
