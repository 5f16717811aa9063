"""Cells of tables as the kinds of fields read them; what nobody understands is left to the kind."""

import re
from collections.abc import Callable, Mapping, Sequence
from decimal import Decimal
from typing import Any, Final, Protocol

from taskloom.errors import Refusal
from taskloom.exchange import dates, numbers
from taskloom.exchange.cells import NUMBERS, SPLIT
from taskloom.exchange.documents import parse
from taskloom.exchange.guard import unmarked
from taskloom.fields.base import invalid, spell
from taskloom.model.workflow import Field

Convert = Callable[[Any], object]

YES: Final = frozenset({"true", "yes", "y", "on", "1", "x", "checked", "✓", "✔", "☑"})
NO: Final = frozenset({"false", "no", "n", "off", "0", "unchecked", "☐"})
_STRUCTURES: Final = frozenset({"json", "approvalSteps"})
_LISTS: Final = frozenset({"multipleSelect", "textList"})
_ADDRESS: Final = "remoteUrl"
_IN_BRACKETS: Final = re.compile(r"\((https?://[^\s()]+)\)")
_URL: Final = re.compile(r"https?://\S+", re.IGNORECASE)
_BRACKETED: Final = re.compile(r"[^<>]*<([^<>\s]+@[^<>\s]+)>")
_LONGEST_PERSON: Final = 600
_TICKED: Final = re.compile(r"\s*(?:[-*]\s*)?\[(?P<tick>[xX✓ ]?)\]\s*(?P<text>.*)")


class _Format(Protocol):
    """How the cells of a column are written."""

    @property
    def order(self) -> str | None: ...
    @property
    def decimal(self) -> str: ...
    @property
    def money(self) -> str: ...


class _Names(Protocol):
    def emails_named(self, name: str) -> Sequence[str]: ...


class _Nobody:
    """Knows nobody by name."""

    def emails_named(self, name: str) -> Sequence[str]:  # noqa: ARG002 - fulfils `Names`
        return ()


NOBODY: Final = _Nobody()


def converter(field: Field, form: _Format, names: _Names, *, tabular: bool) -> Convert:
    """Make the function that spells a cell, which is not blank, for a field.

    Values that are no texts come from JSON or from typed cells, and are mostly as they should be.
    """
    if field.kind == "person":
        return lambda value: _person(value, names)
    if field.kind == "personList":
        return lambda value: people_of(value, names)
    if field.kind == "file":
        return _files
    if tabular:
        return _of_cells(field, form)
    others: Mapping[str, Convert] = {"textList": _addresses, "text": _shown, "longText": _shown}
    return others.get(field.kind, _as_it_is)


def _as_it_is(value: object) -> object:
    return value


def _addresses(value: object) -> object:
    """Spell files as their addresses, for fields that are not made for files."""
    if isinstance(value, list) and value and all(map(_has_address, value)):
        return [item[_ADDRESS] for item in value]
    return value


def _has_address(item: object) -> bool:
    return isinstance(item, dict) and _ADDRESS in item


def _of_cells(field: Field, form: _Format) -> Convert:
    kind, order = field.kind, form.order
    if kind in NUMBERS:
        return _number(form, percent=kind == "percent")
    makers: Mapping[str, Convert] = {
        "date": lambda value: dates.day_of(value.strip(), order) if _is_text(value) else value,
        "datetime": lambda value: (
            dates.moment_of(value.strip(), order) if _is_text(value) else value
        ),
        "checkbox": _box,
        "checklist": _checklist,
        "singleSelect": _option(field.options),
        **dict.fromkeys(_LISTS, _list(field.options)),
        **dict.fromkeys(_STRUCTURES, lambda value: _json(value) if _is_text(value) else value),
    }
    return makers.get(kind, _text)


def _is_text(value: object) -> bool:
    return isinstance(value, str)


def _text(value: object) -> object:
    if isinstance(value, str):
        return unmarked(value) if value[0] == "'" else value
    return _shown(value)


