"""Conditions in headers: `ETag` says a task's revision, `If-Match` and `If-None-Match` ask for one.

An ETag is the number of the task's writes. Names of fields, e-mails and linked tasks, which a task
is shown with, have no part in it.
"""

import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Final, cast

from werkzeug.wrappers import Request

from taskloom.engine.conditions import Clash
from taskloom.engine.terms import FREELY, Terms
from taskloom.engine.writing import Absent
from taskloom.errors import ASSIGNEE, STAGE, Conflict, Malformed, Stale
from taskloom.fields.base import People
from taskloom.schema.compiled import Compiled, titles_of
from taskloom.wire.docs.describe import TEXT, parameter
from taskloom.wire.retries import origin_of

ETAG: Final = "ETag"
TAGGED: Final[Mapping[str, str]] = {ETAG: "The task's revision, to be sent with `If-Match`."}
IF_MATCH: Final = parameter(
    "If-Match",
    "The ETag that the write is based on: it is merged with what others changed since, or refused "
    "with 412 where they changed the same.",
    TEXT,
    place="header",
    example='"3"',
)
IF_NEW: Final = parameter(
    "If-None-Match",
    "`*` only creates: 412 where there is a task with the unique ID.",
    {"const": "*"},
    place="header",
)
IF_CHANGED: Final = parameter(
    "If-None-Match",
    "An ETag: 304 where the task was not written since.",
    TEXT,
    place="header",
    example='"3"',
)

_TAG: Final = re.compile(r'\s*((?:W/)?)"([\x21\x23-\x7e\x80-\xff]*)"\s*')
_REVISION: Final = re.compile(r"[1-9][0-9]{0,17}")
_ANY: Final = "*"


def etag(revision: int) -> str:
    """Spell a revision as an ETag."""
    return f'"{revision}"'


def terms_of(request: Request) -> Terms:
    """Read what the headers of a write ask for; raises `Malformed`, or `Stale` for foreign tags."""
    origin = origin_of(request)
    given, none = request.headers.get("If-Match"), request.headers.get("If-None-Match")
    if given is None and none is None and origin is None:
        return FREELY
    if none is not None and none.strip() != _ANY:
        raise Malformed("If-None-Match of a write can only be *; use If-Match for a revision")
    there = given is not None and given.strip() == _ANY
    return Terms(
        revs=None if given is None or there else _revisions(given),
        there=there,
        absent=none is not None,
        event=origin.event() if origin is not None else None,
        again=origin is not None and origin.again,
    )


def _revisions(given: str) -> frozenset[int]:
    """Read the tags of an If-Match; those that are none of ours match nothing."""
    tags = _tags(given, "If-Match")
    revisions = {int(tag) for weak, tag in tags if not weak and _REVISION.fullmatch(tag)}
    if not revisions:
        raise Stale("If-Match has no ETag of a task; send one as the task was read with it")
    return frozenset(revisions)


def _tags(given: str, name: str) -> list[tuple[str, str]]:
    tags: list[tuple[str, str]] = []
    for part in given.split(","):
        found = _TAG.fullmatch(part)
        if found is None:
            raise Malformed(f'{name} must be * or ETags like "3", in quotes, separated by commas')
        tags.append((found[1], found[2]))
    return tags


def is_known(request: Request, compiled: Compiled, revision: int) -> bool:
    """Tell whether a reader has this revision already; a task with links is always shown anew."""
    given = request.headers.get("If-None-Match")
    if given is None or compiled.linked:
        return False
    if given.strip() == _ANY:
        return True
    return any(tag == str(revision) for _weak, tag in _tags(given, "If-None-Match"))


@contextmanager
def told_by_title(compiled: Compiled, people: People) -> Iterator[None]:
    """Let what two changed be told by titles, and values as reads spell them."""
    try:
        yield
    except (Stale, Conflict) as error:
        clashes = cast(tuple[Clash, ...], error.details.get("clashes", ()))
        if clashes:
            titles = titles_of(compiled)
            conflicts = {
                titles.get(clash.field, clash.field): _sides(compiled, people, clash)
                for clash in clashes
            }
            error.details = {**error.details, "conflicts": conflicts}
        raise


def _sides(compiled: Compiled, people: People, clash: Clash) -> Mapping[str, object]:
    sides = {"base": clash.base, "theirs": clash.theirs, "yours": clash.yours}
    return {
        name: _spelt(compiled, people, clash.field, value)
        for name, value in sides.items()
        if not isinstance(value, Absent)
    }


def _spelt(compiled: Compiled, people: People, field: str, value: object) -> object:
    if field == STAGE:
        stage = compiled.stages.get(str(value))
        return value if stage is None else stage.name
    if field == ASSIGNEE:
        emails = [people.email_of(user) for user in cast(tuple[str, ...], value or ())]
        return emails if compiled.workflow.several else next(iter(emails), None)
    codec = compiled.codecs.get(field)
    if codec is None:
        return value
    return codec.empty if value is None else codec.dump(value, people)
