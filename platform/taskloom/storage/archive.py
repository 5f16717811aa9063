"""Backup files: a tar of pieces of collections, each gzipped, with a manifest at the end.

`backup.json` comes first and says what is to come; `collections/NAME/000001.bson.gz` and so on
hold documents of one collection as MongoDB gives them; `manifest.json` comes last and holds, for
each collection, how many documents and bytes there are and their SHA-256. A file without it is
not whole. Anybody can read a file with `tar`, `gunzip` and `bsondump`.
"""

import gzip
import hashlib
import io
import json
import struct
import tarfile
import zlib
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass, field
from typing import Any, BinaryIO, Final
from urllib.parse import quote, unquote

HEAD: Final = "backup.json"
MANIFEST: Final = "manifest.json"
FORMAT: Final = 1

LARGEST_PIECE: Final = 64 * 1024 * 1024
"""More than any answer of MongoDB holds."""

_FOLDER: Final = "collections/"
_ENDING: Final = ".bson.gz"
_LEVEL: Final = 3
_LENGTH: Final = struct.Struct("<i")
_SHORTEST: Final = 5
_LARGEST_NOTE: Final = 16 * 1024 * 1024


class BackupFault(Exception):
    """A backup could not be made or restored; `message` says why and `remedy` what to do."""

    def __init__(self, message: str, remedy: str = "") -> None:
        super().__init__(f"{message}\n{remedy}".strip())
        self.message = message
        self.remedy = remedy


@dataclass(frozen=True, slots=True, kw_only=True)
class Sum:
    """What a collection holds, in the order of `_id`; `size` is in bytes."""

    documents: int
    size: int
    sha256: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Head:
    """What a backup is of: `at` is when, in ISO text, `documents` how many by collection."""

    format: int = FORMAT
    version: str
    mongodb: str
    database: str
    at: str
    documents: Mapping[str, int]


Manifest = Mapping[str, Sum]


@dataclass(slots=True)
class Tally:
    """Sums up a collection, piece by piece."""

    documents: int = 0
    size: int = 0
    hash: Any = field(default_factory=hashlib.sha256)

    def add(self, piece: bytes) -> int:
        """Count a piece in; return how many documents it has."""
        found = sum(1 for _ in documents(piece))
        self.documents += found
        self.size += len(piece)
        self.hash.update(piece)
        return found

    def sum(self) -> Sum:
        """Return what was added so far."""
        return Sum(documents=self.documents, size=self.size, sha256=self.hash.hexdigest())


def documents(piece: bytes) -> Iterator[memoryview]:
    """Yield each document of a piece; raise `BackupFault` where they do not fill it."""
    view, at = memoryview(piece), 0
    while at < len(view):
        size = _LENGTH.unpack_from(view, at)[0] if at + _SHORTEST <= len(view) else 0
        if size < _SHORTEST or at + size > len(view):
            raise damaged("a document in it is not whole")
        yield view[at : at + size]
        at += size


def damaged(reason: str) -> BackupFault:
    """Say that a file is not what was written."""
    return BackupFault(
        f"the backup file is damaged: {reason}.",
        "Take another copy of it. Nothing was written.",
    )


class Writer:
    """Writes one backup file, in constant memory."""

    def __init__(self, file: BinaryIO, head: Head) -> None:
        self._tar = tarfile.open(fileobj=file, mode="w", format=tarfile.PAX_FORMAT)  # noqa: SIM115 - closed in `close`
        self._tallies: dict[str, Tally] = {}
        self._pieces: dict[str, int] = {}
        self._note(HEAD, asdict(head))

    def begin(self, collection: str) -> None:
        """Note a collection, which may have no documents at all."""
        self._tallies[collection] = Tally()
        self._pieces[collection] = 0

    def add(self, collection: str, piece: bytes) -> int:
        """Write documents of a collection that was begun; return how many they are."""
        count = self._tallies[collection].add(piece)
        self._pieces[collection] += 1
        name = f"{_FOLDER}{quote(collection, safe='')}/{self._pieces[collection]:06}{_ENDING}"
        self._put(name, gzip.compress(piece, _LEVEL, mtime=0))
        return count

    def close(self) -> Manifest:
        """Write the manifest, which makes the file whole, and return it."""
        manifest = {name: tally.sum() for name, tally in self._tallies.items()}
        self._note(MANIFEST, {name: asdict(each) for name, each in manifest.items()})
        self._tar.close()
        return manifest

    def _note(self, name: str, data: object) -> None:
        self._put(name, (json.dumps(data, indent=2, ensure_ascii=False) + "\n").encode())

    def _put(self, name: str, data: bytes) -> None:
        member = tarfile.TarInfo(name)
        member.size = len(data)
        member.mode = 0o600
        self._tar.addfile(member, io.BytesIO(data))


