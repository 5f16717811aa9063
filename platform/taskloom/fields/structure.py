"""Free JSON: `json`, an object or a list of anything, stored as its exact text.

As text no key of it can act as an operator or a path of the database, and numbers keep every
digit.
"""

import json
from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import TypeVar, cast

from taskloom.errors import Path, Refusal
from taskloom.fields.base import (
    INVALID,
    KINDS,
    OUT_OF_RANGE,
    PRESENCE,
    TOO_LONG,
    Codec,
    People,
    Uniform,
    alike,
    as_is,
    described,
    encodable,
    invalid,
    items_of,
    no_operand,
    refusals,
    type_of,
)
from taskloom.model.values import Json
from taskloom.model.workflow import Field

TOO_DEEP = "too_deep"
DEEPEST = 32
LONGEST = 1_000_000
_DIGITS = 1000
_EXPONENT = 6000
_BITS = 3300

J = TypeVar("J", bound=Json)


def read_object(value: object, _people: People) -> Mapping[str, Json]:
    """Read a JSON object of any inner shape."""
    if not isinstance(value, dict):
        raise invalid("must be a JSON object")
    return _fit({_name(key, ()): _json(part, (key,)) for key, part in value.items()})


def read_list(value: object, _people: People) -> Sequence[Json]:
    """Read a JSON list of any items."""
    if not isinstance(value, list):
        raise invalid("must be a JSON list")
    return _fit([_json(part, (position,)) for position, part in enumerate(value)])


def _fit(value: J) -> J:
    if len(pack(value)) > LONGEST:
        raise Refusal(TOO_LONG, f"must have at most {LONGEST} characters as JSON text")
    return value


def _json(value: object, path: Path) -> Json:
    if isinstance(value, dict | list) and len(path) >= DEEPEST:
        raise Refusal(TOO_DEEP, f"must be nested at most {DEEPEST} levels deep")
    if isinstance(value, dict):
        return {_name(key, path): _json(part, (*path, key)) for key, part in value.items()}
    if isinstance(value, list):
        return [_json(part, (*path, position)) for position, part in enumerate(value)]
    return _scalar(value, path)


def _name(key: object, path: Path) -> str:
    if not isinstance(key, str) or not encodable(key):
        raise invalid("must have keys of whole characters", path=path)
    return key


def _scalar(value: object, path: Path) -> Json:
    if value is None or isinstance(value, bool):
        return value
    if isinstance(value, str):
        if not encodable(value):
            raise invalid("must not contain half a character (a lone surrogate)", path=path)
        return value
    number = Decimal(repr(value)) if isinstance(value, float) else value
    if not isinstance(number, int | Decimal):
        raise invalid("must be plain JSON", path=path)
    if not _spellable(number):
        raise Refusal(OUT_OF_RANGE, "must be a number of sensible size", path=path)
    return number


def _spellable(number: int | Decimal) -> bool:
    if isinstance(number, int):
        return number.bit_length() <= _BITS
    return (
        number.is_finite()
        and len(number.as_tuple().digits) <= _DIGITS
        and abs(number.adjusted()) <= _EXPONENT
    )


def pack(value: Json) -> str:
    """Write the exact JSON text."""
    if isinstance(value, Decimal):
        return str(value)
    if isinstance(value, Mapping):
        parts = (f"{json.dumps(key)}:{pack(part)}" for key, part in value.items())
        return f"{{{','.join(parts)}}}"
    if isinstance(value, list | tuple):
        return f"[{','.join(map(pack, value))}]"
    return json.dumps(value)


def unpack(text: str) -> Json:
    """Read the exact JSON text back."""
    return cast("Json", json.loads(text, parse_float=Decimal))


_OBJECT: Mapping[str, object] = {"type": "object"}
_LIST: Mapping[str, object] = {"type": "array"}


def _nested(levels: int) -> object:
    value: object = []
    for _ in range(levels - 1):
        value = [value]
    return value


@KINDS.register("json")
class Structure(Uniform):
    """A JSON object or list of any inner shape; the schema may say more about it."""

    label = "JSON"
    searched = PRESENCE
    examples = (
        *alike(
            _OBJECT,
            {"name": "Bolt M8", "sizes": [8, Decimal("1.25")], "on": True, "note": None},
            {},
            {"$where": "1", "a.b": {"": [{}]}, "big": 2**80, "__proto__": "x"},
        ),
        *alike(
            {"type": "object", "properties": {"lines": {"type": "array"}}, "required": ["lines"]},
            {"lines": [Decimal("0.10"), Decimal("1E+2"), "\0 \u00e9"]},
        ),
        *alike(_LIST, [1, "a", None], []),
        *alike({"type": "array", "items": {"type": "number"}}, [1, Decimal("2.5")]),
        *alike({"type": "array", "items": {"type": "array"}}, _nested(DEEPEST)),
    )
    refused = (
        *refusals(_OBJECT, INVALID, [], '{"a": 1}', {"\udfff": 1}),
        *refusals(_LIST, INVALID, {}, ["\ud800"], [b"bytes"]),
        *refusals(_LIST, OUT_OF_RANGE, [Decimal("1e99999")], [2**9999], [Decimal("NaN")]),
        *refusals(_LIST, TOO_DEEP, _nested(DEEPEST + 1)),
        *refusals(_LIST, TOO_LONG, ["x" * LONGEST]),
    )

    def claims(self, schema: Mapping[str, object]) -> bool:
        return "format" not in schema and (
            type_of(schema) == "object" or items_of(schema) == "other"
        )

    def wire_schema(self, field: Field) -> Mapping[str, object]:
        rules = [rule for rule in field.schema if rule not in ("title", "type", "readOnly")]
        about = "Any JSON of this shape."
        return described(field, about, rules, type=type_of(field.schema))

    def compile(self, field: Field) -> Codec:
        return Codec(
            parse=read_object if type_of(field.schema) == "object" else read_list,
            dump=as_is,
            echo=as_is,
            operand=no_operand,
            settled=False,
            pack=pack,
            unpack=unpack,
        )
