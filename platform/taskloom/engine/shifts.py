"""Values that move from one slot of a task to another when a plan gives a field another kind.

The old values stay where they were: who still works by the old version goes on with them, and they
can be taken back.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Protocol

from taskloom.model.task import Moment
from taskloom.model.values import Values
from taskloom.schema.compiled import Compiled

FIRST = 1
LAST = 2
"""The last round comes when all writes that began by the old version are over."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Recalled:
    """A slot that holds older values of the kind a field gets, as `version` declared them."""

    slot: str
    version: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Move:
    """A field (by key) that gets another kind: from which slot its values come, to which they go.

    `version` is the last one that declared the field as `source` holds it, `new` the first one
    that declares it as `target` does.
    """

    key: str
    source: str
    target: str
    version: int
    new: int
    recalled: Recalled | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Retired:
    """A slot that holds values of a kind that its field (by key) does not have any more.

    `version` is the last one that used it.
    """

    slot: str
    key: str
    kind: str
    title: str
    version: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Settling:
    """What is left to do for the tasks since a plan was applied; `after` is the last task seen to.

    `new` is the version that the plan made, at the moment `at`.
    """

    workspace: str
    workflow: str
    uid: str
    new: int
    at: Moment
    moves: tuple[Move, ...] = ()
    round: int = FIRST
    after: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Applied:
    """What a version that comes by a plan changes beside the file.

    `slots` are those of all fields, by key, where they are not the key; `retired` those that this
    version leaves behind. `moves` are left to be settled, which is also to check the tasks anew.
    """

    slots: Mapping[str, str]
    retired: Sequence[Retired] = ()
    moves: Sequence[Move] = ()
    settles: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class Held:
    """A task as far as its values go: as they are stored, by slot.

    `marks` tell by slot from what its value was made; `version` checked the task last.
    """

    id: str
    uid: str | None
    rev: int
    version: int
    values: Mapping[str, object]
    marks: Mapping[str, bytes]


@dataclass(frozen=True, slots=True, kw_only=True)
class Shift:
    """What is to be written into a task, in slots; applies only while `rev` holds.

    It is no write of anybody's: there is no event, and `rev` stays. `stamp` is the version that
    found nothing wrong with the task, `words` are values whose words are to be indexed.
    """

    task: str
    rev: int
    put: Mapping[str, object] = field(default_factory=dict)
    drop: frozenset[str] = frozenset()
    marks: Mapping[str, bytes] = field(default_factory=dict)
    unmark: frozenset[str] = frozenset()
    stamp: int | None = None
    words: Values | None = None

    @property
    def is_empty(self) -> bool:
        """There is nothing to write."""
        written = self.put or self.drop or self.marks or self.unmark
        return not written and self.stamp is None and self.words is None


class ShiftStore(Protocol):
    """The tasks of a workflow, seen as what they hold in which slot."""

    def held(self, workflow: Compiled, after: str | None = None) -> Iterator[Held]:
        """Yield all tasks after the one with this id, by id, in constant memory."""

    def some(self, workflow: Compiled, tasks: Sequence[str]) -> Sequence[Held]:
        """Return those of these tasks, by id, that are there."""

    def shift(self, workflow: Compiled, shifts: Sequence[Shift]) -> bool:
        """Write all that apply; False when some do not, as their tasks were changed or deleted."""

    def count(self, workflow: Compiled, slots: Sequence[str]) -> Mapping[str, int]:
        """Count the tasks that hold something in each of these slots."""

    def purge(self, workflow: Compiled, slot: str) -> None:
        """Remove what all tasks hold in a slot."""
