"""What a write asks for and what came of it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal

from taskloom.errors import Fault
from taskloom.model.task import Task

Mode = Literal["create", "upsert", "update"]
Outcome = Literal["created", "updated", "unchanged", "deleted"]
Way = Literal["hand", "checklist", "action"]
"""How a write comes about: by hand, with progress and stage following, or by an action."""


class Absent:
    """The type of `ABSENT`, which is neither null nor empty."""

    def __repr__(self) -> str:
        return "ABSENT"


ABSENT = Absent()


@dataclass(frozen=True, slots=True, kw_only=True)
class Draft:
    """A write as a dialect read it: names already turned into keys, values still as sent.

    `values` maps field keys to wire values, None clears, an absent key keeps. `stage` is a stage
    *name*; `assignees` are e-mails (None or empty unassigns). `links` maps link names to references
    as sent, None or empty clears, an absent name keeps. `faults` are what the dialect itself had to
    refuse (unknown names), told together with everything else. `way` is how the write comes about.
    `task` is the id that a new task gets, for who may have to write the same draft twice. `print`
    is a digest of what was sent: equal ones are of equal drafts.
    """

    values: Mapping[str, object]
    stage: object = ABSENT
    assignees: object = ABSENT
    links: Mapping[str, object] = field(default_factory=dict)
    faults: Sequence[Fault] = ()
    way: Way = "hand"
    task: str | None = None
    print: bytes | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Written:
    """The task after a write, what the write was, and what it changed.

    That is the keys of fields and links, or built-ins.
    """

    task: Task
    outcome: Outcome
    changed: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Same:
    """What comes of a row that says what it said the last time; `id` is the task's.

    Of a task that an earlier try of the same request deleted it is "".
    """

    id: str
    outcome: Outcome = "unchanged"
