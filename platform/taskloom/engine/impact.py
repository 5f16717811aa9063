"""What a new version would make of the tasks there are, found out by looking at them one by one."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

from taskloom.engine.converting import Route, converted
from taskloom.engine.shifts import Held
from taskloom.errors import Fault, Path
from taskloom.fields.base import People
from taskloom.model.task import Task
from taskloom.schema.compiled import Compiled

MOST_NAMED: Final = 20
"""So many tasks or values of one sort are told, of however many there are."""

MOST_SORTS: Final = 200
_LONGEST: Final = 200
_OTHERS: Final[tuple[Path, str]] = ((), "break other rules")


@dataclass(slots=True, kw_only=True)
class Breaking:
    """A rule (by its place in the file) that tasks would break which do not break it now.

    `tasks` are the first of them: their unique IDs, or ids where there are none.
    """

    path: Path
    message: str
    count: int = 0
    tasks: list[str] = field(default_factory=list)


@dataclass(frozen=True, slots=True, kw_only=True)
class Example:
    """A task, by its unique ID or id, with a value as it was shown so far."""

    task: str
    value: object


@dataclass(slots=True, kw_only=True)
class Conversion:
    """A field (by title) whose kind changes: how many values convert, and how many do not.

    Those that do not are kept aside. `examples` are some of them.
    """

    title: str
    old: str
    new: str
    converted: int = 0
    kept: int = 0
    examples: list[Example] = field(default_factory=list)


@dataclass(slots=True, kw_only=True)
class Removed:
    """A field, by title, that is removed, and how many tasks hold a value of it."""

    title: str
    key: str
    count: int = 0


class Impact:
    """Gathers what becomes of tasks; memory does not grow with them."""

    def __init__(
        self, old: Compiled, new: Compiled, routes: Sequence[Route], people: People
    ) -> None:
        self._old = old
        self._new = new
        self._routes = routes
        self._people = people
        self._breaking: dict[tuple[Path, str], Breaking] = {}
        self.conversions = {
            route.move.key: Conversion(
                title=new.fields[route.move.key].title,
                old=route.old.kind,
                new=new.fields[route.move.key].kind,
            )
            for route in routes
        }
        self.removed = {
            key: Removed(title=gone.title, key=key)
            for key, gone in old.fields.items()
            if key not in new.fields
        }

    @property
    def breaking(self) -> list[Breaking]:
        """The rules that would be broken, by place."""
        return list(self._breaking.values())

    def add(self, held: Held) -> None:
        """Take a task into account."""
        for key, gone in self.removed.items():
            gone.count += self._old.slot(key) in held.values
        after = converted(self._routes, held.values, self._people)
        for route in self._routes:
            self._convert(route, held, after)
        faults = self._new.check(self._new.unpack(after))
        if faults:
            self._break(held, faults)

    def _convert(self, route: Route, held: Held, after: Mapping[str, object]) -> None:
        conversion = self.conversions[route.move.key]
        if route.move.source not in held.values:
            return
        if route.move.target in after:
            conversion.converted += 1
            return
        conversion.kept += 1
        if len(conversion.examples) < MOST_NAMED:
            value = route.shown(held.values[route.move.source], self._people)
            conversion.examples.append(Example(task=_name(held), value=_shortened(value)))

    def _break(self, held: Held, faults: Sequence[Fault]) -> None:
        known = self._old.check(self._old.unpack(held.values))
        before = {(fault.path, fault.code) for fault in known}
        told = {
            self._place(fault): None for fault in faults if (fault.path, fault.code) not in before
        }
        for place in told:
            rule = self._rule(place)
            rule.count += 1
            if len(rule.tasks) < MOST_NAMED:
                rule.tasks.append(_name(held))

    def _rule(self, place: tuple[Path, str]) -> Breaking:
        if place not in self._breaking and len(self._breaking) >= MOST_SORTS:
            place = _OTHERS
        path, message = place
        return self._breaking.setdefault(place, Breaking(path=path, message=message))

    def _place(self, fault: Fault) -> tuple[Path, str]:
        key = fault.path[0] if fault.path else None
        if not isinstance(key, str) or key not in self._new.fields:
            return (), fault.message
        title = self._new.fields[key].title
        within = " (in a part of it)" if len(fault.path) > 1 else ""
        return ("properties", key), f"{title} {fault.message}{within}"


def name_of(task: Task) -> str:
    """Name a task for people."""
    return task.uid or task.id


def _name(held: Held) -> str:
    return held.uid or held.id


def _shortened(value: object) -> object:
    text = value if isinstance(value, str) else repr(value)
    if len(text) <= _LONGEST:
        return value
    return f"{text[:_LONGEST]} …"
