"""What several tests do by hand: give files to a page, and wait for what it keeps."""

import time
from typing import Final

from playwright.sync_api import FilePayload, Page

_MOST_TRIES: Final = 200
_BETWEEN_SECONDS: Final = 0.05
_TRANSFER: Final = (
    "([name, text]) => { const all = new DataTransfer();"
    " all.items.add(new File([text], name)); return all; }"
)


def payload(name: str, held: str | bytes, mime: str = "text/csv") -> FilePayload:
    """Make a file that a page can be given."""
    buffer = held if isinstance(held, bytes) else held.encode()
    return {"name": name, "mimeType": mime, "buffer": buffer}


def drop(page: Page, name: str, text: str) -> None:
    """Drop a file where the page says so, as with the mouse."""
    zone = page.get_by_text("Drop a file here, or choose one")
    zone.wait_for()
    zone.dispatch_event("drop", {"dataTransfer": page.evaluate_handle(_TRANSFER, [name, text])})


def wait_for_draft(page: Page, text: str) -> None:
    """Wait until the browser keeps a text: pages write drafts a moment after a key is pressed."""
    for _ in range(_MOST_TRIES):
        if text in page.evaluate("() => JSON.stringify(localStorage)"):
            return
        time.sleep(_BETWEEN_SECONDS)
    raise AssertionError(f"the browser keeps no draft with {text!r}")
