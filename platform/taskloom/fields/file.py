"""File attachments: `file`. Entries on the wire name, bring or point at contents."""

import base64
import binascii
import re
import unicodedata
from collections.abc import Callable, Mapping, Sequence

from taskloom.errors import Path, Refusal
from taskloom.fields.base import (
    KINDS,
    PRESENCE,
    TOO_LONG,
    BadExample,
    Codec,
    Example,
    People,
    Uniform,
    described,
    invalid,
    items_of,
    key_shown,
    plain_text,
)
from taskloom.model.values import Attachment, Entry, Kept, Upload
from taskloom.model.workflow import Field

FILE = "file"
"""The name of the kind that holds files."""

TOO_MANY = "too_many_files"

BLOB = "blobId"
CONTENTS = "base64contents"
REMOTE = "remoteUrl"
NAME = "filename"
TYPE = "contentType"
SOURCES = {
    BLOB: frozenset({BLOB, NAME, TYPE, "size"}),
    CONTENTS: frozenset({CONTENTS, NAME, TYPE}),
    REMOTE: frozenset({REMOTE, NAME, TYPE}),
}
"""Where an entry's contents come from, and the keys that may stand beside it."""

LONGEST_NAME = 255
LONGEST_BLOB = 100
LONGEST_URL = 8000
_BLANKS = str.maketrans("", "", " \t\r\n")
_MEDIA_TYPE = re.compile(r"[\w!#$&^.+\-]+/[\w!#$&^.+\-]+( *;[ -~]*)?", re.ASCII)
_WEB = re.compile(r"https?://[^\s\x00-\x1f\x7f]+", re.IGNORECASE)


def reader(limit: int | None) -> Callable[[object, People], list[Entry]]:
    """Make the parse of a complete list of entries, at most `limit` of them."""

    def parse(value: object, _people: People) -> list[Entry]:
        if not isinstance(value, list):
            raise invalid("must be a list of files")
        if limit is not None and len(value) > limit:
            raise Refusal(TOO_MANY, f"must have at most {limit} file{'s'[: limit != 1]}")
        entries = [_entry(item, (position,)) for position, item in enumerate(value)]
        kept = [entry.blob for entry in entries if isinstance(entry, Kept)]
        if len(kept) != len(set(kept)):
            raise invalid("must not name an attachment twice")
        return entries

    return parse


def _entry(item: object, path: Path) -> Entry:
    if not isinstance(item, dict):
        raise invalid('must be a file like {"blobId": …}', path=path)
    given = {key: part for key, part in item.items() if part is not None}
    sources = [source for source in SOURCES if source in given]
    if len(sources) != 1:
        raise invalid(f"must have exactly one of {', '.join(SOURCES)}", path=path)
    unknown = [key_shown(key) for key in given if key not in SOURCES[sources[0]]]
    if unknown:
        raise invalid(f"must not have {', '.join(unknown)} beside {sources[0]}", path=path)
    try:
        return _MAKERS[sources[0]](given)
    except Refusal as refusal:
        inside = (*path, *refusal.path)
        raise Refusal(refusal.code, refusal.message, refusal.hint, inside) from None


def _kept(given: Mapping[str, object]) -> Entry:
    return Kept(blob=_told(given, BLOB, LONGEST_BLOB))


def _brought(given: Mapping[str, object]) -> Entry:
    if NAME not in given:
        raise invalid(f"must have a {NAME} beside {CONTENTS}")
    return Upload(
        filename=_filename(given),
        content_type=_content_type(given),
        contents=_decoded(given[CONTENTS]),
    )


def _remote(given: Mapping[str, object]) -> Entry:
    url = _told(given, REMOTE, LONGEST_URL)
    if not _WEB.fullmatch(url):
        raise invalid("must be an http or https address", path=(REMOTE,))
    return Upload(filename=_filename(given), content_type=_content_type(given), url=url)


_MAKERS: Mapping[str, Callable[[Mapping[str, object]], Entry]] = {
    BLOB: _kept,
    CONTENTS: _brought,
    REMOTE: _remote,
}


def _told(given: Mapping[str, object], key: str, limit: int) -> str:
    try:
        text = plain_text(given[key], limit)
    except Refusal as refusal:
        raise Refusal(refusal.code, refusal.message, path=(key,)) from None
    if not text:
        raise invalid("must not be empty", path=(key,))
    return text


