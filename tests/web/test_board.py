"""The board by mouse, by keys and by touch: where cards may go, and what is asked on the way."""

import re
import uuid
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final

import pytest
import requests
from playwright.sync_api import Locator, Page, StorageState, expect

from tests.web.conftest import PASSWORD, Axe, MakeWorkflow, Watch, sign_in

Api = Callable[..., requests.Response]
Pages = Callable[..., Page]

GONE: Final = 404
CONFLICT: Final = 412
INVALID: Final = 422
BRIGHT: Final = "(e) => getComputedStyle(e).color === 'rgb(35, 32, 29)'"
ORDERS: Final[Mapping[str, Any]] = {
    "title": "Orders",
    "type": "object",
    "required": ["customer"],
    "properties": {
        "number": {"title": "Number", "type": "integer"},
        "customer": {"title": "Customer", "type": "string", "filterable": True},
        "urgency": {"title": "Urgency", "type": "string", "enum": ["Low", "High"]},
        "express": {"title": "Express?", "type": "boolean"},
        "due": {"title": "Due date", "type": "string", "format": "date"},
        "total": {"title": "Total", "type": "number", "format": "currency", "minimum": 1},
        "carrier": {"title": "Carrier", "type": "string"},
    },
    "if": {"properties": {"total": {"minimum": 1000}}, "required": ["total"]},
    "then": {"required": ["carrier"]},
    "workflow": {
        "uniqueId": "number",
        "stages": [
            {"name": "Open", "initial": True, "colour": "orange"},
            {"name": "Picked", "wipLimit": 2},
            {"name": "Packed", "require": ["total"]},
            {"name": "Sent", "end": True},
        ],
        "transitions": {
            "Open": ["Picked", "Packed"],
            "Picked": ["Open", "Packed"],
            "Packed": ["Picked", "Sent"],
        },
    },
}
ROWS: Final[Sequence[Mapping[str, Any]]] = [
    {"Number": 1, "Customer": "Acme", "Urgency": "High", "Due date": "2020-02-29"},
    {"Number": 2, "Customer": "Bolt"},
    {"Number": 3, "Customer": "Cole"},
    {"Number": 4, "Customer": "Dale", "Stage": "Picked"},
]


@pytest.fixture
def orders(make_workflow: MakeWorkflow) -> str:
    """Make a workflow with four tasks."""
    return make_workflow(ORDERS, ROWS)


@pytest.fixture
def board(signed_in: Page, orders: str) -> Page:
    """Show its board."""
    return opened(signed_in, orders)


FRAMES = "new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))"


def opened(page: Page, workflow: str, query: str = "") -> Page:
    page.goto(f"/workflows/{workflow}/board{query}")
    page.locator("[data-card]").first.wait_for()
    return page


def column(page: Page, stage: str) -> Locator:
    return page.locator(f'[data-column="{stage}"]')


def card(page: Page, title: str) -> Locator:
    return page.locator("[data-card]").filter(has_text=title)


def place(page: Page, stage: str, title: str) -> Locator:
    return column(page, stage).locator("[data-card]").filter(has_text=title)


def stage_of(api: Api, workflow: str, number: int) -> str:
    return str(api("GET", f"/workflows/{workflow}/tasks/{number}").json()["Stage"])


def said(page: Page) -> Locator:
    return page.locator("[data-said]")


def lift(page: Page, title: str) -> None:
    """Take a card by the mouse, and keep it."""
    card(page, title).hover()
    page.mouse.down()
    box = card(page, title).bounding_box()
    assert box is not None
    page.mouse.move(box["x"] + box["width"] / 2 + 12, box["y"] + box["height"] / 2, steps=3)
    page.locator("[data-carried]").wait_for()


def carry(page: Page, stage: str) -> None:
    """Carry what is in hand over a column."""
    box = column(page, stage).bounding_box()
    assert box is not None
    middle = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
    page.mouse.move(*middle, steps=4)
    # Where it is over is found out between two frames.
    for nearby in (1, 0):
        page.evaluate(FRAMES)
        page.mouse.move(middle[0] + nearby, middle[1])
    page.evaluate(FRAMES)


