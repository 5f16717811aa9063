"""The import wizard: a file is chosen, matched, tried, imported and mended, as people do it."""

import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final

import pytest
import requests
from playwright.sync_api import Page, expect

from tests.web.conftest import Axe, MakeWorkflow, Watch
from tests.web.hands import payload, wait_for_draft

DEALS: Final[dict[str, Any]] = {
    "title": "Deals",
    "type": "object",
    "required": ["company"],
    "properties": {
        "company": {"title": "Company", "type": "string"},
        "value": {"title": "Value", "type": "number", "minimum": 0},
        "close": {"title": "Close date", "type": "string", "format": "date"},
        "region": {"title": "Region", "type": "string", "enum": ["North", "South"]},
    },
    "workflow": {
        "uniqueId": "company",
        "stages": [{"name": "Lead"}, {"name": "Won", "end": True}],
    },
}
ROWS: Final = (
    "Company;Value;Close date;Region;Stage;Colour\n"
    'Acorn;1.200,50;31.01.2026;North;Lead;"green; or blue"\n'
    "Birch;-5;15.02.2026;South;Lead;\n"
    "Cedar;3,00;28.02.2026;West;On ice;red\n"
)
TRELLO: Final = {
    "id": "b1",
    "name": "Board",
    "shortLink": "x",
    "prefs": {},
    "labelNames": {},
    "lists": [{"id": "l1", "name": "Doing", "closed": False, "pos": 1}],
    "cards": [{"id": "c1", "name": "Call back", "idList": "l1", "idBoard": "b1", "idMembers": []}],
    "labels": [],
    "members": [],
    "checklists": [],
    "actions": [],
    "customFields": [],
}

Api = Callable[..., requests.Response]


def choose(page: Page, workflow: str, name: str, text: str) -> None:
    """Go to the wizard and choose a file of this text."""
    page.goto(f"/workflows/{workflow}/import")
    page.get_by_label("File", exact=True).set_input_files(payload(name, text))
    page.get_by_role("heading", name="Columns").wait_for()


def tasks(api: Api, workflow: str) -> dict[str, Any]:
    """Return the tasks of a workflow by their companies."""
    return {task["Company"]: task for task in api("GET", f"/workflows/{workflow}/tasks").json()}


def test_a_file_is_matched_tried_imported_and_mended(
    signed_in: Page, make_workflow: MakeWorkflow, api: Api, axe: Axe
) -> None:
    page, workflow = signed_in, make_workflow(DEALS)
    choose(page, workflow, "deals.csv", ROWS)
    bar = page.get_by_role("region", name="File")
    expect(bar).to_contain_text("separated by semicolons")
    expect(bar).to_contain_text("dates as day, month, year")
    expect(page.get_by_role("combobox", name="Where Colour goes")).to_have_value("Keep aside")
    first = page.get_by_role("table").last
    expect(first.get_by_role("row", name="2 New Acorn 1,200.50 31 Jan 2026")).to_be_visible()
    expect(first.get_by_role("row", name="3 Refused")).to_contain_text("must be at least 0")
    for scheme in ("light", "dark"):
        page.emulate_media(color_scheme=scheme)
        assert [] == axe(page)

    page.get_by_role("checkbox", name="1 new stage").uncheck()
    page.get_by_role("checkbox", name="Field “Colour”").uncheck()
    page.get_by_role("button", name="Add it to the workflow").click()
    expect(page.get_by_role("checkbox", name="new option of “Region”")).to_have_count(0)
    fields = api("GET", f"/workflows/{workflow}/fields").json()
    assert ["North", "South", "West"] == fields[-1]["options"]

    page.get_by_role("button", name="Try it first").click()
    page.get_by_text("Nothing was written.").wait_for()
    expect(page.get_by_text("2 rows would be refused")).to_be_visible()
    assert {} == tasks(api, workflow)
    page.get_by_role("button", name="Import now").click()
    page.get_by_text("1 row arrived").wait_for()
    assert {"Acorn"} == set(tasks(api, workflow))

    value = page.get_by_label("Value, line 3")
    expect(value).to_have_attribute("aria-invalid", "true")
    assert [] == axe(page)
    value.fill("5,25")
    expect(page.get_by_role("row", name="3 Ready to send")).to_be_visible()
    page.get_by_label("Stage, line 4").fill("Won")
    page.get_by_role("button", name="Send 2 rows").click()
    expect(page.get_by_text("All refused rows have arrived since.")).to_be_visible()
    arrived = tasks(api, workflow)
    assert ("5.25", "Won") == (arrived["Birch"]["Value"], arrived["Cedar"]["Stage"])
    with page.expect_download() as kept:
        page.get_by_role("button", name="Download what was kept aside").click()
    assert "green; or blue" in Path(kept.value.path()).read_text(encoding="utf-8")


