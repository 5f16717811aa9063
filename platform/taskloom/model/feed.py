"""What happened to the tasks of several workflows, as one sequence."""

from dataclasses import dataclass

from taskloom.model.event import Event
from taskloom.model.task import Moment


@dataclass(frozen=True, slots=True, kw_only=True)
class Walk:
    """Where a reader is who goes through all tasks: behind a task of a workflow, by its `uid`.

    Tells of what happened before the moment `until`; the rest is told by a `Stream`.
    """

    until: Moment
    workflow: str = ""
    task: str = "0" * 24


@dataclass(frozen=True, slots=True, kw_only=True)
class Stream:
    """Where a reader is who follows what happens, by the database's own word for the place.

    Leaves out what happened before the moment `since`. An empty `place` is the moment itself.
    """

    place: str = ""
    since: Moment = 0


Mark = Walk | Stream
"""Where a reader of the feed is."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Happening:
    """An event with the workflow (its `uid`) and the task (its id) that it happened to."""

    workflow: str
    task: str
    event: Event


@dataclass(frozen=True, slots=True, kw_only=True)
class Stretch:
    """Some happenings, where the next ones are to be looked for, and whether there are some."""

    happenings: tuple[Happening, ...]
    next: Mark
    more: bool
