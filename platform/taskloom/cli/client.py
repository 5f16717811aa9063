"""The HTTP API as commands use it: where it is, and its errors in words."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, Protocol, Self

import requests

from taskloom.app.local import read_local
from taskloom.cli.failure import Failure
from taskloom.config import Settings

PROBLEM = "application/problem+json"
PATIENCE_SECONDS = (10.0, 300.0)
_UNAUTHORIZED = 401


class Readable(Protocol):
    """What is sent as it is read; it knows how many bytes it will be."""

    def __len__(self) -> int: ...
    def read(self, size: int = -1, /) -> bytes:
        """Give the next bytes, none at the end."""


Body = bytes | Readable | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Problem:
    """One fault of a refused request; `path` starts with a name as people know it."""

    path: tuple[str | int, ...]
    message: str
    hint: str

    def __str__(self) -> str:
        where = ".".join(map(str, self.path))
        hint = f" ({self.hint})" if self.hint else ""
        return f"{where} {self.message}{hint}".strip()


class Refused(Failure):
    """The server refused a request; `problems` holds every fault it told."""

    def __init__(self, status: int, message: str, problems: Sequence[Problem]) -> None:
        told = "".join(f"\n  {problem}" for problem in problems)
        super().__init__(f"{message}{told}")
        self.status = status
        self.problems = tuple(problems)


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """Where a server is and the key to it."""

    url: str
    key: str


def place_of(settings: Settings) -> Place:
    """Find the server: by the settings, else the local one; raise `Failure` without."""
    local = read_local(settings.data_dir)
    url = settings.url or (local.url if local else None)
    key = settings.key or (local.key if local and settings.url in {None, local.url} else None)
    if url is None:
        raise Failure(
            "it is not known where the server is.",
            "Start one with `taskloom serve`, or set TASKLOOM_URL and TASKLOOM_KEY to one that "
            f"runs. No server has used the data directory {settings.data_dir} so far.",
        )
    if key is None:
        raise Failure(
            f"there is no API key for {url}.",
            "Set TASKLOOM_KEY; an admin makes one with `taskloom key create`.",
        )
    return Place(url=url.rstrip("/"), key=key)


class Client:
    """A session with one server."""

    def __init__(self, place: Place) -> None:
        self.place = place
        self._session = requests.Session()
        # A proxy of the environment is for the outside world, .netrc would replace our key.
        self._session.trust_env = "127.0.0.1" not in place.url and "localhost" not in place.url
        self._session.headers["Accept"] = f"{PROBLEM}, application/json;q=0.9"
        self._session.auth = self._sign

    def _sign(self, request: requests.PreparedRequest) -> requests.PreparedRequest:
        request.headers["Authorization"] = f"Bearer {self.place.key}"
        return request

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._session.close()

    def send(
        self,
        method: str,
        path: str,
        *,
        body: Body = None,
        json: object = None,
        headers: Mapping[str, str] | None = None,
    ) -> requests.Response:
        """Send a request and return the good answer.

        Raises `Refused` for a refusal, `Failure` when nobody answers.
        """
        try:
            response = self.try_to_send(method, path, body=body, json=json, headers=headers)
        except requests.RequestException as fault:
            raise self.unreachable(fault) from fault
        if not response.ok:
            raise refusal(response)
        return response

    def try_to_send(
        self,
        method: str,
        path: str,
        *,
        body: Body = None,
        json: object = None,
        headers: Mapping[str, str] | None = None,
    ) -> requests.Response:
        """Send a request and return the answer, whatever it is; raises what `requests` raises."""
        return self._session.request(
            method,
            self.place.url + path,
            data=body,
            json=json,
            headers=headers,
            timeout=PATIENCE_SECONDS,
            allow_redirects=False,
        )

    @contextmanager
    def receive(self, path: str, headers: Mapping[str, str]) -> Iterator[requests.Response]:
        """Ask for something large, and give the good answer to be read as it comes.

        Raises `Refused` for a refusal, `Failure` when nobody answers.
        """
        try:
            response = self._session.get(
                self.place.url + path,
                headers=headers,
                timeout=PATIENCE_SECONDS,
                allow_redirects=False,
                stream=True,
            )
        except requests.RequestException as fault:
            raise self.unreachable(fault) from fault
        with response:
            if not response.ok:
                raise refusal(response)
            yield response

    def unreachable(self, fault: requests.RequestException) -> Failure:
        """Say that nobody answers."""
        reason = "" if isinstance(fault, requests.ConnectionError) else f" ({fault})"
        return Failure(
            f"no server answers at {self.place.url}{reason}.",
            "Start it with `taskloom serve`, or set TASKLOOM_URL to where it is.",
        )


def refusal(response: requests.Response) -> Refused:
    """Read what the server says against a request."""
    told = _told(response)
    message = str(told.get("detail") or told.get("title") or told.get("error") or response.reason)
    if response.status_code == _UNAUTHORIZED:
        message = "the server does not accept this API key; set TASKLOOM_KEY to a good one"
    return Refused(response.status_code, message, problems_in(told.get("faults")))


def _told(response: requests.Response) -> Mapping[str, Any]:
    try:
        told = response.json()
    except requests.JSONDecodeError:
        return {}
    return told if isinstance(told, dict) else {}


def problems_in(faults: object) -> list[Problem]:
    """Read the list of faults of an answer."""
    if not isinstance(faults, list):
        return []
    return [
        Problem(
            path=tuple(fault.get("path") or ()),
            message=str(fault.get("message") or ""),
            hint=str(fault.get("hint") or ""),
        )
        for fault in faults
        if isinstance(fault, dict)
    ]
