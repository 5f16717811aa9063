"""Which column of a file goes where in a workflow, and how its cells are to be read."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Final, Literal

from taskloom.errors import Fault, Invalid
from taskloom.exchange.cells import NUMBERS
from taskloom.exchange.formats import Format, Formats, formats_of
from taskloom.exchange.proposals import Proposed, proposed
from taskloom.exchange.rows import MARKS, Reader
from taskloom.exchange.targets import READ_ONLY, STAGE_TITLE, STAGE_WORDS, UNKNOWN, Target, Titles
from taskloom.schema.compiled import Compiled

Unknown = Literal["refuse", "aside", "ignore"]
DATES: Final = frozenset({"date", "datetime"})
_MOST_TOLD: Final = 100


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """Where every column goes (None: nowhere), and how it is read.

    `aside` are the columns that are kept beside the tasks, `notes` what was found out for people
    to see. `proposed` is what the workflow would need to take in the whole file: options and
    stages that it has not, and fields for columns that nobody knows. `unknown` says what becomes
    of names that turn up later.
    """

    columns: Mapping[str, Target | None]
    aside: tuple[str, ...]
    proposed: Proposed
    titles: Titles
    unknown: Unknown
    tabular: bool
    formats: Mapping[str, Format] = field(default_factory=dict)
    notes: Sequence[str] = ()


def propose(
    reader: Reader,
    workflow: Compiled,
    asked: Mapping[str, str | None],
    *,
    unknown: Unknown = "refuse",
) -> Plan:
    """Map a file's columns; `asked` maps columns to titles, None for one to be left out.

    Raises `Invalid` with everything that `sketch` tells against it.
    """
    plan, faults = sketch(reader, workflow, asked, unknown=unknown)
    if faults:
        raise Invalid(faults, "the file does not fit the workflow")
    return plan


def sketch(
    reader: Reader,
    workflow: Compiled,
    asked: Mapping[str, str | None],
    *,
    unknown: Unknown,
) -> tuple[Plan, Sequence[Fault]]:
    """Map a file's columns as far as they can be, as `propose`, and tell what speaks against it.

    That is every column that is unknown, stands for what another one does already, or holds dates
    or numbers that may be meant in two ways.
    """
    names = reader.columns()
    titles = Titles(workflow, asked)
    faults = list(titles.faults)
    if reader.tabular:
        faults += _absent(asked, names)
    columns = _targets(reader, names, titles)
    strangers = [
        name
        for name, target in columns.items()
        if target is None and name not in READ_ONLY and not titles.passed_over(name)
    ]
    if unknown == "refuse":
        faults += _parted(titles.unknown(strangers[:_MOST_TOLD]), reader)
    faults += _twice(columns, titles)
    formats = _formats(reader, workflow, columns)
    plan = Plan(
        columns=columns,
        aside=tuple(strangers) if unknown == "aside" else (),
        proposed=proposed(reader, workflow, columns, strangers),
        titles=titles,
        unknown=unknown,
        tabular=reader.tabular,
        formats=formats.dated | formats.counted,
        notes=(*_taken(reader, columns, titles), *formats.notes),
    )
    return plan, [*faults, *formats.unclear]


def _absent(asked: Iterable[str], names: Sequence[str]) -> list[Fault]:
    message = "is asked for by the map, but the file has no such column"
    return [
        Fault(path=(name,), code=UNKNOWN, message=message) for name in asked if name not in names
    ]


def _targets(reader: Reader, names: Sequence[str], titles: Titles) -> dict[str, Target | None]:
    """Find the target of each column; what an importer suggests comes after all titles."""
    found = {name: titles.target(name) for name in names if name not in MARKS}
    for name in READ_ONLY & {*found}:
        if found[name] in [target for other, target in found.items() if other != name]:
            found[name] = None
    for name, suggested in _suggested(reader, names).items():
        if name in found and found[name] is None and not titles.passed_over(name):
            found[name] = titles.of_hint(suggested, found.values())
    return found


def _suggested(reader: Reader, names: Sequence[str]) -> dict[str, Sequence[str]]:
    """Return titles by column: what programs usually call a stage, and what an importer knows."""
    usual = {name: (STAGE_TITLE,) for name in names if name.casefold() in STAGE_WORDS}
    return {**usual, **reader.hints}


def _parted(faults: list[Fault], reader: Reader) -> list[Fault]:
    """Ask for the delimiter where a table came out as one column that looks like several."""
    if len(faults) == 1 and len(reader.columns()) == 1 and reader.choices.format == "csv":
        name = reader.columns()[0]
        if any(sign in name for sign in ",;\t|"):
            return [replace(faults[0], hint="is the `delimiter` another one?")]
    return faults


def _twice(columns: Mapping[str, Target | None], titles: Titles) -> Iterator[Fault]:
    taken: dict[Target, str] = {}
    for name, target in columns.items():
        if target is not None and taken.setdefault(target, name) != name:
            yield Fault(
                path=(name,),
                code="duplicate",
                message=f"and {taken[target]!r} both mean {titles.title_of(target)!r}",
                hint="leave one out with a map",
            )


def _formats(reader: Reader, workflow: Compiled, columns: Mapping[str, Target | None]) -> Formats:
    """Find out how dates and numbers are written in the columns that go to such fields."""
    if not reader.tabular:
        return Formats()
    kinds = {
        name: workflow.fields[target.name].kind
        for name, target in columns.items()
        if target is not None and target.to == "field"
    }
    return formats_of(
        reader,
        [name for name, kind in kinds.items() if kind in DATES],
        [name for name, kind in kinds.items() if kind in NUMBERS],
    )


def _taken(reader: Reader, columns: Mapping[str, Target | None], titles: Titles) -> Iterator[str]:
    """Tell which columns went where an importer suggested."""
    for name in _suggested(reader, list(columns)):
        target = columns.get(name)
        if target is not None and titles.target(name) is None:
            yield f"{name!r} is taken as {titles.title_of(target)!r}"
