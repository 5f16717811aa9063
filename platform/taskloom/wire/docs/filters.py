"""The query parameters of one workflow's lists: a filter for every field and operator."""

from collections.abc import Callable, Iterable, Mapping
from functools import partial
from typing import Any, Final

from taskloom.fields.base import EQUALITY, KINDS, OPERATORS, ORDER
from taskloom.model.workflow import Field
from taskloom.schema.compiled import Compiled
from taskloom.wire.docs.describe import TEXT, parameter
from taskloom.wire.flowdash.naming import ASSIGNED_TO, CREATED_ON, STAGE, UPDATED_ON

Schema = Mapping[str, Any]
Parameters = Mapping[str, Mapping[str, Any]]

_WORDS: Final[Mapping[str, str]] = {
    "eq": "is",
    "ne": "is not, or is unset",
    "gt": "is greater than",
    "gte": "is at least",
    "lt": "is less than",
    "lte": "is at most",
    "in": "is one of these, separated by commas",
    "nin": "is none of these, separated by commas",
    "contains": "contains",
    "startswith": "starts with",
    "exists": "is set (true) or unset (false)",
}
_FLAG: Final = {"type": "string", "enum": ["true", "false"]}
_LOOSE: Final = frozenset({"in", "nin", "contains", "startswith"})
_EQUALITY: Final = "An empty value means that it is unset; given twice, either is right."


def _compared(field: Field) -> Schema:
    """Describe what a field is compared with; a query holds text, so the type is that of text."""
    if field.kind == "checkbox":
        return _FLAG
    if field.options:
        return {"type": "string", "enum": list(field.options)}
    schema = KINDS[field.kind].wire_schema(field)
    if schema.get("type") != "string" or field.unique:
        return TEXT
    return {key: schema[key] for key in ("type", "format", "pattern") if key in schema}


def _typed(schema: Schema, operator: str) -> Schema:
    if operator == "exists":
        return _FLAG
    return TEXT if operator in _LOOSE else schema


def _filters(
    title: str, key: str, operators: Iterable[str], operand: Callable[[str], Schema]
) -> Parameters:
    """Describe the filters of one field or built-in, by component name."""
    found: dict[str, Mapping[str, Any]] = {}
    for operator in sorted(operators, key=OPERATORS.index):
        about = f"{title} {_WORDS[operator]}."
        schema = operand(operator)
        if operator == "eq":
            plain = parameter(title, f"{about} {_EQUALITY}", schema)
            found[key] = {**plain, "allowEmptyValue": True}
        found[f"{key}.{operator}"] = parameter(f"{title}[{operator}]", about, schema)
    return found


def _built_in(compiled: Compiled) -> Parameters:
    names = {"type": "string", "enum": [stage.name for stage in compiled.workflow.stages]}
    email = {"type": "string", "format": "email"}
    offered: tuple[tuple[str, frozenset[str], Schema], ...] = (
        (STAGE, EQUALITY, names),
        (ASSIGNED_TO, EQUALITY, email),
        (CREATED_ON, ORDER, TEXT),
        (UPDATED_ON, ORDER, TEXT),
    )
    found: dict[str, Mapping[str, Any]] = {}
    for title, operators, schema in offered:
        key = "_" + title.replace(" ", "")
        found |= _filters(title, key, operators, partial(_typed, schema))
    return found


def filter_parameters(compiled: Compiled) -> Parameters:
    """Return the component parameters that filter this workflow's lists, by component name.

    A title that looks like another's filter, such as `Price[gt]`, stands for itself.
    """
    found = dict(_built_in(compiled))
    for field in compiled.workflow.fields:
        operators = KINDS[field.kind].operators(field)
        schema = _compared(field)
        found |= _filters(field.title, field.key, operators, partial(_typed, schema))
    by_name = {
        described["name"]: component
        for component, described in sorted(found.items(), key=lambda item: "." not in item[0])
    }
    return {component: found[component] for component in found if component in by_name.values()}
