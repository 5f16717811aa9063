"""What a new version of a workflow leaves to be done: its indexes are built, words indexed anew."""

import logging
import threading
import time

from taskloom.effects.base import EFFECTS, NEVER
from taskloom.engine.ports import Ports
from taskloom.errors import TaskloomError
from taskloom.model.workflow import Workflow

AGAIN_SECONDS = 60.0
"""So long after a failure a workflow is tried again."""

log = logging.getLogger(__name__)


@EFFECTS.register("upkeep")
class Upkeep:
    """Goes on with every workflow until nothing is left for the version it has."""

    every: float = 2
    at_once: int = 1

    def __init__(self) -> None:
        self._done: dict[str, int] = {}
        self._not_before: dict[str, float] = {}

    def run(self, ports: Ports, stopping: threading.Event = NEVER) -> None:
        for workspace in ports.directory.workspaces():
            for workflow in ports.workflows.every(workspace.id):
                if stopping.is_set():
                    return
                if self._is_due(workflow):
                    self._go_on(ports, workflow)

    def _is_due(self, workflow: Workflow) -> bool:
        if self._done.get(workflow.uid) == workflow.version:
            return False
        return time.monotonic() >= self._not_before.get(workflow.uid, 0)

    def _go_on(self, ports: Ports, workflow: Workflow) -> None:
        try:
            # Not from memory: what is done is done for this version, not for one before it.
            compiled = ports.workflows.newest(workflow.workspace, workflow.id)
            if compiled is None:
                return
            progress = ports.upkeep.go_on(compiled)
        except TaskloomError as fault:
            log.warning("nothing is done for the tasks of %s for now: %s", workflow.id, fault)
            progress = "failed"
        else:
            if progress == "done":
                self._done[workflow.uid] = compiled.workflow.version
            if progress == "failed":
                log.warning(
                    "an index of %s could not be built; `taskloom doctor` says why", workflow.id
                )
        if progress == "failed":
            self._not_before[workflow.uid] = time.monotonic() + AGAIN_SECONDS
