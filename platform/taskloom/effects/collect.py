"""Files that no task holds are removed, some time after they were last wanted."""

import logging

from taskloom.effects.base import EFFECTS
from taskloom.engine.ports import Ports

HOUR = 3600

log = logging.getLogger(__name__)


@EFFECTS.register("collect")
class Collect:
    """Removes attachments and contents that nothing refers to and that are an hour old.

    The hour is for uploads whose task is still being written.
    """

    every: float = HOUR

    def run(self, ports: Ports) -> None:
        gone = ports.files.collect(ports.clock() - HOUR * 1000)
        if gone:
            log.info("%d unused files were removed", gone)
