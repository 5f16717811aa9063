"""Checklists: `checklist`, a list of items, each with a text and whether it is done."""

import hashlib
from collections.abc import Collection, Iterator, Mapping, Sequence
from itertools import count
from typing import Any, Final

from taskloom.errors import Path, Refusal
from taskloom.fields.base import (
    BLANK,
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
    known_only,
    no_operand,
    plain_text,
    type_of,
)
from taskloom.model.values import Item
from taskloom.model.workflow import Field

FORMAT: Final = "checklist"
MOST_ITEMS: Final = 500
LONGEST: Final = 1000
ID: Final = r"^[0-9a-f]{24}$"

_KEYS: Final = ("id", "text", "done")
_ID_LENGTH: Final = 24


def new_id(text: str, taken: Collection[str]) -> str:
    """Make an id that no other item has.

    The same text gets the same id, so that who sends a list again without ids changes nothing.
    """
    ids = (hashlib.sha256(f"{turn}:{text}".encode()).hexdigest()[:_ID_LENGTH] for turn in count())
    return next(made for made in ids if made not in taken)


def missing(texts: Sequence[str], items: Sequence[Item]) -> Iterator[Item]:
    """Make the items for those texts that none of the items has."""
    taken = {item["id"] for item in items}
    known = {item["text"] for item in items}
    for text in dict.fromkeys(texts):
        if text not in known:
            made = new_id(text, taken)
            taken.add(made)
            yield Item(id=made, text=text, done=False)


def parse(value: object, _people: People) -> list[Item]:
    """Read a complete list of items; an item without id gets one."""
    if not isinstance(value, list):
        raise invalid("must be a list of items")
    if len(value) > MOST_ITEMS:
        raise Refusal(TOO_LONG, f"must have at most {MOST_ITEMS} items")
    read = [_item(item, (position,)) for position, item in enumerate(value)]
    taken: set[str] = set()
    for position, item in enumerate(read):
        if item["id"] in taken:
            raise invalid("must not be given to two items", path=(position, "id"))
        taken |= {item["id"]} - {""}
    for item in read:
        item["id"] = item["id"] or new_id(item["text"], taken)
        taken.add(item["id"])
    return read


def _item(item: object, path: Path) -> Item:
    """Read one item; its id is empty where none is given."""
    if not isinstance(item, dict):
        raise invalid('must be an item like {"text": "Call back", "done": false}', path=path)
    given = {key: part for key, part in item.items() if part is not None}
    known_only(given, _KEYS, path)
    done = given.get("done", False)
    if not isinstance(done, bool):
        raise invalid("must be true or false", path=(*path, "done"))
    return Item(id=_id(given, path), text=_text(given, path), done=done)


def _id(given: Mapping[str, object], path: Path) -> str:
    said = given.get("id", "")
    if said == "":
        return ""
    if isinstance(said, str) and len(said) == _ID_LENGTH and set(said) <= set("0123456789abcdef"):
        return said
    raise invalid("must be an id of 24 hex digits, or absent", path=(*path, "id"))


def _text(given: Mapping[str, object], path: Path) -> str:
    try:
        text = plain_text(given.get("text", ""), LONGEST)
    except Refusal as refusal:
        raise Refusal(refusal.code, refusal.message, path=(*path, "text")) from None
    if not text.strip():
        raise Refusal(BLANK, "must not be blank", path=(*path, "text"))
    return text


def dump(items: Sequence[Item], _people: People) -> list[dict[str, object]]:
    """Write the items."""
    return [{"id": item["id"], "text": item["text"], "done": item["done"]} for item in items]


def pack(items: Sequence[Item]) -> list[dict[str, object]]:
    """Store items under one-letter names."""
    return [{"i": item["id"], "t": item["text"], "d": item["done"]} for item in items]


def unpack(stored: Sequence[Mapping[str, Any]]) -> list[Item]:
    """Read stored items back."""
    return [Item(id=item["i"], text=item["t"], done=item["d"]) for item in stored]


