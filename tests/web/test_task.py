"""The page of a task: its form, stage, files, links, approvals and history, as people use them."""

import base64
from collections.abc import Callable, Mapping
from typing import Any, Literal

import pytest
import requests
from playwright.sync_api import Locator, Page, StorageState, expect

from tests.web.conftest import ADMIN, Axe, MakeWorkflow, Watch

Api = Callable[..., requests.Response]
NewPage = Callable[..., Page]

PNG = base64.b64decode(
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="
)
PDF = (
    b"%PDF-1.4\n1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj 2 0 obj<</Type/Pages/Kids[3 0 R]"
    b"/Count 1>>endobj 3 0 obj<</Type/Page/Parent 2 0 R/MediaBox[0 0 200 200]>>endobj\n"
    b"trailer<</Root 1 0 R>>\n%%EOF"
)
CUSTOMERS: Mapping[str, Any] = {
    "title": "Customers",
    "type": "object",
    "properties": {
        "code": {"title": "Code", "type": "string"},
        "name": {"title": "Name", "type": "string", "filterable": True},
    },
    "workflow": {"uniqueId": "code"},
}
EXPRESS = {"properties": {"express": {"const": True}}, "required": ["express"]}
ORDERS: Mapping[str, Any] = {
    "title": "Orders",
    "type": "object",
    "required": ["customer"],
    "properties": {
        "number": {"title": "Number", "type": "integer"},
        "customer": {"title": "Customer", "type": "string", "maxLength": 60},
        "email": {"title": "E-mail", "type": "string", "format": "email"},
        "priority": {"title": "Priority", "type": "string", "enum": ["Low", "High"]},
        "tags": {"title": "Tags", "type": "array", "items": {"enum": ["Fragile", "Gift"]}},
        "total": {"title": "Total", "type": "number", "format": "currency", "minimum": 0},
        "discount": {"title": "Discount", "type": "number", "format": "percent", "maximum": 40},
        "reason": {"title": "Reason", "type": "string"},
        "notes": {"title": "Notes", "type": "string", "format": "long-text"},
        "express": {"title": "Express?", "type": "boolean", "default": False},
        "ship_by": {"title": "Ship by", "type": "string", "format": "date"},
        "pickup": {"title": "Pick-up", "type": "string", "format": "date-time"},
        "packer": {"title": "Packer", "type": "string", "format": "person"},
        "items": {"title": "Items", "type": "array", "format": "checklist"},
        "papers": {"title": "Papers", "type": "array", "items": {"format": "file"}},
    },
    "dependentRequired": {"discount": ["reason"]},
    "if": EXPRESS,
    "then": {"required": ["ship_by"]},
    "else": {"properties": {"pickup": False}},
    "workflow": {
        "uniqueId": {"field": "number", "autoIncrement": True},
        "stages": [
            {"name": "Open", "initial": True, "colour": "orange"},
            {"name": "Packed", "colour": "blue", "require": ["total", "packer"]},
            {"name": "Sent", "end": True, "colour": "green"},
            {"name": "Cancelled", "end": True, "colour": "grey"},
        ],
        "transitions": {"Open": ["Packed", "Cancelled"], "Packed": ["Open", "Sent"]},
        "checklist": {"items": "items"},
        "sections": [
            {"title": "Order", "fields": ["number", "customer", "email", "priority", "tags"]},
            {
                "title": "Money",
                "description": "What the customer pays.",
                "fields": ["total", "discount", "reason"],
            },
            {"title": "Delivery", "fields": ["ship_by", "pickup"], "show": EXPRESS},
        ],
    },
}
ORDER: Mapping[str, Any] = {
    "Customer": "Northwind Supplies",
    "E-mail": "buyer@example.com",
    "Priority": "High",
    "Tags": ["Fragile"],
    "Total": "1240.5",
    "Express?": True,
    "Ship by": "2031-03-01",
    "Pick-up": "2031-03-01T23:30:00Z",
    "Notes": "Ring the bell at the back door.\nNo deliveries before nine.",
    "Items": [{"text": "Pack the goods", "done": True}, {"text": "Print the label"}],
    "Assigned To": ADMIN,
}


def by_id(workflow: str, task: Mapping[str, Any]) -> str:
    return f"/workflows/{workflow}/tasks/by-id/{task['Task URL'][-24:]}"


