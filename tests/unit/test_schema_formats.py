"""Formats are asserted, and never against what a kind of field accepts."""

import pytest

from taskloom.fields.base import KINDS, Example
from taskloom.schema.formats import FORMATS, WANTED, known_formats
from taskloom.schema.validators import checker

EXAMPLES = [
    pytest.param(example, id=f"{name}-{position}")
    for name in KINDS
    if name != "file"  # entries of a write are attachments before the schema sees them
    for position, example in enumerate(KINDS[name].examples)
]


@pytest.mark.parametrize(
    ("name", "good", "bad"),
    [
        ("date", "2024-02-29", "2023-02-29"),
        ("date-time", "2024-02-29T10:00:00+01:00", "2024-02-29T10:00:00"),
        ("time", "10:00:00Z", "25:00:00Z"),
        ("duration", "P3DT4H", "3 days"),
        ("email", "größe@example.com", "a b@example.com"),
        ("idn-email", "team@localhost", "team"),
        ("hostname", "example.com", "exa_mple"),
        ("idn-hostname", "größe.example", "-"),
        ("ipv4", "127.0.0.1", "127.0.0.256"),
        ("ipv6", "::1", "::g"),
        ("uri", "https://example.com/a?b#c", "example.com"),
        ("url", "https://example.com/größe", "https://exa mple.com"),
        ("iri", "urn:isbn:1", "://"),
        ("uri-reference", "/page", "a b"),
        ("iri-reference", "/größe", "a b"),
        ("uri-template", "/tasks/{id}", "/tasks/{"),
        ("json-pointer", "/a/0", "a"),
        ("relative-json-pointer", "1/a", "/a"),
        ("uuid", "0189d1b4-1b1c-7c6e-8b7a-1f2e3d4c5b6a", "0189d1b4"),
        ("regex", "^a+$", "(?=a)"),
    ],
)
def test_a_format_holds_or_not(name: str, good: str, bad: str) -> None:
    assert (True, False) == (FORMATS[name](good), FORMATS[name](bad))


def test_half_a_character_has_no_format() -> None:
    assert [] == [name for name, holds in FORMATS.items() if holds("a@\ud800:b")]


def test_every_asserted_format_has_words_of_its_own() -> None:
    assert set(FORMATS) == set(WANTED)


def test_the_formats_of_the_kinds_are_known_too() -> None:
    assert {"currency", "file", "percent", "person", "phone", "textarea", *FORMATS} <= {
        *known_formats()
    }


@pytest.mark.parametrize("example", EXAMPLES)
def test_what_a_kind_reads_passes_the_schema_of_its_own_example(example: Example) -> None:
    check = checker({"properties": {"x": example.schema}})

    assert [] == [*check({"x": example.value})]  # type: ignore[dict-item]
