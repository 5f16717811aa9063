"""The web app's pages: one document at every address of its own, and the files it is made of."""

import re
import secrets
from pathlib import Path
from typing import Final

from flask import Blueprint, Response, abort, request, send_file
from werkzeug.security import safe_join

BUILT: Final = Path(__file__).parents[1] / "static" / "app"
"""Where the web app is built to."""

NONCE: Final = "taskloom-nonce"
"""What the built document holds in the place of the nonce of each answer."""

_FILES: Final = "/ui"
_PAGES: Final = ("/login", "/welcome", "/settings", "/workflows")
_HASHED: Final = "assets/"
_LASTING: Final = "public, max-age=31536000, immutable"
_CHANGING: Final = "no-cache"
_PACKED: Final = (("br", ".br"), ("gzip", ".gz"))
_POLICY: Final = (
    "default-src 'self'; script-src 'self'; style-src 'self' 'nonce-{nonce}'; "
    "img-src 'self' data: blob:; object-src 'none'; base-uri 'none'; form-action 'self'; "
    "frame-ancestors 'none'"
)
_TYPES: Final = {
    ".css": "text/css; charset=utf-8",
    ".html": "text/html; charset=utf-8",
    ".ico": "image/x-icon",
    ".js": "text/javascript; charset=utf-8",
    ".json": "application/json",
    ".map": "application/json",
    ".png": "image/png",
    ".svg": "image/svg+xml",
    ".txt": "text/plain; charset=utf-8",
    ".webmanifest": "application/manifest+json",
    ".webp": "image/webp",
    ".woff2": "font/woff2",
}
_NOT_BUILT: Final = """<!doctype html>
<html lang="en"><meta charset="utf-8"><title>Taskloom</title>
<h1>The web app is not built</h1>
<p>Run <code>make setup</code> in the checkout, and load this page again.
The API works without it: see <a href="/docs">its documentation</a>.</p>
</html>
"""


class Pages:
    """The views over one folder of built files."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def page(self, **_parts: str) -> Response:
        """Answer the document, whatever the address below that of a page is."""
        nonce = secrets.token_urlsafe(16)
        try:
            text = (self._folder / "index.html").read_text(encoding="utf-8")
        except FileNotFoundError:
            text = _NOT_BUILT
        response = Response(text.replace(NONCE, nonce), mimetype="text/html")
        response.headers["Content-Security-Policy"] = _POLICY.format(nonce=nonce)
        # Without a tag to compare, for a policy and its document are of one answer.
        response.headers["Cache-Control"] = _CHANGING
        return response

    def file(self, name: str) -> Response:
        """Answer a built file, packed as the browser takes it."""
        path, media = self._find(name), _TYPES.get(Path(name).suffix)
        if path is None or media is None:
            abort(404)
        coding, ending = self._packing(path)
        response = send_file(f"{path}{ending}", mimetype=media, conditional=True)
        if coding:
            response.headers["Content-Encoding"] = coding
        response.headers["Vary"] = "Accept-Encoding"
        response.headers["Cache-Control"] = _LASTING if name.startswith(_HASHED) else _CHANGING
        return response

    def _find(self, name: str) -> Path | None:
        found = safe_join(str(self._folder), name)
        try:
            return Path(found) if found is not None and Path(found).is_file() else None
        except OSError:
            # No file can have such a name.
            return None

    def _packing(self, path: Path) -> tuple[str, str]:
        """Choose what is built beside a file: its coding, and the ending of its name."""
        for coding, ending in _PACKED:
            wanted = request.accept_encodings.quality(coding) > 0
            if wanted and path.with_name(path.name + ending).is_file():
                return coding, ending
        return "", ""


def blueprint() -> Blueprint:
    """Make the blueprint of the pages."""
    views = Pages(BUILT)
    made = Blueprint("pages", __name__)
    made.add_url_rule("/", endpoint="home", view_func=views.page)
    for path in _PAGES:
        name = re.sub("[^a-z]", "", path)
        made.add_url_rule(path, endpoint=name, view_func=views.page, strict_slashes=False)
        made.add_url_rule(f"{path}/<rest:below>", endpoint=f"in_{name}", view_func=views.page)
    made.add_url_rule(f"{_FILES}/<path:name>", view_func=views.file)
    return made
