"""What a kind of field is, the registry that finds the kinds, and what the kinds share.

Four verbs for four directions: `parse` wire → value, `dump` value → wire (Flowdash spelling),
`pack` value → stored, `unpack` stored → value. No kind knows a database or a web framework.
"""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Context, Decimal, Inexact, InvalidOperation
from typing import Any, Protocol

from taskloom.errors import Path, Refusal
from taskloom.model.values import Parsed
from taskloom.model.workflow import Field
from taskloom.registry import Registry

OPERATORS = (
    "eq",
    "ne",
    "gt",
    "gte",
    "lt",
    "lte",
    "in",
    "nin",
    "contains",
    "startswith",
    "exists",
)
EQUALITY = frozenset({"eq", "ne", "in", "nin", "exists"})
ORDER = EQUALITY | {"gt", "gte", "lt", "lte"}
TEXT = ORDER | {"contains", "startswith"}
MEMBERS = frozenset({"eq", "ne", "in", "nin", "contains", "exists"})
PRESENCE = frozenset({"exists"})


class People(Protocol):
    """The people of one workspace, as codecs need them; answers from memory where it can."""

    def id_of(self, email: str) -> str | None:
        """Return the id of the user with this e-mail (any case), or None."""

    def email_of(self, user: str) -> str | None:
        """Return the e-mail of this user, or None when the user is gone."""


def _same(value: Any) -> Any:
    return value


@dataclass(frozen=True, slots=True, kw_only=True)
class Codec:
    """A field's compiled functions; made once per workflow version.

    `parse` gets any JSON value but None and raises `Refusal`. `echo` is how a write's answer
    spells the value. `empty` is what an unset field reads as on the wire. `pack` and `unpack` are
    `IDENTITY` when the stored form is the value itself, so that callers may skip them.
    `operand` parses a filter's text into the value (or item) that it is compared with. `within`
    is the path inside the stored form to the list of operands that filters and orders look at,
    where that is not the stored form itself. `show` is `dump` for the stored form, for kinds that
    can do that faster than by `unpack`. `repeatable` tells whether the same wire value is the same
    value each time it is written, `settled` whether what is shown depends on the stored form alone
    and is plain JSON.
    """

    parse: Callable[[object, People], Parsed]
    dump: Callable[[Any, People], object]
    echo: Callable[[Any, People], object]
    operand: Callable[[str, People], Parsed]
    show: Callable[[Any, People], object] | None = None
    pack: Callable[[Any], object] = _same
    unpack: Callable[[Any], Any] = _same
    empty: object = None
    within: str = ""
    repeatable: bool = True
    settled: bool = True


IDENTITY = _same


def as_is(value: Any, _people: People) -> Any:
    """Dump a value that looks on the wire as it is held."""
    return value


def plain_codec(
    parse: Callable[[object, People], Parsed],
    operand: Callable[[str, People], Parsed] | None = None,
    empty: object = None,
) -> Codec:
    """Make the codec of a kind whose values are the same on the wire, in memory and stored."""
    return Codec(parse=parse, dump=as_is, echo=as_is, operand=operand or parse, empty=empty)


@dataclass(frozen=True, slots=True, kw_only=True)
class Example:
    """A worked example: `wire` as sent, `value` as held, `dumped` as read, for field `schema`."""

    schema: Mapping[str, object]
    wire: object
    value: object
    dumped: object


@dataclass(frozen=True, slots=True, kw_only=True)
class BadExample:
    """A wire value that field `schema` refuses with fault code `code`."""

    schema: Mapping[str, object]
    wire: object
    code: str


def alike(schema: Mapping[str, object], *values: object) -> tuple[Example, ...]:
    """Work examples whose value is the same on the wire, in memory and read."""
    return tuple(Example(schema=schema, wire=value, value=value, dumped=value) for value in values)


def refusals(schema: Mapping[str, object], code: str, *values: object) -> tuple[BadExample, ...]:
    """Work examples of wire values refused with one code."""
    return tuple(BadExample(schema=schema, wire=value, code=code) for value in values)


