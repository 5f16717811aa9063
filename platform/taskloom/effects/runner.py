"""The loops that carry out the effects, in threads of the server's parent process."""

import logging
import threading
from collections.abc import Mapping

from taskloom.effects.base import Effect
from taskloom.engine.ports import Ports

log = logging.getLogger(__name__)


def run_effects(ports: Ports, effects: Mapping[str, Effect], stopping: threading.Event) -> None:
    """Run every effect at once and then in its own rhythm, none in the way of another.

    Returns once it is stopped and all of them ended.
    """
    threads = [
        threading.Thread(target=_go_on, args=(name, effect, ports, stopping), name=name)
        for name, effect in effects.items()
        for _ in range(effect.at_once)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


def _go_on(name: str, effect: Effect, ports: Ports, stopping: threading.Event) -> None:
    _run(name, effect, ports, stopping)
    while not stopping.wait(effect.every):
        _run(name, effect, ports, stopping)


def _run(name: str, effect: Effect, ports: Ports, stopping: threading.Event) -> None:
    try:
        effect.run(ports, stopping)
    except Exception:
        # The loop's boundary: one failed effect must stop neither the others nor its next try.
        log.exception("the effect %s failed and is tried again later", name)
