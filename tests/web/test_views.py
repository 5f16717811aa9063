"""Saved views: kept, found again, shared and let go, by mouse and by keyboard."""

from collections.abc import Callable

import requests
from playwright.sync_api import Page, expect

from tests.web.conftest import Axe, MakeWorkflow

Api = Callable[..., requests.Response]

FILE = {
    "title": "Parcels",
    "type": "object",
    "properties": {
        "code": {"title": "Code", "type": "string"},
        "place": {"title": "Place", "type": "string", "enum": ["North", "South"]},
    },
    "workflow": {
        "uniqueId": "code",
        "stages": [{"name": "Here", "initial": True}, {"name": "Gone", "end": True}],
        "transitions": "any",
    },
}
ROWS = [
    {"Code": "P1", "Place": "North"},
    {"Code": "P2", "Place": "South"},
    {"Code": "P3", "Place": "North"},
]


def test_a_view_is_saved_changed_renamed_shared_and_deleted(
    signed_in: Page, make_workflow: MakeWorkflow, api: Api, axe: Axe
) -> None:
    page = signed_in
    workflow = make_workflow(FILE, ROWS)
    page.goto(f"/workflows/{workflow}?Place=North&_sort=-Code")
    menu = page.get_by_role("button", name="Views, now")
    expect(page.get_by_text("2 tasks")).to_be_visible()
    menu.click()
    page.get_by_role("menuitem", name="Save as a new view").click()
    page.get_by_role("textbox", name="Name").fill("In the north")
    page.get_by_role("switch", name="Share with all").check()
    page.get_by_role("button", name="Save", exact=True).click()
    expect(menu).to_have_accessible_name("Views, now In the north")
    link = page.get_by_role("navigation").get_by_role("link", name="In the north")
    expect(link).to_contain_text("2")
    (kept,) = api("GET", f"/workflows/{workflow}/views").json()
    assert kept["query"]["sort"] == ["-Code"]
    assert kept["shared"]

    # The keyboard alone: another order, which is saved; then it is renamed, and kept to oneself.
    page.locator('[data-row="0"][data-col="0"]').click()
    page.keyboard.press("ArrowUp")
    page.keyboard.press("Enter")
    page.get_by_role("button", name="Save view").press("Enter")
    expect(page.get_by_role("button", name="Save view")).to_have_count(0)
    menu.press("Enter")
    page.get_by_role("menuitem", name="Rename").press("Enter")
    page.keyboard.press("Control+a")
    page.keyboard.type("Northern")
    page.keyboard.press("Enter")
    expect(menu).to_have_accessible_name("Views, now Northern")
    menu.press("Enter")
    assert axe(page) == []
    page.get_by_role("menuitem", name="Keep it to yourself").press("Enter")
    expect(page.get_by_role("navigation").get_by_role("link", name="Northern")).to_be_visible()
    page.wait_for_timeout(300)
    (kept,) = api("GET", f"/workflows/{workflow}/views").json()
    assert (kept["name"], kept["shared"], kept["query"].get("sort", [])) == ("Northern", False, [])

    menu.click()
    page.get_by_role("menuitem", name="Delete the view").click()
    page.get_by_role("button", name="Delete", exact=True).click()
    expect(menu).to_have_accessible_name("Views, now All tasks")
    assert api("GET", f"/workflows/{workflow}/views").json() == []


def test_a_view_brings_its_columns_and_what_is_changed_can_be_undone(
    signed_in: Page, make_workflow: MakeWorkflow, api: Api
) -> None:
    page = signed_in
    workflow = make_workflow(FILE, ROWS)
    columns = [
        {"title": "Place", "width": 200},
        {"title": "Code"},
        {"title": "Stage", "hidden": True},
    ]
    body = {"name": "Places", "columns": columns, "query": {"sort": ["Place"]}}
    view = api("POST", f"/workflows/{workflow}/views", json=body).json()
    page.goto(f"/workflows/{workflow}?_view={view['id']}&_sort=Place")
    heads = page.get_by_role("columnheader")
    expect(heads).to_have_count(3)
    expect(heads.nth(1)).to_contain_text("Place")
    expect(heads.nth(1)).to_have_css("width", "200px")

    page.get_by_role("button", name="Menu of the column Code").press("Enter")
    page.get_by_role("menuitem", name="Hide this column").click()
    expect(heads).to_have_count(2)
    page.get_by_role("button", name="Views, now Places").click()
    page.get_by_role("menuitem", name="Undo changes to the view").click()
    expect(heads).to_have_count(3)
    page.goto(f"/workflows/{workflow}")
    expect(heads).to_have_count(5)
