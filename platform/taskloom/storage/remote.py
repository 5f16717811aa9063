"""Remote files: fetched whole, within limits of size and time, from public addresses only."""

import contextlib
import io
import re
import socket
import threading
import unicodedata
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor, wait
from email.message import Message
from urllib.parse import SplitResult, unquote, urljoin, urlsplit, urlunsplit

import idna
import requests
from urllib3.exceptions import HTTPError

from taskloom.engine.blobs import Fetched
from taskloom.errors import Refusal
from taskloom.storage.gate import Blocked, Gate

MOST_REDIRECTS = 5
LONGEST_URL = 4096
LONGEST_NAME = 255
PIECE = 64 * 1024
ANY_TYPE = "application/octet-stream"

_REDIRECTS = frozenset({301, 302, 303, 307, 308})
_WEB_PORTS = frozenset({80, 443})
_FIRST_FREE_PORT = 1024
_UNREADABLE = re.compile(r"[\x00-\x20\x7f-\xa0\\\u2028\u2029\ud800-\udfff]")
_HOST = re.compile(r"[a-z0-9_-]+(?:\.[a-z0-9_-]+)*\.?|\[[0-9a-f:.]+\]")
_TYPE = re.compile(r"[\w.+-]+/[\w.+-]+", re.ASCII)
_HEADERS = {"User-Agent": "Taskloom", "Accept": "*/*", "Accept-Encoding": "identity"}


class RemoteFiles:
    """The engine's `Fetcher`: at most `at_once` fetches of `max_bytes` in `seconds` each."""

    def __init__(
        self,
        gate: Gate,
        *,
        max_bytes: int,
        seconds: float = 10.0,
        at_once: int = 4,
        patience: float = 2.0,
    ) -> None:
        self._gate = gate
        self._max_bytes = max_bytes
        self._seconds = seconds
        self._patience = patience
        self._slots = threading.BoundedSemaphore(at_once)
        self._pool = ThreadPoolExecutor(at_once, "fetch")

    def fetch(self, url: str) -> Fetched:
        address = checked(url)
        if not self._slots.acquire(timeout=self._patience):
            raise _failed("too many files are being fetched now; try again")
        # Another thread does the work, because nothing can interrupt a name server that is silent.
        line = _Line()
        work = self._pool.submit(self._fetch, address, line)
        work.add_done_callback(lambda _: self._slots.release())
        wait([work], self._seconds)
        if not work.done():
            line.cut()
            raise _failed(f"it took longer than {self._seconds:g} seconds")
        return work.result()

    def _fetch(self, url: str, line: "_Line") -> Fetched:
        try:
            with contextlib.closing(line), self._gate.session(line.hold) as session:
                return self._follow(session, url)
        except Blocked as fault:
            raise _refused("there is no such public address") from fault
        except (requests.RequestException, HTTPError, OSError, ValueError) as fault:
            raise _failed("the server does not answer as it should") from fault

    def _follow(self, session: requests.Session, first: str) -> Fetched:
        url = first
        for _ in range(MOST_REDIRECTS + 1):
            with session.get(
                url,
                headers=_HEADERS,
                stream=True,
                allow_redirects=False,
                timeout=self._seconds,
            ) as response:
                onward = _onward(response, url)
                if onward is None:
                    contents = self._take(response)
                    return Fetched(
                        filename=_filename(response, first, url),
                        content_type=_content_type(response),
                        contents=contents,
                    )
            url = onward
        raise _refused(f"it is redirected more than {MOST_REDIRECTS} times")

    def _take(self, response: requests.Response) -> bytes:
        if not response.ok:
            raise _failed(f"the server answered {response.status_code}")
        announced = response.headers.get("Content-Length", "")
        if announced.isdecimal() and int(announced) > self._max_bytes:
            raise self._too_large()
        body = io.BytesIO()
        for piece in response.iter_content(PIECE):
            body.write(piece)
            if max(body.tell(), response.raw.tell()) > self._max_bytes:
                raise self._too_large()
        return body.getvalue()

    def _too_large(self) -> Refusal:
        return Refusal("too_large", f"must be a file of at most {self._max_bytes} bytes")


