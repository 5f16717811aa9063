"""The designer: a workflow is changed by form and as JSON, and nothing is applied unseen."""

import json
import uuid
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final

import pytest
import requests
from playwright.sync_api import Locator, Page, StorageState, ViewportSize, expect

from tests.web.conftest import Axe, MakeWorkflow, Watch, sign_in

Api = Callable[..., requests.Response]
NewPage = Callable[..., Page]

WIDE: Final[ViewportSize] = {"width": 1440, "height": 900}
EXPRESS: Final = {"properties": {"express": {"const": True}}, "required": ["express"]}
ORDERS: Final[Mapping[str, Any]] = {
    "title": "Purchase orders",
    "type": "object",
    "required": ["supplier"],
    "properties": {
        "number": {"title": "Number", "type": "string"},
        "supplier": {"title": "Supplier", "type": "string", "maxLength": 60},
        "priority": {"title": "Priority", "type": "string", "enum": ["Low", "High"]},
        "amount": {"title": "Amount", "type": "string"},
        "note": {"title": "Note", "type": "string"},
        "express": {"title": "Express?", "type": "boolean", "default": False},
    },
    "workflow": {
        "uniqueId": "number",
        "stages": [{"name": "Open"}, {"name": "Ordered"}, {"name": "Received", "end": True}],
        "reminders": [],
        "sections": [{"title": "Order", "fields": ["number", "supplier"], "show": EXPRESS}],
    },
}
ROWS: Final[Sequence[Mapping[str, str]]] = (
    {"Number": "a1", "Supplier": "Northwind", "Amount": "10.50", "Note": "one"},
    {"Number": "a2", "Supplier": "Fabrikam", "Amount": "99", "Note": "two"},
    {"Number": "a3", "Supplier": "Contoso", "Amount": "ten"},
)
KINDS: Final = 21


@pytest.fixture
def orders(make_workflow: MakeWorkflow) -> str:
    """Make a workflow with three tasks."""
    workflow = {name: part for name, part in ORDERS["workflow"].items() if name != "reminders"}
    return make_workflow({**ORDERS, "workflow": workflow}, ROWS)


@pytest.fixture
def designer(new_page: NewPage, admin_state: StorageState, orders: str) -> Page:
    """Open the designer of the orders."""
    page = new_page(storage_state=admin_state, viewport=WIDE)
    page.goto(f"/workflows/{orders}/designer")
    field(page, "Number").wait_for()
    page.locator(".cm-content").wait_for()
    return page


def field(page: Page, title: str) -> Locator:
    """Find a field in the list of fields."""
    return page.get_by_role("list", name="Fields").get_by_role("button", name=title).last


def drag(page: Page, what: Locator, to: Locator) -> None:
    """Drag by mouse, as a hand does: in many small steps."""
    what.hover()
    page.mouse.down()
    box = to.bounding_box()
    assert box is not None
    page.mouse.move(box["x"] + 10, box["y"] + box["height"] / 2, steps=12)
    page.mouse.up()


def tab(page: Page, name: str) -> None:
    page.get_by_role("tab", name=name, exact=True).click()


def choose(page: Page, name: str, option: str) -> None:
    page.get_by_role("combobox", name=name, exact=True).click()
    page.get_by_role("option", name=option, exact=True).click()


def review(page: Page) -> Locator:
    page.get_by_role("button", name="Review and save").click()
    dialog = page.get_by_role("dialog", name="Review before saving")
    dialog.wait_for()
    return dialog


def go_back(page: Page, workflow: str) -> None:
    """Look at the first version, and go back to it."""
    page.get_by_role("button", name="Versions").click()
    versions = page.get_by_role("dialog", name="Versions")
    versions.get_by_role("button", name="Look at it 1").click()
    dialog = page.get_by_role("dialog", name="Version 1")
    expect(dialog.locator(".cm-content")).to_contain_text('"note"')
    dialog.get_by_role("button", name="Go back to it").click()
    dialog = page.get_by_role("dialog", name="Go back to version 1")
    dialog.get_by_text("What changes").wait_for()
    word = dialog.get_by_label(f"Type {workflow} to confirm")
    if word.count():
        word.fill(workflow)
    dialog.get_by_role("button", name="Go back", exact=True).click()


