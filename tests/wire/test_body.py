"""Exact JSON: what is read, what is refused, and that limits hold before anything is built."""

import json
from decimal import Decimal
from io import BytesIO
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from werkzeug.test import EnvironBuilder
from werkzeug.wrappers import Request

from taskloom.errors import Invalid, Malformed, TaskloomError, TooLarge, Unsupported
from taskloom.wire.answer import encode
from taskloom.wire.base import Limits
from taskloom.wire.body import HEAVY, as_object, parse, read_json
from taskloom.wire.exact import Text

LIMITS = Limits(max_body=4 * HEAVY, max_file=HEAVY)
SMALL = Limits(max_body=100, max_file=100, max_depth=3, max_items=5, max_keys=4)

VALUES = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(10**40), 10**40)
    | st.decimals(allow_nan=False, allow_infinity=False, places=6)
    | st.text(st.characters(exclude_categories=["Cs"])),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(st.text(st.characters(exclude_categories=["Cs"])), inner, max_size=4)
    ),
    max_leaves=20,
)


def asked(body: bytes, headers: dict[str, str] | None = None, *, chunked: bool = False) -> Request:
    """Make a request as a server would."""
    builder = EnvironBuilder(method="POST", input_stream=BytesIO(body))
    environ: dict[str, Any] = builder.get_environ()
    environ |= {"CONTENT_TYPE": "application/json", "wsgi.input_terminated": True}
    if chunked:
        environ["HTTP_TRANSFER_ENCODING"] = "chunked"
    else:
        environ["CONTENT_LENGTH"] = str(len(body))
    return Request({**environ, **(headers or {})})


@pytest.mark.parametrize(
    ("text", "value"),
    [
        (b"10000000000000000000000001", 10000000000000000000000001),
        (b"0.1", Decimal("0.1")),
        (b"1.10", Decimal("1.10")),
        (b"1e2", Decimal("1e2")),
        (b"-0", 0),
        (b"-0.0", Decimal("0.0")),
        (b"12345678901234567890.123456789", Decimal("12345678901234567890.123456789")),
        (b'"\\ud83d\\ude00"', "😀"),
        ('"ünï"'.encode(), "ünï"),
        (b' {"a": [1, {}]}\n', {"a": [1, {}]}),
    ],
)
def test_json_is_read_exactly(text: bytes, value: object) -> None:
    read = parse(text, LIMITS)

    assert (value, type(value), str(value)) == (read, type(read), str(read))


@given(VALUES)
def test_what_is_written_is_read_back(value: object) -> None:
    assert value == parse(encode(value), LIMITS)


@pytest.mark.parametrize(
    ("text", "told"),
    [
        (b"", "empty"),
        (b" \n ", "empty"),
        (b'{"a": 1, "b": {"c": 1, "c": 2}}', "'c' stands twice"),
        (b'{"\\u0061": 1, "a": 2}', "'a' stands twice"),
        (b"NaN", "NaN"),
        (b"[-Infinity]", "-Infinity"),
        (b'{"a": 1} {}', "line 1"),
        (b'{"a": 1,}', "not JSON"),
        (b"{'a': 1}", "not JSON"),
        (b'"\n"', "not JSON"),
        (b"01", "not JSON"),
        (b"+1", "not JSON"),
        (b".5", "not JSON"),
        (b'\xef\xbb\xbf{"a": 1}', "not JSON"),
        (b'"\xff"', "UTF-8"),
        ('{"a": 1}'.encode("utf-16"), "UTF-8"),
        (b'"\xed\xa0\x80"', "UTF-8"),
        (b'"\\ud800"', "surrogate"),
        (b'{"\\udfff": 1}', "surrogate"),
        (b'[["\\ude00\\ud83d"]]', "surrogate"),
        (b"1" * 1001, "1000 digits"),
        (b"1e1001", "1000 digits"),
        (b"1e-99999999", "1000 digits"),
        (b"1e99999999999999999999", "1000 digits"),
        (b"0." + b"1" * 1000, "1000 digits"),
    ],
)
def test_what_is_no_exact_json_is_malformed(text: bytes, told: str) -> None:
    with pytest.raises(Malformed, match=told):
        parse(text, LIMITS)


