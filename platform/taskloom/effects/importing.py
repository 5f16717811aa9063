"""Imports: files that came in become tasks, beside the requests and as many as run at once."""

import logging
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from typing import Final
from uuid import uuid4

from taskloom.effects.base import EFFECTS, NEVER
from taskloom.engine.engine import open_engine
from taskloom.engine.jobs import ImportStore
from taskloom.engine.ports import Ports
from taskloom.errors import TaskloomError, TooSlow, Unavailable
from taskloom.model.imports import Import

LEASE: Final = 10_000
"""Milliseconds after which an import is taken from a process that gives no sign of life."""

EVERY: Final = 0.2
"""Seconds between two looks for an import that waits."""

SIGNS: Final = 3.0
"""Seconds between signs of life."""

PAUSE: Final = 2.0
"""Seconds before what the database did not take is tried again."""

log = logging.getLogger(__name__)


@EFFECTS.register("importing")
class Importing:
    """Takes imports that wait, or whose process is gone, and works on them to the end.

    Several at once, so that a short one need not wait for a long one.
    """

    every: float = EVERY
    at_once: int = 3

    def __init__(self) -> None:
        self._asking = threading.Lock()

    def run(self, ports: Ports, stopping: threading.Event = NEVER) -> None:
        owner = uuid4().hex
        try:
            job = self._taken(ports, owner, stopping)
            while job is not None:
                _work(ports, job, owner, stopping)
                job = None if stopping.is_set() else ports.imports.take(owner, LEASE)
        except (Unavailable, TooSlow) as fault:
            log.warning("no imports for now: %s", fault)
            stopping.wait(PAUSE)

    def _taken(self, ports: Ports, owner: str, stopping: threading.Event) -> Import | None:
        """Take an import; of those that have nothing to do, one asks and the others wait."""
        if stopping is NEVER:
            return ports.imports.take(owner, LEASE)
        with self._asking:
            while not stopping.is_set():
                job = ports.imports.take(owner, LEASE)
                if job is not None:
                    return job
                stopping.wait(EVERY)
        return None


def _work(ports: Ports, job: Import, owner: str, stopping: threading.Event) -> None:
    with _owned(ports.imports, job, owner) as is_lost:
        open_engine(ports).imports.run(job, owner, lambda: stopping.is_set() or is_lost())


@contextmanager
def _owned(imports: ImportStore, job: Import, owner: str) -> Iterator[Callable[[], bool]]:
    """Keep the lease of an import for the length of a block; tell whether it was lost."""
    done, lost = threading.Event(), threading.Event()

    def give_signs() -> None:
        while not done.wait(SIGNS):
            # Should the database be away for longer than the lease, who takes over is told there.
            with suppress(TaskloomError):
                if not imports.keep(job.id, owner, LEASE):
                    lost.set()

    signs = threading.Thread(target=give_signs, name="signs of life")
    signs.start()
    try:
        yield lost.is_set
    finally:
        done.set()
        signs.join()
        with suppress(TaskloomError):
            imports.release(job.id, owner)
