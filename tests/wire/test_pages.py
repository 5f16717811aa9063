"""The pages of the web app: one document at its addresses, and the files it is built of."""

import gzip
import re
from collections.abc import Callable
from functools import partial
from inspect import unwrap
from pathlib import Path

import pytest
from flask import Flask
from werkzeug.test import TestResponse

from taskloom.wire.pages import BUILT, NONCE
from tests.wire.conftest import KEY

PAGES = (
    *("/", "/login", "/welcome", "/settings", "/settings/keys", "/workflows", "/workflows/"),
    *("/workflows/sales-pipeline", "/workflows/sales-pipeline/tasks/674054a1b2c3d4e5f6071829"),
    *("/workflows/a/b/c/d", "/workflows/%2F", "/workflows/ä//x", "/settings/a.js", "/login/"),
)
Get = Callable[..., TestResponse]
SCRIPT = b"console.log(1)" * 200


@pytest.fixture
def web(tmp_path: Path) -> Path:
    """A folder as a build of the web app leaves it."""
    folder = tmp_path / "app"
    (folder / "assets").mkdir(parents=True)
    meta = f'<meta property="csp-nonce" nonce="{NONCE}">'
    (folder / "index.html").write_text(f"<!doctype html><title>Taskloom</title>{meta}", "utf-8")
    script = folder / "assets" / "index-abc.js"
    script.write_bytes(SCRIPT)
    script.with_name("index-abc.js.gz").write_bytes(gzip.compress(SCRIPT))
    script.with_name("index-abc.js.br").write_bytes(b"as brotli has it")
    (folder / "assets" / "page-abc.css").write_text("a{}", "utf-8")
    (folder / "assets" / "secret.pem").write_text("x", "utf-8")
    (folder / "icon.svg").write_text("<svg/>", "utf-8")
    (tmp_path / "outside.js").write_text("outside", "utf-8")
    return folder


@pytest.fixture
def built(app: Flask, web: Path, monkeypatch: pytest.MonkeyPatch) -> Get:
    """Ask a server whose web app is built."""
    monkeypatch.setattr(unwrap(app.view_functions["pages.home"]).__self__, "_folder", web)
    return partial(app.test_client().open, buffered=True)


def policy(response: TestResponse) -> dict[str, list[str]]:
    parts = response.headers["Content-Security-Policy"].split("; ")
    return {name: rest.split() for name, _, rest in (part.partition(" ") for part in parts)}


def test_every_address_of_the_app_answers_its_document(built: Get) -> None:
    for path in PAGES:
        response = built(path)

        assert (200, "text/html") == (response.status_code, response.mimetype), path
        assert "<title>Taskloom</title>" in response.text
        assert "no-cache" == response.headers["Cache-Control"]
        assert "ETag" not in response.headers


def test_nothing_runs_or_is_shown_that_is_not_of_this_server(built: Get) -> None:
    first, second = built("/"), built("/")

    told = policy(first)
    (nonce,) = re.findall(r'nonce="([\w-]{22})"', first.text)
    assert ["'self'"] == told["script-src"] == told["default-src"]
    assert ["'self'", f"'nonce-{nonce}'"] == told["style-src"]
    assert ["'none'"] == told["frame-ancestors"] == told["object-src"] == told["base-uri"]
    assert not any("unsafe" in part or "http" in part for parts in told.values() for part in parts)
    assert nonce not in second.text
    assert "nosniff" == first.headers["X-Content-Type-Options"]


def test_hashed_files_are_kept_for_ever_and_others_asked_for_again(built: Get) -> None:
    hashed, other = built("/ui/assets/page-abc.css"), built("/ui/icon.svg")

    assert "public, max-age=31536000, immutable" == hashed.headers["Cache-Control"]
    assert "no-cache" == other.headers["Cache-Control"]
    assert ("text/css", "image/svg+xml") == (hashed.mimetype, other.mimetype)
    again = built("/ui/icon.svg", headers={"If-None-Match": other.headers["ETag"]})
    assert (304, b"") == (again.status_code, again.data)


def test_a_file_comes_packed_as_the_browser_takes_it(built: Get) -> None:
    expected = {"br": b"as brotli has it", "gzip": gzip.compress(SCRIPT), None: SCRIPT}
    for accepted, coding in (
        ("gzip, deflate, br", "br"),
        ("gzip", "gzip"),
        ("br;q=0, gzip", "gzip"),
        ("", None),
        ("identity", None),
        ("zstd", None),
    ):
        response = built("/ui/assets/index-abc.js", headers={"Accept-Encoding": accepted})

        assert (200, "text/javascript") == (response.status_code, response.mimetype)
        assert coding == response.headers.get("Content-Encoding"), accepted
        assert "Accept-Encoding" == response.headers["Vary"]
        assert len(expected[coding]) == len(response.data)


def test_what_is_not_packed_comes_as_it_is(built: Get) -> None:
    response = built("/ui/icon.svg", headers={"Accept-Encoding": "br, gzip"})

    assert (None, b"<svg/>") == (response.headers.get("Content-Encoding"), response.data)


def test_nothing_else_is_served(built: Get) -> None:
    for path in (
        *("/ui", "/ui/", "/ui/assets", "/ui/assets/", "/ui/nothing.js", "/ui/../outside.js"),
        *("/ui/..%2Foutside.js", "/ui//etc/passwd", "/ui/assets/secret.pem", "/ui/a%00.js"),
        *(f"/ui/{'x' * 5000}.js", "/ui/assets/index-abc.js.br", "/ui/assets/index-abc.js/x"),
    ):
        response = built(path)

        assert (404, "application/json") == (response.status_code, response.mimetype), path


def test_pages_are_only_read(built: Get) -> None:
    for method in ("POST", "PUT", "PATCH", "DELETE"):
        for path in ("/", "/login", "/workflows/a", "/ui/icon.svg"):
            response = built(path, method=method)

            assert (405, "application/json") == (response.status_code, response.mimetype), path


def test_other_addresses_stay_what_they_were(built: Get) -> None:
    key = {"Authorization": f"Bearer {KEY}"}

    assert 200 == built("/api/v1/workflows", headers=key).status_code
    assert "text/html" == built("/docs").mimetype
    for path in ("/tasks", "/v1/tasks", "/api/tasks", "/api/v1/workflows"):
        response = built(path)
        assert (401, "application/json") == (response.status_code, response.mimetype), path
    for path in ("/nothing", "/loginx", "/index.html", "/api", "/assets/a.js", "/welcomes"):
        response = built(path)
        assert (404, "application/json") == (response.status_code, response.mimetype), path
    assert 200 == built("/healthz").status_code


def test_before_it_is_built_a_page_says_what_to_do(built: Get, web: Path) -> None:
    web.rename(web.with_name("elsewhere"))

    for path in ("/", "/workflows/a/tasks/b"):
        response = built(path)
        assert (200, "text/html") == (response.status_code, response.mimetype)
        assert "make setup" in response.text
    assert 404 == built("/ui/assets/index-abc.js").status_code


def test_what_is_built_is_looked_for_in_the_package() -> None:
    assert ("taskloom", "static", "app") == BUILT.parts[-3:]
