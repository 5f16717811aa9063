"""The documentation pages: from this server alone, without inline script."""

import re
from pathlib import Path

import pytest

from taskloom.wire.docs import pages
from tests.wire.conftest import KEY, Ask

PAGES = ("/docs", "/docs/api", "/docs/workflows/sales-pipeline")


@pytest.fixture
def swagger(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with files of Swagger UI's names, in the place of the real ones."""
    folder = tmp_path / "docs"
    folder.mkdir()
    for name in pages.SWAGGER_FILES:
        (folder / name).write_text(f"/* {name} */", encoding="utf-8")
    monkeypatch.setattr(pages, "SWAGGER", folder)
    return folder


@pytest.mark.parametrize("page", PAGES)
def test_a_page_loads_only_from_this_server(ask: Ask, swagger: Path, page: str) -> None:
    answer = ask("GET", page)

    text = answer.body.decode()
    addresses = re.findall(r'(?:src|href|data-document)="([^"]*)"', text)
    assert 200 == answer.status
    assert addresses
    assert all(address.startswith("/") and not address.startswith("//") for address in addresses)
    assert text.count("<script") == len(re.findall(r'<script src="[^"]+" defer></script>', text))
    assert not re.search(r"\son\w+=|<style|\sstyle=", text)


@pytest.mark.parametrize("page", PAGES)
def test_a_page_forbids_everything_from_elsewhere(ask: Ask, page: str) -> None:
    policy = ask("GET", page).headers["Content-Security-Policy"]

    assert "default-src 'none'" in policy
    assert "connect-src 'self'" in policy
    assert "script-src 'self';" in policy
    assert "unsafe" not in policy


def test_every_file_a_page_asks_for_is_there(ask: Ask, swagger: Path) -> None:
    for page in PAGES:
        for address in re.findall(r'(?:src|href)="([^"]*)"', ask("GET", page).body.decode()):
            answer = ask("GET", address, headers={"Authorization": f"Bearer {KEY}"})
            assert 200 == answer.status, address


@pytest.mark.parametrize("page", PAGES[1:])
def test_a_page_without_the_viewer_says_what_to_run(ask: Ask, swagger: Path, page: str) -> None:
    (swagger / pages.SWAGGER_FILES[0]).unlink()

    text = ask("GET", page).body.decode()

    assert "make setup" in text
    assert "swagger-ui" not in text


def test_an_odd_workflow_id_stays_text(ask: Ask, swagger: Path) -> None:
    text = ask("GET", "/docs/workflows/%3Cscript%3E%22x").body.decode()

    assert "<script>" not in text
    assert "&lt;script&gt;" in text


@pytest.mark.parametrize("name", ["secret", "..%2Fpages.py", "%2e%2e%2fapi.py", "docs.html"])
def test_nothing_else_is_served_as_an_asset(ask: Ask, name: str) -> None:
    assert 404 == ask("GET", f"/docs/assets/{name}").status
