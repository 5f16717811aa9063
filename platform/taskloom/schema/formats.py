"""One table of formats: what `format` asserts is asserted, and the same by both validators.

The standard formats run in one engine, whoever asks. E-mail and web addresses are read as people
write them, letters beyond ASCII included; the kinds of field are stricter. Formats that only choose
a field's kind (`currency`, `file`, …) assert nothing here, their kind parses them.
"""

from collections.abc import Callable, Iterator, Mapping
from typing import Final

from jsonschema_rs import Draft202012Validator

from taskloom.fields.base import KINDS
from taskloom.schema.patterns import BadPattern, compiled

Check = Callable[[str], bool]


def _standard(name: str) -> Check:
    engine = Draft202012Validator({"format": name}, validate_formats=True).is_valid

    def holds(text: str) -> bool:
        try:
            return engine(text)
        except UnicodeEncodeError:
            return False

    return holds


def _is_pattern(text: str) -> bool:
    try:
        compiled(text)
    except BadPattern:
        return False
    return True


_EMAIL: Final = compiled(r"^[^\s\pZ\p{Cc}@]+@[^\s\pZ\p{Cc}@]+$")
_ADDRESS: Final = compiled(r"^[A-Za-z][A-Za-z0-9+.-]*:[^\s\pZ\p{Cc}\\]+$")

FORMATS: Final[Mapping[str, Check]] = {
    **{
        name: _standard(name)
        for name in (
            "date",
            "date-time",
            "time",
            "duration",
            "hostname",
            "idn-hostname",
            "ipv4",
            "ipv6",
            "iri-reference",
            "json-pointer",
            "relative-json-pointer",
            "uri-reference",
            "uri-template",
            "uuid",
        )
    },
    "email": _EMAIL,
    "idn-email": _EMAIL,
    "iri": _ADDRESS,
    "uri": _ADDRESS,
    "url": _ADDRESS,
    "regex": _is_pattern,
}
"""Asserted formats; each tells whether a text has the format, other values always pass."""

WANTED: Final[Mapping[str, str]] = {
    "date": "must be a date like 2025-01-31",
    "date-time": "must be a date and time like 2025-01-31T09:30:00Z",
    "time": "must be a time like 09:30:00Z",
    "duration": "must be a duration like P3DT4H",
    "hostname": "must be a host name",
    "idn-hostname": "must be a host name",
    "ipv4": "must be an IPv4 address",
    "ipv6": "must be an IPv6 address",
    "iri-reference": "must be an address like /page",
    "json-pointer": "must be a JSON pointer like /a/0",
    "relative-json-pointer": "must be a relative JSON pointer like 1/a",
    "uri-reference": "must be an address like /page",
    "uri-template": "must be an address template like /tasks/{id}",
    "uuid": "must be a UUID",
    "email": "must be an e-mail address like team@example.com",
    "idn-email": "must be an e-mail address like team@example.com",
    "iri": "must be an address like https://example.com/page",
    "uri": "must be an address like https://example.com/page",
    "url": "must be an address like https://example.com/page",
    "regex": "must be a regular expression in the syntax of RE2",
}
"""What people read when a format does not hold."""


def known_formats() -> tuple[str, ...]:
    """Name every format a workflow file may use: the asserted ones and those of the kinds."""
    return tuple(sorted({*FORMATS, *_of_kinds()}))


def _of_kinds() -> Iterator[str]:
    for kind in KINDS.members().values():
        for example in kind.examples:
            items = example.schema.get("items")
            for schema in (example.schema, items if isinstance(items, Mapping) else {}):
                name = schema.get("format")
                if isinstance(name, str):
                    yield name