class Kind(Protocol):
    """A kind of field. The name it is registered under is the Flowdash name where one exists."""

    label: str
    examples: Sequence[Example]
    refused: Sequence[BadExample]

    def claims(self, schema: Mapping[str, object]) -> bool:
        """Tell whether a property's `type`, `format` and items mean this kind."""

    def wire_schema(self, field: Field) -> Mapping[str, object]:
        """JSON Schema of what `dump` writes for a set value, for OpenAPI."""

    def input_schema(self, field: Field) -> Mapping[str, object]:
        """JSON Schema of what `parse` reads, null excluded, for OpenAPI."""

    def operators(self, field: Field) -> frozenset[str]:
        """Return the filter operators that make sense."""

    def compile(self, field: Field) -> Codec:
        """Make the field's functions."""


class Uniform(Kind):
    """A kind that treats all its fields alike; what differs in a subclass overrides this."""

    codec: Codec
    searched: frozenset[str]

    def input_schema(self, field: Field) -> Mapping[str, object]:
        return self.wire_schema(field)

    def operators(self, field: Field) -> frozenset[str]:  # noqa: ARG002 - alike for all fields
        return self.searched

    def compile(self, field: Field) -> Codec:  # noqa: ARG002 - alike for all fields
        return self.codec


KINDS: Registry[Kind] = Registry("kind of field", "taskloom.fields")

_LONGEST_KEY = 100

BLANK = "blank"
INVALID = "invalid"
TOO_LONG = "too_long"
OUT_OF_RANGE = "out_of_range"
TOO_PRECISE = "too_precise"


def invalid(message: str, hint: str = "", path: Path = ()) -> Refusal:
    """Refuse a value, or the item at `path` in it, that is not of the field's kind."""
    return Refusal(INVALID, message, hint, path)


def kind_of(schema: Mapping[str, object]) -> str | None:
    """Name the kind that a property's schema means, or None if no kind claims it.

    Exactly one kind claims a schema; a test over all examples proves it.
    """
    for name, kind in KINDS.members().items():
        if kind.claims(schema):
            return name
    return None


def type_of(schema: Mapping[str, object]) -> str | None:
    """Name the one type a schema allows besides null: "" if it names none, None if several."""
    declared = schema.get("type", "")
    named = declared if isinstance(declared, list | tuple) else [declared]
    kept = [name for name in named if name != "null"]
    return kept[0] if len(kept) == 1 and isinstance(kept[0], str) else None


def options_of(schema: Mapping[str, object]) -> tuple[str, ...]:
    """Return the texts a schema's `enum` offers, null left out; nothing if any is no text."""
    enum = schema.get("enum")
    if not isinstance(enum, list | tuple) or type_of(schema) not in ("string", ""):
        return ()
    texts = tuple(option for option in enum if isinstance(option, str))
    return texts if len(texts) == sum(option is not None for option in enum) else ()


def is_text(schema: Mapping[str, object], *formats: str | None) -> bool:
    """Tell whether a schema means free text of one of these formats (None for no format)."""
    return type_of(schema) == "string" and "enum" not in schema and schema.get("format") in formats


def items_of(schema: Mapping[str, object]) -> str | None:
    """Say what an array holds: "file", "person", "option", "text" or "other".

    None if it is no array, or one of files that are texts or persons that are none: no value could
    ever fit that.
    """
    if type_of(schema) != "array":
        return None
    items = schema.get("items")
    if not isinstance(items, Mapping):
        return "other"
    if items.get("format") == "file":
        return "file" if type_of(items) in ("object", "") else None
    if items.get("format") == "person":
        return "person" if type_of(items) in ("string", "") else None
    if options_of(items):
        return "option"
    return "text" if is_text(items, None) else "other"


def known_only(item: Mapping[object, object], known: Sequence[str], path: Path) -> None:
    """Refuse an item within a value that has other keys than those."""
    unknown = [key_shown(key) for key in item if key not in known]
    if unknown:
        raise invalid(f"must not have {', '.join(unknown)}", f"known are {', '.join(known)}", path)


def key_shown(key: object) -> str:
    """Write the start of a key, whatever it is, so that it can stand in a text."""
    return str(key)[:_LONGEST_KEY].encode(errors="backslashreplace").decode()


def no_operand(_text: str, _people: People) -> str:
    """Refuse every comparison: a filter can only ask whether the field is set."""
    raise invalid("can only be filtered by being set or not")


