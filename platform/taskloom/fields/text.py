"""Free text, kept to the letter: `text`, `longText` and `textList`."""

from collections.abc import Callable, Mapping

from taskloom.errors import Refusal
from taskloom.fields.base import (
    INVALID,
    KINDS,
    MEMBERS,
    TEXT,
    TOO_LONG,
    People,
    Uniform,
    alike,
    described,
    invalid,
    is_text,
    items_of,
    plain_codec,
    plain_text,
    refusals,
    shortest,
)
from taskloom.model.workflow import Field

SHORT = 10_000
LONG = 1_000_000
MOST_ITEMS = 1000
RULES = ("minLength", "pattern", "default", "format")
STANDARD = (
    None,
    "time",
    "duration",
    "idn-email",
    "hostname",
    "idn-hostname",
    "ipv4",
    "ipv6",
    "uri-reference",
    "iri",
    "iri-reference",
    "uuid",
    "uri-template",
    "json-pointer",
    "relative-json-pointer",
    "regex",
)
"""Formats of JSON Schema that no other kind stands for; such texts are checked by the schema."""


def reader(limit: int) -> Callable[[object, People], str]:
    """Make the parse of texts with at most `limit` characters."""

    def parse(value: object, _people: People) -> str:
        return plain_text(value, limit)

    return parse


def texts(value: object, _people: People) -> list[str]:
    """Read a list of texts: at most 1000 items and a million characters in all."""
    if not isinstance(value, list):
        raise invalid("must be a list of texts")
    if len(value) > MOST_ITEMS:
        raise Refusal(TOO_LONG, f"must have at most {MOST_ITEMS} items")
    read = [_item(position, item) for position, item in enumerate(value)]
    if sum(map(len, read)) > LONG:
        raise Refusal(TOO_LONG, f"must have at most {LONG} characters in all")
    return read


def _item(position: int, item: object) -> str:
    try:
        return plain_text(item, SHORT)
    except Refusal as refusal:
        raise Refusal(refusal.code, refusal.message, refusal.hint, (position,)) from None


class _Free(Uniform):
    """What text kinds share; `limit` is in characters."""

    about: str
    limit: int
    formats: tuple[str | None, ...]
    searched = TEXT

    def claims(self, schema: Mapping[str, object]) -> bool:
        return is_text(schema, *self.formats)

    def wire_schema(self, field: Field) -> Mapping[str, object]:
        examples = [example.dumped for example in self.examples]
        longest = shortest(self.limit, field.schema.get("maxLength"))
        return described(
            field, self.about, RULES, type="string", maxLength=longest, examples=examples
        )


_TEXT: Mapping[str, object] = {"type": "string"}
_LONG: Mapping[str, object] = {"type": "string", "format": "long-text"}
_LIST: Mapping[str, object] = {"type": "array", "items": {"type": "string"}}


@KINDS.register("text")
class Text(_Free):
    """A short text."""

    label = "Text"
    about = "Text, kept to the letter."
    limit = SHORT
    formats = STANDARD
    codec = plain_codec(reader(SHORT))
    examples = (
        *alike(_TEXT, "Spring order", "", " $where. e\u0301 \u00e9 \U0001f9f6 "),
        *alike({"type": ["string", "null"], "maxLength": 5, "pattern": "^0"}, "007"),
        *alike({"type": "string", "format": "time"}, "10:30:00Z"),
    )
    refused = (
        *refusals(_TEXT, INVALID, 7, [], {"$gt": ""}, "a\0b", "\ud800"),
        *refusals(_TEXT, TOO_LONG, "x" * (SHORT + 1)),
    )


@KINDS.register("longText")
class LongText(_Free):
    """A text of several lines."""

    label = "Long Text"
    about = "Text of any number of lines, kept to the letter."
    limit = LONG
    formats = ("long-text", "textarea")
    codec = plain_codec(reader(LONG))
    examples = (
        *alike(_LONG, "one\r\n\ttwo\n", ""),
        *alike({"type": "string", "format": "textarea"}, "<b>as typed</b>"),
    )
    refused = (
        *refusals(_LONG, INVALID, ["one", "two"], 1, "half \udc00"),
        *refusals(_LONG, TOO_LONG, "x" * (LONG + 1)),
    )


def _items(field: Field) -> Mapping[str, object]:
    items = field.schema.get("items")
    return items if isinstance(items, Mapping) else {}


@KINDS.register("textList")
class TextList(Uniform):
    """A list of short texts in the order given; one may occur twice."""

    label = "List of Text"
    searched = MEMBERS
    codec = plain_codec(texts, reader(SHORT), empty=[])
    examples = (
        *alike(_LIST, ["b", "a", "b"], []),
        *alike({**_LIST, "maxItems": 2}, ["", " $ne "]),
    )
    refused = (
        *refusals(_LIST, INVALID, "a, b", ["a", 1], ["a", None]),
        *refusals(_LIST, TOO_LONG, ["a"] * (MOST_ITEMS + 1), ["x" * (SHORT + 1)]),
        *refusals(_LIST, TOO_LONG, ["x" * SHORT] * (LONG // SHORT + 1)),
    )

    def claims(self, schema: Mapping[str, object]) -> bool:
        return items_of(schema) == "text"

    def wire_schema(self, field: Field) -> Mapping[str, object]:
        return described(
            field,
            "A list of texts.",
            ("minItems", "uniqueItems", "default"),
            type="array",
            items={"maxLength": SHORT, **_items(field)},
            maxItems=shortest(MOST_ITEMS, field.schema.get("maxItems")),
            examples=[example.dumped for example in self.examples],
        )
