"""Calendar dates and points in time, as ISO text: `date` and `datetime`.

No zone of the server or the reader ever shifts one.
"""

import re
from collections.abc import Mapping
from datetime import UTC, date, datetime

from taskloom.errors import Refusal
from taskloom.fields.base import (
    KINDS,
    ORDER,
    OUT_OF_RANGE,
    TOO_PRECISE,
    BadExample,
    Codec,
    Example,
    People,
    Uniform,
    as_is,
    described,
    invalid,
    is_text,
    plain_codec,
)
from taskloom.model.workflow import Field

DAY_RIGHT = "a date like 2025-01-31"
TIME_RIGHT = "a date and time like 2025-01-31T10:30:00Z"

DAY = r"[0-9]{4}-[0-9]{2}-[0-9]{2}"
TIME = r"[0-9]{2}:[0-9]{2}(:[0-9]{2}(\.[0-9]+)?)?"
ZONE = r"([Zz]|[+\-][0-9]{2}:?[0-5][0-9])?"
_DAY = re.compile(DAY)
_MOMENT = re.compile(
    rf"(?P<minute>{DAY}[Tt ][0-9]{{2}}:[0-9]{{2}})"
    rf"(?::(?P<second>[0-9]{{2}})(?:\.(?P<fraction>[0-9]+))?)?(?P<zone>{ZONE})"
)
_AS_SPELT = re.compile(rf"{DAY}T[0-9]{{2}}:[0-9]{{2}}:[0-9]{{2}}Z")
_MICRO = 6


def day(value: object, _people: People) -> str:
    """Read a calendar date."""
    if not isinstance(value, str) or not _DAY.fullmatch(value):
        raise invalid(f"must be {DAY_RIGHT}")
    try:
        date.fromisoformat(value)
    except ValueError:
        raise invalid(f"must be {DAY_RIGHT}, a day of the calendar") from None
    return value


def moment(value: object, _people: People) -> str:
    """Read a point in time as UTC text `YYYY-MM-DDTHH:MM:SS[.ffffff]Z`; without zone it is UTC."""
    if not isinstance(value, str):
        raise invalid(f"must be {TIME_RIGHT}")
    if _AS_SPELT.fullmatch(value) and _is_of_the_calendar(value):
        return value
    found = _MOMENT.fullmatch(value)
    if found is None:
        raise invalid(f"must be {TIME_RIGHT}")
    fraction = (found["fraction"] or "").rstrip("0")
    if len(fraction) > _MICRO:
        raise Refusal(TOO_PRECISE, "must have at most 6 digits after the second")
    zone = found["zone"].upper().replace("Z", "+00:00") or "+00:00"
    text = f"{found['minute']}:{found['second'] or '00'}.{fraction:0<6}{zone}"
    try:
        return _spell(datetime.fromisoformat(text).astimezone(UTC))
    except ValueError:
        raise invalid(f"must be {TIME_RIGHT}, a time of the calendar") from None
    except OverflowError:
        raise Refusal(OUT_OF_RANGE, "must be in the years 0001 to 9999 in UTC") from None


def _is_of_the_calendar(text: str) -> bool:
    try:
        datetime.fromisoformat(text)
    except ValueError:
        return False
    return True


def _spell(at: datetime) -> str:
    text = at.replace(tzinfo=None).isoformat()
    return (text.rstrip("0") if at.microsecond else text) + "Z"


def pack(value: str) -> str:
    """Store without the Z, so that the order of the texts is that of the times."""
    return value.removesuffix("Z")


def unpack(stored: str) -> str:
    """Read a stored time back."""
    return stored + "Z"


def show(stored: str, _people: People) -> str:
    """Write a stored time."""
    return stored + "Z"


_DATE: Mapping[str, object] = {"type": "string", "format": "date"}
_TIME: Mapping[str, object] = {"type": "string", "format": "date-time"}