def file_of(api: Api, workflow: str) -> dict[str, Any]:
    return dict(api("GET", f"/workflows/{workflow}").json()["file"])


def write_json(page: Page, text: str) -> None:
    """Put a text in place of the JSON, as one who pastes it."""
    page.locator(".cm-content").click()
    page.keyboard.press("ControlOrMeta+a")
    page.keyboard.insert_text(text)


def test_what_changes_is_planned_read_and_applied(
    designer: Page, api: Api, orders: str, axe: Axe
) -> None:
    page = designer
    page.get_by_role("button", name="Add a field").click()
    page.get_by_role("button", name="Date A day").click()
    title = page.get_by_role("textbox", name="Title", exact=True)
    expect(title).to_be_focused()
    title.fill("Ship by")
    preview = page.get_by_role("region", name="Preview")
    expect(preview.get_by_role("textbox", name="Ship by")).to_be_visible()
    expect(page.locator(".cm-content")).to_contain_text('"ship_by"')

    field(page, "Note").click()
    page.get_by_role("button", name="Remove", exact=True).click()
    field(page, "Supplier").click()
    drag(page, page.get_by_role("button", name="Move Express?"), field(page, "Number"))
    expect(page.get_by_text("Express? is now 1 of 6")).to_be_attached()
    page.get_by_label("At most so many characters").fill("7")
    field(page, "Amount").click()
    choose(page, "Kind", "Number")
    tab(page, "Stages")
    page.get_by_label("Name of stage 2").fill("Sent off")
    page.get_by_text("Chosen ones").click()
    page.get_by_label("From Open to Received").uncheck()
    assert axe(page) == []

    dialog = review(page)
    expect(dialog.get_by_text("the field 'Ship by' (date) is added")).to_be_visible()
    expect(dialog.get_by_text("Supplier must have at most 7 characters")).to_be_visible()
    expect(dialog.get_by_text("2 values convert. 1 does not")).to_be_visible()
    expect(dialog.get_by_role("link", name="Show in the table")).to_be_visible()
    expect(dialog.get_by_text("Note", exact=True)).to_be_visible()
    save = dialog.get_by_role("button", name="Save this version")
    expect(save).to_be_disabled()
    assert "ship_by" not in file_of(api, orders)["properties"]
    dialog.get_by_label(f"Type {orders} to confirm").fill(orders)
    save.click()
    expect(page.get_by_text("Version 2", exact=True)).to_be_visible()

    stored = file_of(api, orders)
    assert next(iter(stored["properties"])) == "express"
    assert stored["workflow"]["stages"][1] == {"name": "Sent off", "key": "Ordered"}
    assert stored["workflow"]["transitions"]["Open"] == ["Sent off"]
    assert stored["workflow"]["sections"] == ORDERS["workflow"]["sections"]

    go_back(page, orders)
    expect(page.get_by_text("Version 3", exact=True)).to_be_visible()
    told = api("GET", f"/workflows/{orders}/tasks", params={"_sort": "Number"}).json()
    assert [task["Amount"] for task in told] == ["10.50", "99", "ten"]


def test_by_keyboard_alone(designer: Page, api: Api, orders: str) -> None:
    page = designer
    page.get_by_role("button", name="Move Number").focus()
    page.keyboard.press("ArrowDown")
    expect(page.get_by_text("Number is now 2 of 6")).to_be_attached()
    expect(page.get_by_role("button", name="Move Number")).to_be_focused()
    page.keyboard.press("ArrowDown")
    page.get_by_role("button", name="Add a field").focus()
    page.keyboard.press("Enter")
    page.keyboard.type("percent")
    page.keyboard.press("Enter")
    expect(page.get_by_role("textbox", name="Title", exact=True)).to_be_focused()
    page.keyboard.type("Discount")
    page.keyboard.press("ControlOrMeta+s")
    dialog = page.get_by_role("dialog", name="Review before saving")
    expect(dialog.get_by_text("No task loses or breaks anything")).to_be_visible()
    dialog.get_by_role("button", name="Save this version").focus()
    page.keyboard.press("Enter")
    expect(page.get_by_text("Version 2", exact=True)).to_be_visible()
    keys = list(file_of(api, orders)["properties"])
    assert keys == ["supplier", "priority", "number", "amount", "note", "express", "discount"]


