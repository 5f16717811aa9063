"""A workflow without the fields that a role does not see, and without what tells of them."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any, Final, cast

from taskloom.fields.structure import pack
from taskloom.model.values import Json
from taskloom.model.workflow import Field, Workflow
from taskloom.schema.walk import Schema, walk

_PARTS: Final = ("uniqueId", "stages", "transitions", "unknown", "assignees")
_PLAIN: Final = ("$schema", "$id", "title", "description", "type", "workflow", "$defs")
_RULES: Final = frozenset(
    {
        "allOf",
        "anyOf",
        "dependentRequired",
        "dependentSchemas",
        "else",
        "if",
        "not",
        "oneOf",
        "patternProperties",
        "propertyNames",
        "then",
    }
)
"""Keywords of a file that may speak of several fields; others than these are left out."""

_CONDITIONAL: Final = frozenset({"if", "then", "else"})


def redacted(workflow: Workflow, hidden: Collection[str]) -> Workflow:
    """Leave out fields by key; rules that name one go as a whole, and so do roles and facades."""
    fields = tuple(field for field in workflow.fields if field.key not in hidden)
    schema = _schema(workflow.schema, fields, hidden)
    return replace(
        workflow,
        source=pack(cast(Json, schema)),
        schema=schema,
        fields=fields,
        stages=tuple(
            replace(stage, require=tuple(key for key in stage.require if key not in hidden))
            for stage in workflow.stages
        ),
        lists=tuple(
            each
            for each in workflow.lists
            if not {*each.filter, *each.sorted_by}.intersection(hidden)
        ),
        search=tuple(key for key in workflow.search if key not in hidden),
    )


def _schema(document: Schema, fields: Sequence[Field], hidden: Collection[str]) -> dict[str, Any]:
    """Write the file anew; of a conditional rule all parts go, or none."""
    telling = {word for word in _RULES & document.keys() if _tells(document[word], hidden)}
    if telling & _CONDITIONAL:
        telling |= _CONDITIONAL
    kept: dict[str, Any] = {
        key: part
        for key, part in document.items()
        if key in _PLAIN or (key in _RULES and key not in telling)
    }
    kept["properties"] = {field.key: field.schema for field in fields}
    kept["required"] = [field.key for field in fields if field.required]
    if "workflow" in kept:
        kept["workflow"] = _workflow(kept["workflow"], hidden)
    if "$defs" in kept:
        kept["$defs"] = _reached(kept)
    return kept


def _tells(rule: object, hidden: Collection[str]) -> bool:
    """Tell whether a name or a text anywhere in a rule is the key of a hidden field."""
    return any(text in hidden for text in _texts(rule))


def _texts(part: object) -> Iterator[str]:
    if isinstance(part, str):
        yield part
    elif isinstance(part, Mapping):
        for key, value in part.items():
            yield key
            yield from _texts(value)
    elif isinstance(part, list):
        for value in part:
            yield from _texts(value)


def _workflow(said: Mapping[str, Any], hidden: Collection[str]) -> dict[str, Any]:
    kept = {name: said[name] for name in _PARTS if name in said}
    if "stages" in kept:
        kept["stages"] = [_stage(stage, hidden) for stage in kept["stages"]]
    if "sections" in said:
        kept["sections"] = list(_sections(said["sections"], hidden))
    return kept


def _sections(
    said: Sequence[Mapping[str, Any]], hidden: Collection[str]
) -> Iterator[Mapping[str, Any]]:
    """Leave out hidden fields, and sections of nothing else or whose condition tells of one."""
    for section in said:
        fields = [key for key in section["fields"] if key not in hidden]
        if fields and not _tells(section.get("show"), hidden):
            yield {**section, "fields": fields}


def _stage(stage: Mapping[str, Any], hidden: Collection[str]) -> Mapping[str, Any]:
    if "require" not in stage:
        return stage
    return {**stage, "require": [key for key in stage["require"] if key not in hidden]}


def _reached(document: Mapping[str, Any]) -> dict[str, Any]:
    """Keep the definitions that the rest of the file still refers to, if only by way of others."""
    definitions: Mapping[str, Any] = document["$defs"]
    rest = {key: part for key, part in document.items() if key != "$defs"}
    sections = document.get("workflow", {}).get("sections", ())
    parts = (rest, *(section.get("show") for section in sections))
    reached = {name for part in parts for name in _named(part, definitions)}
    waiting = list(reached)
    while waiting:
        found = set(_named(definitions[waiting.pop()], definitions)) - reached
        reached |= found
        waiting += found
    return {name: part for name, part in definitions.items() if name in reached}


def _named(schema: object, definitions: Collection[str]) -> Iterator[str]:
    for _path, part in walk(schema):
        reference = str(part.get("$ref", ""))
        yield from (name for name in definitions if _leads_to(reference, name))


def _leads_to(reference: str, name: str) -> bool:
    start = f"#/$defs/{name}"
    return reference == start or reference.startswith(f"{start}/")
