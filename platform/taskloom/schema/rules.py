"""What a workflow file may say in JSON Schema: keywords, patterns, references and field names."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Final

from taskloom.errors import Fault, Path
from taskloom.fields.base import INVALID, KINDS
from taskloom.schema.hints import TYPO, did_you_mean
from taskloom.schema.meta import FIELD_KEYWORDS, FILE_KEYWORDS, KEYWORDS
from taskloom.schema.patterns import BadPattern, compiled
from taskloom.schema.walk import References, Schema, in_place, walk

UNKNOWN: Final = "unknown"

REFUSED: Final = {
    "$anchor": "name it in $defs and refer to #/$defs/name",
    "$dynamicAnchor": "name it in $defs and refer to #/$defs/name",
    "$dynamicRef": "use $ref",
    "$id": "only the file itself has one",
    "$recursiveAnchor": "use $ref",
    "$recursiveRef": "use $ref",
    "$schema": "only the file itself has one",
    "$vocabulary": "leave it out",
    "additionalItems": "use prefixItems and items",
    "contentSchema": "leave it out",
    "definitions": "name it $defs",
    "dependencies": "use dependentRequired or dependentSchemas",
    "unevaluatedItems": 'use prefixItems with "items": false',
    "unevaluatedProperties": "use additionalProperties",
}
"""Keywords that are not read, by what to do instead."""


def keyword_faults(document: Schema) -> Iterator[Fault]:
    """Refuse keywords that are not read here, and those that look like a slip of the pen.

    Other unknown keywords are remarks, as JSON Schema has it.
    """
    known = {*KEYWORDS, *FIELD_KEYWORDS, *_keywords_of_kinds()}
    for path, schema in walk(document):
        allowed = known if path else {*known, *FILE_KEYWORDS}
        for keyword in (word for word in schema if word not in allowed):
            if keyword in REFUSED:
                yield _fault((*path, keyword), "is not read here", REFUSED[keyword])
            elif hint := did_you_mean(keyword, allowed, TYPO):
                yield _fault((*path, keyword), "is not a keyword", hint)


def _keywords_of_kinds() -> Iterator[str]:
    for kind in KINDS.members().values():
        for example in kind.examples:
            yield from example.schema


def pattern_faults(document: Schema) -> Iterator[Fault]:
    """Refuse patterns that the linear-time engine cannot run."""
    for path, schema in walk(document):
        pattern = schema.get("pattern")
        if isinstance(pattern, str):
            yield from _of_pattern((*path, "pattern"), pattern)
        names = schema.get("patternProperties")
        for name in names if isinstance(names, Mapping) else ():
            yield from _of_pattern((*path, "patternProperties", name), name)


def _of_pattern(path: Path, pattern: str) -> Iterator[Fault]:
    try:
        compiled(pattern)
    except BadPattern as fault:
        yield _fault(path, str(fault), fault.hint)


def reference_faults(document: Schema) -> Iterator[Fault]:
    """Refuse references that lead nowhere in this file, or round in a circle."""
    references = References(document)
    for path, schema in walk(document):
        name = schema.get("$ref")
        if isinstance(name, str) and name.startswith("#") and references.target(name) is None:
            hint = did_you_mean(name, references.pointers())
            yield _fault((*path, "$ref"), f"leads nowhere: there is no {name!r}", hint)
    for path, message in references.tangles():
        yield _fault(path, message)


def name_faults(document: Schema) -> Iterator[Fault]:
    """Refuse rules about fields that the workflow does not have."""
    fields = document.get("properties")
    if not isinstance(fields, Mapping):
        return
    for path, schema in in_place(document):
        for where, name in _names(schema):
            if name not in fields:
                yield no_field((*path, *where), name, fields)


def _names(schema: Schema) -> Iterator[tuple[Path, str]]:
    yield from _listed(("required",), schema.get("required"))
    for keyword in ("dependentRequired", "dependentSchemas", "properties"):
        members = schema.get(keyword)
        for name, value in members.items() if isinstance(members, Mapping) else ():
            yield (keyword, name), name
            if keyword == "dependentRequired":
                yield from _listed((keyword, name), value)


def _listed(path: Path, names: object) -> Iterator[tuple[Path, str]]:
    if isinstance(names, Sequence) and not isinstance(names, str):
        for position, name in enumerate(names):
            if isinstance(name, str):
                yield (*path, position), name


def no_field(path: Path, name: str, fields: Mapping[str, object]) -> Fault:
    """Say that a name is no field key, and which one it may have meant."""
    keys = {key: key for key in fields}
    titles = {
        str(schema.get("title")): key
        for key, schema in fields.items()
        if isinstance(schema, Mapping)
    }
    hint = f"its key is {titles[name]!r}" if name in titles else did_you_mean(name, keys)
    return Fault(path=path, code=UNKNOWN, message=f"names no field: {name!r}", hint=hint)


def _fault(path: Path, message: str, hint: str = "") -> Fault:
    return Fault(path=path, code=INVALID, message=message, hint=hint)
