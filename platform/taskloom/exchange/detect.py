"""What a file says about itself: its format, and how its cells are parted and quoted."""

import csv
import io
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import PurePath
from typing import Final

from taskloom.exchange.rows import AMBIGUOUS, unfit

FORMATS: Final = ("csv", "ndjson", "json", "xlsx")
ENDINGS: Final = {
    ".csv": "csv",
    ".tsv": "csv",
    ".txt": "csv",
    ".ndjson": "ndjson",
    ".jsonl": "ndjson",
    ".json": "json",
    ".xlsx": "xlsx",
    ".xlsm": "xlsx",
}
DELIMITERS: Final = ",;\t|"
NAMES: Final = {",": "comma", ";": "semicolon", "\t": "tab", "|": "bar"}
_ZIP: Final = b"PK\x03\x04"
_OLD_SHEET: Final = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_BOM: Final = b"\xef\xbb\xbf"
_LOOKED_AT: Final = 200


@dataclass(frozen=True, slots=True, kw_only=True)
class Detected:
    """The format of a file; of a table also its delimiter and quote, and what `sep=` said."""

    format: str
    delimiter: str = ","
    quote: str = '"'
    declared: bool = False


def detect(head: bytes, name: str) -> Detected:
    """Tell the format of a file by its first bytes and its ending; raise `Invalid` if none fits."""
    form = format_of(head, name)
    if form != "csv":
        return Detected(format=form)
    text = head.removeprefix(_BOM).decode("latin-1")
    return dialect_of(text, whole=False)


def format_of(head: bytes, name: str) -> str:
    """Tell the format of a file; what its bytes say for sure stands above its ending."""
    told = ENDINGS.get(PurePath(name).suffix.lower())
    if head.startswith(_OLD_SHEET):
        hint = "open it in a spreadsheet program and save it as .xlsx"
        raise unfit("is an old or encrypted spreadsheet, which is not read", hint, "unsupported")
    if head.startswith(_ZIP):
        return "xlsx"
    if told == "xlsx":
        raise unfit(f"is no spreadsheet, whatever its name says: {name}", code="malformed")
    if told is None:
        told = _guessed(head.removeprefix(_BOM).lstrip()[:1])
    if told is None:
        hint = f"name its `format`: {', '.join(FORMATS)}"
        raise unfit("is of a format that cannot be told by its ending", hint, "unsupported")
    return told


def _guessed(sign: bytes) -> str | None:
    return {b"[": "json", b"{": "ndjson"}.get(sign)


def dialect_of(sample: str, *, whole: bool) -> Detected:
    """Find delimiter and quote of a table; raise `Invalid` if two delimiters fit alike.

    `whole` tells whether the sample is all there is; else its last row may be cut off.
    """
    first = sample.split("\n", 1)[0].strip()
    if first[:4].lower() == "sep=" and len(first) == len("sep=,"):
        return Detected(format="csv", delimiter=first[-1], declared=True)
    quote = quote_of(first)
    fits = sorted(
        ((_fit(sample, sign, quote, whole=whole), sign) for sign in DELIMITERS),
        key=lambda fit: -fit[0],
    )
    (best, sign), (second, other) = fits[:2]
    if best and best == second:
        raise unfit(
            f"is parted as well by {NAMES[sign]}s as by {NAMES[other]}s",
            "name its `delimiter`",
            AMBIGUOUS,
        )
    return Detected(format="csv", delimiter=sign if best else DELIMITERS[0], quote=quote)


def quote_of(header: str) -> str:
    """Tell the quote: single where the header's cells all stand in those, else double."""
    for sign in DELIMITERS:
        cells = header.split(sign)
        if len(cells) > 1 and all(len(c) > 1 and c[0] == c[-1] == "'" for c in cells):
            return "'"
    return '"'


def _fit(sample: str, sign: str, quote: str, *, whole: bool) -> float:
    """Say how well a delimiter fits: many cells in the header, and as many in each row."""
    sizes = _sizes(sample, sign, quote)
    rows = sizes if whole or len(sizes) == 1 else sizes[:-1]
    if not rows or rows[0] < 2:  # noqa: PLR2004 - one cell is parted by nothing
        return 0.0
    alike = sum(size == rows[0] for size in rows) / len(rows)
    return rows[0] * alike * alike


def _sizes(sample: str, sign: str, quote: str) -> Sequence[int]:
    sizes: list[int] = []
    try:
        for cells in csv.reader(io.StringIO(sample, newline=""), delimiter=sign, quotechar=quote):
            if cells:
                sizes.append(len(cells))
            if len(sizes) > _LOOKED_AT:
                break
    except csv.Error:
        return sizes
    return sizes
