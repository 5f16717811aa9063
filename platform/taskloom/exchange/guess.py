"""What kind of field a column is: every kind that could read all of its values stays possible."""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, Final

from taskloom.errors import Refusal
from taskloom.exchange.formats import Format, Formats
from taskloom.exchange.guard import unmarked
from taskloom.exchange.kinds import NOBODY, converter
from taskloom.exchange.rows import is_blank
from taskloom.fields.base import KINDS
from taskloom.fields.text import SHORT
from taskloom.model.workflow import Field
from taskloom.schema.properties import NOBODY as NO_PEOPLE

COUNTED: Final = frozenset({"integer", "percent", "currency", "number"})
DATED: Final = frozenset({"date", "datetime"})

Schema = dict[str, object]
Accepts = Callable[[Any], bool]

MOST_OPTIONS: Final = 40
LONGEST_OPTION: Final = 80
_MOST_LIST_OPTIONS: Final = 100
_COMPACT: Final = 64
_LISTS: Final = frozenset({"checklist", "textList", "array"})
_WORDS: Final = frozenset({"true", "false", "yes", "no", "checked", "unchecked"})
_SURE_DIGITS: Final = 15
_LINK: Final = re.compile(r"https?://\S+", re.IGNORECASE)
_LEADING: Final = re.compile(r"[-+]?0\d")

_KINDS: Final[Mapping[str, Schema]] = {
    "checkbox": {"type": "boolean"},
    "integer": {"type": "integer"},
    "percent": {"type": "number", "format": "percent"},
    "currency": {"type": "number", "format": "currency"},
    "number": {"type": "number"},
    "date": {"type": "string", "format": "date"},
    "datetime": {"type": "string", "format": "date-time"},
    "email": {"type": "string", "format": "email"},
    "url": {"type": "string", "format": "uri"},
    "checklist": {"type": "array", "format": "checklist"},
    "text": {"type": "string"},
    "longText": {"type": "string", "format": "long-text"},
    "textList": {"type": "array", "items": {"type": "string"}},
    "object": {"type": "object"},
    "array": {"type": "array"},
}
_REASONS: Final = {
    "checkbox": "every value is yes or no",
    "integer": "every value is a whole number",
    "percent": "values are shares in percent",
    "currency": "values are amounts of money",
    "number": "every value is a number",
    "date": "every value is a date",
    "datetime": "every value is a date, some with a time of day",
    "email": "every value is an e-mail address",
    "url": "every value is an address on the web",
    "checklist": "values are items to tick off",
    "text": "values are texts",
    "longText": "some values are long, or have several lines",
    "textList": "values are lists of texts",
    "object": "values are JSON objects",
    "array": "values are JSON lists",
}


@dataclass(frozen=True, slots=True)
class Guess:
    """The schema of a field, why it is so, and its kind."""

    schema: Schema
    reason: str
    kind: str


