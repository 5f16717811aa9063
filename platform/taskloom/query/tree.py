"""The query tree: what to find, in which order, from where, how much.

A `field` is a field key or one of the built-ins below; every operand is a parsed value of that
field's kind (for list kinds: one item), never text from the wire and never an operator document.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from taskloom.model.task import Moment

STAGE = "_stage"
ASSIGNEE = "_assignee"
ID = "_id"
UID = "_uid"
BY = "_by"
CREATED = "_created"
UPDATED = "_updated"
BUILT_IN = frozenset({STAGE, ASSIGNEE, ID, UID, BY, CREATED, UPDATED})

Operand = object


@dataclass(frozen=True, slots=True)
class Compare:
    """Compare one field; `op` is one of `fields.base.OPERATORS`.

    `in` and `nin` take a tuple of operands, `exists` a bool. `eq` with None means unset (absent,
    empty text or empty list). `ne` and `nin` include tasks where the field is unset. `contains`
    is a substring without regard to case for text, membership for lists; `startswith` minds case.
    """

    field: str
    op: str
    operand: Operand


@dataclass(frozen=True, slots=True)
class All:
    """Every part holds; no parts means everything."""

    parts: tuple["Filter", ...] = ()


@dataclass(frozen=True, slots=True)
class Some:
    """At least one part holds; no parts means nothing."""

    parts: tuple["Filter", ...] = ()


@dataclass(frozen=True, slots=True)
class Not:
    """The part does not hold."""

    part: "Filter"


@dataclass(frozen=True, slots=True)
class Words:
    """Text search: every word of `text` is found in some text field of the task.

    Where the workflow says what is searched, a word is found where a word of such a field begins
    with it, as `query.words` tells; elsewhere where it occurs (any case) in any text field.
    """

    text: str


Filter = Compare | All | Some | Not | Words
EVERYTHING = All()


@dataclass(frozen=True, slots=True)
class Order:
    """Sort by one field; unset values come last ascending and first descending.

    A list is sorted by its first item.
    """

    field: str
    descending: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class After:
    """A place in a sorted list: the packed sort values of the last task seen, and its id.

    `keys` has one entry for each `Order` of the query, None where the field was unset.
    """

    keys: tuple[object, ...]
    created: Moment
    id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Query:
    """What to find.

    Order is `order`, then creation time, then id, these two in the direction of the last `Order`
    (one index then serves both ways), so that it is total. `skip` leaves out so many of the first.
    Stages and the options of selects sort in their declared order. `links` names the links to read
    and says which of the linked tasks; None means all that may be seen.
    """

    where: Filter = EVERYTHING
    order: tuple[Order, ...] = ()
    limit: int | None = None
    skip: int = 0
    after: After | None = None
    fields: frozenset[str] | None = None
    links: Mapping[str, Filter] | None = None
