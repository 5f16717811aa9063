"""Unique IDs that count by themselves: new tasks without a number get the next one."""

import itertools
from collections.abc import Iterable, Sequence
from dataclasses import replace

from taskloom.engine.intent import Intent
from taskloom.engine.ports import Ports
from taskloom.query.tree import All, Compare, Order, Query
from taskloom.schema.compiled import Compiled

# A number past 2^53 given by hand must not drag the counter to where it overflows.
_COUNTED = range(1, 2**53)


class Numbers:
    """The counters; in workflows whose unique ID does not count, nothing here does anything."""

    def __init__(self, ports: Ports) -> None:
        self._ports = ports

    def given(self, workflow: Compiled, intents: Iterable[Intent]) -> None:
        """See to it that numbers which new tasks bring themselves are not given to others."""
        if _counting(workflow) is None:
            return
        numbers = [int(intent.unique) for intent in intents if intent.unique is not None]
        counted = [number for number in numbers if number in _COUNTED]
        if counted:
            self._ports.tasks.reach_number(workflow, max(counted))

    def numbered(self, workflow: Compiled, intents: Sequence[Intent]) -> Sequence[Intent]:
        """Give the intents of new tasks that lack a number theirs; all others stay as they are."""
        key = _counting(workflow)
        lacking = sum(awaits_number(workflow, intent) for intent in intents)
        if key is None or not lacking:
            return intents
        numbers = itertools.count(self._ports.tasks.next_number(workflow, lacking))
        # `unique` stays open: should the number be taken, another try gets another one.
        return [
            replace(intent, values={**intent.values, key: next(numbers)})
            if awaits_number(workflow, intent)
            else intent
            for intent in intents
        ]

    def catch_up(self, workflow: Compiled) -> None:
        """Go on above the highest number there is, after one turned out to be taken.

        So it is where tasks had numbers before their unique ID began to count.
        """
        key = _counting(workflow)
        if key is None:
            return
        counted = All((Compare(key, "gte", _COUNTED.start), Compare(key, "lt", _COUNTED.stop)))
        highest = Query(where=counted, order=(Order(key, descending=True),), limit=1)
        for task in self._ports.tasks.find(workflow, highest):
            self._ports.tasks.reach_number(workflow, int(str(task.values[key])))


def awaits_number(workflow: Compiled, intent: Intent) -> bool:
    """Tell whether a new task gets its number from the counter, after everything else is right."""
    key = _counting(workflow)
    return key is not None and key not in intent.values and key not in intent.unreadable


def counts(workflow: Compiled) -> bool:
    """Tell whether new tasks of a workflow get their unique ID from a counter."""
    return _counting(workflow) is not None


def _counting(workflow: Compiled) -> str | None:
    key = workflow.workflow.unique_id
    return key if key is not None and workflow.fields[key].auto_increment else None
