"""Laws of the kinds of field: what is accepted comes back as it went in, the rest is refused."""

from collections.abc import Callable, Mapping
from datetime import UTC, date, datetime, timedelta, timezone
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from taskloom.errors import Refusal
from taskloom.fields import identity
from taskloom.fields.base import KINDS, Codec, encodable
from tests.conformance.kinds import PEOPLE, field_of, resolved, through_bson

laws = settings(deadline=None)

letters = st.characters(exclude_categories=["Cs"], exclude_characters="\0")
texts = st.text(letters, max_size=60)
words = st.from_regex(r"[a-z0-9]{1,12}", fullmatch=True)
int64 = st.one_of(st.integers(-(2**63), 2**63 - 1), st.sampled_from([-(2**63), 2**63 - 1, 2**53]))


def scaled(digits: int, places: int) -> Decimal:
    """Move the point of an integer, without any rounding."""
    sign, figures, _ = Decimal(digits).as_tuple()
    return Decimal((sign, figures, -places))


def plain(number: Decimal | int) -> str:
    return format(Decimal(number), "f")


long_decimals = st.builds(scaled, st.integers(1 - 10**34, 10**34 - 1), st.integers(4, 34))
short_decimals = st.builds(scaled, st.integers(1 - 10**15, 10**15 - 1), st.integers(-15, 20))
numbers = st.one_of(
    int64, st.integers(1 - 10**30, 10**30 - 1), long_decimals, short_decimals, st.just(0.1)
)
amounts = st.builds(scaled, st.integers(-9 * 10**18, 9 * 10**18), st.just(2))
offsets = st.builds(
    timezone, st.builds(timedelta, minutes=st.integers(-23 * 60 - 59, 23 * 60 + 59))
)
moments = st.datetimes(
    datetime(1, 1, 2),  # noqa: DTZ001 - the strategy wants bounds without a zone and adds one
    datetime(9999, 12, 30),  # noqa: DTZ001
    timezones=st.one_of(offsets, st.just(UTC)),
)
json_values = st.recursive(
    st.one_of(
        st.none(),
        st.booleans(),
        st.integers(-(2**200), 2**200),
        st.decimals(allow_nan=False, allow_infinity=False),
        st.text(st.characters(exclude_categories=["Cs"]), max_size=20),
    ),
    lambda inner: st.one_of(st.lists(inner, max_size=5), st.dictionaries(texts, inner, max_size=5)),
    max_leaves=20,
)
blobs = st.builds(lambda blob: {"blobId": blob}, words)

WIRES: Mapping[str, tuple[Mapping[str, object], st.SearchStrategy[Any]]] = {
    "text": ({"type": "string"}, texts),
    "longText": ({"type": "string", "format": "long-text"}, texts),
    "textList": ({"type": "array", "items": {"type": "string"}}, st.lists(texts, max_size=9)),
    "number": ({"type": "number"}, st.one_of(numbers, long_decimals.map(plain))),
    "percent": ({"type": "number", "format": "percent"}, numbers),
    "currency": (
        {"type": "number", "format": "currency"},
        st.one_of(amounts, amounts.map(plain), st.integers(-9 * 10**16, 9 * 10**16)),
    ),
    "integer": ({"type": "integer"}, st.one_of(int64, int64.map(str), int64.map(Decimal))),
    "date": ({"type": "string", "format": "date"}, st.dates().map(date.isoformat)),
    "datetime": ({"type": "string", "format": "date-time"}, moments.map(datetime.isoformat)),
    "email": (
        {"type": "string", "format": "email"},
        st.builds("{}@{}.example.com".format, words, words),
    ),
    "phone": (
        {"type": "string", "format": "phone"},
        st.from_regex(r"\+?[0-9]([ ./()\-]{0,2}[0-9]){2,14}( ext\.)?", fullmatch=True),
    ),
    "url": (
        {"type": "string", "format": "uri"},
        st.builds("{}://{}.example.com/{}".format, st.sampled_from(["http", "ftp"]), words, words),
    ),
    "checkbox": ({"type": "boolean"}, st.booleans()),
    "singleSelect": (
        {"type": "string", "enum": ["A", "$b", ""]},
        st.sampled_from(["A", "$b", ""]),
    ),
    "multipleSelect": (
        {"type": "array", "items": {"enum": ["A", "$b", ""]}},
        st.lists(st.sampled_from(["A", "$b", ""]), unique=True),
    ),
    "person": ({"type": "string", "format": "person"}, st.sampled_from(list(PEOPLE.users))),
    "personList": (
        {"type": "array", "items": {"format": "person"}},
        st.lists(st.sampled_from(list(PEOPLE.users)), unique=True),
    ),
    "file": (
        {"type": "array", "items": {"format": "file"}},
        st.lists(blobs, max_size=5, unique_by=lambda entry: entry["blobId"]),
    ),
    "json": ({"type": "object"}, st.dictionaries(texts, json_values, max_size=5)),
}


def wires(name: str) -> tuple[Mapping[str, object], st.SearchStrategy[Any]]:
    """Give a schema of a kind with wire values for it: generated ones, or else its examples."""
    first = KINDS[name].examples[0].schema
    shown = [example.wire for example in KINDS[name].examples if example.schema == first]
    return WIRES.get(name, (first, st.sampled_from(shown)))


def codec_of(name: str) -> Codec:
    return KINDS[name].compile(field_of(name, wires(name)[0]))