def plain_text(value: object, limit: int, sort: str = "text") -> str:
    """Return a text to the letter; refuse NUL, lone surrogates and more than `limit` characters."""
    if not isinstance(value, str):
        raise invalid(f"must be {sort}")
    if len(value) > limit:
        raise Refusal(TOO_LONG, f"must have at most {limit} characters")
    if "\0" in value:
        raise invalid("must not contain the character NUL")
    if not value.isascii() and not encodable(value):
        raise invalid("must not contain half a character (a lone surrogate)")
    return value


def encodable(text: str) -> bool:
    """Tell whether a text can be written as UTF-8, which lone surrogates cannot."""
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True


def shortest(limit: int, declared: object) -> int:
    """Return the smaller of our limit and the one a schema declares, if it does."""
    return min(limit, declared) if isinstance(declared, int) else limit


def described(
    field: Field, about: str, rules: Sequence[str] = (), **own: object
) -> dict[str, object]:
    """Build a field's JSON Schema for OpenAPI from `own` keywords and those of its `rules` it has.

    `readOnly` is never among them: such a field is settable at creation, which OpenAPI's is not.
    """
    kept = {rule: field.schema[rule] for rule in rules if rule in field.schema}
    about = str(field.schema.get("description", about))
    return {"title": field.title, "description": about, **own, **kept}


DIGITS = 34
BEFORE_POINT = 30
AFTER_POINT = 34
LARGE = 10**BEFORE_POINT
INT64 = range(-(2**63), 2**63)

EXACT = Context(prec=DIGITS, traps=[Inexact, InvalidOperation])
"""Arithmetic that raises `Inexact` instead of rounding."""

PLAIN = r"-?[0-9]+(\.[0-9]+)?"
"""A number in plain decimal spelling, as a regular expression for Python and JSON Schema."""

_PLAIN = re.compile(PLAIN)
_LONGEST_TEXT = 1000

Number = int | Decimal


def read(value: object, sort: str = "a number like 10 or 10.5") -> Number:
    """Read a JSON number or plain decimal text, whatever its size; refuse everything else."""
    if isinstance(value, bool):
        raise invalid(f"must be {sort}")
    if isinstance(value, int):
        return value
    if isinstance(value, str):
        text = value.strip()
        if len(text) <= _LONGEST_TEXT and _PLAIN.fullmatch(text):
            return Decimal(text)
    if isinstance(value, float):
        value = Decimal(repr(value))
    if isinstance(value, Decimal) and value.is_finite():
        return value
    raise invalid(f"must be {sort}")


def normal(value: Decimal) -> Number:
    """Turn an integral value into an int, strip others of trailing zeros.

    Raises `decimal.Inexact` for more than 34 significant digits. The value must be of a size that
    is fit to be spelt out.
    """
    reduced = EXACT.normalize(value)
    integral = int(reduced)
    return integral if integral == reduced else reduced


def bounded(value: Number) -> Number:
    """Normalise a number; refuse what neither Decimal128 nor a reader could take in."""
    if not value:
        return 0
    if not -LARGE < value < LARGE:
        raise Refusal(OUT_OF_RANGE, f"must have at most {BEFORE_POINT} digits before the point")
    if isinstance(value, int):
        return value
    too_small = Refusal(TOO_PRECISE, f"must have at most {AFTER_POINT} decimals")
    if value.adjusted() < -AFTER_POINT:
        raise too_small
    try:
        number = normal(value)
    except Inexact:
        raise Refusal(OUT_OF_RANGE, f"must have at most {DIGITS} significant digits") from None
    if decimals(number) > AFTER_POINT:
        raise too_small
    return number


def decimals(number: Number) -> int:
    """Count the digits after the point of a normalised number."""
    if isinstance(number, int):
        return 0
    exponent = number.as_tuple().exponent
    return -exponent if isinstance(exponent, int) else 0


def whole(value: Number) -> int:
    """Turn a number into a signed 64-bit integer; refuse fractions and what is out of range."""
    if not value:
        return 0
    if not INT64.start <= value < INT64.stop:
        raise Refusal(OUT_OF_RANGE, f"must be between {INT64.start} and {INT64.stop - 1}")
    if value != int(value):
        raise invalid("must be a whole number like 42")
    return int(value)


def spell(number: Number) -> str:
    """Write a number in plain decimal spelling, without exponent."""
    return str(number) if isinstance(number, int) else format(number, "f")
