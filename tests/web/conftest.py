"""A real server with the built web app, and a real Chromium that must not complain."""

import re
import shutil
import uuid
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final, Literal
from urllib.parse import urlsplit

import pytest
import requests
from playwright.sync_api import (
    Browser,
    BrowserContext,
    ConsoleMessage,
    Page,
    Request,
    StorageState,
    sync_playwright,
)

from taskloom.storage.client import connect
from tests.servers import ROOT, Server, serving

ADMIN: Final = "admin@example.com"
PASSWORD: Final = "a password of nine words that nobody has guessed"
KEY: Final = "tl_web0000000000000000000000000000000000000"
SERIOUS: Final = frozenset({"serious", "critical"})
WIDE: Final = {"width": 1280, "height": 800}
ARGS: Final = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-dev-shm-usage",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)
AXE: Final = ROOT / "platform" / "web" / "node_modules" / "axe-core" / "axe.min.js"
BUILT: Final = ROOT / "platform" / "taskloom" / "static" / "app" / "index.html"

_REFUSED: Final = re.compile(r"Failed to load resource: .* status of (\d+)")

Axe = Callable[[Page], Sequence[str]]
MakeWorkflow = Callable[..., str]


@dataclass
class Watch:
    """What a page must not do: complain in its console, break, or ask another host.

    `expected` are the HTTP statuses that a test provokes, and the texts of other complaints.
    """

    origin: str
    complaints: list[str] = field(default_factory=list)
    expected: set[int | str] = field(default_factory=set)

    def watch(self, context: BrowserContext) -> None:
        """Listen to every page of a context."""
        context.on("console", self._said)
        context.on("weberror", lambda error: self.complaints.append(f"broke: {error.error}"))
        context.on("request", self._asked)

    def unexpected(self) -> Sequence[str]:
        """Return what was complained of and nobody expected."""
        return [said for said in self.complaints if not self._is_expected(said)]

    def _said(self, message: ConsoleMessage) -> None:
        if message.type in {"error", "warning"}:
            self.complaints.append(message.text)

    def _asked(self, request: Request) -> None:
        address = urlsplit(request.url)
        if address.scheme in {"http", "https", "ws", "wss"}:
            host = f"{address.scheme}://{address.netloc}"
            if host != self.origin:
                self.complaints.append(f"asked another host: {request.url}")

    def _is_expected(self, said: str) -> bool:
        refused = _REFUSED.search(said)
        if refused is not None:
            return int(refused[1]) in self.expected
        return any(isinstance(text, str) and text in said for text in self.expected)


