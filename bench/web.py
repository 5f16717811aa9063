"""`python -m bench.web`: how quick the web app is in a real browser, kept in the page.

A table of 100,000 tasks and a board of 20,000, on a server of their own, in headless Chromium.
"""

import http.client
import os
import shutil
import statistics
import sys
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import orjson
from playwright.sync_api import Browser, Page, ViewportSize, sync_playwright

from bench import page, sample
from tests.servers import Server, serving
from tests.web.conftest import ADMIN, ARGS, BUILT, KEY, PASSWORD, sign_in

TABLE = 100_000
BOARD = 20_000
BOARD_ID = "board"
ROWS_PER_REQUEST = 10_000
FIRST = 5
"""So many times a page is opened anew."""

DROPS = 15
FRAMES = 300
PIXELS_PER_FRAME = 240
"""As fast as a wheel that somebody spins: seven rows, or two cards, a frame."""

HEAD = ("figure", "median", "95 %", "worst")
WIDE: ViewportSize = {"width": 1440, "height": 900}

FIRST_SHOWN = """(selector) => new Promise((done) => {
  const look = () => document.querySelector(selector)
    ? requestAnimationFrame(() => done(performance.now()))
    : requestAnimationFrame(look);
  look();
})"""
"""Milliseconds from the start of the navigation to the frame in which it stands there."""

SCROLLED = """([selector, frames, pixels]) => new Promise((done) => {
  let box = document.querySelector(selector);
  while (box && !(box.scrollHeight > box.clientHeight + 1 &&
                  /auto|scroll/.test(getComputedStyle(box).overflowY))) {
    box = box.parentElement;
  }
  const times = [];
  let before = performance.now();
  const frame = (now) => {
    times.push(now - before);
    before = now;
    box.scrollTop += pixels;
    times.length > frames ? done(times.slice(1)) : requestAnimationFrame(frame);
  };
  requestAnimationFrame(frame);
})"""
"""Milliseconds of each frame while something is scrolled."""

DROPPED = """() => new Promise((done) => {
  const said = document.querySelector("[data-said]");
  const started = performance.now();
  const look = new MutationObserver(() => {
    if (said.textContent.startsWith("Moved")) {
      look.disconnect();
      done(performance.now() - started);
    }
  });
  look.observe(said, {childList: true, characterData: true, subtree: true});
  document.activeElement.dispatchEvent(
    new KeyboardEvent("keydown", {key: " ", bubbles: true, cancelable: true}));
})"""
"""Milliseconds from the key that puts a card down until the server has it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Figure:
    """Milliseconds, several times."""

    title: str
    times: Sequence[float]

    @property
    def cells(self) -> Sequence[str]:
        """Spell the row of the table."""
        ordered = sorted(self.times)
        high = ordered[min(len(ordered) - 1, int(len(ordered) * 0.95))]
        told = (statistics.median(ordered), high, ordered[-1])
        return (self.title, *(f"{each:,.0f} ms" for each in told))


def call(server: Server, method: str, path: str, body: bytes, kind: str) -> Any:
    """Send one request and read the answer, which must be good."""
    connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=600)
    headers = {"Authorization": f"Bearer {KEY}", "Content-Type": kind}
    connection.request(method, f"/api/v1/workflows/{path}", body, headers)
    answer = connection.getresponse()
    read = answer.read()
    connection.close()
    if answer.status >= http.client.BAD_REQUEST:
        raise SystemExit(f"{method} {path} was refused: {answer.status} {read[:500]!r}")
    return read


def fill(server: Server, workflow: str, number: int) -> None:
    """Make a workflow and its tasks."""
    file = orjson.dumps(sample.file(workflow))
    call(server, "PUT", workflow, file, "application/json")
    for first in range(0, number, ROWS_PER_REQUEST):
        body = sample.lines(map(sample.task, range(first, first + ROWS_PER_REQUEST)))
        call(server, "POST", f"{workflow}/tasks/bulk", body, "application/x-ndjson")


@contextmanager
def filled() -> Iterator[Server]:
    """Run a server that holds both workflows."""
    settings = {
        "TASKLOOM_BOOTSTRAP_KEY": KEY,
        "TASKLOOM_BOOTSTRAP_EMAIL": ADMIN,
        "TASKLOOM_BOOTSTRAP_PASSWORD": PASSWORD,
    }
    with tempfile.TemporaryDirectory() as folder, serving(Path(folder) / "s", settings) as server:
        fill(server, sample.WORKFLOW, TABLE)
        fill(server, BOARD_ID, BOARD)
        yield server


def opened(browser: Browser, server: Server) -> Page:
    """Give a page on which the admin is signed in."""
    context = browser.new_context(base_url=server.url, viewport=WIDE)
    shown = context.new_page()
    shown.set_default_timeout(60_000)
    sign_in(shown)
    return shown


def first_shown(shown: Page, address: str, selector: str) -> list[float]:
    """Open an address several times, the app in the browser's cache, and wait for its tasks."""
    times = []
    for _ in range(FIRST):
        shown.goto("about:blank")
        shown.goto(address, wait_until="commit")
        times.append(shown.evaluate(FIRST_SHOWN, selector))
    shown.wait_for_load_state("networkidle")
    return times


def scrolled(shown: Page, selector: str) -> list[float]:
    """Scroll what holds an element."""
    times: list[float] = shown.evaluate(SCROLLED, [selector, FRAMES, PIXELS_PER_FRAME])
    return times


def drops(shown: Page) -> list[float]:
    """Carry cards from the first column to the second, by keys."""
    times = []
    shown.evaluate("window.scrollTo(0, 0)")
    for _ in range(DROPS):
        shown.reload()
        shown.locator("[data-card]").first.wait_for()
        shown.keyboard.press("c")
        shown.locator("[data-card]:focus").wait_for()
        with shown.expect_response(lambda answer: "/by-id/" in answer.url):
            shown.keyboard.press("Space")
        shown.keyboard.press("ArrowRight")
        times.append(shown.evaluate(DROPPED))
    return times


def figures(browser: Browser, server: Server) -> Iterator[Figure]:
    """Measure one thing after the other."""
    shown = opened(browser, server)
    row, card = '[data-row="0"]', "[data-card]"
    table = f"/workflows/{sample.WORKFLOW}"
    board = f"/workflows/{BOARD_ID}/board"
    yield Figure(
        title=f"table of {TABLE:,}: from the address to the first rows",
        times=first_shown(shown, table, row),
    )
    yield Figure(title="table: a frame while scrolling", times=scrolled(shown, row))
    yield Figure(
        title=f"board of {BOARD:,}: from the address to the first cards",
        times=first_shown(shown, board, card),
    )
    yield Figure(title="board: a frame while scrolling", times=scrolled(shown, card))
    yield Figure(title="board: from the drop until it is saved", times=drops(shown))


def main() -> int:
    """Measure, print, and write into the page."""
    if not BUILT.exists():
        print("the web app is not built: run `make setup`", file=sys.stderr)
        return 1
    rows = []
    with filled() as server, sync_playwright() as playwright:
        found = shutil.which("chromium") or shutil.which("chromium-browser")
        browser = playwright.chromium.launch(executable_path=found, args=list(ARGS))
        for figure in figures(browser, server):
            rows.append(figure.cells)
            print(" · ".join(figure.cells), flush=True)
        browser.close()
    today = datetime.now(UTC).date()
    told = f"Measured on {today}, on {os.cpu_count()} cores.\n\n"
    page.write("web", told + page.markdown(HEAD, rows))
    print(f"written: {page.PAGE.name}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
