"""Options that many commands share."""

import os
from collections.abc import Callable
from typing import Any, TypeVar

import click

from taskloom.config import SETTINGS, Setting, Settings, load

_OF_CLIENTS = frozenset({"url", "key"})

F = TypeVar("F", bound=Callable[..., Any])


def as_json(command: F) -> F:
    """Add `--json`: the answer goes to standard output as one JSON value."""
    return click.option("--json", "as_json", is_flag=True, help="Answer in JSON.")(command)


def row(name: str) -> Setting:
    """Return one row of the table of settings."""
    return next(setting for setting in SETTINGS if setting.name == name)


def setting(name: str) -> Callable[[F], F]:
    """Add the flag of one setting; what was given is in force for `config.load` from then on."""
    found = row(name)
    return click.option(
        found.flag,
        found.name,
        metavar=found.name.upper(),
        help=f"{found.help} [{found.env}]",
        callback=_accept,
        expose_value=False,
    )


def of_server(command: F) -> F:
    """Add the flags of all settings that concern a server."""
    for found in reversed(SETTINGS):
        if found.name not in _OF_CLIENTS:
            command = setting(found.name)(command)
    return command


def _accept(_context: click.Context, option: click.Parameter, value: str | None) -> None:
    if value is None or option.name is None:
        return
    found = row(option.name)
    try:
        found.parse(value)
    except ValueError as fault:
        raise click.BadParameter(str(fault)) from fault
    os.environ[found.env] = value


def settings() -> Settings:
    """Read the settings in force: flags, then the environment, then the defaults."""
    return load()
