"""The table, as people use it by mouse and by keyboard alone."""

import json
import re
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, Final

import pytest
import requests
from playwright.sync_api import Locator, Page, StorageState, expect

from tests.web.conftest import ADMIN, WIDE, Axe, MakeWorkflow, Watch

Api = Callable[..., requests.Response]

FILE: Final = {
    "title": "Orders",
    "type": "object",
    "required": ["number", "customer"],
    "properties": {
        "number": {"title": "Number", "type": "string"},
        "customer": {"title": "Customer", "type": "string"},
        "amount": {"title": "Amount", "type": "number", "format": "currency", "minimum": 0},
        "due": {"title": "Due", "type": "string", "format": "date"},
        "at": {"title": "Call at", "type": "string", "format": "date-time"},
        "kind": {"title": "Kind", "type": "string", "enum": ["New", "Repeat"]},
        "tags": {"title": "Tags", "type": "array", "items": {"enum": ["Urgent", "Export"]}},
        "paid": {"title": "Paid?", "type": "boolean"},
        "mail": {"title": "Mail", "type": "string", "format": "email"},
        "owner": {"title": "Owner", "type": "string", "format": "person"},
        "notes": {"title": "Notes", "type": "string", "format": "long-text"},
    },
    "workflow": {
        "uniqueId": "number",
        "stages": [
            {"name": "Open", "initial": True},
            {"name": "Packed", "require": ["amount"]},
            {"name": "Sent", "end": True},
        ],
        "transitions": {"Open": ["Packed"], "Packed": ["Open", "Sent"], "Sent": []},
    },
}
ROWS: Final[list[dict[str, Any]]] = [
    {"Number": "A1", "Customer": "Acme", "Amount": 10, "Mail": "acme@example.com"},
    {"Number": "A2", "Customer": "Bolt", "Amount": 20, "Kind": "New"},
    {"Number": "A3", "Customer": "Cole"},
    {"Number": "A4", "Customer": "Dunn", "Amount": 40, "Kind": "Repeat"},
    {"Number": "A5", "Customer": "Egan", "Amount": 50, "Notes": "<b onclick=alert(1)>bold</b>"},
]
REFUSED: Final = 422
STALE: Final = 412
TITLES: Final = [
    "Number",
    "Customer",
    "Stage",
    "Assigned To",
    "Amount",
    "Due",
    "Call at",
    "Kind",
    "Tags",
    "Paid?",
    "Mail",
    "Owner",
    "Notes",
]


@pytest.fixture
def orders(make_workflow: MakeWorkflow, signed_in: Page) -> str:
    """Make a workflow with five orders, and show its table with all columns."""
    workflow = make_workflow(FILE, ROWS)
    go(signed_in, workflow)
    return workflow


def go(page: Page, workflow: str, query: str = "") -> None:
    """Show a table with all columns, and wait for its rows."""
    kept = json.dumps([{"title": title} for title in TITLES])
    if (page.viewport_size or WIDE)["width"] >= WIDE["width"]:
        page.set_viewport_size({"width": 1900, "height": 800})
    page.add_init_script(
        "const put = Storage.prototype.getItem; Storage.prototype.getItem = function (key) {"
        f" return put.call(this, key) ?? (/columns:[^:]*:{workflow}:$/.test(key)"
        f" ? {json.dumps(kept)} : null); }};"
    )
    page.goto(f"/workflows/{workflow}{query}")
    expect(page.get_by_role("grid")).to_have_attribute("aria-busy", "false")


def cell(page: Page, row: int, title: str) -> Locator:
    """Return a cell, rows counted from 0."""
    return page.locator(f'[data-row="{row}"][data-col="{TITLES.index(title)}"]')


def press(page: Page, *keys: str) -> None:
    """Press keys one after the other."""
    for key in keys:
        page.keyboard.press(key)


def step(page: Page, title: str, row: int = 0) -> None:
    """Go to a cell by keyboard alone."""
    press(page, "Control+Home", *["ArrowDown"] * row, *["ArrowRight"] * TITLES.index(title))
    expect(cell(page, row, title)).to_be_focused()


def order(api: Api, workflow: str, number: str) -> dict[str, Any]:
    """Return a task as the API has it."""
    found: dict[str, Any] = api("GET", f"/workflows/{workflow}/tasks/{number}").json()
    return found


def saved(page: Page) -> None:
    """Wait until no cell is on its way to the server."""
    expect(page.locator("[data-doing]")).to_have_count(0)