@pytest.mark.parametrize("name", list(KINDS))
@laws
@given(data=st.data())
def test_what_is_written_is_read_as_it_was(name: str, data: st.DataObject) -> None:
    codec = codec_of(name)
    value = resolved(codec.parse(data.draw(wires(name)[1]), PEOPLE))
    stored = codec.unpack(through_bson(codec.pack(value)))
    assert value == stored
    assert value == resolved(codec.parse(codec.dump(stored, PEOPLE), PEOPLE))
    assert value == resolved(codec.parse(codec.echo(stored, PEOPLE), PEOPLE))


@laws
@given(number=st.one_of(numbers, long_decimals))
def test_a_number_reads_as_the_same_number_without_exponent(number: Any) -> None:
    codec = codec_of("number")
    dumped = codec.dump(codec.unpack(through_bson(codec.pack(codec.parse(number, PEOPLE)))), PEOPLE)
    assert isinstance(dumped, str)
    assert Decimal(str(number)) == Decimal(dumped)
    assert set(dumped) <= set("-.0123456789")


@laws
@given(one=short_decimals, other=short_decimals)
def test_stored_numbers_of_15_digits_sort_like_the_numbers(one: Decimal, other: Decimal) -> None:
    codec = codec_of("number")
    first, second = (codec.pack(codec.parse(number, PEOPLE)) for number in (one, other))
    assert isinstance(first, int | float)
    assert isinstance(second, int | float)
    assert (one < other, one == other) == (first < second, first == second)


@laws
@given(one=amounts, other=amounts)
def test_stored_amounts_sort_like_the_amounts(one: Decimal, other: Decimal) -> None:
    codec = codec_of("currency")
    first, second = (codec.pack(codec.parse(amount, PEOPLE)) for amount in (one, other))
    assert isinstance(first, int)
    assert isinstance(second, int)
    assert (one < other, one == other) == (first < second, first == second)


@laws
@given(one=moments, other=st.one_of(moments, st.none()), apart=st.integers(-2000, 2000))
def test_stored_times_sort_like_the_times(
    one: datetime, other: datetime | None, apart: int
) -> None:
    codec = codec_of("datetime")
    later = other or one + timedelta(microseconds=apart)
    first, second = (codec.pack(codec.parse(at.isoformat(), PEOPLE)) for at in (one, later))
    assert isinstance(first, str)
    assert isinstance(second, str)
    assert (one < later, one == later) == (first < second, first == second)


@laws
@given(at=moments)
def test_a_time_is_the_same_moment_in_utc(at: datetime) -> None:
    value = codec_of("datetime").parse(at.isoformat(), PEOPLE)
    assert isinstance(value, str)
    assert value.endswith("Z")
    assert at == datetime.fromisoformat(value)


odd_numbers = st.one_of(
    st.integers(),
    st.floats(),
    st.decimals(),
    st.sampled_from([10**4000, -(10**999), Decimal("1e999999999"), Decimal("-1e-999999999")]),
    st.sampled_from([Decimal("0e999999999"), Decimal("-0"), Decimal("sNaN"), Decimal("-Infinity")]),
)
anything = st.recursive(
    st.one_of(st.none(), st.booleans(), odd_numbers, st.text(max_size=20)),
    lambda inner: st.one_of(
        st.lists(inner, max_size=5),
        st.dictionaries(
            st.one_of(
                st.sampled_from(["blobId", "base64contents", "remoteUrl", "filename"]),
                st.text(max_size=9),
            ),
            inner,
            max_size=4,
        ),
    ),
    max_leaves=12,
)


REFUSED = object()


def unless_refused(read: Callable[..., object], *arguments: object) -> Any:
    """Return what `read` returns, or `REFUSED`, or None for a refusal that cannot be told."""
    try:
        return read(*arguments)
    except Refusal as refusal:
        return REFUSED if encodable(f"{refusal.message}{refusal.path}") else None


@pytest.mark.parametrize("name", list(KINDS))
@laws
@given(wire=anything)
def test_any_json_is_read_or_refused_and_what_is_read_can_be_stored(name: str, wire: Any) -> None:
    codec = codec_of(name)
    value = resolved(unless_refused(codec.parse, wire, PEOPLE))
    assert value is not None
    assert value is REFUSED or value == codec.unpack(through_bson(codec.pack(value)))


@pytest.mark.parametrize("name", list(KINDS))
@laws
@given(text=st.text(max_size=40))
def test_any_filter_text_is_read_or_refused(name: str, text: str) -> None:
    assert unless_refused(codec_of(name).operand, text, PEOPLE) is not None


@pytest.mark.parametrize("integer", [True, False])
@laws
@given(wire=anything)
def test_a_unique_id_read_twice_is_the_same(integer: bool, wire: Any) -> None:
    once = unless_refused(identity.canonical, wire, integer)
    assert once is not None
    if once is not REFUSED:
        assert once == identity.canonical(once, integer)
        assert once == identity.canonical(identity.text_of(once), integer)


@laws
@given(number=int64)
def test_all_spellings_of_a_unique_number_are_one_id(number: int) -> None:
    spellings = [number, str(number), f" {number} ", Decimal(number), Decimal(f"{number}.00")]
    found = {identity.text_of(identity.canonical(spelt, integer=True)) for spelt in spellings}
    assert found == {str(number)}