def made(api: Api, workflow: str, values: Mapping[str, Any]) -> dict[str, Any]:
    answer = api("POST", f"/workflows/{workflow}/tasks", json=values)
    assert answer.status_code == requests.codes.created, answer.text
    return dict(answer.json())


def fill_orders(api: Api, make_workflow: MakeWorkflow) -> tuple[str, dict[str, Any]]:
    """Make orders that are linked to customers, and one of them with all it can have."""
    customers = make_workflow(
        CUSTOMERS, [{"Code": "C-1", "Name": "Northwind"}, {"Code": "C-2", "Name": "Fabrikam"}]
    )
    link = {"name": "Bought by", "to": customers, "inverse": "Orders", "cardinality": "many-to-one"}
    workflow = make_workflow({**ORDERS, "workflow": {**ORDERS["workflow"], "links": [link]}})
    files = [
        ("file", ("label.png", PNG, "image/png")),
        ("file", ("list.txt", b"one\ntwo\n", "text/plain")),
    ]
    papers = api("POST", "/files", files=files).json()
    order = made(api, workflow, {**ORDER, "Papers": papers, "Bought by": {"Code": "C-1"}})
    path = by_id(workflow, order)
    api("PUT", path, json={"Total": "1312.40", "Priority": "Low"})
    api("PUT", path, json={"Notes": "Ring the bell at the back door."})
    return workflow, order


@pytest.fixture
def orders(make_workflow: MakeWorkflow) -> str:
    """Make orders that there are none of yet."""
    return make_workflow(ORDERS)


def opened(page: Page, task: Mapping[str, Any]) -> Page:
    """Go to the page of a task, and wait until it is whole."""
    page.goto(task["Task URL"])
    page.get_by_text("created the task").wait_for()
    return page


def box(page: Page, name: str) -> Locator:
    return page.get_by_role("textbox", name=name, exact=True)


def read(api: Api, workflow: str, task: Mapping[str, Any]) -> Mapping[str, Any]:
    return dict(api("GET", by_id(workflow, task)).json())


# --- the form ----------------------------------------------------------------------------------


def test_the_form_follows_the_rules_as_one_types(
    signed_in: Page, api: Api, orders: str, watched: Watch
) -> None:
    watched.expected.add(422)
    task = made(api, orders, {"Customer": "Northwind"})
    page = opened(signed_in, task)
    delivery = page.get_by_role("heading", name="Delivery")
    expect(page.get_by_role("heading", name="Money")).to_be_visible()
    expect(delivery).to_have_count(0)

    page.get_by_label("Express?").check()
    expect(delivery).to_be_visible()
    expect(box(page, "Ship by")).to_have_attribute("required", "")
    expect(box(page, "Reason")).not_to_have_attribute("required", "")
    box(page, "Discount").fill("41")
    expect(page.get_by_text("must be at most 40")).to_be_visible()
    expect(box(page, "Reason")).to_have_attribute("required", "")
    page.get_by_role("button", name="Save").click()
    for name in ("Ship by", "Reason", "Discount"):
        expect(box(page, name)).to_have_attribute("aria-invalid", "true")
    expect(page.get_by_text("5 unsaved")).to_have_count(0)

    box(page, "Discount").fill("40")
    box(page, "Reason").fill("an old customer")
    box(page, "Ship by").fill("2031-03-01")
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_role("region", name="Draft")).to_have_count(0)
    saved = read(api, orders, task)
    assert ("40", "2031-03-01", True) == tuple(
        saved[title] for title in ("Discount", "Ship by", "Express?")
    )


