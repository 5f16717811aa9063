"""How to reach somebody or something: `email`, `phone` and `url`, kept as they were typed."""

import re
from collections.abc import Mapping
from urllib.parse import urlsplit

from taskloom.fields.base import (
    INVALID,
    KINDS,
    TEXT,
    People,
    Uniform,
    alike,
    described,
    invalid,
    is_text,
    plain_codec,
    plain_text,
    refusals,
    shortest,
)
from taskloom.model.workflow import Field

LONGEST_EMAIL = 254
LONGEST_PHONE = 100
LONGEST_URL = 8000

_EMAIL = re.compile(r"[^\s@\x00-\x1f\x7f-\x9f]+@(?:localhost|[^\s@.\x00-\x1f\x7f-\x9f]+"
                    r"(?:\.[^\s@.\x00-\x1f\x7f-\x9f]+)+)", re.IGNORECASE)  # fmt: skip
_PHONE = re.compile(r"(?:[0-9 +\-().x/]++|ext)++", re.IGNORECASE)
_DIGITS = re.compile(r"[^0-9]*(?:[0-9][^0-9]*){3,15}")
# Most addresses are as plain as this and need no closer look.
_PLAIN_URL = re.compile(r"(?:https?|ftp)://[A-Za-z0-9.-]+(?::[0-9]{1,4})?(?:[/?#][!-Z^-~]*)?")
_BLANKS = re.compile(r"[\s\x00-\x1f\x7f-\x9f\\]")
_SCHEMES = ("http", "https", "ftp")


def email(value: object, _people: People) -> str:
    """Read an e-mail address: one @, no blanks, a domain with a dot or localhost."""
    sort = "an e-mail address like team@example.com"
    text = plain_text(value, LONGEST_EMAIL, sort)
    if not _EMAIL.fullmatch(text):
        raise invalid(f"must be {sort}")
    return text


def phone(value: object, _people: People) -> str:
    """Read a phone number: 3 to 15 digits with the usual punctuation and an extension."""
    sort = "a phone number like +44 20 7946 0000"
    text = plain_text(value, LONGEST_PHONE, sort)
    if not _PHONE.fullmatch(text) or not _DIGITS.fullmatch(text):
        raise invalid(f"must be {sort}")
    return text


def url(value: object, _people: People) -> str:
    """Read an absolute http, https, ftp or mailto address."""
    sort = "an address like https://example.com/page"
    text = plain_text(value, LONGEST_URL, sort)
    if _PLAIN_URL.fullmatch(text):
        return text
    if _BLANKS.search(text) or not _leads_somewhere(text):
        raise invalid(f"must be {sort}")
    return text


def _leads_somewhere(text: str) -> bool:
    try:
        parts = urlsplit(text)
        host, _ = parts.hostname, parts.port
    except ValueError:
        return False
    if parts.scheme == "mailto":
        return "@" in parts.path and not parts.netloc
    return parts.scheme in _SCHEMES and bool(host)


def fragment(value: object, _people: People) -> str:
    """Read a filter's text, which may be any part of an address or number."""
    return plain_text(value, LONGEST_URL)


class _Contact(Uniform):
    """What the three share; `limit` is in characters."""

    about: str
    limit: int
    formats: tuple[str, ...]
    searched = TEXT

    def claims(self, schema: Mapping[str, object]) -> bool:
        return is_text(schema, *self.formats)

    def wire_schema(self, field: Field) -> Mapping[str, object]:
        return described(
            field,
            self.about,
            ("minLength", "pattern", "default", "format"),
            type="string",
            maxLength=shortest(self.limit, field.schema.get("maxLength")),
            examples=[example.dumped for example in self.examples],
        )


_EMAIL_SCHEMA: Mapping[str, object] = {"type": "string", "format": "email"}
_PHONE_SCHEMA: Mapping[str, object] = {"type": "string", "format": "phone"}
_URL_SCHEMA: Mapping[str, object] = {"type": "string", "format": "uri"}


@KINDS.register("email")
class Email(_Contact):
    """An e-mail address."""

    label = "Email"
    about = "An e-mail address."
    formats = ("email",)
    limit = LONGEST_EMAIL
    codec = plain_codec(email, fragment)
    examples = alike(
        _EMAIL_SCHEMA, "team@example.com", "First.Last+tag@mail.example.com", "root@localhost"
    )
    refused = refusals(
        _EMAIL_SCHEMA, INVALID, "", "team", "a@b@example.com", "a b@example.com", "team@example", 7
    )


@KINDS.register("phone")
class Phone(_Contact):
    """A phone number."""

    label = "Phone"
    about = "A phone number of 3 to 15 digits."
    formats = ("phone",)
    limit = LONGEST_PHONE
    codec = plain_codec(phone, fragment)
    examples = alike(
        _PHONE_SCHEMA, "+44 20 7946 0000", "(020) 7946-0000 ext. 12", "112", "020/7946.0000x5"
    )
    refused = refusals(
        _PHONE_SCHEMA, INVALID, "", "12", "call me", "1234567890123456", "\u0661\u0662\u0663", 112
    )


@KINDS.register("url")
class Url(_Contact):
    """An address on the web, of a file server or a mailbox."""

    label = "URL"
    about = "An absolute http, https, ftp or mailto address."
    formats = ("uri", "url")
    limit = LONGEST_URL
    codec = plain_codec(url, fragment)
    examples = alike(
        _URL_SCHEMA,
        "https://example.com/a?b=c#d",
        "HTTP://EXAMPLE.COM:8080",
        "mailto:team@example.com",
        "ftp://files.example.com/x",
    ) + alike({"type": ["string", "null"], "format": "url"}, "http://[::1]/")
    refused = refusals(
        _URL_SCHEMA,
        INVALID,
        "",
        "example.com",
        "/page",
        "javascript:alert(1)",
        "https://",
        "https://exa mple.com",
        "https://example.com:port/",
        7,
    )
