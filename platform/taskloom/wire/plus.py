"""A plus that was sent as it stands in a query, where it arrives as a space."""

import re
from typing import Final

from taskloom.fields.moment import DAY, TIME

LOST: Final = rf"{DAY}[Tt ]{TIME} [0-9]{{2}}:?[0-9]{{2}}"
"""How a time reads that has lost the plus before its offset."""

_LOST: Final = re.compile(LOST)


def with_plus(text: str) -> str:
    """Give a time the plus before its offset back; any other text stays as it is."""
    return "+".join(text.rsplit(" ", 1)) if _LOST.fullmatch(text) else text
