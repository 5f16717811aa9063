"""How far something is, on standard error: a bar for people, a line now and then for logs."""

import sys
import time
from types import TracebackType
from typing import Protocol, Self

from rich.console import Console
from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn

_EVERY_SECONDS = 5.0


class Meter(Protocol):
    """Shows how much of a file is done, while it is entered."""

    def __enter__(self) -> Self: ...
    def __exit__(
        self,
        kind: type[BaseException] | None,
        fault: BaseException | None,
        trace: TracebackType | None,
    ) -> None: ...
    def show(self, done: int, told: str) -> None:
        """Show how many bytes are done, and what there is to say about it."""


def meter(total: int) -> Meter:
    """Choose how to show progress through `total` bytes."""
    return Bar(total) if sys.stderr.isatty() else Lines(total)


class Bar:
    """A progress bar."""

    def __init__(self, total: int) -> None:
        self._progress = Progress(
            BarColumn(),
            TaskProgressColumn(),
            TextColumn("{task.fields[told]}"),
            console=Console(stderr=True),
            transient=True,
        )
        self._task = self._progress.add_task("", total=max(total, 1), told="")

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

    def show(self, done: int, told: str) -> None:
        self._progress.update(self._task, completed=done, told=told)


class Lines:
    """A plain line every five seconds."""

    def __init__(self, total: int) -> None:
        self._total = max(total, 1)
        self._said = time.monotonic()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        fault: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Say nothing more."""

    def show(self, done: int, told: str) -> None:
        now = time.monotonic()
        if now - self._said < _EVERY_SECONDS:
            return
        self._said = now
        sys.stderr.write(f"{100 * done // self._total} %, {told}\n")
        sys.stderr.flush()
