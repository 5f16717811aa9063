"""`taskloom workspace …`: workspaces of this server, made beside the database."""

import click

from taskloom.app.beside import open_beside
from taskloom.app.composition import open_ports
from taskloom.cli.answering import give
from taskloom.cli.failure import Failure
from taskloom.cli.options import as_json, setting, settings
from taskloom.engine.engine import open_engine
from taskloom.errors import TaskloomError


@click.group()
def command() -> None:
    """Make workspaces, whose users, keys and workflows see nothing of each other."""


@command.command()
@click.argument("name")
@click.option("--admin", required=True, metavar="EMAIL", help="The workspace's first admin.")
@as_json
@setting("data_dir")
@setting("mongodb_uri")
def create(name: str, *, admin: str, as_json: bool) -> None:
    """Make the workspace NAME with its first admin, and show password and API key, this once."""
    if not name.strip():
        raise click.UsageError("a workspace has a name")
    found = settings()
    with open_beside(found, "`taskloom workspace create`") as database:
        engine = open_engine(open_ports(found, database))
        try:
            made = engine.people.found(name.strip(), admin)
        except TaskloomError as fault:
            raise Failure(_told(fault, admin)) from fault
    shown = {
        "id": made.workspace.id,
        "name": made.workspace.name,
        "email": made.admin.email,
        "password": made.password,
        "key": made.secret,
    }
    text = (
        f"Workspace {made.workspace.name} is there. Shown this once:\n"
        f"  Admin login  {made.admin.email}\n"
        f"  Password     {made.password}\n"
        f"  API key      {made.secret}"
    )
    give(shown, text, as_json=as_json)


def _told(fault: TaskloomError, email: str) -> str:
    if fault.code == "invalid":
        return f"{email!r} is no e-mail address."
    return f"{fault.message}."
