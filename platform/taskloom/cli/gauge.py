"""How much is done, on standard error: in one place for people, now and then a line for logs."""

import sys
import time
from types import TracebackType
from typing import Final, Self

_EVERY_SECONDS: Final = {True: 0.2, False: 5.0}
_CLEARED: Final = "\r\x1b[K"


class Gauge:
    """Shows an amount of something, such as documents, while it is entered."""

    def __init__(self, what: str) -> None:
        self._what = what
        self._is_shown = sys.stderr.isatty()
        self._begin = self._said = time.monotonic()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        fault: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self._is_shown:
            self._write(_CLEARED)

    def show(self, done: int, total: int | None = None) -> None:
        """Show the state; `total` is None where nobody knows it."""
        now = time.monotonic()
        if now - self._said < _EVERY_SECONDS[self._is_shown]:
            return
        self._said = now
        rate = done / max(now - self._begin, 0.001)
        of = "" if total is None else f" of {total:,}"
        left = "" if not total else f", {(total - done) / max(rate, 1):.0f} s left"
        text = f"{done:,}{of} {self._what}, {rate:,.0f} a second{left}"
        self._write(f"{_CLEARED}{text}" if self._is_shown else f"{text}\n")

    def _write(self, text: str) -> None:
        sys.stderr.write(text)
        sys.stderr.flush()
