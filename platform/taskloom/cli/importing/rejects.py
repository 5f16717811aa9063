"""The file of refused rows: with line and reasons, and good to be mended and imported again."""

import csv
from collections.abc import Sequence
from pathlib import Path
from typing import IO

import orjson

from taskloom.cli.failure import Failure
from taskloom.cli.importing.rows import MARKS, Row

_ENDING = {True: ".rejects.csv", False: ".rejects.ndjson"}


def default_path(file: Path, *, tabular: bool) -> Path:
    """Name the rejects file that stands beside the imported one."""
    return file.with_name(file.name + _ENDING[tabular])


class Rejects:
    """Writes refused rows, in the format of the file they came from; no row, no file."""

    def __init__(self, path: Path, columns: Sequence[str], *, tabular: bool) -> None:
        self.path = path
        self._columns = [name for name in columns if name not in MARKS]
        self._tabular = tabular
        self._file: IO[str] | None = None
        self.count = 0

    def add(self, row: Row, reasons: Sequence[str]) -> None:
        """Write one row and why it was refused."""
        self.count += 1
        file = self._file or self._open()
        if self._tabular:
            csv.writer(file).writerow([row.line, "; ".join(reasons), *row.raw])
            return
        values: dict[str, object] = {"_line": row.line, "_errors": list(reasons)}
        values |= row.values if not row.raw else {"_text": row.raw}
        file.write(orjson.dumps(values).decode() + "\n")

    def _open(self) -> IO[str]:
        try:
            self._file = self.path.open("w", encoding="utf-8", newline="")
        except OSError as fault:
            raise Failure(
                f"{self.path} cannot be written: {fault.strerror}.",
                "Name another file for refused rows with --rejects.",
            ) from fault
        if self._tabular:
            csv.writer(self._file).writerow(["_line", "_errors", *self._columns])
        return self._file

    def close(self) -> None:
        """Close the file."""
        if self._file is not None:
            self._file.close()