def drag(page: Page, title: str, stage: str) -> None:
    lift(page, title)
    carry(page, stage)
    page.mouse.up()


def look(page: Page) -> None:
    """Let the page ask for news now, as it does when somebody comes back to it."""
    page.evaluate("document.dispatchEvent(new Event('visibilitychange'))")


def test_a_card_goes_by_the_mouse_where_it_may(board: Page, orders: str, api: Api) -> None:
    expect(column(board, "Open")).to_have_accessible_name("Open, 3 tasks")
    lift(board, "Acme")
    carry(board, "Picked")
    expect(column(board, "Picked")).to_contain_text("Drop here")
    expect(column(board, "Packed")).not_to_contain_text("no way")
    expect(column(board, "Sent")).to_contain_text("no way from Open to Sent")
    board.mouse.up()
    expect(place(board, "Picked", "Acme")).to_be_visible()
    expect(place(board, "Open", "Acme")).to_have_count(0)
    expect(column(board, "Open")).to_have_accessible_name("Open, 2 tasks")
    expect(column(board, "Picked")).to_have_accessible_name("Picked, 2 of at most 2 tasks")
    expect(said(board)).to_have_text("Moved Acme to Picked")
    assert stage_of(api, orders, 1) == "Picked"
    drag(board, "Bolt", "Sent")
    expect(said(board)).to_contain_text("no way from Open to Sent")
    expect(place(board, "Open", "Bolt")).to_be_visible()
    drag(board, "Bolt", "Packed")
    form = board.get_by_role("dialog", name="Before it goes to Packed")
    expect(form).to_be_visible()
    board.keyboard.press("Escape")
    expect(form).to_have_count(0)
    expect(place(board, "Open", "Bolt")).to_be_focused()
    assert stage_of(api, orders, 2) == "Open"
    board.reload()
    expect(place(board, "Picked", "Acme")).to_be_visible()


def test_a_card_is_moved_by_keys_alone(board: Page, orders: str, api: Api) -> None:
    board.keyboard.press("c")
    expect(card(board, "Acme")).to_be_focused()
    board.keyboard.press("ArrowDown")
    expect(card(board, "Bolt")).to_be_focused()
    board.keyboard.press("Space")
    expect(said(board)).to_have_text(
        "Picked up Bolt, from Open. Choose a column with the arrow keys."
    )
    board.keyboard.press("End")
    expect(said(board)).to_contain_text("Sent: not possible. There is no way from Open to Sent")
    board.keyboard.press("Space")
    expect(said(board)).to_contain_text("cannot be dropped here")
    board.keyboard.press("Escape")
    expect(said(board)).to_have_text("Bolt is back in Open")
    expect(card(board, "Bolt")).to_be_focused()
    board.keyboard.press("Space")
    board.keyboard.press("ArrowRight")
    expect(said(board)).to_have_text("Picked, 1 task")
    board.keyboard.press("Space")
    expect(said(board)).to_have_text("Moved Bolt to Picked")
    expect(place(board, "Picked", "Bolt")).to_be_focused()
    assert stage_of(api, orders, 2) == "Picked"
    board.keyboard.press("m")
    menu = board.get_by_role("menu")
    expect(menu.get_by_role("menuitem", name="Sent")).to_be_disabled()
    menu.get_by_role("menuitem", name="Open", exact=True).click()
    expect(place(board, "Open", "Bolt")).to_be_focused()
    expect(said(board)).to_have_text("Moved Bolt to Open")
    board.keyboard.press("ArrowDown")
    expect(card(board, "Acme")).to_be_focused()
    board.keyboard.press("Enter")
    expect(board).to_have_url(re.compile(rf"/workflows/{orders}/tasks/[0-9a-f]{{24}}$"))


