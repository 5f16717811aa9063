"""When two values of a field are different ones, and when a value is none."""

from taskloom.fields.base import Codec
from taskloom.model.task import Task
from taskloom.model.values import Value, Values
from taskloom.schema.compiled import Compiled


def differing(codec: Codec, old: Value | None, new: Value | None) -> tuple[object, object] | None:
    """Return the stored forms of two values where they are different ones.

    Stored forms are compared: Python takes 1 and True for equal, also deep inside JSON values.
    """
    if old is new or (type(old) is str and old == new):
        return None
    before = None if old is None else codec.pack(old)
    after = None if new is None else codec.pack(new)
    return None if before == after else (before, after)


def differs(workflow: Compiled, key: str, old: Value | None, new: Value | None) -> bool:
    """Tell whether two values of a field are different ones."""
    return differing(workflow.codecs[key], old, new) is not None


def changes(workflow: Compiled, key: str, before: Task | None, after: Values) -> bool:
    """Tell whether a write changes a field of a task."""
    return differs(workflow, key, before.values.get(key) if before else None, after.get(key))


def is_blank(value: Value | None) -> bool:
    """Tell whether a value counts as missing where one is required."""
    return value is None or value in ("", [])