def _filename(given: Mapping[str, object]) -> str | None:
    if NAME not in given:
        return None
    whole = _told(given, NAME, LONGEST_URL)
    if any(unicodedata.category(letter) == "Cc" for letter in whole):
        raise invalid("must not contain control characters", path=(NAME,))
    name = re.split(r"[/\\]", whole)[-1]
    if name.strip() in ("", ".", ".."):
        raise invalid("must be the name of a file like report.pdf", path=(NAME,))
    if len(name) > LONGEST_NAME:
        raise Refusal(TOO_LONG, f"must have at most {LONGEST_NAME} characters", path=(NAME,))
    return name


def _content_type(given: Mapping[str, object]) -> str | None:
    if TYPE not in given:
        return None
    text = _told(given, TYPE, LONGEST_NAME)
    if not _MEDIA_TYPE.fullmatch(text):
        raise invalid("must be a media type like application/pdf", path=(TYPE,))
    return text


def _decoded(value: object) -> bytes:
    wrong = invalid("must be base64 text, padding included", path=(CONTENTS,))
    if not isinstance(value, str):
        raise wrong
    try:
        return base64.b64decode(value.translate(_BLANKS).encode("ascii"), validate=True)
    except (binascii.Error, UnicodeEncodeError):
        raise wrong from None


def dump(files: Sequence[Attachment], _people: People) -> list[dict[str, str]]:
    """Write what a reader may know of the attachments; their size is not part of it."""
    return [
        {BLOB: file["blobId"], TYPE: file["contentType"], NAME: file["filename"]} for file in files
    ]


def pack(files: Sequence[Attachment]) -> list[dict[str, object]]:
    """Store attachments under one-letter names."""
    return [
        {"b": file["blobId"], "n": file["filename"], "t": file["contentType"], "s": file["size"]}
        for file in files
    ]


def unpack(stored: Sequence[Mapping[str, object]]) -> list[Attachment]:
    """Read stored attachments back."""
    return [
        Attachment(
            blobId=str(file["b"]),
            filename=str(file["n"]),
            contentType=str(file["t"]),
            size=int(str(file["s"])),
        )
        for file in stored
    ]


def show(stored: Sequence[Mapping[str, str]], _people: People) -> list[dict[str, str]]:
    """Write stored attachments as `dump` does."""
    return [{BLOB: file["b"], TYPE: file["t"], NAME: file["n"]} for file in stored]


def blob(text: str, _people: People) -> str:
    """Read a filter's `blobId`."""
    return plain_text(text, LONGEST_BLOB)


_FILES: Mapping[str, object] = {"type": "array", "items": {"format": "file"}}
_BLOB = "65a1b2c3d4e5f60718293a4b"
_READ = {BLOB: _BLOB, TYPE: "application/pdf", NAME: "resume.pdf"}
_NAMED = {"type": "string", "minLength": 1}