class _Line:
    """The connections of one fetch, which another thread can cut."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._held: list[socket.socket] = []
        self._is_cut = False

    def hold(self, connection: socket.socket) -> None:
        """Remember a connection; raise `OSError` when it is too late for one."""
        with self._lock:
            if self._is_cut:
                connection.close()
                raise ConnectionError("cut")
            # TLS takes the socket over; a duplicate still ends the same connection.
            self._held.append(connection.dup())

    def cut(self) -> None:
        """End all connections; whoever waits for one of them goes on at once."""
        with self._lock:
            self._is_cut = True
            for connection in self._held:
                with contextlib.suppress(OSError):
                    connection.shutdown(socket.SHUT_RDWR)

    def close(self) -> None:
        """Let go of all connections."""
        with self._lock:
            while self._held:
                self._held.pop().close()


def checked(url: str) -> str:
    """Give the URL with an ASCII host and nothing doubtful in it; raise `Refusal` otherwise.

    Only its text is looked at: whether the host may be reached is the gate's business.
    """
    if len(url) > LONGEST_URL or _UNREADABLE.search(url):
        raise _refused("it is not a URL")
    try:
        parts = urlsplit(url)
        port = parts.port
        host = _ascii(parts)
    except ValueError as fault:
        raise _refused("it is not a URL") from fault
    if parts.scheme not in {"http", "https"}:
        raise _refused("its address must begin with http:// or https://")
    if "@" in parts.netloc:
        raise _refused("its address must not hold a user or a password")
    if not _HOST.fullmatch(host):
        raise _refused("it is not a URL")
    if port is not None and port not in _WEB_PORTS and port < _FIRST_FREE_PORT:
        raise _refused(f"port {port} is not one of the web")
    netloc = host if port is None else f"{host}:{port}"
    return urlunsplit((parts.scheme, netloc, parts.path or "/", parts.query, ""))


def _ascii(parts: SplitResult) -> str:
    host = parts.hostname or ""
    if ":" in host:
        return f"[{host}]"
    return host if host.isascii() else idna.encode(host, uts46=True).decode("ascii")


def _onward(response: requests.Response, url: str) -> str | None:
    """Give the checked address of a redirect, or None when this is the answer."""
    target = response.headers.get("Location")
    if response.status_code not in _REDIRECTS or target is None:
        return None
    try:
        joined = urljoin(url, _text(target).strip().replace(" ", "%20"))
    except ValueError as fault:
        raise _refused("it is redirected to what is not a URL") from fault
    onward = checked(joined)
    if url.startswith("https:") and onward.startswith("http:"):
        raise _refused("it is redirected from https to http")
    return onward


def _text(header: str) -> str:
    """Read a header as UTF-8 where it is: HTTP libraries give each byte as one character."""
    try:
        return header.encode("latin-1").decode()
    except UnicodeError:
        return header


def _content_type(response: requests.Response) -> str:
    kind = response.headers.get("Content-Type", "").partition(";")[0].strip().lower()
    return kind if _TYPE.fullmatch(kind) else ANY_TYPE


def _filename(response: requests.Response, *urls: str) -> str:
    candidates = (_sanitised(name) for name in _names(response, *urls))
    return next((name for name in candidates if name), "file")


def _names(response: requests.Response, *urls: str) -> Iterator[str]:
    header = Message()
    header["Content-Disposition"] = _text(response.headers.get("Content-Disposition", ""))
    yield header.get_filename() or ""
    for url in urls:
        yield unquote(urlsplit(url).path.rpartition("/")[2])


def _sanitised(name: str) -> str:
    """Leave the last part of a path, without what no one can see; empty if nothing is left."""
    last = re.split(r"[/\\]", unicodedata.normalize("NFC", name))[-1]
    seen = "".join(c for c in last if not unicodedata.category(c).startswith("C")).strip()
    if not seen.strip("."):
        return ""
    stem, dot, ending = seen.rpartition(".")
    if len(seen) <= LONGEST_NAME or not dot or len(ending) > LONGEST_NAME // 2:
        return seen[:LONGEST_NAME]
    return stem[: LONGEST_NAME - len(ending) - 1] + dot + ending


def _refused(why: str) -> Refusal:
    return Refusal("fetch_refused", f"cannot be fetched: {why}")


def _failed(why: str) -> Refusal:
    return Refusal("fetch_failed", f"cannot be fetched: {why}")
