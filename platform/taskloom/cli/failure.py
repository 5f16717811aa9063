"""How a command says that it could not do what it was asked for."""

from typing import IO, Any

import click

REFUSED = 1
"""Exit code: some rows or checks were refused, or something could not be done."""


class Failure(click.ClickException):
    """Something went wrong that is nobody's wrong use: a message, and what to do about it."""

    exit_code = REFUSED

    def __init__(self, message: str, remedy: str = "") -> None:
        super().__init__(message)
        self.remedy = remedy

    def show(self, file: IO[Any] | None = None) -> None:
        remedy = f"\n{self.remedy}" if self.remedy else ""
        click.echo(f"taskloom: {self.format_message()}{remedy}", file=file, err=file is None)
