"""Workflows proposed for files: sound, with reasons, and good for every row of their file."""

import csv
import io
import json
from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from hypothesis import given, settings
from hypothesis import strategies as st

from taskloom.cli.main import cli
from taskloom.errors import Invalid, Refusal
from taskloom.exchange.infer import Proposal, infer
from taskloom.exchange.kinds import NOBODY
from taskloom.exchange.mapping import propose
from taskloom.exchange.opening import open_rows
from taskloom.exchange.rows import Choices
from taskloom.exchange.spelling import Entry, speller
from taskloom.schema.compile import compile_source
from taskloom.schema.compiled import Compiled
from taskloom.schema.load import faults_of
from taskloom.schema.properties import NOBODY as NO_PEOPLE

PLAIN = Choices()


def table(lines: Sequence[Sequence[object]], delimiter: str = ",") -> bytes:
    text = io.StringIO()
    csv.writer(text, delimiter=delimiter).writerows(lines)
    return text.getvalue().encode()


def proposal(data: bytes, name: str = "Orders 2025.csv", choices: Choices = PLAIN) -> Proposal:
    return infer(open_rows(io.BytesIO(data), name, choices), name)


def refused(data: bytes, name: str = "Orders 2025.csv", choices: Choices = PLAIN) -> list[object]:
    """Import a file into the workflow proposed for it, and return all that is refused."""
    source = json.dumps(proposal(data, name, choices).file)
    assert [] == faults_of(source)
    workflow = compile_source(source, workspace="w", uid="u", version=1)
    reader = open_rows(io.BytesIO(data), name, choices)
    spell = speller(propose(reader, workflow, {}), workflow, NOBODY)
    return [fault for row in reader.rows() for fault in _faults(workflow, spell(row))]


def _faults(workflow: Compiled, entry: Entry) -> list[object]:
    values: dict[str, Any] = {}
    found: list[object] = list(entry.faults)
    for key, value in entry.values.items():
        try:
            values[key] = None if value is None else workflow.codecs[key].parse(value, NO_PEOPLE)
        except Refusal as refusal:
            found.append((key, value, refusal.message))
    stage = entry.stage
    unknown = [stage] if isinstance(stage, str) and stage not in workflow.stage_keys else []
    return [*found, *unknown, *workflow.check({k: v for k, v in values.items() if v is not None})]


LINES: Sequence[Sequence[object]] = [
    ["Order No", "Customer", "Total", "Share", "Bought", "Paid", "Mail", "Site", "Sort", "Note"],
    *[
        [
            f"O-{at:03}",
            f"Customer {at % 7}",
            f"€ {at}.{at % 10}00,50",
            f"{at} %",
            f"{at % 28 + 1}.12.2025",
            "yes" if at % 2 else "no",
            f"a{at}@example.com",
            f"https://example.com/{at}",
            ["Small", "Large"][at % 2],
            "one\ntwo" if at == 3 else "",
        ]
        for at in range(1, 40)
    ],
]


def test_columns_become_fields_of_their_kind_each_with_a_reason() -> None:
    made = proposal(table(LINES, ";"))
    fields = {field["title"]: field for field in made.file["properties"].values()}

    def kind(title: str) -> tuple[object, object]:
        return fields[title]["type"], fields[title].get("format")

    assert kind("Total") == ("number", "currency")
    assert kind("Share") == ("number", "percent")
    assert kind("Bought") == ("string", "date")
    assert kind("Paid") == ("boolean", None)
    assert kind("Mail") == ("string", "email")
    assert kind("Site") == ("string", "uri")
    assert fields["Sort"]["enum"] == ["Large", "Small"]
    assert kind("Note") == ("string", "long-text")
    assert made.file["workflow"]["uniqueId"] == "order_no"
    assert "order_no" in made.file["required"]
    assert "note" not in made.file["required"]
    assert (made.file["$id"], made.file["title"]) == ("orders_2025", "Orders 2025")
    paths = {reason.path for reason in made.reasons}
    assert {("properties", key) for key in made.file["properties"]} <= paths
    assert {("workflow", "uniqueId"), ("workflow", "stages")} <= paths
    assert [] == refused(table(LINES, ";"))


