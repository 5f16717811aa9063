"""Exports of other programs as rows, with everything that such files contain."""

import csv
import io
import json
from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any

import pytest

from taskloom.errors import Invalid, Malformed, TooLarge
from taskloom.exchange.importers import trello
from taskloom.exchange.opening import open_rows
from taskloom.exchange.rows import Choices, Reader
from taskloom.exchange.sources import IMPORTERS


def opened(data: str | bytes, name: str, choices: Choices | None = None) -> Reader:
    whole = data.encode() if isinstance(data, str) else data
    return open_rows(io.BytesIO(whole), name, choices or Choices())


def rows(data: str | bytes, name: str, choices: Choices | None = None) -> list[Mapping[str, Any]]:
    return [row.values for row in opened(data, name, choices).rows()]


def table(lines: Sequence[Sequence[str]], ending: str = "\r\n") -> str:
    text = io.StringIO()
    csv.writer(text, lineterminator=ending).writerows(lines)
    return text.getvalue()


def board(**parts: object) -> dict[str, object]:
    """Make a board with the members that the program writes, in its order."""
    plain: dict[str, object] = {
        "id": "b1",
        "nodeId": "ari:cloud:trello::board/workspace/w/b1",
        "name": "Garden",
        "desc": "",
        "descData": None,
        "closed": False,
        "dateClosed": None,
        "idOrganization": "o1",
        "limits": {"cards": {"openPerBoard": {"status": "ok", "disableAt": 5000}}},
        "pinned": None,
        "shortLink": "AbCd",
        "powerUps": [],
        "dateLastActivity": "2025-05-01T10:00:00.000Z",
        "prefs": {"permissionLevel": "org", "background": "blue"},
        "labelNames": {"green": "", "red": "Blocked"},
        "actions": [],
        "cards": [],
        "labels": [],
        "lists": [],
        "members": [],
        "checklists": [],
        "customFields": [],
    }
    return plain | parts


def card(number: int, **parts: object) -> dict[str, object]:
    plain: dict[str, object] = {
        "id": f"c{number}",
        "badges": {"votes": 0, "attachmentsByType": {"trello": {"board": 0, "card": 0}}},
        "closed": False,
        "dueComplete": False,
        "dateLastActivity": "2025-05-01T10:00:00.000Z",
        "desc": "",
        "due": None,
        "idBoard": "b1",
        "idList": "l1",
        "idMembers": [],
        "labels": [],
        "name": f"Card {number}",
        "pos": number * 65536.5,
        "shortUrl": f"https://trello.com/c/{number}",
        "attachments": [],
        "customFieldItems": [],
    }
    return plain | parts


GREEN = {"id": "g", "name": "", "color": "green"}
RED = {"id": "r", "name": "Blocked", "color": "red"}
UPLOAD = {"name": "plan.png", "url": "https://trello.com/1/cards/c1/plan.png", "isUpload": True}
LINK = {"name": "https://example.com", "url": "https://example.com", "isUpload": False}
FULL = board(
    actions=[
        {
            "id": "a1",
            "type": "commentCard",
            "date": "2025-01-02T10:00:00.000Z",
            "data": {"text": "second", "card": {"id": "c1"}},
            "memberCreator": {"fullName": "Ann Example"},
        },
        {
            "id": "a2",
            "type": "commentCard",
            "date": "2025-01-01T10:00:00.000Z",
            "data": {"text": "first\nline", "card": {"id": "c1"}},
            "memberCreator": {"fullName": "Ann Example"},
        },
        {"type": "updateCard", "data": {"card": {"id": "c1"}}},
    ],
    cards=[
        card(
            1,
            desc="one\n\ntwo",
            idList="l2",
            idMembers=["m1", "gone"],
            labels=[GREEN, RED],
            due="2025-06-01T08:00:00.000Z",
            dueComplete=True,
            attachments=[UPLOAD, LINK],
            customFieldItems=[
                {"idCustomField": "f1", "value": {"number": "2.50"}},
                {"idCustomField": "f2", "idValue": "v1", "value": None},
                {"idCustomField": "f3", "value": {"checked": "true"}},
            ],
        ),
        card(2, closed=True, idList="nowhere"),
        card(3, idList="l3"),
    ],
    lists=[
        {"id": "l3", "name": "Done", "closed": True, "pos": 1},
        {"id": "l2", "name": "Doing", "closed": False, "pos": 2},
        {"id": "l1", "name": "To do", "closed": False, "pos": 1.5},
    ],
    members=[{"id": "m1", "fullName": "Ann Example", "username": "ann"}],
    checklists=[
        {
            "id": "k2",
            "idCard": "c1",
            "name": "Buy",
            "checkItems": [
                {"name": "soil", "state": "incomplete", "pos": 2},
                {"name": "seeds", "state": "complete", "pos": 1},
            ],
        },
        {"id": "k1", "idCard": "c1", "name": "Do", "checkItems": [{"name": "dig", "pos": 1}]},
    ],
    customFields=[
        {"id": "f1", "name": "Hours", "type": "number"},
        {"id": "f2", "name": "Kind", "options": [{"id": "v1", "value": {"text": "Flower"}}]},
        {"id": "f3", "name": "Paid", "type": "checkbox"},
    ],
)


