"""Queries over a list of tasks in plain Python: what a store must answer."""

from collections.abc import Callable, Sequence
from typing import Any

from taskloom.model.task import Task
from taskloom.query.tree import (
    ASSIGNEE,
    BY,
    CREATED,
    ID,
    STAGE,
    UID,
    UPDATED,
    All,
    Compare,
    Filter,
    Order,
    Query,
    Some,
    Words,
)


def answer(tasks: Sequence[Task], query: Query) -> list[Task]:
    """Give the tasks that match, in order, up to the limit."""
    found = ordered([task for task in tasks if matches(task, query.where)], query.order)
    return found[: query.limit]


def ordered(tasks: Sequence[Task], order: Sequence[Order]) -> list[Task]:
    """Sort tasks: by the last column first, for each sort keeps what is equal as it was."""
    last = bool(order) and order[-1].descending
    found = sorted(tasks, key=lambda task: (task.created, task.id), reverse=last)
    for column in reversed(order):
        found.sort(key=lambda task: _sort_key(task, column.field), reverse=column.descending)
    return found


def _sort_key(task: Task, field: str) -> tuple[bool, Any]:
    held = sort_value(task, field)
    return held is None, 0 if held is None else held


def sort_value(task: Task, field: str) -> Any:
    """Give what a task is sorted by; None when unset."""
    held = value(task, field)
    if isinstance(held, list | tuple):
        held = held[0] if held else None
    return None if is_unset(held) else held


def value(task: Task, field: str) -> Any:
    """Give a field's or a built-in's value."""
    built_in = {
        STAGE: task.stage,
        ASSIGNEE: list(task.assignees),
        ID: task.id,
        UID: task.uid,
        BY: task.by,
        CREATED: task.created,
        UPDATED: task.updated,
    }
    return built_in[field] if field in built_in else task.values.get(field)


def is_unset(held: Any) -> bool:
    """Tell whether a value counts as unset."""
    return held is None or held in ("", [])


def matches(task: Task, where: Filter) -> bool:
    """Tell whether a task matches."""
    match where:
        case All(parts):
            return all(matches(task, part) for part in parts)
        case Some(parts):
            return any(matches(task, part) for part in parts)
        case Words(text):
            texts = [held for held in [task.uid, *task.values.values()] if isinstance(held, str)]
            return all(any(word.lower() in held.lower() for held in texts) for word in text.split())
        case Compare():
            return _compares(value(task, where.field), where.op, where.operand)


def _compares(held: Any, op: str, operand: Any) -> bool:
    negative = {"ne": "eq", "nin": "in"}
    if op in negative:
        return not _compares(held, negative[op], operand)
    if op == "exists":
        return is_unset(held) is not operand
    if op == "in":
        return any(_equal(held, item) for item in operand)
    if op == "eq" or (op == "contains" and isinstance(held, list)):
        return _equal(held, operand)
    return held is not None and _ordered(held, op, operand)


def _equal(held: Any, operand: Any) -> bool:
    if operand is None:
        return is_unset(held)
    return operand in held if isinstance(held, list) else bool(held == operand)


def _ordered(held: Any, op: str, operand: Any) -> bool:
    answers: dict[str, Callable[[], Any]] = {
        "gt": lambda: held > operand,
        "gte": lambda: held >= operand,
        "lt": lambda: held < operand,
        "lte": lambda: held <= operand,
        "contains": lambda: operand.lower() in held.lower(),
        "startswith": lambda: held.startswith(operand),
    }
    return bool(answers[op]())
