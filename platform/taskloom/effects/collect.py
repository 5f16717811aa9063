"""What nothing needs any more is removed: files that no task holds, rests of dropped workflows."""

import logging
import threading

from taskloom.effects.base import EFFECTS, NEVER
from taskloom.engine.imports import DAY, KEPT
from taskloom.engine.ports import Ports

HOUR = 3600

log = logging.getLogger(__name__)


@EFFECTS.register("collect")
class Collect:
    """Completes drops of workflows, then removes attachments and contents nothing refers to.

    Files are removed when they are an hour old: the task of an upload may still be being written.
    """

    every: float = HOUR
    at_once: int = 1

    def run(self, ports: Ports, stopping: threading.Event = NEVER) -> None:  # noqa: ARG002 - it is short
        ports.tasks.drop_rest()
        ports.imports.collect(ports.clock() - KEPT, ports.clock() - DAY)
        gone = ports.files.collect(ports.clock() - HOUR * 1000)
        if gone:
            log.info("%d unused files were removed", gone)
