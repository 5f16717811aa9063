"""The settings, by mouse and by keyboard alone."""

import uuid
from collections.abc import Callable

import pytest
import requests
from playwright.sync_api import Page, expect

from tests.servers import Server
from tests.web.conftest import PASSWORD, Axe, Watch, sign_in

Ask = Callable[..., requests.Response]


@pytest.fixture
def email() -> str:
    """Give an e-mail that nobody has."""
    return f"u{uuid.uuid4().hex[:10]}@example.com"


def role_of(api: Ask, email: str) -> str | None:
    """Return the role that the server says somebody has."""
    return {user["email"]: user["role"] for user in api("GET", "/users").json()}.get(email)


def test_a_person_is_added_given_a_role_and_removed(signed_in: Page, api: Ask, email: str) -> None:
    signed_in.goto("/settings/users")
    signed_in.get_by_role("button", name="Add a person").click()
    form = signed_in.get_by_role("dialog", name="Add a person")
    form.get_by_label("E-mail").fill(email)
    form.get_by_role("button", name="Add a person").click()
    expect(form).to_have_count(0)
    assert role_of(api, email) == "member"

    signed_in.get_by_role("combobox", name=f"Role of {email}").click()
    signed_in.get_by_role("option", name="Manager").click()
    expect(signed_in.get_by_text(f"{email} is Manager now")).to_be_visible()
    assert role_of(api, email) == "manager"

    signed_in.get_by_role("button", name=f"Remove {email}").click()
    signed_in.get_by_role("button", name="Remove", exact=True).click()
    expect(signed_in.get_by_role("cell", name=email)).to_have_count(0)
    assert role_of(api, email) is None


def test_what_is_wrong_with_a_person_stands_in_the_form(signed_in: Page, watched: Watch) -> None:
    watched.expected |= {409, 422}
    signed_in.goto("/settings/users")
    signed_in.get_by_role("button", name="Add a person").click()
    form = signed_in.get_by_role("dialog", name="Add a person")
    form.get_by_label("E-mail").fill("no address")
    form.get_by_label("Name").fill("<img src=x onerror=alert(1)>")
    form.get_by_role("button", name="Add a person").click()
    expect(form.get_by_label("E-mail")).to_have_attribute("aria-invalid", "true")
    form.get_by_label("E-mail").fill("admin@example.com")
    form.get_by_role("button", name="Add a person").click()
    expect(form.get_by_role("alert")).to_contain_text("already")


def test_a_key_is_made_shown_once_and_revoked_by_keyboard(
    signed_in: Page, api: Ask, server: Server
) -> None:
    name = f"key {uuid.uuid4().hex[:8]}"
    signed_in.goto("/settings/keys")
    signed_in.get_by_role("button", name="New API key").focus()
    signed_in.keyboard.press("Enter")
    expect(signed_in.get_by_label("Name")).to_be_focused()
    signed_in.keyboard.type(name)
    signed_in.keyboard.press("Enter")
    made = signed_in.get_by_role("dialog", name="Your new API key")
    secret = made.locator("pre").inner_text()
    authorised = {"Authorization": f"Bearer {secret}"}
    assert requests.get(f"{server.url}/api/v1/workspace", headers=authorised, timeout=30).ok
    expect(made.get_by_role("button", name="I have copied it")).to_be_focused()
    signed_in.keyboard.press("Enter")
    expect(made).to_have_count(0)

    signed_in.get_by_role("button", name=f"Revoke {name}").focus()
    signed_in.keyboard.press("Enter")
    expect(signed_in.get_by_role("button", name="Cancel")).to_be_focused()
    signed_in.keyboard.press("Tab")
    signed_in.keyboard.press("Enter")
    expect(signed_in.get_by_role("cell", name=name)).to_have_count(0)
    assert name not in [key["name"] for key in api("GET", "/keys").json()]


def test_a_password_is_changed(page: Page, watched: Watch, api: Ask, email: str) -> None:
    watched.expected |= {401, 403, 422}
    api("POST", "/users", json={"email": email, "password": PASSWORD})
    sign_in(page, email)
    page.goto("/settings")
    old = page.get_by_label("Present password")
    new, again = page.get_by_label("New password", exact=True), page.get_by_label("again")
    changed = f"{PASSWORD} and another"
    old.fill("not that one")
    new.fill(changed)
    again.fill("something else")
    expect(page.get_by_text("This is not the same as above")).to_be_visible()
    again.fill(changed)
    page.keyboard.press("Enter")
    expect(page.get_by_text("This is not your password")).to_be_visible()
    old.fill(PASSWORD)
    page.keyboard.press("Enter")
    expect(page.get_by_text("The password is changed")).to_be_visible()
    page.context.clear_cookies()
    sign_in(page, email, changed)


def test_who_is_no_admin_sees_no_people_and_no_keys(page: Page, api: Ask, email: str) -> None:
    api("POST", "/users", json={"email": email, "password": PASSWORD})
    sign_in(page, email)
    page.goto("/settings")
    sections = page.get_by_role("navigation", name="Settings")
    expect(sections.get_by_role("link")).to_have_text(["Profile", "Appearance", "About"])
    page.goto("/settings/keys")
    expect(page.get_by_role("heading", name="There is no such page")).to_be_visible()


def test_lists_are_as_dense_as_one_likes(signed_in: Page) -> None:
    signed_in.goto("/settings/appearance")
    signed_in.get_by_text("Compact").click()
    expect(signed_in.locator("html")).to_have_attribute("data-density", "compact")
    signed_in.reload()
    expect(signed_in.get_by_label("Compact")).to_be_checked()


def test_nobody_is_shut_out_of_the_settings(signed_in: Page, axe: Axe) -> None:
    signed_in.goto("/settings")
    for section in ("Profile", "Appearance", "About"):
        signed_in.get_by_role("link", name=section).click()
        signed_in.get_by_role("heading", level=2).first.wait_for()
        assert [] == axe(signed_in)
    for section, button in (("People", "Add a person"), ("API keys", "New API key")):
        signed_in.get_by_role("link", name=section).click()
        signed_in.get_by_role("table").wait_for()
        assert [] == axe(signed_in)
        signed_in.get_by_role("button", name=button).click()
        signed_in.get_by_role("dialog").wait_for()
        assert [] == axe(signed_in)
        signed_in.keyboard.press("Escape")
        expect(signed_in.get_by_role("dialog")).to_have_count(0)
