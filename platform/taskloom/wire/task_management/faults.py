"""What is wrong with a task, in the words this dialect is known for."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Final

from taskloom.errors import ASSIGNEE, STAGE, Fault, Invalid, NotFound
from taskloom.fields.base import BLANK, INVALID, OUT_OF_RANGE
from taskloom.model.task import Task
from taskloom.wire.exact import shortened
from taskloom.wire.facades import Facing
from taskloom.wire.task_management.bodies import Body
from taskloom.wire.task_management.drafts import keys_of
from taskloom.wire.task_management.errors import INVALID_DATA, by_name, sentence, spelled
from taskloom.wire.task_management.names import (
    ASSIGNEE_ID,
    DUE_DATE,
    LABELS,
    PRIORITY,
    STATUS,
    TAGS,
    WARNING_OFFSET,
)

_TRANSITION: Final = "transition"
_NOBODY: Final = "no_such_user"
_WHOLE: Final = "task"
_HIDDEN: Final = "The task breaks a rule about something that is not shown here"


@dataclass(slots=True, kw_only=True)
class TaskWrite:
    """A write in progress: the body as sent, and the task as it was when it was decided on."""

    facing: Facing
    body: Body
    before: Task | None = None
    names: Mapping[str, str] = field(init=False)

    def __post_init__(self) -> None:
        keys = keys_of(self.facing)
        self.names = {
            **{key: name for name, key in keys.items()},
            STAGE: STATUS,
            ASSIGNEE: ASSIGNEE_ID,
        }


@contextmanager
def told(write: TaskWrite) -> Iterator[None]:
    """Let every fault of a write raised inside be told by this dialect's names and words.

    An assignee who does not exist is not found where nothing else is wrong; a status that cannot
    follow is an error of its own where nothing else is wrong.
    """
    try:
        yield
    except Invalid as error:
        faults = [_told(fault, write) for fault in error.faults]
        details = by_name(faults)
        if _is_only(error, ASSIGNEE, _NOBODY):
            gone = NotFound(details[ASSIGNEE_ID])
            spelled(gone, "resource_not_found", details[ASSIGNEE_ID], details)
            raise gone from None
        if _is_only(error, STAGE, _TRANSITION) and write.before is not None:
            message, moved = _transition(write, write.before)
            spelled(error, "invalid_status_transition", message, moved)
        else:
            spelled(error, "validation_error", INVALID_DATA, details)
        error.details = {**error.details, "titles": write.names}
        raise


def _is_only(error: Invalid, field: str, code: str) -> bool:
    return all((fault.path, fault.code) == ((field,), code) for fault in error.faults)


def _transition(write: TaskWrite, before: Task) -> tuple[str, Mapping[str, object]]:
    facing = write.facing
    now, wanted = facing.status(before.stage), write.body.get(STATUS)
    table = facing.workflow.workflow.transitions or {}
    reachable = table.get(before.stage, frozenset())
    stages = (key for key in facing.workflow.stages if key in reachable)
    allowed = dict.fromkeys(facing.status(key) for key in stages)
    details = {
        "currentStatus": now,
        "requestedStatus": wanted,
        "allowedTransitions": list(allowed),
    }
    return f"Cannot transition from status '{now}' to '{wanted}'", details


def _told(fault: Fault, write: TaskWrite) -> tuple[str, str]:
    """Name the field of a fault, and say what is wrong with it."""
    if not fault.path:
        return _WHOLE, sentence("The task", fault)
    key = str(fault.path[0])
    if fault.code == "unknown":
        return key, sentence(f"'{key}'", fault)
    name = write.names.get(key)
    if name is None:
        known = write.facing.workflow.fields.get(key)
        return (known.title, sentence(known.title, fault)) if known else (_WHOLE, _HIDDEN)
    if _asks_for_due_date(name, fault, write):
        return WARNING_OFFSET, "Warning offset requires a due date"
    own = _WORDS.get(name)
    said = own(fault, write) if own else None
    return name, said or sentence(LABELS[name], fault)


def _asks_for_due_date(name: str, fault: Fault, write: TaskWrite) -> bool:
    """Tell whether a due date is missing only because there is a warning offset."""
    if name != DUE_DATE or fault.code != BLANK or fault.hint:
        return False
    key = write.facing.key(DUE_DATE)
    required = key is not None and write.facing.workflow.fields[key].required
    return not required and write.facing.key(WARNING_OFFSET) is not None


def _status(fault: Fault, write: TaskWrite) -> str | None:
    if fault.code == _TRANSITION and write.before is not None:
        return _transition(write, write.before)[0]
    if fault.code != INVALID:
        return None
    facing = write.facing
    known = dict.fromkeys(facing.status(key) for key in facing.workflow.stages)
    return f"Status must be one of: {', '.join(known)}"


def _priority(fault: Fault, write: TaskWrite) -> str | None:
    key = write.facing.key(PRIORITY)
    if fault.code not in {INVALID, BLANK} or key is None:
        return None
    options = write.facing.workflow.fields[key].options
    known = dict.fromkeys(write.facing.value(PRIORITY, option) for option in options)
    return f"Priority must be one of: {', '.join(known)}"


def _assignee(fault: Fault, write: TaskWrite) -> str | None:
    if fault.code == _NOBODY:
        return f"Assignee with ID '{shortened(str(write.body.get(ASSIGNEE_ID)))}' does not exist"
    return "Assignee ID must be the ID of a user, or null" if fault.code == INVALID else None


def _due_date(fault: Fault, _write: TaskWrite) -> str | None:
    if fault.code == INVALID:
        return "Due date must be an ISO 8601 date like 2025-06-01T17:00:00Z"
    return None


def _warning_offset(fault: Fault, write: TaskWrite) -> str | None:
    key = write.facing.key(WARNING_OFFSET)
    least = write.facing.workflow.fields[key].schema.get("minimum") if key else None
    if fault.code in {INVALID, OUT_OF_RANGE} and least == 0:
        return "Warning offset must be a non-negative number"
    return None


def _tags(fault: Fault, write: TaskWrite) -> str | None:
    key = write.facing.key(TAGS)
    schema = write.facing.workflow.fields[key].schema if key else {}
    most, items = schema.get("maxItems"), schema.get("items")
    if fault.code == "too_many" and most is not None:
        return f"A task can have at most {most} tags"
    longest = items.get("maxLength") if isinstance(items, Mapping) else None
    if len(fault.path) > 1 and longest is not None:
        return f"Each tag must be a string of at most {longest} characters"
    return None


_WORDS: Final[Mapping[str, Callable[[Fault, TaskWrite], str | None]]] = {
    STATUS: _status,
    PRIORITY: _priority,
    ASSIGNEE_ID: _assignee,
    DUE_DATE: _due_date,
    WARNING_OFFSET: _warning_offset,
    TAGS: _tags,
}
