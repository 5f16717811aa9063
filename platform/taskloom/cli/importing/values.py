"""Rows as the API takes them: titles for columns, and text split where a field holds a list."""

from collections.abc import Callable, Mapping

import orjson

from taskloom.cli.importing.columns import ASSIGNED, STAGE, Columns, Target
from taskloom.cli.importing.documents import parse
from taskloom.cli.importing.rows import Row

SPLIT = ";"
LISTS = frozenset({"multipleSelect", "textList", "personList"})
STRUCTURES = frozenset({"file", "json"})

Body = dict[str, object]
Spell = Callable[[Row], Body]


class Unreadable(ValueError):
    """A row that cannot even be sent; the text says why."""


def speller(target: Target, columns: Columns, *, tabular: bool) -> Spell:
    """Make the function that turns rows into request bodies; it raises `Unreadable`."""
    cell = _of_cell if tabular else _of_value

    def spell(row: Row) -> Body:
        if row.fault:
            raise Unreadable(row.fault)
        body: Body = {}
        for column, value in row.values.items():
            title = columns.title(column)
            if title is None:
                continue
            if title in body:
                raise Unreadable(f"{title} is given twice")
            cell(body, title, value, target)
        return body

    return spell


def _of_value(body: Body, title: str, value: object, _target: Target) -> None:
    body[title] = value


def _of_cell(body: Body, title: str, value: object, target: Target) -> None:
    """Put a cell into the body. Empty clears, but for what a task cannot be without."""
    text = str(value)
    if text.strip():
        body[title] = _meant(title, text, target.kinds)
    elif title != STAGE and not (title == target.unique and target.numbered):
        body[title] = None


def _meant(title: str, text: str, kinds: Mapping[str, str]) -> object:
    kind = kinds.get(title)
    if kind in STRUCTURES:
        return _json(title, text)
    if kind in LISTS:
        return _json(title, text) if text.lstrip().startswith("[") else _parts(text)
    if title == ASSIGNED and SPLIT in text:
        return _parts(text)
    return text


def _parts(text: str) -> list[str]:
    return [part.strip() for part in text.split(SPLIT) if part.strip()]


def _json(title: str, text: str) -> object:
    try:
        return parse(text)
    except ValueError as fault:
        raise Unreadable(f"{title} is not JSON: {fault}") from fault


def encode(body: Body) -> bytes:
    """Write a body as one line; raise `Unreadable` for text that is not all Unicode."""
    try:
        return orjson.dumps(body, option=orjson.OPT_APPEND_NEWLINE)
    except orjson.JSONEncodeError as fault:
        raise Unreadable(f"cannot be sent: {fault}") from fault
