"""What an import tells of its file: where columns go, what was found out, and the first rows."""

from collections.abc import Iterator
from dataclasses import asdict
from typing import Final

from taskloom.errors import TooLarge
from taskloom.exchange.documents import written
from taskloom.exchange.mapping import Plan
from taskloom.exchange.rows import Reader
from taskloom.exchange.samples import shortened
from taskloom.exchange.targets import Target
from taskloom.model.imports import Analysis
from taskloom.schema.compiled import Compiled

LARGEST_ANALYSIS: Final = 4 * 1024 * 1024
LARGEST_SAMPLE: Final = 1024 * 1024
SAMPLE_ROWS: Final = 5


def analysis_of(reader: Reader, plan: Plan, workflow: Compiled) -> Analysis:
    """Say what a file turned out to be, in little room."""
    unique = Target("field", workflow.workflow.unique_id or "")
    named = [column for column, target in plan.columns.items() if target == unique]
    made = Analysis(
        tabular=reader.tabular,
        notes=(*reader.notes, *plan.notes, *_warnings(workflow)),
        columns=tuple(
            (column, None if target is None else target.name)
            for column, target in plan.columns.items()
        ),
        named=named[0] if named else None,
        aside=tuple(plan.aside),
        proposed=written(asdict(plan.proposed)).decode(),
        sample=_sample(reader),
    )
    if sum(map(len, (made.proposed, *map(str, made.columns)))) > LARGEST_ANALYSIS:
        raise TooLarge("the columns of this file are too many", limit=LARGEST_ANALYSIS)
    return made


def _warnings(workflow: Compiled) -> Iterator[str]:
    if workflow.workflow.unique_id is None:
        yield f"the workflow {workflow.workflow.id} has no unique ID: every row makes a new task"


def _sample(reader: Reader) -> str:
    """Write the first rows, as many as are short, with values cut short."""
    rows: list[bytes] = []
    for row in reader.sample()[:SAMPLE_ROWS]:
        values = {name: shortened(value) for name, value in row.values.items()}
        rows.append(written(values))
        if sum(map(len, rows)) > LARGEST_SAMPLE:
            break
    return f"[{b','.join(rows).decode()}]"
