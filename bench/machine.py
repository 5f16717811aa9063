"""What the processors were spent on: by us, by everybody else, or stolen from the machine."""

import os
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

_TICKS = os.sysconf("SC_CLK_TCK")
_MIB = 1024 * 1024

Groups = Mapping[str, Sequence[int]]


@dataclass(slots=True)
class Spent:
    """Seconds that passed, and processor seconds: of each group, of all others, stolen."""

    seconds: float = 0.0
    groups: dict[str, float] = field(default_factory=dict)
    others: float = 0.0
    stolen: float = 0.0

    @property
    def ours(self) -> float:
        """Processor seconds of all groups."""
        return sum(self.groups.values())

    @property
    def disturbance(self) -> float:
        """How many cores were not there for us: used by others, or stolen."""
        return (self.others + self.stolen) / self.seconds


def processor_seconds(processes: Sequence[int]) -> float:
    """Sum what processes have used so far; one that ended counts no more."""
    ticks = 0
    for process in processes:
        try:
            text = Path(f"/proc/{process}/stat").read_text(encoding="ascii", errors="replace")
        except (FileNotFoundError, ProcessLookupError):
            continue
        user, system = text.rpartition(")")[2].split()[11:13]
        ticks += int(user) + int(system)
    return ticks / _TICKS


def _machine() -> tuple[float, float]:
    """Give the seconds that all processes used so far, and those stolen.

    Interrupts are left out: they are nobody's, and most of them are our own network traffic.
    """
    first = Path("/proc/stat").read_text(encoding="ascii").split("\n", 1)[0].split()[1:]
    user, nice, system, _idle, _waiting, _hard, _soft, stolen = map(int, first[:8])
    return (user + nice + system) / _TICKS, stolen / _TICKS


@contextmanager
def spending(groups: Groups) -> Iterator[Spent]:
    """Measure a block; what is given is filled in at its end."""
    spent = Spent()
    before = {name: processor_seconds(processes) for name, processes in groups.items()}
    used, stolen = _machine()
    started = time.perf_counter()
    yield spent
    spent.seconds = time.perf_counter() - started
    used_then, stolen_then = _machine()
    for name, processes in groups.items():
        spent.groups[name] = max(processor_seconds(processes) - before[name], 0.0)
    spent.others = max(used_then - used - spent.ours, 0.0)
    spent.stolen = stolen_then - stolen


def peaks(processes: Sequence[int]) -> Mapping[int, float]:
    """Give the peak resident memory of processes in MiB."""
    found = {}
    for process in processes:
        for line in Path(f"/proc/{process}/status").read_text(encoding="utf-8").splitlines():
            if line.startswith("VmHWM:"):
                found[process] = int(line.split()[1]) * 1024 / _MIB
    return found


def forget_peaks(processes: Sequence[int]) -> None:
    """Let the peaks of processes begin anew."""
    for process in processes:
        Path(f"/proc/{process}/clear_refs").write_text("5", encoding="ascii")