def test_a_status_becomes_stages_in_the_order_of_work() -> None:
    names = ["Done", "In Progress", "To Do", "Blocked", "Cancelled"]
    data = table([["Name", "Status"], *[[f"n{at}", names[at % 5]] for at in range(20)]])
    made = proposal(data)

    assert made.file["workflow"]["stages"] == [
        {"name": "To Do"},
        {"name": "Blocked"},
        {"name": "In Progress"},
        {"name": "Done", "end": True},
        {"name": "Cancelled", "end": True},
    ]
    assert "status" not in made.file["properties"]
    assert [] == refused(data)


def test_a_million_sorts_are_no_choice_and_no_stages() -> None:
    data = table([["Name", "Status"], *[[f"n {at}", f"state {at}"] for at in range(3000)]])
    made = proposal(data)

    assert "stages" not in made.file.get("workflow", {})
    assert "enum" not in made.file["properties"]["status"]
    assert [] == refused(data)


@pytest.mark.parametrize("last", ["k1", ""])
def test_an_id_that_is_given_twice_or_missing_once_is_none(last: str) -> None:
    data = table([["Key", "Name"], *[[f"k{at}", "x y"] for at in range(2000)], [last, "z"]])

    assert "uniqueId" not in proposal(data).file.get("workflow", {})


def test_one_odd_value_far_down_makes_a_text() -> None:
    data = table([["A", "B"], *[[at, "2025-01-31"] for at in range(1500)], ["x", "soon"]])
    made = proposal(data)

    assert ["string", "string"] == [field["type"] for field in made.file["properties"].values()]
    assert [] == refused(data)


def test_what_nobody_may_guess_stays_text_and_that_is_told() -> None:
    data = table([["Name", "Day", "Sum"], *[["x", "03/04/2025", "1,234"]] * 6])
    made = proposal(data)

    assert made.file["properties"]["day"]["type"] == "string"
    assert "format" not in made.file["properties"]["day"]
    assert made.file["properties"]["sum"]["type"] == "string"
    told = [reason.text for reason in made.reasons if "stays text" in reason.text]
    assert len(told) == 2
    chosen = proposal(data, choices=Choices(dates="mdy", decimal=","))
    assert chosen.file["properties"]["day"]["format"] == "date"
    assert [] == refused(data, choices=Choices(dates="mdy", decimal=","))


def test_numbers_that_are_none_stay_texts() -> None:
    data = table([["Zip", "Phone", "Part"], *[[f"0{at}", "4" * 20, f"R{at}"] for at in range(9)]])

    assert ["string"] * 3 == [f["type"] for f in proposal(data).file["properties"].values()]
    assert [] == refused(data)


def test_json_keeps_its_types_and_keys_that_turn_up_late() -> None:
    rows: list[Mapping[str, Any]] = [
        {"id": at, "Size": Decimal("1.5"), "On": True, "Tags": ["a", "b"], "Deep": {"x": [1]}}
        for at in range(1100)
    ]
    rows.append({"id": 5000, "Late": "2025-01-31", "Tags": [], "Size": None})
    data = "\n".join(json.dumps(row, default=float) for row in rows).encode()
    made = proposal(data, "rows.ndjson")
    fields = {f["title"]: f for f in made.file["properties"].values()}

    assert (fields["Size"]["type"], fields["On"]["type"]) == ("number", "boolean")
    assert fields["Tags"]["items"]["enum"] == ["a", "b"]
    assert fields["Deep"] == {"title": "Deep", "type": "object"}
    assert fields["Late"]["format"] == "date"
    assert made.file["workflow"]["uniqueId"] == "id"
    assert [] == refused(data, "rows.ndjson")