def test_a_task_is_made_and_moved_by_keyboard_alone(signed_in: Page, api: Api, orders: str) -> None:
    page = signed_in
    page.goto(f"/workflows/{orders}/new")
    expect(box(page, "Customer")).to_be_focused()
    page.keyboard.type("Typed <b>by hand</b>")
    page.keyboard.press("Tab")
    page.keyboard.type("buyer@example.com")
    for key in ("Tab", "H", "i", "ArrowDown", "Enter", "Control+s"):
        page.keyboard.press(key)
    expect(page.get_by_role("heading", level=1)).to_have_text("Typed <b>by hand</b>")
    page.get_by_text("created the task").wait_for()
    (task,) = api("GET", f"/workflows/{orders}/tasks").json()
    assert ("buyer@example.com", "High", "Open") == tuple(
        task[title] for title in ("E-mail", "Priority", "Stage")
    )

    page.keyboard.press("Escape")
    page.locator("h1").click()
    page.keyboard.press("m")
    expect(page.get_by_role("button", name="Move to Packed")).to_be_focused()
    page.keyboard.press("Enter")
    expect(box(page, "Total")).to_be_focused()
    page.keyboard.type("12.5")
    page.locator("h1").click()
    for key in ("m", "Tab", "Tab"):
        page.keyboard.press(key)
    expect(page.get_by_role("button", name="Move to Cancelled")).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.get_by_text("This stage leads nowhere.")).to_be_visible()
    saved = read(api, orders, task)
    assert ("12.50", "Cancelled") == (saved["Total"], saved["Stage"])
    page.keyboard.press("?")
    expect(page.get_by_role("dialog").get_by_text("Save the task")).to_be_visible()


def test_a_stage_says_what_it_needs_and_leads_to_it(signed_in: Page, api: Api, orders: str) -> None:
    task = made(api, orders, {"Customer": "Northwind"})
    page = opened(signed_in, task)
    packed = page.get_by_role("listitem").filter(
        has=page.get_by_role("button", name="Move to Packed")
    )
    expect(packed).to_contain_text("Needs Total, Packer")

    packed.get_by_role("button", name="Packer").click()
    expect(page.get_by_role("combobox", name="Packer")).to_be_focused()
    page.get_by_role("combobox", name="Packer").click()
    page.get_by_role("option").first.click()
    expect(packed).to_contain_text("Needs Total")
    box(page, "Total").fill("9")
    page.get_by_role("button", name="Move to Packed").click()

    expect(page.get_by_role("button", name="Move to Sent")).to_be_visible()
    saved = read(api, orders, task)
    assert ("9.00", ADMIN, "Packed") == (saved["Total"], saved["Packer"], saved["Stage"])


# --- drafts, and what others do meanwhile ------------------------------------------------------


def test_what_is_not_saved_survives_a_reload_and_another_page(
    signed_in: Page, api: Api, orders: str
) -> None:
    task = made(api, orders, {"Customer": "Northwind"})
    page = opened(signed_in, task)
    box(page, "Customer").fill("Northwind Ltd")
    page.reload()

    expect(box(page, "Customer")).to_have_value("Northwind Ltd")
    expect(page.get_by_role("status").filter(has_text="1 unsaved change")).to_be_visible()
    page.get_by_role("link", name="All workflows").click()
    expect(page).to_have_url("/")
    page.go_back()
    expect(box(page, "Customer")).to_have_value("Northwind Ltd")
    page.get_by_role("button", name="Put back Customer").click()
    expect(page.get_by_role("region", name="Draft")).to_have_count(0)
    box(page, "Customer").fill("Northwind Inc")
    page.get_by_role("button", name="Discard").click()
    page.get_by_role("dialog").get_by_role("button", name="Discard").click()
    expect(box(page, "Customer")).to_have_value("Northwind")
    page.goto(f"/workflows/{orders}/new")
    box(page, "Customer").fill("Half typed")
    page.reload()
    expect(box(page, "Customer")).to_have_value("Half typed")
    assert "Northwind" == read(api, orders, task)["Customer"]


@pytest.mark.parametrize("choice", [("Keep mine", "Mine"), ("Take theirs", "Theirs")])
def test_what_two_changed_is_shown_and_chosen(
    signed_in: Page, api: Api, orders: str, watched: Watch, choice: tuple[str, str]
) -> None:
    watched.expected.add(412)
    button, kept = choice
    task = made(api, orders, {"Customer": "First", "Reason": "None"})
    page = opened(signed_in, task)
    box(page, "Customer").fill("Mine")
    box(page, "E-mail").fill("buyer@example.com")
    api("PUT", by_id(orders, task), json={"Customer": "Theirs", "Reason": "Told by them"})
    page.keyboard.press("Control+s")

    clash = page.get_by_role("group", name="Two changes of Customer")
    for side in ("First", "Theirs", "Mine"):
        expect(clash.get_by_text(side, exact=True).last).to_be_visible()
    expect(box(page, "Reason")).to_have_value("Told by them")
    clash.get_by_role("button", name=button).click()
    expect(clash).to_have_count(0)
    page.keyboard.press("Control+s")
    expect(page.get_by_role("region", name="Draft")).to_have_count(0)
    saved = read(api, orders, task)
    assert (kept, "buyer@example.com", "Told by them") == tuple(
        saved[title] for title in ("Customer", "E-mail", "Reason")
    )


