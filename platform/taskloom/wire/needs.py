"""Whether a workflow gives its facades what their dialects need, and whether the mounts are free.

The engine asks at every push, and `taskloom workflow check` without any server.
"""

from collections.abc import Iterable, Iterator
from typing import Final

from taskloom.errors import Fault, Path
from taskloom.fields.base import INVALID
from taskloom.model.rules import Facade
from taskloom.model.workflow import Workflow
from taskloom.schema.hints import did_you_mean
from taskloom.wire.base import DIALECTS, Dialect, Need, Needs
from taskloom.wire.mounts import (
    FIXED,
    Table,
    default_mounts,
    is_below,
    is_mounted,
    prefix_of,
    served,
)

_NONE: Final[Table] = {}


def facade_faults_of(workflow: Workflow, mounts: Table = _NONE) -> list[Fault]:
    """Tell all that speaks against the facades of a workflow; `mounts` are those of others."""
    return [
        fault
        for position, facade in enumerate(workflow.facades)
        for fault in _faults(("workflow", "facade", position), facade, workflow, mounts)
    ]


def _faults(path: Path, facade: Facade, workflow: Workflow, mounts: Table) -> Iterator[Fault]:
    known = {name: each for name, each in DIALECTS.members().items() if is_mounted(each)}
    dialect = known.get(facade.dialect)
    if dialect is None:
        hint = (
            did_you_mean(facade.dialect, known) or f"the dialects are: {', '.join(sorted(known))}"
        )
        message = f"names no dialect that is mounted: {facade.dialect!r}"
        yield Fault(path=(*path, "dialect"), code="unknown", message=message, hint=hint)
        return
    taken = _taken(facade.mount, dialect, {**served(mounts), **default_mounts()})
    if taken is not None:
        hint = "choose another mount"
        yield Fault(path=(*path, "mount"), code="taken", message=taken, hint=hint)
    if dialect.needs is not None:
        yield from _Fitting(path, facade, workflow, dialect.needs).faults()


def _taken(mount: str, dialect: Dialect, mounts: Table) -> str | None:
    """Say what has a mount, or what is below it, already."""
    if is_below(mount, FIXED):
        return f"is an address of the server itself: {mount!r}"
    there = default_mounts().get(mount, dialect.name)
    if there != dialect.name:
        return f"is where this server speaks {there}: {mount!r}"
    for other, name in mounts.items():
        if _is_root(mount, other, DIALECTS[name]) or _is_root(other, mount, dialect):
            return f"collides with the addresses of {name} at {other!r}: {mount!r}"
    return None


def _is_root(path: str, mount: str, dialect: Dialect) -> bool:
    """Tell whether a path is an address of a dialect at a mount, but not the mount itself."""
    below = prefix_of(mount)
    return path != mount and is_below(path, [below + root for root in dialect.roots])


class _Fitting:
    """Holds one facade against the needs of its dialect."""

    def __init__(self, path: Path, facade: Facade, workflow: Workflow, needs: Needs) -> None:
        self._path = path
        self._facade = facade
        self._workflow = workflow
        self._needs = needs
        self._stages = {stage.name for stage in workflow.stages}

    def faults(self) -> Iterator[Fault]:
        """Tell everything that is missing, does not fit, or means nothing to the dialect."""
        fields = {field.key: field for field in self._workflow.fields}
        for name, need in self._needs.fields.items():
            field = fields.get(self._facade.fields.get(name, name))
            if field is None and need.required:
                remedy = f'add a field {name!r}, or map one: "fields": {{"{name}": "its key"}}'
                yield self._fault(("fields",), self._needed(name, need), remedy)
            elif field is not None and need.kinds and field.kind not in need.kinds:
                message = f"{self._needed(name, need)}: {field.key!r} is of kind {field.kind}"
                hint = f'map a field that is: "fields": {{"{name}": "its key"}}'
                yield self._fault(("fields", name), message, hint)
        for status in self._needs.statuses:
            if status not in self._facade.stages and status not in self._stages:
                hint = f'map it: "status": {{"{status}": "a stage"}}'
                yield self._fault(("status",), f"has no stage for {status!r}", hint)
        yield from self._unknown_names()

    def _needed(self, name: str, need: Need) -> str:
        kinds = f" of kind {' or '.join(sorted(need.kinds))}" if need.kinds else ""
        return f"{self._facade.dialect} needs a field for {name!r}{kinds}"

    def _unknown_names(self) -> Iterator[Fault]:
        facade, needs = self._facade, self._needs
        yield from self._unknown(("fields",), facade.fields, needs.fields)
        yield from self._unknown(("values",), facade.values, needs.fields)
        yield from self._unknown(("status",), facade.stages, (*needs.statuses, *needs.also))
        for name, values in facade.values.items():
            need = needs.fields.get(name, Need())
            yield from self._unknown(("values", name), values, need.options)

    def _unknown(self, place: Path, said: Iterable[str], known: Iterable[str]) -> Iterator[Fault]:
        """Refuse words that the dialect does not have; one that names none takes any."""
        words = tuple(known)
        for word in said:
            if words and word not in words:
                hint = did_you_mean(word, words) or f"there are: {', '.join(map(repr, words))}"
                message = f"is no word of {self._facade.dialect}: {word!r}"
                yield self._fault((*place, word), message, hint)

    def _fault(self, place: Path, message: str, hint: str) -> Fault:
        return Fault(path=(*self._path, *place), code=INVALID, message=message, hint=hint)
