"""What every test of the kinds of field needs: fields, people, and the way through BSON."""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

import bson
from bson.decimal128 import Decimal128

from taskloom.fields.base import options_of
from taskloom.model.values import Attachment, Kept, Upload
from taskloom.model.workflow import Field


@dataclass(frozen=True, slots=True)
class Directory:
    """People by e-mail, in memory."""

    users: Mapping[str, str]

    def id_of(self, email: str) -> str | None:
        return self.users.get(email.lower())

    def email_of(self, user: str) -> str | None:
        return next((email for email, known in self.users.items() if known == user), None)


PEOPLE = Directory(
    {
        "owner@example.com": "64b7f0a1c2d3e4f5a6b7c8d1",
        "reviewer@example.com": "64b7f0a1c2d3e4f5a6b7c8d2",
    }
)
NOBODY = Directory({})


def field_of(kind: str, schema: Mapping[str, object], *, unique: bool = False) -> Field:
    """Make a field the way a workflow file declares it."""
    items = schema.get("items")
    limit = schema.get("maxItems")
    return Field(
        key="it",
        title="It",
        kind=kind,
        schema=schema,
        options=options_of(schema) or options_of(items if isinstance(items, dict) else {}),
        limit=limit if isinstance(limit, int) else None,
        unique=unique,
    )


def through_bson(packed: object) -> Any:
    """Send a packed value through the database's encoding and back."""
    sent = Decimal128(packed) if isinstance(packed, Decimal) else packed
    back = bson.decode(bson.encode({"v": sent}))["v"]
    return back.to_decimal() if isinstance(back, Decimal128) else back


def resolved(value: Any) -> Any:
    """Turn file entries into attachments, as the engine does; other values stay as they are."""
    if not isinstance(value, list):
        return value
    return [_attached(item) if isinstance(item, Kept | Upload) else item for item in value]


def _attached(entry: Kept | Upload) -> Attachment:
    return Attachment(
        blobId=entry.blob if isinstance(entry, Kept) else "65a1b2c3d4e5f60718293a4b",
        filename="resume.pdf",
        contentType="application/pdf",
        size=13,
    )
