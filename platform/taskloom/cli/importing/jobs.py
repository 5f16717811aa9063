"""An import at the server, as its client sees it: sent, watched, and its refused rows fetched."""

import re
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any, BinaryIO, Final
from urllib.parse import quote, urlencode

import requests

from taskloom.cli.answering import note
from taskloom.cli.client import Client, Problem, problems_in, refusal
from taskloom.cli.failure import Failure
from taskloom.cli.importing.progress import Meter, meter

ENDED: Final = frozenset({"done", "failed", "cancelled"})
SHORTEST_PAUSE: Final = 0.05
LONGEST_PAUSE: Final = 1.0
PATIENCE_SECONDS: Final = 120.0
"""How long a server may be away before nobody waits for it any more."""

_PASSING: Final = frozenset({429, 502, 503, 504})
_FILE: Final = "file"
_UNKNOWN: Final = "unknown_column"
_RENAME: Final = (
    'Rename them, or say where they go with --map FILE: {"column": "Field title"}, null to leave '
    "one out; or leave out or keep aside all such columns with --unknown."
)
_PIECE: Final = 64 * 1024
_ANYTHING: Final = "application/octet-stream"
_CHOICE: Final = re.compile(r"`(format|encoding|delimiter|quote|source|dates|decimal|sheet)`")

Job = Mapping[str, Any]


class _Sent:
    """A file on its way, which shows how much of it has gone."""

    def __init__(self, file: BinaryIO, size: int, shown: Meter) -> None:
        self._file = file
        self._size = size
        self._shown = shown
        self._done = 0

    def __len__(self) -> int:
        return self._size

    def read(self, size: int = -1) -> bytes:
        """Give the next bytes."""
        piece = self._file.read(size)
        self._done += len(piece)
        self._shown.show(self._done, f"of {self._size / 1e6:,.1f} MB sent")
        return piece


class Jobs:
    """The imports into one workflow."""

    def __init__(self, client: Client, workflow: str) -> None:
        self._client = client
        self._path = f"/api/v1/workflows/{quote(workflow, safe='')}/imports"

    def send(self, path: Path, options: Mapping[str, str]) -> Job:
        """Send a file to be imported."""
        query = urlencode({**options, "name": path.name})
        try:
            size = path.stat().st_size
            with path.open("rb") as file, meter(size) as shown:
                job: Job = self._client.send(
                    "POST",
                    f"{self._path}?{query}",
                    body=_Sent(file, size, shown),
                    headers={"Content-Type": _ANYTHING},
                ).json()
        except OSError as fault:
            raise Failure(f"{path} cannot be read: {fault.strerror or fault}.") from fault
        except KeyboardInterrupt:
            raise Failure(f"not all of {path} was sent. Nothing was imported.") from None
        return job

    def get(self, job: str) -> Job:
        """Ask how far an import is."""
        found: Job = self._client.send("GET", self._of(job)).json()
        return found

    def cancel(self, job: str) -> Job:
        """Let an import end."""
        found: Job = self._client.send("DELETE", self._of(job)).json()
        return found

    def _of(self, job: str) -> str:
        return f"{self._path}/{quote(job, safe='')}"

    def watch(self, job: Job) -> Job:
        """Show how far an import is until it ends; return it as it is then."""
        pause = SHORTEST_PAUSE
        with meter(job["size"]) as shown:
            while job["state"] not in ENDED:
                time.sleep(pause)
                pause = min(pause * 1.5, LONGEST_PAUSE)
                job = self._patiently(job["id"])
                shown.show(job["read"], told(job))
        return job

    def _patiently(self, job: str) -> Job:
        """Ask again and again while the server is away: the import goes on when it is back."""
        end = time.monotonic() + PATIENCE_SECONDS
        was_told = False
        while True:
            try:
                answer = self._client.try_to_send("GET", self._of(job))
            except requests.RequestException as fault:
                if time.monotonic() > end:
                    raise self._client.unreachable(fault) from fault
            else:
                if answer.ok:
                    found: Job = answer.json()
                    return found
                if answer.status_code not in _PASSING or time.monotonic() > end:
                    raise refusal(answer)
            if not was_told:
                note("the server is away; the import goes on when it is back")
                was_told = True
            time.sleep(LONGEST_PAUSE)

    def save(self, job: Job, part: str, path: Path) -> None:
        """Write refused rows (`rejects`), or what was kept `aside`, to a file."""
        with self._client.receive(f"{self._of(job['id'])}/{part}", {}) as answer:
            try:
                with path.open("wb") as file:
                    file.writelines(answer.iter_content(_PIECE))
            except OSError as fault:
                raise Failure(
                    f"{path} cannot be written: {fault.strerror}.",
                    f"Name another file with --{part}.",
                ) from fault


def told(job: Job) -> str:
    """Say how far an import is."""
    rate, left = job["rate"], job["remaining"]
    speed = "" if rate is None else f", {rate:,} a second"
    return f"{job['rows']:,} rows{speed}" + ("" if left is None else f", {left} s left")


def beside(path: Path, part: str, job: Job) -> Path:
    """Name the file of refused rows, or of what was kept aside, beside the imported one."""
    return path.with_name(f"{path.name}.{part}.{'csv' if job['tabular'] else 'ndjson'}")


def as_options(text: str) -> str:
    """Spell the choices that a text names in backticks as options of the command."""
    return _CHOICE.sub(r"--\1", text)


def why_failed(job: Job) -> str:
    """Say why an import failed."""
    faults = "".join(f"\n  {_spelt(problem)}" for problem in problems_in(job["faults"]))
    return as_options(f"{job['name']}: {job['error']}{faults}")


def remedy(job: Job) -> str:
    """Say what to do about an import that failed."""
    strange = any(fault["code"] == _UNKNOWN for fault in job["faults"])
    said = [_RENAME] if strange else []
    return " ".join([*said, *([] if job["rows"] else ["Nothing was imported."])])


def _spelt(problem: Problem) -> str:
    """Spell a fault of the file as a whole, or of one of its columns."""
    column, *_ = problem.path or (_FILE,)
    named = "" if column == _FILE else f"{str(column)!r} "
    return f"{named}{problem.message}" + (f": {problem.hint}" if problem.hint else "")


def lacking(job: Job) -> list[str]:
    """Say what the workflow lacks to take in the whole file."""
    proposed = job["proposed"] or {}
    found = [
        f"{title} has no option {_listed(options)}"
        for title, options in (proposed.get("options") or {}).items()
    ]
    if stages := proposed.get("stages"):
        found.append(f"there is no stage {_listed(stages)}")
    return found


def _listed(names: list[str]) -> str:
    more = len(names) - 5
    return ", ".join(map(repr, names[:5])) + (f" and {more} more" if more > 0 else "")
