"""People of the workspace: `person` and `personList`; e-mails on the wire, user ids within."""

from collections.abc import Mapping, Sequence

from taskloom.errors import Path, Refusal
from taskloom.fields.base import (
    EQUALITY,
    KINDS,
    MEMBERS,
    TOO_LONG,
    BadExample,
    Codec,
    Example,
    People,
    Uniform,
    described,
    encodable,
    invalid,
    is_text,
    items_of,
)
from taskloom.model.workflow import Field

NO_SUCH_USER = "no_such_user"
NOBODY = ""
"""Operand for an e-mail that no user has: the id of nobody, so that the filter is no oracle."""

MOST_PEOPLE = 1000


def one(value: object, people: People, path: Path = ()) -> str:
    """Read a user's e-mail as the user's id."""
    if not isinstance(value, str) or not value.strip() or not encodable(value):
        raise invalid("must be a user's e-mail", path=path)
    user = people.id_of(value.strip())
    if user is None:
        raise Refusal(NO_SUCH_USER, "must be the e-mail of a user of this workspace", path=path)
    return user


def several(value: object, people: People) -> list[str]:
    """Read a list of e-mails as user ids, each user at most once."""
    if not isinstance(value, list):
        raise invalid("must be a list of users' e-mails")
    if len(value) > MOST_PEOPLE:
        raise Refusal(TOO_LONG, f"must have at most {MOST_PEOPLE} items")
    users: dict[str, None] = {}
    for position, item in enumerate(value):
        user = one(item, people, (position,))
        if user in users:
            raise invalid("must not be named twice", path=(position,))
        users[user] = None
    return list(users)


def sought(text: str, people: People) -> str:
    """Read a filter's e-mail; one that nobody has matches nobody."""
    return (people.id_of(text.strip()) if encodable(text) else None) or NOBODY


def dump_one(user: str, people: People) -> str | None:
    """Write a user's e-mail, or null when the user is gone."""
    return people.email_of(user)


def dump_several(users: Sequence[str], people: People) -> list[str]:
    """Write the e-mails of the users who are still there."""
    return [email for email in map(people.email_of, users) if email is not None]


_OWNER = "owner@example.com"
_REVIEWER = "reviewer@example.com"
_OWNER_ID = "64b7f0a1c2d3e4f5a6b7c8d1"
_REVIEWER_ID = "64b7f0a1c2d3e4f5a6b7c8d2"
_ONE: Mapping[str, object] = {"type": "string", "format": "person"}
_MANY: Mapping[str, object] = {"type": "array", "items": {"format": "person"}}


@KINDS.register("person")
class Person(Uniform):
    """One user of the workspace."""

    label = "Person"
    searched = EQUALITY
    codec = Codec(
        parse=one, dump=dump_one, echo=dump_one, operand=sought, repeatable=False, settled=False
    )
    examples = (
        Example(schema=_ONE, wire=_OWNER, value=_OWNER_ID, dumped=_OWNER),
        Example(schema=_ONE, wire="Owner@Example.com", value=_OWNER_ID, dumped=_OWNER),
        Example(
            schema={"type": ["string", "null"], "format": "person"},
            wire=_REVIEWER,
            value=_REVIEWER_ID,
            dumped=_REVIEWER,
        ),
    )
    refused = (
        BadExample(schema=_ONE, wire="nobody@example.com", code=NO_SUCH_USER),
        BadExample(schema=_ONE, wire=_OWNER_ID, code=NO_SUCH_USER),
        BadExample(schema=_ONE, wire="", code="invalid"),
        BadExample(schema=_ONE, wire="\udfff@example.com", code="invalid"),
        BadExample(schema=_ONE, wire=[_OWNER], code="invalid"),
    )

    def claims(self, schema: Mapping[str, object]) -> bool:
        return is_text(schema, "person")

    def wire_schema(self, field: Field) -> Mapping[str, object]:
        about = "A user's e-mail; null when the user is gone."
        types = ["string", "null"]
        return described(field, about, type=types, format="email", examples=[_OWNER])

    def input_schema(self, field: Field) -> Mapping[str, object]:
        about = "A user's e-mail, in any case."
        return described(field, about, type="string", format="email", examples=[_OWNER])


@KINDS.register("personList")
class PersonList(Uniform):
    """Several users of the workspace, each at most once."""

    label = "List of Persons"
    searched = MEMBERS
    codec = Codec(
        parse=several,
        dump=dump_several,
        echo=dump_several,
        operand=sought,
        empty=[],
        repeatable=False,
        settled=False,
    )
    examples = (
        Example(
            schema=_MANY,
            wire=[_REVIEWER, _OWNER],
            value=[_REVIEWER_ID, _OWNER_ID],
            dumped=[_REVIEWER, _OWNER],
        ),
        Example(schema=_MANY, wire=[], value=[], dumped=[]),
        Example(schema={**_MANY, "maxItems": 1}, wire=[_OWNER], value=[_OWNER_ID], dumped=[_OWNER]),
    )
    refused = (
        BadExample(schema=_MANY, wire=["nobody@example.com"], code=NO_SUCH_USER),
        BadExample(schema=_MANY, wire=[_OWNER, "OWNER@example.com"], code="invalid"),
        BadExample(schema=_MANY, wire=_OWNER, code="invalid"),
        BadExample(schema=_MANY, wire=[_OWNER] * (MOST_PEOPLE + 1), code=TOO_LONG),
        BadExample(schema=_MANY, wire=[_OWNER, None], code="invalid"),
    )

    def claims(self, schema: Mapping[str, object]) -> bool:
        return items_of(schema) == "person"

    def wire_schema(self, field: Field) -> Mapping[str, object]:
        return described(
            field,
            "Users' e-mails.",
            ("minItems", "maxItems"),
            type="array",
            uniqueItems=True,
            items={"type": "string", "format": "email"},
            examples=[[_OWNER, _REVIEWER]],
        )
