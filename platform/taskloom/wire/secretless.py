"""Texts of requests and answers without what opens anything: keys, tokens, passwords."""

import re
from typing import Final
from urllib.parse import unquote_plus

_NAMED: Final = (
    r"pass(?:word|wd|phrase)?|secret|token|csrf|authori[sz]ation|cookie|session|credential|"
    r"api[ _-]?key|private[ _-]?key|access[ _-]?key|(?:old|new)[ _-]?password"
)
_MEMBER: Final = re.compile(
    rf'("[^"\\]*(?:{_NAMED})[^"\\]*"\s*:\s*)("(?:[^"\\]|\\.)*"?|[^\s,\]}}"]+)', re.IGNORECASE
)
_KEY: Final = re.compile(r'("key"\s*:\s*)"tl_(?:[^"\\]|\\.)*"?', re.IGNORECASE)
_NAME: Final = re.compile(_NAMED, re.IGNORECASE)
_SHAPED: Final = re.compile(
    r"tl_[A-Za-z0-9_-]{8,}"
    r"|eyJ[A-Za-z0-9_-]{8,}(?:\.[A-Za-z0-9_-]*){0,2}"
    r"|\b(?:Bearer|Basic)\s+[A-Za-z0-9._~+/=-]{8,}"
)
HIDDEN: Final = "…"


def secretless(text: str) -> str:
    """Put a sign in the place of secrets in a text, which may be JSON that was cut."""
    text = _MEMBER.sub(rf'\1"{HIDDEN}"', text)
    return _SHAPED.sub(HIDDEN, _KEY.sub(rf'\1"{HIDDEN}"', text))


def secretless_query(query: str) -> str:
    """Put a sign in the place of secrets among the parameters of an address."""
    parts = []
    for part in query.split("&"):
        name, equals, value = part.partition("=")
        hides = bool(equals) and (_NAME.search(unquote_plus(name)) or _SHAPED.search(value))
        parts.append(f"{name}={HIDDEN}" if hides else part)
    return "&".join(parts)
