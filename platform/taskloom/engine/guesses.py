"""Which way a write is tried first: as the last one made a task or changed one, so may the next."""

from taskloom.engine.writing import Mode, Written
from taskloom.schema.compiled import Compiled


class Guesses:
    """Remembers of each workflow whether the last write to it made a task; for all threads.

    A wrong guess costs one more command and changes nothing of what comes of a write.
    """

    def __init__(self) -> None:
        self._made: dict[str, bool] = {}

    def is_new(self, workflow: Compiled, mode: Mode) -> bool:
        """Tell whether a write is likely to make a task."""
        return mode == "create" or (
            mode == "upsert" and self._made.get(workflow.workflow.uid, False)
        )

    def learn(self, workflow: Compiled, written: Written) -> Written:
        """Note what came of a write, and give it back."""
        self._made[workflow.workflow.uid] = written.outcome == "created"
        return written