def test_a_task_that_is_deleted_under_ones_hands_can_be_made_again(
    signed_in: Page, api: Api, orders: str, watched: Watch
) -> None:
    watched.expected.add(404)
    task = made(api, orders, {"Customer": "Northwind", "Notes": "as it was"})
    page = opened(signed_in, task)
    box(page, "Customer").fill("Northwind Ltd")
    api("DELETE", by_id(orders, task))
    page.keyboard.press("Control+s")
    expect(page.get_by_text("This task was deleted")).to_be_visible()
    page.reload()
    expect(box(page, "Customer")).to_have_value("Northwind Ltd")

    page.get_by_role("button", name="Create it again").click()

    page.wait_for_url(lambda url: not url.endswith(task["Task URL"][-24:]))
    (again,) = api("GET", f"/workflows/{orders}/tasks").json()
    assert ("Northwind Ltd", "as it was") == (again["Customer"], again["Notes"])
    expect(page.get_by_role("region", name="Draft")).to_have_count(0)


# --- history -----------------------------------------------------------------------------------


def test_a_change_is_told_and_taken_back(
    signed_in: Page, api: Api, orders: str, watched: Watch
) -> None:
    watched.expected.add(409)
    task = made(api, orders, {"Customer": "First", "Priority": "Low"})
    api("PUT", by_id(orders, task), json={"Priority": "High"})
    api("PUT", by_id(orders, task), json={"Customer": "Second"})
    api("PUT", by_id(orders, task), json={"Customer": "Third"})
    page = opened(signed_in, task)
    history = page.get_by_role("region", name="History")
    expect(history).to_contain_text("Priorityfrom Low to High")

    history.get_by_role("button", name="Undo the change of Priority").click()
    expect(page.get_by_text("The change was taken back")).to_be_visible()
    assert "Low" == read(api, orders, task)["Priority"]
    history.get_by_role("button", name="Undo the change of Customer").last.click()
    late = page.get_by_role("dialog")
    expect(late.get_by_role("group", name="Two changes of Customer")).to_contain_text("Third")
    late.get_by_role("button", name="Keep mine").click()
    expect(box(page, "Customer")).to_have_value("First")
    page.keyboard.press("Control+s")
    expect(page.get_by_role("region", name="Draft")).to_have_count(0)
    assert "First" == read(api, orders, task)["Customer"]


# --- files and links ---------------------------------------------------------------------------

SCRIPT = "<img src=x onerror=\"window.broken='file'\">.png"


def test_files_are_dropped_shown_and_removed(signed_in: Page, api: Api, orders: str) -> None:
    task = made(api, orders, {"Customer": "Northwind"})
    page = opened(signed_in, task)
    zone = page.get_by_label("Add files: Papers")
    zone.set_input_files({"name": "notes.txt", "mimeType": "text/plain", "buffer": b"one\ntwo"})
    expect(page.get_by_text("7 bytes")).to_be_visible()
    dropped = page.evaluate_handle(
        """([name, content]) => {
            const data = new DataTransfer();
            const bytes = Uint8Array.from(atob(content), (sign) => sign.charCodeAt(0));
            data.items.add(new File([bytes], name, {type: "image/png"}));
            return data;
        }""",
        [SCRIPT, base64.b64encode(PNG).decode()],
    )
    page.get_by_text("Drop files here").dispatch_event("drop", {"dataTransfer": dropped})
    page.get_by_role("button", name=f"Preview {SCRIPT}").click()
    expect(page.get_by_role("dialog").get_by_role("img", name=SCRIPT)).to_be_visible()
    page.keyboard.press("Escape")
    zone.set_input_files({"name": "bill.pdf", "mimeType": "application/pdf", "buffer": PDF})
    page.get_by_role("button", name="Preview bill.pdf").click()
    expect(page.get_by_role("dialog").get_by_title("bill.pdf").last).to_be_visible()
    page.keyboard.press("Escape")
    page.get_by_role("button", name="Remove bill.pdf").click()
    page.get_by_role("button", name="Preview notes.txt").click()
    expect(page.get_by_role("textbox", name="notes.txt")).to_have_value("one\ntwo")
    page.keyboard.press("Escape")
    page.keyboard.press("Control+s")
    expect(page.get_by_role("region", name="Draft")).to_have_count(0)
    page.get_by_role("button", name="Remove notes.txt").click()
    page.keyboard.press("Control+s")
    expect(page.get_by_role("region", name="Draft")).to_have_count(0)

    assert [SCRIPT] == [file["filename"] for file in read(api, orders, task)["Papers"]]
    assert page.evaluate("window.broken") is None


