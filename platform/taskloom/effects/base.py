"""What an effect is, and the registry that finds the effects."""

import threading
from typing import Final, Protocol

from taskloom.engine.ports import Ports
from taskloom.registry import Registry

NEVER: Final = threading.Event()
"""Is never set: for who runs an effect once, to its end."""


class Effect(Protocol):
    """Something that has to happen every so many seconds; it may fail and be tried again.

    `at_once` runs of it go on side by side, each in a thread of its own.
    """

    every: float
    at_once: int = 1

    def run(self, ports: Ports, stopping: threading.Event = NEVER) -> None:
        """Do it once; harmless when another server on the same database does it as well.

        What takes long ends early, and in good order, when `stopping` is set.
        """


EFFECTS: Registry[Effect] = Registry("effect", "taskloom.effects")