@KINDS.register(FILE)
class File(Uniform):
    """A list of attachments; a write gives the complete list that is wanted."""

    label = "File Attachment"
    searched = PRESENCE
    examples = (
        Example(schema=_FILES, wire=[_READ], value=[Kept(blob=_BLOB)], dumped=[_READ]),
        Example(schema={**_FILES, "maxItems": 10}, wire=[], value=[], dumped=[]),
        Example(
            schema=_FILES,
            wire=[
                {
                    TYPE: "application/pdf",
                    NAME: "C:\\home\\resume.pdf",
                    CONTENTS: "aGVsbG8s\r\nIHdvcmxkIQ==",
                }
            ],
            value=[
                Upload(
                    filename="resume.pdf",
                    content_type="application/pdf",
                    contents=b"hello, world!",
                )
            ],
            dumped=[_READ],
        ),
        Example(
            schema={"type": ["array", "null"], "items": {"type": "object", "format": "file"}},
            wire=[{REMOTE: "https://example.com/resume.pdf"}],
            value=[Upload(filename=None, content_type=None, url="https://example.com/resume.pdf")],
            dumped=[_READ],
        ),
    )
    refused = (
        BadExample(schema=_FILES, wire=_READ, code="invalid"),
        BadExample(schema=_FILES, wire=["resume.pdf"], code="invalid"),
        BadExample(schema=_FILES, wire=[{NAME: "resume.pdf"}], code="invalid"),
        BadExample(schema=_FILES, wire=[{CONTENTS: "aGk="}], code="invalid"),
        BadExample(schema=_FILES, wire=[{CONTENTS: "aGk", NAME: "a.txt"}], code="invalid"),
        BadExample(schema=_FILES, wire=[{CONTENTS: "aG_=", NAME: "a.txt"}], code="invalid"),
        BadExample(schema=_FILES, wire=[{CONTENTS: "aGk=", NAME: "a\n.txt"}], code="invalid"),
        BadExample(schema=_FILES, wire=[{CONTENTS: "aGk=", NAME: "a/.."}], code="invalid"),
        BadExample(schema=_FILES, wire=[{CONTENTS: "aGk=", NAME: "a" * 256}], code=TOO_LONG),
        BadExample(schema=_FILES, wire=[{BLOB: _BLOB, "colour": "red"}], code="invalid"),
        BadExample(schema=_FILES, wire=[{BLOB: _BLOB, "\ud800": "red"}], code="invalid"),
        BadExample(
            schema=_FILES, wire=[{BLOB: _BLOB, REMOTE: "https://example.com/x"}], code="invalid"
        ),
        BadExample(schema=_FILES, wire=[{REMOTE: "file:///etc/hosts"}], code="invalid"),
        BadExample(schema=_FILES, wire=[{REMOTE: 7}], code="invalid"),
        BadExample(schema=_FILES, wire=[{BLOB: ""}], code="invalid"),
        BadExample(schema=_FILES, wire=[{BLOB: _BLOB * 5}], code=TOO_LONG),
        BadExample(schema=_FILES, wire=[{CONTENTS: 7, NAME: "a.txt"}], code="invalid"),
        BadExample(
            schema=_FILES, wire=[{CONTENTS: "", NAME: "a.txt", TYPE: "a pdf"}], code="invalid"
        ),
        BadExample(schema=_FILES, wire=[{BLOB: _BLOB}, {BLOB: _BLOB}], code="invalid"),
        BadExample(
            schema={**_FILES, "maxItems": 1}, wire=[{BLOB: "a"}, {BLOB: "b"}], code=TOO_MANY
        ),
    )

    def claims(self, schema: Mapping[str, object]) -> bool:
        return items_of(schema) == "file"

    def wire_schema(self, field: Field) -> Mapping[str, object]:
        item = {
            "type": "object",
            "properties": {BLOB: _NAMED, TYPE: _NAMED, NAME: _NAMED},
            "required": [BLOB, TYPE, NAME],
            "additionalProperties": False,
        }
        about = "The attachments."
        return described(
            field, about, ("minItems", "maxItems"), type="array", items=item, examples=[[_READ]]
        )

    def input_schema(self, field: Field) -> Mapping[str, object]:
        return described(
            field,
            "All attachments the task shall have: those kept by blobId, new ones by contents or "
            "by the address to fetch; one left out is removed.",
            ("minItems", "maxItems"),
            type="array",
            items={"oneOf": [_asked(source) for source in SOURCES]},
            examples=[example.wire for example in self.examples],
        )

    def compile(self, field: Field) -> Codec:
        return Codec(
            repeatable=False,
            parse=reader(field.limit),
            dump=dump,
            echo=dump,
            operand=blob,
            show=show,
            pack=pack,
            unpack=unpack,
            empty=[],
        )


def _asked(source: str) -> Mapping[str, object]:
    known: dict[str, Mapping[str, object]] = {
        BLOB: {"type": "string", "minLength": 1, "maxLength": LONGEST_BLOB},
        CONTENTS: {"type": "string", "contentEncoding": "base64"},
        REMOTE: {"type": "string", "pattern": "^[Hh][Tt][Tt][Pp][Ss]?://"},
        NAME: {"type": ["string", "null"]},
        TYPE: {"type": ["string", "null"]},
        "size": {"type": ["integer", "null"]},
    }
    return {
        "type": "object",
        "properties": {key: known[key] for key in known if key in SOURCES[source]},
        "required": [source, NAME] if source == CONTENTS else [source],
        "additionalProperties": False,
    }
