"""Previews of imports: what the real one would do with the first rows, and nothing is kept."""

import json
from collections.abc import Callable
from typing import Any
from urllib.parse import quote

import pytest

from taskloom.effects.base import EFFECTS
from taskloom.engine.engine import Engine
from tests.wire.api import Api, Reply

IMPORTS = "/workflows/sales-pipeline/imports"
TASKS = "/workflows/sales-pipeline/tasks"
CSV = {"Content-Type": "text/csv"}
TABLE = (
    b"Company ID;Company Name;Contract Value;Expected Close Date;Status;Weight\n"
    b"1;Acme;10,5;03/04/2025;Done;2\n"
    b"2;Bolt;much;13/04/2025;Nowhere;3\n"
)


def preview(api: Api, body: bytes, query: str = "", **headers: str) -> Reply:
    return api.post(f"{IMPORTS}/preview?name=some.csv{query}", body, headers={**CSV, **headers})


def named(found: list[dict[str, Any]], name: str) -> dict[str, Any]:
    return next(each for each in found if each["name"] == name)


def test_a_preview_tells_how_the_file_is_read_and_where_columns_go(api: Api) -> None:
    told = preview(api, TABLE, "&unknown=aside").json

    assert ("csv", "utf-8-sig", ";", '"', "dmy", ",", None, None) == tuple(
        told[name]
        for name in (
            "format",
            "encoding",
            "delimiter",
            "quote",
            "dates",
            "decimal",
            "source",
            "sheet",
        )
    )
    assert any("semicolon" in note for note in told["notes"])
    assert {"kind": "field", "title": "Company Name"} == named(told["columns"], "Company Name")[
        "target"
    ]
    assert ["Acme", "Bolt"] == named(told["columns"], "Company Name")["samples"]
    assert {"kind": "stage", "title": "Stage"} == named(told["columns"], "Status")["target"]
    assert {"kind": "aside", "title": None} == named(told["columns"], "Weight")["target"]
    assert ["Nowhere"] == told["proposed"]["stages"]
    assert "integer" == told["proposed"]["fields"]["Weight"]["type"]
    assert [] == told["faults"]


def test_each_row_says_what_it_asks_for_and_what_would_come_of_it(api: Api) -> None:
    api.post(TASKS, {"Company ID": "1"})

    first, second = preview(api, TABLE, "&unknown=ignore").json["rows"]

    assert (2, "03/04/2025", "updated", []) == (
        first["line"],
        first["values"]["Expected Close Date"],
        first["outcome"],
        first["faults"],
    )
    assert ("2025-04-03", "Done") == (first["asks"]["Expected Close Date"], first["asks"]["Stage"])
    assert (3, "refused") == (second["line"], second["outcome"])
    assert {"Contract Value", "Stage"} == {fault["path"][0] for fault in second["faults"]}


def test_nothing_is_written(api: Api) -> None:
    before = api.get(TASKS).json

    assert "created" == preview(api, TABLE, "&unknown=ignore").json["rows"][0]["outcome"]
    assert before == api.get(TASKS).json
    assert [] == api.get(IMPORTS).json


def test_columns_that_nobody_knows_are_faults_of_the_whole_file_and_all_is_shown(api: Api) -> None:
    told = preview(api, b"Company ID,Compny Name,Weight\n1,Acme,2\n").json

    assert [["Compny Name"], ["Weight"]] == [fault["path"] for fault in told["faults"]]
    assert "Company Name" in told["faults"][0]["hint"]
    assert named(told["columns"], "Weight")["target"] is None
    assert {"1"} == {row["asks"]["Company ID"] for row in told["rows"]}


def test_dates_of_two_meanings_are_a_fault_that_a_choice_mends(api: Api) -> None:
    table = b"Company ID,Expected Close Date\n1,03/04/2025\n"

    unclear, clear = preview(api, table).json, preview(api, table, "&dates=mdy").json

    assert [["Expected Close Date"]] == [fault["path"] for fault in unclear["faults"]]
    assert (None, "mdy") == (unclear["dates"], clear["dates"])
    assert "2025-03-04" == clear["rows"][0]["asks"]["Expected Close Date"]


def test_a_map_is_heard(api: Api) -> None:
    mapping = quote(json.dumps({"Weight": "Number of Employees", "Note": None}))

    told = preview(api, b"Company ID,Weight,Note\n1,2,x\n", f"&map={mapping}").json

    assert {"kind": "field", "title": "Number of Employees"} == told["columns"][1]["target"]
    assert {"kind": "none", "title": None} == told["columns"][2]["target"]
    assert {"Company ID": "1", "Number of Employees": "2"} == told["rows"][0]["asks"]