class Archive:
    """A backup file to be read, as often as need be."""

    def __init__(self, file: BinaryIO) -> None:
        self._file = file
        self._manifest: Manifest = {}
        self.head = self._head()

    def _head(self) -> Head:
        with self._open() as tar:
            first = next(self._members(tar), None)
            if first is None or first.name != HEAD:
                raise BackupFault(
                    "this file is no backup of Taskloom.", "`taskloom backup FILE` makes one."
                )
            said = _noted(_contents(tar, first, _LARGEST_NOTE))
        if said.get("format") != FORMAT:
            raise BackupFault(
                f"the backup is of format {said.get('format')}, this version reads {FORMAT}.",
                f"Restore it with Taskloom {said.get('version')}, which made it.",
            )
        try:
            return Head(**said)
        except TypeError as fault:
            raise damaged(f"{HEAD} is not as it was written") from fault

    def verify(self) -> Iterator[int]:
        """Read the file to its end, yielding how many documents each piece has.

        Raises `BackupFault` unless every collection is as the manifest says.
        """
        found: dict[str, Tally] = {}
        manifest: Manifest | None = None
        for name, piece in self._pieces():
            if manifest is not None:
                raise damaged("something follows its end")
            if name is None:
                manifest = _manifest(piece)
                continue
            yield found.setdefault(name, Tally()).add(piece)
        if manifest is None:
            raise damaged("its end is missing")
        _compare(manifest, {name: tally.sum() for name, tally in found.items()})
        self._manifest = manifest

    @property
    def manifest(self) -> Manifest:
        """What the collections hold; known once the file was verified."""
        return self._manifest

    def pieces(self) -> Iterator[tuple[str, bytes]]:
        """Yield documents of each collection, one collection after the other."""
        return ((name, piece) for name, piece in self._pieces() if name is not None)

    def _pieces(self) -> Iterator[tuple[str | None, bytes]]:
        """Yield the pieces of collections, and the manifest without a name."""
        with self._open() as tar:
            for member in self._members(tar):
                if member.name == MANIFEST:
                    yield None, _contents(tar, member, _LARGEST_NOTE)
                elif member.name != HEAD:
                    packed = _contents(tar, member, LARGEST_PIECE)
                    yield _collection(member.name), _unpacked(packed)

    def _open(self) -> tarfile.TarFile:
        self._file.seek(0)
        try:
            return tarfile.open(fileobj=self._file, mode="r|")
        except tarfile.TarError:
            raise BackupFault(
                "this file is no backup of Taskloom, or is cut off at its start.",
                "`taskloom backup FILE` makes one.",
            ) from None

    def _members(self, tar: tarfile.TarFile) -> Iterator[tarfile.TarInfo]:
        try:
            yield from tar
        except (tarfile.TarError, EOFError, ValueError) as fault:
            raise damaged(f"it cannot be read on: {fault}") from fault


def _contents(tar: tarfile.TarFile, member: tarfile.TarInfo, most: int) -> bytes:
    if not member.isfile() or member.size > most:
        raise damaged(f"{member.name} is not as it was written")
    try:
        opened = tar.extractfile(member)
        contents = b"" if opened is None else opened.read()
    except (tarfile.TarError, EOFError, ValueError) as fault:
        raise damaged(f"it cannot be read on: {fault}") from fault
    if len(contents) != member.size:
        raise damaged("it is cut off")
    return contents


def _collection(name: str) -> str:
    folder, _, piece = name.removeprefix(_FOLDER).partition("/")
    collection = unquote(folder)
    ours = bool(folder) and not collection.startswith("system.") and "$" not in collection
    if not name.startswith(_FOLDER) or not ours or not piece.endswith(_ENDING):
        raise damaged(f"{name} does not belong there")
    return collection


def _unpacked(packed: bytes) -> bytes:
    """Unpack a piece, and no more of it than a piece can have."""
    unpacker = zlib.decompressobj(zlib.MAX_WBITS | 16)
    try:
        piece = unpacker.decompress(packed, LARGEST_PIECE)
    except zlib.error as fault:
        raise damaged(str(fault)) from fault
    if not unpacker.eof or unpacker.unused_data:
        raise damaged("a piece of it is not whole")
    return piece


def _noted(contents: bytes) -> Mapping[str, Any]:
    try:
        said = json.loads(contents)
    except ValueError as fault:
        raise damaged(str(fault)) from fault
    if not isinstance(said, dict):
        raise damaged("a note in it is no JSON object")
    return said


def _manifest(contents: bytes) -> Manifest:
    try:
        return {name: Sum(**said) for name, said in _noted(contents).items()}
    except TypeError as fault:
        raise damaged(f"{MANIFEST} is not as it was written") from fault


def _compare(manifest: Manifest, found: Manifest) -> None:
    empty = Tally().sum()
    for name in sorted({*manifest, *found}):
        if manifest.get(name) != found.get(name, empty):
            raise damaged(f"the documents of {name} are not those that were written")