def test_what_is_mended_survives_a_reload_and_can_be_taken_away(
    signed_in: Page, make_workflow: MakeWorkflow
) -> None:
    page, workflow = signed_in, make_workflow(DEALS)
    choose(page, workflow, "deals.csv", ROWS)
    page.get_by_role("button", name="Import", exact=True).click()
    page.get_by_label("Value, line 3").fill("12")
    expect(page.get_by_role("row", name="3 Ready to send")).to_be_visible()
    page.reload()
    expect(page.get_by_label("Value, line 3")).to_have_value("12")
    with page.expect_download() as kept:
        page.get_by_role("button", name="Download them").click()
    assert kept.value.suggested_filename == "deals.csv.rejects.csv"
    page.goto(f"/workflows/{workflow}/import")
    page.get_by_role("button", name="Another file").click()
    page.get_by_role("button", name="deals.csv").click()
    expect(page.get_by_label("Value, line 3")).to_have_value("12")


def test_by_keyboard_alone_and_what_was_chosen_survives_a_reload(
    signed_in: Page, make_workflow: MakeWorkflow, api: Api
) -> None:
    page, workflow = signed_in, make_workflow(DEALS)
    page.goto(f"/workflows/{workflow}/import")
    chooser = page.get_by_label("File", exact=True)
    chooser.focus()
    with page.expect_file_chooser() as asked:
        page.keyboard.press("Enter")
    asked.value.set_files(payload("x.csv", "Name,Money\nAcorn,1\nBirch,2\n"))
    for column, title in (("Name", "Company"), ("Money", "Value")):
        target = page.get_by_role("combobox", name=f"Where {column} goes")
        target.focus()
        page.keyboard.press("ControlOrMeta+a")
        page.keyboard.type(title)
        page.keyboard.press("ArrowDown")
        page.keyboard.press("Enter")
        expect(target).to_have_value(title)
    expect(page.get_by_role("row", name="2 New Acorn 1")).to_be_visible()
    wait_for_draft(page, "Money")
    page.reload()
    expect(page.get_by_role("combobox", name="Where Money goes")).to_have_value("Value")
    page.get_by_role("button", name="Import", exact=True).focus()
    page.keyboard.press("Enter")
    page.get_by_text("2 rows arrived").wait_for()
    page.get_by_role("link", name="Open the table").focus()
    page.keyboard.press("Enter")
    expect(page).to_have_url(f"/workflows/{workflow}")
    assert {"Acorn", "Birch"} == set(tasks(api, workflow))


def test_how_a_file_is_read_is_corrected(signed_in: Page, make_workflow: MakeWorkflow) -> None:
    page, workflow = signed_in, make_workflow(DEALS)
    choose(page, workflow, "days.csv", "Company,Close date\nAcorn,03/04/2026\nBirch,05/06/2026\n")
    expect(page.get_by_role("alert")).to_contain_text("Close date")
    expect(page.get_by_role("button", name="Import", exact=True)).to_be_disabled()
    page.get_by_role("button", name="How it is read").click()
    page.get_by_role("combobox", name="Order in dates").click()
    page.get_by_role("option", name="day, month, year").click()
    expect(page.get_by_role("row", name="2 New Acorn 3 Apr 2026")).to_be_visible()
    expect(page.get_by_role("alert")).to_have_count(0)


def test_two_columns_cannot_go_to_one_field(signed_in: Page, make_workflow: MakeWorkflow) -> None:
    page, workflow = signed_in, make_workflow(DEALS)
    choose(page, workflow, "twice.csv", "Company,Firm\nAcorn,Birch\n")
    page.get_by_role("combobox", name="Where Firm goes").click()
    page.get_by_role("option", name="Company", exact=True).click()
    expect(page.get_by_role("alert")).to_contain_text("both mean 'Company'")
    page.get_by_role("combobox", name="Where Firm goes").click()
    page.get_by_role("option", name="Leave out").click()
    expect(page.get_by_role("alert")).to_have_count(0)


