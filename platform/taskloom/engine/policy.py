"""What the owner of a server decided about people: who may register, and how much they may ask."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Policy:
    """The decisions; the default lets nobody register and counts no requests.

    `signup` holds the e-mail domains, in lower case, whose owners may register, and is None where
    everybody may. Whoever knows `invite` registers as an admin wherever they come from. The rates
    are requests per credential, None for any number.
    """

    signup: frozenset[str] | None = frozenset()
    invite: str | None = None
    per_minute: int | None = None
    per_day: int | None = None


NOBODY_REGISTERS = Policy()