def test_json_and_forms_show_the_same_and_faults_say_where(
    designer: Page, watched: Watch, orders: str
) -> None:
    page = designer
    changed = json.loads(json.dumps(ORDERS))
    del changed["workflow"]["reminders"]
    changed["properties"]["supplier"]["title"] = "Seller"
    write_json(page, json.dumps(changed, indent=2))
    expect(field(page, "Seller")).to_be_visible()

    write_json(page, '{"title": "Orders",\n "properties": {"a" 1}}')
    expect(page.get_by_text("stops making sense at line 2, column 21")).to_be_visible()
    expect(field(page, "Seller")).to_be_visible()
    expect(page.get_by_role("textbox", name="Title", exact=True)).to_be_disabled()
    expect(page.get_by_role("button", name="Review and save")).to_be_disabled()
    page.get_by_role("button", name="Go back to the last that worked").click()
    expect(page.get_by_role("textbox", name="Title", exact=True)).to_be_enabled()

    changed["workflow"]["stages"][0]["wipLimit"] = 0
    write_json(page, json.dumps(changed, indent=2))
    page.get_by_role("button", name="workflow › stages › 0 › wipLimit").click()
    limit = page.get_by_label("At most so many tasks in Open")
    expect(limit).to_have_attribute("aria-invalid", "true")
    del changed["workflow"]["stages"][0]["wipLimit"]
    write_json(page, json.dumps(changed, indent=2))

    tab(page, "Fields")
    field(page, "Note").click()
    page.get_by_role("textbox", name="Title", exact=True).fill("Seller")
    watched.expected.add(422)
    dialog = review(page)
    expect(dialog.get_by_role("alert")).to_contain_text("Seller")
    dialog.get_by_role("button", name="Go on editing").click()
    panel = page.get_by_role("tabpanel", name="Fields")
    expect(panel.get_by_role("alert")).to_contain_text("is also the title of 'supplier'")
    page.get_by_role("textbox", name="Title", exact=True).fill("Remark")
    page.wait_for_function("() => Object.values(localStorage).some(one => one.includes('Remark'))")
    page.reload()
    expect(field(page, "Remark")).to_be_visible()
    expect(page.get_by_text("changes that are not saved yet")).to_be_visible()
    page.get_by_role("button", name="More", exact=True).click()
    page.get_by_role("menuitem", name="Discard changes").click()
    page.get_by_role("dialog").get_by_role("button", name="Discard changes").click()
    expect(field(page, "Note")).to_be_visible()


def test_a_plan_that_is_not_true_any_more_is_made_anew(
    designer: Page, api: Api, orders: str, watched: Watch
) -> None:
    page = designer
    field(page, "Note").click()
    page.get_by_role("textbox", name="Title", exact=True).fill("Remark")
    dialog = review(page)
    dialog.get_by_text("What changes").wait_for()
    other = {**file_of(api, orders), "description": "Said by somebody else."}
    assert api("PUT", f"/workflows/{orders}", json=other).status_code == requests.codes.ok
    watched.expected.add(409)
    dialog.get_by_role("button", name="Save this version").click()
    expect(dialog.get_by_text("The workflow changed while you were reading")).to_be_visible()
    expect(dialog.get_by_text("Version 2 becomes version 3")).to_be_visible()
    dialog.get_by_role("button", name="Save this version").click()
    expect(page.get_by_text("Version 3", exact=True)).to_be_visible()


