"""Trello: the JSON export of a board. Cards become rows; what they name is looked up first."""

from collections.abc import Iterator, Mapping
from typing import Any, BinaryIO, Final

from taskloom.errors import TooLarge
from taskloom.exchange.documents import Text, members, row_of
from taskloom.exchange.rows import Choices, Row
from taskloom.exchange.sources import (
    IMPORTERS,
    UNSAID,
    Clue,
    Shape,
    Shaped,
    attachment,
    first,
    kept,
    named,
    part,
    said,
)

SOURCE: Final = "trello"
_LISTED: Final = frozenset(
    {"actions", "cards", "checklists", "customFields", "labels", "lists", "members"}
)
_OF_A_BOARD: Final = frozenset({"prefs", "labelNames", "idOrganization", "shortLink"})
_OF_A_CARD: Final = frozenset({"idList", "idBoard", "idMembers"})
_MOST_HELD: Final = 24 * 1024 * 1024
_HINTS: Final = {
    "Card": ("Title", "Name", "Summary"),
    "Card ID": ("ID",),
    "List": ("Stage",),
    "Members": ("Assigned To",),
    "Description": ("Notes",),
    "Due": ("Due date", "Due On"),
    "Checklist": ("Checklist items", "Subtasks"),
    "Attachments": ("Files",),
}


class _Board:
    """What cards name: lists, labels, members, custom fields; and what names cards."""

    def __init__(self) -> None:
        self.lists: dict[str, dict[str, Any]] = {}
        self.labels: dict[str, str] = {}
        self.members: dict[str, str] = {}
        self.fields: dict[str, dict[str, Any]] = {}
        self.checklists: dict[str, list[tuple[str, str, bool]]] = {}
        self.comments: dict[str, list[str]] = {}
        self._held = 0

    def take(self, name: str, value: Any) -> None:
        """Take an item of one of the board's lists."""
        key = part(value, "id")
        if not isinstance(key, str):
            return
        if name == "lists":
            self.lists[key] = {"name": value.get("name"), "closed": value.get("closed") is True,
                               "pos": value.get("pos")}  # fmt: skip
        elif name == "labels":
            self.labels[key] = str(value.get("name") or value.get("color") or key)
        elif name == "members":
            self.members[key] = str(value.get("fullName") or value.get("username") or key)
        elif name == "customFields":
            self.fields[key] = value
        elif name == "checklists":
            self._checklist(value)
        elif name == "actions" and value.get("type") == "commentCard":
            self._comment(value)

    def _checklist(self, value: Mapping[str, Any]) -> None:
        title = str(value.get("name") or "")
        found = [item for item in value.get("checkItems") or () if isinstance(item, dict)]
        for item in sorted(found, key=_place):
            text = str(item.get("name") or "").strip()
            if text:
                self._hold(text)
                mine = self.checklists.setdefault(str(value.get("idCard")), [])
                mine.append((title, text, item.get("state") == "complete"))

    def _comment(self, value: Mapping[str, Any]) -> None:
        card, text = part(value, "data", "card", "id"), part(value, "data", "text")
        if isinstance(card, str) and isinstance(text, str):
            who = part(value, "memberCreator", "fullName") or "?"
            self._hold(text)
            self.comments.setdefault(card, []).append(f"{value.get('date')} {who}: {text}")

    def _hold(self, text: str) -> None:
        self._held += len(text) + 100
        if self._held > _MOST_HELD:
            raise TooLarge("the board has more comments and checklists than are read",
                           limit=_MOST_HELD)  # fmt: skip

    def stages(self) -> list[str]:
        """Return the names of the lists as they stand on the board, archived ones last."""
        found = sorted(self.lists.values(), key=lambda each: (each["closed"], _place(each)))
        return list(dict.fromkeys(str(each["name"]) for each in found if each["name"]))

    def values_of(self, card: Mapping[str, Any]) -> dict[str, object]:
        """Make the values of a card."""
        key = str(card.get("id"))
        where = self.lists.get(str(card.get("idList")), {})
        files = [each for each in card.get("attachments") or () if isinstance(each, dict)]
        entries = [
            attachment(each.get("name"), each.get("url")) for each in files if each.get("isUpload")
        ]
        comments = self.comments.get(key)
        return kept(
            {
                "Card ID": said(card, "id"),
                "Card": said(card, "name"),
                "Description": said(card, "desc"),
                "List": said(where, "name"),
                "Archived": card.get("closed") is True or where.get("closed") is True,
                "Labels": self._labels(card),
                "Members": [self.members.get(str(m), str(m)) for m in card.get("idMembers") or ()],
                "Start": said(card, "start"),
                "Due": said(card, "due"),
                "Due complete": said(card, "dueComplete"),
                "Checklist": self._items(key),
                "Comments": "\n\n".join(reversed(comments)) if comments else UNSAID,
                "Attachments": [entry for entry in entries if entry],
                "Links": [str(e["url"]) for e in files if not e.get("isUpload") and e.get("url")],
                "URL": first(card, "shortUrl", "url"),
                "Last activity": said(card, "dateLastActivity"),
                **self._custom(card),
            }
        )

    def _labels(self, card: Mapping[str, Any]) -> object:
        if isinstance(card.get("labels"), list):
            return named(card["labels"], "name", "color", "id")
        return [self.labels.get(str(key), str(key)) for key in card.get("idLabels") or ()]

    def _items(self, card: str) -> list[dict[str, object]]:
        found = self.checklists.get(card, [])
        several = len({title for title, _, _ in found}) > 1
        return [
            {"text": f"{title}: {text}" if several and title else text, "done": done}
            for title, text, done in found
        ]

    def _custom(self, card: Mapping[str, Any]) -> dict[str, object]:
        made: dict[str, object] = {}
        for item in card.get("customFieldItems") or ():
            field = self.fields.get(str(part(item, "idCustomField")))
            if field is not None:
                made[str(field.get("name"))] = _custom(field, item)
        return made


def _custom(field: Mapping[str, Any], item: Mapping[str, Any]) -> object:
    if item.get("idValue"):
        for option in field.get("options") or ():
            if part(option, "id") == item["idValue"]:
                return part(option, "value", "text")
    value = item.get("value")
    if not isinstance(value, dict) or not value:
        return None
    only = next(iter(value.values()))
    return only == "true" if "checked" in value else only


def _place(item: Mapping[str, Any]) -> float:
    try:
        return float(item.get("pos") or 0)
    except (TypeError, ValueError):
        return 0.0


@IMPORTERS.register(SOURCE)
class Trello:
    """The JSON export of a board."""

    label = "a Trello board"

    def claims(self, clue: Clue) -> bool:
        if clue.form != "object":
            return False
        return len(clue.names & _OF_A_BOARD) > 1 or clue.item >= _OF_A_CARD

    def open(self, file: BinaryIO, name: str, choices: Choices) -> Shaped:
        board = _Board()
        file.seek(0)
        for key, value, _ in members(Text(file, name), _LISTED):
            if key in _LISTED and key != "cards":
                board.take(key, value)
        shape = Shape(source=SOURCE, unique="Card ID", hints=_HINTS, stages=board.stages())
        return Shaped(file, name, choices, shape=shape, read=lambda: _rows(board, file, name))


def _rows(board: _Board, file: BinaryIO, name: str) -> Iterator[Row]:
    for key, value, line in members(Text(file, name), _LISTED):
        if key == "cards":
            if isinstance(value, dict):
                yield Row(line=line, values=board.values_of(value))
            else:
                yield row_of(value, line, "")