@pytest.fixture(scope="session")
def server(mongod_uri: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """Run one server for all tests of this process, with the shipped workflows."""
    assert BUILT.exists(), "the web app is not built: run `make setup`"
    name = f"web_{uuid.uuid4().hex}"
    settings = {
        "TASKLOOM_MONGODB_URI": mongod_uri.replace("/?", f"/{name}?"),
        "TASKLOOM_BOOTSTRAP_KEY": KEY,
        "TASKLOOM_BOOTSTRAP_EMAIL": ADMIN,
        "TASKLOOM_BOOTSTRAP_PASSWORD": PASSWORD,
        "TASKLOOM_WORKFLOWS": str(ROOT / "workflow_schemas"),
        "TASKLOOM_WORKERS": "1",
    }
    with serving(tmp_path_factory.mktemp("server"), settings) as running:
        yield running
    opened = connect(mongod_uri, name)
    opened.client.drop_database(name)
    opened.client.close()


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    """Give Chromium: the one on the PATH, or Playwright's own."""
    with sync_playwright() as playwright:
        found = shutil.which("chromium") or shutil.which("chromium-browser")
        browser = playwright.chromium.launch(executable_path=found, args=list(ARGS))
        yield browser
        browser.close()


@pytest.fixture(scope="session")
def admin_state(server: Server, chromium: Browser) -> StorageState:
    """Sign the admin in, once, and return what the browser keeps of it."""
    context = chromium.new_context(base_url=server.url)
    page = context.new_page()
    sign_in(page)
    state = context.storage_state()
    context.close()
    return state


@pytest.fixture
def watched(server: Server) -> Iterator[Watch]:
    """Watch the pages of a test; it fails where they complain."""
    watch = Watch(origin=server.url)
    yield watch
    assert [] == watch.unexpected()


@pytest.fixture
def new_page(server: Server, chromium: Browser, watched: Watch) -> Iterator[Callable[..., Page]]:
    """Give a factory of pages, each of a browser of its own; options are those of contexts."""
    opened: list[BrowserContext] = []

    def make(**options: Any) -> Page:
        usual: dict[str, Any] = {"viewport": WIDE, "reduced_motion": "reduce", "locale": "en-GB"}
        context = chromium.new_context(base_url=server.url, **(usual | options))
        opened.append(context)
        watched.watch(context)
        page = context.new_page()
        page.set_default_timeout(10_000)
        return page

    yield make
    for context in opened:
        context.close()


@pytest.fixture
def page(new_page: Callable[..., Page]) -> Page:
    """Give a page on which nobody is signed in."""
    return new_page()


@pytest.fixture
def signed_in(new_page: Callable[..., Page], admin_state: StorageState) -> Page:
    """Give a page on which the admin is signed in; it has not gone anywhere yet."""
    return new_page(storage_state=admin_state)


def sign_in(page: Page, email: str = ADMIN, password: str = PASSWORD) -> None:
    """Sign somebody in by the form, and wait for the home page."""
    page.goto("/login")
    page.get_by_label("E-mail").fill(email)
    page.get_by_label("Password", exact=True).fill(password)
    page.get_by_role("button", name="Sign in").click()
    page.get_by_role("heading", level=1).wait_for()
    page.wait_for_url(lambda url: not url.endswith("/login"))


@pytest.fixture(scope="session")
def api(server: Server) -> Iterator[Callable[..., requests.Response]]:
    """Ask the server with the admin's key: `api("GET", "/workflows")`, below `/api/v1`."""
    with requests.Session() as session:
        session.headers["Authorization"] = f"Bearer {KEY}"

        def ask(method: str, path: str, **options: Any) -> requests.Response:
            return session.request(method, f"{server.url}/api/v1{path}", timeout=30, **options)

        yield ask


@pytest.fixture
def make_workflow(api: Callable[..., requests.Response]) -> MakeWorkflow:
    """Give a factory of workflows: a file and rows go in, the id of a new workflow comes out."""

    def make(file: Mapping[str, object], rows: Sequence[Mapping[str, object]] = ()) -> str:
        name = f"w{uuid.uuid4().hex[:12]}"
        told = api("PUT", f"/workflows/{name}", json={**file, "$id": name})
        assert told.status_code == requests.codes.created, told.text
        if rows:
            answer = api("POST", f"/workflows/{name}/tasks/bulk", json=list(rows))
            assert answer.json()["refused"] == 0, answer.text
        return name

    return make


@pytest.fixture(scope="session")
def axe() -> Axe:
    """Give a function that tells the serious and critical accessibility faults of a page.

    It looks at the page in light colours and, for what can differ there, in dark ones.
    """
    source = AXE.read_text(encoding="utf-8")

    def look(page: Page) -> Sequence[str]:
        page.evaluate(source)
        _colour(page, "light")
        told = _faults(page, {})
        _colour(page, "dark")
        told += _faults(page, {"runOnly": ["color-contrast"]})
        _colour(page, "light")
        return told

    return look


def _colour(page: Page, scheme: Literal["light", "dark"]) -> None:
    page.emulate_media(color_scheme=scheme)
    page.locator(f"html[data-mantine-color-scheme={scheme}]").wait_for()


def _faults(page: Page, options: Mapping[str, object]) -> list[str]:
    asked = {"resultTypes": ["violations"], **options}
    found = page.evaluate("options => axe.run(document, options)", asked)
    return [
        f"{fault['id']}: {node['failureSummary']}: {node['html'][:200]}"
        for fault in found["violations"]
        if fault["impact"] in SERIOUS
        for node in fault["nodes"]
    ]