def edit_by_keyboard(page: Page) -> None:
    """Edit a cell of each kind that is typed into or chosen from, without a mouse."""
    page.get_by_role("button", name="Columns").focus()
    press(page, "Tab", "Tab", "Tab")
    typed = {"Customer": "Acme & Sons", "Amount": "1,234.5", "Due": "3.4.2026", "Mail": "a@b.org"}
    for title, text in typed.items():
        step(page, title)
        press(page, "Enter", "Control+a")
        page.keyboard.type(text)
        press(page, "Enter")
        expect(cell(page, 0, title)).to_be_focused()
    for title, text in {"Kind": "Repeat", "Owner": ADMIN.partition("@")[0]}.items():
        step(page, title)
        press(page, "Enter")
        page.keyboard.type(text)
        press(page, "ArrowDown", "Enter")
        expect(cell(page, 0, title)).to_be_focused()
    step(page, "Stage")
    press(page, "Enter", "ArrowDown", "ArrowDown", "Enter")
    step(page, "Paid?")
    press(page, "Enter")
    step(page, "Tags")
    press(page, "Enter")
    page.keyboard.type("Exp")
    press(page, "ArrowDown", "Enter", "Tab")
    step(page, "Notes")
    press(page, "Enter")
    page.keyboard.type("two\nlines")
    press(page, "Control+Enter")
    saved(page)


EDITED: Final = {
    "Customer": "Acme & Sons",
    "Amount": "1234.50",
    "Due": "2026-04-03",
    "Mail": "a@b.org",
    "Kind": "Repeat",
    "Owner": ADMIN,
    "Stage": "Packed",
    "Paid?": True,
    "Tags": ["Export"],
    "Notes": "two\nlines",
}


def edit_by_mouse(page: Page) -> None:
    """Edit cells by double clicks; a click elsewhere saves."""
    for title, text in {"Customer": "Mouse Ltd", "Amount": "77"}.items():
        cell(page, 0, title).dblclick()
        page.keyboard.press("Control+a")
        page.keyboard.type(text)
        cell(page, 2, "Number").click()
    cell(page, 0, "Kind").dblclick()
    page.get_by_role("option", name="New").click()
    cell(page, 0, "Due").dblclick()
    page.get_by_role("button", name="Open the calendar of Due").click()
    page.locator("[data-dates-provider] button, .mantine-DatePicker-day").nth(15).click()
    cell(page, 0, "Notes").dblclick()
    page.get_by_label("Notes", exact=True).last.fill("By mouse")
    page.get_by_role("button", name="Save", exact=True).click()
    saved(page)


def test_every_kind_is_edited_in_its_cell_by_keyboard_alone(
    signed_in: Page, orders: str, api: Api, axe: Axe
) -> None:
    edit_by_keyboard(signed_in)

    task = order(api, orders, "A1")
    assert {title: task[title] for title in EDITED} == EDITED
    assert axe(signed_in) == []
    signed_in.emulate_media(color_scheme="dark")
    assert axe(signed_in) == []


def test_cells_are_edited_by_mouse(signed_in: Page, orders: str, api: Api) -> None:
    edit_by_mouse(signed_in)

    task = order(api, orders, "A1")
    told = (task["Customer"], task["Amount"], task["Kind"], task["Notes"])
    assert told == ("Mouse Ltd", "77.00", "New", "By mouse")
    assert task["Due"] is not None
    # A value is data, whatever it looks like.
    expect(cell(signed_in, 4, "Notes")).to_have_text("<b onclick=alert(1)>bold</b>")


def test_a_refused_value_stays_in_its_cell_with_the_fault_and_over_a_reload(
    signed_in: Page, orders: str, watched: Watch, api: Api, axe: Axe
) -> None:
    watched.expected.add(REFUSED)
    mail = cell(signed_in, 0, "Mail")
    mail.click()
    press(signed_in, "Enter", "Control+a")
    signed_in.keyboard.type("nobody")
    press(signed_in, "Enter")
    expect(signed_in.get_by_text("must be an e-mail address")).to_be_visible()
    expect(mail).to_contain_text("nobody")
    assert axe(signed_in) == []
    signed_in.reload()
    expect(mail).to_contain_text("nobody")
    expect(signed_in.get_by_role("button", name="1 cell is not saved")).to_be_visible()

    mail.click()
    press(signed_in, "Enter", "End")
    signed_in.keyboard.type("@example.com")
    press(signed_in, "Enter")
    saved(signed_in)

    assert order(api, orders, "A1")["Mail"] == "nobody@example.com"
    expect(signed_in.get_by_role("button", name="1 cell is not saved")).to_have_count(0)


