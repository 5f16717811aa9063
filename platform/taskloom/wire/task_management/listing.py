"""What a list of tasks is asked for: filters, order, part."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Final

from taskloom.errors import Refusal
from taskloom.query.tree import (
    ASSIGNEE,
    BY,
    CREATED,
    STAGE,
    UPDATED,
    All,
    Compare,
    Filter,
    Order,
    Query,
    Some,
)
from taskloom.wire.facades import Facing
from taskloom.wire.task_management.asking import CONTROLS, Asking, Given, Page, Sorting
from taskloom.wire.task_management.dates import before_or_after
from taskloom.wire.task_management.drafts import keys_of
from taskloom.wire.task_management.names import (
    ASSIGNEE_ID,
    CREATED_AT,
    CREATED_BY,
    DESCRIPTION,
    DUE_DATE,
    PRIORITY,
    STATUS,
    TAGS,
    TITLE,
    UPDATED_AT,
)

SEARCH: Final = "search"
AFTER: Final = f"{DUE_DATE}[gt]"
BEFORE: Final = f"{DUE_DATE}[lt]"
EXISTS: Final = f"{DUE_DATE}[exists]"
SHORTEST_SEARCH: Final = 3
UNASSIGNED: Final = "null"
USUAL: Final = Sorting(CREATED_AT, descending=True)
_SORTED_FIELDS: Final = (TITLE, PRIORITY, DUE_DATE)
_BUILT_IN: Final[Mapping[str, str]] = {STATUS: STAGE, CREATED_AT: CREATED, UPDATED_AT: UPDATED}
_NOTHING: Final = Some()


@dataclass(frozen=True, slots=True, kw_only=True)
class Listing:
    """A part of a list of tasks; `where` alone says how long the whole list is.

    `fields` are the keys of those that are shown.
    """

    where: Filter
    order: tuple[Order, ...]
    page: Page
    fields: frozenset[str]

    @property
    def query(self) -> Query:
        """The query for the part."""
        return Query(
            where=self.where,
            order=self.order,
            limit=self.page.limit,
            skip=self.page.offset,
            fields=self.fields,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class _Wanted:
    """What reading a filter takes: the parameters, the workflow, and the keys of its fields."""

    asking: Asking
    facing: Facing
    keys: Mapping[str, str]


def listing_of(given: Given, facing: Facing) -> Listing:
    """Read the parameters of a list; raises `Invalid` with everything wrong with them."""
    keys = keys_of(facing)
    readers = {name: read for name, (needs, read) in _FILTERS.items() if needs(keys)}
    asking = Asking(given, (*CONTROLS, *readers))
    wanted = _Wanted(asking=asking, facing=facing, keys=keys)
    parts = [part for name, read in readers.items() for part in read(wanted, name)]
    fields = {**{name: keys[name] for name in _SORTED_FIELDS if name in keys}, **_BUILT_IN}
    sorting = asking.sorting(tuple(fields), USUAL)
    page = asking.page()
    asking.settle()
    return Listing(
        where=All(tuple(parts)),
        order=tuple(Order(fields[sort.name], sort.descending) for sort in sorting),
        page=page,
        fields=frozenset(keys.values()),
    )


_Parts = Iterator[Filter]


def _statuses(wanted: _Wanted, name: str) -> _Parts:
    facing = wanted.facing
    offered = dict.fromkeys(facing.status(key) for key in facing.workflow.stages)
    chosen = wanted.asking.chosen(name, tuple(offered))
    if chosen:
        keys = (key for status in chosen for key in facing.stage_keys(status))
        yield Compare(STAGE, "in", tuple(keys))


def _priorities(wanted: _Wanted, name: str) -> _Parts:
    facing, key = wanted.facing, wanted.keys[PRIORITY]
    options = facing.workflow.fields[key].options
    offered = dict.fromkeys(facing.value(name, option) for option in options)
    chosen = wanted.asking.chosen(name, tuple(offered))
    if chosen:
        held = (option for value in chosen for option in facing.options(name, value))
        yield Compare(key, "in", tuple(held))


def _person(built_in: str) -> Callable[[_Wanted, str], _Parts]:
    """Make the filter by a person; nobody's tasks are none, also of those who are gone."""

    def read(wanted: _Wanted, name: str) -> _Parts:
        user = wanted.asking.one(name)
        if user is not None:
            known = wanted.facing.people.id_of(user)
            yield _NOTHING if known is None else Compare(built_in, "eq", known)

    return read


def _assignee(wanted: _Wanted, name: str) -> _Parts:
    """Read a person, or null for the tasks that nobody is assigned to."""
    if wanted.asking.one(name) == UNASSIGNED:
        yield Compare(ASSIGNEE, "eq", None)
    else:
        yield from _person(ASSIGNEE)(wanted, name)


def _tags(wanted: _Wanted, name: str) -> _Parts:
    tags = wanted.asking.several(name)
    if tags:
        key, facing = wanted.keys[TAGS], wanted.facing
        options = (option for tag in tags for option in facing.options(name, tag))
        yield Some(tuple(Compare(key, "contains", option) for option in options))


def _due(op: str) -> Callable[[_Wanted, str], _Parts]:
    def read(wanted: _Wanted, name: str) -> _Parts:
        text = wanted.asking.one(name)
        if text is None:
            return
        key, facing = wanted.keys[DUE_DATE], wanted.facing
        kind = facing.workflow.fields[key].kind
        try:
            yield before_or_after(key, op, text, kind=kind, people=facing.people)
        except Refusal as refusal:
            wanted.asking.refuse(name, refusal.message, refusal.hint)

    return read


def _has_due_date(wanted: _Wanted, name: str) -> _Parts:
    there = wanted.asking.truth(name)
    if there is not None:
        yield Compare(wanted.keys[DUE_DATE], "exists", there)


def _search(wanted: _Wanted, name: str) -> _Parts:
    text = wanted.asking.one(name)
    if text is None:
        return
    if len(text.strip()) < SHORTEST_SEARCH:
        wanted.asking.refuse(name, f"must have at least {SHORTEST_SEARCH} characters")
        return
    keys = [wanted.keys[part] for part in (TITLE, DESCRIPTION) if part in wanted.keys]
    yield Some(tuple(Compare(key, "contains", text.strip()) for key in keys))


def _always(_keys: Mapping[str, str]) -> bool:
    return True


def _with(*names: str) -> Callable[[Mapping[str, str]], bool]:
    return lambda keys: any(name in keys for name in names)


_Reader = Callable[[_Wanted, str], _Parts]
_FILTERS: Final[Mapping[str, tuple[Callable[[Mapping[str, str]], bool], _Reader]]] = {
    STATUS: (_always, _statuses),
    PRIORITY: (_with(PRIORITY), _priorities),
    ASSIGNEE_ID: (_always, _assignee),
    CREATED_BY: (_always, _person(BY)),
    TAGS: (_with(TAGS), _tags),
    AFTER: (_with(DUE_DATE), _due("gt")),
    BEFORE: (_with(DUE_DATE), _due("lt")),
    EXISTS: (_with(DUE_DATE), _has_due_date),
    SEARCH: (_with(TITLE, DESCRIPTION), _search),
}
