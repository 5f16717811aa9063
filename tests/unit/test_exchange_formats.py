"""Dates and numbers in cells: what they allow, what decides, and what nobody may guess."""

import io
from collections.abc import Sequence
from datetime import date, datetime, timedelta
from decimal import Decimal

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from taskloom.errors import Refusal
from taskloom.exchange import dates, numbers
from taskloom.exchange.formats import Formats, formats_of
from taskloom.exchange.opening import open_rows
from taskloom.exchange.rows import Choices


def found(
    columns: Sequence[tuple[str, Sequence[str]]],
    *,
    choices: Choices | None = None,
    delimiter: str = "\t",
) -> Formats:
    """Find the formats of columns whose names start with `d` for dates, with `n` for numbers."""
    names = [name for name, _ in columns]
    size = max(len(cells) for _, cells in columns)
    rows = [[c[at] if at < len(c) else "" for _, c in columns] for at in range(size)]
    text = "\n".join(delimiter.join(cells) for cells in [names, *rows]) + "\n"
    chosen = choices or Choices(delimiter=delimiter)
    reader = open_rows(io.BytesIO(text.encode()), "t.csv", chosen)
    return formats_of(
        reader,
        [name for name in names if name.startswith("d")],
        [name for name in names if name.startswith("n")],
    )


@pytest.mark.parametrize(
    ("text", "day", "moment"),
    [
        ("2025-12-31", "2025-12-31", "2025-12-31T00:00:00Z"),
        ("2025-12-31T00:00:00.000Z", "2025-12-31", "2025-12-31T00:00:00.000Z"),
        ("31/Dec/25", "2025-12-31", "2025-12-31T00:00:00Z"),
        ("31/Dec/25 12:00 AM", "2025-12-31", "2025-12-31T00:00:00Z"),
        ("31 December 2025", "2025-12-31", "2025-12-31T00:00:00Z"),
        ("December 31, 2025", "2025-12-31", "2025-12-31T00:00:00Z"),
        ("2025/12/31", "2025-12-31", "2025-12-31T00:00:00Z"),
        ("29-Feb-2024", "2024-02-29", "2024-02-29T00:00:00Z"),
    ],
)
def test_dates_that_can_be_meant_in_one_way_need_no_order(text: str, day: str, moment: str) -> None:
    assert day == dates.day_of(text, None)
    assert moment == dates.moment_of(text, None)


@pytest.mark.parametrize(
    ("text", "moment"),
    [
        ("31/Dec/25 3:04 PM", "2025-12-31T15:04:00Z"),
        ("31/Dec/25 12:04 PM", "2025-12-31T12:04:00Z"),
        ("2025-12-31 15:04:05 +0100", "2025-12-31T15:04:05+0100"),
        ("2025-12-31T15:04:05.25Z", "2025-12-31T15:04:05.25Z"),
        ("Dec 31, 2025 at 3:04 pm", "2025-12-31T15:04:00Z"),
    ],
)
def test_a_time_of_day_is_kept(text: str, moment: str) -> None:
    assert moment == dates.moment_of(text, None)
    with pytest.raises(Refusal, match="without a time"):
        dates.day_of(text, None)


@pytest.mark.parametrize("text", ["31/12/25 25:00", "31/Dec/25 13:00 PM", "30/Feb/2025", "soon"])
def test_what_is_no_date_is_left_to_the_field(text: str) -> None:
    assert dates.Evidence().add(text) is False
    assert text in (dates.moment_of(text, None), dates.day_of(text, None))


@pytest.mark.parametrize(
    ("cells", "order"),
    [
        (["03/04/2025", "31/12/2025"], "dmy"),
        (["03/04/2025", "12/31/2025"], "mdy"),
        (["03/04/05", "99/12/31"], "ymd"),
        (["3.4.2025"], "dmy"),
        (["1/2/2025 3:04 PM", "1/31/2025 3:04 PM"], "mdy"),
    ],
)
def test_the_cells_of_a_column_decide_its_order_and_that_is_told(
    cells: list[str], order: str
) -> None:
    made = found([("d", cells)])

    assert (made.dated["d"].order, made.unclear) == (order, [])
    assert "`dates` says otherwise" in made.notes[0]


