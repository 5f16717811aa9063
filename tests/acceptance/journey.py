"""What somebody does who has just started Taskloom, in a real browser."""

import os
import re
import subprocess
from dataclasses import dataclass
from typing import Final

import requests
from playwright.sync_api import Page, expect

from tests.web.conftest import sign_in
from tests.web.hands import drop

ROWS: Final = (
    "Order No,Customer,Ordered on,Total,Priority,Status\n"
    "A-1,Acorn,2026-01-03,125.50,High,New\n"
    "A-2,Birch,2026-01-04,82.00,Low,Packed\n"
    "A-3,Cedar,2026-01-05,940.10,Low,Shipped\n"
    "A-4,Dogwood,2026-01-06,77.00,High,New\n"
    "A-5,Elm,2026-01-07,12.25,Low,Packed\n"
)
_WORKFLOW: Final = "orders"
_PATIENCE_MS: Final = 60_000
_SHELL_SECONDS: Final = 60


@dataclass(frozen=True, slots=True, kw_only=True)
class Started:
    """A server that was started for the first time, and what it said of itself."""

    url: str
    email: str
    password: str
    key: str


def started(said: str) -> Started:
    """Read what `taskloom serve` prints at its first start; raise `AssertionError` if it is not."""
    found = [
        re.search(rf"^ *{name} +(\S+)$", said, re.MULTILINE)
        for name in ("Taskloom is ready at", "Admin login", "Password", "API key")
    ]
    url, email, password, key = (match[1] if match else "" for match in found)
    assert url, said
    assert email, said
    assert password, said
    assert key.startswith("tl_"), said
    return Started(url=url, email=email, password=password, key=key)


def go(page: Page, server: Started) -> None:
    """Sign in, bring a file, work on its board, and use the API as its page says."""
    page.set_default_timeout(_PATIENCE_MS)
    expect.set_options(timeout=_PATIENCE_MS)
    sign_in(page, server.email, server.password)
    _bring_a_file(page)
    _move_a_card(page)
    assert _asked(server, "A-4")["Stage"] == "Packed"
    _run_the_sample(page, server)


def _bring_a_file(page: Page) -> None:
    page.get_by_role("link", name="Set up your first workflow").click()
    drop(page, "orders.csv", ROWS)
    expect(page.get_by_label("Order No tells tasks apart")).to_be_checked()
    expect(page.get_by_role("combobox", name="What Total holds")).to_have_value("Number")
    page.get_by_role("button", name="Create it and import 5 rows").click()
    expect(page).to_have_url(f"/workflows/{_WORKFLOW}")
    expect(page.get_by_text("Dogwood")).to_be_visible()


def _move_a_card(page: Page) -> None:
    page.get_by_role("link", name="Board", exact=True).first.click()
    page.locator("[data-card]").filter(has_text="Dogwood").focus()
    page.keyboard.press("Space")
    page.keyboard.press("ArrowRight")
    page.keyboard.press("Space")
    expect(page.get_by_text(re.compile("^Moved .* to Packed$"))).to_be_attached()


def _run_the_sample(page: Page, server: Started) -> None:
    """Paste the first sample in cURL into a shell, with the key in its environment."""
    page.goto(f"/workflows/{_WORKFLOW}/api")
    sample = page.get_by_label("Sample in cURL").locator("code").text_content() or ""
    done = subprocess.run(
        ["/bin/sh", "-e"],
        input=sample,
        env={**os.environ, "TASKLOOM_KEY": server.key},
        capture_output=True,
        text=True,
        timeout=_SHELL_SECONDS,
        check=False,
    )
    assert done.returncode == 0, f"{sample}\n{done.stdout}\n{done.stderr}"
    assert "Task URL" in done.stdout, f"{sample}\n{done.stdout}\n{done.stderr}"


def _asked(server: Started, uid: str) -> dict[str, str]:
    answer = requests.get(
        f"{server.url}/api/v1/workflows/{_WORKFLOW}/tasks/{uid}",
        headers={"Authorization": f"Bearer {server.key}"},
        timeout=30,
    )
    assert answer.status_code == requests.codes.ok, answer.text
    found: dict[str, str] = answer.json()
    return found
