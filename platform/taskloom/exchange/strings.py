"""The shared texts of a workbook, kept on disk: however many there are, memory stays flat."""

import os
import re
import struct
import tempfile
import weakref
from array import array
from collections.abc import Mapping
from typing import Final

from taskloom.errors import Malformed, TooLarge
from taskloom.exchange.packages import Handlers, Package
from taskloom.exchange.rows import LARGEST_ROW

_MOST: Final = 20_000_000
_STRIDE: Final = 16
_PIECE: Final = 4096
_LARGEST_CACHE: Final = 512 * 1024
_SIZE: Final = struct.Struct("<L")
_HALVES: Final = range(0xD800, 0xE000)
_ODD: Final = re.compile("_x([0-9A-Fa-f]{4})_")


def plain(text: str) -> str:
    """Return the text that a workbook writes with `_x000D_` and the like."""
    if "_x" not in text:
        return text
    return _ODD.sub(_sign, text)


def _sign(found: re.Match[str]) -> str:
    code = int(found[1], 16)
    return found[0] if code in _HALVES else chr(code)


class Strings(Handlers):
    """Reads all shared texts once, and gives them by number."""

    def __init__(self, package: Package, part: str) -> None:
        super().__init__()
        self._file = tempfile.TemporaryFile()  # noqa: SIM115 - closed when this is gone
        weakref.finalize(self, self._file.close)
        self._starts = array("Q")
        self._count = 0
        self._at = 0
        self._held: list[str] = []
        self._long = 0
        self._taking = False
        self._aside = False
        self._cache: dict[int, str] = {}
        self._cached = 0
        if part in package:
            package.scan(part, self)
        self._file.flush()

    def start(self, tag: str, attributes: Mapping[str, str]) -> None:  # noqa: ARG002 - fulfils `Handlers`
        """Begin a text."""
        if tag == "si":
            self._held, self._long = [], 0
        elif tag == "rPh":
            self._aside = True
        elif tag == "t":
            self._taking = not self._aside

    def text(self, data: str) -> None:
        """Take a part of a text."""
        if self._taking:
            self._held.append(data)
            self._long += len(data)
            if self._long > LARGEST_ROW:
                raise TooLarge("a text of the workbook is longer than is read", limit=LARGEST_ROW)

    def end(self, tag: str) -> None:
        """Keep a text that is whole."""
        if tag == "t":
            self._taking = False
        elif tag == "rPh":
            self._aside = False
        elif tag == "si":
            self._keep(plain("".join(self._held)).encode("utf-8", "surrogatepass"))

    def _keep(self, data: bytes) -> None:
        if self._count % _STRIDE == 0:
            self._starts.append(self._at)
        self._count += 1
        if self._count > _MOST:
            raise TooLarge(f"the workbook has more than {_MOST} texts", limit=_MOST)
        self._file.write(_SIZE.pack(len(data)) + data)
        self._at += _SIZE.size + len(data)

    def __getitem__(self, number: int) -> str:
        found = self._cache.get(number)
        if found is None:
            found = self._read(number)
            self._cached += len(found)
            if self._cached > _LARGEST_CACHE:
                self._cache.clear()
                self._cached = len(found)
            self._cache[number] = found
        return found

    def _read(self, number: int) -> str:
        if not 0 <= number < self._count:
            raise Malformed(f"a cell names the shared text {number}, which there is not")
        file, at = self._file.fileno(), self._starts[number // _STRIDE]
        first = size = 0
        held, begin = os.pread(file, _PIECE, at), at
        for _ in range(number % _STRIDE + 1):
            if at + _SIZE.size > begin + len(held):
                held, begin = os.pread(file, _PIECE, at), at
            size = _SIZE.unpack_from(held, at - begin)[0]
            first, at = at + _SIZE.size, at + _SIZE.size + size
        if at > begin + len(held):
            return os.pread(file, size, first).decode("utf-8", "surrogatepass")
        return held[first - begin : at - begin].decode("utf-8", "surrogatepass")
