"""Files as readers: the format by name or ending, and everything that may go wrong with opening."""

import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from taskloom.cli.failure import Failure
from taskloom.cli.importing.documents import Array, Lines
from taskloom.cli.importing.rows import Reader
from taskloom.cli.importing.tables import Table

FORMATS = ("csv", "ndjson", "json")
ENDINGS = {
    ".csv": "csv",
    ".tsv": "csv",
    ".txt": "csv",
    ".ndjson": "ndjson",
    ".jsonl": "ndjson",
    ".json": "json",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """How to read a file; None is to be found out."""

    format: str | None = None
    encoding: str | None = None
    delimiter: str | None = None


@contextmanager
def open_file(path: Path, reading: Reading) -> Iterator[Reader]:
    """Open a file of rows for the length of a block, or raise `Failure`."""
    form = reading.format or ENDINGS.get(path.suffix.lower())
    if form is None:
        raise Failure(
            f"the format of {path} cannot be told by its ending.",
            f"Name it with --format: {', '.join(FORMATS)}.",
        )
    try:
        file = path.open("rb")
    except OSError as fault:
        raise Failure(f"{path} cannot be read: {fault.strerror}.") from fault
    with file:
        yield _reader(path, file, form, reading)


def _reader(path: Path, file: BinaryIO, form: str, reading: Reading) -> Reader:
    if form != "csv":
        return Array(path, file) if form == "json" else Lines(path, file)
    try:
        return Table(path, file, encoding=reading.encoding, delimiter=reading.delimiter)
    except (LookupError, UnicodeError) as fault:
        raise Failure(f"{path} cannot be read: {fault}.", "Name its --encoding.") from fault


def read_map(path: Path | None) -> Mapping[str, str | None]:
    """Read a map of columns to field titles, null for a column to be left out."""
    if path is None:
        return {}
    try:
        found = json.loads(path.read_text(encoding="utf-8-sig"))
    except (OSError, ValueError) as fault:
        raise Failure(f"{path} cannot be read: {fault}.") from fault
    if not isinstance(found, dict) or not all(
        title is None or isinstance(title, str) for title in found.values()
    ):
        raise Failure(f'{path} is no map: write {{"column": "Field title", "other": null}}.')
    return found
