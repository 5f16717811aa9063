"""Where a JSON Schema holds schemas, and where its local references lead.

A path here is that of the file; a pointer is the `#/…` text that names the same place.
"""

from collections.abc import Callable, Iterator, Mapping
from typing import Any, Final
from urllib.parse import unquote

from taskloom.errors import Path

ONE: Final = frozenset(
    {
        "additionalProperties",
        "contains",
        "else",
        "if",
        "items",
        "not",
        "propertyNames",
        "then",
    }
)
MANY: Final = frozenset({"allOf", "anyOf", "oneOf", "prefixItems"})
NAMED: Final = frozenset({"$defs", "dependentSchemas", "patternProperties", "properties"})
IN_PLACE: Final = frozenset(
    {"allOf", "anyOf", "dependentSchemas", "else", "if", "not", "oneOf", "then"}
)
"""Keywords whose schemas look at the same instance as the schema that holds them."""

DEEPEST: Final = 40
HEAVIEST: Final = 10_000

Schema = Mapping[str, object]
Place = tuple[Path, object]


def workflow_part(document: Schema, name: str, otherwise: Any) -> Any:
    """Return a member of a file's `workflow` keyword, or `otherwise`."""
    workflow = document.get("workflow")
    return workflow.get(name, otherwise) if isinstance(workflow, Mapping) else otherwise


def children(schema: Schema, path: Path) -> Iterator[Place]:
    """Yield the schemas directly inside a schema; what is not shaped like one is left out."""
    for keyword, value in schema.items():
        here = (*path, keyword)
        if keyword in ONE:
            yield here, value
        elif keyword in MANY and isinstance(value, list):
            yield from (((*here, index), part) for index, part in enumerate(value))
        elif keyword in NAMED and isinstance(value, Mapping):
            yield from (((*here, name), part) for name, part in value.items())


def walk(schema: object, path: Path = ()) -> Iterator[tuple[Path, Schema]]:
    """Yield every schema that is an object, the outermost first."""
    if isinstance(schema, Mapping):
        yield path, schema
        for here, part in children(schema, path):
            yield from walk(part, here)


def rewritten(schema: Schema, change: Callable[[object, str], object]) -> dict[str, Any]:
    """Copy a schema with every schema in it changed; `change` gets it and the keyword around it."""
    whole = dict(schema)
    for keyword, value in schema.items():
        if keyword in ONE:
            whole[keyword] = _changed(value, keyword, change)
        elif keyword in MANY and isinstance(value, list):
            whole[keyword] = [_changed(part, keyword, change) for part in value]
        elif keyword in NAMED and isinstance(value, Mapping):
            whole[keyword] = {name: _changed(part, keyword, change) for name, part in value.items()}
    return whole


def _changed(part: object, keyword: str, change: Callable[[object, str], object]) -> object:
    new = change(part, keyword)
    return rewritten(new, change) if isinstance(new, Mapping) else new


def in_place(schema: Schema, path: Path = ()) -> Iterator[tuple[Path, Schema]]:
    """Yield the schema and all inside it that look at the same instance, references left out."""
    yield path, schema
    for here, part in children(schema, path):
        if here[len(path)] in IN_PLACE and isinstance(part, Mapping):
            yield from in_place(part, here)


def pointer(path: Path) -> str:
    """Spell a path as a reference."""
    parts = (str(part).replace("~", "~0").replace("/", "~1") for part in path)
    return "#" + "".join(f"/{part}" for part in parts)


class References:
    """The schemas of one file by pointer; only these can be referred to."""

    def __init__(self, document: Schema) -> None:
        self._schemas = {pointer(path): (path, schema) for path, schema in walk(document)}

    def target(self, reference: object) -> tuple[Path, Schema] | None:
        """Find what a `$ref` leads to, or None where it leads nowhere in this file."""
        if not isinstance(reference, str):
            return None
        return self._schemas.get(unquote(reference))

    def pointers(self) -> tuple[str, ...]:
        """Name everything that can be referred to."""
        return tuple(self._schemas)

    def effective(self, schema: Schema) -> Schema:
        """Merge a property with what it refers to; its own keywords win over those referred to.

        Items are merged likewise.
        """
        whole = self._merged(schema)
        items = whole.get("items")
        return {**whole, "items": self._merged(items)} if isinstance(items, Mapping) else whole

    def _merged(self, schema: Schema) -> Schema:
        whole = dict(schema)
        for _step in range(DEEPEST):
            found = self.target(whole.pop("$ref", None))
            if found is None:
                break
            whole = {**found[1], **whole}
        return whole

    def tangles(self) -> Iterator[tuple[Path, str]]:
        """Yield where references loop without going into the value, or multiply past reason."""
        weights: dict[str, int] = {}
        for start in self._schemas:
            yield from self._weigh(start, [], weights)

    def _weigh(
        self, at: str, trail: list[str], weights: dict[str, int]
    ) -> Iterator[tuple[Path, str]]:
        if at in weights:
            return
        path, schema = self._schemas[at]
        trail.append(at)
        weight = 1
        for where, following in self._following(path, schema):
            if following in trail:
                yield where, "leads back to itself"
            elif len(trail) > DEEPEST:
                yield where, f"leads through more than {DEEPEST} schemas"
            else:
                yield from self._weigh(following, trail, weights)
                weight += weights[following]
        trail.pop()
        if weight > HEAVIEST:
            yield path, f"multiplies to more than {HEAVIEST} schemas for one value"
            weight = 0
        weights[at] = weight

    def _following(self, path: Path, schema: Schema) -> Iterator[tuple[Path, str]]:
        for here, part in children(schema, path):
            if here[len(path)] in IN_PLACE and isinstance(part, Mapping):
                yield here, pointer(here)
        found = self.target(schema.get("$ref"))
        if found is not None:
            yield (*path, "$ref"), pointer(found[0])