def test_what_blocks_a_plan_is_told_and_kept_values_are_purged(
    designer: Page, api: Api, orders: str
) -> None:
    page = designer
    tab(page, "Stages")
    page.get_by_role("button", name="Remove the stage Open").click()
    dialog = review(page)
    expect(dialog.get_by_text("lack 'Open', which holds 3 tasks")).to_be_visible()
    expect(dialog.get_by_role("button", name="Save this version")).to_be_disabled()
    dialog.get_by_role("button", name="Go on editing").click()
    page.get_by_role("button", name="Undo").click()
    file = file_of(api, orders)
    del file["properties"]["note"]
    assert api("PUT", f"/workflows/{orders}", json=file).status_code == requests.codes.ok
    page.reload()
    tab(page, "General")
    page.get_by_role("button", name="Purge Note").click()
    dialog = page.get_by_role("dialog", name="Purge “Note”?")
    dialog.get_by_label("Type note to confirm").fill("note")
    dialog.get_by_role("button", name="Purge").click()
    expect(page.get_by_text("There are none.")).to_be_visible()
    assert api("GET", f"/workflows/{orders}/removed").json() == []


def test_a_new_workflow_is_begun_reviewed_and_created(signed_in: Page, api: Api) -> None:
    page = signed_in
    page.set_viewport_size(WIDE)
    page.goto("/workflows/new")
    page.get_by_role("button", name="Start from little").click()
    name = f"Visits {uuid.uuid4().hex[:8]}"
    page.get_by_label("Name", exact=True).fill(name)
    page.get_by_role("button", name="Review and create").click()
    dialog = page.get_by_role("dialog", name="Review before creating")
    expect(dialog.get_by_text("Not Started → In Progress → Done")).to_be_visible()
    dialog.get_by_role("button", name="Create the workflow").click()
    page.wait_for_url("**/designer")
    assert file_of(api, page.url.split("/")[-2])["title"] == name
    page.goto("/workflows/new")
    page.get_by_role("button", name="Bug tracker").first.click()
    expect(page.get_by_label("Name", exact=True)).to_have_value("Bug tracker copy")
    expect(page.get_by_label("ID", exact=True)).to_have_value("bug-tracker-copy")


def test_who_may_not_change_it_reads_it(page: Page, api: Api, orders: str) -> None:
    email, password = f"{uuid.uuid4().hex[:8]}@example.com", "another password of some words"
    user = {"email": email, "role": "member", "password": password}
    assert api("POST", "/users", json=user).status_code == requests.codes.created
    sign_in(page, email, password)
    page.goto(f"/workflows/{orders}/designer")
    field(page, "Supplier").click()
    expect(page.get_by_text("You can look at this workflow")).to_be_visible()
    expect(page.get_by_role("textbox", name="Title", exact=True)).to_be_disabled()
    expect(page.get_by_role("button", name="Add a field")).to_have_count(0)
    expect(page.get_by_role("button", name="Review and save")).to_have_count(0)


@pytest.mark.soak
@pytest.mark.parametrize("size", [WIDE, {"width": 390, "height": 844}], ids=["wide", "phone"])
def test_every_part_with_every_kind(
    designer: Page, orders: str, api: Api, axe: Axe, size: ViewportSize
) -> None:
    page = designer
    page.set_viewport_size(size)
    for at in range(KINDS):
        page.get_by_role("button", name="Add a field").click()
        palette = page.get_by_role("dialog", name="What kind of field?")
        assert palette.locator("section button").count() == KINDS
        palette.locator("section button").nth(at).click()
        palette.wait_for(state="hidden")
        assert axe(page) == []
    for part in ("Stages", "Permissions", "Form", "General"):
        tab(page, part)
        if part == "Permissions":
            page.get_by_role("button", name="Set roles for this workflow").click()
            page.get_by_label("Member: Amount", exact=True).select_option("hidden")
        if part == "Form":
            page.get_by_role("button", name="Add a rule").click()
        assert axe(page) == []
    dialog = review(page)
    dialog.get_by_text("What changes").wait_for()
    assert axe(page) == []
    dialog.get_by_role("button", name="Save this version").click()
    expect(page.get_by_text("Version 2", exact=True)).to_be_visible()
    stored = file_of(api, orders)
    assert len(stored["properties"]) == len(ORDERS["properties"]) + KINDS
    assert stored["workflow"]["roles"][2]["fields"] == {"amount": {"read": False}}
