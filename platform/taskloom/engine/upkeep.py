"""What a new version of a workflow leaves to be done in the background; `storage` does it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal, Protocol

from taskloom.schema.compiled import Compiled

Progress = Literal["done", "more", "failed"]


@dataclass(frozen=True, slots=True, kw_only=True)
class SlowQuery:
    """A shape of query that took long; `times` it was noted, `worst` is in milliseconds.

    The shape tells no values. `hint` says what would help, if anything is known.
    """

    shape: str
    hint: str
    times: int
    worst: int


@dataclass(frozen=True, slots=True, kw_only=True)
class State:
    """How a workflow's tasks are kept.

    `indexes` are the names of those that are not built yet, `faults` says why some could not be.
    `words` tells that words of searched fields are not all indexed yet. `slow` are the queries
    that took long, the slowest first.
    """

    indexes: Sequence[str] = ()
    faults: Mapping[str, str] = field(default_factory=dict)
    words: bool = False
    slow: Sequence[SlowQuery] = ()


class UpkeepStore(Protocol):
    """Does what is left to be done for the tasks of a workflow, and tells what that is."""

    def go_on(self, workflow: Compiled) -> Progress:
        """Do a part of what is left, some seconds long or one index; any number may do so.

        "failed" means that nothing more can be done now.
        """

    def state(self, workflow: Compiled) -> State:
        """Tell what is left, and which queries were slow."""
