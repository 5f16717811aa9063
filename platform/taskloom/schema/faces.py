"""Faces: the fields of a task as JSON, as the native dialect shows them, made by each write.

A list then copies what it would have to spell for each of very many tasks. A face tells by its mark
which fields it shows, from where and under which titles, so that one made before a field was
renamed is known to be out of date. What depends on more than what is stored, as people's e-mails
do, is in no face.
"""

import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Final

import orjson

from taskloom.fields.base import Codec, People
from taskloom.model.workflow import Field
from taskloom.schema.columns import Columns, columns_of

LONGEST: Final = 16 * 1024
"""A longer face is not kept: it would take as much room again as the task itself."""

MARK: Final = 8
"""Bytes of a face that tell what it shows."""

_EDITION: Final = 1
"""To be raised whenever a kind of field begins to look different on the wire."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Face:
    """What the faces of a workflow version show, and what has to be added to each by `live`."""

    mark: bytes
    columns: Columns
    live: Columns

    def of(self, stored: Mapping[str, object]) -> bytes | None:
        """Spell a task's face from its stored values: the mark and a JSON object without braces.

        None where it is too long, or has a value that orjson cannot write: there is no face then.
        """
        try:
            spelt = orjson.dumps(self.columns.fill({}, stored, _NOBODY))
        except orjson.JSONEncodeError:
            return None
        return self.mark + spelt[1:-1] if len(spelt) <= LONGEST else None


class _Nobody(People):
    """The people that nothing in a face depends on."""

    def id_of(self, email: str) -> str | None:
        raise NotImplementedError(email)

    def email_of(self, user: str) -> str | None:
        raise NotImplementedError(user)


_NOBODY: Final = _Nobody()
_BY_KEY: Final[Mapping[str, str]] = {}


def face_of(
    fields: Iterable[Field], codecs: Mapping[str, Codec], slots: Mapping[str, str] = _BY_KEY
) -> Face:
    """Decide what the faces of a workflow's tasks show; `slots` are where values are, by key."""
    settled, live = list[Field](), list[Field]()
    for field in fields:
        (settled if codecs[field.key].settled else live).append(field)
    shown = [[slots.get(each.key, each.key), each.title, each.kind] for each in settled]
    digest = hashlib.blake2b(json.dumps([_EDITION, shown]).encode(), digest_size=MARK)
    columns = columns_of(settled, codecs)
    stored = tuple(slots.get(key, key) for key in columns.keys)
    return Face(
        mark=digest.digest(),
        columns=replace(columns, keys=stored),
        live=columns_of(live, codecs),
    )
