"""`taskloom doctor`: looks at everything a server needs and says what is wrong with it."""

import os
from collections.abc import Iterator

import click

from taskloom.app.beside import open_beside
from taskloom.cli import checks
from taskloom.cli.answering import give
from taskloom.cli.checks import Finding
from taskloom.cli.commands.serve import unknown_settings
from taskloom.cli.failure import REFUSED
from taskloom.cli.options import as_json, setting, settings
from taskloom.config import BadSetting, Settings
from taskloom.errors import TaskloomError
from taskloom.storage.datadir import CannotStart


def findings() -> Iterator[Finding]:
    """Yield what every check found."""
    for warning in unknown_settings(os.environ):
        yield Finding(check="settings", level="warn", message=warning)
    try:
        found = settings()
    except BadSetting as fault:
        yield Finding(check="settings", level="fail", message=str(fault))
        return
    yield Finding(check="settings", level="ok", message="all can be read")
    yield from checks.data_dir(found)
    yield from checks.mongod(found)
    yield from checks.workflow_files(found)
    yield from _stored(found)
    yield from checks.server(found)


def _stored(found: Settings) -> Iterator[Finding]:
    if found.mongodb_uri is None and not found.data_dir.exists():
        yield Finding(check="database", level="ok", message="none yet")
        return
    try:
        with open_beside(found, "`taskloom doctor`") as database:
            yield from checks.database(database)
            yield from checks.stored_workflows(found, database)
    except CannotStart as fault:
        yield Finding(check="database", level="fail", message=fault.message, remedy=fault.remedy)
    except BadSetting as fault:
        yield Finding(check="database", level="fail", message=str(fault))
    except TaskloomError as fault:
        remedy = "start it, or correct TASKLOOM_MONGODB_URI"
        yield Finding(check="database", level="fail", message=fault.message, remedy=remedy)


@click.command()
@as_json
@setting("key")
@setting("url")
@setting("workflows")
@setting("data_dir")
@setting("mongodb_uri")
def command(*, as_json: bool) -> None:
    """Check settings, disk, database, workflows and server; say what to do where one is wrong."""
    found = []
    for finding in findings():
        found.append(finding)
        if not as_json:
            click.echo(str(finding))
    if as_json:
        rows = [
            {"check": f.check, "level": f.level, "message": f.message, "remedy": f.remedy}
            for f in found
        ]
        give(rows, "", as_json=True)
    if any(finding.level == "fail" for finding in found):
        raise click.exceptions.Exit(REFUSED)
