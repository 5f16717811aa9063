"""Bodies that hold no task: read strictly, every fault told at once."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Final

from werkzeug.datastructures import MultiDict

from taskloom.errors import Fault, Invalid
from taskloom.fields.base import BLANK, INVALID
from taskloom.schema.hints import did_you_mean
from taskloom.wire.exact import shortened

Body = Mapping[str, object]

NAME: Final = "name"
EMAIL: Final = "email"
PASSWORD: Final = "password"  # noqa: S105 - the name of a part of a body
IMAGE: Final = "profileImageUrl"
INVITE: Final = "adminInviteToken"
ROLE: Final = "role"


def texts(body: Body, needed: Sequence[str], optional: Sequence[str] = ()) -> dict[str, str]:
    """Return the texts that a body holds; null is an empty text where it may be left out.

    Raises `Invalid` for what is missing, unknown or no text.
    """
    known = (*needed, *optional)
    odd = [name for name in known if not isinstance(body.get(name, ""), str | None)]
    faults = [
        *strangers(body, known),
        *(blank(name) for name in needed if body.get(name) in (None, "")),
        *(Fault(path=(name,), code=INVALID, message="must be a text") for name in odd),
    ]
    if faults:
        raise Invalid(faults)
    return {name: str(value or "") for name, value in body.items()}


def strangers(body: Iterable[str], known: Sequence[str]) -> Iterable[Fault]:
    """Refuse names that mean nothing here, and say which were meant."""
    for name in body:
        if name not in known:
            hint = did_you_mean(name, known) or f"known are {', '.join(known)}"
            yield Fault(path=(shortened(name),), code="unknown", message="is unknown", hint=hint)


def blank(name: str) -> Fault:
    """Refuse a value that is missing."""
    return Fault(path=(name,), code=BLANK, message="can't be blank")


def one_of(name: str, parameters: MultiDict[str, str], known: Sequence[str]) -> str:
    """Return a parameter of an address, empty where it is absent; refuse what is unknown."""
    faults = [*strangers(parameters, known)]
    given = parameters.getlist(name)
    if len(given) > 1:
        faults.append(Fault(path=(name,), code=INVALID, message="can stand there once"))
    if faults:
        raise Invalid(faults)
    return given[0] if given else ""


ABOUT_USERS: Final[Mapping[str, str]] = {"image": IMAGE}
"""What this dialect calls the parts of a user."""
