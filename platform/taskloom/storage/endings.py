"""Why a mongod ended: its exit code and its last words, as one clear reason."""

import os
import re
import shutil
import signal
from dataclasses import dataclass
from pathlib import Path

from taskloom.storage.datadir import CannotStart

NEEDED_BYTES = 64 * 1024 * 1024


@dataclass(frozen=True, slots=True, kw_only=True)
class Ending:
    """How mongod ended: exit code, and what it wrote since it was started."""

    code: int | None
    said: str
    data: Path


class PortLost(Exception):
    """Somebody else took the port between our look and mongod's."""


_CAUSES: tuple[tuple[re.Pattern[str], str, str], ...] = (
    (
        re.compile(r"error while loading shared libraries: (libcurl[^:]*)"),
        "mongod needs the system library {0}, which is not installed.",
        "Run `{sudo}apt-get install -y --no-install-recommends libcurl4` and start again.",
    ),
    (
        re.compile(r"error while loading shared libraries: ([^:]*)"),
        "mongod needs the system library {0}, which is not installed.",
        "Install the package that brings it, or another MongoDB, and start again.",
    ),
    (
        re.compile(
            "UPGRADE PROBLEM|[Ii]nvalid feature ?[Cc]ompatibility ?[Vv]ersion|Wrong mongod version"
            "|unsupported WiredTiger file version|Version incompatibility detected"
        ),
        "The data files in {data} were written by a MongoDB version that this mongod cannot read.",
        "Use the MongoDB that wrote them, or restore a backup into a new data directory.",
    ),
    (
        re.compile(r"No space left on device|errno:? ?28\b"),
        "The disk of {data} is full.",
        "Free some space and start again.",
    ),
    (
        re.compile("DBPathInUse|Unable to (?:lock|acquire)[^\n]*lock"),
        "The data files in {data} are in use by another mongod.",
        "Stop that mongod, or set TASKLOOM_DATA_DIR to another folder.",
    ),
    (
        re.compile("Permission denied|read-only directory|Read-only file system"),
        "mongod cannot write its data files in {data}.",
        "Give this user the right to write there, or set TASKLOOM_DATA_DIR to another folder.",
    ),
)


def reason(end: Ending) -> Exception:
    """Turn mongod's end during start into one clear reason."""
    if "Address already in use" in end.said:
        return PortLost()
    for pattern, message, remedy in _CAUSES:
        if found := pattern.search(end.said):
            sudo = "" if os.geteuid() == 0 else "sudo "
            text = message.format(*found.groups(), data=end.data)
            return CannotStart(text, remedy.format(sudo=sudo))
    if shutil.disk_usage(end.data).free < NEEDED_BYTES:
        return CannotStart(f"The disk of {end.data} is full.", "Free some space and start again.")
    if end.code == -signal.SIGILL:
        return CannotStart(
            "This processor lacks instructions that mongod needs (AVX).",
            "Set TASKLOOM_MONGODB_URI to a MongoDB on another machine.",
        )
    return CannotStart(
        f"mongod ended at once with code {end.code}.{tail(end.said)}",
        f"Its log is {end.data / 'mongod.log'}.",
    )


def tail(said: str) -> str:
    """Pick the last few lines that matter: errors of the structured log and plain text."""
    lines = [line[:400] for line in said.splitlines() if line and not re.search('"s":"[IDW]', line)]
    return "".join(f"\n  {line}" for line in lines[-5:])
