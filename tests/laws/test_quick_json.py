"""What the quick reader gives is what the exact one gives, to the type and to the digit."""

import json
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from taskloom.errors import TaskloomError
from taskloom.wire.base import Limits
from taskloom.wire.exact import Text, quickly

LIMITS = Limits(max_body=1_000_000, max_file=1, max_depth=4, max_items=5, max_keys=6)
NAMES = st.sampled_from(["a", "b", "a:", 'a"', "é", "a b", ""])
BLANKS = st.sampled_from(["", " ", "\n", "\t ", "\r\n"])
NUMBERS = st.one_of(
    st.integers(-(10**25), 10**25).map(str),
    st.decimals(allow_nan=False, allow_infinity=False).map(lambda number: format(number, "f")),
    st.floats(allow_nan=False, allow_infinity=False).map(repr),
    st.sampled_from(["1.50", "0.0", "-0", "-0.0", "1e5", "1E-400", "1e400", "0.1", "100.0", "01"]),
)
TEXTS = st.one_of(st.text(max_size=5), st.sampled_from(['":', '"a":1', "1.5,", "\\", "\ud800"]))
SCALARS = st.one_of(
    NUMBERS,
    TEXTS.map(json.dumps),
    TEXTS.map(lambda text: json.dumps(text, ensure_ascii=False)),
    st.sampled_from(["true", "false", "null", "NaN", "nul", ""]),
)


@st.composite
def objects(draw: st.DrawFn, values: st.SearchStrategy[str]) -> str:
    """Draw an object as text: any spelling, keys that may stand twice."""
    parts = draw(st.lists(st.tuples(NAMES.map(json.dumps), BLANKS, BLANKS, values), max_size=8))
    return "{" + ",".join(f"{key}{one}:{two}{value}" for key, one, two, value in parts) + "}"


@st.composite
def lists(draw: st.DrawFn, values: st.SearchStrategy[str]) -> str:
    """Draw a list as text."""
    return "[" + draw(BLANKS) + ",".join(draw(st.lists(values, max_size=7))) + "]"


VALUES = st.recursive(SCALARS, lambda inner: st.one_of(objects(inner), lists(inner)), max_leaves=8)
BODIES = st.one_of(objects(VALUES), VALUES).map(lambda text: text.encode(errors="surrogatepass"))


def typed(value: Any) -> object:
    """Spell a value with its types and digits."""
    if isinstance(value, dict):
        return {key: typed(item) for key, item in value.items()}
    return [typed(item) for item in value] if isinstance(value, list) else repr(value)


@given(BODIES)
@example(b'{"a":1,"a":2}')
@example(b'{"a":1,"a":2,"b" :3}')
@example(b'{"a":{"b":1,"b":"x"}}')
@example(b'{"a":"\\":","a":1}')
@example(b'{"a":1.5,"b":1.50}')
@example(b'{"a":12345678901234567890123}')
@example(b'{"a":[[[[1]]]]}')
@example(b'{"a":[1,2,3,4,5,6]}')
def test_what_is_read_quickly_is_exact(body: bytes) -> None:
    quick = quickly(body, LIMITS)

    if quick is not None:
        try:
            exact = Text(body, LIMITS).document()
        except TaskloomError as error:
            pytest.fail(f"{error} but read as {quick}")
        assert typed(exact) == typed(quick)


@pytest.mark.parametrize(
    "body", [b'{"a":1,"b":"x y","c":null,"d":true}', b'{"a": 1.25, "b": ["x"], "c": {"d": "e"}}']
)
def test_plain_objects_are_read_quickly(body: bytes) -> None:
    assert Text(body, LIMITS).document() == quickly(body, LIMITS)
