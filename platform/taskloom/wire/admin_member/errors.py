"""How this dialect spells errors: always one `message`, and nothing of what went wrong inside."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager
from typing import Final

from taskloom.errors import (
    ASSIGNEE,
    STAGE,
    Conflict,
    Fault,
    Forbidden,
    Invalid,
    NotFound,
    TaskloomError,
    Unauthenticated,
    Unexpected,
    Unseen,
)
from taskloom.schema.compiled import titles_of
from taskloom.wire.admin_member.names import ASSIGNED, FIELDS, STATUS
from taskloom.wire.base import Answer, named, titles_told, told_by
from taskloom.wire.errors import USUAL, Statuses, headers_of, status_of
from taskloom.wire.facades import Facing

STATUSES: Final[Statuses] = {**USUAL, Invalid: 400, Unseen: 403}
SERVER_ERROR: Final = "Server error"
NO_TASK: Final = "Task not found"
NO_ITEM: Final = "Checklist item not found"
NO_USER: Final = "User not found"
USER_EXISTS: Final = "User already exists"
ADMINS_ONLY: Final = "Access denied, admin only"
NOT_THIS_TASK: Final = "Not authorized to edit this task"
NOT_THIS_CHECKLIST: Final = "Not authorized to update checklist"
NOT_AUTHORIZED: Final = "Not authorized"

_UNKNOWN_ACTOR: Final[Mapping[object, str]] = {
    "missing": "Not authorized, no token",
    "invalid": NOT_AUTHORIZED,
    "expired": "Not authorized, token expired",
}
_ADMINS_VERBS: Final = frozenset({"configure", "delete"})
_TOLD_VERBS: Final = frozenset({"register", "role", "scope"})
"""What an actor can do something about when told why it was refused."""
_SAID: Final = "said"
_ITEM_NAMES: Final[Mapping[str | int, str]] = {"id": "_id", "done": "completed"}


@contextmanager
def saying(*, missing: str = "", forbidden: str = "") -> Iterator[None]:
    """Let what is not found, or not allowed, inside be told in these words."""
    try:
        yield
    except NotFound as error:
        raise _said(error, missing) from None
    except Forbidden as error:
        raise _said(error, forbidden) from None


def _said(error: TaskloomError, words: str) -> TaskloomError:
    """Note words on an error, unless there are better ones."""
    if words and error.details.get("verb") not in _TOLD_VERBS:
        error.details = {_SAID: words, **error.details}
    return error


def by_name(facing: Facing) -> AbstractContextManager[None]:
    """Let every fault raised inside be told by the names of this dialect."""
    return told_by(lambda: names_of(facing))


def names_of(facing: Facing) -> Mapping[str, str]:
    """Name fields and built-ins as this dialect does, by title those that it has no name for."""
    names = {key: name for name in FIELDS if (key := facing.key(name)) is not None}
    return {**titles_of(facing.workflow), **names, STAGE: STATUS, ASSIGNEE: ASSIGNED}


def render(error: TaskloomError) -> Answer:
    """Spell an error; every class of error has a status."""
    status = status_of(error, STATUSES)
    body = {"message": _message(error)}
    if status == STATUSES[Unexpected]:
        body = {"message": SERVER_ERROR, "error": str(error.details.get("reference", ""))}
    return Answer(status=status, body=body, headers=headers_of(error))


def _message(error: TaskloomError) -> str:
    said = error.details.get(_SAID)
    if isinstance(said, str):
        return said
    if isinstance(error, Unauthenticated):
        return _UNKNOWN_ACTOR.get(error.details.get("reason"), error.message)
    if isinstance(error, Invalid):
        return faults_text(error.faults, titles_told(error) or {})
    if isinstance(error, Forbidden):
        return _forbidden(error)
    if isinstance(error, Conflict) and error.details.get("email"):
        return USER_EXISTS
    return error.message


def _forbidden(error: Forbidden) -> str:
    verb = error.details.get("verb")
    if verb in _TOLD_VERBS:
        return error.message
    return ADMINS_ONLY if verb in _ADMINS_VERBS else NOT_AUTHORIZED


def faults_text(faults: Sequence[Fault], names: Mapping[str, str]) -> str:
    """Tell every fault in one text."""
    return "; ".join(dict.fromkeys(_fault_text(fault, names) for fault in faults))


def _fault_text(fault: Fault, names: Mapping[str, str]) -> str:
    path = _inside(named(fault, names), fault) or "the body"
    hint = f" ({fault.hint})" if fault.hint else ""
    return f"{path} {fault.message}{hint}"


def _inside(path: Sequence[str | int], fault: Fault) -> str:
    """Write a path such as `todoChecklist[2].completed`, the parts of items by their names here."""
    if fault.code != "unknown":
        path = [*path[:1], *(_ITEM_NAMES.get(part, part) for part in path[1:])]
    parts = [f"[{part}]" if isinstance(part, int) else f".{part}" for part in path]
    return "".join(parts).removeprefix(".")
