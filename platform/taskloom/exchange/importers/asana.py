"""Asana: a project as CSV, and tasks as JSON as the program and its API give them."""

from collections.abc import Iterator, Mapping
from decimal import Decimal
from typing import Any, BinaryIO, Final

from taskloom.exchange.documents import Text, items, members, row_of
from taskloom.exchange.rows import Choices, Reader, Row
from taskloom.exchange.sources import (
    IMPORTERS,
    LISTS,
    UNSAID,
    Clue,
    Refined,
    Shape,
    Shaped,
    attachment,
    kept,
    named,
    part,
    said,
)
from taskloom.exchange.tables import Table

SOURCE: Final = "asana"
_TABLE: Final = frozenset({"Task ID", "Name", "Created At"})
_TASK: Final = frozenset({"gid", "name", "completed"})
_COMMAS: Final = ("Tags", "Projects")
_HINTS: Final = {
    "Name": ("Title", "Summary"),
    "Task ID": ("ID",),
    "Section/Column": ("Stage",),
    "Assignee Email": ("Assigned To",),
    "Assignee": ("Assigned To",),
    "Notes": ("Description",),
    "Due Date": ("Due", "Due On"),
    "Attachments": ("Files",),
}
_SHAPE: Final = Shape(source=SOURCE, unique="Task ID", hints=_HINTS)
_MOST_DEEP: Final = 20


@IMPORTERS.register(SOURCE)
class Asana:
    """A project as CSV, or tasks as JSON."""

    label = "tasks of Asana"

    def claims(self, clue: Clue) -> bool:
        if clue.form == "table":
            return clue.names >= _TABLE
        return clue.item >= _TASK

    def open(self, file: BinaryIO, name: str, choices: Choices) -> Reader:
        if choices.format == "json":
            return Shaped(file, name, choices, shape=_SHAPE, read=lambda: _rows(file, name))
        table = Table(file, name, choices)
        return Refined(table, _SHAPE, table.columns(), _refined)


def _refined(row: Row) -> Row:
    values = dict(row.values)
    for column in _COMMAS:
        if column in values:
            values[column] = [p.strip() for p in values[column].split(",") if p.strip()]
    return Row(line=row.line, values=values, raw=row.raw)


def _rows(file: BinaryIO, name: str) -> Iterator[Row]:
    for value, line in _tasks(Text(file, name)):
        if not isinstance(value, dict):
            yield row_of(value, line, "")
            continue
        waiting: list[tuple[dict[str, Any], Any, int]] = [(value, value.get("parent"), 0)]
        while waiting:
            task, parent, depth = waiting.pop()
            yield Row(line=line, values=_values(task, parent))
            below = task.get("subtasks")
            if isinstance(below, list) and depth < _MOST_DEEP:
                waiting += [(each, task, depth + 1) for each in below if isinstance(each, dict)]


def _tasks(text: Text) -> Iterator[tuple[Any, int]]:
    if text.take("[") is not None:
        yield from ((value, line) for value, line, _ in items(text))
        return
    for key, value, line in members(text, LISTS):
        if key == "data":
            yield value, line


def _values(task: Mapping[str, Any], parent: Any) -> dict[str, object]:
    member = task.get("memberships")
    section = next(iter(named([part(m, "section") for m in member or ()], "name")), None)
    files = [attachment(part(a, "name"), part(a, "download_url") or part(a, "view_url"))
             for a in task.get("attachments") or ()]  # fmt: skip
    return kept(
        {
            "Task ID": said(task, "gid"),
            "Name": said(task, "name"),
            "Section/Column": section or said(task, "assignee_section", "name"),
            "Completed": said(task, "completed"),
            "Created At": said(task, "created_at"),
            "Completed At": said(task, "completed_at"),
            "Last Modified": said(task, "modified_at"),
            "Assignee": said(task, "assignee", "name"),
            "Assignee Email": said(task, "assignee", "email"),
            "Start Date": said(task, "start_on"),
            "Due Date": said(task, "due_on"),
            "Due At": said(task, "due_at"),
            "Tags": named(said(task, "tags"), "name"),
            "Projects": named(said(task, "projects"), "name"),
            "Notes": said(task, "notes"),
            "Parent Task": said(parent, "name"),
            "Parent Task ID": said(parent, "gid"),
            "Attachments": [entry for entry in files if entry] or UNSAID,
            "URL": said(task, "permalink_url"),
            **_custom(task),
        }
    )


def _custom(task: Mapping[str, Any]) -> dict[str, object]:
    made: dict[str, object] = {}
    for field in task.get("custom_fields") or ():
        name = part(field, "name")
        if isinstance(name, str) and name:
            made[name] = _value(field)
    return made


def _value(field: Mapping[str, Any]) -> object:
    number = field.get("number_value")
    if isinstance(number, int | Decimal):
        return number
    if isinstance(field.get("multi_enum_values"), list):
        return named(field["multi_enum_values"], "name")
    day = part(field, "date_value", "date_time") or part(field, "date_value", "date")
    return (
        day
        or part(field, "enum_value", "name")
        or field.get("text_value")
        or field.get("display_value")
    )