def _shown(value: object) -> object:
    """Spell a typed cell or a list as the text that people see."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float):
        value = Decimal(repr(value))
    if isinstance(value, int | Decimal):
        return spell(value)
    value = _addresses(value)
    if isinstance(value, list) and all(isinstance(part, str) for part in value):
        return f"{SPLIT} ".join(value)
    return value


def _number(form: _Format, *, percent: bool) -> Convert:
    decimal, money = form.decimal, form.money

    def read(value: object) -> object:
        if not isinstance(value, str):
            return value
        return numbers.plain(value.strip(), decimal, money, percent=percent)

    return read


def _box(value: object) -> object:
    word = str(value).strip().casefold() if isinstance(value, str | int) else ""
    return True if word in YES else False if word in NO else value


def _option(options: Sequence[str]) -> Convert:
    known = _by_spelling(options)

    def read(value: object) -> object:
        text = _text(value)
        if not isinstance(text, str):
            return text
        return known.get(text) or known.get(text.strip().casefold(), text)

    return read


def _by_spelling(options: Sequence[str]) -> Mapping[str, str]:
    """Map options, and their spellings in small letters where those are of one only."""
    folded: dict[str, list[str]] = {}
    for option in options:
        folded.setdefault(option.casefold(), []).append(option)
    alone = {small: found[0] for small, found in folded.items() if len(found) == 1}
    return alone | {option: option for option in options}


def _list(options: Sequence[str]) -> Convert:
    known = _by_spelling(options)

    def read(value: object) -> object:
        if not isinstance(value, str):
            return _addresses(value)
        if value.lstrip().startswith("["):
            return _json(value)
        parts = _parts(value)
        if known and len(parts) == 1 and "," in value and parts[0] not in known:
            commas = [part.strip() for part in value.split(",")]
            parts = commas if all(_known(part, known) for part in commas) else parts
        return [_known(part, known) or part for part in parts]

    return read


def _known(part: str, known: Mapping[str, str]) -> str | None:
    return known.get(part) or known.get(part.casefold())


def _parts(text: str) -> list[str]:
    return [part.strip() for part in text.split(SPLIT) if part.strip()]


def _json(text: str) -> object:
    try:
        return parse(text)
    except ValueError as fault:
        raise invalid(f"is not JSON: {fault}") from fault


def _checklist(value: object) -> object:
    if not isinstance(value, str):
        return value
    if value.replace(" ", "").startswith(("[{", "[]")):
        return _json(value)
    items: list[object] = []
    for line in filter(str.strip, value.splitlines()):
        found = _TICKED.fullmatch(line)
        text = found["text"] if found else line.strip()
        items.append({"text": text, "done": bool(found and found["tick"].strip())})
    return items


def _files(value: object) -> object:
    if isinstance(value, list):
        return [_file(item) if isinstance(item, str) else item for item in value]
    if not isinstance(value, str):
        return value
    if value.lstrip().startswith("["):
        return _json(value)
    named = named_files(value)
    if named:
        return named
    parts = value.replace(SPLIT, " ").replace(",", " ").split()
    if not all(map(_URL.fullmatch, parts)):
        parts = value.replace("\n", SPLIT).split(SPLIT)
    return [_file(part) for part in parts if part.strip()]


def named_files(text: str) -> list[dict[str, str]]:
    """Read `name (address), name (address)`; nothing if a text is anything else."""
    found: list[dict[str, str]] = []
    end = 0
    for address in _IN_BRACKETS.finditer(text):
        name = text[end : address.start()].strip(" \t\r\n,;")
        found.append({"filename": name, _ADDRESS: address[1]} if name else {_ADDRESS: address[1]})
        end = address.end()
    return [] if text[end:].strip(" \t\r\n,;") else found


def _file(text: str) -> Mapping[str, str]:
    if _URL.fullmatch(text.strip()):
        return {"remoteUrl": text.strip()}
    raise Refusal(
        "not_a_file",
        "names a file that is not in the table",
        "give its address (https://…), or attach it after the import",
    )


def _person(value: object, names: _Names) -> object:
    return _email(value.strip(), names) if isinstance(value, str) else value


def people_of(value: object, names: _Names) -> object:
    """Spell people as a list of e-mails; what is neither text nor a list is left as it is."""
    if isinstance(value, str):
        text = value.strip()
        parts = _json(text) if text.startswith("[") else _parts(text)
        return people_of(parts, names)
    if not isinstance(value, list):
        return value
    return [_email(part.strip(), names) if isinstance(part, str) else part for part in value]


def _email(text: str, names: _Names) -> str:
    """Find the e-mail of a person whose name stands in a cell; several of one name are refused."""
    if "@" in text or not text:
        found = _BRACKETED.fullmatch(text) if len(text) <= _LONGEST_PERSON else None
        return found[1] if found else text
    emails = names.emails_named(text)
    if len(emails) > 1:
        raise Refusal("ambiguous", f"is the name of several people: {text!r}", "give an e-mail")
    return emails[0] if emails else text
