"""Validation errors as faults that people can act on: a path, a code, a sentence, a hint."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from decimal import Decimal
from itertools import groupby
from typing import Any, Final

from jsonschema.exceptions import ValidationError

from taskloom.errors import Fault, Path
from taskloom.fields.base import BLANK, INVALID
from taskloom.schema.formats import WANTED
from taskloom.schema.hints import did_you_mean

MISSING: Final = "can't be blank"
MOST_SHOWN: Final = 20

_TYPES: Final = {
    "array": "a list",
    "boolean": "true or false",
    "integer": "a whole number",
    "null": "null",
    "number": "a number",
    "object": "an object",
    "string": "text",
}


def shown(value: object) -> str:
    """Write a value of a schema as people write it."""
    if isinstance(value, Decimal):
        text = format(value, "f")
        return text if len(text) <= MOST_SHOWN else str(value)
    if isinstance(value, bool) or value is None:
        return {True: "true", False: "false", None: "null"}[value]
    return str(value)


def _listed(values: Sequence[object]) -> str:
    more = ", …" if len(values) > MOST_SHOWN else ""
    return ", ".join(shown(value) for value in values[:MOST_SHOWN]) + more


def _counted(number: object, noun: str) -> str:
    if number == 1:
        return f"1 {noun}"
    return f"{shown(number)} {'entries' if noun == 'entry' else f'{noun}s'}"


def _type(value: Any) -> str:
    names = [value] if isinstance(value, str) else list(value)
    return "must be " + " or ".join(_TYPES[name] for name in names)


def _multiple(value: Any) -> tuple[str, str]:
    _sign, digits, exponent = Decimal(value).normalize().as_tuple()
    if digits == (1,) and isinstance(exponent, int) and exponent < 0:
        return "too_precise", f"must have at most {_counted(-exponent, 'decimal place')}"
    return INVALID, f"must be a multiple of {shown(value)}"


def _is_of_files(schema: Any) -> bool:
    items = schema.get("items")
    return isinstance(items, Mapping) and items.get("format") == "file"


def _most_items(error: ValidationError) -> tuple[str, str]:
    if _is_of_files(error.schema):
        return "too_many_files", f"must have at most {_counted(error.validator_value, 'file')}"
    return "too_many", f"must have at most {_counted(error.validator_value, 'entry')}"


def _not(error: ValidationError) -> tuple[str, str]:
    refused: Any = error.validator_value
    names = refused.get("required", ()) if isinstance(refused, Mapping) else ()
    if len(names) > 1:
        return INVALID, f"cannot be given together with {_listed(names[1:])}"
    if names and "properties" not in refused:
        return INVALID, "must stay empty"
    return INVALID, "is not allowed here"


Wording = Callable[[Any], tuple[str, str]]

_BY_VALUE: Final[Mapping[str, Wording]] = {
    "const": lambda v: (INVALID, f"must be {shown(v)}"),
    "enum": lambda v: (INVALID, f"must be one of: {_listed(v)}"),
    "exclusiveMaximum": lambda v: ("out_of_range", f"must be less than {shown(v)}"),
    "exclusiveMinimum": lambda v: ("out_of_range", f"must be greater than {shown(v)}"),
    "format": lambda v: (INVALID, WANTED[v]),
    "maxContains": lambda v: ("too_many", f"has more than {_counted(v, 'entry')} of a kind"),
    "maxLength": lambda v: ("too_long", f"must have at most {_counted(v, 'character')}"),
    "maxProperties": lambda v: ("too_many", f"must have at most {_counted(v, 'entry')}"),
    "maximum": lambda v: ("out_of_range", f"must be at most {shown(v)}"),
    "minContains": lambda v: ("too_few", f"must have {_counted(v, 'entry')} of a kind or more"),
    "minItems": lambda v: ("too_few", f"must have at least {_counted(v, 'entry')}"),
    "minLength": lambda v: ("too_short", f"must have at least {_counted(v, 'character')}"),
    "minProperties": lambda v: ("too_few", f"must have at least {_counted(v, 'entry')}"),
    "minimum": lambda v: ("out_of_range", f"must be at least {shown(v)}"),
    "multipleOf": _multiple,
    "pattern": lambda v: (INVALID, f"must match the pattern {v}"),
    "type": lambda v: (INVALID, _type(v)),
}

_FIXED: Final[Mapping[str, tuple[str, str]]] = {
    "additionalProperties": ("unknown", "is not known"),
    "anyOf": (INVALID, "follows none of the alternatives"),
    "contains": (INVALID, "lacks an entry that it must have"),
    "dependentRequired": (BLANK, MISSING),
    "items": ("too_many", "has more entries than are allowed"),
    "oneOf": (INVALID, "must follow exactly one of the alternatives"),
    "required": (BLANK, MISSING),
    "uniqueItems": ("duplicate", "must not hold the same entry twice"),
}

_OWN_WORDS: Final[Mapping[str, str]] = {
    "pattern": "patternErrorMessage",
    **dict.fromkeys(("anyOf", "const", "enum", "not", "oneOf", "type"), "errorMessage"),
}
"""Where a schema may say in its own words what people read."""

_BY_ERROR: Final[Mapping[str, Callable[[ValidationError], tuple[str, str]]]] = {
    "maxItems": _most_items,
    "not": _not,
}


def _worded(error: ValidationError) -> tuple[str, str]:
    keyword = str(error.validator)
    if keyword in _BY_VALUE:
        return _BY_VALUE[keyword](error.validator_value)
    if keyword in _BY_ERROR:
        return _BY_ERROR[keyword](error)
    return _FIXED.get(keyword, (INVALID, "is not allowed here"))


def _own_words(error: ValidationError) -> str | None:
    schema: Any = error.schema
    keyword = _OWN_WORDS.get(str(error.validator))
    words = schema.get(keyword)
    return words if isinstance(words, str) else None


def _path(error: ValidationError) -> Path:
    path = tuple(error.absolute_path)
    refused = error.validator_value if error.validator == "not" else None
    if not isinstance(refused, Mapping) or not isinstance(error.instance, Mapping):
        return path
    return (*path, *[*refused.get("required", ()), *refused.get("properties", ())][:1])


def _hint(error: ValidationError) -> str:
    value: Any = error.validator_value
    if error.validator == "enum":
        return did_you_mean(error.instance, [option for option in value if isinstance(option, str)])
    schema: Any = error.schema
    if error.validator == "additionalProperties":
        return did_you_mean(error.absolute_path[-1], schema.get("properties", ()))
    return ""


def _fault(error: ValidationError) -> Fault:
    code, message = _worded(error)
    return Fault(
        path=_path(error), code=code, message=_own_words(error) or message, hint=_hint(error)
    )


def _branches(error: ValidationError) -> list[list[ValidationError]]:
    groups = groupby(error.context or (), key=lambda part: part.relative_schema_path[0])
    return [list(group) for _index, group in groups]


def _is_stranger(branch: Sequence[ValidationError]) -> bool:
    """Tell whether a branch is meant for another type of value altogether."""
    return any(not part.relative_path and _is_of_another_type(part) for part in branch)


def _is_of_another_type(part: ValidationError) -> bool:
    wanted: Any = part.validator_value
    if part.validator in ("const", "enum"):
        options = wanted if part.validator == "enum" else [wanted]
        return all(type(option) is not type(part.instance) for option in options)
    return part.validator == "type"


def _alternatives(error: ValidationError) -> Iterator[Fault]:
    branches = _branches(error)
    related = [branch for branch in branches if not _is_stranger(branch)]
    if not related:
        yield _of_strangers(error, branches)
        return
    nearest = min(related, key=len)
    if _own_words(error) and not any(part.relative_path for part in nearest):
        yield _fault(error)
        return
    others = [branch[0].absolute_path[-1] for branch in related if _is_only_missing(branch)]
    for fault in faults(nearest):
        rest = [str(name) for name in others if fault.path[-1:] != (name,)]
        is_choice = fault.code == BLANK and _is_only_missing(nearest) and rest
        yield replace(fault, hint=f"or give {' or '.join(rest)}") if is_choice else fault


def _is_only_missing(branch: Sequence[ValidationError]) -> bool:
    return len(branch) == 1 and branch[0].validator == "required"


def _of_strangers(error: ValidationError, branches: Sequence[Sequence[ValidationError]]) -> Fault:
    wordings = dict.fromkeys(_fault(branch[0]).message for branch in branches)
    whole = replace(_fault(error), hint="")
    if _own_words(error) or not wordings:
        return whole
    return replace(whole, message=", or ".join(wordings))


def faults(errors: Iterable[ValidationError]) -> list[Fault]:
    """Turn errors into faults, each once; alternatives are told by the one that came nearest."""
    found: dict[Fault, None] = {}
    for error in errors:
        if error.validator in ("anyOf", "oneOf"):
            found.update(dict.fromkeys(_alternatives(error)))
        else:
            found[_fault(error)] = None
    return list(found)
