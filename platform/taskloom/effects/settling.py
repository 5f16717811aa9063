"""What an applied plan leaves to be done: values of tasks that were written at the same moment."""

import logging
import threading
import time

from taskloom.effects.base import EFFECTS, NEVER
from taskloom.engine.ports import Ports
from taskloom.engine.settling import Settler
from taskloom.engine.shifts import Settling as Left
from taskloom.errors import TaskloomError

AT_ONCE_SECONDS = 5.0
AGAIN_SECONDS = 60.0
"""So long after a failure the same work is tried again."""

log = logging.getLogger(__name__)


@EFFECTS.register("settling")
class Settling:
    """Goes on with what is to be settled, whoever left it, until nothing is left."""

    every: float = 2
    at_once: int = 1

    def __init__(self) -> None:
        self._not_before: dict[tuple[str, int], float] = {}

    def run(self, ports: Ports, stopping: threading.Event = NEVER) -> None:
        settler = Settler(ports)
        for left in ports.workflows.settling():
            if stopping.is_set():
                return
            late = time.monotonic() >= self._not_before.get((left.uid, left.new), 0)
            if late and settler.is_due(left):
                self._go_on(settler, left)

    def _go_on(self, settler: Settler, left: Left) -> None:
        try:
            settler.settle(left, seconds=AT_ONCE_SECONDS)
        except TaskloomError as fault:
            log.warning("the tasks of %s are not settled for now: %s", left.workflow, fault)
            self._not_before[left.uid, left.new] = time.monotonic() + AGAIN_SECONDS
