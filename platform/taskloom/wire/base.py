"""What a wire dialect is, the registry that finds the dialects, and what all of them share."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Protocol

from flask_smorest import Blueprint

from taskloom.engine.engine import Engine
from taskloom.errors import Fault, Invalid, TaskloomError
from taskloom.registry import Registry
from taskloom.schema.compiled import Compiled, titles_of

Titles = Mapping[str, str]
"""Keys of fields and links, and built-ins, to the names people know them by."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """What a request may measure, sizes in bytes, and the address links begin with (if fixed)."""

    max_body: int
    max_file: int
    max_import: int = 2 * 1024**3
    max_depth: int = 32
    max_items: int = 10_000
    max_keys: int = 1_000
    public_url: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """An error as a dialect spells it; a body of None is no body."""

    status: int
    body: Mapping[str, object] | Sequence[object] | None = None
    headers: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Need:
    """What a dialect needs of a field: to be of one of these kinds, or of any if none is named.

    A field that is not `required` may be missing altogether. `options` are the values that the
    dialect has a word for, where it has such words.
    """

    kinds: frozenset[str] = frozenset()
    required: bool = False
    options: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Needs:
    """What a dialect needs of a workflow: fields by the dialect's names, a stage for each status.

    `fields` names all that may be mapped. `also` are statuses that the dialect knows and can do
    without.
    """

    fields: Mapping[str, Need] = field(default_factory=dict)
    statuses: tuple[str, ...] = ()
    also: tuple[str, ...] = ()


class Dialect(Protocol):
    """One spelling of the engine's use cases; it translates and never decides.

    A dialect is served at fixed addresses or below mounts. `prefixes` are the fixed paths whose
    errors it renders: the longest match wins, "/" is the default. A dialect without prefixes makes
    its blueprints below `mounts.inside(name)` and is served wherever the facade of a workflow
    mounts it, and at `mount` always; `roots` are the paths below a mount that are its own.
    `needs` is what a facade is checked against. `title`, `about` and `error` (the JSON Schema of
    its error bodies) describe it in its API document.
    """

    name: str
    prefixes: Sequence[str] = ()
    mount: str | None = None
    roots: Sequence[str] = ()
    needs: Needs | None = None
    title: str = ""
    about: str = ""
    error: Mapping[str, object] = MappingProxyType({"type": "object"})

    def blueprints(self, engine: Engine, limits: Limits) -> Sequence[Blueprint]:
        """Make the routes."""

    def render(self, error: TaskloomError) -> Answer:
        """Spell an error; every class of error has a status."""


DIALECTS: Registry[Dialect] = Registry("dialect", "taskloom.wire")


@contextmanager
def told_by(names: Callable[[], Titles]) -> Iterator[None]:
    """Let every fault raised inside be told by these names, asked for only if there is one."""
    try:
        yield
    except Invalid as error:
        error.details = {**error.details, "titles": names()}
        raise


def by_title(workflow: Compiled) -> AbstractContextManager[None]:
    """Let every fault raised inside be told by the titles of this workflow."""
    return told_by(lambda: titles_of(workflow))


def titles_told(error: Invalid) -> Titles | None:
    """Return the names that `told_by` left on an error, or None."""
    titles = error.details.get("titles")
    return titles if isinstance(titles, Mapping) else None


def named(fault: Fault, titles: Titles) -> Sequence[str | int]:
    """Return a fault's path with the title in the place of the key; unknown names stay."""
    if not fault.path or fault.code == "unknown":
        return fault.path
    first = str(fault.path[0])
    return (titles.get(first, first), *fault.path[1:])