def test_tasks_of_another_workflow_are_found_and_linked_from_both_sides(
    signed_in: Page, api: Api, make_workflow: MakeWorkflow
) -> None:
    workflow, order = fill_orders(api, make_workflow)
    page = opened(signed_in, order)
    links = page.get_by_role("region", name="Links")
    expect(links).to_contain_text("Northwind")

    links.get_by_role("combobox").fill("Fab")
    page.get_by_role("option", name="Fabrikam").click()
    expect(links).not_to_contain_text("Northwind")
    page.keyboard.press("Control+s")
    expect(page.get_by_role("region", name="Draft")).to_have_count(0)
    assert "C-2" == read(api, workflow, order)["Bought by"]["Code"]

    links.get_by_role("button", name="Fabrikam", exact=True).click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Fabrikam")
    expect(links).to_contain_text("Northwind Supplies")
    links.get_by_role("button", name="Remove the link to Northwind Supplies").click()
    page.keyboard.press("Control+s")
    expect(page.get_by_role("region", name="Draft")).to_have_count(0)
    assert None is read(api, workflow, order)["Bought by"]


# --- approvals ---------------------------------------------------------------------------------


def test_an_approval_says_who_is_next_and_is_given(
    signed_in: Page, api: Api, make_workflow: MakeWorkflow
) -> None:
    steps = [{"completionMode": "ONE", "participants": [ADMIN]}] * 2
    workflow = make_workflow(
        {
            "title": "Papers",
            "type": "object",
            "properties": {
                "name": {"title": "Name", "type": "string"},
                "steps": {"title": "Steps", "type": "array", "format": "approval-steps"},
            },
            "workflow": {
                "stages": [
                    {"name": name, "end": name in {"Completed", "Cancelled"}}
                    for name in (
                        "Created",
                        "Awaiting Approval",
                        "Returned",
                        "Completed",
                        "Cancelled",
                    )
                ],
                "approvals": {"steps": "steps"},
            },
        }
    )
    task = made(api, workflow, {"Name": "Contract", "Steps": steps})
    page = opened(signed_in, task)
    panel = page.get_by_role("region", name="Approvals")

    panel.get_by_role("button", name="Submit for approval").click()
    expect(panel.get_by_role("status")).to_have_text("It is your turn to approve.")
    panel.get_by_label("Comment").fill("Well <i>done</i>")
    panel.get_by_role("button", name="Approve").click()
    expect(panel).to_contain_text("Well <i>done</i>")
    expect(page.get_by_role("region", name="History")).to_contain_text("approved")
    panel.get_by_role("button", name="Reject").click()
    expect(page.get_by_role("region", name="Stage")).to_contain_text("Returned")
    assert "Returned" == read(api, workflow, task)["Stage"]


# --- zones, scripts, and who cannot see or use a mouse -----------------------------------------

ZONES = {
    "Pacific/Pago_Pago": "2031-03-01 12:30",
    "UTC": "2031-03-01 23:30",
    "Asia/Kolkata": "2031-03-02 05:00",
    "Pacific/Kiritimati": "2031-03-02 13:30",
}
BETWEEN = {"UTC", "Asia/Kolkata"}
"""These run in the soak: what holds at both ends of the world seldom breaks between them."""


