"""The one error tree: what went wrong, in the product's words and without HTTP.

TaskloomError
├── Invalid            the data breaks the rules; carries every fault at once
├── Malformed          the request cannot be read at all (broken JSON, a bad parameter)
├── Unsupported        the request's media type is not one we read
├── TooLarge           a size limit was passed; carries the limit
├── Unauthenticated    nobody is known to ask
├── Forbidden          somebody known may not do this
│   ├── Unseen         the thing is there, but not for this actor
│   └── Forged         a browser asks, and not for a page of ours
├── NotFound           the thing asked for is not there, or not for this actor
├── NotAllowed         the address exists, the method does not
├── Conflict           the thing exists already, or changed under the writer
│   └── StalePlan      what was planned is not what there is now
├── Stale              the thing is not as the writer said it is; carries what differs
├── TooMany            a rate limit was passed; carries when to try again
├── TooSlow            the database gave up on a query at its time limit
├── Unavailable        the database cannot be reached now
└── Unexpected         our own mistake; carries a reference for the log
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import ClassVar

Path = tuple[str | int, ...]

STAGE = "_stage"
ASSIGNEE = "_assignee"


@dataclass(frozen=True, slots=True, kw_only=True)
class Fault:
    """One thing wrong with the data.

    `path` starts with a field key, `_stage`, `_assignee`, or the unknown name as it was given; the
    empty path means the whole body. `message` reads on after the field's name ("must be …").
    """

    path: Path
    code: str
    message: str
    hint: str = ""


class Refusal(Exception):
    """A single value was refused; whoever knows where it stood turns this into a `Fault`."""

    def __init__(self, code: str, message: str, hint: str = "", path: Path = ()) -> None:
        super().__init__(message)
        self.code = code
        self.message = message
        self.hint = hint
        self.path = path

    def at(self, *path: str | int) -> Fault:
        """Say where the refused value stood."""
        return Fault(path=(*path, *self.path), code=self.code, message=self.message, hint=self.hint)


class TaskloomError(Exception):
    """Base of everything Taskloom refuses on purpose; `code` is stable, `message` is for people."""

    code: ClassVar[str] = "error"

    def __init__(self, message: str, **details: object) -> None:
        super().__init__(message)
        self.message = message
        self.details: Mapping[str, object] = details


class Invalid(TaskloomError):
    """The data breaks the rules; `faults` holds every broken rule, never only the first."""

    code = "invalid"

    def __init__(self, faults: Sequence[Fault], message: str = "the data is invalid") -> None:
        super().__init__(message)
        self.faults = tuple(faults)


class Malformed(TaskloomError):
    """The request cannot be read: broken JSON, a duplicate key, an unreadable parameter."""

    code = "malformed"


class Unsupported(TaskloomError):
    """The request's media type is not one this address reads."""

    code = "unsupported_media_type"


class TooLarge(TaskloomError):
    """A limit on size, depth or count was passed; `details["limit"]` says which value holds."""

    code = "too_large"


class Unauthenticated(TaskloomError):
    """No credential, or one that nobody holds.

    `details["reason"]` is "missing", "invalid" or "expired".
    """

    code = "unauthenticated"


class Forbidden(TaskloomError):
    """A known actor may not do this; `details["verb"]` says what, where that is one word."""

    code = "forbidden"


class Unseen(Forbidden):
    """The thing is there, but this actor may not see it.

    A dialect shows it as forbidden or as not found, as its documents say, and nothing of it.
    """

    code = "unseen"


class Forged(Forbidden):
    """A request came with a cookie, but without what proves that a page of ours sent it."""

    code = "csrf"


class NotFound(TaskloomError):
    """The thing asked for does not exist, or not for this actor."""

    code = "not_found"


class NotAllowed(TaskloomError):
    """The address exists, but not with this method."""

    code = "method_not_allowed"


class Conflict(TaskloomError):
    """The thing exists already, or was changed by somebody else in the meantime."""

    code = "conflict"


class StalePlan(Conflict):
    """A plan is to be applied to another version, or with another file, than it was made for."""

    code = "stale_plan"


class Stale(TaskloomError):
    """The thing is not, or not any more, what the writer took it for.

    `details["clashes"]` are the fields that both changed, `details["revision"]` is that of now.
    """

    code = "stale"


class TooMany(TaskloomError):
    """A rate limit was passed; `details["retry_after"]` is in seconds."""

    code = "too_many_requests"


class TooSlow(TaskloomError):
    """The database gave up on a query at its time limit."""

    code = "too_slow"


class Unavailable(TaskloomError):
    """The database cannot be reached now; the same request may go through later."""

    code = "unavailable"


class Unexpected(TaskloomError):
    """Our own mistake: `details["reference"]` finds it in the log, the text says nothing more."""

    code = "unexpected"