def test_dates_that_may_be_meant_in_two_ways_are_not_guessed() -> None:
    (fault,) = found([("d", ["03/04/2025", "05/06/2025"])]).unclear

    assert (fault.path, fault.code) == (("d",), "ambiguous")
    assert "'03/04/2025'" in fault.message
    assert "dmy" in fault.hint


def test_another_column_of_the_file_decides_for_one_that_is_unclear() -> None:
    made = found([("d1", ["03/04/2025"]), ("d2", ["31/12/2025"])])

    assert ("dmy", []) == (made.dated["d1"].order, made.unclear)


def test_columns_that_contradict_each_other_decide_nothing() -> None:
    columns = [("d1", ["03/04/2025"]), ("d2", ["31/12/2025"]), ("d3", ["12/31/2025"])]

    assert ["d1"] == [fault.path[0] for fault in found(columns).unclear]


def test_dates_of_two_orders_in_one_column_are_told_with_both() -> None:
    (fault,) = found([("d", ["31/12/2025", "12/31/2025"])]).unclear

    assert "'31/12/2025' and '12/31/2025'" in fault.message


def test_a_choice_decides_and_says_nothing() -> None:
    made = found([("d", ["03/04/2025"])], choices=Choices(dates="mdy", delimiter="\t"))

    assert ("mdy", [], []) == (made.dated["d"].order, made.notes, made.unclear)


def test_a_later_row_in_another_order_is_refused_by_its_reason() -> None:
    with pytest.raises(Refusal, match="day, month, year"):
        dates.day_of("12/31/2025", "dmy")


@given(st.dates(date(1970, 1, 1), date(2068, 12, 31)), st.sampled_from(dates.ORDERS))
def test_what_was_written_in_an_order_is_read_in_it(day: date, order: str) -> None:
    parts = {"d": f"{day.day:02}", "m": f"{day.month:02}", "y": str(day.year)}
    for sign in "/-.":
        text = sign.join(parts[part] for part in order)
        assume(not (sign == "." and order == "mdy" and day.day < 13))
        evidence = dates.Evidence()
        assert evidence.add(text)
        assert order in evidence.orders or order == "ymd"
        assert day.isoformat() == dates.day_of(text, order)


@given(st.datetimes(datetime(1904, 1, 2), datetime(9998, 1, 1)), st.booleans())  # noqa: DTZ001 - days of a calendar
def test_day_numbers_of_a_spreadsheet_are_its_days(moment: datetime, since_1904: bool) -> None:
    whole = moment.replace(microsecond=0)
    start = datetime(1904, 1, 1) if since_1904 else datetime(1899, 12, 30)  # noqa: DTZ001 - as above
    when = dates.of_serial((whole - start) / timedelta(days=1), since_1904=since_1904)

    assert when is not None
    assert whole.date().isoformat() == when.day
    assert when.time in (f"{whole.time().isoformat()}Z", "")


def test_the_first_days_of_a_spreadsheet_count_a_day_that_never_was() -> None:
    days = [dates.of_serial(number) for number in (1.0, 59.0, 61.0)]

    assert ["1900-01-01", "1900-02-28", "1900-03-01"] == [day.day for day in days if day]


def test_day_numbers_are_dates_only_where_that_is_said() -> None:
    assert dates.day_of("45657", "serial") == "2024-12-31"
    assert dates.day_of("45657", None) == "45657"


