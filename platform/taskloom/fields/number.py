"""Numbers: `number`, `percent`, `currency` and `integer`, exact from the wire to the store."""

import re
from collections.abc import Mapping
from decimal import Decimal, Inexact

from taskloom.errors import Refusal
from taskloom.fields.base import (
    EXACT,
    INT64,
    INVALID,
    KINDS,
    LARGE,
    ORDER,
    OUT_OF_RANGE,
    PLAIN,
    TOO_PRECISE,
    BadExample,
    Codec,
    Example,
    Number,
    People,
    Uniform,
    bounded,
    described,
    normal,
    read,
    refusals,
    spell,
    type_of,
    whole,
)
from taskloom.model.workflow import Field

FLOAT_DIGITS = 15
"""Any decimal of at most so many significant digits comes back from a binary64 as it was."""

CENT = Decimal("0.01")
UNIT = 100
"""So many cents are a whole unit of money."""

_AMOUNT = re.compile(r"(-?[0-9]{1,15})(?:\.([0-9]{1,2}))?")
MOST_MONEY = 9 * 10**16
RULES = ("minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "multipleOf", "enum")
SPELT = f"^{PLAIN}$"
TYPED = rf"^\s*{PLAIN}\s*$"
TYPED_WHOLE = r"^\s*-?[0-9]+(\.0+)?\s*$"


def number(value: object, _people: People) -> Number:
    """Read a number of at most 34 significant digits."""
    return bounded(read(value))


def integer(value: object, _people: People) -> int:
    """Read a signed 64-bit integer; 42, "42" and 42.0 are the same."""
    return whole(read(value, "a whole number like 42"))


def money(value: object, _people: People) -> Number:
    """Read an amount of at most two decimals that fits 64 bits when counted in cents."""
    plain = _AMOUNT.fullmatch(value) if type(value) is str else None
    if plain is not None:
        whole_part, part = plain.groups("0")
        return Decimal(f"{whole_part}.{part.rstrip('0')}") if part.strip("0") else int(whole_part)
    amount = read(value, "an amount like 1999.90")
    if not -MOST_MONEY <= amount <= MOST_MONEY:
        raise Refusal(OUT_OF_RANGE, f"must be between -{MOST_MONEY} and {MOST_MONEY}")
    try:
        return normal(EXACT.quantize(Decimal(amount), CENT))
    except Inexact:
        raise Refusal(TOO_PRECISE, "must have at most 2 decimals") from None


def pack_number(value: Number) -> object:
    """Store as an integer or a float where that is exact, else as a Decimal."""
    # Not `in`, which counts through the range for the integers of BSON, a class of their own.
    if isinstance(value, int) and INT64.start <= value < INT64.stop:
        return value
    exact = EXACT.normalize(Decimal(value))
    return float(exact) if len(exact.as_tuple().digits) <= FLOAT_DIGITS else exact


def unpack_number(stored: float | Decimal) -> Number:
    """Read a stored number back; the shortest spelling of a float is the decimal it stands for."""
    if isinstance(stored, int):
        return stored
    return normal(Decimal(repr(stored)) if isinstance(stored, float) else stored)


def pack_money(value: Number) -> int:
    """Store an amount as whole cents."""
    return int(value * 100 if isinstance(value, int) else EXACT.scaleb(value, 2))


def unpack_money(cents: int) -> Number:
    """Read whole cents back as an amount."""
    return normal(EXACT.scaleb(Decimal(cents), -2))


def dump_number(value: Number, _people: People) -> str:
    """Write a number as plain decimal text."""
    return spell(value)


def dump_money(value: Number, _people: People) -> str:
    """Write an amount with exactly two decimals."""
    return format(Decimal(value), ".2f")


def show_number(stored: float | Decimal, people: People) -> str:
    """Write a stored number; most are spelt in storage as they are on the wire."""
    if type(stored) is int:
        return str(stored)
    text = repr(stored)
    if type(stored) is float and "e" not in text and not text.endswith(".0"):
        return text
    return dump_number(unpack_number(stored), people)


def show_money(cents: int, people: People) -> str:
    """Write whole cents as an amount."""
    if cents < UNIT:
        return dump_money(unpack_money(cents), people)
    text = str(cents)
    return f"{text[:-2]}.{text[-2:]}"


class _Numeric(Uniform):
    """What all number kinds share: text on the wire, numbers or numeric text accepted."""

    about: str
    formats: tuple[str | None, ...]
    numeric = "number"
    typed = TYPED
    range: Mapping[str, object] = {"exclusiveMinimum": -LARGE, "exclusiveMaximum": LARGE}
    searched = ORDER
    codec = Codec(
        parse=number,
        dump=dump_number,
        echo=dump_number,
        operand=number,
        show=show_number,
        pack=pack_number,
        unpack=unpack_number,
    )

    def claims(self, schema: Mapping[str, object]) -> bool:
        return type_of(schema) == self.numeric and schema.get("format") in self.formats

    def wire_schema(self, field: Field) -> Mapping[str, object]:
        examples = [example.dumped for example in self.examples]
        return described(field, self.about, type="string", pattern=SPELT, examples=examples)

    def input_schema(self, field: Field) -> Mapping[str, object]:
        kept = {rule: field.schema[rule] for rule in RULES if rule in field.schema}
        return described(
            field,
            self.about,
            ("default",),
            anyOf=[
                {"type": self.numeric, **self.range, **kept},
                {"type": "string", "pattern": self.typed},
            ],
            examples=[example.wire for example in self.examples],
        )


_NUMBER: Mapping[str, object] = {"type": "number"}
_PERCENT: Mapping[str, object] = {"type": "number", "format": "percent"}
_CURRENCY: Mapping[str, object] = {"type": "number", "format": "currency"}
_INTEGER: Mapping[str, object] = {"type": "integer"}


@KINDS.register("number")
class Decimals(_Numeric):
    """A decimal number of up to 34 significant digits."""

    label = "Number"
    about = "A decimal number, exact to 34 significant digits."
    formats = (None, "float", "double")
    examples = (
        Example(schema=_NUMBER, wire=10, value=10, dumped="10"),
        Example(schema=_NUMBER, wire="10.50", value=Decimal("10.5"), dumped="10.5"),
        Example(schema=_NUMBER, wire=" -3 ", value=-3, dumped="-3"),
        Example(schema={**_NUMBER, "format": "float"}, wire=Decimal("42.0"), value=42, dumped="42"),
        Example(
            schema={**_NUMBER, "format": "double"},
            wire=0.1,
            value=Decimal("0.1"),
            dumped="0.1",
        ),
        Example(
            schema={"type": ["number", "null"], "minimum": 0},
            wire=Decimal("1e-7"),
            value=Decimal("0.0000001"),
            dumped="0.0000001",
        ),
        Example(
            schema=_NUMBER,
            wire="1234567890123456789012.123456789012",
            value=Decimal("1234567890123456789012.123456789012"),
            dumped="1234567890123456789012.123456789012",
        ),
    )
    refused = (
        *refusals(_NUMBER, INVALID, "ten", "1e5", "1,000", "1_000", "\u0661\u0662", "NaN", ""),
        *refusals(_NUMBER, INVALID, [], Decimal("Infinity")),
        BadExample(schema=_NUMBER, wire=True, code=INVALID),
        *refusals(_NUMBER, OUT_OF_RANGE, LARGE, "-" + "9" * 31, Decimal("1e999999999")),
        *refusals(_NUMBER, OUT_OF_RANGE, "12." + "1" * 33),
        *refusals(_NUMBER, TOO_PRECISE, Decimal("1e-35"), "0.0" + "1" * 34),
    )


@KINDS.register("percent")
class Percent(_Numeric):
    """A share in hundredths: 12.5 stands for 12.5 %."""

    label = "Percent"
    about = "A share in percent: 12.5 stands for 12.5 %."
    formats = ("percent",)
    examples = (
        Example(schema=_PERCENT, wire=50, value=50, dumped="50"),
        Example(schema=_PERCENT, wire="12.50", value=Decimal("12.5"), dumped="12.5"),
        Example(schema={**_PERCENT, "minimum": -100}, wire=-100, value=-100, dumped="-100"),
    )
    refused = (
        *refusals(_PERCENT, INVALID, "50%", [50]),
        BadExample(schema=_PERCENT, wire=False, code=INVALID),
    )


@KINDS.register("currency")
class Currency(_Numeric):
    """An amount of money with at most two decimals, stored as whole cents."""

    label = "Currency"
    about = "An amount of money with at most two decimals."
    formats = ("currency",)
    range: Mapping[str, object] = {"minimum": -MOST_MONEY, "maximum": MOST_MONEY}
    codec = Codec(
        parse=money,
        dump=dump_money,
        echo=dump_number,
        operand=money,
        show=show_money,
        pack=pack_money,
        unpack=unpack_money,
    )
    examples = (
        Example(schema=_CURRENCY, wire=10000, value=10000, dumped="10000.00"),
        Example(schema=_CURRENCY, wire="10000.5", value=Decimal("10000.5"), dumped="10000.50"),
        Example(schema=_CURRENCY, wire=Decimal("-0.010"), value=Decimal("-0.01"), dumped="-0.01"),
        Example(
            schema={**_CURRENCY, "minimum": 0},
            wire=MOST_MONEY,
            value=MOST_MONEY,
            dumped="90000000000000000.00",
        ),
    )
    refused = (
        *refusals(_CURRENCY, INVALID, "$10", "10,00", {}),
        *refusals(_CURRENCY, OUT_OF_RANGE, MOST_MONEY + 1, Decimal("-1e999999999")),
        *refusals(_CURRENCY, TOO_PRECISE, "10.005", Decimal("1e-999999999")),
    )


@KINDS.register("integer")
class Integer(_Numeric):
    """A whole number of 64 bits."""

    label = "Integer"
    about = "A whole number of 64 bits."
    formats = (None, "int32", "int64")
    numeric = "integer"
    typed = TYPED_WHOLE
    range: Mapping[str, object] = {"minimum": INT64.start, "maximum": INT64.stop - 1}
    codec = Codec(
        parse=integer, dump=dump_number, echo=dump_number, operand=integer, show=show_number
    )
    examples = (
        Example(schema=_INTEGER, wire=42, value=42, dumped="42"),
        Example(schema={**_INTEGER, "format": "int32"}, wire="42", value=42, dumped="42"),
        Example(schema=_INTEGER, wire=Decimal("42.0"), value=42, dumped="42"),
        Example(
            schema={"type": ["integer", "null"], "format": "int64"},
            wire=INT64.start,
            value=INT64.start,
            dumped="-9223372036854775808",
        ),
    )
    refused = (
        *refusals(_INTEGER, INVALID, Decimal("42.5"), "42.5", "", Decimal("1e-999999999")),
        BadExample(schema=_INTEGER, wire=True, code=INVALID),
        *refusals(_INTEGER, OUT_OF_RANGE, INT64.stop, Decimal("1e999999999"), "1" + "0" * 20),
    )
