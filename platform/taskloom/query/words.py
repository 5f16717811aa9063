"""The words of texts, as search by words looks for them."""

import re
import unicodedata
from collections.abc import Iterator
from typing import Final

LONGEST: Final = 64
"""So many characters of a word count; the rest of it is not looked at."""

_WORD: Final = re.compile(r"\w+")


def words(text: str) -> Iterator[str]:
    """Yield the words of a text in the form in which they are compared, each once.

    Words are letters and digits in a row, whatever their case; forms that mean the same character
    are alike (NFKC).
    """
    # Letters of some scripts come apart when their case is folded.
    plain = unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", text).casefold())
    yield from dict.fromkeys(word[:LONGEST] for word in _WORD.findall(plain))