def test_odd_names_become_keys_and_titles() -> None:
    head = ["_x", "Größe €", "日本", "a.b", "$where", "A B", "a-b", "Task URL"]
    data = table([head, *[[f"{at}", "1", "2", "3", "4", "5", "6", "7"] for at in range(6)]])

    assert [] == refused(data)
    assert "Task URL" not in [f["title"] for f in proposal(data).file["properties"].values()]


def test_a_file_that_cannot_be_read_is_refused_as_by_an_import() -> None:
    with pytest.raises(Invalid):
        proposal(b"")


WORDS = st.text(st.characters(codec="utf-8", exclude_categories=["Cc", "Cs"]), max_size=10)
CELLS: Mapping[str, st.SearchStrategy[str]] = {
    "whole": st.integers(-(10**18), 10**18).map(str),
    "comma": st.decimals(-(10**9), 10**9, places=2).map(lambda n: f"{n:.2f}".replace(".", ",")),
    "grouped": st.integers(0, 10**7).map(lambda n: f"{n:,}"),
    "money": st.integers(0, 10**6).map(lambda n: f"${n:,}.00"),
    "share": st.integers(0, 100).map(lambda n: f"{n} %"),
    "iso": st.dates().map(str),
    "german": st.dates(date(1970, 1, 1), date(2060, 1, 1)).map(lambda d: f"{d:%d.%m.%Y}"),
    "slashes": st.dates(date(1970, 1, 1), date(2060, 1, 1)).map(lambda d: f"{d:%m/%d/%Y}"),
    "jira": st.integers(0, 10**5).map(
        lambda n: f"{date(2025, 1, 1) + timedelta(days=n % 900):%d/%b/%y} {n % 12 + 1}:04 PM"
    ),
    "yes": st.sampled_from(["yes", "no", "TRUE", "x", "0"]),
    "choice": st.sampled_from(["Red", "red", " Blue", "Green; dark"]),
    "word": WORDS,
    "mixed": st.sampled_from(["1", "2025-01-01", "1,5", "x", "a@example.com", "[1", "'", "=1"]),
    "blank": st.sampled_from(["", " "]),
}
SHAPES = st.lists(st.sampled_from(sorted(CELLS)), min_size=2, max_size=5)
NAMES = ["Name", "Key", "Status", "Due", "Price", "Notes"]


@settings(max_examples=60)
@given(st.data(), SHAPES)
def test_no_row_of_a_file_is_refused_by_the_workflow_proposed_for_it(
    data: st.DataObject, shapes: list[str]
) -> None:
    names = data.draw(st.permutations(NAMES))[: len(shapes)]
    row = st.tuples(*(st.one_of(CELLS[shape], CELLS[shape], st.just("")) for shape in shapes))
    lines = data.draw(st.lists(row, min_size=1, max_size=12))

    assert [] == refused(table([names, *lines], ";"), "t.csv", Choices(delimiter=";"))


def test_the_command_prints_the_file_and_tells_the_reasons(tmp_path: Path) -> None:
    path = tmp_path / "orders.csv"
    path.write_bytes(table(LINES, ";"))
    done = CliRunner().invoke(cli, ["workflow", "infer", str(path)])
    whole = CliRunner().invoke(cli, ["workflow", "infer", str(path), "--json"])

    assert (done.exit_code, whole.exit_code) == (0, 0)
    assert [] == faults_of(done.stdout)
    assert "--delimiter says otherwise" in done.stderr
    assert "workflow.uniqueId: 'Order No'" in done.stderr
    said = json.loads(whole.stdout)
    assert said["file"] == json.loads(done.stdout)
    assert {"path", "text"} == set(said["reasons"][0])


def test_the_command_says_what_to_name(tmp_path: Path) -> None:
    path = tmp_path / "odd.csv"
    path.write_text("a;b,c\n1;2,3\n", encoding="utf-8")

    done = CliRunner().invoke(cli, ["workflow", "infer", str(path)])

    assert done.exit_code == 1
    assert "name its --delimiter" in done.stderr
