"""Signing in and out, the command palette, the cheat sheet and the colours, as people use them."""

import re
from collections.abc import Callable

import requests
from playwright.sync_api import Page, expect

from tests.web.conftest import ADMIN, PASSWORD, Axe, Watch, sign_in


def test_signs_in_by_keyboard_and_goes_on_to_where_one_wanted_to_go(page: Page) -> None:
    page.goto("/settings/appearance?x=1")
    expect(page).to_have_url("/login?next=%2Fsettings%2Fappearance%3Fx%3D1")
    expect(page.get_by_label("E-mail")).to_be_focused()
    page.keyboard.type(ADMIN)
    page.keyboard.press("Tab")
    page.keyboard.type(PASSWORD)
    page.keyboard.press("Enter")
    expect(page).to_have_url("/settings/appearance?x=1")


def test_never_goes_on_to_another_host(page: Page) -> None:
    page.goto("/login?next=//example.com/x")
    page.get_by_label("E-mail").fill(ADMIN)
    page.get_by_label("Password", exact=True).fill(PASSWORD)
    page.get_by_role("button", name="Sign in").click()
    expect(page.get_by_role("heading", level=1, name="Workflows")).to_be_visible()
    expect(page).to_have_url("/")


def test_says_what_is_missing_and_what_is_wrong(page: Page, watched: Watch) -> None:
    watched.expected.add(401)
    page.goto("/login")
    page.get_by_role("button", name="Sign in").click()
    expect(page.get_by_text("Fill this in")).to_have_count(2)
    page.get_by_label("E-mail").fill(ADMIN)
    page.get_by_label("Password", exact=True).fill("not that one")
    page.keyboard.press("Enter")
    expect(page.get_by_role("alert")).to_contain_text("do not belong together")
    expect(page.get_by_label("E-mail")).to_have_value(ADMIN)


def test_signs_out_by_mouse(page: Page) -> None:
    sign_in(page)
    page.get_by_role("button", name="Account of").click()
    page.get_by_role("menuitem", name="Sign out").click()
    expect(page).to_have_url(re.compile("/login"))
    page.goto("/settings")
    expect(page.get_by_role("heading", name="Sign in")).to_be_visible()


def test_an_expired_session_asks_over_the_page_and_goes_on(
    page: Page, watched: Watch, api: Callable[..., requests.Response]
) -> None:
    watched.expected.add(401)
    sign_in(page)
    page.goto("/settings/keys")
    page.get_by_role("button", name="New API key").click()
    page.get_by_label("Name").fill("made across a sign-in")
    page.context.clear_cookies()
    page.get_by_role("button", name="Create").click()
    dialog = page.get_by_role("dialog", name="Sign in again")
    expect(dialog.get_by_label("E-mail")).to_have_value(ADMIN)
    dialog.get_by_label("Password", exact=True).fill(PASSWORD)
    dialog.get_by_role("button", name="Sign in").click()
    expect(page.get_by_role("dialog", name="Your new API key")).to_be_visible()
    names = [key["name"] for key in api("GET", "/keys").json()]
    assert names.count("made across a sign-in") == 1


def test_the_palette_goes_anywhere_by_keyboard(signed_in: Page) -> None:
    signed_in.goto("/")
    signed_in.get_by_role("heading", name="Workflows", level=1).wait_for()
    signed_in.keyboard.press("Control+k")
    expect(signed_in.get_by_role("dialog").get_by_role("textbox")).to_be_focused()
    signed_in.keyboard.type("sales report")
    signed_in.keyboard.press("Enter")
    expect(signed_in).to_have_url("/workflows/sales-pipeline/reports")
    signed_in.keyboard.press("Control+k")
    signed_in.keyboard.type("no such thing")
    expect(signed_in.get_by_text("Nothing found.")).to_be_visible()
    signed_in.keyboard.press("Escape")
    signed_in.keyboard.press("g")
    signed_in.keyboard.press("h")
    expect(signed_in).to_have_url("/")


def test_the_palette_opens_by_mouse_and_changes_the_colours(signed_in: Page) -> None:
    signed_in.goto("/settings")
    signed_in.get_by_role("button", name="Search").click()
    signed_in.get_by_role("dialog").get_by_role("textbox").fill("dark")
    signed_in.get_by_role("button", name="Use dark colours").click()
    scheme = signed_in.locator("html")
    expect(scheme).to_have_attribute("data-mantine-color-scheme", "dark")
    signed_in.reload()
    signed_in.get_by_role("heading", name="Settings", level=1).wait_for()
    expect(scheme).to_have_attribute("data-mantine-color-scheme", "dark")
    signed_in.keyboard.press("Control+Shift+l")
    expect(scheme).to_have_attribute("data-mantine-color-scheme", "light")


def test_the_cheat_sheet_lists_the_shortcuts_but_not_while_one_types(signed_in: Page) -> None:
    signed_in.goto("/settings")
    signed_in.get_by_label("Present password").focus()
    signed_in.keyboard.type("?")
    expect(signed_in.get_by_role("dialog")).to_have_count(0)
    signed_in.get_by_label("Present password").blur()
    signed_in.keyboard.press("?")
    sheet = signed_in.get_by_role("dialog", name="Keyboard shortcuts")
    expect(sheet.get_by_text("Search or run a command")).to_be_visible()
    signed_in.keyboard.press("Escape")
    expect(sheet).to_have_count(0)


def test_tells_that_the_server_is_gone_and_that_it_is_back(signed_in: Page, watched: Watch) -> None:
    watched.expected.add("ERR_INTERNET_DISCONNECTED")
    signed_in.goto("/settings")
    signed_in.get_by_role("heading", name="Password").wait_for()
    signed_in.context.set_offline(True)
    signed_in.get_by_role("link", name="API keys").click()
    expect(signed_in.get_by_text("The server cannot be reached.")).to_be_visible()
    signed_in.context.set_offline(False)
    signed_in.get_by_role("button", name="Try now").click()
    expect(signed_in.get_by_text("The server cannot be reached.")).to_have_count(0)
    expect(signed_in.get_by_role("table")).to_be_visible()


def test_nobody_is_shut_out(page: Page, signed_in: Page, axe: Axe) -> None:
    page.goto("/login")
    page.get_by_role("heading", name="Sign in").wait_for()
    signed_in.goto("/")
    signed_in.get_by_role("heading", name="Team tasks").wait_for()
    assert [] == axe(page)
    assert [] == axe(signed_in)
    for key in ("Control+k", "?"):
        signed_in.keyboard.press(key)
        signed_in.get_by_role("dialog").wait_for()
        assert [] == axe(signed_in)
        signed_in.keyboard.press("Escape")
        expect(signed_in.get_by_role("dialog")).to_have_count(0)
    signed_in.get_by_role("button", name="Account of").click()
    signed_in.get_by_role("menu").wait_for()
    assert [] == axe(signed_in)
