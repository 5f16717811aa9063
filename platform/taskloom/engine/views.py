"""What the role of an actor sees of workflows and tasks; made once per version and role."""

import threading
from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import replace
from typing import Final

from taskloom.engine.writing import Written
from taskloom.errors import Fault
from taskloom.model.event import LINK, UPDATED, Event
from taskloom.model.roles import ALL, Role
from taskloom.model.task import Task
from taskloom.schema.compile import view_of
from taskloom.schema.compiled import Compiled
from taskloom.schema.slots import SIGN

MOST_KEPT: Final = 256
UNTOLD: Final = "breaks a rule about a field that you may not see"


class Views:
    """The views used last, shared by all threads of a process."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._held: OrderedDict[tuple[str, int, str], Compiled] = OrderedDict()

    def of(self, compiled: Compiled, role: Role) -> Compiled:
        """Return what a role of the workflow sees of this version."""
        if role is compiled.role:
            return compiled
        workflow = compiled.workflow
        key = (workflow.uid, workflow.version, role.id)
        with self._lock:
            known = self._held.get(key)
            # A version may be compiled anew, and then from another file; so may its roles.
            if known is not None and known.base is compiled and known.role is role:
                self._held.move_to_end(key)
                return known
        made = view_of(compiled, role)
        with self._lock:
            self._held[key] = made
            self._held.move_to_end(key)
            while len(self._held) > MOST_KEPT:
                self._held.popitem(last=False)
        return made


def shown(workflow: Compiled, task: Task) -> Task:
    """Leave out the values that the view does not show."""
    if not workflow.role.hidden:
        return task
    seen = {key: value for key, value in task.values.items() if key in workflow.fields}
    return replace(task, values=seen)


def shown_written(workflow: Compiled, written: Written) -> Written:
    """Leave out of a write's result what the view does not show."""
    hidden = workflow.role.hidden
    if not hidden:
        return written
    changed = tuple(key for key in written.changed if key not in hidden)
    return replace(written, task=shown(workflow, written.task), changed=changed)


def shown_events(workflow: Compiled, events: Sequence[Event]) -> Sequence[Event]:
    """Leave out changes of what the view does not show, and events that tell of nothing else."""
    if workflow.role.admin:
        return events
    kept = (_shown_event(event, workflow) for event in events)
    return [event for event in kept if event is not None]


def _shown_event(event: Event, workflow: Compiled) -> Event | None:
    changes = tuple(change for change in event.changes if _is_shown(change.field, workflow))
    if event.changes and not changes and event.kind == UPDATED:
        return None
    rule = workflow.workflow.approvals
    if rule is not None and rule.steps in workflow.role.hidden:
        event = replace(event, action=None, comment=None)
    return event if len(changes) == len(event.changes) else replace(event, changes=changes)


def _is_shown(field: str, workflow: Compiled) -> bool:
    """Tell whether changes of a field or link are shown; those of a link name linked tasks."""
    if field.startswith(LINK):
        return any(side.key == field and side.target.role.see is ALL for side in workflow.linked)
    return field.partition(SIGN)[0] not in workflow.role.hidden


def shown_faults(workflow: Compiled, faults: Sequence[Fault]) -> Sequence[Fault]:
    """Tell faults of hidden fields without the field, and nothing of them in other faults."""
    if not workflow.role.hidden:
        return faults
    return tuple(dict.fromkeys(_shown_fault(fault, workflow) for fault in faults))


def _shown_fault(fault: Fault, workflow: Compiled) -> Fault:
    hidden = workflow.role.hidden
    if fault.code == "unknown" and len(fault.path) == 1:
        return fault
    if fault.path and fault.path[0] in hidden:
        return Fault(path=(), code="untold", message=UNTOLD)
    if not hidden.isdisjoint(_words(f"{fault.message} {fault.hint}")):
        return replace(fault, message=UNTOLD, hint="")
    return fault


def _words(text: str) -> list[str]:
    """Split a text where no key of a field has its signs."""
    return "".join(sign if sign.isalnum() or sign in "_-" else " " for sign in text).split()