def test_so_many_rows_are_shown_as_are_asked_for(api: Api) -> None:
    table = "Company ID\n" + "".join(f"{at}\n" for at in range(300))

    assert 20 == len(preview(api, table.encode()).json["rows"])
    assert 200 == len(preview(api, table.encode(), "&rows=200").json["rows"])
    for wrong in ("0", "201", "-1", "x", "1&rows=2"):
        assert {"rows"} == set(preview(api, b"a\n", f"&rows={wrong}").json["errors"])


@pytest.mark.parametrize(
    ("encoding", "mark", "query"),
    [
        ("utf-8", b"", ""),
        ("utf-16", b"", ""),
        ("utf-32-be", b"\0\0\xfe\xff", ""),
        ("cp1252", b"", "&encoding=cp1252"),
    ],
)
def test_where_the_head_of_a_file_breaks_off_is_no_fault(
    api: Api, encoding: str, mark: bytes, query: str
) -> None:
    names = [f"Käse\n{at}" if at % 2 else f"Gruß {at}" for at in range(6)]
    table = "Company ID,Company Name\n" + "".join(
        f'{at},"{name}"\n' for at, name in enumerate(names)
    )
    whole = mark + table.encode(encoding)
    per_row = len(whole) // 6

    for cut in range(0, per_row * 2, 3):
        told = preview(api, whole[: len(whole) - cut], f"&head=true{query}").json

        assert [] == told["faults"]
        read = [row["values"]["Company Name"] for row in told["rows"]]
        assert names[: len(read)] == read
        assert len(read) >= 6 - 1 - -(-cut // per_row)
        assert any("beginning" in note for note in told["notes"])


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("a.json", '[{"Company ID": "1"}, {"Company ID": "2"}, {"Compa'),
        ("a.ndjson", '{"Company ID": "1"}\n{"Company ID": "2"}\n{"Compa'),
    ],
)
def test_heads_of_json_are_read_as_far_as_they_go(api: Api, name: str, text: str) -> None:
    where = f"{IMPORTS}/preview?name={name}"

    head = api.post(f"{where}&head=true", text.encode(), headers={}).json
    whole = api.post(where, text.encode(), headers={}).json

    assert (["1", "2"], []) == (
        [row["values"]["Company ID"] for row in head["rows"]],
        head["faults"],
    )
    assert whole["faults"] or whole["rows"][-1]["faults"]


def test_the_beginning_of_a_workbook_says_that_all_of_it_is_needed(api: Api) -> None:
    refused = preview(api, b"PK\x03\x04" + b"\0" * 100, "&head=true")

    assert 422 == refused.status
    assert b"send all of it" in refused.body


def test_a_row_that_cannot_be_read_is_shown_as_it_stands(api: Api) -> None:
    (row,) = preview(api, b"Company ID,Company Name\n1,a,b\n").json["rows"]

    assert ("refused", {"Company ID": "1", "Company Name": "a"}) == (row["outcome"], row["values"])
    assert "3 cells" in row["faults"][0]["message"]


def test_rows_come_out_of_the_import_as_the_preview_says(api: Api, engine: Engine) -> None:
    said = preview(api, TABLE, "&unknown=ignore").json
    work: Callable[[], None] = lambda: EFFECTS["importing"].run(engine.imports._ports)  # noqa: SLF001, E731 - what the server's loop is given

    job = api.post(f"{IMPORTS}?name=some.csv&unknown=ignore", TABLE, headers=CSV).json["id"]
    work()

    done = api.get(f"{IMPORTS}/{job}").json
    outcomes = [row["outcome"] for row in said["rows"]]
    assert [done["created"], done["refused"]] == [outcomes.count(w) for w in ("created", "refused")]
    assert done["notes"] == said["notes"]
    assert done["proposed"] == said["proposed"]


def test_who_may_not_import_may_not_look(api: Api) -> None:
    assert 401 == api.post(f"{IMPORTS}/preview", TABLE, key=None, headers=CSV).status
    assert 404 == api.post("/workflows/none/imports/preview", TABLE, headers=CSV).status
    assert 404 == api.post(f"{IMPORTS}/preview", TABLE, key=api.new_workspace(), headers=CSV).status
