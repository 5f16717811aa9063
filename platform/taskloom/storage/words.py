"""The words of a task as they are indexed: one list for all fields that the workflow searches."""

from collections.abc import Iterable, Iterator
from itertools import islice

from taskloom.model.event import Change
from taskloom.model.values import Values
from taskloom.query.words import words
from taskloom.schema.compiled import Compiled

WORDS = "w"
"""Where the words stand in a task's document."""

MOST_WORDS = 2_000
"""So many different words of one field are indexed, and no more."""


def token(field: str, word: str) -> str:
    """Spell a word of a field; no key of a field has a blank in it."""
    return f"{field} {word}"


def tokens(workflow: Compiled, values: Values) -> list[str]:
    """List the words of a task's searched fields, which are nothing where none is declared."""
    return [
        token(field, word)
        for field in workflow.base.workflow.search
        for word in islice(_words_of(values.get(field)), MOST_WORDS)
    ]


def touches(workflow: Compiled, changes: Iterable[Change]) -> bool:
    """Tell whether changes are about a searched field."""
    searched = workflow.base.workflow.search
    return bool(searched) and any(change.field in searched for change in changes)


def _words_of(value: object) -> Iterator[str]:
    if isinstance(value, str):
        yield from words(value)
    elif isinstance(value, list | tuple):
        yield from words(" ".join(value))
    elif value is not None:
        yield from words(str(value))
