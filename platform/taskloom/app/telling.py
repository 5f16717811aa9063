"""Faults of a workflow file as lines that people and editors can follow."""

from collections.abc import Sequence

from taskloom.errors import Fault
from taskloom.schema.load import FileFault
from taskloom.schema.source import locate, parse, path_text


def spelt(file: str, fault: FileFault) -> str:
    """Spell a fault on one line: `file:line path message — remedy`."""
    remedy = f" — {fault.hint}" if fault.hint else ""
    return f"{file}:{fault.line} {fault.path} {fault.message}{remedy}"


def placed(text: str, faults: Sequence[Fault]) -> list[FileFault]:
    """Find the line of every fault, in the order of the lines."""
    source = parse(text)
    found = [
        FileFault(
            line=locate(source, fault.path),
            path=path_text(fault.path),
            message=fault.message,
            hint=fault.hint,
        )
        for fault in faults
    ]
    return sorted(found, key=lambda fault: (fault.line, fault.path))