def test_a_drop_that_lacks_fields_asks_for_exactly_those_and_saves_at_once(
    board: Page, orders: str, api: Api, watched: Watch
) -> None:
    watched.expected.add(INVALID)
    board.keyboard.press("c")
    for key in ["Space", "ArrowRight", "ArrowRight", "Space"]:
        board.keyboard.press(key)
    form = board.get_by_role("dialog", name="Before it goes to Packed")
    expect(form.get_by_role("textbox")).to_have_count(1)
    expect(form.get_by_label("Total")).to_be_focused()
    board.keyboard.type("0.5")
    board.keyboard.press("Enter")
    expect(form).to_contain_text("must be at least 1")
    form.get_by_label("Total").fill("2000")
    board.keyboard.press("Enter")
    expect(form.get_by_role("textbox")).to_have_count(2)
    form.get_by_label("Carrier").fill("Rail")
    board.keyboard.press("Enter")
    expect(form).to_have_count(0)
    expect(place(board, "Packed", "Acme")).to_be_focused()
    history = api("GET", f"/workflows/{orders}/tasks/1/history").json()["events"]
    fields = {change["field"] for change in history[0]["changes"]}
    assert fields == {"Stage", "Total", "Carrier"}


def test_a_full_stage_asks_before_it_takes_another_card(board: Page, orders: str, api: Api) -> None:
    drag(board, "Acme", "Picked")
    expect(column(board, "Picked")).to_have_accessible_name("Picked, 2 of at most 2 tasks")
    drag(board, "Bolt", "Picked")
    asks = board.get_by_role("dialog", name="Picked is full")
    asks.get_by_role("button", name="Cancel").click()
    expect(place(board, "Open", "Bolt")).to_be_visible()
    assert stage_of(api, orders, 2) == "Open"
    drag(board, "Bolt", "Picked")
    asks.get_by_role("button", name="Move it all the same").click()
    expect(column(board, "Picked")).to_have_accessible_name("Picked, 3 of at most 2 tasks")
    expect(column(board, "Picked").get_by_title("Over its limit of 2")).to_have_text("3 / 2")
    expect(said(board)).to_have_text("Moved Bolt to Picked")
    assert stage_of(api, orders, 2) == "Picked"


def test_who_moved_the_card_in_hand_is_told_and_theirs_or_mine_is_kept(
    board: Page, orders: str, api: Api, watched: Watch
) -> None:
    watched.expected.add(CONFLICT)
    board.keyboard.press("c")
    with board.expect_response(re.compile("/by-id/")) as known:
        board.keyboard.press("Space")
    known.value.finished()
    moved = api("PUT", f"/workflows/{orders}/tasks", json={"Number": 1, "Stage": "Picked"})
    assert moved.ok
    look(board)
    expect(said(board)).to_have_text("Somebody else moved Acme to Picked meanwhile")
    # It stays in the hand that holds it, and nowhere else.
    expect(card(board, "Acme")).to_have_count(1)
    expect(place(board, "Open", "Acme")).to_be_focused()
    for key in ["ArrowRight", "ArrowRight", "Space"]:
        board.keyboard.press(key)
    form = board.get_by_role("dialog", name="Before it goes to Packed")
    form.get_by_label("Total").fill("5")
    board.keyboard.press("Enter")
    told = board.get_by_role("dialog", name="Others were faster")
    expect(told.get_by_role("row", name=re.compile("^Stage"))).to_have_text("StageOpenPickedPacked")
    told.get_by_role("button", name="Move it to Packed").click()
    expect(place(board, "Packed", "Acme")).to_be_focused()
    task = api("GET", f"/workflows/{orders}/tasks/1").json()
    assert (task["Stage"], task["Total"]) == ("Packed", "5.00")