class Watch:
    """Looks at all values of one column, in little memory.

    `form` tells how its dates and numbers are written; dates or numbers that are `unclear` stay
    texts. What is left of `possible` in the end can be imported.
    """

    def __init__(self, form: Format, *, tabular: bool, unclear: frozenset[str]) -> None:
        self.form = form
        self._tabular = tabular
        self.filled = 0
        self.longest = 0
        self.possible = [
            (kind, _acceptance(kind, form, tabular=tabular))
            for kind in _KINDS
            if kind not in unclear
        ]
        self.options: dict[str, int] | None = {}
        self._repeats = False
        self.compact = True
        self.free = False
        self.money = False
        self.percents = False

    def add(self, value: Any) -> None:
        """Look at a value that is set."""
        if value == []:
            self.possible = [each for each in self.possible if each[0] in _LISTS]
            return
        self.possible = [each for each in self.possible if each[1](value)]
        if self._tabular and isinstance(value, str):
            value = unmarked(value)
        self.filled += not is_blank(value)
        if isinstance(value, str):
            text = value.strip()
            self.longest = max(self.longest, len(text) if "\n" not in text else SHORT + 1)
            self.compact &= len(text) <= _COMPACT and not any(map(str.isspace, text))
            self.percents |= "%" in text
            self.money |= not self.percents and not _is_bare(text)
            self._count([text])
        elif isinstance(value, list) and all(isinstance(part, str) for part in value):
            self._repeats |= len(set(value)) < len(value)
            self._count(value)
        else:
            self.options = None

    def forget(self, kinds: frozenset[str]) -> None:
        """Leave out kinds after all."""
        self.possible = [each for each in self.possible if each[0] not in kinds]

    def _count(self, texts: list[str]) -> None:
        if self.options is None:
            return
        for text in texts:
            if not text or len(text) > LONGEST_OPTION or not text.isprintable():
                self.options = None
                return
            self.options[text] = self.options.get(text, 0) + 1
        if len(self.options) > _MOST_LIST_OPTIONS:
            self.options = None

    def guess(self) -> Guess | None:
        """Say what the column is; None if no kind could take all of its values."""
        kinds = [kind for kind, _ in self.possible]
        if not self.filled:
            kind = "text" if "text" in kinds else "textList"
            return Guess(dict(_KINDS[kind]), "no row has a value", kind)
        for kind in kinds:
            fits = {
                "percent": self.percents,
                "currency": self.money,
                "text": self.longest <= SHORT,
            }.get(kind, True)
            if kind in ("text", "longText", "textList") and self._is_choice(kind):
                return self._choice(kind)
            if fits:
                return Guess(dict(_KINDS[kind]), _REASONS[kind], kind)
        return None

    def _is_choice(self, kind: str) -> bool:
        found = self.options or {}
        most = _MOST_LIST_OPTIONS if kind == "textList" else MOST_OPTIONS
        if self.free or not 1 < len(found) <= most or (kind == "textList" and self._repeats):
            return False
        return sum(found.values()) >= 2 * len(found) and self.filled > 2  # noqa: PLR2004 - what comes but once is no choice

    def _choice(self, kind: str) -> Guess:
        options = list(self.options or ())
        listed = {"type": "string", "enum": options}
        reason = f"{self.filled} values are of {len(options)} sorts"
        if kind == "textList":
            return Guess({"type": "array", "items": listed}, reason, "multipleSelect")
        return Guess({**listed, "filterable": True}, reason, "singleSelect")


def _is_bare(text: str) -> bool:
    return text.lstrip("-+(")[:1].isdigit() and text.rstrip(")")[-1:].isdigit()


def _acceptance(kind: str, form: Format, *, tabular: bool) -> Accepts:
    """Make the test whether a value can be imported into a field of a kind."""
    schema = _KINDS[kind]
    name = "json" if kind in ("object", "array") else kind
    field = Field(key=kind, title=kind, kind=name, schema=schema)
    parse = KINDS[name].compile(field).parse
    convert = converter(field, form, NOBODY, tabular=tabular)
    likely = _LIKELY.get(kind)

    def accepts(value: Any) -> bool:
        if likely is not None and not likely(value):
            return False
        try:
            parse(convert(value), NO_PEOPLE)
        except Refusal:
            return False
        return True

    return accepts


def _is_word(value: object) -> bool:
    if isinstance(value, str):
        return value.strip().casefold() in _WORDS
    return isinstance(value, bool)


def _is_number(value: object) -> bool:
    """Numbers that are none, like 007 and those longer than any sum, stay texts."""
    if isinstance(value, bool):
        return False
    if not isinstance(value, str):
        return isinstance(value, int | float | Decimal)
    text = value.strip()
    return not _LEADING.match(text) and (len(text) <= _SURE_DIGITS or not text.isdigit())


def _is_text(value: object) -> bool:
    return isinstance(value, str | int | Decimal | bool)


_LIKELY: Final[Mapping[str, Accepts]] = {
    "checkbox": _is_word,
    **dict.fromkeys(("integer", "percent", "currency", "number"), _is_number),
    "date": lambda value: isinstance(value, str),
    "datetime": lambda value: isinstance(value, str),
    "email": lambda value: isinstance(value, str),
    "url": lambda value: isinstance(value, str) and _LINK.match(value) is not None,
    "checklist": lambda value: isinstance(value, list) and _has(value, "text"),
    "text": _is_text,
    "longText": _is_text,
    "textList": lambda value: isinstance(value, list),
    "object": lambda value: isinstance(value, dict),
    "array": lambda value: isinstance(value, list),
}


def _has(items: list[Any], key: str) -> bool:
    return all(isinstance(item, dict) and key in item for item in items)


def watches(columns: Sequence[str], found: Formats, *, tabular: bool) -> dict[str, Watch]:
    """Make a watch for each column; `found` tells how those with dates or numbers are written."""
    unclear = {fault.path[0] for fault in found.unclear}
    made = {}
    for name in columns:
        counted, dated = found.counted.get(name), found.dated.get(name)
        out = (COUNTED if counted is None or name in unclear else frozenset()) | (
            DATED if dated is None or name in unclear else frozenset()
        )
        form = counted or dated or Format()
        made[name] = Watch(form, tabular=tabular, unclear=out if tabular else frozenset())
    return made
