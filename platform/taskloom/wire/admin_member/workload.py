"""How many tasks every user has, by status; found with one query."""

from collections import Counter

from taskloom.engine.engine import Engine
from taskloom.model.people import User
from taskloom.wire.facades import Facing


class Workload:
    """The numbers of one workflow as an actor sees them."""

    def __init__(self, engine: Engine, facing: Facing) -> None:
        counts = engine.tasks.assigned_counts(facing.actor, facing.workflow)
        self._by_status: Counter[tuple[str, str]] = Counter()
        self._all: Counter[str] = Counter()
        for (user, stage), count in counts.items():
            self._by_status[user, facing.status(stage)] += count
            self._all[user] += count

    def of(self, user: User, status: str) -> int:
        """Return how many tasks of a status are assigned to a user."""
        return self._by_status[user.id, status]

    def all_of(self, user: User) -> int:
        """Return how many tasks are assigned to a user."""
        return self._all[user.id]
