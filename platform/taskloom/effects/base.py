"""What an effect is, and the registry that finds the effects."""

from typing import Protocol

from taskloom.engine.ports import Ports
from taskloom.registry import Registry


class Effect(Protocol):
    """Something that has to happen every so many seconds; it may fail and be tried again."""

    every: float

    def run(self, ports: Ports) -> None:
        """Do it once; harmless when another server on the same database does it as well."""


EFFECTS: Registry[Effect] = Registry("effect", "taskloom.effects")
