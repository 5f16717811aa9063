"""Parts of a zipped document, piece by piece: nothing in it decides how much memory it takes."""

import struct
import zipfile
import zlib
from collections.abc import Iterator, Mapping
from pathlib import PurePosixPath
from typing import IO, Any, BinaryIO, Final
from xml.parsers import expat

from taskloom.errors import Malformed, TaskloomError, TooLarge
from taskloom.exchange.rows import unfit

PIECE: Final = 64 * 1024
LARGEST_PART: Final = 4 * 1024**3
_MOST_SQUEEZED: Final = 200
"""A part that is so many times larger than what holds it says hardly anything."""
_SMALL: Final = 64 * 1024 * 1024
_LARGEST_DIRECTORY: Final = 1024 * 1024
_LONGEST_TOKEN: Final = 1024 * 1024
_DEEPEST: Final = 64
_END: Final = b"PK\x05\x06"
_END_64: Final = b"PK\x06\x07"
_END_SIZE: Final = 22
_LONGEST_COMMENT: Final = 65_535


_BROKEN: Final = (
    zipfile.BadZipFile,
    zlib.error,
    EOFError,
    OSError,
    OverflowError,
    RuntimeError,
    ValueError,
    struct.error,
)
"""What a zip file that is broken raises while it is read."""


class Package:
    """A zip file that was opened with care."""

    def __init__(self, file: BinaryIO, name: str) -> None:
        """Raise `Invalid` or `TooLarge` for what is no package, or one that is made to hurt."""
        self.name = name
        _require_small_directory(file)
        try:
            self._zip = zipfile.ZipFile(file)
        except _BROKEN as fault:
            raise self._unreadable(str(fault)) from fault
        self._parts = {info.filename.lower(): info for info in self._zip.infolist()}

    def __contains__(self, part: str) -> bool:
        return part.lower() in self._parts

    def _unreadable(self, reason: str) -> TaskloomError:
        return unfit(f"cannot be read: {reason}", "is it whole?", "malformed")

    def pieces(self, part: str) -> Iterator[bytes]:
        """Yield the bytes of a part; one that unpacks to far more than it is raises `TooLarge`."""
        info = self._parts.get(part.lower())
        if info is None:
            raise self._unreadable(f"it has no {part}")
        most = max(_SMALL, _MOST_SQUEEZED * info.compress_size)
        done = 0
        try:
            with self._zip.open(info) as stream:
                while piece := stream.read(PIECE):
                    done += len(piece)
                    if done > min(most, LARGEST_PART):
                        message = f"{self.name}: {part} unpacks to more than is read"
                        raise TooLarge(message, limit=min(most, LARGEST_PART))
                    yield piece
        except _BROKEN as fault:
            raise Malformed(f"{self.name} cannot be read on: {part} is broken: {fault}") from fault

    def parse(self, part: str, handlers: "Handlers") -> Iterator[None]:
        """Parse a part as XML, calling handlers; yield after each piece."""
        parser = handlers.parser()
        fed = 0
        try:
            for piece in self.pieces(part):
                parser.Parse(piece, False)  # noqa: FBT003 - the parameter has no name
                fed += len(piece)
                if fed - parser.CurrentByteIndex > _LONGEST_TOKEN:
                    raise TooLarge(
                        f"{self.name}: a tag is longer than is read", limit=_LONGEST_TOKEN
                    )
                yield
            parser.Parse(b"", True)  # noqa: FBT003 - as above
            yield
        except (expat.ExpatError, LookupError, ValueError) as fault:
            raise Malformed(f"{self.name} cannot be read on: {part} is broken: {fault}") from fault

    def scan(self, part: str, handlers: "Handlers") -> None:
        """Parse a part to its end."""
        for _ in self.parse(part, handlers):
            pass


class Handlers:
    """What is done at the tags of a document; tags come without their prefix."""

    def __init__(self) -> None:
        self._depth = 0

    def parser(self) -> expat.XMLParserType:
        """Make a parser that knows no entities, for a document that declares none."""
        parser = expat.ParserCreate()
        parser.buffer_text = True
        parser.StartDoctypeDeclHandler = _refuse_doctype
        parser.StartElementHandler = self._begin
        parser.EndElementHandler = self._finish
        parser.CharacterDataHandler = self.text
        return parser

    def _begin(self, tag: str, attributes: dict[str, str]) -> None:
        self._depth += 1
        if self._depth > _DEEPEST:
            raise Malformed(f"it nests deeper than {_DEEPEST} tags")
        self.start(tag.rpartition(":")[2] if ":" in tag else tag, attributes)

    def _finish(self, tag: str) -> None:
        self._depth -= 1
        self.end(tag.rpartition(":")[2] if ":" in tag else tag)

    def start(self, tag: str, attributes: Mapping[str, str]) -> None:
        """Take a tag with its attributes."""

    def end(self, tag: str) -> None:
        """Take the end of a tag."""

    def text(self, data: str) -> None:
        """Take text between tags, as long as a piece at most."""


def _refuse_doctype(*_: Any) -> None:
    raise Malformed("it declares a document type, which no spreadsheet does")


def _require_small_directory(file: IO[bytes]) -> None:
    """Refuse a package with a directory that would take much memory to be read."""
    size = file.seek(0, 2)
    tail_size = min(size, _END_SIZE + _LONGEST_COMMENT + len(_END_64) + 16)
    file.seek(size - tail_size)
    tail = file.read(tail_size)
    at = tail.rfind(_END)
    if at < 0 or len(tail) - at < _END_SIZE:
        raise unfit("cannot be read: it is no whole spreadsheet", "is it whole?", "malformed")
    held: int = struct.unpack_from("<L", tail, at + 12)[0]
    if held > _LARGEST_DIRECTORY or _END_64 in tail[max(0, at - 20) : at]:
        raise TooLarge("the spreadsheet has more parts than are read", limit=_LARGEST_DIRECTORY)
    file.seek(0)


def beside(part: str, target: str) -> str:
    """Return the part that a target named in another part leads to."""
    if target.startswith("/"):
        return target[1:]
    steps: list[str] = []
    for step in (PurePosixPath(part).parent / target).parts:
        if step == "..":
            steps = steps[:-1]
        elif step != ".":
            steps.append(step)
    return "/".join(steps)
