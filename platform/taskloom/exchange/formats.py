"""How dates and numbers are written in the columns of a table, told by its first rows."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from taskloom.errors import Fault
from taskloom.exchange import dates, numbers
from taskloom.exchange.rows import AMBIGUOUS, Reader, Row


@dataclass(frozen=True, slots=True, kw_only=True)
class Format:
    """How the cells of a column are written: order of dates, decimal sign, unit of money."""

    order: str | None = None
    decimal: str = numbers.POINT
    money: str = ""


Days = Mapping[str, dates.Evidence]
Sums = Mapping[str, numbers.Evidence]


@dataclass(slots=True, kw_only=True)
class Formats:
    """The formats by column, notes for people, and a fault for each column that is not clear."""

    dated: dict[str, Format] = field(default_factory=dict)
    counted: dict[str, Format] = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)
    unclear: list[Fault] = field(default_factory=list)


def formats_of(reader: Reader, dated: Iterable[str], counted: Iterable[str]) -> Formats:
    """Find out how the columns are written that hold dates, and those that hold numbers."""
    days = {name: dates.Evidence() for name in dated}
    sums = {name: numbers.Evidence() for name in counted}
    for name, day in days.items():
        for cell in cells_of(reader.sample(), name):
            day.add(cell)
    for name, number in sums.items():
        for cell in cells_of(reader.sample(), name):
            number.add(cell)
    return decided(reader, days, sums)


def decided(reader: Reader, days: Days, sums: Sums) -> Formats:
    """Decide by what was seen in columns of dates and columns of numbers."""
    made = Formats()
    _orders(reader, days, made)
    _decimals(reader, sums, made)
    return made


def evidence(reader: Reader, names: Sequence[str]) -> tuple[Days, Sums]:
    """Look at columns of which nobody knows what they hold.

    Returns those that hold nothing but dates, and those that hold nothing but numbers.
    """
    days: dict[str, dates.Evidence] = {}
    sums: dict[str, numbers.Evidence] = {}
    for name in names:
        day, number = dates.Evidence(), numbers.Evidence()
        for cell in cells_of(reader.sample(), name):
            # Every cell is looked at by both, or one would hide from the other.
            if not day.add(cell) | number.add(cell):
                break
        if not day.other:
            days[name] = day
        if not number.other:
            sums[name] = number
    return days, sums


def cells_of(rows: Sequence[Row], column: str) -> Iterator[str]:
    """Yield the texts in a column that are not blank."""
    for row in rows:
        value: Any = row.values.get(column)
        if isinstance(value, str) and (text := value.strip()):
            yield text


def _orders(reader: Reader, columns: Mapping[str, dates.Evidence], made: Formats) -> None:
    chosen = reader.choices.dates
    sure = {each.decided for each in columns.values() if each.decided}
    for name, found in columns.items():
        order = chosen or found.decided
        if order is None and found.figures and not found.torn and len(sure & found.orders) == 1:
            order = next(iter(sure & found.orders))
        made.dated[name] = Format(order=order)
        if order is None and found.figures:
            made.unclear.append(_unclear_dates(name, found))
        elif chosen is None and order is not None and found.figures:
            proof = found.proof.get(order) or found.sample
            made.notes.append(
                f"{name!r} is read as {dates.SPELT[order]}, as in {proof!r}; `dates` says otherwise"
            )


def _unclear_dates(name: str, found: dates.Evidence) -> Fault:
    hint = f"name the order of `dates`: {', '.join(dates.ORDERS)}"
    if found.torn:
        message = f"has dates of more than one order: {' and '.join(dates.contradictions(found))}"
    else:
        orders = " or ".join(dates.in_order(found.orders))
        message = f"has dates that may be meant in two ways, like {found.sample!r} ({orders})"
    return Fault(path=(name,), code=AMBIGUOUS, message=message, hint=hint)


def _decimals(reader: Reader, columns: Mapping[str, numbers.Evidence], made: Formats) -> None:
    chosen = reader.choices.decimal
    sure = {each.decided for each in columns.values() if each.decided}
    for name, found in columns.items():
        sign = chosen or found.decided
        if sign is None and found.sample and not found.torn:
            sign = _likely(reader, found, sure)
            if sign is not None:
                made.notes.append(f"{name!r} has decimals behind {sign!r}, as in {found.sample!r}; "
                             "`decimal` says otherwise")  # fmt: skip
        elif chosen is None and sign == numbers.COMMA:
            proof = found.proof[sign]
            made.notes.append(f"{name!r} has decimals behind a comma, as in {proof!r}; "
                         "`decimal` says otherwise")  # fmt: skip
        money = next(iter(found.money), "")
        made.counted[name] = Format(decimal=sign or numbers.POINT, money=money)
        if sign is None and (found.sample or found.torn):
            made.unclear.append(_unclear_numbers(name, found))
        elif len(found.money) > 1:
            units = " and ".join(map(repr, found.money.values()))
            message = f"has more than one money: {units}"
            made.unclear.append(Fault(path=(name,), code=AMBIGUOUS, message=message))


def _likely(reader: Reader, found: numbers.Evidence, sure: set[str]) -> str | None:
    """Return the sign that other columns prove, or a point where nothing speaks for a comma."""
    if len(sure) == 1:
        return next(iter(sure))
    return None if sure or found.commas or reader.choices.delimiter == ";" else numbers.POINT


def _unclear_numbers(name: str, found: numbers.Evidence) -> Fault:
    hint = "name the `decimal` sign: '.' or ','"
    if found.torn:
        cells = " and ".join(repr(text) for text in found.proof.values())
        message = f"has numbers with two sorts of decimals: {cells}"
    else:
        message = f"has numbers that may be meant in two ways, like {found.sample!r}"
    return Fault(path=(name,), code=AMBIGUOUS, message=message, hint=hint)