@KINDS.register("date")
class Date(Uniform):
    """A calendar date."""

    label = "Date"
    searched = ORDER
    codec = plain_codec(day)
    examples = (
        Example(schema=_DATE, wire="2025-01-31", value="2025-01-31", dumped="2025-01-31"),
        Example(schema=_DATE, wire="2024-02-29", value="2024-02-29", dumped="2024-02-29"),
        Example(schema=_DATE, wire="0001-01-01", value="0001-01-01", dumped="0001-01-01"),
    )
    refused = (
        BadExample(schema=_DATE, wire="2023-02-29", code="invalid"),
        BadExample(schema=_DATE, wire="2025-01-31T00:00:00Z", code="invalid"),
        BadExample(schema=_DATE, wire="31.01.2025", code="invalid"),
        BadExample(schema=_DATE, wire="20250131", code="invalid"),
        BadExample(schema=_DATE, wire="\u0662025-01-31", code="invalid"),
        BadExample(schema=_DATE, wire="", code="invalid"),
        BadExample(schema=_DATE, wire=20250131, code="invalid"),
    )

    def claims(self, schema: Mapping[str, object]) -> bool:
        return is_text(schema, "date")

    def wire_schema(self, field: Field) -> Mapping[str, object]:
        examples = [example.dumped for example in self.examples]
        return described(
            field, "A calendar date.", ("default",), type="string", format="date", examples=examples
        )


@KINDS.register("datetime")
class DateTime(Uniform):
    """A point in time, to the microsecond."""

    label = "Date & Time"
    searched = ORDER
    codec = Codec(
        parse=moment,
        dump=as_is,
        echo=as_is,
        operand=moment,
        show=show,
        pack=pack,
        unpack=unpack,
    )
    examples = (
        Example(
            schema=_TIME,
            wire="2025-01-31T10:30:00Z",
            value="2025-01-31T10:30:00Z",
            dumped="2025-01-31T10:30:00Z",
        ),
        Example(
            schema=_TIME,
            wire="2025-01-31t23:30:00.250-02:00",
            value="2025-02-01T01:30:00.25Z",
            dumped="2025-02-01T01:30:00.25Z",
        ),
        Example(
            schema=_TIME,
            wire="2025-01-31T10:30:00.0000000000",
            value="2025-01-31T10:30:00Z",
            dumped="2025-01-31T10:30:00Z",
        ),
        Example(
            schema=_TIME,
            wire="2025-01-31 10:30",
            value="2025-01-31T10:30:00Z",
            dumped="2025-01-31T10:30:00Z",
        ),
    )
    refused = (
        BadExample(schema=_TIME, wire="2025-01-31", code="invalid"),
        BadExample(schema=_TIME, wire="2025-02-29T10:30:00Z", code="invalid"),
        BadExample(schema=_TIME, wire="2025-01-31T24:00:01Z", code="invalid"),
        BadExample(schema=_TIME, wire="2025-01-31T10:30:00.1234567Z", code=TOO_PRECISE),
        BadExample(schema=_TIME, wire="0001-01-01T00:00:00+01:00", code=OUT_OF_RANGE),
        BadExample(schema=_TIME, wire="9999-12-31T23:59:59-01:00", code=OUT_OF_RANGE),
        BadExample(schema=_TIME, wire=1738319400, code="invalid"),
        BadExample(schema=_TIME, wire="", code="invalid"),
    )

    def claims(self, schema: Mapping[str, object]) -> bool:
        return is_text(schema, "date-time")

    def wire_schema(self, field: Field) -> Mapping[str, object]:
        examples = [example.dumped for example in self.examples]
        about = "A point in time, in UTC."
        return described(field, about, type="string", format="date-time", examples=examples)

    def input_schema(self, field: Field) -> Mapping[str, object]:
        return described(
            field,
            "A point in time; without offset it is UTC.",
            ("default",),
            type="string",
            pattern=f"^{DAY}[Tt ]{TIME}{ZONE}$",
            examples=[example.wire for example in self.examples],
        )
