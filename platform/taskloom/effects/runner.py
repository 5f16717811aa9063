"""The loop that carries out the effects, in one thread of the server's parent process."""

import logging
import threading
import time
from collections.abc import Mapping

from taskloom.effects.base import Effect
from taskloom.engine.ports import Ports

log = logging.getLogger(__name__)


def run_effects(ports: Ports, effects: Mapping[str, Effect], stopping: threading.Event) -> None:
    """Run every effect at once and then in its own rhythm, one after the other, until stopped."""
    due = dict.fromkeys(effects, time.monotonic())
    while due:
        name = min(due, key=due.__getitem__)
        if stopping.wait(max(0.0, due[name] - time.monotonic())):
            return
        _run(name, effects[name], ports)
        due[name] = time.monotonic() + effects[name].every


def _run(name: str, effect: Effect, ports: Ports) -> None:
    try:
        effect.run(ports)
    except Exception:
        # The loop's boundary: one failed effect must stop neither the others nor its next try.
        log.exception("the effect %s failed and is tried again later", name)