@pytest.mark.parametrize(
    "zone",
    [pytest.param(zone, marks=[pytest.mark.soak] * (zone in BETWEEN)) for zone in ZONES],
)
def test_dates_are_those_of_the_api_wherever_one_is(
    new_page: NewPage, admin_state: StorageState, api: Api, orders: str, zone: str
) -> None:
    wall = ZONES[zone]
    task = made(api, orders, {**ORDER, "Items": None})
    page = opened(new_page(storage_state=admin_state, timezone_id=zone), task)
    expect(box(page, "Ship by")).to_have_value("2031-03-01")
    expect(box(page, "Pick-up")).to_have_value(wall)

    box(page, "Ship by").fill("2031-12-31")
    box(page, "Pick-up").fill(wall.replace("2031", "2032"))
    page.keyboard.press("Control+s")
    expect(page.get_by_role("region", name="Draft")).to_have_count(0)

    saved = read(api, orders, task)
    assert ("2031-12-31", "2032-03-01T23:30:00Z") == (saved["Ship by"], saved["Pick-up"])


EVIL = (
    "<script>window.broken='script'</script>",
    "<img src=x onerror=\"window.broken='image'\">",
    "javascript:window.broken='address'",
    "{{constructor.constructor('window.broken=1')()}}",
    '"><svg onload="window.broken=\'svg\'">',
)


def test_no_value_and_no_name_is_a_script(
    signed_in: Page, api: Api, make_workflow: MakeWorkflow
) -> None:
    evil = " ".join(EVIL)
    text = {"type": "string"}
    workflow = make_workflow(
        {
            "title": evil[:150],
            "type": "object",
            "properties": {
                "text": {"title": f"Text {EVIL[0]}", "description": evil, **text},
                "long": {"title": "Long", **text, "format": "long-text"},
                "one": {"title": "One", "enum": list(EVIL), **text},
                "many": {"title": "Many", "type": "array", "items": {"enum": list(EVIL)}},
                "list": {"title": "List", "type": "array", "items": text},
                "url": {"title": "Address", **text, "format": "iri"},
                "json": {"title": "Json", "type": "object"},
                "items": {"title": "Items", "type": "array", "format": "checklist"},
                "papers": {"title": "Papers", "type": "array", "items": {"format": "file"}},
            },
            "workflow": {
                "stages": [{"name": EVIL[1]}, {"name": EVIL[4]}],
                "sections": [{"title": EVIL[1], "description": evil, "fields": ["text"]}],
            },
        }
    )
    files = [("file", (f"{sign}.txt", b"<script>", "text/html")) for sign in EVIL]
    values = {
        f"Text {EVIL[0]}": evil,
        "Long": evil,
        "One": EVIL[0],
        "Many": list(EVIL),
        "List": list(EVIL),
        "Address": EVIL[2],
        "Json": {evil: evil},
        "Items": [{"text": sign} for sign in EVIL],
        "Papers": api("POST", "/files", files=files).json(),
    }
    task = made(api, workflow, values)
    api("PUT", by_id(workflow, task), json={"Long": EVIL[1], "Address": EVIL[2] + "1"})
    page = opened(signed_in, task)
    page.get_by_role("button", name="Show the").click()
    page.get_by_role("button", name=f"Preview {EVIL[0].rpartition('/')[2]}").first.click()
    page.get_by_role("dialog").wait_for()
    assert None is page.evaluate("window.broken")
    assert 0 == page.locator("#root script, #root svg[onload], img[src=x]").count()


@pytest.fixture
def crowded(api: Api, make_workflow: MakeWorkflow) -> tuple[str, dict[str, Any]]:
    """Make a task with all that the page can show."""
    return fill_orders(api, make_workflow)


@pytest.mark.parametrize("width", [pytest.param(1280, marks=pytest.mark.soak), 390])
def test_everybody_can_use_the_page(
    new_page: NewPage,
    admin_state: StorageState,
    api: Api,
    crowded: tuple[str, dict[str, Any]],
    axe: Axe,
    *,
    width: int,
) -> None:
    workflow, order = crowded
    page = new_page(storage_state=admin_state, viewport={"width": width, "height": 900})
    opened(page, order)
    box(page, "Customer").fill("Edited")
    box(page, "Total").fill("-1")
    api("PUT", by_id(workflow, order), json={"Customer": "Theirs"})
    page.get_by_role("group", name="Two changes of Customer").wait_for()
    schemes: tuple[Literal["light"], Literal["dark"]] = ("light", "dark")
    for scheme in schemes:
        page.emulate_media(color_scheme=scheme)
        assert [] == axe(page), scheme
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    page.goto(f"/workflows/{workflow}/new")
    box(page, "Customer").wait_for()
    assert [] == axe(page)
