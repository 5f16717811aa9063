"""A task's values against the workflow's JSON Schema: a fast verdict, then readable faults."""

from collections.abc import Callable, Mapping, Sequence
from decimal import Decimal
from operator import ge, gt, le, lt
from typing import Any, Final

import jsonschema_rs

from taskloom.errors import Fault
from taskloom.fields.base import BLANK
from taskloom.model.values import Values
from taskloom.schema.formats import OWN
from taskloom.schema.keywords import ExactValidator, is_multiple, is_number, spelt_out
from taskloom.schema.messages import MISSING, faults
from taskloom.schema.patterns import compiled
from taskloom.schema.walk import Schema, rewritten, walk

Check = Callable[[Values], Sequence[Fault]]

_NO_ASSERTIONS: Final = frozenset(
    {"$id", "$schema", "additionalProperties", "unevaluatedProperties", "workflow"}
)


class _Pattern:
    """The keyword `pattern` for the fast validator, run by RE2."""

    def __init__(self, _schema: object, pattern: str, _path: object) -> None:
        self._occurs = compiled(pattern)

    def validate(self, instance: object) -> None:
        """Raise ValueError when the pattern does not occur."""
        if isinstance(instance, str) and not self._occurs(instance):
            raise ValueError


class _Number:
    """A rule for numbers that the fast validator would round; its value is the number's text."""

    holds: Callable[[Any, Decimal], bool]

    def __init__(self, _schema: object, number: str, _path: object) -> None:
        self._number = Decimal(number)

    def validate(self, instance: object) -> None:
        """Raise ValueError when the rule does not hold."""
        if is_number(instance) and not type(self).holds(instance, self._number):
            raise ValueError


def _number_keyword(rule: Callable[[Any, Decimal], bool]) -> type[_Number]:
    return type("_Number", (_Number,), {"holds": staticmethod(rule)})


_EXACT: Final = "taskloom:"
_NUMBERS: Final = {
    "exclusiveMaximum": lt,
    "exclusiveMinimum": gt,
    "maximum": le,
    "minimum": ge,
    "multipleOf": is_multiple,
}
_KEYWORDS: Final[dict[str, Any]] = {
    "pattern": _Pattern,
    **{f"{_EXACT}{word}": _number_keyword(rule) for word, rule in _NUMBERS.items()},
}
_NATIVE: Final = range(-(2**63), 2**63)


def _exact_rule(keyword: str, value: Any) -> tuple[str, object]:
    """Reword what the fast validator would compare by rounded numbers."""
    if keyword not in _NUMBERS:
        return keyword, value
    if keyword == "multipleOf" or int(value) not in _NATIVE:
        return f"{_EXACT}{keyword}", str(value)
    return keyword, value or 0


def _exactly(schema: object, _keyword: str = "") -> Any:
    if not isinstance(schema, Mapping):
        return schema
    return dict(_exact_rule(keyword, value) for keyword, value in schema.items())


def assertions(schema: Schema) -> dict[str, Any]:
    """Leave out what a workflow file says beside the rules for a task's values."""
    return {key: value for key, value in schema.items() if key not in _NO_ASSERTIONS}


def fast_verdict(schema: dict[str, Any]) -> Callable[[object], bool] | None:
    """Make the fast verdict, or None where the schema needs what only the exact one has."""
    if any("patternProperties" in part for _path, part in walk(schema)):
        return None
    return jsonschema_rs.Draft202012Validator(
        rewritten(_exactly(schema), _exactly),
        formats=dict(OWN),
        validate_formats=True,
        keywords=_KEYWORDS,
        offline=True,
    ).is_valid


def exact_faults(schema: dict[str, Any]) -> Callable[[Any], list[Fault]]:
    """Make the function that tells every fault."""
    validator = ExactValidator(spelt_out(schema))
    return lambda instance: faults(validator.iter_errors(instance))


def _is_blank(value: object) -> bool:
    return not value.strip() if isinstance(value, str) else value == []


def checker(schema: Schema) -> Check:
    """Make the check of a task's values; a required text or list must not be empty either."""
    rules = assertions(schema)
    is_valid = fast_verdict(rules)
    tell = exact_faults(rules)
    needed = rules.get("required", ())

    def check(values: Values) -> Sequence[Fault]:
        blank = [key for key in needed if key in values and _is_blank(values[key])]
        instance = values if isinstance(values, dict) else dict(values)
        if not blank and is_valid is not None and _passes(is_valid, instance):
            return ()
        found = [Fault(path=(key,), code=BLANK, message=MISSING) for key in blank]
        return [*found, *(fault for fault in tell(instance) if fault.path[:1] not in _paths(blank))]

    return check


def _paths(keys: Sequence[str]) -> frozenset[tuple[str]]:
    return frozenset((key,) for key in keys)


def _passes(is_valid: Callable[[object], bool], instance: Mapping[str, object]) -> bool:
    """Ask for the fast verdict; what that one cannot read at all is left to the exact one."""
    try:
        return is_valid(instance)
    except ValueError:
        return False
