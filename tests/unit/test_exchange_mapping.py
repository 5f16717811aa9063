"""Where columns go, what cells become on the way, and what a row asks for in the end."""

import io
import json
from collections.abc import Mapping, Sequence
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from taskloom.errors import Invalid
from taskloom.exchange.mapping import Plan, Unknown, propose
from taskloom.exchange.opening import open_rows
from taskloom.exchange.rows import Choices
from taskloom.exchange.spelling import UNSAID, Entry, speller
from taskloom.exchange.writers import Column, writer
from taskloom.schema.compile import compile_source

TAGS = ["Red", "Dark; matt", "A, b"]
WORKFLOW: Mapping[str, Any] = {
    "$id": "parts",
    "type": "object",
    "properties": {
        "id": {"title": "ID", "type": "string"},
        "name": {"title": "Name", "type": "string"},
        "note": {"title": "Note", "type": "string", "format": "long-text"},
        "tags": {
            "title": "Tags",
            "type": "array",
            "items": {"enum": ["Red", "Dark; matt", "A, b"]},
        },
        "words": {"title": "Words", "type": "array", "items": {"type": "string"}},
        "size": {"title": "Size", "type": "string", "enum": ["Small", "Large"]},
        "price": {"title": "Price", "type": "number", "format": "currency"},
        "share": {"title": "Share", "type": "number", "format": "percent"},
        "count": {"title": "Count", "type": "integer"},
        "due": {"title": "Due", "type": "string", "format": "date"},
        "at": {"title": "At", "type": "string", "format": "date-time"},
        "ready": {"title": "Ready?", "type": "boolean"},
        "owner": {"title": "Owner", "type": "string", "format": "person"},
        "team": {"title": "Team", "type": "array", "items": {"format": "person"}},
        "files": {"title": "Files", "type": "array", "items": {"format": "file"}},
        "extra": {"title": "Extra", "type": "object"},
        "steps": {"title": "Steps", "type": "array", "format": "checklist"},
    },
    "workflow": {"uniqueId": "id", "stages": [{"name": "Open"}, {"name": "Done", "end": True}]},
}
COMPILED = compile_source(json.dumps(WORKFLOW), workspace="w", uid="u", version=1)


class Names:
    """Two people, and two of one name."""

    people: Mapping[str, Sequence[str]] = {
        "ann example": ["ann@example.com"],
        "twin": ["one@example.com", "two@example.com"],
    }

    def emails_named(self, name: str) -> Sequence[str]:
        return self.people.get(name.casefold(), [])


def planned(
    text: str,
    name: str = "t.csv",
    asked: Mapping[str, str | None] | None = None,
    unknown: Unknown = "refuse",
    choices: Choices | None = None,
) -> tuple[Plan, list[Entry]]:
    reader = open_rows(io.BytesIO(text.encode()), name, choices or Choices())
    plan = propose(reader, COMPILED, asked or {}, unknown=unknown)
    spell = speller(plan, COMPILED, Names())
    return plan, [spell(row) for row in reader.rows()]


def cell(title: str, text: str) -> Entry:
    quoted = text.replace('"', '""')
    (entry,) = planned(f'ID,{title}\n1,"{quoted}"\n')[1]
    return entry


@pytest.mark.parametrize(
    ("title", "text", "key", "value"),
    [
        ("Name", " a ", "name", " a "),
        ("name", "0", "name", "0"),
        ("NAME", "a;b", "name", "a;b"),
        ("Name", "'", "name", ""),
        ("Name", "'=1", "name", "=1"),
        ("Note", "a\nb", "note", "a\nb"),
        ("Tags", "Red; Dark; matt", "tags", ["Red", "Dark", "matt"]),
        ("Tags", "red;", "tags", ["Red"]),
        ("Tags", '["Dark; matt"]', "tags", ["Dark; matt"]),
        ("Tags", "Red, red", "tags", ["Red", "Red"]),
        ("Tags", "A, b", "tags", ["A, b"]),
        ("Words", "a, b", "words", ["a, b"]),
        ("Size", " large", "size", "Large"),
        ("Size", "Huge", "size", "Huge"),
        ("Price", "$1,234.50", "price", "1234.50"),
        ("Share", "12.5 %", "share", "12.5"),
        ("Count", "7", "count", "7"),
        ("Due", "31/Dec/25", "due", "2025-12-31"),
        ("At", "31/Dec/25 3:04 PM", "at", "2025-12-31T15:04:00Z"),
        ("At", "2025-12-31", "at", "2025-12-31T00:00:00Z"),
        ("Ready?", "YES", "ready", True),
        ("Ready?", "unchecked", "ready", False),
        ("Ready?", "perhaps", "ready", "perhaps"),
        ("Owner", "Ann Example", "owner", "ann@example.com"),
        ("Owner", "Ann Example <Ann@example.com>", "owner", "Ann@example.com"),
        ("Owner", "Nobody", "owner", "Nobody"),
        ("Team", "ann example; b@example.com", "team", ["ann@example.com", "b@example.com"]),
        (
            "Files",
            "https://example.com/a.pdf",
            "files",
            [{"remoteUrl": "https://example.com/a.pdf"}],
        ),
        (
            "Files",
            "a b.pdf (https://example.com/1), c (https://example.com/2)",
            "files",
            [
                {"filename": "a b.pdf", "remoteUrl": "https://example.com/1"},
                {"filename": "c", "remoteUrl": "https://example.com/2"},
            ],
        ),
        ("Files", '[{"blobId": "x"}]', "files", [{"blobId": "x"}]),
        (
            "Files",
            "https://example.com/a https://example.com/b",
            "files",
            [{"remoteUrl": "https://example.com/a"}, {"remoteUrl": "https://example.com/b"}],
        ),
        ("Extra", '{"n": 12345678901234567890}', "extra", {"n": 12345678901234567890}),
        (
            "Steps",
            "[x] Call\n- Write",
            "steps",
            [{"text": "Call", "done": True}, {"text": "- Write", "done": False}],
        ),
        ("Steps", '[{"text": "a"}]', "steps", [{"text": "a"}]),
        ("Name", "", "name", None),
        ("Tags", "  ", "tags", None),
    ],
)
def test_a_cell_becomes_what_its_field_takes(
    title: str, text: str, key: str, value: object
) -> None:
    entry = cell(title, text)

    assert (entry.values, list(entry.faults)) == ({"id": "1", key: value}, [])


