"""The first start: from a file or a template to a workflow of one's own."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final

import pytest
import requests
from playwright.sync_api import Page, expect

from tests.servers import ROOT
from tests.web.conftest import Axe, Watch
from tests.web.hands import drop, payload, wait_for_draft

TEMPLATES: Final = sorted(
    (ROOT / "platform" / "web" / "src" / "pages" / "welcome" / "templates").glob("*.json")
)
ROWS: Final = (
    "Order No,Customer,Ordered on,Total,Priority,Status\n"
    "A-1,Acorn,2026-01-03,125.50,High,New\n"
    "A-2,Birch,2026-01-04,82.00,Low,Packed\n"
    "A-3,Cedar,2026-01-05,940.10,Low,Shipped\n"
    "A-4,Dogwood,2026-01-06,77.00,High,New\n"
    "A-5,Elm,2026-01-07,12.25,Low,Packed\n"
)

Api = Callable[..., requests.Response]


def propose(page: Page, name: str) -> None:
    """Drop the rows on the page as a file of this name."""
    page.goto("/welcome")
    drop(page, name, ROWS)
    page.get_by_role("heading", name="This is what we propose").wait_for()


def test_a_dropped_file_becomes_a_workflow_with_its_rows(
    signed_in: Page, api: Api, axe: Axe
) -> None:
    page = signed_in
    propose(page, "dropped_orders.csv")
    expect(page.get_by_label("Name of the workflow")).to_have_value("Dropped orders")
    expect(page.get_by_label("Order No tells tasks apart")).to_be_checked()
    expect(page.get_by_role("combobox", name="What Ordered on holds")).to_have_value("Date")
    expect(page.get_by_label("Stage 3")).to_have_value("Shipped")
    for scheme in ("light", "dark"):
        page.emulate_media(color_scheme=scheme)
        assert [] == axe(page)

    page.get_by_role("combobox", name="What Total holds").click()
    page.get_by_role("option", name="Amount of money").click()
    page.get_by_label("Title", exact=True).nth(1).fill("Bought by")
    page.get_by_role("button", name="Remove Priority").click()
    page.get_by_label("Stage 2").fill("Packed")
    wait_for_draft(page, "Bought by")
    page.reload()
    expect(page.get_by_label("Title", exact=True).nth(1)).to_have_value("Bought by")
    page.get_by_role("button", name="Create it and import 5 rows").click()
    expect(page).to_have_url("/workflows/dropped-orders")
    found = {
        task["Order No"]: task for task in api("GET", "/workflows/dropped-orders/tasks").json()
    }
    assert 5 == len(found)
    assert ("Cedar", "940.10", "Shipped") == tuple(
        found["A-3"][title] for title in ("Bought by", "Total", "Stage")
    )
    assert "Priority" not in found["A-3"]
    page.goto("/welcome")
    expect(page.get_by_role("heading", name="Set up your workflow")).to_be_visible()


def test_a_template_is_made_ones_own_by_keyboard_alone(signed_in: Page, api: Api) -> None:
    page = signed_in
    page.goto("/welcome")
    page.get_by_role("button", name="Hiring").focus()
    page.keyboard.press("Enter")
    name = page.get_by_label("Name of the workflow")
    name.focus()
    page.keyboard.press("ControlOrMeta+a")
    page.keyboard.type("New people")
    page.get_by_role("button", name="Remove Salary expectation").focus()
    page.keyboard.press("Enter")
    page.get_by_role("button", name="Move Screening up").focus()
    page.keyboard.press("Enter")
    expect(page.get_by_label("Stage 1")).to_have_value("Screening")
    page.get_by_role("button", name="Create the workflow").focus()
    page.keyboard.press("Enter")
    expect(page).to_have_url("/workflows/new-people")
    made = api("GET", "/workflows/new-people").json()
    assert "Salary expectation" not in [field["name"] for field in made["fields"]]
    assert ["Screening", "Applied"] == [stage["name"] for stage in made["stages"]][:2]


def test_one_looks_at_the_sample_and_comes_back(signed_in: Page, axe: Axe) -> None:
    signed_in.goto("/welcome")
    signed_in.get_by_role("button", name="Bug tracking").wait_for()
    for scheme in ("light", "dark"):
        signed_in.emulate_media(color_scheme=scheme)
        assert [] == axe(signed_in)
    signed_in.get_by_role("link", name="First look around").click()
    expect(signed_in).to_have_url("/workflows/team-tasks/board")
    signed_in.go_back()
    expect(signed_in.get_by_role("heading", name="Set up your workflow")).to_be_visible()


def test_every_fault_of_what_was_corrected_is_told_and_nothing_is_lost(
    signed_in: Page, watched: Watch
) -> None:
    watched.expected.add(422)
    page = signed_in
    page.goto("/welcome")
    page.get_by_role("button", name="Begin with nothing").click()
    page.get_by_role("button", name="Add a field").click()
    create = page.get_by_role("button", name="Create the workflow")
    expect(create).to_be_disabled()
    page.get_by_label("Title", exact=True).last.fill("Title")
    create.click()
    expect(page.get_by_role("alert")).to_contain_text("Title")
    page.get_by_label("Title", exact=True).last.fill("Second")
    expect(create).to_be_enabled()


def test_what_is_no_file_of_rows_is_refused_with_a_reason(signed_in: Page, watched: Watch) -> None:
    watched.expected.add(422)
    signed_in.goto("/welcome")
    photo = payload("photo.xlsx", b"\x89PNG\r\n", "image/png")
    signed_in.get_by_label("File", exact=True).set_input_files(photo)
    expect(signed_in.get_by_role("alert")).to_contain_text("is no spreadsheet")
    expect(signed_in.get_by_role("button", name="Hiring")).to_be_visible()


@pytest.mark.parametrize("template", TEMPLATES, ids=lambda path: path.stem)
def test_every_template_is_a_good_workflow(template: Path, api: Api) -> None:
    file: dict[str, Any] = json.loads(template.read_text(encoding="utf-8"))
    told = api("POST", "/workflows", json={**file, "$id": f"template-{template.stem}"})
    assert requests.codes.created == told.status_code, told.text


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
def test_nobody_is_shut_out_on_any_step(anywhere: Page, axe: Axe) -> None:
    page = anywhere
    page.goto("/welcome")
    for template in ("Sales pipeline", "Purchase approvals"):
        page.get_by_role("button", name=template).click()
        page.get_by_role("heading", name="Make it yours").wait_for()
        assert [] == axe(page)
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
        page.get_by_role("button", name="Begin anew").click()
    propose(page, "orders.csv")
    page.get_by_role("button", name="How it is read").click()
    assert [] == axe(page)
