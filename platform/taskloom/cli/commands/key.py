"""`taskloom key …`: API keys of the workspace."""

import click

from taskloom.cli.answering import give
from taskloom.cli.client import Client, place_of
from taskloom.cli.options import as_json, setting, settings


@click.group()
def command() -> None:
    """Make API keys."""


@command.command()
@click.option("--user", help="E-mail or id of the user who acts; default: the workspace, as API.")
@click.option("--name", default="", help="To tell keys apart.")
@as_json
@setting("key")
@setting("url")
def create(*, user: str | None, name: str, as_json: bool) -> None:
    """Make an API key and show it, this once."""
    sent = {"name": name} | ({"user": user} if user else {})
    with Client(place_of(settings())) as client:
        made = client.send("POST", "/api/v1/keys", json=sent).json()
    give(made, made["key"], as_json=as_json)
