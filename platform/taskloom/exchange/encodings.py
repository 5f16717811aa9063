"""The encoding of a text file: as it says itself, UTF-8 if it is that, else the likeliest."""

import codecs
from collections.abc import Iterator
from os import SEEK_END
from typing import IO, BinaryIO, Final

from charset_normalizer import from_bytes

from taskloom.exchange.rows import LARGEST_ROW, unfit

UTF_8: Final = "utf-8-sig"
_USUAL: Final = "cp1252"
_PIECE: Final = 1024 * 1024
_SAMPLE: Final = 256 * 1024
_MARKED: Final = (
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_LINE_ENDS: Final = (
    (codecs.BOM_UTF32_LE, "\n".encode("utf-32-le")),
    (codecs.BOM_UTF32_BE, "\n".encode("utf-32-be")),
    (codecs.BOM_UTF16_LE, "\n".encode("utf-16-le")),
    (codecs.BOM_UTF16_BE, "\n".encode("utf-16-be")),
)
_MOSTLY: Final = 3
"""Broken bytes among more than so many times as many good signs are an accident in UTF-8."""


def encoding_of(file: BinaryIO, name: str) -> tuple[str, bool]:
    """Find a file's encoding, and whether all of it is sound; or raise `Invalid`."""
    head = file.read(_SAMPLE)
    file.seek(0)
    for mark, encoding in _MARKED:
        if head.startswith(mark):
            return encoding, True
    good, bad = _signs(file)
    if not bad:
        return UTF_8, True
    if good > _MOSTLY * bad:
        return UTF_8, False
    best = from_bytes(head).best()
    if best is None:
        raise unfit(f"is in an encoding that cannot be told: {name}", "name its encoding")
    return _usual(head, best.encoding), True


def end_at_a_line(file: IO[bytes]) -> None:
    """Shorten the beginning of a file by its last line, which may be cut, and go to its start.

    One that is a single line stays as it is.
    """
    file.seek(0)
    head = file.read(4)
    sign = next((sign for mark, sign in _LINE_ENDS if head.startswith(mark)), b"\n")
    size = file.seek(0, SEEK_END)
    start = max(size - LARGEST_ROW, 0)
    start -= start % len(sign)
    file.seek(start)
    tail = file.read()
    end = tail.rfind(sign)
    while end > 0 and end % len(sign):
        end = tail.rfind(sign, 0, end + len(sign) - 1)
    if end > 0:
        file.truncate(start + end + len(sign))
    file.seek(0)


def _usual(head: bytes, encoding: str) -> str:
    """Return the usual one of the encodings that read a text the same way."""
    same = head.decode(encoding, "replace") == head.decode(_USUAL, "replace")
    return _USUAL if same else encoding


def _signs(file: BinaryIO) -> tuple[int, int]:
    """Count signs beyond ASCII and bytes that are no UTF-8; nothing is counted of a sound file."""
    good = bad = 0
    try:
        for _ in _pieces(file, "strict"):
            pass
    except UnicodeDecodeError:
        file.seek(0)
    else:
        return good, bad
    for text in _pieces(file, "surrogateescape"):
        if not text.isascii():
            escaped = sum("\udc80" <= sign <= "\udcff" for sign in text)
            bad += escaped
            good += sum(sign > "\x7f" for sign in text) - escaped
    return good, bad


def _pieces(file: BinaryIO, errors: str) -> Iterator[str]:
    decoder = codecs.getincrementaldecoder("utf-8")(errors)
    try:
        while piece := file.read(_PIECE):
            yield decoder.decode(piece)
        yield decoder.decode(b"", final=True)
    finally:
        file.seek(0)