def test_two_who_change_one_cell_are_shown_both_and_one_of_them_decides(
    signed_in: Page, orders: str, watched: Watch, api: Api, axe: Axe
) -> None:
    watched.expected.add(STALE)
    customer = cell(signed_in, 1, "Customer")
    for answer, kept in {"Keep mine": "Mine", "Take theirs": "Theirs 2"}.items():
        customer.click()
        with signed_in.expect_response(lambda told: "/by-id/" in told.url):
            press(signed_in, "Enter")
        other = "Theirs" if answer == "Keep mine" else "Theirs 2"
        api("PUT", f"/workflows/{orders}/tasks", json={"Number": "A2", "Customer": other})
        press(signed_in, "Control+a")
        signed_in.keyboard.type("Mine" if answer == "Keep mine" else "Mine again")
        press(signed_in, "Enter")
        box = signed_in.get_by_role("dialog", name="Customer was changed by somebody else")
        expect(box).to_contain_text(other)
        assert axe(signed_in) == []
        press(signed_in, "Enter")
        expect(box.get_by_role("button", name="Take theirs")).to_be_focused()
        if answer == "Keep mine":
            press(signed_in, "Tab")
        press(signed_in, "Enter")
        saved(signed_in)
        assert order(api, orders, "A2")["Customer"] == kept


def test_what_others_change_arrives_and_leaves_ones_own_edit_alone(
    signed_in: Page, orders: str, api: Api
) -> None:
    cell(signed_in, 2, "Customer").click()
    press(signed_in, "Enter", "Control+a")
    signed_in.keyboard.type("typing")

    rows = [
        {"Number": "A3", "Customer": "Theirs"},
        {"Number": "A1", "Customer": "Arrived"},
        {"Number": "A9", "Customer": "Came later"},
    ]
    api("POST", f"/workflows/{orders}/tasks/bulk", json=rows)
    told = signed_in.get_by_text("Somebody changed this to: Theirs")
    expect(told).to_be_visible(timeout=15_000)
    expect(cell(signed_in, 2, "Customer").get_by_role("textbox")).to_have_value("typing")
    press(signed_in, "Escape")

    expect(cell(signed_in, 0, "Customer")).to_have_text("Arrived")
    expect(cell(signed_in, 2, "Customer")).to_have_text("Theirs")
    expect(cell(signed_in, 5, "Customer")).to_have_text("Came later")


def customers(page: Page) -> Sequence[str]:
    """Return the customers that are shown, in order."""
    return page.locator(
        f'[data-col="{TITLES.index("Customer")}"][role="gridcell"]'
    ).all_inner_texts()


def test_sorts_by_heads_and_filters_by_the_builder_which_writes_the_address(
    signed_in: Page, orders: str, axe: Axe
) -> None:
    head = signed_in.get_by_role("columnheader", name="Customer")
    head.get_by_text("Customer").click()
    head.get_by_text("Customer").click()
    expect(signed_in).to_have_url(f"/workflows/{orders}?_sort=-Customer")
    expect(head).to_have_attribute("aria-sort", "descending")
    expect(cell(signed_in, 0, "Customer")).to_have_text("Egan")
    step(signed_in, "Kind")
    press(signed_in, "ArrowUp", "Shift+Enter")
    expect(signed_in).to_have_url(f"/workflows/{orders}?_sort=-Customer%2CKind")

    signed_in.keyboard.press("f")
    where = signed_in.get_by_role("region", name="Filter")
    where.get_by_role("button", name="Add a condition").click()
    where.get_by_role("combobox", name="Field").click()
    signed_in.get_by_role("option", name="Amount").click()
    where.get_by_role("combobox", name="Comparison").click()
    signed_in.get_by_role("option", name="is at least").click()
    where.get_by_role("textbox", name="Value").fill("40")
    expect(signed_in).to_have_url(f"/workflows/{orders}?Amount%5Bgte%5D=40&_sort=-Customer%2CKind")
    expect(cell(signed_in, 1, "Customer")).to_have_text("Dunn")
    assert customers(signed_in) == ["Egan", "Dunn"]
    assert axe(signed_in) == []

    where.get_by_role("button", name="Add a condition").click()
    where.get_by_role("combobox", name="How these are joined").click()
    signed_in.get_by_role("option", name="or").click()
    where.get_by_role("combobox", name="Field").last.click()
    signed_in.get_by_role("option", name="Kind").click()
    where.get_by_role("combobox", name="Value").last.click()
    signed_in.get_by_role("option", name="New").click()
    expect(cell(signed_in, 2, "Customer")).to_have_text("Bolt")

    signed_in.get_by_role("button", name=re.compile("^Filter")).click()
    signed_in.get_by_role("button", name="Remove the filter 2 conditions").click()
    expect(cell(signed_in, 4, "Customer")).to_have_text("Acme")
    signed_in.keyboard.press("/")
    signed_in.keyboard.type("nobody is called this")
    expect(signed_in.get_by_role("heading", name="No task fits")).to_be_visible()


