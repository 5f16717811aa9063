"""Files as readers: what reads a file, by what it holds and what was said about it."""

from dataclasses import replace
from typing import BinaryIO, Final

from taskloom.errors import Fault, Invalid
from taskloom.exchange.dates import CHOICES
from taskloom.exchange.detect import format_of
from taskloom.exchange.documents import Array, Lines
from taskloom.exchange.numbers import SIGNS
from taskloom.exchange.rows import Choices, Reader, unfit
from taskloom.exchange.sheets import Sheets
from taskloom.exchange.sources import HEAD, IMPORTERS, PLAIN, Clue, Importer, clue_of
from taskloom.exchange.tables import Table
from taskloom.fields.base import INVALID

_HEAD: Final = 4096
_NO_SIGNS: Final = "\0\r\n"
_READERS: Final = {"csv": Table, "ndjson": Lines, "json": Array, "xlsx": Sheets}


def open_rows(file: BinaryIO, name: str, choices: Choices) -> Reader:
    """Make the reader of a file of rows, which must allow to seek; raise why it cannot be read.

    `name` is the file's name; it tells the format where neither the contents nor a choice do. An
    export of another program is known by what it looks like, unless a source is chosen.
    """
    _require_sound(choices)
    form = choices.format
    if form is None:
        file.seek(0)
        form = format_of(file.read(_HEAD), name)
        file.seek(0)
    if form not in _READERS:
        raise unfit(f"cannot be read as {form!r}", f"formats are {', '.join(_READERS)}")
    if form == "xlsx" and choices.cut:
        raise unfit("is a workbook, which cannot be read from its beginning", "send all of it")
    chosen = replace(choices, format=form)
    if choices.source not in (None, PLAIN):
        return _importer(choices.source).open(file, name, chosen)
    if form == "json":
        return _document(file, name, chosen)
    reader = _READERS[form](file, name, chosen)
    return _table(reader, chosen) if isinstance(reader, Table) else reader


def _require_sound(choices: Choices) -> None:
    """Refuse choices that can mean nothing; raise `Invalid` with all of them."""
    sign, quote = choices.delimiter, choices.quote
    wrong = {
        "delimiter": sign is not None and (len(sign) != 1 or sign in _NO_SIGNS or sign == quote),
        "quote": quote is not None and (len(quote) != 1 or quote in _NO_SIGNS),
        "dates": choices.dates not in (None, *CHOICES),
        "decimal": choices.decimal not in (None, *SIGNS),
    }
    right = {
        "delimiter": "must be one sign, and not the quote",
        "quote": "must be one sign",
        "dates": f"must be one of {', '.join(CHOICES)}",
        "decimal": "must be '.' or ','",
    }
    faults = [
        Fault(path=(name,), code=INVALID, message=right[name])
        for name, is_so in wrong.items()
        if is_so
    ]
    if faults:
        raise Invalid(faults, "the file cannot be read as it is asked for")


def _importer(source: str) -> Importer:
    if source not in IMPORTERS:
        known = ", ".join((*IMPORTERS, PLAIN))
        raise unfit(f"has no source {source!r}", f"sources are {known}", "unknown")
    return IMPORTERS[source]


def _document(file: BinaryIO, name: str, choices: Choices) -> Reader:
    clue = clue_of(file, name) if choices.source is None else None
    reader = _claimed(clue, file, name, choices) if clue is not None else None
    return reader or Array(file, name, choices)


def _table(table: Table, choices: Choices) -> Reader:
    if choices.source == PLAIN:
        return table
    names = frozenset(table.header.named)
    clue = Clue(form="table", names=names, head=table.head(HEAD))
    return _claimed(clue, table.file, table.name, choices) or table


def _claimed(clue: Clue, file: BinaryIO, name: str, choices: Choices) -> Reader | None:
    """Make the reader of the importer that knows the file, if one does."""
    for source, importer in IMPORTERS.members().items():
        if importer.claims(clue):
            reader = importer.open(file, name, choices)
            told = f"{name} is read as {importer.label} ({source}); `source` says otherwise"
            reader.notes = (told, *reader.notes)
            return reader
    return None