def test_what_others_do_shows_and_a_task_that_is_gone_goes_with_a_word(
    board: Page, orders: str, api: Api, watched: Watch
) -> None:
    watched.expected.add(GONE)
    api("PUT", f"/workflows/{orders}/tasks", json={"Number": 3, "Stage": "Picked"})
    api("POST", f"/workflows/{orders}/tasks", json={"Number": 9, "Customer": "Elm"})
    look(board)
    expect(place(board, "Picked", "Cole")).to_be_visible()
    expect(place(board, "Open", "Elm")).to_be_visible()
    expect(column(board, "Picked")).to_have_accessible_name("Picked, 2 of at most 2 tasks")
    drag(board, "Dale", "Open")
    expect(said(board)).to_have_text("Moved Dale to Open")
    api("PUT", f"/workflows/{orders}/tasks", json={"Number": 4, "Customer": "Dale & Sons"})
    look(board)
    expect(place(board, "Open", "Dale & Sons")).to_be_visible()
    api("PUT", f"/workflows/{orders}/tasks", json={"Number": 4, "Stage": "Picked"})
    look(board)
    expect(place(board, "Picked", "Dale & Sons")).to_be_visible()
    assert api("DELETE", f"/workflows/{orders}/tasks/2").ok
    drag(board, "Bolt", "Packed")
    expect(board.get_by_text("“Bolt” is not there any more").first).to_be_visible()
    expect(card(board, "Bolt")).to_have_count(0)


def test_a_role_moves_only_what_it_may_and_is_told_why(
    page: Page, api: Api, make_workflow: MakeWorkflow
) -> None:
    agent = f"{uuid.uuid4().hex[:8]}@example.com"
    user = {"email": agent, "name": "Agent", "role": "member", "password": PASSWORD}
    assert api("POST", "/users", json=user).ok
    rules = {key: value for key, value in ORDERS["workflow"].items() if key != "uniqueId"}
    roles = [{"name": "Agent", "for": ["member"], "update": ["assigned"]}]
    rows = [{"Customer": "Theirs"}, {"Customer": "Mine", "Assigned To": agent}]
    orders = make_workflow({**ORDERS, "workflow": {**rules, "roles": roles}}, rows)
    sign_in(page, agent)
    opened(page, orders)
    lift(page, "Theirs")
    expect(column(page, "Picked")).to_contain_text("only tasks that are assigned to oneself")
    page.mouse.up()
    page.keyboard.press("c")
    page.keyboard.press("Space")
    expect(said(page)).to_contain_text("Theirs cannot be moved")
    drag(page, "Mine", "Picked")
    expect(said(page)).to_have_text("Moved Mine to Picked")
    tasks = api("GET", f"/workflows/{orders}/tasks").json()
    assert [task["Stage"] for task in tasks] == ["Open", "Picked"]


def test_search_filters_and_order_stand_in_the_address(signed_in: Page, orders: str) -> None:
    page = opened(signed_in, orders, "?Urgency=High")
    expect(page.locator("[data-card]")).to_have_count(1)
    page.get_by_role("button", name="Remove the filter Urgency is High").click()
    expect(page.locator("[data-card]")).to_have_count(4)
    page.keyboard.press("/")
    page.keyboard.type("col")
    expect(page.locator("[data-card]")).to_have_count(1)
    expect(page).to_have_url(re.compile(r"\?_q=col$"))
    expect(column(page, "Packed")).to_contain_text("Nothing matches")
    page.get_by_role("button", name="Clear the search").click()
    page.get_by_role("button", name="Sort").click()
    page.get_by_role("menuitem", name="Customer, descending").click()
    expect(page).to_have_url(re.compile(r"\?_sort=-Customer$"))
    expect(column(page, "Open").locator("[data-card]").first).to_contain_text("Cole")


def test_cards_show_what_was_chosen_and_a_view_keeps_it(board: Page, orders: str) -> None:
    expect(card(board, "Acme")).to_contain_text("High")
    expect(card(board, "Acme")).to_contain_text("Overdue 29 Feb 2020")
    board.get_by_role("button", name="Card", exact=True).click()
    board.get_by_label("Urgency").uncheck()
    board.keyboard.press("Escape")
    expect(card(board, "Acme")).not_to_contain_text("High")
    board.reload()
    expect(card(board, "Acme")).to_be_visible()
    expect(card(board, "Acme")).not_to_contain_text("High")
    board.get_by_role("button", name="Views, now All tasks").click()
    board.get_by_role("menuitem", name="Save as a new view").click()
    board.get_by_label("Name").fill("Plain")
    board.get_by_role("button", name="Save").click()
    expect(board).to_have_url(re.compile("_view="))
    expect(board.get_by_role("button", name="Views, now Plain")).to_be_visible()
    expect(card(board, "Acme")).not_to_contain_text("High")


