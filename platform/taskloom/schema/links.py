"""The links of a workflow file to other workflows."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

from taskloom.errors import Fault, Path
from taskloom.fields.base import INVALID
from taskloom.model.rules import Link
from taskloom.schema.properties import BUILT_IN, Sound, alike, is_shown
from taskloom.schema.source import parse
from taskloom.schema.walk import Schema, workflow_part

LINKS: Final[Path] = ("workflow", "links")

_Said = Mapping[str, Any]


def link_faults(document: Schema, sound: Sound) -> Iterator[Fault]:
    """Refuse links that cannot be told from fields or from each other."""
    if not sound(LINKS):
        return
    said: Sequence[_Said] = workflow_part(document, "links", ())
    here = _titles(document)
    there: dict[str, dict[str, str]] = {}
    keys: dict[str, str] = {}
    for position, link in enumerate(said):
        path, holder = (*LINKS, position), f"link {position + 1}"
        yield from _key_faults(path, link, keys)
        # A link within one workflow shows both its names there.
        far = here if link["to"] == document.get("$id") else there.setdefault(link["to"], {})
        for word, names in (("name", here), ("inverse", far)):
            yield from _name_faults((*path, word), link[word], names)
            names.setdefault(alike(link[word]), holder)
        keys.setdefault(link.get("key", link["name"]), holder)


def _key_faults(path: Path, link: _Said, keys: Mapping[str, str]) -> Iterator[Fault]:
    word = "key" if "key" in link else "name"
    holder = keys.get(link[word])
    if holder is not None:
        hint = f"{holder} has it already; give one of them another key"
        yield _fault((*path, word), f"is the key of two links: {link[word]!r}", hint, "duplicate")


def _titles(document: Schema) -> dict[str, str]:
    """Return what names of fields look like, each with the words that say whose it is."""
    fields = document.get("properties")
    if not isinstance(fields, Mapping):
        return {}
    return {
        alike(str(schema.get("title", key))): f"the field {key!r}"
        for key, schema in fields.items()
        if isinstance(schema, Mapping)
    }


def _name_faults(path: Path, name: str, taken: Mapping[str, str]) -> Iterator[Fault]:
    if not is_shown(name):
        yield _fault(path, "must be text that can be seen, without line breaks")
    elif name.lstrip().startswith("_"):
        yield _fault(path, "must not start with '_'", "such names are the platform's own")
    elif alike(name) in BUILT_IN:
        yield _fault(path, f"must not be {alike(name)!r}", "every task has that already")
    elif alike(name) in taken:
        hint = f"{taken[alike(name)]} is called so; give the link another name"
        yield _fault(path, f"is taken: {name!r}", hint, "duplicate")


def _fault(path: Path, message: str, hint: str = "", code: str = INVALID) -> Fault:
    return Fault(path=path, code=code, message=message, hint=hint)


def build_links(document: Schema) -> tuple[Link, ...]:
    """Make the links of a file without faults."""
    return tuple(
        Link(
            key=said.get("key", said["name"]),
            name=said["name"],
            to=said["to"],
            inverse=said["inverse"],
            cardinality=said["cardinality"],
        )
        for said in workflow_part(document, "links", ())
    )


def links_of(source: str) -> tuple[Link, ...]:
    """Read the links of a workflow file that was stored, and so has no faults."""
    document = parse(source).value
    return build_links(document) if isinstance(document, Mapping) else ()
