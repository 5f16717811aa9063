"""One table of formats: what `format` asserts is asserted, and the same by both validators.

The standard formats run in one engine, whoever asks. E-mail and web addresses are read as people
write them, letters beyond ASCII included; the kinds of field are stricter. Formats that only choose
a field's kind (`currency`, `file`, …) assert nothing here, their kind parses them.
"""

import re
from collections.abc import Callable, Iterator, Mapping
from typing import Final

from jsonschema_rs import Draft202012Validator

from taskloom.fields.base import KINDS, encodable
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


def _fixed(pattern: str) -> Check:
    """Make the check of a pattern of our own, which takes linear time in any engine."""
    whole = re.compile(pattern).fullmatch
    return lambda text: whole(text) is not None and encodable(text)


_NO_BLANK: Final = r"\s\x00-\x1f\x7f-\x9f"
_EMAIL: Final = _fixed(rf"[^{_NO_BLANK}@]+@[^{_NO_BLANK}@]+")
_ADDRESS: Final = _fixed(rf"[A-Za-z][A-Za-z0-9+.-]*:[^{_NO_BLANK}\\]+")

OWN: Final[Mapping[str, Check]] = {
    "email": _EMAIL,
    "idn-email": _EMAIL,
    "iri": _ADDRESS,
    "uri": _ADDRESS,
    "url": _ADDRESS,
    "regex": _is_pattern,
}
"""Formats that are ours to read; the fast validator brings the others with it."""

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
    **OWN,
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