@pytest.mark.soak
def test_a_finger_scrolls_and_carries(
    new_page: Pages, admin_state: StorageState, orders: str, api: Api
) -> None:
    page = new_page(
        storage_state=admin_state, has_touch=True, viewport={"width": 844, "height": 600}
    )
    opened(page, orders)
    touch = page.context.new_cdp_session(page)
    start, end = card(page, "Acme").bounding_box(), column(page, "Picked").bounding_box()
    assert start is not None
    assert end is not None
    at = {"x": start["x"] + 60, "y": start["y"] + 30}
    touch.send("Input.dispatchTouchEvent", {"type": "touchStart", "touchPoints": [at]})
    page.locator("[data-carried]").wait_for()
    for step in (0.5, 1.0):
        to = {"x": at["x"] + (end["x"] + 100 - at["x"]) * step, "y": at["y"] + 40}
        touch.send("Input.dispatchTouchEvent", {"type": "touchMove", "touchPoints": [to]})
    expect(column(page, "Picked")).to_contain_text("Drop here")
    touch.send("Input.dispatchTouchEvent", {"type": "touchEnd", "touchPoints": []})
    expect(said(page)).to_have_text("Moved Acme to Picked")
    assert stage_of(api, orders, 1) == "Picked"


@pytest.mark.soak
def test_a_long_column_holds_few_cards_and_reads_on_as_one_scrolls(
    signed_in: Page, make_workflow: MakeWorkflow
) -> None:
    rows = [{"Number": n, "Customer": f"Customer {n:04}"} for n in range(400)]
    page = opened(signed_in, make_workflow(ORDERS, rows))
    expect(column(page, "Open")).to_have_accessible_name("Open, 400 tasks")
    assert page.locator("[data-card]").count() < 30
    page.keyboard.press("c")
    expect(card(page, "Customer 0000")).to_be_focused()
    for last in ("0049", "0099", "0149"):
        page.keyboard.press("End")
        expect(card(page, f"Customer {last}")).to_be_focused()
        expect(card(page, f"Customer {int(last) + 1:04}")).to_be_attached()
    assert page.locator("[data-card]").count() < 40


def test_the_board_is_accessible(board: Page, axe: Axe) -> None:
    assert axe(board) == []
    board.keyboard.press("c")
    for key in ["Space", "ArrowRight", "ArrowRight"]:
        board.keyboard.press(key)
    # What is dimmed cannot be used just now.
    assert [fault for fault in axe(board) if not fault.startswith("color-contrast")] == []
    board.keyboard.press("Space")
    expect(board.get_by_label("Total")).to_be_focused()
    assert axe(board) == []
    board.emulate_media(color_scheme="dark")
    expect(board.locator("html")).to_have_attribute("data-mantine-color-scheme", "dark")
    board.wait_for_function(f"() => !({BRIGHT})(document.body)")
    assert axe(board) == []
    board.keyboard.press("Escape")
    assert axe(board) == []


@pytest.mark.soak
@pytest.mark.parametrize("width", [390, 1440])
@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("zone", ["Pacific/Midway", "UTC", "Asia/Kolkata", "Pacific/Kiritimati"])
def test_the_board_works_everywhere(
    new_page: Pages,
    admin_state: StorageState,
    orders: str,
    api: Api,
    axe: Axe,
    *,
    zone: str,
    scheme: Any,
    width: int,
) -> None:
    page = new_page(
        storage_state=admin_state,
        timezone_id=zone,
        color_scheme=scheme,
        viewport={"width": width, "height": 800},
    )
    opened(page, orders)
    expect(card(page, "Acme")).to_contain_text("Overdue 29 Feb 2020")
    assert axe(page) == []
    page.keyboard.press("c")
    for key in ["Space", "ArrowRight", "Space"]:
        page.keyboard.press(key)
    expect(said(page)).to_have_text("Moved Acme to Picked")
    expect(place(page, "Picked", "Acme")).to_be_focused()
    expect(place(page, "Picked", "Acme")).to_be_in_viewport()
    assert stage_of(api, orders, 1) == "Picked"