@pytest.mark.parametrize(
    ("cells", "texts"),
    [
        (["10,5"], ["10.5"]),
        (["1.234,56", "7"], ["1234.56", "7"]),
        (["1 234,56"], ["1234.56"]),
        (["1\u00a0234,56", "-3,5"], ["1234.56", "-3.5"]),
        (["1,234.50", "1,234"], ["1234.50", "1234"]),
        (["$1,234.50", "($3.20)"], ["1234.50", "-3.20"]),
        (["€ 10,50", "-€ 1,00"], ["10.50", "-1.00"]),
        (["10,50 EUR"], ["10.50"]),
        (["1'234.5"], ["1234.5"]),
        (["12,34,567.0"], ["1234567.0"]),
        (["0,234"], ["0.234"]),
        ([".5", "−2.5"], ["0.5", "-2.5"]),
        (["1.5", "1.234"], ["1.5", "1.234"]),
        (["1,234,567"], ["1234567"]),
    ],
)
def test_the_cells_of_a_column_decide_its_decimal_sign(cells: list[str], texts: list[str]) -> None:
    made = found([("n", cells)])

    assert [] == made.unclear
    form = made.counted["n"]
    assert texts == [numbers.plain(cell, form.decimal, form.money) for cell in cells]


@pytest.mark.parametrize("cells", [["1,234"], ["1,234", "5,678"], ["1,234", "12"]])
def test_numbers_that_may_be_meant_in_two_ways_are_not_guessed(cells: list[str]) -> None:
    (fault,) = found([("n", cells)]).unclear

    assert (fault.path, fault.code) == (("n",), "ambiguous")
    assert "decimal" in fault.hint


def test_a_plain_fraction_is_one_but_in_a_file_where_commas_may_part_decimals() -> None:
    plain = found([("n", ["1.234"])])
    semicolons = found([("n", ["1.234"]), ("x", ["1"])], delimiter=";")
    commas = found([("n", ["1.234"]), ("n2", ["10,5"])])

    assert (".", [], 1) == (plain.counted["n"].decimal, plain.unclear, len(plain.notes))
    assert ["n"] == [fault.path[0] for fault in semicolons.unclear]
    assert (",", []) == (commas.counted["n"].decimal, commas.unclear)


def test_two_sorts_of_decimals_or_money_in_one_column_are_told() -> None:
    (torn,) = found([("n", ["10,5", "10.5"])]).unclear
    (mixed,) = found([("n", ["$10", "€10"])]).unclear

    assert "'10,5'" in torn.message
    assert "'€10'" in mixed.message


@pytest.mark.parametrize(
    ("text", "told"), [("10.5", "behind"), ("50 %", "percent"), ("£5", "must be in")]
)
def test_a_later_row_of_another_sort_is_refused_by_its_reason(text: str, told: str) -> None:
    with pytest.raises(Refusal, match=told):
        numbers.plain(text, ",", "€")


@pytest.mark.parametrize(
    "text", ["much", "1e5", "5-6", "AB 12", "R12", "--5", "1.2.3", "", "٣", "1" * 80]
)
def test_what_is_no_number_is_left_to_the_field(text: str) -> None:
    assert text == numbers.plain(text, ".")


def test_a_share_in_percent_is_one_for_a_percent_field() -> None:
    assert numbers.plain("12.5 %", ".", percent=True) == "12.5"


AMOUNTS = st.decimals(-(10**12), 10**12, places=2, allow_nan=False)


@given(st.lists(AMOUNTS, min_size=1, max_size=5), st.sampled_from(["de", "en", "ch", "fr"]))
def test_numbers_are_read_as_they_were_written(amounts: list[Decimal], country: str) -> None:
    group, point = tuple({"de": ".,", "en": ",.", "ch": "'.", "fr": "\u202f,"}[country])
    cells = [
        format(amount, ",.2f").replace(",", "G").replace(".", point).replace("G", group)
        for amount in amounts
    ]
    made = found([("n", cells)])

    assert [] == made.unclear
    decimal = made.counted["n"].decimal
    assert amounts == [Decimal(numbers.plain(cell, decimal)) for cell in cells]


@given(st.text(max_size=20))
def test_no_text_breaks_the_detection(text: str) -> None:
    day, number = dates.Evidence(), numbers.Evidence()

    assert day.add(text) in (True, False)
    assert number.add(text) in (True, False)
    for order in (None, *dates.CHOICES):
        assert isinstance(dates.when_of(text, order), dates.When | None)