def test_a_board_gives_its_cards_with_all_that_they_name() -> None:
    reader = opened(json.dumps(FULL, indent=2), "board.json")
    one, two, three = reader.rows()

    assert reader.source == "trello"
    assert list(reader.stages) == ["To do", "Doing", "Done"]
    assert one.values == {
        "Card ID": "c1",
        "Card": "Card 1",
        "Description": "one\n\ntwo",
        "List": "Doing",
        "Archived": False,
        "Labels": ["green", "Blocked"],
        "Members": ["Ann Example", "gone"],
        "Due": "2025-06-01T08:00:00.000Z",
        "Due complete": True,
        "Checklist": [
            {"text": "Buy: seeds", "done": True},
            {"text": "Buy: soil", "done": False},
            {"text": "Do: dig", "done": False},
        ],
        "Comments": "2025-01-01T10:00:00.000Z Ann Example: first\nline\n\n"
        "2025-01-02T10:00:00.000Z Ann Example: second",
        "Attachments": [{"remoteUrl": UPLOAD["url"], "filename": "plan.png"}],
        "Links": ["https://example.com"],
        "URL": "https://trello.com/c/1",
        "Last activity": "2025-05-01T10:00:00.000Z",
        "Hours": "2.50",
        "Kind": "Flower",
        "Paid": True,
    }
    assert "List" not in two.values
    assert "Comments" not in two.values
    assert (two.values["Due"], two.values["Description"]) == (None, "")
    assert (two.values["Archived"], three.values["Archived"]) == (True, True)


def test_cards_may_stand_before_or_behind_what_they_name() -> None:
    turned = dict(reversed(FULL.items()))

    assert rows(json.dumps(FULL), "b.json") == rows(
        json.dumps(turned), "b.json", Choices(source="trello")
    )


def test_a_board_of_twenty_megabytes_is_streamed() -> None:
    cards = [card(at, desc="text " * 300) for at in range(12_000)]
    data = json.dumps(board(cards=cards, lists=[{"id": "l1", "name": "To do"}])).encode()

    reader = opened(data, "big.json")

    assert len(data) > 18_000_000
    assert sum(row.values["List"] == "To do" for row in reader.rows()) == 12_000


