"""Rows of a file as what a write asks for: values by field key, as the API would get them."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final, Protocol

from taskloom.errors import ASSIGNEE, STAGE, Fault, Refusal
from taskloom.exchange.documents import parse
from taskloom.exchange.formats import Format
from taskloom.exchange.kinds import Convert, converter, people_of
from taskloom.exchange.mapping import Plan
from taskloom.exchange.rows import MARKS, Row, is_blank
from taskloom.exchange.targets import Target
from taskloom.fields.base import invalid
from taskloom.schema.compiled import Compiled, LinkSide

_PLAIN: Final = Format()
_UNREADABLE: Final = "unreadable"
_MOST_COLUMNS: Final = 10_000


class Unsaid:
    """The type of `UNSAID`, which is neither null nor empty."""

    def __repr__(self) -> str:
        return "UNSAID"


UNSAID: Final = Unsaid()


class Names(Protocol):
    """The people of a workspace by the names they show."""

    def emails_named(self, name: str) -> Sequence[str]:
        """Return the e-mails of all who show this name, any case; at most two are of interest."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """What a row asks for.

    `values` maps field keys to wire values, None clears, an absent key keeps. `stage` is a
    stage's name, `assignees` an e-mail or a list of them, None for nobody; both may be `UNSAID`.
    `links` maps link names to references, None clears. `aside` are the values of columns that
    are kept beside the task.
    """

    values: dict[str, object]
    stage: object = UNSAID
    assignees: object = UNSAID
    links: Mapping[str, object] = field(default_factory=dict)
    faults: Sequence[Fault] = ()
    aside: Mapping[str, object] = field(default_factory=dict)


Spell = Callable[[Row], Entry]
Made = dict[str, dict[str, object]]
"""What a row asks for so far, by where it goes and its name there."""

Put = Callable[[Any, Made, list[Fault]], None]
"""Spells a cell and puts it where its column goes."""


class _Speller:
    """Makes entries of rows; columns that turn up late are looked up once."""

    def __init__(self, plan: Plan, workflow: Compiled, names: Names) -> None:
        self._plan = plan
        self._workflow = workflow
        self._names = names
        self._sides = {side.name: side for side in workflow.linked}
        self._stages = {stage.name.casefold(): stage.name for stage in workflow.stages.values()}
        self._stages |= {name: name for name in workflow.stage_keys}
        self._aside = set(plan.aside)
        self._puts: dict[str, Put] = dict.fromkeys(MARKS, _pass_over)
        for column, target in plan.columns.items():
            self._puts[column] = self._put(column, target)

    def spell(self, row: Row) -> Entry:
        """Make the entry of one row; what cannot be meant is among its faults."""
        if row.fault:
            return Entry(values={}, faults=(Fault(path=(), code=_UNREADABLE, message=row.fault),))
        made: Made = {"field": {}, "stage": {}, "assignees": {}, "link": {}, "aside": {}}
        faults: list[Fault] = []
        puts = self._puts
        for column, value in row.values.items():
            put = puts.get(column) or self._late(column)
            put(value, made, faults)
        return Entry(
            values=made["field"],
            stage=made["stage"].get(STAGE, UNSAID),
            assignees=made["assignees"].get(ASSIGNEE, UNSAID),
            links=made["link"],
            faults=faults,
            aside=made["aside"],
        )

    def _put(self, column: str, target: Target | None) -> Put:
        """Make what becomes of the cells of a column."""
        if target is None:
            return _kept_aside(column) if column in self._aside else _pass_over
        tabular = self._plan.tabular
        if target.to == "stage":
            return _putter(target, self._stage, tabular=tabular, keeps=True)
        if target.to == "assignees":
            return _putter(target, self._assignees, tabular=tabular)
        if target.to == "link":
            return _putter(target, _referring(self._sides[target.name]), tabular=tabular)
        field = self._workflow.fields[target.name]
        form = self._plan.formats.get(column, _PLAIN)
        convert = converter(field, form, self._names, tabular=tabular)
        return _putter(target, convert, tabular=tabular, keeps=field.auto_increment)

    def _assignees(self, value: object) -> object:
        people = people_of(value, self._names)
        return people[0] if isinstance(people, list) and len(people) == 1 else people

    def _stage(self, value: object) -> object:
        if not isinstance(value, str):
            return value
        text = value.strip()
        return self._stages.get(text) or self._stages.get(text.casefold(), text)

    def _late(self, column: str) -> Put:
        """Find what becomes of a column that the first rows did not have."""
        titles = self._plan.titles
        target = titles.target(column)
        if target is None and not titles.passed_over(column):
            if self._plan.unknown == "refuse":
                return lambda _value, _made, faults: faults.extend(titles.unknown([column]))
            if self._plan.unknown == "aside":
                self._aside.add(column)
        put = self._put(column, target)
        if len(self._puts) < _MOST_COLUMNS:
            self._puts[column] = put
        return put


def speller(plan: Plan, workflow: Compiled, names: Names) -> Spell:
    """Make the function that spells the rows of a file for a workflow (the actor's view of it)."""
    return _Speller(plan, workflow, names).spell


def _putter(target: Target, convert: Convert, *, tabular: bool, keeps: bool = False) -> Put:
    """Make the way of the cells of a column; empty ones clear, or keep what is there."""
    to, name = target.to, target.name

    def put(value: Any, made: Made, faults: list[Fault]) -> None:
        spelt: object = None
        if tabular and is_blank(value):
            if keeps:
                return
        elif value is not None:
            try:
                spelt = convert(value)
            except Refusal as refusal:
                faults.append(refusal.at(name))
                return
        into = made[to]
        if name in into:
            faults.append(Fault(path=(name,), code="duplicate", message="is given twice"))
        into[name] = spelt

    return put


def _kept_aside(column: str) -> Put:
    def put(value: Any, made: Made, _faults: list[Fault]) -> None:
        if value is not None and not is_blank(value):
            made["aside"][column] = value

    return put


def _pass_over(_value: Any, _made: Made, _faults: list[Fault]) -> None:
    """Leave a cell out."""


def _referring(side: LinkSide) -> Convert:
    """Make references of the unique IDs in a cell."""
    unique = next((field.title for field in side.target.workflow.fields if field.unique), "")

    def refer(value: Any) -> object:
        if not isinstance(value, str):
            return value
        if value.lstrip().startswith(("[", "{")):
            return _told_in_full(value)
        found = [{unique: part.strip()} for part in value.split(";") if part.strip()]
        return found if side.many or len(found) != 1 else found[0]

    return refer


def _told_in_full(text: str) -> object:
    """Read references that are written as the API takes them."""
    try:
        return parse(text)
    except ValueError as fault:
        raise invalid(f"is not JSON: {fault}") from fault