def test_many_tasks_are_changed_after_a_rehearsal_by_keyboard(
    signed_in: Page, orders: str, api: Api, axe: Axe
) -> None:
    cell(signed_in, 0, "Customer").click()
    press(signed_in, "Space", "ArrowDown", "ArrowDown", "Shift+Space")
    expect(signed_in.get_by_text("3 selected")).to_be_visible()
    signed_in.get_by_role("button", name="Change stage").press("Enter")
    dialog = signed_in.get_by_role("dialog", name="Edit 3 tasks")
    expect(dialog.get_by_role("combobox", name="Stage")).to_be_focused()
    press(signed_in, "ArrowDown", "ArrowDown", "Enter")
    expect(dialog.get_by_role("button", name="Check")).to_be_enabled()
    dialog.get_by_role("button", name="Check").press("Enter")
    expect(dialog.get_by_text("Nothing is written yet")).to_be_visible()
    expect(dialog.get_by_text("1 task is refused")).to_be_visible()
    expect(dialog.get_by_role("region", name="What is refused")).to_contain_text("Cole")
    assert axe(signed_in) == []
    assert order(api, orders, "A1")["Stage"] == "Open"
    dialog.get_by_role("button", name="Change 2 tasks").press("Enter")
    expect(dialog.get_by_text("This is what happened")).to_be_visible()
    dialog.get_by_role("button", name="Select the refused ones").press("Enter")
    expect(signed_in.get_by_text("1 selected")).to_be_visible()
    assert [order(api, orders, f"A{n}")["Stage"] for n in (1, 2, 3)] == ["Packed", "Packed", "Open"]


def test_many_tasks_are_deleted_by_mouse(signed_in: Page, orders: str, api: Api) -> None:
    signed_in.get_by_role("checkbox", name="Select Acme").click()
    signed_in.get_by_role("checkbox", name="Select Cole").click(modifiers=["Shift"])
    signed_in.get_by_role("button", name="Delete", exact=True).click()
    signed_in.get_by_role("button", name="Delete 3 tasks").click()
    expect(signed_in.get_by_text("3 tasks are deleted")).to_be_visible()
    signed_in.get_by_role("dialog").get_by_role("button", name="Close").last.click()

    expect(cell(signed_in, 0, "Customer")).to_have_text("Dunn")
    left = api("GET", f"/workflows/{orders}/tasks").json()
    assert [task["Number"] for task in left] == ["A4", "A5"]


def paste(page: Page, text: str) -> None:
    """Paste as the browser does, without the clipboard of the machine."""
    page.evaluate(
        """text => {
          const data = new DataTransfer();
          data.setData("text/plain", text);
          document.activeElement.dispatchEvent(
            new ClipboardEvent("paste", {clipboardData: data, bubbles: true, cancelable: true}));
        }""",
        text,
    )


def test_pastes_a_block_of_a_spreadsheet_after_a_preview(
    signed_in: Page, orders: str, api: Api, axe: Axe
) -> None:
    cell(signed_in, 3, "Amount").click()
    paste(signed_in, '1,500.25\t2026-02-28\n"-1"\tnever\n9\t2026-01-01\n')
    dialog = signed_in.get_by_role("dialog", name="Paste into 2 tasks")
    expect(dialog.get_by_text("1 row is left out")).to_be_visible()
    expect(dialog.get_by_role("region", name="Preview")).to_contain_text("1500.25")
    refused = dialog.get_by_role("region", name="What is refused")
    expect(refused).to_contain_text("Amount")
    expect(refused).to_contain_text("Due")
    assert axe(signed_in) == []
    dialog.get_by_role("button", name="Change 1 task").click()
    expect(dialog.get_by_text("This is what happened")).to_be_visible()
    dialog.get_by_role("button", name="Close").last.click()

    expect(cell(signed_in, 3, "Amount")).to_have_text("1,500.25")
    assert order(api, orders, "A4")["Due"] == "2026-02-28"
    assert order(api, orders, "A5")["Amount"] == "50.00"