def test_a_board_with_more_comments_than_are_held_is_refused(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(trello, "_MOST_HELD", 250)

    with pytest.raises(TooLarge):
        opened(json.dumps(FULL), "board.json")


def test_half_a_board_gives_the_cards_before_the_break_or_says_where_it_is() -> None:
    whole = json.dumps(FULL)

    for share in (3, 2):
        with pytest.raises((Malformed, Invalid)):
            rows(whole[: len(whole) // share], "b.json", Choices(source="trello"))


HEADER = [
    "Summary", "Issue key", "Issue id", "Parent id", "Issue Type", "Status", "Assignee", "Created",
    "Due date", "Labels", "Labels", "Labels", "Sprint", "Sprint", "Description", "Comment",
    "Comment", "Attachment", "Attachment", "Custom field (Story Points)", "Custom field (Status)",
]  # fmt: skip
ISSUE = [
    'Fix; the, "pump"', "GAR-1", "10001", "10002", "Bug", "To Do", "Ann Example",
    "31/Dec/25 3:04 PM", "", "wet", "", "old", "Sprint 1", "Sprint 2", "h1. Why\r\n\r\n* leaks",
    "31/Dec/25 3:04 PM;ann;It; leaks\nbadly", "", "31/Dec/25 3:04 PM;ann;a b.png;https://example.com/9/a.png",
    "", "3.0", "custom",
]  # fmt: skip
PARENT = [
    "Pump", "GAR-2", "10002", "10001", "Epic", "Done", "", "01/Jan/26 12:00 AM", "",
    *[""] * 12,
]  # fmt: skip


def test_issues_of_jira_gather_the_columns_that_repeat() -> None:
    data = ("\ufeff" + table([HEADER, ISSUE, PARENT])).encode()
    reader = opened(data, "jira.csv")
    one, two = reader.rows()

    assert (reader.source, reader.unique) == ("jira", "Issue key")
    assert len(reader.notes) == 1
    assert one.values == {
        "Summary": 'Fix; the, "pump"',
        "Issue key": "GAR-1",
        "Issue id": "10001",
        "Parent id": "10002",
        "Issue Type": "Bug",
        "Status": "To Do",
        "Assignee": "Ann Example",
        "Created": "31/Dec/25 3:04 PM",
        "Due date": "",
        "Labels": ["wet", "old"],
        "Sprint": ["Sprint 1", "Sprint 2"],
        "Description": "h1. Why\r\n\r\n* leaks",
        "Comment": "31/Dec/25 3:04 PM ann: It; leaks\nbadly",
        "Attachment": [{"remoteUrl": "https://example.com/9/a.png", "filename": "a b.png"}],
        "Story Points": "3.0",
        "Custom field (Status)": "custom",
    }
    assert (two.line, two.values["Labels"], two.values["Comment"]) == (6, [], "")
    assert len(one.raw) == len(reader.raw_columns) == len(HEADER)


def test_a_short_row_of_jira_is_told_and_stops_no_other() -> None:
    bad, good = opened(table([HEADER, ISSUE[:5], ISSUE]), "jira.csv").rows()

    assert bad.fault == "has 5 cells, the header has 21"
    assert good.values["Issue key"] == "GAR-1"


ASANA = [
    "Task ID", "Created At", "Completed At", "Last Modified", "Name", "Section/Column", "Assignee",
    "Assignee Email", "Start Date", "Due Date", "Tags", "Notes", "Projects", "Parent task",
]  # fmt: skip


def test_tasks_of_asana_as_a_table() -> None:
    line = [
        "1201", "2025-01-01", "", "2025-01-02", "Plant", "Doing", "Ann Example", "ann@example.com",
        "", "2025-02-01", "a, b", "x\ny", "Garden,House", "",
    ]  # fmt: skip
    reader = opened(table([ASANA, line]), "asana.csv")
    (row,) = reader.rows()

    assert (reader.source, reader.unique) == ("asana", "Task ID")
    assert (row.values["Tags"], row.values["Projects"]) == (["a", "b"], ["Garden", "House"])
    assert row.values["Due Date"] == "2025-02-01"


def asana(number: int, **parts: object) -> dict[str, object]:
    plain: dict[str, object] = {
        "gid": str(number),
        "name": f"Task {number}",
        "completed": False,
        "assignee": None,
        "due_on": None,
        "start_on": None,
        "memberships": [{"project": {"name": "Garden"}, "section": {"name": "Doing"}}],
        "tags": [{"gid": "t", "name": "wet"}],
        "custom_fields": [],
        "notes": "",
    }
    return plain | parts


def test_tasks_of_asana_as_json_bring_their_subtasks() -> None:
    fields = [
        {"name": "Hours", "number_value": Decimal("1.5")},
        {"name": "Kind", "enum_value": {"name": "Flower"}, "display_value": "Flower"},
        {"name": "Who", "multi_enum_values": [{"name": "A"}, {"name": "B"}]},
        {"name": "When", "date_value": {"date": "2025-03-01"}},
        {"name": "Empty", "display_value": None},
    ]
    below = asana(2, subtasks=[asana(3)], tags=[])
    person = {"gid": "9", "name": "Ann Example", "email": "ann@example.com"}
    tasks = [asana(1, subtasks=[below], custom_fields=fields, assignee=person)]
    data = json.dumps({"data": tasks}, default=float)

    one, two, three = rows(data, "asana.json")

    assert one["Section/Column"] == "Doing"
    assert one["Assignee Email"] == "ann@example.com"
    assert (one["Hours"], one["Kind"], one["Who"]) == (Decimal("1.5"), "Flower", ["A", "B"])
    assert (one["When"], one["Empty"], one["Start Date"]) == ("2025-03-01", None, None)
    assert "Notes" in one
    assert {"Due At", "Projects"} & {*one} == set()
    assert (two["Parent Task ID"], three["Parent Task ID"]) == ("1", "2")


def test_parents_that_lead_in_a_circle_hang_nothing() -> None:
    tasks = [
        asana(1, parent={"gid": "2", "name": "Task 2"}),
        asana(2, parent={"gid": "1", "name": "Task 1"}),
    ]

    assert ["2", "1"] == [row["Parent Task ID"] for row in rows(json.dumps(tasks), "a.json")]


def test_issues_of_github_as_its_api_and_as_its_program_give_them() -> None:
    api = {
        "number": 7,
        "title": "Leak",
        "body": "a\r\nb",
        "state": "open",
        "state_reason": None,
        "user": {"login": "ann"},
        "labels": [{"id": 1, "name": "bug"}, {"name": "wet"}],
        "assignees": [{"login": "ann"}],
        "milestone": {"title": "Spring"},
        "comments": 3,
        "created_at": "2025-01-01T00:00:00Z",
        "html_url": "https://github.com/o/r/issues/7",
        "pull_request": {"url": "x"},
    }
    said = {
        "number": 7,
        "title": "Leak",
        "state": "CLOSED",
        "stateReason": "COMPLETED",
        "author": {"login": "ann"},
        "assignees": [{"login": "ann", "name": "Ann Example"}],
        "comments": [
            {"author": {"login": "bo"}, "body": "yes", "createdAt": "2025-01-02T00:00:00Z"}
        ],
        "closedAt": "2025-01-03T00:00:00Z",
    }
    (one,) = rows(json.dumps([api]), "issues.json")
    (two,) = rows(json.dumps([said]), "issues.json")

    assert (one["Number"], one["State"], one["Type"]) == (7, "open", "pull request")
    assert (one["Labels"], one["Milestone"]) == (["bug", "wet"], "Spring")
    assert "Comments" not in one
    assert (two["State"], two["Assignees"], two["Closed"]) == (
        "closed",
        ["Ann Example"],
        "2025-01-03T00:00:00Z",
    )
    assert two["Comments"] == "2025-01-02T00:00:00Z bo: yes"
    assert "Labels" not in two


def test_items_of_a_github_project() -> None:
    items = [
        {
            "id": "PVTI_1",
            "title": "Leak",
            "status": "In Progress",
            "assignees": ["ann"],
            "labels": ["bug"],
            "estimate": 3,
            "iteration": {"title": "Week 1", "startDate": "2025-01-01"},
            "repository": "https://github.com/o/r",
            "content": {"type": "Issue", "number": 7, "title": "Leak", "body": "x", "url": "u"},
        },
        {"id": "PVTI_2", "content": {"type": "DraftIssue", "title": "Idea", "body": ""}},
        "odd",
    ]
    reader = opened(json.dumps({"items": items, "totalCount": 3}), "project.json")
    one, two, odd = reader.rows()

    assert (reader.source, reader.unique) == ("github", "Item ID")
    assert (one.values["Status"], one.values["Estimate"], one.values["Iteration"]) == (
        "In Progress",
        3,
        "Week 1",
    )
    assert two.values["Title"] == "Idea"
    assert odd.fault == "is not a JSON object"


def test_a_view_of_airtable_is_known_by_its_attachments() -> None:
    host = "https://v5.airtableusercontent.com"
    cell = f"a (1).png ({host}/x/y?z=1),b.pdf ({host}/q)"
    data = "\ufeff" + table(
        [["Name", "Price", "Done", "Files"], ["A", "$1,234.50", "checked", cell]]
    )
    reader = opened(data, "view.csv")
    (row,) = reader.rows()

    assert reader.source == "airtable"
    assert row.values["Files"] == [
        {"remoteUrl": f"{host}/x/y?z=1", "filename": "a (1).png"},
        {"remoteUrl": f"{host}/q", "filename": "b.pdf"},
    ]
    assert row.values["Done"] == "checked"


@pytest.mark.parametrize("source", list(IMPORTERS))
def test_an_importer_that_is_chosen_reads_what_it_can_and_refuses_the_rest(source: str) -> None:
    for name, data in (("a.csv", "a,b\n1,2\n"), ("a.json", "{"), ("b.json", "[1]"), ("c.csv", "")):
        try:
            found = rows(data, name, Choices(source=source))
        except (Invalid, Malformed):
            continue
        assert all(isinstance(row, Mapping) for row in found)


def test_no_importer_is_asked_where_none_is_wanted() -> None:
    reader = opened(table([HEADER, ISSUE]), "jira.csv", Choices(source="plain"))

    assert reader.source == ""
    assert "Labels (2)" in reader.columns()


def test_an_unknown_source_is_refused_with_those_there_are() -> None:
    with pytest.raises(Invalid) as raised:
        opened("a\n", "a.csv", Choices(source="jria"))

    assert "airtable, asana, github, jira, trello, plain" in raised.value.faults[0].hint
