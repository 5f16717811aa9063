"""How far an import is, on standard error: a bar for people, a line now and then for logs."""

import sys
import time
from types import TracebackType
from typing import Protocol, Self

from rich.console import Console
from rich.progress import (
    BarColumn,
    Progress,
    TaskProgressColumn,
    TextColumn,
    TimeRemainingColumn,
)

_EVERY_SECONDS = 5.0


class Meter(Protocol):
    """Shows rows done and bytes read, while it is entered."""

    def __enter__(self) -> Self: ...
    def __exit__(
        self,
        kind: type[BaseException] | None,
        fault: BaseException | None,
        trace: TracebackType | None,
    ) -> None: ...
    def show(self, rows: int, position: int) -> None:
        """Show the state after a batch."""


def meter(total: int) -> Meter:
    """Choose how to show progress through `total` bytes."""
    return Bar(total) if sys.stderr.isatty() else Lines(total)


class Bar:
    """A progress bar with rows, rate and remaining time."""

    def __init__(self, total: int) -> None:
        self._progress = Progress(
            BarColumn(),
            TaskProgressColumn(),
            TextColumn("{task.fields[rows]:,} rows, {task.fields[rate]:,.0f} a second,"),
            TimeRemainingColumn(),
            TextColumn("left"),
            console=Console(stderr=True),
            transient=True,
        )
        self._task = self._progress.add_task("", total=max(total, 1), rows=0, rate=0.0)
        self._begin = time.monotonic()

    def __enter__(self) -> Self:
        self._progress.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        fault: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._progress.stop()

    def show(self, rows: int, position: int) -> None:
        rate = rows / max(time.monotonic() - self._begin, 0.001)
        self._progress.update(self._task, completed=position, rows=rows, rate=rate)


class Lines:
    """A plain line every five seconds."""

    def __init__(self, total: int) -> None:
        self._total = max(total, 1)
        self._begin = self._said = time.monotonic()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        fault: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Say nothing more."""

    def show(self, rows: int, position: int) -> None:
        now = time.monotonic()
        if now - self._said < _EVERY_SECONDS:
            return
        self._said = now
        spent = now - self._begin
        left = spent * (self._total - position) / max(position, 1)
        sys.stderr.write(
            f"{rows} rows, {100 * position // self._total} %, {rows / spent:.0f} a second, "
            f"{left:.0f} s left\n"
        )
        sys.stderr.flush()