@pytest.mark.parametrize(
    "format_",
    ["csv", *(pytest.param(name, marks=pytest.mark.soak) for name in ("xlsx", "ndjson"))],
)
def test_exports_what_is_shown(
    signed_in: Page, make_workflow: MakeWorkflow, tmp_path: Path, format_: str
) -> None:
    workflow = make_workflow(FILE, ROWS)
    go(signed_in, workflow, "?Amount[gte]=20&_sort=-Customer")
    signed_in.get_by_role("button", name="Columns").click()
    for title in TITLES[2:]:
        signed_in.get_by_role("checkbox", name=title, exact=True).uncheck()
    press(signed_in, "Escape")
    name = {"csv": "CSV", "xlsx": "Excel workbook (XLSX)", "ndjson": "NDJSON"}[format_]
    signed_in.get_by_role("button", name="Export").click()
    with signed_in.expect_download() as downloading:
        signed_in.get_by_role("menuitem", name=name).click()
    path = tmp_path / "export"
    downloading.value.save_as(path)

    assert downloading.value.suggested_filename == f"{workflow}.{format_}"
    told = path.read_bytes()
    if format_ == "csv":
        lines = told.decode("utf-8-sig").split()
        assert lines == ["Number,Customer", "A5,Egan", "A4,Dunn", "A2,Bolt"]
    elif format_ == "ndjson":
        assert json.loads(told.splitlines()[0]) == {"Number": "A5", "Customer": "Egan"}
    else:
        assert told[:2] == b"PK"


def test_a_new_task_tells_all_its_faults_and_is_kept_until_it_is_created(
    signed_in: Page, orders: str, watched: Watch, api: Api, axe: Axe
) -> None:
    watched.expected.add(REFUSED)
    cell(signed_in, 0, "Customer").click()
    signed_in.keyboard.press("n")
    drawer = signed_in.get_by_role("dialog", name="New task")
    expect(drawer.get_by_role("textbox", name="Number")).to_be_focused()
    press(signed_in, "Enter")
    expect(drawer.get_by_text("can't be blank")).to_have_count(2)
    assert axe(signed_in) == []
    signed_in.keyboard.type("N1")
    press(signed_in, "Tab")
    signed_in.keyboard.type("Newcomer")
    signed_in.wait_for_timeout(400)
    signed_in.reload()
    signed_in.get_by_role("button", name="New task").click()
    expect(drawer.get_by_role("textbox", name="Customer")).to_have_value("Newcomer")
    press(signed_in, "Enter")
    expect(drawer).to_have_count(0)

    expect(cell(signed_in, 0, "Customer")).to_have_text("Newcomer")
    assert order(api, orders, "N1")["Customer"] == "Newcomer"


def test_columns_are_hidden_moved_and_widened_and_stay_so(
    signed_in: Page, make_workflow: MakeWorkflow
) -> None:
    workflow = make_workflow(FILE, ROWS)
    signed_in.goto(f"/workflows/{workflow}")
    heads = signed_in.get_by_role("columnheader")
    expect(heads.nth(2)).to_contain_text("Customer")
    signed_in.locator('[data-row="0"][data-col="1"]').click()
    press(signed_in, "ArrowUp", "Space")
    signed_in.get_by_role("menuitem", name="Wider").press("Enter")
    signed_in.get_by_role("button", name="Menu of the column Stage").press("Enter")
    signed_in.get_by_role("menuitem", name="Move left").press("Enter")
    heads.nth(4).drag_to(heads.nth(1))
    signed_in.get_by_role("button", name="Columns").click()
    signed_in.get_by_role("checkbox", name="Amount").uncheck()
    signed_in.reload()

    expect(heads.nth(1)).to_contain_text("Assigned To")
    expect(heads.nth(3)).to_contain_text("Stage")
    expect(heads.nth(4)).to_contain_text("Customer")
    expect(heads.nth(4)).to_have_css("width", "230px")
    expect(signed_in.get_by_role("columnheader", name="Amount")).to_have_count(0)