_LIST: Mapping[str, object] = {"type": "array", "format": FORMAT}
_ID = "64b7f0a1c2d3e4f5a6b7c8d1"
_CALL = "Call back"
_WHOLE: Mapping[str, object] = {"id": _ID, "text": _CALL, "done": True}


def _bad(code: str, **changes: object) -> BadExample:
    return BadExample(schema=_LIST, wire=[{**_WHOLE, **changes}], code=code)


@KINDS.register("checklist")
class Checklist(Uniform):
    """Items to tick off; a write gives the complete list that is wanted."""

    label = "Checklist"
    searched = PRESENCE
    codec = Codec(
        repeatable=False,
        parse=parse,
        dump=dump,
        echo=dump,
        operand=no_operand,
        pack=pack,
        unpack=unpack,
        empty=[],
    )
    examples = (
        Example(schema=_LIST, wire=[dict(_WHOLE)], value=[dict(_WHOLE)], dumped=[dict(_WHOLE)]),
        Example(
            schema={**_LIST, "maxItems": 3},
            wire=[{"text": _CALL}, {"id": None, "text": _CALL, "done": True}],
            value=[
                {"id": new_id(_CALL, ()), "text": _CALL, "done": False},
                {"id": new_id(_CALL, [new_id(_CALL, ())]), "text": _CALL, "done": True},
            ],
            dumped=[
                {"id": new_id(_CALL, ()), "text": _CALL, "done": False},
                {"id": new_id(_CALL, [new_id(_CALL, ())]), "text": _CALL, "done": True},
            ],
        ),
        Example(schema=_LIST, wire=[], value=[], dumped=[]),
    )
    refused = (
        BadExample(schema=_LIST, wire=dict(_WHOLE), code="invalid"),
        BadExample(schema=_LIST, wire=[_CALL], code="invalid"),
        BadExample(schema=_LIST, wire=[{"done": True}], code=BLANK),
        BadExample(schema=_LIST, wire=[dict(_WHOLE), dict(_WHOLE)], code="invalid"),
        BadExample(schema=_LIST, wire=[{"text": "x"}] * (MOST_ITEMS + 1), code=TOO_LONG),
        BadExample(schema=_LIST, wire=[{**_WHOLE, "\ud800": True}], code="invalid"),
        _bad(BLANK, text=" "),
        _bad("invalid", text=7),
        _bad(TOO_LONG, text="x" * (LONGEST + 1)),
        _bad("invalid", text="\0"),
        _bad("invalid", done="yes"),
        _bad("invalid", id="7"),
        _bad("invalid", id=7),
        _bad("invalid", colour="red"),
    )

    def claims(self, schema: Mapping[str, object]) -> bool:
        return (
            type_of(schema) == "array" and schema.get("format") == FORMAT and "items" not in schema
        )

    def wire_schema(self, field: Field) -> Mapping[str, object]:
        item = {
            "type": "object",
            "properties": {
                "id": {"type": "string", "pattern": ID},
                "text": {"type": "string"},
                "done": {"type": "boolean"},
            },
            "required": list(_KEYS),
            "additionalProperties": False,
        }
        return described(
            field,
            "The items, each with its own id.",
            ("minItems", "maxItems"),
            type="array",
            items=item,
            examples=[example.dumped for example in self.examples],
        )

    def input_schema(self, field: Field) -> Mapping[str, object]:
        item = {
            "type": "object",
            "properties": {
                "id": {"type": ["string", "null"], "pattern": r"^([0-9a-f]{24})?$"},
                "text": {"type": "string", "maxLength": LONGEST, "pattern": r"\S"},
                "done": {"type": ["boolean", "null"], "default": False},
            },
            "required": ["text"],
            "additionalProperties": False,
        }
        return described(
            field,
            "All items the task shall have; one without id is new, one left out is removed.",
            ("minItems", "maxItems"),
            type="array",
            items=item,
            maxItems=MOST_ITEMS,
            examples=[example.wire for example in self.examples],
        )