@pytest.mark.parametrize("depth", [33, 100, 100_000])
@pytest.mark.parametrize("pair", [(b"[", b"]"), (b'{"a":', b"}")])
def test_deep_nesting_is_refused_without_recursion(depth: int, pair: tuple[bytes, bytes]) -> None:
    opening, closing = pair
    with pytest.raises(Malformed, match="deeper than 32"):
        parse(opening * depth + b"1" + closing * depth, LIMITS)


def test_nesting_within_the_limit_is_read() -> None:
    assert parse(b"[" * 32 + b"]" * 32, LIMITS)


@pytest.mark.parametrize(
    "text",
    [
        b'"' + b"[" * 1000 + b'"',
        b'["' + b"\\\\" * 2000 + b'[[[[[["]',
        b'["' + b'\\"[' * 2000 + b'"]',
    ],
)
def test_brackets_inside_text_do_not_nest(text: bytes) -> None:
    assert json.loads(text) == parse(text, SMALL)


@pytest.mark.parametrize(
    ("text", "told"),
    [
        (b"[1,2,3,4,5,6]", "5 items"),
        (b"[[1,2,3,4,5],[1,2,3,4,5,6]]", "5 items"),
        (b'{"a":1,"b":1,"c":1,"d":1,"e":1}', "4 keys"),
    ],
)
def test_counts_have_limits(text: bytes, told: str) -> None:
    with pytest.raises(TooLarge, match=told):
        parse(text, SMALL)


@pytest.mark.parametrize(
    "text",
    [
        b"[" + (b"[" + b"0," * 9999 + b"0],") * 60 + b"0]",
        b"[" + b'"",' * 500_000 + b"0]",
        b"," * 500_000,
        b'["' + b'\\"' * 500_000,
        b'"' * 500_001,
        b"{" * 500_000,
    ],
)
def test_a_body_that_would_fill_the_memory_is_refused(text: bytes) -> None:
    with pytest.raises(TaskloomError):
        parse(text, LIMITS)


FILLER = b'"' + b"x" * 100_000 + b'"'
WIDE = [
    '"é😀漢"',
    '"\\u00e9é\\ud83d\\ude00😀"',
    '"\\\\u00e9é"',
    '"\\\\\\u00e9é"',
    '"\\n\\u00e9\\"\\u0022\\u005c\\u0000é\\/"',
    '{"é": {"\\u6f22": ["漢", 1.5]}}',
    '"é" ',
]


@pytest.mark.parametrize("text", WIDE)
def test_a_large_text_is_read_like_a_small_one(text: str) -> None:
    large = b"[" + FILLER + b"," + text.encode() + b"]"

    assert parse(text.encode(), LIMITS) == as_list(parse(large, LIMITS))[1]


@given(VALUES, st.booleans())
def test_a_large_text_may_mix_escapes_and_signs(value: object, escaped: bool) -> None:
    written = encode(value)
    spelt = json.dumps(json.loads(written, parse_float=str), ensure_ascii=escaped)
    large = b"[" + FILLER + b", [" + written + ',"é😀"], '.encode() + spelt.encode() + b"]"

    assert value == as_list(as_list(parse(large, LIMITS))[1])[0]


def as_list(value: object) -> list[object]:
    """Take what must be a list."""
    assert isinstance(value, list)
    return value


@pytest.mark.parametrize(
    ("end", "told"),
    [
        (b'"\xff"]', "not UTF-8 at byte 100005"),
        ('"é'.encode()[:-1] + b'"]', "not UTF-8 at byte 100005"),
        ('"\\ud800é"]'.encode(), "surrogate"),
        ('{"é": 1, "\\u00e9": 2}]'.encode(), "stands twice"),
        ('"é\\'.encode(), "not JSON"),
        ('"\\é"]'.encode(), "not JSON"),
        ('"é", é]'.encode(), "not JSON"),
    ],
)
def test_a_large_text_is_malformed_like_a_small_one(end: bytes, told: str) -> None:
    with pytest.raises(Malformed, match=told):
        parse(b"[" + FILLER + b"," + end, LIMITS)


def test_text_longer_than_any_field_takes_is_too_large_unless_it_is_ascii() -> None:
    large = b'"' + b"x" * 4_000_000 + "é".encode() + b'"'

    with pytest.raises(TooLarge):
        parse(large, LIMITS)


