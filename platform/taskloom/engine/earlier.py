"""What an earlier try of the same request, cut off before its answer, has written already."""

from collections.abc import Collection, Mapping
from typing import Final

from taskloom.engine.intent import Intent
from taskloom.engine.ports import Ports
from taskloom.engine.terms import Origin
from taskloom.engine.writing import Outcome, Written
from taskloom.errors import Conflict
from taskloom.model.task import Task
from taskloom.query.tree import ID, Compare, Query
from taskloom.schema.compiled import Compiled

_GONE: Final = "an earlier try of the request wrote this row, and its task is deleted since"


class Earlier:
    """Finds tasks and events by the ids that follow from where they come from."""

    def __init__(self, ports: Ports) -> None:
        self._ports = ports

    def rows(
        self,
        workflow: Compiled,
        origin: Origin,
        intents: Mapping[int, Intent],
        known: Mapping[str, Task],
    ) -> Mapping[int, Written | Conflict]:
        """Return what came of the rows that were written, by row; `known` is by unique ID."""
        tasks: dict[int, str] = {}
        for row, intent in intents.items():
            before = known.get(intent.unique) if intent.unique is not None else None
            tasks[row] = before.id if before is not None else str(intent.task)
        events = {task: origin.event(row) for row, task in tasks.items()}
        lost = self._ports.tasks.lost(workflow, events)
        done = {row: task for row, task in tasks.items() if task not in lost}
        there = self._by_ids(workflow, done.values())
        found: dict[int, Written | Conflict] = {}
        for row, task in done.items():
            held, told = there.get(task), _outcome(task, intents[row])
            found[row] = Conflict(_GONE) if held is None else Written(task=held, outcome=told)
        return found

    def made(self, workflow: Compiled, intents: Mapping[int, Intent]) -> Mapping[int, Written]:
        """Return the tasks of rows whose new task could not be stored, where they are there."""
        ids = {row: intent.task for row, intent in intents.items() if intent.task is not None}
        there = self._by_ids(workflow, ids.values())
        return {
            row: Written(task=there[task], outcome="created")
            for row, task in ids.items()
            if task in there
        }

    def removed(self, workflow: Compiled, origin: Origin | None, count: int) -> Collection[int]:
        """Return which of so many rows have removed their tasks."""
        if origin is None or not origin.again:
            return ()
        rows = {origin.task(row): row for row in range(count)}
        events = {task: origin.event(row) for task, row in rows.items()}
        lost = self._ports.tasks.lost(workflow, events)
        return frozenset(row for task, row in rows.items() if task not in lost)

    def _by_ids(self, workflow: Compiled, tasks: Collection[str]) -> Mapping[str, Task]:
        if not tasks:
            return {}
        query = Query(where=Compare(ID, "in", tuple(tasks)), links={})
        return {task.id: task for task in self._ports.tasks.find(workflow, query)}


def _outcome(task: str, intent: Intent) -> Outcome:
    return "created" if task == intent.task else "updated"
