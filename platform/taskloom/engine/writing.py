"""What a write asks for and what came of it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from taskloom.errors import Fault
from taskloom.model.task import Task

Mode = Literal["create", "upsert", "update"]
Outcome = Literal["created", "updated", "unchanged"]


class Absent:
    """The type of `ABSENT`, which is neither null nor empty."""

    def __repr__(self) -> str:
        return "ABSENT"


ABSENT = Absent()


@dataclass(frozen=True, slots=True, kw_only=True)
class Draft:
    """A write as a dialect read it: names already turned into keys, values still as sent.

    `values` maps field keys to wire values, None clears, an absent key keeps. `stage` is a stage
    *name*; `assignees` are e-mails (None or empty unassigns). `faults` are what the dialect itself
    had to refuse (unknown names), told together with everything else.
    """

    values: Mapping[str, object]
    stage: object = ABSENT
    assignees: object = ABSENT
    faults: Sequence[Fault] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Written:
    """The task after a write, what the write was, and the field keys (or built-ins) it changed."""

    task: Task
    outcome: Outcome
    changed: tuple[str, ...] = ()
