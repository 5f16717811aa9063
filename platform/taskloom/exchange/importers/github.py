"""GitHub: issues as its API and `gh` give them, and the items of a project."""

from collections.abc import Iterator, Mapping
from decimal import Decimal
from typing import Any, BinaryIO, Final

from taskloom.exchange.documents import Text, items, members, row_of
from taskloom.exchange.rows import Choices, Row
from taskloom.exchange.sources import (
    IMPORTERS,
    LISTS,
    UNSAID,
    Clue,
    Shape,
    Shaped,
    first,
    kept,
    named,
    part,
    said,
)

SOURCE: Final = "github"
_ISSUE: Final = frozenset({"number", "title", "state"})
_ITEM: Final = frozenset({"content", "id"})
_KNOWN: Final = frozenset(
    {"assignees", "content", "id", "labels", "milestone", "repository", "status", "title"}
)
_HINTS: Final = {
    "Title": ("Name", "Summary"),
    "Number": ("ID", "Issue"),
    "Item ID": ("ID",),
    "Status": ("Stage",),
    "State": ("Stage",),
    "Body": ("Description", "Notes"),
    "Assignees": ("Assigned To",),
}


@IMPORTERS.register(SOURCE)
class GitHub:
    """Issues, or the items of a project."""

    label = "GitHub issues"

    def claims(self, clue: Clue) -> bool:
        if clue.form == "array":
            return clue.item >= _ISSUE
        return clue.form == "object" and "items" in clue.names and clue.item >= _ITEM

    def open(self, file: BinaryIO, name: str, choices: Choices) -> Shaped:
        text = Text(file, name)
        project = text.take("[") is None
        shape = Shape(source=SOURCE, unique="Item ID" if project else "Number", hints=_HINTS)
        return Shaped(file, name, choices, shape=shape, read=lambda: _rows(file, name))


def _rows(file: BinaryIO, name: str) -> Iterator[Row]:
    text = Text(file, name)
    if text.take("[") is not None:
        for value, line, raw in items(text):
            yield _row(value, line, raw, _issue)
        return
    for key, value, line in members(text, LISTS):
        if key == "items":
            yield _row(value, line, "", _item)


def _row(value: Any, line: int, raw: str, make: Any) -> Row:
    if not isinstance(value, dict):
        return row_of(value, line, raw)
    return Row(line=line, values=make(value))


def _issue(issue: Mapping[str, Any]) -> dict[str, object]:
    state = said(issue, "state")
    return kept(
        {
            "Number": said(issue, "number"),
            "Title": said(issue, "title"),
            "Body": said(issue, "body"),
            "State": state.lower() if isinstance(state, str) else state,
            "State reason": first(issue, "state_reason", "stateReason"),
            "Type": "pull request" if "pull_request" in issue else "issue",
            "Labels": named(said(issue, "labels"), "name"),
            "Assignees": named(said(issue, "assignees"), "email", "name", "login"),
            "Author": said(first(issue, "user", "author"), "login"),
            "Milestone": said(issue, "milestone", "title"),
            "Created": first(issue, "created_at", "createdAt"),
            "Updated": first(issue, "updated_at", "updatedAt"),
            "Closed": first(issue, "closed_at", "closedAt"),
            "Comments": _comments(said(issue, "comments")),
            "URL": first(issue, "html_url", "url"),
        }
    )


def _comments(given: object) -> object:
    """Spell comments as one text; the API gives their number only, which is nothing to keep."""
    told = [
        f"{part(each, 'createdAt')} {part(each, 'author', 'login')}: {part(each, 'body')}"
        for each in (given if isinstance(given, list) else ())
    ]
    return "\n\n".join(told) if isinstance(given, list) else UNSAID


def _item(item: Mapping[str, Any]) -> dict[str, object]:
    content = item.get("content")
    others = {
        key[:1].upper() + key[1:]: _plain(value) for key, value in item.items() if key not in _KNOWN
    }
    return kept(
        {
            "Item ID": said(item, "id"),
            "Title": part(item, "title") or said(content, "title"),
            "Status": said(item, "status"),
            "Number": said(content, "number"),
            "Type": said(content, "type"),
            "Body": said(content, "body"),
            "Labels": named(said(item, "labels"), "name"),
            "Assignees": named(said(item, "assignees"), "email", "name", "login"),
            "Milestone": said(item, "milestone", "title"),
            "Repository": part(item, "repository") or said(content, "repository"),
            "URL": said(content, "url"),
            **others,
        }
    )


def _plain(value: object) -> object:
    if isinstance(value, dict):
        return value.get("title") or value.get("name")
    if isinstance(value, list):
        return named(value, "title", "name", "login", "url")
    return value if isinstance(value, str | int | Decimal | float) else None
