"""What holds for fields in the course of a task's life: given at the start, in the future, fixed.

Pure functions over the task before and the values after a write; times are milliseconds.
"""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Final

from taskloom.engine.comparing import changes, is_blank
from taskloom.errors import Fault
from taskloom.model.task import Moment, Task
from taskloom.model.values import Parsed, Values
from taskloom.model.workflow import Field
from taskloom.schema.compiled import Compiled
from taskloom.schema.properties import NOBODY

NOT_EDITABLE: Final = "not_editable"
NOT_FUTURE: Final = "not_future"
WRITE_ONCE: Final = "write_once"

_DATE: Final = "date"
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)


def given(workflow: Compiled, *, by: str | None, at: Moment) -> dict[str, Parsed]:
    """Return what a new task gets by itself: its creator, or when it is made."""
    made: dict[str, Parsed] = {}
    for key, field in workflow.auto.items():
        if field.auto == "now":
            now = _moment(at).replace(microsecond=0)
            told = now.date() if field.kind == _DATE else now
            made[key] = workflow.codecs[key].parse(told.isoformat(), NOBODY)
        elif by is not None:
            made[key] = by
    return made


def life_faults(
    workflow: Compiled, before: Task | None, after: Values, at: Moment
) -> Iterator[Fault]:
    """Tell what the fields' own courses have against a write."""
    for key, field in workflow.bound.items():
        if not changes(workflow, key, before, after):
            continue
        if before is not None and not field.editable:
            yield Fault(path=(key,), code=NOT_EDITABLE, message="is not editable")
        elif before is not None and field.write_once and not is_blank(before.values.get(key)):
            yield Fault(path=(key,), code=WRITE_ONCE, message="stays as it was first set")
        elif field.future and _has_passed(after.get(key), field, at):
            yield Fault(path=(key,), code=NOT_FUTURE, message="must be in the future")


def _has_passed(value: object, field: Field, at: Moment) -> bool:
    """Tell whether a time has passed; a day has when it is over in UTC."""
    if not isinstance(value, str):
        return False
    now = _moment(at)
    if field.kind == _DATE:
        return value < now.date().isoformat()
    return datetime.fromisoformat(value) <= now


def _moment(at: Moment) -> datetime:
    return _EPOCH + timedelta(milliseconds=at)
