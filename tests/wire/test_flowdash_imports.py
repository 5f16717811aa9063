"""Imports over HTTP: a file is sent, and asked for until it has ended."""

import json
from collections.abc import Callable
from dataclasses import replace
from typing import Any
from urllib.parse import quote

import pytest

from taskloom.config import Settings
from taskloom.effects.base import EFFECTS
from taskloom.engine.engine import Engine
from tests.wire.api import Api, Reply

PATH = "/workflows/sales-pipeline/imports"
TASKS = "/workflows/sales-pipeline/tasks"
CSV = {"Content-Type": "text/csv"}
FORM = {"Content-Type": "multipart/form-data; boundary=x"}
TABLE = b"Company ID,Company Name,Contract Value\r\n1,Acme,10.50\r\n2,,much\r\n"

Work = Callable[[], None]


@pytest.fixture
def work(engine: Engine) -> Work:
    """Do what the server does beside its requests."""
    return lambda: EFFECTS["importing"].run(engine.imports._ports)  # noqa: SLF001 - what the server's loop is given


@pytest.fixture
def settings(settings: Settings) -> Settings:
    """Settings of a server that takes files of one kilobyte."""
    return replace(settings, max_import=1000)


def sent(api: Api, body: bytes = TABLE, query: str = "?name=some.csv", **rest: Any) -> Reply:
    return api.post(PATH + query, body, headers=rest.pop("headers", CSV), **rest)


def part(name: str, filename: str, contents: bytes) -> bytes:
    head = f'--x\r\nContent-Disposition: form-data; name="{name}"; filename="{filename}"\r\n\r\n'
    return head.encode() + contents + b"\r\n"


def test_a_file_becomes_tasks_and_its_refused_rows_can_be_had(api: Api, work: Work) -> None:
    begun = sent(api)
    waits = begun.json
    work()
    one = f"{PATH}/{waits['id']}"
    done = api.get(one).json

    assert 202 == begun.status
    assert f"/api/v1{one}" == begun.headers["Location"]
    assert ("queued", "some.csv", len(TABLE), None, None) == (
        waits["state"],
        waits["name"],
        waits["size"],
        waits["columns"],
        waits["tabular"],
    )
    counts = ("created", "updated", "unchanged", "refused", "unprocessed")
    assert [1, 0, 0, 1, 0] == [done[name] for name in counts]
    assert ("done", 2, len(TABLE), 0) == (
        done["state"],
        done["rows"],
        done["read"],
        done["remaining"],
    )
    columns = {name: name for name in ("Company ID", "Company Name", "Contract Value")}
    assert columns == done["columns"]
    assert "Acme" == done["sample"][0]["Company Name"]
    assert "10.50" == api.get(f"{TASKS}/1").json["Contract Value"]
    rejects = api.get(f"{one}/rejects")
    assert "text/csv; charset=utf-8" == rejects.headers["Content-Type"]
    assert f'filename="{waits["id"]}.rejects.csv"' in rejects.headers["Content-Disposition"]
    head, row = rejects.body.decode().splitlines()
    assert "_line,_errors,Company ID,Company Name,Contract Value" == head
    assert row.startswith("3,Contract Value must be")
    assert row.endswith(",2,,much")
    assert b"_line,Company ID\r\n" == api.get(f"{one}/aside").body
    assert [waits["id"]] == [listed["id"] for listed in api.get(PATH).json]


def test_the_part_of_a_form_is_taken_as_it_comes(api: Api, work: Work) -> None:
    begun = sent(api, part("file", "/big/tä.csv", TABLE) + b"--x--\r\n", "", headers=FORM)
    work()

    assert (202, "tä.csv", len(TABLE)) == (begun.status, begun.json["name"], begun.json["size"])
    assert 1 == api.get(f"{PATH}/{begun.json['id']}").json["created"]


def test_lines_of_json_have_their_rejects_as_lines(api: Api, work: Work) -> None:
    rows = [{"Company ID": "1", "Number of Employees": 12345678901234567890.5, "Odd": [1]}]
    text = "".join(json.dumps(row) + "\n" for row in rows) + "{broken\n"

    begun = sent(api, text.encode(), "?name=a&unknown=aside", headers={})
    work()
    one = f"{PATH}/{begun.json['id']}"

    told = api.get(one).json
    assert (1, 1, ["Odd"]) == (told["created"], told["refused"], told["aside"])
    assert {"_line": 1, "Company ID": "1", "Odd": [1]} == api.get(f"{one}/aside").json
    refused = api.get(f"{one}/rejects")
    assert "application/x-ndjson" == refused.headers["Content-Type"]
    assert (2, "{broken") == (refused.json["_line"], refused.json["_text"])


