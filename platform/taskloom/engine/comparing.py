"""When two values of a field are different ones, and when a value is none."""

from taskloom.model.task import Task
from taskloom.model.values import Value, Values
from taskloom.schema.compiled import Compiled


def packed(workflow: Compiled, key: str, value: Value | None) -> object:
    """Return the stored form of a value."""
    return None if value is None else workflow.codecs[key].pack(value)


def differs(workflow: Compiled, key: str, old: Value | None, new: Value | None) -> bool:
    """Tell whether two values of a field are different ones.

    Stored forms are compared: Python takes 1 and True for equal, also deep inside JSON values.
    """
    return old is not new and packed(workflow, key, old) != packed(workflow, key, new)


def changes(workflow: Compiled, key: str, before: Task | None, after: Values) -> bool:
    """Tell whether a write changes a field of a task."""
    return differs(workflow, key, before.values.get(key) if before else None, after.get(key))


def is_blank(value: Value | None) -> bool:
    """Tell whether a value counts as missing where one is required."""
    return value is None or value in ("", [])
