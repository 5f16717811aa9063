"""What can be measured by name, and the rows each gives."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import partial

from bench.files import transfers
from bench.importing import imports
from bench.memory import most_held, read_all
from bench.operations import compare, compare_sizes
from bench.rounds import Compared, Deadline, Failed
from bench.serving import Bench, multiply
from bench.targets import TARGETS, Target, Verdict

LARGE = ("list", "eq", "range")
WITH_CPU = ("get", "create", "list")


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One row of the table: a value against its target, with what it was made of if compared.

    `why` says what went wrong when there is no true value.
    """

    target: Target
    value: float
    compared: Compared | None = None
    why: str = ""

    @property
    def verdict(self) -> Verdict:
        """How good that is."""
        return self.target.verdict(self.value)


Figure = Callable[[Bench, Deadline], Iterator[Row]]


def _operation(bench: Bench, name: str, deadline: Deadline) -> Iterator[Row]:
    row = _tried(name, lambda: compare(bench, name, deadline))
    yield row
    if name in WITH_CPU and row.compared is not None:
        yield Row(target=TARGETS[f"cpu {name}"], value=row.compared.app * 1000)


def _large(bench: Bench, deadline: Deadline) -> Iterator[Row]:
    multiply(bench)
    for name in LARGE:
        yield _tried(f"large {name}", partial(compare_sizes, bench, name, deadline))


def _imports(bench: Bench, _deadline: Deadline) -> Iterator[Row]:
    for state, found in imports(bench).items():
        yield _row(f"import {state}", found)


def _files(bench: Bench, deadline: Deadline) -> Iterator[Row]:
    for way, found in transfers(bench, deadline):
        yield _row(f"file {way}", found)


def _memory(bench: Bench, _deadline: Deadline) -> Iterator[Row]:
    read_all(bench)
    yield Row(target=TARGETS["memory"], value=most_held(bench))


def _tried(name: str, measure: Callable[[], Compared]) -> Row:
    try:
        return _row(name, measure())
    except Failed as failed:
        return Row(target=TARGETS[name], value=0.0, why=str(failed))


def _row(name: str, found: Compared) -> Row:
    return Row(target=TARGETS[name], value=found.ratio, compared=found)


def _of(name: str) -> Figure:
    return lambda bench, deadline: _operation(bench, name, deadline)


# What only reads comes first, so that both sides hold the same then; memory last: it is the peak
# over everything.
FIGURES: Mapping[str, Figure] = {
    "get": _of("get"),
    "list": _of("list"),
    "eq": _of("eq"),
    "range": _of("range"),
    "large": _large,
    "create": _of("create"),
    "upsert": _of("upsert"),
    "import": _imports,
    "file": _files,
    "memory": _memory,
}