def test_rows_come_as_far_as_one_scrolls(signed_in: Page, make_workflow: MakeWorkflow) -> None:
    rows = [{"Number": f"R{n:04}", "Customer": f"Customer {n}"} for n in range(1500)]
    workflow = make_workflow(FILE, rows)
    go(signed_in, workflow)
    expect(signed_in.get_by_text("1,500 tasks")).to_be_visible()
    assert signed_in.get_by_role("row").count() < 80
    cell(signed_in, 0, "Customer").click()
    press(signed_in, "PageDown", "Control+End")
    last = signed_in.locator('[data-row="1499"][data-col="12"]')
    expect(last).to_be_focused()
    press(signed_in, "Control+a")
    expect(signed_in.get_by_text("1,500 selected")).to_be_visible()


def test_the_table_works_on_a_phone(
    new_page: Callable[..., Page],
    admin_state: StorageState,
    make_workflow: MakeWorkflow,
    api: Api,
    axe: Axe,
) -> None:
    page = new_page(
        storage_state=admin_state, viewport={"width": 390, "height": 844}, has_touch=True
    )
    workflow = make_workflow(FILE, ROWS)
    go(page, workflow)
    assert axe(page) == []
    cell(page, 0, "Customer").tap()
    cell(page, 0, "Customer").tap()
    page.keyboard.press("Control+a")
    page.keyboard.type("Tapped")
    press(page, "Enter")
    saved(page)
    assert order(api, workflow, "A1")["Customer"] == "Tapped"


@pytest.mark.soak
@pytest.mark.parametrize("edit", [edit_by_keyboard, edit_by_mouse])
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_cells_are_edited_in_either_theme(
    signed_in: Page, orders: str, axe: Axe, edit: Callable[[Page], None], scheme: Any
) -> None:
    signed_in.emulate_media(color_scheme=scheme)
    edit(signed_in)
    assert customers(signed_in)[0] != ROWS[0]["Customer"], orders
    assert axe(signed_in) == []


@pytest.mark.soak
@pytest.mark.parametrize("zone", ["Pacific/Pago_Pago", "UTC", "Asia/Kolkata", "Pacific/Kiritimati"])
def test_dates_are_the_same_in_every_zone(
    new_page: Callable[..., Page],
    admin_state: StorageState,
    make_workflow: MakeWorkflow,
    api: Api,
    zone: str,
) -> None:
    page = new_page(storage_state=admin_state, timezone_id=zone)
    workflow = make_workflow(FILE, ROWS)
    go(page, workflow)
    edit_by_keyboard(page)
    assert order(api, workflow, "A1")["Due"] == EDITED["Due"]
    expect(cell(page, 0, "Due")).to_have_text("3 Apr 2026")


@pytest.mark.soak
def test_ten_megabytes_are_pasted_and_the_page_goes_on(
    signed_in: Page, make_workflow: MakeWorkflow, api: Api
) -> None:
    count = 20_000
    workflow = make_workflow(FILE)
    for start in range(0, count, 5000):
        rows = [{"Number": f"P{n:05}", "Customer": "x"} for n in range(start, start + 5000)]
        lines = "\n".join(json.dumps(row) for row in rows)
        headers = {"Content-Type": "application/x-ndjson"}
        api("POST", f"/workflows/{workflow}/tasks/bulk", data=lines, headers=headers)
    go(signed_in, workflow)
    cell(signed_in, 0, "Customer").click()
    signed_in.evaluate(
        """count => {
          window.longest = 0;
          let last = performance.now();
          const tick = () => {
            const now = performance.now();
            window.longest = Math.max(window.longest, now - last);
            last = now;
            setTimeout(tick, 20);
          };
          tick();
          const data = new DataTransfer();
          const line = "y".repeat(520);
          data.setData("text/plain", Array.from({length: count}, (_, n) => line + n).join("\\n"));
          document.activeElement.dispatchEvent(
            new ClipboardEvent("paste", {clipboardData: data, bubbles: true, cancelable: true}));
        }""",
        count,
    )
    signed_in.get_by_role("button", name="Change 20,000 tasks").click(timeout=240_000)
    expect(signed_in.get_by_text("This is what happened")).to_be_visible(timeout=240_000)
    last = order(api, workflow, "P19999")["Customer"]
    assert last == "y" * 520 + "19999"
