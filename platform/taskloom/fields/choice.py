"""Choices from a declared list: `singleSelect` and `multipleSelect`."""

from collections.abc import Callable, Mapping
from difflib import get_close_matches

from taskloom.errors import Path, Refusal
from taskloom.fields.base import (
    EQUALITY,
    KINDS,
    MEMBERS,
    BadExample,
    Codec,
    Example,
    People,
    Uniform,
    described,
    invalid,
    items_of,
    options_of,
    plain_codec,
)
from taskloom.model.workflow import Field

SHOWN = 20
"""How many options a refusal lists at most."""


def picker(options: tuple[str, ...]) -> Callable[[object, People], str]:
    """Make the parse of one option."""
    offered = frozenset(options)

    def parse(value: object, _people: People) -> str:
        if isinstance(value, str) and value in offered:
            return value
        raise _not_offered(value, options)

    return parse


def gatherer(options: tuple[str, ...]) -> Callable[[object, People], list[str]]:
    """Make the parse of a list of distinct options; their order is kept."""
    offered = frozenset(options)

    def parse(value: object, _people: People) -> list[str]:
        if not isinstance(value, list):
            raise invalid("must be a list of options")
        chosen: dict[str, None] = {}
        for position, item in enumerate(value):
            if not isinstance(item, str) or item not in offered:
                raise _not_offered(item, options, (position,))
            if item in chosen:
                raise invalid("must not be chosen twice", path=(position,))
            chosen[item] = None
        return list(chosen)

    return parse


def _not_offered(value: object, options: tuple[str, ...], path: Path = ()) -> Refusal:
    shown = ", ".join(f'"{option}"' for option in options[:SHOWN])
    more = ", …" if len(options) > SHOWN else ""
    near = get_close_matches(value, options, n=1) if isinstance(value, str) else []
    hint = f'Did you mean "{near[0]}"?' if near else ""
    return invalid(f"must be one of {shown}{more}", hint, path)


_ONE: Mapping[str, object] = {"type": "string", "enum": ["Low", "High", "$set"]}
_MANY: Mapping[str, object] = {
    "type": "array",
    "items": {"type": "string", "enum": ["Red", "Green", "Blue"]},
}


@KINDS.register("singleSelect")
class SingleSelect(Uniform):
    """One of the options."""

    label = "Single Select"
    searched = EQUALITY
    examples = (
        Example(schema=_ONE, wire="Low", value="Low", dumped="Low"),
        Example(schema=_ONE, wire="$set", value="$set", dumped="$set"),
        Example(schema={"enum": ["A", "B"]}, wire="B", value="B", dumped="B"),
        Example(
            schema={"type": ["string", "null"], "enum": ["A", "", None]},
            wire="",
            value="",
            dumped="",
        ),
    )
    refused = (
        BadExample(schema=_ONE, wire="Medium", code="invalid"),
        BadExample(schema=_ONE, wire="low", code="invalid"),
        BadExample(schema=_ONE, wire=["Low"], code="invalid"),
        BadExample(schema=_ONE, wire="", code="invalid"),
    )

    def claims(self, schema: Mapping[str, object]) -> bool:
        return bool(options_of(schema))

    def wire_schema(self, field: Field) -> Mapping[str, object]:
        options = list(field.options)
        return described(field, "One of the options.", ("default",), type="string", enum=options)

    def compile(self, field: Field) -> Codec:
        return plain_codec(picker(field.options))


@KINDS.register("multipleSelect")
class MultipleSelect(Uniform):
    """Any of the options, each at most once, in the order they were chosen."""

    label = "Multiple Select"
    searched = MEMBERS
    examples = (
        Example(
            schema=_MANY, wire=["Green", "Red"], value=["Green", "Red"], dumped=["Green", "Red"]
        ),
        Example(schema=_MANY, wire=[], value=[], dumped=[]),
        Example(schema={**_MANY, "minItems": 1}, wire=["Blue"], value=["Blue"], dumped=["Blue"]),
    )
    refused = (
        BadExample(schema=_MANY, wire=["Red", "Pink"], code="invalid"),
        BadExample(schema=_MANY, wire=["Red", "Red"], code="invalid"),
        BadExample(schema=_MANY, wire="Red", code="invalid"),
        BadExample(schema=_MANY, wire=[["Red"]], code="invalid"),
    )

    def claims(self, schema: Mapping[str, object]) -> bool:
        return items_of(schema) == "option"

    def wire_schema(self, field: Field) -> Mapping[str, object]:
        return described(
            field,
            "Any of the options, each at most once.",
            ("minItems", "maxItems", "default"),
            type="array",
            uniqueItems=True,
            items={"type": "string", "enum": list(field.options)},
        )

    def compile(self, field: Field) -> Codec:
        return plain_codec(gatherer(field.options), picker(field.options), empty=[])
