"""Queries over a list of tasks in plain Python: what a store must answer."""

from collections.abc import Callable, Mapping, Sequence
from types import MappingProxyType
from typing import Any
from unicodedata import normalize

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
    Not,
    Order,
    Query,
    Some,
    Words,
)

Ranks = Mapping[str, Sequence[str]]
"""The values of fields that sort in declared order; those not declared come after them."""


def answer(tasks: Sequence[Task], query: Query, ranks: Ranks = MappingProxyType({})) -> list[Task]:
    """Give the tasks that match, in order, without the first `skip`, up to the limit."""
    found = ordered([task for task in tasks if matches(task, query.where)], query.order, ranks)
    return found[query.skip :][: query.limit]


def ordered(
    tasks: Sequence[Task], order: Sequence[Order], ranks: Ranks = MappingProxyType({})
) -> list[Task]:
    """Sort tasks: by the last column first, for each sort keeps what is equal as it was."""
    last = bool(order) and order[-1].descending
    found = sorted(tasks, key=lambda task: (task.created, task.id), reverse=last)
    for column in reversed(order):
        declared = ranks.get(column.field)
        found.sort(
            key=lambda task: _sort_key(task, column.field, declared), reverse=column.descending
        )
    return found


def _sort_key(task: Task, field: str, declared: Sequence[str] | None) -> tuple[bool, Any]:
    held = sort_value(task, field)
    if held is None:
        return True, 0
    if declared is None:
        return False, held
    return False, declared.index(held) if held in declared else len(declared)


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
    return built_in[field] if field in built_in else _sought(task.values.get(field))


def _sought(held: Any) -> Any:
    """Give what filters and orders look at: of approval steps, who takes part in any of them."""
    if not isinstance(held, list) or not any(isinstance(item, dict) for item in held):
        return held
    return list(dict.fromkeys(user for step in held for user in step["participants"]))


def is_unset(held: Any) -> bool:
    """Tell whether a value counts as unset."""
    return held is None or held in ("", [])


def matches(task: Task, where: Filter, search: Sequence[str] = ()) -> bool:
    """Tell whether a task matches; `search` are the fields that the workflow searches, if any."""
    match where:
        case All(parts):
            return all(matches(task, part, search) for part in parts)
        case Some(parts):
            return any(matches(task, part, search) for part in parts)
        case Not(part):
            return not matches(task, part, search)
        case Words(text) if search:
            held = [word for field in search for word in words(task.values.get(field))]
            return all(any(one.startswith(word) for one in held) for word in words(text))
        case Words(text):
            texts = [held for held in [task.uid, *task.values.values()] if isinstance(held, str)]
            return all(any(word.lower() in held.lower() for held in texts) for word in text.split())
        case Compare():
            return _compares(value(task, where.field), where.op, where.operand)


def words(value: Any) -> list[str]:
    """Take a text, or the texts of a list, apart into words."""
    text = " ".join(value) if isinstance(value, list) else str(value or "")
    plain = normalize("NFKC", normalize("NFKC", text).casefold())
    return "".join(sign if sign.isalnum() or sign == "_" else " " for sign in plain).split()


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