def test_an_export_of_another_program_is_known(
    signed_in: Page, make_workflow: MakeWorkflow, api: Api
) -> None:
    page, workflow = signed_in, make_workflow(DEALS)
    page.goto(f"/workflows/{workflow}/import")
    page.get_by_role("button", name="Trello").click()
    dialog = page.get_by_role("dialog", name="Import from Trello")
    expect(dialog).to_contain_text("Export as JSON")
    board = payload("board.json", json.dumps(TRELLO), "application/json")
    dialog.get_by_label("File", exact=True).set_input_files(board)
    expect(page.get_by_role("region", name="File")).to_contain_text("Trello export")
    page.get_by_role("combobox", name="Where Card goes").click()
    page.get_by_role("option", name="Company", exact=True).click()
    page.get_by_role("button", name="Add these").click()
    page.get_by_text("has room for them now").wait_for()
    page.get_by_role("button", name="Import", exact=True).click()
    page.get_by_text("1 row arrived").wait_for()
    assert "Doing" == tasks(api, workflow)["Call back"]["Stage"]


def test_one_leaves_comes_back_and_cancels(
    signed_in: Page, make_workflow: MakeWorkflow, api: Api
) -> None:
    page, workflow = signed_in, make_workflow(DEALS)
    rows = "".join(f"company {number},{number}\n" for number in range(60_000))
    choose(page, workflow, "many.csv", f"Company,Value\n{rows}")
    page.get_by_role("button", name="Import", exact=True).click()
    page.get_by_role("button", name="Cancel the import").wait_for()
    page.get_by_role("link", name="Board", exact=True).first.click()
    page.goto(f"/workflows/{workflow}/import")
    page.get_by_role("button", name="Another file").click()
    page.get_by_role("button", name=re.compile(r"many\.csv .*so far")).click()
    expect(page.get_by_role("progressbar")).to_be_visible()
    expect(page.get_by_text(re.compile("rows a second"))).to_be_visible()
    page.get_by_role("button", name="Cancel the import").click()
    expect(page.get_by_role("heading", name="The import was cancelled")).to_be_visible()
    (job,) = api("GET", f"/workflows/{workflow}/imports").json()
    assert ("cancelled", True) == (job["state"], job["created"] < 60_000)


def test_what_cannot_be_read_is_said_and_nothing_breaks(
    signed_in: Page, make_workflow: MakeWorkflow, watched: Watch
) -> None:
    watched.expected.add(422)
    page, workflow = signed_in, make_workflow(DEALS)
    page.goto(f"/workflows/{workflow}/import")
    photo = payload("photo.xlsx", b"\x89PNG\r\n", "image/png")
    page.get_by_label("File", exact=True).set_input_files(photo)
    expect(page.get_by_role("alert")).to_contain_text("is no spreadsheet")
    page.get_by_role("button", name="Another file").click()
    script = "<img src=x onerror=document.title='broken'>"
    choose(page, workflow, f"{script}.csv", f"Company,{script}\n{script},{script}\n")
    expect(page.get_by_role("table").first).to_contain_text(script)
    assert "broken" not in page.title()


@pytest.fixture(params=[(s, w) for s in ("light", "dark") for w in (390, 1440)], ids=str)
def anywhere(
    request: pytest.FixtureRequest, new_page: Callable[..., Page], admin_state: Any
) -> Page:
    """Give a page of each colour scheme and width on which the admin is signed in."""
    scheme, width = request.param
    return new_page(
        storage_state=admin_state, color_scheme=scheme, viewport={"width": width, "height": 900}
    )


@pytest.mark.soak
def test_nobody_is_shut_out_on_any_step(
    anywhere: Page, make_workflow: MakeWorkflow, axe: Axe
) -> None:
    page = anywhere
    workflow = make_workflow(DEALS)
    page.goto(f"/workflows/{workflow}/import")
    page.get_by_role("button", name="Jira").click()
    page.get_by_role("dialog").wait_for()
    assert [] == axe(page)
    page.keyboard.press("Escape")
    choose(page, workflow, "deals.csv", ROWS)
    page.get_by_role("button", name="How it is read").click()
    assert [] == axe(page)
    page.get_by_role("button", name="Try it first").click()
    page.get_by_text("would be refused").last.wait_for()
    assert [] == axe(page)
    page.get_by_role("button", name="Import now").click()
    page.get_by_label("Value, line 3").wait_for()
    assert [] == axe(page)
    page.get_by_role("button", name="Import another file").click()
    page.get_by_role("heading", name="Earlier imports").wait_for()
    assert [] == axe(page)
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
