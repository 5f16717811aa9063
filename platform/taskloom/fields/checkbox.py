"""A yes or no: `checkbox`. Unset is neither."""

from collections.abc import Mapping

from taskloom.fields.base import (
    KINDS,
    BadExample,
    Example,
    People,
    Uniform,
    described,
    invalid,
    plain_codec,
    type_of,
)
from taskloom.model.workflow import Field

WORDS = {"true": True, "false": False}
TYPED = r"^\s*([Tt][Rr][Uu][Ee]|[Ff][Aa][Ll][Ss][Ee])\s*$"


def checked(value: object, _people: People) -> bool:
    """Read true or false, as JSON or, for tables of text, as a word in any case."""
    if isinstance(value, bool):
        return value
    meant = WORDS.get(value.strip().lower()) if isinstance(value, str) else None
    if meant is None:
        raise invalid("must be true or false")
    return meant


_BOX: Mapping[str, object] = {"type": "boolean"}


@KINDS.register("checkbox")
class Checkbox(Uniform):
    """True or false."""

    label = "Checkbox"
    searched = frozenset({"eq", "ne", "exists"})
    codec = plain_codec(checked)
    examples = (
        Example(schema=_BOX, wire=True, value=True, dumped=True),
        Example(schema=_BOX, wire=False, value=False, dumped=False),
        Example(schema={"type": ["null", "boolean"]}, wire=" TRUE", value=True, dumped=True),
        Example(
            schema={"type": "boolean", "default": True}, wire="false", value=False, dumped=False
        ),
    )
    refused = (
        BadExample(schema=_BOX, wire=1, code="invalid"),
        BadExample(schema=_BOX, wire=0, code="invalid"),
        BadExample(schema=_BOX, wire="yes", code="invalid"),
        BadExample(schema=_BOX, wire="", code="invalid"),
    )

    def claims(self, schema: Mapping[str, object]) -> bool:
        return type_of(schema) == "boolean" and "format" not in schema

    def wire_schema(self, field: Field) -> Mapping[str, object]:
        return described(field, "True or false.", type="boolean")

    def input_schema(self, field: Field) -> Mapping[str, object]:
        return described(
            field,
            "True or false; the words are accepted in any case.",
            ("default",),
            anyOf=[{"type": "boolean"}, {"type": "string", "pattern": TYPED}],
            examples=[True, False, "true"],
        )
