"""Entry point: finds the commands by their files and turns every failure into an exit code."""

import importlib
import pkgutil
import sys

import click

from taskloom.cli import commands
from taskloom.cli.failure import REFUSED
from taskloom.config import BadSetting
from taskloom.storage.datadir import CannotStart


class Commands(click.Group):
    """A group whose commands are the modules of `taskloom.cli.commands`, loaded when asked for."""

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002 - click's signature
        found = pkgutil.iter_modules(commands.__path__)
        return sorted(module.name.rstrip("_") for module in found)

    def get_command(
        self,
        ctx: click.Context,  # noqa: ARG002 - click's signature
        cmd_name: str,
    ) -> click.Command | None:
        for module in pkgutil.iter_modules(commands.__path__):
            if module.name.rstrip("_") == cmd_name:
                found = importlib.import_module(f"{commands.__name__}.{module.name}")
                command: click.Command = found.command
                return command
        return None


@click.command(cls=Commands, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="taskloom", prog_name="taskloom")
def cli() -> None:
    """Describe a kind of work as a JSON Schema, get a validated API for it on MongoDB.

    Commands that touch data ask a running server: the one at TASKLOOM_URL with TASKLOOM_KEY, else
    the local one. Exit codes: 0 done, 1 some rows or checks refused, 2 wrong use.
    """


def main() -> None:
    """Run the program."""
    try:
        cli(prog_name="taskloom")
    except (BadSetting, CannotStart) as fault:
        click.echo(f"taskloom: {fault}", err=True)
        sys.exit(REFUSED)


if __name__ == "__main__":
    main()
