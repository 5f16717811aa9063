"""`taskloom user …`: the users of the workspace."""

import secrets
import sys

import click

from taskloom.cli.answering import give
from taskloom.cli.client import Client, place_of
from taskloom.cli.options import as_json, setting, settings
from taskloom.model.people import ROLES


@click.group()
def command() -> None:
    """Add users to the workspace."""


@command.command()
@click.argument("email")
@click.option("--role", type=click.Choice(ROLES), default="member", show_default=True)
@click.option("--name", default="", help="Name to show; default: the e-mail up to its @.")
@click.option(
    "--password-stdin", is_flag=True, help="Read the password from standard input, not make one."
)
@as_json
@setting("key")
@setting("url")
def create(email: str, *, role: str, name: str, password_stdin: bool, as_json: bool) -> None:
    """Add a user with EMAIL and show the password made for sign-in, this once."""
    made = None if password_stdin else secrets.token_urlsafe(12)
    password = made or sys.stdin.readline().rstrip("\r\n")
    if not password:
        raise click.UsageError("the password on standard input is empty")
    sent = {"email": email, "role": role, "password": password, "name": name or None}
    with Client(place_of(settings())) as client:
        body = {key: value for key, value in sent.items() if value is not None}
        user = client.send("POST", "/api/v1/users", json=body).json()
    shown = f", password {made} (shown this once)" if made else ""
    give(
        {**user, **({"password": made} if made else {})},
        f"{user['email']} is a {user['role']} now{shown}",
        as_json=as_json,
    )
