"""What came of the rows of an import: counted, and written where somebody has to look again."""

import csv
import io
from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Final, cast

from taskloom.engine.stages import Result
from taskloom.engine.writing import Same, Written
from taskloom.errors import Fault, Invalid, TaskloomError
from taskloom.exchange.documents import written
from taskloom.exchange.rows import Row
from taskloom.exchange.spelling import Entry
from taskloom.model.imports import Analysis
from taskloom.schema.compiled import Compiled, titles_of

_SHOWN: Final = 200


class Report:
    """What came of the rows of one batch; refused rows and what is kept aside as text."""

    def __init__(self, analysis: Analysis, workflow: Compiled) -> None:
        self._analysis = analysis
        self._titles = titles_of(workflow)
        self._rejects = io.StringIO(newline="")
        self._aside = io.StringIO(newline="")
        self.outcomes: Counter[str] = Counter()

    def tell(self, row: Row, entry: Entry, result: Result) -> None:
        """Note what came of a row."""
        if isinstance(result, Written | Same):
            self.outcomes[result.outcome] += 1
            if entry.aside:
                _put_aside(row, entry.aside, self._analysis, self._aside)
            return
        self.outcomes["refused"] += 1
        # Nothing else can come of a row that is written by itself.
        reasons = _reasons(cast(TaskloomError, result), self._titles)
        _reject(row, reasons, self._rejects, tabular=self._analysis.tabular)

    @property
    def rejects(self) -> bytes:
        """The refused rows, with line and reasons, in the format of the file."""
        return _bytes(self._rejects)

    @property
    def aside(self) -> bytes:
        """The columns kept aside of rows that arrived, with line and unique ID."""
        return _bytes(self._aside)


def rejects_head(analysis: Analysis) -> bytes:
    """Return what stands above refused rows."""
    return _head(analysis, ["_line", "_errors", *(name for name, _ in analysis.columns)])


def aside_head(analysis: Analysis) -> bytes:
    """Return what stands above what is kept aside."""
    return _head(analysis, ["_line", *_kept(analysis)])


def _head(analysis: Analysis, names: Sequence[str]) -> bytes:
    out = io.StringIO(newline="")
    if analysis.tabular:
        csv.writer(out).writerow(names)
    return _bytes(out)


def _kept(analysis: Analysis) -> Sequence[str]:
    return (*(() if analysis.named is None else (analysis.named,)), *analysis.aside)


def _bytes(text: io.StringIO) -> bytes:
    return text.getvalue().encode("utf-8", "replace")


def _reasons(refused: TaskloomError, titles: Mapping[str, str]) -> list[str]:
    if not isinstance(refused, Invalid):
        return [refused.message]
    return [_reason(fault, titles) for fault in refused.faults]


def _reason(fault: Fault, titles: Mapping[str, str]) -> str:
    first = [titles.get(str(part), str(part)) for part in fault.path[:1]]
    where = ".".join([*first, *map(str, fault.path[1:])])
    hint = f" ({fault.hint})" if fault.hint else ""
    return f"{where} {fault.message}{hint}".strip()


def _reject(row: Row, reasons: Sequence[str], out: io.StringIO, *, tabular: bool) -> None:
    """Write a refused row as it came, so that it can be mended and imported again."""
    if tabular:
        cells = [row.raw] if isinstance(row.raw, str) else row.raw
        csv.writer(out).writerow([row.line, "; ".join(reasons), *cells])
        return
    values: dict[str, object] = {"_line": row.line, "_errors": reasons}
    values |= {"_text": str(row.raw)[:_SHOWN]} if row.fault else row.values
    out.write(written(values).decode() + "\n")


def _put_aside(row: Row, aside: Mapping[str, object], analysis: Analysis, out: io.StringIO) -> None:
    """Write what a row has in the columns kept aside, beside what names its task."""
    named = {} if analysis.named is None else {analysis.named: row.values.get(analysis.named)}
    values = {**named, **aside}
    if analysis.tabular:
        csv.writer(out).writerow([row.line, *(values.get(name, "") for name in _kept(analysis))])
    else:
        out.write(written({"_line": row.line, **values}).decode() + "\n")