@pytest.mark.parametrize("text", ["[]", " [ ] ", "[1]", '[1, {"a": []} ,"]"]', '["é", [2]]\n'])
def test_items_come_one_by_one(text: str) -> None:
    items = list(Text(text.encode(), LIMITS).items())

    assert json.loads(text) == [item for item, _ in items]
    assert all(0 < size <= len(text) for _, size in items)


@pytest.mark.parametrize(
    "text", ["[", "[1", "[1,", "[1,]", "[,1]", "[1 2]", "[1] 2", "[] ]", "[NaN]", '[{"a":1,"a":1}]']
)
def test_a_broken_array_has_no_items(text: str) -> None:
    with pytest.raises(Malformed):
        list(Text(text.encode(), LIMITS).items())


@pytest.mark.parametrize(("text", "error"), [("{}", Invalid), ("5", Invalid), ("{", Malformed)])
def test_what_is_no_array_has_no_items(text: str, error: type[TaskloomError]) -> None:
    with pytest.raises(error):
        list(Text(text.encode(), LIMITS).items())


@pytest.mark.parametrize("body", [b"[]", b'"x"', b"5", b"null", b"true"])
def test_an_object_is_asked_for(body: bytes) -> None:
    with pytest.raises(Invalid) as caught:
        as_object(parse(body, LIMITS))

    assert [((), "must be an object")] == [(f.path, f.message) for f in caught.value.faults]


@pytest.mark.parametrize(
    "kind",
    [
        "application/json",
        "Application/JSON; charset=UTF-8",
        "application/merge-patch+json",
        "application/json;charset=us-ascii",
    ],
)
def test_json_comes_under_several_names(kind: str) -> None:
    assert {"a": 1} == read_json(asked(b'{"a": 1}', {"CONTENT_TYPE": kind}), LIMITS)


@pytest.mark.parametrize(
    "headers",
    [
        {"CONTENT_TYPE": "text/plain"},
        {"CONTENT_TYPE": "application/x-www-form-urlencoded"},
        {"CONTENT_TYPE": "application/json; charset=utf-16"},
        {"CONTENT_TYPE": "application/jsonp"},
        {"HTTP_CONTENT_ENCODING": "gzip"},
    ],
)
def test_other_types_are_unsupported(headers: dict[str, str]) -> None:
    with pytest.raises(Unsupported):
        read_json(asked(b"{}", headers), LIMITS)


@pytest.mark.parametrize("chunked", [False, True])
@pytest.mark.parametrize("size", [10, HEAVY - 2, HEAVY + 1, 4 * HEAVY])
def test_a_body_up_to_the_limit_is_read(size: int, chunked: bool) -> None:
    body = b'"' + b"x" * (size - 2) + b'"'

    assert "x" * (size - 2) == read_json(asked(body, chunked=chunked), LIMITS)


@pytest.mark.parametrize("chunked", [False, True])
def test_a_body_beyond_the_limit_is_too_large(chunked: bool) -> None:
    with pytest.raises(TooLarge) as caught:
        read_json(asked(b" " * 101, chunked=chunked), SMALL)

    assert 100 == caught.value.details["limit"]


def test_a_body_that_says_it_is_too_large_is_not_read_at_all() -> None:
    request = asked(b"{}", {"CONTENT_LENGTH": "101"})

    with pytest.raises(TooLarge):
        read_json(request, SMALL)

    assert b"{}" == request.environ["wsgi.input"].read()


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ({"a": Decimal("1.10"), "b": 2**70}, b'{"a":1.10,"b":1180591620717411303424}'),
        ([Decimal("1E+3"), (1, "x")], b'[1E+3,[1,"x"]]'),
        ({"a": "\ud800"}, b'{"a":"?"}'),
        ({"a": {"b": frozenset({1})}}, b'{"a":{"b":[1]}}'),
    ],
)
def test_answers_are_written_exactly(value: object, text: bytes) -> None:
    assert text == encode(value)


def test_what_has_no_place_in_json_is_a_mistake_of_ours() -> None:
    with pytest.raises(TypeError):
        encode({"a": object()})
