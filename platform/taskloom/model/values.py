"""What a field may hold between wire and store.

A value is at once an instance for JSON Schema, so a task's values can be checked as they are:
str, bool, int, Decimal (never float), a list of str, a list of attachments, checklist items or
approval steps, or a JSON object or list.
Dates are ISO text. An unset field has no entry; None stands only in a change and means "clear".
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Literal, TypedDict

Json = None | bool | int | Decimal | str | Sequence["Json"] | Mapping[str, "Json"]


class Attachment(TypedDict):
    """A file as a task holds it; `blobId` is its own, contents may be shared underneath."""

    blobId: str
    filename: str
    contentType: str
    size: int


class Item(TypedDict):
    """An item of a checklist; `id` is its own, 24 hex digits."""

    id: str
    text: str
    done: bool


class Response(TypedDict):
    """What a participant did in an approval step; `at` is in milliseconds, `by` a user id."""

    action: Literal["APPROVE", "REJECT", "SKIP"]
    comment: str | None
    at: int
    by: str | None


class Step(TypedDict):
    """An approval step: `mode` ONE or ALL, `participants` user ids, `due` ISO text or None."""

    mode: Literal["ONE", "ALL"]
    participants: list[str]
    due: str | None
    responses: list[Response]


@dataclass(frozen=True, slots=True, kw_only=True)
class Kept:
    """A file entry of a write that names an attachment already known."""

    blob: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Upload:
    """A file entry of a write that brings its contents, or the address to fetch them from."""

    filename: str | None
    content_type: str | None
    contents: bytes | None = None
    url: str | None = None


Entry = Kept | Upload
Value = (
    bool
    | int
    | Decimal
    | str
    | Sequence[str]
    | Sequence[Attachment]
    | Sequence[Item]
    | Sequence[Step]
    | Mapping[str, Json]
    | Sequence[Json]
)
Parsed = Value | Sequence[Entry]
Values = Mapping[str, Value]
