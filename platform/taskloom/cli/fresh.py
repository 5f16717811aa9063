"""New files that come to be whole or not at all."""

import contextlib
import os
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO

from taskloom.cli.failure import Failure


@contextlib.contextmanager
def fresh_file(path: Path, *, mode: int = 0o666) -> Iterator[BinaryIO]:
    """Give a file that gets its name when the block ends well, and is removed otherwise.

    It can be read again too; what has the name already is replaced. Raises `Failure` where it
    cannot be written.
    """
    part = path.with_name(f".{path.name}.{os.getpid()}.part")
    try:
        with os.fdopen(os.open(part, os.O_RDWR | os.O_CREAT | os.O_EXCL, mode), "w+b") as file:
            yield file
            file.flush()
            os.fsync(file.fileno())
        part.replace(path)
    except OSError as fault:
        raise Failure(f"{path} cannot be written: {fault.strerror or fault}.") from fault
    finally:
        part.unlink(missing_ok=True)
