"""Every setting as one row of one table: environment variable = flag = documentation."""

import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any


def _text(value: str) -> str:
    return value


def _words(value: str) -> tuple[str, ...]:
    return tuple(part.strip() for part in value.split(",") if part.strip())


def _path(value: str) -> Path:
    return Path(value).expanduser()


OPEN = ("open",)
CLOSED = ("closed",)


def _signup(value: str) -> tuple[str, ...]:
    words = _words(value.lower()) or CLOSED
    if words not in {OPEN, CLOSED} and not all("." in word and "@" not in word for word in words):
        raise ValueError("`closed`, `open`, or domains like example.com are expected")
    return words


_LAST_PORT = 65535


def _whole(value: str) -> int:
    if not value.strip().isdecimal():
        raise ValueError("a whole number is expected")
    return int(value)


def _port(value: str) -> int:
    port = _whole(value)
    if not 0 < port <= _LAST_PORT:
        raise ValueError("a port is a number from 1 to 65535")
    return port


def _count(value: str) -> int:
    count = _whole(value)
    if count < 1:
        raise ValueError("at least 1 is expected")
    return count


@dataclass(frozen=True, slots=True, kw_only=True)
class Setting:
    """One row: `name` gives the variable `TASKLOOM_<NAME>` and the flag `--<name>`."""

    name: str
    default: str | None
    help: str
    parse: Callable[[str], object] = field(default=_text)
    secret: bool = False

    @property
    def env(self) -> str:
        """Name of the environment variable."""
        return f"TASKLOOM_{self.name.upper()}"

    @property
    def flag(self) -> str:
        """Name of the command line flag of `taskloom serve`."""
        return f"--{self.name.replace('_', '-')}"


SETTINGS: tuple[Setting, ...] = (
    Setting(
        name="mongodb_uri",
        default=None,
        help="An existing MongoDB, the database in the path. Default: the embedded mongod.",
        secret=True,
    ),
    Setting(
        name="data_dir",
        default="./.taskloom",
        help="Where the embedded database and server.json live.",
        parse=_path,
    ),
    Setting(name="host", default="127.0.0.1", help="Address to listen on."),
    Setting(name="port", default="8080", help="Port to listen on.", parse=_port),
    Setting(
        name="workers", default=None, help="Server processes. Default: one a core.", parse=_count
    ),
    Setting(
        name="workflows",
        default=None,
        help="Folder of workflow files pushed at start. Default: `workflow_schemas` of the "
        "checkout, or those in the package.",
        parse=_path,
    ),
    Setting(
        name="bootstrap_key",
        default=None,
        help="The first admin's API key (`tl_…`, at least 32 characters). Default: generated, "
        "shown once.",
        secret=True,
    ),
    Setting(name="bootstrap_email", default="admin@example.com", help="The first admin's e-mail."),
    Setting(
        name="bootstrap_password",
        default=None,
        help="The first admin's password. Default: generated, shown once.",
        secret=True,
    ),
    Setting(
        name="public_url",
        default=None,
        help="Address used in `Task URL` and links. Default: that of the request.",
    ),
    Setting(name="url", default=None, help="Where client commands go. Default: the local server."),
    Setting(
        name="key",
        default=None,
        help="API key of client commands. Default: that of the local server.",
        secret=True,
    ),
    Setting(
        name="signup",
        default="closed",
        help="Self-registration: `closed`, `open`, or a list of e-mail domains. Nobody verifies "
        "that an e-mail is one's own.",
        parse=_signup,
    ),
    Setting(
        name="invite_token",
        default=None,
        help="Whoever registers with this secret becomes an admin, even where registration is "
        "closed. Default: nobody does.",
        secret=True,
    ),
    Setting(
        name="rate_per_minute",
        default=None,
        help="Requests a minute that each API key or signed-in user may make. Default: any number.",
        parse=_count,
    ),
    Setting(
        name="rate_per_day",
        default=None,
        help="Requests a day (UTC) that each API key or signed-in user may make. Default: any "
        "number.",
        parse=_count,
    ),
    Setting(
        name="fetch_allow",
        default="",
        help="CIDRs that `remoteUrl` and webhooks may reach although private.",
        parse=_words,
    ),
    Setting(
        name="max_body",
        default=str(16 * 1024 * 1024),
        help="Largest request body in bytes; bulk requests are streamed and counted in rows.",
        parse=_count,
    ),
    Setting(
        name="max_file",
        default=str(25 * 1024 * 1024),
        help="Largest file in bytes, uploaded or fetched.",
        parse=_count,
    ),
    Setting(
        name="max_import",
        default=str(2 * 1024**3),
        help="Largest file to be imported in bytes; it is streamed and kept in the database.",
        parse=_count,
    ),
    Setting(
        name="query_ms",
        default="10000",
        help="Milliseconds the database may spend on one query.",
        parse=_count,
    ),
)


class BadSetting(ValueError):
    """A setting cannot be read; the text names variable, value and what would be right."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """The settings in force, parsed; one attribute a row of `SETTINGS`."""

    mongodb_uri: str | None
    data_dir: Path
    host: str
    port: int
    workers: int | None
    workflows: Path | None
    bootstrap_key: str | None
    bootstrap_email: str
    bootstrap_password: str | None
    public_url: str | None
    url: str | None
    key: str | None
    signup: tuple[str, ...]
    invite_token: str | None
    rate_per_minute: int | None
    rate_per_day: int | None
    fetch_allow: tuple[str, ...]
    max_body: int
    max_file: int
    max_import: int
    query_ms: int


def _of(setting: Setting, text: str | None) -> object:
    if text is None:
        return None
    try:
        return setting.parse(text)
    except ValueError as fault:
        shown = "…" if setting.secret else repr(text)
        raise BadSetting(f"{setting.env}={shown} cannot be read: {fault}") from fault


def load(
    flags: Mapping[str, str | None] | None = None, env: Mapping[str, str] | None = None
) -> Settings:
    """Read the table's rows from flags, then the environment, then the defaults."""
    source = os.environ if env is None else env
    given = flags or {}
    values: dict[str, Any] = {}
    for row in SETTINGS:
        text = given.get(row.name)
        if text is None:
            text = source.get(row.env) or row.default
        values[row.name] = _of(row, text)
    return Settings(**values)
