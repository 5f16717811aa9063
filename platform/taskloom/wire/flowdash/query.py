"""What a list's address asks for: filters, order, place, amount, titles."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final

from werkzeug.datastructures import MultiDict

from taskloom.errors import Fault, Invalid
from taskloom.fields.base import People
from taskloom.model.task import Row
from taskloom.query.cursor import LONGEST, encode
from taskloom.query.tree import (
    CREATED,
    EVERYTHING,
    STAGE,
    UPDATED,
    After,
    All,
    Compare,
    Filter,
    Order,
    Query,
)
from taskloom.schema.compiled import Compiled
from taskloom.wire.exact import shortened
from taskloom.wire.flowdash import controls
from taskloom.wire.flowdash.filters import filters
from taskloom.wire.flowdash.naming import link_names

Parameters = MultiDict[str, str]
IN_AN_ID: Final = "in a unique ID, ? is written %3F"
_LONG: Final = "has values that are too long to go on from one page to the next"


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """A list request; `only` are the titles to show, None for all.

    `count` says how to count all tasks of the list, if that is asked for.
    """

    query: Query
    only: frozenset[str] | None
    count: controls.Count | None = None

    @property
    def one_more(self) -> Query:
        """The query of a page with one task more, which tells whether another page follows."""
        limit = self.query.limit
        return self.query if limit is None else replace(self.query, limit=limit + 1)

    def after(self, last: Row) -> str:
        """Return the cursor of what comes after a task of this list.

        Raises `Invalid` where the values sorted by are too long to stand in an address.
        """
        keys = tuple(_sort_value(order.field, last) for order in self.query.order)
        after = After(keys=keys, created=last.created, id=last.id)
        cursor = encode(after, self.query.order, self.query.where)
        if len(cursor) > LONGEST:
            hint = "sort by other titles, or list all tasks without _limit"
            raise Invalid([Fault(path=(controls.SORT,), code="cursor", message=_LONG, hint=hint)])
        return cursor


@dataclass(frozen=True, slots=True, kw_only=True)
class Controls:
    """The control parameters as they are given, each as often as it is; `only` are `_fields`."""

    sort: Sequence[str]
    only: Sequence[str]
    limit: Sequence[str]
    cursor: Sequence[str]
    count: Sequence[str]


def asked(parameters: Parameters, workflow: Compiled, people: People, *, active: bool) -> Asked:
    """Read a list's parameters, or raise `Invalid` with everything wrong with them."""
    faults: list[Fault] = []
    where = list(filters(parameters, workflow, people, faults))
    if active:
        stages = tuple(key for key, stage in workflow.stages.items() if not stage.end)
        where.append(Compare(STAGE, "in", stages))
    given = Controls(
        sort=parameters.getlist(controls.SORT),
        only=parameters.getlist(controls.FIELDS),
        limit=parameters.getlist(controls.LIMIT),
        cursor=parameters.getlist(controls.CURSOR),
        count=parameters.getlist(controls.COUNT),
    )
    return controlled(where, given, workflow, faults)


def controlled(
    where: Sequence[Filter], given: Controls, workflow: Compiled, faults: list[Fault]
) -> Asked:
    """Complete a list request by its controls; raise `Invalid` with these and earlier faults."""
    order = controls.order(given.sort, workflow, faults)
    only = controls.only(given.only, workflow, faults)
    limit = controls.limit(given.limit, faults)
    count = controls.count(given.count, faults)
    together = where[0] if len(where) == 1 else All(tuple(where))
    after = controls.after(given.cursor, order, together, faults)
    if faults:
        raise Invalid(faults)
    query = Query(
        where=together,
        order=order,
        limit=limit,
        after=after,
        fields=_loaded(only, order, workflow),
        links=_linked(only, workflow),
    )
    return Asked(query=query, only=only, count=count)


def titles_only(parameters: Parameters, workflow: Compiled) -> frozenset[str] | None:
    """Read the parameters of one task's address, where nothing but `_fields` can be asked."""
    faults = meaningless(parameters, controls.FIELDS, hint=IN_AN_ID)
    only = controls.only(parameters.getlist(controls.FIELDS), workflow, faults)
    if faults:
        raise Invalid(faults)
    return only


def meaningless(parameters: Parameters, *known: str, hint: str = "") -> list[Fault]:
    """Refuse parameters that an address does not know; a bare ? may have cut a unique ID short."""
    return [
        Fault(path=(shortened(name),), code="unknown", message="means nothing here", hint=hint)
        for name in parameters
        if name not in known
    ]


def _loaded(
    only: frozenset[str] | None, order: Iterable[Order], workflow: Compiled
) -> frozenset[str] | None:
    """Say which fields to load: those shown, and those a cursor is made of."""
    if only is None:
        return None
    shown = {workflow.keys[title] for title in only if title in workflow.keys}
    return frozenset(shown | {part.field for part in order if part.field in workflow.fields})


def _linked(only: frozenset[str] | None, workflow: Compiled) -> Mapping[str, Filter] | None:
    """Say which links to load: those shown."""
    if only is None:
        return None
    return dict.fromkeys(only & link_names(workflow), EVERYTHING)


def _sort_value(field: str, row: Row) -> object:
    built_in = {STAGE: row.stage, CREATED: row.created, UPDATED: row.updated}
    if field in built_in:
        return built_in[field]
    return row.stored.get(field)
