"""Previews of imports: what would become of the first rows of a file; nothing is stored."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import islice
from typing import Final, cast

from taskloom.engine.analysis import LARGEST_SAMPLE, analysis_of
from taskloom.engine.bulk import Bulk
from taskloom.engine.importing import draft_of
from taskloom.engine.people import Colleagues
from taskloom.engine.stages import Result
from taskloom.engine.writing import Mode, Same, Written
from taskloom.errors import ASSIGNEE, STAGE, Fault, Invalid, TaskloomError
from taskloom.exchange.cells import NUMBERS
from taskloom.exchange.documents import written
from taskloom.exchange.mapping import Plan, Unknown, sketch
from taskloom.exchange.rows import Choices, Reader, Row
from taskloom.exchange.samples import samples_of, shortened
from taskloom.exchange.spelling import UNSAID, Entry, speller
from taskloom.exchange.targets import READ_ONLY, Target
from taskloom.model.imports import Options
from taskloom.model.people import Actor
from taskloom.schema.compiled import Compiled

MOST_ROWS: Final = 200
_PART: Final = "only the beginning of the file was looked at: what follows may be read otherwise"


@dataclass(frozen=True, slots=True, kw_only=True)
class PreviewColumn:
    """A column of a file, some of its values, and where it goes.

    `target` is None where nobody knows, else what `Target.to` says, "aside" or "none"; `name` is
    the key of the field, of the built-in or the name of the link, or nothing.
    """

    column: str
    samples: Sequence[object]
    target: str | None
    name: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class PreviewRow:
    """A row as it came, what it asks for by key, and what would come of it.

    `outcome` is that of a write, or "refused" for the reasons in `faults`.
    """

    line: int
    cells: Mapping[str, object]
    asks: Mapping[str, object]
    outcome: str
    faults: Sequence[Fault] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Preview:
    """What an import would make of a file.

    `choices` are those made and found out; an order of `dates` or sign of `decimal` is told where
    all columns share it. `proposed` is as of an analysis, JSON text. `faults` speak against the
    whole import.
    """

    choices: Choices
    source: str
    notes: Sequence[str]
    columns: Sequence[PreviewColumn]
    proposed: str
    rows: Sequence[PreviewRow]
    faults: Sequence[Fault]


@dataclass(frozen=True, slots=True, kw_only=True)
class Previewer:
    """Who would import into what, and the bulk writes that can be rehearsed."""

    actor: Actor
    workflow: Compiled
    people: Colleagues
    bulk: Bulk

    def preview(self, reader: Reader, options: Options, count: int) -> Preview:
        """Tell what would come of the first `count` rows; raises what the reader raises."""
        unknown = cast(Unknown, options.unknown)
        plan, against = sketch(reader, self.workflow, options.columns, unknown=unknown)
        analysis = analysis_of(reader, plan, self.workflow)
        columns = [_column(reader, plan, name, target) for name, target in plan.columns.items()]
        choices = self._choices(reader, plan)
        first = list(reader.sample())
        faults = [*against, *_breaks(reader, len(first))]
        return Preview(
            choices=choices,
            source=reader.source,
            notes=(*analysis.notes, *([_PART] if choices.cut else ())),
            columns=columns,
            proposed=analysis.proposed,
            rows=self._rows(reader, plan, first[:count], cast(Mode, options.mode)),
            faults=faults,
        )

    def _choices(self, reader: Reader, plan: Plan) -> Choices:
        """Say how the file is read, dates and decimals included where all columns agree."""
        made, fields = reader.choices, self.workflow.fields
        orders: set[str] = set()
        signs: set[str] = set()
        for name, form in plan.formats.items():
            target = plan.columns[name]
            if target is not None and fields[target.name].kind in NUMBERS:
                signs.add(form.decimal)
            elif form.order is not None:
                orders.add(form.order)
        if made.dates is None and len(orders) == 1:
            made = replace(made, dates=orders.pop())
        if made.decimal is None and len(signs) == 1:
            made = replace(made, decimal=signs.pop())
        return made

    def _rows(
        self, reader: Reader, plan: Plan, rows: Sequence[Row], mode: Mode
    ) -> Sequence[PreviewRow]:
        spell = speller(plan, self.workflow, self.people)
        entries = [spell(row) for row in rows]
        drafts = [draft_of(entry) for entry in entries]
        results = self.bulk.write(
            self.actor, self.workflow, drafts, self.people, mode=mode, dry_run=True
        )
        shown: list[PreviewRow] = []
        size = 0
        for row, entry, result in zip(rows, entries, results, strict=True):
            made = _row(reader, row, entry, result)
            size += len(written(made.cells)) + len(written(made.asks))
            if shown and size > LARGEST_SAMPLE:
                break
            shown.append(made)
        return shown


def _breaks(reader: Reader, held: int) -> Sequence[Fault]:
    """Tell what breaks the file within the rows that were looked at, or right behind them."""
    try:
        next(islice(reader.rows(), held, None), None)
    except TaskloomError as error:
        hint = str(error.details.get("hint", ""))
        return [Fault(path=("file",), code=error.code, message=error.message, hint=hint)]
    return []


def _column(reader: Reader, plan: Plan, name: str, target: Target | None) -> PreviewColumn:
    samples = samples_of(reader.sample(), name)
    if target is not None:
        return PreviewColumn(column=name, samples=samples, target=target.to, name=target.name)
    left_out = plan.unknown == "ignore" or name in READ_ONLY or plan.titles.passed_over(name)
    to = "aside" if name in plan.aside else "none" if left_out else None
    return PreviewColumn(column=name, samples=samples, target=to)


def _row(reader: Reader, row: Row, entry: Entry, result: Result) -> PreviewRow:
    cells = row.values
    if row.fault and not isinstance(row.raw, str):
        cells = dict(zip(reader.raw_columns, row.raw, strict=False))
    asks = {**entry.values, **entry.links, STAGE: entry.stage, ASSIGNEE: entry.assignees}
    return PreviewRow(
        line=row.line,
        cells={name: shortened(value) for name, value in cells.items()},
        asks={key: shortened(value) for key, value in asks.items() if value is not UNSAID},
        outcome=result.outcome if isinstance(result, Written | Same) else "refused",
        faults=_faults(result),
    )


def _faults(result: Result) -> Sequence[Fault]:
    if isinstance(result, Invalid):
        return result.faults
    if isinstance(result, TaskloomError):
        return [Fault(path=(), code=result.code, message=result.message)]
    return ()
