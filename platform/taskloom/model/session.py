"""A sign-in of the web app: whom its cookie stands for, and until when."""

from dataclasses import dataclass

from taskloom.model.imports import Holder
from taskloom.model.task import Moment


@dataclass(frozen=True, slots=True, kw_only=True)
class Session:
    """A sign-in by e-mail and password, without its secret; `id` is the digest of that.

    `held` says what of the user has to stay as it was, and `until` when it ends unless it is used.
    """

    id: str
    workspace: str
    held: Holder
    until: Moment