def test_a_file_of_unknown_columns_is_refused_with_every_fault(api: Api, work: Work) -> None:
    begun = sent(api, b"Compny ID,Weight\n1,2\n")
    work()

    told = api.get(f"{PATH}/{begun.json['id']}").json
    assert ("failed", 0, None) == (told["state"], told["rows"], told["unprocessed"])
    assert [["Compny ID"], ["Weight"]] == [fault["path"] for fault in told["faults"]]
    assert "Company ID" in told["faults"][0]["hint"]
    assert told["error"]
    assert [] == api.get(TASKS).json


def test_a_held_import_waits_to_be_told_what_columns_mean(api: Api, work: Work) -> None:
    begun = sent(api, b"Company ID,Weight\n1,2\n", "?hold=true&unknown=ignore&dry_run=true")
    one = f"{PATH}/{begun.json['id']}"
    assert 409 == api.post(f"{one}/start").status
    work()
    held = api.get(one).json
    mapping = quote(json.dumps({"Weight": "Number of Employees"}))
    again = api.post(f"{one}/start?map={mapping}&dry_run=false")
    work()

    assert ("held", None, True) == (held["state"], held["columns"]["Weight"], held["dryRun"])
    assert (202, "queued") == (again.status, again.json["state"])
    assert "Number of Employees" == api.get(one).json["columns"]["Weight"]
    assert "2" == api.get(f"{TASKS}/1").json["Number of Employees"]


def test_a_dry_run_writes_nothing(api: Api, work: Work) -> None:
    begun = sent(api, query="?dry_run=true")
    work()

    told = api.get(f"{PATH}/{begun.json['id']}").json
    assert (True, 1, 1) == (told["dryRun"], told["created"], told["refused"])
    assert [] == api.get(TASKS).json


def test_an_import_can_be_cancelled_once(api: Api, work: Work) -> None:
    one = f"{PATH}/{sent(api).json['id']}"

    first, second = api.delete(one), api.delete(one)
    work()

    assert (202, "cancelled", 409) == (first.status, first.json["state"], second.status)
    assert "cancelled" == api.get(one).json["state"]
    assert [] == api.get(TASKS).json


@pytest.mark.parametrize(
    ("query", "names"),
    [
        ("?mode=replace&unknown=drop&dry_run=yes&hold=1", {"mode", "unknown", "dry_run", "hold"}),
        ("?delimter=;", {"delimter"}),
        ("?mode=create&mode=update", {"mode"}),
        ("?map=[]", {"map"}),
        ('?map={"a":1}', {"map"}),
        ("?map={", {"map"}),
    ],
)
def test_what_is_not_understood_is_refused_by_name(api: Api, query: str, names: set[str]) -> None:
    refused = sent(api, query=query)

    assert 422 == refused.status
    assert names == set(refused.json["errors"])
    assert [] == api.get(PATH).json


@pytest.mark.parametrize(
    ("body", "headers", "status"),
    [
        (b"", CSV, 422),
        (b"x" * 1001, CSV, 413),
        (part("file", "a.csv", b"x" * 1001) + b"--x--\r\n", FORM, 413),
        (TABLE, {**CSV, "Content-Encoding": "gzip"}, 415),
        (part("file", "a.csv", TABLE), FORM, 400),
        (part("other", "a.csv", TABLE) + b"--x--\r\n", FORM, 422),
        (part("file", "a", TABLE) + part("file", "b", TABLE) + b"--x--\r\n", FORM, 422),
        (TABLE, {"Content-Type": "multipart/form-data"}, 400),
    ],
)
def test_a_file_that_does_not_come_whole_leaves_nothing(
    api: Api, body: bytes, headers: dict[str, str], status: int
) -> None:
    refused = sent(api, body, headers=headers)

    assert status == refused.status
    assert [] == api.get(PATH).json


def test_half_a_body_is_no_file(ask: Any, api: Api) -> None:
    headers = {"Authorization": f"Bearer {api.key}", **CSV}

    half = ask(
        "POST", f"/api/v1{PATH}", headers=headers, body=TABLE, environ={"CONTENT_LENGTH": "500"}
    )

    assert 400 == half.status
    assert [] == api.get(PATH).json


def test_a_file_that_is_sent_again_with_its_key_is_one_import(api: Api) -> None:
    headers = {**CSV, "Idempotency-Key": "the-list-of-monday"}

    first, second = sent(api, headers=headers), sent(api, headers=headers)

    assert (202, 202, "true") == (
        first.status,
        second.status,
        second.headers["Idempotent-Replayed"],
    )
    assert first.json == second.json
    assert [first.json["id"]] == [one["id"] for one in api.get(PATH).json]


def test_imports_of_another_workspace_are_not_there(api: Api) -> None:
    one = f"{PATH}/{sent(api).json['id']}"

    assert 404 == api.get(one, key=api.new_workspace()).status
    assert 404 == api.get(f"{PATH}/{'0' * 24}").status
    assert 404 == api.get("/workflows/nothing/imports").status
