"""Reminders: whom a task waits for is told some hours before its date, as its workflow says."""

import logging
import threading
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from hashlib import blake2b
from typing import Final

from taskloom.effects.base import EFFECTS, NEVER
from taskloom.engine.ports import Ports
from taskloom.errors import TaskloomError
from taskloom.model.notification import Notification
from taskloom.model.rules import Reminder
from taskloom.model.task import Moment, Task
from taskloom.query.tree import STAGE, After, All, Compare, Filter, Order, Query, Some
from taskloom.schema.compiled import Compiled

HOUR: Final = 3_600_000
DAY: Final = 24 * HOUR
KEPT: Final = 90 * DAY
LAST: Final = 253_402_214_400_000
"""The last day of the year 9999, beyond which no time can be told."""

_PAGE = 250
_DOUBLINGS = 14
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)

log = logging.getLogger(__name__)


@EFFECTS.register("reminders")
class Reminders:
    """Notifies assignees, or the creator of what nobody is assigned to, of tasks not yet done.

    Each of them once for each date and number of hours that a task has. A date that passed more
    than a day ago is too late to remind of.
    """

    every: float = 60
    at_once: int = 1

    def run(self, ports: Ports, stopping: threading.Event = NEVER) -> None:  # noqa: ARG002 - it is short
        for workspace in ports.directory.workspaces():
            for workflow in ports.workflows.every(workspace.id):
                if workflow.reminders:
                    _remind(ports, workspace.id, workflow.id)


def _remind(ports: Ports, workspace: str, name: str) -> None:
    """Remind of the tasks of one workflow; what goes wrong there stops no other workflow."""
    try:
        workflow = ports.workflows.current(workspace, name)
        if workflow is None:
            return
        for rule in workflow.workflow.reminders:
            told = sum(map(ports.notifications.insert_many, _due(ports, workflow, rule)))
            if told:
                log.info("%d reminders of tasks of %s", told, name)
    except TaskloomError as fault:
        log.warning("no reminders of tasks of %s for now: %s", name, fault)


def _due(ports: Ports, workflow: Compiled, rule: Reminder) -> Iterator[list[Notification]]:
    """Yield what is to be told now, or was told before, a page of tasks at a time."""
    now = ports.clock()
    query = Query(
        where=_near(workflow, rule, now),
        order=(Order(rule.date),),
        limit=_PAGE,
        fields=rule.fields,
    )
    while True:
        page = list(ports.tasks.find(workflow, query))
        yield [told for task in page for told in _told(workflow, rule, task, now)]
        if len(page) < _PAGE:
            return
        last = page[-1]
        key = workflow.codecs[rule.date].pack(last.values[rule.date])
        query = replace(query, after=After(keys=(key,), created=last.created, id=last.id))


def _near(workflow: Compiled, rule: Reminder, now: Moment) -> Filter:
    """Find the tasks that may be due: all that are, and of others no more than need be."""
    over = tuple(key for key, stage in workflow.stages.items() if stage.end)
    since = Compare(rule.date, "gte", _spelt(workflow, rule, now - DAY))

    def until(hours: int | Decimal) -> Filter:
        # Moments are told in seconds here, and their fractions are not to be missed.
        return Compare(rule.date, "lte", _spelt(workflow, rule, now + int(hours * HOUR) + 1000))

    parts: list[Filter] = [Compare(STAGE, "nin", over), since]
    hours = rule.hours_before
    if not isinstance(hours, str):
        return All((*parts, until(hours)))
    # Between one doubling and the next, only tasks with as many hours as the lower can be due.
    ranges: list[Filter] = [until(1), Compare(hours, "gte", 2**_DOUBLINGS)]
    ranges += [
        All((Compare(hours, "gte", 2**power), until(2 ** (power + 1))))
        for power in range(_DOUBLINGS)
    ]
    return All((*parts, Compare(hours, "ne", None), Some(tuple(ranges))))


def _told(workflow: Compiled, rule: Reminder, task: Task, now: Moment) -> Iterator[Notification]:
    """Yield what a task's people are to be told of it now."""
    date = str(task.values[rule.date])
    said = rule.hours_before
    hours = task.values.get(said) if isinstance(said, str) else said
    if not isinstance(hours, int | Decimal):
        return
    at = _moment(date)
    if at < now - DAY or at - hours * HOUR > now:
        return
    once = (workflow.workflow.uid, task.id, rule.date, date, f"{Decimal(hours).normalize():f}")
    for user in task.assignees or (task.by,):
        if user is not None:
            yield Notification(
                id=blake2b("\0".join((*once, user)).encode(), digest_size=12).hexdigest(),
                workspace=workflow.workflow.workspace,
                user=user,
                workflow=workflow.workflow.uid,
                task=task.id,
                date=date,
                fields=rule.fields,
                at=now,
                until=max(now + KEPT, min(at + 2 * DAY, LAST)),
            )


def _moment(date: str) -> Moment:
    """Return when a moment in ISO text is, or when a day begins in UTC."""
    at = datetime.fromisoformat(date)
    at = at if at.tzinfo is not None else at.replace(tzinfo=UTC)
    return (at - _EPOCH) // timedelta(milliseconds=1)


def _spelt(workflow: Compiled, rule: Reminder, at: Moment) -> str:
    """Write a moment as values of the date field are."""
    told = _EPOCH + timedelta(seconds=at // 1000)
    is_day = workflow.fields[rule.date].kind == "date"
    return told.strftime("%Y-%m-%d" if is_day else "%Y-%m-%dT%H:%M:%SZ")
