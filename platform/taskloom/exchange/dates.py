"""Dates in cells of tables: which order their figures have, told by the cells themselves."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from functools import lru_cache
from typing import Final

from taskloom.errors import Refusal
from taskloom.fields.base import invalid
from taskloom.fields.moment import DAY, TIME, ZONE

ORDERS: Final = ("dmy", "mdy", "ymd")
SERIAL: Final = "serial"
CHOICES: Final = (*ORDERS, SERIAL)
SPELT: Final = {
    "dmy": "day, month, year",
    "mdy": "month, day, year",
    "ymd": "year, month, day",
    SERIAL: "day numbers of a spreadsheet",
}
_CLOCK: Final = (
    r"(?P<hour>\d{1,2}):(?P<minute>\d{2})(?::(?P<second>\d{2})(?P<fraction>\.\d{1,6})?)?"
    r"(?:\s?(?P<half>[AaPp])\.?[Mm]\.?)?\s?(?P<zone>[Zz]|UTC|GMT|[+-]\d{2}:?\d{2})?"
)
_BEHIND: Final = rf"(?:(?:,\s?|\s|T|,? at ){_CLOCK})?"
_MONTH: Final = (
    r"(?P<month>jan(?:uary)?|feb(?:ruary)?|mar(?:ch)?|apr(?:il)?|may|june?|july?|aug(?:ust)?|"
    r"sept?(?:ember)?|oct(?:ober)?|nov(?:ember)?|dec(?:ember)?)"
)
_MONTHS: Final = (
    "jan",
    "feb",
    "mar",
    "apr",
    "may",
    "jun",
    "jul",
    "aug",
    "sep",
    "oct",
    "nov",
    "dec",
)
_YEAR: Final = r"(?P<year>\d{4}|\d{2})"
_ISO: Final = re.compile(rf"({DAY})(?:[Tt ]({TIME})({ZONE}))?", re.ASCII)
_FIGURES: Final = re.compile(
    rf"(?P<a>\d{{4}}|\d{{1,2}})(?P<sign>[./-])\s?(?P<b>\d{{1,2}})(?P=sign)\s?(?P<c>\d{{4}}|\d{{1,2}})"
    rf"{_BEHIND}",
    re.ASCII,
)
_NAMED: Final = tuple(
    re.compile(pattern + _BEHIND, re.ASCII | re.IGNORECASE)
    for pattern in (
        rf"(?P<day>\d{{1,2}})(?:st|nd|rd|th)?[./\s-]\s?{_MONTH}\.?,?[./\s-]{_YEAR}",
        rf"{_MONTH}\.?[\s-](?P<day>\d{{1,2}})(?:st|nd|rd|th)?,?[\s-](?P<year>\d{{4}})",
    )
)
_NUMBER: Final = re.compile(r"\d{1,7}(?:\.\d+)?", re.ASCII)
_LONGEST: Final = 60
_TURN: Final = 69
_CENTURY: Final = 100
_NOON: Final = 12
_YEAR_SIGNS: Final = 4
_MIDNIGHT: Final = re.compile(r"00:00(?::00(?:\.0+)?)?")


@dataclass(frozen=True, slots=True)
class When:
    """A date that was read, and the time (`HH:MM:SS[.f]` with a zone) where there was one."""

    day: str
    time: str = ""

    @property
    def at_midnight(self) -> bool:
        """Has no time, or the first of its day."""
        return not self.time or _MIDNIGHT.match(self.time) is not None


@dataclass(slots=True)
class Evidence:
    """What the cells of a column say about its dates.

    `orders` are those that all cells of figures allow; `proof` is a cell for each order that only
    one order allows; `other` counts cells that are no dates.
    """

    orders: set[str] = field(default_factory=lambda: set(ORDERS))
    proof: dict[str, str] = field(default_factory=dict)
    figures: int = 0
    sample: str = ""
    dates: int = 0
    other: int = 0
    timed: bool = False

    def add(self, text: str) -> bool:
        """Look at a cell that is not blank; tell whether it is a date."""
        found = _FIGURES.fullmatch(text) if len(text) <= _LONGEST else None
        allowed = [order for order in ORDERS if _of_figures(found, order)] if found else []
        if found is None or not allowed:
            when = None if found else _certain(text)
            self.other += when is None
            self.dates += when is not None
            self.timed |= when is not None and not when.at_midnight
            return when is not None
        self.dates += 1
        self.timed |= bool(found["hour"])
        if len(found["a"]) < _YEAR_SIGNS:
            self.figures += 1
            if len(allowed) == 1:
                self.proof.setdefault(allowed[0], text)
            elif not self.sample:
                self.sample = text
            self.orders &= set(allowed)
        return True

    @property
    def decided(self) -> str | None:
        """The one order that its cells allow, if cells of figures leave one."""
        return next(iter(self.orders)) if self.figures and len(self.orders) == 1 else None

    @property
    def torn(self) -> bool:
        """Has cells that contradict each other."""
        return not self.orders


def _of_figures(found: re.Match[str], order: str) -> When | None:
    a, b, c = found["a"], found["b"], found["c"]
    if len(a) == _YEAR_SIGNS and order != "ymd":
        return None
    if len(c) == _YEAR_SIGNS and order == "ymd":
        return None
    if found["sign"] == "." and order == "mdy" and _of_figures(found, "dmy"):
        # With dots nobody puts the month first.
        return None
    parts = dict(zip(order, (a, b, c), strict=True))
    if len(parts["y"]) not in (2, _YEAR_SIGNS):
        return None
    return _when(parts["y"], int(parts["m"]), parts["d"], found)


def _when(year: str, month: int, day: str, found: re.Match[str]) -> When | None:
    whole = int(year)
    if len(year) < _YEAR_SIGNS:
        whole += 1900 if whole >= _TURN else 2000
    try:
        return When(date(whole, month, int(day)).isoformat(), _clock(found))
    except ValueError:
        return None


def _clock(found: re.Match[str]) -> str:
    if not found["hour"]:
        return ""
    hour, half = int(found["hour"]), (found["half"] or "").lower()
    if half:
        if not 1 <= hour <= _NOON:
            raise ValueError("no hour of half a day")
        hour = hour % _NOON + (_NOON if half == "p" else 0)
    zone = (found["zone"] or "Z").upper().replace("UTC", "Z").replace("GMT", "Z")
    text = f"{hour:02}:{found['minute']}:{found['second'] or '00'}{found['fraction'] or ''}{zone}"
    datetime.fromisoformat(f"2000-01-01T{hour:02}:{found['minute']}:{found['second'] or '00'}")
    return text


def _certain(text: str) -> When | None:
    """Read a date that can be meant in one way only."""
    found = _ISO.fullmatch(text) if len(text) <= _LONGEST else None
    if found is not None:
        try:
            date.fromisoformat(found[1])
        except ValueError:
            return None
        return When(found[1], f"{found[2]}{_zone(text)}" if found[2] else "")
    if len(text) > _LONGEST:
        return None
    for named in _NAMED:
        if match := named.fullmatch(text):
            month = _MONTHS.index(match["month"][:3].lower()) + 1
            return _when(match["year"], month, match["day"], match)
    return None


def _zone(text: str) -> str:
    found = re.search(rf"{ZONE}$", text)
    return (found[0] if found else "") or "Z"


def when_of(text: str, order: str | None) -> When | None:
    """Read a date in the order of its column, or None if it is none in that order."""
    if len(text) > _LONGEST:
        return None
    if order == SERIAL and _NUMBER.fullmatch(text):
        return of_serial(float(text))
    found = _FIGURES.fullmatch(text)
    if found is None:
        return _certain(text)
    if len(found["a"]) == _YEAR_SIGNS:
        return _of_figures(found, "ymd")
    return _of_figures(found, order) if order in ORDERS else None


@lru_cache(maxsize=4096)
def of_serial(number: float, *, since_1904: bool = False) -> When | None:
    """Read the day number of a spreadsheet, whose fraction is the time of day."""
    start = datetime(1904, 1, 1) if since_1904 else datetime(1899, 12, 30)  # noqa: DTZ001 - days of a calendar, without a zone
    if not since_1904 and number < 60:  # noqa: PLR2004 - the 29th of February 1900, which spreadsheets count
        start += timedelta(days=1)
    try:
        at = start + timedelta(seconds=round(number * 86_400))
    except OverflowError:
        return None
    clock = "" if at.time() == datetime.min.time() else f"{at.time().isoformat()}Z"
    return When(at.date().isoformat(), clock)


def day_of(text: str, order: str | None) -> str:
    """Spell a cell as a calendar date; what is no date at all is left to the field to refuse."""
    if len(text) == 10 and text[4] == "-":  # noqa: PLR2004 - the usual spelling
        return text
    when = when_of(text, order)
    if when is None:
        return _left(text, order)
    if not when.at_midnight:
        raise invalid(
            "must be a date without a time of day", "leave the time out, or use another field"
        )
    return when.day


def moment_of(text: str, order: str | None) -> str:
    """Spell a cell as a point in time; a date without a time is its midnight in UTC."""
    when = when_of(text, order)
    if when is None:
        return _left(text, order)
    return f"{when.day}T{when.time or '00:00:00Z'}"


def _left(text: str, order: str | None) -> str:
    if order in ORDERS and _FIGURES.fullmatch(text):
        raise Refusal("invalid", f"must be a date in the order {SPELT[order]}, as the others are")
    return text


def contradictions(evidence: Evidence) -> Sequence[str]:
    """Return cells that need different orders."""
    return [repr(text) for text in evidence.proof.values()][:2]


def in_order(orders: set[str]) -> Iterator[str]:
    """Yield orders always in the same sequence."""
    return (order for order in ORDERS if order in orders)
