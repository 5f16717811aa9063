"""The fast and the exact validator give the same verdict on every schema we accept."""

from decimal import Decimal
from typing import Any

import jsonschema_rs
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from taskloom.schema.formats import FORMATS
from taskloom.schema.validators import exact_faults, fast_verdict

TEXTS = (
    "",
    " ",
    "a",
    "abc",
    "A1",
    "é",
    "e\u0301",
    "😀",
    "2024-02-29",
    "2023-02-29",
    "2024-01-01T00:00:00Z",
    "10:00:00Z",
    "team@example.com",
    "https://example.com/ä",
    "P3D",
    "127.0.0.1",
    "::1",
    "/a/0",
    "(a)",
    "(",
    "0189d1b4-1b1c-7c6e-8b7a-1f2e3d4c5b6a",
    "a\nb",
    "\0",
)
PATTERNS = ("^a", "b$", "^[A-Z][0-9]+$", r"\d{4}", r"^\S*$", "^$", ".", r"\p{L}", "a|c")
NUMBERS: tuple[int | Decimal, ...] = (
    0,
    1,
    -1,
    2,
    3,
    10,
    2**63,
    -(2**64),
    10**33,
    Decimal("0.01"),
    Decimal("0.1"),
    Decimal("-0.0"),
    Decimal("1.0"),
    Decimal("1.10"),
    Decimal("2.5"),
    Decimal("1E+30"),
    Decimal("1E-30"),
    Decimal("0.1234567890123456789012345678901234"),
    Decimal("12345678901234567890.12345678901234"),
)
KEYS = ("a", "b", "ab", "é", "pattern", "properties", "$ref")

texts = st.sampled_from(TEXTS) | st.text(st.characters(exclude_categories=["Cs"]), max_size=5)
numbers = (
    st.sampled_from(NUMBERS)
    | st.integers(-(10**34), 10**34)
    | st.decimals(-(10**6), 10**6, places=2)
)
keys = st.sampled_from(KEYS)
scalars = st.none() | st.booleans() | texts | numbers
values = st.recursive(
    scalars,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(keys, inner, max_size=4),
    max_leaves=8,
)
counts = st.integers(0, 3) | st.just(Decimal("2.0"))
types = st.sampled_from(("array", "boolean", "integer", "null", "number", "object", "string"))


def _keywords(inner: st.SearchStrategy[Any]) -> dict[str, st.SearchStrategy[Any]]:
    several = st.lists(inner, min_size=1, max_size=3)
    named = st.dictionaries(keys, inner, max_size=3)
    names = st.lists(keys, max_size=2, unique=True)
    return {
        "type": types | st.lists(types, min_size=1, max_size=3, unique=True),
        "enum": st.lists(values, min_size=1, max_size=4),
        "const": values,
        "multipleOf": numbers.map(abs).filter(bool),
        **dict.fromkeys(("maximum", "exclusiveMaximum", "minimum", "exclusiveMinimum"), numbers),
        **dict.fromkeys(
            (
                "maxLength",
                "minLength",
                "maxItems",
                "minItems",
                "maxContains",
                "minContains",
                "maxProperties",
                "minProperties",
            ),
            counts,
        ),
        "uniqueItems": st.booleans(),
        "pattern": st.sampled_from(PATTERNS),
        "format": st.sampled_from((*FORMATS, "currency", "file", "person")),
        "required": names,
        "dependentRequired": st.dictionaries(keys, names, max_size=2),
        "properties": named,
        **dict.fromkeys(
            (
                "additionalProperties",
                "propertyNames",
                "items",
                "contains",
                "not",
                "if",
                "then",
                "else",
            ),
            inner,
        ),
        **dict.fromkeys(("allOf", "anyOf", "oneOf", "prefixItems"), several),
        "dependentSchemas": named,
        "$defs": named,
        "default": values,
        "title": texts,
        "filterable": st.booleans(),
    }


@st.composite
def schemas(draw: st.DrawFn, depth: int = 3) -> Any:
    """Draw a schema with up to five keywords, nested to `depth`."""
    if depth == 0 or draw(st.integers(0, 9)) == 0:
        return draw(st.booleans() | st.fixed_dictionaries({"type": types}))
    keywords = _keywords(schemas(depth=depth - 1))
    chosen = draw(st.lists(st.sampled_from(sorted(keywords)), min_size=1, max_size=5, unique=True))
    schema = {name: draw(keywords[name]) for name in chosen}
    if depth == 3 and "$defs" in schema and schema["$defs"]:
        schema["$ref"] = f"#/$defs/{draw(st.sampled_from(sorted(schema['$defs'])))}"
    return schema


@settings(max_examples=500, deadline=None, suppress_health_check=list(HealthCheck))
@given(schemas().filter(lambda schema: isinstance(schema, dict)), st.lists(values, min_size=3))
@example({"enum": [1]}, [True, 1, Decimal("1.0")])
@example({"const": False}, [0, False])
@example({"multipleOf": Decimal("0.01")}, [10**33, Decimal("0.075"), Decimal("1E+30")])
@example({"multipleOf": 1}, [Decimal("12345678901234567890.12345678901234")])
@example({"maximum": 2**64}, [2**64, 2**64 + 1, Decimal("18446744073709551616.5")])
@example({"minimum": -(2**63) - 1}, [Decimal("-9223372036854775809.5"), -(2**63)])
@example({"maximum": Decimal("-0.0")}, [Decimal("1E-400"), 0])
@example({"uniqueItems": True}, [[[1], [True]], [{"a": 1}, {"a": Decimal("1.0")}], [1, True]])
def test_both_validators_give_the_same_verdict(
    schema: dict[str, Any], instances: list[Any]
) -> None:
    try:
        fast = fast_verdict(schema)
    except jsonschema_rs.ValidationError:
        return
    exact = exact_faults(schema)
    assert fast is not None
    verdicts = [(not exact(instance), fast(instance)) for instance in instances]
    assert all(slow == quick for slow, quick in verdicts), verdicts
