"""Batches of rows on their way to the server, sent again where that cannot make a task twice."""

import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import quote

import orjson
import requests

from taskloom.cli.answering import note
from taskloom.cli.client import PROBLEM, Client, problems_in, refusal
from taskloom.cli.failure import Failure
from taskloom.cli.importing.rows import Row
from taskloom.cli.importing.values import Body, Spell, Unreadable, encode

NDJSON = "application/x-ndjson"
ROWS = 1000
BYTES = 8 * 1024 * 1024
PAUSES = (0.5, 1.0, 2.0, 4.0, 8.0)
_PASSING = frozenset({429, 502, 503, 504})


@dataclass(slots=True, kw_only=True)
class Batch:
    """Rows that travel together; `repeatable` when each names its task by unique ID."""

    rows: list[Row] = field(default_factory=list)
    lines: list[bytes] = field(default_factory=list)
    size: int = 0
    repeatable: bool = True

    def add(self, row: Row, line: bytes, *, repeatable: bool) -> None:
        """Take one row along."""
        self.rows.append(row)
        self.lines.append(line)
        self.size += len(line)
        self.repeatable &= repeatable

    @property
    def full(self) -> bool:
        """Tell whether it has to go."""
        return len(self.rows) >= ROWS or self.size >= BYTES


@dataclass(frozen=True, slots=True, kw_only=True)
class Fate:
    """What became of one row: `created`, `updated`, `unchanged`, or `refused` with reasons."""

    row: Row
    outcome: str
    reasons: Sequence[str] = ()


class Sender:
    """Sends rows to one workflow, in the order of the file."""

    def __init__(self, client: Client, workflow: str, unique: str | None) -> None:
        self._client = client
        self._path = f"/api/v1/workflows/{quote(workflow, safe='')}/tasks/bulk"
        self._unique = unique

    def send(self, rows: Iterator[Row], spell: Spell) -> Iterator[Sequence[Fate]]:
        """Yield the fates of the rows, batch by batch."""
        batch = Batch()
        unread: list[Fate] = []
        for row in rows:
            try:
                body = spell(row)
                batch.add(row, encode(body), repeatable=self._names_task(body))
            except Unreadable as fault:
                unread.append(Fate(row=row, outcome="refused", reasons=(str(fault),)))
            if batch.full or len(unread) >= ROWS:
                yield self._settled(unread, batch)
                batch, unread = Batch(), []
        yield self._settled(unread, batch)

    def _settled(self, unread: list[Fate], batch: Batch) -> list[Fate]:
        return sorted([*unread, *self._deliver(batch)], key=lambda fate: fate.row.line)

    def _names_task(self, body: Body) -> bool:
        return self._unique is not None and body.get(self._unique) is not None

    def _deliver(self, batch: Batch) -> list[Fate]:
        if not batch.rows:
            return []
        response = self._post(batch)
        if response.headers.get("Content-Type") != NDJSON:
            raise refusal(response)
        return fates(batch.rows, response.content)

    def _post(self, batch: Batch) -> requests.Response:
        body = b"".join(batch.lines)
        for pause in PAUSES if batch.repeatable else ():
            tried = self._try(body)
            if isinstance(tried, requests.Response):
                return tried
            note(f"{tried}; trying again in {pause:g} s")
            time.sleep(pause)
        try:
            return self._request(body)
        except requests.RequestException as fault:
            raise self._lost(batch, fault) from fault

    def _request(self, body: bytes) -> requests.Response:
        headers = {"Content-Type": NDJSON, "Accept": f"{NDJSON}, {PROBLEM}"}
        return self._client.try_to_send("POST", self._path, body=body, headers=headers)

    def _try(self, body: bytes) -> requests.Response | str:
        """Return the answer, or why it is worth trying again."""
        try:
            response = self._request(body)
        except requests.RequestException:
            return "the server cannot be reached"
        if response.status_code in _PASSING:
            return f"the server answers {response.status_code}"
        return response

    def _lost(self, batch: Batch, fault: requests.RequestException) -> Failure:
        lines = f"lines {batch.rows[0].line} to {batch.rows[-1].line}"
        if batch.repeatable:
            remedy = "Import the file again when the server is back: rows that went in stay as is."
        else:
            remedy = (
                f"It is not known which rows of {lines} went in; they name no unique ID, so they "
                "were not sent again: that could have made tasks twice."
            )
        return Failure(f"{self._client.unreachable(fault).message} {lines} failed.", remedy)


def fates(rows: Sequence[Row], answer: bytes) -> list[Fate]:
    """Read the answer to a batch: one result a row in the order of the rows, then the summary."""
    results = [orjson.loads(line) for line in answer.splitlines()][:-1]
    if len(results) != len(rows):
        raise Failure(f"the server answered {len(results)} results for {len(rows)} rows.")
    return [
        Fate(row=row, outcome=result["status"], reasons=_reasons(result))
        for row, result in zip(rows, results, strict=True)
    ]


def _reasons(result: Mapping[str, Any]) -> list[str]:
    if problems := problems_in(result.get("faults")):
        return [str(problem) for problem in problems]
    if "error" in result:
        return [str(result["error"])]
    errors: Mapping[str, Sequence[str]] = result.get("errors") or {}
    return [f"{name} {message}" for name, messages in errors.items() for message in messages]
