"""What views ask for, told by keys: titles, stages' names and e-mails may change, keys do not.

Filters and sorts go in as queries have them, with the titles of today, and come back with the
titles of then. What is not there any more, or not for who looks, is left out and told.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final, NamedTuple, cast

from taskloom.errors import Fault, Path
from taskloom.fields.base import People
from taskloom.query.tree import ASSIGNEE, CREATED, STAGE, UPDATED, Order
from taskloom.schema.compiled import Compiled, titles_of
from taskloom.schema.source import path_text
from taskloom.wire.flowdash.naming import CREATED_ON, TASK_URL, UPDATED_ON
from taskloom.wire.flowdash.targets import Target, target
from taskloom.wire.flowdash.trees import tree

WHERE: Final = "where"
SORT: Final = "sort"
WORDS: Final = "q"
URL: Final = "_url"
"""The key of `Task URL`, which is computed."""

_FIELD: Final = "field"
_VALUE: Final = "value"
_NOT: Final = "not"
_GROUPS: Final = ("and", "or")
_PERSONS: Final = frozenset({"person", "personList"})
_UNSEEN: Final = "names a field that is not there any more, or that you do not see"
_NO_STAGE: Final = "names a stage that is not there any more"
_NOBODY: Final = "names somebody who is not there any more"

Query = Mapping[str, Any]
_Translate = Callable[[str], str]


def names_of(workflow: Compiled) -> Mapping[str, str]:
    """Name everything that a view may show, by its key."""
    built_in = {URL: TASK_URL, CREATED: CREATED_ON, UPDATED: UPDATED_ON}
    return {**titles_of(workflow), **built_in}


def keyed(said: Query, order: Sequence[Order], workflow: Compiled, people: People) -> Query:
    """Tell a query, which was read without a fault as this order, by keys."""
    told: dict[str, Any] = {}
    if said.get(WHERE) is not None:
        told[WHERE] = _Keying(workflow, people).filter(said[WHERE])
    if order:
        told[SORT] = [[part.field, part.descending] for part in order]
    if said.get(WORDS):
        told[WORDS] = said[WORDS]
    return told


class _Keying:
    """Puts keys into filters."""

    def __init__(self, workflow: Compiled, people: People) -> None:
        self._workflow = workflow
        self._people = people

    def filter(self, said: Query) -> Query:
        if _FIELD not in said:
            (name, inner), *_ = said.items()
            if name == _NOT:
                return {_NOT: self.filter(inner)}
            return {name: [self.filter(part) for part in inner]}
        # What a query names was found when it was read.
        found = cast(Target, target(said[_FIELD], self._workflow))
        translate = _of_values(found.field, self._workflow, self._stage, self._person)
        return {**said, _FIELD: found.field, _VALUE: _each(said[_VALUE], translate)}

    def _stage(self, name: str) -> str:
        return self._workflow.stage_keys[name]

    def _person(self, email: str) -> str:
        """Return the id of a user; an e-mail that nobody has stays what it is."""
        return self._people.id_of(email.strip()) or email


class Broken(NamedTuple):
    """Where something was left out, such as `query.where.and[0]`, and why."""

    path: str
    message: str


class _Lost(Exception):
    """What a part of a view speaks of is not there for who looks."""


@dataclass
class Titled:
    """Tells what views ask for by today's titles; `broken` fills up with what was left out."""

    workflow: Compiled
    people: People
    broken: list[Broken] = field(default_factory=list)

    def query(self, told: Query) -> Query:
        """Tell a query by titles, without what is broken."""
        said: dict[str, Any] = {}
        where = self._filter(told[WHERE], ("query", WHERE)) if WHERE in told else None
        if where is not None:
            said[WHERE] = where
        names, sort = names_of(self.workflow), []
        for place, (key, descending) in enumerate(told.get(SORT, ())):
            found = target(names[key], self.workflow) if key in names else None
            if found is None or not found.sortable:
                self._lost(("query", SORT, place), _UNSEEN)
            else:
                sort.append("-" * descending + names[key])
        if sort:
            said[SORT] = sort
        if WORDS in told:
            said[WORDS] = told[WORDS]
        return said

    def columns(self, told: Sequence[Query]) -> Sequence[Query]:
        """Tell columns by titles, without those that are not there for who looks."""
        names, columns = names_of(self.workflow), []
        for place, column in enumerate(told):
            rest = {name: value for name, value in column.items() if name != "key"}
            if column["key"] in names:
                columns.append({"title": names[column["key"]], **rest})
            else:
                self._lost(("columns", place), _UNSEEN)
        return columns

    def _filter(self, told: Query, path: Path) -> Query | None:
        """Return a part of a filter by titles; None where nothing of it is left."""
        if _FIELD in told:
            return self._comparison(told, path)
        (name, inner), *_ = told.items()
        if name == _NOT:
            part = self._filter(inner, (*path, _NOT))
            return None if part is None else {_NOT: part}
        parts = [self._filter(part, (*path, name, n)) for n, part in enumerate(inner)]
        kept = [part for part in parts if part is not None]
        # A choice between nothing finds nothing; one whose parts are all lost must not.
        return {name: kept} if kept or not inner else None

    def _comparison(self, told: Query, path: Path) -> Query | None:
        try:
            said = self._titled(told)
        except _Lost as lost:
            self._lost(path, str(lost))
            return None
        faults: list[Fault] = []
        tree(said, path, self.workflow, self.people, faults)
        for fault in faults:
            self._lost(path, f"{said[_FIELD]!r} {fault.message}")
        return None if faults else said

    def _titled(self, told: Query) -> Query:
        key, names = told[_FIELD], names_of(self.workflow)
        if key not in names:
            raise _Lost(_UNSEEN)
        translate = _of_values(key, self.workflow, self._stage, self._person)
        return {**told, _FIELD: names[key], _VALUE: _each(told[_VALUE], translate)}

    def _stage(self, key: str) -> str:
        if key not in self.workflow.stages:
            raise _Lost(_NO_STAGE)
        return self.workflow.stages[key].name

    def _person(self, user: str) -> str:
        if "@" in user:
            return user
        email = self.people.email_of(user)
        if email is None:
            raise _Lost(_NOBODY)
        return email

    def _lost(self, path: Path, message: str) -> None:
        self.broken.append(Broken(path_text(path), message))


def _of_values(
    key: str, workflow: Compiled, stage: _Translate, person: _Translate
) -> _Translate | None:
    """Choose what is done to the values that a field is compared with."""
    if key == STAGE:
        return stage
    held = workflow.fields.get(key)
    is_person = key == ASSIGNEE or (held is not None and held.kind in _PERSONS)
    return person if is_person else None


def _each(value: object, translate: _Translate | None) -> object:
    """Translate a value or each of several; what is no text means nobody and no stage."""
    if translate is None:
        return value
    if isinstance(value, list):
        return [_each(item, translate) for item in cast(list[object], value)]
    return translate(value) if isinstance(value, str) else value