@pytest.mark.parametrize(
    ("title", "text", "told"),
    [
        ("Files", "a.pdf", "not in the table"),
        ("Tags", '["Red"', "not JSON"),
        ("Owner", "Twin", "several people"),
        ("Price", "50 %", "percent"),
        ("Due", "2025-12-31T10:00:00Z", "without a time"),
        ("Extra", "{", "not JSON"),
    ],
)
def test_a_cell_that_cannot_be_meant_is_told_by_its_field(title: str, text: str, told: str) -> None:
    (fault,) = cell(title, text).faults

    assert COMPILED.fields[str(fault.path[0])].title == title
    assert told in fault.message


@pytest.mark.parametrize("title", [f.title for f in COMPILED.fields.values()][1:])
@pytest.mark.parametrize("sign", [" ", "@", "(http", ",", "[", "<a@", "1", "- [", "1,", "\u2009"])
def test_no_cell_takes_long(title: str, sign: str) -> None:
    """A million signs are read at once; the time limit of tests is what would fail."""
    assert cell(title, sign * (1_000_000 // len(sign)) + "x").values is not None


def test_an_empty_cell_clears_a_missing_column_keeps_and_an_empty_stage_is_none() -> None:
    _, (entry,) = planned("ID,Name,Stage,Assigned To\n1,,,\n")

    assert entry.values == {"id": "1", "name": None}
    assert (entry.stage, entry.assignees) == (UNSAID, None)


def test_stage_and_assignees_are_found_by_any_spelling() -> None:
    _, (one, two) = planned("ID,Status,Assigned To\n1,DONE,Ann Example\n2,New,a@b.c; twin@x.y\n")

    assert (one.stage, one.assignees) == ("Done", "ann@example.com")
    assert (two.stage, two.assignees) == ("New", ["a@b.c", "twin@x.y"])


def test_a_column_called_id_is_the_unique_one_unless_another_is() -> None:
    _, (alone,) = planned("id,Name,createdAt\n1,x,2025\n")
    _, (both,) = planned("id,ID,Name,Task URL\n1,2,x,u\n")

    assert (alone.values, both.values) == ({"id": "1", "name": "x"}, {"id": "2", "name": "x"})


def test_what_was_taken_for_something_is_told() -> None:
    assert ["'Status' is taken as 'Stage'"] == list(planned("ID,Status\n1,Done\n")[0].notes)


def test_every_unknown_column_is_told_with_what_is_near() -> None:
    with pytest.raises(Invalid) as raised:
        planned("ID,Nmae,Weight\n1,x,2\n", asked={"Gone": "Name", "Weight": "Prize"})

    told = {(fault.path[0], fault.code) for fault in raised.value.faults}
    assert told == {
        ("Nmae", "unknown_column"),
        ("Gone", "unknown_column"),
        ("Prize", "unknown_column"),
    }
    hints = [fault.hint for fault in raised.value.faults]
    assert "did you mean 'Name'?" in hints
    assert "did you mean 'Price'?" in hints


def test_a_wrong_delimiter_is_what_one_long_column_looks_like() -> None:
    with pytest.raises(Invalid) as raised:
        planned("ID,Name\n1,x\n", choices=Choices(delimiter=";"))

    assert "delimiter" in raised.value.faults[0].hint


def test_two_columns_of_one_meaning_are_refused() -> None:
    with pytest.raises(Invalid) as raised:
        planned("ID,Name,NAME\n1,x,y\n")

    assert raised.value.faults[0].code == "duplicate"


def test_unknown_columns_are_kept_aside_or_left_out() -> None:
    text = "ID,Weight,Height\n1,2,\n"
    plan, (aside,) = planned(text, unknown="aside")
    left, (ignored,) = planned(text, unknown="ignore")

    assert (plan.aside, aside.aside) == (("Weight", "Height"), {"Weight": "2"})
    assert (left.aside, ignored.aside, ignored.faults) == ((), {}, [])


def test_a_key_that_turns_up_late_is_treated_like_the_others() -> None:
    rows = "".join(f'{{"ID": "{at}"}}\n' for at in range(1001)) + '{"ID": "x", "Odd": 1}\n'

    refused = planned(rows, "t.ndjson")[1][-1]
    aside = planned(rows, "t.ndjson", unknown="aside")[1][-1]

    assert [("Odd",)] == [fault.path for fault in refused.faults]
    assert (aside.faults, aside.aside) == ([], {"Odd": 1})


def test_json_goes_as_it_is_absent_keeps_and_null_clears() -> None:
    _, (entry,) = planned('{"ID": "1", "Name": null, "Tags": ["Red"], "Price": 1.5}\n', "t.ndjson")

    assert entry.values == {"id": "1", "name": None, "tags": ["Red"], "price": 1.5}


def test_an_unreadable_row_is_a_fault_of_its_own() -> None:
    _, (bad, good) = planned("ID,Name\n1\n2,x\n")

    assert [((), "unreadable")] == [(fault.path, fault.code) for fault in bad.faults]
    assert good.values == {"id": "2", "name": "x"}


def test_what_the_workflow_lacks_is_proposed() -> None:
    rows = "ID,Size,Tags,Stage,Weight,Bought\n" + "".join(
        f"{at},Huge,Red;Blue,Later,{at}.5,2025-01-{at + 1:02}\n" for at in range(9)
    )
    proposed = planned(rows, unknown="aside")[0].proposed

    assert proposed.options == {"Size": ["Huge"], "Tags": ["Blue"]}
    assert proposed.stages == ["Later"]
    assert proposed.fields == {
        "Weight": {"title": "Weight", "type": "number"},
        "Bought": {"title": "Bought", "type": "string", "format": "date"},
    }


def test_a_million_options_are_proposed_in_part() -> None:
    rows = "ID,Size\n" + "".join(f"{at},size {at}\n" for at in range(3000))

    assert len(planned(rows)[0].proposed.options["Size"]) == 100


def test_ambiguous_cells_of_fields_that_care_stop_the_file_and_of_others_do_not() -> None:
    with pytest.raises(Invalid) as raised:
        planned('ID,Due,Price\n1,03/04/2025,"1,234"\n')
    _, (entry,) = planned('ID,Name\n1,"03/04/2025 1,234"\n')

    assert [("Due", "ambiguous"), ("Price", "ambiguous")] == [
        (fault.path[0], fault.code) for fault in raised.value.faults
    ]
    assert entry.values["name"] == "03/04/2025 1,234"


def test_a_map_may_name_keys_and_leaves_out_with_null() -> None:
    _, (entry,) = planned("x,y,z\n1,2,3\n", asked={"x": "id", "y": "Name", "z": None})

    assert entry.values == {"id": "1", "name": "2"}


KINDS: Mapping[str, str] = {
    "ID": "text",
    "Name": "text",
    "Words": "textList",
    "Ready?": "checkbox",
}
TEXTS = st.text(st.characters(codec="utf-8", exclude_characters="\0"), max_size=8)
ROWS = st.lists(
    st.fixed_dictionaries(
        {
            "ID": st.integers(0, 99).map(lambda n: f"k{n}"),
            "Name": st.none() | TEXTS,
            "Words": st.none() | st.lists(TEXTS, max_size=3),
            "Ready?": st.none() | st.booleans(),
        }
    ),
    max_size=4,
)


@given(ROWS, st.sampled_from(["csv", "ndjson", "json", "xlsx"]))
def test_what_was_exported_is_imported_to_the_letter(
    rows: list[dict[str, object]], form: str
) -> None:
    file = io.BytesIO()
    columns = [Column(title=title, kind=kind) for title, kind in KINDS.items()]
    out = writer(form, file, columns)
    try:
        for row in rows:
            out.add(row)
    except Invalid:
        return
    finally:
        out.close()

    reader = open_rows(io.BytesIO(file.getvalue()), f"t.{form}", Choices())
    spell = speller(propose(reader, COMPILED, {}), COMPILED, Names()) if rows else None
    entries = [spell(row) for row in reader.rows()] if spell else []

    assert [[]] * len(rows) == [list(entry.faults) for entry in entries]
    assert [
        {"id": row["ID"], "name": row["Name"], "words": row["Words"], "ready": row["Ready?"]}
        for row in rows
    ] == [entry.values for entry in entries]
