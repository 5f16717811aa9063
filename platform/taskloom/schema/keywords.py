"""JSON Schema 2020-12 in Python where the library's own keywords are not exact enough.

Patterns run in RE2, numbers are compared as the exact decimals they are, `true` is not 1, formats
are asserted, and a missing or surplus member is told under its own path.
"""

from collections.abc import Callable, Iterator, Mapping
from decimal import Decimal
from typing import Any, Final

from jsonschema import Draft202012Validator, TypeChecker
from jsonschema.exceptions import ValidationError
from jsonschema.protocols import Validator
from jsonschema.validators import extend

from taskloom.schema.formats import FORMATS
from taskloom.schema.patterns import compiled
from taskloom.schema.walk import Schema, rewritten

Errors = Iterator[ValidationError]


def identity(value: object) -> object:
    """Return a hashable stand-in that is equal for values that JSON Schema calls equal."""
    if isinstance(value, bool) or value is None:
        return ("word", value)
    if isinstance(value, str):
        return ("text", value)
    if isinstance(value, Mapping):
        return ("object", frozenset((key, identity(part)) for key, part in value.items()))
    if isinstance(value, list | tuple):
        return ("list", tuple(identity(part) for part in value))
    return ("number", value)


def is_whole(value: object) -> bool:
    """Tell whether a value is a whole number, written with or without a fraction part."""
    if isinstance(value, Decimal):
        return value.is_finite() and value == value.to_integral_value()
    return isinstance(value, int) and not isinstance(value, bool)


def is_number(value: object) -> bool:
    """Tell whether a value is a number that JSON can write."""
    if isinstance(value, Decimal):
        return value.is_finite()
    return isinstance(value, int) and not isinstance(value, bool)


def _scaled(value: int | Decimal) -> tuple[int, int]:
    sign, digits, exponent = Decimal(value).as_tuple()
    whole = int("".join(map(str, digits)))
    return (-whole if sign else whole), int(exponent)


def is_multiple(value: int | Decimal, of: int | Decimal) -> bool:
    """Tell exactly whether `value` is a multiple of `of`; cheap for any exponent."""
    left, left_exponent = _scaled(value)
    right, right_exponent = _scaled(of)
    shift = left_exponent - right_exponent
    if shift >= 0:
        return left * pow(10, shift, right) % right == 0
    while shift < 0 and left % 10 == 0 and left:
        left //= 10
        shift += 1
    return left == 0 or (shift == 0 and left % right == 0)


def _pattern(_validator: Any, pattern: str, instance: object, _schema: object) -> Errors:
    if isinstance(instance, str) and not compiled(pattern)(instance):
        yield ValidationError("does not match")


def _format(_validator: Any, name: str, instance: object, _schema: object) -> Errors:
    holds = FORMATS.get(name)
    if holds and isinstance(instance, str) and not holds(instance):
        yield ValidationError("does not have the format")


def _multiple(_validator: Any, of: Any, instance: Any, _schema: object) -> Errors:
    if is_number(instance) and not is_multiple(instance, of):
        yield ValidationError("is not a multiple")


def _enum(_validator: Any, options: list[object], instance: object, _schema: object) -> Errors:
    if identity(instance) not in {identity(option) for option in options}:
        yield ValidationError("is no option")


def _const(_validator: Any, wanted: object, instance: object, _schema: object) -> Errors:
    if identity(instance) != identity(wanted):
        yield ValidationError("is another value")


def _unique(_validator: Any, unique: bool, instance: object, _schema: object) -> Errors:  # noqa: FBT001 - the keyword's value
    if unique and isinstance(instance, list | tuple):
        seen = {identity(item) for item in instance}
        if len(seen) < len(instance):
            yield ValidationError("holds an item twice")


def _required(_validator: Any, names: list[str], instance: object, _schema: object) -> Errors:
    if isinstance(instance, Mapping):
        for name in names:
            if name not in instance:
                yield ValidationError("is missing", path=(name,))


def _dependent(
    _validator: Any, names: Mapping[str, list[str]], instance: object, _schema: object
) -> Errors:
    if isinstance(instance, Mapping):
        for trigger, needed in names.items():
            for name in needed if trigger in instance else ():
                if name not in instance:
                    yield ValidationError("is missing", path=(name,))


def _matching(
    validator: Any, patterns: Mapping[str, object], instance: object, _schema: object
) -> Errors:
    if isinstance(instance, Mapping):
        for pattern, schema in patterns.items():
            occurs = compiled(pattern)
            for name, value in instance.items():
                if occurs(name):
                    yield from validator.descend(value, schema, path=name, schema_path=pattern)


def _additional(
    validator: Any, allowed: object, instance: object, schema: Mapping[str, Any]
) -> Errors:
    if not isinstance(instance, Mapping):
        return
    patterns = [compiled(pattern) for pattern in schema.get("patternProperties", {})]
    for name, value in instance.items():
        if name in schema.get("properties", {}) or any(occurs(name) for occurs in patterns):
            continue
        if allowed is False:
            yield ValidationError("is not known", path=(name,))
        else:
            yield from validator.descend(value, allowed, path=name)


def _names(validator: Any, schema: object, instance: object, _schema: object) -> Errors:
    if isinstance(instance, Mapping):
        for name in instance:
            yield from validator.descend(name, schema, path=name)


def _told(part: object, keyword: str) -> object:
    is_mute = part is False and keyword not in ("additionalProperties", "items")
    return {"not": {}} if is_mute else part


def spelt_out(schema: Schema) -> dict[str, Any]:
    """Write each `false` inside a schema as `{"not": {}}`, whose errors keep their paths."""
    return rewritten(schema, _told)


_KEYWORDS: Final[Mapping[str, Callable[[Any, Any, Any, Any], Errors]]] = {
    "additionalProperties": _additional,
    "const": _const,
    "dependentRequired": _dependent,
    "enum": _enum,
    "format": _format,
    "multipleOf": _multiple,
    "pattern": _pattern,
    "patternProperties": _matching,
    "propertyNames": _names,
    "required": _required,
    "uniqueItems": _unique,
}


def _types() -> TypeChecker:
    standard: TypeChecker = Draft202012Validator.TYPE_CHECKER
    return standard.redefine_many(
        {
            "array": lambda _checker, value: isinstance(value, list | tuple),
            "integer": lambda _checker, value: is_whole(value),
            "number": lambda _checker, value: is_number(value),
            "object": lambda _checker, value: isinstance(value, Mapping),
        }
    )


ExactValidator: Final[type[Validator]] = extend(  # type: ignore[no-untyped-call] # so in the stubs
    Draft202012Validator, dict(_KEYWORDS), type_checker=_types()
)
"""The validator class that finds every error; slower than the one that only gives a verdict."""
