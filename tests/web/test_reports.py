"""The reports: what charts and tables show is what the server counts."""

import re
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, Final

import pytest
import requests
from playwright.sync_api import Locator, Page, StorageState, expect

from tests.web.conftest import Axe, MakeWorkflow

Ask = Callable[..., requests.Response]

FILE: Final[Mapping[str, Any]] = {
    "title": "Orders",
    "type": "object",
    "properties": {
        "number": {"title": "Number", "type": "string"},
        "region": {"title": "Region", "type": "string", "enum": ["North", "South <b>"]},
        "rush": {"title": "Rush?", "type": "boolean"},
        "due": {"title": "Due", "type": "string", "format": "date"},
        "from": {"title": "from", "type": "string", "enum": ["=shop", "web"]},
    },
    "workflow": {
        "uniqueId": "number",
        "stages": [{"name": "New"}, {"name": "Packing"}, {"name": "Sent", "end": True}],
    },
}
ROWS: Final = (
    {"Number": "1", "Region": "North", "Due": "2020-01-31", "from": "=shop"},
    {"Number": "2", "Region": "North", "Due": "2020-02-28", "Stage": "Packing"},
    {"Number": "3", "Region": "South <b>", "Due": "2100-01-31", "from": "web"},
    {"Number": "4", "Stage": "Sent", "Due": "2020-01-31", "from": "=shop"},
)


@pytest.fixture
def orders(make_workflow: MakeWorkflow) -> str:
    """Make a workflow with a few tasks."""
    return make_workflow(FILE, ROWS)


def report(page: Page, title: str) -> Locator:
    """Return the part of the page that has a report."""
    return page.get_by_role("region", name=title, exact=True)


def figures(page: Page, title: str) -> list[list[str]]:
    """Return what the table of a report says."""
    rows = report(page, title).locator("tbody tr")
    rows.first.wait_for()
    return [row.locator("td").all_inner_texts() for row in rows.all()]


def test_charts_and_tables_show_what_the_server_counts(signed_in: Page, orders: str) -> None:
    signed_in.goto(f"/workflows/{orders}/reports")
    assert figures(signed_in, "By stage") == [["New", "2"], ["Packing", "1"], ["Sent", "1"]]
    regions = [["North", "2"], ["South <b>", "1"], ["Not set", "1"]]
    assert figures(signed_in, "By Region") == regions
    late = figures(signed_in, "Overdue")
    assert [row[:3] for row in late] == [
        ["1", "31 Jan 2020", "New"],
        ["2", "28 Feb 2020", "Packing"],
    ]
    assert figures(signed_in, "Throughput")[-1][1:] == ["4", "1"]
    assert figures(signed_in, "Age of open tasks")[0][:2] == ["New", "2"]
    expect(report(signed_in, "Time in stage")).to_contain_text("No task has left a stage")
    expect(report(signed_in, "Waiting for approval")).to_have_count(0)
    for title in ("By stage", "By Region", "Throughput", "Age of open tasks", "Overdue"):
        chart = report(signed_in, title).get_by_role("img", name=re.compile("^Chart"))
        expect(chart.locator("svg .recharts-bar-rectangle").first).to_be_attached()

    signed_in.get_by_role("combobox", name="Count by").click()
    signed_in.get_by_role("option", name="Rush?").click()
    expect(report(signed_in, "By Rush?")).to_be_visible()
    assert figures(signed_in, "By Rush?") == [["Yes", "0"], ["No", "0"], ["Not set", "4"]]
    assert "_values=Rush" in signed_in.url
    report(signed_in, "Overdue").get_by_role("link", name="2").click()
    signed_in.wait_for_url(re.compile(rf"/workflows/{orders}/tasks/[0-9a-f]{{24}}"))


def test_days_zone_and_filter_are_in_the_address(signed_in: Page, api: Ask, orders: str) -> None:
    signed_in.goto(f"/workflows/{orders}/reports?from=%3Dshop&_tz=Pacific%2FKiritimati")
    assert figures(signed_in, "By stage") == [["New", "1"], ["Packing", "0"], ["Sent", "1"]]
    expect(signed_in.get_by_role("combobox", name="Time zone")).to_have_value("Pacific/Kiritimati")
    signed_in.get_by_role("button", name=re.compile("^Remove the condition|^Remove")).first.click()
    expect(report(signed_in, "By stage").locator("tfoot")).to_contain_text("4")
    assert "shop" not in signed_in.url

    signed_in.get_by_label("To", exact=True).fill("2001-01-01")
    signed_in.get_by_label("To", exact=True).press("Enter")
    expect(report(signed_in, "By stage")).to_contain_text("No task matches")
    assert "_to=2001-01-01" in signed_in.url
    signed_in.get_by_role("radiogroup", name="Days that reports are of").get_by_text(
        "30 days"
    ).click()
    expect(report(signed_in, "By stage").locator("tfoot")).to_contain_text("4")
    asked = re.search(r"_from=(\d{4}-\d\d-\d\d)", signed_in.url)
    assert asked is not None
    told = api("GET", f"/workflows/{orders}/reports/stages", params={"from": asked[1]}).json()
    assert told["total"] == {"count": 4}


def test_a_filter_that_reports_do_not_take_is_told(signed_in: Page, orders: str) -> None:
    where = '{"or":[{"field":"Number","op":"eq","value":"1"},{"field":"Due","op":"exists"}]}'
    signed_in.goto(f"/workflows/{orders}/reports?_where={where}")
    expect(signed_in.get_by_text("Reports cannot use this filter")).to_be_visible()
    signed_in.get_by_role("button", name="Clear the filter").click()
    assert figures(signed_in, "By stage")[0] == ["New", "2"]


def test_a_report_is_saved_by_keyboard(signed_in: Page, orders: str, tmp_path: Path) -> None:
    signed_in.goto(f"/workflows/{orders}/reports?_values=from")
    figures(signed_in, "By from")
    signed_in.get_by_role("radio", name="Week").focus()
    signed_in.keyboard.press("ArrowLeft")
    expect(report(signed_in, "Throughput").locator("tbody tr")).to_have_count(30)
    signed_in.get_by_role("button", name="Download as CSV: By from").focus()
    with signed_in.expect_download() as saving:
        signed_in.keyboard.press("Enter")
    assert saving.value.suggested_filename == f"{orders}.values.csv"
    saving.value.save_as(tmp_path / "values.csv")
    text = (tmp_path / "values.csv").read_text(encoding="utf-8-sig")
    # What a spreadsheet would take for a formula is guarded.
    assert text.splitlines()[1:] == ["'=shop,2", "web,1", ",1"]


def test_an_empty_workflow_says_so(signed_in: Page, make_workflow: MakeWorkflow) -> None:
    signed_in.goto(f"/workflows/{make_workflow(FILE)}/reports")
    expect(signed_in.get_by_text("There is nothing to report yet")).to_be_visible()


def test_no_serious_fault_of_accessibility(signed_in: Page, orders: str, axe: Axe) -> None:
    signed_in.goto(f"/workflows/{orders}/reports?Region=North")
    figures(signed_in, "Overdue")
    signed_in.locator("svg .recharts-bar-rectangle").first.wait_for(state="attached")
    assert axe(signed_in) == []
    signed_in.emulate_media(color_scheme="dark")
    expect(signed_in.locator("html")).to_have_attribute("data-mantine-color-scheme", "dark")
    assert axe(signed_in) == []


def test_a_phone_scrolls_in_one_direction(
    new_page: Callable[..., Page], admin_state: StorageState, orders: str
) -> None:
    page = new_page(storage_state=admin_state, viewport={"width": 390, "height": 844})
    page.goto(f"/workflows/{orders}/reports")
    figures(page, "Age of open tasks")
    assert page.evaluate("document.documentElement.scrollWidth") == 390
    page.goto(f"/workflows/{orders}/api")
    page.get_by_label("Sample in cURL").wait_for()
    assert page.evaluate("document.documentElement.scrollWidth") == 390
